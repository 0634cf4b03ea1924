//! One command from its request to its outcome: read, decide, show, ask, read again, carry out.
//!
//! How people are shown and asked is the caller's business ([`Talk`]): a terminal, a script, a simulation.

use super::engine::Interrupt;
use super::error::{Error, Refusal};
use super::facts::Facts;
use super::plan::{Action, Plan};
use super::prepared::{Decided, Question};
use super::property::Property;
use super::read::ReadBack;
use super::record::{Record, RecordError};
use super::request::Request;
use super::run::{Desk, Outcome};
use crate::stay::HotelTime;

/// How a command talks to the person who gave it.
pub trait Talk {
    /// Shows how the command was understood, before anything is written.
    fn show(&self, facts: &Facts, decided: &Decided);

    /// Asks what a person must agree to, where there is something.
    fn agree(&self, decided: &Decided) -> impl Future<Output = Result<Agreed, Declined>>;
}

/// That a command may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// There was nothing to ask, or the answer was given with the command.
    Beforehand,
    /// A person has answered, which took time: everything is read again.
    AtPrompt,
}

/// Why a command may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// The answer was no.
    #[error("not confirmed")]
    No,
    /// Nobody can be asked.
    #[error("nobody is there to answer")]
    NobodyToAsk(Question),
    /// The answer was Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The terminal cannot be used.
    #[error(transparent)]
    Terminal(#[from] std::io::Error),
}

/// Why a command wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A read failed, or a decision was against it.
    #[error(transparent)]
    Workflow(#[from] Error),
    /// The journal.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A person was against it, or nobody could be asked.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// While a person was asked, what the answer was about has changed. Holds why it is refused now, where it is.
    #[error("something has changed in the meantime")]
    Changed(Option<Box<Refusal>>),
}

impl Request {
    /// Returns whether the decision needs what only the journal knows.
    pub fn needs_journal(&self) -> bool {
        matches!(self, Request::Update(request) if request.times.nights.is_some())
    }

    /// Adds what only the journal knows and the decision needs.
    pub async fn learn(&self, facts: &mut Facts, record: &Record) -> Result<(), RecordError> {
        if !self.needs_journal() {
            return Ok(());
        }
        let ids = facts.keys.all().map(|key| key.id.clone()).collect();
        for (key, arrival) in record.arrivals(ids).await? {
            facts.know_arrival(key, arrival);
        }
        Ok(())
    }
}

impl<I: Interrupt, R: ReadBack> Desk<'_, I, R> {
    /// Reads, decides and carries out one command. The time is the hotel's, to tell the outcome by.
    pub async fn carry_out(
        &self,
        property: &Property,
        request: &Request,
        talk: &impl Talk,
    ) -> Result<(Outcome, HotelTime), CommandError> {
        let (facts, decided) = self.decide(property, request).await?;
        self.carry_out_decided(property, request, facts, decided, talk)
            .await
    }

    async fn decide(
        &self,
        property: &Property,
        request: &Request,
    ) -> Result<(Facts, Decided), CommandError> {
        let mut facts = request.read(self.client, property).await?;
        request.learn(&mut facts, self.record).await?;
        let decided = request.decide(&facts, property).map_err(Error::from)?;
        Ok((facts, decided))
    }

    /// Carries out what was decided, once a person has agreed where that is needed. What was agreed to is compared
    /// with what is true then.
    pub async fn carry_out_decided(
        &self,
        property: &Property,
        request: &Request,
        mut facts: Facts,
        mut decided: Decided,
        talk: &impl Talk,
    ) -> Result<(Outcome, HotelTime), CommandError> {
        talk.show(&facts, &decided);
        if decided.plan.is_some() && talk.agree(&decided).await? == Agreed::AtPrompt {
            let agreed = decided.plan.take();
            (facts, decided) = match self.decide(property, request).await {
                Ok(read) => read,
                Err(CommandError::Workflow(Error::Refused(why))) => {
                    return Err(CommandError::Changed(Some(why)));
                }
                Err(error) => return Err(error),
            };
            if agreed.as_ref().map(agreement) != decided.plan.as_ref().map(agreement) {
                return Err(CommandError::Changed(None));
            }
        }
        let outcome = self.execute(&facts, &decided).await?;
        Ok((outcome, facts.time))
    }
}

/// What a person agrees to in a plan: all of it but what changes by itself from one moment to the next.
fn agreement(plan: &Plan) -> Plan {
    let mut agreed = Plan {
        seen: std::collections::BTreeSet::new(),
        bystanders: vec![],
        had_access: std::collections::BTreeSet::new(),
        arrival: None,
        planned_at: None,
        ..plan.clone()
    };
    for step in &mut agreed.steps {
        if let Action::CreateKey(spec) = &mut step.action {
            spec.window.starts_at = spec.window.ends_at;
            spec.phone_ready = None;
        }
    }
    agreed
}

//! One command from its request to its outcome: read, decide, show, ask, read again, carry out.
//!
//! The caller decides how a person is shown things and asked ([`Talk`]): on a terminal, in a script, or in a
//! simulation.

use crate::hotel::HotelTime;
use crate::hotel::refusal::Refusal;
use crate::journal::{Journal, JournalError};
use crate::operation::decision::Decision;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::Outcome;
use crate::operation::plan::{Action, Plan};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::KeyReader;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::request::Request;

/// How a command communicates with the person who started it.
pub trait Talk {
    /// Shows how the command was understood. It is called before anything is written.
    fn show(&self, snapshot: &HotelSnapshot, decision: &Decision);

    /// Asks for agreement if the command needs it.
    fn agree(&self, decision: &Decision) -> impl Future<Output = Result<Agreed, Declined>>;
}

/// The agreement that a command may continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// No question was needed, or the answer was given with the command.
    Beforehand,
    /// A person has answered at a prompt. This took time, so everything is read again.
    AtPrompt,
}

/// The reason why a command may not continue.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// The person answered no.
    #[error("not confirmed")]
    No,
    /// Agreement is needed, but there is no terminal to ask at. Holds the lines of the question.
    #[error("nobody is there to answer")]
    NobodyToAsk(Vec<String>),
    /// The person pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The terminal could not be used.
    #[error(transparent)]
    Terminal(#[from] std::io::Error),
}

/// The reason why a command wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A read failed, or the decision was a refusal.
    #[error(transparent)]
    Workflow(#[from] Error),
    /// The journal could not be used, or another operation comes first.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A person declined, or could not be asked.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// The state of the hotel changed while a person was asked. Holds the refusal if the command is now refused.
    #[error("something has changed in the meantime")]
    Changed(Option<Box<Refusal>>),
}

impl Request {
    /// Returns whether the decision needs information that only the journal has.
    pub fn needs_journal(&self) -> bool {
        matches!(self, Request::Update(request) if request.times.nights.is_some())
    }

    /// Adds to `snapshot` the information that the decision needs and only the journal has.
    pub async fn learn(
        &self,
        snapshot: &mut HotelSnapshot,
        journal: &Journal,
    ) -> Result<(), JournalError> {
        if !self.needs_journal() {
            return Ok(());
        }
        let ids = snapshot.keys.all().map(|key| key.id.clone()).collect();
        for (key, arrival) in journal.arrivals(ids).await? {
            snapshot.know_arrival(key, arrival);
        }
        Ok(())
    }
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Reads, decides and carries out one command. Returns the outcome and the hotel's clock, which is needed to show
    /// it. An error means that nothing was written.
    pub async fn carry_out(
        &self,
        profile: &HotelProfile,
        request: &Request,
        talk: &impl Talk,
    ) -> Result<(Outcome, HotelTime), CommandError> {
        let (snapshot, decision) = self.decide(profile, request).await?;
        self.carry_out_decided(profile, request, snapshot, decision, talk)
            .await
    }

    async fn decide(
        &self,
        profile: &HotelProfile,
        request: &Request,
    ) -> Result<(HotelSnapshot, Decision), CommandError> {
        let mut snapshot = request.read(self.client, profile).await?;
        request.learn(&mut snapshot, self.journal).await?;
        let decision = request.decide(&snapshot, profile).map_err(Error::from)?;
        Ok((snapshot, decision))
    }

    /// Carries out a decision after a person has agreed, if agreement is needed. If the decision has changed since,
    /// nothing is written and the error is [`CommandError::Changed`].
    pub async fn carry_out_decided(
        &self,
        profile: &HotelProfile,
        request: &Request,
        mut snapshot: HotelSnapshot,
        mut decision: Decision,
        talk: &impl Talk,
    ) -> Result<(Outcome, HotelTime), CommandError> {
        talk.show(&snapshot, &decision);
        if decision.plan.is_some() && talk.agree(&decision).await? == Agreed::AtPrompt {
            let agreed = decision.plan.take();
            (snapshot, decision) = match self.decide(profile, request).await {
                Ok(read) => read,
                Err(CommandError::Workflow(Error::Refused(why))) => {
                    return Err(CommandError::Changed(Some(why)));
                }
                Err(error) => return Err(error),
            };
            if agreed.as_ref().map(agreement) != decision.plan.as_ref().map(agreement) {
                return Err(CommandError::Changed(None));
            }
        }
        let outcome = self.execute(&snapshot, &decision).await?;
        Ok((outcome, snapshot.time))
    }
}

/// Returns the part of a plan that a person agrees to: everything except values that change from one moment to the
/// next.
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

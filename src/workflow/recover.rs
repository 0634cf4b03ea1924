//! `recover`: operations that stopped half-way are finished, or undone, from the state of the server.
//!
//! The record says what was meant and how far it came; what is true is read. A step whose answer was lost is
//! looked for before it is sent again, and nothing is overridden that was not there when a person decided.

use std::collections::BTreeSet;

use super::engine::Interrupt;
use super::error::{Brief, Error, Found, Refusal};
use super::facts::Facts;
use super::perform::delete_key;
use super::plan::{Access, Plan};
use super::prepared::Decided;
use super::progress::{Progress, StepState};
use super::property::Property;
use super::read::{AtDoors, ReadBack};
use super::record::{End, OperationId, OperationRow, RecordError, StepStatus};
use super::report::{StepReport, spec_of};
use super::run::{Desk, Ending, Outcome};
use crate::seam::{Client, credentials};
use crate::stay::key::Key;
use crate::stay::{GuestQuery, GuestRecord, HotelTime};

/// An operation that stopped half-way, with what is true of it now.
#[derive(Debug)]
pub struct Open {
    /// As on record.
    pub row: OperationRow,
    /// What it was to do; `None` where the record's plan cannot be read.
    pub plan: Option<Plan>,
    /// For each guest: the name, and the live keys of the moment.
    pub guests: Vec<(String, Vec<Brief>)>,
}

/// What an operation on record was to do.
pub fn plan_of(row: &OperationRow) -> Option<Plan> {
    serde_json::from_value(row.plan.clone()?).ok()
}

/// How far an operation on record came. An intent without a result may have had its effect.
pub fn progress_of(row: &OperationRow, plan: &Plan) -> Progress {
    let mut progress = Progress::new(plan);
    for (state, step) in progress.steps.iter_mut().zip(&row.steps) {
        let status = match step.status {
            StepStatus::Intended => StepStatus::Unknown,
            StepStatus::Failed => StepStatus::Planned,
            status => status,
        };
        *state = StepState {
            status,
            made: step.made.clone(),
            request_id: step.request_id.clone(),
            error: None,
        };
    }
    progress
}

/// Who can open what now, for every unfinished operation: read, not remembered.
pub async fn look(
    client: &Client,
    property: &Property,
    rows: Vec<OperationRow>,
) -> Result<Vec<Open>, Error> {
    let mut found = vec![];
    for row in rows {
        let plan = plan_of(&row);
        let guests = match &plan {
            Some(plan) => standing_of(&facts(client, property, plan, &row).await?, plan, &row),
            None => vec![],
        };
        found.push(Open { row, plan, guests });
    }
    Ok(found)
}

fn standing_of(facts: &Facts, plan: &Plan, row: &OperationRow) -> Vec<(String, Vec<Brief>)> {
    guests_of(plan, row)
        .iter()
        .map(|id| {
            let keys = facts
                .live_of(id)
                .into_iter()
                .map(|key| facts.brief(key))
                .collect();
            (facts.name_of(Some(id)), keys)
        })
        .collect()
}

/// Everybody the operation is about: those on record when it was planned, and those it put there itself.
fn guests_of(plan: &Plan, row: &OperationRow) -> BTreeSet<String> {
    let made = row
        .steps
        .iter()
        .filter_map(|step| step.made.acs_user_id.clone());
    plan.guests.iter().cloned().chain(made).collect()
}

/// Everything about the guests and rooms of a plan, as it is now.
async fn facts(
    client: &Client,
    property: &Property,
    plan: &Plan,
    row: &OperationRow,
) -> Result<Facts, Error> {
    let ids = guests_of(plan, row);
    let queries: Vec<GuestQuery> = ids.iter().cloned().map(GuestQuery::Id).collect();
    let property = Property {
        system: Some(plan.system.clone()),
        ..property.clone()
    };
    let mut facts = Facts::read(client, &property, &queries).await?;
    let guests: Vec<GuestRecord> = ids
        .iter()
        .filter_map(|id| facts.guest_on_record(id))
        .cloned()
        .collect();
    facts
        .read_keys(client, &guests, &plan.room_doors, AtDoors::All)
        .await?;
    Ok(facts)
}

/// Why an operation cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A read, or a decision that a person must make.
    #[error(transparent)]
    Workflow(#[from] Error),
    /// The plan on record cannot be read by this version.
    #[error("the plan of operation {0} cannot be read")]
    Plan(OperationId),
}

/// What became of an operation, and the hotel's clock to tell it by.
pub type Settled = (Outcome, HotelTime);

impl<I: Interrupt, R: ReadBack> Desk<'_, I, R> {
    /// Takes an operation up and brings it to the end that the command promised. Itself recoverable: it
    /// writes to the same record.
    pub async fn recover(
        &self,
        property: &Property,
        id: &OperationId,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let row = self.record.resume(id).await?;
        let taken = self.finish(property, &row, replace).await;
        self.left_if_failed(&row, taken).await
    }

    /// Takes away what an operation made. What it took away itself cannot be brought back.
    pub async fn undo(
        &self,
        property: &Property,
        id: &OperationId,
    ) -> Result<Settled, RecoverError> {
        let row = self.record.resume(id).await?;
        let taken = self.take_back(property, &row).await;
        self.left_if_failed(&row, taken).await
    }

    /// Still open, as it was: whoever comes next must not find it claimed by us.
    async fn left_if_failed(
        &self,
        row: &OperationRow,
        taken: Result<Settled, RecoverError>,
    ) -> Result<Settled, RecoverError> {
        if taken.is_err() {
            let stands = row
                .outcome
                .clone()
                .unwrap_or_else(|| "unfinished".to_owned());
            self.record.note(&row.id, End::Left(stands).into()).await?;
        }
        taken
    }

    async fn finish(
        &self,
        property: &Property,
        row: &OperationRow,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let plan = plan_of(row).ok_or_else(|| RecoverError::Plan(row.id.clone()))?;
        let progress = progress_of(row, &plan);
        let facts = facts(self.client, property, &plan, row).await?;
        facts.system.check_up().map_err(Error::from)?;
        check(&facts, &plan, row, &progress, replace)?;
        let time = facts.time;
        let carried = self.carry(row.id.clone(), &plan, progress).await;
        let decided = Decided::nothing(plan.command);
        let outcome = Outcome::of(&facts, &decided, &plan, carried);
        Ok((outcome, time))
    }

    /// The deletions are safe to repeat and chosen from the server's state, so that the operation's own
    /// entry is record enough: it stays open until the last of them is done.
    async fn take_back(
        &self,
        property: &Property,
        row: &OperationRow,
    ) -> Result<Settled, RecoverError> {
        let plan = plan_of(row).ok_or_else(|| RecoverError::Plan(row.id.clone()))?;
        let facts = facts(self.client, property, &plan, row).await?;
        let made = made_by(&facts, &plan, row);
        let time = facts.time;
        let mut outcome = Outcome::unwritten(&facts, &Decided::nothing(plan.command));
        outcome.operation_id = Some(row.id.clone());
        let deadline = tokio::time::Instant::now() + self.wait;
        let mut gone = true;
        for id in made {
            let deleted = delete_key(self.client, &id).await.map_err(Error::from)?;
            let since = tokio::time::Instant::now();
            gone &= self.engine().wait_gone(&id, since, deadline).await;
            outcome.steps.push(StepReport {
                step: "delete the key that this operation made".to_owned(),
                call: credentials::DELETE.path,
                status: StepStatus::Done.word(),
                request_id: deleted.request_id,
            });
            outcome.revoked.push(id);
        }
        self.record
            .note(&row.id, End::Ended("undone").into())
            .await?;
        outcome.ending = if gone {
            Ending::Done
        } else {
            Ending::NotConfirmed
        };
        Ok((outcome, time))
    }
}

/// What may have changed since a person decided: the time is over, or a stranger has moved in.
fn check(
    facts: &Facts,
    plan: &Plan,
    row: &OperationRow,
    progress: &Progress,
    replace: bool,
) -> Result<(), Error> {
    let guests = guests_of(plan, row);
    let open =
        (0..plan.steps.len()).filter(|index| progress.steps[*index].status != StepStatus::Done);
    for spec in open.filter_map(|index| spec_of(plan, index)) {
        if spec.window.ends_at <= facts.now() {
            return Err(Refusal::TooLate(facts.time.show(spec.window.ends_at)).into());
        }
        let ours = |key: &Key| {
            key.holder
                .as_ref()
                .is_some_and(|holder| guests.contains(holder))
        };
        let strangers: Vec<&Key> =
            crate::stay::decide::live_at_any(&facts.keys, &plan.room_doors, None, facts.now())
                .into_iter()
                .filter(|key| !plan.seen.contains(&key.id) && !ours(key))
                .filter(|key| !progress.keys_made().any(|(_, made)| made == key.id))
                .collect();
        if spec.access == Access::Override && !strangers.is_empty() && !replace {
            return Err(Refusal::Occupied {
                rooms: plan.rooms.join(", "),
                keys: strangers.iter().map(|key| facts.brief(key)).collect(),
                same_stay: false,
            }
            .into());
        }
    }
    Ok(())
}

/// The keys that the operation made, those of lost answers included: not seen when it was planned, of its
/// guests, with its doors.
fn made_by(facts: &Facts, plan: &Plan, row: &OperationRow) -> BTreeSet<String> {
    let (guests, progress) = (guests_of(plan, row), progress_of(row, plan));
    let lost = guests
        .iter()
        .flat_map(|guest| facts.live_of(guest))
        .filter(|key| {
            let mut specs = (0..plan.steps.len()).filter_map(|index| spec_of(plan, index));
            !plan.seen.contains(&key.id) && specs.any(|spec| spec.doors == key.doors)
        });
    progress
        .keys_made()
        .map(|(_, id)| id.to_owned())
        .chain(lost.map(|key| key.id.clone()))
        .collect()
}

/// The one unfinished operation that a person means by the beginning of its id.
pub fn choose(rows: Vec<OperationRow>, asked: &str) -> Result<OperationRow, Refusal> {
    let mut found: Vec<OperationRow> = rows
        .into_iter()
        .filter(|row| row.id.as_str().starts_with(asked))
        .collect();
    match (found.len(), found.pop()) {
        (1, Some(row)) => Ok(row),
        (_, None) => Err(Refusal::Operation {
            asked: asked.to_owned(),
            found: Found::None,
        }),
        (_, Some(last)) => {
            found.push(last);
            let ids = found
                .iter()
                .map(|row| (row.command.clone(), row.id.to_string()))
                .collect();
            Err(Refusal::Operation {
                asked: asked.to_owned(),
                found: Found::Many(ids),
            })
        }
    }
}

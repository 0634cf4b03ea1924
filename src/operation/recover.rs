//! `recover`: finishes operations that stopped, based on the state of the server. [`super::undo`] takes them back.
//!
//! The journal says what was intended and how far the operation got. The current state is read. A step whose answer
//! was lost is looked for before it is sent again. Nothing is overridden that did not exist when a person decided.

use std::collections::BTreeSet;

use crate::hotel::refusal::{Brief, Found, Refusal};
use crate::hotel::{GuestQuery, GuestRecord, HotelTime};
use crate::journal::{End, Journal, JournalError, OperationId, OperationRow, StepStatus};
use crate::operation::changed::{agree_to_replace, check_ready, check_unchanged, make_again};
use crate::operation::decision::Decision;
use crate::operation::encoding::{self, EncodingError};
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::Outcome;
use crate::operation::plan::{Action, Bystander, Plan, Step};
use crate::operation::progress::{Progress, StepState};
use crate::operation::restore::still_lost;
use crate::operation::taken::{self, Gone};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::KeyReader;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// An operation that stopped before its end, with the current state of its guests.
#[derive(Debug)]
pub struct Open {
    /// The operation in the journal.
    pub row: OperationRow,
    /// The plan of the operation, or `None` if the plan in the journal cannot be read.
    pub plan: Option<Plan>,
    /// The name and the current live keys of each guest.
    pub guests: Vec<(String, Vec<Brief>)>,
}

/// Reads the plan of an operation in the journal.
pub fn plan_of(row: &OperationRow) -> Result<Plan, RecoverError> {
    encoding::decode(row.plan.clone().unwrap_or_default())
        .map_err(|why| RecoverError::Plan(row.id.clone(), why))
}

/// Returns how far an operation in the journal got. A step with an intent and without a result may have had an effect.
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

/// Reads for each unfinished operation which doors its guests can open now.
pub async fn look(
    client: &Client,
    profile: &HotelProfile,
    rows: Vec<OperationRow>,
) -> Result<Vec<Open>, Error> {
    let mut found = vec![];
    for row in rows {
        let plan = plan_of(&row).ok();
        let guests = match &plan {
            Some(plan) => {
                let mut snapshot = snapshot(client, profile, plan, &row).await?;
                let lost = still_lost(client, &mut snapshot, plan.harmed.iter()).await?;
                let mut guests = guests_of(plan, &row);
                guests.extend(lost.into_iter().filter_map(|key| key.holder));
                access_of(&snapshot, &guests)
            }
            None => vec![],
        };
        found.push(Open { row, plan, guests });
    }
    Ok(found)
}

/// Returns the name of each guest and the keys with which the guest can open doors, now or later.
fn access_of(snapshot: &HotelSnapshot, guests: &BTreeSet<String>) -> Vec<(String, Vec<Brief>)> {
    guests
        .iter()
        .map(|id| {
            let keys = snapshot
                .live_of(id)
                .into_iter()
                .map(|key| snapshot.brief(key))
                .collect();
            (snapshot.name_of(Some(id)), keys)
        })
        .collect()
}

/// Returns the guests of the operation: those on record when it was planned, and those that it put on record.
pub(super) fn guests_of(plan: &Plan, row: &OperationRow) -> BTreeSet<String> {
    let made = row
        .steps
        .iter()
        .filter_map(|step| step.made.acs_user_id.clone());
    plan.guests.iter().cloned().chain(made).collect()
}

/// Reads everything about the guests and rooms of a plan, in its current state.
pub(super) async fn snapshot(
    client: &Client,
    profile: &HotelProfile,
    plan: &Plan,
    row: &OperationRow,
) -> Result<HotelSnapshot, Error> {
    let ids = guests_of(plan, row);
    let queries: Vec<GuestQuery> = ids.iter().cloned().map(GuestQuery::Id).collect();
    let profile = HotelProfile {
        system: Some(plan.system.clone()),
        ..profile.clone()
    };
    let mut snapshot = HotelSnapshot::read(client, &profile, &queries).await?;
    let guests: Vec<GuestRecord> = ids
        .iter()
        .filter_map(|id| snapshot.guest_on_record(id))
        .cloned()
        .collect();
    snapshot
        .read_keys(client, &guests, &plan.room_doors)
        .await?;
    Ok(snapshot)
}

/// The reason why an operation could not be recovered or undone.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The journal could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A read failed, or a person must decide.
    #[error(transparent)]
    Workflow(#[from] Error),
    /// This version cannot read the plan in the journal.
    #[error("the plan of operation {0} cannot be used: {1}")]
    Plan(OperationId, EncodingError),
}

/// The outcome of an operation, and the hotel's clock, which is needed to show it.
pub type Settled = (Outcome, HotelTime);

/// Closes an operation in the journal without changing any key.
pub async fn close(journal: &Journal, id: &OperationId) -> Result<(), JournalError> {
    let row = journal.resume(id).await?;
    journal.note(&row.id, End::Ended("closed").into()).await
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Finishes an operation. Recovery can be recovered too, because it writes to the same journal entry. It refuses
    /// if other people have changed the keys or rooms of the operation since it stopped; with `replace` it continues.
    pub async fn recover(
        &self,
        profile: &HotelProfile,
        id: &OperationId,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let row = self.journal.resume(id).await?;
        let taken = self.finish(profile, &row, replace).await;
        self.left_if_failed(&row, taken).await
    }

    /// Leaves the operation open as it was if it could not be finished. Otherwise it would look as if a process were
    /// working on it.
    pub(super) async fn left_if_failed(
        &self,
        row: &OperationRow,
        taken: Result<Settled, RecoverError>,
    ) -> Result<Settled, RecoverError> {
        if taken.is_err() {
            let outcome = row.outcome.clone();
            let outcome = outcome.unwrap_or_else(|| "unfinished".to_owned());
            self.journal
                .note(&row.id, End::Left(outcome).into())
                .await?;
        }
        taken
    }

    async fn finish(
        &self,
        profile: &HotelProfile,
        row: &OperationRow,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let mut plan = plan_of(row)?;
        let mut progress = progress_of(row, &plan);
        let mut snapshot = snapshot(self.client, profile, &plan, row).await?;
        snapshot.system.check_up().map_err(Error::from)?;
        let gone = self
            .taken_since(row, &plan, &progress, &mut snapshot)
            .await?;
        progress.leave(&gone.replaced);
        let old = if replace {
            make_again(&snapshot, &plan, &mut progress, &gone)
        } else {
            gone.check(&snapshot, &plan, &progress, &row.id)
                .map_err(Error::from)?;
            vec![]
        };
        check_unchanged(&snapshot, &plan, &progress, replace).map_err(Error::from)?;
        check_ready(&snapshot, &plan, &progress).map_err(Error::from)?;
        if replace {
            agree_to_replace(&snapshot, &mut plan, &progress);
        } else {
            let (client, journal) = (self.client, self.journal);
            taken::check_lost(client, journal, &snapshot, &plan, &progress, &row.id).await?;
        }
        if !old.is_empty() {
            // Locks do not learn that these keys are invalid, so they are removed.
            let first = plan.steps.len();
            plan.steps.extend(old.into_iter().map(|id| Step {
                about: "remove the key that has stopped".to_owned(),
                action: Action::DeleteIfLive(id),
            }));
            self.store(row, &plan, &mut progress, first).await?;
        }
        let (restored, warnings) = self
            .give_back(profile, &mut snapshot, &plan, &progress, replace)
            .await?;
        if let Some(mut restored) = restored {
            // An operation that ended without a stop was verified then. Its own keys may have been changed since for
            // good reasons.
            if row.outcome.as_deref() == Some("no_access") {
                progress.is_verified_so_far();
                // Keys that still work are bystanders: giving access back must not harm them.
                let own = progress.keys_made();
                let own = own.filter_map(|(_, id)| snapshot.keys.get(id));
                let live = own.filter(|key| key.is_live(snapshot.now()));
                restored.bystanders.extend(live.map(Bystander::from));
            }
            self.store(row, &restored, &mut progress, plan.steps.len())
                .await?;
            plan = restored;
        }
        let (time, read_at) = (snapshot.time, snapshot.read_at);
        let execution = self.carry(row.id.clone(), &plan, progress, read_at).await;
        let mut decision = Decision {
            warnings,
            plan: Some(plan.clone()),
            ..Decision::nothing(plan.command)
        };
        decision.warn_of_newer_keys(&snapshot);
        let outcome = Outcome::of(&snapshot, &decision, &plan, execution);
        Ok((outcome, time))
    }

    /// Returns the steps whose keys are gone. An operation that ended without a stop, and harmed others, was verified
    /// then. Its own keys may have been taken away since for good reasons.
    async fn taken_since(
        &self,
        row: &OperationRow,
        plan: &Plan,
        progress: &Progress,
        snapshot: &mut HotelSnapshot,
    ) -> Result<Gone, Error> {
        if row.outcome.as_deref() == Some("no_access") && !plan.harmed.is_empty() {
            return Ok(Gone::default());
        }
        taken::read_recorded(self.client, snapshot, progress).await?;
        Ok(Gone::of(snapshot, plan, progress))
    }

    /// Writes a longer plan to the journal. Its steps from `first` on are new.
    async fn store(
        &self,
        row: &OperationRow,
        plan: &Plan,
        progress: &mut Progress,
        first: usize,
    ) -> Result<(), JournalError> {
        progress.extend(plan);
        let steps = progress.planned(plan).split_off(first);
        let stored = encoding::encode(plan);
        self.journal.extend(&row.id, stored, steps).await
    }
}

/// Returns the unfinished operation with this id: the short id that messages print, the full id, or the beginning of
/// either. Refuses if there is none or if several match.
pub fn choose(rows: Vec<OperationRow>, asked: &str) -> Result<OperationRow, Refusal> {
    let asked = asked.trim().to_lowercase();
    let is_meant = |row: &OperationRow| {
        row.id.short().starts_with(&asked) || row.id.as_str().starts_with(&asked)
    };
    let exact = |row: &OperationRow| row.id.short() == asked || row.id.as_str() == asked;
    let is_exact = rows.iter().any(exact);
    let mut found: Vec<OperationRow> = rows
        .into_iter()
        .filter(|row| if is_exact { exact(row) } else { is_meant(row) })
        .collect();
    match (found.len(), found.pop()) {
        (1, Some(row)) => Ok(row),
        (_, None) => Err(Refusal::Operation {
            asked,
            found: Found::None,
        }),
        (_, Some(last)) => {
            found.push(last);
            let ids = found
                .iter()
                .map(|row| (row.command.clone(), row.id.to_string()))
                .collect();
            Err(Refusal::Operation {
                asked,
                found: Found::Many(ids),
            })
        }
    }
}

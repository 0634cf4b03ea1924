//! Carries out a decision: writes it to the journal, runs the plan, verifies the result, and closes the operation or
//! leaves it open.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::hotel::refusal::Warning;
use crate::journal::{
    BatchRow, End, JournalError, JournalUpdate, NewOperation, OperationId, StepStatus, Subject,
};
use crate::operation::decision::Decision;
use crate::operation::encoding;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::{Ending, Outcome};
use crate::operation::plan::{Action, Bystander, Command, Plan};
use crate::operation::progress::Progress;
use crate::operation::stop::{AccessState, access_state, has_written};
use crate::operation::verify::Harm;
use crate::seam::{self, AcsCredential, credentials, users};
use crate::snapshot::convert::{guest, key};
use crate::snapshot::fetch::KeyReader;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// How long to read a guest's keys after a stop, while a person waits for the report.
const LOOK: Duration = Duration::from_secs(3);

/// The result of a plan that was carried out, successfully or not. [`Outcome::of`] turns it into a report.
#[derive(Debug)]
pub struct Execution {
    pub(super) operation: OperationId,
    pub(super) progress: Progress,
    /// How the plan ended.
    pub ending: Ending,
    /// The keys that were made, as read back.
    pub keys: Vec<Key>,
    /// The ids of keys that the new keys replace.
    pub replaced: Vec<String>,
    /// The ids of keys that were taken away.
    pub revoked: Vec<String>,
    pub(super) warnings: Vec<Warning>,
    pub(super) harmed: Vec<Harm>,
    pub(super) interrupted: bool,
    /// The names of the guests whose keys are in the way or were harmed, by `acs_user_id`.
    pub(super) names: HashMap<String, String>,
}

impl Execution {
    /// Returns the progress of the plan.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    fn warn(&mut self, code: &str, message: String) {
        self.warnings.push(Warning {
            code: code.to_owned(),
            message,
        });
    }
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Carries out a decision. An error means that no request was sent.
    pub async fn execute(
        &self,
        snapshot: &HotelSnapshot,
        decision: &Decision,
    ) -> Result<Outcome, JournalError> {
        let Some(plan) = &decision.plan else {
            return self.already(snapshot, decision).await;
        };
        let known = plan.known_steps(snapshot);
        let execution = self
            .begin_and_carry(plan, known, None, snapshot.read_at)
            .await?;
        Ok(Outcome::of(snapshot, decision, plan, execution))
    }

    /// Writes a plan to the journal and carries it out. `known` holds the steps that the look-up has already carried
    /// out, with the request ids of the answers. `rows` holds the batch and its rows that the plan belongs to.
    /// `read_at` is the time at which the rooms were read.
    pub async fn begin_and_carry(
        &self,
        plan: &Plan,
        known: Vec<(usize, Option<String>)>,
        rows: Option<(String, Vec<BatchRow>)>,
        read_at: Option<Instant>,
    ) -> Result<Execution, JournalError> {
        let mut progress = Progress::new(plan);
        for (step, request_id) in known {
            progress.done(step, request_id);
        }
        progress.intend_first(plan);
        let operation = self.journal.operation_id();
        let mut new = self.on_record(&operation, plan, &progress);
        if rows.is_some() && plan.command != Command::Update {
            // The row has its own reservation. The key that it replaces may belong to another one.
            new.changes = vec![];
        }
        new.rows = rows;
        self.journal.begin(new).await?;
        Ok(self.carry(operation, plan, progress, read_at).await)
    }

    async fn already(
        &self,
        snapshot: &HotelSnapshot,
        decision: &Decision,
    ) -> Result<Outcome, JournalError> {
        let (holders, open) = (decision.holders(snapshot), decision.unconfirmed(snapshot));
        let read = self.look_again(&snapshot.system.id, holders, &open).await?;
        let mut outcome = Outcome::unwritten(snapshot, decision);
        outcome.settle(snapshot, &read);
        outcome.interrupted = self.interrupt.is_requested();
        Ok(outcome)
    }

    /// Reads keys that were already as requested and not confirmed, until they are confirmed or the deadline has
    /// passed. `open` holds these keys; the flag of each says whether a phone is ready to receive it. First it checks
    /// that `holders` have no unfinished operation, because such an operation may have made the key right before it
    /// stopped.
    pub async fn look_again(
        &self,
        system: &str,
        holders: Vec<Subject>,
        open: &[(String, Option<bool>)],
    ) -> Result<Vec<Key>, JournalError> {
        self.journal.check(system, holders).await?;
        Ok(self.until_settled(open).await)
    }

    fn on_record(&self, operation: &OperationId, plan: &Plan, progress: &Progress) -> NewOperation {
        let rooms = plan.rooms.iter().cloned().map(Subject::Room);
        let guests = plan.guests.iter().cloned().map(Subject::Guest);
        let new = plan.steps.iter().filter_map(|step| match &step.action {
            Action::CreateGuest(guest) => Some(Subject::Contact(guest.handle())),
            _ => None,
        });
        NewOperation {
            id: operation.clone(),
            command: plan.command.name().to_owned(),
            fingerprint: encoding::fingerprint(plan),
            first_fingerprint: Some(encoding::first_fingerprint(plan)),
            system_id: plan.system.clone(),
            subjects: rooms.chain(guests).chain(new).collect(),
            rooms: plan.rooms.clone(),
            plan: encoding::encode(plan),
            steps: progress.planned(plan),
            started_at: self.client.now(),
            arrival: plan.arrival,
            operator: self.operator.to_owned(),
            workstation: self.workstation.to_owned(),
            changes: plan.changes(),
            seen: plan.seen.iter().cloned().collect(),
            rows: None,
        }
    }

    /// Carries out the rest of a plan that is in the journal, verifies it, and closes the operation or leaves it open.
    pub(crate) async fn carry(
        &self,
        operation: OperationId,
        plan: &Plan,
        mut progress: Progress,
        read_at: Option<Instant>,
    ) -> Execution {
        let (run, stop) = self.run(&operation, plan, &mut progress, read_at).await;
        let mut execution = Execution {
            operation,
            progress,
            ending: Ending::NotConfirmed,
            // What was read of the keys before a stop is not their final state.
            keys: stop.as_ref().map_or(run.keys, |_| vec![]),
            replaced: vec![],
            revoked: vec![],
            warnings: run.warnings,
            harmed: run.harmed,
            interrupted: false,
            names: HashMap::new(),
        };
        let gone = self.read_removed(plan, &mut execution).await;
        execution.ending = match stop {
            None if !execution.harmed.is_empty() => Ending::Harmed,
            None if run.confirmed && gone => Ending::Done,
            None => Ending::NotConfirmed,
            Some(stop) => {
                let has_key = self.has_key(plan, &mut execution).await;
                Ending::Stopped(access_state(plan, &execution.progress, has_key), stop)
            }
        };
        execution.interrupted = self.interrupt.is_requested();
        execution.names = self.names_of_others(&execution).await;
        self.note_harm(plan, &mut execution).await;
        let end = match &execution.ending {
            Ending::Done => End::Ended("done"),
            // `recover` gives back what the service has taken away. If two desks gave away the same room, people must
            // decide who gets it.
            Ending::Harmed if execution.harmed.iter().any(|harm| !harm.contested) => {
                End::Left("no_access".to_owned())
            }
            Ending::Harmed => End::Ended("no_access"),
            Ending::Stopped(AccessState::Unchanged, _) => End::Ended("failed"),
            Ending::Stopped(AccessState::NoAccess, _) => End::Left("no_access".to_owned()),
            Ending::Stopped(_, _) => End::Left("unfinished".to_owned()),
            Ending::NotConfirmed | Ending::Planned | Ending::Already | Ending::Undone { .. } => {
                End::Ended("not_confirmed")
            }
        };
        let note = JournalUpdate {
            end: Some(end),
            ..execution.progress.note()
        };
        if let Err(error) = self.journal.note(&execution.operation, note).await {
            execution.warn(
                "record_not_closed",
                format!("the record still shows this operation as open: {error}"),
            );
        }
        execution
    }

    /// Writes to the journal what is known, before anything is waited for. If this fails, closing the operation fails
    /// too and reports the error.
    async fn record_now(&self, execution: &mut Execution) {
        let note = execution.progress.note();
        if !note.results.is_empty() {
            let _ = self.journal.note(&execution.operation, note).await;
        }
    }

    /// Reads whether every guest who had a working key still has one. Returns `None` if nothing was written, or if the
    /// keys could not be read; the latter adds a warning.
    async fn has_key(&self, plan: &Plan, execution: &mut Execution) -> Option<bool> {
        let watched: Vec<&String> = plan
            .guests
            .iter()
            .filter(|guest| plan.had_access.contains(*guest) || plan.takes_first_from_now())
            .collect();
        let is_meant = plan.command == Command::Revoke;
        if is_meant || watched.is_empty() || !has_written(plan, &execution.progress) {
            return None;
        }
        self.record_now(execution).await;
        let reads = watched.into_iter().map(|guest| async move {
            let request = credentials::List {
                acs_user_id: Some(guest.clone().into()),
                acs_system_id: Some(plan.system.clone().into()),
                ..credentials::List::default()
            };
            credentials::list(self.client, &request).await
        });
        let read = tokio::time::timeout(LOOK, try_join_all(reads)).await;
        if let Ok(Ok(found)) = read {
            let now = self.client.now();
            let works = |reply: seam::Reply<Vec<AcsCredential>>| {
                let mut keys = reply.value.into_iter().map(key);
                keys.any(|key| key.is_current(now))
            };
            return Some(found.into_iter().all(works));
        }
        execution.warn(
            "access_not_read",
            "the guest's keys could not be read: the guest may have NO access now".to_owned(),
        );
        None
    }

    /// Writes to the journal what the service took away, for `recover`.
    async fn note_harm(&self, plan: &Plan, execution: &mut Execution) {
        let lost = execution.harmed.iter().filter(|harm| !harm.contested);
        let lost: Vec<Bystander> = lost.map(|harm| harm.key.clone()).collect();
        if lost.is_empty() {
            return;
        }
        let plan = Plan {
            harmed: lost,
            ..plan.clone()
        };
        let noted = self
            .journal
            .extend(&execution.operation, encoding::encode(&plan), vec![]);
        if let Err(error) = noted.await {
            execution.warn(
                "record_not_closed",
                format!("the journal does not know who has lost the access: {error}"),
            );
        }
    }

    /// Reads the names of the guests whose keys are in the way or were harmed, as far as time permits.
    async fn names_of_others(&self, execution: &Execution) -> HashMap<String, String> {
        let harmed = execution
            .harmed
            .iter()
            .filter_map(|harm| harm.key.holder.clone());
        let rival = match &execution.ending {
            Ending::Stopped(_, stop) => stop.rival().and_then(|key| key.holder.clone()),
            _ => None,
        };
        let holders: BTreeSet<String> = harmed.chain(rival).collect();
        let reads = holders.into_iter().map(|holder| async move {
            let user = users::get(self.client, &holder.clone().into()).await.ok()?;
            Some((holder, guest(user.value).name))
        });
        let read = tokio::time::timeout(LOOK, join_all(reads)).await;
        read.into_iter().flatten().flatten().collect()
    }

    /// Reads the state of the keys that were to be removed. Returns `false` if a key to be revoked still exists.
    async fn read_removed(&self, plan: &Plan, execution: &mut Execution) -> bool {
        let mut deleted = vec![];
        for (step, state) in plan.steps.iter().zip(&execution.progress.steps) {
            match &step.action {
                _ if state.status != StepStatus::Done => {}
                Action::DeleteIfLive(id) => execution.replaced.push(id.clone()),
                Action::DeleteKey(id) => deleted.push(id.clone()),
                _ => {}
            }
        }
        let made = execution.progress.keys_made().next().is_some();
        let displaced: Vec<&String> = if made {
            plan.displaces.iter().chain(&plan.at_risk).collect()
        } else {
            vec![]
        };
        if self.wait.is_zero() || (displaced.is_empty() && deleted.is_empty()) {
            execution.revoked.extend(deleted);
            return true;
        }
        self.record_now(execution).await;
        let (now, since) = (self.client.now(), execution.progress.changed());
        let reads = displaced
            .iter()
            .map(|id| async move { (*id, self.keys.key(id, since).await) });
        for (id, read) in join_all(reads).await {
            match read {
                Ok(Some(key)) if key.is_live(now) && plan.at_risk.contains(id) => {}
                Ok(Some(key)) if key.is_live(now) => execution.warn(
                    "still_live",
                    format!(
                        "key {id} still counts as valid; `roomkey revoke --key {id}` takes it away"
                    ),
                ),
                _ => execution.replaced.push(id.clone()),
            }
        }
        let deadline = Instant::now() + self.wait;
        let waits = deleted.iter().map(|id| self.wait_gone(id, since, deadline));
        let gone = join_all(waits).await;
        for (id, gone) in deleted.into_iter().zip(&gone) {
            if !gone {
                execution.warn(
                    "deletion_pending",
                    format!("key {id} is being deleted and is still on record"),
                );
            }
            execution.revoked.push(id);
        }
        gone.into_iter().all(|gone| gone)
    }
}

//! From a prepared command to its outcome: record, run, verify, report.

use std::time::Duration;

use chrono::Utc;

use super::engine::{Engine, Interrupt, Progress, Ran, Standing, Stop, standing, takes_begun};
use super::facts::read_key;
use super::from_wire::key;
use super::plan::{Action, Command, Plan};
use super::prepared::{Prepared, Warning};
use super::record::{NewOperation, OperationId, PlannedStep, Record, RecordError, Subject};
use super::report::{KeyReport, StepReport, differences, spec_of, steps};
use crate::seam::{Client, credentials};

/// How long a look at a guest's keys may take after a stop: somebody waits to be told.
const LOOK: Duration = Duration::from_secs(3);

/// Who carries a command out, with what.
#[derive(Debug)]
pub struct Desk<'a, I> {
    /// The API.
    pub client: &'a Client,
    /// The durable record.
    pub record: &'a Record,
    /// Ctrl-C.
    pub interrupt: &'a I,
    /// How long the lock system may take to confirm.
    pub wait: Duration,
    /// How long a list may lag behind a create.
    pub settle: Duration,
    /// Who is at the desk.
    pub operator: &'a str,
    /// Which desk.
    pub workstation: &'a str,
}

/// How a command ended.
#[derive(Debug)]
pub enum Ending {
    /// Only shown.
    Planned,
    /// Nothing to do.
    Already,
    /// Done and confirmed.
    Done,
    /// Accepted, and not confirmed by the deadline.
    NotConfirmed,
    /// Stopped on the way.
    Stopped(Standing, Stop),
}

/// All there is to tell of a command.
#[derive(Debug)]
pub struct Outcome {
    /// Which command.
    pub command: Command,
    /// Under which it is on record; `None` where nothing was to be written.
    pub operation_id: Option<OperationId>,
    /// How it ended.
    pub ending: Ending,
    /// The keys that it is about, as read back.
    pub keys: Vec<KeyReport>,
    /// Ids of keys that the new ones stand in for.
    pub replaced: Vec<String>,
    /// Ids of keys that were taken away, those of single phones included.
    pub revoked: Vec<String>,
    /// The steps.
    pub steps: Vec<StepReport>,
    /// What people should know.
    pub warnings: Vec<Warning>,
}

impl Outcome {
    /// What a command comes to without a write: already so, or only planned.
    pub fn unwritten(prepared: &Prepared) -> Self {
        let facts = &prepared.facts;
        let keys = prepared.already.iter().filter_map(|id| facts.keys.get(id));
        Outcome {
            command: prepared.command,
            operation_id: None,
            ending: if prepared.plan.is_some() {
                Ending::Planned
            } else {
                Ending::Already
            },
            keys: keys.map(|key| KeyReport::new(facts, key, None)).collect(),
            replaced: vec![],
            revoked: vec![],
            steps: prepared
                .plan
                .as_ref()
                .map(|plan| steps(plan, None))
                .unwrap_or_default(),
            warnings: prepared.warnings.clone(),
        }
    }
}

impl<I: Interrupt> Desk<'_, I> {
    pub(super) fn engine(&self) -> Engine<'_, I> {
        Engine {
            client: self.client,
            record: self.record,
            interrupt: self.interrupt,
            wait: self.wait,
            settle: self.settle,
        }
    }

    /// Carries out a prepared command. An error means that nothing was sent.
    pub async fn execute(&self, prepared: Prepared) -> Result<Outcome, RecordError> {
        let Some(plan) = &prepared.plan else {
            self.check_finished(&prepared).await?;
            return Ok(Outcome::unwritten(&prepared));
        };
        let operation = OperationId::new();
        self.record.begin(self.on_record(&operation, plan)).await?;
        let mut progress = Progress::new(plan);
        let ran = self.engine().run(&operation, plan, &mut progress).await;
        Ok(self
            .conclude(&operation, &prepared, plan, &progress, ran)
            .await)
    }

    /// A key that is as asked may be the work of an operation that stopped right after making it.
    async fn check_finished(&self, prepared: &Prepared) -> Result<(), RecordError> {
        let keys = prepared
            .already
            .iter()
            .filter_map(|id| prepared.facts.keys.get(id));
        let holders = keys
            .filter_map(|key| key.holder.clone())
            .map(Subject::Guest)
            .collect();
        self.record.check(&prepared.facts.system.id, holders).await
    }

    fn on_record(&self, operation: &OperationId, plan: &Plan) -> NewOperation {
        let rooms = plan.rooms.iter().cloned().map(Subject::Room);
        let guests = plan.guests.iter().cloned().map(Subject::Guest);
        let new = plan.steps.iter().filter_map(|step| match &step.action {
            Action::CreateGuest(guest) => Some(Subject::Email(guest.email.to_lowercase())),
            _ => None,
        });
        NewOperation {
            id: operation.clone(),
            command: plan.command.name().to_owned(),
            fingerprint: plan.fingerprint(),
            system_id: plan.system.clone(),
            subjects: rooms.chain(guests).chain(new).collect(),
            rooms: plan.rooms.clone(),
            plan: serde_json::to_value(plan).unwrap_or_default(),
            steps: plan
                .steps
                .iter()
                .map(|step| PlannedStep {
                    name: step.about.clone(),
                    call: step.call().to_owned(),
                })
                .collect(),
            started_at: Utc::now(),
            operator: self.operator.to_owned(),
            workstation: self.workstation.to_owned(),
        }
    }

    /// Verifies, closes or leaves the operation, and tells.
    pub(super) async fn conclude(
        &self,
        operation: &OperationId,
        prepared: &Prepared,
        plan: &Plan,
        progress: &Progress,
        ran: Result<Ran, Stop>,
    ) -> Outcome {
        let facts = &prepared.facts;
        let mut outcome = Outcome {
            operation_id: Some(operation.clone()),
            steps: steps(plan, Some(progress)),
            ..Outcome::unwritten(prepared)
        };
        let (ran, stop) = match ran {
            Ok(ran) => (ran, None),
            Err(stop) => (Ran::default(), Some(stop)),
        };
        outcome.warnings.extend(ran.warnings);
        for (step, id) in progress.keys_made() {
            let Some(spec) = spec_of(plan, step) else {
                continue;
            };
            let read = ran.keys.iter().find(|key| key.id == id);
            let key = read.cloned().unwrap_or_else(|| spec.as_made(id, progress));
            if read.is_some() {
                outcome
                    .warnings
                    .extend(differences(spec, &key, facts, progress));
            }
            let mut report = KeyReport::new(facts, &key, Some(&spec.access));
            if let Some(name) = plan.new_guest_name(&spec.guest) {
                name.clone_into(&mut report.guest);
            }
            outcome.keys.push(report);
        }
        let gone = self.look_after(plan, progress, &mut outcome).await;
        outcome.ending = match stop {
            None if ran.confirmed && gone => Ending::Done,
            None => Ending::NotConfirmed,
            Some(stop) => {
                let has_key = self.has_key(plan, progress, &mut outcome).await;
                Ending::Stopped(standing(plan, progress, has_key), stop)
            }
        };
        let closed = match &outcome.ending {
            Ending::Done => self.record.finish(operation, "done", Utc::now()).await,
            Ending::NotConfirmed => {
                self.record
                    .finish(operation, "not_confirmed", Utc::now())
                    .await
            }
            Ending::Stopped(Standing::Unchanged, _) => {
                self.record.finish(operation, "failed", Utc::now()).await
            }
            Ending::Stopped(Standing::NoAccess, _) => {
                self.record.leave(operation, "no_access").await
            }
            Ending::Stopped(_, _) => self.record.leave(operation, "unfinished").await,
            Ending::Planned | Ending::Already => Ok(()),
        };
        if let Err(error) = closed {
            outcome.warn(
                "record_not_closed",
                format!("the record still shows this operation as open: {error}"),
            );
        }
        outcome
    }

    /// Whether a guest whose access was taken has a key that works: read, not inferred. `None` where nothing
    /// was taken, or it could not be read; then that is said.
    async fn has_key(
        &self,
        plan: &Plan,
        progress: &Progress,
        outcome: &mut Outcome,
    ) -> Option<bool> {
        if !takes_begun(plan, progress) {
            return None;
        }
        let now = Utc::now();
        let reads = plan.guests.iter().map(|guest| async move {
            let request = credentials::List {
                acs_user_id: Some(guest.clone().into()),
                acs_system_id: Some(plan.system.clone().into()),
            };
            credentials::list(self.client, &request).await
        });
        let read = tokio::time::timeout(LOOK, futures::future::try_join_all(reads)).await;
        if let Ok(Ok(found)) = read {
            let mut keys = found.into_iter().flat_map(|reply| reply.value).map(key);
            return Some(keys.any(|key| key.is_live(now)));
        }
        outcome.warn(
            "access_not_read",
            "the guest's keys could not be read: the guest may have NO access now".to_owned(),
        );
        None
    }

    /// Reads what became of the keys that were to go; `false` where one to be revoked is still there.
    async fn look_after(&self, plan: &Plan, progress: &Progress, outcome: &mut Outcome) -> bool {
        let done = |index: usize| progress.steps[index].status == super::record::StepStatus::Done;
        let mut deleted = vec![];
        for (index, step) in plan
            .steps
            .iter()
            .enumerate()
            .filter(|(index, _)| done(*index))
        {
            match &step.action {
                Action::DeleteIfLive(id) => outcome.replaced.push(id.clone()),
                Action::DeleteKey(id) => deleted.push((index, id.clone())),
                _ => {}
            }
        }
        if progress.keys_made().next().is_some() {
            let now = Utc::now();
            let reads = plan
                .displaces
                .iter()
                .map(|id| async move { (id, read_key(self.client, id).await) });
            for (id, read) in futures::future::join_all(reads).await {
                match read {
                    Ok(Some(key)) if key.is_live(now) => outcome.warn(
                        "still_live",
                        format!("key {id} still counts as valid; `roomkey revoke --key {id}` takes it away"),
                    ),
                    _ => outcome.replaced.push(id.clone()),
                }
            }
        }
        let engine = self.engine();
        let deadline = tokio::time::Instant::now() + self.wait;
        let waits = deleted.iter().map(|(_, id)| engine.wait_gone(id, deadline));
        let gone = futures::future::join_all(waits).await;
        for ((_, id), gone) in deleted.into_iter().zip(&gone) {
            if !gone {
                outcome.warn(
                    "deletion_pending",
                    format!("key {id} is being deleted and is still on record"),
                );
            }
            outcome.revoked.push(id);
        }
        gone.into_iter().all(|gone| gone)
    }
}

impl Outcome {
    fn warn(&mut self, code: &str, message: String) {
        self.warnings.push(Warning {
            code: code.to_owned(),
            message,
        });
    }
}

//! Carries out a decision: writes it to the journal, runs the plan, verifies the result and reports it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio::time::Instant;

use crate::hotel::HotelTime;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Brief;
use crate::hotel::refusal::Warning;
use crate::journal::{
    BatchRow, End, Journal, JournalError, JournalUpdate, NewOperation, OperationId, StepStatus,
    Subject,
};
use crate::operation::decision::Decision;
use crate::operation::encoding;
use crate::operation::executor::{AccessState, Engine, Interrupt, Stop, access_state, has_written};
use crate::operation::plan::{Action, Bystander, Command, Plan};
use crate::operation::progress::Progress;
use crate::operation::report::{
    KeyReport, StepReport, differences, first_key_command, revoke_command, spec_of, steps,
};
use crate::operation::verify::Harm;
use crate::seam::{self, AcsCredential, Client, credentials, users};
use crate::snapshot::convert::{guest, key};
use crate::snapshot::fetch::KeyReader;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// How long to read a guest's keys after a stop, while a person waits for the report.
const LOOK: Duration = Duration::from_secs(3);

/// Everything that is needed to carry out commands.
#[derive(Debug)]
pub struct Desk<'a, I, R> {
    /// The client of the API.
    pub client: &'a Client,
    /// The reader through which keys are read back.
    pub keys: &'a R,
    /// The journal.
    pub journal: &'a Journal,
    /// The source of requests to stop.
    pub interrupt: &'a I,
    /// How long to wait for the lock system to confirm a key.
    pub wait: Duration,
    /// How long a list may lag behind a create.
    pub settle: Duration,
    /// The person at the desk.
    pub operator: &'a str,
    /// The name of the desk.
    pub workstation: &'a str,
}

/// How a command ended.
#[derive(Debug)]
pub enum Ending {
    /// The plan was only shown.
    Planned,
    /// There was nothing to do.
    Already,
    /// The plan was carried out and confirmed.
    Done,
    /// The service accepted the requests, but the lock system had not confirmed them by the deadline.
    NotConfirmed,
    /// The plan was carried out, and guests of other keys lost access through it; see [`Outcome::harmed`].
    Harmed,
    /// The keys that the operation made were taken away.
    Undone {
        /// The names of the guests who had access before and do not have it now.
        without: Vec<String>,
        /// The command that gives the access back.
        again: Option<String>,
        /// The keys of other guests that the operation ended and that roomkey cannot give back.
        beyond: Vec<Beyond>,
    },
    /// The plan stopped before its end.
    Stopped(AccessState, Stop),
}

/// A key that stopped working and that roomkey cannot give back.
#[derive(Clone, Debug)]
pub struct Beyond {
    /// The key.
    pub key: Brief,
    /// Another mobile key of the guest, which can be extended. `None` for a plastic card, which only the encoder makes.
    pub other: Option<Brief>,
}

/// The outcome of a command, with everything that is reported.
#[derive(Debug)]
pub struct Outcome {
    /// The command.
    pub command: Command,
    /// The id of the operation in the journal, or `None` if nothing had to be written.
    pub operation_id: Option<OperationId>,
    /// How the command ended.
    pub ending: Ending,
    /// The keys that the command was about, as read back.
    pub keys: Vec<KeyReport>,
    /// The ids of keys that the new keys replace.
    pub replaced: Vec<String>,
    /// The ids of keys that were taken away, including copies on phones.
    pub revoked: Vec<String>,
    /// The steps and their status.
    pub steps: Vec<StepReport>,
    /// The warnings for people.
    pub warnings: Vec<Warning>,
    /// The guests who lost access without anybody's agreement. A command that stopped may have harmed guests too.
    pub harmed: Vec<Harm>,
    /// The keys of other guests that are in the way or were harmed.
    pub others: Vec<KeyReport>,
    /// Whether a request to stop ended the wait for the lock system.
    pub interrupted: bool,
    /// The command that gives a harmed guest the access back, or that waits for a deletion that is not confirmed.
    pub remedy: Option<String>,
    /// The `acs_user_id`s of the guests whom the command is about.
    pub guests: BTreeSet<String>,
    /// The hotel's clock, which is needed to show times.
    pub time: HotelTime,
}

/// The result of a plan that was carried out, successfully or not. [`Outcome::of`] turns it into a report.
#[derive(Debug)]
pub struct Execution {
    operation: OperationId,
    progress: Progress,
    /// How the plan ended.
    pub ending: Ending,
    /// The keys that were made, as read back.
    pub keys: Vec<Key>,
    /// The ids of keys that the new keys replace.
    pub replaced: Vec<String>,
    /// The ids of keys that were taken away.
    pub revoked: Vec<String>,
    warnings: Vec<Warning>,
    harmed: Vec<Harm>,
    interrupted: bool,
    /// The names of the guests whose keys are in the way or were harmed, by `acs_user_id`.
    names: HashMap<String, String>,
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

impl Outcome {
    /// Returns the outcome of a command without a write: already done, or only planned.
    pub fn unwritten(snapshot: &HotelSnapshot, decision: &Decision) -> Self {
        let keys = decision
            .already
            .iter()
            .filter_map(|id| snapshot.keys.get(id));
        Outcome {
            command: decision.command,
            operation_id: None,
            ending: if decision.plan.is_some() {
                Ending::Planned
            } else {
                Ending::Already
            },
            keys: keys
                .map(|key| KeyReport::new(snapshot, key, None))
                .collect(),
            replaced: vec![],
            revoked: vec![],
            steps: decision
                .plan
                .as_ref()
                .map(|plan| steps(plan, None))
                .unwrap_or_default(),
            warnings: decision.warnings.clone(),
            harmed: vec![],
            others: vec![],
            interrupted: false,
            remedy: None,
            guests: BTreeSet::new(),
            time: snapshot.time,
        }
    }

    /// Returns whether a guest whom the command is about holds the key.
    pub fn is_own(&self, holder: Option<&String>) -> bool {
        holder.is_some_and(|holder| self.guests.contains(holder))
    }

    /// Returns whether another desk's key, which caused the stop, belongs to a guest whom the command is about.
    pub fn has_own_rival(&self) -> bool {
        match &self.ending {
            Ending::Stopped(_, stop) => stop
                .rival()
                .is_some_and(|key| self.is_own(key.holder.as_ref())),
            _ => false,
        }
    }

    /// Updates the outcome with the state at the deadline of keys that were already as requested.
    pub fn settle(&mut self, snapshot: &HotelSnapshot, read: &[Key]) {
        for key in read {
            let told = KeyReport::new(snapshot, key, None);
            for known in &mut self.keys {
                if known.acs_credential_id == key.id {
                    *known = told.clone();
                }
            }
            if !key.is_confirmed() && !key.is_waiting() {
                self.ending = Ending::NotConfirmed;
            }
        }
    }

    /// Returns the outcome of a plan that was carried out.
    pub fn of(
        snapshot: &HotelSnapshot,
        decision: &Decision,
        plan: &Plan,
        execution: Execution,
    ) -> Self {
        let progress = &execution.progress;
        let mut outcome = Outcome {
            operation_id: Some(execution.operation.clone()),
            steps: steps(plan, Some(progress)),
            ending: execution.ending,
            replaced: execution.replaced,
            revoked: execution.revoked,
            interrupted: execution.interrupted,
            guests: progress.guests_of(plan),
            ..Outcome::unwritten(snapshot, decision)
        };
        for (step, id) in progress.keys_made() {
            // A key that an earlier run verified and reported is not reported again, because it may have changed
            // since.
            if progress.was_verified(step) {
                continue;
            }
            let Some(spec) = spec_of(plan, step) else {
                continue;
            };
            let read = execution.keys.iter().find(|key| key.id == id);
            let key = read
                .cloned()
                .unwrap_or_else(|| spec.as_made(id, |key| progress.resolve(key)));
            if read.is_some() {
                outcome
                    .warnings
                    .extend(differences(spec, &key, snapshot, progress));
            }
            let mut report = KeyReport::new(snapshot, &key, Some(&spec.access));
            if let Some(name) = plan.new_guest_name(&spec.guest) {
                name.clone_into(&mut report.guest);
            }
            outcome.keys.push(report);
        }
        outcome.warnings.extend(execution.warnings);
        outcome.remedy = match outcome.ending {
            Ending::NotConfirmed if outcome.keys.is_empty() => {
                revoke_command(snapshot, &outcome.revoked)
            }
            _ => remedy(
                snapshot,
                plan,
                progress,
                &execution.operation,
                &execution.harmed,
            ),
        };
        outcome.harmed = execution.harmed;
        let harmed = outcome.harmed.iter().map(|harm| harm.key.as_key());
        let rival = match &outcome.ending {
            Ending::Stopped(_, stop) => stop.rival().cloned(),
            _ => None,
        };
        for key in harmed.chain(rival).collect::<Vec<Key>>() {
            let mut report = KeyReport::new(snapshot, &key, None);
            if let Some(name) = execution
                .names
                .get(key.holder.as_deref().unwrap_or_default())
            {
                report.guest.clone_from(name);
            }
            outcome.others.push(report);
        }
        outcome
    }
}

/// Returns the command that gives harmed guests access again. `recover` restores access that the service took away. If
/// two desks gave away the same room, a person decides who gets it, and those guests need new keys. If two desks made
/// a key for the same guest, the new key is widened, because another first key would end the keys of companions.
fn remedy(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    operation: &OperationId,
    harmed: &[Harm],
) -> Option<String> {
    if harmed.iter().any(|harm| !harm.contested) {
        // A plastic card must be made at the encoder.
        let is_mobile = |harm: &Harm| !harm.contested && harm.key.medium == Medium::Mobile;
        if !harmed.iter().any(is_mobile) {
            return None;
        }
        return Some(format!("roomkey recover {}", operation.short()));
    }
    let guests = progress.guests_of(plan);
    let is_own = |lost: &Bystander| {
        let holder = lost.holder.as_ref();
        holder.is_some_and(|holder| guests.contains(holder))
    };
    let mut strangers = harmed.iter().map(|harm| &harm.key);
    let Some(lost) = strangers.find(|lost| !is_own(lost)) else {
        return widen(snapshot, plan, progress, &harmed.first()?.key);
    };
    // Guests who shared the key's room and time share it again.
    let together = strangers.filter(|other| {
        !is_own(other) && other.doors == lost.doors && other.ends_at == lost.ends_at
    });
    let mut holders = vec![lost.holder.as_deref()?];
    holders.extend(together.filter_map(|other| other.holder.as_deref()));
    holders.dedup();
    let (doors, from) = (&lost.doors, lost.starts_at);
    let command = first_key_command(snapshot, &holders, doors, from, lost.ends_at?);
    Some(format!("{command} --replace"))
}

/// Returns the command with which the new key of a guest also gets the rooms and the time of a lost key.
fn widen(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    lost: &Bystander,
) -> Option<String> {
    let mut made = progress.keys_made();
    let (id, spec) = made.find_map(|(step, id)| {
        let spec = spec_of(plan, step)?;
        (progress.resolve(&spec.guest) == lost.holder).then_some((id, spec))
    })?;
    let rooms = snapshot.room_names(spec.doors.union(&lost.doors));
    let mut command = format!("roomkey update --key {id} --rooms {}", rooms.join(","));
    let more: BTreeSet<String> = lost.doors.difference(&spec.doors).cloned().collect();
    let more_rooms = snapshot.rooms_of(&more);
    for door in snapshot.door_names(more.difference(&more_rooms)) {
        command = format!("{command} --also \"{door}\"");
    }
    let zulu = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let starts = spec.window.starts_at;
    if lost.starts_at.is_none_or(|start| start < starts) && starts > snapshot.now() {
        let from = lost.starts_at.filter(|start| *start > snapshot.now());
        command = format!("{command} --from {}", from.map_or("now".to_owned(), zulu));
    }
    let until = lost.ends_at?.max(spec.window.ends_at);
    Some(format!("{command} --until {}", zulu(until)))
}

impl<I: Interrupt, R: KeyReader> Desk<'_, I, R> {
    pub(crate) fn engine(&self) -> Engine<'_, I, R> {
        Engine {
            client: self.client,
            keys: self.keys,
            journal: self.journal,
            interrupt: self.interrupt,
            wait: self.wait,
            settle: self.settle,
            read_at: None,
        }
    }

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
        Ok(self.engine().settle(open).await)
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
        let engine = Engine {
            read_at,
            ..self.engine()
        };
        let (run, stop) = engine.run(&operation, plan, &mut progress).await;
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
        let gone = self.look_after(plan, &mut execution).await;
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
        let read = tokio::time::timeout(LOOK, futures::future::try_join_all(reads)).await;
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
        let read = tokio::time::timeout(LOOK, futures::future::join_all(reads)).await;
        read.into_iter().flatten().flatten().collect()
    }

    /// Reads the state of the keys that were to be removed. Returns `false` if a key to be revoked still exists.
    async fn look_after(&self, plan: &Plan, execution: &mut Execution) -> bool {
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
        for (id, read) in futures::future::join_all(reads).await {
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
        let engine = self.engine();
        let deadline = Instant::now() + self.wait;
        let waits = deleted
            .iter()
            .map(|id| engine.wait_gone(id, since, deadline));
        let gone = futures::future::join_all(waits).await;
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

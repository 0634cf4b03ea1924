//! The journal: a step's intent is on disk before its request is sent, and its result is on disk before anything waits
//! for it (DOMAIN.md P1, P8).
//!
//! The journal is an `SQLite` database with a write-ahead log. Every commit is flushed, so that it survives a loss of
//! power. Writers at the same moment share a flush. The names and contacts of guests are kept only as long as an
//! unfinished operation needs them. Only the owner can read the files.

mod batches;
mod in_flight;
mod memory;
mod open;
mod patience;
mod process;
mod query;
mod secret;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::clock::Clock;

pub use batches::{AlreadyRow, BatchRow, NewBatch, PastBatch, PastRow};
pub use in_flight::InFlight;
pub use memory::Store;
pub use open::migrations;
pub use patience::Patience;
pub use process::Process;
use writer::{Answer, Job, Problem, Task};

/// The id of an operation: a UUID v7, which sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(String);

impl OperationId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the short id that messages print. It is taken from the end of the id, because the beginning of a UUID
    /// v7 is a clock.
    pub fn short(&self) -> &str {
        self.0.get(24..).unwrap_or(&self.0)
    }
}

impl From<String> for OperationId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A room or guest that an operation is about. The operation claims it while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A guest room, by name.
    Room(String),
    /// A guest on record, by `acs_user_id`.
    Guest(String),
    /// A guest who will be put on record, by the handle of the contact. It is erased when
    /// the operation ends.
    Contact(String),
}

impl Subject {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Subject::Room(name) => ("room", name),
            Subject::Guest(id) => ("guest", id),
            // The first version knew only e-mail addresses. The word is kept for compatibility.
            Subject::Contact(handle) => ("email", handle),
        }
    }
}

/// A step in the journal entry that begins an operation.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// A short description of the step.
    pub name: String,
    /// The API path of the request.
    pub call: String,
    /// The status: `Planned`, `Done` if the look-up has already carried it out, or `Intended` if its request is sent
    /// next.
    pub status: StepStatus,
    /// Seam's `seam-request-id`, if the step is done.
    pub request_id: Option<String>,
}

/// An update of the journal, written in one commit.
#[derive(Clone, Debug, Default)]
pub struct JournalUpdate {
    /// The results of steps, each with the step's index.
    pub results: Vec<(usize, StepResult)>,
    /// The indices of the steps whose requests are about to be sent.
    pub intents: Vec<usize>,
    /// How this process leaves the operation, if it does.
    pub end: Option<End>,
}

/// How a process leaves an operation.
#[derive(Clone, Debug)]
pub enum End {
    /// The operation has ended with this outcome. Personal data of guests is erased from it.
    Ended(&'static str),
    /// The operation stays open for `recover`, with this word for its state.
    Left(String),
}

impl From<End> for JournalUpdate {
    fn from(end: End) -> Self {
        JournalUpdate {
            end: Some(end),
            ..JournalUpdate::default()
        }
    }
}

/// An operation before its first step.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// The id of the operation.
    pub id: OperationId,
    /// The name of the command.
    pub command: String,
    /// The fingerprint of the plan, which is equal for the same command; see
    /// `operation::encoding::fingerprint`.
    pub fingerprint: String,
    /// The fingerprint in the form of the first version. It is not stored. It identifies operations that this version
    /// left open.
    pub first_fingerprint: Option<String>,
    /// The id of the Visionline system. Claims are valid within it.
    pub system_id: String,
    /// The rooms and guests that the operation claims.
    pub subjects: Vec<Subject>,
    /// The room names, for messages.
    pub rooms: Vec<String>,
    /// The plan, which is erased when the operation ends.
    pub plan: Value,
    /// The steps, in order.
    pub steps: Vec<PlannedStep>,
    /// When the operation began, UTC.
    pub started_at: DateTime<Utc>,
    /// The business date on which the stay began.
    pub arrival: Option<NaiveDate>,
    /// The person at the desk.
    pub operator: String,
    /// The name of the desk.
    pub workstation: String,
    /// The ids of the keys that the operation replaces with the only key that it makes.
    pub changes: Vec<String>,
    /// The ids of the keys that the operation read before its first request.
    pub seen: Vec<String>,
    /// The batch and its rows that the operation carries out.
    pub rows: Option<(String, Vec<BatchRow>)>,
}

impl NewOperation {
    /// Returns the fingerprints under which the same command may be in the journal.
    fn words(&self) -> Vec<&str> {
        let first = self.first_fingerprint.as_deref();
        std::iter::once(self.fingerprint.as_str())
            .chain(first)
            .collect()
    }
}

/// The status of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// The step has not started.
    Planned,
    /// The step's request may have been sent.
    Intended,
    /// The step had its effect.
    Done,
    /// The step certainly had no effect.
    Failed,
    /// The answer was lost, so it is not known whether the step had an effect.
    Unknown,
}

impl StepStatus {
    /// Returns the word for the status in the journal and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            StepStatus::Planned => "planned",
            StepStatus::Intended => "intended",
            StepStatus::Done => "done",
            StepStatus::Failed => "failed",
            StepStatus::Unknown => "unknown",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "planned" => StepStatus::Planned,
            "intended" => StepStatus::Intended,
            "done" => StepStatus::Done,
            "failed" => StepStatus::Failed,
            // A status that this version does not know counts as unknown, so it is checked before anything is done.
            _ => StepStatus::Unknown,
        }
    }
}

/// The ids of what a step made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The id of a key.
    pub acs_credential_id: Option<String>,
    /// The id of a guest in the access system.
    pub acs_user_id: Option<String>,
    /// The id of a guest's identity in the workspace.
    pub user_identity_id: Option<String>,
}

/// The result of a step.
#[derive(Clone, Debug)]
pub struct StepResult {
    /// The status: `Done`, `Failed` or `Unknown`.
    pub status: StepStatus,
    /// The ids of what the step made.
    pub made: Made,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
    /// The error, which is erased when the operation ends.
    pub error: Option<String>,
}

/// A step in the journal.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// A short description of the step.
    pub name: String,
    /// The API path of the request.
    pub call: String,
    /// The status of the step.
    pub status: StepStatus,
    /// The ids of what the step made.
    pub made: Made,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
}

/// An operation in the journal.
#[derive(Clone, Debug)]
pub struct OperationRow {
    /// The id of the operation.
    pub id: OperationId,
    /// The name of the command.
    pub command: String,
    /// The fingerprint of the plan, which is equal for the same command.
    pub fingerprint: String,
    /// The id of the Visionline system.
    pub system_id: String,
    /// The room names.
    pub rooms: Vec<String>,
    /// The `acs_user_id`s of the guests.
    pub guests: Vec<String>,
    /// The plan, as long as the operation is open.
    pub plan: Option<Value>,
    /// Whether the operation is open.
    pub open: bool,
    /// The outcome, or the last known state of an open operation.
    pub outcome: Option<String>,
    /// When the operation began, UTC.
    pub started_at: Option<DateTime<Utc>>,
    /// The person at the desk.
    pub operator: String,
    /// The operating system's account that ran the command. Earlier versions did not record it.
    pub account: Option<String>,
    /// The name of the desk.
    pub workstation: String,
    /// Whether a live process is working on the operation.
    pub busy: bool,
    /// The steps, in order.
    pub steps: Vec<StepRow>,
}

/// Which operations [`Journal::history`] returns.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only operations on this room.
    pub room: Option<String>,
    /// Only operations on this guest, by `acs_user_id`.
    pub guest: Option<String>,
    /// Only operations that began at or after this instant, UTC.
    pub since: Option<DateTime<Utc>>,
    /// The maximum number of operations, newest first. 0 means no limit.
    pub limit: u32,
}

/// The reason why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// An earlier operation on one of the subjects is unfinished.
    #[error("an unfinished {} comes first", .row.command)]
    Unfinished {
        /// The unfinished operation.
        row: Box<OperationRow>,
        /// Whether it is the same command as the one that was to begin.
        same: bool,
    },
    /// Another process is working on one of the subjects.
    #[error("{} at {} is at it right now", .0.operator, .0.workstation)]
    Busy(Box<OperationRow>),
    /// The operation is no longer open.
    #[error("operation {0} is not open any more")]
    Closed(OperationId),
    /// The journal's file cannot be used.
    #[error("the journal {} {trouble}: {text}", path.display())]
    Unavailable {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with the file.
        trouble: Trouble,
        /// The system's error message.
        text: String,
    },
}

impl JournalError {
    /// Returns what is wrong with the journal's file, or `None` if the file is not the reason.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            JournalError::Unavailable { trouble, .. } => Some(*trouble),
            _ => None,
        }
    }

    /// Returns true if the wait for a locked journal was interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.trouble() == Some(Trouble::Interrupted)
    }
}

/// What is wrong with a journal that cannot be used. Each case has its own remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The content of the file is not a journal.
    #[error("is damaged")]
    Damaged,
    /// Another program keeps the file locked.
    #[error("is locked by another program")]
    Locked,
    /// Another program keeps the file locked, and the wait for it was interrupted.
    #[error("is still locked by another program")]
    Interrupted,
    /// The file is a database of another program.
    #[error("belongs to another program")]
    Foreign,
    /// The home's key cannot be used.
    #[error("has no usable key")]
    Key,
    /// There was a journal, and its file is missing or empty.
    #[error("is lost")]
    Lost,
    /// The file cannot be read or written, for example because the disk is full, rights are missing, or a newer
    /// version wrote it.
    #[error("cannot be used")]
    Other,
}

/// The journal of one `ROOMKEY_HOME`. It is cheap to clone. All clones share one writer.
#[derive(Clone, Debug)]
pub struct Journal {
    engine: Engine,
    clock: Clock,
    in_flight: InFlight,
    has_other_key: bool,
}

/// Where the journal is kept.
#[derive(Clone, Debug)]
enum Engine {
    Disk {
        jobs: mpsc::Sender<Job>,
        path: PathBuf,
    },
    Memory(Arc<memory::Life>),
}

impl Journal {
    /// Opens the journal in this folder, or creates one if there was none. `clock` gives the times that are recorded.
    /// `patience` holds for every wait for another process that has locked the journal.
    pub async fn open(home: &Path, clock: Clock, patience: Patience) -> Result<Self, JournalError> {
        let path = home.join(open::JOURNAL);
        let (jobs, queue) = mpsc::channel(1024);
        let (db, secret) = open::connect(home, &patience)
            .await
            .map_err(|problem| unavailable(&path, problem))?;
        let has_other_key = secret.is_other;
        let serving = writer::serve(
            db,
            secret,
            Process::new(home),
            queue,
            patience,
            path.clone(),
        );
        tokio::spawn(serving);
        let engine = Engine::Disk { jobs, path };
        Ok(Self {
            engine,
            clock,
            in_flight: InFlight::default(),
            has_other_key,
        })
    }

    /// Returns an empty journal that is kept in memory, for simulations.
    pub fn in_memory(clock: Clock) -> Self {
        Self::on(&Store::new(0), clock)
    }

    /// Returns a journal over a store in memory, as a further process that uses it.
    pub fn on(store: &Store, clock: Clock) -> Self {
        let engine = Engine::Memory(Arc::new(store.live()));
        Self {
            engine,
            clock,
            in_flight: InFlight::default(),
            has_other_key: false,
        }
    }

    /// Returns the same journal, which reports to `in_flight` what this process is working on.
    #[must_use]
    pub fn reporting(self, in_flight: InFlight) -> Self {
        Self { in_flight, ..self }
    }

    /// Returns true if the key of the home is not the one with which earlier batches were recorded. This is found once,
    /// when the journal is opened with the other key for the first time.
    pub fn has_other_key(&self) -> bool {
        self.has_other_key
    }

    /// Returns the operations that this process is working on.
    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    /// Returns an id for a new operation.
    pub fn operation_id(&self) -> OperationId {
        match &self.engine {
            Engine::Disk { .. } => OperationId(Uuid::now_v7().to_string()),
            Engine::Memory(life) => life.operation_id(self.clock.now()),
        }
    }

    /// Writes a new operation to the journal and claims its subjects. Returns an error if one of them is claimed
    /// already.
    pub async fn begin(&self, operation: NewOperation) -> Result<(), JournalError> {
        let id = operation.id.clone();
        self.ask(Task::Begin(Box::new(operation))).await?;
        self.in_flight.working(&id, false);
        Ok(())
    }

    /// Checks that these subjects have no unfinished operation.
    pub async fn check(&self, system_id: &str, subjects: Vec<Subject>) -> Result<(), JournalError> {
        self.ask(Task::Check {
            system_id: system_id.to_owned(),
            subjects,
        })
        .await
        .map(drop)
    }

    /// Writes an update of an operation in one commit with one flush.
    pub async fn note(&self, id: &OperationId, note: JournalUpdate) -> Result<(), JournalError> {
        let is_end = note.end.is_some();
        let task = Task::Note {
            id: id.clone(),
            note,
        };
        let noted = self.ask(task).await.map(drop);
        if is_end {
            self.in_flight.settled(id);
        }
        noted
    }

    /// Adds steps to an operation that was resumed. `plan` is the whole plan, including these steps.
    pub async fn extend(
        &self,
        id: &OperationId,
        plan: Value,
        steps: Vec<PlannedStep>,
    ) -> Result<(), JournalError> {
        let id = id.clone();
        self.ask(Task::Extend { id, plan, steps }).await.map(drop)
    }

    /// Returns the business date on which the stay of each of these keys began. Keys that this journal does not know
    /// are left out.
    pub async fn arrivals(
        &self,
        keys: Vec<String>,
    ) -> Result<HashMap<String, NaiveDate>, JournalError> {
        match self.ask(Task::Arrivals(keys)).await? {
            Answer::Arrivals(found) => Ok(found),
            _ => Ok(HashMap::new()),
        }
    }

    /// Returns those of these keys that this journal knows: keys that an operation made, or read before its first
    /// request.
    pub async fn known_keys(&self, keys: Vec<String>) -> Result<Vec<String>, JournalError> {
        match self.ask(Task::KnownKeys(keys)).await? {
            Answer::Ids(found) => Ok(found),
            _ => Ok(vec![]),
        }
    }

    /// Claims an operation that was left open, to continue it.
    pub async fn resume(&self, id: &OperationId) -> Result<OperationRow, JournalError> {
        let answer = self.ask(Task::Resume(id.clone())).await?;
        let row = match answer {
            Answer::Rows(mut rows) => rows.pop(),
            _ => None,
        };
        let row = row.ok_or_else(|| JournalError::Closed(id.clone()))?;
        let lacks_access = row.outcome.as_deref() == Some("no_access");
        self.in_flight.working(id, lacks_access);
        Ok(row)
    }

    /// Returns the operations that are open and that no process is working on, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<OperationRow>, JournalError> {
        self.rows(Task::Unfinished).await
    }

    /// Returns the operations that match the filter, newest first.
    pub async fn history(&self, filter: Filter) -> Result<Vec<OperationRow>, JournalError> {
        self.rows(Task::History(filter)).await
    }

    /// Permanently deletes operations that ended before this instant (UTC), and returns how many. Open operations are
    /// kept. Batches no longer recognise reservations of the deleted operations.
    pub async fn expire(&self, before: DateTime<Utc>) -> Result<u64, JournalError> {
        match self.ask(Task::Expire(before)).await? {
            Answer::Count(count) => Ok(count),
            _ => Ok(0),
        }
    }

    /// Returns what is known of an earlier run of this batch, or of the last batch from the same file.
    pub async fn past_batch(&self, batch: &NewBatch) -> Result<Option<PastBatch>, JournalError> {
        match self.ask(Task::PastBatch(batch.clone())).await? {
            Answer::Batch(past) => Ok(past.map(|past| *past)),
            _ => Ok(None),
        }
    }

    /// Begins a batch, or continues an earlier one that had the same rows and stopped before its end. Returns the id
    /// of the batch. `done` holds the fingerprints of the rows of the earlier batch that count as done. They are
    /// copied if a new batch begins.
    pub async fn open_batch(
        &self,
        batch: &NewBatch,
        past: Option<PastBatch>,
        done: Vec<String>,
    ) -> Result<String, JournalError> {
        let past = past.map(Box::new);
        match self.ask(Task::OpenBatch(batch.clone(), past, done)).await? {
            Answer::Id(id) => Ok(id),
            _ => Ok(String::new()),
        }
    }

    /// Returns the ids of the keys that belong to a reservation, live or not: the keys that batches of this journal
    /// made or found for it, and the keys that replaced them. `reservation` is the hash of its number. The list is
    /// empty if the journal does not know the reservation.
    pub async fn keys_of(
        &self,
        system_id: &str,
        reservation: String,
    ) -> Result<Vec<String>, JournalError> {
        let task = Task::KeysOf(system_id.to_owned(), reservation);
        match self.ask(task).await? {
            Answer::Ids(ids) => Ok(ids),
            _ => Ok(vec![]),
        }
    }

    /// Records rows of a batch that needed no write when they were processed.
    pub async fn already(&self, batch: &str, rows: Vec<AlreadyRow>) -> Result<(), JournalError> {
        self.ask(Task::Already(batch.to_owned(), rows))
            .await
            .map(drop)
    }

    /// Marks a batch as ended.
    pub async fn close_batch(&self, id: &str) -> Result<(), JournalError> {
        self.ask(Task::CloseBatch(id.to_owned())).await.map(drop)
    }

    async fn rows(&self, task: Task) -> Result<Vec<OperationRow>, JournalError> {
        match self.ask(task).await? {
            Answer::Rows(rows) => Ok(rows),
            _ => Ok(vec![]),
        }
    }

    async fn ask(&self, task: Task) -> Result<Answer, JournalError> {
        let at = self.clock.now();
        let (answer, path) = match &self.engine {
            Engine::Memory(life) => (life.work(task, at).await, Path::new("memory")),
            Engine::Disk { jobs, path } => {
                let gone = || unavailable(path, Problem::other("its writer has ended".to_owned()));
                let (done, answer) = oneshot::channel();
                let job = Job { task, at, done };
                jobs.send(job).await.map_err(|_| gone())?;
                (answer.await.map_err(|_| gone())?, path.as_path())
            }
        };
        answer.map_err(|refused| match refused {
            writer::Refused::Journal(error) => error,
            writer::Refused::Database(problem) => unavailable(path, problem),
        })
    }

    /// Merges the write-ahead log into the file if personal data was in it, so that erased data is gone from both. It
    /// should be called last. Everything that was recorded is safe without it.
    pub async fn close(self) {
        let _ = self.ask(Task::Close).await;
    }
}

fn unavailable(path: &Path, problem: Problem) -> JournalError {
    JournalError::Unavailable {
        path: path.to_owned(),
        trouble: problem.trouble,
        text: problem.text,
    }
}

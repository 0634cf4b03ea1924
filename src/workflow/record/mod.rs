//! The durable record: what was meant is on disk before its request leaves, what came of it before anything
//! waits on it (DOMAIN.md P1, P8).
//!
//! `SQLite` with a write-ahead log and a flush for every commit, so that what is recorded survives power loss;
//! writers of one moment share a flush. What a guest is called is kept only as long as an unfinished
//! operation needs it. The files are readable by their owner alone.

mod batches;
mod memory;
mod open;
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
pub use memory::Store;
pub use process::Process;
use writer::{Answer, Job, Problem, Task};

/// An operation's id: a UUID v7, which sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(String);

impl OperationId {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As told to people: the beginning of a UUID v7 is a clock, so this takes the random end too.
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

/// What an operation is about, and claims while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A guest room, by name.
    Room(String),
    /// A guest on record, by `acs_user_id`.
    Guest(String),
    /// A guest who is to be put on record, by [`NewGuest::handle`](super::plan::NewGuest::handle). Erased when
    /// the operation ends.
    Contact(String),
}

impl Subject {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Subject::Room(name) => ("room", name),
            Subject::Guest(id) => ("guest", id),
            // The first version knew e-mail addresses alone; the word has stayed.
            Subject::Contact(handle) => ("email", handle),
        }
    }
}

/// A step as an operation begins.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// In a few words.
    pub name: String,
    /// The path that is called.
    pub call: String,
    /// `Planned`; `Done` where looking up has done it; `Intended` where its request leaves next.
    pub status: StepStatus,
    /// Seam's `seam-request-id`, where it is done.
    pub request_id: Option<String>,
}

/// What is put on record together.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// What came of a step, by its index.
    pub result: Option<(usize, StepResult)>,
    /// The step whose request is about to leave.
    pub intent: Option<usize>,
    /// Nobody is at the operation any more.
    pub end: Option<End>,
}

/// How an operation is put down.
#[derive(Clone, Debug)]
pub enum End {
    /// It has ended, with this outcome; what it knows of guests is erased.
    Ended(&'static str),
    /// It stays open for `recover`, with this word on how it stands.
    Left(String),
}

impl From<End> for Note {
    fn from(end: End) -> Self {
        Note {
            end: Some(end),
            ..Note::default()
        }
    }
}

/// An operation before its first step.
#[derive(Clone, Debug)]
pub struct NewOperation {
    /// Its id.
    pub id: OperationId,
    /// The command's name.
    pub command: String,
    /// One word for "the same command again".
    pub fingerprint: String,
    /// The same word as the first version of roomkey wrote it. Not kept: it recognises what that version left.
    pub first_fingerprint: Option<String>,
    /// The Visionline system; claims hold within it.
    pub system_id: String,
    /// What it claims.
    pub subjects: Vec<Subject>,
    /// Room names, for people.
    pub rooms: Vec<String>,
    /// The plan; erased when the operation ends.
    pub plan: Value,
    /// In order.
    pub steps: Vec<PlannedStep>,
    /// UTC.
    pub started_at: DateTime<Utc>,
    /// The business date on which the stay began.
    pub arrival: Option<NaiveDate>,
    /// Who is at the desk.
    pub operator: String,
    /// Which desk.
    pub workstation: String,
    /// Ids of the keys that it replaces by the one key that it makes.
    pub changes: Vec<String>,
    /// The batch, and the rows of it, that it carries out.
    pub rows: Option<(String, Vec<BatchRow>)>,
}

impl NewOperation {
    /// Returns the words under which the same command may be on record.
    fn words(&self) -> Vec<&str> {
        let first = self.first_fingerprint.as_deref();
        std::iter::once(self.fingerprint.as_str())
            .chain(first)
            .collect()
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepStatus {
    /// Not begun.
    Planned,
    /// Its request may have left.
    Intended,
    /// It had its effect.
    Done,
    /// It certainly had none.
    Failed,
    /// The answer was lost.
    Unknown,
}

impl StepStatus {
    /// The word for it on record and in JSON.
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
            // A word this version does not know is looked into before anything is done.
            _ => StepStatus::Unknown,
        }
    }
}

/// The ids of what a step made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// A key.
    pub acs_credential_id: Option<String>,
    /// A guest in the system.
    pub acs_user_id: Option<String>,
    /// A guest in the workspace.
    pub user_identity_id: Option<String>,
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct StepResult {
    /// `Done`, `Failed` or `Unknown`.
    pub status: StepStatus,
    /// What it made.
    pub made: Made,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
    /// What went wrong; erased when the operation ends.
    pub error: Option<String>,
}

/// A step on record.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// In a few words.
    pub name: String,
    /// The path.
    pub call: String,
    /// Where it stands.
    pub status: StepStatus,
    /// What it made.
    pub made: Made,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
}

/// An operation on record.
#[derive(Clone, Debug)]
pub struct OperationRow {
    /// Its id.
    pub id: OperationId,
    /// The command's name.
    pub command: String,
    /// One word for "the same command again".
    pub fingerprint: String,
    /// The Visionline system.
    pub system_id: String,
    /// Room names.
    pub rooms: Vec<String>,
    /// `acs_user_id`s.
    pub guests: Vec<String>,
    /// Only while it is open.
    pub plan: Option<Value>,
    /// Still open.
    pub open: bool,
    /// The last word on it.
    pub outcome: Option<String>,
    /// UTC.
    pub started_at: Option<DateTime<Utc>>,
    /// Who was at the desk.
    pub operator: String,
    /// The account of the operating system that ran the command; not known of what earlier versions recorded.
    pub account: Option<String>,
    /// Which desk.
    pub workstation: String,
    /// A live process is at it.
    pub busy: bool,
    /// In order.
    pub steps: Vec<StepRow>,
}

/// Which operations to tell of.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// About this room.
    pub room: Option<String>,
    /// About this guest, by `acs_user_id`.
    pub guest: Option<String>,
    /// Begun at or after this instant, UTC.
    pub since: Option<DateTime<Utc>>,
    /// The newest so many; 0 for all.
    pub limit: u32,
}

/// Why something could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// An earlier operation on one of the subjects stopped half-way.
    #[error("an unfinished {} comes first", .row.command)]
    Unfinished {
        /// It.
        row: Box<OperationRow>,
        /// It is the very command that was to begin.
        same: bool,
    },
    /// Somebody is at one of the subjects right now.
    #[error("{} at {} is at it right now", .0.operator, .0.workstation)]
    Busy(Box<OperationRow>),
    /// No such operation is open.
    #[error("operation {0} is not open any more")]
    Closed(OperationId),
    /// The record cannot be read or written.
    #[error("the journal {} {trouble}: {text}", path.display())]
    Unavailable {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        trouble: Trouble,
        /// Why, in the words of the system.
        text: String,
    },
}

/// What is wrong with a journal that cannot be used. Each has a remedy of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// What is in the file is no journal.
    #[error("is damaged")]
    Damaged,
    /// Another program keeps it locked.
    #[error("is locked by another program")]
    Locked,
    /// There was a journal, and it is gone or empty.
    #[error("is lost")]
    Lost,
    /// It cannot be read or written: no room, no right, a newer version.
    #[error("cannot be used")]
    Other,
}

/// The record of one `ROOMKEY_HOME`. Cheap to clone; all clones share one writer.
#[derive(Clone, Debug)]
pub struct Record {
    engine: Engine,
    clock: Clock,
}

/// Where it is kept.
#[derive(Clone, Debug)]
enum Engine {
    Disk {
        jobs: mpsc::Sender<Job>,
        path: PathBuf,
    },
    Memory(Arc<memory::Life>),
}

impl Record {
    /// Opens the record in this folder, and makes one where there is none. `clock` gives the time of what is noted.
    pub async fn open(home: &Path, clock: Clock) -> Result<Self, RecordError> {
        let path = home.join(open::JOURNAL);
        let (jobs, queue) = mpsc::channel(1024);
        let (db, secret) = open::connect(home)
            .await
            .map_err(|problem| unavailable(&path, problem))?;
        tokio::spawn(writer::serve(db, secret, Process::new(home), queue));
        let engine = Engine::Disk { jobs, path };
        Ok(Self { engine, clock })
    }

    /// Returns an empty record that is kept in memory, for simulations.
    pub fn in_memory(clock: Clock) -> Self {
        Self::on(&Store::new(0), clock)
    }

    /// Returns a record over a store in memory, as one more process that uses it.
    pub fn on(store: &Store, clock: Clock) -> Self {
        let engine = Engine::Memory(Arc::new(store.live()));
        Self { engine, clock }
    }

    /// Returns an id for a new operation.
    pub fn operation_id(&self) -> OperationId {
        match &self.engine {
            Engine::Disk { .. } => OperationId(Uuid::now_v7().to_string()),
            Engine::Memory(life) => life.operation_id(self.clock.now()),
        }
    }

    /// Puts an operation on record and claims its subjects.
    pub async fn begin(&self, operation: NewOperation) -> Result<(), RecordError> {
        self.ask(Task::Begin(Box::new(operation))).await.map(drop)
    }

    /// Whether these subjects are free of unfinished operations.
    pub async fn check(&self, system_id: &str, subjects: Vec<Subject>) -> Result<(), RecordError> {
        self.ask(Task::Check {
            system_id: system_id.to_owned(),
            subjects,
        })
        .await
        .map(drop)
    }

    /// One commit, and one flush: what came of a step, that the next request is about to leave, that nobody
    /// is at the operation any more.
    pub async fn note(&self, id: &OperationId, note: Note) -> Result<(), RecordError> {
        self.ask(Task::Note {
            id: id.clone(),
            note,
        })
        .await
        .map(drop)
    }

    /// Adds steps to an operation that was taken up; `plan` is the whole plan with them.
    pub async fn extend(
        &self,
        id: &OperationId,
        plan: Value,
        steps: Vec<PlannedStep>,
    ) -> Result<(), RecordError> {
        let id = id.clone();
        self.ask(Task::Extend { id, plan, steps }).await.map(drop)
    }

    /// Returns the business date on which the stay of each of these keys began, for those that were made here.
    pub async fn arrivals(
        &self,
        keys: Vec<String>,
    ) -> Result<HashMap<String, NaiveDate>, RecordError> {
        match self.ask(Task::Arrivals(keys)).await? {
            Answer::Arrivals(found) => Ok(found),
            _ => Ok(HashMap::new()),
        }
    }

    /// Takes up an operation that was left.
    pub async fn resume(&self, id: &OperationId) -> Result<OperationRow, RecordError> {
        match self.ask(Task::Resume(id.clone())).await? {
            Answer::Rows(mut rows) => rows.pop().ok_or_else(|| RecordError::Closed(id.clone())),
            _ => Err(RecordError::Closed(id.clone())),
        }
    }

    /// The operations that are open and nobody is at, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<OperationRow>, RecordError> {
        self.rows(Task::Unfinished).await
    }

    /// What was done, newest first.
    pub async fn history(&self, filter: Filter) -> Result<Vec<OperationRow>, RecordError> {
        self.rows(Task::History(filter)).await
    }

    /// Deletes for good what ended before this instant (UTC) and returns how many operations that were. Operations that
    /// are open stay. Afterwards a reservation of that time is no longer recognised in a batch.
    pub async fn expire(&self, before: DateTime<Utc>) -> Result<u64, RecordError> {
        match self.ask(Task::Expire(before)).await? {
            Answer::Count(count) => Ok(count),
            _ => Ok(0),
        }
    }

    /// What is on record of this batch, or of the last one from the same file.
    pub async fn past_batch(&self, batch: &NewBatch) -> Result<Option<PastBatch>, RecordError> {
        match self.ask(Task::PastBatch(batch.clone())).await? {
            Answer::Batch(past) => Ok(past.map(|past| *past)),
            _ => Ok(None),
        }
    }

    /// Begins a batch, or takes up the past one where it had the same rows and stopped on the way; its id.
    /// `done`: fingerprints of the rows of the past one that count as done, which are taken over otherwise.
    pub async fn open_batch(
        &self,
        batch: &NewBatch,
        past: Option<PastBatch>,
        done: Vec<String>,
    ) -> Result<String, RecordError> {
        let past = past.map(Box::new);
        match self.ask(Task::OpenBatch(batch.clone(), past, done)).await? {
            Answer::Id(id) => Ok(id),
            _ => Ok(String::new()),
        }
    }

    /// Returns the ids of the keys that belong to a reservation, live or not: those that batches of this journal
    /// made or found for it, and the keys that replaced them. `reservation` is the hash of its number. Empty where
    /// the journal does not know the reservation.
    pub async fn keys_of(
        &self,
        system_id: &str,
        reservation: String,
    ) -> Result<Vec<String>, RecordError> {
        let task = Task::KeysOf(system_id.to_owned(), reservation);
        match self.ask(task).await? {
            Answer::Ids(ids) => Ok(ids),
            _ => Ok(vec![]),
        }
    }

    /// Rows of a batch were so already when their turn came.
    pub async fn already(&self, batch: &str, rows: Vec<AlreadyRow>) -> Result<(), RecordError> {
        self.ask(Task::Already(batch.to_owned(), rows))
            .await
            .map(drop)
    }

    /// The last row of a batch has ended.
    pub async fn close_batch(&self, id: &str) -> Result<(), RecordError> {
        self.ask(Task::CloseBatch(id.to_owned())).await.map(drop)
    }

    async fn rows(&self, task: Task) -> Result<Vec<OperationRow>, RecordError> {
        match self.ask(task).await? {
            Answer::Rows(rows) => Ok(rows),
            _ => Ok(vec![]),
        }
    }

    async fn ask(&self, task: Task) -> Result<Answer, RecordError> {
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
            writer::Refused::Record(error) => error,
            writer::Refused::Database(problem) => unavailable(path, problem),
        })
    }

    /// Merges the log into the file where guests were named in it, so that what was erased is gone from both.
    /// Best done last; everything recorded is safe without it.
    pub async fn close(self) {
        let _ = self.ask(Task::Close).await;
    }
}

fn unavailable(path: &Path, problem: Problem) -> RecordError {
    RecordError::Unavailable {
        path: path.to_owned(),
        trouble: problem.trouble,
        text: problem.text,
    }
}

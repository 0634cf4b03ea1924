//! The writer of the journal, one in each process. All jobs that wait at one moment are committed and flushed
//! together.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::batches;
use super::patience::{Patience, Wait};
use super::query;
use super::secret::Secret;
use super::{
    AlreadyRow, End, Filter, JournalError, JournalUpdate, NewBatch, NewOperation, OperationId,
    OperationRow, PastBatch, PlannedStep, Process, Subject, Trouble,
};
use crate::home;

/// The maximum number of jobs that share one flush.
const TOGETHER: usize = 256;

/// A job for the writer of the journal.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) task: Task,
    /// The time that is recorded, UTC.
    pub(super) at: DateTime<Utc>,
    pub(super) done: oneshot::Sender<Result<Answer, Refused>>,
}

#[derive(Debug)]
pub(super) enum Task {
    Begin(Box<NewOperation>),
    Check {
        system_id: String,
        subjects: Vec<Subject>,
    },
    Note {
        id: OperationId,
        note: JournalUpdate,
    },
    Extend {
        id: OperationId,
        plan: Value,
        steps: Vec<PlannedStep>,
    },
    Arrivals(Vec<String>),
    KnownKeys(Vec<String>),
    Resume(OperationId),
    Unfinished,
    History(Filter),
    Expire(DateTime<Utc>),
    PastBatch(NewBatch),
    OpenBatch(NewBatch, Option<Box<PastBatch>>, Vec<String>),
    Already(String, Vec<AlreadyRow>),
    CloseBatch(String),
    KeysOf(String, String),
    Close,
}

impl Task {
    /// Returns whether the task writes or erases personal data: the name or contact of a guest, or a server's message
    /// about one.
    fn is_personal(&self) -> bool {
        match self {
            Task::Begin(new) => {
                let named = |subject: &Subject| matches!(subject, Subject::Contact(_));
                new.subjects.iter().any(named)
            }
            Task::Note { note, .. } => {
                let mut results = note.results.iter();
                results.any(|(_, result)| result.error.is_some())
            }
            Task::Resume(_) | Task::Extend { .. } | Task::Expire(_) => true,
            _ => false,
        }
    }

    /// Returns whether the task writes down what has happened at the hotel.
    fn is_result(&self) -> bool {
        matches!(
            self,
            Task::Note { .. } | Task::Extend { .. } | Task::Already(..) | Task::CloseBatch(_)
        )
    }
}

#[derive(Debug)]
pub(super) enum Answer {
    Done,
    Rows(Vec<OperationRow>),
    Batch(Option<Box<PastBatch>>),
    Id(String),
    Ids(Vec<String>),
    Count(u64),
    Arrivals(HashMap<String, NaiveDate>),
}

#[derive(Debug)]
pub(super) enum Refused {
    Journal(JournalError),
    Database(Problem),
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused::Database(error.into())
    }
}

/// The reason why the journal cannot be used.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) trouble: Trouble,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn other(text: String) -> Self {
        Self {
            trouble: Trouble::Other,
            text,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else {
            return Problem::other(error.to_string());
        };
        // The low byte of an extended result code is the primary result code.
        let code = error.code().and_then(|code| code.parse::<i32>().ok());
        let trouble = match code.map(|code| code & 0xff) {
            Some(5 | 6) => Trouble::Locked,    // SQLITE_BUSY, SQLITE_LOCKED
            Some(11 | 26) => Trouble::Damaged, // SQLITE_CORRUPT, SQLITE_NOTADB
            _ => Trouble::Other,
        };
        Problem {
            trouble,
            text: error.message().to_owned(),
        }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Problem::other(error.to_string())
    }
}

impl From<home::Unsafe> for Problem {
    fn from(error: home::Unsafe) -> Self {
        std::io::Error::from(error).into()
    }
}

/// Carries out jobs until every sender is dropped.
pub(super) async fn serve(
    mut db: SqliteConnection,
    secret: Secret,
    mut process: Process,
    mut queue: mpsc::Receiver<Job>,
    patience: Patience,
    path: PathBuf,
) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    let mut personal = false;
    while queue.recv_many(&mut jobs, TOGETHER).await > 0 {
        let closing = jobs.iter().any(|job| matches!(job.task, Task::Close));
        personal |= jobs.iter().any(|job| job.task.is_personal());
        let is_result = jobs.iter().any(|job| job.task.is_result());
        let wait = patience.wait(&path, is_result);
        let jobs = jobs.drain(..);
        commit(&mut db, &secret, &mut process, jobs, &mut personal, wait).await;
        if closing {
            break;
        }
    }
}

/// Carries out all jobs in one transaction. A refused job has written nothing. If the transaction fails, no job has
/// written anything.
async fn commit(
    db: &mut SqliteConnection,
    secret: &Secret,
    process: &mut Process,
    jobs: impl Iterator<Item = Job>,
    personal: &mut bool,
    wait: Wait<'_>,
) {
    let (closing, jobs): (Vec<Job>, Vec<Job>) =
        jobs.partition(|job| matches!(job.task, Task::Close));
    let mut answers = vec![];
    let mut failed: Option<Problem> = None;
    if !jobs.is_empty() {
        // The transaction uses plain statements. sqlx counts its own transactions, and after a failed commit its count
        // stays wrong, so that later transactions fail even when the disk has space again.
        match begin(db, wait).await {
            Ok(()) => {
                for mut job in jobs {
                    let prints = secret.seal_task(&mut job.task);
                    let mut answer = match &failed {
                        None => work(db, process, job.task, job.at, personal).await,
                        Some(problem) => Err(Refused::Database(problem.clone())),
                    };
                    match &mut answer {
                        Ok(answer) => secret.open_answer(answer, prints),
                        Err(Refused::Database(problem)) => failed = Some(problem.clone()),
                        Err(Refused::Journal(_)) => {}
                    }
                    answers.push((job.done, answer));
                }
                if failed.is_none() {
                    failed = execute(db, "COMMIT").await.err().map(Problem::from);
                }
                if failed.is_some() {
                    // SQLite may have rolled back by itself. A rollback then fails, which does no harm.
                    let _ = execute(db, "ROLLBACK").await;
                }
            }
            Err(problem) => {
                answers.extend(jobs.into_iter().map(|job| (job.done, Ok(Answer::Done))));
                failed = Some(problem);
            }
        }
    }
    for (done, answer) in answers {
        let answer = match (&failed, answer) {
            (Some(problem), Ok(_)) => Err(Refused::Database(problem.clone())),
            (_, answer) => answer,
        };
        let _ = done.send(answer); // The caller may no longer exist.
    }
    for job in closing {
        // Erased data stays in the write-ahead log until the log is merged.
        let merged = if *personal {
            rewrite(db).await;
            merge_log(db).await
        } else {
            Ok(())
        };
        let _ = job
            .done
            .send(merged.map(|()| Answer::Done).map_err(Refused::from));
    }
}

/// The size up to which a journal is rewritten when names were erased: 4 MiB.
const SMALL: i64 = 1024;

/// Rewrites a small journal. `secure_delete` overwrites deleted content, but a page that was rearranged can keep a
/// copy in the space between its cells. This is not done while other desks are working, nor in a large journal, where
/// it would take long.
async fn rewrite(db: &mut SqliteConnection) {
    let pages = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *db);
    if !pages.await.is_ok_and(|pages: i64| pages <= SMALL) {
        return;
    }
    // The erasure itself is done, whether or not this works.
    let _ = execute(db, "VACUUM").await;
}

/// Begins a transaction, as soon as no other process writes.
async fn begin(db: &mut SqliteConnection, mut wait: Wait<'_>) -> Result<(), Problem> {
    loop {
        match execute(db, "BEGIN IMMEDIATE").await.map_err(Problem::from) {
            Err(problem) if problem.trouble == Trouble::Locked => wait.pause().await?,
            done => return done,
        }
    }
}

/// How long the merge of the log may wait for other processes. The next process that opens the journal merges the log
/// otherwise.
const MERGE: Duration = Duration::from_secs(1);

/// Merges the write-ahead log into the file. A process that reads the log delays the merge.
async fn merge_log(db: &mut SqliteConnection) -> sqlx::Result<()> {
    let begun = Instant::now();
    loop {
        let merged = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)");
        let is_busy: i64 = merged.fetch_one(&mut *db).await?;
        if is_busy == 0 || begun.elapsed() >= MERGE {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn execute(
    db: &mut SqliteConnection,
    statement: &'static str,
) -> sqlx::Result<()> {
    sqlx::query(statement).execute(db).await.map(drop)
}

async fn work(
    db: &mut SqliteConnection,
    process: &mut Process,
    task: Task,
    at: DateTime<Utc>,
    personal: &mut bool,
) -> Result<Answer, Refused> {
    match task {
        Task::Begin(operation) => {
            let words = operation.words();
            let (system, subjects) = (&operation.system_id, &operation.subjects);
            *personal |= check(db, process, system, subjects, &words, at).await?;
            query::insert(db, &operation, process).await?;
        }
        Task::Check {
            system_id,
            subjects,
        } => *personal |= check(db, process, &system_id, &subjects, &[], at).await?,
        Task::Note { id, note } => write(db, &id, note, &stamp(at)).await?,
        Task::Extend { id, plan, steps } => query::extend(db, &id, &plan, &steps).await?,
        Task::Arrivals(keys) => {
            return Ok(Answer::Arrivals(query::arrivals(db, &keys).await?));
        }
        Task::KnownKeys(keys) => {
            return Ok(Answer::Ids(query::known_keys(db, keys).await?));
        }
        Task::Resume(id) => {
            let Some(row) = query::open(db, process, &id).await? else {
                return Err(Refused::Journal(JournalError::Closed(id)));
            };
            if row.busy {
                return Err(Refused::Journal(JournalError::Busy(Box::new(row))));
            }
            query::take(db, &id, process.announce()?).await?;
            return Ok(Answer::Rows(vec![row]));
        }
        Task::Unfinished => {
            let rows = query::all_open(db, process).await?;
            return Ok(Answer::Rows(
                rows.into_iter().filter(|row| !row.busy).collect(),
            ));
        }
        Task::History(filter) => {
            return Ok(Answer::Rows(query::history(db, process, &filter).await?));
        }
        Task::Expire(before) => {
            return Ok(Answer::Count(query::expire(db, before).await?));
        }
        Task::PastBatch(batch) => {
            let past = batches::find(db, &batch).await?;
            return Ok(Answer::Batch(past.map(Box::new)));
        }
        Task::OpenBatch(batch, past, done) => {
            let id = batches::open(db, &batch, past.as_deref(), &done).await?;
            return Ok(Answer::Id(id));
        }
        Task::KeysOf(system, reservation) => {
            let ids = batches::keys_of(db, &system, &reservation).await?;
            return Ok(Answer::Ids(ids));
        }
        Task::Already(batch, rows) => batches::already(db, &batch, &rows).await?,
        Task::CloseBatch(id) => batches::close(db, &id, &stamp(at)).await?,
        Task::Close => {}
    }
    Ok(Answer::Done)
}

async fn write(
    db: &mut SqliteConnection,
    id: &OperationId,
    note: JournalUpdate,
    at: &str,
) -> Result<(), Refused> {
    for (step, result) in note.results {
        query::result(db, id, step, &result, at).await?;
    }
    for step in note.intents {
        query::intent(db, id, step, at).await?;
    }
    match note.end {
        None => Ok(()),
        Some(End::Ended(outcome)) => query::finish(db, id, outcome, at).await,
        Some(End::Left(outcome)) => query::leave(db, id, &outcome).await,
    }
}

/// Refuses if another process is working on one of the subjects, or if an operation on one of them is unfinished. An
/// operation of a dead process that never reached its first step has changed nothing, so it is closed. Returns whether
/// one was closed.
async fn check(
    db: &mut SqliteConnection,
    process: &Process,
    system_id: &str,
    subjects: &[Subject],
    words: &[&str],
    at: DateTime<Utc>,
) -> Result<bool, Refused> {
    let mut closed = false;
    for subject in subjects {
        for row in query::open_about(db, process, system_id, subject).await? {
            if row.busy {
                return Err(Refused::Journal(JournalError::Busy(Box::new(row))));
            }
            if row
                .steps
                .iter()
                .all(|step| step.status == super::StepStatus::Planned)
            {
                query::finish(db, &row.id, "failed", &stamp(at)).await?;
                closed = true;
            } else {
                let same = words.contains(&row.fingerprint.as_str());
                let row = Box::new(row);
                return Err(Refused::Journal(JournalError::Unfinished { row, same }));
            }
        }
    }
    Ok(closed)
}

pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

//! The one writer of a process. All that waits at a moment is committed, and flushed, together.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::batches;
use super::query;
use super::{
    AlreadyRow, End, Filter, NewBatch, NewOperation, Note, OperationId, OperationRow, PastBatch,
    PlannedStep, Process, RecordError, Subject,
};

/// How many may share one flush.
const TOGETHER: usize = 256;

/// How long another desk's commit may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Something to be done to the record.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) task: Task,
    /// UTC.
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
        note: Note,
    },
    Extend {
        id: OperationId,
        plan: Value,
        steps: Vec<PlannedStep>,
    },
    Arrivals(Vec<String>),
    Resume(OperationId),
    Unfinished,
    History(Filter),
    PastBatch(NewBatch),
    OpenBatch(NewBatch, Option<Box<PastBatch>>, Vec<String>),
    Already(String, Vec<AlreadyRow>),
    CloseBatch(String),
    KeysOf(String, String),
    Close,
}

impl Task {
    /// Whether it writes, or erases, what a guest is called or what a server said of one.
    fn is_personal(&self) -> bool {
        match self {
            Task::Begin(new) => {
                let named = |subject: &Subject| matches!(subject, Subject::Contact(_));
                new.subjects.iter().any(named)
            }
            Task::Note { note, .. } => {
                let result = note.result.as_ref();
                result.is_some_and(|(_, result)| result.error.is_some())
            }
            Task::Resume(_) | Task::Extend { .. } => true,
            _ => false,
        }
    }
}

#[derive(Debug)]
pub(super) enum Answer {
    Done,
    Rows(Vec<OperationRow>),
    Batch(Option<Box<PastBatch>>),
    Id(String),
    Ids(Vec<String>),
    Arrivals(HashMap<String, NaiveDate>),
}

#[derive(Debug)]
pub(super) enum Refused {
    Record(RecordError),
    Database(String),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Refused::Database(match error {
            sqlx::Error::Database(error) => error.message().to_owned(),
            other => other.to_string(),
        })
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Refused::Database(error.to_string())
    }
}

/// Makes a folder that only its owner may read.
pub(super) fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the file before `SQLite` does: its log and index files take over the mode.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

pub(super) async fn connect(home: &Path, path: &Path) -> Result<SqliteConnection, String> {
    private_folder(home)
        .and_then(|()| private_file(path))
        .map_err(|error| error.to_string())?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full) // Survives power loss, not just a crash.
        .pragma("secure_delete", "ON")
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    let mut db = options.connect().await.map_err(text)?;
    sqlx::migrate!("src/workflow/record/migrations")
        .run(&mut db)
        .await
        .map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => {
                format!("it was written by a newer roomkey (schema {version}); update this one")
            }
            other => other.to_string(),
        })?;
    Ok(db)
}

fn text(error: sqlx::Error) -> String {
    match Refused::from(error) {
        Refused::Database(text) => text,
        Refused::Record(error) => error.to_string(),
    }
}

/// Works until nobody is left who could ask.
pub(super) async fn serve(
    mut db: SqliteConnection,
    mut process: Process,
    mut queue: mpsc::Receiver<Job>,
) {
    let mut jobs = Vec::with_capacity(TOGETHER);
    let mut personal = false;
    while queue.recv_many(&mut jobs, TOGETHER).await > 0 {
        let closing = jobs.iter().any(|job| matches!(job.task, Task::Close));
        personal |= jobs.iter().any(|job| job.task.is_personal());
        commit(&mut db, &mut process, jobs.drain(..), &mut personal).await;
        if closing {
            break;
        }
    }
}

/// One transaction for all jobs. A job that is refused has written nothing; where the transaction fails,
/// none has.
async fn commit(
    db: &mut SqliteConnection,
    process: &mut Process,
    jobs: impl Iterator<Item = Job>,
    personal: &mut bool,
) {
    let (closing, jobs): (Vec<Job>, Vec<Job>) =
        jobs.partition(|job| matches!(job.task, Task::Close));
    let mut answers = vec![];
    let mut failed: Option<String> = None;
    if !jobs.is_empty() {
        // Plain statements: sqlx counts its own transactions, and after a commit that failed its count is off
        // for good, as if the disk never had room again.
        match execute(db, "BEGIN IMMEDIATE").await {
            Ok(()) => {
                for job in jobs {
                    let answer = match &failed {
                        None => work(db, process, job.task, job.at, personal).await,
                        Some(text) => Err(Refused::Database(text.clone())),
                    };
                    if let Err(Refused::Database(text)) = &answer {
                        failed = Some(text.clone());
                    }
                    answers.push((job.done, answer));
                }
                if failed.is_none() {
                    failed = execute(db, "COMMIT").await.err().map(text);
                }
                if failed.is_some() {
                    // SQLite may have rolled back by itself: then there is nothing to roll back, which is as good.
                    let _ = execute(db, "ROLLBACK").await;
                }
            }
            Err(error) => {
                let problem = text(error);
                answers.extend(jobs.into_iter().map(|job| (job.done, Ok(Answer::Done))));
                failed = Some(problem);
            }
        }
    }
    for (done, answer) in answers {
        let answer = match (&failed, answer) {
            (Some(text), Ok(_)) => Err(Refused::Database(text.clone())),
            (_, answer) => answer,
        };
        let _ = done.send(answer); // Whoever asked may have gone.
    }
    for job in closing {
        // What was erased is still in the log until that is merged.
        let merged = if *personal {
            execute(db, "PRAGMA wal_checkpoint(TRUNCATE)").await
        } else {
            Ok(())
        };
        let _ = job
            .done
            .send(merged.map(|()| Answer::Done).map_err(Refused::from));
    }
}

async fn execute(db: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
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
            query::insert(db, &operation, process.announce()?).await?;
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
        Task::Resume(id) => {
            let Some(row) = query::open(db, process, &id).await? else {
                return Err(Refused::Record(RecordError::Closed(id)));
            };
            if row.busy {
                return Err(Refused::Record(RecordError::Busy(Box::new(row))));
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
    note: Note,
    at: &str,
) -> Result<(), Refused> {
    if let Some((step, result)) = note.result {
        query::result(db, id, step, &result, at).await?;
    }
    if let Some(step) = note.intent {
        query::intent(db, id, step, at).await?;
    }
    match note.end {
        None => Ok(()),
        Some(End::Ended(outcome)) => query::finish(db, id, outcome, at).await,
        Some(End::Left(outcome)) => query::leave(db, id, &outcome).await,
    }
}

/// Refuses where somebody is at one of the subjects, or stopped half-way. An operation of a dead process
/// that never came to its first step has changed nothing: it is closed. Whether one was.
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
                return Err(Refused::Record(RecordError::Busy(Box::new(row))));
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
                return Err(Refused::Record(RecordError::Unfinished { row, same }));
            }
        }
    }
    Ok(closed)
}

pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::Row as _;
    use sqlx::migrate::Migrator;

    use super::*;

    #[tokio::test]
    async fn a_record_of_the_first_version_is_taken_over_with_what_is_in_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("record.sqlite3");
        let all = sqlx::migrate!("src/workflow/record/migrations");
        let first = Migrator {
            migrations: Cow::Owned(all.migrations[..1].to_vec()),
            ..Migrator::DEFAULT
        };
        let options = SqliteConnectOptions::new().filename(&path);
        let mut old = options.create_if_missing(true).connect().await.unwrap();
        first.run(&mut old).await.unwrap();
        let insert = "INSERT INTO operations (id, command, fingerprint, system_id, rooms, open, started_at, operator, \
                      workstation) VALUES ('o', 'issue', 'f', 's', '[\"101\"]', 1, '2026-11-24T10:00:00.000Z', 'a', 'b')";
        sqlx::query(insert).execute(&mut old).await.unwrap();
        drop(old);
        let mut db = connect(home.path(), &path).await.unwrap();
        let rows = query::all_open(&mut db, &Process::new(home.path())).await;
        let rows = rows.unwrap();
        assert_eq!((rows.len(), rows[0].command.as_str()), (1, "issue"));
        let tables =
            "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('batches', 'batch_rows')";
        let count = sqlx::query(tables).fetch_one(&mut db).await.unwrap();
        assert_eq!(count.get::<i64, _>("n"), 2);
    }
}

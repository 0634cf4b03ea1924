//! Opens the journal on disk, one process at a time. It never creates a new journal in place of one that was lost.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _, SqlSafeStr as _, SqliteConnection};

use super::Trouble;
use super::patience::{Patience, Wait};
use super::secret::{self, Secret};
use super::writer::{Problem, execute};
use crate::home;

/// The name of the journal's file.
pub(super) const JOURNAL: &str = "record.sqlite3";

/// The name of the lock file. A process holds it while it opens the journal, because it may have to create or convert
/// it.
const LOCK: &str = "record.lock";

/// Opens the journal in this home. It creates a journal if there was none, and converts one of an earlier version.
///
/// The home's key also marks that a journal exists: it is written after the journal is created and before anything is
/// recorded. If there is a key and the journal is missing or empty, the journal was lost. It is then an error, and no
/// new journal is created.
///
/// The database itself does not wait for a lock, neither here nor later. `patience` decides how long every wait lasts.
pub(super) async fn connect(
    home: &Path,
    patience: &Patience,
) -> Result<(SqliteConnection, Secret), Problem> {
    home::prepare(home)?;
    let path = home.join(JOURNAL);
    let mut wait = patience.wait(&path, false);
    let turn = hold(&home.join(LOCK), &mut wait).await?;
    let opened = loop {
        match open(home, &path).await {
            Err(problem) if problem.trouble == Trouble::Locked => wait.pause().await?,
            done => break done,
        }
    };
    drop(turn);
    opened
}

async fn open(home: &Path, path: &Path) -> Result<(SqliteConnection, Secret), Problem> {
    let secret = Secret::read(home)?;
    for name in home::FILES.iter().filter(|name| name.starts_with(JOURNAL)) {
        home::check_file(&home.join(name))?;
    }
    let is_empty = home::check_file(path)?.is_none_or(|found| found.len() == 0);
    if is_empty && secret.is_some() {
        return Err(lost());
    }
    // The file is created before SQLite would create it, because SQLite gives its log and index files the same mode.
    if is_empty {
        home::open(path, OpenOptions::new().create(true).append(true))?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full) // Commits survive a loss of power, not only a crash.
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .busy_timeout(Duration::ZERO)
        .disable_statement_logging();
    let mut db = options.connect().await?;
    match tables(&mut db).await? {
        Tables::None if secret.is_some() => return Err(lost()),
        Tables::Foreign => {
            return Err(Problem {
                trouble: Trouble::Foreign,
                text: "it is a database without roomkey's tables".to_owned(),
            });
        }
        Tables::None | Tables::Own => {}
    }
    // Nothing in the file was changed until here.
    execute(&mut db, "PRAGMA journal_mode = WAL").await?;
    migrate(&mut db).await?;
    let is_new = secret.is_none();
    let mut secret = match secret {
        Some(secret) => secret,
        None => Secret::create(home)?,
    };
    secret::seal_earlier(&mut db, &mut secret, is_new).await?;
    merge_log(&mut db, home).await?;
    Ok((db, secret))
}

fn lost() -> Problem {
    Problem {
        trouble: Trouble::Lost,
        text: "it is gone or empty, and there was one before".to_owned(),
    }
}

/// Waits until this process holds the lock.
async fn hold(path: &Path, wait: &mut Wait<'_>) -> Result<File, Problem> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = home::open(path, &options)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => wait.pause().await?,
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

/// The tables that a database has.
enum Tables {
    None,
    /// Tables that roomkey created.
    Own,
    /// Tables of another program.
    Foreign,
}

async fn tables(db: &mut SqliteConnection) -> Result<Tables, Problem> {
    let rows = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(db)
        .await?;
    let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("name")).collect();
    let names = names?;
    let has = |name: &str| names.iter().any(|known| known == name);
    Ok(if names.is_empty() {
        Tables::None
    } else if has("_sqlx_migrations") && (has("operations") || names.len() == 1) {
        Tables::Own
    } else {
        Tables::Foreign
    })
}

/// Returns the migrations of the journal, oldest first. sqlx's `migrate!` makes the same list, but needs a second `SQLite`
/// in the compiler, which takes a minute to build.
pub fn migrations() -> Migrator {
    let files = [
        (
            1,
            "operations",
            include_str!("migrations/0001_operations.sql"),
        ),
        (2, "batches", include_str!("migrations/0002_batches.sql")),
        (
            3,
            "batch already",
            include_str!("migrations/0003_batch_already.sql"),
        ),
        (
            5,
            "batch keys",
            include_str!("migrations/0005_batch_keys.sql"),
        ),
        (6, "arrivals", include_str!("migrations/0006_arrivals.sql")),
        (7, "accounts", include_str!("migrations/0007_accounts.sql")),
        (
            8,
            "keys seen",
            include_str!("migrations/0008_keys_seen.sql"),
        ),
    ];
    let migration = |(version, description, sql): (i64, &'static str, &'static str)| {
        let kind = MigrationType::Simple;
        Migration::new(version, description.into(), kind, sql.into_sql_str(), false)
    };
    Migrator {
        migrations: files.map(migration).to_vec().into(),
        ..Migrator::DEFAULT
    }
}

async fn migrate(db: &mut SqliteConnection) -> Result<(), Problem> {
    let done = migrations().run(db).await;
    done.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Problem::other(format!(
            "it was written by a newer roomkey (schema {version}); update this one"
        )),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Problem::other(other.to_string()),
    })
}

/// Merges the write-ahead log into the file. A process that was killed before its last merge leaves data there that
/// was erased since. If other desks are working, this function does not wait; the next process that opens the journal
/// merges the log.
async fn merge_log(db: &mut SqliteConnection, home: &Path) -> Result<(), Problem> {
    let log = home.join(format!("{JOURNAL}-wal"));
    if home::check_file(&log)?.is_none_or(|found| found.len() == 0) {
        return Ok(());
    }
    let merged = execute(db, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    match merged.map_err(Problem::from) {
        Err(problem) if problem.trouble == Trouble::Damaged => Err(problem),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::{Process, batches, query};
    use super::*;

    /// Creates a journal of an earlier version, with this many of the migrations.
    async fn earlier(home: &Path, count: usize) -> SqliteConnection {
        let all = migrations();
        let first = Migrator {
            migrations: Cow::Owned(all.migrations[..count].to_vec()),
            ..Migrator::DEFAULT
        };
        let options = SqliteConnectOptions::new().filename(home.join(JOURNAL));
        let mut old = options.create_if_missing(true).connect().await.unwrap();
        first.run(&mut old).await.unwrap();
        let insert = "INSERT INTO operations (id, command, fingerprint, system_id, rooms, open, started_at, operator, \
                      workstation) VALUES ('o', 'issue', 'f', 's', '[\"101\"]', 1, '2026-11-24T10:00:00.000Z', 'a', 'b')";
        sqlx::query(insert).execute(&mut old).await.unwrap();
        old
    }

    #[tokio::test]
    async fn every_file_of_migrations_is_in_the_list() {
        let folder = Path::new(file!()).with_file_name("migrations");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = Migrator::new(root.join(folder)).await.unwrap();
        let as_kept = |all: &Migrator| -> Vec<_> {
            let all = all.migrations.iter();
            all.map(|one| (one.version, one.description.clone(), one.checksum.clone()))
                .collect()
        };
        assert_eq!(as_kept(&migrations()), as_kept(&found));
    }

    #[tokio::test]
    async fn a_record_of_the_first_version_is_taken_over_with_what_is_in_it() {
        let home = tempfile::tempdir().unwrap();
        drop(earlier(home.path(), 1).await);
        let (mut db, _) = connect(home.path(), &Patience::default()).await.unwrap();
        let rows = query::all_open(&mut db, &Process::new(home.path())).await;
        let rows = rows.unwrap();
        assert_eq!((rows.len(), rows[0].command.as_str()), (1, "issue"));
        let tables =
            "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('batches', 'batch_rows')";
        let count = sqlx::query(tables).fetch_one(&mut db).await.unwrap();
        assert_eq!(count.get::<i64, _>("n"), 2);
    }

    #[tokio::test]
    async fn hashes_of_earlier_versions_get_a_key_once_and_are_known_again() {
        let home = tempfile::tempdir().unwrap();
        let mut old = earlier(home.path(), 5).await;
        for insert in [
            "INSERT INTO batches (id, source, content, system_id, rows, started_at) VALUES ('b', '-', 'plain-content', 's', 1, '')",
            "INSERT INTO steps (operation, step, name, call, status, acs_credential_id) VALUES ('o', 0, '', '', 'done', 'k')",
            "INSERT INTO batch_rows VALUES ('b', 'plain-row', 'o', 'plain-reservation', 0, NULL)",
        ] {
            sqlx::query(insert).execute(&mut old).await.unwrap();
        }
        drop(old);
        for _ in 0..2 {
            let (mut db, secret) = connect(home.path(), &Patience::default()).await.unwrap();
            let hash = secret.hash("plain-reservation");
            assert_eq!(batches::keys_of(&mut db, "s", &hash).await.unwrap(), ["k"]);
            let plain = batches::keys_of(&mut db, "s", "plain-reservation").await;
            assert!(plain.unwrap().is_empty());
            assert!(!secret.is_other);
            drop(db);
        }
        let kept = std::fs::read(home.path().join(JOURNAL)).unwrap();
        for plain in ["plain-content", "plain-row", "plain-reservation"] {
            let found = kept
                .windows(plain.len())
                .any(|part| part == plain.as_bytes());
            assert!(!found, "{plain}");
        }
        let other = tempfile::tempdir().unwrap();
        let (_, another) = connect(other.path(), &Patience::default()).await.unwrap();
        let (_, secret) = connect(home.path(), &Patience::default()).await.unwrap();
        assert_ne!(secret.hash("4711"), another.hash("4711"));
    }

    #[tokio::test]
    async fn another_key_is_noticed_once_and_the_same_key_never() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let is_other = async || {
            let (_db, secret) = connect(home.path(), &Patience::default()).await.unwrap();
            secret.is_other
        };
        assert!(!is_other().await && !is_other().await);
        let key = home.path().join(secret::FILE);
        std::fs::remove_file(&key).unwrap();
        assert!(is_other().await && !is_other().await, "a key that was lost");
        let _ = connect(other.path(), &Patience::default()).await.unwrap();
        std::fs::copy(other.path().join(secret::FILE), &key).unwrap();
        assert!(
            is_other().await && !is_other().await,
            "the key of another home"
        );
        // An earlier version marked only that there was a key.
        let (mut db, _) = connect(home.path(), &Patience::default()).await.unwrap();
        execute(&mut db, "PRAGMA user_version = 1").await.unwrap();
        drop(db);
        assert!(!is_other().await);
        let (mut db, _) = connect(home.path(), &Patience::default()).await.unwrap();
        execute(&mut db, "PRAGMA user_version = 1").await.unwrap();
        drop(db);
        std::fs::remove_file(&key).unwrap();
        assert!(is_other().await);
    }

    #[tokio::test]
    async fn the_log_that_a_killed_process_left_is_merged_when_the_journal_is_opened() {
        let home = tempfile::tempdir().unwrap();
        let (mut db, _) = connect(home.path(), &Patience::default()).await.unwrap();
        let insert = "INSERT INTO subjects (kind, subject, operation) SELECT 'email', 'jane@example.com', id FROM operations";
        sqlx::query("INSERT INTO operations (id, command, fingerprint, system_id, rooms, open, started_at, operator, workstation) \
                     VALUES ('o', 'issue', 'f', 's', '[]', 1, '', 'a', 'b')")
            .execute(&mut db)
            .await
            .unwrap();
        sqlx::query(insert).execute(&mut db).await.unwrap();
        let erase = "DELETE FROM subjects";
        sqlx::query(erase).execute(&mut db).await.unwrap();
        // The files that a kill at this moment leaves.
        let left = tempfile::tempdir().unwrap();
        let holds = || {
            let files = std::fs::read_dir(left.path()).unwrap();
            files
                .filter(|file| {
                    let text = std::fs::read(file.as_ref().unwrap().path()).unwrap();
                    text.windows(16).any(|part| part == b"jane@example.com")
                })
                .count()
        };
        for name in [JOURNAL, "record.sqlite3-wal", "record.key"] {
            std::fs::copy(home.path().join(name), left.path().join(name)).unwrap();
        }
        assert_eq!(holds(), 1, "the log holds the name");
        let (_db, _) = connect(left.path(), &Patience::default()).await.unwrap();
        assert_eq!(holds(), 0);
    }
}

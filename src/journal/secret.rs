//! Keyed hashes. With them the journal recognises a row, a file or a reservation, but nobody can find the number from
//! a copy of the journal. A hash without a key would not be enough: numbers are short, so all of them can be tried.
//!
//! The key is 32 random bytes in a file of the home. It is created once. Without it the hashes of earlier batches are
//! no longer recognised. Operations, history and recovery do not need it. The journal keeps a mark of the key, so that
//! roomkey notices when the key is another one.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use sqlx::{Row as _, SqliteConnection};

use super::Trouble;
use super::batches::PastBatch;
use super::writer::{Answer, Problem, Task, execute};
use crate::home;

/// The prefix of a keyed hash in this form.
const FORM: &str = "h1:";

/// The columns of the journal that hold hashes.
const COLUMNS: [(&str, &str); 6] = [
    ("operations", "fingerprint"),
    ("batches", "content"),
    ("batch_rows", "fingerprint"),
    ("batch_rows", "reservation"),
    ("batch_already", "fingerprint"),
    ("batch_already", "reservation"),
];

/// The name of the key's file in a home.
pub(super) const FILE: &str = "record.key";

/// The length of a key, in bytes.
const LENGTH: usize = 32;

/// Set in `user_version` if the lower bits are a mark of the key. Earlier versions wrote 1 when the hashes had a key.
const MARKED: i64 = 1 << 30;

/// The key of one home.
#[derive(Clone)]
pub(super) struct Secret {
    key: hmac::Key,
    /// Whether the journal has hashes that were made with another key.
    pub(super) is_other: bool,
}

impl Secret {
    fn path(home: &Path) -> PathBuf {
        home.join(FILE)
    }

    fn of(bytes: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, bytes),
            is_other: false,
        }
    }

    /// Returns a number that differs for another key, and from which the key cannot be found.
    fn mark(&self) -> i64 {
        let tag = hmac::sign(&self.key, b"the key of this journal");
        let bytes = tag.as_ref().iter().take(4);
        let number = bytes.fold(0, |number, byte| number << 8 | i64::from(*byte));
        MARKED | (number & (MARKED - 1))
    }

    /// Reads the key. Returns `None` if the home has none.
    pub(super) fn read(home: &Path) -> Result<Option<Self>, Problem> {
        let path = Self::path(home);
        let mut file = match home::open(&path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            Err(error) if error.is_absent() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut bytes = vec![];
        file.read_to_end(&mut bytes)?;
        if bytes.len() == LENGTH {
            return Ok(Some(Self::of(&bytes)));
        }
        let path = path.display();
        Err(Problem {
            trouble: Trouble::Key,
            text: match bytes.len() {
                0 => format!("{path} is empty"),
                length => format!("{path} has {length} bytes in place of {LENGTH}"),
            },
        })
    }

    /// Creates the key of a home. The file is written as a whole or not at all.
    pub(super) fn create(home: &Path) -> Result<Self, Problem> {
        let mut bytes = [0; LENGTH];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Problem::other("the system has no random numbers".to_owned()))?;
        let mut file = tempfile::NamedTempFile::new_in(home)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(Self::path(home))
            .map_err(|error| error.error)?;
        Ok(Self::of(&bytes))
    }

    /// Returns the keyed hash of a text. A text that already is a keyed hash is returned unchanged.
    pub(super) fn hash(&self, text: &str) -> String {
        use std::fmt::Write as _;

        if text.starts_with(FORM) {
            return text.to_owned();
        }
        let tag = hmac::sign(&self.key, text.as_bytes());
        let mut hash = FORM.to_owned();
        for byte in tag.as_ref().iter().take(16) {
            // Writing to a `String` cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        hash
    }

    fn seal(&self, text: &mut String) {
        *text = self.hash(text);
    }

    /// Replaces the plain hashes of a task with keyed ones. Returns the plain fingerprints that the answer will be
    /// about.
    pub(super) fn seal_task(&self, task: &mut Task) -> Vec<String> {
        match task {
            Task::Begin(new) => {
                self.seal(&mut new.fingerprint);
                new.first_fingerprint
                    .iter_mut()
                    .for_each(|text| self.seal(text));
                for row in new.rows.iter_mut().flat_map(|(_, rows)| rows) {
                    self.seal(&mut row.fingerprint);
                    row.reservation.iter_mut().for_each(|text| self.seal(text));
                }
            }
            Task::PastBatch(batch) | Task::OpenBatch(batch, _, _) => {
                self.seal(&mut batch.content);
                batch
                    .former_content
                    .iter_mut()
                    .for_each(|text| self.seal(text));
                let prints = std::mem::take(&mut batch.prints);
                if let Task::OpenBatch(_, _, done) = task {
                    done.iter_mut().for_each(|text| self.seal(text));
                }
                return prints;
            }
            Task::Already(_, rows) => {
                for row in rows {
                    self.seal(&mut row.fingerprint);
                    row.reservation.iter_mut().for_each(|text| self.seal(text));
                }
            }
            Task::KeysOf(_, reservation) => self.seal(reservation),
            _ => {}
        }
        vec![]
    }

    /// Replaces the keyed fingerprints in an answer with the plain ones.
    pub(super) fn open_answer(&self, answer: &mut Answer, prints: Vec<String>) {
        let Answer::Batch(Some(past)) = answer else {
            return;
        };
        let PastBatch { rows, .. } = past.as_mut();
        let plain: std::collections::HashMap<String, String> = prints
            .into_iter()
            .map(|print| (self.hash(&print), print))
            .collect();
        for row in rows {
            if let Some(print) = plain.get(&row.fingerprint) {
                row.fingerprint.clone_from(print);
            }
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Replaces the plain hashes that earlier versions wrote. This is done once; `user_version` shows whether it is done, and
/// with which key. `is_new`: the key was created just now.
pub(super) async fn seal_earlier(
    db: &mut SqliteConnection,
    secret: &mut Secret,
    is_new: bool,
) -> Result<(), Problem> {
    let row = sqlx::query("PRAGMA user_version")
        .fetch_one(&mut *db)
        .await?;
    let version = row.try_get::<i64, _>(0)?;
    if version == secret.mark() {
        return Ok(());
    }
    execute(db, "BEGIN IMMEDIATE").await?;
    let sealed = if version >= 1 {
        secret.is_other = is_new || version >= MARKED;
        mark(db, secret).await
    } else {
        replace_all(db, secret).await
    };
    match sealed {
        Ok(()) => Ok(execute(db, "COMMIT").await?),
        Err(problem) => {
            let _ = execute(db, "ROLLBACK").await;
            Err(problem)
        }
    }
}

async fn replace_all(db: &mut SqliteConnection, secret: &Secret) -> Result<(), Problem> {
    execute(
        db,
        "CREATE TEMP TABLE sealed (plain TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID",
    )
    .await?;
    for (table, column) in COLUMNS {
        let found = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL AND {column} NOT LIKE '{FORM}%'"
        )))
        .fetch_all(&mut *db)
        .await?;
        for row in found {
            let plain: String = row.try_get(0)?;
            sqlx::query("INSERT OR IGNORE INTO sealed (plain, hash) VALUES (?, ?)")
                .bind(&plain)
                .bind(secret.hash(&plain))
                .execute(&mut *db)
                .await?;
        }
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE {table} SET {column} = (SELECT hash FROM sealed WHERE plain = {column}) \
             WHERE {column} IN (SELECT plain FROM sealed)"
        )))
        .execute(&mut *db)
        .await?;
    }
    execute(db, "DROP TABLE sealed").await?;
    mark(db, secret).await
}

async fn mark(db: &mut SqliteConnection, secret: &Secret) -> Result<(), Problem> {
    let statement = format!("PRAGMA user_version = {}", secret.mark());
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(db)
        .await?;
    Ok(())
}

//! What the journal keeps of batches: the rows that have started an operation, and how the operation ended.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use super::writer::{Refused, stamp};
use super::{OperationId, query};

/// A row of a batch, as the operation that carries it out writes it to the journal.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// A hash of the row's values.
    pub fingerprint: String,
    /// A hash of the reservation number.
    pub reservation: Option<String>,
    /// The index of the step that makes the row's key, or `None` if the row makes none.
    pub step: Option<usize>,
    /// The end of the key, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// A row of a batch that needed no write when it was processed.
#[derive(Clone, Debug)]
pub struct AlreadyRow {
    /// A hash of the row's values.
    pub fingerprint: String,
    /// A hash of the reservation number.
    pub reservation: Option<String>,
    /// The id of the key that already existed, if the row is about a key.
    pub acs_credential_id: Option<String>,
    /// The end of the key, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// A batch that is about to run.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// The path of the file, or `-` for standard input.
    pub source: String,
    /// A hash of the values of all rows.
    pub content: String,
    /// The same hash as an earlier version of roomkey computed it, if that version could read all rows.
    pub former_content: Option<String>,
    /// When the batch was planned, UTC. It defines `today` in the batch, even if the batch is continued later.
    pub planned_at: DateTime<Utc>,
    /// The id of the Visionline system.
    pub system_id: String,
    /// The number of rows.
    pub rows: usize,
    /// The fingerprints of the rows, in every version. The answer of the journal uses these fingerprints.
    pub prints: Vec<String>,
}

/// What the journal knows of a batch that ran earlier.
#[derive(Clone, Debug)]
pub struct PastBatch {
    /// The id of the batch.
    pub id: String,
    /// Whether the rows are the same as now. If not, the file had other rows when it ran.
    pub same: bool,
    /// Whether the batch reached its last row.
    pub ended: bool,
    /// When the batch was planned, UTC.
    pub started_at: Option<DateTime<Utc>>,
    /// The rows that started an operation, in that order, followed by the rows that needed no write.
    pub rows: Vec<PastRow>,
}

/// A row that was processed in an earlier run.
#[derive(Clone, Debug)]
pub struct PastRow {
    /// A hash of the row's values.
    pub fingerprint: String,
    /// The operation of the row, or `None` if the row needed no write.
    pub operation: Option<OperationId>,
    /// Whether the operation is still open, so that `recover` has to finish it.
    pub open: bool,
    /// How the operation ended: `done`, `not_confirmed`, `failed` or `undone`. It is also `done` if the row needed no
    /// write.
    pub outcome: Option<String>,
    /// The id of the key that was made, if there is one.
    pub acs_credential_id: Option<String>,
    /// The end of the key, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// Returns the earlier batch with this content, or otherwise the last one with this path.
pub(super) async fn find(
    db: &mut SqliteConnection,
    new: &NewBatch,
) -> Result<Option<PastBatch>, Refused> {
    let found = sqlx::query(
        "SELECT id, content, started_at, ended_at FROM batches \
         WHERE system_id = ?1 AND (content IN (?2, ?4) OR source = ?3) \
         ORDER BY content IN (?2, ?4) DESC, id DESC LIMIT 1",
    )
    .bind(&new.system_id)
    .bind(&new.content)
    .bind((new.source != "-").then_some(&new.source)) // Two inputs from a pipe are unrelated.
    .bind(new.former_content.as_ref().unwrap_or(&new.content))
    .fetch_optional(&mut *db)
    .await?;
    let Some(batch) = found else {
        return Ok(None);
    };
    let id: String = batch.try_get("id")?;
    let rows = sqlx::query(
        "SELECT batch_rows.fingerprint AS fingerprint, batch_rows.operation AS operation, until, open, outcome, acs_credential_id \
         FROM batch_rows JOIN operations ON operations.id = batch_rows.operation \
         LEFT JOIN steps ON steps.operation = batch_rows.operation AND steps.step = batch_rows.step \
         WHERE batch = ?1 UNION ALL \
         SELECT fingerprint, NULL, until, 0, 'done', acs_credential_id FROM batch_already WHERE batch = ?1 \
         ORDER BY operation NULLS LAST",
    )
    .bind(&id)
    .fetch_all(&mut *db)
    .await?;
    let content: String = batch.try_get("content")?;
    Ok(Some(PastBatch {
        same: content == new.content || Some(content) == new.former_content,
        ended: batch.try_get::<Option<String>, _>("ended_at")?.is_some(),
        started_at: query::instant(batch.try_get("started_at")?),
        rows: rows.iter().map(past_row).collect::<Result<_, _>>()?,
        id,
    }))
}

fn past_row(row: &SqliteRow) -> Result<PastRow, Refused> {
    Ok(PastRow {
        fingerprint: row.try_get("fingerprint")?,
        operation: row
            .try_get::<Option<String>, _>("operation")?
            .map(OperationId::from),
        open: row.try_get::<i64, _>("open")? == 1,
        outcome: row.try_get("outcome")?,
        acs_credential_id: row.try_get("acs_credential_id")?,
        until: row
            .try_get::<Option<&str>, _>("until")?
            .and_then(query::instant),
    })
}

/// Begins a batch, or continues an earlier one that had the same rows and stopped before its end. Returns the id of
/// the batch. If the earlier batch reached its end, or its file had other rows, the rows in `done` are copied to the
/// new batch. The other rows are processed again, and must not count as done if this run stops.
pub(super) async fn open(
    db: &mut SqliteConnection,
    new: &NewBatch,
    past: Option<&PastBatch>,
    done: &[String],
) -> Result<String, Refused> {
    if let Some(past) = past.filter(|past| past.same && !past.ended) {
        return Ok(past.id.clone());
    }
    let id = Uuid::now_v7().to_string();
    sqlx::query(
        "INSERT INTO batches (id, source, content, system_id, rows, started_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(&id)
    .bind(&new.source)
    .bind(&new.content)
    .bind(&new.system_id)
    .bind(i64::try_from(new.rows).unwrap_or(i64::MAX))
    .bind(stamp(new.planned_at))
    .execute(&mut *db)
    .await?;
    for row in past.iter().flat_map(|_| done) {
        for copy in [
            "INSERT INTO batch_rows SELECT ?, fingerprint, operation, reservation, step, until FROM batch_rows \
             WHERE batch = ? AND fingerprint = ?",
            "INSERT INTO batch_already (batch, fingerprint, acs_credential_id, until, reservation) \
             SELECT ?, fingerprint, acs_credential_id, until, reservation FROM batch_already \
             WHERE batch = ? AND fingerprint = ?",
        ] {
            sqlx::query(copy)
                .bind(&id)
                .bind(past.map(|past| past.id.as_str()))
                .bind(row)
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(id)
}

/// Marks a batch as ended.
pub(super) async fn close(db: &mut SqliteConnection, id: &str, at: &str) -> Result<(), Refused> {
    sqlx::query("UPDATE batches SET ended_at = ? WHERE id = ?")
        .bind(at)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// Returns the ids of the keys that belong to a reservation, live or not: the keys that batches made or found for it,
/// and the keys with which later operations replaced them.
pub(super) async fn keys_of(
    db: &mut SqliteConnection,
    system_id: &str,
    reservation: &str,
) -> Result<Vec<String>, Refused> {
    let rows = sqlx::query(
        "WITH RECURSIVE mine (id) AS ( \
         SELECT steps.acs_credential_id FROM batch_rows JOIN batches ON batches.id = batch_rows.batch \
         JOIN steps ON steps.operation = batch_rows.operation AND steps.step = batch_rows.step \
         WHERE batch_rows.reservation = ?1 AND system_id = ?2 AND steps.acs_credential_id IS NOT NULL \
         UNION SELECT acs_credential_id FROM batch_already JOIN batches ON batches.id = batch_already.batch \
         WHERE batch_already.reservation = ?1 AND system_id = ?2 AND acs_credential_id IS NOT NULL \
         UNION SELECT steps.acs_credential_id FROM mine \
         JOIN key_changes ON key_changes.acs_credential_id = mine.id \
         JOIN steps ON steps.operation = key_changes.operation WHERE steps.acs_credential_id IS NOT NULL) \
         SELECT id FROM mine",
    )
    .bind(reservation)
    .bind(system_id)
    .fetch_all(db)
    .await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get("id"))
        .collect::<Result<_, _>>()?)
}

/// Records the keys that an operation replaces with the key that it makes.
pub(super) async fn changes(
    db: &mut SqliteConnection,
    operation: &OperationId,
    keys: &[String],
) -> Result<(), Refused> {
    for key in keys {
        sqlx::query(
            "INSERT OR IGNORE INTO key_changes (acs_credential_id, operation) VALUES (?, ?)",
        )
        .bind(key)
        .bind(operation.as_str())
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Records rows that needed no write when they were processed.
pub(super) async fn already(
    db: &mut SqliteConnection,
    batch: &str,
    rows: &[AlreadyRow],
) -> Result<(), Refused> {
    for row in rows {
        sqlx::query(
            "INSERT OR REPLACE INTO batch_already (batch, fingerprint, reservation, acs_credential_id, until) \
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(batch)
        .bind(&row.fingerprint)
        .bind(&row.reservation)
        .bind(&row.acs_credential_id)
        .bind(row.until.map(stamp))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Records the rows that an operation carries out.
pub(super) async fn link(
    db: &mut SqliteConnection,
    batch: &str,
    operation: &OperationId,
    rows: &[BatchRow],
) -> Result<(), Refused> {
    for row in rows {
        // Only the latest result of a row counts.
        sqlx::query("DELETE FROM batch_already WHERE batch = ? AND fingerprint = ?")
            .bind(batch)
            .bind(&row.fingerprint)
            .execute(&mut *db)
            .await?;
        sqlx::query(
            "INSERT OR REPLACE INTO batch_rows (batch, fingerprint, operation, reservation, step, until) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(batch)
        .bind(&row.fingerprint)
        .bind(operation.as_str())
        .bind(&row.reservation)
        .bind(row.step.map(query::number))
        .bind(row.until.map(stamp))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sqlx::SqliteConnection;

    use super::*;

    async fn journal() -> (tempfile::TempDir, SqliteConnection) {
        let home = tempfile::tempdir().unwrap();
        let (db, _) = super::super::open::connect(home.path(), &super::super::Patience::default())
            .await
            .unwrap();
        (home, db)
    }

    fn batch(content: &str, former: Option<&str>) -> NewBatch {
        NewBatch {
            source: "-".to_owned(),
            content: content.to_owned(),
            former_content: former.map(str::to_owned),
            planned_at: "2026-11-24T12:00:00Z".parse().unwrap(),
            system_id: "s".to_owned(),
            rows: 1,
            prints: vec![],
        }
    }

    /// Adds an operation whose step 0 made this key.
    async fn made(db: &mut SqliteConnection, operation: &str, key: &str) -> OperationId {
        let insert = "INSERT INTO operations (id, command, fingerprint, system_id, rooms, open, started_at, operator, \
                      workstation) VALUES (?, 'issue', 'f', 's', '[]', 0, '2026-11-24T10:00:00.000Z', 'a', 'b')";
        sqlx::query(insert)
            .bind(operation)
            .execute(&mut *db)
            .await
            .unwrap();
        let step = "INSERT INTO steps (operation, step, name, call, status, acs_credential_id) \
                    VALUES (?, 0, 'create', 'c', 'done', ?)";
        sqlx::query(step)
            .bind(operation)
            .bind(key)
            .execute(db)
            .await
            .unwrap();
        OperationId::from(operation.to_owned())
    }

    fn row(fingerprint: &str, reservation: &str) -> BatchRow {
        BatchRow {
            fingerprint: fingerprint.to_owned(),
            reservation: Some(reservation.to_owned()),
            step: Some(0),
            until: None,
        }
    }

    #[tokio::test]
    async fn the_keys_of_a_reservation_are_followed_through_changes() {
        let (_home, mut db) = journal().await;
        let id = open(&mut db, &batch("c", None), None, &[]).await.unwrap();
        let first = made(&mut db, "o1", "k1").await;
        link(&mut db, &id, &first, &[row("f1", "r1")])
            .await
            .unwrap();
        let other = made(&mut db, "o2", "x1").await;
        link(&mut db, &id, &other, &[row("f2", "r2")])
            .await
            .unwrap();
        // Two changes at a desk, and the change of a key of another reservation.
        for (operation, new, old) in [("o3", "k2", "k1"), ("o4", "k3", "k2"), ("o5", "x2", "x1")] {
            let operation = made(&mut db, operation, new).await;
            changes(&mut db, &operation, &[old.to_owned()])
                .await
                .unwrap();
        }
        let found = AlreadyRow {
            fingerprint: "f3".to_owned(),
            reservation: Some("r1".to_owned()),
            acs_credential_id: Some("k9".to_owned()),
            until: None,
        };
        already(&mut db, &id, &[found]).await.unwrap();
        let mut keys = keys_of(&mut db, "s", "r1").await.unwrap();
        keys.sort();
        assert_eq!(keys, ["k1", "k2", "k3", "k9"]);
        assert!(keys_of(&mut db, "s", "r3").await.unwrap().is_empty());
        assert!(
            keys_of(&mut db, "elsewhere", "r1")
                .await
                .unwrap()
                .is_empty()
        );
    }

    #[tokio::test]
    async fn a_batch_of_an_earlier_version_is_known_by_its_former_hash() {
        let (_home, mut db) = journal().await;
        let old = batch("former", None);
        let id = open(&mut db, &old, None, &[]).await.unwrap();
        let operation = made(&mut db, "o1", "k1").await;
        link(&mut db, &id, &operation, &[row("f1", "r1")])
            .await
            .unwrap();
        let new = batch("current", Some("former"));
        let past = find(&mut db, &new).await.unwrap().unwrap();
        assert!(past.same && !past.ended);
        assert_eq!(past.rows[0].fingerprint, "f1");
        assert_eq!(past.started_at, Some(new.planned_at));
        // The batch is continued, not started again.
        assert_eq!(open(&mut db, &new, Some(&past), &[]).await.unwrap(), id);
        assert!(
            find(&mut db, &batch("other", None))
                .await
                .unwrap()
                .is_none()
        );
    }
}

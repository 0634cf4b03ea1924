//! The SQL statements of the journal.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::batches;
use super::writer::{Refused, stamp};
use super::{
    Filter, Made, NewOperation, OperationId, OperationRow, PlannedStep, Process, StepResult,
    StepRow, StepStatus, Subject,
};

pub(super) async fn insert(
    db: &mut SqliteConnection,
    new: &NewOperation,
    process: &mut Process,
) -> Result<(), Refused> {
    sqlx::query(
        "INSERT INTO operations (id, command, fingerprint, system_id, rooms, plan, open, started_at, operator, \
         workstation, process, arrival, account) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.id.as_str())
    .bind(&new.command)
    .bind(&new.fingerprint)
    .bind(&new.system_id)
    .bind(serde_json::json!(new.rooms).to_string())
    .bind(new.plan.to_string())
    .bind(stamp(new.started_at))
    .bind(&new.operator)
    .bind(&new.workstation)
    .bind(process.announce()?)
    .bind(new.arrival.map(|date| date.to_string()))
    .bind(process.account())
    .execute(&mut *db)
    .await?;
    insert_steps(db, &new.id, 0, &new.steps, &stamp(new.started_at)).await?;
    for subject in &new.subjects {
        let (kind, name) = subject.parts();
        sqlx::query("INSERT OR IGNORE INTO subjects (kind, subject, operation) VALUES (?, ?, ?)")
            .bind(kind)
            .bind(name)
            .bind(new.id.as_str())
            .execute(&mut *db)
            .await?;
    }
    batches::changes(db, &new.id, &new.changes).await?;
    for key in &new.seen {
        sqlx::query("INSERT OR IGNORE INTO keys_seen (acs_credential_id, operation) VALUES (?, ?)")
            .bind(key)
            .bind(new.id.as_str())
            .execute(&mut *db)
            .await?;
    }
    if let Some((batch, rows)) = &new.rows {
        batches::link(db, batch, &new.id, rows).await?;
    }
    Ok(())
}

async fn insert_steps(
    db: &mut SqliteConnection,
    id: &OperationId,
    first: usize,
    steps: &[PlannedStep],
    at: &str,
) -> Result<(), Refused> {
    for (index, step) in steps.iter().enumerate() {
        sqlx::query(
            "INSERT INTO steps (operation, step, name, call, status, request_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(id.as_str())
        .bind(number(first + index))
        .bind(&step.name)
        .bind(&step.call)
        .bind(step.status.word())
        .bind(&step.request_id)
        .bind((step.status != StepStatus::Planned).then_some(at))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Adds steps to an open operation after its existing ones.
pub(super) async fn extend(
    db: &mut SqliteConnection,
    id: &OperationId,
    plan: &serde_json::Value,
    steps: &[PlannedStep],
) -> Result<(), Refused> {
    let row = sqlx::query("SELECT count(*) AS steps FROM steps WHERE operation = ?")
        .bind(id.as_str())
        .fetch_one(&mut *db)
        .await?;
    let first = usize::try_from(row.try_get::<i64, _>("steps")?).unwrap_or(usize::MAX);
    insert_steps(db, id, first, steps, "").await?;
    sqlx::query("UPDATE operations SET plan = ? WHERE id = ? AND open = 1")
        .bind(plan.to_string())
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Returns the business date on which the stay of each of these keys began, for the keys that are known.
pub(super) async fn arrivals(
    db: &mut SqliteConnection,
    keys: &[String],
) -> Result<HashMap<String, NaiveDate>, Refused> {
    let mut found = HashMap::new();
    for key in keys {
        let row = sqlx::query(
            "SELECT arrival FROM steps JOIN operations ON operations.id = steps.operation \
             WHERE acs_credential_id = ? AND arrival IS NOT NULL",
        )
        .bind(key)
        .fetch_optional(&mut *db)
        .await?;
        let arrival = row
            .map(|row| row.try_get::<String, _>("arrival"))
            .transpose()?;
        if let Some(date) = arrival.and_then(|text| text.parse().ok()) {
            found.insert(key.clone(), date);
        }
    }
    Ok(found)
}

/// Returns those of these keys that an operation made, or read before its first request.
pub(super) async fn known_keys(
    db: &mut SqliteConnection,
    keys: Vec<String>,
) -> Result<Vec<String>, Refused> {
    let mut known = vec![];
    for key in keys {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM steps WHERE acs_credential_id = ?1) \
             OR EXISTS (SELECT 1 FROM keys_seen WHERE acs_credential_id = ?1) AS known",
        )
        .bind(&key)
        .fetch_one(&mut *db)
        .await?;
        if row.try_get::<i64, _>("known")? == 1 {
            known.push(key);
        }
    }
    Ok(known)
}

pub(super) async fn intent(
    db: &mut SqliteConnection,
    id: &OperationId,
    step: usize,
    at: &str,
) -> Result<(), Refused> {
    sqlx::query("UPDATE steps SET status = 'intended', at = ? WHERE operation = ? AND step = ?")
        .bind(at)
        .bind(id.as_str())
        .bind(number(step))
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn result(
    db: &mut SqliteConnection,
    id: &OperationId,
    step: usize,
    result: &StepResult,
    at: &str,
) -> Result<(), Refused> {
    sqlx::query(
        "UPDATE steps SET status = ?, acs_credential_id = ?, acs_user_id = ?, user_identity_id = ?, \
         request_id = ?, error = ?, at = ? WHERE operation = ? AND step = ?",
    )
    .bind(result.status.word())
    .bind(&result.made.acs_credential_id)
    .bind(&result.made.acs_user_id)
    .bind(&result.made.user_identity_id)
    .bind(&result.request_id)
    .bind(&result.error)
    .bind(at)
    .bind(id.as_str())
    .bind(number(step))
    .execute(&mut *db)
    .await?;
    if let Some(user) = &result.made.acs_user_id {
        sqlx::query(
            "INSERT OR IGNORE INTO subjects (kind, subject, operation) VALUES ('guest', ?, ?)",
        )
        .bind(user)
        .bind(id.as_str())
        .execute(db)
        .await?;
    }
    Ok(())
}

/// Ends an operation and erases the personal data of guests from it.
pub(super) async fn finish(
    db: &mut SqliteConnection,
    id: &OperationId,
    outcome: &str,
    at: &str,
) -> Result<(), Refused> {
    sqlx::query("UPDATE operations SET open = 0, outcome = ?, ended_at = ?, plan = NULL, process = NULL WHERE id = ?")
        .bind(outcome)
        .bind(at)
        .bind(id.as_str())
        .execute(&mut *db)
        .await?;
    sqlx::query("UPDATE steps SET error = NULL WHERE operation = ?")
        .bind(id.as_str())
        .execute(&mut *db)
        .await?;
    sqlx::query("DELETE FROM subjects WHERE operation = ? AND kind = 'email'")
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes the operations that ended before an instant, with all data about them, and older batches without any
/// operations left. Open operations are kept. Returns the number of deleted operations.
pub(super) async fn expire(
    db: &mut SqliteConnection,
    before: DateTime<Utc>,
) -> Result<u64, Refused> {
    const OLD: &str =
        "SELECT id FROM operations WHERE open = 0 AND coalesce(ended_at, started_at) < ?1";
    let old_batches = "SELECT id FROM batches WHERE coalesce(ended_at, started_at) < ?1 \
                       AND id NOT IN (SELECT batch FROM batch_rows)";
    let mut gone = 0;
    for (table, column, which) in [
        ("steps", "operation", OLD),
        ("subjects", "operation", OLD),
        ("key_changes", "operation", OLD),
        ("keys_seen", "operation", OLD),
        ("batch_rows", "operation", OLD),
        ("operations", "id", OLD),
        ("batch_already", "batch", old_batches),
        ("batches", "id", old_batches),
    ] {
        let delete = format!("DELETE FROM {table} WHERE {column} IN ({which})");
        let done = sqlx::query(sqlx::AssertSqlSafe(delete))
            .bind(stamp(before))
            .execute(&mut *db)
            .await?;
        if table == "operations" {
            gone = done.rows_affected();
        }
    }
    Ok(gone)
}

pub(super) async fn leave(
    db: &mut SqliteConnection,
    id: &OperationId,
    outcome: &str,
) -> Result<(), Refused> {
    sqlx::query("UPDATE operations SET outcome = ?, process = NULL WHERE id = ? AND open = 1")
        .bind(outcome)
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn take(
    db: &mut SqliteConnection,
    id: &OperationId,
    process: &str,
) -> Result<(), Refused> {
    sqlx::query("UPDATE operations SET process = ? WHERE id = ?")
        .bind(process)
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub(super) async fn open(
    db: &mut SqliteConnection,
    process: &Process,
    id: &OperationId,
) -> Result<Option<OperationRow>, Refused> {
    let rows = sqlx::query("SELECT * FROM operations WHERE open = 1 AND id = ?")
        .bind(id.as_str())
        .fetch_all(&mut *db)
        .await?;
    Ok(whole(db, process, rows).await?.pop())
}

pub(super) async fn all_open(
    db: &mut SqliteConnection,
    process: &Process,
) -> Result<Vec<OperationRow>, Refused> {
    let rows = sqlx::query("SELECT * FROM operations WHERE open = 1 ORDER BY id")
        .fetch_all(&mut *db)
        .await?;
    whole(db, process, rows).await
}

pub(super) async fn open_about(
    db: &mut SqliteConnection,
    process: &Process,
    system_id: &str,
    subject: &Subject,
) -> Result<Vec<OperationRow>, Refused> {
    let (kind, name) = subject.parts();
    let rows = sqlx::query(
        "SELECT operations.* FROM operations INDEXED BY operations_open JOIN subjects ON subjects.operation = \
         operations.id WHERE open = 1 AND system_id = ? AND kind = ? AND subject = ? ORDER BY id",
    )
    .bind(system_id)
    .bind(kind)
    .bind(name)
    .fetch_all(&mut *db)
    .await?;
    whole(db, process, rows).await
}

pub(super) async fn history(
    db: &mut SqliteConnection,
    process: &Process,
    filter: &Filter,
) -> Result<Vec<OperationRow>, Refused> {
    let rows = sqlx::query(
        "SELECT * FROM operations WHERE (?1 IS NULL OR started_at >= ?1) \
         AND (?2 IS NULL OR EXISTS (SELECT 1 FROM subjects WHERE kind = 'room' AND subject = ?2 AND operation = id)) \
         AND (?3 IS NULL OR EXISTS (SELECT 1 FROM subjects WHERE kind = 'guest' AND subject = ?3 AND operation = id)) \
         ORDER BY id DESC LIMIT ?4",
    )
    .bind(filter.since.map(stamp))
    .bind(&filter.room)
    .bind(&filter.guest)
    .bind(if filter.limit == 0 { -1 } else { i64::from(filter.limit) })
    .fetch_all(&mut *db)
    .await?;
    whole(db, process, rows).await
}

/// Returns the operations with their steps and guests.
async fn whole(
    db: &mut SqliteConnection,
    process: &Process,
    rows: Vec<SqliteRow>,
) -> Result<Vec<OperationRow>, Refused> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id: String = row.try_get("id")?;
        let steps = sqlx::query("SELECT * FROM steps WHERE operation = ? ORDER BY step")
            .bind(&id)
            .fetch_all(&mut *db)
            .await?;
        let guests =
            sqlx::query("SELECT subject FROM subjects WHERE operation = ? AND kind = 'guest'")
                .bind(&id)
                .fetch_all(&mut *db)
                .await?;
        let holder: Option<String> = row.try_get("process")?;
        let open = row.try_get::<i64, _>("open")? == 1;
        found.push(OperationRow {
            command: row.try_get("command")?,
            fingerprint: row.try_get("fingerprint")?,
            system_id: row.try_get("system_id")?,
            rooms: serde_json::from_str(row.try_get("rooms")?).unwrap_or_default(),
            guests: guests
                .iter()
                .map(|row| row.try_get("subject"))
                .collect::<Result<_, _>>()?,
            plan: row
                .try_get::<Option<String>, _>("plan")?
                .and_then(|plan| serde_json::from_str(&plan).ok()),
            outcome: row.try_get("outcome")?,
            started_at: instant(row.try_get("started_at")?),
            operator: row.try_get("operator")?,
            account: row.try_get("account")?,
            workstation: row.try_get("workstation")?,
            busy: open && holder.is_some_and(|holder| process.is_other_alive(&holder)),
            open,
            steps: steps.iter().map(step).collect::<Result<_, _>>()?,
            id: id.into(),
        });
    }
    Ok(found)
}

fn step(row: &SqliteRow) -> Result<StepRow, Refused> {
    Ok(StepRow {
        name: row.try_get("name")?,
        call: row.try_get("call")?,
        status: StepStatus::from_word(row.try_get("status")?),
        made: Made {
            acs_credential_id: row.try_get("acs_credential_id")?,
            acs_user_id: row.try_get("acs_user_id")?,
            user_identity_id: row.try_get("user_identity_id")?,
        },
        request_id: row.try_get("request_id")?,
    })
}

pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.to_utc())
}

pub(super) fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

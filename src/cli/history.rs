//! `history`: the operations in the journal of this PC.

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::hotel::{Edge, GuestQuery, HotelTime, When};
use crate::journal::{Filter, OperationRow};
use crate::present::Table;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::workflow::command::Declined;

/// Show the operations of this PC, the newest first. `--json` adds their steps and request ids.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  roomkey history --room 101\n  roomkey history --since yesterday --json\n  roomkey history expire --older-than 400d",
    args_conflicts_with_subcommands = true
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only operations on this room.
    #[arg(long, short, value_name = "ROOM")]
    room: Option<String>,
    /// Only operations on keys of this guest.
    #[arg(long, short, value_name = "GUEST")]
    guest: Option<GuestQuery>,
    /// Only operations that began at this time or later.
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// The largest number of operations to show; 0 for all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

/// Commands that change the journal.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Delete old operations for good. Unfinished operations are kept.
    Expire {
        /// The age of the operations to delete: they ended more than this number of days ago, such as `400d`.
        #[arg(long, value_name = "DAYS", value_parser = days)]
        older_than: u32,
    },
}

/// Reads a number of days, such as `400d`.
fn days(text: &str) -> Result<u32, &'static str> {
    let count = text.strip_suffix('d').and_then(|count| count.parse().ok());
    count
        .filter(|count| (1..=36_500).contains(count))
        .ok_or("a number of days such as 400d, at least 1d")
}

/// Deletes the operations that ended more than `days` days ago. Asks first, unless `--yes` is given.
async fn expire(app: &App, days: u32) -> Answer {
    let question = vec![format!(
        "Delete for good what ended more than {days} days ago?"
    )];
    if !app.yes {
        if !app.ui.can_ask() {
            return Err(Declined::NobodyToAsk(question).into());
        } else if !app.ask(&question).await? {
            return Err(Declined::No.into());
        }
    }
    let journal = app.journal().await?;
    let before = app.clock.now() - TimeDelta::days(i64::from(days));
    let count = journal.expire(before).await?;
    journal.close().await;
    let what = if count == 1 {
        "operation"
    } else {
        "operations"
    };
    app.ui
        .say(&format!("{count} {what} deleted from the journal."));
    Ok(Done::new(json!({ "outcome": "done", "deleted": count })))
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    if let Some(Command::Expire { older_than }) = args.command {
        return expire(app, older_than).await;
    }
    let profile = app.profile();
    // The journal is on this PC. Seam is needed only for what the journal does not contain: the names of guests, and
    // the hotel's time zone.
    let zone = profile.zone.as_ref().map(|(zone, _)| *zone);
    let needs_seam = args.since.is_some() && zone.is_none()
        || matches!(&args.guest, Some(guest) if !matches!(guest, GuestQuery::Id(_)));
    let (time, guest) = if needs_seam {
        let client = app.client().await?;
        let snapshot = HotelSnapshot::read(&client, &profile, args.guest.as_slice()).await?;
        let guest = args
            .guest
            .as_ref()
            .map(|query| snapshot.guest(query).map(|guest| guest.acs_user_id.clone()))
            .transpose()?;
        (snapshot.time, guest)
    } else {
        let time = HotelTime {
            zone: zone.unwrap_or(chrono_tz::Tz::UTC),
            hours: profile.hours,
            now: app.clock.now(),
        };
        let id = match args.guest {
            Some(GuestQuery::Id(id)) => Some(id),
            _ => None,
        };
        (time, id)
    };
    let since = args
        .since
        .map(|when| time.resolve(&when, Edge::CheckIn))
        .transpose();
    let since = since.map_err(crate::hotel::refusal::Refusal::from)?;
    let filter = Filter {
        room: args.room,
        guest,
        since,
        limit: args.limit,
    };
    let journal = app.journal().await?;
    let rows = journal.history(filter).await?;
    journal.close().await;
    if !app.ui.json {
        let mut table = Table::new(["When", "Command", "Room", "By", "End", "Operation"]);
        for row in &rows {
            table.row([
                row.started_at
                    .map_or_else(|| "-".to_owned(), |at| time.show(at)),
                row.command.clone(),
                row.rooms.join(", "),
                by(row),
                end(row),
                row.id.short().to_owned(),
            ]);
        }
        if table.is_empty() {
            app.ui.say("The journal has no such operation.");
        } else {
            app.ui.table(&table)?;
            app.ui.say(&format!(
                "Times are in {}. `--json` shows the steps and request ids.",
                time.zone.name()
            ));
        }
    }
    let operations: Vec<_> = rows.iter().map(operation).collect();
    Ok(Done::new(json!({ "operations": operations })))
}

/// Returns the operator and the workstation. The account of the operating system is added if it differs from the
/// operator.
fn by(row: &OperationRow) -> String {
    let (operator, desk) = (&row.operator, &row.workstation);
    match &row.account {
        Some(account) if account != operator => format!("{operator} ({account}) at {desk}"),
        _ => format!("{operator} at {desk}"),
    }
}

/// Returns how the operation ended, for people. `OPEN` marks operations that `recover` can finish.
fn end(row: &OperationRow) -> String {
    match (&row.outcome, row.open, row.busy) {
        (_, true, true) => "at work".to_owned(),
        (Some(outcome), true, false) => format!("OPEN: {outcome}"),
        (None, true, false) => "OPEN: unfinished".to_owned(),
        (Some(outcome), false, _) => outcome.clone(),
        (None, false, _) => "-".to_owned(),
    }
}

/// Returns an operation with its steps as JSON. Times are in UTC.
pub(super) fn operation(row: &OperationRow) -> serde_json::Value {
    let steps: Vec<_> = row
        .steps
        .iter()
        .map(|step| {
            json!({
                "step": step.name, "call": step.call, "status": step.status.word(), "request_id": step.request_id,
                "acs_credential_id": step.made.acs_credential_id, "acs_user_id": step.made.acs_user_id,
            })
        })
        .collect();
    json!({
        "operation_id": row.id.as_str(), "command": row.command, "rooms": row.rooms, "guests": row.guests,
        "open": row.open, "busy": row.busy, "outcome": row.outcome, "operator": row.operator, "account": row.account,
        "workstation": row.workstation, "steps": steps,
        "started_at": row.started_at.map(|at| at.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Secs, true)),
    })
}

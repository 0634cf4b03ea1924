//! `recover`: finishes, undoes or closes operations that stopped half-way.

use serde_json::{Value, json};

use super::{Answer, Done, history};
use crate::app::App;
use crate::failure::{Failure, Kind, OutcomeWord};
use crate::hotel::refusal::Brief;
use crate::journal::{Journal, OperationRow, StepStatus};
use crate::operation::recover::{self, Open, choose};
use crate::operation::undo::Takeback;
use crate::present::{Cell, Table, outcome};
use crate::seam::Client;
use crate::snapshot::fetch::OneByOne;
use crate::workflow::command::Declined;

/// Show unfinished operations and which doors their guests can open now. With an operation: finish, undo or close it.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  roomkey recover\n  roomkey recover 8d1f3a\n  roomkey recover 8d1f3a --undo\n  roomkey recover --all --yes"
)]
pub(super) struct Args {
    /// Id of the operation: the short id from a message, or the full id.
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,
    /// Finish all unfinished operations.
    #[arg(long, conflicts_with_all = ["operation", "undo", "close"])]
    all: bool,
    /// Remove the keys that the operation made. Keys that it removed cannot be restored.
    #[arg(long, requires = "operation", conflicts_with = "close")]
    undo: bool,
    /// Close the operation without changing anything at the hotel.
    #[arg(long, requires = "operation")]
    close: bool,
    /// Go on even if somebody else has changed the room or the guest since.
    #[arg(long)]
    replace: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let journal = app.journal().await?;
    let answer = Box::pin(settle(app, &journal, args)).await;
    journal.close().await;
    answer
}

async fn settle(app: &App, journal: &Journal, args: Args) -> Answer {
    let rows = journal.unfinished().await?;
    let chosen = match &args.operation {
        None if rows.is_empty() => {
            app.ui.say("Nothing is unfinished.");
            return Ok(Done::new(json!({ "outcome": "already", "unfinished": [] })));
        }
        None if args.all => rows,
        None => return Box::pin(list(app, rows)).await,
        Some(asked) => vec![choose(rows, asked)?],
    };
    if args.close {
        return close(app, journal, chosen).await;
    }
    let client = app.client().await?;
    let mut ends = vec![];
    for row in chosen {
        let done = if args.undo {
            undo(app, &client, journal, &row).await
        } else {
            finish(app, &client, journal, &row, args.replace).await
        };
        ends.push((row, done));
    }
    match (ends.len(), ends.pop()) {
        (1, Some((_, end))) => end,
        (_, last) => summary(app, ends.into_iter().chain(last)),
    }
}

async fn finish(
    app: &App,
    client: &Client,
    journal: &Journal,
    row: &OperationRow,
    replace: bool,
) -> Answer {
    app.ui.say(&format!("Finishing {}", about(row)));
    let keys = OneByOne(client);
    let executor = app.executor(client, &keys, journal);
    let done = executor.recover(&app.profile(), &row.id, replace).await;
    let (outcome, _) = done.map_err(|error| match Failure::from(error) {
        failure if failure.kind == Kind::GuestNotReady => failure.hint(format!(
            "or close the operation without changing anything: `roomkey recover {} --close`",
            row.id.short()
        )),
        // The operation holds its rooms and guests, so it is closed before the command that helps.
        mut failure if failure.kind == Kind::NoAccess => {
            let close = format!(
                "first close the operation: `roomkey recover {} --close`; then:",
                row.id.short()
            );
            failure.hints.insert(0, close);
            failure
        }
        failure => failure,
    })?;
    outcome::report(&app.ui, outcome)
}

/// Shows the keys that would be removed and what each guest can open after that, asks, and removes them.
async fn undo(app: &App, client: &Client, journal: &Journal, row: &OperationRow) -> Answer {
    let keys = OneByOne(client);
    let executor = app.executor(client, &keys, journal);
    let profile = app.profile();
    let shown = app
        .until_interrupted(async { Ok(executor.preview_undo(&profile, row).await?) })
        .await?;
    app.ui.say(&format!("Undoing {}", about(row)));
    let question = preview(&shown);
    if app.yes {
        question.iter().for_each(|line| app.ui.say(line));
    } else if !app.ui.can_ask() {
        return Err(Declined::NobodyToAsk(question).into());
    } else if !app.ask(&question).await? {
        return Err(Declined::No.into());
    }
    let (outcome, _) = executor.undo(&profile, &row.id, &shown).await?;
    let left: Vec<Value> = shown.leaves.iter().map(guest_now).collect();
    let with_left = |mut data: Value| {
        data["guests_now"] = json!(left);
        data
    };
    match outcome::report(&app.ui, outcome) {
        Ok(done) => Ok(Done {
            data: with_left(done.data),
            ..done
        }),
        Err(failure) => Err(Failure {
            hints: match failure.kind {
                Kind::UnknownOutcome | Kind::PartDone => vec![format!(
                    "`roomkey recover {} --undo` goes on with taking it back",
                    row.id.short()
                )],
                _ => failure.hints,
            },
            data: failure.data.map(with_left),
            ..failure
        }),
    }
}

fn preview(shown: &Takeback) -> Vec<String> {
    let mut lines = vec![];
    if shown.takes.is_empty() {
        lines.push("It has made no key that is still there.".to_owned());
    } else {
        lines.push("These keys are taken away:".to_owned());
        lines.extend(shown.takes.iter().map(|key| format!("  {key}")));
    }
    lines.push("After that:".to_owned());
    lines.extend(
        shown
            .leaves
            .iter()
            .map(|guest| format!("  {}", holds(guest))),
    );
    if !shown.beyond.is_empty() {
        lines.push("These keys have stopped working, and nothing restores them:".to_owned());
        lines.extend(shown.beyond.iter().map(|key| format!("  {key}")));
    }
    lines.push("Take it back?".to_owned());
    lines
}

async fn close(app: &App, journal: &Journal, chosen: Vec<OperationRow>) -> Answer {
    // The guests' access is shown if Seam can be reached. Closing needs no answer from Seam.
    let shown = match app.client().await {
        Ok(client) => recover::look(&client, &app.profile(), chosen.clone())
            .await
            .ok(),
        Err(_) => None,
    };
    for row in &chosen {
        recover::close(journal, &row.id).await?;
        app.ui.say(&format!("Put away untouched: {}", about(row)));
    }
    let guests: Vec<Value> = shown
        .iter()
        .flatten()
        .flat_map(|open| &open.guests)
        .map(|guest| {
            app.ui.say(&format!("  {}", holds(guest)));
            guest_now(guest)
        })
        .collect();
    Ok(Done::new(
        json!({ "outcome": "done", "guests_now": guests }),
    ))
}

fn about(row: &OperationRow) -> String {
    let rooms = row.rooms.join(", ");
    format!("{} on room {rooms} ({})", row.command, row.id.short())
}

/// Reports several operations. The exit status is that of the most urgent failure.
fn summary(app: &App, ends: impl Iterator<Item = (OperationRow, Answer)>) -> Answer {
    let mut operations = vec![];
    let mut warnings = vec![];
    let mut failures: Vec<(OperationRow, Failure)> = vec![];
    for (row, end) in ends {
        let id = row.id.to_string();
        match end {
            Ok(done) => {
                warnings.extend(done.warnings);
                let mut data = done.data;
                data["operation_id"] = json!(id);
                operations.push(data);
            }
            Err(failure) => {
                warnings.extend(failure.warnings.clone());
                let plain = json!({ "outcome": failure.kind.outcome() });
                let mut data = failure.data.clone().unwrap_or(plain);
                data["operation_id"] = json!(id);
                data["error"] = failure.json();
                operations.push(data);
                failures.push((row, failure));
            }
        }
    }
    let severity = |kind: Kind| match kind.exit() {
        9 => 0,
        8 => 1,
        11 => 2,
        130 => 3,
        6 => 4,
        _ => 5,
    };
    failures.sort_by_key(|(_, failure)| severity(failure.kind));
    let data = json!({
        "outcome": failures.first().map_or(OutcomeWord::Done, |(_, failure)| failure.kind.outcome()),
        "operations": operations,
    });
    let count = failures.len();
    let mut failures = failures.into_iter();
    let Some((_, worst)) = failures.next() else {
        return Ok(Done { data, warnings });
    };
    // The most urgent failure becomes the failure of the command. The others are printed before it.
    for (row, failure) in failures {
        app.ui
            .warn(&format!("{}: {}", about(&row), failure.message));
        failure
            .details
            .iter()
            .for_each(|line| app.ui.say(&format!("  {line}")));
    }
    let message = if count > 1 {
        format!(
            "{count} operations are not finished; the most urgent: {}",
            worst.message
        )
    } else {
        worst.message.clone()
    };
    Err(Failure {
        message,
        data: Some(data),
        warnings,
        ..worst
    })
}

/// Lists the unfinished operations with what their guests can open now, as read from Seam.
async fn list(app: &App, rows: Vec<OperationRow>) -> Answer {
    let client = app.client().await?;
    let profile = app.profile();
    let reading = async { Ok(recover::look(&client, &profile, rows).await?) };
    let open = Box::pin(app.until_interrupted(reading)).await?;
    if !app.ui.json {
        let mut table = Table::new([
            "Operation",
            "Command",
            "Room",
            "How far",
            "Who can open what now",
        ]);
        for one in &open {
            let done = one
                .row
                .steps
                .iter()
                .filter(|step| step.status == StepStatus::Done)
                .count();
            table.row([
                one.row.id.short().to_owned().into(),
                one.row.command.clone().into(),
                one.row.rooms.join(", ").into(),
                format!("{done} of {} steps", one.row.steps.len()).into(),
                access(one),
            ]);
        }
        app.ui.table(&table)?;
    }
    let count = open.len();
    let shown: Vec<_> = open
        .iter()
        .map(|one| {
            let mut shown = history::operation(&one.row);
            shown["guests_now"] = one.guests.iter().map(guest_now).collect();
            shown
        })
        .collect();
    Err(Failure {
        data: Some(json!({ "outcome": "refused", "unfinished": shown })),
        ..Failure::new(Kind::Unfinished, format!("{count} unfinished; nothing was changed now"))
            .hint("`roomkey recover OPERATION` finishes one; `--undo` removes the keys that it made, `--close` closes it without changing anything")
            .hint("`roomkey recover --all` finishes all")
    })
}

fn guest_now((name, keys): &(String, Vec<Brief>)) -> Value {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({ "acs_credential_id": key.id, "doors": key.doors, "from": key.from, "until": key.until })
        })
        .collect();
    json!({ "guest": name, "keys": keys })
}

fn access(open: &Open) -> Cell {
    if open.plan.is_none() {
        return "written by another version of roomkey".to_owned().into();
    }
    let lines: Vec<_> = open.guests.iter().map(holds).collect();
    if lines.is_empty() {
        "the guest is not on record yet".to_owned().into()
    } else {
        Cell::lines(&lines)
    }
}

/// Returns what a guest can open, as one line.
fn holds((name, keys): &(String, Vec<Brief>)) -> String {
    if keys.is_empty() {
        return format!("{name}: NOTHING");
    }
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            let from = key.from.as_ref().map(|from| format!(" from {from}"));
            let from = from.unwrap_or_default();
            format!("{}{from} until {}", key.doors.join(", "), key.until)
        })
        .collect();
    format!("{name}: {}", keys.join("; "))
}

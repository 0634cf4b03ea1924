//! `recover`.

use serde_json::json;

use super::{Answer, Done, history, write};
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::output::Table;
use crate::workflow::read::OneByOne;
use crate::workflow::recover::{self, Open, choose};

/// Show what stopped half-way and who can open what now; with an operation, finish it or take it back.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  roomkey recover\n  roomkey recover 8d1f3a\n  roomkey recover 8d1f3a --undo\n  roomkey recover --all --yes"
)]
pub(super) struct Args {
    /// The operation, or the beginning of its id.
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,
    /// Finish everything that is unfinished.
    #[arg(long, conflicts_with_all = ["operation", "undo"])]
    all: bool,
    /// Take back what it made; what it took away cannot be brought back.
    #[arg(long, requires = "operation")]
    undo: bool,
    /// A key that a stranger got since may be replaced.
    #[arg(long)]
    replace: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let record = app.record().await?;
    let answer = settle(app, &record, args).await;
    record.close().await;
    answer
}

async fn settle(app: &App, record: &crate::workflow::record::Record, args: Args) -> Answer {
    let rows = record.unfinished().await?;
    if rows.is_empty() && args.operation.is_none() {
        app.ui.say("Nothing is unfinished.");
        return Ok(Done::new(json!({ "outcome": "already", "unfinished": [] })));
    }
    let chosen = match &args.operation {
        None if args.all => rows,
        None => return list(app, rows).await,
        Some(asked) => vec![choose(rows, asked)?],
    };
    let client = app.client().await?;
    let property = app.property();
    let keys = OneByOne(&client);
    let desk = app.desk(&client, &keys, record);
    let mut ends = vec![];
    let mut worst: Option<Failure> = None;
    for row in chosen {
        let about = format!("{} on room {}", row.command, row.rooms.join(", "));
        app.ui.say(&format!(
            "{} {about} ({})",
            if args.undo {
                "Taking back"
            } else {
                "Finishing"
            },
            row.id.short()
        ));
        let settled = if args.undo {
            desk.undo(&property, &row.id).await
        } else {
            desk.recover(&property, &row.id, args.replace).await
        };
        let answer = match settled {
            Ok((outcome, time)) => write::report(app, time, outcome),
            Err(error) => Err(Failure::from(error)),
        };
        match answer {
            Ok(done) => ends.push(done),
            Err(failure) => worst = worst.or(Some(failure)),
        }
    }
    match (worst, ends.len()) {
        (Some(failure), _) => Err(failure),
        (None, 1) => Ok(ends.remove(0)),
        (None, _) => {
            let warnings = ends.iter().flat_map(|done| done.warnings.clone()).collect();
            let operations: Vec<_> = ends.into_iter().map(|done| done.data).collect();
            Ok(Done {
                data: json!({ "outcome": "done", "operations": operations }),
                warnings,
            })
        }
    }
}

/// What is unfinished, and who can open what now: read, not remembered.
async fn list(app: &App, rows: Vec<crate::workflow::record::OperationRow>) -> Answer {
    let client = app.client().await?;
    let open = app
        .look(async { Ok(recover::look(&client, &app.property(), rows).await?) })
        .await?;
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
                .filter(|step| step.status.word() == "done")
                .count();
            table.row([
                one.row.id.short().to_owned(),
                one.row.command.clone(),
                one.row.rooms.join(", "),
                format!("{done} of {} steps", one.row.steps.len()),
                standing(one),
            ]);
        }
        app.ui.table(&table)?;
    }
    let count = open.len();
    let shown: Vec<_> = open
        .iter()
        .map(|one| {
            let mut shown = history::operation(&one.row);
            shown["guests_now"] = one
                .guests
                .iter()
                .map(|(name, keys)| {
                    let keys: Vec<_> = keys.iter().map(|key| json!({ "acs_credential_id": key.id, "doors": key.doors, "until": key.until })).collect();
                    json!({ "guest": name, "keys": keys })
                })
                .collect();
            shown
        })
        .collect();
    Err(Failure {
        data: Some(json!({ "outcome": "refused", "unfinished": shown })),
        ..Failure::new(Kind::Unfinished, format!("{count} unfinished; nothing was changed now"))
            .hint("`roomkey recover OPERATION` finishes one, `--undo` takes it back, `roomkey recover --all` finishes all")
    })
}

fn standing(open: &Open) -> String {
    if open.plan.is_none() {
        return "written by another version of roomkey".to_owned();
    }
    let lines = open.guests.iter().map(|(name, keys)| {
        if keys.is_empty() {
            return format!("{name}: NOTHING");
        }
        let keys: Vec<_> = keys
            .iter()
            .map(|key| format!("{} until {}", key.doors.join(", "), key.until))
            .collect();
        format!("{name}: {}", keys.join("; "))
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        "the guest is not on record yet".to_owned()
    } else {
        lines.join("\n")
    }
}

//! From a prepared command to what staff see: show, confirm, carry out, report.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Answer, Done};
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::output::{Table, Ui};
use crate::seam::{self, Sent};
use crate::stay::{CardFormat, HotelTime};
use crate::workflow::engine::{Standing, Stop};
use crate::workflow::facts::Facts;
use crate::workflow::known::Known;
use crate::workflow::plan::Command;
use crate::workflow::prepared::{Decided, Warning};
use crate::workflow::property::Property;
use crate::workflow::read::OneByOne;
use crate::workflow::record::{OperationId, StepStatus};
use crate::workflow::report::{KeyReport, StepReport};
use crate::workflow::request::Request;
use crate::workflow::run::{Ending, Outcome};

/// The hotel's settings, with the card format that a command asks for.
pub(super) fn property(app: &App, format: Option<CardFormat>) -> Property {
    let property = app.property();
    Property {
        format: format.unwrap_or(property.format),
        ..property
    }
}

/// The common doors of a new key: those of the profile and those asked for.
pub(super) fn also(property: &Property, asked: Vec<String>) -> Vec<String> {
    let mut doors = property.also.clone();
    doors.extend(
        asked
            .into_iter()
            .filter(|door| !property.also.contains(door)),
    );
    doors
}

/// How far this PC's clock is from the server's, in words.
pub(super) fn skew_text(ahead: TimeDelta) -> String {
    let minutes = ahead.num_seconds().unsigned_abs().div_ceil(60);
    let side = if ahead < TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    };
    format!("this PC's clock is {minutes} minutes {side} the server's")
}

/// An option is missing.
pub(super) fn needs(option: &str) -> Failure {
    Failure::new(Kind::Usage, format!("{option} is needed"))
        .hint("`roomkey help COMMAND` shows examples")
}

/// Looks up, decides, shows, asks where something is replaced or taken away, carries out, reports.
pub(super) async fn carry_out(
    app: &App,
    property: Property,
    request: Request,
    dry_run: bool,
) -> Answer {
    let client = &app.client().await?;
    let file = app.settings.home.join("known.json");
    let property = &Property {
        known: Known::load(&file),
        ..property
    };
    let read = async {
        let facts = request.read(client, property).await?;
        let decided = request.decide(&facts, property)?;
        Ok((facts, decided))
    };
    let (facts, decided, record) = if dry_run {
        let (facts, decided) = Box::pin(app.look(read)).await?;
        (facts, decided, None)
    } else {
        // The record is opened while the answers are on their way; that it cannot be is said when it matters.
        let both = async { Ok(futures::join!(read, app.record())) };
        let (read, record) = Box::pin(app.look(both)).await?;
        let (facts, decided) = read?;
        (facts, decided, Some(record))
    };
    let mut known = property.known.clone();
    facts.teach(&mut known, request.rooms());
    if known != property.known {
        known.save(&file);
    }
    decided.says.iter().for_each(|line| app.ui.say(line));
    let Some(record) = record else {
        return planned(app, &facts, &decided);
    };
    if decided.plan.is_some() {
        confirm(app, decided.asks.as_deref(), decided.command)?;
    }
    let record = record?;
    let keys = OneByOne(client);
    let desk = app.desk(client, &keys, &record);
    let outcome = Box::pin(desk.execute(&facts, &decided)).await;
    record.close().await;
    report(app, facts.time, outcome?)
}

fn confirm(app: &App, question: Option<&str>, command: Command) -> Result<(), Failure> {
    let Some(question) = question.filter(|_| !app.yes) else {
        return Ok(());
    };
    if app.ui.can_ask() {
        if app.ui.ask(question)? {
            return Ok(());
        }
        return Err(Failure::new(Kind::Declined, "not confirmed").impact("Nothing was changed."));
    }
    // The command itself names whose key changes, and the guest keeps one at every moment.
    if command == Command::Update {
        return Ok(());
    }
    let mut lines = question.lines().map(str::trim);
    let first = lines.next().unwrap_or_default().to_owned();
    Err(Failure::new(
        Kind::NeedsConfirmation,
        format!("this needs a yes: {first}"),
    )
    .details(lines.filter(|line| !line.is_empty()))
    .impact("Nothing was changed.")
    .hint("add `--yes` where that is meant"))
}

/// `--dry-run`: the steps with their calls.
fn planned(app: &App, facts: &Facts, decided: &Decided) -> Answer {
    let outcome = Outcome::unwritten(facts, decided);
    warn(app, &outcome.warnings);
    if !app.ui.json {
        if outcome.steps.is_empty() {
            app.ui.say("Already so: there is nothing to do.");
        } else {
            let mut table = Table::new(["#", "Step", "Call"]);
            for (index, step) in outcome.steps.iter().enumerate() {
                table.row([
                    (index + 1).to_string(),
                    step.step.clone(),
                    step.call.to_owned(),
                ]);
            }
            app.ui.table(&table)?;
            if let Some(question) = &decided.asks {
                app.ui.say(question);
            }
            app.ui.say("A dry run: nothing was changed.");
        }
    }
    let word = if outcome.steps.is_empty() {
        "already"
    } else {
        "planned"
    };
    Ok(Done {
        data: data(&outcome, word),
        warnings: pairs(&outcome.warnings),
    })
}

fn warn(app: &App, warnings: &[Warning]) {
    warnings
        .iter()
        .for_each(|warning| app.ui.warn(&warning.message));
}

fn pairs(warnings: &[Warning]) -> Vec<(String, String)> {
    warnings
        .iter()
        .map(|warning| (warning.code.clone(), warning.message.clone()))
        .collect()
}

fn data(outcome: &Outcome, word: &str) -> Value {
    json!({
        "operation_id": outcome.operation_id.as_ref().map(OperationId::as_str), "outcome": word, "keys": outcome.keys,
        "replaced": outcome.replaced, "revoked": outcome.revoked, "steps": outcome.steps,
    })
}

/// What came of it: a table and a sentence, or a failure with all that is known.
pub(super) fn report(app: &App, time: HotelTime, outcome: Outcome) -> Answer {
    warn(app, &outcome.warnings);
    let unprinted = if !app.ui.json && !outcome.keys.is_empty() {
        app.ui.table(&keys(&outcome.keys, time)).err()
    } else {
        None
    };
    let Some(failure) = failure(&outcome) else {
        app.ui.say(&sentence(&outcome));
        if let Some(error) = unprinted {
            return Err(Failure::from(error)
                .impact("What was asked for is done; only the table could not be printed."));
        }
        let word = match &outcome.ending {
            Ending::Planned => "planned",
            Ending::Already => "already",
            _ => "done",
        };
        return Ok(Done {
            data: data(&outcome, word),
            warnings: pairs(&outcome.warnings),
        });
    };
    if !app.ui.json && !outcome.steps.is_empty() {
        Ui::err(&steps(&outcome.steps));
    }
    let word = failure.kind.outcome();
    Err(Failure {
        data: Some(data(&outcome, word)),
        warnings: pairs(&outcome.warnings),
        ..failure
    })
}

/// What stood in the way of a command that was carried out; `None` where nothing did.
pub(super) fn failure(outcome: &Outcome) -> Option<Failure> {
    match &outcome.ending {
        Ending::Planned | Ending::Already | Ending::Done => None,
        Ending::NotConfirmed => Some(not_confirmed(outcome)),
        Ending::Stopped(standing, stop) => Some(stopped(outcome, *standing, stop)),
    }
}

/// Keys as a table, in hotel time.
pub(super) fn keys(keys: &[KeyReport], time: HotelTime) -> Table {
    let mut table = Table::new(["Room", "Guest", "Key", "Until", "Other doors", "State"]);
    for key in keys {
        let others: Vec<&str> = key
            .doors
            .iter()
            .filter(|door| !key.rooms.contains(door))
            .map(String::as_str)
            .collect();
        let state = match (key.valid, key.synced) {
            (Some(false), _) => "not valid",
            _ if key.waiting => "waits for app",
            (_, Some(true)) => "confirmed",
            (_, Some(false)) => "on its way",
            (_, None) => "not known",
        };
        table.row([
            key.rooms.join(", "),
            key.guest.clone(),
            key.kind.to_owned(),
            key.ends_at
                .map_or_else(|| "-".to_owned(), |end| time.show(end)),
            others.join(", "),
            state.to_owned(),
        ]);
    }
    table
}

fn steps(steps: &[StepReport]) -> String {
    let mark = |status: &str| match status {
        "done" => "done   ",
        "failed" => "failed ",
        "planned" => "not yet",
        _ => "unknown",
    };
    let lines = steps
        .iter()
        .map(|step| format!("  {} {}", mark(step.status), step.step));
    lines.collect::<Vec<_>>().join("\n")
}

fn sentence(outcome: &Outcome) -> String {
    let count = |n: usize| {
        if n == 1 {
            "1 key".to_owned()
        } else {
            format!("{n} keys")
        }
    };
    match (&outcome.ending, outcome.command) {
        (Ending::Already, Command::Revoke) => "Already so: there is no such live key.".to_owned(),
        (Ending::Already, _) => "Already so: the guest has this key, and nothing was changed.".to_owned(),
        (_, Command::Revoke) => format!("{} taken away.", count(outcome.revoked.len())),
        (_, Command::Update) => "Updated. The key as it was stops working when the new one is first used.".to_owned(),
        (_, Command::Join) => "Joined. The other keys of the room go on working.".to_owned(),
        (_, Command::Issue | Command::ReturnGuest) if outcome.keys.is_empty() => "Done.".to_owned(),
        (_, Command::Issue | Command::ReturnGuest) => {
            "Issued. Earlier keys to the room stop working when the new one is first used at the door.".to_owned()
        }
    }
}

fn not_confirmed(outcome: &Outcome) -> Failure {
    if outcome.command == Command::Revoke {
        return Failure::new(
            Kind::NotConfirmed,
            "Seam accepted the deletion, and the key is still on record",
        )
        .impact("The key may go on working until the lock system has followed.")
        .hint("`roomkey keys` with the room or the guest shows whether it is gone");
    }
    Failure::new(Kind::NotConfirmed, "Seam accepted the key, and the lock system has not confirmed it in time")
        .impact("The guest may have to wait; nothing is lost.")
        .hint("`roomkey keys` with the room or the guest shows whether it has come; `roomkey doctor` checks the system")
}

/// A command that stopped: what happened, what is true for the guest, what to do.
fn stopped(outcome: &Outcome, standing: Standing, stop: &Stop) -> Failure {
    let step = outcome
        .steps
        .get(stop.step())
        .map_or("a step", |step| step.step.as_str());
    let (error, message) = match stop {
        Stop::Failed { error, .. } => (Some(error), format!("could not {step}: {error}")),
        Stop::Unknown { error, .. } => (
            Some(error),
            format!("whether it could {step} is not known: {error}"),
        ),
        Stop::Unrecorded { error, .. } if is_done(outcome, stop.step()) => {
            (None, format!("could {step}, and then stopped: {error}"))
        }
        Stop::Unrecorded { error, .. } => {
            (None, format!("stopped before it could {step}: {error}"))
        }
        Stop::Unconfirmed { .. } => (
            None,
            "the lock system has not confirmed the new key in time, so the old one was left alone"
                .to_owned(),
        ),
        Stop::Interrupted { .. } => (None, format!("interrupted before it could {step}")),
    };
    let kind = match (stop, standing) {
        (Stop::Interrupted { .. }, _) => Kind::Interrupted,
        (_, Standing::NoAccess) => Kind::NoAccess,
        (Stop::Unconfirmed { .. }, _) => Kind::NotConfirmed,
        (_, Standing::Unknown) => Kind::UnknownOutcome,
        (_, Standing::PartDone) => Kind::PartDone,
        (_, Standing::Unchanged) => error.map_or(Kind::RecordUnavailable, refused),
    };
    let mut failure = Failure::new(kind, message).impact(match standing {
        Standing::Unchanged => "Nothing was changed.",
        Standing::PartDone => "Part of it is done; the steps above show how far it came.",
        Standing::Unknown => "Whether the step took effect is not known; nothing more was sent.",
        Standing::NoAccess => {
            "The guest has NO access now: the old keys are gone and there is no new one."
        }
    });
    if let Some(error) = error {
        failure.request_id = error.request_id().map(str::to_owned);
        failure.validation = error.validation().to_vec();
    }
    if matches!(stop, Stop::Unrecorded { .. }) {
        failure = failure.hint("make room on the disk, or make it writable");
    }
    match (&outcome.operation_id, standing) {
        (_, Standing::Unchanged) | (None, _) => {
            failure.hint("type the same again when that is mended")
        }
        (Some(id), _) => failure.hint(format!("`roomkey recover {}` finishes it", id.short())),
    }
}

fn is_done(outcome: &Outcome, step: usize) -> bool {
    let step = outcome.steps.get(step);
    step.is_some_and(|step| step.status == StepStatus::Done.word())
}

/// A call that certainly changed nothing.
fn refused(error: &seam::Error) -> Kind {
    if error.is_denied() {
        Kind::KeyRefused
    } else if error.sent() == Sent::No && error.is_unreachable() {
        Kind::Unreachable
    } else {
        Kind::Rejected
    }
}

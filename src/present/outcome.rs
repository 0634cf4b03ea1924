//! What a command prints at its end: a table of keys and a sentence, the steps and a failure, or the plan of a dry run.

use serde_json::{Value, json};

use super::decision::confirmation;
use super::failed::{failure_of, word};
use super::{Answer, Done, Table, Ui, keys};
use crate::failure::{Failure, OutcomeWord};
use crate::hotel::refusal::Warning;
use crate::journal::{OperationId, StepStatus};
use crate::operation::decision::Decision;
use crate::operation::outcome::{Ending, Outcome};
use crate::operation::plan::Command;
use crate::operation::report::StepReport;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// Shows the steps of a dry run, with the API path of each.
pub(crate) fn planned(ui: &Ui, snapshot: &HotelSnapshot, decision: &Decision) -> Answer {
    let outcome = Outcome::unwritten(snapshot, decision);
    warn(ui, &outcome.warnings);
    if !ui.json {
        if outcome.steps.is_empty() {
            ui.say("Already done: nothing to do.");
        } else {
            let calls = ui.verbose.then_some("Call");
            let mut table = Table::new(["#", "Step"].into_iter().chain(calls));
            for (index, step) in outcome.steps.iter().enumerate() {
                let words = [(index + 1).to_string(), step.step.clone()];
                let call = ui.verbose.then(|| step.call.to_owned());
                table.row(words.into_iter().chain(call));
            }
            ui.table(&table)?;
            if let Some(asked) = &decision.confirmation {
                confirmation(asked).iter().for_each(|line| ui.say(line));
            }
            ui.say("A dry run: nothing was changed.");
        }
    }
    let word = if outcome.steps.is_empty() {
        OutcomeWord::Already
    } else {
        OutcomeWord::Planned
    };
    Ok(Done {
        data: data(&outcome, word),
        warnings: pairs(&outcome.warnings),
    })
}

fn warn(ui: &Ui, warnings: &[Warning]) {
    warnings
        .iter()
        .for_each(|warning| ui.warn(&warning.message));
}

fn pairs(warnings: &[Warning]) -> Vec<(String, String)> {
    warnings
        .iter()
        .map(|warning| (warning.code.clone(), warning.message.clone()))
        .collect()
}

fn data(outcome: &Outcome, word: OutcomeWord) -> Value {
    json!({
        "operation_id": outcome.operation_id.as_ref().map(OperationId::as_str), "outcome": word, "keys": outcome.keys,
        "replaced": outcome.replaced, "revoked": outcome.revoked, "steps": outcome.steps,
    })
}

/// Prints an outcome: the keys and a sentence, or the steps and a failure. The failure is returned for the caller to
/// print.
pub(crate) fn report(ui: &Ui, outcome: Outcome) -> Answer {
    warn(ui, &outcome.warnings);
    let unprinted = if !ui.json && !outcome.keys.is_empty() {
        ui.table(&keys::keys(&outcome.keys, outcome.time)).err()
    } else {
        None
    };
    let Some(failure) = failure_of(&outcome) else {
        ui.say(&sentence(&outcome));
        if let Some(error) = unprinted {
            return Err(Failure::from(error)
                .impact("What was asked for is done; only the table could not be printed."));
        }
        let word = match &outcome.ending {
            Ending::Planned => OutcomeWord::Planned,
            Ending::Already => OutcomeWord::Already,
            _ => OutcomeWord::Done,
        };
        return Ok(Done {
            data: data(&outcome, word),
            warnings: pairs(&outcome.warnings),
        });
    };
    if !ui.json && !outcome.steps.is_empty() {
        steps(&outcome.steps).for_each(|line| Ui::err(&line));
    }
    let word = word(&outcome, &failure);
    Err(Failure {
        data: Some(data(&outcome, word)),
        warnings: pairs(&outcome.warnings),
        ..failure
    })
}

fn steps(steps: &[StepReport]) -> impl Iterator<Item = String> {
    let mark = |status: StepStatus| match status {
        StepStatus::Done => "done   ",
        StepStatus::Failed => "failed ",
        StepStatus::Planned => "not yet",
        StepStatus::Intended | StepStatus::Unknown => "unknown",
    };
    steps
        .iter()
        .map(move |step| format!("  {} {}", mark(step.status), step.step))
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
        (Ending::Undone { .. }, _) => format!("Undone: {} removed.", count(outcome.revoked.len())),
        (Ending::Already, Command::Revoke) => "Already done: there is no such live key.".to_owned(),
        (Ending::Already, _) => {
            "Already done: the guest has this key. Nothing was changed.".to_owned()
        }
        (_, Command::Revoke) => format!("{} taken away.", count(outcome.revoked.len())),
        (_, Command::Update) => {
            "Updated. The earlier key stops working when the new one is first used.".to_owned()
        }
        (_, Command::Join) => "Joined. The other keys of the room go on working.".to_owned(),
        (_, Command::Issue | Command::ReturnGuest) if outcome.keys.is_empty() => "Done.".to_owned(),
        (_, Command::Issue | Command::ReturnGuest) if outcome.replaced.is_empty() => {
            "Ready.".to_owned()
        }
        (_, Command::Issue | Command::ReturnGuest) => {
            "Issued. The earlier keys stop working when the new one is first used at the door."
                .to_owned()
        }
    }
}

//! The words for a decision: how the command was understood, and what a person must agree to.

use crate::hotel::HotelTime;
use crate::hotel::refusal::Brief;
use crate::operation::decision::{Confirmation, Decision, Neighbour, Question, Summary};
use crate::operation::plan::Command;

/// Returns the lines that say how a command was understood.
pub fn summary(decision: &Decision, time: &HotelTime) -> Vec<String> {
    let mut lines = match &decision.summary {
        None => vec![],
        Some(Summary::NewKeys {
            rooms,
            guests,
            window,
            joins,
        }) => {
            let what = if decision.command == Command::ReturnGuest {
                "fresh key for returning guest"
            } else {
                "mobile key for"
            };
            let together = if joins.is_empty() {
                ""
            } else {
                ", together with"
            };
            let mut lines = vec![format!(
                "Room {}: {what} {}, {} to {} (hotel time, {}){together}",
                rooms.join(", "),
                guests.join(", "),
                time.show(window.starts_at),
                time.show(window.ends_at),
                time.zone.name(),
            )];
            lines.extend(joins.iter().map(indented));
            lines
        }
        Some(Summary::ChangedKey {
            rooms,
            guest,
            before,
            doors,
            until,
        }) => vec![
            format!("Room {}: mobile key of {guest}", rooms.join(", ")),
            format!(
                "  before: {}, until {}",
                before.doors.join(", "),
                before.until
            ),
            format!(
                "  after:  {}, until {} (hotel time, {})",
                doors.join(", "),
                time.show(*until),
                time.zone.name()
            ),
        ],
        Some(Summary::Revoked { keys, kept }) => {
            let keys = keys.iter().map(|key| format!("Revoke {key}"));
            let kept = kept
                .iter()
                .map(|key| format!("Left alone: {key}; `--all` takes it away too"));
            keys.chain(kept).collect()
        }
    };
    lines.extend(decision.neighbours.iter().map(|neighbour| match neighbour {
        Neighbour::Later { guest, from } => format!("  before {guest}, from {}", time.show(*from)),
        Neighbour::Earlier { guest, until } => format!("  after {guest}, until {until}"),
    }));
    lines
}

/// Returns the lines of a confirmation: the keys in question, one line each, and the question as the last line.
pub fn confirmation(asked: &Confirmation) -> Vec<String> {
    let (ends, question) = match &asked.question {
        Question::Replace => (
            "These keys stop working when the new one is first used:",
            "Replace them?".to_owned(),
        ),
        Question::ReturnGuest => (
            "These keys are taken away or replaced:",
            "Go on?".to_owned(),
        ),
        Question::LetIn { guests, .. } => (
            "These keys are replaced:",
            format!("Let {} in?", guests.join(", ")),
        ),
        Question::Change {
            guest,
            until,
            shorter,
        } => (
            "These keys are replaced:",
            match (until, shorter) {
                (Some(until), false) => format!("Extend the key of {guest} to {until}?"),
                (Some(until), true) => format!("Shorten the key of {guest} to {until}?"),
                (None, _) => format!("Change the key of {guest}?"),
            },
        ),
        Question::Revoke { keys: 1 } => ("", "Revoke this key?".to_owned()),
        Question::Revoke { keys } => ("", format!("Revoke these {keys} keys?")),
    };
    let mut lines = vec![];
    if let Question::LetIn { rooms, .. } = &asked.question {
        lines.push(format!("These guests have room {}:", rooms.join(", ")));
        lines.extend(asked.residents.iter().map(indented));
    }
    if !asked.ends.is_empty() {
        lines.push(ends.to_owned());
        lines.extend(asked.ends.iter().map(indented));
    }
    lines.push(question);
    lines
}

fn indented(key: &Brief) -> String {
    format!("  {key}")
}

//! The words for how a row ended: for the result file, which names no guest, and for people.

use crate::batch::input::fias;
use crate::batch::report::{RowResult, Totals, Word};
use crate::batch::schedule::{Ended, Halt};
use crate::batch::why::Why;
use crate::failure::{Failure, Kind, OutcomeWord};
use crate::hotel::refusal::Refusal;
use crate::hotel::{CapacityError, DoorError, TimeError};
use crate::journal::StepStatus;
use crate::operation::outcome::{Ending, Outcome};
use crate::operation::stop::Stop;
use crate::present::failed::{failure_of, word};

/// The refused rows that need something else than a correction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    /// Rows behind an operation that is not finished.
    unfinished: usize,
    /// Rows behind another process that works on the same room or guest.
    busy: usize,
}

impl Held {
    /// Counts the rows among these results.
    pub(crate) fn of<'a>(results: impl Iterator<Item = &'a RowResult>) -> Self {
        let mut found = Held::default();
        for result in results.filter(|result| result.word == Word::Refused) {
            match result.code {
                Some("unfinished") => found.unfinished += 1,
                Some("busy") => found.busy += 1,
                _ => {}
            }
        }
        found
    }
}

/// Returns the failure of a batch in which some rows are not done, with advice for each kind of row. `halt`: why the
/// batch stopped early, if it did.
pub(crate) fn not_all_done(totals: &Totals, held: Held, halt: Option<Halt>) -> Failure {
    let no_access = totals.of(Word::NoAccess);
    let impact = match no_access {
        0 => "The rows that are done stay done.".to_owned(),
        1 => "1 guest has NO access now.".to_owned(),
        n => format!("{n} guests have NO access now."),
    };
    let text = format!(
        "{} of {} rows are not done",
        totals.not_done(),
        totals.rows()
    );
    let (kind, text) = match halt {
        None => (Kind::RowsNotDone, text),
        Some(Halt::Interrupted) => (Kind::Interrupted, format!("interrupted: {text}")),
        Some(Halt::Denied) => (
            Kind::RowsNotDone,
            format!("Seam does not accept the API key any more: {text}"),
        ),
        Some(Halt::Unreachable) => (
            Kind::RowsNotDone,
            format!("Seam cannot be reached any more: {text}"),
        ),
        Some(Halt::Journal) => (
            Kind::RowsNotDone,
            format!("the journal cannot be written any more: {text}"),
        ),
    };
    let mut failure = Failure::new(kind, text).impact(impact);
    let to_correct = totals.of(Word::Refused) - held.unfinished - held.busy;
    if to_correct > 0 {
        failure = failure.hint(
            "correct the rows that were refused, in the file or at the desk; then the same command does only what is not done",
        );
    }
    let half_way = no_access + totals.of(Word::Unknown);
    if half_way > 0 {
        failure = failure.hint(
            "type the same command again: it finishes the rows that stopped half-way and goes on",
        );
    } else if totals.not_done() > to_correct + held.unfinished {
        failure = failure.hint(if to_correct > 0 {
            "for the other rows, type the same command again: rows that are done are not done twice"
        } else {
            "type the same command again: rows that are done are not done twice"
        });
    }
    if half_way + held.unfinished > 0 {
        failure = failure.hint("`roomkey recover` shows what is open and who can open what now");
    }
    failure
}

/// Returns the result of a row for the result file, and the text for people if the row is not done.
pub(crate) fn result_of(ended: Ended) -> (RowResult, Option<Vec<String>>) {
    match ended {
        Ended::Before { key, until } => {
            let result = RowResult {
                acs_credential_id: key,
                until,
                message: Some("done by an earlier run".to_owned()),
                ..RowResult::new(Word::Already)
            };
            (result, None)
        }
        Ended::Carried {
            outcome,
            step,
            key,
            until,
        } => {
            let (result, text) = carried(&outcome, step);
            let result = RowResult {
                acs_credential_id: key,
                until,
                operation_id: outcome.operation_id.as_ref().map(ToString::to_string),
                ..result
            };
            (result, text)
        }
        Ended::Refused(why) => refused(why),
        Ended::Journal(error) => {
            let failure = Failure::from(error);
            let word = match failure.kind {
                Kind::RecordUnavailable | Kind::Interrupted => Word::NotStarted,
                _ => Word::Refused,
            };
            let text = failure.message.clone();
            (
                stood_in_the_way(word, &failure, text.clone()),
                Some(vec![text]),
            )
        }
        Ended::NotStarted => (RowResult::new(Word::NotStarted), None),
    }
}

fn carried(outcome: &Outcome, step: Option<usize>) -> (RowResult, Option<Vec<String>>) {
    let Some(failure) = failure_of(outcome) else {
        let word = match outcome.ending {
            Ending::Already => Word::Already,
            _ => Word::Done,
        };
        return (RowResult::new(word), None);
    };
    // If one operation carries out several rows, the result of each row depends on its own step.
    let own = step.and_then(|step| outcome.steps.get(step));
    let shared = outcome.steps.iter().filter(|step| step.makes_key);
    // A row whose key was made is done only if the key stays valid and did not end keys of others.
    let stays = matches!(
        outcome.ending,
        Ending::Stopped(
            _,
            Stop::Failed { .. }
                | Stop::Unknown { .. }
                | Stop::Unrecorded { .. }
                | Stop::Taken { .. }
        )
    );
    let own = own.filter(|_| shared.count() > 1).map(|step| step.status);
    let word = match (own, word(outcome, &failure)) {
        (_, OutcomeWord::NoAccess) => Word::NoAccess,
        (Some(StepStatus::Done), _) if stays => return (RowResult::new(Word::Done), None),
        (Some(StepStatus::Planned), _) if stays => Word::NotStarted,
        (Some(StepStatus::Failed), _) => Word::Failed,
        (_, OutcomeWord::Refused) => Word::Refused,
        (_, OutcomeWord::Unknown) => Word::Unknown,
        _ => Word::Failed,
    };
    let mut text = vec![failure.message.clone()];
    text.extend(failure.impact.iter().chain(&failure.hints).cloned());
    (
        stood_in_the_way(word, &failure, without_names(outcome)),
        Some(text),
    )
}

/// Returns how a command that was carried out ended, without a guest's name.
fn without_names(outcome: &Outcome) -> String {
    let stop = match &outcome.ending {
        // Two desks gave away the same room, so the operation is closed.
        Ending::Harmed if outcome.harmed.iter().all(|harm| harm.contested) => {
            return "another desk made a key for the room or the guest at the same moment, and the new key has ended that one".to_owned();
        }
        Ending::Harmed => {
            return "the key of another guest has stopped working, and that guest has NO access now; `roomkey recover` shows who it is".to_owned();
        }
        Ending::Stopped(_, stop) => stop,
        _ => return "accepted, but not confirmed by the lock system in time".to_owned(),
    };
    let is_own = outcome.has_own_rival();
    match stop {
        Stop::Taken { .. } if is_own => {
            "another desk has made another key for the guest; nothing was changed".to_owned()
        }
        Stop::Displaced { .. } if is_own => {
            "the new key is not valid, because another desk has made another key for the guest".to_owned()
        }
        Stop::Contested { .. } if is_own => {
            "another desk made another key for the guest at the same moment, and both keys are valid".to_owned()
        }
        Stop::Taken { .. } => {
            "another desk has given the room to somebody else; nothing was changed".to_owned()
        }
        Stop::Displaced { .. } => {
            "the new key is not valid, because another desk has given the room to somebody else".to_owned()
        }
        Stop::Contested { .. } => {
            "another desk gave the room to somebody else at the same moment, and both keys are valid".to_owned()
        }
        stop => match outcome.steps.get(stop.step()) {
            Some(step) => format!("stopped at: {}", step.step),
            None => "stopped".to_owned(),
        },
    }
}

pub(crate) fn refused(why: Why) -> (RowResult, Option<Vec<String>>) {
    match why {
        Why::Row { code, text } => {
            let result = RowResult {
                code: Some(code),
                message: Some(text.clone()),
                ..RowResult::new(Word::Refused)
            };
            (result, Some(vec![text]))
        }
        Why::Refused(refusal) => {
            let plain = plain(&refusal);
            let advice = in_file(&refusal);
            let mut failure = Failure::from(*refusal);
            if let Some(advice) = advice {
                failure.message = advice;
                failure.hints.clear();
            }
            let mut text = vec![failure.message.clone()];
            text.extend(failure.details.iter().chain(&failure.hints).cloned());
            (stood_in_the_way(Word::Refused, &failure, plain), Some(text))
        }
    }
}

fn stood_in_the_way(word: Word, failure: &Failure, message: String) -> RowResult {
    RowResult {
        code: Some(failure.kind.code()),
        message: Some(message),
        request_id: failure.request_id.clone(),
        ..RowResult::new(word)
    }
}

/// Returns the text of a refusal with advice about the columns of the file, where the advice of the command line names
/// an option that a row does not have.
fn in_file(refusal: &Refusal) -> Option<String> {
    let column = match refusal {
        Refusal::Door(DoorError::NotGuest { .. }) => "write the door in the column `also`",
        Refusal::Door(DoorError::IsGuest { .. }) => "write the room in the column `room`",
        Refusal::Door(DoorError::NotMobile { .. }) => {
            "make a plastic card, or write another door in the row"
        }
        Refusal::Door(DoorError::NotFound { .. }) => {
            "write a name as `roomkey rooms` lists it in the row"
        }
        Refusal::Time(TimeError::StartPassed { .. } | TimeError::HourPassed { .. }) => {
            "write a later time in the column `arrival`"
        }
        Refusal::Time(TimeError::EndPassed { .. } | TimeError::EndBeforeStart { .. }) => {
            "write a later time in the column `departure`"
        }
        Refusal::Time(TimeError::TooLong { .. }) => {
            "write an earlier day in the column `departure`"
        }
        Refusal::Time(TimeError::NoEnd | TimeError::TwoEnds | TimeError::TonightEnds) => {
            "write a day in the column `departure`, or a number in the column `nights`"
        }
        Refusal::Time(TimeError::Nights(_)) => "write a smaller number in the column `nights`",
        Refusal::Capacity(CapacityError::Consecutive(_) | CapacityError::Additional(_)) => {
            "write fewer rooms in the row, or set `card_format = \"TLCode\"` in the profile"
        }
        Refusal::Capacity(CapacityError::Common(_)) => {
            "write fewer doors in the column `also`, or set `card_format = \"TLCode\"` in the profile"
        }
        _ => return None,
    };
    let text = refusal.to_string();
    let (fact, _) = text.rsplit_once("; ").unwrap_or((&text, ""));
    Some(format!("{fact}; {column}"))
}

/// Returns the text of a refusal without the guest's name.
fn plain(refusal: &Refusal) -> String {
    if let Some(text) = in_file(refusal) {
        return text;
    }
    match refusal {
        Refusal::Guest { .. } => "no such guest on record, or more than one".to_owned(),
        Refusal::Key { .. } => "no such live key, or more than one".to_owned(),
        Refusal::Twice(_) => "the guest is named twice".to_owned(),
        other => other.to_string(),
    }
}

/// Returns the answer status of a FIAS request.
pub(crate) fn status(result: &RowResult) -> fias::Status {
    match (result.word, result.code) {
        (Word::Done | Word::Already, _) => fias::Status::Ok,
        (_, Some("busy")) => fias::Status::Busy,
        (
            _,
            Some(
                "room_not_found"
                | "guest_not_found"
                | "guest_ambiguous"
                | "key_not_found"
                | "reservation_not_found",
            ),
        ) => fias::Status::NotFound,
        (Word::Refused, _) => fias::Status::Denied,
        (Word::NotStarted, _) | (_, Some("unreachable")) => fias::Status::Retry,
        (Word::Unknown | Word::NoAccess, _) => fias::Status::NoResponse,
        (Word::Failed, _) => fias::Status::Unprocessable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_for_a_row_names_columns_and_no_options() {
        let show = |name: &str| name.to_owned();
        for refusal in [
            Refusal::Door(DoorError::IsGuest { asked: show("101") }),
            Refusal::Door(DoorError::NotFound {
                kind: "guest room",
                asked: show("1o1"),
                similar: vec![show("101")],
            }),
            Refusal::Time(TimeError::NoEnd),
            Refusal::Time(TimeError::TwoEnds),
            Refusal::Time(TimeError::Nights(900)),
            Refusal::Time(TimeError::TooLong {
                start: show("a"),
                end: show("b"),
            }),
            Refusal::Time(TimeError::EndBeforeStart {
                start: show("a"),
                end: show("b"),
            }),
            Refusal::Capacity(CapacityError::Common(40)),
            Refusal::Capacity(CapacityError::Additional(40)),
        ] {
            let (result, text) = refused(Why::from(refusal));
            let text = text.unwrap().join("\n") + &result.message.unwrap();
            assert!(!text.contains("--"), "{text}");
            assert!(text.contains("write"), "{text}");
        }
    }
}

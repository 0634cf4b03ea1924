//! The failures of commands that were carried out, in part or whole: what happened, what it means for the guest, and
//! what to do next.

use crate::failure::{Failure, Kind, OutcomeWord};
use crate::hotel::key::Medium;
use crate::journal::{StepStatus, Trouble};
use crate::operation::outcome::{Beyond, Ending, Outcome};
use crate::operation::report::KeyReport;
use crate::operation::stop::{AccessState, Stop};
use crate::operation::verify::Harm;
use crate::seam::{self, Sent};

/// Returns the word for the outcome of a command that was carried out and failed.
pub(crate) fn word(outcome: &Outcome, failure: &Failure) -> OutcomeWord {
    let is_unchanged = match &outcome.ending {
        Ending::Stopped(access_state, _) => *access_state == AccessState::Unchanged,
        _ => false,
    };
    if failure.kind == Kind::Interrupted && !is_unchanged {
        return OutcomeWord::Unknown;
    }
    failure.kind.outcome()
}

/// Returns the failure of a command that was carried out; `None` if it succeeded.
pub fn failure_of(outcome: &Outcome) -> Option<Failure> {
    match &outcome.ending {
        Ending::Planned | Ending::Already | Ending::Done => None,
        Ending::Undone {
            without, beyond, ..
        } if without.is_empty() && beyond.is_empty() => None,
        Ending::Undone {
            without,
            again,
            beyond,
        } => Some(undone(without, again.as_deref(), beyond)),
        Ending::NotConfirmed => Some(not_confirmed(outcome)),
        Ending::Harmed => Some(harm(outcome)),
        Ending::Stopped(access_state, stop) if outcome.harmed.is_empty() => {
            Some(stopped(outcome, *access_state, stop))
        }
        Ending::Stopped(access_state, stop) => Some(stopped_with_harm(
            outcome,
            stopped(outcome, *access_state, stop),
        )),
    }
}

fn undone(without: &[String], again: Option<&str>, beyond: &[Beyond]) -> Failure {
    let mut failure = Failure::new(Kind::NoAccess, "the operation is undone");
    let mut impact = vec![];
    if !without.is_empty() {
        let names = without.join(", ");
        impact.push(format!("{names} had a key before and has NO access now."));
    }
    for Beyond { key, .. } in beyond {
        let (holder, medium) = (&key.holder, key.medium);
        impact.push(format!("The {medium} of {holder} stays invalid."));
        failure = failure.details([key]);
    }
    failure = failure.impact(impact.join(" "));
    for lost in beyond {
        let holder = &lost.key.holder;
        failure = failure.hint(match &lost.other {
            Some(other) => format!(
                "to extend the key that {holder} has: `roomkey update --key {}` with `--rooms` or `--until`",
                other.id
            ),
            None => format!("encode a new card for {holder}: no command can restore a plastic card"),
        });
    }
    match again {
        _ if without.is_empty() => failure,
        Some(command) => failure.hint(format!("`{command}` gives a new key")),
        None => failure.hint("`roomkey issue` gives a new key"),
    }
}

/// Returns the failure of a command that was carried out and ended keys of other guests.
fn harm(outcome: &Outcome) -> Failure {
    let names = harmed_names(outcome, |_| true);
    let is_own = |harm: &Harm| outcome.is_own(harm.key.holder.as_ref());
    let (own, strangers) = (
        harmed_names(outcome, is_own),
        harmed_names(outcome, |harm| !is_own(harm)),
    );
    let contested = outcome.harmed.iter().all(|harm| harm.contested);
    let works = if outcome.keys.iter().all(|key| key.valid == Some(true)) {
        "The new key works. "
    } else {
        ""
    };
    let has_part =
        || format!("{own} has NO access to what only the other key opened, or only at its time.");
    let (message, impact) = match (contested, own.is_empty(), strangers.is_empty()) {
        (true, false, true) => (
            format!(
                "another desk made a key for {own} at the same moment, and the new key has ended that one"
            ),
            format!("{works}{}", has_part()),
        ),
        (true, false, false) => (
            format!(
                "another desk made a key for {own} and gave the room to {strangers} at the same moment, and the new \
                 key has ended those keys"
            ),
            format!("{works}{strangers} has NO access now. {}", has_part()),
        ),
        (true, true, _) => (
            format!(
                "another desk gave the room to {strangers} at the same moment, and the new key has ended that one"
            ),
            format!("{works}{strangers} has NO access now."),
        ),
        (false, ..) => (
            format!(
                "the lock system has ended the key of {names}, which this command should not have changed"
            ),
            format!("{works}{names} has NO access now."),
        ),
    };
    let failure = Failure::new(Kind::NoAccess, message)
        .details(others(outcome))
        .impact(impact);
    let failure = if contested && strangers.is_empty() {
        failure.hint("agree with the other desk which rooms and which time the guest has; one key can hold all of them")
    } else if contested {
        failure
            .hint("agree with the other desk who gets the room; the other guest needs another room")
    } else {
        failure
    };
    let has_card = outcome
        .harmed
        .iter()
        .any(|harm| harm.key.medium == Medium::Card);
    match &outcome.remedy {
        Some(command) if has_card && !contested => failure
            .hint("make new plastic cards at the encoder")
            .hint(format!("`{command}` gives the access back to the others")),
        Some(command) => failure.hint(format!("`{command}` gives the access back to {names}")),
        None => card_at_encoder(failure, outcome),
    }
}

/// Adds the advice to make a plastic card, which no command can do. The operation stays open until a person closes it.
fn card_at_encoder(failure: Failure, outcome: &Outcome) -> Failure {
    match &outcome.operation_id {
        Some(id) => failure.hint(format!(
            "make a new card at the encoder; then close this operation: `roomkey recover {} --close`",
            id.short()
        )),
        None => failure.hint("make a new card at the encoder"),
    }
}

/// Returns the names of those guests who have lost their access and are wanted. Their keys are the first of
/// [`Outcome::others`].
fn harmed_names(outcome: &Outcome, wanted: impl Fn(&Harm) -> bool) -> String {
    let harmed = outcome.harmed.iter().zip(&outcome.others);
    let harmed = harmed.filter(|(harm, _)| wanted(harm));
    let mut names: Vec<&str> = harmed.map(|(_, key)| key.guest.as_str()).collect();
    names.dedup();
    names.join(", ")
}

/// Adds to the failure of a command that stopped half-way that it also ended keys of other guests.
fn stopped_with_harm(outcome: &Outcome, stopped: Failure) -> Failure {
    let names = harmed_names(outcome, |_| true);
    let remedy = match &outcome.remedy {
        Some(command) => format!("first: `{command}` gives the access back to {names}"),
        None => format!("first: make a new card for {names} at the encoder"),
    };
    let impact = stopped.impact.as_deref().unwrap_or_default();
    Failure {
        kind: Kind::NoAccess,
        impact: Some(format!("{impact} {names} has NO access now.")),
        hints: std::iter::once(remedy).chain(stopped.hints).collect(),
        ..stopped
    }
}

/// Returns a line for each key of other guests, with its end in hotel time.
fn others(outcome: &Outcome) -> Vec<String> {
    let line = |key: &KeyReport| {
        let until = key.ends_at.map(|end| outcome.time.show(end));
        let until = until.unwrap_or_else(|| "no end".to_owned());
        let doors = key.doors.join(", ");
        format!(
            "{}, key for {doors}, until {until}  {}",
            key.guest, key.acs_credential_id
        )
    };
    outcome.others.iter().map(line).collect()
}

fn not_confirmed(outcome: &Outcome) -> Failure {
    let (kind, made) = if outcome.interrupted {
        let ids = outcome.keys.iter().map(|key| &key.acs_credential_id);
        let ids: Vec<String> = ids.chain(&outcome.revoked).cloned().collect();
        let ids = ids.join(", ");
        let of = outcome.operation_id.as_ref();
        let of = of.map_or_else(String::new, |id| format!(" (operation {})", id.short()));
        let message = if outcome.keys.is_empty() {
            format!("interrupted while waiting for the deletion of the key {ids}{of}")
        } else {
            format!("interrupted while waiting for the lock system to confirm the key {ids}{of}")
        };
        (Kind::Interrupted, Some(message))
    } else {
        (Kind::NotConfirmed, None)
    };
    if outcome.keys.is_empty() {
        let failure = Failure::new(
            kind,
            made.unwrap_or_else(|| {
                "Seam accepted the deletion, but the key is still there".to_owned()
            }),
        )
        .impact("The key may go on working until the lock system has deleted it.");
        return match &outcome.remedy {
            Some(command) => failure.hint(format!("`{command}` waits again until it is gone")),
            None => failure,
        };
    }
    let impact = if outcome.interrupted {
        "Seam has accepted the key, and the lock system goes on without roomkey. The guest may have to wait. No key was lost."
    } else {
        "The guest may have to wait. No key was lost."
    };
    let message = made.unwrap_or_else(|| {
        "Seam accepted the key, but the lock system has not confirmed it in time".to_owned()
    });
    Failure::new(kind, message)
        .impact(impact)
        .hint("`roomkey keys` with the room or the guest shows whether the key is confirmed; `roomkey doctor` checks the system")
}

/// Returns the failure of a command that stopped half-way: what happened, what it means for the guest, what to do.
fn stopped(outcome: &Outcome, access_state: AccessState, stop: &Stop) -> Failure {
    let step = steps_of(outcome, stop);
    let rival = others(outcome);
    let is_own = outcome.has_own_rival();
    // The other desk's key comes after those of the guests who were harmed.
    let guest = outcome.others.get(outcome.harmed.len());
    let guest = guest.map_or("the guest", |key| key.guest.as_str());
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
            "the lock system has not confirmed the new key in time, so the earlier one was left alone"
                .to_owned(),
        ),
        Stop::Displaced { by: Some(_), .. } if is_own => (
            None,
            format!("another desk has made a key for {guest} too, and the new key is not valid any more"),
        ),
        Stop::Taken { .. } if is_own => (
            None,
            format!("another desk has made a key for {guest} in the meantime"),
        ),
        Stop::Contested { .. } if is_own => (
            None,
            format!("another desk has made a key for {guest} at the same moment, and both are valid"),
        ),
        Stop::Displaced { by: Some(_), .. } => (
            None,
            "another desk has made a key for the same room, and the new key is not valid any more".to_owned(),
        ),
        Stop::Displaced { by: None, .. } => {
            (None, "the lock system says that the new key is not valid".to_owned())
        }
        Stop::Taken { .. } => (
            None,
            "another desk has given the room to somebody else in the meantime".to_owned(),
        ),
        Stop::Contested { .. } => (
            None,
            "another desk has made a key for the same room at the same moment, and both are valid".to_owned(),
        ),
        Stop::NotRead { error, .. } => (Some(error), stop.to_string()),
        Stop::Interrupted { .. } => (None, format!("interrupted before it could {step}")),
    };
    let kind = match (stop, access_state) {
        (_, AccessState::NoAccess) => Kind::NoAccess,
        (Stop::Interrupted { .. }, _) => Kind::Interrupted,
        (Stop::Unrecorded { error, .. }, _) if error.is_interrupted() => Kind::Interrupted,
        (Stop::Displaced { .. }, _) => Kind::Displaced,
        (Stop::Contested { .. }, _) => Kind::Contested,
        (Stop::Taken { .. }, AccessState::Unchanged) => Kind::Changed,
        (Stop::Unconfirmed { .. }, _) => Kind::NotConfirmed,
        (_, AccessState::Unknown) => Kind::UnknownOutcome,
        (_, AccessState::PartDone) => Kind::PartDone,
        (_, AccessState::Unchanged) => error.map_or(Kind::RecordUnavailable, refused),
    };
    let mut failure = Failure::new(kind, message).details(rival).impact(match (access_state, stop) {
        (AccessState::NoAccess, _) => {
            "The guest has NO access now: the old keys are gone and there is no new one that works."
        }
        (_, Stop::Displaced { .. }) => "The new key opens nothing. Keys that the guest had before were left alone.",
        (_, Stop::Contested { .. }) => "The key that is used last at the door ends the other one.",
        (_, Stop::NotRead { .. }) => {
            "The keys above were made. Whether every other guest of the rooms still has access is not known."
        }
        (AccessState::Unchanged, _) => "Nothing was changed.",
        (AccessState::PartDone, _) => "Part of it is done; the steps above show how far it came.",
        (AccessState::Unknown, _) => "Whether the step took effect is not known; nothing more was sent.",
    });
    if let Some(error) = error {
        failure.request_id = error.request_id().map(str::to_owned);
        failure.validation = error.validation().to_vec();
    }
    if let Some(error) = error.filter(|error| error.is_rate_limited()) {
        failure = failure.hint(match error.asked_to_wait() {
            Some(wait) => format!("wait for {} first", seam::in_words(wait)),
            None => "wait a minute first".to_owned(),
        });
    }
    if let Stop::Unrecorded { error, .. } = stop {
        failure = failure.hint(match error.trouble() {
            Some(Trouble::Locked | Trouble::Interrupted) => {
                "close the program that has the journal open"
            }
            _ => "make room on the disk, or make it writable",
        });
    }
    let Some(id) = outcome
        .operation_id
        .as_ref()
        .filter(|_| access_state != AccessState::Unchanged)
    else {
        return failure.hint("type the same command again when that is solved");
    };
    let id = id.short();
    match stop {
        Stop::Displaced { .. } | Stop::Contested { .. } | Stop::Taken { .. } if is_own => failure
            .hint("agree with the other desk which of the two keys the guest keeps")
            .hint(format!(
                "if it is the other one: `roomkey recover {id} --undo`"
            ))
            .hint(format!(
                "if it is this one: `roomkey recover {id} --replace`"
            )),
        Stop::Displaced { .. } | Stop::Contested { .. } | Stop::Taken { .. } => failure
            .hint("agree with the other desk who gets the room")
            .hint(format!(
                "if the other guest does: `roomkey recover {id} --undo`, then another room"
            ))
            .hint(format!(
                "if this guest does: `roomkey recover {id} --replace`"
            )),
        Stop::NotRead { .. } => failure.hint(format!(
            "`roomkey recover {id}` reads the rooms again and gives back what was lost"
        )),
        _ => failure.hint(format!("`roomkey recover {id}` finishes it")),
    }
}

/// Returns what the steps at which a plan stopped were to do. Equal steps are counted.
fn steps_of(outcome: &Outcome, stop: &Stop) -> String {
    let mut counted: Vec<(&str, usize)> = vec![];
    for step in stop.steps() {
        let name = outcome.steps.get(step).map_or("a step", |step| &step.step);
        match counted.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counted.push((name, 1)),
        }
    }
    let told = counted.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        _ => format!("{name} ({count} times)"),
    });
    told.collect::<Vec<_>>().join(" and ")
}

fn is_done(outcome: &Outcome, step: usize) -> bool {
    let step = outcome.steps.get(step);
    step.is_some_and(|step| step.status == StepStatus::Done)
}

/// Returns the kind of failure for a request that certainly changed nothing.
fn refused(error: &seam::Error) -> Kind {
    if error.is_denied() {
        Kind::KeyRefused
    } else if error.sent() == Sent::No && error.is_unreachable() {
        Kind::Unreachable
    } else {
        Kind::Rejected
    }
}

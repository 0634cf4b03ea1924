//! The commands that change keys: they show the decision, ask for confirmation, carry it out and report the outcome.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::pick::Choice;
use super::{Answer, Done};
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::hotel::key::Medium;
use crate::hotel::refusal::Refusal;
use crate::hotel::refusal::Warning;
use crate::hotel::{CardFormat, HotelTime};
use crate::journal::{OperationId, StepStatus};
use crate::operation::decision::Decision;
use crate::operation::executor::{AccessState, Stop};
use crate::operation::outcome::{Ending, Outcome};
use crate::operation::plan::Command;
use crate::operation::report::{KeyReport, StepReport};
use crate::output::{Cell, Table, Ui};
use crate::seam::{self, Sent};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::OneByOne;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::id_cache::IdCache;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::command::{Agreed, CommandError, Declined, Talk};
use crate::workflow::request::Request;

/// Returns the hotel's settings, with the card format of a command's option.
pub(super) fn profile(app: &App, format: Option<CardFormat>) -> HotelProfile {
    let profile = app.profile();
    HotelProfile {
        format: format.unwrap_or(profile.format),
        ..profile
    }
}

/// Returns the common doors of a new key: those of the profile, then those of the command.
pub(super) fn also(profile: &HotelProfile, asked: Vec<String>) -> Vec<String> {
    let mut doors = profile.also.clone();
    doors.extend(
        asked
            .into_iter()
            .filter(|door| !profile.also.contains(door)),
    );
    doors
}

/// Returns a sentence about the difference between this PC's clock and the server's.
pub(super) fn skew_text(ahead: TimeDelta) -> String {
    let minutes = ahead.num_seconds().unsigned_abs().div_ceil(60);
    let side = if ahead < TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    };
    format!("this PC's clock is {minutes} minutes {side} the server's")
}

/// Returns the failure for a missing option.
pub(super) fn needs(option: &str) -> Failure {
    Failure::new(Kind::Usage, format!("{option} is needed"))
        .hint("`roomkey help COMMAND` shows examples")
}

/// Why a command stopped before it had a decision.
enum Stopped {
    /// The command is refused. A person at the terminal may be able to settle it.
    Refused(Box<Refusal>),
    /// Another failure.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Stopped::Failed(error.into())
    }
}

/// Runs a command that changes keys: reads, decides, shows, asks for confirmation, carries out and reports. If the
/// guest is not certain, asks the person at the terminal and starts again with the answer.
pub(super) async fn carry_out(
    app: &App,
    profile: HotelProfile,
    mut request: Request,
    dry_run: bool,
) -> Answer {
    loop {
        let refusal = match carry_out_as_typed(app, &profile, &request, dry_run).await {
            Ok(done) => return Ok(done),
            Err(Stopped::Failed(failure)) => return Err(failure),
            Err(Stopped::Refused(refusal)) => refusal,
        };
        let Some(choice) = Choice::of(&refusal) else {
            return Err((*refusal).into());
        };
        let asked = choice.asked.clone();
        match choice.ask(app).await? {
            Some(guest) if request.rename(&asked, &guest) => {}
            _ => return Err((*refusal).into()),
        }
    }
}

/// Runs the command once, with the guests that the request names.
async fn carry_out_as_typed(
    app: &App,
    profile: &HotelProfile,
    request: &Request,
    dry_run: bool,
) -> Result<Done, Stopped> {
    let client = &app.client().await?;
    let file = app.settings.home.join("known.json");
    let profile = &HotelProfile {
        known: IdCache::load(&file),
        ..profile.clone()
    };
    // The journal is opened while Seam answers. An error of the journal is reported only if the command has to write.
    let needs_journal = !dry_run || request.needs_journal();
    let reading = async {
        let journal = async {
            if needs_journal {
                Some(app.journal().await)
            } else {
                None
            }
        };
        Ok(futures::join!(request.read(client, profile), journal))
    };
    let (snapshot, journal) = Box::pin(app.until_interrupted(reading)).await?;
    let mut snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(Error::Refused(refusal)) => return Err(Stopped::Refused(refusal)),
        Err(error) => return Err(error.into()),
    };
    // The clock of a simulated hotel may be set to any time.
    let skew = app.clock.skew().filter(|_| !app.settings.sandbox.value);
    let skew = skew.map(|ahead| ("clock_skew".to_owned(), skew_text(ahead)));
    if let Some((_, text)) = &skew {
        app.ui.warn(text);
    }
    let mut known = profile.known.clone();
    snapshot.teach(&mut known, request.rooms());
    if known != profile.known {
        known.save(&file);
    }
    if let Some(Ok(journal)) = &journal {
        request.learn(&mut snapshot, journal).await?;
    }
    let decision = request
        .decide(&snapshot, profile)
        .map_err(|refusal| Stopped::Refused(Box::new(refusal)))?;
    let answer = match journal {
        Some(journal) if !dry_run => {
            let journal = journal?;
            let keys = OneByOne(client);
            let desk = app.desk(client, &keys, &journal);
            let talk = AtDesk { app };
            let work = desk.carry_out_decided(profile, request, snapshot, decision, &talk);
            let carried = Box::pin(work).await;
            journal.close().await;
            match carried {
                Ok((outcome, _)) => report(app, outcome),
                Err(error) => Err(error.into()),
            }
        }
        _ => {
            decision.says.iter().for_each(|line| app.ui.say(line));
            planned(app, &snapshot, &decision)
        }
    };
    Ok(with_warning(answer, skew)?)
}

/// Adds a warning to an answer, whether it is a success or a failure.
fn with_warning(answer: Answer, warning: Option<(String, String)>) -> Answer {
    match answer {
        Ok(mut done) => {
            done.warnings.extend(warning);
            Ok(done)
        }
        Err(mut failure) => {
            failure.warnings.extend(warning);
            Err(failure)
        }
    }
}

/// Shows decisions to the person at this terminal, and asks for confirmation.
struct AtDesk<'a> {
    app: &'a App,
}

impl Talk for AtDesk<'_> {
    fn show(&self, _: &HotelSnapshot, decision: &Decision) {
        decision.says.iter().for_each(|line| self.app.ui.say(line));
    }

    async fn agree(&self, decision: &Decision) -> Result<Agreed, Declined> {
        let Some(question) = decision.asks.as_ref().filter(|_| !self.app.yes) else {
            return Ok(Agreed::Beforehand);
        };
        if self.app.ui.can_ask() {
            let agreed = self.app.ask(&question.lines).await?;
            return if agreed {
                Ok(Agreed::AtPrompt)
            } else {
                Err(Declined::No)
            };
        }
        if question.optional {
            return Ok(Agreed::Beforehand);
        }
        Err(Declined::NobodyToAsk(question.clone()))
    }
}

impl From<Declined> for Failure {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::No => {
                Failure::new(Kind::Declined, "not confirmed").impact("Nothing was changed.")
            }
            Declined::Interrupted => {
                Failure::new(Kind::Interrupted, "interrupted").impact("Nothing was changed.")
            }
            Declined::Terminal(error) => error.into(),
            Declined::NobodyToAsk(question) => {
                let mut lines: Vec<&str> = question.lines.iter().map(|line| line.trim()).collect();
                let asked = lines.pop().unwrap_or_default();
                Failure::new(
                    Kind::NeedsConfirmation,
                    format!("this needs a confirmation: {asked}"),
                )
                .details(lines)
                .impact("Nothing was changed.")
                .hint("add `--yes` if that is right")
            }
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Workflow(error) => error.into(),
            CommandError::Journal(error) => error.into(),
            CommandError::Declined(declined) => declined.into(),
            CommandError::Changed(why) => {
                let failure = Failure::new(
                    Kind::Changed,
                    "the keys of these rooms or guests have changed while the question was open",
                );
                let why = why.map(|why| Failure::from(*why));
                let lines = why
                    .iter()
                    .flat_map(|why| std::iter::once(&why.message).chain(&why.details));
                failure
                    .details(lines)
                    .impact("Nothing was changed.")
                    .hint("type the same command again: it shows the room as it is now")
            }
        }
    }
}

/// Shows the steps of a dry run, with the API path of each.
fn planned(app: &App, snapshot: &HotelSnapshot, decision: &Decision) -> Answer {
    let outcome = Outcome::unwritten(snapshot, decision);
    warn(app, &outcome.warnings);
    if !app.ui.json {
        if outcome.steps.is_empty() {
            app.ui.say("Already done: nothing to do.");
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
            if let Some(question) = &decision.asks {
                question.lines.iter().for_each(|line| app.ui.say(line));
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

/// Prints an outcome: the keys and a sentence, or the steps and a failure. The failure is returned for the caller to
/// print.
pub(super) fn report(app: &App, outcome: Outcome) -> Answer {
    warn(app, &outcome.warnings);
    let unprinted = if !app.ui.json && !outcome.keys.is_empty() {
        app.ui.table(&keys(&outcome.keys, outcome.time)).err()
    } else {
        None
    };
    let Some(failure) = failure_of(&outcome) else {
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
        steps(&outcome.steps).for_each(|line| Ui::err(&line));
    }
    let word = failure.kind.outcome();
    Err(Failure {
        data: Some(data(&outcome, word)),
        warnings: pairs(&outcome.warnings),
        ..failure
    })
}

/// Returns the failure of a command that was carried out; `None` if it succeeded.
pub fn failure_of(outcome: &Outcome) -> Option<Failure> {
    match &outcome.ending {
        Ending::Planned | Ending::Already | Ending::Done => None,
        Ending::Undone { without, .. } if without.is_empty() => None,
        Ending::Undone { without, again } => Some(undone(without, again.as_deref())),
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

fn undone(without: &[String], again: Option<&str>) -> Failure {
    let names = without.join(", ");
    let failure = Failure::new(Kind::NoAccess, "the operation is undone")
        .impact(format!("{names} had a key before and has NO access now."));
    match again {
        Some(command) => failure.hint(format!("`{command}` gives a new key")),
        None => failure.hint("`roomkey issue` gives a new key"),
    }
}

/// Returns the failure of a command that was carried out and ended keys of other guests.
fn harm(outcome: &Outcome) -> Failure {
    let names = harmed_names(outcome);
    let contested = outcome.harmed.iter().all(|harm| harm.contested);
    let works = if outcome.keys.iter().all(|key| key.valid == Some(true)) {
        "The new key works. "
    } else {
        ""
    };
    let is_own = outcome.harmed.iter().all(|harm| {
        let mut keys = outcome.keys.iter();
        harm.key.holder.is_some() && keys.any(|key| key.acs_user_id == harm.key.holder)
    });
    let (message, impact) = match (contested, is_own) {
        (true, true) => (
            format!(
                "another desk made a key for {names} at the same moment, and the new key has ended that one"
            ),
            format!(
                "The new key works. {names} has NO access to what only the other key opened, or only at its time."
            ),
        ),
        (true, false) => (
            format!(
                "another desk gave the room to {names} at the same moment, and the new key has ended that one"
            ),
            format!("{works}{names} has NO access now."),
        ),
        (false, _) => (
            format!(
                "the lock system has ended the key of {names}, which this command should not have changed"
            ),
            format!("{works}{names} has NO access now."),
        ),
    };
    let failure = Failure::new(Kind::NoAccess, message)
        .details(others(outcome))
        .impact(impact);
    let failure = if contested && is_own {
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

/// Returns the names of the guests who have lost their access. Their keys are the first of [`Outcome::others`].
fn harmed_names(outcome: &Outcome) -> String {
    let harmed = outcome.others.iter().take(outcome.harmed.len());
    let names: Vec<&str> = harmed.map(|key| key.guest.as_str()).collect();
    names.join(", ")
}

/// Adds to the failure of a command that stopped half-way that it also ended keys of other guests.
fn stopped_with_harm(outcome: &Outcome, stopped: Failure) -> Failure {
    let names = harmed_names(outcome);
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

/// Returns a table of keys. Times are in hotel time.
pub(super) fn keys(keys: &[KeyReport], time: HotelTime) -> Table {
    let mut table = Table::new(["Room", "Guest", "Key", "When", "Other doors", "State"]);
    for key in keys {
        let others: Vec<&str> = key
            .doors
            .iter()
            .filter(|door| !key.rooms.contains(door))
            .map(String::as_str)
            .collect();
        let state = match (key.valid, key.synced) {
            (Some(false), _) => "not valid",
            _ if key.waiting => "guest must sign in to the app",
            (_, Some(true)) => "confirmed",
            (_, Some(false)) => "on its way",
            (_, None) => "not known",
        };
        let kind = match key.kind {
            "override" => "first key",
            "joiner" => "shares the room",
            other => other,
        };
        table.row([
            Cell::from(key.rooms.join(", ")),
            key.guest.clone().into(),
            kind.to_owned().into(),
            when(key, time),
            others.join(", ").into(),
            state.to_owned().into(),
        ]);
    }
    table
}

/// Returns the times of a key, in hotel time. The start is left out if it has passed.
fn when(key: &KeyReport, time: HotelTime) -> Cell {
    let end = key.ends_at.map(|end| format!("until {}", time.show(end)));
    let end = end.unwrap_or_else(|| "no end".to_owned());
    match key.starts_at.filter(|start| *start > time.now) {
        Some(start) => Cell::lines(&[format!("from {}", time.show(start)), end]),
        None => end.into(),
    }
}

fn steps(steps: &[StepReport]) -> impl Iterator<Item = String> {
    let mark = |status: &str| match status {
        "done" => "done   ",
        "failed" => "failed ",
        "planned" => "not yet",
        _ => "unknown",
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

fn not_confirmed(outcome: &Outcome) -> Failure {
    if outcome.keys.is_empty() {
        let failure = Failure::new(
            Kind::NotConfirmed,
            "Seam accepted the deletion, but the key is still there",
        )
        .impact("The key may go on working until the lock system has deleted it.");
        return match &outcome.remedy {
            Some(command) => failure.hint(format!("`{command}` waits again until it is gone")),
            None => failure,
        };
    }
    Failure::new(Kind::NotConfirmed, "Seam accepted the key, but the lock system has not confirmed it in time")
        .impact("The guest may have to wait. No key was lost.")
        .hint("`roomkey keys` with the room or the guest shows whether the key is confirmed; `roomkey doctor` checks the system")
}

/// Returns the failure of a command that stopped half-way: what happened, what it means for the guest, what to do.
fn stopped(outcome: &Outcome, access_state: AccessState, stop: &Stop) -> Failure {
    let step = steps_of(outcome, stop);
    let rival = others(outcome);
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
        Stop::Displaced { by: Some(_), .. } => (
            None,
            "another desk has made a key for the same room, and the new key is not valid any more".to_owned(),
        ),
        Stop::Displaced { by: None, .. } => {
            (None, "the lock system says that the new key is not valid".to_owned())
        }
        Stop::Taken { .. } => (
            None,
            "another desk has made a key for this room or guest in the meantime".to_owned(),
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
    if matches!(stop, Stop::Unrecorded { .. }) {
        failure = failure.hint("make room on the disk, or make it writable");
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
    step.is_some_and(|step| step.status == StepStatus::Done.word())
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

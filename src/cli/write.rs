//! The commands that change keys: they show the decision, ask for confirmation, carry it out and report the outcome.

use super::pick::Choice;
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::hotel::CardFormat;
use crate::hotel::refusal::Refusal;
use crate::operation::decision::Decision;
use crate::present::decision::{confirmation, summary};
use crate::present::{Answer, Done, clock_skew, outcome};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::OneByOne;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::id_cache::IdCache;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::command::{Agreed, Declined, Talk};
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
    let skew = skew.map(|ahead| ("clock_skew".to_owned(), clock_skew(ahead)));
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
            let executor = app.executor(client, &keys, &journal);
            let talk = AtDesk { app };
            let work = executor.carry_out_decided(profile, request, snapshot, decision, &talk);
            let carried = Box::pin(work).await;
            journal.close().await;
            match carried {
                Ok((outcome, _)) => outcome::report(&app.ui, outcome),
                Err(error) => Err(error.into()),
            }
        }
        _ => {
            summary(&decision, &snapshot.time)
                .iter()
                .for_each(|line| app.ui.say(line));
            outcome::planned(&app.ui, &snapshot, &decision)
        }
    };
    Ok(with_warnings(answer, skew.as_slice())?)
}

/// Adds warnings to an answer, whether it is a success or a failure.
pub(super) fn with_warnings(answer: Answer, warnings: &[(String, String)]) -> Answer {
    match answer {
        Ok(mut done) => {
            done.warnings.extend_from_slice(warnings);
            Ok(done)
        }
        Err(mut failure) => {
            failure.warnings.extend_from_slice(warnings);
            Err(failure)
        }
    }
}

/// Shows decisions to the person at this terminal, and asks for confirmation.
struct AtDesk<'a> {
    app: &'a App,
}

impl Talk for AtDesk<'_> {
    fn show(&self, snapshot: &HotelSnapshot, decision: &Decision) {
        summary(decision, &snapshot.time)
            .iter()
            .for_each(|line| self.app.ui.say(line));
    }

    async fn agree(&self, decision: &Decision) -> Result<Agreed, Declined> {
        let Some(asked) = decision.confirmation.as_ref().filter(|_| !self.app.yes) else {
            return Ok(Agreed::Beforehand);
        };
        let lines = confirmation(asked);
        if self.app.ui.can_ask() {
            let agreed = self.app.ask(&lines).await?;
            return if agreed {
                Ok(Agreed::AtPrompt)
            } else {
                Err(Declined::No)
            };
        }
        if asked.optional {
            return Ok(Agreed::Beforehand);
        }
        Err(Declined::NobodyToAsk(lines))
    }
}

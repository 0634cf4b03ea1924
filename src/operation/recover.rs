//! `recover`: finishes or undoes operations that stopped, based on the state of the server.
//!
//! The journal says what was intended and how far the operation got. The current state is read. A step whose answer
//! was lost is looked for before it is sent again. Nothing is overridden that did not exist when a person decided.

use std::collections::BTreeSet;

use futures::future::try_join_all;

use crate::hotel::decide::is_one_stay;
use crate::hotel::key::{Key, Medium};
use crate::hotel::readiness::readiness;
use crate::hotel::refusal::Warning;
use crate::hotel::refusal::{Brief, Found, Refusal};
use crate::hotel::{GuestQuery, GuestRecord, HotelTime, Label, Window};
use crate::journal::{End, Journal, JournalError, Made, OperationId, OperationRow, StepStatus};
use crate::operation::decision::Decision;
use crate::operation::encoding::{self, EncodingError};
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::{Beyond, Ending, Outcome};
use crate::operation::plan::{Access, Action, Bystander, Command, KeySpec, Plan, Ref, Step};
use crate::operation::progress::{Progress, StepState};
use crate::operation::report::{
    StepReport, first_key_command, issue_command, revoke_command, spec_of,
};
use crate::operation::rooms::read_holders;
use crate::operation::step::delete_key;
use crate::operation::stop::{AccessState, Stop};
use crate::operation::taken::{self, Gone};
use crate::operation::verify::{is_still_lost, stands_in};
use crate::seam::{self, Client, Sent, credentials};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::{KeyReader, OneByOne, is_phone_ready};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// An operation that stopped before its end, with the current state of its guests.
#[derive(Debug)]
pub struct Open {
    /// The operation in the journal.
    pub row: OperationRow,
    /// The plan of the operation, or `None` if the plan in the journal cannot be read.
    pub plan: Option<Plan>,
    /// The name and the current live keys of each guest.
    pub guests: Vec<(String, Vec<Brief>)>,
}

/// Reads the plan of an operation in the journal.
pub fn plan_of(row: &OperationRow) -> Result<Plan, RecoverError> {
    encoding::decode(row.plan.clone().unwrap_or_default())
        .map_err(|why| RecoverError::Plan(row.id.clone(), why))
}

/// Returns how far an operation in the journal got. A step with an intent and without a result may have had an effect.
pub fn progress_of(row: &OperationRow, plan: &Plan) -> Progress {
    let mut progress = Progress::new(plan);
    for (state, step) in progress.steps.iter_mut().zip(&row.steps) {
        let status = match step.status {
            StepStatus::Intended => StepStatus::Unknown,
            StepStatus::Failed => StepStatus::Planned,
            status => status,
        };
        *state = StepState {
            status,
            made: step.made.clone(),
            request_id: step.request_id.clone(),
            error: None,
        };
    }
    progress
}

/// Reads for each unfinished operation which doors its guests can open now.
pub async fn look(
    client: &Client,
    profile: &HotelProfile,
    rows: Vec<OperationRow>,
) -> Result<Vec<Open>, Error> {
    let mut found = vec![];
    for row in rows {
        let plan = plan_of(&row).ok();
        let guests = match &plan {
            Some(plan) => {
                let mut snapshot = snapshot(client, profile, plan, &row).await?;
                let lost = still_lost(client, &mut snapshot, plan.harmed.iter()).await?;
                let mut guests = guests_of(plan, &row);
                guests.extend(lost.into_iter().filter_map(|key| key.holder));
                access_of(&snapshot, &guests)
            }
            None => vec![],
        };
        found.push(Open { row, plan, guests });
    }
    Ok(found)
}

/// Returns the name of each guest and the keys with which the guest can open doors, now or later.
fn access_of(snapshot: &HotelSnapshot, guests: &BTreeSet<String>) -> Vec<(String, Vec<Brief>)> {
    guests
        .iter()
        .map(|id| {
            let keys = snapshot
                .live_of(id)
                .into_iter()
                .map(|key| snapshot.brief(key))
                .collect();
            (snapshot.name_of(Some(id)), keys)
        })
        .collect()
}

/// Returns the guests of the operation: those on record when it was planned, and those that it put on record.
fn guests_of(plan: &Plan, row: &OperationRow) -> BTreeSet<String> {
    let made = row
        .steps
        .iter()
        .filter_map(|step| step.made.acs_user_id.clone());
    plan.guests.iter().cloned().chain(made).collect()
}

/// Reads everything about the guests and rooms of a plan, in its current state.
async fn snapshot(
    client: &Client,
    profile: &HotelProfile,
    plan: &Plan,
    row: &OperationRow,
) -> Result<HotelSnapshot, Error> {
    let ids = guests_of(plan, row);
    let queries: Vec<GuestQuery> = ids.iter().cloned().map(GuestQuery::Id).collect();
    let profile = HotelProfile {
        system: Some(plan.system.clone()),
        ..profile.clone()
    };
    let mut snapshot = HotelSnapshot::read(client, &profile, &queries).await?;
    let guests: Vec<GuestRecord> = ids
        .iter()
        .filter_map(|id| snapshot.guest_on_record(id))
        .cloned()
        .collect();
    snapshot
        .read_keys(client, &guests, &plan.room_doors)
        .await?;
    Ok(snapshot)
}

/// The reason why an operation could not be recovered or undone.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The journal could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A read failed, or a person must decide.
    #[error(transparent)]
    Workflow(#[from] Error),
    /// This version cannot read the plan in the journal.
    #[error("the plan of operation {0} cannot be used: {1}")]
    Plan(OperationId, EncodingError),
}

/// The outcome of an operation, and the hotel's clock, which is needed to show it.
pub type Settled = (Outcome, HotelTime);

/// The effect of undoing an operation, before it is done.
#[derive(Debug)]
pub struct Takeback {
    /// The keys that the undo takes away.
    pub takes: Vec<Brief>,
    /// The name of each guest and the keys that the guest keeps.
    pub leaves: Vec<(String, Vec<Brief>)>,
    /// The keys that the operation ended and that roomkey cannot give back.
    pub beyond: Vec<Brief>,
    ids: BTreeSet<String>,
}

/// Closes an operation in the journal without changing any key.
pub async fn close(journal: &Journal, id: &OperationId) -> Result<(), JournalError> {
    let row = journal.resume(id).await?;
    journal.note(&row.id, End::Ended("closed").into()).await
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Finishes an operation. Recovery can be recovered too, because it writes to the same journal entry. It refuses
    /// if other people have changed the keys or rooms of the operation since it stopped; with `replace` it continues.
    pub async fn recover(
        &self,
        profile: &HotelProfile,
        id: &OperationId,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let row = self.journal.resume(id).await?;
        let taken = self.finish(profile, &row, replace).await;
        self.left_if_failed(&row, taken).await
    }

    /// Returns what [`Self::undo`] would take away and which keys each guest then has. Changes nothing.
    pub async fn preview_undo(
        &self,
        profile: &HotelProfile,
        row: &OperationRow,
    ) -> Result<Takeback, RecoverError> {
        let plan = plan_of(row)?;
        let mut snapshot = snapshot(self.client, profile, &plan, row).await?;
        let beyond = check_harmed(self.client, &mut snapshot, &plan, row).await?;
        let ids = made_by(&snapshot, &plan, row);
        let briefs = |keep: bool, keys: Vec<&Key>| -> Vec<Brief> {
            let kept = keys.into_iter().filter(|key| ids.contains(&key.id) != keep);
            kept.map(|key| snapshot.brief(key)).collect()
        };
        let guests = guests_of(&plan, row);
        let leaves = guests.iter().map(|guest| {
            let left = briefs(true, snapshot.live_of(guest));
            (snapshot.name_of(Some(guest)), left)
        });
        let taken = ids.iter().filter_map(|id| snapshot.keys.get(id)).collect();
        Ok(Takeback {
            takes: briefs(false, taken),
            leaves: leaves.collect(),
            beyond: beyond
                .iter()
                .map(|key| snapshot.brief(&key.as_key()))
                .collect(),
            ids,
        })
    }

    /// Takes away the keys that an operation made, as shown to the person. Access that the operation itself took away
    /// cannot be restored.
    pub async fn undo(
        &self,
        profile: &HotelProfile,
        id: &OperationId,
        shown: &Takeback,
    ) -> Result<Settled, RecoverError> {
        let row = self.journal.resume(id).await?;
        let taken = self.take_back(profile, &row, shown).await;
        self.left_if_failed(&row, taken).await
    }

    /// Leaves the operation open as it was if it could not be finished. Otherwise it would look as if a process were
    /// working on it.
    async fn left_if_failed(
        &self,
        row: &OperationRow,
        taken: Result<Settled, RecoverError>,
    ) -> Result<Settled, RecoverError> {
        if taken.is_err() {
            let outcome = row.outcome.clone();
            let outcome = outcome.unwrap_or_else(|| "unfinished".to_owned());
            self.journal
                .note(&row.id, End::Left(outcome).into())
                .await?;
        }
        taken
    }

    async fn finish(
        &self,
        profile: &HotelProfile,
        row: &OperationRow,
        replace: bool,
    ) -> Result<Settled, RecoverError> {
        let mut plan = plan_of(row)?;
        let mut progress = progress_of(row, &plan);
        let mut snapshot = snapshot(self.client, profile, &plan, row).await?;
        snapshot.system.check_up().map_err(Error::from)?;
        let gone = self
            .taken_since(row, &plan, &progress, &mut snapshot)
            .await?;
        progress.leave(&gone.replaced);
        let old = if replace {
            make_again(&snapshot, &plan, &mut progress, &gone)
        } else {
            gone.check(&snapshot, &plan, &progress, &row.id)
                .map_err(Error::from)?;
            vec![]
        };
        check_unchanged(&snapshot, &plan, &progress, replace).map_err(Error::from)?;
        check_ready(&snapshot, &plan, &progress).map_err(Error::from)?;
        if replace {
            agree_to_replace(&snapshot, &mut plan, &progress);
        } else {
            let (client, journal) = (self.client, self.journal);
            taken::check_lost(client, journal, &snapshot, &plan, &progress, &row.id).await?;
        }
        if !old.is_empty() {
            // Locks do not learn that these keys are invalid, so they are removed.
            let first = plan.steps.len();
            plan.steps.extend(old.into_iter().map(|id| Step {
                about: "remove the key that has stopped".to_owned(),
                action: Action::DeleteIfLive(id),
            }));
            self.store(row, &plan, &mut progress, first).await?;
        }
        let (restored, warnings) = self
            .give_back(profile, &mut snapshot, &plan, &progress, replace)
            .await?;
        if let Some(mut restored) = restored {
            // An operation that ended without a stop was verified then. Its own keys may have been changed since for
            // good reasons.
            if row.outcome.as_deref() == Some("no_access") {
                progress.is_verified_so_far();
                // Keys that still work are bystanders: giving access back must not harm them.
                let own = progress.keys_made();
                let own = own.filter_map(|(_, id)| snapshot.keys.get(id));
                let live = own.filter(|key| key.is_live(snapshot.now()));
                restored.bystanders.extend(live.map(Bystander::from));
            }
            self.store(row, &restored, &mut progress, plan.steps.len())
                .await?;
            plan = restored;
        }
        let (time, read_at) = (snapshot.time, snapshot.read_at);
        let execution = self.carry(row.id.clone(), &plan, progress, read_at).await;
        let mut decision = Decision {
            warnings,
            plan: Some(plan.clone()),
            ..Decision::nothing(plan.command)
        };
        decision.warn_of_newer_keys(&snapshot);
        let outcome = Outcome::of(&snapshot, &decision, &plan, execution);
        Ok((outcome, time))
    }

    /// Returns the steps whose keys are gone. An operation that ended without a stop, and harmed others, was verified
    /// then. Its own keys may have been taken away since for good reasons.
    async fn taken_since(
        &self,
        row: &OperationRow,
        plan: &Plan,
        progress: &Progress,
        snapshot: &mut HotelSnapshot,
    ) -> Result<Gone, Error> {
        if row.outcome.as_deref() == Some("no_access") && !plan.harmed.is_empty() {
            return Ok(Gone::default());
        }
        taken::read_recorded(self.client, snapshot, progress).await?;
        Ok(Gone::of(snapshot, plan, progress))
    }

    /// Writes a longer plan to the journal. Its steps from `first` on are new.
    async fn store(
        &self,
        row: &OperationRow,
        plan: &Plan,
        progress: &mut Progress,
        first: usize,
    ) -> Result<(), JournalError> {
        progress.extend(plan);
        let steps = progress.planned(plan).split_off(first);
        let stored = encoding::encode(plan);
        self.journal.extend(&row.id, stored, steps).await
    }

    /// Adds a key for each guest whose key the service took away although it was not in the way. The new key joins the
    /// old one, so that it overrides nothing. Returns `None` if every guest still has access. Refuses if none of these
    /// guests can be given a mobile key.
    async fn give_back(
        &self,
        profile: &HotelProfile,
        snapshot: &mut HotelSnapshot,
        plan: &Plan,
        progress: &Progress,
        replace: bool,
    ) -> Result<(Option<Plan>, Vec<Warning>), Error> {
        let unread = unread_bystanders(snapshot, plan, progress);
        let others = plan.harmed.iter().chain(&unread);
        let lost = still_lost(self.client, snapshot, others).await?;
        read_rooms_of(self.client, snapshot, plan, &lost).await?;
        let mut warnings = vec![];
        let mut restored = plan.clone();
        let mut beyond: Option<Refusal> = None;
        for lost in &lost {
            let checked = if replace {
                Ok(())
            } else {
                check_room_of(snapshot, progress, lost)
            };
            let is_recorded = plan.harmed.contains(lost);
            if !is_recorded {
                // What cannot be given back is reported once the operation is finished and the rooms are read.
                if checked.is_err() || !can_be_given_back(snapshot, lost) {
                    continue;
                }
                restored.harmed.push(lost.clone());
            }
            checked?;
            let holder = lost
                .holder
                .as_deref()
                .and_then(|id| snapshot.guest_on_record(id));
            let key = snapshot.brief(&lost.as_key());
            // A guest who cannot be given a key does not prevent the others from getting theirs.
            let (Some(guest), Some(ends_at), Medium::Mobile) =
                (holder.cloned(), lost.ends_at, lost.medium)
            else {
                beyond.get_or_insert(Refusal::CannotRestore { key, other: None });
                continue;
            };
            if let Some(other) = snapshot.live_mobile_of(&guest.acs_user_id).first() {
                warnings.push(Warning {
                    code: "not_given_back".to_owned(),
                    message: format!(
                        "{} has another key now ({}), so the lost one was not given back ({key})",
                        snapshot.name_of(lost.holder.as_deref()),
                        snapshot.brief(other),
                    ),
                });
                let other = Some(snapshot.brief(other));
                beyond.get_or_insert(Refusal::CannotRestore { key, other });
                continue;
            }
            let ready = match &guest.user_identity_id {
                Some(identity) => Some(is_phone_ready(self.client, identity).await?),
                None => Some(false),
            };
            let now = snapshot.now();
            // Keys that the guest has had until now are no change by another desk.
            let own = snapshot.keys.ids_of(&guest.acs_user_id);
            restored.seen.extend(own.cloned());
            let spec = KeySpec {
                guest: Ref::Known(guest.acs_user_id),
                system: snapshot.system.id.clone(),
                manager: snapshot.system.manager()?.to_owned(),
                doors: lost.doors.clone(),
                window: Window {
                    starts_at: lost.starts_at.map_or(now, |start| start.max(now)),
                    ends_at,
                },
                label: Label::DEFAULT.to_owned(),
                format: profile.format,
                access: Access::Joiner(vec![first_key_for(plan, progress, lost)]),
                phone_ready: ready,
            };
            let rooms = snapshot.room_names(&lost.doors).join(", ");
            restored.steps.push(Step {
                about: format!("give back the access to {rooms}"),
                action: Action::CreateKey(Box::new(spec)),
            });
            // Locks do not learn that the old key is invalid, so it is removed after the new one works.
            restored.steps.push(Step {
                about: "remove the key that has stopped".to_owned(),
                action: Action::DeleteIfLive(lost.id.clone()),
            });
        }
        match (restored.steps.len() > plan.steps.len(), beyond) {
            (true, _) => Ok((Some(restored), warnings)),
            (false, Some(refusal)) => Err(refusal.into()),
            (false, None) => Ok((None, warnings)),
        }
    }

    /// Takes the keys away. Deletions are safe to repeat and are chosen from the server's state. For this reason the
    /// operation's own journal entry is sufficient. It stays open until the last key is deleted.
    async fn take_back(
        &self,
        profile: &HotelProfile,
        row: &OperationRow,
        shown: &Takeback,
    ) -> Result<Settled, RecoverError> {
        let plan = plan_of(row)?;
        let mut snapshot = snapshot(self.client, profile, &plan, row).await?;
        let beyond = check_harmed(self.client, &mut snapshot, &plan, row).await?;
        let made = made_by(&snapshot, &plan, row);
        if made != shown.ids {
            let keys = made.symmetric_difference(&shown.ids);
            let keys = keys.filter_map(|id| snapshot.keys.get(id));
            let refusal = Refusal::ChangedSince {
                what: "the keys of this operation have changed since they were shown".to_owned(),
                keys: keys.map(|key| snapshot.brief(key)).collect(),
            };
            return Err(Error::from(refusal).into());
        }
        let without = |guest: &&String| {
            let mut left = snapshot.live_of(guest);
            left.retain(|key| !made.contains(&key.id) && key.is_current(snapshot.now()));
            left.is_empty()
        };
        let had_access = plan
            .guests
            .iter()
            .filter(|guest| plan.takes_first_from_now() || plan.had_access.contains(*guest));
        // If the earlier keys are gone, their times are unknown. It then counts whether the guest has any key.
        let is_over = |spec: &KeySpec| spec.window.ends_at <= snapshot.now();
        let took_keys = !plan.specs().all(|(_, spec)| is_over(spec))
            && plan.removes().chain(&plan.at_risk).any(|id| {
                let key = snapshot.keys.get(id);
                key.is_none_or(|key| key.is_displaced(snapshot.now()))
            });
        let has_none = plan.guests.iter().filter(|guest| {
            let left = snapshot.live_of(guest);
            took_keys && left.iter().all(|key| made.contains(&key.id))
        });
        let lost = lost_by(&snapshot, &plan, &made);
        let lost_holders = lost.iter().filter_map(|key| key.holder.as_ref());
        let ids: BTreeSet<&String> = had_access
            .filter(without)
            .chain(has_none)
            .chain(lost_holders)
            .collect();
        let names = ids.iter().map(|guest| snapshot.name_of(Some(guest)));
        let without: Vec<String> = names.collect::<BTreeSet<String>>().into_iter().collect();
        let in_flight = self.journal.in_flight();
        in_flight.working(&row.id, !without.is_empty());
        let time = snapshot.time;
        let mut outcome = Outcome::unwritten(&snapshot, &Decision::nothing(plan.command));
        outcome.operation_id = Some(row.id.clone());
        let deadline = tokio::time::Instant::now() + self.wait;
        let mut gone = true;
        for (step, id) in made.iter().enumerate() {
            let mut report = StepReport {
                step: "delete the key that this operation made".to_owned(),
                call: credentials::DELETE.path,
                status: StepStatus::Done,
                makes_key: false,
                request_id: None,
            };
            match delete_key(self.client, id).await {
                Ok(deleted) => report.request_id = deleted.request_id,
                Err(error) => {
                    report.status = StepStatus::Unknown;
                    report.request_id = error.request_id().map(str::to_owned);
                    outcome.steps.push(report);
                    outcome.ending = stopped_undo(step, error);
                    let left = End::Left("unfinished".to_owned());
                    self.journal.note(&row.id, left.into()).await?;
                    return Ok((outcome, time));
                }
            }
            let since = tokio::time::Instant::now();
            gone &= self.wait_gone(id, since, deadline).await;
            outcome.steps.push(report);
            outcome.revoked.push(id.clone());
        }
        self.journal
            .note(&row.id, End::Ended("undone").into())
            .await?;
        let beyond: Vec<Beyond> = beyond
            .iter()
            .map(|lost| beyond_reach(&snapshot, lost))
            .collect();
        outcome.ending = match (without.is_empty() && beyond.is_empty(), gone) {
            (false, _) => Ending::Undone {
                without,
                again: match lost.first() {
                    Some(key) => again_as(&snapshot, &made, key),
                    None => again(&snapshot, &plan, &made, &ids),
                },
                beyond,
            },
            (true, true) => Ending::Undone {
                without,
                again: None,
                beyond,
            },
            (true, false) => {
                outcome.remedy = revoke_command(&snapshot, &outcome.revoked);
                outcome.interrupted = self.interrupt.is_requested();
                Ending::NotConfirmed
            }
        };
        Ok((outcome, time))
    }
}

/// Returns the keys that the operation ended, that the service reports as invalid, and that no other key replaces
/// after the keys in `made` are gone. These are the keys of its guests that the plan replaced, and keys that another
/// desk made for its guests or its rooms since the plan. They may start later.
fn lost_by<'a>(snapshot: &'a HotelSnapshot, plan: &Plan, made: &BTreeSet<String>) -> Vec<&'a Key> {
    let now = snapshot.now();
    let replaced = plan.displaces.iter().chain(plan.removes());
    let replaced: BTreeSet<&String> = replaced.chain(&plan.at_risk).collect();
    let is_lost = |key: &&Key| {
        let is_newer = plan.is_since(key) && !plan.seen.contains(&key.id);
        let holder = key.holder.as_ref();
        let is_of_guest = holder.is_some_and(|holder| plan.guests.contains(holder));
        // If somebody else has a key to the room since then, a person has decided about the room.
        let is_of_room = || {
            key.opens_any(&plan.room_doors)
                && !snapshot
                    .keys
                    .live_at_any(&plan.room_doors, now)
                    .iter()
                    .any(|other| !made.contains(&other.id) && other.span().overlaps(key.span()))
        };
        key.parent.is_none()
            && !made.contains(&key.id)
            && key.is_displaced(now)
            && match (is_of_guest, is_newer) {
                (true, true) => true,
                (true, false) => replaced.contains(&key.id),
                (false, true) => is_of_room(),
                (false, false) => false,
            }
            && !stands_in(&snapshot.keys, &Bystander::from(*key), made, now)
    };
    snapshot.keys.all().filter(is_lost).collect()
}

/// Returns the command that gives the guest of a lost key a similar one, after the keys in `made` are gone.
fn again_as(snapshot: &HotelSnapshot, made: &BTreeSet<String>, lost: &Key) -> Option<String> {
    let guest = lost.holder.as_deref()?;
    let is_companion = |key: &Key| is_one_stay(&snapshot.keys, lost, key);
    let key = Bystander::from(lost);
    without_harm(snapshot, guest, &key, made, is_companion)
}

/// Returns the command that gives a guest a key with the doors and times of `like`, and that ends no other guest's
/// key. If a companion has a key to the room, the command joins it, because a first key would end it. If somebody else
/// has the room, the command is without `--replace`, so that it stops and says who has the room. Keys in `made` do not
/// count.
fn without_harm(
    snapshot: &HotelSnapshot,
    guest: &str,
    like: &Bystander,
    made: &BTreeSet<String>,
    is_companion: impl Fn(&Key) -> bool,
) -> Option<String> {
    let rooms = snapshot.rooms_of(&like.doors);
    let mut others = snapshot.keys.live_at_any(&rooms, snapshot.now());
    others.retain(|key| {
        !made.contains(&key.id)
            && key.holder.as_deref() != Some(guest)
            && key.span().overlaps(like.span())
    });
    if let Some(companion) = others.iter().find(|key| is_companion(key)) {
        let id = &companion.id;
        return Some(format!("roomkey join --to {id} --guest id:{guest}"));
    }
    let (from, until) = (like.starts_at, like.ends_at?);
    Some(if others.is_empty() {
        issue_command(snapshot, guest, &like.doors, from, until)
    } else {
        first_key_command(snapshot, &[guest], &like.doors, from, until)
    })
}

/// Returns the ending for a deletion that failed. Keys that were deleted before stay deleted.
fn stopped_undo(step: usize, error: seam::Error) -> Ending {
    let access_state = match (step, error.sent()) {
        (0, Sent::No) => AccessState::Unchanged,
        (_, Sent::No) => AccessState::PartDone,
        (_, Sent::Maybe) => AccessState::Unknown,
    };
    let stop = match error.sent() {
        Sent::No => Stop::failed(step, error),
        Sent::Maybe => Stop::Unknown {
            step,
            others: vec![],
            error,
        },
    };
    Ending::Stopped(access_state, stop)
}

/// Returns the command that gives the first guest of a plan who is in `without` a key with the plan's rooms and end.
/// Companions are the other guests of the plan, and everybody whose key is linked to a key that the plan made, joined
/// or replaced.
fn again(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    made: &BTreeSet<String>,
    without: &BTreeSet<&String>,
) -> Option<String> {
    let specs = plan.specs().map(|(_, spec)| spec);
    let specs = specs.filter_map(|spec| Some((spec.guest.known()?, spec)));
    // A guest whose key had started comes first: that guest is known to have had access.
    let (guest, spec) = specs
        .filter(|(guest, _)| without.contains(guest))
        .min_by_key(|(guest, _)| !plan.had_access.contains(*guest))?;
    let joined: Vec<&String> = match &spec.access {
        Access::Joiner(joined) => joined.iter().filter_map(Ref::known).collect(),
        Access::Override => vec![],
    };
    let own = made.iter().chain(plan.removes()).chain(&plan.at_risk);
    let own = own.chain(joined).map(String::as_str);
    let linked = snapshot.keys.linked_to(own);
    let is_companion = |key: &Key| {
        let holder = key.holder.as_ref();
        holder.is_some_and(|holder| plan.guests.contains(holder)) || linked.contains(&key.id)
    };
    let like = Bystander {
        id: String::new(),
        holder: Some(guest.clone()),
        medium: Medium::Mobile,
        doors: spec.doors.clone(),
        starts_at: Some(spec.window.starts_at),
        ends_at: Some(spec.window.ends_at),
    };
    without_harm(snapshot, guest, &like, made, is_companion)
}

/// Refuses if the state has changed since a person decided: the end has passed, a guest has another key, somebody else
/// is in the rooms, or the stay that a key would join has ended.
fn check_unchanged(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    replace: bool,
) -> Result<(), Refusal> {
    let mut guests = progress.guests_of(plan);
    // A guest may be on record although the answer of that step was lost.
    guests.extend(plan.steps.iter().filter_map(|step| match &step.action {
        Action::CreateGuest(new) => Some(snapshot.guest(&new.query()).ok()?.acs_user_id.clone()),
        _ => None,
    }));
    let open: Vec<&KeySpec> = plan
        .specs()
        .filter(|(step, _)| progress.steps[*step].status != StepStatus::Done)
        .map(|(_, spec)| spec)
        .collect();
    let now = snapshot.now();
    if let Some(over) = open.iter().find(|spec| spec.window.ends_at <= now) {
        return Err(Refusal::TooLate(snapshot.time.show(over.window.ends_at)));
    }
    if replace || open.is_empty() {
        return Ok(());
    }
    let made: BTreeSet<&str> = progress.keys_made().map(|(_, id)| id).collect();
    let is_own = |key: &Key| {
        made.contains(key.id.as_str())
            || open
                .iter()
                .any(|spec| progress.may_have_made(plan, spec, key))
    };
    let refuse = |what: String, keys: Vec<&Key>| Refusal::ChangedSince {
        what,
        keys: keys.iter().map(|key| snapshot.brief(key)).collect(),
    };
    for guest in &guests {
        let mut newer = snapshot.live_of(guest);
        newer.retain(|key| !plan.seen.contains(&key.id) && !is_own(key));
        if !newer.is_empty() {
            let name = snapshot.name_of(Some(guest));
            return Err(refuse(
                format!("{name} has got another key since this operation stopped"),
                newer,
            ));
        }
    }
    let mut others = snapshot.keys.live_at_any(&plan.room_doors, now);
    others.retain(|key| {
        let of_guest = key
            .holder
            .as_ref()
            .is_some_and(|holder| guests.contains(holder));
        let meets = open
            .iter()
            .any(|spec| key.span().overlaps(spec.window.into()));
        !plan.seen.contains(&key.id) && !is_own(key) && !of_guest && meets
    });
    if !others.is_empty() {
        let rooms = plan.rooms.join(", ");
        return Err(refuse(
            format!("room {rooms} was given to somebody else since this operation stopped"),
            others,
        ));
    }
    let was_made = |spec: &KeySpec| {
        guests
            .iter()
            .flat_map(|guest| snapshot.live_of(guest))
            .any(|key| progress.may_have_made(plan, spec, key))
    };
    for spec in open.iter().filter(|spec| !was_made(spec)) {
        if let Access::Joiner(joined) = &spec.access {
            let known: Vec<String> = joined
                .iter()
                .filter_map(|key| progress.resolve(key))
                .collect();
            let lives = |id: &String| snapshot.keys.get(id).is_some_and(|key| key.is_live(now));
            if !known.is_empty() && !known.iter().any(lives) {
                let what =
                    "the stay that this key belongs to has ended since this operation stopped";
                return Err(refuse(what.to_owned(), vec![]));
            }
        }
    }
    // A changed key replaces one that its guest had. If that key was taken away, the reason for the new key is gone
    // too.
    let replaced = plan.steps.iter().filter_map(|step| match &step.action {
        Action::DeleteIfLive(id) if plan.command == Command::Update => Some(id),
        _ => None,
    });
    let gone = |id: &String| snapshot.keys.get(id).is_none_or(|key| !key.is_live(now));
    if open.iter().any(|spec| !was_made(spec)) && replaced.into_iter().any(gone) {
        let what = "the key that was to be changed was taken away since this operation stopped";
        return Err(refuse(what.to_owned(), vec![]));
    }
    Ok(())
}

/// Refuses if the access system can no longer give a mobile key to a guest whose key is still to be made.
fn check_ready(snapshot: &HotelSnapshot, plan: &Plan, progress: &Progress) -> Result<(), Refusal> {
    for (step, spec) in plan.specs() {
        let is_open = progress.steps[step].status != StepStatus::Done;
        let guest = progress.resolve(&spec.guest);
        let guest = guest.as_deref().and_then(|id| snapshot.guest_on_record(id));
        if let Some(guest) = guest.filter(|_| is_open) {
            readiness(guest)?;
        }
    }
    Ok(())
}

/// Marks the keys that somebody else's key has made invalid as still to be made, and returns the ids of the keys that
/// they replace. A new first key ends all keys that joined the old one. In that case these keys are made again too.
///
/// A key that somebody has taken away is made again only if nothing else is left of the operation. Otherwise its guest
/// is left without it, and the operation goes on for the others.
fn make_again(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &mut Progress,
    gone: &Gone,
) -> Vec<String> {
    let is_lost = |id: &str| {
        let key = snapshot.keys.get(id);
        key.is_some_and(|key| key.is_displaced(snapshot.now()))
    };
    let made: Vec<(usize, String)> = progress
        .keys_made()
        .filter(|(step, _)| spec_of(plan, *step).is_some())
        .map(|(step, id)| (step, id.to_owned()))
        .collect();
    let is_first =
        |step: usize| spec_of(plan, step).is_some_and(|spec| spec.access == Access::Override);
    let ends_all = made.iter().any(|(step, id)| is_first(*step) && is_lost(id));
    let again: Vec<(usize, String)> = made
        .into_iter()
        .filter(|(step, id)| is_lost(id) || (ends_all && !gone.taken.contains(step)))
        .collect();
    let anew = if gone.is_all(plan) {
        gone.taken.clone()
    } else {
        progress.leave(&gone.taken);
        BTreeSet::new()
    };
    for step in again.iter().map(|(step, _)| step).chain(&anew) {
        progress.steps[*step] = StepState {
            status: StepStatus::Planned,
            made: Made::default(),
            request_id: None,
            error: None,
        };
    }
    again.into_iter().map(|(_, id)| id).collect()
}

/// Adds to the plan that a person has agreed to replace the keys that other people have made since. Those keys are no
/// longer in the way, and they are reported as replaced. If all keys that a key was to join are gone, it is made as a
/// first key.
fn agree_to_replace(snapshot: &HotelSnapshot, plan: &mut Plan, progress: &Progress) {
    let is_gone = |key: &Ref| {
        let key = progress.resolve(key);
        key.is_some_and(|id| {
            snapshot
                .keys
                .get(&id)
                .is_none_or(|key| !key.is_live(snapshot.now()))
        })
    };
    for (step, state) in plan.steps.iter_mut().zip(&progress.steps) {
        if let Action::CreateKey(spec) = &mut step.action
            && state.status != StepStatus::Done
            && let Access::Joiner(keys) = &mut spec.access
        {
            keys.retain(|key| !is_gone(key));
            if keys.is_empty() {
                spec.access = Access::Override;
            }
        }
    }
    let open: Vec<KeySpec> = plan
        .specs()
        .filter(|(step, _)| progress.steps[*step].status != StepStatus::Done)
        .map(|(_, spec)| spec.clone())
        .collect();
    let made: BTreeSet<&str> = progress.keys_made().map(|(_, id)| id).collect();
    let guests = progress.guests_of(plan);
    let is_own = |plan: &Plan, key: &Key| {
        made.contains(key.id.as_str())
            || open
                .iter()
                .any(|spec| progress.may_have_made(plan, spec, key))
    };
    let since: Vec<Key> = snapshot
        .keys
        .all()
        .filter(|key| !plan.seen.contains(&key.id) && !is_own(plan, key))
        .cloned()
        .collect();
    for key in since {
        let of_guest = key
            .holder
            .as_ref()
            .is_some_and(|holder| guests.contains(holder));
        let meets = |spec: &&KeySpec| {
            spec.access == Access::Override
                && key.opens_any(spec.doors.intersection(&plan.room_doors))
                && key.span().overlaps(spec.window.into())
        };
        let is_live = key.parent.is_none() && key.is_live(snapshot.now());
        if is_live && of_guest {
            plan.at_risk.insert(key.id.clone());
        } else if is_live && open.iter().any(|spec| meets(&spec)) {
            plan.displaces.push(key.id.clone());
        }
        plan.seen.insert(key.id);
    }
    // If none of the keys can be this operation's own, it is not responsible for keys that other people have ended.
    let may_have_made = snapshot.keys.all().any(|key| is_own(plan, key));
    if !may_have_made {
        plan.bystanders.retain(|other| {
            let key = snapshot.keys.get(&other.id);
            key.is_none_or(|key| key.is_live(snapshot.now()))
        });
    }
}

/// Returns the ids of the keys that the operation provably made: those whose ids are in the journal, and those that
/// its creates with lost answers may have made.
fn made_by(snapshot: &HotelSnapshot, plan: &Plan, row: &OperationRow) -> BTreeSet<String> {
    let progress = progress_of(row, plan);
    let lost: Vec<&KeySpec> = plan
        .specs()
        .filter(|(step, _)| progress.steps[*step].status == StepStatus::Unknown)
        .map(|(_, spec)| spec)
        .collect();
    let found = guests_of(plan, row);
    let found = found.iter().flat_map(|guest| snapshot.live_of(guest));
    let found = found.filter(|key| {
        lost.iter()
            .any(|spec| progress.may_have_made(plan, spec, key))
    });
    // Keys with which access was given back to other guests belong to these guests and are not undone.
    let is_given_back = |step: usize| {
        let guest = spec_of(plan, step).and_then(|spec| spec.guest.known());
        guest.is_some_and(|guest| !plan.guests.contains(guest))
    };
    let recorded = progress.keys_made();
    let recorded = recorded.filter(|(step, _)| !is_given_back(*step));
    let recorded = recorded.map(|(_, id)| id.to_owned());
    let recorded = recorded.filter(|id| {
        snapshot
            .keys
            .get(id)
            .is_some_and(|key| !key.is_being_deleted())
    });
    recorded.chain(found.map(|key| key.id.clone())).collect()
}

/// Returns the bystanders that a process which died, or could not read the rooms, has not looked at since it made a
/// key.
fn unread_bystanders(snapshot: &HotelSnapshot, plan: &Plan, progress: &Progress) -> Vec<Bystander> {
    let may_be_own = |key: &Key| {
        plan.specs()
            .any(|(_, spec)| progress.may_have_made(plan, spec, key))
    };
    if progress.keys_made().next().is_none() && !snapshot.keys.all().any(may_be_own) {
        return vec![];
    }
    let others = plan.bystanders.iter();
    let others = others.filter(|other| plan.harmed.iter().all(|lost| lost.id != other.id));
    others.cloned().collect()
}

/// Returns whether a mobile key that harms nobody can stand in for a lost key.
fn can_be_given_back(snapshot: &HotelSnapshot, lost: &Bystander) -> bool {
    let holder = lost.holder.as_deref();
    let guest = holder.and_then(|id| snapshot.guest_on_record(id));
    lost.medium == Medium::Mobile
        && lost.ends_at.is_some()
        && guest.is_some_and(|guest| snapshot.live_mobile_of(&guest.acs_user_id).is_empty())
}

/// Returns what is known of a key that cannot be given back.
fn beyond_reach(snapshot: &HotelSnapshot, lost: &Bystander) -> Beyond {
    let holder = lost.holder.as_deref();
    let other = holder.and_then(|holder| snapshot.live_mobile_of(holder).first().copied());
    Beyond {
        key: snapshot.brief(&lost.as_key()),
        other: other
            .filter(|_| lost.medium == Medium::Mobile)
            .map(|key| snapshot.brief(key)),
    }
}

/// Returns the key that a restored key joins: the key that was lost or, if the plan still has to make a first key for
/// that room, this first key.
fn first_key_for(plan: &Plan, progress: &Progress, lost: &Bystander) -> Ref {
    let mut open = plan.specs().filter(|(step, spec)| {
        progress.steps[*step].status != StepStatus::Done
            && spec.access == Access::Override
            && !spec.doors.is_disjoint(&lost.doors)
            && lost.span().overlaps(spec.window.into())
    });
    match open.next() {
        Some((step, _)) => Ref::Step(step),
        None => Ref::Known(lost.id.clone()),
    }
}

/// Refuses if somebody else has a key to the room since a key was taken away, because a person must then decide.
fn check_room_of(
    snapshot: &HotelSnapshot,
    progress: &Progress,
    lost: &Bystander,
) -> Result<(), Refusal> {
    let made: BTreeSet<&str> = progress.keys_made().map(|(_, id)| id).collect();
    let rooms = snapshot.rooms_of(&lost.doors);
    let mut others = snapshot.keys.live_at_any(&rooms, snapshot.now());
    others.retain(|key| {
        let is_of_stay = snapshot
            .keys
            .get(&lost.id)
            .is_some_and(|lost| is_one_stay(&snapshot.keys, lost, key));
        key.span().overlaps(lost.span()) && !is_of_stay && !made.contains(key.id.as_str())
    });
    if others.is_empty() {
        return Ok(());
    }
    Err(Refusal::ChangedSince {
        what: format!(
            "room {} was given to somebody else since {} lost the access",
            snapshot.room_names(&rooms).join(", "),
            snapshot.name_of(lost.holder.as_deref()),
        ),
        keys: others.iter().map(|key| snapshot.brief(key)).collect(),
    })
}

/// Refuses if the service took keys from other guests because of the operation, and `recover` can give them back.
/// Undoing the operation would not restore their access, so it must be given back first. Returns the keys that nobody
/// can give back with this tool, such as plastic cards. They are no reason to keep what the operation made.
async fn check_harmed(
    client: &Client,
    snapshot: &mut HotelSnapshot,
    plan: &Plan,
    row: &OperationRow,
) -> Result<Vec<Bystander>, Error> {
    // If a process died, it has not read which bystanders were harmed, so all of them are checked.
    let unlisted = plan.bystanders.iter();
    let unlisted = unlisted.filter(|other| plan.harmed.iter().all(|lost| lost.id != other.id));
    let others = plan.harmed.iter().chain(unlisted);
    let lost = still_lost(client, snapshot, others).await?;
    let (lost, beyond): (Vec<Bystander>, Vec<Bystander>) = lost
        .into_iter()
        .partition(|lost| can_be_given_back(snapshot, lost));
    if lost.is_empty() {
        return Ok(beyond);
    }
    Err(Refusal::HarmedFirst {
        keys: lost
            .iter()
            .map(|key| snapshot.brief(&key.as_key()))
            .collect(),
        operation: row.id.short().to_owned(),
    }
    .into())
}

/// Returns those of `others` whose access the service has taken away and that still must be given back.
async fn still_lost(
    client: &Client,
    snapshot: &mut HotelSnapshot,
    others: impl Iterator<Item = &Bystander> + Clone,
) -> Result<Vec<Bystander>, Error> {
    let since = tokio::time::Instant::now();
    read_holders(&OneByOne(client), others.clone(), since, &mut snapshot.keys).await?;
    snapshot.read_missing(client).await?;
    let lost = others.filter(|lost| is_still_lost(lost, &snapshot.keys, snapshot.now()));
    Ok(lost.cloned().collect())
}

/// Reads the keys at the rooms of lost keys, for rooms that are not part of the plan.
async fn read_rooms_of(
    client: &Client,
    snapshot: &mut HotelSnapshot,
    plan: &Plan,
    lost: &[Bystander],
) -> Result<(), Error> {
    let doors: BTreeSet<String> = lost.iter().flat_map(|lost| lost.doors.clone()).collect();
    let rooms = snapshot.rooms_of(&doors);
    let keys = OneByOne(client);
    let since = tokio::time::Instant::now();
    let unread = rooms.difference(&plan.room_doors);
    let reads =
        unread.map(async |door| Ok::<_, seam::Error>((door, keys.room(door, since).await?)));
    for (door, found) in try_join_all(reads).await? {
        found
            .into_iter()
            .for_each(|key| snapshot.keys.insert_at(door, key));
    }
    snapshot.read_missing(client).await?;
    Ok(())
}

/// Returns the unfinished operation with this id: the short id that messages print, the full id, or the beginning of
/// either. Refuses if there is none or if several match.
pub fn choose(rows: Vec<OperationRow>, asked: &str) -> Result<OperationRow, Refusal> {
    let asked = asked.trim().to_lowercase();
    let is_meant = |row: &OperationRow| {
        row.id.short().starts_with(&asked) || row.id.as_str().starts_with(&asked)
    };
    let exact = |row: &OperationRow| row.id.short() == asked || row.id.as_str() == asked;
    let is_exact = rows.iter().any(exact);
    let mut found: Vec<OperationRow> = rows
        .into_iter()
        .filter(|row| if is_exact { exact(row) } else { is_meant(row) })
        .collect();
    match (found.len(), found.pop()) {
        (1, Some(row)) => Ok(row),
        (_, None) => Err(Refusal::Operation {
            asked,
            found: Found::None,
        }),
        (_, Some(last)) => {
            found.push(last);
            let ids = found
                .iter()
                .map(|row| (row.command.clone(), row.id.to_string()))
                .collect();
            Err(Refusal::Operation {
                asked,
                found: Found::Many(ids),
            })
        }
    }
}

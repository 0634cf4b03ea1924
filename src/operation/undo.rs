//! `recover --undo`: takes away the keys that an operation made.

use std::collections::BTreeSet;

use crate::hotel::decide::is_one_stay;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::{Brief, Refusal};
use crate::journal::{End, OperationId, OperationRow, StepStatus};
use crate::operation::decision::Decision;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::{Beyond, Ending, Outcome};
use crate::operation::plan::{Access, Bystander, KeySpec, Plan, Ref};
use crate::operation::recover::{RecoverError, Settled, guests_of, plan_of, progress_of, snapshot};
use crate::operation::report::{
    StepReport, first_key_command, issue_command, revoke_command, spec_of,
};
use crate::operation::restore::{beyond_reach, check_harmed};
use crate::operation::step::delete_key;
use crate::operation::stop::{AccessState, Stop};
use crate::operation::verify::stands_in;
use crate::seam::{self, Sent, credentials};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::KeyReader;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
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

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
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

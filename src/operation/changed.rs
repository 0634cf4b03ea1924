//! What other people have changed since an operation stopped: the checks before `recover` goes on, and what a person
//! agrees to replace.

use std::collections::BTreeSet;

use crate::hotel::key::Key;
use crate::hotel::readiness::readiness;
use crate::hotel::refusal::Refusal;
use crate::journal::{Made, StepStatus};
use crate::operation::plan::{Access, Action, Command, KeySpec, Plan, Ref};
use crate::operation::progress::{Progress, StepState};
use crate::operation::report::spec_of;
use crate::operation::taken::Gone;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
/// Refuses if the state has changed since a person decided: the end has passed, a guest has another key, somebody else
/// is in the rooms, or the stay that a key would join has ended.
pub(super) fn check_unchanged(
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
pub(super) fn check_ready(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
) -> Result<(), Refusal> {
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
pub(super) fn make_again(
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
/// longer in the way, and they are reported as replaced. If all keys that a key was to join are gone, it joins another
/// key of the plan for the same doors and time, or is made as a first key.
pub(super) fn agree_to_replace(snapshot: &HotelSnapshot, plan: &mut Plan, progress: &Progress) {
    let is_gone = |key: &Ref| {
        let key = progress.resolve(key);
        key.is_some_and(|id| {
            snapshot
                .keys
                .get(&id)
                .is_none_or(|key| !key.is_live(snapshot.now()))
        })
    };
    for step in 0..plan.steps.len() {
        let companion = companion_of(snapshot, plan, progress, step);
        if let Action::CreateKey(spec) = &mut plan.steps[step].action
            && progress.steps[step].status != StepStatus::Done
            && let Access::Joiner(keys) = &mut spec.access
        {
            keys.retain(|key| !is_gone(key));
            if keys.is_empty() {
                spec.access = companion.map_or(Access::Override, |key| Access::Joiner(vec![key]));
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

/// Returns the key of another step for the same doors and time that this step's key can join: a key that was made and
/// still works, or a first key that is still to be made. Another first key would end it.
fn companion_of(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    step: usize,
) -> Option<Ref> {
    let own = spec_of(plan, step)?;
    let can_be_joined = |(other, spec): &(usize, &KeySpec)| {
        let made = progress.steps[*other].made.acs_credential_id.as_ref();
        let key = made.and_then(|id| snapshot.keys.get(id));
        let is_first = made.is_none() && spec.access == Access::Override;
        *other != step
            && spec.doors == own.doors
            && spec.window.ends_at == own.window.ends_at
            && (is_first || key.is_some_and(|key| key.is_live(snapshot.now())))
    };
    let found = plan.specs().find(can_be_joined);
    found.map(|(other, _)| Ref::Step(other))
}

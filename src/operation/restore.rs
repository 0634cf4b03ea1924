//! Gives access back to guests whose keys the service took away although they were not in the way.

use std::collections::BTreeSet;

use futures::future::try_join_all;

use crate::hotel::decide::is_one_stay;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::{Refusal, Warning};
use crate::hotel::{Label, Window};
use crate::journal::{OperationRow, StepStatus};
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::outcome::Beyond;
use crate::operation::plan::{Access, Action, Bystander, KeySpec, Plan, Ref, Step};
use crate::operation::progress::Progress;
use crate::operation::rooms::read_holders;
use crate::operation::verify::is_still_lost;
use crate::seam::{self, Client};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::{KeyReader, OneByOne, is_phone_ready};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Adds a key for each guest whose key the service took away although it was not in the way. The new key joins the
    /// old one, so that it overrides nothing. Returns `None` if every guest still has access. Refuses if none of these
    /// guests can be given a mobile key.
    pub(super) async fn give_back(
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
pub(super) fn beyond_reach(snapshot: &HotelSnapshot, lost: &Bystander) -> Beyond {
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
/// Undoing the operation would not restore their access, so it must be given back first. Returns the keys that this
/// tool cannot give back, such as plastic cards. They are no reason to keep what the operation made.
pub(super) async fn check_harmed(
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
pub(super) async fn still_lost(
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

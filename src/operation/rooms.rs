//! Reads the rooms of a plan, and checks that they are free right before a key is made on them.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use tokio::time::Instant;

use crate::hotel::key::{Key, KeyRing, Medium};
use crate::journal::StepStatus;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::plan::{Access, Action, Bystander, Plan};
use crate::operation::progress::Progress;
use crate::operation::report::spec_of;
use crate::operation::stop::Stop;
use crate::operation::verify::Around;
use crate::seam;
use crate::snapshot::fetch::{KeyReader, OneByOne};

/// How old a reading of the rooms may be when a key is made on them.
pub(super) const FRESH: Duration = Duration::from_millis(40);

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Reads the rooms and the guests' keys, in parallel, in their current state. The rooms are read one by one, so that
    /// plastic cards are included. The guests' keys come from the reader, which many operations may share.
    pub(super) async fn rooms_now(
        &self,
        plan: &Plan,
        progress: &Progress,
    ) -> Result<KeyRing, seam::Error> {
        let rooms = OneByOne(self.client);
        let guests: Vec<String> = progress.receivers_of(plan).into_iter().collect();
        read_around(&rooms, self.keys, plan, &guests, Instant::now()).await
    }

    /// Reads the rooms, the guests' keys and the bystanders, in parallel, in their state at or after `since`.
    pub(super) async fn rooms(
        &self,
        plan: &Plan,
        progress: &Progress,
        since: Instant,
    ) -> Result<KeyRing, seam::Error> {
        let guests: Vec<String> = progress.receivers_of(plan).into_iter().collect();
        // The reading that many operations share does not contain cards.
        let has_cards = plan
            .bystanders
            .iter()
            .any(|other| other.medium != Medium::Mobile);
        if has_cards {
            let one_by_one = OneByOne(self.client);
            return read_around(&one_by_one, &one_by_one, plan, &guests, since).await;
        }
        read_around(self.keys, self.keys, plan, &guests, since).await
    }
}

/// Returns whether a reading is at most this old.
pub(super) fn is_younger(read_at: Option<Instant>, age: Duration) -> bool {
    read_at.is_some_and(|at| at.elapsed() <= age)
}

/// Returns whether the rooms must be read right before this stage, because it makes keys or takes access away for one.
pub(super) fn needs_rooms(plan: &Plan, stage: &[usize]) -> bool {
    let needs = |step: &usize| {
        matches!(
            plan.steps[*step].action,
            Action::CreateKey(_) | Action::RevokeAccess(_)
        )
    };
    stage.iter().any(needs)
}

/// Returns whether a step makes an override.
pub(super) fn overrides(plan: &Plan, step: usize) -> bool {
    spec_of(plan, step).is_some_and(|spec| spec.access == Access::Override)
}

/// Reads everything that a plan can affect: the keys at its rooms, the keys of its guests, and the bystanders elsewhere.
/// `rooms` reads the rooms, and `keys` reads the rest.
async fn read_around(
    rooms: &impl KeyReader,
    keys: &impl KeyReader,
    plan: &Plan,
    guests: &[String],
    since: Instant,
) -> Result<KeyRing, seam::Error> {
    let at = plan.room_doors.iter();
    let is_elsewhere = |other: &&Bystander| {
        let holder = other.holder.as_ref();
        other.doors.is_disjoint(&plan.room_doors)
            && !holder.is_some_and(|holder| guests.contains(holder))
    };
    let elsewhere = plan.bystanders.iter().filter(is_elsewhere);
    let (at, own, others) = futures::try_join!(
        try_join_all(at.map(|door| async move {
            Ok::<_, seam::Error>((door, rooms.room(door, since).await?))
        })),
        try_join_all(guests.iter().map(|guest| keys.of(guest, since))),
        try_join_all(elsewhere.map(|other| keys.key(&other.id, since))),
    )?;
    let mut ring = KeyRing::default();
    let others = others.into_iter().flatten();
    own.into_iter()
        .flatten()
        .chain(others)
        .for_each(|key| ring.insert(key));
    for (door, keys) in at {
        keys.into_iter().for_each(|key| ring.insert_at(door, key));
    }
    Ok(ring)
}

/// Adds all keys of the guests who seem to be harmed.
pub(crate) async fn read_holders<'a>(
    keys: &impl KeyReader,
    lost: impl Iterator<Item = &'a Bystander>,
    since: Instant,
    ring: &mut KeyRing,
) -> Result<(), seam::Error> {
    let holders: BTreeSet<&String> = lost.filter_map(|key| key.holder.as_ref()).collect();
    let read = try_join_all(holders.into_iter().map(|holder| keys.of(holder, since))).await;
    for key in read?.into_iter().flatten() {
        ring.insert(key);
    }
    Ok(())
}

/// Refuses to make a key if another desk has made one since the plan, either for the same rooms and time or for one of
/// the guests. `step` is the step that would be sent. A key that this step itself may have made, in an earlier request
/// whose answer was lost, is no reason to refuse.
pub(super) fn check_free(
    plan: &Plan,
    progress: &Progress,
    step: usize,
    rooms: Result<KeyRing, seam::Error>,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let rooms = rooms.map_err(|error| Stop::failed(step, error))?;
    let open = plan
        .specs()
        .filter(|(step, _)| !progress.is(*step, StepStatus::Done));
    let around = Around {
        plan,
        own: progress.keys_made().map(|(_, id)| id.to_owned()).collect(),
        specs: open.map(|(_, spec)| spec).collect(),
    };
    let may_be_own = |key: &Key| {
        let mut open = plan
            .specs()
            .filter(|(step, _)| progress.is(*step, StepStatus::Unknown));
        open.any(|(_, spec)| progress.may_have_made(plan, spec, key))
    };
    let receivers = progress.receivers_of(plan);
    let of_guests = receivers.iter().flat_map(|guest| rooms.live_of(guest, now));
    let of_guests = of_guests.filter(|key| around.is_new(key));
    let others = around.since(&rooms, now);
    let mut others = others.into_iter().chain(of_guests);
    match others.find(|key| key.is_live(now) && !may_be_own(key)) {
        None => Ok(()),
        Some(key) => Err(Stop::Taken {
            step,
            by: Box::new(key.clone()),
        }),
    }
}

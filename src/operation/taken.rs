//! Keys of a stopped operation that somebody has taken away since.
//!
//! The person who took a key away may have checked the guest out. `recover` therefore makes such a key again only if a
//! person agrees.
//!
//! If the id of a key is in the journal, a read shows that the key is gone. If the answer of its create was lost, the
//! key may have been made and deleted since, and no key shows that. The events of the access system do: a key that was
//! deleted since the plan, and that this desk cannot name, may be the one. The API has no event for a new key, so a
//! person has to decide.

use std::collections::BTreeSet;

use futures::future::try_join_all;

use crate::hotel::key::Key;
use crate::hotel::refusal::Refusal;
use crate::journal::{Journal, OperationId, StepStatus};
use crate::operation::plan::{KeySpec, Plan};
use crate::operation::progress::Progress;
use crate::operation::recover::RecoverError;
use crate::operation::report::spec_of;
use crate::seam::{self, Client, events};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_key;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The steps whose keys are gone, although the journal has their ids.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    /// The steps whose guests have no other key since.
    pub(crate) taken: BTreeSet<usize>,
    /// The steps whose guests got another key since.
    pub(crate) replaced: BTreeSet<usize>,
}

/// Reads the keys that the operation made and that the lists do not contain.
pub(crate) async fn read_recorded(
    client: &Client,
    snapshot: &mut HotelSnapshot,
    progress: &Progress,
) -> Result<(), seam::Error> {
    let unread = progress.keys_made().map(|(_, id)| id);
    let unread = unread.filter(|id| snapshot.keys.get(id).is_none());
    let found = try_join_all(unread.map(|id| read_key(client, id))).await?;
    let found = found.into_iter().flatten();
    found.for_each(|key| snapshot.keys.insert(key));
    Ok(())
}

impl Gone {
    /// Returns the steps whose keys are gone before their end.
    pub(crate) fn of(snapshot: &HotelSnapshot, plan: &Plan, progress: &Progress) -> Self {
        let mut found = Gone::default();
        for (step, id) in progress.keys_made() {
            let key = snapshot.keys.get(id);
            let Some(spec) =
                spec_of(plan, step).filter(|spec| spec.window.ends_at > snapshot.now())
            else {
                continue;
            };
            if key.is_some_and(|key| !key.is_being_deleted()) {
                continue;
            }
            let guest = progress.resolve(&spec.guest);
            let own = guest.iter().flat_map(|guest| snapshot.live_of(guest));
            let mut since = own.filter(|key| !plan.seen.contains(&key.id) && plan.is_since(key));
            if since.next().is_some() {
                found.replaced.insert(step);
            } else {
                found.taken.insert(step);
            }
        }
        found
    }

    /// Returns whether somebody has taken away every key of the plan.
    pub(crate) fn is_all(&self, plan: &Plan) -> bool {
        plan.specs().all(|(step, _)| self.taken.contains(&step))
    }

    /// Refuses if somebody has taken a key away.
    pub(crate) fn check(
        &self,
        snapshot: &HotelSnapshot,
        plan: &Plan,
        progress: &Progress,
        operation: &OperationId,
    ) -> Result<(), Refusal> {
        let of_step = |(step, id)| {
            let spec = spec_of(plan, step).filter(|_| self.taken.contains(&step))?;
            Some(spec.as_made(id, |key| progress.resolve(key)))
        };
        let keys: Vec<Key> = progress.keys_made().filter_map(of_step).collect();
        if keys.is_empty() {
            return Ok(());
        }
        Err(refusal(snapshot, keys.iter(), vec![], operation))
    }
}

fn refusal<'a>(
    snapshot: &HotelSnapshot,
    keys: impl Iterator<Item = &'a Key>,
    deleted: Vec<(String, String)>,
    operation: &OperationId,
) -> Refusal {
    Refusal::TakenAway {
        keys: keys.map(|key| snapshot.brief(key)).collect(),
        deleted,
        operation: operation.short().to_owned(),
    }
}

/// Refuses if somebody may have taken away a key whose create was sent and whose answer was lost. The events are read
/// only if there is such a key and the guest has none that may be it.
pub(crate) async fn check_lost(
    client: &Client,
    journal: &Journal,
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    operation: &OperationId,
) -> Result<(), RecoverError> {
    let unknown = plan
        .specs()
        .filter(|(step, _)| progress.steps[*step].status == StepStatus::Unknown);
    let mut lost: Vec<&KeySpec> = vec![];
    let mut going: Vec<&Key> = vec![];
    for (_, spec) in unknown {
        let Some(guest) = progress.resolve(&spec.guest) else {
            continue;
        };
        let own = snapshot.keys.all();
        let own = own.filter(|key| key.holder.as_ref() == Some(&guest));
        let (gone, there): (Vec<&Key>, Vec<&Key>) = own
            .filter(|key| plan.may_once_have_made(spec, key))
            .partition(|key| key.is_being_deleted());
        if there.is_empty() {
            going.extend(gone);
            lost.push(spec);
        }
    }
    let refuse = |refusal: Refusal| Err(Error::from(refusal).into());
    if !going.is_empty() {
        return refuse(refusal(snapshot, going.into_iter(), vec![], operation));
    }
    if lost.is_empty() {
        return Ok(());
    }
    let Some(since) = plan.planned_at else {
        return Ok(());
    };
    let request = events::List {
        since,
        event_type: events::CREDENTIAL_DELETED,
        acs_system_id: plan.system.clone().into(),
    };
    let found = events::list(client, &request).await.map_err(Error::from)?;
    let is_cut = found.value.len() >= events::LIST_LIMIT;
    let when = |event: &events::Event| {
        let at = event.occurred_at.as_ref().and_then(|at| at.parsed);
        at.map_or_else(String::new, |at| snapshot.time.show(at))
    };
    let deleted = found.value.into_iter();
    let mut deleted: Vec<(String, String)> = deleted
        .filter_map(|event| {
            let when = when(&event);
            Some((event.acs_credential_id?.into(), when))
        })
        .collect();
    deleted.retain(|(id, _)| !plan.seen.contains(id) && snapshot.keys.get(id).is_none());
    let ids = deleted.iter().map(|(id, _)| id.clone()).collect();
    let known: BTreeSet<String> = journal.known_keys(ids).await?.into_iter().collect();
    deleted.retain(|(id, _)| !known.contains(id));
    if deleted.is_empty() && !is_cut {
        return Ok(());
    }
    let made = lost
        .iter()
        .map(|spec| spec.as_made("", |key| progress.resolve(key)));
    let made: Vec<Key> = made.collect();
    refuse(refusal(snapshot, made.iter(), deleted, operation))
}

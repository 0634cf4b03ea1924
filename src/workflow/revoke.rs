//! `revoke`: takes keys away, with all their copies on phones, and verifies that they are gone.
//!
//! It calls `credentials/delete` for each live key that the command names. A key that is already gone counts as
//! success.

use std::collections::BTreeSet;

use crate::hotel::decide::stays;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Refusal;
use crate::hotel::refusal::Warning;
use crate::hotel::{GuestQuery, RoomName};
use crate::operation::decision::{Confirmation, Decision, Question, Summary};
use crate::operation::plan::{Action, Command, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_named;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
use crate::workflow::template::{Doors, PlanParts, Recipient, Touches};

/// Which keys the command is about.
#[derive(Clone, Debug)]
pub enum Which {
    /// The keys with these ids.
    Keys(Vec<String>),
    /// All keys of a guest or, if rooms are given, the guest's keys to these rooms.
    Guest(GuestQuery, Vec<RoomName>),
    /// The keys of the stay that is in these rooms now.
    Rooms(Vec<RoomName>),
    /// All keys to these rooms, including those of later stays.
    Everybody(Vec<RoomName>),
}

/// The arguments of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which keys to take away.
    pub which: Which,
    /// Whether to take away only one phone's copy. The key then stays on the guest's other phones.
    pub this_phone_only: bool,
}

/// Reads the system and the doors, then the keys that the command may be about.
pub(crate) async fn read(
    client: &Client,
    profile: &HotelProfile,
    request: &Request,
) -> Result<HotelSnapshot, Error> {
    let queries: &[GuestQuery] = match &request.which {
        Which::Guest(guest, _) => std::slice::from_ref(guest),
        Which::Keys(_) | Which::Rooms(_) | Which::Everybody(_) => &[],
    };
    let rooms: &[RoomName] = match &request.which {
        Which::Rooms(rooms) | Which::Everybody(rooms) => rooms,
        Which::Keys(_) | Which::Guest(..) => &[],
    };
    let named: &[String] = match &request.which {
        Which::Keys(ids) => ids,
        _ => &[],
    };
    let (snapshot, named) = futures::join!(
        HotelSnapshot::read_ahead(client, profile, queries, rooms),
        read_named(client, named)
    );
    let mut snapshot = snapshot?;
    snapshot.system.check()?;
    named?.into_iter().for_each(|key| snapshot.keys.insert(key));
    let nowhere = BTreeSet::new();
    match &request.which {
        Which::Keys(_) => {
            snapshot.read_missing(client).await?;
            if request.this_phone_only {
                let holders = snapshot.holders();
                snapshot.read_keys(client, &holders, &nowhere).await?;
            }
        }
        Which::Guest(query, _) => {
            let guest = snapshot.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            snapshot.read_keys(client, guests, &nowhere).await?;
        }
        Which::Rooms(rooms) | Which::Everybody(rooms) => {
            let rooms = snapshot.room_ids(rooms)?;
            snapshot.read_keys(client, &[], &rooms).await?;
        }
    }
    Ok(snapshot)
}

/// Returns the keys that the command is about, each once.
fn find<'a>(snapshot: &'a HotelSnapshot, request: &Request) -> Result<Chosen<'a>, Refusal> {
    let keys = match &request.which {
        Which::Keys(ids) => by_id(snapshot, ids, request.this_phone_only)?,
        Which::Guest(query, rooms) => {
            let guest = snapshot.guest(query)?;
            let rooms = snapshot.room_ids(rooms)?;
            let mut keys = snapshot.live_of(&guest.acs_user_id);
            let own = BTreeSet::from([guest.acs_user_id.as_str()]);
            keys.extend(left_on_phones(snapshot, |key| is_of(key, &own)));
            keys.retain(|key| rooms.is_empty() || key.opens_any(&rooms));
            keys
        }
        Which::Rooms(rooms) => return current(snapshot, &snapshot.room_ids(rooms)?),
        Which::Everybody(rooms) => {
            let rooms = snapshot.room_ids(rooms)?;
            let mut keys = snapshot.keys.live_at_any(&rooms, snapshot.now());
            keys.extend(left_on_phones(snapshot, |key| key.opens_any(&rooms)));
            keys
        }
    };
    Ok(Chosen {
        keys,
        ..Chosen::default()
    })
}

/// The keys that the command takes away, and those of later stays, which it leaves alone.
#[derive(Default)]
struct Chosen<'a> {
    keys: Vec<&'a Key>,
    later: Vec<&'a Key>,
}

/// Returns the keys with these ids. One phone's copy stands for its whole key, unless only the copy is to be taken
/// away.
fn by_id<'a>(
    snapshot: &'a HotelSnapshot,
    ids: &[String],
    this_phone_only: bool,
) -> Result<Vec<&'a Key>, Refusal> {
    let mut found: Vec<&Key> = vec![];
    for key in ids.iter().filter_map(|id| snapshot.keys.get(id)) {
        if this_phone_only && key.parent.is_none() {
            return Err(Refusal::NotACopy {
                asked: key.id.clone(),
                copies: snapshot.keys.copies_of(&key.id),
            });
        }
        let meant = if this_phone_only {
            key
        } else {
            snapshot.keys.root(key)
        };
        // One that is being deleted is still on record: it is waited for.
        if !found.iter().any(|known| known.id == meant.id) {
            found.push(meant);
        }
    }
    Ok(found)
}

/// Returns the keys of the stay that is in the rooms now.
fn current<'a>(
    snapshot: &'a HotelSnapshot,
    rooms: &BTreeSet<String>,
) -> Result<Chosen<'a>, Refusal> {
    let live = snapshot.keys.live_at_any(rooms, snapshot.now());
    let is_current = |stay: &Vec<&Key>| stay.iter().any(|key| key.is_current(snapshot.now()));
    let (mut now, later): (Vec<_>, Vec<_>) = stays(&snapshot.keys, &live)
        .into_iter()
        .partition(is_current);
    if now.len() > 1 {
        return Err(snapshot.several_stays("revoke", snapshot.room_names(rooms).join(", "), &now));
    }
    let mut keys = now.pop().unwrap_or_default();
    let guests = keys
        .iter()
        .filter_map(|key| key.holder.as_deref())
        .collect();
    keys.extend(left_on_phones(snapshot, |key| {
        key.opens_any(rooms) && is_of(key, &guests)
    }));
    Ok(Chosen {
        keys,
        later: later.into_iter().flatten().collect(),
    })
}

fn is_of(key: &Key, guests: &BTreeSet<&str>) -> bool {
    key.holder
        .as_deref()
        .is_some_and(|holder| guests.contains(holder))
}

/// Returns the mobile keys that the service reports as invalid, oldest first. Locks are offline, so a copy of such a
/// key may still be on a phone and open the door.
fn left_on_phones(snapshot: &HotelSnapshot, is_meant: impl Fn(&Key) -> bool) -> Vec<&Key> {
    let mut found: Vec<&Key> = snapshot
        .keys
        .all()
        .filter(|key| key.parent.is_none() && key.medium == Medium::Mobile)
        .filter(|key| key.is_displaced(snapshot.now()) && is_meant(key))
        .collect();
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    found
}

pub(crate) fn decide(snapshot: &HotelSnapshot, request: &Request) -> Result<Decision, Refusal> {
    let Chosen { keys, later } = find(snapshot, request)?;
    let mut warnings = vec![];
    if keys.iter().any(|key| key.medium == Medium::Card) {
        warnings.push(Warning {
            code: "card_in_hand".to_owned(),
            message: "a plastic card may go on opening the door until it is overridden there or expires: take it back".to_owned(),
        });
    }
    let mut steps = Steps::default();
    for key in &keys {
        let rooms = snapshot.door_names(&key.doors).join(", ");
        steps.add(
            format!("delete the {} for {rooms}", snapshot.brief(key).medium),
            Action::DeleteKey(key.id.clone()),
        );
    }
    let summary = Summary::Revoked {
        keys: snapshot.briefs(&keys),
        kept: snapshot.briefs(&later),
    };
    let confirmation = (!keys.is_empty()).then(|| Confirmation {
        question: Question::Revoke { keys: keys.len() },
        residents: vec![],
        ends: vec![],
        optional: false,
    });
    let all: BTreeSet<String> = keys
        .iter()
        .flat_map(|key| key.doors.iter().cloned())
        .collect();
    let rooms = snapshot.rooms_of(&all);
    let names = snapshot
        .room_names(&rooms)
        .into_iter()
        .map(RoomName::new)
        .collect();
    let recipients: Vec<Recipient> = {
        let holders: BTreeSet<&str> = keys
            .iter()
            .filter_map(|key| key.holder.as_deref())
            .collect();
        holders
            .into_iter()
            .filter_map(|id| snapshot.guest_on_record(id))
            .cloned()
            .map(Recipient::Known)
            .collect()
    };
    let doors = Doors { rooms, all, names };
    let plan = (!keys.is_empty()).then(|| {
        snapshot.plan(PlanParts {
            command: Command::Revoke,
            recipients: &recipients,
            doors: &doors,
            leaves: &BTreeSet::new(),
            steps,
            touches: Touches {
                removes: with_copies(snapshot, &keys),
                ..Touches::default()
            },
            arrival: None,
        })
    });
    Ok(Decision {
        command: Command::Revoke,
        plan,
        already: vec![],
        warnings,
        summary: Some(summary),
        neighbours: vec![],
        confirmation,
    })
}

/// Returns these keys and their copies on phones.
fn with_copies<'a>(snapshot: &'a HotelSnapshot, keys: &[&'a Key]) -> Vec<&'a Key> {
    let copies = keys.iter().flat_map(|key| snapshot.keys.copies_of(&key.id));
    let copies: Vec<&Key> = copies.filter_map(|id| snapshot.keys.get(&id)).collect();
    keys.iter().copied().chain(copies).collect()
}

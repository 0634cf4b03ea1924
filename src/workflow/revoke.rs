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
use crate::operation::decision::{Decided, Question};
use crate::operation::plan::{Action, Command, Steps};
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::read_named;
use crate::snapshot::hotel_snapshot::Facts;
use crate::snapshot::profile::Property;
use crate::workflow::template::{Doors, Party, PlanParts, Touches};

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
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
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
    let (facts, named) = futures::join!(
        Facts::read_ahead(client, property, queries, rooms),
        read_named(client, named)
    );
    let mut facts = facts?;
    facts.system.check()?;
    named?.into_iter().for_each(|key| facts.keys.insert(key));
    let nowhere = BTreeSet::new();
    match &request.which {
        Which::Keys(_) => {
            facts.read_missing(client).await?;
            if request.this_phone_only {
                let holders = facts.holders();
                facts.read_keys(client, &holders, &nowhere).await?;
            }
        }
        Which::Guest(query, _) => {
            let guest = facts.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            facts.read_keys(client, guests, &nowhere).await?;
        }
        Which::Rooms(rooms) | Which::Everybody(rooms) => {
            let rooms = facts.room_ids(rooms)?;
            facts.read_keys(client, &[], &rooms).await?;
        }
    }
    Ok(facts)
}

/// Returns the keys that the command is about, each once.
fn find<'a>(facts: &'a Facts, request: &Request) -> Result<Chosen<'a>, Refusal> {
    let keys = match &request.which {
        Which::Keys(ids) => by_id(facts, ids, request.this_phone_only)?,
        Which::Guest(query, rooms) => {
            let guest = facts.guest(query)?;
            let rooms = facts.room_ids(rooms)?;
            let mut keys = facts.live_of(&guest.acs_user_id);
            let own = BTreeSet::from([guest.acs_user_id.as_str()]);
            keys.extend(left_on_phones(facts, |key| is_of(key, &own)));
            keys.retain(|key| rooms.is_empty() || key.opens_any(&rooms));
            keys
        }
        Which::Rooms(rooms) => return current(facts, &facts.room_ids(rooms)?),
        Which::Everybody(rooms) => {
            let rooms = facts.room_ids(rooms)?;
            let mut keys = facts.keys.live_at_any(&rooms, facts.now());
            keys.extend(left_on_phones(facts, |key| key.opens_any(&rooms)));
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
    facts: &'a Facts,
    ids: &[String],
    this_phone_only: bool,
) -> Result<Vec<&'a Key>, Refusal> {
    let mut found: Vec<&Key> = vec![];
    for key in ids.iter().filter_map(|id| facts.keys.get(id)) {
        if this_phone_only && key.parent.is_none() {
            return Err(Refusal::NotACopy {
                asked: key.id.clone(),
                copies: facts.keys.copies_of(&key.id),
            });
        }
        let meant = if this_phone_only {
            key
        } else {
            facts.keys.root(key)
        };
        // One that is being deleted is still on record: it is waited for.
        if !found.iter().any(|known| known.id == meant.id) {
            found.push(meant);
        }
    }
    Ok(found)
}

/// Returns the keys of the stay that is in the rooms now.
fn current<'a>(facts: &'a Facts, rooms: &BTreeSet<String>) -> Result<Chosen<'a>, Refusal> {
    let live = facts.keys.live_at_any(rooms, facts.now());
    let is_current = |stay: &Vec<&Key>| stay.iter().any(|key| key.is_current(facts.now()));
    let (mut now, later): (Vec<_>, Vec<_>) =
        stays(&facts.keys, &live).into_iter().partition(is_current);
    if now.len() > 1 {
        return Err(facts.several_stays("revoke", facts.room_names(rooms).join(", "), &now));
    }
    let mut keys = now.pop().unwrap_or_default();
    let guests = keys
        .iter()
        .filter_map(|key| key.holder.as_deref())
        .collect();
    keys.extend(left_on_phones(facts, |key| {
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
fn left_on_phones(facts: &Facts, is_meant: impl Fn(&Key) -> bool) -> Vec<&Key> {
    let mut found: Vec<&Key> = facts
        .keys
        .all()
        .filter(|key| key.parent.is_none() && key.medium == Medium::Mobile)
        .filter(|key| key.is_displaced(facts.now()) && is_meant(key))
        .collect();
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    found
}

pub(crate) fn decide(facts: &Facts, request: &Request) -> Result<Decided, Refusal> {
    let Chosen { keys, later } = find(facts, request)?;
    let mut warnings = vec![];
    if keys.iter().any(|key| key.medium == Medium::Card) {
        warnings.push(Warning {
            code: "card_in_hand".to_owned(),
            message: "a plastic card may go on opening the door until it is overridden there or expires: take it back".to_owned(),
        });
    }
    let mut steps = Steps::default();
    for key in &keys {
        let rooms = facts.door_names(&key.doors).join(", ");
        steps.add(
            format!("delete the {} for {rooms}", facts.brief(key).medium),
            Action::DeleteKey(key.id.clone()),
        );
    }
    let revoked = keys
        .iter()
        .map(|key| format!("Revoke {}", facts.brief(key)));
    let kept = later.iter().map(|key| {
        format!(
            "Left alone: {}; `--all` takes it away too",
            facts.brief(key)
        )
    });
    let says: Vec<String> = revoked.chain(kept).collect();
    let asks = (!keys.is_empty()).then(|| {
        let question = match keys.len() {
            1 => "Revoke this key?".to_owned(),
            n => format!("Revoke these {n} keys?"),
        };
        Question {
            lines: vec![question],
            optional: false,
        }
    });
    let all: BTreeSet<String> = keys
        .iter()
        .flat_map(|key| key.doors.iter().cloned())
        .collect();
    let rooms = facts.rooms_of(&all);
    let names = facts
        .room_names(&rooms)
        .into_iter()
        .map(RoomName::new)
        .collect();
    let parties: Vec<Party> = {
        let holders: BTreeSet<&str> = keys
            .iter()
            .filter_map(|key| key.holder.as_deref())
            .collect();
        holders
            .into_iter()
            .filter_map(|id| facts.guest_on_record(id))
            .cloned()
            .map(Party::Known)
            .collect()
    };
    let doors = Doors { rooms, all, names };
    let plan = (!keys.is_empty()).then(|| {
        facts.plan(PlanParts {
            command: Command::Revoke,
            parties: &parties,
            doors: &doors,
            leaves: &BTreeSet::new(),
            steps,
            touches: Touches {
                removes: with_copies(facts, &keys),
                ..Touches::default()
            },
            arrival: None,
        })
    });
    Ok(Decided {
        command: Command::Revoke,
        plan,
        already: vec![],
        warnings,
        says,
        asks,
    })
}

/// Returns these keys and their copies on phones.
fn with_copies<'a>(facts: &'a Facts, keys: &[&'a Key]) -> Vec<&'a Key> {
    let copies = keys.iter().flat_map(|key| facts.keys.copies_of(&key.id));
    let copies: Vec<&Key> = copies.filter_map(|id| facts.keys.get(&id)).collect();
    keys.iter().copied().chain(copies).collect()
}

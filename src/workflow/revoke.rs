//! `revoke`: keys taken away, with all their copies on phones, and verified gone.
//!
//! `credentials/delete` for each live key that is meant. Gone already is success: whoever revokes wants the
//! key gone, not the pleasure of deleting it.

use std::collections::BTreeSet;

use super::error::{Error, Refusal};
use super::facts::Facts;
use super::plan::{Action, Command, Steps};
use super::prepared::{Decided, Doors, Party, Warning};
use super::property::Property;
use super::read::AtDoors;
use crate::seam::Client;
use crate::stay::decide::live_at_any;
use crate::stay::key::{Key, Medium};
use crate::stay::{GuestQuery, RoomName};

/// Which keys.
#[derive(Clone, Debug)]
pub enum Which {
    /// These, by id.
    Keys(Vec<String>),
    /// All of a guest's; only those to these rooms where any are named.
    Guest(GuestQuery, Vec<RoomName>),
    /// Everybody's at these rooms.
    Rooms(Vec<RoomName>),
    /// At these rooms, those of these guests, by `acs_user_id`: one of the stays that share a room.
    Of(Vec<String>, Vec<RoomName>),
}

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which keys.
    pub which: Which,
    /// Only the named phone's copy; the key stays on the guest's other phones.
    pub this_phone_only: bool,
}

/// Reads the system and the doors; then the keys that may be meant.
pub(super) async fn read(
    client: &Client,
    property: &Property,
    request: &Request,
) -> Result<Facts, Error> {
    let queries: &[GuestQuery] = match &request.which {
        Which::Guest(guest, _) => std::slice::from_ref(guest),
        Which::Keys(_) | Which::Rooms(_) | Which::Of(..) => &[],
    };
    let rooms: &[RoomName] = match &request.which {
        Which::Rooms(rooms) | Which::Of(_, rooms) => rooms,
        Which::Keys(_) | Which::Guest(..) => &[],
    };
    let mut facts = Facts::read_ahead(client, property, queries, rooms, AtDoors::All).await?;
    facts.system.check()?;
    let nowhere = BTreeSet::new();
    match &request.which {
        Which::Keys(ids) => {
            for id in ids {
                facts.read_one(client, id).await?;
            }
            facts.read_missing(client).await?;
        }
        Which::Guest(query, _) => {
            let guest = facts.guest(query)?.clone();
            let guests = std::slice::from_ref(&guest);
            facts
                .read_keys(client, guests, &nowhere, AtDoors::All)
                .await?;
        }
        Which::Rooms(rooms) | Which::Of(_, rooms) => {
            let rooms = facts.room_ids(rooms)?;
            facts.read_keys(client, &[], &rooms, AtDoors::All).await?;
        }
    }
    Ok(facts)
}

/// The keys that are meant, each once.
fn find<'a>(facts: &'a Facts, request: &Request) -> Result<Vec<&'a Key>, Refusal> {
    match &request.which {
        Which::Keys(ids) => {
            let mut found: Vec<&Key> = vec![];
            for key in ids.iter().filter_map(|id| facts.keys.get(id)) {
                // One phone's copy stands for its key unless told otherwise.
                let meant = if request.this_phone_only {
                    key
                } else {
                    facts.keys.root(key)
                };
                if !meant.is_being_deleted() && !found.iter().any(|known| known.id == meant.id) {
                    found.push(meant);
                }
            }
            Ok(found)
        }
        Which::Guest(query, rooms) => {
            let guest = facts.guest(query)?;
            let rooms = facts.room_ids(rooms)?;
            let live = facts.live_of(&guest.acs_user_id).into_iter();
            Ok(live
                .filter(|key| rooms.is_empty() || key.opens_any(&rooms))
                .collect())
        }
        Which::Rooms(rooms) => {
            let rooms = facts.room_ids(rooms)?;
            Ok(live_at_any(&facts.keys, &rooms, None, facts.now()))
        }
        Which::Of(guests, rooms) => {
            let rooms = facts.room_ids(rooms)?;
            let mut keys = live_at_any(&facts.keys, &rooms, None, facts.now());
            keys.retain(|key| key.holder.as_ref().is_some_and(|h| guests.contains(h)));
            Ok(keys)
        }
    }
}

pub(super) fn decide(facts: &Facts, request: &Request) -> Result<Decided, Refusal> {
    let keys = find(facts, request)?;
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
    let says: Vec<String> = keys
        .iter()
        .map(|key| format!("Revoke {}", facts.brief(key)))
        .collect();
    let asks = (!keys.is_empty()).then(|| match keys.len() {
        1 => "Revoke this key?".to_owned(),
        n => format!("Revoke these {n} keys?"),
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
    let plan = (!keys.is_empty()).then(|| {
        facts.plan(
            Command::Revoke,
            &parties,
            &Doors { rooms, all, names },
            steps,
            vec![],
        )
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

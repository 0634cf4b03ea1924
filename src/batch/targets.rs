//! Finds the keys of a row that names a reservation or a guest and no key.

use std::collections::BTreeSet;

use super::job::Terms;
use super::row::Row;
use super::why::Why;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{GuestQuery, Match, RoomName};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::workflow::request::Request;
use crate::workflow::template::Times;
use crate::workflow::{revoke, update};

/// The live keys of one reservation.
struct Own<'a> {
    snapshot: &'a HotelSnapshot,
    keys: Vec<&'a Key>,
}

impl<'a> Own<'a> {
    /// Returns the live keys of a reservation. `ids`: all its keys, of which deleted ones and copies on phones are left out.
    fn of(snapshot: &'a HotelSnapshot, ids: &[String]) -> Self {
        let mut keys: Vec<&Key> = vec![];
        for key in ids.iter().filter_map(|id| snapshot.keys.get(id)) {
            let key = snapshot.keys.root(key);
            if key.is_live(snapshot.now()) && !keys.iter().any(|known| known.id == key.id) {
                keys.push(key);
            }
        }
        Self { snapshot, keys }
    }

    /// Returns the keys that open one of these rooms, or all keys if `rooms` is empty.
    fn at(&self, rooms: &[RoomName]) -> Result<Vec<&'a Key>, Refusal> {
        let doors = self.snapshot.room_ids(rooms)?;
        let opens = |key: &&&Key| doors.is_empty() || key.opens_any(&doors);
        Ok(self.keys.iter().filter(opens).copied().collect())
    }
}

/// Returns the guest of a row, or else the guest on record under its reservation.
fn guest_of(row: &Row, snapshot: &HotelSnapshot) -> Option<GuestQuery> {
    let by_number = || {
        let number = row.reservation.clone()?;
        let query = GuestQuery::Reservation(number);
        matches!(snapshot.find(&query), Match::One(_)).then_some(query)
    };
    row.guest.clone().or_else(by_number)
}

/// Returns the keys that a row removes. A row with a reservation removes only the keys of that reservation.
///
/// # Errors
///
/// No key is known for the reservation.
pub(super) fn revoked(
    row: &Row,
    own: &[String],
    snapshot: &HotelSnapshot,
) -> Result<revoke::Which, Why> {
    Ok(match (&row.key, &row.guest, &row.reservation) {
        (Some(key), ..) => revoke::Which::Keys(vec![key.clone()]),
        (None, Some(guest), _) => revoke::Which::Guest(guest.clone(), row.rooms.clone()),
        (None, None, Some(_)) if own.is_empty() => {
            let guest = guest_of(row, snapshot).ok_or_else(Why::unknown_reservation)?;
            revoke::Which::Guest(guest, row.rooms.clone())
        }
        (None, None, Some(_)) => {
            let keys = Own::of(snapshot, own).at(&row.rooms)?;
            revoke::Which::Keys(keys.iter().map(|key| key.id.clone()).collect())
        }
        (None, None, None) => revoke::Which::Rooms(row.rooms.clone()),
    })
}

/// Returns the ids of the keys that a row joins: a key of its reservation. The list is empty if there is no such key;
/// the row then joins the stay that is in the rooms.
///
/// # Errors
///
/// The row has a `share_with`, and no key of that reservation is known at the rooms.
pub(super) fn joined(
    row: &Row,
    own: &[String],
    snapshot: &HotelSnapshot,
) -> Result<Vec<String>, Why> {
    let known = Own::of(snapshot, own).at(&row.rooms)?;
    let of_guest = row.share_with.clone().map(|number| {
        let guest = snapshot.guest(&GuestQuery::Reservation(number)).ok()?;
        let keys = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
        let doors = snapshot.room_ids(&row.rooms).ok()?;
        keys.into_iter().find(|key| key.opens_any(&doors))
    });
    match (known.first().copied(), of_guest) {
        (Some(key), _) | (None, Some(Some(key))) => Ok(vec![key.id.clone()]),
        (None, Some(None)) => Err(Why::unknown_share()),
        (None, None) => Ok(vec![]),
    }
}

/// Returns the changes of an `update` row, one for each key: all keys of its reservation at the room, or else one key.
pub(super) fn updates(
    row: &Row,
    terms: &Terms,
    times: &Times,
    own: &[String],
    snapshot: &HotelSnapshot,
) -> Result<Vec<Request>, Why> {
    let change = |which, rooms| {
        Request::Update(update::Request {
            which,
            times: times.clone(),
            rooms,
            also: row.also.clone(),
            without: vec![],
            replace: terms.replace,
            label: None,
            require_phone: terms.require_phone,
        })
    };
    let by_id = |key: &Key, rooms| change(update::Which::Key(key.id.clone()), rooms);
    if let Some(old) = &row.old_room {
        let keys = keys_of_row(row, own, snapshot)?;
        let moving = keys.at(std::slice::from_ref(old))?;
        if !moving.is_empty() {
            let old = snapshot.room_ids(std::slice::from_ref(old))?;
            let new = snapshot.room_ids(&row.rooms)?;
            return Ok(moving
                .into_iter()
                .map(|key| {
                    let kept = key.doors.iter().filter(|door| !old.contains(*door));
                    by_id(key, names(snapshot, kept.chain(&new)))
                })
                .collect());
        }
        // The room move is done already if the reservation has a key to the new room.
        let there = keys.at(&row.rooms)?;
        if there.is_empty() {
            return Err(Refusal::Key {
                asked: format!("of this stay at room {old}"),
                found: Found::None,
            }
            .into());
        }
        return Ok(there.into_iter().map(|key| by_id(key, vec![])).collect());
    }
    if !own.is_empty() {
        let keys = Own::of(snapshot, own).at(&row.rooms)?;
        if !keys.is_empty() {
            return Ok(keys.into_iter().map(|key| by_id(key, vec![])).collect());
        }
    }
    // One room selects a key of the guest. Several rooms are the new rooms of the key.
    let (at, rooms) = match &row.rooms[..] {
        [room] => (Some(room.clone()), vec![]),
        rooms => (None, rooms.to_vec()),
    };
    let which = match &row.key {
        Some(key) => update::Which::Key(key.clone()),
        None => {
            let guest = guest_of(row, snapshot).ok_or_else(Why::unknown_reservation)?;
            update::Which::Guest(guest, at)
        }
    };
    Ok(vec![change(which, rooms)])
}

/// Returns the keys that a row changes: the key with its id, else the keys of its reservation, else the guest's keys.
fn keys_of_row<'a>(row: &Row, own: &[String], snapshot: &'a HotelSnapshot) -> Result<Own<'a>, Why> {
    if let Some(key) = &row.key {
        return Ok(Own::of(snapshot, std::slice::from_ref(key)));
    }
    if !own.is_empty() {
        return Ok(Own::of(snapshot, own));
    }
    let query = guest_of(row, snapshot).ok_or_else(Why::unknown_reservation)?;
    let guest = snapshot.guest(&query)?;
    let keys = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
    let keys = keys.into_iter().filter(|key| key.medium == Medium::Mobile);
    Ok(Own {
        snapshot,
        keys: keys.collect(),
    })
}

/// Returns the changes of a booking system's request for a new key (`KR` of type `N`), which ends the guest's earlier
/// key to that room. If the guest has a key for this time, that key is changed, so that the keys of other guests of the
/// stay go on working.
pub(super) fn again(
    row: &Row,
    terms: &Terms,
    times: &Times,
    snapshot: &HotelSnapshot,
) -> Result<Option<update::Request>, Refusal> {
    let (Some(_), Some(query)) = (&row.answer_to, &row.guest) else {
        return Ok(None);
    };
    let (Match::One(guest) | Match::OtherName(guest)) = snapshot.find(query) else {
        return Ok(None);
    };
    let rooms = snapshot.room_ids(&row.rooms)?;
    let Some(window) = super::settle::window_of(row, snapshot.now()) else {
        return Ok(None);
    };
    let own = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
    let mut own = own.into_iter().filter(|key| {
        key.medium == Medium::Mobile
            && key.opens_any(&rooms)
            && key.starts_at.is_none_or(|start| start < window.ends_at)
            && key.ends_at.is_none_or(|end| end > window.starts_at)
    });
    Ok(own.next().map(|key| update::Request {
        which: update::Which::Key(key.id.clone()),
        times: times.clone(),
        rooms: names(snapshot, key.doors.iter().chain(&rooms)),
        also: vec![],
        without: vec![],
        replace: terms.replace,
        label: None,
        require_phone: terms.require_phone,
    }))
}

/// Returns the names of the doors that are guest rooms, each once.
fn names<'a>(snapshot: &HotelSnapshot, doors: impl Iterator<Item = &'a String>) -> Vec<RoomName> {
    let doors: BTreeSet<&String> = doors.collect();
    let names = snapshot.room_names(doors);
    names.into_iter().map(RoomName::new).collect()
}

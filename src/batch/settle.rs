//! Settles rows: words such as `today` become instants, and rooms get the names of their doors.
//!
//! All rows are settled for one time, the time of the batch's first plan. So the batch does what a person agreed to, even
//! after the hotel's day has changed, or when a later run goes on with it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::row::Row;
use super::turns::Turns;
use super::why::Why;
use crate::hotel::refusal::Refusal;
use crate::hotel::shared::{self, RowGuest, SecondPerson};
use crate::hotel::{Edge, GuestQuery, HotelTime, Match, RoomName, TimeError, When, Window};
use crate::operation::plan::Command;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The settled rows of a file.
#[derive(Debug, Default)]
pub struct Settled {
    /// All rows, in the file's order. A row that cannot be settled is unchanged.
    pub rows: Vec<Row>,
    /// Rows, by index, that cannot be settled.
    pub bad: Vec<(usize, Why)>,
    /// Rows, by index, whose guest has the contact of another guest, with a text for people.
    pub shared: BTreeMap<usize, String>,
}

/// Settles all rows. `planned_at`: the time from which words such as `today` are counted, in UTC.
pub async fn settle(rows: &[Row], snapshot: &HotelSnapshot, planned_at: DateTime<Utc>) -> Settled {
    let then = HotelTime {
        now: planned_at,
        ..snapshot.time
    };
    let mut settled = Settled::default();
    let mut second = second_persons(rows, snapshot);
    let mut doors = DoorNames::of(snapshot);
    let mut turns = Turns::new();
    for (index, row) in rows.iter().enumerate() {
        turns.pass().await;
        let mut row = row.clone();
        if let Some(person) = second.remove(&index) {
            settled.shared.insert(index, person.message());
            row.guest = Some(person.query);
        } else if row.answer_to.is_some() {
            row.guest = row.guest.map(|query| of_booking_system(query, snapshot));
            // An `update` changes the keys of the reservation, even if they belong to another guest.
            let named = |query: &GuestQuery| snapshot.guest(query).is_ok();
            if row.action == Command::Update && row.reservation.is_some() {
                row.guest = row.guest.filter(named);
            }
        }
        for room in row.rooms.iter_mut().chain(&mut row.old_room) {
            if let Some(name) = doors.name(room) {
                *room = name;
            }
        }
        row.rooms = each_once(row.rooms);
        match times(&row, &then, snapshot.now()) {
            Ok(times) => (row.from, row.until, row.nights) = times,
            Err(error) => settled.bad.push((index, Refusal::from(error).into())),
        }
        if let Some(why) = over(&row, snapshot) {
            settled.bad.push((index, why));
        }
        settled.rows.push(row);
    }
    settled
}

/// Returns the rows, by index, whose guest has the contact of another guest of the same room or reservation.
pub(super) fn second_persons(
    rows: &[Row],
    snapshot: &HotelSnapshot,
) -> BTreeMap<usize, SecondPerson> {
    let mut doors = DoorNames::of(snapshot);
    let guests: Vec<Option<RowGuest<'_>>> = rows
        .iter()
        .map(|row| {
            let rooms = row.rooms.iter().map(|room| {
                let name = doors.name(room);
                format!("room {}", name.as_ref().unwrap_or(room))
            });
            let stays = row.reservation.iter().chain(&row.share_with);
            let stays = stays.map(|number| format!("stay {number}"));
            // A booking system identifies a guest by its number, so there is no second person.
            let query = row.guest.as_ref().filter(|_| row.answer_to.is_none())?;
            Some(RowGuest {
                query,
                together: rooms.chain(stays).collect(),
            })
        })
        .collect();
    shared::second_persons(&guests, |contact| {
        let guest = snapshot.guest(&GuestQuery::of(contact.clone())).ok()?;
        Some(guest.name.clone())
    })
}

/// Returns the guest of a key record: the guest on record under the reservation, else the only guest with that name and
/// no other reservation, else a new guest.
fn of_booking_system(query: GuestQuery, snapshot: &HotelSnapshot) -> GuestQuery {
    let GuestQuery::New { name, .. } = &query else {
        return query;
    };
    if snapshot.find(&query) != Match::None {
        return query;
    }
    let by_name = GuestQuery::Name(name.clone());
    match snapshot.find(&by_name) {
        Match::One(guest) if guest.reservation().is_none() => {
            GuestQuery::Id(guest.acs_user_id.clone())
        }
        Match::Many(_) => by_name,
        _ => query,
    }
}

/// The names of doors for the rooms of a file. Each room is looked up only once, because an unknown name is compared
/// with every door.
struct DoorNames<'a> {
    snapshot: &'a HotelSnapshot,
    known: HashMap<RoomName, Option<RoomName>>,
}

impl<'a> DoorNames<'a> {
    fn of(snapshot: &'a HotelSnapshot) -> Self {
        Self {
            snapshot,
            known: HashMap::new(),
        }
    }

    fn name(&mut self, room: &RoomName) -> Option<RoomName> {
        if let Some(known) = self.known.get(room) {
            return known.clone();
        }
        let door = self.snapshot.doors.room(room);
        let name = door.map(|door| RoomName::new(door.name.as_str()));
        self.known.insert(room.clone(), name.clone());
        name
    }
}

fn each_once(rooms: Vec<RoomName>) -> Vec<RoomName> {
    let mut found: Vec<RoomName> = Vec::with_capacity(rooms.len());
    for room in rooms {
        if !found.contains(&room) {
            found.push(room);
        }
    }
    found
}

type Ends = (Option<When>, Option<When>, Option<u32>);

/// Returns the times of a row as instants. A number of nights is kept if it counts from the start of an existing stay:
/// in an `update`, and in a `join` without an arrival on the day of its plan.
fn times(row: &Row, then: &HotelTime, now: DateTime<Utc>) -> Result<Ends, TimeError> {
    let (from, until, nights) = (row.from.as_ref(), row.until.as_ref(), row.nights);
    if row.action == Command::Revoke {
        return Ok((None, None, None));
    }
    let makes_first = matches!(row.action, Command::Issue | Command::ReturnGuest);
    if makes_first || from.is_some() {
        let has_end = until.is_some() || nights.is_some();
        // Only the start is used, so the end does not matter.
        let window = window(
            row,
            then,
            if has_end || makes_first {
                nights
            } else {
                Some(1)
            },
        )?;
        let starts = match from {
            None => None,
            Some(_) if window.starts_at <= now => Some(When::Now),
            Some(_) => Some(When::Instant(window.starts_at)),
        };
        let ends = has_end.then_some(When::Instant(window.ends_at));
        return Ok((starts, ends, None));
    }
    if let Some(until) = until {
        let end = then.resolve(until, Edge::CheckOut)?;
        return Ok((None, Some(When::Instant(end)), nights));
    }
    let here = HotelTime { now, ..*then };
    if let (Command::Join, Some(nights)) = (row.action, nights)
        && here.business_date() != then.business_date()
    {
        let end = then.check_out_after(then.business_date(), nights)?;
        return Ok((None, Some(When::Instant(end)), None));
    }
    Ok((None, None, nights))
}

/// Returns the window of a row. A booking system that asks for a key during the stay sends the day of arrival, which then
/// means now.
fn window(row: &Row, then: &HotelTime, nights: Option<u32>) -> Result<Window, TimeError> {
    let until = row.until.as_ref();
    match then.window(row.from.as_ref(), until, nights) {
        Err(TimeError::StartPassed { .. }) if row.answer_to.is_some() => {
            then.window(None, until, nights)
        }
        window => window,
    }
}

/// Returns the reason if a row is too late, because its end has passed since the first plan.
pub(super) fn over(row: &Row, snapshot: &HotelSnapshot) -> Option<Why> {
    let Some(When::Instant(end)) = row.until else {
        return None;
    };
    (end <= snapshot.now()).then(|| Why::Row {
        code: "stay_over",
        text: format!(
            "the end of its stay, {}, has passed; if the file is about new stays, add `--again`, else correct the departure",
            snapshot.time.show(end)
        ),
    })
}

/// Returns the window of a settled row that makes a first key.
pub(super) fn window_of(row: &Row, now: DateTime<Utc>) -> Option<Window> {
    let makes_first = matches!(row.action, Command::Issue | Command::ReturnGuest);
    let starts_at = match row.from {
        Some(When::Instant(at)) => at,
        _ => now,
    };
    match row.until {
        Some(When::Instant(ends_at)) if makes_first => Some(Window { starts_at, ends_at }),
        _ => None,
    }
}

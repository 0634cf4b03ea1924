//! Reads one FIAS key record.

use chrono::{NaiveDate, NaiveTime};

use super::super::error::Problem;
use super::super::understand::{check_id, missing};
use super::super::{column::Column, guest, hour};
use super::answer::Request;
use crate::batch::row::Row;
use crate::hotel::text::excerpt;
use crate::hotel::{Contact, DaySpec, GuestQuery, RoomName, When};
use crate::operation::plan::Command;

/// The longest room number and the longest list of suite rooms, in characters; the specification has 8 and 30.
const LONGEST_ROOMS: usize = 200;

/// The fields of a key record that are read, as written.
#[derive(Default)]
pub(super) struct Record<'a> {
    /// `KC`: the key coder.
    coder: Option<&'a str>,
    /// `WS`: the desk's work station.
    workstation: Option<&'a str>,
    /// `KT`: N new, D duplicate, O one-shot.
    kind: Option<&'a str>,
    /// `G#`: the reservation.
    reservation: Option<&'a str>,
    /// `GN`: the guest's name.
    guest: Option<&'a str>,
    /// `RN`: the room.
    room: Option<&'a str>,
    /// `RO`: the room before a move.
    old_room: Option<&'a str>,
    /// `SI`: the other rooms of a suite.
    suite: Option<&'a str>,
    /// `GA`: the day of arrival.
    arrival: Option<&'a str>,
    /// `GD`: the day of departure.
    departure: Option<&'a str>,
    /// `DT`: the hour of departure.
    departure_time: Option<&'a str>,
    /// `DA`: the day on which the record was sent.
    sent: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// Finds the fields of a record. If a field is there twice, the first one counts.
    pub(super) fn of(text: &'a str) -> Self {
        let mut record = Self::default();
        for field in text.split('|').skip(1) {
            let Some((name, value)) = field.split_at_checked(2) else {
                continue;
            };
            let place = match name {
                "KC" => &mut record.coder,
                "WS" => &mut record.workstation,
                "KT" => &mut record.kind,
                "G#" => &mut record.reservation,
                "GN" => &mut record.guest,
                "RN" => &mut record.room,
                "RO" => &mut record.old_room,
                "SI" => &mut record.suite,
                "GA" => &mut record.arrival,
                "GD" => &mut record.departure,
                "DT" => &mut record.departure_time,
                "DA" => &mut record.sent,
                _ => continue,
            };
            if !value.trim().is_empty() {
                place.get_or_insert(value);
            }
        }
        record
    }

    /// Returns what the answer to this record needs.
    pub(super) fn request(&self, name: &str) -> Request {
        let rooms = [self.room, self.old_room].into_iter().flatten();
        let suite = self.suite.into_iter().flat_map(|list| list.split(';'));
        Request::new(
            name,
            self.coder,
            self.workstation,
            self.reservation,
            rooms
                .chain(suite)
                .take(LONGEST_ROOMS)
                .map(|room| room.trim().to_owned())
                .collect(),
        )
    }

    /// Returns the row of a record, or all its problems. The caller sets [`Row::answer_to`].
    pub(super) fn row(&self, name: &str, line: u64) -> Result<Row, Vec<Problem>> {
        let mut problems: Vec<String> = Vec::new();
        let mut keep = Keep(&mut problems);
        let action = keep.one(self.action(name));
        let reservation = keep.one(
            self.reservation
                .map(|text| check_id(text.trim(), "reservation"))
                .transpose(),
        );
        let guest = keep.one(self.guest.map(query).transpose());
        let rooms = keep.one(self.rooms());
        let ends = (action != Some(Command::Revoke)).then(|| {
            (
                keep.one(self.from(action)).flatten(),
                keep.one(self.until()).flatten(),
            )
        });
        let (from, until) = ends.unwrap_or_default();
        let reservation = reservation.flatten();
        let number = reservation.as_deref();
        let row = Row {
            line,
            action: action.unwrap_or(Command::Issue),
            reservation: reservation.clone(),
            share_with: None,
            guest: guest.flatten().map(|guest| with_number(guest, number)),
            rooms: rooms.unwrap_or_default(),
            old_room: keep.one(self.left_room(name)).flatten(),
            key: None,
            from,
            until,
            nights: None,
            also: Vec::new(),
            answer_to: None,
        };
        if action.is_some() {
            problems.extend(missing(&row, |column| self.has(column)));
        }
        if problems.is_empty() {
            Ok(row)
        } else {
            Err(problems.into_iter().map(Problem::Text).collect())
        }
    }

    /// Returns the action of the record. A room move is an `update`, which leaves the guest's other rooms alone.
    fn action(&self, name: &str) -> Result<Command, String> {
        match (name, self.kind.map(str::trim)) {
            ("KD", _) => Ok(Command::Revoke),
            ("KM", _) => Ok(Command::Update),
            (_, Some("N")) => Ok(Command::Issue),
            (_, Some("D")) => Ok(Command::Join),
            (_, Some("O")) => {
                Err("phones have no one-shot keys (KTO); ask for a new key (KTN)".to_owned())
            }
            (_, Some(other)) => Err(format!(
                "\"{}\" is no kind of key; KT must be N or D",
                excerpt(other)
            )),
            (_, None) => Err("the kind of key is missing; KT must be N or D".to_owned()),
        }
    }

    /// Reads the rooms of `RN` and `SI` exactly as written. There are no ranges, and spaces are part of a number.
    fn rooms(&self) -> Result<Vec<RoomName>, String> {
        let suite = self.suite.into_iter().flat_map(|list| list.split(';'));
        let mut rooms: Vec<RoomName> = Vec::new();
        for name in self
            .room
            .into_iter()
            .chain(suite)
            .filter(|name| !name.trim().is_empty())
        {
            if name.contains(char::is_control) || name.len() > LONGEST_ROOMS {
                return Err(format!(
                    "\"{}\" is not a room; RN and SI must have room numbers",
                    excerpt(name)
                ));
            }
            let room = RoomName::new(name);
            if !rooms.contains(&room) {
                rooms.push(room);
            }
        }
        Ok(rooms)
    }

    /// Reads the room that the guest leaves: `RO` of a `KM`, if it differs from the new room.
    fn left_room(&self, name: &str) -> Result<Option<RoomName>, String> {
        let old = self
            .old_room
            .filter(|old| name == "KM" && Some(*old) != self.room);
        match old {
            Some(old) if old.contains(char::is_control) || old.len() > LONGEST_ROOMS => {
                Err(format!(
                    "\"{}\" is not a room; RO must have a room number",
                    excerpt(old)
                ))
            }
            old => Ok(old.map(RoomName::new)),
        }
    }

    /// Reads the start of the key, if it comes after the day on which the record was sent (`DA`). Otherwise the key starts
    /// now. Without `DA`, a changed key keeps its start.
    fn from(&self, action: Option<Command>) -> Result<Option<When>, String> {
        let arrival = self.arrival.map(|text| day(text, "GA")).transpose()?;
        let sent = self.sent.map(|text| day(text, "DA")).transpose()?;
        let is_past = match (arrival, sent) {
            (Some(arrival), Some(sent)) => arrival <= sent,
            _ => action == Some(Command::Update),
        };
        Ok(arrival
            .filter(|_| !is_past)
            .map(|date| When::Day(DaySpec::Date(date))))
    }

    /// Reads the end of the key, with its hour if there is one.
    fn until(&self) -> Result<Option<When>, String> {
        let clock = self.departure_time.map(clock).transpose()?;
        let Some(departure) = self.departure.map(|text| day(text, "GD")).transpose()? else {
            return Ok(None);
        };
        if let Some(arrival) = self.arrival.and_then(|text| day(text, "GA").ok())
            && departure < arrival
        {
            return Err(
                "the departure (GD) is before the arrival (GA); check both days".to_owned(),
            );
        }
        let departure = DaySpec::Date(departure);
        Ok(Some(clock.map_or(When::Day(departure), |time| {
            When::DayTime(departure, time)
        })))
    }

    fn has(&self, column: Column) -> bool {
        match column {
            Column::Guest => self.guest.is_some(),
            Column::Room => self.room.is_some(),
            Column::Departure => self.departure.is_some(),
            Column::OldRoom => self.old_room.is_some(),
            _ => false,
        }
    }
}

/// Reads a guest's name. `Doe, Jane` becomes `Jane Doe`.
fn query(text: &str) -> Result<GuestQuery, String> {
    guest::turn(text)
        .parse()
        .map_err(|error: crate::hotel::GuestTextError| error.to_string())
}

/// Adds the reservation to a guest who has only a name, so that the guest can be put on record.
fn with_number(guest: GuestQuery, number: Option<&str>) -> GuestQuery {
    match (guest, number) {
        (GuestQuery::Name(name), Some(number)) => GuestQuery::New {
            name,
            contact: Contact::Reservation(number.to_owned()),
        },
        (guest, _) => guest,
    }
}

/// Reads a day such as `261204`: year, month, day.
fn day(text: &str, name: &str) -> Result<NaiveDate, String> {
    let text = text.trim();
    let part = |range| text.get(range).and_then(|digits: &str| digits.parse().ok());
    let is_digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = match (part(0..2), part(2..4), part(4..6)) {
        (Some(year), Some(month), Some(day)) if is_digits => i32::try_from(year)
            .ok()
            .and_then(|year: i32| NaiveDate::from_ymd_opt(2000 + year, month, day)),
        _ => None,
    };
    date.ok_or_else(|| {
        format!(
            "\"{}\" is not a day; {name} must be year, month and day, such as `261204`",
            excerpt(text)
        )
    })
}

/// Reads an hour: `11:00`, `1100` or `110000`.
fn clock(text: &str) -> Result<NaiveTime, String> {
    let text = text.trim();
    let seconds = (text.len() == 6)
        .then(|| NaiveTime::parse_from_str(text, "%H%M%S").ok())
        .flatten();
    match seconds {
        Some(time) => Ok(time),
        None => hour::parse(text).map(|hour| hour.time),
    }
}

/// Collects problems while fields are read.
struct Keep<'a>(&'a mut Vec<String>);

impl Keep<'_> {
    /// Returns the value, or adds the problem and returns `None`.
    fn one<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|problem| self.0.push(problem)).ok()
    }
}

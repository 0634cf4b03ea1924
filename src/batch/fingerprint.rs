//! Fingerprints: hashes by which a later run recognises the rows of a file.
//!
//! A fingerprint is a UUID v5 in the OID namespace. Version 2 hashes an explicit text: the line
//! `roomkey row 2`, then for every field its name, the length of its value in bytes, and the value. Fields
//! without a value are left out, lists repeat the name. Names never change; a new field of [`Row`] gets a new
//! name, and rows without it keep their fingerprints.
//!
//! Version 1 hashed what Rust's `Debug` wrote of the row. Journals hold such fingerprints, so they are still
//! computed and recognised; only version 2 is written.

mod v1;

use std::fmt::Write as _;

use uuid::Uuid;

use super::row::Row;
use crate::hotel::{Contact, DaySpec, GuestQuery, When};

/// The fingerprints of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Version 2, which is written into the journal.
    pub current: String,
    /// Version 1, which earlier versions of roomkey wrote; `None` for rows that they could not read.
    pub former: Option<String>,
}

impl Fingerprint {
    /// Returns the fingerprint of a row as the file has it.
    pub fn of(row: &Row) -> Self {
        Self {
            current: hash(&canonical(row)),
            former: v1::text(row).map(|text| hash(&text)),
        }
    }

    /// Returns true if a fingerprint from the journal is one of this row's, in either version.
    pub fn is(&self, known: &str) -> bool {
        self.current == known || self.former.as_deref() == Some(known)
    }
}

/// Returns a hash of the fingerprints in their order, by which a whole file is recognised. The second value is the
/// hash that earlier versions wrote; `None` if they could not read every row.
pub fn of_all(all: &[Fingerprint]) -> (String, Option<String>) {
    let chained = |next: &dyn Fn(&Fingerprint) -> Option<String>| {
        let mut content = String::new();
        for one in all {
            content = hash(&format!("{content}{}", next(one)?));
        }
        Some(content)
    };
    let current = chained(&|one| Some(one.current.clone())).unwrap_or_default();
    (current, chained(&|one| one.former.clone()))
}

fn hash(text: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}

/// Returns the text that version 2 hashes.
fn canonical(row: &Row) -> String {
    let mut text = Text("roomkey row 2\n".to_owned());
    text.field("action", Some(row.action.name()));
    text.field("reservation", row.reservation.as_deref());
    text.field("share_with", row.share_with.as_deref());
    if let Some(guest) = &row.guest {
        text.guest(guest);
    }
    for room in &row.rooms {
        text.field("room", Some(room.as_str()));
    }
    let old_room = row.old_room.as_ref();
    text.field("old_room", old_room.map(crate::hotel::RoomName::as_str));
    text.field("key", row.key.as_deref());
    text.field("from", row.from.as_ref().map(when).as_deref());
    text.field("until", row.until.as_ref().map(when).as_deref());
    let nights = row.nights.map(|nights| nights.to_string());
    text.field("nights", nights.as_deref());
    for door in &row.also {
        text.field("also", Some(door));
    }
    text.0
}

/// The text of version 2, to which fields are added.
struct Text(String);

impl Text {
    fn field(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            // Writing to a `String` cannot fail.
            let _ = writeln!(self.0, "{name} {} {value}", value.len());
        }
    }

    fn guest(&mut self, guest: &GuestQuery) {
        match guest {
            GuestQuery::Id(id) => self.field("guest_id", Some(id)),
            GuestQuery::Email(email) => self.field("guest_email", Some(email)),
            GuestQuery::Phone(phone) => self.field("guest_phone", Some(phone)),
            GuestQuery::Name(name) => self.field("guest_name", Some(name)),
            GuestQuery::Reservation(number) => self.field("guest_reservation", Some(number)),
            GuestQuery::New { name, contact } => {
                self.field("guest_name", Some(name));
                match contact {
                    Contact::Email(email) => self.field("guest_email", Some(email)),
                    Contact::Phone(phone) => self.field("guest_phone", Some(phone)),
                    Contact::Reservation(number) => self.field("guest_reservation", Some(number)),
                    Contact::Shares(other) => self.field("guest_shares", Some(&other.to_string())),
                }
            }
        }
    }
}

/// Returns a time as text, as the file has it: `today` is `day +0` on every day.
fn when(when: &When) -> String {
    let day = |day: &DaySpec| match day {
        DaySpec::Date(date) => date.format("%Y-%m-%d").to_string(),
        DaySpec::InDays(days) => format!("+{days}"),
        DaySpec::EveryYear { month, day } => format!("yearly {month:02}-{day:02}"),
        DaySpec::Next(weekday) => format!("next {}", weekday.num_days_from_monday()),
    };
    match when {
        When::Now => "now".to_owned(),
        When::Tonight => "tonight".to_owned(),
        When::Day(spec) => format!("day {}", day(spec)),
        When::DayTime(spec, time) => format!("day {} {}", day(spec), time.format("%H:%M:%S")),
        When::Time(time) => format!("time {}", time.format("%H:%M:%S")),
        When::Instant(at) => format!("at {}", at.format("%Y-%m-%dT%H:%M:%SZ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::input;

    fn fingerprints(text: &str, name: &str) -> Vec<(String, Option<String>)> {
        let read = input::read(text.as_bytes(), Some(name), &input::Options::default()).unwrap();
        assert!(read.bad.is_empty(), "{:?}", read.bad);
        let rows = read.rows.iter().map(Fingerprint::of);
        rows.map(|one| (one.current, one.former)).collect()
    }

    /// A file with every form of every field. The golden values below are its fingerprints.
    const FILE: &str = "action,reservation,guest,email,phone,room,arrival,departure,nights,also,share_with,key\n\
        issue,4711,Jane \"JD\" Doe,jane@example.com,,0101;0102,2026-12-01,2026-12-04 11:30,,Gym;Pool,,\n\
        return-guest,,6f9619ff-8b86-4011-b42d-00c04fc964ff,,,101,tonight,,3,,,\n\
        join,R2,,,+49301234567,103,now,+2d,,,R1,\n\
        update,,Jürgen Groß,,,104,today,fri 12:00,,,,key-1\n\
        revoke,,jane@example.com,,,,,,,,,\n\
        issue,,x@example.com,,,105,2026-12-01T14:00:00Z,,1,,,\n";

    const GOLDEN_V2: [&str; 6] = [
        "54efe38a-57ec-5259-a5aa-fd5717f4c46a",
        "27bb7deb-14c8-5dbd-8566-0115fa342b4c",
        "79d099b6-5b54-519a-acdb-eeaa67174f66",
        "5fb851d6-fa64-556b-bab3-a0cb4d885ddd",
        "7c93f298-776f-5361-a695-35e67e0b786c",
        "233f5ff9-fc7a-5303-9bbe-3f6342f83139",
    ];
    /// Written by the version that hashed `Debug`.
    const GOLDEN_V1: [&str; 6] = [
        "4e09e15e-4f35-53b6-baec-ad9345b83c92",
        "9c0b0106-4765-504a-a887-5b59a785db2d",
        "1e9038dc-c21b-5358-8d5b-ccc6775fb97a",
        "30ea94f4-12ca-58b3-adc8-6fc0d02b6382",
        "b6703ab3-a9de-5242-9919-4d0441ff12fa",
        "8620e01d-0ac4-5bea-a36d-a9b286c7e281",
    ];

    #[test]
    fn the_fingerprints_of_a_file_never_change() {
        let found = fingerprints(FILE, "x.csv");
        let current: Vec<&str> = found.iter().map(|(current, _)| current.as_str()).collect();
        assert_eq!(current, GOLDEN_V2);
        let former: Vec<&str> = found
            .iter()
            .map(|(_, former)| former.as_deref().unwrap())
            .collect();
        assert_eq!(former, GOLDEN_V1);
    }

    #[test]
    fn the_text_of_a_row_is_explicit() {
        let read = input::read(FILE.as_bytes(), Some("x.csv"), &input::Options::default()).unwrap();
        assert_eq!(
            canonical(&read.rows[0]),
            "roomkey row 2\naction 5 issue\nreservation 4 4711\nguest_name 13 Jane \"JD\" Doe\n\
             guest_email 16 jane@example.com\nroom 4 0101\nroom 4 0102\nfrom 14 day 2026-12-01\n\
             until 23 day 2026-12-04 11:30:00\nalso 3 Gym\nalso 4 Pool\n"
        );
    }

    #[test]
    fn fields_cannot_run_into_one_another() {
        let rows =
            "guest,room,nights,also\nJane,101,1,Gym\nJane,101;Gym,1,\n\"Jane room 3 101\",101,1,\n";
        let found = fingerprints(rows, "x.csv");
        assert_ne!(found[0].0, found[1].0);
        assert_ne!(found[0].0, found[2].0);
    }

    #[test]
    fn a_room_move_was_not_read_before() {
        let rows = fingerprints(
            "KM|RO101|RN102|G#7|GNDoe|\nKM|RN102|G#7|GNDoe|GD261204|\n",
            "x.fias",
        );
        assert_eq!(rows[0].1, None);
        assert!(rows[1].1.is_some());
    }
}

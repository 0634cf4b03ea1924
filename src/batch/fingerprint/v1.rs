//! The text that version 1 of the fingerprints hashed: the `Debug` output of a row's fields. The types here are
//! copies from that time, so that changes of the real types do not change the text.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};

use crate::batch::row::Row;
use crate::hotel::{self, Contact};
use crate::operation::plan;

#[derive(Debug)]
enum Command {
    Issue,
    ReturnGuest,
    Join,
    Update,
    Revoke,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
enum GuestQuery<'a> {
    Id(&'a str),
    Email(&'a str),
    Phone(&'a str),
    Name(&'a str),
    NameAndEmail { name: &'a str, email: &'a str },
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
struct RoomName<'a>(&'a str);

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
enum When {
    Now,
    Tonight,
    Day(DaySpec),
    DayTime(DaySpec, NaiveTime),
    Instant(DateTime<Utc>),
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by `Debug`")]
enum DaySpec {
    Date(NaiveDate),
    InDays(u32),
    Next(Weekday),
}

/// Returns the text; `None` for a row with a form that did not exist at that time.
pub(super) fn text(row: &Row) -> Option<String> {
    let times = [&row.from, &row.until].into_iter().flatten();
    if row.old_room.is_some() || times.into_iter().any(|time| when(time).is_none()) {
        return None;
    }
    let action = match row.action {
        plan::Command::Issue => Command::Issue,
        plan::Command::ReturnGuest => Command::ReturnGuest,
        plan::Command::Join => Command::Join,
        plan::Command::Update => Command::Update,
        plan::Command::Revoke => Command::Revoke,
    };
    let guest = match &row.guest {
        Some(query) => Some(guest(row, query)?),
        None => None,
    };
    let rooms: Vec<RoomName<'_>> = row
        .rooms
        .iter()
        .map(|room| RoomName(room.as_str()))
        .collect();
    Some(format!(
        "{action:?} {:?} {:?} {guest:?} {rooms:?} {:?} {:?} {:?} {:?} {:?}",
        row.reservation,
        row.share_with,
        row.key,
        row.from.as_ref().and_then(when),
        row.until.as_ref().and_then(when),
        row.nights,
        row.also
    ))
}

fn guest<'a>(row: &Row, query: &'a hotel::GuestQuery) -> Option<GuestQuery<'a>> {
    Some(match query {
        hotel::GuestQuery::Id(id) => GuestQuery::Id(id),
        hotel::GuestQuery::Email(email) => GuestQuery::Email(email),
        hotel::GuestQuery::Phone(phone) => GuestQuery::Phone(phone),
        hotel::GuestQuery::Name(name) => GuestQuery::Name(name),
        hotel::GuestQuery::New { name, contact } => match contact {
            Contact::Email(email) => GuestQuery::NameAndEmail { name, email },
            // Version 1 read a phone number without the name.
            Contact::Phone(phone) => GuestQuery::Phone(phone),
            // In key records, version 1 read only the guest's name.
            Contact::Reservation(_) if row.answer_to.is_some() => GuestQuery::Name(name),
            _ => return None,
        },
        hotel::GuestQuery::Reservation(_) => return None,
    })
}

/// Returns a time in the types of version 1; `None` for a form that did not exist at that time.
fn when(when: &hotel::When) -> Option<When> {
    Some(match when {
        hotel::When::Now => When::Now,
        hotel::When::Tonight => When::Tonight,
        hotel::When::Day(spec) => When::Day(day(spec)?),
        hotel::When::DayTime(spec, time) => When::DayTime(day(spec)?, *time),
        hotel::When::Instant(at) => When::Instant(*at),
        hotel::When::Time(_) => return None,
    })
}

fn day(spec: &hotel::DaySpec) -> Option<DaySpec> {
    match spec {
        hotel::DaySpec::Date(date) => Some(DaySpec::Date(*date)),
        hotel::DaySpec::InDays(days) => Some(DaySpec::InDays(*days)),
        hotel::DaySpec::Next(weekday) => Some(DaySpec::Next(*weekday)),
        hotel::DaySpec::EveryYear { .. } => None,
    }
}

//! Turns the columns of a record into a row.

use super::action::Status;
use super::column::Column;
use super::date::DateOrder;
use super::error::Problem;
use super::fields::Fields;
use super::{action, guest, times};
use crate::batch::row::Row;
use crate::hotel::text::excerpt;
use crate::hotel::{RoomName, parse_rooms};
use crate::operation::plan::Command;

/// The longest number of a reservation and the longest id of a key, in characters.
const LONGEST_ID: usize = 64;
/// The longest list of rooms or common doors, in characters. No stay needs more.
const LONGEST_LIST: usize = 1000;

/// The result for one record.
pub(super) enum Outcome {
    /// A row to plan, and its days that prove an order.
    Row(Box<Row>, Vec<(DateOrder, String)>),
    /// The record needs nothing; the value is the reason.
    Skip(&'static str),
    /// A bad row: its reservation, its problems, and its days that prove an order.
    Bad(Option<String>, Vec<Problem>, Vec<(DateOrder, String)>),
    /// The status, as written, is not known. The whole file cannot be used.
    UnknownStatus(String),
}

/// Reads one record, or collects all its problems.
pub(super) fn understand(fields: &Fields, line: u64, order: Option<DateOrder>) -> Outcome {
    let mut problems = Vec::new();
    let action = read_action(fields);
    let status = fields.get(Column::Status);
    match status.map(|text| (text, action::status(text))) {
        Some((text, None)) => return Outcome::UnknownStatus(excerpt(text)),
        // A guest who has left may still have keys to remove.
        Some((_, Some(Status::Skip(why)))) if !matches!(action, Ok(Command::Revoke)) => {
            return Outcome::Skip(why);
        }
        _ => {}
    }
    let reservation = keep(id(fields, Column::Reservation), &mut problems);
    let is_revoke = matches!(action, Ok(Command::Revoke));
    let action = match action {
        Ok(action) => Some(action),
        Err(problem) => {
            problems.push(problem.into());
            None
        }
    };
    // `revoke` removes a key at once. The days of the stay are not read.
    let times = if is_revoke {
        times::Times::default()
    } else {
        times::read(fields, order, &mut problems)
    };
    let guest = guest::read(fields).unwrap_or_else(|all| {
        problems.extend(all.into_iter().map(Problem::Text));
        None
    });
    let row = Row {
        line,
        action: action.unwrap_or(Command::Issue),
        reservation: reservation.clone(),
        share_with: keep(id(fields, Column::ShareWith), &mut problems),
        guest,
        rooms: keep(rooms(fields, Column::Room), &mut problems).unwrap_or_default(),
        old_room: keep(old_room(fields), &mut problems),
        key: keep(id(fields, Column::Key), &mut problems),
        from: times.from,
        until: times.until,
        nights: times.nights,
        also: keep(also(fields), &mut problems).unwrap_or_default(),
        answer_to: None,
    };
    if action.is_some() {
        let is_move = fields.get(Column::Action).is_some_and(action::is_move);
        if is_move && fields.get(Column::OldRoom).is_none() {
            let text = "no old room; write the room that the guest leaves under `old_room`";
            problems.push(text.to_owned().into());
        }
        let given = |column| fields.get(column).is_some() || (is_move && column == Column::OldRoom);
        problems.extend(missing(&row, given).into_iter().map(Problem::Text));
    }
    if problems.is_empty() {
        Outcome::Row(Box::new(row), times.shows)
    } else {
        Outcome::Bad(reservation, problems, times.shows)
    }
}

/// Returns a problem for everything that the action needs and the row does not have. `given`: returns true for a column
/// with a text, which is then not missing even if it could not be read.
pub(super) fn missing(row: &Row, given: impl Fn(Column) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |has: bool, problem: &str| {
        if !has {
            problems.push(problem.to_owned());
        }
    };
    let named = [
        Column::Guest,
        Column::FirstName,
        Column::LastName,
        Column::Email,
        Column::Phone,
    ];
    let guest = row.guest.is_some() || named.into_iter().any(&given);
    let room = !row.rooms.is_empty() || given(Column::Room);
    let key = row.key.is_some() || given(Column::Key);
    let end = row.until.is_some()
        || row.nights.is_some()
        || given(Column::Departure)
        || given(Column::Nights);
    match row.action {
        Command::Issue | Command::ReturnGuest => {
            need(
                guest,
                "no guest; write a name, an e-mail address or a phone number",
            );
            need(room, "no room; write one such as `101`");
            need(end, "no departure; write the day, or the number of nights");
            need(
                !key,
                "a key is named, and a new one is asked for; write the action join, update or revoke, or leave the key out",
            );
            need(
                row.share_with.is_none(),
                "a first key shares with nobody; write the action join, or leave share_with out",
            );
        }
        Command::Join => {
            need(
                guest,
                "no guest; write a name, an e-mail address or a phone number",
            );
            need(room || key, "no room; write the room to join, or the key");
        }
        Command::Update => {
            need(
                guest || key || row.reservation.is_some(),
                "no guest; write the guest whose key is changed, or the key",
            );
            let changes =
                end || row.from.is_some() || given(Column::Arrival) || !row.also.is_empty();
            let moves = row.old_room.is_some() || given(Column::OldRoom);
            need(
                !moves || room,
                "no new room; write the room that the guest moves to under `room`",
            );
            need(
                !moves || row.rooms.len() < 2,
                "more than one new room; write one row for each room move",
            );
            need(
                changes || moves || (key && room),
                "nothing to change; write a departure, nights or common doors",
            );
        }
        Command::Revoke => need(
            guest || key || room,
            "no key, no guest and no room; write one of them",
        ),
    }
    problems
}

/// Reads the action. Without one, a row with `share_with` is a `join`, and every other row is an `issue`.
fn read_action(fields: &Fields) -> Result<Command, String> {
    match fields.get(Column::Action) {
        Some(text) => action::parse(text),
        None if fields.get(Column::ShareWith).is_some() => Ok(Command::Join),
        None => Ok(Command::Issue),
    }
}

/// Reads the number of a reservation or the id of a key.
fn id(fields: &Fields, column: Column) -> Result<Option<String>, String> {
    fields
        .get(column)
        .map(|text| check_id(text, column.name()))
        .transpose()
}

/// Checks a number or an id from another program.
pub(super) fn check_id(text: &str, name: &str) -> Result<String, String> {
    if text.chars().count() > LONGEST_ID {
        Err(format!(
            "the {name} is longer than {LONGEST_ID} characters; write only its number"
        ))
    } else if text.contains(char::is_control) {
        Err(format!(
            "the {name} \"{}\" contains a control character; write it on one line",
            excerpt(text)
        ))
    } else {
        Ok(text.to_owned())
    }
}

/// Reads the room of [`Column::OldRoom`].
fn old_room(fields: &Fields) -> Result<Option<RoomName>, String> {
    match rooms(fields, Column::OldRoom)?.as_deref() {
        None => Ok(None),
        Some([room]) => Ok(Some(room.clone())),
        Some(_) => Err("more than one old room; write one row for each room move".to_owned()),
    }
}

/// Reads rooms such as `101`, `101;102` or `101-103`.
fn rooms(fields: &Fields, column: Column) -> Result<Option<Vec<RoomName>>, String> {
    let Some(text) = list(fields, column)? else {
        return Ok(None);
    };
    let rooms = parse_rooms(&text.replace(';', ",")).map_err(|error| error.to_string())?;
    Ok(Some(rooms))
}

/// Reads common doors such as `Gym;Pool`.
fn also(fields: &Fields) -> Result<Option<Vec<String>>, String> {
    let Some(text) = list(fields, Column::Also)? else {
        return Ok(None);
    };
    if text.contains(char::is_control) {
        return Err(format!(
            "\"{}\" contains a control character; write the doors on one line",
            excerpt(text)
        ));
    }
    let mut doors: Vec<String> = Vec::new();
    for door in text
        .split([';', ','])
        .map(str::trim)
        .filter(|door| !door.is_empty())
    {
        if !doors.iter().any(|known| known == door) {
            doors.push(door.to_owned());
        }
    }
    Ok(Some(doors))
}

/// Reads the text of a list, and refuses a text that is too long.
fn list(fields: &Fields, column: Column) -> Result<Option<&str>, String> {
    match fields.get(column) {
        Some(text) if text.chars().count() > LONGEST_LIST => Err(format!(
            "the list under {} is longer than {LONGEST_LIST} characters; split it into rows",
            column.name()
        )),
        text => Ok(text),
    }
}

/// Returns the value, or adds the problem and returns `None`.
fn keep<T>(read: Result<Option<T>, String>, problems: &mut Vec<Problem>) -> Option<T> {
    read.unwrap_or_else(|problem| {
        problems.push(problem.into());
        None
    })
}

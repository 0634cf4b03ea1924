//! The table of keys.

use super::{Cell, Table};
use crate::hotel::HotelTime;
use crate::operation::report::{KeyKind, KeyReport};

/// Returns a table of keys. Times are in hotel time.
pub(crate) fn keys(keys: &[KeyReport], time: HotelTime) -> Table {
    let mut table = Table::new(["Room", "Guest", "Key", "When", "Other doors", "State"]);
    for key in keys {
        let others: Vec<&str> = key
            .doors
            .iter()
            .filter(|door| !key.rooms.contains(door))
            .map(String::as_str)
            .collect();
        let state = match (key.valid, key.synced) {
            (Some(false), _) => "not valid",
            _ if key.waiting => "guest must sign in to the app",
            (_, Some(true)) => "confirmed",
            (_, Some(false)) => "on its way",
            (_, None) => "not known",
        };
        let kind = match key.kind {
            KeyKind::Override => "first key",
            KeyKind::Joiner => "shares the room",
            KeyKind::Card => "plastic card",
            KeyKind::Unknown => "mobile key",
        };
        table.row([
            Cell::from(key.rooms.join(", ")),
            key.guest.clone().into(),
            kind.to_owned().into(),
            when(key, time),
            others.join(", ").into(),
            state.to_owned().into(),
        ]);
    }
    table
}

/// Returns the times of a key, in hotel time. The start is left out if it has passed.
fn when(key: &KeyReport, time: HotelTime) -> Cell {
    let end = key.ends_at.map(|end| format!("until {}", time.show(end)));
    let end = end.unwrap_or_else(|| "no end".to_owned());
    match key.starts_at.filter(|start| *start > time.now) {
        Some(start) => Cell::lines(&[format!("from {}", time.show(start)), end]),
        None => end.into(),
    }
}

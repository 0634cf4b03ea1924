//! One line of a batch, as it was understood.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::stay::{GuestQuery, RoomName, When};
use crate::workflow::plan::Command;

/// A row that can be planned. Nothing is looked up yet: whether the room or the guest exists is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1, headings counted.
    pub line: u64,
    /// What to do.
    pub action: Command,
    /// The hotel's number for the stay, as written.
    pub reservation: Option<String>,
    /// Another reservation whose stay this row shares: its key joins theirs.
    pub share_with: Option<String>,
    /// Whose key.
    pub guest: Option<GuestQuery>,
    /// Which rooms, leading zeros kept.
    pub rooms: Vec<RoomName>,
    /// The room that the guest leaves, for a room move: an `update` that takes this room out of the key and
    /// [`Self::rooms`] in, and leaves all other rooms of the key alone.
    pub old_room: Option<RoomName>,
    /// A key by its id, for `update`, `join` and `revoke`.
    pub key: Option<String>,
    /// From when; `None` is now, or unchanged for `update`.
    pub from: Option<When>,
    /// Until when; a bare date takes the check-out hour.
    pub until: Option<When>,
    /// For so many nights, instead of `until`.
    pub nights: Option<u32>,
    /// Common doors.
    pub also: Vec<String>,
    /// What a FIAS request wants back in its answer.
    pub answer_to: Option<super::input::fias::Request>,
}

impl Row {
    /// A hash of the reservation's number: what the journal knows it by. The form never changes, because journals
    /// hold it.
    pub fn stay_hash(&self) -> Option<String> {
        self.reservation.as_deref().map(stay_hash)
    }

    /// The rooms as a set.
    pub fn room_set(&self) -> BTreeSet<&RoomName> {
        self.rooms.iter().collect()
    }
}

/// A hash of a reservation's number; see [`Row::stay_hash`].
pub fn stay_hash(number: &str) -> String {
    let stay = format!("stay {number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, stay.as_bytes()).to_string()
}

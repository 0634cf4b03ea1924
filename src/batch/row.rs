//! A row of a batch, as read from the file.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::hotel::{GuestQuery, RoomName, When};
use crate::operation::plan::Command;

/// A row that can be planned. It is not checked yet whether its rooms and its guest exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1, headings counted.
    pub line: u64,
    /// The action.
    pub action: Command,
    /// The hotel's number for the stay, as written.
    pub reservation: Option<String>,
    /// The number of another reservation. The key of this row joins the keys of that reservation.
    pub share_with: Option<String>,
    /// The guest who gets or has the key.
    pub guest: Option<GuestQuery>,
    /// The rooms, with their leading zeros.
    pub rooms: Vec<RoomName>,
    /// The room that the guest leaves, for a room move: an `update` that takes this room out of the key and
    /// [`Self::rooms`] in, and leaves all other rooms of the key alone.
    pub old_room: Option<RoomName>,
    /// The id of a key, for `update`, `join` and `revoke`.
    pub key: Option<String>,
    /// Start of the key; `None` is now, or unchanged for `update`.
    pub from: Option<When>,
    /// End of the key; a date without an hour means the check-out hour.
    pub until: Option<When>,
    /// Number of nights, in place of `until`.
    pub nights: Option<u32>,
    /// Common doors.
    pub also: Vec<String>,
    /// For a FIAS request: the fields that its answer repeats.
    pub answer_to: Option<super::input::fias::Request>,
}

impl Row {
    /// Returns the hash by which the journal knows the reservation; `None` if the row has no reservation. The hash must
    /// never change, because it is stored in journals.
    pub fn stay_hash(&self) -> Option<String> {
        self.reservation.as_deref().map(stay_hash)
    }

    /// Returns the rooms as a set.
    pub fn room_set(&self) -> BTreeSet<&RoomName> {
        self.rooms.iter().collect()
    }
}

/// Returns the hash of a reservation's number; see [`Row::stay_hash`].
pub fn stay_hash(number: &str) -> String {
    let stay = format!("stay {number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, stay.as_bytes()).to_string()
}

//! Reasons why a row is not carried out.

use crate::hotel::refusal::Refusal;

/// The reason why a row cannot be carried out.
#[derive(Clone, Debug)]
pub enum Why {
    /// The command of the row is refused.
    Refused(Box<Refusal>),
    /// The row cannot be carried out, by itself or together with other rows.
    Row {
        /// A stable word for the result file.
        code: &'static str,
        /// The problem and its remedy, without a guest's name.
        text: String,
    },
}

impl Why {
    /// Returns the reason for rows that contradict one another.
    pub fn rows(text: impl Into<String>) -> Self {
        Why::Row {
            code: "rows_disagree",
            text: text.into(),
        }
    }

    /// Returns the reason for a reservation without a known key or guest.
    pub fn unknown_reservation() -> Self {
        Why::Row {
            code: "reservation_not_found",
            text: "no key is known for this reservation, so nothing was changed; name the guest or the key instead".to_owned(),
        }
    }

    /// Returns the reason for a `share_with` reservation without a known key at the room.
    pub fn unknown_share() -> Self {
        Why::Row {
            code: "reservation_not_found",
            text: "no key to this room is known for the reservation under `share_with`; write the key's id under `key`, or leave `share_with` out to join the stay that is in the room".to_owned(),
        }
    }

    /// Returns the reason for a key that an earlier run made or began, and that was removed, or given up, since.
    pub fn taken_away() -> Self {
        Why::Row {
            code: "changed",
            text: "an earlier run made or began this key, and somebody has removed the key or closed the operation since; add `--again` to carry the row out again".to_owned(),
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Refused(refusal) => refusal.fmt(f),
            Why::Row { text, .. } => f.write_str(text),
        }
    }
}

impl<R: Into<Refusal>> From<R> for Why {
    fn from(refusal: R) -> Self {
        Why::Refused(Box::new(refusal.into()))
    }
}

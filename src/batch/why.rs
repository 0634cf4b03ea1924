//! Why a row is not carried out.

use crate::workflow::error::Refusal;

/// The reason why a row cannot be carried out.
#[derive(Debug)]
pub enum Why {
    /// The command refuses.
    Refused(Box<Refusal>),
    /// The row itself, or the rows of the file together, cannot be carried out.
    Row {
        /// A stable word for the result file.
        code: &'static str,
        /// What is wrong and what to do, without a guest's name.
        text: String,
    },
}

impl Why {
    /// Rows of the file that contradict one another.
    pub fn rows(text: impl Into<String>) -> Self {
        Why::Row {
            code: "rows_disagree",
            text: text.into(),
        }
    }

    /// A reservation that neither the journal nor the hotel knows.
    pub fn unknown_reservation() -> Self {
        Why::Row {
            code: "reservation_not_found",
            text: "no key is known for this reservation, so that nothing is changed; name the guest or the key instead".to_owned(),
        }
    }

    /// A reservation under `share_with` of which no key is known at the room.
    pub fn unknown_share() -> Self {
        Why::Row {
            code: "reservation_not_found",
            text: "no key to this room is known for the reservation under `share_with`; name the key under `key`, or leave `share_with` out to join the stay that is in the room".to_owned(),
        }
    }

    /// A key that an earlier run made and that somebody has taken away since.
    pub fn taken_away() -> Self {
        Why::Row {
            code: "changed",
            text: "an earlier run made this key, and it was taken away since; add `--again` to carry the row out again".to_owned(),
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

//! Room names as staff type them: single rooms, lists and ranges.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

use super::text::{excerpt, fold, is_invisible_mark};

/// The largest number of rooms in one range. A larger range is taken for a typing mistake.
const RANGE_LIMIT: u64 = 200;

/// The name of one guest room, for example `101`. Names are compared exactly, including leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomName(String);

impl RoomName {
    /// Creates a room name from a name on record, for example that of a door. Text that staff type is read by
    /// [`parse_rooms`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as a number, or `None` if it contains anything other than digits.
    pub(super) fn number(&self) -> Option<u64> {
        number(&self.0)
    }

    /// Returns whether this name is the number after `before`, written with the same number of digits.
    fn follows(&self, before: &Self) -> bool {
        self.0.len() == before.0.len()
            && matches!((before.number(), self.number()), (Some(a), Some(b)) if a + 1 == b)
    }
}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error for a text that does not name rooms.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoomTextError {
    /// Nothing was typed.
    #[error("no room is named; type a room such as `101`, a list `101,102` or a range `101-105`")]
    Empty,
    /// There are two commas in a row, or a comma at the start or end.
    #[error("\"{0}\" has a comma with no room beside it; type `101,102`")]
    EmptyPart(String),
    /// The name of a room contains a tab, a line break or another control character.
    #[error("\"{0}\" contains a control character; type the room's name, such as `101`")]
    Control(String),
    /// The name of a room contains invisible characters.
    #[error("\"{shown}\" contains a character that cannot be seen (U+{code:04X}); type `{plain}`")]
    Invisible {
        /// The text as typed, with a mark for each invisible character.
        shown: String,
        /// The first invisible character.
        code: u32,
        /// The name without invisible characters.
        plain: String,
    },
    /// The second room of a range comes before the first.
    #[error("the range \"{first}-{last}\" runs backwards; type `{last}-{first}`")]
    Backwards {
        /// The left end.
        first: String,
        /// The right end, which is the smaller one.
        last: String,
    },
    /// The ends of a range have different numbers of digits, and one of them has leading zeros.
    #[error(
        "the ends of \"{0}\" are not equally wide, and leading zeros count; type both with the same number of digits, such as `0101-0103`"
    )]
    Widths(String),
    /// The range contains more rooms than are allowed in one range.
    #[error(
        "the range \"{0}\" names more than {RANGE_LIMIT} rooms; type smaller ranges, such as `101-105`"
    )]
    TooMany(String),
    /// An end of the range has more digits than a room number can have.
    #[error("\"{0}\" is not a range of rooms; type one such as `101-105`")]
    Digits(String),
}

/// Reads room names such as `101`, `101,102`, `101-105`, `101-103,110` or `0101-0103`. White space around commas and
/// hyphens is ignored, a room that is named twice is returned once, and the order is kept.
///
/// A part is a range only if both sides of its hyphen are digits. A door called `12-A` or `Suite 5` can therefore be
/// named. The ends of a range may differ in length (`98-101`), unless one of them has leading zeros, because leading
/// zeros are significant in room numbers.
pub fn parse_rooms(text: &str) -> Result<Vec<RoomName>, RoomTextError> {
    if text.trim().is_empty() {
        return Err(RoomTextError::Empty);
    }
    let mut rooms = Vec::new();
    let mut seen = HashSet::new();
    for part in text.split(',').map(str::trim) {
        if part.is_empty() {
            return Err(RoomTextError::EmptyPart(excerpt(text)));
        }
        for room in parse_part(part)? {
            if seen.insert(room.clone()) {
                rooms.push(room);
            }
        }
    }
    Ok(rooms)
}

/// Writes rooms in the short form, with consecutive rooms as ranges: `101-103,110`. The order is kept, so that
/// [`parse_rooms`] returns the same rooms.
pub fn collapse(rooms: &[RoomName]) -> String {
    rooms
        .chunk_by(|before, room| room.follows(before))
        .map(|run| match run {
            [first, .., last] => format!("{first}-{last}"),
            [] | [_] => run.iter().map(RoomName::as_str).collect(),
        })
        .collect::<Vec<_>>()
        .join(",")
}

/// Reads the rooms of one part between commas.
fn parse_part(part: &str) -> Result<Vec<RoomName>, RoomTextError> {
    if part.contains(char::is_control) {
        return Err(RoomTextError::Control(excerpt(part)));
    }
    if let Some(mark) = part.chars().find(|c| is_invisible_mark(*c)) {
        return Err(RoomTextError::Invisible {
            shown: excerpt(part),
            code: mark.into(),
            plain: match fold(part) {
                plain if plain.is_empty() => "101".to_owned(),
                plain => plain,
            },
        });
    }
    match range_ends(part) {
        Some((first, last)) => expand(part, first, last),
        None => Ok(vec![RoomName::new(part.nfc().collect::<String>())]),
    }
}

/// Returns both ends of a range, or `None` if the text is a plain name. An en dash counts as a hyphen, because word
/// processors replace hyphens with it.
fn range_ends(part: &str) -> Option<(&str, &str)> {
    let (first, last) = part.split_once(['-', '–'])?;
    let (first, last) = (first.trim(), last.trim());
    (is_digits(first) && is_digits(last)).then_some((first, last))
}

/// Returns all rooms from `first` to `last`, with as many digits as typed.
fn expand(part: &str, first: &str, last: &str) -> Result<Vec<RoomName>, RoomTextError> {
    let (Some(low), Some(high)) = (number(first), number(last)) else {
        return Err(RoomTextError::Digits(excerpt(part)));
    };
    if (is_padded(first) || is_padded(last)) && first.len() != last.len() {
        return Err(RoomTextError::Widths(part.to_owned()));
    }
    if low > high {
        return Err(RoomTextError::Backwards {
            first: first.to_owned(),
            last: last.to_owned(),
        });
    }
    if high - low >= RANGE_LIMIT {
        return Err(RoomTextError::TooMany(part.to_owned()));
    }
    let width = first.len();
    Ok((low..=high)
        .map(|n| RoomName(format!("{n:0width$}")))
        .collect())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_padded(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// Returns digits as a number, or `None` if the text contains other characters or too many digits for a room number.
fn number(text: &str) -> Option<u64> {
    (is_digits(text) && text.len() <= 18).then(|| text.parse().ok())?
}

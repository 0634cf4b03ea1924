//! Room names as staff type them: single, in lists and in ranges.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

use super::text::{excerpt, fold, is_invisible_mark};

/// The most rooms one range may name. More is a slip of the finger, not a stay.
const RANGE_LIMIT: u64 = 200;

/// The name of one guest room, for example `101`. Names compare exactly; leading zeros count.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomName(String);

impl RoomName {
    /// Takes a name as it stands on record, for example a door's. What staff type goes through
    /// [`parse_rooms`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a number, where it is nothing but digits.
    pub(super) fn number(&self) -> Option<u64> {
        number(&self.0)
    }

    /// True where this name is the one after `before`, written as wide.
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

/// Why a text does not name rooms.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RoomTextError {
    /// Nothing was typed.
    #[error("no room is named; type a room such as `101`, a list `101,102` or a range `101-105`")]
    Empty,
    /// Two commas in a row, or one at either end.
    #[error("\"{0}\" has a comma with no room beside it; type `101,102`")]
    EmptyPart(String),
    /// A room's name with a tab, a line break or the like in it.
    #[error("\"{0}\" contains a control character; type the room's name, such as `101`")]
    Control(String),
    /// A room's name with characters that nobody can see.
    #[error("\"{shown}\" contains a character that cannot be seen (U+{code:04X}); type `{plain}`")]
    Invisible {
        /// As typed, with a mark for what cannot be seen.
        shown: String,
        /// The first such character.
        code: u32,
        /// The name without them.
        plain: String,
    },
    /// A range whose second room comes first.
    #[error("the range \"{first}-{last}\" runs backwards; type `{last}-{first}`")]
    Backwards {
        /// The left end.
        first: String,
        /// The right end, which is the smaller one.
        last: String,
    },
    /// Ends of different widths, one of them with leading zeros.
    #[error(
        "the ends of \"{0}\" are not equally wide, and leading zeros count; type both with the same number of digits, such as `0101-0103`"
    )]
    Widths(String),
    /// A range that names more rooms than one range may.
    #[error(
        "the range \"{0}\" names more than {RANGE_LIMIT} rooms; type smaller ranges, such as `101-105`"
    )]
    TooMany(String),
    /// An end with more digits than any room has.
    #[error("\"{0}\" is not a range of rooms; type one such as `101-105`")]
    Digits(String),
}

/// Reads `101`, `101,102`, `101-105`, `101-103,110` or `0101-0103`. White space around commas and
/// hyphens is ignored, a room named twice is kept once, and the order stays as typed.
///
/// A part is a range only where both sides of its hyphen are digits, so that a door called `12-A`
/// or `Suite 5` can be named. `98-101` is a range too; where an end has leading zeros both ends
/// must be equally wide, because leading zeros are significant in a hotel's room numbers.
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

/// Writes rooms the short way, neighbours as ranges: `101-103,110`. The order stays, so that
/// [`parse_rooms`] gives back the same rooms.
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

/// The rooms of one part between commas.
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

/// Both ends of a range, or nothing where the text is a plain name. An en dash is what word
/// processors make of a hyphen.
fn range_ends(part: &str) -> Option<(&str, &str)> {
    let (first, last) = part.split_once(['-', '–'])?;
    let (first, last) = (first.trim(), last.trim());
    (is_digits(first) && is_digits(last)).then_some((first, last))
}

/// Every room from `first` to `last`, as wide as typed.
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

/// Digits as a number; nothing where there are other characters, or more digits than any room has.
fn number(text: &str) -> Option<u64> {
    (is_digits(text) && text.len() <= 18).then(|| text.parse().ok())?
}

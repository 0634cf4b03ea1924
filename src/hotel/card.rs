//! Card formats and the number of doors that each can hold.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::room::RoomName;
use super::text::excerpt;

/// How many consecutive rooms an `rfid48` key holds, according to the vendor's page on mobile credential properties.
const CONSECUTIVE: usize = 33;
const ADDITIONAL: usize = 7;
const COMMON: usize = 28;

/// The format of a key, as in the API's `visionline_metadata.card_format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CardFormat {
    /// The 48-byte format that guests normally get.
    #[default]
    #[serde(rename = "rfid48")]
    Rfid48,
    /// The high-capacity format. The vendor gives no limit for it.
    #[serde(rename = "TLCode")]
    TlCode,
}

impl CardFormat {
    /// Returns the API's name of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfid48 => "rfid48",
            Self::TlCode => "TLCode",
        }
    }
}

impl fmt::Display for CardFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error for a text that is not a card format.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a card format; type `rfid48` or `TLCode`")]
pub struct CardFormatError(String);

impl FromStr for CardFormat {
    type Err = CardFormatError;

    /// Reads a format. Case is ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Rfid48, Self::TlCode]
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| CardFormatError(excerpt(text)))
    }
}

/// The error for a key with more doors than its format holds.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CapacityError {
    /// The longest run of consecutive rooms is too long.
    #[error(
        "{0} consecutive rooms do not fit on an `rfid48` key, which holds {CONSECUTIVE}; type fewer rooms, or `--format TLCode`"
    )]
    Consecutive(usize),
    /// There are too many rooms outside the longest run.
    #[error(
        "{0} rooms beside the longest run of consecutive ones do not fit on an `rfid48` key, which holds {ADDITIONAL}; type fewer rooms, or `--format TLCode`"
    )]
    Additional(usize),
    /// There are too many common doors.
    #[error(
        "{0} common doors do not fit on an `rfid48` key, which holds {COMMON}; name fewer with `--also`, or type `--format TLCode`"
    )]
    Common(usize),
}

/// Checks that a key of this format holds these doors. An `rfid48` key holds 33 consecutive guest rooms, 7 additional
/// rooms and 28 common doors.
///
/// The vendor defines neither "consecutive" nor "additional", and the API does not give the order of rooms. The check
/// therefore counts the longest run of consecutive room numbers, and the rooms outside it. A `TLCode` key is never
/// refused, because the vendor gives no limit for it.
pub fn fits(
    format: CardFormat,
    guest_rooms: &[RoomName],
    common_doors: usize,
) -> Result<(), CapacityError> {
    if format == CardFormat::TlCode {
        return Ok(());
    }
    let rooms: BTreeSet<&RoomName> = guest_rooms.iter().collect();
    let run = longest_run(&rooms);
    let additional = rooms.len() - run;
    if run > CONSECUTIVE {
        Err(CapacityError::Consecutive(run))
    } else if additional > ADDITIONAL {
        Err(CapacityError::Additional(additional))
    } else if common_doors > COMMON {
        Err(CapacityError::Common(common_doors))
    } else {
        Ok(())
    }
}

/// Returns the length of the longest run of consecutive room numbers. A name that is not a number counts as a run of
/// one.
fn longest_run(rooms: &BTreeSet<&RoomName>) -> usize {
    let numbers: BTreeSet<u64> = rooms.iter().filter_map(|room| room.number()).collect();
    let numbers: Vec<u64> = numbers.into_iter().collect();
    numbers
        .chunk_by(|a, b| a + 1 == *b)
        .map(<[u64]>::len)
        .max()
        .unwrap_or_else(|| rooms.len().min(1))
}

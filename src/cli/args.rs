//! Options that several commands share.

use std::str::FromStr;

use crate::hotel::{CardFormat, RoomName, RoomTextError, When, parse_rooms};
use crate::workflow::template::Times;

/// The rooms of one `--room` option: `101`, `101,102` or `101-105`.
#[derive(Clone, Debug)]
pub(super) struct Rooms(Vec<RoomName>);

impl FromStr for Rooms {
    type Err = RoomTextError;

    fn from_str(text: &str) -> Result<Self, RoomTextError> {
        parse_rooms(text).map(Rooms)
    }
}

/// Returns the rooms of all options in their order, each once.
pub(super) fn all(rooms: &[Rooms]) -> Vec<RoomName> {
    let mut found: Vec<RoomName> = vec![];
    for room in rooms.iter().flat_map(|rooms| &rooms.0) {
        if !found.contains(room) {
            found.push(room.clone());
        }
    }
    found
}

/// The options for the times of a key.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct TimeArgs {
    /// Start of the key [default: now]. See `roomkey help times`.
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// End of the key: `2026-12-01`, `"friday 12:00"`, `+2d`.
    #[arg(long, value_name = "WHEN", conflicts_with = "nights")]
    until: Option<When>,
    /// Number of nights; the key ends at the check-out hour.
    #[arg(long, short, value_name = "N")]
    nights: Option<u32>,
}

impl From<TimeArgs> for Times {
    fn from(args: TimeArgs) -> Self {
        Times {
            from: args.from,
            until: args.until,
            nights: args.nights,
        }
    }
}

/// Options of the commands that make keys.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct WriteArgs {
    /// A common door that the key also opens, such as the gym; may be repeated.
    #[arg(long, value_name = "DOOR", value_delimiter = ',')]
    pub(super) also: Vec<String>,
    /// Text on the key in the app, such as "Room %ROOMNUM%".
    #[arg(long, value_name = "TEXT")]
    pub(super) label: Option<String>,
    /// Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold.
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<CardFormat>,
    /// Replace live keys that would otherwise stop the command.
    #[arg(long)]
    pub(super) replace: bool,
    /// Refuse if no phone of the guest is ready to receive the key.
    #[arg(long)]
    pub(super) require_phone: bool,
    /// Show the steps without changing anything.
    #[arg(long)]
    pub(super) dry_run: bool,
}

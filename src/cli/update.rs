//! `update`: changes a key.

use super::args::{Rooms, TimeArgs, all};
use super::{Answer, write};
use crate::app::App;
use crate::hotel::{CardFormat, GuestQuery};
use crate::workflow::request::Request;
use crate::workflow::update::{self, Which};

/// Change a key: make a new key with the changed values, then remove the old one. Other values stay the same.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey update --guest jane@example.com --until \"friday 14:00\"\n  \
    roomkey update --guest jane@example.com --room 101 --rooms 101,102")]
pub(super) struct Args {
    /// Id of the key.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["guest", "room"], required_unless_present = "guest")]
    key: Option<String>,
    /// The guest who has the key.
    #[arg(long, short, value_name = "GUEST")]
    guest: Option<GuestQuery>,
    /// A room that the key opens, if the guest has several keys.
    #[arg(long, short, value_name = "ROOM", requires = "guest")]
    room: Option<Rooms>,
    /// The rooms of the changed key, in place of its rooms until now.
    #[arg(long, value_name = "ROOMS")]
    rooms: Vec<Rooms>,
    /// A common door to add; may be repeated.
    #[arg(long, value_name = "DOOR", value_delimiter = ',')]
    also: Vec<String>,
    /// A common door to remove; may be repeated.
    #[arg(long, value_name = "DOOR", value_delimiter = ',')]
    without: Vec<String>,
    /// Replace other mobile keys of the guest that would otherwise stop the command.
    #[arg(long)]
    replace: bool,
    /// Text on the key in the app.
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Card format: `rfid48`, or `TLCode` for more doors than `rfid48` can hold.
    #[arg(long, value_name = "FORMAT")]
    format: Option<CardFormat>,
    /// Refuse if no phone of the guest is ready to receive the key.
    #[arg(long)]
    require_phone: bool,
    /// Show the steps without changing anything.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    times: TimeArgs,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let profile = write::profile(app, args.format);
    let which = match (args.key, args.guest) {
        (Some(key), _) => Which::Key(key),
        (None, Some(guest)) => Which::Guest(
            guest,
            args.room.and_then(|room| all(&[room]).into_iter().next()),
        ),
        (None, None) => return Err(write::needs("--key or --guest")),
    };
    let request = Request::Update(update::Request {
        which,
        times: args.times.into(),
        rooms: all(&args.rooms),
        also: args.also,
        without: args.without,
        replace: args.replace,
        label: args.label,
        require_phone: args.require_phone,
    });
    write::carry_out(app, profile, request, args.dry_run).await
}

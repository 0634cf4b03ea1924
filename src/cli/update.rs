//! `update`.

use super::args::{Rooms, TimeArgs, all};
use super::{Answer, write};
use crate::app::App;
use crate::stay::{CardFormat, GuestQuery};
use crate::workflow::request::Request;
use crate::workflow::update::{self, Which};

/// Change a key: a new one is made with the changed values, then the old one goes. What is not said stays.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey update --guest jane@example.com --until \"friday 14:00\"\n  \
    roomkey update --guest jane@example.com --room 101 --rooms 101,102")]
pub(super) struct Args {
    /// The key, by id.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["guest", "room"], required_unless_present = "guest")]
    key: Option<String>,
    /// The guest whose key it is.
    #[arg(long, short, value_name = "GUEST")]
    guest: Option<GuestQuery>,
    /// Which of the guest's keys, by one of its rooms.
    #[arg(long, short, value_name = "ROOM", requires = "guest")]
    room: Option<Rooms>,
    /// All rooms of the key from now on.
    #[arg(long, value_name = "ROOMS")]
    rooms: Vec<Rooms>,
    /// A common door besides those that the key opens; may be repeated.
    #[arg(long, value_name = "DOOR", value_delimiter = ',')]
    also: Vec<String>,
    /// A common door that the key no longer opens; may be repeated.
    #[arg(long, value_name = "DOOR", value_delimiter = ',')]
    without: Vec<String>,
    /// Other mobile keys of the guest may be replaced.
    #[arg(long)]
    replace: bool,
    /// The text on the key in the app.
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// `rfid48`, or `TLCode` for more doors than that holds.
    #[arg(long, value_name = "FORMAT")]
    format: Option<CardFormat>,
    /// Refuse where no phone of the guest is ready to take the key.
    #[arg(long)]
    require_phone: bool,
    /// Show the steps; change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    times: TimeArgs,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let property = write::property(app, args.format);
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
    write::carry_out(app, property, request, args.dry_run).await
}

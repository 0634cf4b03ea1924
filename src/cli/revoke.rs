//! `revoke`.

use super::args::{Rooms, all};
use super::{Answer, write};
use crate::app::App;
use crate::stay::GuestQuery;
use crate::workflow::request::Request;
use crate::workflow::revoke::{self, Which};

/// Take keys away: a key by id, all of a guest's, or those of the stay in a room.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey revoke --room 101\n  \
    roomkey revoke --guest jane@example.com\n  \
    roomkey revoke --guest jane@example.com --room 101 --yes\n  \
    roomkey revoke --key 5f1c2d3e-…")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct Args {
    /// A key, by id; may be repeated.
    #[arg(long, value_name = "KEY", group = "what", conflicts_with_all = ["guest", "room"])]
    key: Vec<String>,
    /// All live keys of this guest; with `--room`, only those to these rooms.
    #[arg(long, short, value_name = "GUEST", group = "what")]
    guest: Option<GuestQuery>,
    /// The keys of the stay that is in these rooms now.
    #[arg(long, short, value_name = "ROOM", group = "what")]
    room: Vec<Rooms>,
    /// With `--room`: everybody's keys, also those of stays that begin later.
    #[arg(long, requires = "room", conflicts_with = "guest")]
    all: bool,
    /// With one phone's copy as `--key`: only that copy.
    #[arg(long, requires = "key")]
    this_phone_only: bool,
    /// Show the steps; change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let which = match args.guest {
        Some(guest) => Which::Guest(guest, all(&args.room)),
        None if args.key.is_empty() && args.all => Which::Everybody(all(&args.room)),
        None if args.key.is_empty() => Which::Rooms(all(&args.room)),
        None => Which::Keys(args.key),
    };
    let request = Request::Revoke(revoke::Request {
        which,
        this_phone_only: args.this_phone_only,
    });
    let property = app.property();
    write::carry_out(app, property, request, args.dry_run).await
}

//! `revoke`: removes keys.

use super::args::{Rooms, all};
use super::{Answer, write};
use crate::app::App;
use crate::hotel::GuestQuery;
use crate::workflow::request::Request;
use crate::workflow::revoke::{self, Which};

/// Remove keys: a key by id, all keys of a guest, or the keys of the stay in a room.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey revoke --room 101\n  \
    roomkey revoke --guest jane@example.com\n  \
    roomkey revoke --guest jane@example.com --room 101 --yes\n  \
    roomkey revoke --key 5f1c2d3e-…")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct Args {
    /// Id of a key; may be repeated.
    #[arg(long, value_name = "KEY", group = "what", conflicts_with_all = ["guest", "room"])]
    key: Vec<String>,
    /// All live keys of this guest; with `--room`, only the keys to these rooms.
    #[arg(long, short, value_name = "GUEST", group = "what")]
    guest: Option<GuestQuery>,
    /// The keys of the stay that is in these rooms now.
    #[arg(long, short, value_name = "ROOM", group = "what")]
    room: Vec<Rooms>,
    /// With `--room`: the keys of all guests, also of stays that begin later.
    #[arg(long, requires = "room", conflicts_with = "guest")]
    all: bool,
    /// If `--key` is the copy on one phone: remove only this copy.
    #[arg(long, requires = "key")]
    this_phone_only: bool,
    /// Show the steps without changing anything.
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
    let profile = app.profile();
    write::carry_out(app, profile, request, args.dry_run).await
}

//! `issue`: the first key of a stay.

use super::args::{Rooms, TimeArgs, WriteArgs, all};
use super::{Answer, write};
use crate::app::App;
use crate::hotel::GuestQuery;
use crate::workflow::issue;
use crate::workflow::request::Request;

/// Make the first key of a stay. The key of the first guest ends earlier keys of the room; further guests share the room.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey issue --room 101 --guest \"Jane Doe <jane@example.com>\" --nights 2\n  \
    roomkey issue --room 101,102 --guest jane@example.com --guest john@example.com --until 2026-12-05\n  \
    roomkey issue --room 101 --guest jane@example.com --from \"tomorrow 14:00\" --nights 3 --also Gym")]
pub(super) struct Args {
    /// `101`, `101,102` or `101-105`; may be repeated.
    #[arg(long, short, value_name = "ROOM", required = true)]
    room: Vec<Rooms>,
    /// E-mail address, phone number, `res:` with a reservation, full name or id; a new guest as `"Name <e-mail>"`. May be repeated. See `roomkey help guests`.
    #[arg(long, short, value_name = "GUEST", required = true)]
    guest: Vec<GuestQuery>,
    #[command(flatten)]
    times: TimeArgs,
    #[command(flatten)]
    pub(super) write: WriteArgs,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let profile = write::profile(app, args.write.format);
    let request = Request::Issue(issue::Request {
        rooms: all(&args.room),
        guests: args.guest,
        times: args.times.into(),
        also: write::also(&profile, args.write.also),
        label: args.write.label,
        replace: args.write.replace,
        require_phone: args.write.require_phone,
    });
    write::carry_out(app, profile, request, args.write.dry_run).await
}

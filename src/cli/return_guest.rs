//! `return-guest`: a new start for a guest who was here before.

use super::args::{Rooms, TimeArgs, WriteArgs, all};
use super::{Answer, write};
use crate::app::App;
use crate::hotel::GuestQuery;
use crate::workflow::request::Request;
use crate::workflow::return_guest;

/// Give a guest who was here before a new key. All earlier access is removed first, then the rooms are granted.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey return-guest --guest jane@example.com --room 204 --nights 2\n  \
    roomkey return-guest --guest jane@example.com --room 204 --until 2026-12-05 --dry-run")]
pub(super) struct Args {
    /// E-mail address, phone number, `res:` with a reservation, full name or id of a guest on record.
    #[arg(long, short, value_name = "GUEST")]
    guest: GuestQuery,
    /// `101`, `101,102` or `101-105`; may be repeated.
    #[arg(long, short, value_name = "ROOM", required = true)]
    room: Vec<Rooms>,
    #[command(flatten)]
    times: TimeArgs,
    #[command(flatten)]
    pub(super) write: WriteArgs,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let profile = write::profile(app, args.write.format);
    let request = Request::ReturnGuest(return_guest::Request {
        guest: args.guest,
        rooms: all(&args.room),
        times: args.times.into(),
        also: write::also(&profile, args.write.also),
        label: args.write.label,
        replace: args.write.replace,
        require_phone: args.write.require_phone,
    });
    write::carry_out(app, profile, request, args.write.dry_run).await
}

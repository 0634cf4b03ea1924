//! `join`: one more key in a stay.

use super::args::{Rooms, TimeArgs, WriteArgs, all};
use super::{Answer, write};
use crate::app::App;
use crate::hotel::GuestQuery;
use crate::workflow::join;
use crate::workflow::request::Request;

/// Make one more key in a stay. Its doors and its end are those of the keys that it joins, unless options change them.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey join --room 101 --guest \"John Doe <john@example.com>\"\n  \
    roomkey join --to 5f1c2d3e-… --guest john@example.com --until tomorrow")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(super) struct Args {
    /// E-mail address, phone number, `res:` with a reservation, full name or id; a new guest as `"Name <e-mail>"`. May be repeated. See `roomkey help guests`.
    #[arg(long, short, value_name = "GUEST", required = true)]
    guest: Vec<GuestQuery>,
    /// Id of a key to join: a mobile key, its copy on one phone, or a plastic card; may be repeated.
    #[arg(long, value_name = "KEY", group = "what")]
    to: Vec<String>,
    /// Join the live keys of these rooms. With `--to`, the new key opens only these rooms.
    #[arg(long, short, value_name = "ROOM", group = "what")]
    room: Vec<Rooms>,
    #[command(flatten)]
    times: TimeArgs,
    #[command(flatten)]
    pub(super) write: WriteArgs,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let profile = write::profile(app, args.write.format);
    let request = Request::Join(join::Request {
        guests: args.guest,
        to: args.to,
        rooms: all(&args.room),
        also: args.write.also,
        times: args.times.into(),
        label: args.write.label,
        replace: args.write.replace,
        require_phone: args.write.require_phone,
    });
    write::carry_out(app, profile, request, args.write.dry_run).await
}

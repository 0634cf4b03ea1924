//! `keys`: the live keys of a room, of a guest or of the hotel.

use serde_json::json;

use super::args::{Rooms, all};
use super::{Answer, Done};
use crate::app::App;
use crate::hotel::GuestQuery;
use crate::operation::report::KeyReport;
use crate::present::keys::keys as keys_table;
use crate::present::{Cell, Table};
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// Show live keys: of a room, of a guest, or all. A key on several phones is shown once.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  roomkey keys --room 101\n  roomkey keys --guest jane@example.com\n  roomkey keys --room 101 --ids"
)]
pub(super) struct Args {
    /// Only keys to these rooms; may be repeated.
    #[arg(long, short, value_name = "ROOM")]
    room: Vec<Rooms>,
    /// Only keys of this guest.
    #[arg(long, short, value_name = "GUEST")]
    guest: Option<GuestQuery>,
    /// Show the ids of the keys and of their copies on phones, in place of times and doors.
    #[arg(long)]
    ids: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let client = app.client().await?;
    let profile = app.profile();
    let mut snapshot = HotelSnapshot::read(&client, &profile, args.guest.as_slice()).await?;
    let rooms = all(&args.room);
    let doors = snapshot.room_ids(&rooms)?;
    let guest = args
        .guest
        .as_ref()
        .map(|query| snapshot.guest(query).cloned())
        .transpose()?;
    match &guest {
        Some(guest) => {
            snapshot
                .read_keys(&client, std::slice::from_ref(guest), &doors)
                .await?;
        }
        None if rooms.is_empty() => snapshot.read_all_keys(&client).await?,
        None => snapshot.read_keys(&client, &[], &doors).await?,
    }
    let holder = guest.as_ref().map(|guest| guest.acs_user_id.as_str());
    let mut keys: Vec<KeyReport> = snapshot
        .live()
        .into_iter()
        .filter(|key| holder.is_none_or(|holder| key.holder.as_deref() == Some(holder)))
        .filter(|key| doors.is_empty() || key.opens_any(&doors))
        .map(|key| KeyReport::new(&snapshot, key, None))
        .collect();
    keys.sort_by(|a, b| {
        let order = |key: &KeyReport| (key.starts_at, key.ends_at);
        (&a.rooms, order(a), &a.acs_credential_id).cmp(&(&b.rooms, order(b), &b.acs_credential_id))
    });
    if !app.ui.json {
        if keys.is_empty() {
            app.ui.say("No live keys.");
        } else if args.ids {
            app.ui.table(&ids(&keys))?;
        } else {
            app.ui.table(&keys_table(&keys, snapshot.time))?;
        }
    }
    Ok(Done::new(json!({ "keys": keys })))
}

/// Returns a table of keys with their ids and the ids of their copies on phones.
fn ids(keys: &[KeyReport]) -> Table {
    let mut table = Table::new(["Room", "Guest", "Key and its copies on phones"]);
    for key in keys {
        let mut lines = vec![key.acs_credential_id.clone()];
        lines.extend(key.copies.iter().map(|copy| format!("  copy {copy}")));
        table.row([
            key.rooms.join(", ").into(),
            key.guest.clone().into(),
            Cell::lines(&lines),
        ]);
    }
    table
}

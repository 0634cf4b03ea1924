//! `guests`: a search for guests on record.

use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::hotel::GuestRecord;
use crate::present::Table;
use crate::snapshot::guests;

/// Show guests on record: all of them, or those that match a text.
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  roomkey guests\n  roomkey guests jane\n  roomkey guests res:4711"
)]
pub(super) struct Args {
    /// Part of a name, e-mail address or phone number, or a reservation such as `res:4711` [default: all guests].
    text: Option<String>,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let client = app.client().await?;
    let found = guests::search(&client, &app.profile(), args.text.as_deref()).await?;
    if !app.ui.json {
        let mut table = Table::new(["Name", "E-mail", "Phone", "Res. no.", "App", "Mobile key"]);
        for (guest, ready) in &found {
            let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
            let ready = if *ready { "ready" } else { "not yet" };
            table.row([
                guest.name.clone(),
                or(guest.email.as_deref()),
                or(guest.phone.as_deref()),
                or(guest.reservation()),
                ready.to_owned(),
                guests::obstacle(guest).unwrap_or_else(|| "possible".to_owned()),
            ]);
        }
        if table.is_empty() {
            app.ui.say("No such guest on record.");
        } else {
            app.ui.table(&table)?;
        }
    }
    let guests: Vec<_> = found
        .iter()
        .map(|(guest, ready)| as_json(guest, *ready))
        .collect();
    Ok(Done::new(json!({ "guests": guests })))
}

fn as_json(guest: &GuestRecord, phone_ready: bool) -> serde_json::Value {
    let remarks: Vec<_> = guest
        .remarks
        .iter()
        .map(|(code, message)| json!({ "code": code, "message": message }))
        .collect();
    json!({
        "acs_user_id": guest.acs_user_id, "name": guest.name, "email": guest.email,
        "phone": guest.phone, "reservation": guest.reservation(), "phone_ready": phone_ready,
        "suspended": guest.suspended, "not_ready": guests::obstacle(guest), "remarks": remarks,
    })
}

//! `guests`.

use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::output::Table;
use crate::workflow::read;

/// Guests on record, by part of a name, e-mail or phone number.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  roomkey guests\n  roomkey guests jane")]
pub(super) struct Args {
    /// Part of a name, e-mail or phone number; without it, everybody.
    text: Option<String>,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let client = app.client().await?;
    let guests = read::search(&client, &app.property(), args.text.as_deref()).await?;
    if !app.ui.json {
        let mut table = Table::new(["Name", "E-mail", "Phone", "App"]);
        for (guest, ready) in &guests {
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let ready = if *ready { "ready" } else { "not yet" };
            table.row([
                guest.name.clone(),
                or(&guest.email),
                or(&guest.phone),
                ready.to_owned(),
            ]);
        }
        if table.is_empty() {
            app.ui.say("No such guest on record.");
        } else {
            app.ui.table(&table)?;
        }
    }
    let guests: Vec<_> = guests
        .iter()
        .map(|(guest, ready)| {
            json!({
                "acs_user_id": guest.acs_user_id, "name": guest.name, "email": guest.email,
                "phone": guest.phone, "phone_ready": ready,
            })
        })
        .collect();
    Ok(Done::new(json!({ "guests": guests })))
}

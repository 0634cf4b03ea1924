//! `rooms`: the doors of the hotel.

use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::present::Table;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

pub(super) async fn run(app: &App) -> Answer {
    let client = app.client().await?;
    let snapshot = HotelSnapshot::read(&client, &app.profile(), &[]).await?;
    let mut doors: Vec<_> = snapshot.doors.iter().collect();
    doors.sort_by(|a, b| {
        (a.category.as_str() != "guest", &a.name).cmp(&(b.category.as_str() != "guest", &b.name))
    });
    if !app.ui.json {
        let mut table = Table::new(["Door", "Category", "Mobile keys"]);
        for door in &doors {
            let mobile = if door.mobile { "yes" } else { "no" };
            table.row([
                door.name.clone(),
                door.category.as_str().to_owned(),
                mobile.to_owned(),
            ]);
        }
        if table.is_empty() {
            app.ui.say(
                "No doors: Seam has not read them from the lock system yet, or there are none.",
            );
        } else {
            app.ui.table(&table)?;
        }
    }
    let rooms: Vec<_> = doors
        .iter()
        .map(|door| {
            json!({
                "name": door.name, "acs_entrance_id": door.id,
                "category": door.category.as_str(), "mobile": door.mobile,
            })
        })
        .collect();
    Ok(Done::new(json!({ "rooms": rooms })))
}

//! `doctor`: checks of the API key, the clock and the hotel's systems. It changes nothing.

use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::clock::Clock;
use crate::failure::{Failure, Kind};
use crate::present::Table;
use crate::present::clock_skew;
use crate::seam::{Client, workspaces};
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// A check, with what it found or why it failed.
struct Check {
    name: &'static str,
    found: Result<String, Failure>,
}

pub(super) async fn run(app: &App) -> Answer {
    let client = app.client().await?;
    let checks = checks(app, &client).await;
    if !app.ui.json {
        let mut table = Table::new(["Check", "", "Detail"]);
        for check in &checks {
            let (mark, detail) = match &check.found {
                Ok(detail) => ("ok", detail.clone()),
                Err(failure) => ("FAILED", failure.message.clone()),
            };
            table.row([check.name.to_owned(), mark.to_owned(), detail]);
        }
        app.ui.table(&table)?;
    }
    let shown: Vec<_> = checks
        .iter()
        .map(|check| {
            let detail = match &check.found {
                Ok(detail) => detail,
                Err(failure) => &failure.message,
            };
            json!({ "name": check.name, "ok": check.found.is_ok(), "detail": detail })
        })
        .collect();
    let data = json!({ "checks": shown });
    match checks.into_iter().find_map(|check| check.found.err()) {
        Some(first) => Err(Failure {
            data: Some(data),
            impact: None,
            ..first
        }),
        None => Ok(Done::new(data)),
    }
}

async fn checks(app: &App, client: &Client) -> Vec<Check> {
    let mut checks = vec![];
    let mut add = |name, found| checks.push(Check { name, found });
    match workspaces::get(client).await {
        Ok(reply) => {
            let workspace = reply.value;
            let name = workspace
                .name
                .unwrap_or_else(|| workspace.workspace_id.clone());
            let kind = if workspace.is_sandbox == Some(true) {
                "a sandbox: no real doors"
            } else {
                "production"
            };
            let suspended = if workspace.is_suspended == Some(true) {
                ", suspended"
            } else {
                ""
            };
            add(
                "API key",
                Ok(format!("accepted; workspace {name}, {kind}{suspended}")),
            );
        }
        Err(error) => {
            add("API key", Err(error.into()));
            return checks;
        }
    }
    add("clock", clock(&app.clock));
    let snapshot = match HotelSnapshot::read(client, &app.profile(), &[]).await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            add("Visionline system", Err(error.into()));
            return checks;
        }
    };
    let system = &snapshot.system;
    let remarks: Vec<&str> = system
        .errors
        .iter()
        .chain(&system.warnings)
        .map(|remark| remark.code.as_str())
        .collect();
    let name = if remarks.is_empty() {
        system.name.clone()
    } else {
        format!("{}; {}", system.name, remarks.join(", "))
    };
    add(
        "Visionline system",
        system.check_up().map(|()| name).map_err(Failure::from),
    );
    add(
        "credential manager",
        system.manager().map(str::to_owned).map_err(Failure::from),
    );
    let mobile = snapshot
        .doors
        .iter()
        .filter(|door| door.mobile && door.category.as_str() == "guest")
        .count();
    let rooms = snapshot
        .doors
        .iter()
        .filter(|door| door.category.as_str() == "guest")
        .count();
    add(
        "doors",
        match mobile {
            0 => Err(
                Failure::new(Kind::RoomNotFound, "no guest room takes mobile keys").hint(
                    "give the doors a BLE profile in Visionline, and let Seam read them again",
                ),
            ),
            n => Ok(format!("{n} of {rooms} guest rooms take mobile keys")),
        },
    );
    add(
        "time zone",
        system
            .check_zone()
            .map(|zone| zone.name().to_owned())
            .map_err(Failure::from),
    );
    checks
}

fn clock(clock: &Clock) -> Result<String, Failure> {
    let Some(ahead) = clock.skew() else {
        return Ok("this PC's clock agrees with the server's".to_owned());
    };
    Err(Failure::new(Kind::Failed, clock_skew(ahead))
        .hint("set the PC's clock; keys follow the server's clock until then"))
}

//! `/_sandbox/…`: the sandbox's own interface, for tests and for looking behind the API.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::render;
use super::server::{Hotel, Reply, reply, reply_json};

pub(super) fn answer(hotel: &mut Hotel, method: &str, path: &str, body: &[u8]) -> Reply {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match run(hotel, method, path, &body) {
        Ok(answer) => reply_json(200, &answer),
        Err(text) => reply(400, "text/plain", text),
    }
}

fn run(hotel: &mut Hotel, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    match (method, path) {
        ("GET", "state") => Ok(state(hotel)),
        ("GET", "requests") => Ok(json!(hotel.log)),
        ("POST", "requests/clear") => {
            hotel.log.clear();
            Ok(json!({ "ok": true }))
        }
        ("POST", "latency") => {
            hotel.latency = Duration::from_millis(body["ms"].as_u64().ok_or("`ms` is a number")?);
            Ok(json!({ "ok": true }))
        }
        ("POST", "clock") => {
            if let Some(now) = body["now"].as_str() {
                let now: DateTime<Utc> = now.parse().map_err(|_| "`now` is an RFC 3339 instant")?;
                hotel.offset = now - Utc::now();
            } else {
                let seconds = body["advance_seconds"]
                    .as_i64()
                    .ok_or("`now`, or `advance_seconds`, is needed")?;
                hotel.offset += TimeDelta::seconds(seconds);
            }
            Ok(json!({ "now": render::stamp(hotel.now()) }))
        }
        ("POST", "readings") => {
            for (name, value) in body.as_object().ok_or("an object of readings is needed")? {
                let value = value.as_str().ok_or("a reading's value is a word")?;
                hotel
                    .readings
                    .set(name, value)
                    .map_err(|error| error.to_string())?;
            }
            Ok(json!({ "ok": true }))
        }
        ("POST", "faults") => {
            hotel
                .faults
                .order(serde_json::from_value(body.clone()).map_err(|error| error.to_string())?);
            Ok(json!({ "ok": true }))
        }
        ("DELETE", "faults") => {
            hotel.faults.clear();
            Ok(json!({ "ok": true }))
        }
        _ => Err(format!(
            "no {method} /_sandbox/{path}; there are GET state, GET requests, POST requests/clear, latency, clock, \
             readings, faults, and DELETE faults"
        )),
    }
}

/// Everything there is, as the API shows it, and what the API does not tell: grants, and which keys override.
fn state(hotel: &mut Hotel) -> Value {
    let now = hotel.now();
    hotel.world.pass(now);
    let world = &hotel.world;
    let keys = world.credentials.iter().map(|key| {
        let mut shown = render::credential(world, key, now);
        shown["_override"] = json!(key.overrides);
        shown
    });
    let grants = world.users.iter().flat_map(|user| {
        user.grants
            .iter()
            .map(|door| json!({ "acs_user_id": user.id, "acs_entrance_id": door }))
    });
    json!({
        "now": render::stamp(now),
        "credentials": keys.collect::<Vec<_>>(),
        "users": world.users.iter().map(|user| render::user(world, user)).collect::<Vec<_>>(),
        "user_identities": world.identities.iter().map(|one| render::identity(world, one)).collect::<Vec<_>>(),
        "phones": world.phones.iter().map(|phone| render::phone(world, phone)).collect::<Vec<_>>(),
        "entrances": world.entrances.iter().map(|door| render::entrance(world, door)).collect::<Vec<_>>(),
        "grants": grants.collect::<Vec<_>>(),
        "events": world.events.iter().map(|event| render::event(world, event)).collect::<Vec<_>>(),
    })
}

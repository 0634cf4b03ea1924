//! `/_sandbox/…`: looking inside, and making things go wrong.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::desk::{Arrived, Desk, Reply, lock};
use super::schema::parse_time;

/// Answers a request of the control interface.
pub(super) fn serve(desk: &Desk, arrived: &Arrived<'_>) -> Reply {
    let body = || serde_json::from_slice::<Value>(arrived.body).map_err(|error| error.to_string());
    let answer = match (arrived.method, arrived.path) {
        (&Method::GET, "/_sandbox/state") => desk
            .with_hotel(|hotel| hotel.wire_state())
            .map_err(|error| error.to_string()),
        (&Method::GET, "/_sandbox/requests") => Ok(json!(&*lock(&desk.requests))),
        (&Method::GET, "/_sandbox/requests/count") => {
            Ok(json!({ "count": lock(&desk.requests).len() }))
        }
        (&Method::GET, "/_sandbox/arrivals") => Ok(desk.arrivals()),
        (&Method::POST, "/_sandbox/requests/clear") => {
            lock(&desk.requests).clear();
            Ok(done())
        }
        (&Method::POST, "/_sandbox/latency") => body().and_then(|body| latency(desk, &body)),
        (&Method::POST, "/_sandbox/clock") => body().and_then(|body| clock(desk, &body)),
        (&Method::POST, "/_sandbox/readings") => body().and_then(|body| readings(desk, &body)),
        (&Method::POST, "/_sandbox/faults") => serde_json::from_slice(arrived.body)
            .map(|fault| {
                lock(&desk.faults).add(fault);
                done()
            })
            .map_err(|error| error.to_string()),
        (&Method::DELETE, "/_sandbox/faults") => {
            desk.clear_faults();
            Ok(done())
        }
        (&Method::POST, "/_sandbox/reset") => desk
            .reset()
            .map(|()| done())
            .map_err(|error| error.to_string()),
        _ => return Reply::Text(StatusCode::NOT_FOUND, "404"),
    };
    match answer {
        Ok(answer) => Reply::Json(StatusCode::OK, answer),
        Err(message) => Reply::Json(
            StatusCode::BAD_REQUEST,
            json!({ "error": { "type": "invalid_input", "message": message }, "ok": false }),
        ),
    }
}

fn done() -> Value {
    json!({ "ok": true })
}

fn latency(desk: &Desk, body: &Value) -> Result<Value, String> {
    let ms = body["ms"]
        .as_u64()
        .ok_or("`ms` must be a whole number of milliseconds")?;
    *lock(&desk.latency) = Duration::from_millis(ms);
    Ok(done())
}

fn clock(desk: &Desk, body: &Value) -> Result<Value, String> {
    let to = body["now"].as_str().and_then(parse_time);
    let by = body["advance_seconds"]
        .as_i64()
        .and_then(TimeDelta::try_seconds);
    let now = match (to, by) {
        (Some(now), None) => desk.set_clock(|hotel| hotel.set_clock(now)),
        (None, Some(by)) => desk.set_clock(|hotel| {
            hotel.set_offset(hotel.offset().saturating_add(by.num_milliseconds()));
        }),
        _ => {
            return Err(
                "either `now`, an RFC 3339 time, or `advance_seconds`, a whole number".to_owned(),
            );
        }
    };
    Ok(json!({ "now": now, "ok": true }))
}

fn readings(desk: &Desk, body: &Value) -> Result<Value, String> {
    let named = body.as_object().ok_or("an object of readings by name")?;
    // All or none.
    let mut readings = *lock(&desk.readings);
    for (name, value) in named {
        readings
            .set(name, value.as_str().unwrap_or_default())
            .map_err(|error| error.to_string())?;
    }
    *lock(&desk.readings) = readings;
    Ok(done())
}

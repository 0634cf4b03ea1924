//! The control endpoints under `/_sandbox/`: they inspect the hotel, act for the guests, and cause faults.

mod guests;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sandbox::desk::{Arrived, Desk, Reply, lock};
use crate::sandbox::hotel::{Hotel, wire_time};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::request::{authorize, is_json};
use crate::sandbox::schema::parse_time;

/// Answers a request to a control endpoint. Like every other request, it needs the hotel's API key.
pub(in crate::sandbox) fn serve(desk: &Desk, arrived: &Arrived<'_>) -> Reply {
    match desk.with_hotel(|hotel| authorize(hotel, arrived.headers)) {
        Ok(Ok(())) => {}
        Ok(Err(refusal)) => return Reply::refused(&refusal),
        Err(error) => return failed(&error.to_string()),
    }
    if arrived.method == Method::POST && !is_json(arrived.headers) {
        return Reply::refused(&Refusal::new(
            StatusCode::BAD_REQUEST,
            "invalid_content_type",
            "The content type must be application/json",
        ));
    }
    let body = || match arrived.body {
        [] => Ok(Value::Null),
        bytes => serde_json::from_slice::<Value>(bytes).map_err(|error| error.to_string()),
    };
    let answer = match (arrived.method, arrived.path) {
        (&Method::GET, "/_sandbox/state") => desk
            .with_hotel(|hotel| hotel.wire_state(arrived.query != "events=false"))
            .map_err(|error| error.to_string()),
        (&Method::GET, "/_sandbox/requests") => Ok(json!(&*lock(&desk.requests))),
        (&Method::GET, "/_sandbox/requests/count") => {
            Ok(json!({ "count": lock(&desk.requests).len() }))
        }
        (&Method::GET, "/_sandbox/arrivals") => Ok(desk.arrivals()),
        (&Method::POST, "/_sandbox/requests/clear") => body().map(|_| {
            lock(&desk.requests).clear();
            done()
        }),
        (&Method::POST, "/_sandbox/latency") => body().and_then(|body| latency(desk, &body)),
        (&Method::GET, "/_sandbox/clock") => desk
            .with_hotel(|hotel| clock_face(hotel))
            .map_err(|error| error.to_string()),
        (&Method::POST, "/_sandbox/clock") => body().and_then(|body| clock(desk, &body)),
        (&Method::POST, "/_sandbox/tap") => body().and_then(|body| guests::tap(desk, &body)),
        (&Method::POST, "/_sandbox/user") => body().and_then(|body| guests::user(desk, &body)),
        (&Method::POST, "/_sandbox/phone") => body().and_then(|body| guests::phone(desk, &body)),
        (&Method::POST, "/_sandbox/card") => body().and_then(|body| guests::card(desk, &body)),
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
        (&Method::POST, "/_sandbox/reset") => body().and_then(|body| reset(desk, &body)),
        _ => return Reply::Text(StatusCode::NOT_FOUND, "404"),
    };
    match answer {
        Ok(answer) => Reply::Json(StatusCode::OK, answer),
        Err(message) => failed(&message),
    }
}

fn failed(message: &str) -> Reply {
    Reply::refused(&Refusal::invalid(message))
}

fn done() -> Value {
    json!({ "ok": true })
}

/// Begins the hotel again. `clock` is `real`, or left out for a clock that stands at the hotel's first day.
fn reset(desk: &Desk, body: &Value) -> Result<Value, String> {
    let clock = match body {
        Value::Null => None,
        Value::Object(fields) if fields.keys().all(|name| name == "clock") => fields.get("clock"),
        _ => return Err("an object with `clock`, or nothing".to_owned()),
    };
    let is_real = match clock {
        None | Some(Value::Null) => false,
        Some(clock) if clock == "real" => true,
        Some(_) => return Err("`clock` must be `real`".to_owned()),
    };
    desk.reset(!is_real).map_err(|error| error.to_string())?;
    Ok(done())
}

fn latency(desk: &Desk, body: &Value) -> Result<Value, String> {
    let ms = body["ms"]
        .as_u64()
        .ok_or("`ms` must be a whole number of milliseconds")?;
    *lock(&desk.latency) = Duration::from_millis(ms);
    Ok(done())
}

/// Returns the time of the hotel's clock, or sets the clock first.
fn clock(desk: &Desk, body: &Value) -> Result<Value, String> {
    let to = body["now"].as_str().and_then(parse_time);
    let by = body["advance_seconds"]
        .as_i64()
        .and_then(TimeDelta::try_seconds);
    let real = body["real"].as_bool().unwrap_or(false);
    desk.with_hotel(|hotel| {
        match (to, by, real) {
            (Some(now), None, false) => hotel.set_clock(now),
            (None, Some(by), false) => {
                hotel.set_offset(hotel.offset().saturating_add(by.num_milliseconds()));
            }
            (None, None, true) => hotel.set_offset(0),
            _ => {
                return Err("one of `now`, an RFC 3339 time, `advance_seconds`, a whole number, and `real`, true".to_owned());
            }
        }
        Ok(clock_face(hotel))
    })
    .map_err(|error| error.to_string())?
}

/// Describes the time of the hotel's clock and how far it is ahead of the clock that drives it.
fn clock_face(hotel: &Hotel) -> Value {
    json!({
        "now": wire_time(hotel.now()),
        "time_zone": hotel.property.time_zone,
        "ahead_ms": hotel.offset(),
        "ok": true,
    })
}

fn readings(desk: &Desk, body: &Value) -> Result<Value, String> {
    let named = body.as_object().ok_or("an object of readings by name")?;
    desk.set_readings(named)
        .map_err(|error| error.to_string())?;
    Ok(done())
}

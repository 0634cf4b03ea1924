//! Reads the parameters of a request, and applies a fault to its answer.

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::desk::{Arrived, Reply};
use super::faults::{Fault, Kind};
use super::hotel::Hotel;
use super::params::from_query;
use super::refusal::Refusal;

/// Returns the answer that the client gets when the fault applies. `reply` is the answer without the fault.
pub(super) fn struck(fault: &Fault, arrived: &Arrived<'_>, reply: Reply) -> Reply {
    match fault.kind {
        Kind::Busy => Reply::Busy { retry_after: None },
        Kind::BusyRetryAfter => Reply::Busy {
            retry_after: Some(fault.retry_after.unwrap_or(1.0)),
        },
        Kind::Denied => Reply::refused(&Refusal::unauthorized("API Key not found")),
        Kind::ErrorBefore | Kind::ErrorAfter => Reply::Json(
            StatusCode::INTERNAL_SERVER_ERROR,
            json!({ "error": { "type": "internal_server_error", "message": "Internal Server Error" }, "ok": false }),
        ),
        Kind::OutageBefore | Kind::OutageAfter => Reply::Empty(StatusCode::SERVICE_UNAVAILABLE),
        Kind::CutBefore | Kind::CutAfter => Reply::Cut,
        Kind::HangBefore | Kind::HangAfter => Reply::Hang(fault.duration()),
        Kind::Slow => Reply::Late(Box::new(reply), fault.duration()),
        Kind::Echo => {
            let given = arrived.headers.get("authorization");
            let body = String::from_utf8_lossy(arrived.body);
            let message = format!(
                "Internal Server Error in {} {}",
                given.and_then(|given| given.to_str().ok()).unwrap_or("-"),
                body,
            );
            Reply::Json(
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "error": { "type": "internal_server_error", "message": message }, "ok": false }),
            )
        }
        Kind::Html => Reply::Html,
        Kind::StaleList | Kind::NeverSync => reply,
    }
}

/// The reasons why the parameters of a request cannot be read.
pub(super) enum Malformed {
    Json,
    ContentType,
}

pub(super) fn takes_query(arrived: &Arrived<'_>) -> bool {
    match *arrived.method {
        Method::GET => true,
        Method::DELETE => arrived.body.is_empty(),
        _ => false,
    }
}

pub(super) fn read_params(arrived: &Arrived<'_>) -> Result<Map<String, Value>, Malformed> {
    if takes_query(arrived) {
        return Ok(from_query(arrived.query));
    }
    if arrived.body.is_empty() {
        return Ok(Map::new());
    }
    if !is_json(arrived.headers) {
        return Err(Malformed::ContentType);
    }
    match serde_json::from_slice(arrived.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Malformed::Json),
    }
}

/// Returns true if the content type is JSON, with or without parameters such as a charset.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

pub(super) fn authorize(hotel: &Hotel, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(authorization) = header("authorization") else {
        return Err(Refusal::unauthorized("No Authorization header"));
    };
    let token = authorization
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let property = &hotel.property;
    match token {
        Some(token) if token == property.api_key => Ok(()),
        Some(token) if token == property.personal_access_token => match header("seam-workspace") {
            Some(workspace) if workspace == property.workspace.to_string() => Ok(()),
            Some(_) => Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "workspace_not_found",
                "Workspace not found",
            )),
            None => Err(Refusal::unauthorized(
                "A personal access token needs the seam-workspace header",
            )),
        },
        Some(token) if token.starts_with("seam_at") => {
            Err(Refusal::unauthorized("Access token not found"))
        }
        _ => Err(Refusal::unauthorized("API Key not found")),
    }
}

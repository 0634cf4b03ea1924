//! The service without a socket: the same answers, with its own clock and ids.

use chrono::DateTime;
use tokio::time::Instant;

use super::*;
use crate::sandbox::{Ids, InProcess, Response, Time};

pub(super) const START: &str = "2026-11-24T15:00:00Z";

pub(super) fn simulated() -> Options {
    Options {
        time: Time::Virtual {
            start: START.parse().unwrap(),
        },
        ids: Ids::Seeded(7),
        ..Options::default()
    }
}

fn headers(hotel: &InProcess) -> [(String, String); 2] {
    [
        (
            "Authorization".to_owned(),
            format!("Bearer {}", hotel.api_key()),
        ),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ]
}

pub(super) async fn post(hotel: &InProcess, path: &str, body: Value) -> Option<Response> {
    let body = body.to_string().into_bytes();
    hotel.request("POST", path, &headers(hotel), body).await
}

/// Sends a GET request without a body.
pub(super) async fn look(hotel: &InProcess, path: &str) -> Option<Response> {
    hotel
        .request("GET", path, &headers(hotel), Vec::new())
        .await
}

/// Sends a series of requests and returns all answers.
async fn morning() -> Vec<Option<Response>> {
    let hotel = InProcess::open(simulated()).unwrap();
    let system = hotel.access().acs_system_id.clone();
    let mut answers = Vec::new();
    let guest = json!({ "full_name": "Ada", "email_address": "ada@example.com", "acs_system_ids": [system] });
    let made = post(&hotel, "/user_identities/create", guest).await;
    let identity: Value = serde_json::from_slice(&made.as_ref().unwrap().body).unwrap();
    answers.push(made);
    let identity = &identity["user_identity"];
    let phone = json!({ "user_identity_id": identity["user_identity_id"] });
    answers.push(post(&hotel, "/phones/simulate/create_sandbox_phone", phone).await);
    let doors = post(&hotel, "/acs/entrances/list", json!({ "search": "10" })).await;
    let list: Value = serde_json::from_slice(&doors.as_ref().unwrap().body).unwrap();
    answers.push(doors);
    let key = json!({
        "acs_user_id": identity["acs_user_ids"][0], "access_method": "mobile_key",
        "is_multi_phone_sync_credential": true,
        "allowed_acs_entrance_ids": [list["acs_entrances"][0]["acs_entrance_id"]],
        "ends_at": "2026-11-26T10:00:00Z", "visionline_metadata": { "override": true },
    });
    answers.push(post(&hotel, "/acs/credentials/create", key).await);
    tokio::time::sleep(Duration::from_mins(5)).await;
    answers.push(post(&hotel, "/acs/credentials/list", json!({})).await);
    answers.push(look(&hotel, "/_sandbox/state").await);
    answers
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_and_requests_give_the_same_bytes() {
    let one = morning().await;
    assert_eq!(one, morning().await);
    assert!(one.iter().flatten().all(|answer| answer.status == 200));
    let last: Value = serde_json::from_slice(&one.last().unwrap().as_ref().unwrap().body).unwrap();
    assert_eq!(last["now"], "2026-11-24T15:05:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_the_runtimes_and_what_it_is_set_to() {
    let hotel = InProcess::open(simulated()).unwrap();
    let date = async || {
        let answer = post(&hotel, "/workspaces/get", json!({})).await.unwrap();
        let header = answer.headers.into_iter().find(|(name, _)| name == "date");
        DateTime::parse_from_rfc2822(&header.unwrap().1)
            .unwrap()
            .to_utc()
            .to_rfc3339()
    };
    tokio::time::advance(Duration::from_hours(20)).await;
    assert_eq!(date().await, "2026-11-25T11:00:00+00:00");
    post(&hotel, "/_sandbox/clock", json!({ "advance_seconds": 90 })).await;
    assert_eq!(date().await, "2026-11-25T11:01:30+00:00");
    post(
        &hotel,
        "/_sandbox/clock",
        json!({ "now": "2027-03-28T02:30:00+02:00" }),
    )
    .await;
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(date().await, "2027-03-28T00:30:01+00:00");
    post(&hotel, "/_sandbox/clock", json!({ "real": true })).await;
    assert_eq!(date().await, "2026-11-25T11:00:01+00:00");
}

#[tokio::test(start_paused = true)]
async fn latency_hangs_and_cuts_take_their_time_on_the_runtimes_clock() {
    let hotel = InProcess::open(simulated()).unwrap();
    let timed = async || {
        let begun = Instant::now();
        let answer = post(&hotel, "/workspaces/get", json!({})).await;
        (answer.map(|answer| answer.status), begun.elapsed())
    };
    assert_eq!(timed().await, (Some(200), Duration::ZERO));
    post(&hotel, "/_sandbox/latency", json!({ "ms": 200 })).await;
    assert_eq!(timed().await, (Some(200), Duration::from_millis(200)));
    for (kind, ms, answered) in [
        ("cut-after", 200, None),
        ("hang", 60_200, None),
        ("slow", 60_200, Some(200)),
        ("429", 200, Some(429)),
        ("html", 200, Some(200)),
    ] {
        let fault = json!({ "path": "*", "kind": kind });
        post(&hotel, "/_sandbox/faults", fault).await;
        let took = Duration::from_millis(ms);
        assert_eq!(timed().await, (answered, took), "{kind}");
    }
}

#[tokio::test]
async fn answers_are_those_of_the_server() {
    let options = Options {
        api_key: Some("seam_test_of_this_test".to_owned()),
        ..Options::default()
    };
    let house = House::with(options.clone()).await;
    let hotel = InProcess::open(options).unwrap();
    assert_eq!(hotel.api_key(), house.running.api_key);
    for (path, body) in [
        ("/workspaces/get", json!({})),
        ("/acs/entrances/list", json!({ "limit": 3 })),
        ("/acs/users/get", json!({ "acs_user_id": "nobody" })),
        ("/acs/nothing", json!({})),
    ] {
        let sent = house.request(Method::POST, path).json(&body).send();
        let sent = sent.await.unwrap();
        let called = post(&hotel, path, body).await.unwrap();
        assert_eq!(sent.status().as_u16(), called.status, "{path}");
        let names: Vec<_> = called.headers.iter().map(|(name, _)| name).collect();
        for name in names {
            assert!(sent.headers().contains_key(name), "{path}: {name}");
        }
        let text = sent.text().await.unwrap();
        let text = text.replace(&house.running.url, "http://sandbox.invalid");
        assert_eq!(text, String::from_utf8(called.body).unwrap(), "{path}");
    }
    let query = "/acs/entrances/list?search=Gym&_strict=true";
    let found = look(&hotel, query).await;
    let found: Value = serde_json::from_slice(&found.unwrap().body).unwrap();
    assert_eq!(found["acs_entrances"].as_array().unwrap().len(), 1);
    let refused = hotel.request("GET", query, &[], Vec::new()).await;
    assert_eq!(refused.unwrap().status, 401);
}

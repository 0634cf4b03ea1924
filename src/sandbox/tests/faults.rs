//! Tests that each fault has its effect over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use super::*;

/// Sends one request over a plain connection and reads until the server closes it.
async fn raw(house: &House, path: &str, body: &Value) -> Vec<u8> {
    let address = house.running.url.trim_start_matches("http://").to_owned();
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        house.running.api_key,
        body.len(),
    );
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut received = Vec::new();
        // The end may arrive as a reset. The test only checks that no data came before it.
        match stream.read_to_end(&mut received) {
            Ok(_) => {}
            Err(error) => assert_eq!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset,
                "not closed"
            ),
        }
        received
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_cut_closes_the_connection_without_a_byte() {
    let house = House::open().await;
    for (kind, keys) in [("cut-before", 0), ("cut-after", 2)] {
        let order = house
            .order("jane@example.com", &["101"], json!({ "override": true }))
            .await;
        house
            .control(
                "/_sandbox/faults",
                json!({ "path": "/acs/credentials/create", "kind": kind }),
            )
            .await;
        assert_eq!(
            raw(&house, "/acs/credentials/create", &order).await,
            b"",
            "{kind}"
        );
        assert_eq!(house.on_door("101", false).await.len(), keys, "{kind}");
        let create = house
            .requests()
            .await
            .into_iter()
            .rfind(|request| request["path"] == "/acs/credentials/create");
        let create = create.unwrap();
        assert_eq!(create["status"], 0);
        assert_eq!(create["body"], order);
    }
}

#[tokio::test]
async fn a_cut_on_a_connection_in_use_is_an_error_for_the_client() {
    let house = House::open().await;
    house.get("/acs/systems/list", json!({})).await;
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "*", "kind": "cut-before" }),
        )
        .await;
    let sent = house
        .request(Method::POST, "/acs/systems/list")
        .json(&json!({}))
        .send()
        .await;
    assert!(sent.is_err());
    house.get("/acs/systems/list", json!({})).await;
}

#[tokio::test]
async fn errors_come_before_or_after_the_effect() {
    let house = House::open().await;
    let cases = [
        ("429", 429, 0),
        ("429-retry-after", 429, 0),
        ("500-before", 500, 0),
        ("503-before", 503, 0),
        ("html", 200, 0),
        ("500-after", 500, 2),
        ("503-after", 503, 4),
    ];
    for (kind, status, keys) in cases {
        let order = house
            .order("jane@example.com", &["101"], json!({ "override": true }))
            .await;
        let fault = json!({ "path": "/acs/credentials/*", "kind": kind, "retry_after": 7 });
        house.control("/_sandbox/faults", fault).await;
        let response = house
            .request(Method::POST, "/acs/credentials/create")
            .json(&order)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{kind}");
        let header = response
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            header.as_deref(),
            (kind == "429-retry-after").then_some("7"),
            "{kind}"
        );
        assert_eq!(house.on_door("101", false).await.len(), keys, "{kind}");
    }
}

#[tokio::test]
async fn a_hang_ends_in_a_cut() {
    let house = House::open().await;
    for (kind, keys) in [("hang", 0), ("hang-after", 2)] {
        let order = house
            .order("jane@example.com", &["101"], json!({ "override": true }))
            .await;
        house
            .control(
                "/_sandbox/faults",
                json!({ "path": "/acs/credentials/create", "kind": kind, "ms": 100 }),
            )
            .await;
        let begun = Instant::now();
        assert_eq!(raw(&house, "/acs/credentials/create", &order).await, b"");
        assert!(begun.elapsed() >= Duration::from_millis(100));
        assert_eq!(house.on_door("101", false).await.len(), keys, "{kind}");
    }
}

#[tokio::test]
async fn a_slow_answer_comes_in_time_or_when_the_faults_are_cleared() {
    let house = House::open().await;
    let order = house
        .order("jane@example.com", &["101"], json!({ "override": true }))
        .await;
    let create = || {
        let request = house.request(Method::POST, "/acs/credentials/create");
        tokio::spawn(request.json(&order).send())
    };
    let slow = async |ms: u64| {
        let fault = json!({ "path": "/acs/credentials/create", "kind": "slow", "ms": ms });
        house.control("/_sandbox/faults", fault).await;
    };
    let begun = Instant::now();
    slow(100).await;
    assert_eq!(create().await.unwrap().unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert_eq!(house.on_door("101", false).await.len(), 2);

    slow(60_000).await;
    let late = create();
    let arrived = async || {
        let requests = house.requests().await;
        let creates = requests.iter();
        creates
            .filter(|request| request["path"] == "/acs/credentials/create")
            .count()
    };
    while arrived().await < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.on_door("101", false).await.len(), 4, "its effect");
    assert!(!late.is_finished());
    house
        .request(Method::DELETE, "/_sandbox/faults")
        .send()
        .await
        .unwrap();
    assert_eq!(late.await.unwrap().unwrap().status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn an_echo_tells_the_key_and_the_words_of_the_body_back() {
    let house = House::open().await;
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "*", "kind": "500-echo" }),
        )
        .await;
    let (status, answer) = house
        .ask("/acs/users/get", json!({ "acs_user_id": "nobody" }))
        .await;
    assert_eq!(status, 500);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains(&house.running.api_key), "{message}");
    assert!(message.contains("nobody"), "{message}");
}

#[tokio::test]
async fn a_reset_is_a_new_hotel() {
    let house = House::open().await;
    let first = house.state().await;
    house.override_key("jane@example.com", &["110"]).await;
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "*", "kind": "500-before" }),
        )
        .await;
    house
        .control("/_sandbox/readings", json!({ "label": "rejected" }))
        .await;
    house.control("/_sandbox/reset", json!({})).await;
    assert_eq!(house.requests().await.len(), 0);
    let again = house.state().await;
    for part in ["credentials", "users", "grants", "phones", "events"] {
        assert_eq!(again[part], first[part], "{part}");
    }
    house.override_key("jane@example.com", &["110"]).await;
}

#[tokio::test]
async fn a_hang_does_not_hold_up_the_end() {
    let house = House::open().await;
    house
        .control("/_sandbox/faults", json!({ "path": "*", "kind": "hang" }))
        .await;
    let request = house
        .request(Method::POST, "/acs/systems/list")
        .json(&json!({}))
        .send();
    let hanging = tokio::spawn(request);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    house.running.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn a_stale_list_does_not_show_what_is_new() {
    let house = House::open().await;
    house.override_key("jane@example.com", &["110"]).await;
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "/acs/entrances/list_*", "kind": "stale-list", "ms": 60_000 }),
        )
        .await;
    assert_eq!(house.on_door("110", false).await.len(), 2);
    assert_eq!(house.on_door("110", false).await.len(), 4);
}

#[tokio::test]
async fn a_key_made_under_never_sync_never_syncs() {
    let house = House::with(Options {
        sync: Duration::ZERO,
        ..Options::default()
    })
    .await;
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "/acs/credentials/create", "kind": "never-sync" }),
        )
        .await;
    let never = house.override_key("jane@example.com", &["101"]).await;
    let soon = house.override_key("alan@example.com", &["102"]).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(
        house.key(&never).await["is_latest_desired_state_synced_with_provider"],
        false
    );
    assert_eq!(
        house.key(&soon).await["is_latest_desired_state_synced_with_provider"],
        true
    );
}

#[tokio::test]
async fn an_unknown_fault_is_refused_and_all_can_be_cleared() {
    let house = House::open().await;
    assert_eq!(
        house
            .ask("/_sandbox/faults", json!({ "path": "*", "kind": "fire" }))
            .await
            .0,
        400
    );
    house
        .control(
            "/_sandbox/faults",
            json!({ "path": "*", "kind": "500-before", "count": 100 }),
        )
        .await;
    house
        .request(Method::DELETE, "/_sandbox/faults")
        .send()
        .await
        .unwrap();
    house.get("/workspaces/get", json!({})).await;
}

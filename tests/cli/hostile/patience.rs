//! No server makes a command wait for longer than it was told to.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{at, ends_within};
use crate::support::{Extent, Hotel, Ran, Rogue, answer, new_home, sampled, side_by_side, split};

const WAITS: [&str; 12] = [
    "86400",
    "1e19",
    "1e308",
    "inf",
    "NaN",
    "-1",
    "0",
    "18446744073709551615",
    "99999999999999999999999",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "soon",
];

sampled!(a_read_ends_in_time_whatever_the_server_asks_for);

fn a_read_ends_in_time_whatever_the_server_asks_for(extent: Extent) {
    side_by_side(&extent.of(WAITS, 5), |&wait| {
        let rogue = Rogue::alone(move |_, stream| {
            answer(stream, "429 Busy", &format!("retry-after: {wait}\r\n"), "")
        });
        let home = new_home();
        let mut command = at(&rogue.url, home.path());
        let ran = ends_within(6, command.args(["rooms", "--json", "--timeout", "1"]));
        assert_eq!(ran.code, 7, "{wait}: {ran:#?}");
    });
}

#[test]
fn the_wait_that_a_busy_server_asks_for_is_named_with_the_way_to_wait() {
    for (header, wait, hint) in [
        ("retry-after: 90\r\n", "90 seconds", "`--timeout 100`"),
        ("retry-after: 1800\r\n", "30 minutes", "`--timeout 1810`"),
        (
            "retry-after: 86400\r\n",
            "24 hours",
            "type the same command again",
        ),
        (
            "retry-after: 1e19\r\n",
            "more than 100 years",
            "type the same",
        ),
        ("", "429", "wait a minute"),
    ] {
        let rogue = Rogue::alone(move |_, stream| answer(stream, "429 Busy", header, ""));
        let home = new_home();
        let mut command = at(&rogue.url, home.path());
        let ran = ends_within(9, command.args(["rooms", "--json", "--timeout", "0.5"])).exits(7);
        let error = &ran.json()["error"];
        let (message, remedy) = (error["message"].to_string(), error["hint"].to_string());
        assert!(
            message.contains("too busy") && message.contains(wait),
            "{error}"
        );
        assert!(remedy.contains(hint), "{error}");
        assert!(!remedy.contains("check the network"), "{error}");
        assert_eq!(
            remedy.contains("--timeout"),
            hint.contains("--timeout"),
            "{error}"
        );

        let hotel = Hotel::open();
        let rogue = Rogue::before(&hotel.url, move |path, stream| {
            path == "/acs/credentials/create" && answer(stream, "429 Busy", header, "")
        });
        let mut command = hotel.command();
        command.env("SEAM_ENDPOINT", &rogue.url).args(split(
            "issue --room 101 --guest jane@example.com --nights 1 --json --timeout 0.5",
        ));
        let ran = ends_within(9, &mut command).exits(7);
        let error = &ran.json()["error"];
        let told = format!("{}{}", error["message"], error["hint"]);
        assert!(told.contains(wait) && told.contains("first"), "{error}");
    }
}

sampled!(a_write_ends_in_time_and_says_who_has_no_access);

fn a_write_ends_in_time_and_says_who_has_no_access(extent: Extent) {
    side_by_side(&extent.of(WAITS, 5), |&wait| {
        let hotel = Hotel::open();
        let rogue = Rogue::before(&hotel.url, move |path, stream| {
            path == "/acs/credentials/create"
                && answer(stream, "429 Busy", &format!("retry-after: {wait}\r\n"), "")
        });
        let mut command = hotel.command();
        command.env("SEAM_ENDPOINT", &rogue.url).args(split("return-guest --guest barbara@example.com --room 204 --nights 2 --json --timeout 1 --wait 1"));
        let ran = ends_within(9, &mut command);
        assert!([8, 9].contains(&ran.code), "{wait}: {ran:#?}");
        let hint = ran.json()["error"]["hint"].to_string();
        assert!(hint.contains("roomkey recover"), "{wait}: {hint}");
    });
}

#[test]
fn dates_from_outside_time_break_nothing() {
    for date in [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
        "Mon, 01 Jan 262142 00:00:00 GMT",
        "Tue, 99 Foo 2026 99:99:99 GMT",
        "",
    ] {
        let hotel = Hotel::open();
        let rogue = Rogue::before(&hotel.url, move |path, stream| {
            let body =
                r#"{"workspace":{"workspace_id":"w","name":"n","is_sandbox":false},"ok":true}"#;
            path.starts_with("/workspaces")
                && answer(stream, "200 OK", &format!("date: {date}\r\n"), body)
        });
        for words in [
            &["doctor", "--json"][..],
            &["keys", "--json"],
            &[
                "issue",
                "--room",
                "101",
                "--guest",
                "jane@example.com",
                "--nights",
                "1",
                "--json",
            ],
        ] {
            let mut command = hotel.command();
            ends_within(20, command.env("SEAM_ENDPOINT", &rogue.url).args(words));
        }
    }
}

/// A signal to a command that waits for a server that is busy for a while.
fn signalled(signal: &str, patience: &str) {
    let hotel = Hotel::open();
    let rogue = Rogue::before(&hotel.url, |path, stream| {
        path == "/acs/credentials/create" && answer(stream, "429 Busy", "retry-after: 500\r\n", "")
    });
    let mut command = hotel.command();
    command
        .env("SEAM_ENDPOINT", &rogue.url)
        .args(split(
            "issue --room 101 --guest jane@example.com --nights 1",
        ))
        .args(["--json", "--timeout", patience])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = command.spawn().unwrap();
    let creates = || {
        rogue
            .seen()
            .iter()
            .any(|request| request.contains("/credentials/create"))
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while !creates() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(10)); // Between two looks.
    }
    let begun = Instant::now();
    let mut kill = Command::new("kill");
    kill.args([signal, &process.id().to_string()])
        .status()
        .unwrap();
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(130);
    assert!(begun.elapsed() < Duration::from_secs(8), "{ran:#?}");
    assert_eq!(ran.json()["error"]["code"], "interrupted");
    assert_eq!(hotel.writes(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn the_systems_request_to_end_is_heard_like_ctrl_c() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        signalled(signal, "600");
    }
}

#[test]
fn a_server_that_hangs_is_left_in_time_wherever_it_hangs() {
    let hotel = Hotel::open();
    for path in [
        "/acs/systems/list",
        "/acs/entrances/list",
        "/acs/credentials/create",
    ] {
        hotel.fault(&json!({ "path": path, "kind": "slow", "ms": 60_000 }));
        let mut command = hotel.command();
        command.args(split("issue --room 103 --guest jane@example.com --nights 1 --json --timeout 1 --settle 0.2 --wait 1"));
        let ran = ends_within(12, &mut command);
        assert!([0, 7, 8, 12].contains(&ran.code), "{path}: {ran:#?}");
        hotel.control("DELETE", "faults", &serde_json::Value::Null);
    }
}

//! Every exit status, and what stands on stdout and stderr with it.

use std::net::TcpListener;

use serde_json::json;

use crate::support::{Hotel, roomkey, split};

fn refused(hotel: &Hotel, exit: i32, code: &str, arguments: &[&str]) {
    hotel.forget_requests();
    let answer = hotel.json(exit, arguments);
    assert_eq!(answer["error"]["code"], code, "{answer}");
    assert_eq!(hotel.writes(), [""; 0], "{arguments:?}");
}

#[test]
fn what_a_person_must_decide_is_refused_with_the_way_on() {
    let hotel = Hotel::open();
    let night = ["--nights", "5"];
    let with = |arguments: &[&'static str]| [arguments, &night].concat();
    refused(
        &hotel,
        6,
        "room_occupied",
        &with(&["issue", "--room", "110", "--guest", "jane@example.com"]),
    );
    refused(
        &hotel,
        6,
        "use_update",
        &with(&["issue", "--room", "110", "--guest", "grace@example.com"]),
    );
    refused(
        &hotel,
        6,
        "guest_has_key_elsewhere",
        &with(&["issue", "--room", "101", "--guest", "grace@example.com"]),
    );
    refused(
        &hotel,
        6,
        "use_join",
        &with(&["issue", "--room", "111", "--guest", "alan@example.com"]),
    );
    refused(
        &hotel,
        6,
        "needs_confirmation",
        &["revoke", "--room", "110"],
    );
    let phone = [
        "issue",
        "--room",
        "101",
        "--guest",
        "mary@example.com",
        "--require-phone",
    ];
    refused(&hotel, 6, "phone_not_ready", &with(&phone));
    refused(
        &hotel,
        6,
        "time_zone_conflict",
        &with(&[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--time-zone",
            "Asia/Tokyo",
        ]),
    );
    let told = hotel
        .run(&with(&[
            "issue",
            "--room",
            "110",
            "--guest",
            "jane@example.com",
        ]))
        .exits(6);
    for part in [
        "Grace Hopper",
        "Nothing was changed.",
        "roomkey join --room 110",
        "--replace",
    ] {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    assert_eq!(told.stdout, "");
}

#[test]
fn what_is_not_there_or_there_twice_is_named() {
    let hotel = Hotel::open();
    refused(
        &hotel,
        5,
        "room_not_found",
        &[
            "issue",
            "--room",
            "999",
            "--guest",
            "jane@example.com",
            "--nights",
            "1",
        ],
    );
    refused(
        &hotel,
        5,
        "room_not_found",
        &[
            "issue",
            "--room",
            "Gym",
            "--guest",
            "jane@example.com",
            "--nights",
            "1",
        ],
    );
    refused(
        &hotel,
        5,
        "guest_not_found",
        &["keys", "--guest", "nobody@example.com"],
    );
    refused(
        &hotel,
        5,
        "guest_ambiguous",
        &["keys", "--guest", "Jan de Vries"],
    );
    refused(
        &hotel,
        5,
        "key_not_found",
        &["update", "--guest", "jane@example.com", "--nights", "1"],
    );
    refused(
        &hotel,
        5,
        "system_not_found",
        &["rooms", "--system", "Elsewhere"],
    );
    refused(&hotel, 5, "operation_not_found", &["recover", "nothing"]);
}

#[test]
fn a_wrong_command_line_is_2_also_in_json() {
    let hotel = Hotel::open();
    for arguments in [
        &["issue", "--room", "101"][..],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--until",
            "yesterday-ish",
        ],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--until",
            "2020-01-01",
        ],
        &["issue", "--room", "101", "--guest", "jane@example.com"],
        &[
            "issue",
            "--room",
            "105-101",
            "--guest",
            "jane@example.com",
            "--nights",
            "1",
        ],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--nights",
            "0",
        ],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--nights",
            "1",
            "--label",
            "%NOPE%",
        ],
        &["nonsense"],
    ] {
        let answer = hotel.json(2, arguments);
        assert!(
            !answer["error"]["message"].as_str().unwrap().is_empty(),
            "{answer}"
        );
        hotel.run(arguments).exits(2);
    }
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn without_a_key_both_ways_to_set_one_are_named() {
    let home = tempfile::TempDir::new().unwrap();
    let ran: crate::support::Ran = roomkey(home.path())
        .args(["rooms"])
        .output()
        .unwrap()
        .into();
    let ran = ran.exits(4);
    for name in [
        "SEAM_API_KEY",
        "SEAM_PERSONAL_ACCESS_TOKEN",
        "SEAM_WORKSPACE_ID",
        "--sandbox",
    ] {
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

#[test]
fn a_refused_key_is_4_and_never_printed() {
    let hotel = Hotel::open();
    let output = hotel
        .command()
        .env("SEAM_API_KEY", "seam_wrong_secret")
        .args(["rooms", "-v"])
        .output()
        .unwrap();
    let ran = crate::support::Ran::from(output).exits(4);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("wrong_secret"));
}

#[test]
fn nobody_there_is_7_and_nothing_was_sent() {
    let hotel = Hotel::open();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let output = hotel
        .command()
        .env("SEAM_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .args(split(
            "issue --room 101 --guest jane@example.com --nights 1 --json",
        ))
        .output()
        .unwrap();
    let ran = crate::support::Ran::from(output).exits(7);
    assert_eq!(ran.json()["error"]["code"], "unreachable");
    hotel.fault(&json!({ "path": "*", "kind": "503-before", "count": 1000 }));
    hotel.told(7, "rooms --timeout 0.5");
}

#[test]
fn a_key_that_is_never_confirmed_is_11() {
    let hotel = Hotel::open();
    hotel.fault(&json!({ "path": "/acs/credentials/create", "kind": "never-sync" }));
    let answer = hotel.told(
        11,
        "issue --room 101 --guest jane@example.com --nights 1 --wait 0.3",
    );
    assert_eq!(answer["error"]["code"], "not_confirmed");
    assert_eq!(answer["data"]["keys"][0]["synced"], false);
}

#[test]
fn no_record_no_change() {
    let hotel = Hotel::open();
    let file = hotel.file("not-a-folder");
    std::fs::write(&file, "x").unwrap();
    let output = hotel
        .command()
        .env("ROOMKEY_HOME", &file)
        .args(split(
            "issue --room 101 --guest jane@example.com --nights 1 --json",
        ))
        .output()
        .unwrap();
    let ran = crate::support::Ran::from(output);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn doctor_checks_one_thing_a_line() {
    let hotel = Hotel::open();
    let answer = hotel.told(0, "doctor");
    let checks = answer["data"]["checks"].as_array().unwrap();
    assert!(
        checks.len() >= 6 && checks.iter().all(|check| check["ok"] == true),
        "{checks:?}"
    );
    assert_eq!(hotel.writes(), [""; 0]);
    hotel.control("POST", "clock", &json!({ "advance_seconds": 3600 }));
    let answer = hotel.told(1, "doctor");
    let failed: Vec<_> = answer["data"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["ok"] == false)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["name"], "clock");
}

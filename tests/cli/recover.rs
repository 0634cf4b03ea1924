//! What stops half-way is told, blocks what would make it worse, and is finished.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{Hotel, Ran};

const RETURN: [&str; 9] = [
    "return-guest",
    "--room",
    "102",
    "--guest",
    "grace@example.com",
    "--nights",
    "2",
    "--yes",
    "--timeout",
];

#[test]
fn a_guest_left_without_access_is_9_and_recover_finishes() {
    let hotel = Hotel::open();
    hotel.reading("revoke-all", "grants-and-keys");
    hotel.fault(
        &json!({ "path": "/acs/entrances/grant_access", "kind": "503-before", "count": 1000 }),
    );
    let command = [&RETURN[..], &["0.6"]].concat();
    let told = hotel.run(&command).exits(9);
    assert!(told.stderr.contains("NO access"), "{}", told.stderr);
    let last = told.stderr.trim_end().lines().last().unwrap();
    assert!(last.contains("roomkey recover"), "{last}");

    hotel.control("DELETE", "faults", &serde_json::Value::Null);
    let blocked = hotel.json(12, &command);
    assert_eq!(blocked["error"]["code"], "unfinished");
    let told = blocked["error"]["message"].as_str().unwrap();
    assert!(told.starts_with("this very command"), "{told}");
    let other = hotel.json(
        12,
        &[
            "issue",
            "--room",
            "102",
            "--guest",
            "jane@example.com",
            "--nights",
            "1",
        ],
    );
    let told = other["error"]["message"].as_str().unwrap();
    assert!(told.starts_with("an earlier return-guest"), "{told}");
    let open = hotel.json(12, &["recover"]);
    let id = open["data"]["unfinished"][0]["operation_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let done = hotel.json(0, &["recover", &id]);
    assert_eq!(done["data"]["outcome"], "done");
    assert_eq!(hotel.live("grace@example.com")[0]["rooms"], json!(["102"]));
    assert_eq!(hotel.json(0, &["recover"])["data"]["unfinished"], json!([]));
    let history = hotel.json(0, &["history", "--room", "102"]);
    let last = &history["data"]["operations"][0];
    assert_eq!(
        (&last["outcome"], &last["operator"]),
        (&json!("done"), &json!("test"))
    );
}

#[test]
fn a_guest_whose_key_outlives_the_revoked_access_is_not_said_to_have_none() {
    let hotel = Hotel::open();
    hotel.fault(
        &json!({ "path": "/acs/entrances/grant_access", "kind": "503-before", "count": 1000 }),
    );
    let told = hotel.run(&[&RETURN[..], &["0.6"]].concat()).exits(8);
    assert!(!told.stderr.contains("NO access"), "{}", told.stderr);
    assert!(told.stderr.contains("is not known"), "{}", told.stderr);
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_finishes_the_step_and_says_what_is_open() {
    let hotel = Hotel::open();
    hotel.reading("revoke-all", "grants-and-keys");
    hotel.control("POST", "latency", &json!({ "ms": 150 }));
    let process = hotel
        .command()
        .args(&RETURN[..8])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    hotel.until_seen("/acs/users/revoke_access_to_all_entrances");
    Command::new("kill")
        .args(["-INT", &process.id().to_string()])
        .status()
        .unwrap();
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(9);
    assert!(
        ran.stderr.contains("NO access") && ran.stderr.contains("roomkey recover"),
        "{}",
        ran.stderr
    );
    hotel.control("POST", "latency", &json!({ "ms": 0 }));
    hotel.json(0, &["recover", "--all"]);
    assert_eq!(hotel.live("grace@example.com")[0]["rooms"], json!(["102"]));
}

#[test]
fn what_a_guest_is_called_is_gone_from_the_record_when_it_ends() {
    let hotel = Hotel::open();
    hotel.json(
        0,
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--nights",
            "1",
        ],
    );
    for entry in std::fs::read_dir(hotel.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
            assert!(
                !text.contains("ada@example.com") && !text.contains("lovelace"),
                "{}",
                path.display()
            );
            assert!(!text.contains(&hotel.api_key), "{}", path.display());
        }
    }
}

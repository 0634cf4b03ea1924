//! Two desks, each with its own journal, at one hotel.

use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Hotel, Ran, new_home};

/// A desk starts a command and does not wait for it.
fn start(hotel: &Hotel, home: &TempDir, words: &str) -> Child {
    let mut command = hotel.command();
    command
        .env("ROOMKEY_HOME", home.path())
        .args(words.split(' '))
        .arg("--json")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn end(process: Child) -> (i32, Value) {
    let ran = Ran::from(process.wait_with_output().unwrap());
    (ran.code, ran.json())
}

/// Whether the hotel counts a key as valid.
fn is_valid(hotel: &Hotel, id: &str) -> bool {
    let answer = hotel.call("/acs/credentials/get", &json!({ "acs_credential_id": id }));
    answer["acs_credential"]["visionline_metadata"]["is_valid"] == true
}

/// How often a race is run: a sample by default.
fn times(all: usize) -> usize {
    let asked = std::env::var("ROOMKEY_RACES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(all / 10)
}

#[test]
fn two_desks_that_give_one_room_away_in_one_second_never_both_say_done() {
    let mut hotel = Hotel::open_with(&["--sync", "20"]);
    let mut told = std::collections::BTreeMap::new();
    for race in 0..times(200) {
        hotel.control("POST", "reset", &Value::Null);
        hotel.home = new_home();
        let latency = [0, 5, 20, 50, 100, 200][race % 6];
        hotel.control("POST", "latency", &json!({ "ms": latency }));
        let other = new_home();
        // One guest has a phone that is ready, and both, and none.
        let guests = ["jane@example.com", "mary@example.com", "edsger@example.com"];
        let (first, second) = (guests[race % 3], guests[(race + 1) % 3]);
        let issue = |guest: &str| format!("issue --room 101 --guest {guest} --nights 2");
        let one = start(&hotel, &hotel.home, &issue(first));
        std::thread::sleep(std::time::Duration::from_millis([0, 3, 10, 30][race % 4]));
        let two = start(&hotel, &other, &issue(second));
        for (code, answer) in [end(one), end(two)] {
            *told.entry((latency, code)).or_insert(0) += 1;
            let key = &answer["data"]["keys"][0]["acs_credential_id"];
            if code == 0 {
                let id = key.as_str().unwrap_or_else(|| panic!("{answer:#}"));
                assert!(
                    is_valid(&hotel, id),
                    "race {race}, {latency} ms: {answer:#}"
                );
            } else {
                assert!([6, 8, 9].contains(&code), "race {race}: {answer:#}");
                assert!(answer["error"]["message"].as_str().unwrap().len() > 10);
            }
        }
    }
    println!("exit codes by latency: {told:?}");
}

#[test]
fn a_guest_who_is_moved_into_a_room_that_another_desk_takes_keeps_the_key_that_works() {
    for replacement in ["guest", "guest-room", "none"] {
        let hotel = Hotel::open();
        hotel.reading("replacement", replacement);
        let first = hotel.json(
            0,
            &[
                "issue",
                "--room",
                "101",
                "--guest",
                "jane@example.com",
                "--nights",
                "2",
            ],
        );
        let old = first["data"]["keys"][0]["acs_credential_id"]
            .as_str()
            .unwrap()
            .to_owned();
        hotel.control("POST", "latency", &json!({ "ms": 100 }));
        let other = new_home();
        hotel.forget_requests();
        let moved = start(
            &hotel,
            &hotel.home,
            "update --guest jane@example.com --rooms 102 --yes",
        );
        hotel.until_seen("/acs/credentials/create");
        let taken = start(
            &hotel,
            &other,
            "issue --room 102 --guest edsger@example.com --nights 1 --replace --yes",
        );
        let (code, answer) = end(moved);
        end(taken);
        assert!(code == 8 || code == 9, "{replacement}: {code} {answer:#}");
        let is_deleted = hotel.writes().iter().any(|path| path.ends_with("/delete"));
        assert!(!is_deleted, "{replacement}: {answer:#}");
        // Where the service itself has replaced the old key, the guest has none, and that is said.
        assert_eq!(
            code == 9,
            !is_valid(&hotel, &old),
            "{replacement}: {answer:#}"
        );
    }
}

//! Ctrl-C and SIGTERM while something is on its way: what is told is what is so.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::desks::{end, start};
use crate::support::{Hotel, commands};

const CREATE: &str = "/acs/credentials/create";
const ISSUE: &str = "issue --room 101 --guest jane@example.com --nights 1";

fn signal(process: &Child, name: &str) {
    let mut kill = Command::new("kill");
    kill.args([name, &process.id().to_string()])
        .status()
        .unwrap();
}

/// Starts a command, and signals it this often once the path was asked for.
fn stopped(hotel: &Hotel, words: &str, path: &str, signals: &[&str]) -> (i32, Value) {
    hotel.forget_requests();
    let process = start(hotel, &hotel.home, &format!("{words} --settle 0.2"));
    hotel.until_seen(path);
    for name in signals {
        std::thread::sleep(Duration::from_millis(400)); // Two signals at one moment count as one.
        signal(&process, name);
    }
    end(process)
}

#[test]
fn a_signal_during_the_wait_for_the_lock_system_is_an_interruption() {
    for name in ["-INT", "-TERM"] {
        let hotel = Hotel::open();
        hotel.fault(&json!({ "path": CREATE, "kind": "never-sync" }));
        let (code, answer) = stopped(&hotel, &format!("{ISSUE} --wait 60"), CREATE, &[name]);
        assert_eq!(code, 130, "{answer:#}");
        let key = answer["data"]["keys"][0]["acs_credential_id"].as_str();
        let key = key.unwrap_or_else(|| panic!("{answer:#}"));
        let message = answer["error"]["message"].as_str().unwrap();
        for part in ["interrupted while waiting", key, "(operation "] {
            assert!(message.contains(part), "{part}: {answer:#}");
        }
        let impact = answer["error"]["impact"].as_str().unwrap();
        assert!(impact.contains("Seam has accepted the key"), "{answer:#}");
        assert!(
            answer["error"]["hint"].to_string().contains("roomkey keys"),
            "{answer:#}"
        );
        assert_eq!(answer["data"]["outcome"], "unknown", "{answer:#}");
        assert_eq!(hotel.live("jane@example.com").len(), 1);
    }
}

#[test]
fn a_served_hotel_that_a_person_closes_has_a_normal_end() {
    use std::io::{BufRead as _, BufReader, Read as _};

    for name in ["-INT", "-TERM"] {
        for option in ["--json", "--no-input"] {
            let home = crate::support::new_home();
            let mut command = crate::support::roomkey(home.path());
            command.args([option, "sandbox", "serve", "--port", "0"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut process = command.spawn().unwrap();
            let mut out = BufReader::new(process.stdout.take().unwrap());
            out.read_line(&mut String::new()).unwrap();
            signal(&process, name);
            let mut rest = String::new();
            out.read_to_string(&mut rest).unwrap();
            let ended = process.wait_with_output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "{name} {option}");
            let told = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert!(
                !told.contains("Error") && !told.contains("step in flight"),
                "{told}"
            );
            if option == "--json" {
                let last: Value = serde_json::from_str(&rest).unwrap();
                assert_eq!((&last["ok"], &last["error"]), (&json!(true), &Value::Null));
            }
        }
    }
}

#[test]
fn a_signal_before_the_earlier_key_is_removed_leaves_both_and_names_the_way_on() {
    let hotel = Hotel::open();
    hotel.reading("replacement", "none");
    hotel.told(0, ISSUE);
    hotel.fault(&json!({ "path": CREATE, "kind": "never-sync" }));
    let update = "update --guest jane@example.com --nights 2 --wait 60";
    let (code, answer) = stopped(&hotel, update, CREATE, &["-INT"]);
    assert_eq!(code, 130, "{answer:#}");
    assert!(commands(&answer)[0].starts_with("recover "), "{answer:#}");
    assert_eq!(answer["data"]["outcome"], "unknown", "{answer:#}");
}

#[test]
fn a_second_signal_says_whether_a_guest_may_be_without_access_and_names_the_operation() {
    let give = "return-guest --guest barbara@example.com --room 204 --nights 2";
    for (words, path, wanted) in [
        (give, CREATE, 9),
        (give, "/acs/users/revoke_access_to_all_entrances", 9),
        (give, "/acs/users/get", 130),
        (ISSUE, CREATE, 130),
    ] {
        let hotel = Hotel::open();
        if words == give {
            hotel.told(0, "issue --room 203 --guest barbara@example.com --nights 1");
        }
        hotel.fault(&json!({ "path": path, "kind": "hang", "ms": 60_000, "count": 9 }));
        let words = format!("{words} --timeout 60 --yes");
        let (code, answer) = stopped(&hotel, &words, path, &["-INT", "-TERM"]);
        assert_eq!(code, wanted, "{path}: {answer:#}");
        hotel.control("DELETE", "faults", &Value::Null);
        if path == "/acs/users/get" {
            continue;
        }
        let open = hotel.told(12, "recover");
        let id = open["data"]["unfinished"][0]["operation_id"].clone();
        assert_eq!(answer["data"]["operation_id"], id, "{answer:#}");
        let typed = commands(&answer).pop().unwrap();
        let loud = answer["error"]["impact"].to_string().contains("NO access");
        assert_eq!(loud, wanted == 9, "{answer:#}");
        hotel.told(0, &format!("{typed} --yes"));
    }
}

//! What stops half-way is told, blocks what would make it worse, and is finished.

mod changed;
mod every;
mod taken;
mod undo;

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Hotel, Ran, commands, new_home, split};

/// Orders that this path cannot be used from the `after`th request on.
pub(crate) fn down(hotel: &Hotel, path: &str, after: usize) {
    hotel.fault(&json!({ "path": path, "kind": "503-before", "after": after, "count": 1000 }));
}

/// Ends all faults.
pub(crate) fn up(hotel: &Hotel) {
    hotel.control("DELETE", "faults", &Value::Null);
}

pub(crate) const CREATE: &str = "/acs/credentials/create";
pub(crate) const GRANT: &str = "/acs/entrances/grant_access";

/// Runs a command that stops, because this path cannot be used from the `after`th request on. Returns the answer.
pub(crate) fn stopped(hotel: &Hotel, code: i32, words: &str, path: &str, after: usize) -> Value {
    down(hotel, path, after);
    let answer = hotel.told(code, &format!("{words} --timeout 0.6 --settle 0.2"));
    up(hotel);
    answer
}

/// Runs a command whose create takes effect, and whose answer, like all that follow, is lost. Returns the answer.
pub(crate) fn lost(hotel: &Hotel, words: &str) -> Value {
    hotel.forget_requests();
    hotel.fault(&json!({ "path": CREATE, "kind": "hang-after" }));
    let mut command = hotel.command();
    command
        .args(split(&format!("{words} --timeout 0.6 --settle 0.2 --json")))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = command.spawn().unwrap();
    hotel.until_seen(CREATE);
    hotel.fault(&json!({ "path": "*", "kind": "cut-after", "count": 10_000 }));
    let ran = Ran::from(process.wait_with_output().unwrap());
    up(hotel);
    let answer = ran.json();
    assert!([8, 9].contains(&ran.code), "{answer:#}");
    answer
}

/// The process is killed once a request to this path has had its effect. Returns the operation.
pub(crate) fn killed(hotel: &Hotel, words: &str, path: &str) -> String {
    hotel.forget_requests();
    hotel.fault(&json!({ "path": path, "kind": "hang-after", "ms": 60_000 }));
    let mut process = crate::desks::start(hotel, &hotel.home, words);
    hotel.until_seen(path);
    process.kill().unwrap();
    process.wait().unwrap();
    up(hotel);
    let open = hotel.told(12, "recover");
    short(&json!({ "data": open["data"]["unfinished"][0] }))
}

/// Runs a command at another desk, which has a journal of its own.
pub(crate) fn elsewhere(hotel: &mut Hotel, code: i32, words: &str) -> Value {
    let here = std::mem::replace(&mut hotel.home, new_home());
    let answer = hotel.told(code, words);
    hotel.home = here;
    answer
}

/// The short id of the operation of an answer.
pub(crate) fn short(answer: &Value) -> String {
    let id = answer["data"]["operation_id"].as_str().unwrap();
    id[id.len() - 12..].to_owned()
}

/// The rooms of all live keys of a guest.
pub(crate) fn rooms(hotel: &Hotel, email: &str) -> Vec<Value> {
    let keys = hotel.live(email).into_iter();
    keys.map(|key| key["rooms"].clone()).collect()
}

/// Everything an error says.
pub(crate) fn text(answer: &Value) -> String {
    answer["error"].to_string()
}

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
    let other = hotel.told(12, "issue --room 102 --guest jane@example.com --nights 1");
    let told = other["error"]["message"].as_str().unwrap();
    assert!(told.starts_with("an earlier return-guest"), "{told}");
    let open = hotel.told(12, "recover");
    let id = open["data"]["unfinished"][0]["operation_id"]
        .as_str()
        .unwrap();
    // The command that the last line prints, as it is printed.
    let command = last.split('`').nth(1).unwrap();
    assert_ne!(
        command,
        format!("roomkey recover {id}"),
        "the short id is printed"
    );
    let done = hotel.told(0, command.strip_prefix("roomkey ").unwrap());
    assert_eq!(done["data"]["outcome"], "done");
    assert_eq!(hotel.live("grace@example.com")[0]["rooms"], json!(["102"]));
    assert_eq!(hotel.told(0, "recover")["data"]["unfinished"], json!([]));
    let history = hotel.told(0, "history --room 102");
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
    hotel.told(0, "recover --all");
    assert_eq!(hotel.live("grace@example.com")[0]["rooms"], json!(["102"]));
}

#[test]
fn what_a_guest_is_called_is_gone_from_the_record_when_it_ends() {
    let hotel = Hotel::open();
    hotel.told(
        0,
        "issue --room 101 --guest \"Ada Lovelace <ada@example.com>\" --nights 1",
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

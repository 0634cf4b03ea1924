//! What stops half-way is told, blocks what would make it worse, and is finished.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::faults::{WORKFLOWS, Workflow, calls, keys_made, side_by_side};
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

/// Killed while a request is in flight, before or after its effect; under each reading in turn.
fn kill(workflow: &Workflow, call: usize, kind: &str, reading: (&str, &str)) {
    let about = format!(
        "{} killed in call {call}, {kind}, {}={}",
        workflow.name, reading.0, reading.1
    );
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading(reading.0, reading.1);
    let before = keys_made(&hotel);
    hotel.fault(&json!({ "path": "*", "kind": kind, "after": call, "ms": 60_000 }));
    let mut process = hotel
        .command()
        .args(workflow.command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ended = hotel.until_hung(&mut process);
    process.kill().unwrap();
    process.wait().unwrap();
    hotel.control("DELETE", "faults", &Value::Null);
    hotel.run(&["recover", "--all", "--yes", "--settle", "0.2"]);
    let again = hotel.run(workflow.command);
    assert_eq!(
        again.code, 0,
        "{about} (ended by itself: {ended}): {again:?}"
    );
    assert!((workflow.holds)(&hotel), "{about}");
    assert_eq!(
        hotel.json(0, &["recover"])["data"]["unfinished"],
        json!([]),
        "{about}"
    );
    let made = keys_made(&hotel).saturating_sub(before);
    assert!(made <= 1, "{about}: {made} keys were made");
}

#[test]
fn a_process_killed_at_any_request_is_finished_by_recover() {
    const READINGS: [(&str, &str); 5] = [
        ("replacement", "guest"),
        ("replacement", "guest-room"),
        ("replacement", "none"),
        ("revoke-all", "grants-and-keys"),
        ("delete", "sync"),
    ];
    let cases: Vec<_> = WORKFLOWS
        .iter()
        .flat_map(|workflow| {
            (0..calls(workflow)).flat_map(move |call| {
                ["hang", "hang-after"].map(move |kind| (workflow, call, kind))
            })
        })
        .enumerate()
        .map(|(index, (workflow, call, kind))| {
            (workflow, call, kind, READINGS[index % READINGS.len()])
        })
        .collect();
    side_by_side(&cases, |(workflow, call, kind, reading)| {
        kill(workflow, *call, kind, *reading);
        true
    });
    println!("{} cases of kill -9, all brought to their end", cases.len());
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_finishes_the_step_and_says_what_is_open() {
    let hotel = Hotel::open();
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
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(130);
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

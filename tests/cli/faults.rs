//! fault × call: each call of each workflow is hit by each fault; then the command is run or recovered to
//! its end. Whatever happens on the way, the guest ends with exactly the key that was promised.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::Hotel;

const FAULTS: [&str; 10] = [
    "429",
    "429-retry-after",
    "500-before",
    "500-after",
    "503-before",
    "503-after",
    "cut-before",
    "cut-after",
    "hang-after",
    "html",
];

/// A command, and what must hold after it.
pub(crate) struct Workflow {
    pub(crate) name: &'static str,
    pub(crate) command: &'static [&'static str],
    pub(crate) holds: fn(&Hotel) -> bool,
}

fn rooms(hotel: &Hotel, guest: &str) -> Vec<Value> {
    hotel
        .live(guest)
        .iter()
        .map(|key| key["rooms"].clone())
        .collect()
}

pub(crate) const WORKFLOWS: [Workflow; 5] = [
    Workflow {
        name: "issue",
        command: &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--nights",
            "2",
        ],
        holds: |hotel| rooms(hotel, "ada@example.com") == [json!(["101"])],
    },
    Workflow {
        name: "return-guest",
        command: &[
            "return-guest",
            "--room",
            "102",
            "--guest",
            "grace@example.com",
            "--nights",
            "2",
            "--yes",
        ],
        holds: |hotel| rooms(hotel, "grace@example.com") == [json!(["102"])],
    },
    Workflow {
        name: "join",
        command: &["join", "--room", "110", "--guest", "jane@example.com"],
        holds: |hotel| {
            rooms(hotel, "jane@example.com") == [json!(["110"])]
                && rooms(hotel, "grace@example.com") == [json!(["110"])]
        },
    },
    Workflow {
        name: "update",
        command: &[
            "update",
            "--guest",
            "grace@example.com",
            "--rooms",
            "110,112",
        ],
        holds: |hotel| rooms(hotel, "grace@example.com") == [json!(["110", "112"])],
    },
    Workflow {
        name: "revoke",
        command: &["revoke", "--room", "110", "--yes"],
        holds: |hotel| rooms(hotel, "grace@example.com").is_empty(),
    },
];

const FAST: [&str; 6] = ["--timeout", "0.9", "--settle", "0.2", "--wait", "3"];

/// How many creates of a key took effect.
pub(crate) fn keys_made(hotel: &Hotel) -> usize {
    let state = hotel.control("GET", "state", &Value::Null);
    let keys = state["credentials"].as_array().unwrap().iter();
    keys.filter(|key| {
        key["parent_acs_credential_id"].is_null() && key["access_method"] == "mobile_key"
    })
    .count()
}

/// One case; `true` where the command got through by itself.
fn case(workflow: &Workflow, call: usize, fault: &str) -> bool {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    let before = keys_made(&hotel);
    let order =
        json!({ "path": "*", "kind": fault, "after": call, "ms": 3000, "retry_after": 0.05 });
    hotel.fault(&order);
    let first = hotel.run(&[workflow.command, &FAST].concat());
    hotel.control("DELETE", "faults", &Value::Null);
    let about = format!("{} call {call} {fault}: {first:?}", workflow.name);
    assert!([0, 1, 7, 8, 9, 11, 12].contains(&first.code), "{about}");
    if matches!(first.code, 8 | 9) {
        assert!(
            first.stderr.contains("roomkey recover"),
            "the way out is named: {about}"
        );
    }
    if first.code == 0 {
        assert!((workflow.holds)(&hotel), "it said done: {about}");
    } else {
        // As staff would: recover what is open, then the same command again.
        hotel.run(&[&["recover", "--all", "--yes"][..], &FAST].concat());
        let again = hotel.run(&[workflow.command, &FAST].concat());
        assert_eq!(again.code, 0, "{about}\nagain: {again:?}");
        assert!((workflow.holds)(&hotel), "after recovery: {about}");
    }
    let open = hotel.json(0, &["recover"]);
    assert_eq!(open["data"]["unfinished"], json!([]), "{about}");
    let made = keys_made(&hotel).saturating_sub(before);
    assert!(made <= 1, "{made} keys were made: {about}");
    first.code == 0
}

/// How many requests a workflow sends where nothing goes wrong.
pub(crate) fn calls(workflow: &Workflow) -> usize {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.forget_requests();
    hotel.run(workflow.command).exits(0);
    hotel.requests().len()
}

/// Runs the cases, eight at a time; how many were `true`.
pub(crate) fn side_by_side<T: Sync>(cases: &[T], run: impl Fn(&T) -> bool + Sync) -> usize {
    let (next, good) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if run(case) {
                        good.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    good.into_inner()
}

#[test]
fn every_call_of_every_workflow_survives_every_fault() {
    let cases: Vec<(&Workflow, usize, &str)> = WORKFLOWS
        .iter()
        .flat_map(|workflow| {
            (0..calls(workflow))
                .flat_map(move |call| FAULTS.map(move |fault| (workflow, call, fault)))
        })
        .collect();
    let survived = side_by_side(&cases, |(workflow, call, fault)| {
        case(workflow, *call, fault)
    });
    println!(
        "{} cases, {survived} got through by themselves, the rest after `recover`",
        cases.len()
    );
}

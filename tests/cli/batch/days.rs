//! Words such as `today` mean what they meant when the batch was planned.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{Group, day};
use crate::support::Ran;

/// Eight guests who stay some nights from the day on which the file is carried out.
fn stays(nights: u32) -> String {
    let mut text = "reservation,guest,email,room,nights\n".to_owned();
    for number in 1..=8 {
        text += &format!("R{number},Guest N{number},n{number}@example.com,10{number},{nights}\n");
    }
    text
}

/// The ends of the keys made, each once.
fn ends(group: &Group) -> Vec<Value> {
    let creates = group.creates().into_iter();
    let mut ends: Vec<Value> = creates.map(|create| create["ends_at"].clone()).collect();
    ends.dedup();
    ends
}

/// Carries the file out at noon, stopped after a few keys, with rows that have not begun.
fn stopped(group: &Group) {
    group.clock(&format!("{}T12:00:00Z", day(0)));
    group.hotel.fault(
        &json!({ "path": "/acs/credentials/create", "kind": "401", "after": 2, "count": 1000 }),
    );
    let told = group.told(&["--yes", "--jobs", "1"]);
    group.hotel.control("DELETE", "faults", &Value::Null);
    assert_eq!(told.code, 3, "{:#?}", told.rows);
    assert!(told.count("done") > 0 && told.count("not_started") > 1);
}

#[test]
fn a_file_that_is_taken_up_the_next_day_means_the_same_stay() {
    let group = Group::new(&stays(2));
    stopped(&group);
    group.clock(&format!("{}T12:00:00Z", day(1)));
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 0, "{:#?}", told.rows);
    assert!(told.count("done") > 1, "{:#?}", told.rows);
    assert_eq!(group.creates().len(), 8);
    assert_eq!(ends(&group).len(), 1, "{:?}", ends(&group));
    let end = ends(&group)[0].as_str().unwrap().to_owned();
    assert!(end.starts_with(&day(2)), "{end}");
}

#[test]
fn a_row_whose_stay_has_passed_when_the_file_is_taken_up_is_refused_and_named() {
    let group = Group::new(&stays(1));
    stopped(&group);
    let made = group.creates().len();
    group.clock(&format!("{}T12:00:00Z", day(2)));
    let told = group.told(&["--yes", "--skip-bad"]);
    assert_eq!(
        (told.code, told.count("refused")),
        (3, 8 - made),
        "{:#?}",
        told.rows
    );
    let row = told.line(9);
    assert_eq!(row["code"], "stay_over", "{row}");
    assert!(
        row["message"].as_str().unwrap().contains("--again"),
        "{row}"
    );
    assert_eq!(group.creates().len(), made);
    // As new stays, from today on; what stopped half-way is put away first.
    let open = group.hotel.run(&["recover", "--json"]).json();
    for operation in open["data"]["unfinished"].as_array().unwrap() {
        let id = operation["operation_id"].as_str().unwrap();
        group.hotel.run(&["recover", id, "--undo", "--yes"]);
    }
    let anew = group.told(&["--yes", "--again"]);
    assert_eq!((anew.code, anew.count("done")), (0, 8), "{:#?}", anew.rows);
}

#[test]
fn the_roll_of_the_day_changes_nothing_of_a_batch_that_runs() {
    let group = Group::new(&stays(2));
    // Half past three in the night at the hotel; the day before lasts until four.
    group.clock(&format!("{}T02:30:00Z", day(1)));
    group.hotel.fault(
        &json!({ "path": "/acs/credentials/create", "kind": "slow", "after": 1, "count": 1, "ms": 1500 }),
    );
    let process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--json", "--jobs", "1"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    group.hotel.until_seen("/acs/credentials/create");
    group.clock(&format!("{}T03:30:00Z", day(1)));
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(0);
    let summary = ran.stdout.lines().last().unwrap();
    let summary: Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["data"]["totals"]["done"], 8);
    assert_eq!(group.creates().len(), 8);
    assert_eq!(ends(&group).len(), 1, "{:?}", ends(&group));
}

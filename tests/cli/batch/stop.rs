//! A batch that is stopped goes on where it was.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Group, day, leaves};
use crate::support::{Extent, Ran, sampled, side_by_side};

/// Rows of every kind.
fn mixed() -> String {
    let d = leaves();
    format!(
        "reservation,action,guest,email,room,departure\n\
         R1,issue,Ada Lovelace,ada@example.com,101,{d}\n\
         R1,issue,Bob Lovelace,bob@example.com,101,{d}\n\
         R2,return-guest,,jane@example.com,102,{d}\n\
         R3,update,,grace@example.com,110,{}\n\
         R4,issue,Carl Gauss,carl@example.com,103,{d}\n\
         R4,join,Dora Gauss,dora@example.com,103,{d}\n\
         ,revoke,,,111,\n\
         R6,issue,Eve Adams,eve@example.com,111,{d}\n\
         ,revoke,,,104,\n\
         R8,issue,Fay Wray,fay@example.com,104,{d}\n\
         R9,return-guest,,hedy@example.com,105,{d}\n\
         R10,issue,,donald@example.com,106,{d}\n",
        day(6)
    )
}

/// Every guest has the promised key, nothing was made twice, nothing is open and nobody new is named on record.
fn promised(group: &Group) {
    for (email, room) in [
        ("ada@example.com", "101"),
        ("bob@example.com", "101"),
        ("jane@example.com", "102"),
        ("grace@example.com", "110"),
        ("carl@example.com", "103"),
        ("dora@example.com", "103"),
        ("eve@example.com", "111"),
        ("fay@example.com", "104"),
        ("hedy@example.com", "105"),
        ("donald@example.com", "106"),
    ] {
        assert_eq!(group.rooms(email), [room], "{email}");
    }
    assert_eq!(group.keys().len(), 10, "{:#?}", group.keys());
    assert!(group.creates().len() <= 10, "a create ran twice");
    let open = group.hotel.told(0, "recover");
    assert_eq!(open["data"]["unfinished"], json!([]));
    for entry in std::fs::read_dir(group.hotel.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("arrivals.csv") {
            let text = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&text).to_lowercase();
            for name in ["ada@", "lovelace", "gauss", "wray", "fay@", "jane@", "hedy"] {
                assert!(!text.contains(name), "{name} in {}", path.display());
            }
        }
    }
}

/// Held at a request, before or after its effect, until the faults are cleared.
fn held(group: &Group, kind: &str, call: usize) -> std::process::Child {
    group
        .hotel
        .fault(&json!({ "path": "*", "kind": kind, "after": call, "count": 1000, "ms": 60_000 }));
    let mut process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--json"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    group.hotel.until_arrived(call, &mut process);
    process
}

sampled!(killed_at_any_request_the_same_command_ends_it);

fn killed_at_any_request_the_same_command_ends_it(extent: Extent) {
    let calls = {
        let group = Group::new(&mixed());
        assert_eq!(group.told(&["--yes"]).code, 0);
        promised(&group);
        group.hotel.arrived()
    };
    let cases = (0..calls).flat_map(|call| ["slow", "hang"].map(|kind| (call, kind)));
    let cases = extent.of(cases, 29);
    side_by_side(&cases, |(call, kind)| killed(*call, kind));
    let cases = cases.len();
    println!("{cases} cases of kill -9 in a batch, all brought to their end by the same command");
}

fn killed(call: usize, kind: &str) {
    let group = Group::new(&mixed());
    // Each reading at each third call: what a stop leaves behind is another thing under each.
    let replacement = ["guest", "guest-room", "none"][call % 3];
    group.hotel.reading("replacement", replacement);
    let mut process = held(&group, kind, call);
    process.kill().unwrap();
    process.wait().unwrap();
    group.hotel.control("DELETE", "faults", &Value::Null);
    let told = group.told(&["--yes"]);
    assert_eq!(
        told.code, 0,
        "killed at {call}, {kind}: {:#?}\n{}",
        told.rows, told.summary
    );
    promised(&group);
    let again = group.told(&["--yes"]);
    assert_eq!(
        (again.code, again.count("already")),
        (0, 12),
        "killed at {call}, {kind}, then twice: {:#?}",
        again.rows
    );
    promised(&group);
}

/// A file of two rows that stops while the second key is made, which the service makes although no answer arrives.
fn stopped_at_the_second() -> Group {
    let group = Group::new(&format!(
        "reservation,guest,email,room,departure\n\
         R1,Ada Lovelace,ada@example.com,101,{d}\nR2,Bob Byron,bob@example.com,102,{d}\n",
        d = leaves()
    ));
    let create = "/acs/credentials/create";
    group
        .hotel
        .fault(&json!({ "path": create, "kind": "hang-after", "after": 1, "ms": 60_000 }));
    let mut process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--jobs", "1", "--json"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let made = || group.keys().len() == 3;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !made() {
        assert!(std::time::Instant::now() < deadline, "{:#?}", group.keys());
        std::thread::sleep(std::time::Duration::from_millis(10)); // Between two looks.
    }
    process.kill().unwrap();
    process.wait().unwrap();
    group.hotel.control("DELETE", "faults", &Value::Null);
    group
}

#[test]
fn a_row_that_the_next_run_finishes_is_done_by_that_run() {
    let group = stopped_at_the_second();
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 0, "{:#?}", told.rows);
    // The first row may have been finished or not.
    let good = told.count("done") + told.count("already");
    assert_eq!(good, 2, "{:#?}", told.rows);
    let row = told.line(3);
    assert_eq!(row["outcome"], "done", "{row}");
    assert!(row["operation_id"].is_string(), "{row}");
    let results = std::fs::read_to_string(group.hotel.file("arrivals.result.csv")).unwrap();
    let line = results.lines().find(|line| line.starts_with("3,")).unwrap();
    assert!(line.contains(",done,"), "{line}");
    // And not by the one after it.
    let again = group.told(&["--yes"]);
    assert_eq!((again.code, again.count("already")), (0, 2));
    assert_eq!(group.keys().len(), 3, "nothing was made twice");
}

#[test]
fn a_row_whose_guest_was_checked_out_at_another_desk_makes_no_key_again() {
    let mut group = stopped_at_the_second();
    let revoke = "revoke --guest bob@example.com --yes";
    crate::recover::elsewhere(&mut group.hotel, 0, revoke);
    let id = {
        let told = group.told(&["--yes", "--replace"]);
        assert_eq!(told.code, 3, "{:#?}", told.rows);
        assert_eq!(told.line(3)["outcome"], "refused", "{:#?}", told.rows);
        let open = group.hotel.told(12, "recover");
        let id = open["data"]["unfinished"][0]["operation_id"].clone();
        id.as_str().unwrap().to_owned()
    };
    assert!(!group.keys().contains_key("bob@example.com"));
    group.hotel.told(0, &format!("recover {id} --close"));
    // The desk has decided. The same command does not decide again.
    for _ in 0..2 {
        let told = group.told(&["--yes"]);
        assert_eq!(told.code, 3, "{:#?}", told.rows);
        assert_eq!(told.line(3)["code"], "changed", "{:#?}", told.rows);
        assert!(!group.keys().contains_key("bob@example.com"));
    }
    let anew = group.told(&["--yes", "--again"]);
    assert_eq!(anew.code, 0, "{:#?}", anew.rows);
    assert_eq!(group.rooms("bob@example.com"), ["102"]);
}

#[test]
fn a_row_that_was_not_confirmed_makes_no_key_again_once_its_guest_is_checked_out() {
    let group = Group::new(&format!(
        "reservation,guest,email,room,departure\nR1,,jane@example.com,101,{}\n",
        leaves()
    ));
    let never = json!({ "path": "/acs/credentials/create", "kind": "never-sync" });
    group.hotel.fault(&never);
    let told = group.told(&["--yes", "--wait", "0.4"]);
    assert_eq!(told.line(2)["outcome"], "unknown", "{:#?}", told.rows);
    let revoke = ["revoke", "--guest", "jane@example.com", "--yes"];
    group.hotel.json(0, &revoke);
    let again = group.told(&["--yes"]);
    assert_eq!(again.line(2)["code"], "changed", "{:#?}", again.rows);
    assert!(!group.keys().contains_key("jane@example.com"));
}

#[test]
fn an_interrupt_ends_what_is_begun_and_starts_nothing_more() {
    let mut text = "reservation,action,guest,email,room,departure\n".to_owned();
    for number in 1..=18 {
        let room = 200 + number % 18 + 1;
        text += &format!(
            "R{number},issue,G{number},g{number}@example.com,{room},{}\n",
            leaves()
        );
    }
    let group = Group::new(&text);
    group.hotel.control("POST", "latency", &json!({ "ms": 60 }));
    let mut process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--json", "--jobs", "2"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    group.hotel.until_seen("/acs/credentials/create");
    let id = process.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    let ended = process.wait_with_output_of();
    assert_eq!(ended.code, 130, "{ended:#?}");
    group.hotel.control("POST", "latency", &json!({ "ms": 0 }));
    let open = group.hotel.told(0, "recover");
    assert_eq!(
        open["data"]["unfinished"],
        json!([]),
        "what was begun was ended"
    );
    let begun = group.creates().len();
    assert!((1..18).contains(&begun), "{begun} of 18");
    let told = group.told(&["--yes"]);
    assert_eq!(
        (told.code, told.count("already")),
        (0, begun),
        "{:#?}",
        told.rows
    );
    assert_eq!(group.creates().len(), 18);
}

/// The output of a process that was started by hand.
trait Output {
    fn wait_with_output_of(&mut self) -> Ran;
}

impl Output for std::process::Child {
    fn wait_with_output_of(&mut self) -> Ran {
        use std::io::Read as _;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        self.stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        Ran {
            code: self.wait().unwrap().code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }
}

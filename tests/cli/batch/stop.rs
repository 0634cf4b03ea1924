//! A batch that is stopped goes on where it was.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Group, day, leaves};
use crate::support::Ran;

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
         R4,join,Dora Gauss,dora@example.com,103,{d}\n",
        day(6)
    )
}

fn promised(group: &Group) {
    for (email, room) in [
        ("ada@example.com", "101"),
        ("bob@example.com", "101"),
        ("jane@example.com", "102"),
        ("grace@example.com", "110"),
        ("carl@example.com", "103"),
        ("dora@example.com", "103"),
    ] {
        assert_eq!(group.rooms(email), [room], "{email}");
    }
    let open = group.hotel.json(0, &["recover"]);
    assert_eq!(open["data"]["unfinished"], json!([]));
}

/// Held at a request until the faults are cleared.
fn held(group: &Group, call: usize) -> std::process::Child {
    group
        .hotel
        .fault(&json!({ "path": "*", "kind": "slow", "after": call, "count": 1000, "ms": 60_000 }));
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

#[test]
fn killed_at_any_request_the_same_command_ends_it() {
    let calls = {
        let group = Group::new(&mixed());
        assert_eq!(group.told(&["--yes"]).code, 0);
        promised(&group);
        group.hotel.arrived()
    };
    let mut cases = 0;
    for call in 0..calls {
        let group = Group::new(&mixed());
        // Each reading at each third call: what a stop leaves behind is another thing under each.
        let replacement = ["guest", "guest-room", "none"][call % 3];
        group.hotel.reading("replacement", replacement);
        let mut process = held(&group, call);
        process.kill().unwrap();
        process.wait().unwrap();
        group.hotel.control("DELETE", "faults", &Value::Null);
        let told = group.told(&["--yes"]);
        assert_eq!(
            told.code, 0,
            "killed at {call}: {:#?}\n{}",
            told.rows, told.summary
        );
        promised(&group);
        assert!(
            group.creates().len() <= 6,
            "killed at {call}: a create ran twice"
        );
        cases += 1;
    }
    println!("{cases} cases of kill -9 in a batch, all brought to their end by the same command");
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
    let open = group.hotel.json(0, &["recover"]);
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

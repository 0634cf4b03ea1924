//! Every row ends in one way, is told of once, and is not done twice.

use super::{Group, every, leaves, newcomers};
use crate::support::{Extent, sampled, side_by_side};

/// Many guests who were here before: made as new ones, with a phone, and their keys taken away.
fn returning(count: usize) -> Group {
    let group = Group::new(&newcomers(count));
    assert_eq!(group.told(&["--yes"]).code, 0);
    let mut text = "reservation,action,email,room,departure\n".to_owned();
    for number in 0..count {
        let (floor, door) = (number / 9 + 2, number % 9 + 1);
        text += &format!(
            "S{number},return-guest,n{number}@example.com,{floor}0{door},{}\n",
            super::day(4)
        );
    }
    group.write(&text);
    group.hotel.forget_requests();
    group
}

#[test]
fn a_returning_guest_costs_four_calls_and_a_few_readings_of_the_room() {
    let group = returning(40);
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 40), "{:#?}", told.rows);
    let requests = group.hotel.arrived();
    // Four writes, the earlier key's removal among them; the rooms before the first, before the key where that is much later, and after it, if not from
    // the list that all share.
    let mut by_path = std::collections::BTreeMap::new();
    for request in group.hotel.requests() {
        *by_path.entry(request["path"].to_string()).or_insert(0) += 1;
    }
    assert!(requests <= 7 * 40 + 12, "{requests} requests: {by_path:?}");
    for number in 0..40 {
        group.rooms(&format!("n{number}@example.com"));
    }
}

/// Guests of many years: more than a short file is worth reading through.
fn many_on_record(group: &Group, count: usize) {
    let system = group.system();
    for number in 0..count {
        let guest = serde_json::json!({
            "acs_system_id": system, "full_name": format!("Old {number}"),
            "email_address": format!("old{number}@example.com"),
        });
        group.api("/acs/users/create", &guest);
    }
}

#[test]
fn in_a_hotel_with_long_lists_a_short_file_asks_for_what_it_names() {
    let group = returning(3);
    many_on_record(&group, 2300);
    group.hotel.forget_requests();
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 3), "{:#?}", told.rows);
    let lists = group.hotel.requests();
    let pages = lists.iter().filter(|one| one["path"] == "/acs/users/list");
    let each = 2 * 3; // By the user's e-mail address and by the identity's.
    assert_eq!(
        pages.count(),
        4 + each,
        "four pages of five, then each guest"
    );
    let again = group.told(&["--yes"]);
    assert_eq!((again.code, again.count("already")), (0, 3));
}

#[test]
fn the_same_file_twice_makes_no_key() {
    let group = Group::new(&newcomers(9));
    assert_eq!(group.told(&["--yes"]).code, 0);
    let made = group.creates().len();
    let again = group.told(&["--yes"]);
    assert_eq!((again.code, again.count("already")), (0, 9));
    // The desk takes one away: it stays away, unless the file is to be carried out again.
    group.hotel.told(0, "revoke --guest n3@example.com --yes");
    let again = group.told(&["--yes"]);
    assert_eq!((again.code, again.count("already")), (3, 8));
    assert_eq!(again.line(5)["outcome"], "refused");
    assert!(!group.keys().contains_key("n3@example.com"));
    assert_eq!(group.creates().len(), made);
    let anew = group.told(&["--yes", "--again"]);
    assert_eq!((anew.count("done"), anew.count("already")), (1, 8));
    group.rooms("n3@example.com");
}

#[test]
fn a_changed_file_is_noticed_and_what_reads_as_before_is_done() {
    let group = Group::new(&newcomers(4));
    assert_eq!(group.told(&["--yes"]).code, 0);
    group.hotel.told(0, "revoke --guest n0@example.com --yes");
    group.write(&newcomers(6));
    let told = group.told(&["--yes"]);
    assert_eq!((told.count("already"), told.count("done")), (3, 2));
    assert_eq!(told.line(2)["code"], "changed");
    assert_eq!(told.summary["warnings"][0]["code"], "file_changed");
    assert!(!group.keys().contains_key("n0@example.com"));
    assert_eq!(group.told(&["--yes"]).count("already"), 5);
}

sampled!(a_busy_server_fails_no_row);

fn a_busy_server_fails_no_row(extent: Extent) {
    let rows = extent.of(0..20, 3).len();
    side_by_side(&["429", "429-retry-after"], |kind| {
        let group = Group::new(&newcomers(rows));
        group.hotel.fault(&every(kind, 3));
        let told = group.told(&["--yes", "--timeout", "2"]);
        assert_eq!(
            (told.code, told.count("done")),
            (0, rows),
            "{kind}: {:#?}",
            told.rows
        );
    });
}

sampled!(after_any_fault_every_row_ends_once_and_a_second_run_completes_it);

fn after_any_fault_every_row_ends_once_and_a_second_run_completes_it(extent: Extent) {
    let kinds = [
        "503-before",
        "503-after",
        "cut-after",
        "500-after",
        "500-before",
        "html",
    ];
    side_by_side(&extent.of(kinds, 3), |kind| {
        let group = Group::new(&newcomers(18));
        group.hotel.fault(&every(kind, 7));
        let told = group.told(&["--yes", "--timeout", "1"]);
        assert!(
            matches!(told.code, 0 | 3 | 7 | 1),
            "{kind}: {}",
            told.summary
        );
        group
            .hotel
            .control("DELETE", "faults", &serde_json::Value::Null);
        let again = group.told(&["--yes"]);
        assert_eq!(again.code, 0, "{kind}: {:#?}", again.rows);
        let keys = group.keys();
        for number in 0..18 {
            let own = &keys[&format!("n{number}@example.com")];
            assert_eq!(own.len(), 1, "{kind}: {own:?}");
        }
        assert_eq!(
            group.hotel.told(0, "recover")["data"]["unfinished"],
            serde_json::json!([])
        );
    });
}

#[test]
fn a_key_that_is_not_confirmed_is_not_told_as_done_the_second_time_either() {
    let group = returning(2);
    group.hotel.told(0, "sandbox phone --guest n0@example.com");
    group.hotel.fault(
        &serde_json::json!({ "path": "/acs/credentials/create", "kind": "never-sync", "count": 9 }),
    );
    for _ in 0..2 {
        let told = group.told(&["--yes", "--wait", "0.3"]);
        assert_eq!(
            (told.code, told.count("unknown")),
            (3, 1),
            "{:#?}",
            told.rows
        );
        assert_eq!(told.line(2)["code"], "not_confirmed");
    }
    group.rooms("n0@example.com");
}

#[test]
fn a_key_that_is_refused_on_the_way_stops_the_rest() {
    let group = Group::new(&newcomers(40));
    group.hotel.fault(&serde_json::json!({ "path": "/acs/credentials/create", "kind": "401", "after": 5, "count": 1000 }));
    let told = group.told(&["--yes", "--jobs", "2"]);
    assert_eq!(told.code, 3, "{}", told.summary);
    assert!(told.count("not_started") > 20, "{:#?}", told.summary);
    let text = told.summary["error"]["message"].as_str().unwrap();
    assert!(text.contains("API key"), "{text}");
}

#[test]
fn results_name_no_guest_and_are_replaced_whole() {
    let group = Group::new(&newcomers(5));
    let text = format!("R9,Zed,zed@example.com,999,{}\n", leaves());
    group.write(&(newcomers(5) + &text));
    let told = group.told(&["--yes", "--skip-bad"]);
    assert_eq!(told.count("done"), 5);
    let file = std::fs::read_to_string(group.hotel.file("arrivals.result.csv")).unwrap();
    assert_eq!(file.lines().count(), 7, "{file}");
    assert!(file.contains(",room_not_found,"), "{file}");
    for text in [file, told.rows.iter().map(ToString::to_string).collect()] {
        assert!(
            !text.contains("@example.com") && !text.contains("Guest N"),
            "{text}"
        );
    }
    for entry in std::fs::read_dir(group.hotel.home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("arrivals.csv") {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains("n1@example.com") && !text.contains("Guest N1"),
                "{}",
                path.display()
            );
        }
    }
    let out = group.hotel.file("r.jsonl").display().to_string();
    assert_eq!(
        group
            .told(&["--yes", "--skip-bad", "--out", &out])
            .count("already"),
        5
    );
    let lines = std::fs::read_to_string(&out).unwrap();
    assert_eq!(
        lines.matches("\"outcome\":\"already\"").count(),
        5,
        "{lines}"
    );

    let other = Group::new(&newcomers(2));
    let ran = other.run(&["--yes", "--out", "/proc/none/r.csv"]).exits(1);
    assert!(ran.stderr.contains("--out"), "{}", ran.stderr);
    assert_eq!(other.hotel.writes(), Vec::<String>::new());
}

/// What a run advises.
fn advice(group: &Group, more: &[&str]) -> String {
    let told = group.told(&[&["--yes", "--skip-bad", "--timeout", "0.6"], more].concat());
    assert_eq!(told.code, 3, "{:#?}", told.rows);
    told.summary["error"]["hint"].as_str().unwrap().to_owned()
}

#[test]
fn the_advice_at_the_end_fits_the_rows_that_are_not_done() {
    const CORRECT: &str = "correct the rows";
    const AGAIN: &str = "type the same command again";
    const RECOVER: &str = "`roomkey recover`";
    let says = |advice: &str| [CORRECT, AGAIN, RECOVER].map(|words| advice.contains(words));
    let head = "reservation,guest,email,room,departure\n";
    // Grace has room 110.
    let refused = format!("R1,,jane@example.com,110,{}\n", leaves());
    let good = format!("R2,,edsger@example.com,102,{}\n", leaves());
    let create = "/acs/credentials/create";
    let group = Group::new(&format!("{head}{refused}{good}"));
    let only_refused = advice(&group, &[]);
    assert_eq!(says(&only_refused), [true, false, false], "{only_refused}");
    // One row is refused, and the server refuses the other one.
    for (kind, wanted) in [
        ("401", [true, true, false]),
        ("503-before", [true, true, true]),
    ] {
        let group = Group::new(&format!("{head}{refused}{good}"));
        let fault = serde_json::json!({ "path": create, "kind": kind, "count": 1000 });
        group.hotel.fault(&fault);
        let mixed = advice(&group, &[]);
        assert_eq!(says(&mixed), wanted, "{kind}: {mixed}");
    }
    // An operation at the desk is not finished. The file is right, and the same command does not help yet.
    let group = Group::new(&format!("{head}{good}"));
    let issue = "issue --room 102 --guest edsger@example.com --nights 1";
    crate::recover::stopped(&group.hotel, 8, issue, create, 0);
    let held = advice(&group, &[]);
    assert_eq!(says(&held), [false, false, true], "{held}");
    group.hotel.told(0, "recover --all");
}

//! Everything is decided before anything is written.

use serde_json::json;

use super::{Group, day, leaves};

fn stays() -> String {
    let (short, long) = (day(2), leaves());
    format!(
        "reservation,guest,email,room,departure\n\
         R1,Ada Lovelace,ada@example.com,101,{long}\n\
         R1,Bob Lovelace,bob@example.com,101,{long}\n\
         R2,Carl Gauss,carl@example.com,\"102,103\",{long}\n\
         R2,Dora Gauss,dora@example.com,103,{short}\n\
         R1,Eve Lovelace,eve@example.com,101,{long}\n"
    )
}

#[test]
fn the_rows_of_a_stay_are_one_override_and_its_joiners() {
    let group = Group::new(&stays());
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 5), "{:#?}", told.rows);
    assert_eq!(group.rooms("ada@example.com"), ["101"]);
    assert_eq!(group.rooms("eve@example.com"), ["101"]);
    assert_eq!(group.rooms("carl@example.com"), ["102", "103"]);
    assert_eq!(group.rooms("dora@example.com"), ["103"]);
    let creates = group.creates();
    let overrides = creates
        .iter()
        .filter(|create| create["visionline_metadata"]["override"] == true);
    assert_eq!((creates.len(), overrides.count()), (5, 2));
    let first_of = |line: u64| told.line(line)["acs_credential_id"].clone();
    for (line, first) in [(3, 2), (6, 2), (5, 4)] {
        let own = told.line(line)["acs_credential_id"].as_str().unwrap();
        let key = group.hotel.told(0, "keys");
        let keys = key["data"]["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["acs_credential_id"] == own);
        assert_eq!(key.unwrap()["joined_to"], json!([first_of(first)]));
    }
    assert!(told.line(5)["until"].as_str() < told.line(4)["until"].as_str());
}

#[test]
fn a_dry_run_and_a_bad_row_write_nothing() {
    let group = Group::new(&stays());
    let dry = group.told(&["--dry-run"]);
    assert_eq!((dry.code, dry.count("planned")), (0, 5));
    let plan = group.run(&["--dry-run"]);
    assert!(plan.stdout.contains("first key"), "{}", plan.stdout);
    assert!(
        plan.stderr
            .contains("5 rows, 3 rooms: 2 first keys, 3 keys for shared rooms"),
        "{}",
        plan.stderr
    );
    assert!(plan.stdout.lines().all(|line| line.chars().count() <= 100));
    let needs = group.run(&[]).exits(6);
    assert!(needs.stderr.contains("--yes"), "{}", needs.stderr);
    assert_eq!(group.hotel.writes(), Vec::<String>::new());

    let bad = stays()
        + &format!(
            "R3,,nobody@example.com,104,{d}\nR4,Gil,gil@example.com,999,{d}\n",
            d = leaves()
        )
        + &format!(
            "R5,Hal,hal@example.com,110,{d}\nR6,Jan de Vries,,105,{d}\nR7,Kim,kim@example.com,106,\n",
            d = leaves()
        );
    group.write(&bad);
    let told = group.told(&["--yes"]);
    assert_eq!(
        (told.code, told.count("refused")),
        (3, 5),
        "{:#?}",
        told.rows
    );
    assert_eq!(told.count("not_started"), 5);
    assert_eq!(told.summary["error"]["code"], "bad_rows");
    let codes: Vec<_> = (7..=11)
        .map(|line| told.line(line)["code"].clone())
        .collect();
    let wanted = [
        "guest_not_found",
        "room_not_found",
        "room_occupied",
        "guest_ambiguous",
        "bad_row",
    ];
    assert_eq!(codes, wanted.map(|code| json!(code)));
    assert_eq!(
        group.hotel.writes(),
        Vec::<String>::new(),
        "nothing is written"
    );
    let table = group.run(&["--yes"]).exits(3);
    for line in 7..=11 {
        assert!(
            table.stdout.contains(&format!("│ {line} ")),
            "{}",
            table.stdout
        );
    }

    let without = group.told(&["--yes", "--skip-bad"]);
    assert_eq!(
        (without.code, without.count("done")),
        (3, 5),
        "{:#?}",
        without.rows
    );
    assert_eq!(group.keys()["grace@example.com"].len(), 1, "110 is spared");
}

#[test]
fn two_stays_on_one_room_are_refused_unless_they_share_it() {
    let d = leaves();
    let head = "reservation,action,guest,email,room,departure,share_with\n";
    let group = Group::new(&format!(
        "{head}R1,issue,Ada,ada@example.com,101,{d},\nR2,issue,Bob,bob@example.com,101,{d},\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!(
        (told.code, told.count("refused")),
        (3, 2),
        "{:#?}",
        told.rows
    );
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    group.write(&format!(
        "{head}R1,issue,Ada,ada@example.com,101,{d},\nR2,join,Bob,bob@example.com,101,{d},R1\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 2), "{:#?}", told.rows);
    assert_eq!(
        group.rooms("ada@example.com"),
        group.rooms("bob@example.com")
    );
}

#[test]
fn rows_about_one_room_keep_their_order() {
    let d = leaves();
    let group = Group::new(&format!(
        "action,guest,email,room,departure\n\
         revoke,,,110,\n\
         issue,Ada Lovelace,ada@example.com,110,{d}\n\
         join,Bob Lovelace,bob@example.com,110,{d}\n\
         update,,ada@example.com,110,{}\n",
        day(5)
    ));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 4), "{:#?}", told.rows);
    assert!(!group.keys().contains_key("grace@example.com"));
    assert_eq!(group.rooms("ada@example.com"), ["110"]);
    assert_eq!(group.rooms("bob@example.com"), ["110"]);
    // The same once more: the key of whoever came after is not taken away.
    let again = group.told(&["--yes"]);
    assert_eq!(
        (again.code, again.count("already")),
        (0, 4),
        "{:#?}",
        again.rows
    );
    assert_eq!(group.rooms("ada@example.com"), ["110"]);
}

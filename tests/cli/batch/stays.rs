//! Which rows are one stay, and who may be in a room after whom.

use serde_json::json;

use super::{Group, day, leaves};

const HEAD: &str = "reservation,guest,email,room,arrival,departure\n";

#[test]
fn strangers_with_equal_dates_and_no_number_are_not_joined() {
    let d = leaves();
    let group = Group::new(&format!(
        "{HEAD},Ada Lovelace,ada@example.com,101,,{d}\n,Bob Byron,bob@example.com,101,,{d}\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!(
        (told.code, told.count("refused")),
        (3, 2),
        "{:#?}",
        told.rows
    );
    for (line, other) in [(2, "line 3"), (3, "line 2")] {
        let text = told.line(line)["message"].as_str().unwrap();
        for part in [
            other,
            "reservation number",
            "share_with",
            "--same-room-same-stay",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
}

#[test]
fn where_the_person_says_so_one_room_is_one_stay_and_the_plan_shows_it() {
    let d = leaves();
    let group = Group::new(&format!(
        "{HEAD},Ada Lovelace,ada@example.com,101,,{d}\n,Bob Byron,bob@example.com,101,,{d}\n\
         ,Carl Gauss,carl@example.com,102,,{d}\n"
    ));
    let plan = group.run(&["--dry-run", "--same-room-same-stay"]).exits(0);
    assert!(
        plan.stdout.contains("shares the room (no number)"),
        "{}",
        plan.stdout
    );
    assert_eq!(
        plan.stdout.matches("(no number)").count(),
        1,
        "{}",
        plan.stdout
    );
    let told = group.told(&["--yes", "--same-room-same-stay"]);
    assert_eq!((told.code, told.count("done")), (0, 3), "{:#?}", told.rows);
    for (email, room) in [("ada", "101"), ("bob", "101"), ("carl", "102")] {
        assert_eq!(group.rooms(&format!("{email}@example.com")), [room]);
    }
    let creates = group.creates().into_iter();
    let overrides = creates.filter(|create| create["visionline_metadata"]["override"] == true);
    assert_eq!(overrides.count(), 2);
}

#[test]
fn guests_who_follow_one_another_in_a_room_need_no_replace() {
    let (today, turn, end) = (day(0), day(2), day(4));
    let group = Group::new(&format!(
        "{HEAD}R1,Ada Lovelace,ada@example.com,101,now,{turn}\nR2,Bob Byron,bob@example.com,101,{turn},{end}\n\
         R3,Carl Gauss,carl@example.com,102,{turn},{end}\nR4,Dora Gauss,dora@example.com,102,now,{turn}\n"
    ));
    group.clock(&format!("{today}T12:00:00Z"));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 4), "{:#?}", told.rows);
    for email in ["ada", "bob", "carl", "dora"] {
        group.rooms(&format!("{email}@example.com"));
    }
    // The next stay, for a room in which somebody lives until then.
    group.write(&format!(
        "{HEAD}R5,Eve Adams,eve@example.com,101,{end},{}\n",
        day(6)
    ));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 1), "{:#?}", told.rows);
    for email in ["ada", "bob", "eve"] {
        assert_eq!(group.rooms(&format!("{email}@example.com")), ["101"]);
    }
}

#[test]
fn operas_padded_rooms_are_found_and_its_cancelled_guests_get_no_key() {
    let d = leaves();
    let head = "CONFIRMATION_NO,GUEST_NAME,EMAIL,ROOM,DEPARTURE_DATE,RESV_STATUS\n";
    let group = Group::new(&format!(
        "{head}1,\"Lovelace, Ada\",ada@example.com,000101,{d},DUE IN\n\
         2,\"Byron, Bob\",bob@example.com,000102,{d},CANCELLED\n\
         3,\"Gauss, Carl\",carl@example.com,000103,{d},NO SHOW\n\
         4,\"Gauss, Dora\",dora@example.com,000104,{d},CHECKED IN\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 2), "{:#?}", told.rows);
    assert_eq!(told.summary["data"]["skipped"], 2);
    assert_eq!(group.rooms("ada@example.com"), ["101"]);
    assert_eq!(group.rooms("dora@example.com"), ["104"]);
    let keys = group.keys();
    for email in ["bob@example.com", "carl@example.com"] {
        assert!(!keys.contains_key(email), "{keys:#?}");
    }
    for (file, part) in [
        (
            format!("{head}5,\"Adams, Eve\",eve@example.com,000105,{d},MAYBE\n"),
            "MAYBE",
        ),
        (
            format!("guest,email,room,departure,CANCELLED\nEve,eve@example.com,105,{d},Y\n"),
            "CANCELLED",
        ),
    ] {
        group.write(&file);
        group.hotel.forget_requests();
        let told = group.told(&["--yes"]);
        assert_eq!(told.code, 2, "{}", told.summary);
        assert_eq!(told.summary["error"]["code"], "bad_file");
        let text = told.summary["error"]["message"].as_str().unwrap();
        assert!(text.contains(part), "{text}");
        assert_eq!(group.hotel.requests(), Vec::<serde_json::Value>::new());
    }
}

#[test]
fn a_reservation_that_nobody_knows_takes_nothing() {
    let group = Group::new("reservation,action,room\nR9,revoke,110\n");
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 3, "{:#?}", told.rows);
    assert_eq!(told.line(2)["code"], json!("reservation_not_found"));
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    // A guest does not join another stay instead.
    group.write(&format!(
        "action,guest,email,room,departure,share_with\njoin,Ada Lovelace,ada@example.com,110,{},R9\n",
        leaves()
    ));
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 3, "{:#?}", told.rows);
    assert_eq!(told.line(2)["code"], json!("reservation_not_found"));
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    // Without a number the row is about the room.
    group.write("action,room\nrevoke,110\n");
    assert_eq!(group.told(&["--yes"]).code, 0);
    assert!(!group.keys().contains_key("grace@example.com"));
}

#[test]
fn a_couple_with_one_address_are_two_guests_with_a_key_each() {
    let d = leaves();
    let group = Group::new(&format!(
        "{HEAD}R1,Ada Lovelace,ada@example.com,101,,{d}\nR1,William King,ADA@example.com,101,,{d}\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!((told.code, told.count("done")), (0, 2), "{:#?}", told.rows);
    let warning = &told.summary["warnings"][0];
    assert_eq!(warning["code"], "shared_contact");
    let text = warning["message"].as_str().unwrap();
    assert!(
        text.starts_with("line 3:") && !text.contains("King"),
        "{text}"
    );
    let keys = group.keys();
    assert_eq!(keys["ada@example.com"], [["101"]]);
    assert_eq!(keys[""], [["101"]], "{keys:#?}");
    // The same file finds both again, also without what the journal knows.
    for words in [&["--yes"][..], &["--yes", "--again"]] {
        let again = group.told(words);
        assert_eq!(
            (again.code, again.count("already")),
            (0, 2),
            "{:#?}",
            again.rows
        );
    }
    assert_eq!(group.creates().len(), 2);
    // Two names with one address and nothing else in common are a question.
    group.write(&format!(
        "{HEAD}R2,Bob Byron,bob@example.com,102,,{d}\nR3,Carl Gauss,bob@example.com,103,,{d}\n"
    ));
    let told = group.told(&["--yes"]);
    assert_eq!(told.code, 3, "{:#?}", told.rows);
    assert!(told.count("refused") > 0, "{:#?}", told.rows);
}

#[test]
fn a_room_that_another_desk_has_given_away_since_stops_its_row_alone() {
    let group = Group::new(&super::newcomers(4));
    group.run(&["--yes", "--skip-bad"]).exits(0);
    let like = group.creates()[0].clone();
    let state = group
        .hotel
        .control("GET", "state", &serde_json::Value::Null);
    let id = |list: &str, field: &str, value: &str, id: &str| {
        let all = state[list].as_array().unwrap();
        let found = all.iter().find(|one| one[field] == value);
        found.unwrap_or_else(|| panic!("{value} in {list}"))[id].clone()
    };
    let room = id("entrances", "display_name", "108", "acs_entrance_id");
    let hedy = id("users", "email_address", "hedy@example.com", "acs_user_id");
    let mut text = "reservation,guest,email,room,departure\n".to_owned();
    for number in 5..=7 {
        text += &format!(
            "R{number},Guest N{number},n{number}@example.com,10{number},{}\n",
            leaves()
        );
    }
    group.write(&(text + &format!("R8,,donald@example.com,108,{}\n", leaves())));
    group.hotel.forget_requests();
    group.hotel.fault(
        &json!({ "path": "/acs/credentials/create", "kind": "slow", "count": 1, "ms": 2500 }),
    );
    let process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--json", "--jobs", "1"]))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    group.hotel.until_seen("/acs/credentials/create");
    let mut theirs = like;
    theirs["acs_user_id"] = hedy;
    theirs["allowed_acs_entrance_ids"] = json!([room]);
    group.api("/acs/credentials/create", &theirs);
    let ran = crate::support::Ran::from(process.wait_with_output().unwrap()).exits(3);
    let rows: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |line: u64| rows.iter().find(|row| row["line"] == line).unwrap();
    for done in [2, 3, 4] {
        assert_eq!(line(done)["outcome"], "done", "{rows:#?}");
    }
    assert_eq!(line(5)["outcome"], "refused", "{rows:#?}");
    assert_eq!(line(5)["code"], "changed", "{rows:#?}");
    assert_eq!(group.rooms("hedy@example.com"), ["108"]);
    assert!(!group.keys().contains_key("donald@example.com"));
}

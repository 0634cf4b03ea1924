//! FIAS key records in, answers out.

use super::{Group, day};

/// A day as FIAS writes it.
fn fias_day(days: u64) -> String {
    day(days).replace('-', "")[2..].to_owned()
}

/// Carries key records out; the answers' codes, in the order in which they came.
fn answers(group: &Group, records: &str) -> Vec<String> {
    group.write(records);
    let ran = group.run(&["--format", "fias", "--yes"]);
    let lines = ran.stdout.lines();
    let codes = lines.map(|line| line.split('|').nth(1).unwrap_or_default().to_owned());
    let codes: Vec<String> = codes.collect();
    assert!(!codes.is_empty(), "{ran:#?}");
    codes
}

#[test]
fn key_records_are_answered_one_by_one() {
    let until = day(3).replace('-', "")[2..].to_owned();
    let group = Group::new(&format!(
        "LS|DA261124|TI120000|\r\n\
         KR|KC1|KTN|RN101|WSDESK1|G#4711|GNDoe, Jane|GD{until}|\r\n\
         KR|KC2|KTD|RN101|WSDESK1|G#4711|GNLamarr, Hedy|GD{until}|\r\n\
         KR|KC3|KTN|RN110|WSDESK2|G#4712|GNKnuth, Donald|GD{until}|\r\n\
         KR|KC4|KTN|RN999|WSDESK2|G#4713|GNKnuth, Donald|GD{until}|\r\n\
         KD|KC5|RN103|WSDESK1|\r\n"
    ));
    let ran = group.run(&["--format", "fias", "--yes"]).exits(3);
    let answers: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(answers.len(), 5, "{ran:#?}");
    let of = |coder: &str| {
        let found = answers
            .iter()
            .find(|answer| answer.contains(&format!("|KC{coder}|")));
        found
            .unwrap_or_else(|| panic!("{answers:#?}"))
            .split('|')
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        ["1", "2", "3", "4", "5"].map(of),
        ["ASOK", "ASOK", "ASDN", "ASNG", "ASOK"],
        "{answers:#?}"
    );
    assert_eq!(group.rooms("jane@example.com"), ["101"]);
    assert_eq!(group.rooms("hedy@example.com"), ["101"]);
    assert!(!ran.stdout.contains("Doe"), "{}", ran.stdout);

    group.write(&format!(
        "KM|KC1|RN105|RO101|WSDESK1|G#4711|GNDoe, Jane|GD{until}|\n"
    ));
    group.run(&["--format", "fias", "--yes"]).exits(0);
    assert_eq!(group.rooms("jane@example.com"), ["105"], "a room move");
    assert_eq!(
        group.rooms("hedy@example.com"),
        ["105"],
        "of the whole reservation"
    );
}

#[test]
fn the_end_of_one_stay_leaves_the_other_that_shares_the_room() {
    let until = day(3).replace('-', "")[2..].to_owned();
    let group = Group::new(&format!(
        "KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GD{until}|\n\
         KR|KC1|KTD|RN101|G#4712|GNLamarr, Hedy|GD{until}|\n"
    ));
    group.run(&["--format", "fias", "--yes"]).exits(0);
    group.write("KD|KC1|RN101|G#4711|\n");
    group.run(&["--format", "fias", "--yes"]).exits(0);
    let keys = group.keys();
    assert!(!keys.contains_key("jane@example.com"), "{keys:#?}");
    assert_eq!(group.rooms("hedy@example.com"), ["101"]);
    // A reservation that nobody knows takes nothing.
    group.write("KD|KC1|RN101|G#9999|\n");
    let ran = group.run(&["--format", "fias", "--yes"]).exits(3);
    assert!(ran.stdout.contains("|ASNG|"), "{ran:#?}");
    assert_eq!(group.rooms("hedy@example.com"), ["101"]);
}

#[test]
fn a_key_made_by_an_earlier_record_of_the_same_run_is_taken_and_the_sharers_is_not() {
    let until = fias_day(3);
    let group = Group::new("");
    let answers = answers(
        &group,
        &format!(
            "KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GD{until}|\n\
             KR|KC1|KTD|RN101|G#4712|GNLamarr, Hedy|GD{until}|\n\
             KD|KC1|RN101|G#4711|\n"
        ),
    );
    assert_eq!(answers, ["ASOK", "ASOK", "ASOK"]);
    assert!(!group.keys().contains_key("jane@example.com"));
    assert_eq!(group.rooms("hedy@example.com"), ["101"]);
}

#[test]
fn the_key_of_a_reservation_is_known_after_a_desk_has_changed_it() {
    let until = fias_day(3);
    let group = Group::new("");
    let made = answers(
        &group,
        &format!("KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GD{until}|\n"),
    );
    assert_eq!(made, ["ASOK"]);
    for days in [4, 5] {
        let until = day(days);
        let words = [
            "update",
            "--guest",
            "jane@example.com",
            "--until",
            &until,
            "--yes",
        ];
        group.hotel.json(0, &words);
    }
    assert_eq!(answers(&group, "KD|KC1|RN101|G#4711|\n"), ["ASOK"]);
    assert!(!group.keys().contains_key("jane@example.com"));
    // Gone already is as asked.
    assert_eq!(answers(&group, "KD|KC1|RN101|G#4711|\n"), ["ASOK"]);
}

#[test]
fn a_room_move_leaves_the_other_rooms_of_the_key() {
    let until = fias_day(3);
    let group = Group::new("");
    let made = answers(
        &group,
        &format!("KR|KC1|KTN|RN101|SI201|G#4711|GNDoe, Jane|GD{until}|\n"),
    );
    assert_eq!(made, ["ASOK"]);
    assert_eq!(group.rooms("jane@example.com"), ["101", "201"]);
    let moved = format!("KM|KC1|RN105|RO101|G#4711|GD{until}|\n");
    assert_eq!(answers(&group, &moved), ["ASOK"]);
    assert_eq!(group.rooms("jane@example.com"), ["105", "201"]);
    // The same once more changes nothing.
    group.hotel.forget_requests();
    assert_eq!(answers(&group, &moved), ["ASOK"]);
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    let nobody = format!("KM|KC1|RN106|RO105|G#9999|GD{until}|\n");
    assert_eq!(answers(&group, &nobody), ["ASNG"]);
    assert_eq!(group.rooms("jane@example.com"), ["105", "201"]);
}

#[test]
fn a_duplicate_in_mid_stay_starts_now_and_ends_with_the_stay() {
    let (arrived, until) = (fias_day(0), fias_day(5));
    let group = Group::new("");
    group.clock(&format!("{}T16:00:00Z", day(0)));
    let first = format!("KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GA{arrived}|GD{until}|\n");
    assert_eq!(answers(&group, &first), ["ASOK"]);
    group.clock(&format!("{}T12:00:00Z", day(2)));
    let second = format!("KR|KC1|KTD|RN101|G#4711|GNLamarr, Hedy|GA{arrived}|GD{until}|\n");
    assert_eq!(answers(&group, &second), ["ASOK"]);
    let third = "KR|KC1|KTD|RN101|G#4711|GNKnuth, Donald|\n";
    assert_eq!(answers(&group, third), ["ASOK"]);
    let creates = group.creates();
    assert_eq!(creates.len(), 3);
    for create in &creates[1..] {
        assert_eq!(create["ends_at"], creates[0]["ends_at"]);
    }
    let start = creates[1]["starts_at"].as_str().unwrap();
    assert!(start.starts_with(&day(2)), "{start}");
}

#[test]
fn a_new_key_for_the_same_reservation_ends_the_guests_own_earlier_key() {
    let (until, longer) = (fias_day(3), fias_day(4));
    let group = Group::new("");
    let made = answers(
        &group,
        &format!(
            "KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GD{until}|\n\
             KR|KC1|KTD|RN101|G#4711|GNLamarr, Hedy|GD{until}|\n"
        ),
    );
    assert_eq!(made, ["ASOK", "ASOK"]);
    let again = format!("KR|KC1|KTN|RN101|G#4711|GNDoe, Jane|GD{longer}|\n");
    assert_eq!(answers(&group, &again), ["ASOK"]);
    assert_eq!(group.rooms("jane@example.com"), ["101"]);
    assert_eq!(
        group.rooms("hedy@example.com"),
        ["101"],
        "the sharer keeps it"
    );
    let last = group.creates().pop().unwrap();
    assert!(
        last["ends_at"].as_str().unwrap().starts_with(&day(4)),
        "{last}"
    );
}

#[test]
fn a_guest_without_an_address_is_put_on_record_under_the_reservation() {
    let until = fias_day(3);
    let group = Group::new("");
    let first = format!("KR|KC1|KTN|RN101|G#4711|GNLovelace, Ada|GD{until}|\n");
    assert_eq!(answers(&group, &first), ["ASOK"]);
    assert_eq!(group.keys()[""], [["101"]]);
    let found = group.hotel.told(0, "keys --guest res:4711");
    assert_eq!(found["data"]["keys"][0]["guest"], "Ada Lovelace");
    // The same request again finds the guest and the key.
    group.hotel.forget_requests();
    assert_eq!(answers(&group, &first), ["ASOK"]);
    assert_eq!(group.hotel.writes(), Vec::<String>::new());
    // Another desk, whose journal knows nothing, finds the guest by the reservation.
    for name in ["record.sqlite3", "record.key"] {
        std::fs::remove_file(group.hotel.file(name)).unwrap();
    }
    assert_eq!(answers(&group, "KD|KC1|RN101|G#4712|\n"), ["ASNG"]);
    assert_eq!(answers(&group, "KD|KC1|RN101|G#4711|\n"), ["ASOK"]);
    assert!(!group.keys().contains_key(""));
}

#[test]
fn a_sharer_of_the_same_name_is_somebody_else_where_the_number_is_another() {
    let until = fias_day(3);
    let group = Group::new("");
    let ask =
        |kind: &str, number: &str| format!("KR|KC1|KT{kind}|RN103|G#{number}|GNDoe|GD{until}|\n");
    assert_eq!(answers(&group, &ask("N", "4711")), ["ASOK"]);
    assert_eq!(answers(&group, &ask("D", "4712")), ["ASOK"]);
    assert_eq!(group.hotel.live("res:4711").len(), 1);
    assert_eq!(group.hotel.live("res:4712").len(), 1);
    assert_eq!(answers(&group, "KD|KC1|RN103|G#4712|\n"), ["ASOK"]);
    assert_eq!(group.hotel.live("res:4711").len(), 1, "the other one stays");
    assert!(group.hotel.live("res:4712").is_empty());
}

//! FIAS key records in, answers out.

use super::{Group, day};

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

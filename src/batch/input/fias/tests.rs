//! Key records, as a hotel's system sends them.

use super::*;
use crate::batch::input::{Format, Input, Options};
use crate::hotel::{Contact, DaySpec, GuestQuery, RoomName, When};
use crate::operation::plan::Command;

fn input(text: &str) -> Input {
    let options = Options {
        format: Some(Format::Fias),
        ..Options::default()
    };
    crate::batch::input::read(text.as_bytes(), None, &options).unwrap()
}

/// The one row of a record.
fn row(text: &str) -> crate::batch::row::Row {
    let read = input(text);
    assert!(read.bad.is_empty(), "{:?}", read.bad);
    read.rows.into_iter().next().unwrap()
}

/// The problems of a record.
fn problems(text: &str) -> String {
    let read = input(text);
    assert!(read.rows.is_empty(), "{:?}", read.rows);
    read.bad[0].problems.join(" & ")
}

fn date(text: &str) -> DaySpec {
    DaySpec::Date(text.parse().unwrap())
}

#[test]
fn a_new_key_is_issued() {
    let row =
        row("KR|KC1|KTN|RN0101|WSDESK1|G#4711|GNDoe, Jane|GA261201|GD261204|DT11:00|$2secret|");
    assert_eq!(row.action, Command::Issue);
    assert_eq!(row.rooms, [RoomName::new("0101")]);
    let guest = GuestQuery::New {
        name: "Jane Doe".to_owned(),
        contact: Contact::Reservation("4711".to_owned()),
    };
    assert_eq!(row.guest, Some(guest));
    assert_eq!(row.reservation.as_deref(), Some("4711"));
    assert_eq!(row.from, Some(When::Day(date("2026-12-01"))));
    assert_eq!(
        row.until,
        Some(When::DayTime(
            date("2026-12-04"),
            "11:00:00".parse().unwrap()
        ))
    );
    let request = row.answer_to.clone().unwrap();
    assert_eq!(
        (
            request.record.as_str(),
            request.coder.as_deref(),
            request.workstation.as_deref()
        ),
        ("KR", Some("1"), Some("DESK1"))
    );
    assert!(!format!("{row:?}").contains("secret"));
}

#[test]
fn fields_come_in_any_order_and_unknown_ones_are_passed_over() {
    let row = row("KR|GD261204|GNDoe|XXwhat|A0secret|CTRoom 101|G#1|RN 101|KTN|ZZ|é|");
    assert_eq!(row.rooms, [RoomName::new(" 101")], "spaces count");
    assert_eq!(row.until, Some(When::Day(date("2026-12-04"))));
    assert!(!format!("{row:?}").contains("secret"));
}

#[test]
fn each_record_is_what_it_asks_for() {
    assert_eq!(row("KR|KTD|RN101|GNDoe|").action, Command::Join);
    let gone = row("KD|KC1|RN101|WS1|G#7|GDnever|");
    assert_eq!(
        (gone.action, gone.guest, gone.until),
        (Command::Revoke, None, None)
    );
    assert_eq!(gone.rooms, [RoomName::new("101")]);
    let moved = row("KM|G#7|RO101|RN102|GNDoe|GD261204|DA261202|GA261201|");
    assert_eq!((moved.action, moved.from), (Command::Update, None));
    assert_eq!(moved.rooms, [RoomName::new("102")]);
    assert_eq!(moved.old_room, Some(RoomName::new("101")));
    let unnamed = row("KM|G#7|RO101|RN102|");
    assert_eq!((unnamed.guest, unnamed.action), (None, Command::Update));
    let longer = row("KM|G#7|RN102|GNDoe|GA261201|GD261206|");
    assert_eq!((longer.action, longer.from), (Command::Update, None));
    let same = row("KM|G#7|RO102|RN102|GNDoe|GD261206|");
    assert_eq!(
        (same.action, same.old_room),
        (Command::Update, None),
        "no room is left"
    );
}

#[test]
fn a_suite_has_all_its_rooms() {
    let rooms = row("KR|KTN|RN101|SI0102;103;101;|GNDoe|GD261204|").rooms;
    assert_eq!(rooms, ["101", "0102", "103"].map(RoomName::new));
}

#[test]
fn a_start_that_has_come_is_now() {
    let from = |fields: &str| row(&format!("KR|KTN|RN1|GNDoe|GD261209|{fields}")).from;
    assert_eq!(from("GA261201|DA261201|"), None);
    assert_eq!(from("GA261201|DA261203|"), None);
    assert_eq!(
        from("GA261205|DA261203|"),
        Some(When::Day(date("2026-12-05")))
    );
    assert_eq!(from(""), None);
}

#[test]
fn what_cannot_be_done_is_told_and_can_be_answered() {
    for (record, wanted) in [
        ("KR|KTO|RN1|GNDoe|GD261204|", "one-shot"),
        ("KR|KTX|RN1|GNDoe|GD261204|", "KT must be N or D"),
        ("KR|RN1|GNDoe|GD261204|", "KT must be N or D"),
        (
            "KR|KTN|RN1|GNDoe|GD20261204|",
            "GD must be year, month and day",
        ),
        (
            "KR|KTN|RN1|GNDoe|GD261304|",
            "GD must be year, month and day",
        ),
        ("KR|KTN|RN1|GNDoe|GA261205|GD261204|", "before the arrival"),
        ("KR|KTN|RN1|GNDoe|GD261204|DT25:00|", "not an hour"),
        ("KR|KTN|", "no guest"),
        ("KD|KC1|", "no key, no guest and no room"),
        ("KM|RN1|GNDoe|", "nothing to change"),
    ] {
        assert!(
            problems(record).contains(wanted),
            "{record}: {}",
            problems(record)
        );
    }
    let read = input("\nKR|KC1|WS2|G#3|KTO|RN101|\n");
    assert_eq!(read.bad[0].line, 2);
    assert_eq!(read.bad[0].reservation.as_deref(), Some("3"));
    let request = read.bad[0].answer_to.clone().unwrap();
    let now = "2026-12-01T08:00:00".parse().unwrap();
    assert_eq!(
        answer(&request, Status::Unprocessable, "no key for 101", now),
        "KA|ASUR|KC1|WS2|G#3|DA261201|TI080000|CTno key for ***|"
    );
}

#[test]
fn a_serial_line_is_read_and_other_records_are_counted() {
    let read = input(
        "\x02LS|DA261201|TI080000|\x03Q\x02KD|RN101|\x03\x02LA|\x03\x02GI|RN5|GNSecret|\x03\r\n\x02KD|RN102|\x03",
    );
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.rows[1].line, 2);
    let why: Vec<&str> = read
        .skipped
        .iter()
        .map(|record| record.why.as_str())
        .collect();
    assert_eq!(why, ["LS record", "LA record", "GI record"]);
    assert!(read.bad.is_empty());
    assert!(!format!("{read:?}").contains("Secret"));
    assert_eq!(input("hello\n").bad.len(), 1);
}

#[test]
fn the_same_request_twice_is_answered_twice() {
    let read = input("KD|RN101|WS1|\nKD|RN101|WS1|\n");
    assert_eq!((read.rows.len(), read.merged.len()), (2, 0));
}

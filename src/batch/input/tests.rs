//! Whole files, as the systems write them.

mod any;
mod exports;

use super::*;
use crate::hotel::{DaySpec, When};

/// What is read from a text, without a name to tell its format.
fn input(text: &str) -> Input {
    read(text.as_bytes(), None, &Options::default()).unwrap()
}

/// Why a text is refused.
fn refusal(bytes: &[u8]) -> String {
    read(bytes, Some("stays"), &Options::default())
        .unwrap_err()
        .to_string()
}

/// A row in one line, for tables: action, reservation, guest, rooms, from, until.
fn short(row: &Row) -> String {
    let when = |when: &Option<When>| match when {
        None => "-".to_owned(),
        Some(When::Day(DaySpec::Date(date))) => date.to_string(),
        Some(When::DayTime(DaySpec::Date(date), time)) => {
            format!("{date} {}", time.format("%H:%M"))
        }
        Some(When::Instant(at)) => at.format("%Y-%m-%dT%H:%MZ").to_string(),
        Some(other) => format!("{other:?}"),
    };
    format!(
        "{}: {} {} | {} | {} | {} | {}",
        row.line,
        row.action.name(),
        row.reservation.as_deref().unwrap_or("-"),
        row.guest
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string),
        crate::hotel::collapse(&row.rooms),
        when(&row.from),
        when(&row.until),
    )
}

fn rows(input: &Input) -> Vec<String> {
    input.rows.iter().map(short).collect()
}

/// The problems of all bad rows, each with its line.
fn problems(input: &Input) -> Vec<String> {
    let all = input.bad.iter();
    all.flat_map(|bad| {
        bad.problems
            .iter()
            .map(move |problem| format!("{}: {problem}", bad.line))
    })
    .collect()
}

#[test]
fn all_problems_of_all_rows_are_told() {
    let read = input(
        "reservation,guest,room,departure,nights\n\
         R1,Jane,101,2026-12-04,\n\
         R2,,,soon,\n\
         R3,jane@x,103-101,,0\n\
         R4,Jane,104\n\
         R5,Jane,105,2026-12-05,\n",
    );
    assert_eq!(read.rows.len(), 2);
    let told = problems(&read);
    for part in [
        "3: \"soon\" is not a day",
        "3: no guest",
        "3: no room",
        "4: \"0\" is not a number of nights",
        "4: \"jane@x\" is not an e-mail address",
        "4: the range \"103-101\" runs backwards",
        "5: the row has 3 fields where the headings have 5",
    ] {
        assert!(
            told.iter().any(|problem| problem.starts_with(part)),
            "{part} in {told:#?}"
        );
    }
    assert_eq!(told.len(), 7, "{told:#?}");
    assert_eq!(read.bad[0].reservation.as_deref(), Some("R2"));
}

#[test]
fn what_each_action_needs() {
    for (row, wanted) in [
        ("issue,Jane,101,2026-12-04,,,", ""),
        ("issue,Jane,101,,,,", "no departure"),
        ("return-guest,Jane,101,,,,", "no departure"),
        ("issue,,101,2026-12-04,,,", "no guest"),
        ("issue,Jane,,2026-12-04,,,", "no room"),
        ("issue,Jane,101,2026-12-04,key-1,,", "a key is named"),
        ("issue,Jane,101,2026-12-04,,R1,", "shares with nobody"),
        ("join,Jane,101,,,,", ""),
        ("join,Jane,,,key-1,,", ""),
        ("join,Jane,,,,R1,", "no room"),
        ("join,,101,,,,", "no guest"),
        (",Jane,101,,,R1,", ""),
        ("update,Jane,,2026-12-04,,,", ""),
        ("update,,102,,key-1,,", ""),
        ("update,Jane,,,,,Gym", ""),
        ("update,Jane,101,,,,", "nothing to change"),
        ("update,,101,2026-12-04,,,", "no guest"),
        ("move,Jane,101,,,,", "no old room"),
        ("revoke,,101,,,,", ""),
        ("revoke,Jane,,03/04/2026,,,", ""),
        ("revoke,,,,key-1,,", ""),
        ("revoke,,,2026-12-04,,,", "no key, no guest and no room"),
        ("open,Jane,101,2026-12-04,,,", "is not an action"),
    ] {
        let read = input(&format!(
            "action,guest,room,departure,key,share_with,also\n{row}\n"
        ));
        let told = problems(&read);
        match wanted {
            "" => assert_eq!((told.len(), read.rows.len()), (0, 1), "{row}: {told:?}"),
            _ => assert!(
                told.len() == 1 && told[0].contains(wanted),
                "{row}: {told:?}"
            ),
        }
    }
}

#[test]
fn a_shared_stay_is_joined_where_no_action_is_written() {
    let read = input("guest,room,share-with\nJane,101,R1\n");
    assert_eq!(read.rows[0].action.name(), "join");
    assert_eq!(read.rows[0].share_with.as_deref(), Some("R1"));
}

#[test]
fn a_day_in_doubt_is_refused_and_other_rows_only_give_a_hint() {
    let doubt = "guest,room,departure\nJane,101,03/04/2026\n";
    assert_eq!(
        problems(&input(doubt)),
        ["2: \"03/04/2026\" can be 3 April or 4 March; say --date-format dmy or mdy"]
    );
    let hinted = input(&format!("{doubt}Joe,102,13/04/2026\n"));
    assert_eq!(hinted.rows.len(), 1);
    assert!(
        problems(&hinted)[0].contains("\"13/04/2026\" on line 3 is day-month-year"),
        "{hinted:?}"
    );
    assert!(problems(&hinted)[0].ends_with("say --date-format dmy"));
    let torn = input(&format!("{doubt}Joe,102,13/04/2026\nJim,103,04/13/2026\n"));
    assert!(
        problems(&torn)[0].contains("the file has both orders"),
        "{torn:?}"
    );
    let options = Options {
        date_order: Some(DateOrder::MonthDayYear),
        ..Options::default()
    };
    let said = read(doubt.as_bytes(), None, &options).unwrap();
    assert_eq!(rows(&said), ["2: issue - | Jane | 101 | - | 2026-03-04"]);
}

#[test]
fn a_hint_comes_from_bad_rows_too() {
    let read = input("guest,room,departure\nJane,101,03/04/2026\n,102,13/04/2026\n");
    assert!(problems(&read)[0].contains("line 3 is day-month-year"));
}

#[test]
fn rows_that_say_the_same_are_one() {
    let read = input(
        "guest,room,departure,note\nJane,101,2026-12-04,a\nJoe,102,2026-12-04,\nJane, 101 ,20261204,b\nJane,101,2026-12-05,\n",
    );
    assert_eq!(read.rows.len(), 3);
    assert_eq!(read.merged, [Merged { line: 4, first: 2 }]);
}

#[test]
fn stays_that_are_over_are_skipped_but_their_keys_can_go() {
    let read = input(
        "action,guest,room,departure,status\n\
         ,Jane,101,never,CANCELLED\n,Joe,102,2026-12-04,No Show\n,Jim,103,2026-12-04,in_house\nrevoke,Jo,104,,checked_out\n",
    );
    let skipped: Vec<(u64, &str)> = read
        .skipped
        .iter()
        .map(|row| (row.line, row.why.as_str()))
        .collect();
    assert_eq!(skipped, [(2, "cancelled"), (3, "no-show")]);
    assert_eq!(
        read.rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        [4, 5]
    );
    assert!(read.bad.is_empty());
}

#[test]
fn rooms_keep_their_zeros_and_come_in_lists() {
    for (cell, wanted) in [
        ("0101", "0101"),
        ("101;102", "101-102"),
        ("\"101,103\"", "101,103"),
        ("101-103", "101-103"),
        (" 101 ; 0102 ", "101,0102"),
    ] {
        let read = input(&format!("guest,room,nights\nJane,{cell},1\n"));
        assert_eq!(
            crate::hotel::collapse(&read.rows[0].rooms),
            wanted,
            "{cell}"
        );
    }
}

#[test]
fn lines_are_those_of_the_file() {
    let text = "\r\n\r\nguest,room,nights,note\r\n\r\nJane,101,1,\"two\r\nlines\r\n\"\r\n\r\n\r\nJoe,102,1,\r\n,,,\r\nJim,103,x,\r\n";
    let read = input(text);
    assert_eq!(
        read.rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        [5, 10]
    );
    assert_eq!(read.bad[0].line, 12);
    let read = input(&text.replace("\r\n", "\r"));
    assert_eq!(
        read.rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        [5, 10]
    );
}

#[test]
fn a_status_that_is_not_known_stops_the_file() {
    for (bytes, parts) in [
        (
            &b"guest,room,nights,Cancelled On\nJane,101,1,\n"[..],
            vec!["\"Cancelled On\"", "rename it to `status`"],
        ),
        (
            b"guest,room,nights,NO_SHOW\nJane,101,1,N\n",
            vec!["\"NO_SHOW\""],
        ),
        (
            b"{\"guest\":\"Jane\",\"room\":101,\"nights\":1,\"resStatus2\":\"X\"}\n",
            vec!["\"resStatus2\""],
        ),
        (
            b"guest,room,nights,status\nJane,101,1,confirmed\nJoe,102,1,LIMBO\n",
            vec!["line 3", "\"LIMBO\"", "`cancelled`"],
        ),
        (
            b"{\"guest\":\"Jane\",\"room\":101,\"nights\":1,\"state\":\"CA\"}\n",
            vec!["line 1", "\"CA\""],
        ),
    ] {
        let said = refusal(bytes);
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}

#[test]
fn a_room_move_names_both_rooms() {
    let read = input(
        "action,reservation,guest,room,old_room\nmove,R1,Jane,102,101\nmove,R1,,102,101\nmove,R1,Jane,\"102,103\",101\n",
    );
    assert_eq!(read.rows.len(), 2, "{:?}", read.bad);
    for row in &read.rows {
        assert_eq!(row.action.name(), "update");
        assert_eq!(row.old_room.as_ref().unwrap().as_str(), "101");
    }
    assert!(problems(&read)[0].contains("one row for each room move"));
}

#[test]
fn means_of_payment_are_named_and_never_kept() {
    let text = "guest,room,nights,Card Number,CVV,note\nJane,101,1,4111111111111111,737,secret\nJoe,,x,4111111111111111,737,secret\nJim,4111111111111111,1\n";
    let read = input(text);
    assert_eq!(read.unused, ["Card Number", "CVV", "note"]);
    assert_eq!(read.bad.len(), 2);
    let all = format!("{read:?}");
    for value in ["4111", "737", "secret"] {
        assert!(!all.contains(value), "{value} in {all}");
    }
}

#[test]
fn a_file_that_cannot_be_used_says_why() {
    for (bytes, parts) in [
        (&b""[..], vec!["stays is empty"]),
        (b"\xEF\xBB\xBF\n \n", vec!["is empty"]),
        (
            b"a,b,4111111111111111\n",
            vec![
                "\"a\", \"b\", \"(not shown)\"",
                "known are reservation, action, guest",
            ],
        ),
        (b"Room,guest,RN\n", vec!["\"Room\" and \"RN\"", "mean room"]),
        (
            b"guest,room\nJos\xE9,101\n",
            vec!["line 2", "not UTF-8", "save the file as UTF-8"],
        ),
        (b"guest,room\n\nJane,1\x0001\n", vec!["line 3", "NUL"]),
        (
            b"guest,room\n\0the end\0\nJane,101\n",
            vec!["line 2", "NUL"],
        ),
        (b"{\"room\":1}\n\xFF\n", vec!["line 2", "not UTF-8"]),
        (
            b"guest,room\nJane,101\nJoe,\"102\nJim,103\n",
            vec!["line 3", "never closed"],
        ),
        (b"[{\"room\":1}]", vec!["JSON list"]),
        (b"PK\x03\x04\0\0", vec!["spreadsheet's own file"]),
    ] {
        let said = refusal(bytes);
        for part in parts {
            assert!(said.contains(part), "{part} in {said}");
        }
    }
}

#[test]
fn too_much_is_refused_before_it_is_read() {
    let options = Options {
        max_rows: 2,
        ..Options::default()
    };
    let read = |text: &str| super::read(text.as_bytes(), None, &options);
    assert!(read("room\n1\n2\n").is_ok());
    assert!(matches!(
        read("room\n1\n\n2\n3\n"),
        Err(InputError::TooManyRows { max: 2, .. })
    ));
    for start in [
        "guest,room\nJane,101\n",
        "guest,room\nJane,101\n\"",
        "{\"room\":1}\n\n",
        "KD|RN1|\n\n",
    ] {
        let endless = start.as_bytes().chain(std::io::repeat(b'x'));
        match super::read(endless, None, &Options::default()) {
            Err(InputError::TooLong { line: 3, .. }) => {}
            other => panic!("{start}: {other:?}"),
        }
    }
    let blank = format!("room\n{}1\n", "\n".repeat(3 << 20));
    assert_eq!(
        input(&blank).bad[0].line,
        (3 << 20) + 2,
        "blank lines are no long row"
    );
}

#[test]
fn a_bad_line_of_json_is_one_bad_row() {
    let read = input(
        "{\"guest\":\"Jane\",\"room\":101,\"nights\":2,\"iban\":\"DE00\"}\nnonsense\n[]\n\n{\"guest\":\"Joe\",\"room\":[\"0101\",102],\"nights\":\"1\"}\n",
    );
    assert_eq!(
        rows(&read),
        [
            "1: issue - | Jane | 101 | - | -",
            "5: issue - | Joe | 0101,102 | - | -"
        ]
    );
    assert_eq!(read.rows[0].nights, Some(2));
    assert_eq!(
        read.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(read.unused, ["iban"]);
}

#[test]
fn a_file_that_is_too_long_is_refused_before_it_is_understood() {
    let refused = |text: &str, max_rows| {
        let options = Options {
            max_rows,
            ..Options::default()
        };
        refuse_long(std::io::Cursor::new(text), "x", &options).is_err()
    };
    let long = "room\n".to_owned() + &"101\n".repeat(10);
    assert!(refused(&long, 5));
    assert!(!refused(&long, 9), "the last one may be about a heading");
    // Lines of nothing but separators are no rows, and a quoted row may run over many lines.
    assert!(!refused(
        &("room\n101\n".to_owned() + &";;;\n".repeat(99)),
        5
    ));
    assert!(!refused(&format!("room,note\n101,\"{long}\"\n"), 5));
    // Quotation marks do not hide that a file is too long.
    let quoted = "room,note\n".to_owned() + &"101,\"a\nb\"\n".repeat(6);
    assert!(refused(&quoted, 5) && !refused(&quoted, 6));
    let json = "{\"room\":\"101\"}\n".repeat(10);
    assert!(refused(&json, 5) && !refused(&json, 10));
    assert!(
        !refused(&format!("[\n{json}]"), 5),
        "it is refused for another reason"
    );
    let open = "room,note\n101,\"".to_owned() + &"x\n".repeat(99);
    assert!(!refused(&open, 5), "it is refused for another reason");
}

#[test]
fn formats_are_told_by_name_then_by_beginning() {
    assert_eq!("CSV".parse(), Ok(Format::Csv));
    assert!(
        "xml"
            .parse::<Format>()
            .unwrap_err()
            .to_string()
            .contains("csv`, `jsonl` or `fias")
    );
    assert_eq!(Format::of_name("a.b/stays.JSONL"), Some(Format::JsonLines));
    assert_eq!(Format::of_name("stays.txt"), None);
    assert_eq!("DMY".parse(), Ok(DateOrder::DayMonthYear));
    assert!("ydm".parse::<DateOrder>().is_err());
    let named = read(&b"room\n101\n"[..], Some("x.jsonl"), &Options::default()).unwrap();
    assert_eq!(
        named.bad.len(),
        2,
        "the name counts for more than the beginning"
    );
}

//! Batch files: CSV, JSON lines and FIAS records.

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use roomkey::batch::input::{DateOrder, Format, Input, Options, fias, read};

use super::{Change, HOSTILE, changed, changes, fuzz, is_printable};

const HEADINGS: &[&str] = &[
    "reservation",
    "action",
    "guest",
    "first_name",
    "last_name",
    "email",
    "phone",
    "room",
    "old_room",
    "arrival",
    "departure",
    "nights",
    "also",
    "share_with",
    "key",
    "status",
    "StartUtc",
    "ETA",
    "RESV_STATUS",
    "GUEST_NAME",
    "Zimmer",
    "note",
    "Card Number",
];

const CELLS: &[&str] = &[
    "",
    "101",
    "101,102",
    "101-105",
    "0101",
    "Suite 5",
    "Jane Doe",
    "Doe, Jane",
    "jane@example.com",
    "+49 170 1234567",
    "0170 1234567",
    "4711",
    "issue",
    "join",
    "move",
    "revoke",
    "update",
    "confirmed",
    "CANCELLED",
    "2026-12-01",
    "01.12.2026",
    "12/01/2026",
    "2026-12-01T10:00:00Z",
    "today",
    "2",
    "Gym",
    "Jane Doe <jane@example.com>",
    "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "46357",
    "15:00",
    "3pm",
];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(CELLS).prop_map(str::to_owned),
        1 => prop::sample::select(HOSTILE).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => any::<String>().prop_map(|text| text.chars().take(30).collect()),
    ]
}

fn options() -> impl Strategy<Value = (Option<DateOrder>, usize)> {
    let order = prop::sample::select(vec![
        None,
        Some(DateOrder::DayMonthYear),
        Some(DateOrder::MonthDayYear),
        Some(DateOrder::YearMonthDay),
    ]);
    (order, prop::sample::select(vec![1, 4, 100_000]))
}

/// Headings, rows of as many cells, and how the file is written.
fn csv() -> impl Strategy<Value = String> {
    let headings = prop::sample::subsequence(HEADINGS, 1..8).prop_shuffle();
    let rows = prop::collection::vec(prop::collection::vec(cell(), 8), 0..12);
    let separator = prop::sample::select(vec![",", ";", "\t", "|"]);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (headings, rows, separator, end, any::<bool>()).prop_map(
        |(headings, rows, separator, end, quoted)| {
            let mut text = headings.join(separator) + end;
            for row in rows {
                let cells = row.iter().take(headings.len()).map(|cell| {
                    if quoted || cell.contains([',', ';', '\t', '|', '"', '\n', '\r']) {
                        format!("\"{}\"", cell.replace('"', "\"\""))
                    } else {
                        cell.clone()
                    }
                });
                text += &(cells.collect::<Vec<_>>().join(separator) + end);
            }
            text
        },
    )
}

fn json_lines() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        cell().prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((prop::sample::select(HEADINGS), inner), 0..4).prop_map(
                |fields| {
                    let fields = fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value));
                    serde_json::Value::Object(fields.collect())
                }
            ),
        ]
    });
    let line =
        prop::collection::vec((prop::sample::select(HEADINGS), value), 0..8).prop_map(|fields| {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            serde_json::Value::Object(fields.collect()).to_string()
        });
    prop::collection::vec(line, 0..10).prop_map(|lines| lines.join("\n"))
}

fn records() -> impl Strategy<Value = String> {
    let names = [
        "KC", "KT", "RN", "RO", "SI", "G#", "GN", "GA", "GD", "DT", "DA", "TI", "WS", "CT", "K#",
        "$2",
    ];
    let values = [
        "N",
        "D",
        "1",
        "261201",
        "150000",
        "991331",
        "0101",
        "101",
        "4711",
        "Doe, Jane",
    ];
    let value = prop_oneof![3 => prop::sample::select(values.to_vec()).prop_map(str::to_owned), 1 => cell()];
    let field = (prop::sample::select(names.to_vec()), value)
        .prop_map(|(name, value)| format!("{name}{value}"));
    let kind = prop::sample::select(vec!["KR", "KD", "KM", "LS", "LA", "GI", "XX", ""]);
    let record = (kind, prop::collection::vec(field, 0..9))
        .prop_map(|(kind, fields)| format!("{kind}|{}|", fields.join("|")));
    let parts = prop::sample::select(vec!["\r\n", "\n", "\u{3}\u{2}", "\u{3}A\u{2}"]);
    (prop::collection::vec(record, 0..8), parts).prop_map(|(records, parts)| records.join(parts))
}

/// Reads a file and checks what holds for all.
fn check(
    text: &str,
    changes: &[Change],
    format: Option<Format>,
    (date_order, max_rows): (Option<DateOrder>, usize),
) -> Result<Option<Input>, TestCaseError> {
    let bytes = changed(text, changes);
    let options = Options {
        format,
        date_order,
        max_rows,
    };
    let read_once = || read(&bytes[..], None, &options);
    let input = match read_once() {
        Ok(input) => input,
        Err(error) => {
            let text = error.to_string();
            prop_assert!(is_printable(&text), "{text:?}");
            prop_assert_eq!(read_once().unwrap_err().to_string(), text);
            return Ok(None);
        }
    };
    let mut lines: Vec<u64> = input.rows.iter().map(|row| row.line).collect();
    lines.extend(input.bad.iter().map(|bad| bad.line));
    lines.extend(input.skipped.iter().map(|row| row.line));
    lines.extend(input.merged.iter().map(|row| row.line));
    prop_assert!(lines.len() <= max_rows);
    for bad in &input.bad {
        prop_assert!(!bad.problems.is_empty());
        for text in &bad.problems {
            prop_assert!(is_printable(text), "{text:?}");
        }
    }
    for text in input
        .skipped
        .iter()
        .map(|row| &row.why)
        .chain(&input.unused)
    {
        prop_assert!(is_printable(text), "{text:?}");
    }
    for row in &input.rows {
        prop_assert!(
            row.rooms
                .iter()
                .all(|room| !room.as_str().trim().is_empty()),
            "{row:?}"
        );
    }
    let again = read_once().unwrap();
    prop_assert_eq!(again.rows, input.rows.clone());
    prop_assert_eq!(again.bad, input.bad.clone());
    Ok(Some(input))
}

fn done(checked: Result<Option<Input>, TestCaseError>) -> TestCaseResult {
    checked.map(drop)
}

#[test]
fn csv_files() {
    let format = prop::sample::select(vec![None, Some(Format::Csv)]);
    fuzz(
        "csv",
        (csv(), changes(), format, options()),
        |(text, changes, format, options)| done(check(&text, &changes, format, options)),
    );
}

#[test]
fn json_line_files() {
    let format = prop::sample::select(vec![None, Some(Format::JsonLines)]);
    fuzz(
        "json lines",
        (json_lines(), changes(), format, options()),
        |(text, changes, format, options)| done(check(&text, &changes, format, options)),
    );
}

#[test]
fn fias_records() {
    let format = prop::sample::select(vec![None, Some(Format::Fias)]);
    fuzz(
        "fias",
        (records(), changes(), format, options(), cell()),
        |(text, changes, format, options, told)| {
            let Some(input) = check(&text, &changes, format, options)? else {
                return Ok(());
            };
            let now = NaiveDate::from_ymd_opt(2026, 12, 1)
                .unwrap()
                .and_hms_opt(15, 0, 0)
                .unwrap();
            let of_rows = input.rows.iter().filter_map(|row| row.answer_to.as_ref());
            for request in of_rows.chain(input.bad.iter().filter_map(|bad| bad.answer_to.as_ref()))
            {
                let answer = fias::answer(request, fias::Status::Denied, &told, now);
                prop_assert!(
                    answer.starts_with("KA|ASDN|") && answer.ends_with('|'),
                    "{answer:?}"
                );
                prop_assert!(is_printable(&answer), "{answer:?}");
                // Each field is two letters and a value: nothing from outside begins one.
                for field in answer.trim_end_matches('|').split('|').skip(1) {
                    let known = ["AS", "KC", "WS", "G#", "DA", "TI", "CT"];
                    prop_assert!(
                        known.iter().any(|name| field.starts_with(name)),
                        "{answer:?}"
                    );
                }
            }
            Ok(())
        },
    );
}

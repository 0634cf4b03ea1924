//! The file of results: what is written can be read again, cell by cell.

use proptest::prelude::*;
use roomkey::batch::report::{Line, ResultFile, RowResult, Word};

use super::{HOSTILE, fuzz};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(HOSTILE), 0..4).prop_map(|parts| parts.concat()),
        any::<String>(),
        "[=+@\\-\t\r][^\u{0}]{0,10}",
    ]
}

/// A cell that a spreadsheet would take for a formula may be written behind a quotation mark.
fn is_cell(cell: &str, value: &str) -> bool {
    cell == value || cell.strip_prefix('\'') == Some(value)
}

#[test]
fn result_files() {
    let line = (
        any::<u32>(),
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(text()),
        0..7_usize,
    );
    let folder = tempfile::tempdir().unwrap();
    fuzz("results", prop::collection::vec(line, 0..6), |lines| {
        let results: Vec<RowResult> = lines
            .iter()
            .map(|(_, _, message, id, word)| RowResult {
                message: message.clone(),
                request_id: id.clone(),
                ..RowResult::new(Word::ALL[*word])
            })
            .collect();
        let write = |name: &str| {
            let file = ResultFile::new(&folder.path().join(name));
            let lines = lines.iter().zip(&results);
            file.write(lines.map(|((line, stay, ..), result)| {
                Line::unread(u64::from(*line), stay.as_deref(), result)
            }))
            .unwrap();
            std::fs::read(file.path()).unwrap()
        };
        let csv = write("r.csv");
        let mut reader = csv::Reader::from_reader(&csv[..]);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), lines.len());
        for (row, (line, stay, message, id, word)) in rows.iter().zip(&lines) {
            prop_assert_eq!(&row[0], line.to_string());
            prop_assert_eq!(&row[4], Word::ALL[*word].as_str());
            for (cell, value) in [(1, stay), (8, message), (10, id)] {
                let value = value.as_deref().unwrap_or_default();
                prop_assert!(is_cell(&row[cell], value), "{:?} for {value:?}", &row[cell]);
            }
        }
        let json = String::from_utf8(write("r.jsonl")).unwrap();
        prop_assert_eq!(json.lines().count(), lines.len());
        for (row, (_, stay, message, ..)) in json.lines().zip(&lines) {
            prop_assert!(!row.chars().any(char::is_control), "{row:?}");
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            prop_assert_eq!(row["reservation"].as_str(), stay.as_deref());
            prop_assert_eq!(row["message"].as_str(), message.as_deref());
        }
        Ok(())
    });
}

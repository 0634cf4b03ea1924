//! What holds for any file.

use proptest::prelude::*;

use super::*;

/// A field that may need quotation marks, and that no other text contains.
fn field() -> impl Strategy<Value = String> {
    "[a-z ,;|\t\"\r\n]{0,12}"
}

/// A row of a table: guest, room, nights, and a note that is not read.
fn table() -> impl Strategy<Value = Vec<(String, u32, u32, String)>> {
    prop::collection::vec(("[a-z]{1,8}", 1_u32..9999, 1_u32..9, field()), 0..12)
}

/// The table with a separator, and the line on which each row begins.
fn write(
    table: &[(String, u32, u32, String)],
    separator: char,
    line_end: &str,
    blank: usize,
) -> (String, Vec<u64>) {
    let mut text = ["guest", "room", "nights", "note"].join(&separator.to_string()) + line_end;
    let mut lines = Vec::new();
    for (index, (guest, room, nights, note)) in table.iter().enumerate() {
        text += &line_end.repeat(if index % 3 == 0 { blank } else { 0 });
        lines.push(1 + breaks(&text));
        let note = format!("\"{}\"", note.replace('"', "\"\""));
        text += &[guest.clone(), room.to_string(), nights.to_string(), note]
            .join(&separator.to_string());
        text += line_end;
    }
    (text, lines)
}

/// How many line breaks a text has; CRLF is one.
fn breaks(text: &str) -> u64 {
    let crlf = text.matches("\r\n").count();
    (text.matches(['\r', '\n']).count() - crlf) as u64
}

/// All lines that were accounted for.
fn accounted(input: &Input) -> Vec<u64> {
    let mut lines: Vec<u64> = input.rows.iter().map(|row| row.line).collect();
    lines.extend(input.bad.iter().map(|bad| bad.line));
    lines.extend(input.skipped.iter().map(|row| row.line));
    lines.extend(input.merged.iter().map(|row| row.line));
    lines.sort_unstable();
    lines
}

fn formats() -> impl Strategy<Value = Option<Format>> {
    prop::sample::select(vec![
        None,
        Some(Format::Csv),
        Some(Format::JsonLines),
        Some(Format::Fias),
    ])
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), format in formats()) {
        let _ = read(&bytes[..], None, &Options { format, ..Options::default() });
    }

    #[test]
    fn no_text_makes_it_panic(text in "(guest,room,departure,arrival,email,phone\n)?[0-9a-zA-Zé|#@+,;:/. \"{}\\[\\]\r\n\u{2}\u{3}-]{0,200}", format in formats()) {
        let _ = read(text.as_bytes(), None, &Options { format, ..Options::default() });
    }

    #[test]
    fn no_day_or_hour_makes_it_panic(day in "\\PC{0,24}", hour in "\\PC{0,12}", utc in any::<bool>()) {
        let order = [None, Some(DateOrder::DayMonthYear), Some(DateOrder::YearMonthDay)];
        for order in order {
            let _ = super::super::date::parse(&day, order, utc);
        }
        let _ = super::super::hour::parse(&hour);
    }

    #[test]
    fn no_field_of_a_record_makes_it_panic(fields in prop::collection::vec("(KC|KT|RN|RO|SI|G#|GN|GA|GD|DT|DA|WS|CT)\\PC{0,10}", 0..8), name in "KR|KD|KM") {
        let text = format!("{name}|{}|", fields.join("|"));
        let read = read(text.as_bytes(), None, &Options { format: Some(Format::Fias), ..Options::default() }).unwrap();
        prop_assert_eq!(accounted(&read), vec![1]);
    }

    #[test]
    fn every_row_is_accounted_for_on_its_line(table in table(), crlf in any::<bool>(), blank in 0_usize..3) {
        let (text, lines) = write(&table, ',', if crlf { "\r\n" } else { "\n" }, blank);
        prop_assert_eq!(accounted(&input(&text)), lines);
    }

    #[test]
    fn any_separator_gives_the_same_rows(table in table()) {
        let rows_with = |separator| rows(&input(&write(&table, separator, "\n", 0).0));
        let wanted = rows_with(',');
        for separator in [';', '\t', '|'] {
            prop_assert_eq!(&rows_with(separator), &wanted);
        }
    }

    #[test]
    fn json_lines_say_the_same_as_csv(table in table()) {
        let mut lines = String::new();
        for (guest, room, nights, note) in &table {
            lines += &serde_json::json!({"guest": guest, "room": room, "nights": nights, "note": note}).to_string();
            lines.push('\n');
        }
        let without_line = |input: &Input| -> Vec<Row> {
            input.rows.iter().map(|row| Row { line: 0, ..row.clone() }).collect()
        };
        let json = read(lines.as_bytes(), Some("x.jsonl"), &Options::default());
        if !table.is_empty() {
            prop_assert_eq!(without_line(&json.unwrap()), without_line(&input(&write(&table, ',', "\n", 0).0)));
        }
    }

    #[test]
    fn nothing_of_an_unread_column_is_kept(
        secrets in prop::collection::vec("[0-9]{4}Q[0-9]{8}", 1..6),
        bad in any::<bool>(),
        short in any::<bool>(),
        json in any::<bool>(),
    ) {
        let mut text = if json { String::new() } else { "guest,room,Card Number,nights\n".to_owned() };
        for (index, secret) in secrets.iter().enumerate() {
            let room = if bad { "3-1".to_owned() } else { index.to_string() };
            text += &if json {
                format!("{{\"guest\":\"Jane\",\"room\":\"{room}\",\"nights\":1,\"cvv\":\"{secret}\",\"x\":[{{\"room\":\"{secret}\"}}]}}{}\n", if short { secret } else { "" })
            } else {
                format!("Jane,{room},{secret},1{}\n", if short { ",1" } else { "" })
            };
        }
        let read = input(&text);
        prop_assert_eq!(read.bad.len() + read.rows.len(), secrets.len());
        let kept = format!("{read:?}");
        for secret in secrets {
            prop_assert!(!kept.contains(&secret), "{} in {}", secret, kept);
        }
    }
}

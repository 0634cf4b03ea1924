//! FIAS key records, as a hotel's system sends them to a key system (Oracle's IFC8 FIAS specification).
//!
//! A record begins with its name of two letters. Then come fields in any order, each with two letters and a value, and
//! with a bar at its end: `KR|KC1|KTN|RN0101|WSDESK1|G#4711|GNDoe, Jane|GD261204|`. Unknown fields are ignored. Leading
//! zeros and spaces are part of a room number. Track data, user fields and clear text are never stored.

mod answer;
mod record;
#[cfg(test)]
mod tests;

use std::io::Read;

pub use answer::{Request, Status, answer};

use self::record::Record;
use super::error::InputError;
use super::gather::Gather;
use super::source::{Pieces, Source};

/// The byte before a record on a serial line.
pub(super) const STX: u8 = 0x02;
/// The byte after a record on a serial line; one byte with a check sum may follow.
const ETX: u8 = 0x03;
/// The names of records that may come first in a file.
const FIRST: [&[u8]; 11] = [
    b"KR|", b"KD|", b"KM|", b"LS|", b"LR|", b"LD|", b"LA|", b"LE|", b"GI|", b"GC|", b"NS|",
];

/// Returns true if a file begins with a record.
pub(super) fn begins_with_record(bytes: &[u8]) -> bool {
    FIRST.iter().any(|record| bytes.starts_with(record))
}

/// Reads all key records. Other records are skipped.
pub(super) fn read<R: Read>(source: Source<R>, gather: &mut Gather) -> Result<(), InputError> {
    let breaks = |byte| matches!(byte, b'\n' | b'\r' | STX | ETX);
    let mut pieces = Pieces::new(source.name.clone(), source.into_bytes(), breaks);
    while let Some(piece) = pieces.next()? {
        let is_check_sum = piece.before == Some(ETX) && piece.text.chars().count() == 1;
        if piece.text.trim().is_empty() || is_check_sum {
            continue;
        }
        gather.count()?;
        take(piece.text, piece.line, gather);
    }
    Ok(())
}

fn take(text: &str, line: u64, gather: &mut Gather) {
    let name = text.split('|').next().unwrap_or_default().trim_start();
    match name {
        "KR" | "KD" | "KM" => {}
        _ if is_record_name(name) => return gather.skip(line, format!("{name} record")),
        _ => {
            let problem =
                "the line is no FIAS record; a key request begins with `KR|`, `KD|` or `KM|`";
            return gather.bad(line, None, vec![problem.to_owned().into()], None);
        }
    }
    let record = Record::of(text);
    let request = record.request(name);
    match record.row(name, line) {
        Ok(row) => gather.row(crate::batch::row::Row {
            answer_to: Some(request),
            ..row
        }),
        Err(problems) => gather.bad(line, request.reservation.clone(), problems, Some(request)),
    }
}

/// Returns true for two characters that are capital letters or digits.
fn is_record_name(name: &str) -> bool {
    name.len() == 2
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

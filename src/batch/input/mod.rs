//! Batch files: what hotels' systems export, read and validated into [`Row`]s.
//!
//! Everything here is pure: no door, guest or key is looked up, nothing is printed, and the file is read as it
//! comes, one record at a time. All that is wrong with all rows is collected, so that a file is mended once.
//! Columns that nobody needs are passed over, and their values are never kept: exports carry means of payment.

mod action;
mod column;
mod date;
mod error;
pub mod fias;
mod fields;
mod gather;
mod guest;
mod hour;
mod json;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod times;
mod understand;

use std::io::{BufRead as _, Read};
use std::path::Path;
use std::str::FromStr;

use thiserror::Error;

use super::row::Row;
pub use date::DateOrder;
pub use error::InputError;
use gather::Gather;
use source::Source;

/// How a batch file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows under headings, parted by commas, semicolons, tabs or bars.
    Csv,
    /// One JSON object on each line.
    JsonLines,
    /// FIAS key records (`KR`, `KD`, `KM`), as a hotel's system sends them to a key system.
    Fias,
}

/// A word that is no [`Format`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not a format; type `csv`, `jsonl` or `fias`")]
pub struct FormatTextError(String);

impl FromStr for Format {
    type Err = FormatTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            "fias" => Ok(Self::Fias),
            _ => Err(FormatTextError(crate::stay::text::excerpt(text))),
        }
    }
}

impl Format {
    /// The format that the ending of a file's name tells, where it tells one.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = Path::new(name).extension()?.to_str()?.to_lowercase();
        match ending.as_str() {
            "csv" | "tsv" | "tab" => Some(Self::Csv),
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "fias" => Some(Self::Fias),
            _ => None,
        }
    }
}

/// What the caller says about a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format; without one the file's name tells it, else its beginning.
    pub format: Option<Format>,
    /// How dates such as 03/04/2026 are meant. Without it they are refused.
    pub date_order: Option<DateOrder>,
    /// The most records that a file may have, good and bad ones.
    pub max_rows: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            date_order: None,
            max_rows: crate::config::BATCH_ROWS,
        }
    }
}

/// A file as it was understood. Every record is in exactly one of `rows`, `bad`, `skipped` and `merged`.
#[derive(Debug, Default)]
pub struct Input {
    /// What can be planned, in the file's order.
    pub rows: Vec<Row>,
    /// What cannot, in the file's order.
    pub bad: Vec<Bad>,
    /// What needs nothing.
    pub skipped: Vec<Skipped>,
    /// The headings of columns that were not read (at most 100), by name only and never with a value.
    pub unused: Vec<String>,
    /// Rows that say the same as an earlier one.
    pub merged: Vec<Merged>,
}

/// A row that cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line on which it begins, from 1, headings counted.
    pub line: u64,
    /// The hotel's number for the stay, where it could be read.
    pub reservation: Option<String>,
    /// All that is wrong, each with its remedy. It repeats what stands in columns that are read, so it is for
    /// the person at the desk and not for a log.
    pub problems: Vec<String>,
    /// For a FIAS record: where the answer `UR` goes.
    pub answer_to: Option<fias::Request>,
}

/// A row that needs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Why, such as `cancelled`, or `LA record`.
    pub why: String,
}

/// A row that says the same as an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The line of the row that stands for both.
    pub first: u64,
}

/// Refuses a file that certainly has more rows than allowed, before any is understood.
///
/// Lines without a letter or a digit are no rows. Where there are quotation marks a row may run over several lines: such
/// a file is counted while it is read.
pub fn refuse_long(source: impl Read, name: &str, max_rows: usize) -> Result<(), InputError> {
    // A line may tell the separator, and another one has the headings.
    let allowed = max_rows.saturating_add(2);
    let mut lines = std::io::BufReader::with_capacity(1 << 16, source);
    let (mut count, mut is_row) = (0, false);
    loop {
        let bytes = match lines.fill_buf() {
            Ok(bytes) if !bytes.is_empty() && !bytes.contains(&b'"') => bytes,
            // What is wrong with the file is for the reader to say.
            _ => return Ok(()),
        };
        for byte in bytes {
            is_row |= byte.is_ascii_alphanumeric();
            if *byte == b'\n' {
                count += usize::from(is_row);
                is_row = false;
            }
        }
        if count > allowed {
            return Err(InputError::TooManyRows {
                name: name.to_owned(),
                max: max_rows,
            });
        }
        let read = bytes.len();
        lines.consume(read);
    }
}

/// Reads a whole batch file. `name` is the file's name, for its ending and for errors.
///
/// No more than one record is in memory beside what was understood. An error means that nothing of the file
/// may be used; bad rows are no error.
pub fn read(source: impl Read, name: Option<&str>, options: &Options) -> Result<Input, InputError> {
    let source = Source::open(source, name)?;
    let mut gather = Gather::new(source.name.clone(), options);
    match options.format.unwrap_or_else(|| source.format()) {
        Format::Csv => table::read(source, &mut gather)?,
        Format::JsonLines => json::read(source, &mut gather)?,
        Format::Fias => fias::read(source, &mut gather)?,
    }
    Ok(gather.finish())
}

//! Batch files: reads the exports of hotel systems and validates them into [`Row`]s.
//!
//! Nothing here looks up a door, a guest or a key, and nothing is printed. The file is read one record at a time. The
//! problems of all rows are collected, so that a person can correct them at once. Columns that are not needed are
//! ignored and their values are never stored, because exports contain payment data.

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

use std::io::{BufRead as _, Read, Seek};
use std::path::Path;
use std::str::FromStr;

use thiserror::Error;

use super::row::Row;
pub use date::DateOrder;
pub use error::InputError;
use gather::Gather;
use source::Source;

/// The format of a batch file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows under headings, with commas, semicolons, tabs or bars between fields.
    Csv,
    /// One JSON object on each line.
    JsonLines,
    /// FIAS key records (`KR`, `KD`, `KM`), as a hotel's system sends them to a key system.
    Fias,
}

/// The error for a word that is not a [`Format`].
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
            _ => Err(FormatTextError(crate::hotel::text::excerpt(text))),
        }
    }
}

impl Format {
    /// Returns the format for the extension of a file's name; `None` if the extension is not known.
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

/// The caller's options for reading a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format. `None`: the file's name decides, or else its beginning.
    pub format: Option<Format>,
    /// The order of dates such as 03/04/2026. `None`: such dates are refused.
    pub date_order: Option<DateOrder>,
    /// The most records that a file may have, bad ones included.
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

/// The content of a file. Every record is in exactly one of `rows`, `bad`, `skipped` and `merged`.
#[derive(Debug, Default)]
pub struct Input {
    /// The rows that can be planned, in the file's order.
    pub rows: Vec<Row>,
    /// The rows that cannot be planned, in the file's order.
    pub bad: Vec<Bad>,
    /// The rows that need nothing.
    pub skipped: Vec<Skipped>,
    /// The headings of columns that were not read, at most 100.
    pub unused: Vec<String>,
    /// The rows that are the same as an earlier one.
    pub merged: Vec<Merged>,
}

/// A row that cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line on which it begins, from 1, headings counted.
    pub line: u64,
    /// The hotel's number for the stay, if it could be read.
    pub reservation: Option<String>,
    /// All problems, each with its remedy. They repeat values of the file, so they are for the person at the desk and not
    /// for a log.
    pub problems: Vec<String>,
    /// For a FIAS record: what its answer repeats.
    pub answer_to: Option<fias::Request>,
}

/// A row that needs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The reason, such as `cancelled` or `LA record`.
    pub why: String,
}

/// A row that is the same as an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The line of the earlier row.
    pub first: u64,
}

/// Refuses a file that certainly has more rows than allowed, before its rows are understood, which takes much longer.
///
/// Lines without a letter or a digit do not count. In CSV with quotation marks a row may have several lines, so its rows
/// are counted as they are read later.
///
/// # Errors
///
/// The file has too many rows. [`read`] reports the other problems of the file.
pub fn refuse_long(
    mut source: impl Read + Seek,
    name: &str,
    options: &Options,
) -> Result<(), InputError> {
    let max_rows = options.max_rows;
    let Ok(beginning) = Source::open(&mut source, Some(name)) else {
        return Ok(());
    };
    let format = options.format.unwrap_or_else(|| beginning.format());
    if format == Format::JsonLines && beginning.first_byte() != Some(b'{') {
        // The lines are no rows.
        return Ok(());
    }
    let is_csv = format == Format::Csv;
    let counted = count_lines(beginning.into_bytes(), is_csv, max_rows);
    let is_long = match counted {
        Counted::TooMany => true,
        Counted::Few => false,
        Counted::Quoted => {
            source.rewind().is_ok()
                && Source::open(source, Some(name))
                    .is_ok_and(|source| table::is_longer(source, max_rows))
        }
    };
    if is_long {
        return Err(InputError::TooManyRows {
            name: name.to_owned(),
            max: max_rows,
        });
    }
    Ok(())
}

/// What counting the lines of a file shows.
enum Counted {
    TooMany,
    Few,
    /// Quotation marks in CSV make lines and rows differ.
    Quoted,
}

fn count_lines(bytes: impl Read, is_csv: bool, max_rows: usize) -> Counted {
    // One line may name the separator, and one has the headings.
    let allowed = max_rows.saturating_add(2);
    let mut lines = std::io::BufReader::with_capacity(1 << 16, bytes);
    let (mut count, mut is_row) = (0, false);
    loop {
        let bytes = match lines.fill_buf() {
            Ok(bytes) if !bytes.is_empty() => bytes,
            _ => return Counted::Few,
        };
        if is_csv && bytes.contains(&b'"') {
            return Counted::Quoted;
        }
        for byte in bytes {
            is_row |= byte.is_ascii_alphanumeric();
            if *byte == b'\n' {
                count += usize::from(is_row);
                is_row = false;
            }
        }
        if count > allowed {
            return Counted::TooMany;
        }
        let read = bytes.len();
        lines.consume(read);
    }
}

/// Reads a whole batch file. `name`: the file's name, for its extension and for errors.
///
/// Only one record at a time is in memory in its original form.
///
/// # Errors
///
/// The file as a whole cannot be used. Bad rows are not an error; they are in [`Input::bad`].
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

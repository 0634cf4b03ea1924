//! Errors of whole files. Problems of single rows are in [`Bad`](super::Bad).

use std::io;

use thiserror::Error;

/// Why a whole file is refused. A file with bad rows is not refused; it is read to its end.
#[derive(Debug, Error)]
pub enum InputError {
    /// The operating system cannot read the file.
    #[error(
        "{name} cannot be read ({source}); check that the file is there and that you may open it"
    )]
    Io {
        /// The file.
        name: String,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The path is a folder.
    #[error("{0} is a folder; name the file in it")]
    Directory(String),
    /// The file has no text, or only blank lines.
    #[error("{0} is empty; export it again, or name another file")]
    Empty(String),
    /// The file is a workbook of a spreadsheet program (a ZIP archive or the old binary form).
    #[error("{0} is a spreadsheet's own file; in the spreadsheet, save it as \"CSV UTF-8\"")]
    Spreadsheet(String),
    /// The file is not encoded as UTF-8.
    #[error(
        "line {line} of {name} is not UTF-8; save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"
    )]
    NotUtf8 {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// The file has NUL bytes, so it is not text.
    #[error(
        "line {line} of {name} has a NUL byte, so this is no text file; export it as CSV, JSON lines or FIAS records"
    )]
    Binary {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// A record is too long to be a reservation.
    #[error(
        "the record that begins on line {line} of {name} is longer than 1 MiB; look there for a missing line break or quotation mark"
    )]
    TooLong {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// A quotation mark is not closed, so that the rest of the file would be one field.
    #[error(
        "a quotation mark that is opened in the row on line {line} of {name} is never closed; close it, or export the file again"
    )]
    OpenQuote {
        /// The file.
        name: String,
        /// The line on which the row begins, from 1.
        line: u64,
    },
    /// The file has more rows than the caller allows.
    #[error(
        "{name} has more than {max} rows; split it into smaller files, or set `batch_rows` in the profile to a greater number"
    )]
    TooManyRows {
        /// The file.
        name: String,
        /// [`Options::max_rows`](super::Options::max_rows).
        max: usize,
    },
    /// The first line has no known heading.
    #[error("no heading of {name} is known; its first row has {seen}, and known are {known}")]
    Headings {
        /// The file.
        name: String,
        /// The texts of the first row, without those that look like data.
        seen: String,
        /// The best known heading of each column.
        known: String,
    },
    /// Two headings mean the same column.
    #[error(
        "the headings \"{first}\" and \"{second}\" of {name} both mean {column}; remove or rename one of them"
    )]
    SameColumn {
        /// The file.
        name: String,
        /// The left heading.
        first: String,
        /// The right heading.
        second: String,
        /// The best known heading of the column.
        column: &'static str,
    },
    /// A heading is not known, and its column may say which guests get no key.
    #[error(
        "the column \"{heading}\" of {name} may say which reservations get no key, and it is not known; rename it to `status` if it does, or remove it"
    )]
    StatusColumn {
        /// The file.
        name: String,
        /// The heading.
        heading: String,
    },
    /// The status of a row is not known, so it is not certain whether the guest gets a key.
    #[error(
        "line {line} of {name} has the status \"{status}\", which is not known; write `confirmed` for a guest who gets a key or `cancelled` for one who does not, or remove the row"
    )]
    StatusValue {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
        /// The status, as written.
        status: String,
    },
    /// The file is one JSON list, not one object on each line.
    #[error(
        "{0} is a JSON list; write one object on each line, without brackets around them and commas between (`jq -c '.[]'` does it)"
    )]
    JsonList(String),
}

/// A problem of a row. Some problems can be worded only after the whole file has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A problem in words.
    Text(String),
    /// A date whose first two numbers could each be the month.
    Ambiguous {
        /// The date as written.
        text: String,
        /// The date in the order day, month, year.
        day_first: chrono::NaiveDate,
        /// The date in the order month, day, year.
        month_first: chrono::NaiveDate,
    },
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

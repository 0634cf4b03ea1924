//! Why a file cannot be read at all. What is wrong with one row is not here: see [`Bad`](super::Bad).

use std::io;

use thiserror::Error;

/// Why a whole file is refused. Where only rows are bad, the file is read to its end.
#[derive(Debug, Error)]
pub enum InputError {
    /// The system does not hand the file over.
    #[error(
        "{name} cannot be read ({source}); check that the file is there and that you may open it"
    )]
    Io {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// A folder where a file was meant.
    #[error("{0} is a folder; name the file in it")]
    Directory(String),
    /// Nothing, or nothing but blank lines.
    #[error("{0} is empty; export it again, or name another file")]
    Empty(String),
    /// A workbook, which is a ZIP archive or an old binary file.
    #[error("{0} is a spreadsheet's own file; in the spreadsheet, save it as \"CSV UTF-8\"")]
    Spreadsheet(String),
    /// One of the encodings that are not UTF-8.
    #[error(
        "line {line} of {name} is not UTF-8; save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\")"
    )]
    NotUtf8 {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// NUL bytes, which are in no text.
    #[error(
        "line {line} of {name} has a NUL byte, so this is no text file; export it as CSV, JSON lines or FIAS records"
    )]
    Binary {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// A record that no reservation needs.
    #[error(
        "the record that begins on line {line} of {name} is longer than 1 MiB; look there for a missing line break or quotation mark"
    )]
    TooLong {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
    },
    /// Everything after the mark would be part of one field.
    #[error(
        "a quotation mark that is opened in the row on line {line} of {name} is never closed; close it, or export the file again"
    )]
    OpenQuote {
        /// The file.
        name: String,
        /// The line on which the row begins, from 1.
        line: u64,
    },
    /// More rows than the caller allows.
    #[error(
        "{name} has more than {max} rows; split it into smaller files, or set `batch_rows` in the profile to a greater number"
    )]
    TooManyRows {
        /// The file.
        name: String,
        /// [`Options::max_rows`](super::Options::max_rows).
        max: usize,
    },
    /// A first line that names no column anybody knows.
    #[error("no heading of {name} is known; its first row has {seen}, and known are {known}")]
    Headings {
        /// The file.
        name: String,
        /// What the first row has, with what looks like data left out.
        seen: String,
        /// One name for each column.
        known: String,
    },
    /// Two headings for one column.
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
        /// The column, as its best known name.
        column: &'static str,
    },
    /// A column that may say that a guest gets no key, under a heading that is not known.
    #[error(
        "the column \"{heading}\" of {name} may say which reservations get no key, and it is not known; rename it to `status` if it does, or remove it"
    )]
    StatusColumn {
        /// The file.
        name: String,
        /// The heading.
        heading: String,
    },
    /// A word for a reservation that is not known to get a key or none.
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
    /// One JSON value over many lines.
    #[error(
        "{0} is a JSON list; write one object on each line, without brackets around them and commas between (`jq -c '.[]'` does it)"
    )]
    JsonList(String),
}

/// What can be told of one row only when the whole file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Finished text.
    Text(String),
    /// A date whose first two numbers could each be the month.
    Ambiguous {
        /// As written.
        text: String,
        /// Read as day, month, year.
        day_first: chrono::NaiveDate,
        /// Read as month, day, year.
        month_first: chrono::NaiveDate,
    },
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

//! Results: how each row ended, the totals, and the result file.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::row::Row;
use crate::hotel::RoomName;
use crate::hotel::text::{is_unprintable, printable_json};

/// How a row ended. Each row has exactly one of these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The row is carried out and confirmed.
    Done,
    /// Nothing had to be done, or an earlier run of the batch has done it.
    Already,
    /// The row is refused, and nothing was changed.
    Refused,
    /// The row was tried and had no effect.
    Failed,
    /// It is not known whether the row had an effect, or the lock system has not confirmed it.
    Unknown,
    /// A guest has no access now.
    NoAccess,
    /// The batch stopped before the row, and nothing was sent.
    NotStarted,
}

impl Word {
    /// All words, in the order in which totals are shown.
    pub const ALL: [Word; 7] = [
        Word::Done,
        Word::Already,
        Word::Refused,
        Word::Failed,
        Word::Unknown,
        Word::NoAccess,
        Word::NotStarted,
    ];

    /// Returns the word for the result file and for JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Word::Done => "done",
            Word::Already => "already",
            Word::Refused => "refused",
            Word::Failed => "failed",
            Word::Unknown => "unknown",
            Word::NoAccess => "no_access",
            Word::NotStarted => "not_started",
        }
    }

    /// Returns the word for people.
    pub fn describe(self) -> &'static str {
        match self {
            Word::NoAccess => "NO ACCESS",
            Word::NotStarted => "not started",
            other => other.as_str(),
        }
    }

    /// Returns true if nothing is left to do for the row.
    pub fn is_good(self) -> bool {
        matches!(self, Word::Done | Word::Already)
    }
}

/// The result of a row. It names no guest, because result files are passed on to other people.
#[derive(Clone, Debug)]
pub struct RowResult {
    /// How the row ended.
    pub word: Word,
    /// The code of the failure, a stable word.
    pub code: Option<&'static str>,
    /// A short explanation without the guest's name.
    pub message: Option<String>,
    /// The id of the key.
    pub acs_credential_id: Option<String>,
    /// End of the key, in UTC.
    pub until: Option<DateTime<Utc>>,
    /// The id of the operation in the journal.
    pub operation_id: Option<String>,
    /// The `seam-request-id` of the request that failed.
    pub request_id: Option<String>,
}

impl RowResult {
    /// Returns a result that has only a word.
    pub fn new(word: Word) -> Self {
        Self {
            word,
            code: None,
            message: None,
            acs_credential_id: None,
            until: None,
            operation_id: None,
            request_id: None,
        }
    }
}

/// The number of rows for each word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals([usize; 7]);

impl Totals {
    /// Counts a row.
    pub fn count(&mut self, word: Word) {
        self.0[word as usize] += 1;
    }

    /// Returns the number of rows with this word.
    pub fn of(&self, word: Word) -> usize {
        self.0[word as usize]
    }

    /// Returns the number of all rows.
    pub fn rows(&self) -> usize {
        self.0.iter().sum()
    }

    /// Returns the number of rows for which [`Word::is_good`] is false.
    pub fn not_done(&self) -> usize {
        let bad = Word::ALL.into_iter().filter(|word| !word.is_good());
        bad.map(|word| self.of(word)).sum()
    }
}

/// Returns the text with an apostrophe in front if a spreadsheet would read it as a formula. The list of characters is
/// from OWASP's page on CSV injection, with their full-width forms. White space and invisible characters before them do
/// not count, because programs differ in what they skip.
fn inert(text: &str) -> Cow<'_, str> {
    const BEGINNINGS: [char; 11] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    let skipped = |c: char| !BEGINNINGS.contains(&c) && (c.is_whitespace() || is_unprintable(c));
    if text.trim_start_matches(skipped).starts_with(BEGINNINGS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A row with its result, as in the result file and in `--json`.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "`line` is the heading of the result file's first column"
)]
pub struct Line<'a> {
    line: u64,
    reservation: Option<Cow<'a, str>>,
    action: &'static str,
    room: String,
    outcome: &'static str,
    code: Option<Cow<'a, str>>,
    acs_credential_id: Option<Cow<'a, str>>,
    until: Option<String>,
    message: Option<Cow<'a, str>>,
    operation_id: Option<Cow<'a, str>>,
    request_id: Option<Cow<'a, str>>,
}

impl<'a> Line<'a> {
    /// Returns the line of a row and its result.
    pub fn of(row: &'a Row, result: &'a RowResult) -> Self {
        let rooms: Vec<&str> = row.rooms.iter().map(RoomName::as_str).collect();
        Self {
            action: row.action.name(),
            room: rooms.join(","),
            ..Self::unread(row.line, row.reservation.as_deref(), result)
        }
    }

    /// Returns the line as JSON, with the rooms as a list.
    pub fn json(&self) -> serde_json::Value {
        let mut value = serde_json::json!(self);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("room");
            let rooms = self.room.split(',').filter(|room| !room.is_empty());
            fields.insert("rooms".to_owned(), rooms.collect());
        }
        value
    }

    /// Returns the line for CSV. Every text from a file or a server passes through [`inert`].
    fn inert(self) -> Self {
        let text =
            |value: Option<Cow<'a, str>>| value.map(|text| Cow::Owned(inert(&text).into_owned()));
        Self {
            reservation: text(self.reservation),
            room: inert(&self.room).into_owned(),
            acs_credential_id: text(self.acs_credential_id),
            message: text(self.message),
            request_id: text(self.request_id),
            ..self
        }
    }

    /// Returns the line with another outcome.
    #[must_use]
    pub fn with_outcome(self, outcome: &'static str) -> Self {
        Self { outcome, ..self }
    }

    /// Returns the line of a row that could not be read.
    pub fn unread(line: u64, reservation: Option<&'a str>, result: &'a RowResult) -> Self {
        Self {
            line,
            reservation: reservation.map(Cow::Borrowed),
            action: "",
            room: String::new(),
            outcome: result.word.as_str(),
            code: result.code.map(Cow::Borrowed),
            acs_credential_id: result.acs_credential_id.as_deref().map(Cow::Borrowed),
            until: result
                .until
                .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            message: result.message.as_deref().map(Cow::Borrowed),
            operation_id: result.operation_id.as_deref().map(Cow::Borrowed),
            request_id: result.request_id.as_deref().map(Cow::Borrowed),
        }
    }
}

/// The result file.
#[derive(Clone, Debug)]
pub struct ResultFile {
    path: PathBuf,
    json: bool,
}

impl ResultFile {
    /// Creates it for a path. The extension decides between JSON lines and CSV.
    pub fn new(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str());
        Self {
            path: path.to_owned(),
            json: matches!(ending, Some("jsonl" | "ndjson" | "json")),
        }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file in one step: a reader finds the old file or the new one, and never a part. In CSV, a value that a
    /// spreadsheet would read as a formula gets an apostrophe in front. JSON has the value unchanged.
    pub fn write<'a>(&self, lines: impl Iterator<Item = Line<'a>>) -> std::io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // The place was checked before the first row, but it may have changed since.
        if self.path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(std::io::Error::other("it is not a regular file"));
        }
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let mut out = std::io::BufWriter::new(file.as_file_mut());
        if self.json {
            for line in lines {
                let json = printable_json(&line.json().to_string());
                writeln!(out, "{json}")?;
            }
        } else {
            let mut csv = csv::Writer::from_writer(&mut out);
            for line in lines {
                csv.serialize(line.inert())?;
            }
            csv.flush()?;
        }
        out.flush()?;
        drop(out);
        // The file is not flushed to the disk. If it is lost, the same command writes it again from the journal.
        file.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up() {
        let mut totals = Totals::default();
        for (times, word) in Word::ALL.into_iter().enumerate() {
            (0..=times).for_each(|_| totals.count(word));
        }
        assert_eq!(totals.rows(), 28);
        assert_eq!(totals.of(Word::NotStarted), 7);
        assert_eq!(totals.not_done(), 25);
    }

    #[test]
    fn a_value_that_reads_as_a_formula_is_neutral_in_csv_and_itself_in_json() {
        let folder = tempfile::tempdir().unwrap();
        for value in [
            "=1+1",
            "+1",
            "-1",
            "@x",
            "\tx",
            "\rx",
            "\n=1",
            "\u{ff1d}1",
            "\u{feff}=1",
            "\u{200b}\u{2060} +1",
            " =1",
            "\u{a0}@x",
            "\u{0}-1",
            "4711",
            "a=1",
        ] {
            let result = RowResult {
                message: Some(value.to_owned()),
                ..RowResult::new(Word::Refused)
            };
            let read = |name: &str| {
                let file = ResultFile::new(&folder.path().join(name));
                file.write(std::iter::once(Line::unread(7, Some(value), &result)))
                    .unwrap();
                std::fs::read_to_string(file.path()).unwrap()
            };
            let csv = read("r.csv");
            let row = csv::Reader::from_reader(csv.as_bytes())
                .records()
                .next()
                .unwrap()
                .unwrap();
            for field in [1, 8] {
                let is_plain = matches!(value, "4711" | "a=1");
                let wanted = if is_plain {
                    value.to_owned()
                } else {
                    format!("'{value}")
                };
                assert_eq!(row[field], wanted);
            }
            let json: serde_json::Value = serde_json::from_str(&read("r.jsonl")).unwrap();
            assert_eq!(
                (&json["reservation"], &json["message"]),
                (&value.into(), &value.into())
            );
        }
    }

    #[test]
    fn the_file_is_replaced_whole_in_the_form_that_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        let result = RowResult {
            message: Some("a \"quoted\", text".to_owned()),
            ..RowResult::new(Word::NoAccess)
        };
        for (name, wanted) in [
            ("r.csv", "7,R1,,,no_access,,,,\"a \"\"quoted\"\", text\",,"),
            ("r.jsonl", "\"outcome\":\"no_access\""),
        ] {
            let file = ResultFile::new(&folder.path().join(name));
            for _ in 0..2 {
                file.write(std::iter::once(Line::unread(7, Some("R1"), &result)))
                    .unwrap();
            }
            let text = std::fs::read_to_string(file.path()).unwrap();
            assert!(text.contains(wanted), "{text}");
            assert_eq!(text.matches("no_access").count(), 1);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

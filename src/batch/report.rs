//! How every row ended: totals that add up, and a file that is replaced whole.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::row::Row;
use crate::stay::RoomName;
use crate::stay::text::printable_json;

/// How a row ended; each row in exactly one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// As asked, and confirmed.
    Done,
    /// It was so before, or an earlier run of the batch had done it.
    Already,
    /// It may not be done.
    Refused,
    /// It was tried, and had no effect.
    Failed,
    /// Whether it had its effect is not known, or the lock system has not confirmed it.
    Unknown,
    /// The guest has no access now.
    NoAccess,
    /// Nothing was sent.
    NotStarted,
}

impl Word {
    /// All of them, in the order in which totals are told.
    pub const ALL: [Word; 7] = [
        Word::Done,
        Word::Already,
        Word::Refused,
        Word::Failed,
        Word::Unknown,
        Word::NoAccess,
        Word::NotStarted,
    ];

    /// In the result file and in JSON.
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

    /// For people.
    pub fn told(self) -> &'static str {
        match self {
            Word::NoAccess => "NO ACCESS",
            Word::NotStarted => "not started",
            other => other.as_str(),
        }
    }

    /// As it was to be.
    pub fn is_good(self) -> bool {
        matches!(self, Word::Done | Word::Already)
    }
}

/// What is kept of a row that has ended. No guest is named: result files are passed around.
#[derive(Clone, Debug)]
pub struct RowResult {
    /// How.
    pub word: Word,
    /// A stable word for what stood in the way.
    pub code: Option<&'static str>,
    /// In a few words, without the guest's name.
    pub message: Option<String>,
    /// The key.
    pub acs_credential_id: Option<String>,
    /// The key's end, UTC.
    pub until: Option<DateTime<Utc>>,
    /// Under which it is on record.
    pub operation_id: Option<String>,
    /// Seam's `seam-request-id` of what stood in the way.
    pub request_id: Option<String>,
}

impl RowResult {
    /// A row of which there is nothing more to say.
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

/// How many rows ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals([usize; 7]);

impl Totals {
    /// Counts one more.
    pub fn count(&mut self, word: Word) {
        self.0[word as usize] += 1;
    }

    /// How many ended so.
    pub fn of(&self, word: Word) -> usize {
        self.0[word as usize]
    }

    /// All of them.
    pub fn rows(&self) -> usize {
        self.0.iter().sum()
    }

    /// Those that are not as they were to be.
    pub fn not_done(&self) -> usize {
        let bad = Word::ALL.into_iter().filter(|word| !word.is_good());
        bad.map(|word| self.of(word)).sum()
    }
}

/// Returns the text as a spreadsheet shows it without computing anything: an apostrophe comes before what it would take
/// for the beginning of a formula. The list is that of OWASP's page on CSV injection, with the full-width forms.
fn inert(text: &str) -> Cow<'_, str> {
    const BEGINNINGS: [char; 11] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    if text.starts_with(BEGINNINGS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A row with its end, as the result file and `--json` have it.
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
    /// The row with its end.
    pub fn of(row: &'a Row, result: &'a RowResult) -> Self {
        let rooms: Vec<&str> = row.rooms.iter().map(RoomName::as_str).collect();
        Self {
            action: row.action.name(),
            room: rooms.join(","),
            ..Self::unread(row.line, row.reservation.as_deref(), result)
        }
    }

    /// As a value, with the rooms as a list.
    pub fn json(&self) -> serde_json::Value {
        let mut value = serde_json::json!(self);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("room");
            let rooms = self.room.split(',').filter(|room| !room.is_empty());
            fields.insert("rooms".to_owned(), rooms.collect());
        }
        value
    }

    /// The same for a spreadsheet. Every text that comes from a file or from a server is treated.
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

    /// The same with another word for how it ended.
    #[must_use]
    pub fn with_outcome(self, outcome: &'static str) -> Self {
        Self { outcome, ..self }
    }

    /// A row that could not be understood.
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

/// The file of results.
#[derive(Clone, Debug)]
pub struct ResultFile {
    path: PathBuf,
    json: bool,
}

impl ResultFile {
    /// CSV, or JSON lines where the name ends so.
    pub fn new(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str());
        Self {
            path: path.to_owned(),
            json: matches!(ending, Some("jsonl" | "ndjson" | "json")),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file: readers find the old one or the new one, and never a part. In CSV, a value that a
    /// spreadsheet would take for a formula gets an apostrophe in front; JSON has the value as it is.
    pub fn write<'a>(&self, lines: impl Iterator<Item = Line<'a>>) -> std::io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // It was checked before the first row; nobody is meant to have put a device there since.
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
        // No flush to the disk: what happened is in the record, and the same command tells it again.
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

//! Reads CSV: rows under headings.

use std::io::{Chain, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::column::{self, Column};
use super::error::InputError;
use super::fields::Fields;
use super::gather::Gather;
use super::source::{END, Source, Watched, text, unreadable};

/// The separators of fields. If two fit equally well, the earlier one is used.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// Returns true if the file has more rows under its headings than `max`. Rows without content do not count.
pub(super) fn is_longer<R: Read>(source: Source<R>, max: usize) -> bool {
    let mut rows = rows(source);
    // The first row has the headings.
    let mut left = max.saturating_add(1);
    while let Ok(Some(_)) = rows.next() {
        let is_blank = |field: &[u8]| field.trim_ascii().is_empty();
        if rows.record.iter().all(is_blank) {
            continue;
        }
        if left == 0 {
            return true;
        }
        left -= 1;
    }
    false
}

fn rows<R: Read>(mut source: Source<R>) -> Rows<Chain<Cursor<Vec<u8>>, R>> {
    let (separator, first_line) = match said_separator(&source.ahead) {
        Some((separator, length)) => {
            source.ahead.drain(..length);
            (separator, 2)
        }
        None => (sniff(&source.ahead), 1),
    };
    let name = source.name.clone();
    let bytes = Watched::new(source.into_bytes(), first_line);
    Rows::new(bytes, separator, name)
}

/// Reads rows under headings.
pub(super) fn read<R: Read>(source: Source<R>, gather: &mut Gather) -> Result<(), InputError> {
    let mut rows = rows(source);
    let Some(headings) = rows.next()? else {
        return Err(InputError::Empty(rows.name));
    };
    let headings: Vec<String> = rows.texts(headings)?.map(str::to_owned).collect();
    let columns = columns(&headings, &rows.name)?;
    for (heading, _) in headings
        .iter()
        .zip(&columns)
        .filter(|(_, column)| column.is_none())
    {
        gather.unused(heading)?;
    }
    while let Some(line) = rows.next()? {
        row(&rows, line, &headings, &columns, gather)?;
    }
    Ok(())
}

/// Reads one row. Fields of columns that are not read are not copied.
fn row<R: Read>(
    rows: &Rows<R>,
    line: u64,
    headings: &[String],
    columns: &[Option<Column>],
    gather: &mut Gather,
) -> Result<(), InputError> {
    if rows.texts(line)?.all(|text| text.trim().is_empty()) {
        return Ok(());
    }
    gather.count()?;
    if rows.record.len() != columns.len() {
        // No value is shown, because in such a row any field may be under the wrong heading.
        gather.bad(
            line,
            None,
            vec![rows.wrong_count(columns.len()).into()],
            None,
        );
        return Ok(());
    }
    let mut fields = Fields::default();
    for ((text, column), heading) in rows.texts(line)?.zip(columns).zip(headings) {
        if let Some(column) = column {
            fields.put(*column, text, column::is_utc(heading));
        }
    }
    gather.fields(line, &fields, Vec::new())
}

/// Returns the column of each heading; `None` for a heading that is not read.
fn columns(headings: &[String], name: &str) -> Result<Vec<Option<Column>>, InputError> {
    let columns: Vec<Option<Column>> = headings.iter().map(|heading| Column::of(heading)).collect();
    if columns.iter().all(Option::is_none) {
        let seen: Vec<String> = headings
            .iter()
            .map(|heading| format!("\"{}\"", column::shown(heading)))
            .collect();
        return Err(InputError::Headings {
            name: name.to_owned(),
            seen: seen.join(", "),
            known: column::known(),
        });
    }
    for (index, column) in columns.iter().enumerate() {
        let earlier = columns[..index].iter().position(|other| other == column);
        if let (Some(column), Some(earlier)) = (column, earlier) {
            return Err(InputError::SameColumn {
                name: name.to_owned(),
                first: column::shown(&headings[earlier]),
                second: column::shown(&headings[index]),
                column: column.name(),
            });
        }
    }
    Ok(columns)
}

/// Returns the separator with which most headings are known, or else the one that gives most fields.
fn sniff(ahead: &[u8]) -> u8 {
    let score = |separator: u8| {
        let mut record = ByteRecord::new();
        // Errors are reported when the whole file is read.
        let _ = reader(ahead, separator).read_byte_record(&mut record);
        let known = record
            .iter()
            .filter_map(|field| std::str::from_utf8(field).ok())
            .filter(|heading| Column::of(heading).is_some())
            .count();
        (known, record.len())
    };
    SEPARATORS
        .into_iter()
        .rev()
        .max_by_key(|separator| score(*separator))
        .unwrap_or(b',')
}

/// Reads a first line such as `sep=;`, which spreadsheets use to name the separator. Returns the separator and the
/// length of the line in bytes.
fn said_separator(ahead: &[u8]) -> Option<(u8, usize)> {
    let line = ahead.split_inclusive(|byte| *byte == b'\n').next()?;
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = line.trim_ascii_end() else {
        // The separator may be a tab, which is also white space at the end of the line.
        return (line.trim_ascii_end().eq_ignore_ascii_case(b"sep=") && line.contains(&b'\t'))
            .then_some((b'\t', line.len()));
    };
    SEPARATORS
        .contains(separator)
        .then_some((*separator, line.len()))
}

fn reader<R: Read>(bytes: R, separator: u8) -> Reader<R> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(bytes)
}

/// The rows of a file, one in memory at a time.
struct Rows<R> {
    name: String,
    reader: Reader<Watched<R>>,
    /// The last row that was read.
    record: ByteRecord,
    /// The number of lines of this row.
    lines: usize,
}

impl<R: Read> Rows<R> {
    fn new(bytes: Watched<R>, separator: u8, name: String) -> Self {
        Self {
            name,
            reader: reader(bytes, separator),
            record: ByteRecord::new(),
            lines: 0,
        }
    }

    /// Reads the next row, and returns its line; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<u64>, InputError> {
        let start = self.reader.position().byte();
        self.reader.get_mut().begin_row(start);
        let read = self.reader.read_byte_record(&mut self.record);
        let end = self.reader.position().byte();
        let watched = self.reader.get_ref();
        if let Some(line) = watched.too_long {
            return Err(InputError::TooLong {
                name: self.name.clone(),
                line,
            });
        }
        if !read.map_err(|error| self.failed(error))? {
            return Ok(None);
        }
        let line = watched.row_line();
        self.lines = watched.row_lines(end);
        if !watched.is_over(end)
            || !self
                .record
                .iter()
                .next_back()
                .is_some_and(|last| last.ends_with(END))
        {
            return Ok(Some(line));
        }
        if self.record.len() == 1 && self.record.as_slice() == END {
            Ok(None)
        } else {
            Err(InputError::OpenQuote {
                name: self.name.clone(),
                line,
            })
        }
    }

    /// Returns the fields of the last row that was read.
    fn texts(&self, line: u64) -> Result<impl Iterator<Item = &str>, InputError> {
        let texts: Result<Vec<&str>, InputError> = self
            .record
            .iter()
            .map(|field| text(field, &self.name, line))
            .collect();
        Ok(texts?.into_iter())
    }

    fn wrong_count(&self, wanted: usize) -> String {
        let fields = |count: usize| {
            if count == 1 {
                "1 field".to_owned()
            } else {
                format!("{count} fields")
            }
        };
        let mut problem = format!(
            "the row has {} where the headings have {wanted}; put fields with the separator in them in quotation marks",
            fields(self.record.len())
        );
        if self.lines > 1 {
            problem += &format!(
                ", and look for a quotation mark too many: the row runs over {} lines, which are all left out",
                self.lines
            );
        }
        problem
    }

    fn failed(&self, error: csv::Error) -> InputError {
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            // No other error can happen with byte records of any number of fields.
            other => std::io::Error::other(format!("{other:?}")),
        };
        unreadable(&self.name, source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_that_makes_headings() {
        for (header, wanted) in [
            ("room,guest,departure", b','),
            ("room;guest;departure", b';'),
            ("room\tguest\tdeparture", b'\t'),
            ("room|guest|departure", b'|'),
            ("\"Rate, net, gross, tax\";Room;Guest", b';'),
            ("\n\n room ; guest \n1;2,3,4,5,6", b';'),
            ("room", b','),
            ("a;b;c", b';'),
        ] {
            assert_eq!(sniff(header.as_bytes()), wanted, "{header}");
        }
    }

    #[test]
    fn a_spreadsheet_may_say_its_separator() {
        assert_eq!(said_separator(b"sep=;\r\nroom;guest"), Some((b';', 7)));
        assert_eq!(said_separator(b"SEP=\t\nroom"), Some((b'\t', 6)));
        assert_eq!(said_separator(b"sep=x\nroom"), None);
        assert_eq!(said_separator(b"room;guest"), None);
    }
}

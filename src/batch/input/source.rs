//! Reads the bytes of a file: the beginning, to find the format, and then one record at a time.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use super::Format;
use super::error::InputError;

/// The longest record, in bytes. A reservation has a few hundred; a longer record means that line breaks are missing.
pub(super) const RECORD_LIMIT: u64 = 1 << 20;
/// The length of the beginning that is read to find the format, in bytes. Headings are shorter.
const AHEAD: u64 = 64 << 10;
/// The byte order mark of UTF-8, which spreadsheets write.
const BOM: &[u8] = b"\xEF\xBB\xBF";
/// The first bytes of workbooks: a ZIP archive, or the old binary form.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];
/// The first bytes of UTF-16.
const UTF_16: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// A file whose beginning has been read.
pub(super) struct Source<R> {
    /// The name of the file in errors.
    pub(super) name: String,
    /// The first bytes, without a byte order mark.
    pub(super) ahead: Vec<u8>,
    rest: R,
}

impl<R: Read> Source<R> {
    /// Reads the beginning of a file, and refuses files that are not text.
    pub(super) fn open(mut file: R, name: Option<&str>) -> Result<Self, InputError> {
        let name = name.unwrap_or("the input").to_owned();
        let mut ahead = Vec::new();
        file.by_ref()
            .take(AHEAD)
            .read_to_end(&mut ahead)
            .map_err(|error| unreadable(&name, error))?;
        if WORKBOOKS.iter().any(|magic| ahead.starts_with(magic)) {
            return Err(InputError::Spreadsheet(name));
        }
        if UTF_16.iter().any(|mark| ahead.starts_with(mark)) {
            return Err(InputError::NotUtf8 { name, line: 1 });
        }
        if ahead.starts_with(BOM) {
            ahead.drain(..BOM.len());
        }
        let source = Self {
            name,
            ahead,
            rest: file,
        };
        if source.is_blank() {
            return Err(InputError::Empty(source.name));
        }
        Ok(source)
    }

    /// Returns the format, from the file's name or else from its beginning.
    pub(super) fn format(&self) -> Format {
        Format::of_name(&self.name).unwrap_or_else(|| self.guess())
    }

    /// Returns the first byte that is not white space.
    pub(super) fn first_byte(&self) -> Option<u8> {
        self.ahead
            .iter()
            .copied()
            .find(|byte| !byte.is_ascii_whitespace())
    }

    /// Returns all bytes, from the beginning.
    pub(super) fn into_bytes(self) -> Chain<Cursor<Vec<u8>>, R> {
        Cursor::new(self.ahead).chain(self.rest)
    }

    fn guess(&self) -> Format {
        match self.first_byte() {
            Some(b'{' | b'[') => Format::JsonLines,
            Some(super::fias::STX) => Format::Fias,
            _ if super::fias::begins_with_record(self.ahead.trim_ascii_start()) => Format::Fias,
            _ => Format::Csv,
        }
    }

    /// Returns true if the whole file is white space.
    fn is_blank(&self) -> bool {
        self.first_byte().is_none() && (self.ahead.len() as u64) < AHEAD - BOM.len() as u64
    }
}

/// Returns the error for an error of the operating system. A folder has its own error.
pub(super) fn unreadable(name: &str, source: io::Error) -> InputError {
    let name = name.to_owned();
    if source.kind() == io::ErrorKind::IsADirectory {
        InputError::Directory(name)
    } else {
        InputError::Io { name, source }
    }
}

/// Returns the bytes as text. Bytes that are not UTF-8, and NUL bytes, are an error.
pub(super) fn text<'a>(bytes: &'a [u8], name: &str, line: u64) -> Result<&'a str, InputError> {
    if bytes.contains(&0) {
        return Err(InputError::Binary {
            name: name.to_owned(),
            line,
        });
    }
    std::str::from_utf8(bytes).map_err(|_| InputError::NotUtf8 {
        name: name.to_owned(),
        line,
    })
}

/// Splits a file at breaks, such as line breaks, into pieces of at most [`RECORD_LIMIT`] bytes.
pub(super) struct Pieces<R> {
    name: String,
    bytes: BufReader<R>,
    is_break: fn(u8) -> bool,
    /// The last piece that was read.
    piece: Vec<u8>,
    /// The line of the next byte, from 1.
    line: u64,
    /// The break before the next byte.
    before: Option<u8>,
}

/// One piece of a file.
pub(super) struct Piece<'a> {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// Its text, without the breaks around it.
    pub(super) text: &'a str,
    /// The break before it; `None` at the beginning of the file.
    pub(super) before: Option<u8>,
}

impl<R: Read> Pieces<R> {
    /// Starts at the first byte. `is_break`: returns true for the bytes at which the file is split.
    pub(super) fn new(name: String, bytes: R, is_break: fn(u8) -> bool) -> Self {
        Self {
            name,
            bytes: BufReader::new(bytes),
            is_break,
            piece: Vec::new(),
            line: 1,
            before: None,
        }
    }

    /// Returns the next piece, which may be empty; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, InputError> {
        self.piece.clear();
        let (line, before) = (self.line, self.before);
        let mut any = false;
        loop {
            let chunk = match self.bytes.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(&self.name, error)),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| (self.is_break)(*byte));
            let taken = end.unwrap_or(chunk.len());
            if (self.piece.len() + taken) as u64 > RECORD_LIMIT {
                return Err(InputError::TooLong {
                    name: self.name.clone(),
                    line,
                });
            }
            self.piece.extend_from_slice(&chunk[..taken]);
            self.before = end.map(|at| chunk[at]);
            self.bytes.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                self.line += u64::from(self.before == Some(b'\n'));
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        let text = text(&self.piece, &self.name, line)?;
        Ok(Some(Piece { line, text, before }))
    }
}

/// A record that [`Watched`] adds at the end of a CSV file, and that no real file has. If the CSV reader returns it as
/// part of a longer field, a quotation mark was never closed.
pub(super) const END: &[u8] = CLOSING.split_at(1).1;
/// [`END`] on a line of its own.
const CLOSING: &[u8] = b"\n\0the end\0";

/// Passes the bytes of a file to the CSV reader, and keeps track of the line on which each row begins, of the length
/// of the row, and of the end. (The reader's own line numbers are wrong after blank lines and after CRLF.)
pub(super) struct Watched<R> {
    bytes: R,
    /// The number of bytes that were passed on.
    given: u64,
    /// The position of the first byte of the current row.
    row_start: u64,
    /// For each line that is not blank: the position of its first byte, and its number.
    starts: VecDeque<(u64, u64)>,
    line: u64,
    last: u8,
    /// The part of [`CLOSING`] that was not passed on yet.
    end: &'static [u8],
    /// The line of a row that is longer than [`RECORD_LIMIT`].
    pub(super) too_long: Option<u64>,
}

impl<R: Read> Watched<R> {
    /// Starts at the first byte of the given line.
    pub(super) fn new(bytes: R, line: u64) -> Self {
        Self {
            bytes,
            given: 0,
            row_start: 0,
            starts: VecDeque::new(),
            line,
            last: b'\n',
            end: CLOSING,
            too_long: None,
        }
    }

    /// Notes that a row begins at this position, or after blank lines there.
    pub(super) fn begin_row(&mut self, at: u64) {
        self.row_start = at;
        while self.starts.front().is_some_and(|(start, _)| *start < at) {
            self.starts.pop_front();
        }
    }

    /// Returns the line on which the current row begins.
    pub(super) fn row_line(&self) -> u64 {
        self.starts.front().map_or(self.line, |(_, line)| *line)
    }

    /// Returns how many lines that are not blank the current row has, if it ends before this position.
    pub(super) fn row_lines(&self, end: u64) -> usize {
        self.starts
            .iter()
            .take_while(|(start, _)| *start < end)
            .count()
    }

    /// Returns true if the row that ends before this position is the added [`END`], and not the same text in the file.
    pub(super) fn is_over(&self, end: u64) -> bool {
        self.end.is_empty() && end == self.given
    }

    fn watch(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match (*byte, self.last) {
                (b'\n', b'\r') => {}
                (b'\n' | b'\r', _) => self.line += 1,
                (_, b'\n' | b'\r') => self.starts.push_back((self.given, self.line)),
                _ => {}
            }
            self.last = *byte;
            self.given += 1;
        }
    }

    fn is_too_long(&self) -> bool {
        let start = self.starts.front().map_or(self.given, |(start, _)| *start);
        self.given - start.max(self.row_start) > RECORD_LIMIT
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_too_long() {
            self.too_long = Some(self.row_line());
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // After its end the file is not read again, because a terminal would wait for more input.
        let mut count = if self.end.len() == CLOSING.len() {
            self.bytes.read(buffer)?
        } else {
            0
        };
        if count == 0 {
            count = self.end.read(buffer)?;
        }
        self.watch(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        let mut pieces = Pieces::new("x".to_owned(), text.as_bytes(), |byte| byte == b'\n');
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            all.push((piece.line, piece.text.to_owned()));
        }
        all
    }

    #[test]
    fn pieces_know_their_lines() {
        assert_eq!(
            lines("a\n\nb"),
            [(1, "a".to_owned()), (2, String::new()), (3, "b".to_owned())]
        );
        assert_eq!(lines("a\n"), [(1, "a".to_owned())]);
        assert_eq!(lines(""), []);
    }

    #[test]
    fn a_piece_without_an_end_is_not_read_to_its_end() {
        let endless = io::repeat(b'x');
        let mut pieces = Pieces::new("x".to_owned(), b"a\n".chain(endless), |byte| byte == b'\n');
        assert!(pieces.next().unwrap().is_some());
        assert!(matches!(
            pieces.next().map(|_| ()),
            Err(InputError::TooLong { line: 2, .. })
        ));
    }

    #[test]
    fn what_is_no_text_is_told_apart() {
        let open =
            |bytes: &'static [u8]| Source::open(bytes, Some("f")).map(|source| source.format());
        assert!(matches!(open(b""), Err(InputError::Empty(_))));
        assert!(matches!(
            open(b"\xEF\xBB\xBF \r\n\n"),
            Err(InputError::Empty(_))
        ));
        assert!(matches!(
            open(b"PK\x03\x04rest"),
            Err(InputError::Spreadsheet(_))
        ));
        assert!(matches!(
            open(b"\xFF\xFEr\0"),
            Err(InputError::NotUtf8 { line: 1, .. })
        ));
        assert_eq!(open(b"\n {\"room\":1}").unwrap(), Format::JsonLines);
        assert_eq!(open(b"\x02LS|DA261201|\x03").unwrap(), Format::Fias);
        assert_eq!(open(b"KR|KC1|").unwrap(), Format::Fias);
        assert_eq!(open(b"room|guest").unwrap(), Format::Csv);
    }

    #[test]
    fn a_folder_is_called_one() {
        let folder = std::fs::File::open(".").unwrap();
        assert!(matches!(
            Source::open(folder, Some("exports")).map(|_| ()),
            Err(InputError::Directory(name)) if name == "exports"
        ));
    }
}

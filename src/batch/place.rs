//! What stands where a result file is to be written.

use std::fs::{File, Metadata};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::Path;

/// The first line of a result file in CSV begins with these columns; later versions only add columns behind them.
const HEADINGS: &str = "line,reservation,action,room,outcome,";

/// More than the first line of any result file.
const LONGEST: u64 = 1 << 20;

/// What a result file would replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Nothing, or an empty file.
    Nothing,
    /// Results that roomkey wrote.
    Results,
    /// A file that roomkey did not write.
    Other,
}

/// Why no results can be written to a place.
#[derive(Debug, thiserror::Error)]
pub enum BadTarget {
    /// It is the file that the rows come from.
    #[error("it is the file that the rows come from")]
    Input,
    /// A folder, a device or a pipe.
    #[error("it is not a regular file")]
    NotAFile,
    /// It cannot be looked at.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Looks at the place of a result file. `input`: the file that the rows come from, `-` for standard input.
///
/// # Errors
///
/// No results can be written there.
pub fn existing(path: &Path, input: &Path) -> Result<Existing, BadTarget> {
    let found = match path.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Existing::Nothing),
        Err(error) => return Err(error.into()),
    };
    let input = if input == Path::new("-") {
        Path::new("/dev/stdin")
    } else {
        input
    };
    if !found.is_file() {
        return Err(BadTarget::NotAFile);
    }
    if is_same(path, &found, input) {
        return Err(BadTarget::Input);
    }
    if found.len() == 0 {
        return Ok(Existing::Nothing);
    }
    let mut first = vec![];
    BufReader::new(File::open(path)?.take(LONGEST)).read_until(b'\n', &mut first)?;
    Ok(if is_result(&first) {
        Existing::Results
    } else {
        Existing::Other
    })
}

fn is_result(first: &[u8]) -> bool {
    let object = || serde_json::from_slice::<serde_json::Value>(first).ok();
    let has_fields = |line: serde_json::Value| {
        let field = |name: &str| line.get(name).is_some();
        field("line") && field("outcome") && field("operation_id")
    };
    first.starts_with(HEADINGS.as_bytes()) || object().is_some_and(has_fields)
}

/// Whether two paths lead to one file, through links of either kind.
#[cfg(unix)]
fn is_same(_path: &Path, found: &Metadata, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    other
        .metadata()
        .is_ok_and(|other| (other.dev(), other.ino()) == (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn is_same(path: &Path, _found: &Metadata, other: &Path) -> bool {
    matches!((path.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

//! Checks the place of a result file before it is written.

use std::fs::{File, Metadata};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::Path;

use crate::home;

/// The beginning of the first line of every result file in CSV. Later versions only add columns after these.
const HEADINGS: &str = "line,reservation,action,room,outcome,";

/// The number of bytes that are read to recognise a result file. Its first line is shorter.
const LONGEST: u64 = 1 << 20;

/// The file that the results would replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// There is no file, or an empty one.
    Nothing,
    /// Results that roomkey wrote.
    Results,
    /// A file that roomkey did not write.
    Other,
}

/// Why results cannot be written to a place.
#[derive(Debug, thiserror::Error)]
pub enum BadTarget {
    /// The place is the file with the rows.
    #[error("it is the file that the rows come from")]
    Input,
    /// The place is a folder, a device or a pipe.
    #[error("it is not a regular file")]
    NotAFile,
    /// The place is a file in which roomkey itself keeps something.
    #[error("it is a file of roomkey's home")]
    Home,
    /// The folder of the place cannot be written to.
    #[error("the folder {} cannot be written to ({error})", folder.display())]
    Folder {
        /// The folder.
        folder: std::path::PathBuf,
        /// The reason.
        error: std::io::Error,
    },
    /// The place cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Checks the place of a result file. `input`: the file with the rows; `-` for standard input.
///
/// # Errors
///
/// Results cannot be written there.
pub fn existing(path: &Path, input: &Path) -> Result<Existing, BadTarget> {
    let found = match path.metadata() {
        Ok(found) => found,
        // The target of a broken link is not known to the person who typed the link's name.
        Err(_) if path.is_symlink() => return Err(BadTarget::NotAFile),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            check_folder(home::folder_of(path))?;
            return Ok(Existing::Nothing);
        }
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
    check_folder(home::folder_of(path))?;
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

/// Checks that a file can be created in a folder. The results are written to a new file beside the old one.
fn check_folder(folder: &Path) -> Result<(), BadTarget> {
    // The error of the attempt names the attempt's own file.
    let found = folder.metadata().map(|_| ());
    let tried = || tempfile::tempfile_in(folder).map(drop);
    found
        .and_then(|()| tried().map_err(|error| error.kind().into()))
        .map_err(|error| BadTarget::Folder {
            folder: folder.to_owned(),
            error,
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

/// Returns true if two paths lead to the same file, also through symbolic or hard links.
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

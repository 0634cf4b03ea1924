//! The hotel on disk, which several processes can share.
//!
//! A lock file lies next to the snapshot. A process that serves a request holds its lock, and writes a new mark into it
//! before it replaces the snapshot. A process that finds another mark than its own reads the snapshot again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::hotel::Hotel;
use crate::home;

/// A process holds the lock for one request. One that is stopped or hangs may hold it for ever.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two attempts. The operating system has no lock with a time limit.
const BETWEEN: Duration = Duration::from_millis(1);

/// The path of a snapshot, and the mark of the state in this process.
pub(super) struct Snapshot {
    path: PathBuf,
    lock: PathBuf,
    mark: String,
}

/// The state on disk, compared with the state in this process.
pub(super) enum Found {
    Same,
    Newer(Box<Hotel>),
    Nothing,
}

/// The lock on the snapshot. Dropping it releases the lock.
pub(super) struct Held(File);

impl Snapshot {
    pub(super) fn new(path: PathBuf) -> io::Result<Self> {
        refuse_foreign(&path)?;
        let folder = home::folder_of(&path);
        // An existing folder keeps its mode.
        if !folder.exists() {
            home::prepare(folder)?;
        }
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        Ok(Self {
            path,
            lock: lock.into(),
            mark: String::new(),
        })
    }

    /// Waits for the lock, for at most [`PATIENCE`].
    pub(super) fn hold(&self) -> io::Result<Held> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = home::open(&self.lock, &options)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held(file)),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(BETWEEN);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!(
                            "another process holds {}; end it, then try again",
                            self.lock.display()
                        ),
                    ));
                }
            }
        }
    }

    /// Reads the snapshot if another process has written it.
    pub(super) fn read(&mut self, held: &mut Held) -> io::Result<Found> {
        let mut mark = String::new();
        // Content that is not text counts as another process's mark.
        held.0.seek(SeekFrom::Start(0))?;
        if held.0.read_to_string(&mut mark).is_err() {
            mark.clear();
        }
        if !mark.is_empty() && mark == self.mark && self.path.exists() {
            return Ok(Found::Same);
        }
        if home::check_file(&self.path)?.is_none() {
            return Ok(Found::Nothing);
        }
        let mut file = home::open(&self.path, OpenOptions::new().read(true))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| unreadable(&self.path, &error))?;
        let mut hotel: Box<Hotel> =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(&self.path, &error))?;
        hotel.reindex();
        self.mark = mark;
        Ok(Found::Newer(hotel))
    }

    /// Replaces the snapshot atomically.
    pub(super) fn write(&mut self, held: &mut Held, hotel: &Hotel) -> io::Result<()> {
        // The temporary file has mode 0600 from its creation.
        let mut file = tempfile::NamedTempFile::new_in(home::folder_of(&self.path))?;
        serde_json::to_writer(io::BufWriter::new(&mut file), hotel)?;
        file.flush()?;
        // The mark is written first. If this process ends before it writes the snapshot, other processes read the
        // snapshot once more than necessary. In the other order they could miss it.
        let mark = Uuid::new_v4().to_string();
        held.0.set_len(0)?;
        held.0.seek(SeekFrom::Start(0))?;
        held.0.write_all(mark.as_bytes())?;
        file.persist(&self.path).map_err(|error| error.error)?;
        self.mark = mark;
        Ok(())
    }
}

/// Refuses a file that is certainly no snapshot, before its mode is changed and a lock file is created beside it.
fn refuse_foreign(path: &Path) -> io::Result<()> {
    let Ok(found) = path.symlink_metadata() else {
        return Ok(());
    };
    let mut first = [0; 1];
    let is_snapshot = found.is_file()
        && match File::open(path).and_then(|mut file| file.read(&mut first)) {
            Ok(0) => true,
            Ok(_) => first == *b"{",
            Err(error) => return Err(error),
        };
    if is_snapshot {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!(
            "{} is not the file of a simulated hotel; name another file",
            path.display()
        ),
    ))
}

fn unreadable(path: &Path, cause: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!(
            "the simulated hotel in {} cannot be read ({cause}); `roomkey sandbox reset` starts afresh",
            path.display()
        ),
    )
}

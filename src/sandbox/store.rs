//! The hotel between commands: a snapshot file under a lock, replaced whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::world::World;

/// A snapshot file shared by processes.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    lock: Arc<File>,
    seen: Option<Stamp>,
}

/// What tells one version of the file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<std::time::SystemTime>,
    length: u64,
    inode: u64,
}

/// Exclusive until dropped.
#[derive(Debug)]
pub(super) struct Held(Arc<File>);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl Store {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path.with_extension("lock"))?;
        Ok(Self {
            path: path.to_owned(),
            lock: Arc::new(lock),
            seen: None,
        })
    }

    /// Waits until no other process works on the file.
    pub(super) fn locked(&self) -> io::Result<Held> {
        self.lock.lock()?;
        Ok(Held(Arc::clone(&self.lock)))
    }

    /// The hotel as it stands in the file, where that is newer than what was read last. Hold the lock.
    pub(super) fn load(&mut self) -> io::Result<Option<World>> {
        let now = match std::fs::metadata(&self.path) {
            Ok(found) => stamp(&found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if self.seen == Some(now) {
            return Ok(None);
        }
        let text = std::fs::read(&self.path)?;
        let mut world: World = serde_json::from_slice(&text).map_err(|error| {
            let text = format!(
                "{} is not a sandbox of this version ({error}); `roomkey sandbox reset` starts afresh",
                self.path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        world.reindex();
        self.seen = Some(now);
        Ok(Some(world))
    }

    /// Writes the hotel. Hold the lock.
    pub(super) fn save(&mut self, world: &World) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?; // Readable by its owner alone.
        file.write_all(&serde_json::to_vec(world)?)?;
        file.persist(&self.path).map_err(|error| error.error)?;
        self.seen = std::fs::metadata(&self.path)
            .ok()
            .map(|found| stamp(&found));
        Ok(())
    }
}

fn stamp(found: &std::fs::Metadata) -> Stamp {
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(found);
    #[cfg(not(unix))]
    let inode = 0;
    Stamp {
        modified: found.modified().ok(),
        length: found.len(),
        inode,
    }
}

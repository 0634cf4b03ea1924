//! Which operations have somebody at them: a live process holds the lock on a file of its own.
//!
//! The system drops the lock when a process ends in whatever way, so that a claim never outlives the one
//! who made it; a process id alone would be given to somebody else.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// This process, as the record knows it.
#[derive(Debug)]
pub struct Process {
    folder: PathBuf,
    id: String,
    lock: Option<File>,
}

impl Process {
    /// Known to the record in this folder. The lock file is made when the first operation begins.
    pub fn new(home: &Path) -> Self {
        Self {
            folder: home.join("desks"),
            id: Uuid::new_v4().to_string(),
            lock: None,
        }
    }

    /// The word for it on record; from here on it counts as alive.
    pub(super) fn announce(&mut self) -> std::io::Result<&str> {
        if self.lock.is_none() {
            super::writer::private_folder(&self.folder)?;
            let file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .open(self.file(&self.id))?;
            file.lock()?;
            self.lock = Some(file);
        }
        Ok(&self.id)
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.lock"))
    }

    /// Whether that process is another one and alive. A lock that cannot be asked for counts as held: to
    /// wait for nobody is better than to work against somebody.
    pub(super) fn is_other_alive(&self, id: &str) -> bool {
        if id == self.id {
            return false;
        }
        let path = self.file(id);
        match File::open(&path).map(|file| file.try_lock()) {
            Ok(Ok(())) => {
                let _ = std::fs::remove_file(path);
                false
            }
            Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => true,
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            let _ = std::fs::remove_file(self.file(&self.id));
        }
    }
}

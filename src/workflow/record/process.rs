//! Which operations have somebody at them: a live process holds the lock on a file of its own.
//!
//! The system drops the lock when a process ends in whatever way, so that a claim never outlives the one
//! who made it; a process id alone would be given to somebody else.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::home;

/// This process, as the record knows it.
#[derive(Debug)]
pub struct Process {
    folder: PathBuf,
    id: String,
    account: String,
    lock: Option<File>,
}

impl Process {
    /// Known to the record in this folder. The lock file is made when the first operation begins.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join(home::DESKS),
            id: Uuid::new_v4().to_string(),
            account: account(),
            lock: None,
        }
    }

    /// The word for it on record; from here on it counts as alive.
    pub(super) fn announce(&mut self) -> std::io::Result<&str> {
        if self.lock.is_none() {
            home::prepare(&self.folder)?;
            let mut options = OpenOptions::new();
            options.create_new(true).write(true);
            let file = home::open(&self.file(&self.id), &options)?;
            file.lock()?;
            self.lock = Some(file);
        }
        Ok(&self.id)
    }

    /// Returns the account of the operating system that this process runs under, as the system says.
    pub(super) fn account(&self) -> &str {
        &self.account
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
        match home::open(&path, OpenOptions::new().read(true)).map(|file| file.try_lock()) {
            Ok(Ok(())) => {
                let _ = std::fs::remove_file(path);
                false
            }
            Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => true,
            Err(error) => !error.is_absent(),
        }
    }
}

/// Asks the system, not the environment, which anybody can set.
fn account() -> String {
    whoami::username().unwrap_or_else(|_| nameless())
}

#[cfg(unix)]
fn nameless() -> String {
    format!("user id {}", rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn nameless() -> String {
    "unknown".to_owned()
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            let _ = std::fs::remove_file(self.file(&self.id));
        }
    }
}

//! Shows which operations a live process is working on: a live process holds the lock on a file of its own.
//!
//! The operating system releases the lock when a process ends for any reason, so a claim never outlives its process. A
//! process id alone could be reused by another process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::home;

/// This process, as the journal knows it.
#[derive(Debug)]
pub struct Process {
    folder: PathBuf,
    id: String,
    account: String,
    lock: Option<File>,
}

impl Process {
    /// Returns this process for the journal in this folder. The lock file is created when the first operation begins.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join(home::DESKS),
            id: Uuid::new_v4().to_string(),
            account: account(),
            lock: None,
        }
    }

    /// Creates and locks the file of this process, and returns the name by which the journal knows the process.
    pub(super) fn announce(&mut self) -> std::io::Result<&str> {
        if self.lock.is_none() {
            home::prepare(&self.folder)?;
            let mut options = OpenOptions::new();
            options.create_new(true).write(true);
            let file = home::open(&self.file(&self.id), &options)?;
            // The file is new, so nobody else holds it. Without a wait, a file system that hangs on locks is an error.
            file.try_lock()?;
            self.lock = Some(file);
        }
        Ok(&self.id)
    }

    /// Returns the operating system's account under which this process runs.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.lock"))
    }

    /// Returns whether that process is another one and alive. If the lock cannot be checked, the process counts as
    /// alive: waiting without need is better than working against another process.
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

/// Returns the account, as reported by the operating system. The environment is not used, because anybody can set it.
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

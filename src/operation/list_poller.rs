//! Reads keys back for many operations at once: one reading of all pages answers every operation that waits.
//!
//! Each operation of a batch needs to know whether its key is confirmed. A read of each key costs one request a key. A
//! read of the list of all keys costs one request for each page of some hundred keys. The way with fewer requests is
//! chosen. When no operation has anything else to do, the way with fewer rounds is chosen.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::seam::{self, Client};
use crate::snapshot::fetch::{KeyReader, each_key, keys_at, keys_of, read_key};

/// The number of keys on a page: the vendor's default.
const PAGE: usize = 500;

/// The pause between two readings of the list, as a multiple of the duration of the last one. It leaves most requests
/// to the batch's own work.
const REST: u32 = 8;

/// The minimum time that the leading operation waits for others to join its reading.
const SHORTEST: Duration = Duration::from_millis(50);

/// The shared reader of keys; see the module's documentation.
#[derive(Debug)]
pub struct ListPoller<'a> {
    client: &'a Client,
    system: String,
    /// The number of pages of the list when the batch started.
    pages: usize,
    /// The maximum number of requests in progress.
    in_flight: usize,
    /// The number of operations that have started and not ended.
    open: Cell<usize>,
    /// The number of these operations that wait for a reading.
    waiting: Cell<usize>,
    /// Whether one of them leads: it decides how to read, and reads for all.
    led: Cell<bool>,
    /// When it was last decided that each operation reads its own key.
    each_its_own: Cell<Option<Instant>>,
    last: RefCell<Sweep>,
    changed: Notify,
    done: Notify,
}

#[derive(Debug)]
struct Sweep {
    began: Option<Instant>,
    ended: Instant,
    keys: HashMap<String, Key>,
}

/// A guard that counts one more as long as it exists.
struct Counted<'a>(&'a Cell<usize>, &'a Notify);

impl<'a> Counted<'a> {
    fn new(cell: &'a Cell<usize>, changed: &'a Notify) -> Self {
        cell.set(cell.get() + 1);
        changed.notify_waiters();
        Self(cell, changed)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
        self.1.notify_waiters();
    }
}

/// The guard of the leading operation. When it is dropped, another operation can lead.
struct Leading<'a>(&'a ListPoller<'a>);

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        self.0.led.set(false);
        self.0.done.notify_waiters();
    }
}

impl<'a> ListPoller<'a> {
    /// Returns a reader for one system. `keys` is the approximate number of keys in the system's list, if the list was
    /// read. A list that was too long to read before is not read here either.
    pub fn new(client: &'a Client, system: &str, in_flight: usize, keys: Option<usize>) -> Self {
        Self {
            pages: keys.map_or(usize::MAX, |keys| keys.div_ceil(PAGE)),
            client,
            system: system.to_owned(),
            in_flight: in_flight.max(1),
            open: Cell::new(0),
            waiting: Cell::new(0),
            led: Cell::new(false),
            each_its_own: Cell::new(None),
            last: RefCell::new(Sweep {
                began: None,
                ended: Instant::now(),
                keys: HashMap::new(),
            }),
            changed: Notify::new(),
            done: Notify::new(),
        }
    }

    /// Counts an operation as in progress until the returned guard is dropped.
    pub fn begin(&self) -> impl Drop + use<'_> {
        Counted::new(&self.open, &self.changed)
    }

    /// Returns the number of operations that send requests and do not wait for a reading.
    pub fn busy(&self) -> usize {
        self.open.get().saturating_sub(self.waiting.get())
    }

    /// Completes when the number of operations that send or wait has changed.
    pub fn changed(&self) -> impl Future<Output = ()> + use<'_> {
        self.changed.notified()
    }

    /// Returns whether each waiting operation should read its own key instead of the whole list. This is so if it
    /// takes fewer requests or, when no operation has anything else to do, fewer rounds.
    fn few_wait(&self) -> bool {
        let last = self.last.borrow().keys.len().div_ceil(PAGE);
        let pages = self.pages.max(last).max(1);
        let waiting = self.waiting.get();
        waiting <= pages || (self.busy() == 0 && waiting.div_ceil(self.in_flight) < pages)
    }

    /// Reads the whole list.
    async fn sweep(&self) -> Result<(), seam::Error> {
        let began = Instant::now();
        let mut keys = HashMap::new();
        each_key(self.client, &self.system, Some(true), |key| {
            keys.insert(key.id.clone(), key);
        })
        .await?;
        *self.last.borrow_mut() = Sweep {
            began: Some(began),
            ended: Instant::now(),
            keys,
        };
        Ok(())
    }

    /// Waits until the next reading may begin: after a pause, or as soon as no operation has anything else to do.
    async fn rest(&self) {
        let rested = {
            let last = self.last.borrow();
            let length = last
                .began
                .map_or(Duration::ZERO, |began| last.ended - began);
            (last.ended + length * REST).max(Instant::now() + SHORTEST)
        };
        while self.busy() > 0 && Instant::now() < rested {
            tokio::select! {
                () = tokio::time::sleep_until(rested) => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// Waits for a reading of the list that began at or after `since`. One of the waiting operations leads and reads
    /// for all. Returns `false` if each operation should read what it needs by itself.
    async fn is_listed_since(&self, since: Instant) -> Result<bool, seam::Error> {
        let _waiting = Counted::new(&self.waiting, &self.changed);
        loop {
            let began = self.last.borrow().began;
            if began.is_some_and(|began| began >= since) {
                return Ok(true);
            }
            if self.led.replace(true) {
                let asked = Instant::now();
                self.done.notified().await;
                if self.each_its_own.get().is_some_and(|at| at >= asked) {
                    return Ok(false);
                }
                continue;
            }
            let leading = Leading(self);
            self.rest().await;
            if self.few_wait() {
                self.each_its_own.set(Some(Instant::now()));
                drop(leading);
                return Ok(false);
            }
            self.sweep().await?;
        }
    }
}

impl KeyReader for ListPoller<'_> {
    fn resting(&self) -> impl Sized + '_ {
        Counted::new(&self.waiting, &self.changed)
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// Returns the keys at a door, from the list if it is read for other operations too. The list contains all
    /// multi-phone keys and no cards.
    async fn room(&self, door: &str, since: Instant) -> Result<Vec<Key>, seam::Error> {
        if !self.is_listed_since(since).await? {
            return keys_at(self.client, door).await;
        }
        let last = self.last.borrow();
        let here = last.keys.values().filter(|key| key.doors.contains(door));
        Ok(here.cloned().collect())
    }

    async fn of(&self, guest: &str, since: Instant) -> Result<Vec<Key>, seam::Error> {
        if !self.is_listed_since(since).await? {
            return keys_of(self.client, guest, None).await;
        }
        let last = self.last.borrow();
        let own = last.keys.values();
        Ok(own
            .filter(|key| key.holder.as_deref() == Some(guest))
            .cloned()
            .collect())
    }

    async fn key(&self, id: &str, since: Instant) -> Result<Option<Key>, seam::Error> {
        if self.is_listed_since(since).await? {
            let listed = self.last.borrow().keys.get(id).cloned();
            // In a list that lags, a new key is missing in the same way as a key that is gone, and the list contains
            // no cards.
            if listed.is_some() {
                return Ok(listed);
            }
        }
        read_key(self.client, id).await
    }
}

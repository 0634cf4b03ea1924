//! Keys read back for many operations at once: one reading of all pages answers everybody who waits.
//!
//! Each operation of a batch wants to know whether its key is confirmed. Asking for each costs a call a key;
//! the list of all keys costs a call a page of some hundred. Whichever takes fewer requests is done, and
//! whichever takes fewer rounds once nothing else is left to do.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::read::{ReadBack, each_key, keys_at, keys_of, read_key};
use crate::seam::{self, Client};
use crate::stay::key::Key;

/// How many keys come on a page, as far as is known: the vendor's default.
const PAGE: usize = 500;

/// A pause between two readings of the list, in lengths of the last one: reading is not to take the place of
/// what the batch is for.
const REST: u32 = 8;

/// How long the one who reads for all waits for others to join.
const SHORTEST: Duration = Duration::from_millis(50);

/// Reads keys back for everybody; see the module.
#[derive(Debug)]
pub struct Sweeps<'a> {
    client: &'a Client,
    system: String,
    /// How long the list was at the beginning.
    pages: usize,
    /// How many requests may be in flight.
    in_flight: usize,
    /// Operations begun and not ended.
    open: Cell<usize>,
    /// Those of them that wait for a reading.
    waiting: Cell<usize>,
    /// One of them decides how to read, and reads for all.
    led: Cell<bool>,
    /// When it was last decided that each reads its own key.
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

/// Counts up for as long as it lives.
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

/// Whoever leads; dropping it lets the next one.
struct Leading<'a>(&'a Sweeps<'a>);

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        self.0.led.set(false);
        self.0.done.notify_waiters();
    }
}

impl<'a> Sweeps<'a> {
    /// For one system. `keys`: about how many its list has, if that was read; a list that was too long to read
    /// is not read now either.
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

    /// An operation is under way until the value is dropped.
    pub fn begin(&self) -> impl Drop + use<'_> {
        Counted::new(&self.open, &self.changed)
    }

    /// Operations that are sending requests rather than waiting for a reading.
    pub fn busy(&self) -> usize {
        self.open.get().saturating_sub(self.waiting.get())
    }

    /// Ends when the number of operations that send or wait has changed.
    pub fn changed(&self) -> impl Future<Output = ()> + use<'_> {
        self.changed.notified()
    }

    /// Whether to ask for each key that is waited for rather than for the whole list: where that takes fewer
    /// requests, or, once nobody has anything else to do, fewer rounds.
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

    /// Until the next reading may begin: after a rest, or as soon as nobody has anything else to do.
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

    /// Waits for a reading of the list that began at or after `since`; `false` where everybody is to ask for what
    /// they need instead. One of those who wait leads, and reads for all.
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

impl ReadBack for Sweeps<'_> {
    fn resting(&self) -> impl Sized + '_ {
        Counted::new(&self.waiting, &self.changed)
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// From the list, where that is read for others too: it has all keys that copies on phones are made of. Cards are
    /// not in it.
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
            // A list that lags looks the same as a key that is gone, and cards are not in it.
            if listed.is_some() {
                return Ok(listed);
            }
        }
        read_key(self.client, id).await
    }
}

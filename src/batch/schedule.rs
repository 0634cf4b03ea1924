//! Carries out a planned batch: chains run side by side, and the jobs of a chain run in order.

mod job;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use futures::stream::{FuturesUnordered, StreamExt as _};

use super::fingerprint::Fingerprint;
use super::job::Terms;
use super::plan::BatchPlan;
use super::row::Row;
use super::why::Why;
use crate::journal::JournalError;
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::list_poller::ListPoller;
use crate::operation::outcome::Outcome;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// The most operations that may be open at a time, including those that wait for the lock system to confirm.
const OPEN: usize = 4096;

/// An [`Interrupt`] that is never requested. An operation of a batch is always carried out to its end, because a stop
/// in the middle could leave a guest without access. Interrupts stop the batch between operations.
#[derive(Clone, Copy, Debug)]
pub struct Undisturbed;

impl Interrupt for Undisturbed {
    fn is_requested(&self) -> bool {
        false
    }

    async fn requested(&self) {
        std::future::pending::<()>().await;
    }
}

/// How a row ended.
#[derive(Debug)]
pub enum Ended {
    /// An earlier run of the batch has done the row.
    Before {
        /// The id of the key that it made.
        key: Option<String>,
        /// End of the key, in UTC.
        until: Option<DateTime<Utc>>,
    },
    /// The row was carried out, or nothing had to be done.
    Carried {
        /// The outcome of the operation, which may have carried out several rows.
        outcome: Rc<Outcome>,
        /// The index of the row's own step, if it makes a key.
        step: Option<usize>,
        /// The id of the row's key.
        key: Option<String>,
        /// End of the key, in UTC.
        until: Option<DateTime<Utc>>,
    },
    /// The row is refused.
    Refused(Why),
    /// The journal has an error, or a claim of another process.
    Journal(JournalError),
    /// The batch stopped before the row.
    NotStarted,
}

/// Why a batch stopped before its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// A person interrupted it.
    Interrupted,
    /// The API key is not accepted any more.
    Denied,
    /// Seam could not be reached for many rows.
    Unreachable,
    /// The journal cannot be written.
    Journal,
}

impl Halt {
    /// Returns why a batch stops at this error of the journal.
    fn of(error: &JournalError) -> Self {
        if error.is_interrupted() {
            Self::Interrupted
        } else {
            Self::Journal
        }
    }
}

/// What is needed to carry out a batch.
pub struct Schedule<'a> {
    /// All rows, with times as instants and rooms by the names of their doors.
    pub rows: &'a [Row],
    /// The fingerprints of the rows.
    pub prints: &'a [Fingerprint],
    /// The plan.
    pub plan: &'a BatchPlan,
    /// The options that apply to all rows.
    pub terms: &'a Terms,
    /// The hotel's settings.
    pub profile: &'a HotelProfile,
    /// The id of the batch in the journal.
    pub id: &'a str,
    /// The desk that carries out the operations.
    pub executor: Executor<'a, Undisturbed, ListPoller<'a>>,
    /// The largest number of requests at the same time.
    pub jobs: usize,
    /// The snapshot of the hotel, updated after each operation.
    pub snapshot: RefCell<HotelSnapshot>,
    /// Returns the current time, in UTC.
    pub clock: &'a dyn Fn() -> DateTime<Utc>,
}

struct State<'a, F> {
    batch: &'a Schedule<'a>,
    made: RefCell<Vec<Option<String>>>,
    halt: Cell<Option<Halt>>,
    lost: Cell<usize>,
    ended: RefCell<F>,
}

impl Schedule<'_> {
    /// Carries out the batch, and returns why it stopped early, if it did. `ended` is called once for each row of the plan,
    /// when the row ends; rows that did not begin come last.
    pub async fn run<S: Interrupt>(
        &self,
        stop: &S,
        ended: impl FnMut(usize, Ended),
    ) -> Option<Halt> {
        let state = State {
            batch: self,
            made: RefCell::new(vec![None; self.plan.jobs.len()]),
            halt: Cell::new(None),
            lost: Cell::new(0),
            ended: RefCell::new(ended),
        };
        // More jobs than requests, so that others can send while some write to the journal.
        let busy = self.jobs + self.jobs / 2 + 1;
        let poller = self.executor.keys;
        let mut running = FuturesUnordered::new();
        let mut chains = self.plan.chains.iter();
        loop {
            if stop.is_requested() {
                state.halt.set(state.halt.get().or(Some(Halt::Interrupted)));
            }
            while state.halt.get().is_none() && poller.busy() < busy && running.len() < OPEN {
                let Some(chain) = chains.next() else { break };
                let open = poller.begin();
                let chain = state.chain(chain);
                running.push(async move {
                    chain.await;
                    drop(open);
                });
            }
            if running.is_empty() {
                break;
            }
            let changed = poller.changed();
            tokio::select! {
                _ = running.next() => {}
                () = changed => {}
                () = stop.requested(), if state.halt.get().is_none() => {}
            }
        }
        drop(running);
        for chain in chains {
            chain.iter().for_each(|job| state.not_started(*job));
        }
        state.halt.get()
    }
}

impl<F: FnMut(usize, Ended)> State<'_, F> {
    async fn chain(&self, jobs: &[usize]) {
        for &job in jobs {
            if self.halt.get().is_some() {
                self.not_started(job);
            } else {
                self.job(job).await;
            }
        }
    }

    fn not_started(&self, job: usize) {
        self.end(job, |_| Ended::NotStarted);
    }

    fn end(&self, job: usize, mut ended: impl FnMut(usize) -> Ended) {
        for &row in &self.batch.plan.jobs[job].rows {
            let ended = ended(row);
            (self.ended.borrow_mut())(row, ended);
        }
    }
}

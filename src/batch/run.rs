//! Carries a planned batch out: chains side by side, the jobs of a chain in order.

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
use crate::workflow::engine::Interrupt;
use crate::workflow::facts::Facts;
use crate::workflow::property::Property;
use crate::workflow::record::RecordError;
use crate::workflow::run::{Desk, Outcome};
use crate::workflow::sweep::Sweeps;

/// The most operations that may be open, those included that only wait for the lock system.
const OPEN: usize = 4096;

/// An operation that was begun is brought to its end: a stop in the middle of it is what leaves a guest
/// without access.
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
    /// An earlier run of the batch had done it.
    Before {
        /// The key it made.
        key: Option<String>,
        /// The key's end, UTC.
        until: Option<DateTime<Utc>>,
    },
    /// Carried out, or found as asked.
    Carried {
        /// What became of the operation, which may be that of several rows.
        outcome: Rc<Outcome>,
        /// The row's own step, where it has one that makes a key.
        step: Option<usize>,
        /// The row's key.
        key: Option<String>,
        /// The key's end, UTC.
        until: Option<DateTime<Utc>>,
    },
    /// It may not be done, as things have become.
    Refused(Why),
    /// The record does not let it begin.
    Record(RecordError),
    /// The batch stopped before it.
    NotStarted,
}

/// Why a batch stopped before its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Somebody asked to.
    Interrupted,
    /// The API key is not accepted any more.
    Denied,
    /// Nobody has answered for many rows.
    Unreachable,
    /// The record cannot be written.
    Record,
}

/// Everything that the rows of a batch share.
pub struct Batch<'a> {
    /// All rows, settled.
    pub rows: &'a [Row],
    /// Their fingerprints.
    pub prints: &'a [Fingerprint],
    /// What is to be done.
    pub plan: &'a BatchPlan,
    /// What holds for all.
    pub terms: &'a Terms,
    /// The hotel's settings.
    pub property: &'a Property,
    /// Under which it is on record.
    pub id: &'a str,
    /// Who carries it out.
    pub desk: Desk<'a, Undisturbed, Sweeps<'a>>,
    /// How many requests may be in flight.
    pub jobs: usize,
    /// Everything known, as it becomes.
    pub facts: RefCell<Facts>,
    /// The clock, UTC.
    pub clock: &'a dyn Fn() -> DateTime<Utc>,
}

struct State<'a, F> {
    batch: &'a Batch<'a>,
    made: RefCell<Vec<Option<String>>>,
    halt: Cell<Option<Halt>>,
    lost: Cell<usize>,
    ended: RefCell<F>,
}

impl Batch<'_> {
    /// Carries everything out. `ended` is called once for each row that can be carried out, in the order in
    /// which they end; the rows that could not begin come last.
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
        // A few more than may send at once, so that no place is empty while one writes to the record.
        let busy = self.jobs + self.jobs / 2 + 1;
        let sweeps = self.desk.keys;
        let mut running = FuturesUnordered::new();
        let mut chains = self.plan.chains.iter();
        loop {
            if stop.is_requested() {
                state.halt.set(state.halt.get().or(Some(Halt::Interrupted)));
            }
            while state.halt.get().is_none() && sweeps.busy() < busy && running.len() < OPEN {
                let Some(chain) = chains.next() else { break };
                let open = sweeps.begin();
                let chain = state.chain(chain);
                running.push(async move {
                    chain.await;
                    drop(open);
                });
            }
            if running.is_empty() {
                break;
            }
            let changed = sweeps.changed();
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

//! Carries a planned batch out: chains side by side, the jobs of a chain in order.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use futures::stream::{FuturesUnordered, StreamExt as _};

use super::job::{Job, Terms, key_step};
use super::plan::{BatchPlan, Why};
use super::row::Row;
use crate::stay::Match;
use crate::workflow::engine::{Interrupt, Stop};
use crate::workflow::facts::Facts;
use crate::workflow::plan::Plan;
use crate::workflow::prepared::Decided;
use crate::workflow::property::Property;
use crate::workflow::record::{AlreadyRow, BatchRow, RecordError};
use crate::workflow::run::{Carried, Desk, Ending, Outcome};
use crate::workflow::sweep::Sweeps;

/// The most operations that may be open, those included that only wait for the lock system.
const OPEN: usize = 4096;

/// So many rows in a row that found nobody at the other end: the rest is not begun.
const GIVE_UP: usize = 20;

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
    /// Carried out, or already so.
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
    /// All rows.
    pub rows: &'a [Row],
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

    async fn job(&self, index: usize) {
        let batch = self.batch;
        let job = &batch.plan.jobs[index];
        if let Some(before) = &job.before {
            self.made.borrow_mut()[index].clone_from(&before.key);
            return self.end(index, |_| Ended::Before {
                key: before.key.clone(),
                until: before.until,
            });
        }
        let decided = match self.decide(job) {
            Ok(decided) => decided,
            Err(why) => {
                let text = why_text(&why);
                let mut first = Some(why);
                return self.end(index, |_| {
                    let why = first.take().unwrap_or_else(|| Why::Rows(text.clone()));
                    Ended::Refused(why)
                });
            }
        };
        let Some(plan) = &decided.plan else {
            return self.already(index, &decided).await;
        };
        let (known, rows) = {
            let facts = batch.facts.borrow();
            let rows = job
                .rows
                .iter()
                .map(|row| self.on_record(*row, plan, &facts));
            (facts.known_steps(plan), rows.collect())
        };
        let rows = Some((batch.id.to_owned(), rows));
        match batch.desk.begin_and_carry(plan, known, rows, None).await {
            Ok(carried) => self.carried(index, &decided, plan, carried),
            Err(error) => self.unrecorded(index, error),
        }
    }

    fn decide(&self, job: &Job) -> Result<Decided, Why> {
        let batch = self.batch;
        let request = job.request(batch.rows, batch.terms, &self.made.borrow());
        let Some(request) = request else {
            let text = "the row of the same stay that it joins made no key";
            return Err(Why::Rows(text.to_owned()));
        };
        let mut facts = batch.facts.borrow_mut();
        facts.time.now = (batch.clock)();
        Ok(request.decide(&facts, batch.property)?)
    }

    async fn already(&self, index: usize, decided: &Decided) {
        let batch = self.batch;
        let (system, holders, open) = {
            let facts = batch.facts.borrow();
            let (holders, open) = (decided.holders(&facts), decided.unconfirmed(&facts));
            (facts.system.id.clone(), holders, open)
        };
        let read = match batch.desk.look_again(&system, holders, &open).await {
            Ok(read) => read,
            Err(error) => return self.unrecorded(index, error),
        };
        let (outcome, rows) = {
            let facts = batch.facts.borrow();
            let mut outcome = Outcome::unwritten(&facts, decided);
            outcome.settle(&facts, &read);
            let rows = batch.plan.jobs[index].rows.iter();
            let rows: Vec<_> = rows.map(|row| self.found(*row, decided, &facts)).collect();
            (Rc::new(outcome), rows)
        };
        // On record before the next row of the chain begins: what that makes, this one must not find.
        if matches!(outcome.ending, Ending::Already)
            && let Err(error) = batch.desk.record.already(batch.id, rows.clone()).await
        {
            return self.unrecorded(index, error);
        }
        self.made.borrow_mut()[index] = decided.already.first().cloned();
        let mut rows = rows.into_iter();
        self.end(index, |_| {
            let found = rows.next();
            Ended::Carried {
                outcome: Rc::clone(&outcome),
                step: None,
                until: found.as_ref().and_then(|row| row.until),
                key: found.and_then(|row| row.acs_credential_id),
            }
        });
    }

    /// A row that is so already, with the key that it is about.
    fn found(&self, row: usize, decided: &Decided, facts: &Facts) -> AlreadyRow {
        let row = &self.batch.rows[row];
        let guest = row.guest.as_ref();
        let guest = guest.and_then(|query| facts.guest(query).ok());
        let mut keys = decided.already.iter().filter_map(|id| facts.keys.get(id));
        let key = keys.find(|key| {
            guest.is_none_or(|guest| key.holder.as_deref() == Some(&guest.acs_user_id))
        });
        AlreadyRow {
            fingerprint: row.fingerprint(),
            acs_credential_id: key.map(|key| key.id.clone()),
            until: key.and_then(|key| key.ends_at),
        }
    }

    fn unrecorded(&self, index: usize, error: RecordError) {
        if matches!(error, RecordError::Unavailable { .. }) {
            self.halt.set(Some(Halt::Record));
        }
        let mut error = Some(error);
        self.end(index, |_| match error.take() {
            Some(error) => Ended::Record(error),
            None => Ended::NotStarted,
        });
    }

    fn carried(&self, index: usize, decided: &Decided, plan: &Plan, carried: Carried) {
        let batch = self.batch;
        let mut facts = batch.facts.borrow_mut();
        facts.learn(plan, &carried);
        self.watch(&carried);
        let progress = carried.progress().clone();
        let first = progress.keys_made().next().map(|(_, id)| id.to_owned());
        self.made.borrow_mut()[index] = decided.already.first().cloned().or(first);
        let outcome = Rc::new(Outcome::of(&facts, decided, plan, carried));
        self.end(index, |row| {
            let step = self.step_of(row, plan, &facts);
            let made = step.and_then(|step| progress.steps[step].made.acs_credential_id.clone());
            let end = made.as_deref().and_then(|id| facts.keys.get(id)?.ends_at);
            Ended::Carried {
                outcome: Rc::clone(&outcome),
                step,
                key: made,
                until: end,
            }
        });
    }

    /// Whether it makes sense to go on.
    fn watch(&self, carried: &Carried) {
        let error = match &carried.ending {
            Ending::Stopped(_, Stop::Failed { error, .. } | Stop::Unknown { error, .. }) => error,
            Ending::Stopped(_, Stop::Unrecorded { .. }) => {
                self.halt.set(Some(Halt::Record));
                return;
            }
            _ => return self.lost.set(0),
        };
        if error.is_denied() {
            self.halt.set(Some(Halt::Denied));
        } else if error.is_unreachable() {
            self.lost.set(self.lost.get() + 1);
            if self.lost.get() >= GIVE_UP {
                self.halt.set(Some(Halt::Unreachable));
            }
        }
    }

    fn step_of(&self, row: usize, plan: &Plan, facts: &Facts) -> Option<usize> {
        let query = self.batch.rows[row].guest.as_ref();
        let guest = query.and_then(|query| match facts.find(query) {
            Match::One(guest) | Match::OtherName(guest) => Some(guest.acs_user_id.as_str()),
            _ => None,
        });
        match query {
            Some(query) => key_step(plan, guest, query),
            // `update` by the key's id names no guest; there is one key.
            None => plan
                .steps
                .iter()
                .position(crate::workflow::plan::Step::makes_key),
        }
    }

    fn on_record(&self, row: usize, plan: &Plan, facts: &Facts) -> BatchRow {
        let step = self.step_of(row, plan, facts);
        BatchRow {
            fingerprint: self.batch.rows[row].fingerprint(),
            reservation: self.batch.rows[row].stay_hash(),
            step,
            until: step.and_then(|step| plan.steps[step].key_ends_at()),
        }
    }
}

fn why_text(why: &Why) -> String {
    match why {
        Why::Refused(refusal) => refusal.to_string(),
        Why::Rows(text) => text.clone(),
    }
}

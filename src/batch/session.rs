//! A batch from what was read to its end: plans, confirms, plans again, finishes what an earlier run left, and carries
//! out.
//!
//! The rules of a batch are here. An [`Observer`] shows, asks and reports, and decides nothing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::fingerprint::Fingerprint;
use super::job::Terms;
use super::plan::{BatchPlan, plan};
use super::reading::{Past, Reading};
use super::schedule::{Ended, Halt, Schedule, Undisturbed};
use super::settle::Settled;
use crate::clock::Clock;
use crate::journal::{JournalError, NewBatch, OperationId, PastBatch};
use crate::operation::executor::{Executor, Interrupt};
use crate::operation::list_poller::ListPoller;
use crate::operation::outcome::Outcome;
use crate::operation::recover::RecoverError;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::OneByOne;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// Shows a batch to people, asks for agreement, and reports the rows.
pub trait Observer {
    /// What the observer returns when it ends the batch before the first write.
    type End;

    /// Runs work that a person may interrupt.
    fn until_interrupted<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = Result<T, Self::End>>;
    /// Shows that the journal has an earlier run of the file.
    fn earlier_run(&self, past: &PastBatch);
    /// Shows the plan, and reports the rows that cannot be carried out. It ends the batch if these rows do not allow it
    /// to go on, and after a dry run.
    fn planned(
        &self,
        plan: &BatchPlan,
        rows: &Settled,
        snapshot: &HotelSnapshot,
    ) -> Result<(), Self::End>;
    /// Asks for agreement to the plan. Returns true if a person was asked, because this may have taken some time.
    fn agree(&self, plan: &BatchPlan) -> impl Future<Output = Result<bool, Self::End>>;
    /// Reports that the first row of the plan is about to be carried out.
    fn begins(&self, plan: &BatchPlan) -> Result<(), Self::End>;
    /// Reports that an operation of an earlier run is about to be finished.
    fn finishes(&self, operation: &OperationId);
    /// Reports how that operation ended. `rows`: the rows that belong to it. If it is still open, its rows report it
    /// again when their turn comes.
    fn finished(
        &self,
        operation: &OperationId,
        rows: &BTreeSet<usize>,
        result: Result<Outcome, RecoverError>,
    );
    /// Reports how a row ended.
    fn ended(&self, row: usize, ended: Ended);
    /// Returns the number of rows that are not done.
    fn not_done(&self) -> usize;
}

/// Why a batch ended before its first write.
#[derive(Debug)]
pub enum BatchError<E> {
    /// The hotel could not be read, or a decision was a refusal.
    Workflow(Error),
    /// The journal could not be used.
    Journal(JournalError),
    /// The plan changed while a person was asked.
    Changed,
    /// The observer ended the batch.
    Ended(E),
}

impl<E> From<Error> for BatchError<E> {
    fn from(error: Error) -> Self {
        BatchError::Workflow(error)
    }
}

impl<E> From<JournalError> for BatchError<E> {
    fn from(error: JournalError) -> Self {
        BatchError::Journal(error)
    }
}

/// What a batch depends on.
#[derive(Debug)]
pub struct Session<'a, I, O> {
    /// The rows as the file has them.
    pub reading: &'a Reading<'a>,
    /// The hotel's settings.
    pub profile: &'a HotelProfile,
    /// The executor of single operations.
    pub executor: Executor<'a, I, OneByOne<'a>>,
    /// The clock of the command.
    pub clock: &'a Clock,
    /// The file's path for the journal, or `-`.
    pub source: String,
    /// The largest number of requests at the same time.
    pub jobs: usize,
    /// Carries out all rows again, also those that an earlier run has done.
    pub again: bool,
    /// True if the rows are requests of a booking system. A repeated request is a new request, unless the run with the
    /// first one stopped half-way.
    pub requests: bool,
    /// Shows, asks and reports.
    pub observer: &'a O,
}

impl<I: Interrupt, O: Observer> Session<'_, I, O> {
    /// Carries out a batch whose hotel has been read. Returns why it stopped early, if it did.
    pub async fn run(
        &self,
        mut snapshot: HotelSnapshot,
    ) -> Result<Option<Halt>, BatchError<O::End>> {
        let (journal, observer) = (self.executor.journal, self.observer);
        let (mut new, past) = self.earlier_run(&snapshot).await?;
        if let Some(past) = &past {
            observer.earlier_run(past);
        }
        // A run that goes on keeps the days of its first plan, for words such as `today`.
        let begun = past.as_ref().filter(|past| past.same && !past.ended);
        if let Some(begun) = begun.and_then(|past| past.started_at) {
            new.planned_at = begun;
        }
        let settle = self.reading.settle(&snapshot, new.planned_at);
        let mut settled = self.until_interrupted(settle).await?;
        let left = self
            .reading
            .past(&settled.rows, &snapshot, journal, past.as_ref())
            .await?;
        Reading::tie(&mut snapshot, &left.keys_of);
        let planned = self.plan(&mut settled, &left, &mut snapshot).await?;
        observer
            .planned(&planned, &settled, &snapshot)
            .map_err(BatchError::Ended)?;
        if observer.agree(&planned).await.map_err(BatchError::Ended)? {
            // Keys may change while a person reads the plan.
            snapshot = self.read_again(&left).await?;
            let mut again = self.reading.settle(&snapshot, new.planned_at).await;
            let now = self.plan(&mut again, &left, &mut snapshot).await?;
            if !planned.comes_to(&now) {
                return Err(BatchError::Changed);
            }
        }
        observer.begins(&planned).map_err(BatchError::Ended)?;
        if !left.operations.is_empty() {
            self.finish(&left.operations).await;
            snapshot = self.read_again(&left).await?;
        }
        let id = journal
            .open_batch(&new, past, counted(self.reading.prints(), &left))
            .await?;
        let halt = self.carry_out(&id, &settled, &planned, snapshot).await;
        // A row whose key was removed after an earlier run stays refused. It does not keep the batch open.
        let gone = left.done.values().filter(|before| before.gone).count();
        if observer.not_done() == gone && halt.is_none() {
            journal.close_batch(&id).await?;
        }
        Ok(halt)
    }

    /// Returns the journal's entry for the batch, and the earlier run of the file that counts for it.
    async fn earlier_run(
        &self,
        snapshot: &HotelSnapshot,
    ) -> Result<(NewBatch, Option<PastBatch>), JournalError> {
        let new = self.reading.as_new(self.source.clone(), snapshot);
        let past = if self.again {
            None
        } else {
            self.executor.journal.past_batch(&new).await?
        };
        let past = past.filter(|past| !self.requests || !past.ended);
        Ok((new, past))
    }

    async fn until_interrupted<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, BatchError<O::End>> {
        let work = self.observer.until_interrupted(work);
        work.await.map_err(BatchError::Ended)
    }

    async fn plan(
        &self,
        settled: &mut Settled,
        left: &Past,
        snapshot: &mut HotelSnapshot,
    ) -> Result<BatchPlan, BatchError<O::End>> {
        let work = plan(settled, left, snapshot, self.profile, self.terms());
        self.until_interrupted(Box::pin(work)).await
    }

    fn terms(&self) -> &Terms {
        self.reading.terms
    }

    async fn read_again(&self, left: &Past) -> Result<HotelSnapshot, BatchError<O::End>> {
        let read = self.reading.look_up(self.executor.client, self.profile);
        let mut snapshot = self.until_interrupted(Box::pin(read)).await??;
        Reading::tie(&mut snapshot, &left.keys_of);
        Ok(snapshot)
    }

    /// Finishes the operations that an earlier run left half-way. What others have changed since is not replaced,
    /// because nobody was shown it.
    async fn finish(&self, operations: &BTreeMap<OperationId, BTreeSet<usize>>) {
        for (id, rows) in operations {
            self.observer.finishes(id);
            let result = Box::pin(self.executor.recover(self.profile, id, false)).await;
            self.observer
                .finished(id, rows, result.map(|(outcome, _)| outcome));
        }
    }

    async fn carry_out(
        &self,
        id: &str,
        settled: &Settled,
        planned: &BatchPlan,
        snapshot: HotelSnapshot,
    ) -> Option<Halt> {
        let known = snapshot.has_all.then(|| snapshot.keys.all().count());
        let (client, system) = (self.executor.client, &snapshot.system.id);
        let poller = ListPoller::new(client, system, self.jobs, known);
        let clock = || self.clock.now();
        let schedule = Schedule {
            rows: &settled.rows,
            prints: self.reading.prints(),
            plan: planned,
            terms: self.terms(),
            profile: self.profile,
            id,
            executor: Executor {
                client,
                keys: &poller,
                journal: self.executor.journal,
                interrupt: &Undisturbed,
                wait: self.executor.wait,
                settle: self.executor.settle,
                operator: self.executor.operator,
                workstation: self.executor.workstation,
            },
            jobs: self.jobs,
            snapshot: RefCell::new(snapshot),
            clock: &clock,
        };
        let ended = |row, ended| self.observer.ended(row, ended);
        schedule.run(self.executor.interrupt, ended).await
    }
}

/// Returns the fingerprints, of both versions, of the rows that earlier runs have done.
fn counted(prints: &[Fingerprint], left: &Past) -> Vec<String> {
    let done = left.done.keys().map(|row| &prints[*row]);
    done.flat_map(|print| [Some(print.current.clone()), print.former.clone()])
        .flatten()
        .collect()
}

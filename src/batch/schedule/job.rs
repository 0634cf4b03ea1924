//! Carries out one job of a batch: decides it again, carries it out, and writes its rows to the journal.

use std::collections::VecDeque;
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::{Ended, Halt, State};
use crate::batch::job::{Job, KeySteps};
use crate::batch::settle::over;
use crate::batch::why::Why;
use crate::hotel::Match;
use crate::journal::{AlreadyRow, BatchRow, JournalError};
use crate::operation::decision::Decision;
use crate::operation::execution::Execution;
use crate::operation::outcome::{Ending, Outcome};
use crate::operation::plan::{Command, Plan};
use crate::operation::stop::Stop;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::workflow::request::Request;

/// The batch stops after this number of consecutive operations that could not reach Seam.
const GIVE_UP: usize = 20;

/// The outcome of one request of a job, for each of its rows.
struct Rows {
    outcome: Rc<Outcome>,
    rows: VecDeque<RowEnd>,
}

#[derive(Default)]
struct RowEnd {
    step: Option<usize>,
    key: Option<String>,
    until: Option<DateTime<Utc>>,
}

impl Rows {
    fn is_already(&self) -> bool {
        matches!(self.outcome.ending, Ending::Already)
    }

    fn is_good(&self) -> bool {
        matches!(self.outcome.ending, Ending::Already | Ending::Done)
    }
}

impl<F: FnMut(usize, Ended)> State<'_, F> {
    /// Carries out the requests of a job, one after the other.
    pub(super) async fn job(&self, index: usize) {
        let batch = self.batch;
        let job = &batch.plan.jobs[index];
        if let Some(before) = &job.before {
            if before.gone {
                return self.end(index, |_| Ended::Refused(Why::taken_away()));
            }
            self.made.borrow_mut()[index].clone_from(&before.key);
            return self.end(index, |_| Ended::Before {
                key: before.key.clone(),
                until: before.until,
            });
        }
        let own = match self.keys_of(job).await {
            Ok(own) => own,
            Err(error) => return self.unrecorded(index, error),
        };
        let requests = {
            let mut snapshot = batch.snapshot.borrow_mut();
            snapshot.time.now = (batch.clock)();
            let mut rows = job.rows.iter();
            match rows.find_map(|row| over(&batch.rows[*row], &snapshot)) {
                Some(why) => Err(why),
                None => job.requests(
                    batch.rows,
                    batch.terms,
                    &self.made.borrow(),
                    &own,
                    &snapshot,
                ),
            }
        };
        let requests = match requests {
            Ok(requests) => requests,
            Err(why) => return self.refused(index, why),
        };
        // If a row needs several requests, it is done only when all of them are.
        let mut ended: Option<Rows> = None;
        for request in &requests {
            let Some(now) = self.request(index, request).await else {
                return;
            };
            let stopped = !now.is_good();
            let replaces = ended.as_ref().is_none_or(Rows::is_already);
            if stopped || replaces {
                ended = Some(now);
            }
            if stopped {
                break;
            }
        }
        if let Some(Rows { outcome, mut rows }) = ended {
            self.end(index, |_| {
                let row = rows.pop_front().unwrap_or_default();
                Ended::Carried {
                    outcome: Rc::clone(&outcome),
                    step: row.step,
                    key: row.key,
                    until: row.until,
                }
            });
        }
    }

    /// Returns the ids of the keys of a job's reservation, including keys that earlier rows of this run made.
    async fn keys_of(&self, job: &Job) -> Result<Vec<String>, JournalError> {
        let Some(number) = job.by_number(self.batch.rows) else {
            return Ok(vec![]);
        };
        let system = self.batch.snapshot.borrow().system.id.clone();
        self.batch.executor.journal.keys_of(&system, number).await
    }

    fn refused(&self, index: usize, why: Why) {
        let text = why.to_string();
        let mut first = Some(why);
        self.end(index, |_| {
            let why = first.take().unwrap_or_else(|| Why::rows(text.clone()));
            Ended::Refused(why)
        });
    }

    /// Decides one request and carries it out. Returns `None` if the request is refused or the journal has an error; the
    /// rows have then been reported.
    async fn request(&self, index: usize, request: &Request) -> Option<Rows> {
        let batch = self.batch;
        let decision = {
            let mut snapshot = batch.snapshot.borrow_mut();
            snapshot.time.now = (batch.clock)();
            request.decide(&snapshot, batch.profile)
        };
        let decision = match decision {
            Ok(decision) => decision,
            Err(refusal) => {
                self.refused(index, refusal.into());
                return None;
            }
        };
        let Some(plan) = &decision.plan else {
            return self.already(index, &decision).await;
        };
        let (known, rows) = {
            let snapshot = batch.snapshot.borrow();
            let rows = batch.plan.jobs[index].rows.iter();
            let steps = KeySteps::of(plan);
            let rows = rows.map(|row| self.on_record(*row, plan, &steps, &snapshot));
            let rows = rows.collect();
            (plan.known_steps(&snapshot), rows)
        };
        let rows = Some((batch.id.to_owned(), rows));
        match batch
            .executor
            .begin_and_carry(plan, known, rows, None)
            .await
        {
            Ok(carried) => Some(self.carried(index, &decision, plan, carried)),
            Err(error) => {
                self.unrecorded(index, error);
                None
            }
        }
    }

    async fn already(&self, index: usize, decision: &Decision) -> Option<Rows> {
        let batch = self.batch;
        let (system, holders, open) = {
            let snapshot = batch.snapshot.borrow();
            let (holders, open) = (decision.holders(&snapshot), decision.unconfirmed(&snapshot));
            (snapshot.system.id.clone(), holders, open)
        };
        let read = match batch.executor.look_again(&system, holders, &open).await {
            Ok(read) => read,
            Err(error) => {
                self.unrecorded(index, error);
                return None;
            }
        };
        let (outcome, rows) = {
            let snapshot = batch.snapshot.borrow();
            let mut outcome = Outcome::unwritten(&snapshot, decision);
            outcome.settle(&snapshot, &read);
            let rows = batch.plan.jobs[index].rows.iter();
            let rows: Vec<_> = rows
                .map(|row| self.found(*row, decision, &snapshot))
                .collect();
            (Rc::new(outcome), rows)
        };
        // The result is written before the next row of the chain begins, so that this row cannot find the key of that one.
        if matches!(outcome.ending, Ending::Already)
            && let Err(error) = batch.executor.journal.already(batch.id, rows.clone()).await
        {
            self.unrecorded(index, error);
            return None;
        }
        self.note_made(index, decision.already.first().cloned());
        self.tie(index, decision.already.iter().map(String::as_str));
        let rows = rows.into_iter().map(|row| RowEnd {
            step: None,
            until: row.until,
            key: row.acs_credential_id,
        });
        Some(Rows {
            outcome,
            rows: rows.collect(),
        })
    }

    /// Stores in the snapshot that these keys belong to the reservation of a job.
    fn tie<'k>(&self, index: usize, keys: impl Iterator<Item = &'k str>) {
        let batch = self.batch;
        let first = batch.plan.jobs[index].rows.first();
        if let Some(number) = first.and_then(|row| batch.rows[*row].stay_hash()) {
            let mut snapshot = batch.snapshot.borrow_mut();
            keys.for_each(|key| snapshot.keys.tie(key, &number));
        }
    }

    /// Stores the first key of a job, for jobs that join it.
    fn note_made(&self, index: usize, key: Option<String>) {
        let made = &mut self.made.borrow_mut()[index];
        *made = made.take().or(key);
    }

    /// Returns the journal's entry for a row for which nothing had to be done, with its key.
    fn found(&self, index: usize, decision: &Decision, snapshot: &HotelSnapshot) -> AlreadyRow {
        let row = &self.batch.rows[index];
        let guest = row.guest.as_ref();
        let guest = guest.and_then(|query| snapshot.guest(query).ok());
        let mut keys = decision
            .already
            .iter()
            .filter_map(|id| snapshot.keys.get(id));
        let key = keys.find(|key| {
            guest.is_none_or(|guest| key.holder.as_deref() == Some(&guest.acs_user_id))
        });
        AlreadyRow {
            fingerprint: self.batch.prints[index].current.clone(),
            reservation: row.stay_hash(),
            acs_credential_id: key.map(|key| key.id.clone()),
            until: key.and_then(|key| key.ends_at),
        }
    }

    fn unrecorded(&self, index: usize, error: JournalError) {
        if matches!(error, JournalError::Unavailable { .. }) {
            self.halt.set(Some(Halt::of(&error)));
        }
        let mut error = Some(error);
        self.end(index, |_| match error.take() {
            Some(error) => Ended::Journal(error),
            None => Ended::NotStarted,
        });
    }

    fn carried(&self, index: usize, decision: &Decision, plan: &Plan, carried: Execution) -> Rows {
        let batch = self.batch;
        batch.snapshot.borrow_mut().learn(plan, &carried);
        self.watch(&carried);
        let progress = carried.progress().clone();
        self.tie(index, progress.keys_made().map(|(_, id)| id));
        let snapshot = batch.snapshot.borrow();
        let first = progress.keys_made().next().map(|(_, id)| id.to_owned());
        self.note_made(index, decision.already.first().cloned().or(first));
        let outcome = Rc::new(Outcome::of(&snapshot, decision, plan, carried));
        let steps = KeySteps::of(plan);
        let rows = batch.plan.jobs[index].rows.iter().map(|row| {
            let step = self.step_of(*row, plan, &steps, &snapshot);
            let made = step.and_then(|step| progress.steps[step].made.acs_credential_id.clone());
            let end = made
                .as_deref()
                .and_then(|id| snapshot.keys.get(id)?.ends_at);
            RowEnd {
                step,
                key: made,
                until: end,
            }
        });
        Rows {
            outcome,
            rows: rows.collect(),
        }
    }

    /// Stops the batch if the outcome shows that further rows would fail too.
    fn watch(&self, carried: &Execution) {
        let error = match &carried.ending {
            Ending::Stopped(_, Stop::Failed { error, .. } | Stop::Unknown { error, .. }) => error,
            Ending::Stopped(_, Stop::Unrecorded { error, .. }) => {
                self.halt.set(Some(Halt::of(error)));
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

    fn step_of(
        &self,
        row: usize,
        plan: &Plan,
        steps: &KeySteps,
        snapshot: &HotelSnapshot,
    ) -> Option<usize> {
        let query = self.batch.rows[row].guest.as_ref();
        let guest = query.and_then(|query| match snapshot.find(query) {
            Match::One(guest) | Match::OtherName(guest) => Some(guest.acs_user_id.as_str()),
            _ => None,
        });
        // An `update` makes one key. Its row may name no guest, or the key may belong to another guest of the reservation.
        match query {
            Some(query) if plan.command != Command::Update => steps.of_guest(guest, query),
            _ => steps.first(),
        }
    }

    fn on_record(
        &self,
        row: usize,
        plan: &Plan,
        steps: &KeySteps,
        snapshot: &HotelSnapshot,
    ) -> BatchRow {
        let step = self.step_of(row, plan, steps, snapshot);
        BatchRow {
            fingerprint: self.batch.prints[row].current.clone(),
            reservation: self.batch.rows[row].stay_hash(),
            step,
            until: step.and_then(|step| plan.steps[step].key_ends_at()),
        }
    }
}

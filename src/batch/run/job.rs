//! Carries out one job of a batch: decides it again, carries it out, and writes its rows to the journal.

use std::collections::VecDeque;
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::{Ended, Halt, State};
use crate::batch::job::{Job, KeySteps};
use crate::batch::settle::over;
use crate::batch::why::Why;
use crate::hotel::Match;
use crate::journal::{AlreadyRow, BatchRow, RecordError};
use crate::operation::decision::Decided;
use crate::operation::executor::Stop;
use crate::operation::outcome::{Carried, Ending, Outcome};
use crate::operation::plan::{Command, Plan};
use crate::snapshot::hotel_snapshot::Facts;
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
            let mut facts = batch.facts.borrow_mut();
            facts.time.now = (batch.clock)();
            let mut rows = job.rows.iter();
            match rows.find_map(|row| over(&batch.rows[*row], &facts)) {
                Some(why) => Err(why),
                None => job.requests(batch.rows, batch.terms, &self.made.borrow(), &own, &facts),
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
    async fn keys_of(&self, job: &Job) -> Result<Vec<String>, RecordError> {
        let Some(number) = job.by_number(self.batch.rows) else {
            return Ok(vec![]);
        };
        let system = self.batch.facts.borrow().system.id.clone();
        self.batch.desk.record.keys_of(&system, number).await
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
        let decided = {
            let mut facts = batch.facts.borrow_mut();
            facts.time.now = (batch.clock)();
            request.decide(&facts, batch.property)
        };
        let decided = match decided {
            Ok(decided) => decided,
            Err(refusal) => {
                self.refused(index, refusal.into());
                return None;
            }
        };
        let Some(plan) = &decided.plan else {
            return self.already(index, &decided).await;
        };
        let (known, rows) = {
            let facts = batch.facts.borrow();
            let rows = batch.plan.jobs[index].rows.iter();
            let steps = KeySteps::of(plan);
            let rows = rows.map(|row| self.on_record(*row, plan, &steps, &facts));
            let rows = rows.collect();
            (plan.known_steps(&facts), rows)
        };
        let rows = Some((batch.id.to_owned(), rows));
        match batch.desk.begin_and_carry(plan, known, rows, None).await {
            Ok(carried) => Some(self.carried(index, &decided, plan, carried)),
            Err(error) => {
                self.unrecorded(index, error);
                None
            }
        }
    }

    async fn already(&self, index: usize, decided: &Decided) -> Option<Rows> {
        let batch = self.batch;
        let (system, holders, open) = {
            let facts = batch.facts.borrow();
            let (holders, open) = (decided.holders(&facts), decided.unconfirmed(&facts));
            (facts.system.id.clone(), holders, open)
        };
        let read = match batch.desk.look_again(&system, holders, &open).await {
            Ok(read) => read,
            Err(error) => {
                self.unrecorded(index, error);
                return None;
            }
        };
        let (outcome, rows) = {
            let facts = batch.facts.borrow();
            let mut outcome = Outcome::unwritten(&facts, decided);
            outcome.settle(&facts, &read);
            let rows = batch.plan.jobs[index].rows.iter();
            let rows: Vec<_> = rows.map(|row| self.found(*row, decided, &facts)).collect();
            (Rc::new(outcome), rows)
        };
        // The result is written before the next row of the chain begins, so that this row cannot find the key of that one.
        if matches!(outcome.ending, Ending::Already)
            && let Err(error) = batch.desk.record.already(batch.id, rows.clone()).await
        {
            self.unrecorded(index, error);
            return None;
        }
        self.note_made(index, decided.already.first().cloned());
        self.tie(index, decided.already.iter().map(String::as_str));
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
            let mut facts = batch.facts.borrow_mut();
            keys.for_each(|key| facts.keys.tie(key, &number));
        }
    }

    /// Stores the first key of a job, for jobs that join it.
    fn note_made(&self, index: usize, key: Option<String>) {
        let made = &mut self.made.borrow_mut()[index];
        *made = made.take().or(key);
    }

    /// Returns the journal's entry for a row for which nothing had to be done, with its key.
    fn found(&self, index: usize, decided: &Decided, facts: &Facts) -> AlreadyRow {
        let row = &self.batch.rows[index];
        let guest = row.guest.as_ref();
        let guest = guest.and_then(|query| facts.guest(query).ok());
        let mut keys = decided.already.iter().filter_map(|id| facts.keys.get(id));
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

    fn carried(&self, index: usize, decided: &Decided, plan: &Plan, carried: Carried) -> Rows {
        let batch = self.batch;
        batch.facts.borrow_mut().learn(plan, &carried);
        self.watch(&carried);
        let progress = carried.progress().clone();
        self.tie(index, progress.keys_made().map(|(_, id)| id));
        let facts = batch.facts.borrow();
        let first = progress.keys_made().next().map(|(_, id)| id.to_owned());
        self.note_made(index, decided.already.first().cloned().or(first));
        let outcome = Rc::new(Outcome::of(&facts, decided, plan, carried));
        let steps = KeySteps::of(plan);
        let rows = batch.plan.jobs[index].rows.iter().map(|row| {
            let step = self.step_of(*row, plan, &steps, &facts);
            let made = step.and_then(|step| progress.steps[step].made.acs_credential_id.clone());
            let end = made.as_deref().and_then(|id| facts.keys.get(id)?.ends_at);
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

    fn step_of(&self, row: usize, plan: &Plan, steps: &KeySteps, facts: &Facts) -> Option<usize> {
        let query = self.batch.rows[row].guest.as_ref();
        let guest = query.and_then(|query| match facts.find(query) {
            Match::One(guest) | Match::OtherName(guest) => Some(guest.acs_user_id.as_str()),
            _ => None,
        });
        // An `update` makes one key. Its row may name no guest, or the key may belong to another guest of the reservation.
        match query {
            Some(query) if plan.command != Command::Update => steps.of_guest(guest, query),
            _ => steps.first(),
        }
    }

    fn on_record(&self, row: usize, plan: &Plan, steps: &KeySteps, facts: &Facts) -> BatchRow {
        let step = self.step_of(row, plan, steps, facts);
        BatchRow {
            fingerprint: self.batch.prints[row].current.clone(),
            reservation: self.batch.rows[row].stay_hash(),
            step,
            until: step.and_then(|step| plan.steps[step].key_ends_at()),
        }
    }
}

//! The journal in memory. It does the same tasks and returns the same answers as the journal on disk, without a thread
//! of its own. It is for simulations with a paused clock, in which several lives of one desk share a [`Store`].
//!
//! A life ends when the last clone of its [`Journal`](super::Journal) is dropped. Operations that it left open are then
//! treated like those of a process that died. Batches are not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Builder;

use super::query::instant;
use super::writer::{Answer, Problem, Refused, Task, stamp};
use super::{
    End, Filter, JournalError, JournalUpdate, NewOperation, OperationId, OperationRow, PlannedStep,
    StepRow, StepStatus, Subject,
};

/// The journal of one desk, which survives from one life of the desk to the next. Clones share the same data.
#[derive(Clone, Debug)]
pub struct Store(Arc<Mutex<Tables>>);

#[derive(Debug)]
struct Tables {
    operations: BTreeMap<OperationId, Entry>,
    alive: BTreeSet<u64>,
    lives: u64,
    chance: fastrand::Rng,
}

#[derive(Debug)]
struct Entry {
    row: OperationRow,
    subjects: Vec<Subject>,
    arrival: Option<NaiveDate>,
    seen: BTreeSet<String>,
    process: Option<u64>,
}

/// One life of a desk, which a store treats as one process.
#[derive(Debug)]
pub(super) struct Life {
    store: Store,
    id: u64,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.store.tables().alive.remove(&self.id);
    }
}

impl Store {
    /// Returns an empty store. The ids of operations are made from `seed` and the clock.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Tables {
            operations: BTreeMap::new(),
            alive: BTreeSet::new(),
            lives: 0,
            chance: fastrand::Rng::with_seed(seed),
        })))
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn live(&self) -> Life {
        let mut tables = self.tables();
        tables.lives += 1;
        let id = tables.lives;
        tables.alive.insert(id);
        Life {
            store: self.clone(),
            id,
        }
    }
}

impl Life {
    /// Returns an id that sorts by time, like the ids of the journal on disk.
    pub(super) fn operation_id(&self, at: DateTime<Utc>) -> OperationId {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        let mut random = [0; 10];
        self.store.tables().chance.fill(&mut random);
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        OperationId::from(id.to_string())
    }

    /// Does one task. As with a real disk, other tasks can run before it, and before its answer is known.
    pub(super) async fn work(&self, task: Task, at: DateTime<Utc>) -> Result<Answer, Refused> {
        tokio::task::yield_now().await;
        let answer = self.store.tables().work(self.id, task, at);
        tokio::task::yield_now().await;
        answer
    }
}

impl Tables {
    fn work(&mut self, me: u64, task: Task, at: DateTime<Utc>) -> Result<Answer, Refused> {
        match task {
            Task::Begin(operation) => {
                let words = operation.words();
                self.check(me, &operation.system_id, &operation.subjects, &words)?;
                self.insert(me, *operation);
            }
            Task::Check {
                system_id,
                subjects,
            } => self.check(me, &system_id, &subjects, &[])?,
            Task::Note { id, note } => self.note(&id, note),
            Task::Extend { id, plan, steps } => {
                if let Some(entry) = self.operations.get_mut(&id) {
                    entry.row.steps.extend(steps.into_iter().map(step));
                    if entry.row.open {
                        entry.row.plan = Some(plan);
                    }
                }
            }
            Task::Arrivals(keys) => return Ok(Answer::Arrivals(self.arrivals(&keys))),
            Task::KnownKeys(keys) => return Ok(Answer::Ids(self.known(keys))),
            Task::Resume(id) => return self.resume(me, id),
            Task::Unfinished => {
                let rows = self.rows(me, |entry| entry.row.open);
                return Ok(Answer::Rows(
                    rows.into_iter().filter(|row| !row.busy).collect(),
                ));
            }
            Task::History(filter) => return Ok(Answer::Rows(self.history(me, &filter))),
            Task::Close => {}
            batch => {
                let text = format!("the journal in memory keeps no batches: {batch:?}");
                return Err(Refused::Database(Problem::other(text)));
            }
        }
        let _ = at; // The times of single steps are only kept on disk, because nothing reads them.
        Ok(Answer::Done)
    }

    fn insert(&mut self, me: u64, new: NewOperation) {
        let row = OperationRow {
            id: new.id.clone(),
            command: new.command,
            fingerprint: new.fingerprint,
            system_id: new.system_id,
            rooms: new.rooms,
            guests: vec![],
            plan: Some(new.plan),
            open: true,
            outcome: None,
            started_at: instant(&stamp(new.started_at)),
            operator: new.operator,
            account: None,
            workstation: new.workstation,
            busy: false,
            steps: new.steps.into_iter().map(step).collect(),
        };
        let entry = Entry {
            row,
            subjects: new.subjects,
            arrival: new.arrival,
            seen: new.seen.into_iter().collect(),
            process: Some(me),
        };
        self.operations.insert(new.id, entry);
    }

    /// Refuses if another life is working on one of the subjects, or if an operation on one of them is unfinished. An
    /// operation of an ended life that never reached its first step has changed nothing, so it is closed.
    fn check(
        &mut self,
        me: u64,
        system_id: &str,
        subjects: &[Subject],
        words: &[&str],
    ) -> Result<(), Refused> {
        for subject in subjects {
            let about = |entry: &Entry| {
                entry.row.open
                    && entry.row.system_id == system_id
                    && entry.subjects.contains(subject)
            };
            for row in self.rows(me, about) {
                if row.busy {
                    return Err(Refused::Journal(JournalError::Busy(Box::new(row))));
                }
                let is_planned = |step: &StepRow| step.status == StepStatus::Planned;
                if row.steps.iter().all(is_planned) {
                    self.finish(&row.id, "failed");
                } else {
                    let same = words.contains(&row.fingerprint.as_str());
                    let row = Box::new(row);
                    return Err(Refused::Journal(JournalError::Unfinished { row, same }));
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, id: &OperationId, note: JournalUpdate) {
        let Some(entry) = self.operations.get_mut(id) else {
            return;
        };
        for (index, result) in note.results {
            if let Some(user) = &result.made.acs_user_id {
                let subject = Subject::Guest(user.clone());
                if !entry.subjects.contains(&subject) {
                    entry.subjects.push(subject);
                }
            }
            if let Some(step) = entry.row.steps.get_mut(index) {
                step.status = result.status;
                step.made = result.made;
                step.request_id = result.request_id;
            }
        }
        for index in note.intents {
            if let Some(step) = entry.row.steps.get_mut(index) {
                step.status = StepStatus::Intended;
            }
        }
        match note.end {
            None => {}
            Some(End::Ended(outcome)) => self.finish(id, outcome),
            Some(End::Left(outcome)) if entry.row.open => {
                entry.row.outcome = Some(outcome);
                entry.process = None;
            }
            Some(End::Left(_)) => {}
        }
    }

    /// Ends an operation and erases the personal data of guests from it.
    fn finish(&mut self, id: &OperationId, outcome: &str) {
        if let Some(entry) = self.operations.get_mut(id) {
            entry.row.open = false;
            entry.row.outcome = Some(outcome.to_owned());
            entry.row.plan = None;
            entry.process = None;
            entry
                .subjects
                .retain(|subject| matches!(subject, Subject::Room(_) | Subject::Guest(_)));
        }
    }

    fn arrivals(&self, keys: &[String]) -> HashMap<String, NaiveDate> {
        let made = |entry: &Entry, key: &String| {
            let made = |step: &StepRow| step.made.acs_credential_id.as_ref() == Some(key);
            entry.row.steps.iter().any(made)
        };
        let arrival = |key: &String| {
            self.operations
                .values()
                .filter(|entry| made(entry, key))
                .find_map(|entry| entry.arrival)
        };
        keys.iter()
            .filter_map(|key| Some((key.clone(), arrival(key)?)))
            .collect()
    }

    fn known(&self, keys: Vec<String>) -> Vec<String> {
        let is_known = |key: &String| {
            let made = |step: &StepRow| step.made.acs_credential_id.as_ref() == Some(key);
            let mut entries = self.operations.values();
            entries.any(|entry| entry.seen.contains(key) || entry.row.steps.iter().any(made))
        };
        keys.into_iter().filter(is_known).collect()
    }

    fn resume(&mut self, me: u64, id: OperationId) -> Result<Answer, Refused> {
        let Some(row) = self
            .rows(me, |entry| entry.row.open && entry.row.id == id)
            .pop()
        else {
            return Err(Refused::Journal(JournalError::Closed(id)));
        };
        if row.busy {
            return Err(Refused::Journal(JournalError::Busy(Box::new(row))));
        }
        if let Some(entry) = self.operations.get_mut(&id) {
            entry.process = Some(me);
        }
        Ok(Answer::Rows(vec![row]))
    }

    fn history(&self, me: u64, filter: &Filter) -> Vec<OperationRow> {
        let room = filter.room.clone().map(Subject::Room);
        let guest = filter.guest.clone().map(Subject::Guest);
        let wanted = |entry: &Entry| {
            let about = |subject: &Option<Subject>| {
                subject
                    .as_ref()
                    .is_none_or(|subject| entry.subjects.contains(subject))
            };
            about(&room)
                && about(&guest)
                && filter
                    .since
                    .is_none_or(|since| entry.row.started_at.is_some_and(|at| at >= since))
        };
        let mut rows = self.rows(me, wanted);
        rows.reverse();
        if filter.limit > 0 {
            rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
        }
        rows
    }

    /// Returns the wanted operations, oldest first, from the point of view of this life.
    fn rows(&self, me: u64, wanted: impl Fn(&Entry) -> bool) -> Vec<OperationRow> {
        let seen = |entry: &Entry| {
            let mut row = entry.row.clone();
            let other = entry.process.filter(|process| *process != me);
            row.busy = row.open && other.is_some_and(|process| self.alive.contains(&process));
            let guests: BTreeSet<String> = entry
                .subjects
                .iter()
                .filter_map(|subject| match subject {
                    Subject::Guest(id) => Some(id.clone()),
                    _ => None,
                })
                .collect();
            row.guests = guests.into_iter().collect();
            row
        };
        self.operations
            .values()
            .filter(|entry| wanted(entry))
            .map(seen)
            .collect()
    }
}

fn step(planned: PlannedStep) -> StepRow {
    StepRow {
        name: planned.name,
        call: planned.call,
        status: planned.status,
        made: super::Made::default(),
        request_id: planned.request_id,
    }
}

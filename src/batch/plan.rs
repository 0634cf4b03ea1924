//! From rows to jobs: everything is decided before anything is written.
//!
//! Each job is decided over the facts as they would be after the jobs before it, which are foreseen and then
//! taken back. When it comes to writing, each is decided once more over what has become true.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::chain::chains;
use super::job::{Ask, Before, Job, Terms, To};
use super::row::Row;
use crate::stay::{GuestQuery, Match, RoomName, Window};
use crate::workflow::effect::Foreseen;
use crate::workflow::error::{Found, Refusal};
use crate::workflow::facts::Facts;
use crate::workflow::plan::{Access, Action, Command, Plan};
use crate::workflow::prepared::Decided;
use crate::workflow::property::Property;

/// Why a row cannot be carried out.
#[derive(Debug)]
pub enum Why {
    /// The workflow refuses.
    Refused(Box<Refusal>),
    /// The rows of the file do not agree with one another.
    Rows(String),
}

impl<R: Into<Refusal>> From<R> for Why {
    fn from(refusal: R) -> Self {
        Why::Refused(Box::new(refusal.into()))
    }
}

/// What a job comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Foresight {
    /// Keys made with an override.
    pub overrides: usize,
    /// Keys made as joiners.
    pub joiners: usize,
    /// Keys taken away.
    pub revoked: usize,
    /// Keys that are replaced.
    pub replaced: usize,
    /// Nothing is to be done.
    pub already: bool,
    /// A row of its chain stopped half-way: what is to be done shows once that is brought to its end.
    pub unsettled: bool,
    /// The new key's end, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// A batch, decided.
#[derive(Debug, Default)]
pub struct BatchPlan {
    /// All jobs.
    pub jobs: Vec<Job>,
    /// What each comes to.
    pub foresight: Vec<Foresight>,
    /// Jobs by index, in order; chains have nothing to do with one another.
    pub chains: Vec<Vec<usize>>,
    /// Rows by index that cannot be carried out, in the file's order.
    pub bad: Vec<(usize, Why)>,
    /// Ids of the keys that are taken away or replaced.
    pub touched: BTreeSet<String>,
}

/// What is on record of the rows, by index.
#[derive(Debug)]
pub struct PastRows<'a> {
    /// Done by an earlier run.
    pub done: &'a BTreeMap<usize, Before>,
    /// Begun by an earlier run, and stopped half-way: such a row is brought to its end first, and nothing of
    /// its chain can be decided before that.
    pub open: BTreeSet<usize>,
}

/// Decides everything. The facts are as they were when it returns.
pub fn plan(
    rows: &[Row],
    past: &PastRows<'_>,
    facts: &mut Facts,
    property: &Property,
    terms: &Terms,
) -> BatchPlan {
    let before = past.done;
    let mut plan = BatchPlan::default();
    let mut windows = HashMap::new();
    let new: BTreeSet<String> = rows.iter().filter_map(new_guest).collect();
    for (index, row) in rows.iter().enumerate() {
        if before.contains_key(&index) || past.open.contains(&index) {
            continue;
        }
        match check(row, facts, &new) {
            Ok(window) => drop(window.map(|window| windows.insert(index, window))),
            Err(why) => plan.bad.push((index, why)),
        }
    }
    let chains = chains(rows, facts);
    for chain in &chains {
        plan.refuse_shared_rooms(rows, chain, &windows);
    }
    let bad: BTreeSet<usize> = plan.bad.iter().map(|(index, _)| *index).collect();
    for chain in chains {
        let good = chain.into_iter().filter(|index| !bad.contains(index));
        plan.group(rows, good, before);
    }
    plan.decide(rows, &past.open, facts, property, terms);
    plan.bad.sort_by_key(|(index, _)| *index);
    plan
}

/// The handle of a guest whom this row may put on record.
fn new_guest(row: &Row) -> Option<String> {
    match (&row.guest, row.action) {
        (Some(query @ GuestQuery::New { .. }), Command::Issue | Command::Join) => {
            Some(query.handle())
        }
        _ => None,
    }
}

/// What can be said of a row by itself: its doors, its guest, its times. `new`: those whom rows of the file put
/// on record; whether one comes before this row is seen when all are decided in order.
fn check(row: &Row, facts: &Facts, new: &BTreeSet<String>) -> Result<Option<Window>, Why> {
    facts.room_ids(&row.rooms)?;
    facts.other_ids(&row.also)?;
    if let Some(query) = &row.guest {
        match (facts.find(query), query, row.action) {
            (Match::One(_) | Match::OtherName(_), ..)
            | (Match::None, GuestQuery::New { .. }, Command::Issue | Command::Join) => {}
            (Match::None, query, _) if new.contains(&query.handle()) => {}
            (Match::Many(_), ..) => drop(facts.guest(query)?),
            (Match::None, ..) => {
                return Err(Refusal::Guest {
                    asked: query.to_string(),
                    found: Found::None,
                }
                .into());
            }
        }
    }
    match row.action {
        Command::Issue | Command::ReturnGuest => Ok(Some(row.times().window(facts)?)),
        Command::Join | Command::Update | Command::Revoke => Ok(None),
    }
}

/// Whose stay a row belongs to. A list without reservation numbers tells companions by room and times.
fn stay(row: &Row) -> String {
    match &row.reservation {
        Some(number) => format!("stay {number}"),
        None => format!(
            "{:?} {:?} {:?} {:?}",
            row.rooms, row.from, row.until, row.nights
        ),
    }
}

impl BatchPlan {
    /// Whether another plan of the same rows comes to the same, for the same keys. `bad`: the rows that could not
    /// be carried out here, whose reasons have been told.
    pub fn comes_to(&self, bad: &BTreeSet<usize>, other: &BatchPlan) -> bool {
        self.foresight == other.foresight
            && self.touched == other.touched
            && other.bad.iter().map(|(index, _)| index).eq(bad)
    }

    /// Two stays on one room at one time: a person must say which, or that they share it.
    fn refuse_shared_rooms(
        &mut self,
        rows: &[Row],
        chain: &[usize],
        windows: &HashMap<usize, Window>,
    ) {
        let mut at: HashMap<&RoomName, Vec<(usize, &Window)>> = HashMap::new();
        let mut found: HashMap<usize, (String, u64)> = HashMap::new();
        for &index in chain {
            let Some(window) = windows.get(&index) else {
                continue;
            };
            for room in &rows[index].rooms {
                let there = at.entry(room).or_default();
                for (other, theirs) in there.iter() {
                    let (a, b) = (&rows[*other], &rows[index]);
                    let overlap =
                        window.starts_at < theirs.ends_at && theirs.starts_at < window.ends_at;
                    let shared = |row: &Row, with: &Row| {
                        row.share_with.is_some() && row.share_with == with.reservation
                    };
                    if overlap && stay(a) != stay(b) && !shared(a, b) && !shared(b, a) {
                        found.insert(index, (room.to_string(), a.line));
                        found.entry(*other).or_insert((room.to_string(), b.line));
                    }
                }
                there.push((index, window));
            }
        }
        let told = found.into_iter().map(|(index, (room, line))| {
            let text = format!(
                "room {room} is in line {line} too, for another stay at the same time; correct the room, or name the other reservation under `share_with`"
            );
            (index, Why::Rows(text))
        });
        self.bad.extend(told);
    }

    /// Puts the rows of one stay together: one override, and joiners to it.
    fn group(
        &mut self,
        rows: &[Row],
        chain: impl Iterator<Item = usize>,
        before: &BTreeMap<usize, Before>,
    ) {
        let mut jobs: Vec<usize> = vec![];
        // The jobs that make first keys, by stay and room.
        let mut first: HashMap<(String, &RoomName), usize> = HashMap::new();
        for index in chain {
            let row = &rows[index];
            let done = before.get(&index).cloned();
            let makes_first = matches!(row.action, Command::Issue | Command::ReturnGuest);
            let own = stay(row);
            let shares = row
                .share_with
                .as_ref()
                .map(|number| format!("stay {number}"));
            let stays = [makes_first.then(|| own.clone()), shares.clone()];
            let anchor = stays.into_iter().flatten().find_map(|stay| {
                let mut rooms = row.rooms.iter();
                rooms.find_map(|room| first.get(&(stay.clone(), room)).copied())
            });
            let ask = match (row.action, anchor) {
                (Command::Issue, Some(job))
                    if self.takes_in(rows, &jobs, job, row, done.is_some()) =>
                {
                    self.jobs[job].rows.push(index);
                    continue;
                }
                (Command::Issue | Command::ReturnGuest | Command::Join, Some(job)) => {
                    let theirs = &rows[self.jobs[job].rows[0]];
                    if !row.room_set().is_subset(&theirs.room_set()) {
                        let text = format!(
                            "its rooms go beyond those of line {}, of the same stay; name all rooms of the stay in its first row",
                            theirs.line
                        );
                        self.bad.push((index, Why::Rows(text)));
                        continue;
                    }
                    Ask::Join {
                        to: To::Job(job),
                        replace: row.action == Command::ReturnGuest,
                    }
                }
                (Command::Issue, None) if shares.is_some() => Ask::Join {
                    to: To::Rooms,
                    replace: false,
                },
                (Command::Issue, None) => Ask::Issue,
                (Command::ReturnGuest, None) => Ask::ReturnGuest,
                (Command::Join, None) => Ask::Join {
                    to: row.key.clone().map_or(To::Rooms, To::Key),
                    replace: false,
                },
                (Command::Update, _) => Ask::Update,
                (Command::Revoke, _) => Ask::Revoke,
            };
            let job = self.jobs.len();
            if matches!(ask, Ask::Issue | Ask::ReturnGuest) {
                let rooms = row.rooms.iter();
                first.extend(rooms.map(|room| ((own.clone(), room), job)));
            }
            self.jobs.push(Job {
                rows: vec![index],
                ask,
                before: done,
            });
            jobs.push(job);
        }
        if !jobs.is_empty() {
            self.chains.push(jobs);
        }
    }

    /// Whether a row is one more guest of the job right before it: same rooms, same times, same doors.
    fn takes_in(&self, rows: &[Row], jobs: &[usize], job: usize, row: &Row, done: bool) -> bool {
        let theirs = &rows[self.jobs[job].rows[0]];
        jobs.last() == Some(&job)
            && self.jobs[job].ask == Ask::Issue
            && self.jobs[job].before.is_none()
            && !done
            && theirs.room_set() == row.room_set()
            && (&theirs.from, &theirs.until, theirs.nights) == (&row.from, &row.until, row.nights)
            && theirs.also == row.also
    }

    fn decide(
        &mut self,
        rows: &[Row],
        open: &BTreeSet<usize>,
        facts: &mut Facts,
        property: &Property,
        terms: &Terms,
    ) {
        self.foresight = vec![Foresight::default(); self.jobs.len()];
        let mut bad = vec![];
        let mut made: Vec<Option<String>> = vec![None; self.jobs.len()];
        for chain in &self.chains {
            let stopped = |job: &usize| self.jobs[*job].rows.iter().any(|row| open.contains(row));
            if chain.iter().any(stopped) {
                chain
                    .iter()
                    .for_each(|job| self.foresight[*job].unsettled = true);
                continue;
            }
            let mut changed = Foreseen::default();
            for &index in chain {
                let job = &self.jobs[index];
                if let Some(before) = &job.before {
                    made[index].clone_from(&before.key);
                    self.foresight[index].already = true;
                    self.foresight[index].until = before.until;
                    continue;
                }
                let decided = match job.request(rows, terms, &made) {
                    Some(request) => request.decide(facts, property).map_err(Why::from),
                    None => Err(Why::Rows(
                        "the row of the same stay that it joins cannot be carried out".to_owned(),
                    )),
                };
                match decided {
                    Ok(decided) => {
                        let line = rows[job.rows[0]].line;
                        made[index] = decided.already.first().cloned();
                        if let Some(plan) = &decided.plan {
                            self.touched.extend(touched(plan));
                            let key = facts.foresee(plan, &format!("line {line}"), &mut changed);
                            made[index] = made[index].take().or(key);
                        }
                        self.foresight[index] = foresight(&decided, facts);
                    }
                    Err(why) => {
                        let (first, more) = (job.rows[0], &job.rows[1..]);
                        let text = format!("see line {}, of the same stay", rows[first].line);
                        self.bad.push((first, why));
                        let more = more.iter().map(|row| (*row, Why::Rows(text.clone())));
                        self.bad.extend(more);
                        bad.push(index);
                    }
                }
            }
            facts.revert(changed);
        }
        // A job that cannot be carried out has no rows any more.
        for index in bad {
            self.jobs[index].rows.clear();
        }
        let jobs = &self.jobs;
        for chain in &mut self.chains {
            chain.retain(|index| !jobs[*index].rows.is_empty());
        }
        self.chains.retain(|chain| !chain.is_empty());
    }
}

/// Ids of the keys that a plan takes away or replaces.
fn touched(plan: &Plan) -> impl Iterator<Item = String> {
    let deleted = plan.steps.iter().filter_map(|step| match &step.action {
        Action::DeleteKey(id) | Action::DeleteIfLive(id) => Some(id),
        _ => None,
    });
    deleted.chain(&plan.displaces).cloned()
}

fn foresight(decided: &Decided, facts: &Facts) -> Foresight {
    let Some(plan) = &decided.plan else {
        let mut keys = decided.already.iter().filter_map(|id| facts.keys.get(id));
        return Foresight {
            already: true,
            until: keys.find_map(|key| key.ends_at),
            ..Foresight::default()
        };
    };
    let mut found = Foresight {
        replaced: plan.displaces.len(),
        ..Foresight::default()
    };
    for step in &plan.steps {
        match &step.action {
            Action::CreateKey(spec) => {
                found.until.get_or_insert(spec.window.ends_at);
                match spec.access {
                    Access::Override => found.overrides += 1,
                    Access::Joiner(_) => found.joiners += 1,
                }
            }
            Action::DeleteKey(_) => found.revoked += 1,
            Action::DeleteIfLive(_) => found.replaced += 1,
            _ => {}
        }
    }
    found
}

//! Plans a batch: turns rows into jobs, and decides all of them before anything is written.
//!
//! Each job is decided on the snapshot as it would be after the jobs before it. For this, the effects of those jobs are
//! simulated in the snapshot, and undone afterwards. Before a job is carried out, it is decided again on the real state.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::KeysOf;
use super::chain::chains;
use super::job::{Ask, Before, Job, Terms, To};
use super::preview::{Preview, preview, touched};
use super::reading::Past;
use super::row::Row;
use super::settle::{Settled, window_of};
use super::stays::{Stays, number_label};
use super::turns::Turns;
use super::why::Why;
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{GuestQuery, Match, RoomName};
use crate::operation::decision::Decision;
use crate::operation::plan::Command;
use crate::operation::simulate::UndoLog;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// The plan of a batch.
#[derive(Debug, Default)]
pub struct BatchPlan {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Groups of jobs, by index, that must keep their order. Chains are independent of one another.
    pub chains: Vec<Vec<usize>>,
    /// Rows, by index, that cannot be carried out, in the file's order.
    pub bad: Vec<(usize, Why)>,
    /// Ids of the keys that are removed or replaced.
    pub touched: BTreeSet<String>,
    /// Rows, by index, that belong to the stay of an earlier row because they name the same room at the same time.
    pub by_room: BTreeSet<usize>,
}

/// Decides all jobs. When this returns, `snapshot` is as it was before. If the future is dropped earlier, `snapshot` contains
/// simulated effects and must not be used.
pub async fn plan(
    settled: &mut Settled,
    past: &Past,
    snapshot: &mut HotelSnapshot,
    profile: &HotelProfile,
    terms: &Terms,
) -> BatchPlan {
    let before = &past.done;
    let rows = &settled.rows;
    let mut plan = BatchPlan::default();
    let new: BTreeSet<String> = rows.iter().filter_map(new_guest).collect();
    let skips = |index: usize| before.contains_key(&index) || past.open.contains(&index);
    let mut bad: BTreeMap<usize, Why> = BTreeMap::new();
    for (index, why) in settled.bad.drain(..) {
        if !skips(index) {
            bad.entry(index).or_insert(why);
        }
    }
    let mut windows = HashMap::new();
    let mut turns = Turns::new();
    let mut rooms = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        turns.pass().await;
        if skips(index) {
            continue;
        }
        match check(row, snapshot, &new, &mut rooms) {
            Ok(()) => {
                if let Some(window) = window_of(row, snapshot.now()) {
                    windows.insert(index, window);
                }
            }
            Err(why) => {
                bad.entry(index).or_insert(why);
            }
        }
    }
    let stays = Stays::of(rows, &windows, terms.same_room_same_stay);
    let chains = chains(rows, snapshot, &past.keys_of);
    for chain in &chains {
        turns.pass().await;
        for (index, why) in stays.refuse_shared_rooms(rows, chain, &windows) {
            bad.entry(index).or_insert(why);
        }
    }
    for chain in chains {
        turns.pass().await;
        let good = chain.into_iter().filter(|index| !bad.contains_key(index));
        plan.group(rows, good, before, &stays);
    }
    plan.by_room = stays.by_room;
    plan.bad.extend(bad);
    plan.decide(rows, past, snapshot, profile, terms).await;
    plan.bad.sort_by_key(|(index, _)| *index);
    plan
}

/// Returns the handle of a guest whom this row may put on record.
fn new_guest(row: &Row) -> Option<String> {
    match (&row.guest, row.action) {
        (Some(query @ GuestQuery::New { .. }), Command::Issue | Command::Join) => {
            Some(query.handle())
        }
        _ => None,
    }
}

/// Checks the doors and the guest of one row. `new`: the guests whom rows of the file put on record; whether such a row
/// comes before this one is checked later, when all rows are decided in order. `rooms`: rooms of earlier rows, with the
/// reason if they cannot be used.
fn check<'r>(
    row: &'r Row,
    snapshot: &HotelSnapshot,
    new: &BTreeSet<String>,
    rooms: &mut HashMap<&'r RoomName, Option<Refusal>>,
) -> Result<(), Why> {
    for room in row.rooms.iter().chain(&row.old_room) {
        let look = || snapshot.room_ids(std::slice::from_ref(room)).err();
        if let Some(refusal) = rooms.entry(room).or_insert_with(look) {
            return Err(refusal.clone().into());
        }
    }
    snapshot.other_ids(&row.also)?;
    let Some(query) = &row.guest else {
        return Ok(());
    };
    match (snapshot.find(query), query, row.action) {
        (Match::One(_) | Match::OtherName(_), ..)
        | (Match::None, GuestQuery::New { .. }, Command::Issue | Command::Join) => Ok(()),
        (Match::None, query, _) if new.contains(&query.handle()) => Ok(()),
        (Match::Many(_), ..) => snapshot.guest(query).map(|_| ()).map_err(Why::from),
        (Match::None, ..) => Err(Refusal::Guest {
            asked: query.to_string(),
            found: Found::None,
        }
        .into()),
    }
}

impl BatchPlan {
    /// Returns the preview of each job, in the order of the jobs.
    pub fn previews(&self) -> impl Iterator<Item = &Preview> {
        self.jobs.iter().map(|job| &job.preview)
    }

    /// Returns true if another plan of the same rows has the same effects on the same keys.
    pub fn comes_to(&self, other: &BatchPlan) -> bool {
        let bad =
            |plan: &BatchPlan| -> Vec<usize> { plan.bad.iter().map(|(row, _)| *row).collect() };
        self.previews().eq(other.previews())
            && self.touched == other.touched
            && bad(self) == bad(other)
    }

    /// Groups the rows of one stay into jobs with one override, and joiners to it.
    fn group(
        &mut self,
        rows: &[Row],
        chain: impl Iterator<Item = usize>,
        before: &BTreeMap<usize, Before>,
        stays: &Stays,
    ) {
        let mut jobs: Vec<usize> = vec![];
        // Jobs that make first keys, by stay and room.
        let mut first: HashMap<(String, &RoomName), usize> = HashMap::new();
        for index in chain {
            let row = &rows[index];
            let done = before.get(&index).cloned();
            let makes_first = matches!(row.action, Command::Issue | Command::ReturnGuest);
            let own = stays.label(index).to_owned();
            let shares = row.share_with.as_deref().map(number_label);
            let of_stays = [makes_first.then(|| own.clone()), shares.clone()];
            let anchor = of_stays.into_iter().flatten().find_map(|stay| {
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
                        self.bad.push((index, Why::rows(text)));
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
                until: None,
                preview: Preview::default(),
            });
            jobs.push(job);
        }
        if !jobs.is_empty() {
            self.chains.push(jobs);
        }
    }

    /// Returns true if a row is for one more guest of the job before it: the rooms, the times and the doors are the same.
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

    async fn decide(
        &mut self,
        rows: &[Row],
        past: &Past,
        snapshot: &mut HotelSnapshot,
        profile: &HotelProfile,
        terms: &Terms,
    ) {
        let mut made: Vec<Option<String>> = vec![None; self.jobs.len()];
        let mut bad = vec![];
        let mut turns = Turns::new();
        for chain in self.chains.clone() {
            let stopped = |job: &usize| {
                let mut rows = self.jobs[*job].rows.iter();
                rows.any(|row| past.open.contains(row))
            };
            if chain.iter().any(stopped) {
                for job in &chain {
                    self.jobs[*job].preview.unsettled = true;
                }
                continue;
            }
            let mut changed = UndoLog::default();
            // Keys that rows of this chain will make for a reservation.
            let mut making = KeysOf::new();
            for &index in &chain {
                turns.pass().await;
                let Job {
                    before, preview, ..
                } = &mut self.jobs[index];
                if let Some(before) = before {
                    made[index] = before.key.clone().filter(|_| !before.gone);
                    preview.already = !before.gone;
                    preview.gone = before.gone;
                    preview.until = before.until;
                    continue;
                }
                let job = &self.jobs[index];
                let number = job.by_number(rows);
                let known = [&past.keys_of, &making].map(|keys| keys.get(number.as_ref()?));
                let own: Vec<String> = known.into_iter().flatten().flatten().cloned().collect();
                let line = rows[job.rows[0]].line;
                let requests = job.requests(rows, terms, &made, &own, snapshot);
                let decision = requests.and_then(|requests| {
                    let mut all = vec![];
                    for (place, request) in requests.iter().enumerate() {
                        let decision = request.decide(snapshot, profile)?;
                        let mut keys = decision.already.clone();
                        if let Some(plan) = &decision.plan {
                            let tag = format!("line {line}, request {}", place + 1);
                            keys.extend(snapshot.simulate(plan, &tag, &mut changed));
                        }
                        if let Some(number) = rows[job.rows[0]].stay_hash() {
                            keys.iter().for_each(|key| snapshot.keys.tie(key, &number));
                        }
                        all.push((decision, keys));
                    }
                    Ok(all)
                });
                match decision {
                    Ok(decision) => {
                        let keys = decision.iter().flat_map(|(_, keys)| keys);
                        made[index] = keys.clone().next().cloned();
                        if let Some(number) = rows[job.rows[0]].stay_hash() {
                            making.entry(number).or_default().extend(keys.cloned());
                        }
                        self.simulate(index, &decision, rows, snapshot);
                    }
                    Err(why) => {
                        let (first, more) = (job.rows[0], &job.rows[1..]);
                        let text = format!("see line {}, of the same stay", rows[first].line);
                        self.bad.push((first, why));
                        let more = more.iter().map(|row| (*row, Why::rows(text.clone())));
                        self.bad.extend(more);
                        bad.push(index);
                    }
                }
            }
            snapshot.revert(changed);
        }
        // Jobs that cannot be carried out keep their index and have no rows.
        for index in bad {
            self.jobs[index].rows.clear();
        }
        let jobs = &self.jobs;
        for chain in &mut self.chains {
            chain.retain(|index| !jobs[*index].rows.is_empty());
        }
        self.chains.retain(|chain| !chain.is_empty());
    }

    /// Adds the preview of a job with all its requests.
    fn simulate(
        &mut self,
        index: usize,
        decision: &[(Decision, Vec<String>)],
        rows: &[Row],
        snapshot: &HotelSnapshot,
    ) {
        let mut all = Preview {
            already: true,
            ..Preview::default()
        };
        for (decision, _) in decision {
            if let Some(plan) = &decision.plan {
                self.touched.extend(touched(plan));
            }
            let one = preview(decision, snapshot);
            all = Preview {
                overrides: all.overrides + one.overrides,
                joiners: all.joiners + one.joiners,
                revoked: all.revoked + one.revoked,
                replaced: all.replaced + one.replaced,
                already: all.already && one.already,
                until: all.until.or(one.until),
                ..all
            };
        }
        let job = &mut self.jobs[index];
        let first = &rows[job.rows[0]];
        // Nights that count from the start of another key were planned with this end, which is kept when the job is carried
        // out.
        if first.action == Command::Join && first.nights.is_some() {
            job.until = all.until;
        }
        self.jobs[index].preview = all;
    }
}

//! Carries a plan out: each step's intent is on record before its request leaves, its result before
//! anything waits on it.
//!
//! A step ends in one of three ways. *Done*: the API said so, or reading shows it. *Failed*: it certainly
//! had no effect. *Unknown*: the answer was lost and reading could not settle it; then the plan stops and
//! the operation stays open for [`super::recover`].

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use tokio::time::Instant;

use super::perform::Call;
use super::plan::{Access, Action, Bystander, KeySpec, Plan};
use super::prepared::Warning;
use super::progress::{Progress, StepState};
use super::read::{OneByOne, ReadBack};
use super::record::{Made, Note, OperationId, Record, RecordError, StepStatus};
use super::report::spec_of;
use super::verify::{Around, Harm, judge};
use crate::seam::{self, Client, Sent};
use crate::stay::key::{Key, KeyRing, Medium};

/// Between a change and the first look at what came of it; the pauses after it grow.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// How long a plan that has stopped may read whom it has harmed.
const LOOK: Duration = Duration::from_secs(3);

/// Why a plan stopped before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The step certainly had no effect.
    #[error("step {step} failed: {error}")]
    Failed {
        /// Index in the plan.
        step: usize,
        /// What the API said.
        error: seam::Error,
    },
    /// Whether the step had its effect is not known.
    #[error("the outcome of step {step} is not known: {error}")]
    Unknown {
        /// Index in the plan.
        step: usize,
        /// How the answer was lost.
        error: seam::Error,
    },
    /// The record could not be written; the next request was not sent.
    #[error("{error}")]
    Unrecorded {
        /// Index in the plan.
        step: usize,
        /// Why not.
        error: RecordError,
    },
    /// The lock system has not confirmed the new key, and the old one still works: it is left alone.
    #[error("the new key is not confirmed; the old one is left before step {step}")]
    Unconfirmed {
        /// The removal that was not begun.
        step: usize,
    },
    /// The new key is not valid: somebody else has overridden it. No older key was removed in its favour.
    #[error("the new key is not valid any more")]
    Displaced {
        /// The step that made it.
        step: usize,
        /// The key that is there instead, as far as it could be read.
        by: Option<Box<Key>>,
    },
    /// Before a key was made, somebody else got one for the same room and time.
    #[error("the rooms were given to somebody else before step {step}")]
    Taken {
        /// The step that was not begun.
        step: usize,
        /// The other key.
        by: Box<Key>,
    },
    /// The new key is valid, and so is one that somebody else has made for the same room and time.
    #[error("the rooms were given to somebody else at the same moment")]
    Contested {
        /// The step that made the key.
        step: usize,
        /// The other key.
        by: Box<Key>,
    },
    /// The keys were made, and the rooms could not be read after it: other guests may have lost their access.
    #[error("the rooms could not be read after the change: {error}")]
    NotRead {
        /// The step that made the first key.
        step: usize,
        /// Why the last reading failed.
        error: seam::Error,
    },
    /// Somebody asked to stop; nothing is in flight.
    #[error("interrupted before step {step}")]
    Interrupted {
        /// The step that was not begun.
        step: usize,
    },
}

impl Stop {
    /// The key of somebody else that is in the way.
    pub fn rival(&self) -> Option<&Key> {
        match self {
            Stop::Displaced { by, .. } => by.as_deref(),
            Stop::Taken { by, .. } | Stop::Contested { by, .. } => Some(by),
            _ => None,
        }
    }

    /// The step at which it stopped.
    pub fn step(&self) -> usize {
        match self {
            Stop::Failed { step, .. }
            | Stop::Unknown { step, .. }
            | Stop::Unrecorded { step, .. }
            | Stop::Unconfirmed { step }
            | Stop::Displaced { step, .. }
            | Stop::Taken { step, .. }
            | Stop::Contested { step, .. }
            | Stop::NotRead { step, .. }
            | Stop::Interrupted { step } => *step,
        }
    }
}

/// What is true of an operation that stopped, for the guest and for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was changed.
    Unchanged,
    /// Part of it is done; the rest is known not to be.
    PartDone,
    /// Whether a step took effect is not known.
    Unknown,
    /// Access was taken and no new key exists.
    NoAccess,
}

/// Where an operation stands that did not reach its end. `has_key`: whether every guest who had a key that worked
/// still has one, as far as it could be read. What a service takes away is its own choice, so that the steps alone do
/// not tell.
pub fn standing(plan: &Plan, progress: &Progress, has_key: Option<bool>) -> Standing {
    let state = |wanted: fn(&Action) -> bool| {
        plan.steps
            .iter()
            .position(|step| wanted(&step.action))
            .map(|index| progress.steps[index].status)
    };
    let revoked = state(|action| matches!(action, Action::RevokeAccess(_)));
    let created = state(|action| matches!(action, Action::CreateKey(_)));
    let without = has_key.map_or(
        plan.takes_first()
            && revoked == Some(StepStatus::Done)
            && !matches!(created, Some(StepStatus::Unknown | StepStatus::Done)),
        |has_key| !has_key,
    );
    if without {
        return Standing::NoAccess;
    }
    let writes = || {
        plan.steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.writes())
            .map(|(index, _)| index)
    };
    if writes().any(|index| progress.is(index, StepStatus::Unknown)) {
        Standing::Unknown
    } else if writes().any(|index| progress.is(index, StepStatus::Done)) {
        Standing::PartDone
    } else {
        Standing::Unchanged
    }
}

/// Whether a write has been sent, or may have been.
pub(super) fn has_written(plan: &Plan, progress: &Progress) -> bool {
    let sent = |(step, state): (&super::plan::Step, &StepState)| {
        step.writes() && matches!(state.status, StepStatus::Done | StepStatus::Unknown)
    };
    plan.steps.iter().zip(&progress.steps).any(sent)
}

/// What becomes of a plan that ran.
#[derive(Debug, Default)]
pub struct Ran {
    /// What people should know.
    pub warnings: Vec<Warning>,
    /// The keys made, as read back.
    pub keys: Vec<Key>,
    /// The lock system has confirmed them all, as far as it could be asked to.
    pub confirmed: bool,
    /// Guests who have lost their access although nobody agreed to that.
    pub harmed: Vec<Harm>,
    /// When the rooms were last read.
    read_at: Option<Instant>,
}

/// Somebody asked to stop.
pub trait Interrupt {
    /// Whether they have.
    fn is_requested(&self) -> bool;
    /// Ends when they do.
    fn requested(&self) -> impl Future<Output = ()>;
}

/// What is to be done about an earlier key.
enum Removal {
    /// It is to be deleted.
    Needed,
    /// It opens nothing any more.
    Done,
    /// It stays: it works, and the new key waits for a phone.
    Kept(Box<Key>),
}

/// Carries plans out.
#[derive(Debug)]
pub struct Engine<'a, I, R> {
    /// The API.
    pub client: &'a Client,
    /// How keys are read back.
    pub keys: &'a R,
    /// The durable record.
    pub record: &'a Record,
    /// Ctrl-C.
    pub interrupt: &'a I,
    /// How long the lock system may take to confirm a key.
    pub wait: Duration,
    /// How long a list may lag behind a create before an absent key counts as absent.
    pub settle: Duration,
    /// When the rooms were last read; `None`: long ago.
    pub read_at: Option<Instant>,
}

impl<I: Interrupt, R: ReadBack> Engine<'_, I, R> {
    /// Carries out the steps that are not done yet, in order. The rooms are read right before a key is made on them,
    /// and again after. The keys made are confirmed before any key that they stand in for is removed, so that no
    /// moment is without a working one.
    pub async fn run(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
    ) -> (Ran, Option<Stop>) {
        let mut ran = Ran {
            confirmed: true,
            read_at: self.read_at,
            ..Ran::default()
        };
        let ended = self.run_steps(operation, plan, progress, &mut ran).await;
        (ran, ended.err())
    }

    async fn run_steps(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        ran: &mut Ran,
    ) -> Result<(), Stop> {
        let (removals, makes): (Vec<usize>, Vec<usize>) =
            (0..plan.steps.len()).partition(|step| is_removal(plan, *step));
        for step in makes {
            if let Err(stop) = self.step(operation, plan, progress, step, ran).await {
                self.look_after(operation, plan, progress, &stop, ran).await;
                return Err(stop);
            }
        }
        if self.wait.is_zero() {
            leave_unread(plan, progress, ran);
            return Ok(());
        }
        self.verify(operation, plan, progress, ran).await?;
        for step in removals {
            let removal = self
                .removal(operation, plan, progress, step, ran.confirmed)
                .await?;
            match removal {
                Removal::Done => {}
                Removal::Needed => self.step(operation, plan, progress, step, ran).await?,
                Removal::Kept(key) => ran.warnings.push(Warning {
                    code: "old_key_left".to_owned(),
                    message: format!(
                        "the earlier key works until a phone has the new one, and was not removed; \
                         `roomkey revoke --key {}` removes it",
                        key.id
                    ),
                }),
            }
        }
        Ok(())
    }

    /// Where a plan stops after it has made a key, that key may have ended the access of others: that is read too.
    /// What it stopped at comes first in what people hear.
    async fn look_after(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        stop: &Stop,
        ran: &mut Ran,
    ) {
        let may_wait = !matches!(stop, Stop::Interrupted { .. } | Stop::Unrecorded { .. });
        if may_wait && !self.wait.is_zero() && progress.keys_to_verify().next().is_some() {
            let looked = self.verify(operation, plan, progress, ran);
            let _ = tokio::time::timeout(LOOK, looked).await;
        }
    }

    /// Reads the rooms and the guests' keys, side by side, as they are now. The rooms are listed one by one, with their
    /// plastic cards; the guests' keys are in the list that many rows share.
    async fn rooms_now(&self, plan: &Plan) -> Result<KeyRing, seam::Error> {
        let rooms = OneByOne(self.client);
        read_around(&rooms, self.keys, plan, &plan.guests, Instant::now()).await
    }

    /// Reads the rooms, the guests' keys and the bystanders, side by side, as they are at or after `since`.
    async fn rooms(
        &self,
        plan: &Plan,
        progress: &Progress,
        since: Instant,
    ) -> Result<KeyRing, seam::Error> {
        let guests: Vec<String> = progress.guests_of(plan).into_iter().collect();
        // What many share has no cards in it.
        let has_cards = plan
            .bystanders
            .iter()
            .any(|other| other.medium != Medium::Mobile);
        if has_cards {
            let one_by_one = OneByOne(self.client);
            return read_around(&one_by_one, &one_by_one, plan, &guests, since).await;
        }
        read_around(self.keys, self.keys, plan, &guests, since).await
    }

    /// Reads the new keys until the lock system has confirmed them, and the rooms once. Another desk that had read
    /// the rooms before the key was made may still send its own: the rooms are read after that.
    async fn verify(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        ran: &mut Ran,
    ) -> Result<(), Stop> {
        if progress.keys_to_verify().next().is_none() && plan.bystanders.is_empty() {
            return Ok(());
        }
        self.settle_record(operation, progress).await?;
        let pause = if (0..plan.steps.len()).any(|step| overrides(plan, step)) {
            OTHER_DESK
        } else {
            FIRST_PAUSE
        };
        {
            let _resting = self.keys.resting();
            tokio::time::sleep(pause).await;
        }
        let mut since = Instant::now();
        let deadline = since + self.wait;
        let mut next_pause = FIRST_PAUSE;
        let mut rooms = self.rooms(plan, progress, since).await;
        while rooms.is_err() && self.pause(&mut next_pause, deadline).await.is_continue() {
            since = Instant::now();
            rooms = self.rooms(plan, progress, since).await;
        }
        // The rooms show the new keys too.
        let mut answers = std::mem::take(&mut ran.keys);
        if let Ok(rooms) = &rooms {
            let shown = |key: &Key| rooms.get(&key.id).filter(|shown| !shown.doors.is_empty());
            answers.iter_mut().for_each(|key| {
                if let Some(shown) = shown(key) {
                    *key = shown.clone();
                }
            });
        }
        let made: Vec<(usize, String)> = progress
            .keys_to_verify()
            .map(|(step, id)| (step, id.to_owned()))
            .collect();
        // What is known of the new keys counts although the rooms could not be read.
        let (mut rooms, unread) = match rooms {
            Ok(rooms) => (rooms, None),
            Err(error) => (KeyRing::default(), Some(error)),
        };
        let specs: Vec<&KeySpec> = made
            .iter()
            .filter_map(|(step, _)| spec_of(plan, *step))
            .collect();
        let made_here: Vec<String> = made.iter().map(|(_, id)| id.clone()).collect();
        let around = Around {
            plan,
            own: progress.keys_made().map(|(_, id)| id.to_owned()).collect(),
            specs,
        };
        let guests = progress.guests_of(plan);
        let now = self.client.now();
        let mut verdict = judge(&around, &made_here, &guests, &rooms, now);
        if !verdict.harmed.is_empty() {
            // Another desk may have moved them in the meantime: their own keys tell.
            let read = read_holders(self.keys, &verdict.harmed, since, &mut rooms).await;
            if read.is_ok() {
                verdict = judge(&around, &made_here, &guests, &rooms, now);
            }
        }
        ran.harmed = std::mem::take(&mut verdict.harmed);
        ran.keys = self.confirm(plan, progress, answers, since).await;
        let is_invalid = |id: &String| {
            let read = ran.keys.iter().find(|key| key.id == *id);
            verdict.displaced.contains(id) || read.is_some_and(|key| key.valid == Some(false))
        };
        let rival = verdict.rivals.first().cloned().map(Box::new);
        if let Some((step, _)) = made.iter().find(|(_, id)| is_invalid(id)) {
            return Err(Stop::Displaced {
                step: *step,
                by: rival,
            });
        }
        if let Some(error) = unread {
            let step = made.first().map_or(0, |(step, _)| *step);
            return Err(Stop::NotRead { step, error });
        }
        for key in &verdict.superseded {
            ran.warnings.push(Warning {
                code: "changed_at_once".to_owned(),
                message: format!(
                    "another desk changed the guest's key at the same moment, and this key replaces that one; \
                     `roomkey revoke --key {}` removes it from the phone too",
                    key.id
                ),
            });
        }
        if let (Some(by), Some((step, _))) = (rival, made.first()) {
            return Err(Stop::Contested { step: *step, by });
        }
        // A key that could not be read back is not confirmed either.
        ran.confirmed = ran.keys.len() == made.len()
            && ran.keys.iter().all(|key| {
                let step = made.iter().find(|(_, id)| *id == key.id);
                let ready = step.and_then(|(step, _)| spec_of(plan, *step)?.phone_ready);
                is_settled(key, ready)
            });
        Ok(())
    }

    /// Returns whether an earlier key is still there and has to be removed; where it is not, the step is done. The new
    /// keys are read beside it: nothing is removed in favour of a key that is not valid any more, nor a key that works
    /// in favour of one that waits for a phone. A key that the service has called invalid may still be on a phone and
    /// open what the new one does not: it goes too.
    async fn removal(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        step: usize,
        confirmed: bool,
    ) -> Result<Removal, Stop> {
        let Action::DeleteIfLive(id) = &plan.steps[step].action else {
            return Ok(Removal::Needed);
        };
        if progress.steps[step].status == StepStatus::Done {
            return Ok(Removal::Done);
        }
        let since = Instant::now();
        let made: Vec<(usize, String)> = progress
            .keys_to_verify()
            .map(|(step, id)| (step, id.to_owned()))
            .collect();
        let reads = made.iter().map(|(_, id)| self.keys.key(id, since));
        let (old, new) = futures::join!(self.keys.key(id, since), futures::future::join_all(reads));
        for ((step, _), key) in made.iter().zip(new) {
            if key.is_ok_and(|key| key.is_none_or(|key| key.valid == Some(false))) {
                return Err(Stop::Displaced {
                    step: *step,
                    by: None,
                });
            }
        }
        let old = match old {
            Ok(key) => key,
            Err(_) if !confirmed => return Err(Stop::Unconfirmed { step }),
            Err(error) => return Err(Stop::Failed { step, error }),
        };
        let now = self.client.now();
        if let Some(key) = old {
            let waits = made
                .iter()
                .filter_map(|(step, _)| spec_of(plan, *step))
                .filter(|spec| progress.resolve(&spec.guest) == key.holder)
                .any(|spec| spec.phone_ready == Some(false));
            if key.is_live(now) {
                return match (confirmed, waits && key.is_current(now) && !key.is_waiting()) {
                    (false, _) => Err(Stop::Unconfirmed { step }),
                    (true, true) => Ok(Removal::Kept(Box::new(key))),
                    (true, false) => Ok(Removal::Needed),
                };
            }
            if confirmed && !waits && key.is_displaced(now) {
                return Ok(Removal::Needed);
            }
        }
        self.settle_record(operation, progress).await?;
        let done = StepState {
            status: StepStatus::Done,
            made: Made::default(),
            request_id: None,
            error: None,
        };
        progress.answered(step, done);
        Ok(Removal::Done)
    }

    async fn step(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        step: usize,
        ran: &mut Ran,
    ) -> Result<(), Stop> {
        let before = progress.steps[step].status;
        if before == StepStatus::Done {
            return Ok(());
        }
        if self.interrupt.is_requested() {
            return Err(Stop::Interrupted { step });
        }
        if !progress.take_intent(step) {
            let note = Note {
                intent: Some(step),
                ..progress.note()
            };
            self.record
                .note(operation, note)
                .await
                .map_err(|error| Stop::Unrecorded { step, error })?;
        }
        if needs_rooms(plan, step) && !is_younger(ran.read_at, FRESH) {
            let rooms = self.rooms_now(plan).await;
            if let Err(stop) = check_free(plan, progress, step, rooms, self.client.now()) {
                progress.not_sent(step, before);
                return Err(stop);
            }
            ran.read_at = Some(Instant::now());
        }
        let call = Call {
            client: self.client,
            settle: self.settle,
            plan,
            progress,
            resumed: before == StepStatus::Unknown,
        };
        // The rooms are read beside the step before a key is made, which then costs no time.
        let next = step + 1;
        let reads_beside = next < plan.steps.len()
            && needs_rooms(plan, next)
            && plan.steps[step].writes()
            && !(self.keys.is_shared() && is_younger(ran.read_at, FRESH / 2));
        let (performed, rooms) = futures::join!(call.perform(step), async {
            if reads_beside {
                Some((self.rooms_now(plan).await, Instant::now()))
            } else {
                None
            }
        });
        // The step may take much longer than the reading beside it.
        let rooms = rooms.map(|(rooms, at)| {
            ran.read_at = Some(at);
            rooms
        });
        let (state, stop) = match performed {
            Ok(performed) => {
                ran.warnings.extend(performed.warning);
                ran.keys.extend(performed.key);
                let state = StepState {
                    status: StepStatus::Done,
                    made: performed.made,
                    request_id: performed.request_id,
                    error: None,
                };
                (state, None)
            }
            Err(error) => {
                let harmless = error.sent() == Sent::No || !plan.steps[step].writes();
                let state = StepState {
                    status: if harmless {
                        StepStatus::Failed
                    } else {
                        StepStatus::Unknown
                    },
                    made: Made::default(),
                    request_id: error.request_id().map(str::to_owned),
                    error: Some(error.to_string()),
                };
                let stop = if harmless && error.is_unreachable() && self.interrupt.is_requested() {
                    Stop::Interrupted { step }
                } else if harmless {
                    Stop::Failed { step, error }
                } else {
                    Stop::Unknown { step, error }
                };
                (state, Some(stop))
            }
        };
        progress.answered(step, state);
        match (stop, rooms) {
            (Some(stop), _) => Err(stop),
            (None, Some(rooms)) => check_free(plan, progress, next, rooms, self.client.now()),
            (None, None) => Ok(()),
        }
    }

    /// Puts what is known on record before anything is waited for.
    async fn settle_record(
        &self,
        operation: &OperationId,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let Some(step) = progress.unrecorded() else {
            return Ok(());
        };
        self.record
            .note(operation, progress.note())
            .await
            .map_err(|error| Stop::Unrecorded { step, error })
    }

    /// Reads the keys made until the lock system has confirmed each, the time is over or somebody asks to
    /// stop. `answers`: the first reading, at or after `since`; a key that no phone can take yet needs no more.
    async fn confirm(
        &self,
        plan: &Plan,
        progress: &Progress,
        answers: Vec<Key>,
        since: Instant,
    ) -> Vec<Key> {
        let mut settled = vec![];
        let mut open = vec![];
        for (step, id) in progress.keys_to_verify() {
            let ready = spec_of(plan, step).and_then(|spec| spec.phone_ready);
            let answer = answers
                .iter()
                .find(|key| key.id == id && !key.doors.is_empty());
            match answer.filter(|key| is_settled(key, ready) || key.valid == Some(false)) {
                Some(key) => settled.push(key.clone()),
                None => open.push((id.to_owned(), ready)),
            }
        }
        let deadline = Instant::now() + self.wait;
        let answered = !answers.is_empty();
        let reads = open
            .iter()
            .map(|(id, ready)| self.confirm_one(id, since, deadline, *ready, answered));
        let read = futures::future::join_all(reads).await;
        settled.extend(read.into_iter().flatten());
        settled
    }

    /// Reads keys until each is confirmed, or the time is over. With each: whether a phone is ready to take it.
    pub(super) async fn settle(&self, keys: &[(String, Option<bool>)]) -> Vec<Key> {
        let (since, deadline) = (Instant::now(), Instant::now() + self.wait);
        let reads = keys
            .iter()
            .map(|(id, ready)| self.confirm_one(id, since, deadline, *ready, false));
        let read = futures::future::join_all(reads).await;
        read.into_iter().flatten().collect()
    }

    /// Reads one key until it is confirmed; `None` where it could not be read at all. `answered`: it was made
    /// a moment ago, and reading at once would only show what the answer showed.
    async fn confirm_one(
        &self,
        id: &str,
        mut since: Instant,
        deadline: Instant,
        ready: Option<bool>,
        answered: bool,
    ) -> Option<Key> {
        let mut last = None;
        let mut pause = FIRST_PAUSE;
        if answered && self.pause(&mut pause, deadline).await.is_continue() {
            since = since.max(Instant::now());
        }
        loop {
            if let Ok(Some(key)) = self.keys.key(id, since).await {
                if is_settled(&key, ready) || key.valid == Some(false) {
                    return Some(key);
                }
                last = Some(key);
            }
            if self.pause(&mut pause, deadline).await.is_break() {
                return last;
            }
            since = Instant::now();
        }
    }

    /// Waits until the key is gone; `false` where it is still there, or cannot be read, at the deadline.
    pub async fn wait_gone(&self, id: &str, mut since: Instant, deadline: Instant) -> bool {
        let mut pause = FIRST_PAUSE;
        loop {
            if matches!(self.keys.key(id, since).await, Ok(None)) {
                return true;
            }
            if self.pause(&mut pause, deadline).await.is_break() {
                return false;
            }
            since = Instant::now();
        }
    }

    /// A growing pause between two reads; breaks at the deadline or when somebody asks to stop.
    async fn pause(&self, pause: &mut Duration, deadline: Instant) -> std::ops::ControlFlow<()> {
        let next = Instant::now() + *pause;
        if next > deadline || self.interrupt.is_requested() {
            return std::ops::ControlFlow::Break(());
        }
        let _resting = self.keys.resting();
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = self.interrupt.requested() => return std::ops::ControlFlow::Break(()),
        }
        *pause = (*pause * 3 / 2).min(Duration::from_secs(1));
        std::ops::ControlFlow::Continue(())
    }
}

/// Returns whether a key counts as confirmed: valid and synced, or valid while no phone was ready to take it when it
/// was made.
fn is_settled(key: &Key, ready: Option<bool>) -> bool {
    let waits = match ready {
        Some(ready) => !ready,
        None => key.is_waiting(),
    };
    key.valid != Some(false) && (key.is_confirmed() || waits)
}

/// How old a reading of the rooms may be when a key is made on them.
const FRESH: Duration = Duration::from_millis(40);

/// Another desk that read the rooms before a key was made on them sends its own at most [`FRESH`] after the answer:
/// the rooms are read again after that. A desk whose requests take much longer than those of this one is not waited
/// for; it sees the key that it has overridden, and says so.
const OTHER_DESK: Duration = Duration::from_millis(60);

fn is_younger(read_at: Option<Instant>, age: Duration) -> bool {
    read_at.is_some_and(|at| at.elapsed() <= age)
}

/// Whether a step removes a guest's earlier key once the new one works.
fn is_removal(plan: &Plan, step: usize) -> bool {
    matches!(plan.steps[step].action, Action::DeleteIfLive(_))
}

/// Nothing is read after the writes, so nothing is known of the new key, and no older key is removed.
fn leave_unread(plan: &Plan, progress: &Progress, ran: &mut Ran) {
    ran.warnings.push(Warning {
        code: "not_verified".to_owned(),
        message:
            "with `--wait 0` nothing is read after the change: whether the key works is not known"
                .to_owned(),
    });
    for (step, state) in plan.steps.iter().zip(&progress.steps) {
        if let (Action::DeleteIfLive(id), false) = (&step.action, state.status == StepStatus::Done)
        {
            ran.warnings.push(Warning {
                code: "old_key_left".to_owned(),
                message: format!(
                    "the earlier key was not removed; `roomkey revoke --key {id}` removes it"
                ),
            });
        }
    }
}

/// Whether the rooms must have been read right before this step: it makes a key, or takes access away for one.
fn needs_rooms(plan: &Plan, step: usize) -> bool {
    matches!(
        plan.steps[step].action,
        Action::CreateKey(_) | Action::RevokeAccess(_)
    )
}

/// Whether a step makes an override.
fn overrides(plan: &Plan, step: usize) -> bool {
    spec_of(plan, step).is_some_and(|spec| spec.access == Access::Override)
}

/// Reads everything around a plan: the keys at its rooms, those of its guests, and the bystanders elsewhere. The first
/// reader lists the rooms, the second reads the rest.
async fn read_around(
    rooms: &impl ReadBack,
    keys: &impl ReadBack,
    plan: &Plan,
    guests: &[String],
    since: Instant,
) -> Result<KeyRing, seam::Error> {
    let at = plan.room_doors.iter();
    let is_elsewhere = |other: &&Bystander| {
        let holder = other.holder.as_ref();
        other.doors.is_disjoint(&plan.room_doors)
            && !holder.is_some_and(|holder| guests.contains(holder))
    };
    let elsewhere = plan.bystanders.iter().filter(is_elsewhere);
    let (at, own, others) = futures::try_join!(
        try_join_all(at.map(|door| async move {
            Ok::<_, seam::Error>((door, rooms.room(door, since).await?))
        })),
        try_join_all(guests.iter().map(|guest| keys.of(guest, since))),
        try_join_all(elsewhere.map(|other| keys.key(&other.id, since))),
    )?;
    let mut ring = KeyRing::default();
    let others = others.into_iter().flatten();
    own.into_iter()
        .flatten()
        .chain(others)
        .for_each(|key| ring.insert(key));
    for (door, keys) in at {
        keys.into_iter().for_each(|key| ring.insert_at(door, key));
    }
    Ok(ring)
}

/// Adds all keys of those who seem to be harmed.
async fn read_holders(
    keys: &impl ReadBack,
    harmed: &[Harm],
    since: Instant,
    ring: &mut KeyRing,
) -> Result<(), seam::Error> {
    let holders: BTreeSet<&String> = harmed
        .iter()
        .filter_map(|harm| harm.key.holder.as_ref())
        .collect();
    let read = try_join_all(holders.into_iter().map(|holder| keys.of(holder, since))).await;
    for key in read?.into_iter().flatten() {
        ring.insert(key);
    }
    Ok(())
}

/// Refuses to make a key where somebody else has made one for the same rooms and time, or for one of the guests, since
/// the plan was made. `step` is the step that is not sent; what its own lost answer may have made is no reason.
fn check_free(
    plan: &Plan,
    progress: &Progress,
    step: usize,
    rooms: Result<KeyRing, seam::Error>,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let rooms = rooms.map_err(|error| Stop::Failed { step, error })?;
    let open = plan
        .specs()
        .filter(|(step, _)| !progress.is(*step, StepStatus::Done));
    let around = Around {
        plan,
        own: progress.keys_made().map(|(_, id)| id.to_owned()).collect(),
        specs: open.map(|(_, spec)| spec).collect(),
    };
    let may_be_own = |key: &Key| {
        let mut open = plan
            .specs()
            .filter(|(step, _)| progress.is(*step, StepStatus::Unknown));
        open.any(|(_, spec)| progress.may_have_made(plan, spec, key))
    };
    let of_guests = plan
        .guests
        .iter()
        .flat_map(|guest| rooms.live_of(guest, now));
    let of_guests = of_guests.filter(|key| around.is_new(key));
    let others = around.since(&rooms, now);
    let mut others = others.into_iter().chain(of_guests);
    match others.find(|key| key.is_live(now) && !may_be_own(key)) {
        None => Ok(()),
        Some(key) => Err(Stop::Taken {
            step,
            by: Box::new(key.clone()),
        }),
    }
}

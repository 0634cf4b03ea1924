//! Carries a plan out: each step's intent is on record before its request leaves, its result before
//! anything waits on it.
//!
//! A step ends in one of three ways. *Done*: the API said so, or reading shows it. *Failed*: it certainly
//! had no effect. *Unknown*: the answer was lost and reading could not settle it; then the plan stops and
//! the operation stays open for [`super::recover`].

use std::time::Duration;

use tokio::time::Instant;

use super::perform::Call;
use super::plan::{Action, Plan};
use super::prepared::Warning;
use super::progress::{Progress, StepState};
use super::read::ReadBack;
use super::record::{Made, Note, OperationId, Record, RecordError, StepStatus};
use crate::seam::{self, Client, Sent};
use crate::stay::key::Key;

/// Between a change and the first look at what came of it; the pauses after it grow.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

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
    /// Somebody asked to stop; nothing is in flight.
    #[error("interrupted before step {step}")]
    Interrupted {
        /// The step that was not begun.
        step: usize,
    },
}

impl Stop {
    /// The step at which it stopped.
    pub fn step(&self) -> usize {
        match self {
            Stop::Failed { step, .. }
            | Stop::Unknown { step, .. }
            | Stop::Unrecorded { step, .. }
            | Stop::Unconfirmed { step }
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

/// Where an operation stands that did not reach its end. `has_key`: whether a guest whose access is taken
/// first has a key that works, as far as it could be read. What a service takes away with the access is
/// its own choice, so that the steps alone do not tell.
pub fn standing(plan: &Plan, progress: &Progress, has_key: Option<bool>) -> Standing {
    let state = |wanted: fn(&Action) -> bool| {
        plan.steps
            .iter()
            .position(|step| wanted(&step.action))
            .map(|index| progress.steps[index].status)
    };
    if takes_begun(plan, progress) {
        let revoked = state(|action| matches!(action, Action::RevokeAccess(_)));
        let created = state(|action| matches!(action, Action::CreateKey(_)));
        let without = has_key.map_or(
            revoked == Some(StepStatus::Done) && created != Some(StepStatus::Unknown),
            |has_key| !has_key,
        );
        if without && created != Some(StepStatus::Done) {
            return Standing::NoAccess;
        }
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

/// Whether access has been taken, or may have been, in a plan that gives it only afterwards.
pub(super) fn takes_begun(plan: &Plan, progress: &Progress) -> bool {
    let taken = |(step, state): (&super::plan::Step, &StepState)| {
        matches!(step.action, Action::RevokeAccess(_))
            && matches!(state.status, StepStatus::Done | StepStatus::Unknown)
    };
    plan.takes_first() && plan.steps.iter().zip(&progress.steps).any(taken)
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
}

/// Somebody asked to stop.
pub trait Interrupt {
    /// Whether they have.
    fn is_requested(&self) -> bool;
    /// Ends when they do.
    fn requested(&self) -> impl Future<Output = ()>;
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
}

impl<I: Interrupt, R: ReadBack> Engine<'_, I, R> {
    /// Carries out the steps that are not done yet, in order. The keys made are confirmed before any key
    /// that they stand in for is removed, so that no moment is without a working one.
    pub async fn run(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
    ) -> Result<Ran, Stop> {
        let mut ran = Ran {
            confirmed: true,
            ..Ran::default()
        };
        let removes = |action: &Action| matches!(action, Action::DeleteIfLive(_));
        let split = plan
            .steps
            .iter()
            .position(|step| removes(&step.action))
            .unwrap_or(plan.steps.len());
        for step in 0..split {
            self.step(operation, plan, progress, step, &mut ran).await?;
        }
        ran.keys = self.confirm(operation, plan, progress, ran.keys).await?;
        // A key that could not be read back is not confirmed either.
        ran.confirmed = ran.keys.len() == progress.keys_made().count()
            && ran
                .keys
                .iter()
                .all(|key| key.is_confirmed() || key.is_waiting());
        for step in split..plan.steps.len() {
            if !ran.confirmed && self.would_remove(plan, progress, step).await {
                return Err(Stop::Unconfirmed { step });
            }
            self.step(operation, plan, progress, step, &mut ran).await?;
        }
        Ok(ran)
    }

    /// Whether a removal would hit a key that still works, as far as can be read.
    async fn would_remove(&self, plan: &Plan, progress: &Progress, step: usize) -> bool {
        let Action::DeleteIfLive(id) = &plan.steps[step].action else {
            return false;
        };
        match self.keys.key(id, progress.changed()).await {
            Ok(key) => key.is_some_and(|key| key.is_live(self.client.now())),
            Err(_) => true,
        }
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
        let call = Call {
            client: self.client,
            keys: self.keys,
            settle: self.settle,
            plan,
            progress,
            resumed: before == StepStatus::Unknown,
        };
        let (state, stop) = match call.perform(step).await {
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
                let stop = if harmless {
                    Stop::Failed { step, error }
                } else {
                    Stop::Unknown { step, error }
                };
                (state, Some(stop))
            }
        };
        progress.answered(step, state);
        stop.map_or(Ok(()), Err)
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
    /// stop. The answer that made a key is the first reading; a key that no phone can take yet needs no more.
    async fn confirm(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        answers: Vec<Key>,
    ) -> Result<Vec<Key>, Stop> {
        let mut settled = vec![];
        let mut open = vec![];
        let made: Vec<(usize, String)> = progress
            .keys_made()
            .map(|(step, id)| (step, id.to_owned()))
            .collect();
        for (step, id) in made {
            let ready = match &plan.steps[step].action {
                Action::CreateKey(spec) => spec.phone_ready,
                _ => None,
            };
            let answer = answers
                .iter()
                .find(|key| key.id == id && !key.doors.is_empty());
            let enough = |key: &&Key| is_settled(key, ready) || self.wait.is_zero();
            match answer.filter(enough) {
                Some(key) => settled.push(key.clone()),
                None => open.push((id, ready)),
            }
        }
        if open.is_empty() {
            return Ok(settled);
        }
        self.settle_record(operation, progress).await?;
        let deadline = Instant::now() + self.wait;
        let (since, answered) = (progress.changed(), !answers.is_empty());
        let reads = open
            .iter()
            .map(|(id, ready)| self.confirm_one(id, since, deadline, *ready, answered));
        let read = futures::future::join_all(reads).await;
        settled.extend(read.into_iter().flatten());
        Ok(settled)
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
                if is_settled(&key, ready) {
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

/// Nothing more is to be waited for: the lock system has confirmed the key, or no phone is there to take it.
fn is_settled(key: &Key, ready: Option<bool>) -> bool {
    let waits = match ready {
        Some(ready) => !ready,
        None => key.is_waiting(),
    };
    key.is_confirmed() || waits
}

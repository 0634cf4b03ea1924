//! Carries a plan out: each step's intent is on record before its request leaves, its result before
//! anything waits on it.
//!
//! A step ends in one of three ways. *Done*: the API said so, or reading shows it. *Failed*: it certainly
//! had no effect. *Unknown*: the answer was lost and reading could not settle it; then the plan stops and
//! the operation stays open for [`super::recover`].

use std::time::Duration;

use chrono::Utc;

use super::facts::read_key;
use super::perform::{self, Performed};
use super::plan::{Action, Plan, Ref};
use super::prepared::Warning;
use super::record::{Made, OperationId, Record, RecordError, StepResult, StepStatus};
use crate::seam::{self, Client};
use crate::stay::key::Key;

/// How far a plan has come, step by step.
#[derive(Clone, Debug)]
pub struct Progress {
    /// One entry a step, in the plan's order.
    pub steps: Vec<StepState>,
}

/// One step's fate so far.
#[derive(Clone, Debug)]
pub struct StepState {
    /// Where it stands.
    pub status: StepStatus,
    /// What it made.
    pub made: Made,
    /// Seam's `seam-request-id` of the answer that settled it.
    pub request_id: Option<String>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(plan: &Plan) -> Self {
        let planned = StepState {
            status: StepStatus::Planned,
            made: Made::default(),
            request_id: None,
        };
        Self {
            steps: vec![planned; plan.steps.len()],
        }
    }

    /// The id that a reference stands for, where it exists already.
    pub fn resolve(&self, reference: &Ref) -> Option<String> {
        match reference {
            Ref::Known(id) => Some(id.clone()),
            Ref::Step(index) => {
                let made = &self.steps.get(*index)?.made;
                made.acs_credential_id
                    .clone()
                    .or_else(|| made.acs_user_id.clone())
            }
        }
    }

    /// The ids of the keys made, each with the index of its step.
    pub fn keys_made(&self) -> impl Iterator<Item = (usize, &str)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(i, step)| Some((i, step.made.acs_credential_id.as_deref()?)))
    }

    fn is(&self, index: usize, status: StepStatus) -> bool {
        self.steps
            .get(index)
            .is_some_and(|step| step.status == status)
    }
}

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
pub struct Engine<'a, I> {
    /// The API.
    pub client: &'a Client,
    /// The durable record.
    pub record: &'a Record,
    /// Ctrl-C.
    pub interrupt: &'a I,
    /// How long the lock system may take to confirm a key.
    pub wait: Duration,
    /// How long a list may lag behind a create before an absent key counts as absent.
    pub settle: Duration,
}

impl<I: Interrupt> Engine<'_, I> {
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
            self.step(operation, plan, progress, step, &mut ran.warnings)
                .await?;
        }
        ran.keys = self.confirm(plan, progress).await;
        ran.confirmed = ran
            .keys
            .iter()
            .all(|key| key.is_confirmed() || key.is_waiting());
        for step in split..plan.steps.len() {
            if !ran.confirmed && self.would_remove(plan, step).await {
                return Err(Stop::Unconfirmed { step });
            }
            self.step(operation, plan, progress, step, &mut ran.warnings)
                .await?;
        }
        Ok(ran)
    }

    /// Whether a removal would hit a key that still works, as far as can be read.
    async fn would_remove(&self, plan: &Plan, step: usize) -> bool {
        let Action::DeleteIfLive(id) = &plan.steps[step].action else {
            return false;
        };
        match read_key(self.client, id).await {
            Ok(key) => key.is_some_and(|key| key.is_live(Utc::now())),
            Err(_) => true,
        }
    }

    async fn step(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        step: usize,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Stop> {
        let before = progress.steps[step].status;
        if before == StepStatus::Done {
            return Ok(());
        }
        if self.interrupt.is_requested() {
            return Err(Stop::Interrupted { step });
        }
        self.record
            .intent(operation, step, Utc::now())
            .await
            .map_err(|error| Stop::Unrecorded { step, error })?;
        let resumed = before == StepStatus::Unknown;
        let performed =
            perform::perform(self.client, plan, progress, step, resumed, self.settle).await;
        let (result, stop) = match performed {
            Ok(Performed {
                made,
                request_id,
                warning,
            }) => {
                warnings.extend(warning);
                (
                    StepResult {
                        status: StepStatus::Done,
                        made,
                        request_id,
                        error: None,
                    },
                    None,
                )
            }
            Err(error) => {
                let harmless = error.sent() == seam::Sent::No || !plan.steps[step].writes();
                let status = if harmless {
                    StepStatus::Failed
                } else {
                    StepStatus::Unknown
                };
                let result = StepResult {
                    status,
                    made: Made::default(),
                    request_id: error.request_id().map(str::to_owned),
                    error: Some(error.to_string()),
                };
                let stop = if status == StepStatus::Failed {
                    Stop::Failed { step, error }
                } else {
                    Stop::Unknown { step, error }
                };
                (result, Some(stop))
            }
        };
        progress.steps[step] = StepState {
            status: result.status,
            made: result.made.clone(),
            request_id: result.request_id.clone(),
        };
        let recorded = self
            .record
            .result(operation, step, &result, Utc::now())
            .await;
        match (stop, recorded) {
            (Some(stop), _) => Err(stop), // Without its result the step counts as maybe done, which is true.
            (None, Err(error)) => Err(Stop::Unrecorded { step, error }),
            (None, Ok(())) => Ok(()),
        }
    }

    /// Reads the keys made until the lock system has confirmed each, the time is over or somebody asks to
    /// stop. A key that no phone can take yet is read once.
    async fn confirm(&self, plan: &Plan, progress: &Progress) -> Vec<Key> {
        let deadline = tokio::time::Instant::now() + self.wait;
        let made = progress.keys_made().map(|(step, id)| {
            let waits =
                matches!(&plan.steps[step].action, Action::CreateKey(spec) if spec.phone_ready);
            self.confirm_one(id, deadline, waits)
        });
        futures::future::join_all(made)
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    /// Reads one key until it is confirmed; `None` where it could not be read at all.
    pub async fn confirm_one(
        &self,
        id: &str,
        deadline: tokio::time::Instant,
        waits: bool,
    ) -> Option<Key> {
        let mut last = None;
        let mut pause = Duration::from_millis(40);
        loop {
            if let Ok(Some(key)) = read_key(self.client, id).await {
                if key.is_confirmed() || !waits {
                    return Some(key);
                }
                last = Some(key);
            }
            if self.pause(&mut pause, deadline).await.is_break() {
                return last;
            }
        }
    }

    /// Waits until the key is gone; `false` where it is still there, or cannot be read, at the deadline.
    pub async fn wait_gone(&self, id: &str, deadline: tokio::time::Instant) -> bool {
        let mut pause = Duration::from_millis(40);
        loop {
            if matches!(read_key(self.client, id).await, Ok(None)) {
                return true;
            }
            if self.pause(&mut pause, deadline).await.is_break() {
                return false;
            }
        }
    }

    /// A growing pause between two reads; breaks at the deadline or when somebody asks to stop.
    async fn pause(
        &self,
        pause: &mut Duration,
        deadline: tokio::time::Instant,
    ) -> std::ops::ControlFlow<()> {
        let next = tokio::time::Instant::now() + *pause;
        if next > deadline || self.interrupt.is_requested() {
            return std::ops::ControlFlow::Break(());
        }
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = self.interrupt.requested() => return std::ops::ControlFlow::Break(()),
        }
        *pause = (*pause * 2).min(Duration::from_secs(1));
        std::ops::ControlFlow::Continue(())
    }
}

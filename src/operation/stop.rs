//! Why a plan stopped before its end, and what that means for the guests.

use crate::hotel::key::Key;
use crate::journal::{JournalError, StepStatus};
use crate::operation::plan::{Action, Plan, Step};
use crate::operation::progress::{Progress, StepState};
use crate::seam;

/// The reason why a plan stopped before its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The step certainly had no effect.
    #[error("step {step} failed: {error}")]
    Failed {
        /// The index of the step in the plan.
        step: usize,
        /// The further steps of the stage that failed.
        others: Vec<usize>,
        /// The API's error for the first of these steps.
        error: seam::Error,
    },
    /// It is not known whether the step had an effect. Further steps of the stage may have failed.
    #[error("the outcome of step {step} is not known: {error}")]
    Unknown {
        /// The index of the step in the plan.
        step: usize,
        /// The further steps of the stage whose outcome is not known.
        others: Vec<usize>,
        /// The error through which the answer of the first of these steps was lost.
        error: seam::Error,
    },
    /// The journal could not be written, so the next request was not sent.
    #[error("{error}")]
    Unrecorded {
        /// The index of the step in the plan.
        step: usize,
        /// The journal's error.
        error: JournalError,
    },
    /// The lock system has not confirmed the new key. The old key still works and is not removed.
    #[error("the new key is not confirmed; the old one is left before step {step}")]
    Unconfirmed {
        /// The removal that was not started.
        step: usize,
    },
    /// The new key is not valid: another desk has overridden it. No older key was removed in its favour.
    #[error("the new key is not valid any more")]
    Displaced {
        /// The step that made the new key.
        step: usize,
        /// The key that overrode it, if it could be read.
        by: Option<Box<Key>>,
    },
    /// Before the key was made, another desk made a key for the same room and time.
    #[error("the rooms were given to somebody else before step {step}")]
    Taken {
        /// The step that was not started.
        step: usize,
        /// The other desk's key.
        by: Box<Key>,
    },
    /// The new key is valid, and so is a key that another desk made for the same room and time.
    #[error("the rooms were given to somebody else at the same moment")]
    Contested {
        /// The step that made the new key.
        step: usize,
        /// The other desk's key.
        by: Box<Key>,
    },
    /// The keys were made, but the rooms could not be read afterwards. Other guests may have lost access.
    #[error("the rooms could not be read after the change: {error}")]
    NotRead {
        /// The step that made the first key.
        step: usize,
        /// The error of the last read.
        error: seam::Error,
    },
    /// The command was interrupted. No request was in progress.
    #[error("interrupted before step {step}")]
    Interrupted {
        /// The step that was not started.
        step: usize,
    },
}

impl Stop {
    /// Returns the stop for one step that failed.
    pub(crate) fn failed(step: usize, error: seam::Error) -> Self {
        let others = vec![];
        Stop::Failed {
            step,
            others,
            error,
        }
    }

    /// Returns the key of another desk that caused the stop, if there is one.
    pub fn rival(&self) -> Option<&Key> {
        match self {
            Stop::Displaced { by, .. } => by.as_deref(),
            Stop::Taken { by, .. } | Stop::Contested { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Returns the steps at which the plan stopped. All of them ended in the same way, and the first is
    /// [`Self::step`].
    pub fn steps(&self) -> Vec<usize> {
        let mut steps = vec![self.step()];
        if let Stop::Failed { others, .. } | Stop::Unknown { others, .. } = self {
            steps.extend(others);
        }
        steps
    }

    /// Returns the step at which the plan stopped, the first if there are several.
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

/// The state of access after an operation stopped. It determines the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessState {
    /// Nothing was changed.
    Unchanged,
    /// Part of the plan was carried out, and the rest certainly was not.
    PartDone,
    /// It is not known whether a step had an effect.
    Unknown,
    /// Access was taken away and no new key exists.
    NoAccess,
}

/// Returns the state of access after an operation stopped. `has_key` says whether every guest who had a working key
/// still has one, or is `None` if that could not be read. It is needed because the service decides which keys it takes
/// away, so the steps alone do not show it.
pub fn access_state(plan: &Plan, progress: &Progress, has_key: Option<bool>) -> AccessState {
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
        return AccessState::NoAccess;
    }
    let writes = || {
        plan.steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.writes())
            .map(|(index, _)| index)
    };
    if writes().any(|index| progress.is(index, StepStatus::Unknown)) {
        AccessState::Unknown
    } else if writes().any(|index| progress.is(index, StepStatus::Done)) {
        AccessState::PartDone
    } else {
        AccessState::Unchanged
    }
}

/// Returns whether a guest may have no working key if the process ends now. `sending` holds the steps whose requests are
/// on their way.
pub(crate) fn may_lack_access(plan: &Plan, progress: &Progress, sending: &[usize]) -> bool {
    if !plan.harmed.is_empty() {
        return true;
    }
    let counts = plan.takes_first() && (!plan.had_access.is_empty() || plan.takes_first_from_now());
    let status = |wanted: fn(&Action) -> bool| {
        let step = plan.steps.iter().position(|step| wanted(&step.action));
        step.map(|step| (step, progress.steps[step].status))
    };
    let may_be_taken =
        status(|action| matches!(action, Action::RevokeAccess(_))).is_some_and(|(step, status)| {
            sending.contains(&step) || matches!(status, StepStatus::Done | StepStatus::Unknown)
        });
    let is_given = status(|action| matches!(action, Action::CreateKey(_)))
        .is_some_and(|(_, status)| status == StepStatus::Done);
    counts && may_be_taken && !is_given
}

/// Returns whether a write was sent, or may have been sent.
pub(crate) fn has_written(plan: &Plan, progress: &Progress) -> bool {
    let sent = |(step, state): (&Step, &StepState)| {
        step.writes() && matches!(state.status, StepStatus::Done | StepStatus::Unknown)
    };
    plan.steps.iter().zip(&progress.steps).any(sent)
}

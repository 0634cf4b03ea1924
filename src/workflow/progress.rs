//! How far a plan has come, and what of it is on record.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::plan::{KeySpec, Plan, Ref};
use super::record::{Made, Note, PlannedStep, StepResult, StepStatus};
use crate::stay::key::Key;

/// How far a plan has come, step by step.
#[derive(Clone, Debug)]
pub struct Progress {
    /// One entry a step, in the plan's order.
    pub steps: Vec<StepState>,
    /// The step whose result is not on record yet: it goes there with whatever is noted next.
    unrecorded: Option<usize>,
    /// The step whose intent is on record and whose request has not left.
    intended: Option<usize>,
    /// When the last change was answered: what is read later shows it.
    changed: Instant,
    /// The steps whose keys were verified when the operation ran before.
    verified: BTreeSet<usize>,
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
    /// What went wrong.
    pub error: Option<String>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(plan: &Plan) -> Self {
        let planned = StepState {
            status: StepStatus::Planned,
            made: Made::default(),
            request_id: None,
            error: None,
        };
        Self {
            steps: vec![planned; plan.steps.len()],
            unrecorded: None,
            intended: None,
            changed: Instant::now(),
            verified: BTreeSet::new(),
        }
    }

    /// Takes in a longer plan, whose further steps are not begun.
    pub(super) fn extend(&mut self, plan: &Plan) {
        let more = Progress::new(plan).steps.split_off(self.steps.len());
        self.steps.extend(more);
    }

    /// Looking up has done this step already.
    pub(super) fn done(&mut self, step: usize, request_id: Option<String>) {
        self.steps[step].status = StepStatus::Done;
        self.steps[step].request_id = request_id;
    }

    /// Marks the first step that is not done as about to be sent; for the entry that begins an operation.
    pub(super) fn intend_first(&mut self) {
        let open = |state: &StepState| state.status != StepStatus::Done;
        self.intended = self.steps.iter().position(open);
    }

    /// The steps of a plan as they go on record before the first request.
    pub(super) fn planned(&self, plan: &Plan) -> Vec<PlannedStep> {
        let steps = plan.steps.iter().enumerate();
        let planned = steps.map(|(index, step)| PlannedStep {
            name: step.about.clone(),
            call: step.call().to_owned(),
            status: self.first_status(index),
            request_id: self.steps[index].request_id.clone(),
        });
        planned.collect()
    }

    /// How a step is to stand on record as the operation begins.
    pub(super) fn first_status(&self, step: usize) -> StepStatus {
        if self.intended == Some(step) {
            StepStatus::Intended
        } else {
            self.steps[step].status
        }
    }

    /// What is still to be put on record.
    pub(super) fn note(&mut self) -> Note {
        let result = self.unrecorded.take().map(|step| {
            let state = &self.steps[step];
            let result = StepResult {
                status: state.status,
                made: state.made.clone(),
                request_id: state.request_id.clone(),
                error: state.error.clone(),
            };
            (step, result)
        });
        Note {
            result,
            ..Note::default()
        }
    }

    /// A step has been answered; what came of it goes on record with whatever is noted next.
    pub(super) fn answered(&mut self, step: usize, state: StepState) {
        self.steps[step] = state;
        self.unrecorded = Some(step);
        self.changed = Instant::now();
    }

    /// The request of a step whose intent is on record was not sent. `before`: its status before the intent.
    pub(super) fn not_sent(&mut self, step: usize, before: StepStatus) {
        self.steps[step].status = match before {
            StepStatus::Unknown => StepStatus::Unknown,
            _ => StepStatus::Failed,
        };
        self.unrecorded = Some(step);
    }

    /// Whether the intent of this step is on record already; from now on it is not.
    pub(super) fn take_intent(&mut self, step: usize) -> bool {
        self.intended.take() == Some(step)
    }

    /// The step whose result is not on record yet.
    pub(super) fn unrecorded(&self) -> Option<usize> {
        self.unrecorded
    }

    /// When the last change was answered.
    pub(super) fn changed(&self) -> Instant {
        self.changed
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

    /// Returns whether a key may be the work of this plan's create: it is of the guest whom the key was for, and
    /// [`Plan::may_have_made`] holds.
    pub(super) fn may_have_made(&self, plan: &Plan, spec: &KeySpec, key: &Key) -> bool {
        let guest = self.resolve(&spec.guest);
        guest.is_some() && guest == key.holder && plan.may_have_made(spec, key)
    }

    /// The ids of the keys made, each with the index of its step.
    pub fn keys_made(&self) -> impl Iterator<Item = (usize, &str)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(i, step)| Some((i, step.made.acs_credential_id.as_deref()?)))
    }

    /// The same without those that were verified when the operation ran before.
    pub(super) fn keys_to_verify(&self) -> impl Iterator<Item = (usize, &str)> {
        self.keys_made()
            .filter(|(step, _)| !self.verified.contains(step))
    }

    /// Returns whether an earlier run verified the key of this step.
    pub(super) fn was_verified(&self, step: usize) -> bool {
        self.verified.contains(&step)
    }

    /// What has been made so far was verified when the operation ran before: others may have changed it since.
    pub(super) fn is_verified_so_far(&mut self) {
        self.verified = self.keys_made().map(|(step, _)| step).collect();
    }

    /// Returns the guests of the operation by `acs_user_id`: those on record when it was planned, and those that it put
    /// there.
    pub(super) fn guests_of(&self, plan: &Plan) -> BTreeSet<String> {
        let made = self
            .steps
            .iter()
            .filter_map(|step| step.made.acs_user_id.clone());
        plan.guests.iter().cloned().chain(made).collect()
    }

    pub(super) fn is(&self, index: usize, status: StepStatus) -> bool {
        self.steps
            .get(index)
            .is_some_and(|step| step.status == status)
    }
}

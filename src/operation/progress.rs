//! The progress of a plan, and which part of it is in the journal.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::journal::{JournalUpdate, Made, PlannedStep, StepResult, StepStatus};
use crate::operation::plan::{KeySpec, Plan, Ref};

/// The progress of a plan, step by step.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The state of each step, in the plan's order.
    pub steps: Vec<StepState>,
    /// The steps whose results are not in the journal yet. They are written with the next journal update.
    unrecorded: BTreeSet<usize>,
    /// The steps whose intents are in the journal and whose requests were not sent yet.
    intended: BTreeSet<usize>,
    /// When the last change was answered. Anything read later shows that change.
    changed: Instant,
    /// The steps whose keys were verified in an earlier run of the operation.
    verified: BTreeSet<usize>,
}

/// The state of one step.
#[derive(Clone, Debug)]
pub struct StepState {
    /// The status of the step.
    pub status: StepStatus,
    /// The ids of what the step made.
    pub made: Made,
    /// The `seam-request-id` of the answer that settled the step.
    pub request_id: Option<String>,
    /// The error, if there was one.
    pub error: Option<String>,
}

impl StepState {
    /// Returns the state of a step that is done and made nothing.
    pub(crate) fn done() -> Self {
        Self {
            status: StepStatus::Done,
            made: Made::default(),
            request_id: None,
            error: None,
        }
    }
}

impl Progress {
    /// Returns the progress of a plan that has not started.
    pub fn new(plan: &Plan) -> Self {
        let planned = StepState {
            status: StepStatus::Planned,
            made: Made::default(),
            request_id: None,
            error: None,
        };
        Self {
            steps: vec![planned; plan.steps.len()],
            unrecorded: BTreeSet::new(),
            intended: BTreeSet::new(),
            changed: Instant::now(),
            verified: BTreeSet::new(),
        }
    }

    /// Adds the further steps of a longer plan. They have not started.
    pub(crate) fn extend(&mut self, plan: &Plan) {
        let more = Progress::new(plan).steps.split_off(self.steps.len());
        self.steps.extend(more);
    }

    /// Marks a step that the look-up has already carried out.
    pub(crate) fn done(&mut self, step: usize, request_id: Option<String>) {
        self.steps[step].status = StepStatus::Done;
        self.steps[step].request_id = request_id;
    }

    /// Returns the stages with the steps that are not done. Stages that are done are left out.
    pub(crate) fn open_stages(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let mut stages = plan.stages();
        for stage in &mut stages {
            stage.retain(|step| !self.is(*step, StepStatus::Done));
        }
        stages.retain(|stage| !stage.is_empty());
        stages
    }

    /// Marks the steps of the first stage that is not done as about to be sent, for the journal entry that begins an
    /// operation.
    pub(crate) fn intend_first(&mut self, plan: &Plan) {
        let first = self.open_stages(plan).into_iter().next();
        self.intended = first.into_iter().flatten().collect();
    }

    /// Returns the steps of a plan as they are written to the journal before the first request.
    pub(crate) fn planned(&self, plan: &Plan) -> Vec<PlannedStep> {
        let steps = plan.steps.iter().enumerate();
        let planned = steps.map(|(index, step)| PlannedStep {
            name: step.about.clone(),
            call: step.call().to_owned(),
            status: self.first_status(index),
            request_id: self.steps[index].request_id.clone(),
        });
        planned.collect()
    }

    /// Returns the status of a step in the journal entry that begins the operation.
    pub(crate) fn first_status(&self, step: usize) -> StepStatus {
        if self.intended.contains(&step) {
            StepStatus::Intended
        } else {
            self.steps[step].status
        }
    }

    /// Returns what still has to be written to the journal.
    pub(crate) fn note(&mut self) -> JournalUpdate {
        let results = std::mem::take(&mut self.unrecorded).into_iter();
        let results = results.map(|step| {
            let state = &self.steps[step];
            let result = StepResult {
                status: state.status,
                made: state.made.clone(),
                request_id: state.request_id.clone(),
                error: state.error.clone(),
            };
            (step, result)
        });
        JournalUpdate {
            results: results.collect(),
            ..JournalUpdate::default()
        }
    }

    /// Sets the state of a step after its answer. The result is written with the next journal update.
    pub(crate) fn answered(&mut self, step: usize, state: StepState) {
        self.steps[step] = state;
        self.unrecorded.insert(step);
        self.changed = Instant::now();
    }

    /// Resets a step whose intent is in the journal but whose request was not sent. `before` is its status before the
    /// intent.
    pub(crate) fn not_sent(&mut self, step: usize, before: StepStatus) {
        self.steps[step].status = match before {
            StepStatus::Unknown => StepStatus::Unknown,
            _ => StepStatus::Failed,
        };
        self.unrecorded.insert(step);
    }

    /// Returns those of these steps whose intents are not in the journal yet, and clears the marks of the others.
    pub(crate) fn take_intents(&mut self, steps: &[usize]) -> Vec<usize> {
        let intended = std::mem::take(&mut self.intended);
        let missing = steps.iter().filter(|step| !intended.contains(step));
        missing.copied().collect()
    }

    /// Returns the first of the steps whose results are not in the journal yet.
    pub(crate) fn unrecorded(&self) -> Option<usize> {
        self.unrecorded.first().copied()
    }

    /// Returns when the last change was answered.
    pub(crate) fn changed(&self) -> Instant {
        self.changed
    }

    /// Returns the id of a reference, if the object exists already.
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

    /// Returns whether this plan's create may have made the key: it belongs to the guest of the requested key, and
    /// [`Plan::may_have_made`] holds.
    pub(crate) fn may_have_made(&self, plan: &Plan, spec: &KeySpec, key: &Key) -> bool {
        let guest = self.resolve(&spec.guest);
        guest.is_some() && guest == key.holder && plan.may_have_made(spec, key)
    }

    /// Returns the ids of the keys that were made, each with the index of its step.
    pub fn keys_made(&self) -> impl Iterator<Item = (usize, &str)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(i, step)| Some((i, step.made.acs_credential_id.as_deref()?)))
    }

    /// Returns the ids of the keys that were made and not verified in an earlier run, each with the index of its step.
    pub(crate) fn keys_to_verify(&self) -> impl Iterator<Item = (usize, &str)> {
        self.keys_made()
            .filter(|(step, _)| !self.verified.contains(step))
    }

    /// Returns whether an earlier run verified the key of this step.
    pub(crate) fn was_verified(&self, step: usize) -> bool {
        self.verified.contains(&step)
    }

    /// Marks the keys of these steps as settled, so that they are not verified or reported: somebody has replaced them
    /// or taken them away.
    pub(crate) fn leave(&mut self, steps: &BTreeSet<usize>) {
        self.verified.extend(steps);
    }

    /// Marks everything that was made so far as verified by an earlier run. Other people may have changed it since.
    pub(crate) fn is_verified_so_far(&mut self) {
        let made: BTreeSet<usize> = self.keys_made().map(|(step, _)| step).collect();
        self.verified.extend(made);
    }

    /// Returns the `acs_user_id`s of the operation's guests: those on record when it was planned, and those that it
    /// put on record.
    pub(crate) fn guests_of(&self, plan: &Plan) -> BTreeSet<String> {
        let made = self
            .steps
            .iter()
            .filter_map(|step| step.made.acs_user_id.clone());
        plan.guests.iter().cloned().chain(made).collect()
    }

    /// Returns the `acs_user_id`s of the operation's guests and of everybody for whom it makes a key. `recover` adds keys
    /// for guests whom the operation did not name, to give their access back.
    pub(crate) fn receivers_of(&self, plan: &Plan) -> BTreeSet<String> {
        let mut receivers = self.guests_of(plan);
        let named = plan.specs().filter_map(|(_, spec)| spec.guest.known());
        receivers.extend(named.cloned());
        receivers
    }

    pub(crate) fn is(&self, index: usize, status: StepStatus) -> bool {
        self.steps
            .get(index)
            .is_some_and(|step| step.status == status)
    }
}

//! Carries a plan out, stage by stage. The steps of a stage run side by side. Their intents are in the journal before
//! the first of their requests is sent, with one flush for all. Their results are in the journal before the executor
//! waits for anything that depends on them.
//!
//! A step ends in one of three ways. *Done*: the API confirmed it, or a later read shows it. *Failed*: it certainly
//! had no effect. *Unknown*: the answer was lost and reading did not show the effect. If a step of a stage is not done,
//! the other steps of the stage are still awaited and recorded, and the plan stops before the next stage. The operation
//! then stays open for [`crate::operation::recover`].

use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::hotel::refusal::Warning;
use crate::journal::{Journal, JournalUpdate, Made, OperationId, StepStatus};
use crate::operation::confirmation::leave_unread;
use crate::operation::plan::{Action, Plan};
use crate::operation::progress::{Progress, StepState};
use crate::operation::rooms::{FRESH, check_free, is_younger, needs_rooms, overrides};
use crate::operation::stop::{Stop, may_lack_access};
use crate::operation::verify::Harm;
use crate::seam::{self, Client, Sent};
use crate::snapshot::fetch::KeyReader;

/// The result of running a plan.
#[derive(Debug, Default)]
pub struct RunResult {
    /// The warnings for people.
    pub warnings: Vec<Warning>,
    /// The keys that were made, as read back.
    pub keys: Vec<Key>,
    /// Whether the lock system has confirmed all these keys, as far as this could be read.
    pub confirmed: bool,
    /// The guests who lost access without anybody's agreement.
    pub harmed: Vec<Harm>,
    /// When the rooms were last read.
    pub(super) read_at: Option<Instant>,
    /// When the last key that overrides others was made.
    pub(super) overrode_at: Option<Instant>,
}

/// A source of requests to stop, such as Ctrl-C.
pub trait Interrupt {
    /// Returns whether a stop was requested.
    fn is_requested(&self) -> bool;
    /// Completes when a stop is requested.
    fn requested(&self) -> impl Future<Output = ()>;
}

/// The executor of plans, with everything that it depends on.
#[derive(Debug)]
pub struct Executor<'a, I, R> {
    /// The client of the API.
    pub client: &'a Client,
    /// The reader through which keys are read back.
    pub keys: &'a R,
    /// The journal.
    pub journal: &'a Journal,
    /// The source of requests to stop.
    pub interrupt: &'a I,
    /// How long to wait for the lock system to confirm a key.
    pub wait: Duration,
    /// How long a list may lag behind a create. A key that is not listed counts as absent only after this time.
    pub settle: Duration,
    /// The person at the desk.
    pub operator: &'a str,
    /// The name of the desk.
    pub workstation: &'a str,
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Carries out the stages that are not done yet, in order. The rooms are read right before a key is made on them,
    /// and again afterwards. The new keys are confirmed before the keys that they replace are removed, so that there
    /// is no moment without a working key. `read_at` is the time at which the rooms were last read, or `None` if that is
    /// too long ago to matter.
    pub async fn run(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        read_at: Option<Instant>,
    ) -> (RunResult, Option<Stop>) {
        let mut run = RunResult {
            confirmed: true,
            read_at,
            ..RunResult::default()
        };
        let ended = self.run_stages(operation, plan, progress, &mut run).await;
        (run, ended.err())
    }

    async fn run_stages(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        run: &mut RunResult,
    ) -> Result<(), Stop> {
        let (removals, stages): (Vec<Vec<usize>>, Vec<Vec<usize>>) = progress
            .open_stages(plan)
            .into_iter()
            .partition(|stage| is_removal(plan, stage[0]));
        for (index, stage) in stages.iter().enumerate() {
            let next = stages.get(index + 1).map_or(&[][..], Vec::as_slice);
            let ended = self.stage(operation, plan, progress, (stage, next), run);
            if let Err(stop) = ended.await {
                self.verify_after_stop(operation, plan, progress, &stop, run)
                    .await;
                return Err(stop);
            }
        }
        if self.wait.is_zero() {
            leave_unread(plan, progress, run);
            return Ok(());
        }
        self.verify(operation, plan, progress, run).await?;
        for stage in removals {
            self.remove(operation, plan, progress, &stage, run).await?;
        }
        Ok(())
    }

    /// Carries out the steps of a stage side by side, as many at a time as the client's pace allows. `next` is the
    /// stage after it. Nothing is sent if a stop was requested. Requests that were sent are awaited in any case.
    pub(super) async fn stage(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        (stage, next): (&[usize], &[usize]),
        run: &mut RunResult,
    ) -> Result<(), Stop> {
        let first = stage[0];
        if self.interrupt.is_requested() {
            return Err(Stop::Interrupted { step: first });
        }
        let before: Vec<StepStatus> = stage
            .iter()
            .map(|step| progress.steps[*step].status)
            .collect();
        let intents = progress.take_intents(stage);
        if !intents.is_empty() {
            let note = JournalUpdate {
                intents,
                ..progress.note()
            };
            self.journal
                .note(operation, note)
                .await
                .map_err(|error| Stop::Unrecorded { step: first, error })?;
        }
        if needs_rooms(plan, stage) && !is_younger(run.read_at, FRESH) {
            let rooms = self.rooms_now(plan, progress).await;
            if let Err(stop) = check_free(plan, progress, first, rooms, self.client.now()) {
                for (step, before) in stage.iter().zip(before) {
                    progress.not_sent(*step, before);
                }
                return Err(stop);
            }
            run.read_at = Some(Instant::now());
        }
        let in_flight = self.journal.in_flight();
        in_flight.working(operation, may_lack_access(plan, progress, stage));
        let calls = stage.iter().zip(&before).map(|(step, before)| {
            let resumed = *before == StepStatus::Unknown;
            self.perform(plan, progress, *step, resumed)
        });
        // If the next stage makes a key, the rooms are read in parallel with this one, which takes no extra time.
        let reads_beside = needs_rooms(plan, next)
            && stage.iter().any(|step| plan.steps[*step].writes())
            && !(self.keys.is_shared() && is_younger(run.read_at, FRESH / 2));
        let (performed, rooms) = futures::join!(join_all(calls), async {
            if reads_beside {
                Some((self.rooms_now(plan, progress).await, Instant::now()))
            } else {
                None
            }
        });
        // The stage may take much longer than the reading in parallel with it, so the age counts from the reading.
        let rooms = rooms.map(|(rooms, at)| {
            run.read_at = Some(at);
            rooms
        });
        let mut errors = vec![];
        for (step, performed) in stage.iter().zip(performed) {
            let state = match performed {
                Ok(performed) => {
                    run.warnings.extend(performed.warning);
                    run.keys.extend(performed.key);
                    StepState {
                        made: performed.made,
                        request_id: performed.request_id,
                        ..StepState::done()
                    }
                }
                Err(error) => {
                    let state = StepState {
                        status: if error.sent() == Sent::No || !plan.steps[*step].writes() {
                            StepStatus::Failed
                        } else {
                            StepStatus::Unknown
                        },
                        made: Made::default(),
                        request_id: error.request_id().map(str::to_owned),
                        error: Some(error.to_string()),
                    };
                    errors.push((*step, state.status, error));
                    state
                }
            };
            if state.status == StepStatus::Done && overrides(plan, *step) {
                run.overrode_at = Some(Instant::now());
            }
            progress.answered(*step, state);
        }
        in_flight.working(operation, may_lack_access(plan, progress, &[]));
        match (self.stop_of(errors), rooms) {
            (Some(stop), _) => Err(stop),
            (None, Some(rooms)) => check_free(plan, progress, next[0], rooms, self.client.now()),
            (None, None) => Ok(()),
        }
    }

    /// Returns the reason to stop after a stage with errors. An unknown outcome comes before a failure, because it
    /// must be looked at first. A failure comes before an interrupt.
    fn stop_of(&self, errors: Vec<(usize, StepStatus, seam::Error)>) -> Option<Stop> {
        let is_interrupted = |status: StepStatus, error: &seam::Error| {
            status == StepStatus::Failed && error.is_unreachable() && self.interrupt.is_requested()
        };
        let severity = |status: StepStatus, error: &seam::Error| match status {
            StepStatus::Unknown => 2,
            _ if is_interrupted(status, error) => 0,
            _ => 1,
        };
        let worst = errors
            .iter()
            .map(|(_, status, error)| severity(*status, error))
            .max()?;
        let mut of_worst = errors
            .into_iter()
            .filter(|(_, status, error)| severity(*status, error) == worst);
        let (step, _, error) = of_worst.next()?;
        let others = of_worst.map(|(step, _, _)| step).collect();
        Some(match worst {
            2 => Stop::Unknown {
                step,
                others,
                error,
            },
            1 => Stop::Failed {
                step,
                others,
                error,
            },
            _ => Stop::Interrupted { step },
        })
    }

    /// Writes to the journal what is known, before anything is waited for.
    pub(super) async fn record(
        &self,
        operation: &OperationId,
        progress: &mut Progress,
    ) -> Result<(), Stop> {
        let Some(step) = progress.unrecorded() else {
            return Ok(());
        };
        self.journal
            .note(operation, progress.note())
            .await
            .map_err(|error| Stop::Unrecorded { step, error })
    }
}

/// Returns whether a step removes a guest's earlier key after the new one works.
fn is_removal(plan: &Plan, step: usize) -> bool {
    matches!(plan.steps[step].action, Action::DeleteIfLive(_))
}

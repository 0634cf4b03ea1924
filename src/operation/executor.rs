//! Carries a plan out, stage by stage. The steps of a stage run side by side. Their intents are in the journal before
//! the first of their requests is sent, with one flush for all. Their results are in the journal before the executor
//! waits for anything that depends on them.
//!
//! A step ends in one of three ways. *Done*: the API confirmed it, or a later read shows it. *Failed*: it certainly
//! had no effect. *Unknown*: the answer was lost and reading did not show the effect. If a step of a stage is not done,
//! the other steps of the stage are still awaited and recorded, and the plan stops before the next stage. The operation
//! then stays open for [`crate::operation::recover`].

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::{join_all, try_join_all};
use tokio::time::Instant;

use crate::hotel::key::{Key, KeyRing, Medium};
use crate::hotel::refusal::Warning;
use crate::journal::{Journal, JournalError, JournalUpdate, Made, OperationId, StepStatus};
use crate::operation::plan::{Access, Action, Bystander, KeySpec, Plan};
use crate::operation::progress::{Progress, StepState};
use crate::operation::report::spec_of;
use crate::operation::step::Call;
use crate::operation::verify::{Around, Harm, judge};
use crate::seam::{self, Client, Sent};
use crate::snapshot::fetch::{KeyReader, OneByOne};

/// The pause between a change and the first read of its effect. Later pauses are longer.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// How long the executor may read, after a plan has stopped, which guests were harmed.
const LOOK: Duration = Duration::from_secs(3);

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
fn may_lack_access(plan: &Plan, progress: &Progress, sending: &[usize]) -> bool {
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
    let sent = |(step, state): (&crate::operation::plan::Step, &StepState)| {
        step.writes() && matches!(state.status, StepStatus::Done | StepStatus::Unknown)
    };
    plan.steps.iter().zip(&progress.steps).any(sent)
}

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
    read_at: Option<Instant>,
    /// When the last key that overrides others was made.
    overrode_at: Option<Instant>,
}

/// A source of requests to stop, such as Ctrl-C.
pub trait Interrupt {
    /// Returns whether a stop was requested.
    fn is_requested(&self) -> bool;
    /// Completes when a stop is requested.
    fn requested(&self) -> impl Future<Output = ()>;
}

/// What to do with an earlier key.
enum Removal {
    /// The key must be deleted.
    Needed,
    /// The key no longer opens anything.
    Done,
    /// The key is kept: it works, and the new key still waits for a phone.
    Kept(Box<Key>),
}

/// The executor of plans.
#[derive(Debug)]
pub struct Engine<'a, I, R> {
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
    /// When the rooms were last read, or `None` if that is too long ago to matter.
    pub read_at: Option<Instant>,
}

impl<I: Interrupt, R: KeyReader> Engine<'_, I, R> {
    /// Carries out the stages that are not done yet, in order. The rooms are read right before a key is made on them,
    /// and again afterwards. The new keys are confirmed before the keys that they replace are removed, so that there
    /// is no moment without a working key.
    pub async fn run(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
    ) -> (RunResult, Option<Stop>) {
        let mut run = RunResult {
            confirmed: true,
            read_at: self.read_at,
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
                self.look_after(operation, plan, progress, &stop, run).await;
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

    /// Reads the rooms after a plan has stopped, because a key that it made may have ended other guests' access. The
    /// reason for the stop is still reported first.
    async fn look_after(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        stop: &Stop,
        run: &mut RunResult,
    ) {
        let may_wait = !matches!(stop, Stop::Interrupted { .. } | Stop::Unrecorded { .. });
        if may_wait && !self.wait.is_zero() && progress.keys_to_verify().next().is_some() {
            let looked = self.verify(operation, plan, progress, run);
            let _ = tokio::time::timeout(LOOK, looked).await;
        }
    }

    /// Reads the rooms and the guests' keys, in parallel, in their current state. The rooms are read one by one, so that
    /// plastic cards are included. The guests' keys come from the reader, which many operations may share.
    async fn rooms_now(&self, plan: &Plan, progress: &Progress) -> Result<KeyRing, seam::Error> {
        let rooms = OneByOne(self.client);
        let guests: Vec<String> = progress.receivers_of(plan).into_iter().collect();
        read_around(&rooms, self.keys, plan, &guests, Instant::now()).await
    }

    /// Reads the rooms, the guests' keys and the bystanders, in parallel, in their state at or after `since`.
    async fn rooms(
        &self,
        plan: &Plan,
        progress: &Progress,
        since: Instant,
    ) -> Result<KeyRing, seam::Error> {
        let guests: Vec<String> = progress.receivers_of(plan).into_iter().collect();
        // The reading that many operations share does not contain cards.
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

    /// Reads the new keys until the lock system has confirmed them, and reads the rooms once. Another desk that read
    /// the rooms before the key was made may still send its own key, so the rooms are read only after enough time for
    /// that.
    async fn verify(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        run: &mut RunResult,
    ) -> Result<(), Stop> {
        if progress.keys_to_verify().next().is_none() && plan.bystanders.is_empty() {
            return Ok(());
        }
        let next = quiet_until(plan, progress, run);
        futures::try_join!(self.settle_record(operation, progress), async {
            let _resting = self.keys.resting();
            tokio::time::sleep_until(next).await;
            Ok(())
        })?;
        let mut since = Instant::now();
        let deadline = since + self.wait;
        let mut next_pause = FIRST_PAUSE;
        let mut rooms = self.rooms(plan, progress, since).await;
        while rooms.is_err() && self.pause(&mut next_pause, deadline).await.is_continue() {
            since = Instant::now();
            rooms = self.rooms(plan, progress, since).await;
        }
        // The reading of the rooms contains the new keys too.
        let mut answers = std::mem::take(&mut run.keys);
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
        // If the rooms could not be read, what is known of the new keys still counts.
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
        let guests = progress.receivers_of(plan);
        let now = self.client.now();
        let mut verdict = judge(&around, &made_here, &guests, &rooms, now);
        if !verdict.harmed.is_empty() {
            // Another desk may have moved these guests in the meantime. Their own keys show whether it did.
            let harmed = verdict.harmed.iter().map(|harm| &harm.key);
            let read = read_holders(self.keys, harmed, since, &mut rooms).await;
            if read.is_ok() {
                verdict = judge(&around, &made_here, &guests, &rooms, now);
            }
        }
        run.harmed = std::mem::take(&mut verdict.harmed);
        run.keys = self.confirm(plan, progress, answers, since).await;
        let is_invalid = |id: &String| {
            let read = run.keys.iter().find(|key| key.id == *id);
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
        for lost in &verdict.moved {
            let holder = lost.holder.as_deref().unwrap_or_default();
            run.warnings.push(Warning {
                code: "moved_at_once".to_owned(),
                message: format!(
                    "key {} of another guest has stopped working, and the guest got another key at the same moment; if \
                     the guest was not moved, that key is missing: `roomkey keys --guest {holder}` shows what the guest \
                     can open",
                    lost.id
                ),
            });
        }
        for key in &verdict.superseded {
            run.warnings.push(Warning {
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
        // A key that could not be read back is not confirmed.
        run.confirmed = run.keys.len() == made.len()
            && run.keys.iter().all(|key| {
                let step = made.iter().find(|(_, id)| *id == key.id);
                let ready = step.and_then(|(step, _)| spec_of(plan, *step)?.phone_ready);
                is_settled(key, ready)
            });
        Ok(())
    }

    /// Removes the guests' earlier keys, side by side. The new keys are read right before. No key is removed in favour
    /// of a new key that is no longer valid.
    async fn remove(
        &self,
        operation: &OperationId,
        plan: &Plan,
        progress: &mut Progress,
        stage: &[usize],
        run: &mut RunResult,
    ) -> Result<(), Stop> {
        let since = Instant::now();
        let made: Vec<(usize, String)> = progress
            .keys_to_verify()
            .map(|(step, id)| (step, id.to_owned()))
            .collect();
        let olds = stage
            .iter()
            .filter_map(|step| match &plan.steps[*step].action {
                Action::DeleteIfLive(id) => Some(async { (*step, self.keys.key(id, since).await) }),
                _ => None,
            });
        let news = made.iter().map(|(_, id)| self.keys.key(id, since));
        let (olds, news) = futures::join!(join_all(olds), join_all(news));
        for ((step, _), key) in made.iter().zip(news) {
            if key.is_ok_and(|key| key.is_none_or(|key| key.valid == Some(false))) {
                return Err(Stop::Displaced {
                    step: *step,
                    by: None,
                });
            }
        }
        let mut needed = vec![];
        let mut stop = None;
        for (step, old) in olds {
            match self.removal(plan, progress, step, old, run.confirmed) {
                Ok(Removal::Needed) => needed.push(step),
                Ok(Removal::Done) => progress.answered(step, StepState::done()),
                Ok(Removal::Kept(key)) => run.warnings.push(Warning {
                    code: "old_key_left".to_owned(),
                    message: format!(
                        "the earlier key works until a phone has the new one, and was not removed; \
                         `roomkey revoke --key {}` removes it",
                        key.id
                    ),
                }),
                Err(error) => stop = stop.or(Some(error)),
            }
        }
        match stop {
            Some(stop) => Err(stop),
            None if needed.is_empty() => Ok(()),
            None => {
                self.stage(operation, plan, progress, (&needed, &[]), run)
                    .await
            }
        }
    }

    /// Returns whether an earlier key, as read, still has to be removed. No working key is removed in favour of one
    /// that waits for a phone. A key that the service reports as invalid is removed too, because it may still be on a
    /// phone and open doors that the new key does not open.
    fn removal(
        &self,
        plan: &Plan,
        progress: &Progress,
        step: usize,
        old: Result<Option<Key>, seam::Error>,
        confirmed: bool,
    ) -> Result<Removal, Stop> {
        let unconfirmed = || {
            if self.interrupt.is_requested() {
                Stop::Interrupted { step }
            } else {
                Stop::Unconfirmed { step }
            }
        };
        let key = match old {
            Ok(Some(key)) => key,
            Ok(None) => return Ok(Removal::Done),
            Err(_) if !confirmed => return Err(unconfirmed()),
            Err(error) => return Err(Stop::failed(step, error)),
        };
        let now = self.client.now();
        let waits = progress
            .keys_to_verify()
            .filter_map(|(step, _)| spec_of(plan, step))
            .filter(|spec| progress.resolve(&spec.guest) == key.holder)
            .any(|spec| spec.phone_ready == Some(false));
        if key.is_live(now) {
            return match (confirmed, waits && key.is_current(now) && !key.is_waiting()) {
                (false, _) => Err(unconfirmed()),
                (true, true) => Ok(Removal::Kept(Box::new(key))),
                (true, false) => Ok(Removal::Needed),
            };
        }
        if confirmed && !waits && key.is_displaced(now) {
            return Ok(Removal::Needed);
        }
        Ok(Removal::Done)
    }

    /// Carries out the steps of a stage side by side, as many at a time as the client's pace allows. `next` is the
    /// stage after it. Nothing is sent if a stop was requested. Requests that were sent are awaited in any case.
    async fn stage(
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
            let call = Call {
                client: self.client,
                settle: self.settle,
                plan,
                progress,
                resumed: *before == StepStatus::Unknown,
            };
            async move { call.perform(*step).await }
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
    async fn settle_record(
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

    /// Reads the new keys until the lock system has confirmed each of them, the time is over, or a stop is requested.
    /// `answers` holds the keys as first read, at or after `since`. A key that no phone can receive yet is not read
    /// again.
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

    /// Reads keys until each is confirmed or the time is over. The flag of each key says whether a phone is ready to
    /// receive it.
    pub(crate) async fn settle(&self, keys: &[(String, Option<bool>)]) -> Vec<Key> {
        let (since, deadline) = (Instant::now(), Instant::now() + self.wait);
        let reads = keys
            .iter()
            .map(|(id, ready)| self.confirm_one(id, since, deadline, *ready, false));
        let read = futures::future::join_all(reads).await;
        read.into_iter().flatten().collect()
    }

    /// Reads one key until it is confirmed. Returns `None` if it could not be read at all. `answered` says that the
    /// key was made a moment ago, so an immediate read would show only what the answer showed.
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

    /// Waits until the key is gone. Returns `false` if at the deadline the key is still there or cannot be read.
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

    /// Waits between two reads, longer each time. Breaks at the deadline or when a stop is requested.
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

/// Returns whether a key counts as confirmed: it is valid and synced, or it is valid and no phone was ready to receive
/// it when it was made.
fn is_settled(key: &Key, ready: Option<bool>) -> bool {
    let waits = match ready {
        Some(ready) => !ready,
        None => key.is_waiting(),
    };
    key.valid != Some(false) && (key.is_confirmed() || waits)
}

/// How old a reading of the rooms may be when a key is made on them.
const FRESH: Duration = Duration::from_millis(40);

/// How long to wait after a key was made before the rooms are read again. Another desk that read the rooms earlier
/// sends its own key at most [`FRESH`] after the answer. The wait is not long enough for a desk whose requests take
/// much longer than those of this desk. That desk sees the key that it has overridden, and reports it.
const OTHER_DESK: Duration = Duration::from_millis(60);

/// Returns when the rooms may be read after the writes: after [`OTHER_DESK`] since the last key that overrides others,
/// and after the first pause since the last change. If an earlier process made that key, the first change that is known
/// here is later, and the pause counts from it.
fn quiet_until(plan: &Plan, progress: &Progress, run: &RunResult) -> Instant {
    let changed = progress.changed();
    let is_override = (0..plan.steps.len()).any(|step| overrides(plan, step));
    let other_desks = match run.overrode_at {
        Some(at) => at + OTHER_DESK,
        None if is_override => changed + OTHER_DESK,
        None => changed,
    };
    other_desks.max(changed + FIRST_PAUSE)
}

fn is_younger(read_at: Option<Instant>, age: Duration) -> bool {
    read_at.is_some_and(|at| at.elapsed() <= age)
}

/// Returns whether a step removes a guest's earlier key after the new one works.
fn is_removal(plan: &Plan, step: usize) -> bool {
    matches!(plan.steps[step].action, Action::DeleteIfLive(_))
}

/// Keeps the earlier keys, with a warning, if nothing is read after the writes. Nothing is known of the new key then,
/// so no older key may be removed.
fn leave_unread(plan: &Plan, progress: &Progress, run: &mut RunResult) {
    run.warnings.push(Warning {
        code: "not_verified".to_owned(),
        message:
            "with `--wait 0` the keys are not read after the change, so it is not known whether the new key works"
                .to_owned(),
    });
    for (step, state) in plan.steps.iter().zip(&progress.steps) {
        if let (Action::DeleteIfLive(id), false) = (&step.action, state.status == StepStatus::Done)
        {
            run.warnings.push(Warning {
                code: "old_key_left".to_owned(),
                message: format!(
                    "the earlier key was not removed; `roomkey revoke --key {id}` removes it"
                ),
            });
        }
    }
}

/// Returns whether the rooms must be read right before this stage, because it makes keys or takes access away for one.
fn needs_rooms(plan: &Plan, stage: &[usize]) -> bool {
    let needs = |step: &usize| {
        matches!(
            plan.steps[*step].action,
            Action::CreateKey(_) | Action::RevokeAccess(_)
        )
    };
    stage.iter().any(needs)
}

/// Returns whether a step makes an override.
fn overrides(plan: &Plan, step: usize) -> bool {
    spec_of(plan, step).is_some_and(|spec| spec.access == Access::Override)
}

/// Reads everything that a plan can affect: the keys at its rooms, the keys of its guests, and the bystanders elsewhere.
/// `rooms` reads the rooms, and `keys` reads the rest.
async fn read_around(
    rooms: &impl KeyReader,
    keys: &impl KeyReader,
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

/// Adds all keys of the guests who seem to be harmed.
pub(crate) async fn read_holders<'a>(
    keys: &impl KeyReader,
    lost: impl Iterator<Item = &'a Bystander>,
    since: Instant,
    ring: &mut KeyRing,
) -> Result<(), seam::Error> {
    let holders: BTreeSet<&String> = lost.filter_map(|key| key.holder.as_ref()).collect();
    let read = try_join_all(holders.into_iter().map(|holder| keys.of(holder, since))).await;
    for key in read?.into_iter().flatten() {
        ring.insert(key);
    }
    Ok(())
}

/// Refuses to make a key if another desk has made one since the plan, either for the same rooms and time or for one of
/// the guests. `step` is the step that would be sent. A key that this step itself may have made, in an earlier request
/// whose answer was lost, is no reason to refuse.
fn check_free(
    plan: &Plan,
    progress: &Progress,
    step: usize,
    rooms: Result<KeyRing, seam::Error>,
    now: DateTime<Utc>,
) -> Result<(), Stop> {
    let rooms = rooms.map_err(|error| Stop::failed(step, error))?;
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
    let receivers = progress.receivers_of(plan);
    let of_guests = receivers.iter().flat_map(|guest| rooms.live_of(guest, now));
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

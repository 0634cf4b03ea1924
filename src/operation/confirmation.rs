//! Reads what became of the new keys and of every other key at their rooms, until the lock system has confirmed them.

use std::ops::ControlFlow;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use crate::hotel::key::{Key, KeyRing};
use crate::hotel::refusal::Warning;
use crate::journal::{OperationId, StepStatus};
use crate::operation::executor::{Executor, Interrupt, RunResult};
use crate::operation::plan::{Action, KeySpec, Plan};
use crate::operation::progress::Progress;
use crate::operation::report::spec_of;
use crate::operation::rooms::{overrides, read_holders};
use crate::operation::stop::Stop;
use crate::operation::verify::{Around, judge};
use crate::snapshot::fetch::KeyReader;

/// The pause between a change and the first read of its effect. Later pauses are longer.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// How long the executor may read, after a plan has stopped, which guests were harmed.
const LOOK: Duration = Duration::from_secs(3);

/// How long to wait after a key was made before the rooms are read again. Another desk that read the rooms earlier
/// sends its own key at most [`FRESH`](super::rooms::FRESH) after the answer. The wait is not long enough for a desk
/// whose requests take much longer than those of this desk. That desk sees the key that it has overridden, and reports
/// it.
const OTHER_DESK: Duration = Duration::from_millis(60);

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Reads the rooms after a plan has stopped, because a key that it made may have ended other guests' access. The
    /// reason for the stop is still reported first.
    pub(super) async fn verify_after_stop(
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

    /// Reads the new keys until the lock system has confirmed them, and reads the rooms once. Another desk that read
    /// the rooms before the key was made may still send its own key, so the rooms are read only after enough time for
    /// that.
    pub(super) async fn verify(
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
        futures::try_join!(self.record(operation, progress), async {
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
        let read = join_all(reads).await;
        settled.extend(read.into_iter().flatten());
        settled
    }

    /// Reads keys until each is confirmed or the time is over. The flag of each key says whether a phone is ready to
    /// receive it.
    pub(crate) async fn until_settled(&self, keys: &[(String, Option<bool>)]) -> Vec<Key> {
        let (since, deadline) = (Instant::now(), Instant::now() + self.wait);
        let reads = keys
            .iter()
            .map(|(id, ready)| self.confirm_one(id, since, deadline, *ready, false));
        let read = join_all(reads).await;
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
    pub(crate) async fn wait_gone(&self, id: &str, mut since: Instant, deadline: Instant) -> bool {
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
    async fn pause(&self, pause: &mut Duration, deadline: Instant) -> ControlFlow<()> {
        let next = Instant::now() + *pause;
        if next > deadline || self.interrupt.is_requested() {
            return ControlFlow::Break(());
        }
        let _resting = self.keys.resting();
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = self.interrupt.requested() => return ControlFlow::Break(()),
        }
        *pause = (*pause * 3 / 2).min(Duration::from_secs(1));
        ControlFlow::Continue(())
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

/// Keeps the earlier keys, with a warning, if nothing is read after the writes. Nothing is known of the new key then,
/// so no older key may be removed.
pub(super) fn leave_unread(plan: &Plan, progress: &Progress, run: &mut RunResult) {
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

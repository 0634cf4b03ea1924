//! Removes the guests' earlier keys once their new ones work.

use futures::future::join_all;
use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::hotel::refusal::Warning;
use crate::journal::OperationId;
use crate::operation::executor::{Executor, Interrupt, RunResult};
use crate::operation::plan::{Action, Plan};
use crate::operation::progress::{Progress, StepState};
use crate::operation::report::spec_of;
use crate::operation::stop::Stop;
use crate::seam;
use crate::snapshot::fetch::KeyReader;

/// What to do with an earlier key.
enum Removal {
    /// The key must be deleted.
    Needed,
    /// The key no longer opens anything.
    Done,
    /// The key is kept: it works, and the new key still waits for a phone.
    Kept(Box<Key>),
}

impl<I: Interrupt, R: KeyReader> Executor<'_, I, R> {
    /// Removes the guests' earlier keys, side by side. The new keys are read right before. No key is removed in favour
    /// of a new key that is no longer valid.
    pub(super) async fn remove(
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
}

//! Previews: how many keys a job will make and remove, before anything is written.

use chrono::{DateTime, Utc};

use crate::operation::decision::Decided;
use crate::operation::plan::{Access, Action, Plan};
use crate::snapshot::hotel_snapshot::Facts;

/// The preview of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Foresight {
    /// Number of keys made with an override.
    pub overrides: usize,
    /// Number of keys made as joiners.
    pub joiners: usize,
    /// Number of keys removed.
    pub revoked: usize,
    /// Number of keys that are replaced.
    pub replaced: usize,
    /// True if the job is done already.
    pub already: bool,
    /// True if an earlier run made the key and somebody has removed it since. Such a job does nothing.
    pub gone: bool,
    /// True if a row of the job's chain stopped half-way in an earlier run. The job can be decided only after that row is
    /// finished.
    pub unsettled: bool,
    /// End of the new key, in UTC.
    pub until: Option<DateTime<Utc>>,
}

/// Returns the ids of the keys that a plan removes or replaces.
pub(super) fn touched(plan: &Plan) -> impl Iterator<Item = String> {
    let deleted = plan.steps.iter().filter_map(|step| match &step.action {
        Action::DeleteKey(id) | Action::DeleteIfLive(id) => Some(id),
        _ => None,
    });
    deleted.chain(&plan.displaces).cloned()
}

/// Returns the preview of one request.
pub(super) fn foresight(decided: &Decided, facts: &Facts) -> Foresight {
    let Some(plan) = &decided.plan else {
        let mut keys = decided.already.iter().filter_map(|id| facts.keys.get(id));
        return Foresight {
            already: true,
            until: keys.find_map(|key| key.ends_at),
            ..Foresight::default()
        };
    };
    let mut found = Foresight {
        replaced: plan.displaces.len(),
        ..Foresight::default()
    };
    for step in &plan.steps {
        match &step.action {
            Action::CreateKey(spec) => {
                found.until.get_or_insert(spec.window.ends_at);
                match spec.access {
                    Access::Override => found.overrides += 1,
                    Access::Joiner(_) => found.joiners += 1,
                }
            }
            Action::DeleteKey(_) => found.revoked += 1,
            Action::DeleteIfLive(_) => found.replaced += 1,
            _ => {}
        }
    }
    found
}

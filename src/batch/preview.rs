//! Previews: how many keys a job will make and remove, before anything is written.

use chrono::{DateTime, Utc};

use crate::operation::decision::Decision;
use crate::operation::plan::{Access, Action, Plan};
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The preview of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preview {
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
pub(super) fn preview(decision: &Decision, snapshot: &HotelSnapshot) -> Preview {
    let Some(plan) = &decision.plan else {
        let mut keys = decision
            .already
            .iter()
            .filter_map(|id| snapshot.keys.get(id));
        return Preview {
            already: true,
            until: keys.find_map(|key| key.ends_at),
            ..Preview::default()
        };
    };
    let mut found = Preview {
        replaced: plan.displaces.len(),
        ..Preview::default()
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

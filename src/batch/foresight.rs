//! What a job comes to, before anything is written.

use chrono::{DateTime, Utc};

use crate::workflow::facts::Facts;
use crate::workflow::plan::{Access, Action, Plan};
use crate::workflow::prepared::Decided;

/// What a job comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Foresight {
    /// Keys made with an override.
    pub overrides: usize,
    /// Keys made as joiners.
    pub joiners: usize,
    /// Keys taken away.
    pub revoked: usize,
    /// Keys that are replaced.
    pub replaced: usize,
    /// Nothing is to be done.
    pub already: bool,
    /// An earlier run made the key and somebody has taken it away since: nothing is done.
    pub gone: bool,
    /// A row of its chain stopped half-way: what is to be done shows once that is brought to its end.
    pub unsettled: bool,
    /// The new key's end, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// Ids of the keys that a plan takes away or replaces.
pub(super) fn touched(plan: &Plan) -> impl Iterator<Item = String> {
    let deleted = plan.steps.iter().filter_map(|step| match &step.action {
        Action::DeleteKey(id) | Action::DeleteIfLive(id) => Some(id),
        _ => None,
    });
    deleted.chain(&plan.displaces).cloned()
}

/// Returns what one request comes to.
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

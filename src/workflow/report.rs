//! What a command has to tell: keys as read back, the steps, and what they did to other keys.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use super::facts::Facts;
use super::plan::{Access, Action, KeySpec, Plan};
use super::prepared::Warning;
use super::progress::Progress;
use super::record::StepStatus;
use crate::stay::GuestQuery;
use crate::stay::key::{Key, Medium};

/// A key for people and machines; the JSON of DESIGN's `data.keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// The key.
    pub acs_credential_id: String,
    /// Its guest.
    pub acs_user_id: Option<String>,
    /// The guest's name as on record.
    pub guest: String,
    /// Names of its rooms.
    pub rooms: Vec<String>,
    /// Names of all its doors, rooms first.
    pub doors: Vec<String>,
    /// `override`, `joiner`, `card` or `unknown`: the API never says which keys were overrides.
    pub kind: &'static str,
    /// Ids of the keys it was joined to.
    pub joined_to: Vec<String>,
    /// First instant, UTC.
    #[serde(serialize_with = "zulu")]
    pub starts_at: Option<DateTime<Utc>>,
    /// Last instant, UTC.
    #[serde(serialize_with = "zulu")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Not overridden, discarded, cancelled or overwritten; `None` where the API does not say.
    pub valid: Option<bool>,
    /// The lock system has confirmed it; `None` where the API does not say.
    pub synced: Option<bool>,
    /// No phone has picked it up yet: it comes when the guest signs in to the app.
    pub waiting: bool,
    /// Ids of its copies, one for each phone, as far as they were read.
    pub copies: Vec<String>,
}

/// UTC with `Z`, to the second: one form for all of the tool's JSON.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn zulu<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .serialize(to)
}

impl KeyReport {
    /// A key as the facts have it. `made_as`: how this tool made it, where it did.
    pub fn new(facts: &Facts, key: &Key, made_as: Option<&Access>) -> Self {
        let kind = match (made_as, key.medium) {
            (Some(Access::Override), _) => "override",
            (Some(Access::Joiner(_)), _) => "joiner",
            (None, Medium::Card) => "card",
            (None, _) if !key.joined_to.is_empty() => "joiner",
            (None, _) => "unknown",
        };
        Self {
            acs_credential_id: key.id.clone(),
            acs_user_id: key.holder.clone(),
            guest: facts.name_of(key.holder.as_deref()),
            rooms: facts.room_names(&key.doors),
            doors: facts.door_names(&key.doors),
            kind,
            joined_to: key.joined_to.clone(),
            starts_at: key.starts_at,
            ends_at: key.ends_at,
            valid: key.valid,
            synced: key.synced,
            waiting: key.is_waiting(),
            copies: facts.keys.copies_of(&key.id),
        }
    }
}

/// One step; the JSON of DESIGN's `data.steps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// In a few words.
    pub step: String,
    /// The path called.
    pub call: &'static str,
    /// `planned`, `done`, `failed` or `unknown`.
    pub status: &'static str,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
}

/// The steps of a plan and how far each has come; all planned where nothing has run.
pub fn steps(plan: &Plan, progress: Option<&Progress>) -> Vec<StepReport> {
    let state = |index: usize| progress.and_then(|progress| progress.steps.get(index));
    plan.steps
        .iter()
        .enumerate()
        .map(|(index, step)| StepReport {
            step: step.about.clone(),
            call: step.call(),
            status: state(index)
                .map_or(StepStatus::Planned, |state| state.status)
                .word(),
            request_id: state(index).and_then(|state| state.request_id.clone()),
        })
        .collect()
}

/// What the service made of a key, where it is not what was asked for, and what it remarks.
pub(super) fn differences(
    spec: &KeySpec,
    key: &Key,
    facts: &Facts,
    progress: &Progress,
) -> Vec<Warning> {
    let mut found = vec![];
    let mut warn = |code: &str, message: String| {
        found.push(Warning {
            code: code.to_owned(),
            message,
        });
    };
    if !key.doors.is_empty() && key.doors != spec.doors {
        let names = |doors| facts.door_names(doors).join(", ");
        warn(
            "doors_differ",
            format!(
                "asked for {}; the key opens {}",
                names(&spec.doors),
                names(&key.doors)
            ),
        );
    }
    if let Some(end) = key.ends_at.filter(|_| !key.ends_with(spec.window.ends_at)) {
        let (asked, is) = (facts.time.show(spec.window.ends_at), facts.time.show(end));
        warn(
            "end_differs",
            format!("asked to end {asked}; the key ends {is}"),
        );
    }
    if let Access::Joiner(wanted) = &spec.access {
        let missing = wanted
            .iter()
            .filter_map(|key| progress.resolve(key))
            .any(|id| !key.joined_to.contains(&id));
        if missing && !key.joined_to.is_empty() {
            warn(
                "joiners_differ",
                "the key is not joined to all the keys it was to be joined to".to_owned(),
            );
        }
    }
    if key.valid == Some(false) {
        warn(
            "key_not_valid",
            "the lock system does not count the new key as valid".to_owned(),
        );
    }
    for (code, message) in &key.remarks {
        if code != "waiting_to_be_issued" {
            warn(code, message.clone());
        }
    }
    found
}

/// The command that gives a guest a first key to these doors and times, as staff would type it.
pub(super) fn issue_command(
    facts: &Facts,
    guest: &str,
    doors: &BTreeSet<String>,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> String {
    let command = first_key_command(facts, &[guest], doors, from, until);
    format!("{command} --replace")
}

/// The command that gives guests who share a stay their keys, the first of them a first key, as staff would type it.
pub(super) fn first_key_command(
    facts: &Facts,
    guests: &[&str],
    doors: &BTreeSet<String>,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> String {
    let rooms = facts.room_names(doors);
    let mut command = format!("roomkey issue --room {}", rooms.join(","));
    for door in facts
        .door_names(doors)
        .into_iter()
        .filter(|door| !rooms.contains(door))
    {
        command = format!("{command} --also \"{door}\"");
    }
    let zulu = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    for guest in guests {
        let guest = GuestQuery::Id((*guest).to_owned());
        command = format!("{command} --guest {guest}");
    }
    // A start that has passed by the time a person types it is none.
    let soon = facts.now() + TimeDelta::minutes(1);
    if let Some(from) = from.filter(|from| *from > soon) {
        command = format!("{command} --from {}", zulu(from));
    }
    format!("{command} --until {}", zulu(until))
}

/// The command that takes these keys away, as staff would type it; `None` where there are none. A key that is being
/// deleted is waited for.
pub(super) fn revoke_command(facts: &Facts, ids: &[String]) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    let is_copy = |id: &String| facts.keys.get(id).is_some_and(|key| key.parent.is_some());
    let only = if ids.iter().any(is_copy) {
        " --this-phone-only"
    } else {
        ""
    };
    Some(format!(
        "roomkey revoke --key {}{only}",
        ids.join(" --key ")
    ))
}

/// The specification of the key that a step makes.
pub(super) fn spec_of(plan: &Plan, step: usize) -> Option<&KeySpec> {
    match &plan.steps.get(step)?.action {
        Action::CreateKey(spec) => Some(spec),
        _ => None,
    }
}

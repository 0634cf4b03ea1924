//! The result of a command: the keys as read back, the steps, and their effect on other keys.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use crate::hotel::GuestQuery;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Warning;
use crate::journal::StepStatus;
use crate::operation::plan::{Access, Action, KeySpec, Plan};
use crate::operation::progress::Progress;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// A key as shown to people and in the JSON field `data.keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// The id of the key.
    pub acs_credential_id: String,
    /// The `acs_user_id` of its guest.
    pub acs_user_id: Option<String>,
    /// The guest's name on record.
    pub guest: String,
    /// The names of its rooms.
    pub rooms: Vec<String>,
    /// The names of all its doors, rooms first.
    pub doors: Vec<String>,
    /// How the key shares its rooms.
    pub kind: KeyKind,
    /// The ids of the keys that it was joined to.
    pub joined_to: Vec<String>,
    /// The first instant at which the key works, UTC.
    #[serde(serialize_with = "zulu")]
    pub starts_at: Option<DateTime<Utc>>,
    /// The last instant at which the key works, UTC.
    #[serde(serialize_with = "zulu")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether the key is not overridden, discarded, cancelled or overwritten, or `None` if the API does not report
    /// it.
    pub valid: Option<bool>,
    /// Whether the lock system has confirmed the key, or `None` if the API does not report it.
    pub synced: Option<bool>,
    /// Whether no phone has received the key yet. The phone receives it when the guest signs in to the app.
    pub waiting: bool,
    /// The ids of the copies that were read, one for each phone.
    pub copies: Vec<String>,
}

/// Serialises an instant in UTC with `Z`, to the second. All JSON of the tool has this form.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn zulu<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .serialize(to)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes the field by reference"
)]
fn word<S: Serializer>(status: &StepStatus, to: S) -> Result<S::Ok, S::Error> {
    status.word().serialize(to)
}

/// How a key shares its rooms, as far as it is known. The API does not report which keys were overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The first key of a stay, made by this command.
    Override,
    /// A mobile key that is joined to other keys.
    Joiner,
    /// A plastic card.
    Card,
    /// Another key.
    Unknown,
}

impl KeyReport {
    /// Returns the report of a key. `made_as` says how this tool made the key, if it did.
    pub fn new(snapshot: &HotelSnapshot, key: &Key, made_as: Option<&Access>) -> Self {
        let kind = match (made_as, key.medium) {
            (Some(Access::Override), _) => KeyKind::Override,
            (Some(Access::Joiner(_)), _) => KeyKind::Joiner,
            (None, Medium::Card) => KeyKind::Card,
            (None, _) if !key.joined_to.is_empty() => KeyKind::Joiner,
            (None, _) => KeyKind::Unknown,
        };
        Self {
            acs_credential_id: key.id.clone(),
            acs_user_id: key.holder.clone(),
            guest: snapshot.name_of(key.holder.as_deref()),
            rooms: snapshot.room_names(&key.doors),
            doors: snapshot.door_names(&key.doors),
            kind,
            joined_to: key.joined_to.clone(),
            starts_at: key.starts_at,
            ends_at: key.ends_at,
            valid: key.valid,
            synced: key.synced,
            waiting: key.is_waiting(),
            copies: snapshot.keys.copies_of(&key.id),
        }
    }
}

/// A step as shown to people and in the JSON field `data.steps`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// A short description of the step.
    pub step: String,
    /// The API path of the request.
    pub call: &'static str,
    /// `planned`, `done`, `failed` or `unknown`.
    #[serde(serialize_with = "word")]
    pub status: StepStatus,
    /// Whether the step makes a key. It is not part of the JSON.
    #[serde(skip)]
    pub makes_key: bool,
    /// Seam's `seam-request-id`.
    pub request_id: Option<String>,
}

/// Returns the steps of a plan and their status. Without progress, all steps are planned.
pub fn steps(plan: &Plan, progress: Option<&Progress>) -> Vec<StepReport> {
    let state = |index: usize| progress.and_then(|progress| progress.steps.get(index));
    plan.steps
        .iter()
        .enumerate()
        .map(|(index, step)| StepReport {
            step: step.about.clone(),
            call: step.call(),
            status: state(index).map_or(StepStatus::Planned, |state| state.status),
            makes_key: step.makes_key(),
            request_id: state(index).and_then(|state| state.request_id.clone()),
        })
        .collect()
}

/// Returns a warning for each difference between the key and the request, and for each remark of the service on the
/// key.
pub(crate) fn differences(
    spec: &KeySpec,
    key: &Key,
    snapshot: &HotelSnapshot,
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
        let names = |doors| snapshot.door_names(doors).join(", ");
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
        let (asked, is) = (
            snapshot.time.show(spec.window.ends_at),
            snapshot.time.show(end),
        );
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
                "the key is not joined to all the keys that it should be joined to".to_owned(),
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

/// Returns the command with which staff can give a guest a first key to these doors and times.
pub(crate) fn issue_command(
    snapshot: &HotelSnapshot,
    guest: &str,
    doors: &BTreeSet<String>,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> String {
    let command = first_key_command(snapshot, &[guest], doors, from, until);
    format!("{command} --replace")
}

/// The command that gives guests who share a stay their keys, the first of them a first key, as staff would type it.
pub(crate) fn first_key_command(
    snapshot: &HotelSnapshot,
    guests: &[&str],
    doors: &BTreeSet<String>,
    from: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> String {
    let rooms = snapshot.room_names(doors);
    let mut command = format!("roomkey issue --room {}", rooms.join(","));
    for door in snapshot
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
    // A start that will have passed when a person types the command is left out.
    let soon = snapshot.now() + TimeDelta::minutes(1);
    if let Some(from) = from.filter(|from| *from > soon) {
        command = format!("{command} --from {}", zulu(from));
    }
    format!("{command} --until {}", zulu(until))
}

/// The command that takes these keys away, as staff would type it; `None` where there are none. A key that is being
/// deleted is waited for.
pub(crate) fn revoke_command(snapshot: &HotelSnapshot, ids: &[String]) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    let is_copy = |id: &String| {
        snapshot
            .keys
            .get(id)
            .is_some_and(|key| key.parent.is_some())
    };
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

/// Returns the specification of the key that a step makes.
pub(crate) fn spec_of(plan: &Plan, step: usize) -> Option<&KeySpec> {
    match &plan.steps.get(step)?.action {
        Action::CreateKey(spec) => Some(spec),
        _ => None,
    }
}

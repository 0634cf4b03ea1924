//! How a command ended, with everything that is reported of it.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::hotel::HotelTime;
use crate::hotel::key::{Key, Medium};
use crate::hotel::refusal::Brief;
use crate::hotel::refusal::Warning;
use crate::journal::OperationId;
use crate::operation::decision::Decision;
use crate::operation::execution::Execution;
use crate::operation::plan::{Bystander, Command, Plan};
use crate::operation::progress::Progress;
use crate::operation::report::{
    KeyReport, StepReport, differences, first_key_command, revoke_command, spec_of, steps,
};
use crate::operation::stop::{AccessState, Stop};
use crate::operation::verify::Harm;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// How a command ended.
#[derive(Debug)]
pub enum Ending {
    /// The plan was only shown.
    Planned,
    /// There was nothing to do.
    Already,
    /// The plan was carried out and confirmed.
    Done,
    /// The service accepted the requests, but the lock system had not confirmed them by the deadline.
    NotConfirmed,
    /// The plan was carried out, and guests of other keys lost access through it; see [`Outcome::harmed`].
    Harmed,
    /// The keys that the operation made were taken away.
    Undone {
        /// The names of the guests who had access before and do not have it now.
        without: Vec<String>,
        /// The command that gives the access back.
        again: Option<String>,
        /// The keys of other guests that the operation ended and that roomkey cannot give back.
        beyond: Vec<Beyond>,
    },
    /// The plan stopped before its end.
    Stopped(AccessState, Stop),
}

/// A key that stopped working and that roomkey cannot give back.
#[derive(Clone, Debug)]
pub struct Beyond {
    /// The key.
    pub key: Brief,
    /// Another mobile key of the guest, which can be extended. `None` for a plastic card, which only the encoder makes.
    pub other: Option<Brief>,
}

/// The outcome of a command, with everything that is reported.
#[derive(Debug)]
pub struct Outcome {
    /// The command.
    pub command: Command,
    /// The id of the operation in the journal, or `None` if nothing had to be written.
    pub operation_id: Option<OperationId>,
    /// How the command ended.
    pub ending: Ending,
    /// The keys that the command was about, as read back.
    pub keys: Vec<KeyReport>,
    /// The ids of keys that the new keys replace.
    pub replaced: Vec<String>,
    /// The ids of keys that were taken away, including copies on phones.
    pub revoked: Vec<String>,
    /// The steps and their status.
    pub steps: Vec<StepReport>,
    /// The warnings for people.
    pub warnings: Vec<Warning>,
    /// The guests who lost access without anybody's agreement. A command that stopped may have harmed guests too.
    pub harmed: Vec<Harm>,
    /// The keys of other guests that are in the way or were harmed.
    pub others: Vec<KeyReport>,
    /// Whether a request to stop ended the wait for the lock system.
    pub interrupted: bool,
    /// The command that gives a harmed guest the access back, or that waits for a deletion that is not confirmed.
    pub remedy: Option<String>,
    /// The `acs_user_id`s of the guests whom the command is about.
    pub guests: BTreeSet<String>,
    /// The hotel's clock, which is needed to show times.
    pub time: HotelTime,
}

impl Outcome {
    /// Returns the outcome of a command without a write: already done, or only planned.
    pub fn unwritten(snapshot: &HotelSnapshot, decision: &Decision) -> Self {
        let keys = decision
            .already
            .iter()
            .filter_map(|id| snapshot.keys.get(id));
        Outcome {
            command: decision.command,
            operation_id: None,
            ending: if decision.plan.is_some() {
                Ending::Planned
            } else {
                Ending::Already
            },
            keys: keys
                .map(|key| KeyReport::new(snapshot, key, None))
                .collect(),
            replaced: vec![],
            revoked: vec![],
            steps: decision
                .plan
                .as_ref()
                .map(|plan| steps(plan, None))
                .unwrap_or_default(),
            warnings: decision.warnings.clone(),
            harmed: vec![],
            others: vec![],
            interrupted: false,
            remedy: None,
            guests: BTreeSet::new(),
            time: snapshot.time,
        }
    }

    /// Returns whether a guest whom the command is about holds the key.
    pub fn is_own(&self, holder: Option<&String>) -> bool {
        holder.is_some_and(|holder| self.guests.contains(holder))
    }

    /// Returns whether another desk's key, which caused the stop, belongs to a guest whom the command is about.
    pub fn has_own_rival(&self) -> bool {
        match &self.ending {
            Ending::Stopped(_, stop) => stop
                .rival()
                .is_some_and(|key| self.is_own(key.holder.as_ref())),
            _ => false,
        }
    }

    /// Updates the outcome with the state at the deadline of keys that were already as requested.
    pub fn settle(&mut self, snapshot: &HotelSnapshot, read: &[Key]) {
        for key in read {
            let told = KeyReport::new(snapshot, key, None);
            for known in &mut self.keys {
                if known.acs_credential_id == key.id {
                    *known = told.clone();
                }
            }
            if !key.is_confirmed() && !key.is_waiting() {
                self.ending = Ending::NotConfirmed;
            }
        }
    }

    /// Returns the outcome of a plan that was carried out.
    pub fn of(
        snapshot: &HotelSnapshot,
        decision: &Decision,
        plan: &Plan,
        execution: Execution,
    ) -> Self {
        let progress = &execution.progress;
        let mut outcome = Outcome {
            operation_id: Some(execution.operation.clone()),
            steps: steps(plan, Some(progress)),
            ending: execution.ending,
            replaced: execution.replaced,
            revoked: execution.revoked,
            interrupted: execution.interrupted,
            guests: progress.guests_of(plan),
            ..Outcome::unwritten(snapshot, decision)
        };
        for (step, id) in progress.keys_made() {
            // A key that an earlier run verified and reported is not reported again, because it may have changed
            // since.
            if progress.was_verified(step) {
                continue;
            }
            let Some(spec) = spec_of(plan, step) else {
                continue;
            };
            let read = execution.keys.iter().find(|key| key.id == id);
            let key = read
                .cloned()
                .unwrap_or_else(|| spec.as_made(id, |key| progress.resolve(key)));
            if read.is_some() {
                outcome
                    .warnings
                    .extend(differences(spec, &key, snapshot, progress));
            }
            let mut report = KeyReport::new(snapshot, &key, Some(&spec.access));
            if let Some(name) = plan.new_guest_name(&spec.guest) {
                name.clone_into(&mut report.guest);
            }
            outcome.keys.push(report);
        }
        outcome.warnings.extend(execution.warnings);
        outcome.remedy = match outcome.ending {
            Ending::NotConfirmed if outcome.keys.is_empty() => {
                revoke_command(snapshot, &outcome.revoked)
            }
            _ => remedy(
                snapshot,
                plan,
                progress,
                &execution.operation,
                &execution.harmed,
            ),
        };
        outcome.harmed = execution.harmed;
        let harmed = outcome.harmed.iter().map(|harm| harm.key.as_key());
        let rival = match &outcome.ending {
            Ending::Stopped(_, stop) => stop.rival().cloned(),
            _ => None,
        };
        for key in harmed.chain(rival).collect::<Vec<Key>>() {
            let mut report = KeyReport::new(snapshot, &key, None);
            if let Some(name) = execution
                .names
                .get(key.holder.as_deref().unwrap_or_default())
            {
                report.guest.clone_from(name);
            }
            outcome.others.push(report);
        }
        outcome
    }
}

/// Returns the command that gives harmed guests access again. `recover` restores access that the service took away. If
/// two desks gave away the same room, a person decides who gets it, and those guests need new keys. If two desks made
/// a key for the same guest, the new key is widened, because another first key would end the keys of companions.
fn remedy(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    operation: &OperationId,
    harmed: &[Harm],
) -> Option<String> {
    if harmed.iter().any(|harm| !harm.contested) {
        // A plastic card must be made at the encoder.
        let is_mobile = |harm: &Harm| !harm.contested && harm.key.medium == Medium::Mobile;
        if !harmed.iter().any(is_mobile) {
            return None;
        }
        return Some(format!("roomkey recover {}", operation.short()));
    }
    let guests = progress.guests_of(plan);
    let is_own = |lost: &Bystander| {
        let holder = lost.holder.as_ref();
        holder.is_some_and(|holder| guests.contains(holder))
    };
    let mut strangers = harmed.iter().map(|harm| &harm.key);
    let Some(lost) = strangers.find(|lost| !is_own(lost)) else {
        return widen(snapshot, plan, progress, &harmed.first()?.key);
    };
    // Guests who shared the key's room and time share it again.
    let together = strangers.filter(|other| {
        !is_own(other) && other.doors == lost.doors && other.ends_at == lost.ends_at
    });
    let mut holders = vec![lost.holder.as_deref()?];
    holders.extend(together.filter_map(|other| other.holder.as_deref()));
    holders.dedup();
    let (doors, from) = (&lost.doors, lost.starts_at);
    let command = first_key_command(snapshot, &holders, doors, from, lost.ends_at?);
    Some(format!("{command} --replace"))
}

/// Returns the command with which the new key of a guest also gets the rooms and the time of a lost key.
fn widen(
    snapshot: &HotelSnapshot,
    plan: &Plan,
    progress: &Progress,
    lost: &Bystander,
) -> Option<String> {
    let mut made = progress.keys_made();
    let (id, spec) = made.find_map(|(step, id)| {
        let spec = spec_of(plan, step)?;
        (progress.resolve(&spec.guest) == lost.holder).then_some((id, spec))
    })?;
    let rooms = snapshot.room_names(spec.doors.union(&lost.doors));
    let mut command = format!("roomkey update --key {id} --rooms {}", rooms.join(","));
    let more: BTreeSet<String> = lost.doors.difference(&spec.doors).cloned().collect();
    let more_rooms = snapshot.rooms_of(&more);
    for door in snapshot.door_names(more.difference(&more_rooms)) {
        command = format!("{command} --also \"{door}\"");
    }
    let zulu = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let starts = spec.window.starts_at;
    if lost.starts_at.is_none_or(|start| start < starts) && starts > snapshot.now() {
        let from = lost.starts_at.filter(|start| *start > snapshot.now());
        command = format!("{command} --from {}", from.map_or("now".to_owned(), zulu));
    }
    let until = lost.ends_at?.max(spec.window.ends_at);
    Some(format!("{command} --until {}", zulu(until)))
}

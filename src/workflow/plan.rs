//! A plan: the writes of one command as data, in order.
//!
//! Plans are data and not closures so that they can be shown (`--dry-run`), recorded before the first
//! request leaves, and taken up again by another process from the record alone.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::stay::key::{Key, Medium};
use crate::stay::{CardFormat, Contact, GuestQuery, GuestRecord, Span, Window};

/// How far apart two readings of the server's clock may be: `Date` has whole seconds.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(3);

/// Which command a plan carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// First key of a stay.
    Issue,
    /// A guest who was here before: everything old goes, then a new key.
    ReturnGuest,
    /// One more guest, or one more key, in a stay.
    Join,
    /// The same guest's key with other doors or times.
    Update,
    /// Keys taken away.
    Revoke,
}

impl Command {
    /// The word that staff type.
    pub fn name(self) -> &'static str {
        match self {
            Command::Issue => "issue",
            Command::ReturnGuest => "return-guest",
            Command::Join => "join",
            Command::Update => "update",
            Command::Revoke => "revoke",
        }
    }
}

/// An object that is on record, or that an earlier step of the same plan makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ref {
    /// Its id.
    Known(String),
    /// The index of the step that makes it.
    Step(usize),
}

impl Ref {
    /// Returns the id of an object that is on record.
    pub fn known(&self) -> Option<&String> {
        match self {
            Ref::Known(id) => Some(id),
            Ref::Step(_) => None,
        }
    }
}

/// How a key relates to the keys already on its doors. Exactly one is sent (SEAM.md 3.1; never `auto_join`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Earlier keys on its guest doors become invalid.
    Override,
    /// Shares with these keys.
    Joiner(Vec<Ref>),
}

/// All that `credentials/create` is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySpec {
    /// The guest.
    pub guest: Ref,
    /// The Visionline system; needed to look for a key whose answer was lost.
    pub system: String,
    /// `credential_manager_acs_system_id`.
    pub manager: String,
    /// `allowed_acs_entrance_ids`; never empty.
    pub doors: BTreeSet<String>,
    /// UTC.
    pub window: Window,
    /// The text on the key in the guest's app, with the vendor's placeholders.
    pub label: String,
    /// `card_format`.
    pub format: CardFormat,
    /// Override or joiner.
    pub access: Access,
    /// Whether the guest has a phone that can take the key now; `None` where nobody asked. Where there is none,
    /// no confirmation is waited for.
    pub phone_ready: Option<bool>,
}

/// A guest to be put on record. Personal: erased from the record when the operation ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredGuest")]
pub struct NewGuest {
    /// The Visionline system the guest is to be known in.
    pub system: String,
    /// As typed.
    pub full_name: String,
    /// Unique in the workspace.
    pub contact: Contact,
    /// The `user_identity_id`, where the contact is on record already but not in this system.
    pub user_identity: Option<String>,
}

/// A [`NewGuest`] as the record has it. Before there were other contacts, `email` stood in place of `contact`.
#[derive(Deserialize)]
struct StoredGuest {
    system: String,
    full_name: String,
    #[serde(flatten)]
    contact: StoredContact,
    user_identity: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredContact {
    Contact(Contact),
    Email(String),
}

impl From<StoredGuest> for NewGuest {
    fn from(stored: StoredGuest) -> Self {
        Self {
            system: stored.system,
            full_name: stored.full_name,
            contact: match stored.contact {
                StoredContact::Contact(contact) => contact,
                StoredContact::Email(email) => Contact::Email(email),
            },
            user_identity: stored.user_identity,
        }
    }
}

impl NewGuest {
    /// The query that finds the guest, once put on record.
    pub fn query(&self) -> GuestQuery {
        GuestQuery::New {
            name: self.full_name.clone(),
            contact: self.contact.clone(),
        }
    }

    /// The text that names this person, and that an operation claims while it is open.
    pub fn handle(&self) -> String {
        match &self.contact {
            shares @ Contact::Shares(_) => shares.identity_key(&self.full_name),
            _ => None,
        }
        .unwrap_or_else(|| self.contact.handle())
    }

    /// The guest on record, once put there.
    pub(super) fn on_record(&self, acs_user_id: String, identity: Option<String>) -> GuestRecord {
        let (email, phone) = match &self.contact {
            Contact::Email(email) => (Some(email.clone()), None),
            Contact::Phone(phone) => (None, Some(phone.clone())),
            Contact::Reservation(_) | Contact::Shares(_) => (None, None),
        };
        let key = self.contact.identity_key(&self.full_name);
        GuestRecord {
            acs_user_id,
            user_identity_id: identity.or_else(|| self.user_identity.clone()),
            name: self.full_name.clone(),
            email,
            phone,
            aliases: key.into_iter().map(Contact::Reservation).collect(),
            ..GuestRecord::default()
        }
    }
}

/// One step of a plan. Everything is checked before the first; each is recorded before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `users/get`: the guest is still on record, right before anything is taken away.
    GetUser(String),
    /// `user_identities/create`, or `users/create` for a known identity.
    CreateGuest(NewGuest),
    /// `users/revoke_access_to_all_entrances`.
    RevokeAccess(String),
    /// `entrances/grant_access`.
    GrantAccess {
        /// `acs_user_id`.
        user: String,
        /// `acs_entrance_id`.
        door: String,
    },
    /// `credentials/create`.
    CreateKey(Box<KeySpec>),
    /// `credentials/delete`; gone already is done.
    DeleteKey(String),
    /// `credentials/delete`, only where the service has not replaced the key by itself.
    DeleteIfLive(String),
}

/// A step and what people are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// In a few words, with room names and without the guest's name.
    pub about: String,
    /// What is done.
    pub action: Action,
}

impl Step {
    /// The path that is called.
    pub fn call(&self) -> &'static str {
        use crate::seam::{credentials, entrances, user_identities, users};
        match &self.action {
            Action::GetUser(_) => users::GET.path,
            Action::CreateGuest(NewGuest {
                user_identity: Some(_),
                ..
            }) => users::CREATE.path,
            Action::CreateGuest(_) => user_identities::CREATE.path,
            Action::RevokeAccess(_) => users::REVOKE_ACCESS_TO_ALL_ENTRANCES.path,
            Action::GrantAccess { .. } => entrances::GRANT_ACCESS.path,
            Action::CreateKey(_) => credentials::CREATE.path,
            Action::DeleteKey(_) | Action::DeleteIfLive(_) => credentials::DELETE.path,
        }
    }

    /// Whether it makes a key.
    pub fn makes_key(&self) -> bool {
        matches!(self.action, Action::CreateKey(_))
    }

    /// The end of the key that it makes, UTC.
    pub fn key_ends_at(&self) -> Option<DateTime<Utc>> {
        match &self.action {
            Action::CreateKey(spec) => Some(spec.window.ends_at),
            _ => None,
        }
    }

    /// Whether it changes anything at the hotel.
    pub fn writes(&self) -> bool {
        !matches!(self.action, Action::GetUser(_))
    }
}

/// The writes of one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The command it carries out.
    pub command: Command,
    /// The Visionline system.
    pub system: String,
    /// The guests' `acs_user_id`s, as far as they are on record.
    pub guests: Vec<String>,
    /// The guest rooms by name, for people and for claims.
    pub rooms: Vec<String>,
    /// `acs_entrance_id`s of those rooms.
    pub room_doors: BTreeSet<String>,
    /// In order.
    pub steps: Vec<Step>,
    /// Ids of all the keys that were on these rooms and guests when the plan was made: a key that is not
    /// among them was made since.
    pub seen: BTreeSet<String>,
    /// Live keys that an override of this plan makes invalid.
    pub displaces: Vec<String>,
    /// Keys of these guests that the plan does not remove, and that the service may replace all the same. A person
    /// has agreed to that.
    #[serde(default)]
    pub at_risk: BTreeSet<String>,
    /// Keys that must be as before when the plan is done.
    #[serde(default)]
    pub bystanders: Vec<Bystander>,
    /// Keys that the service took away although they were not in the way, as it was read after the writes. `recover`
    /// gives them back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub harmed: Vec<Bystander>,
    /// The guests, by `acs_user_id`, who had a key that worked when the plan was made.
    #[serde(default)]
    pub had_access: BTreeSet<String>,
    /// The business date on which the stay began: nights are counted from it, also by later updates.
    #[serde(default)]
    pub arrival: Option<NaiveDate>,
    /// When the plan was made, UTC, by the server's clock. A key made before is not this plan's work.
    #[serde(default)]
    pub planned_at: Option<DateTime<Utc>>,
}

/// A live key that a plan does not touch. What is needed to see afterwards whether it is as before, and to give
/// its guest access again where it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bystander {
    /// `acs_credential_id`.
    pub id: String,
    /// `acs_user_id`; a found card may have none.
    pub holder: Option<String>,
    /// What carries it.
    pub medium: Medium,
    /// `acs_entrance_id`s.
    pub doors: BTreeSet<String>,
    /// First instant, UTC.
    pub starts_at: Option<DateTime<Utc>>,
    /// Last instant, UTC.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Bystander {
    /// When the key opens its doors.
    pub fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

impl Bystander {
    /// The key, as far as it is known here.
    pub(super) fn as_key(&self) -> Key {
        Key {
            id: self.id.clone(),
            holder: self.holder.clone(),
            parent: None,
            medium: self.medium,
            doors: self.doors.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            created_at: None,
            valid: Some(false),
            synced: None,
            joined_to: vec![],
            remarks: vec![],
        }
    }
}

impl From<&Key> for Bystander {
    fn from(key: &Key) -> Self {
        Self {
            id: key.id.clone(),
            holder: key.holder.clone(),
            medium: key.medium,
            doors: key.doors.clone(),
            starts_at: key.starts_at,
            ends_at: key.ends_at,
        }
    }
}

impl Plan {
    /// Access is taken from the guest before a new key exists: a stop in between leaves nothing.
    pub fn takes_first(&self) -> bool {
        self.first(|action| matches!(action, Action::RevokeAccess(_)))
            < self.first(|action| matches!(action, Action::CreateKey(_)))
    }

    /// Returns whether access is taken first and the new key is for now: a stop in between is felt at once.
    pub(super) fn takes_first_from_now(&self) -> bool {
        let starts = self.specs().map(|(_, spec)| spec.window.starts_at).min();
        self.takes_first()
            && starts
                .zip(self.planned_at)
                .is_none_or(|(start, now)| start <= now + SAME_CLOCK)
    }

    /// The keys that this plan makes, each with the index of its step.
    pub fn specs(&self) -> impl Iterator<Item = (usize, &KeySpec)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| match &step.action {
                Action::CreateKey(spec) => Some((index, &**spec)),
                _ => None,
            })
    }

    /// Returns whether a key may be the work of this plan's create: it was not there when the plan was made, it was
    /// made since, and it has the guest rooms and the end that were asked for. Doors that are no guest rooms may be
    /// missing, because a service may leave them out of its answers.
    pub fn may_have_made(&self, spec: &KeySpec, key: &Key) -> bool {
        let rooms = |doors: &BTreeSet<String>| -> BTreeSet<String> {
            doors.intersection(&self.room_doors).cloned().collect()
        };
        !self.seen.contains(&key.id)
            && key.parent.is_none()
            && key.medium == Medium::Mobile
            && !key.is_being_deleted()
            && key.doors.is_subset(&spec.doors)
            && rooms(&key.doors) == rooms(&spec.doors)
            && key.ends_with(spec.window.ends_at)
            && self.is_since(key)
    }

    /// Returns whether a key was made after the plan, as far as the service says when it was made.
    pub fn is_since(&self, key: &Key) -> bool {
        match (key.created_at, self.planned_at) {
            (Some(created), Some(planned)) => created + SAME_CLOCK >= planned,
            _ => true,
        }
    }

    /// Returns the ids of the earlier keys that the plan removes once the new ones work.
    pub fn removes(&self) -> impl Iterator<Item = &String> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::DeleteIfLive(id) => Some(id),
            _ => None,
        })
    }

    /// Returns the ids of the keys that the one key of this plan stands in for: the same stay's key with changed
    /// values. Empty for a fresh start, and where several keys are made.
    pub(super) fn changes(&self) -> Vec<String> {
        let made = self.steps.iter().filter(|step| step.makes_key()).count();
        let keeps_stay = matches!(
            self.command,
            Command::Issue | Command::Join | Command::Update
        );
        let removed = self.steps.iter().filter_map(|step| match &step.action {
            Action::DeleteIfLive(id) if keeps_stay && made == 1 => Some(id.clone()),
            _ => None,
        });
        removed.collect()
    }

    /// The name of a guest that this plan puts on record.
    pub(super) fn new_guest_name(&self, guest: &Ref) -> Option<&str> {
        match guest {
            Ref::Step(index) => match &self.steps.get(*index)?.action {
                Action::CreateGuest(new) => Some(&new.full_name),
                _ => None,
            },
            Ref::Known(_) => None,
        }
    }

    fn first(&self, wanted: impl Fn(&Action) -> bool) -> usize {
        self.steps
            .iter()
            .position(|step| wanted(&step.action))
            .unwrap_or(usize::MAX)
    }
}

/// Collects steps and hands out references to what they will make.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    /// Adds a step; the reference stands for what it makes.
    pub(super) fn add(&mut self, about: impl Into<String>, action: Action) -> Ref {
        self.0.push(Step {
            about: about.into(),
            action,
        });
        Ref::Step(self.0.len() - 1)
    }

    pub(super) fn into_vec(self) -> Vec<Step> {
        self.0
    }
}

impl KeySpec {
    /// The key as far as it is known where it is not read back: what was asked for. `resolve`: the id that a
    /// reference stands for.
    pub(super) fn as_made(&self, id: &str, resolve: impl Fn(&Ref) -> Option<String>) -> Key {
        Key {
            id: id.to_owned(),
            holder: resolve(&self.guest),
            parent: None,
            medium: Medium::Mobile,
            doors: self.doors.clone(),
            starts_at: Some(self.window.starts_at),
            ends_at: Some(self.window.ends_at),
            created_at: None,
            valid: None,
            synced: None,
            joined_to: match &self.access {
                Access::Override => vec![],
                Access::Joiner(keys) => keys.iter().filter_map(resolve).collect(),
            },
            remarks: vec![],
        }
    }
}

//! A plan: the writes of one command as data, in order.
//!
//! Plans are data and not closures, so that they can be shown (`--dry-run`), written to the journal before the first
//! request is sent, and continued by another process from the journal alone.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::hotel::key::{Key, Medium};
use crate::hotel::{CardFormat, Contact, GuestQuery, GuestRecord, Span, Window};

/// How far apart two readings of the server's clock may be, because `Date` has a resolution of one second.
const SAME_CLOCK: TimeDelta = TimeDelta::seconds(3);

/// The command that a plan carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Makes the first key of a stay.
    Issue,
    /// Removes everything that a returning guest had, then makes a new key.
    ReturnGuest,
    /// Adds a guest or a key to a stay.
    Join,
    /// Changes the doors or times of a guest's key.
    Update,
    /// Takes keys away.
    Revoke,
}

impl Command {
    /// Returns the name of the command as staff type it.
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

/// A reference to an object that is on record or that an earlier step of the plan makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ref {
    /// The id of an object on record.
    Known(String),
    /// The index of the step that makes the object.
    Step(usize),
}

impl Ref {
    /// Returns the id if the object is on record.
    pub fn known(&self) -> Option<&String> {
        match self {
            Ref::Known(id) => Some(id),
            Ref::Step(_) => None,
        }
    }
}

/// How a key relates to the keys that are already on its doors. Exactly one of the two is sent (SEAM.md 3.1), and
/// `auto_join` never is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The key makes earlier keys on its guest doors invalid.
    Override,
    /// The key shares the doors with these keys.
    Joiner(Vec<Ref>),
}

/// The values of a `credentials/create` request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySpec {
    /// The guest.
    pub guest: Ref,
    /// The id of the Visionline system. It is needed to find a key if the answer was lost.
    pub system: String,
    /// The `credential_manager_acs_system_id`.
    pub manager: String,
    /// The `allowed_acs_entrance_ids`. The set is never empty.
    pub doors: BTreeSet<String>,
    /// The time in which the key works, UTC.
    pub window: Window,
    /// The label of the key in the guest's app, with the vendor's placeholders.
    pub label: String,
    /// The `card_format`.
    pub format: CardFormat,
    /// Whether the key overrides or joins other keys.
    pub access: Access,
    /// Whether the guest has a phone that can receive the key now, or `None` if that was not read. If no phone is
    /// ready, the executor does not wait for a confirmation.
    pub phone_ready: Option<bool>,
}

/// A guest to be put on record. The data is personal and is erased from the journal when the operation ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredGuest")]
pub struct NewGuest {
    /// The Visionline system that the guest is added to.
    pub system: String,
    /// The full name as typed.
    pub full_name: String,
    /// The contact, which is unique in the workspace.
    pub contact: Contact,
    /// The `user_identity_id`, if the identity exists but has no user in this system.
    pub user_identity: Option<String>,
}

/// A [`NewGuest`] as stored in the journal. Earlier versions stored `email` instead of `contact`.
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
    /// Returns the query that finds the guest once the guest is on record.
    pub fn query(&self) -> GuestQuery {
        GuestQuery::New {
            name: self.full_name.clone(),
            contact: self.contact.clone(),
        }
    }

    /// Returns the text that identifies this person. An open operation claims it.
    pub fn handle(&self) -> String {
        match &self.contact {
            shares @ Contact::Shares(_) => shares.identity_key(&self.full_name),
            _ => None,
        }
        .unwrap_or_else(|| self.contact.handle())
    }

    /// Returns the record of the guest once the guest is on record.
    pub(crate) fn on_record(&self, acs_user_id: String, identity: Option<String>) -> GuestRecord {
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

/// The request of one step. Everything is checked before the first step, and each step is in the journal before it is
/// sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `users/get`: checks that the guest is still on record, right before anything is taken away.
    GetUser(String),
    /// `user_identities/create`, or `users/create` if the identity exists.
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
    /// `credentials/delete`. A key that is already gone counts as done.
    DeleteKey(String),
    /// `credentials/delete`, unless the service has already replaced the key.
    DeleteIfLive(String),
}

/// A step of a plan with its description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// A short description, with room names and without the guest's name.
    pub about: String,
    /// The request that the step sends.
    pub action: Action,
}

impl Step {
    /// Returns the API path of the request.
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

    /// Returns whether the step makes a key.
    pub fn makes_key(&self) -> bool {
        matches!(self.action, Action::CreateKey(_))
    }

    /// Returns the end of the key that the step makes, UTC.
    pub fn key_ends_at(&self) -> Option<DateTime<Utc>> {
        match &self.action {
            Action::CreateKey(spec) => Some(spec.window.ends_at),
            _ => None,
        }
    }

    /// Returns whether the step changes anything at the hotel.
    pub fn writes(&self) -> bool {
        !matches!(self.action, Action::GetUser(_))
    }
}

/// The writes of one command, and what is needed to carry them out, to verify them and to recover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The command that the plan carries out.
    pub command: Command,
    /// The id of the Visionline system.
    pub system: String,
    /// The `acs_user_id`s of the guests who are on record.
    pub guests: Vec<String>,
    /// The names of the guest rooms, for messages and for claims.
    pub rooms: Vec<String>,
    /// The `acs_entrance_id`s of these rooms.
    pub room_doors: BTreeSet<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The ids of all keys at these rooms and of these guests when the plan was made. Any other key was made later.
    pub seen: BTreeSet<String>,
    /// The ids of the live keys that an override of this plan makes invalid.
    pub displaces: Vec<String>,
    /// The ids of keys of these guests that the plan does not remove but that the service may replace. A person has
    /// agreed to this.
    #[serde(default)]
    pub at_risk: BTreeSet<String>,
    /// The keys that must be unchanged when the plan is done.
    #[serde(default)]
    pub bystanders: Vec<Bystander>,
    /// The keys that the service took away although the plan did not affect them, as read after the writes. `recover`
    /// gives them back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub harmed: Vec<Bystander>,
    /// The `acs_user_id`s of the guests who had a working key when the plan was made.
    #[serde(default)]
    pub had_access: BTreeSet<String>,
    /// The business date on which the stay began. Nights are counted from it, in later updates too.
    #[serde(default)]
    pub arrival: Option<NaiveDate>,
    /// When the plan was made, UTC, by the server's clock. A key that was made earlier was not made by this plan.
    #[serde(default)]
    pub planned_at: Option<DateTime<Utc>>,
}

/// A live key that a plan does not affect. It holds what is needed to check later that the key is unchanged and, if it
/// is not, to give its guest access again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bystander {
    /// The key's `acs_credential_id`.
    pub id: String,
    /// The guest's `acs_user_id`. A card that was found may have none.
    pub holder: Option<String>,
    /// The kind of the key.
    pub medium: Medium,
    /// The `acs_entrance_id`s of its doors.
    pub doors: BTreeSet<String>,
    /// The first instant at which the key works, UTC.
    pub starts_at: Option<DateTime<Utc>>,
    /// The last instant at which the key works, UTC.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Bystander {
    /// Returns the time in which the key works.
    pub fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }
}

impl Bystander {
    /// Returns a [`Key`] with the values that are known here.
    pub(crate) fn as_key(&self) -> Key {
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
    /// Returns whether the plan takes access from the guest before a new key exists. A stop in between leaves the
    /// guest without access.
    pub fn takes_first(&self) -> bool {
        self.first(|action| matches!(action, Action::RevokeAccess(_)))
            < self.first(|action| matches!(action, Action::CreateKey(_)))
    }

    /// Returns whether the plan takes access first and the new key starts now. A stop in between affects the guest at
    /// once.
    pub(crate) fn takes_first_from_now(&self) -> bool {
        let starts = self.specs().map(|(_, spec)| spec.window.starts_at).min();
        self.takes_first()
            && starts
                .zip(self.planned_at)
                .is_none_or(|(start, now)| start <= now + SAME_CLOCK)
    }

    /// Returns the keys that the plan makes, each with the index of its step.
    pub fn specs(&self) -> impl Iterator<Item = (usize, &KeySpec)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| match &step.action {
                Action::CreateKey(spec) => Some((index, &**spec)),
                _ => None,
            })
    }

    /// Returns whether this plan's create may have made the key: the key did not exist when the plan was made, was
    /// made later, and has the requested guest rooms and end. Doors that are not guest rooms may be missing, because a
    /// service may leave them out of its answers.
    pub fn may_have_made(&self, spec: &KeySpec, key: &Key) -> bool {
        !key.is_being_deleted() && self.may_once_have_made(spec, key)
    }

    /// Returns the same as [`Self::may_have_made`], also for a key that is being deleted.
    pub(crate) fn may_once_have_made(&self, spec: &KeySpec, key: &Key) -> bool {
        let rooms = |doors: &BTreeSet<String>| -> BTreeSet<String> {
            doors.intersection(&self.room_doors).cloned().collect()
        };
        !self.seen.contains(&key.id)
            && key.parent.is_none()
            && key.medium == Medium::Mobile
            && key.doors.is_subset(&spec.doors)
            && rooms(&key.doors) == rooms(&spec.doors)
            && key.ends_with(spec.window.ends_at)
            && self.is_since(key)
    }

    /// Returns whether the key was made after the plan, if the service reports when it was made.
    pub fn is_since(&self, key: &Key) -> bool {
        match (key.created_at, self.planned_at) {
            (Some(created), Some(planned)) => created + SAME_CLOCK >= planned,
            _ => true,
        }
    }

    /// Returns the ids of the earlier keys that the plan removes after the new ones work.
    pub fn removes(&self) -> impl Iterator<Item = &String> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::DeleteIfLive(id) => Some(id),
            _ => None,
        })
    }

    /// Returns the ids of the keys that the only key of this plan replaces: the same stay's key before the change.
    /// Returns none if the plan starts a new stay or makes several keys.
    pub(crate) fn changes(&self) -> Vec<String> {
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

    /// Returns the name of a guest whom the plan puts on record.
    pub(crate) fn new_guest_name(&self, guest: &Ref) -> Option<&str> {
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

/// Collects steps and returns references to the objects that they will make.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<Step>);

impl Steps {
    /// Adds a step and returns a reference to the object that it makes.
    pub(crate) fn add(&mut self, about: impl Into<String>, action: Action) -> Ref {
        self.0.push(Step {
            about: about.into(),
            action,
        });
        Ref::Step(self.0.len() - 1)
    }

    pub(crate) fn into_vec(self) -> Vec<Step> {
        self.0
    }
}

impl KeySpec {
    /// Returns the key with the values that were requested, for use when the key is not read back. `resolve` returns
    /// the id of a reference.
    pub(crate) fn as_made(&self, id: &str, resolve: impl Fn(&Ref) -> Option<String>) -> Key {
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

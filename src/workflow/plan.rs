//! A plan: the writes of one command as data, in order.
//!
//! Plans are data and not closures so that they can be shown (`--dry-run`), recorded before the first
//! request leaves, and taken up again by another process from the record alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::stay::key::{Key, Medium};
use crate::stay::{CardFormat, GuestRecord, Window};

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
pub struct NewGuest {
    /// The Visionline system the guest is to be known in.
    pub system: String,
    /// As typed.
    pub full_name: String,
    /// Unique in the workspace.
    pub email: String,
    /// Where the e-mail is on record already but not in this system.
    pub user_identity: Option<String>,
}

impl NewGuest {
    /// The guest on record, once put there.
    pub(super) fn on_record(&self, acs_user_id: String, identity: Option<String>) -> GuestRecord {
        GuestRecord {
            acs_user_id,
            user_identity_id: identity.or_else(|| self.user_identity.clone()),
            name: self.full_name.clone(),
            email: Some(self.email.clone()),
            phone: None,
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
    pub fn key_ends_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
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
}

impl Plan {
    /// Access is taken from the guest before a new key exists: a stop in between leaves nothing.
    pub fn takes_first(&self) -> bool {
        self.first(|action| matches!(action, Action::RevokeAccess(_)))
            < self.first(|action| matches!(action, Action::CreateKey(_)))
    }

    /// One word for "the same command again": command, system, guests, doors and end. Not reversible, so
    /// that no e-mail stands in the record for longer than the plan does.
    pub fn fingerprint(&self) -> String {
        let mut text = format!("{} {}", self.command.name(), self.system);
        for step in &self.steps {
            match &step.action {
                Action::CreateGuest(guest) => {
                    text += &format!(" guest {}", guest.email.to_lowercase());
                }
                Action::CreateKey(spec) => {
                    text += &format!(
                        " key {:?} {:?} {}",
                        spec.guest,
                        spec.doors,
                        spec.window.ends_at.timestamp()
                    );
                }
                Action::DeleteKey(id) => text += &format!(" delete {id}"),
                _ => {}
            }
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
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

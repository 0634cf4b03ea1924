//! The simulated hotel: its records, its clock, and the changes that keep its indexes up to date.

mod clock;
pub(super) mod index;
mod lock;
pub(super) mod records;
mod seed;
mod table;
pub(super) mod tap;
mod visionline;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;

use crate::sandbox::id::{Id, IdSource};
use crate::sandbox::readings::Readings;
use crate::sandbox::time::Beat;
use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

use index::Index;
use lock::Generation;
use records::{Category, Credential, Door, Event, Identity, Phone, Property, User};
use table::Table;

pub(super) use seed::{Founding, found};
pub(super) use visionline::{Conditions, Order};

/// The maximum number of events. The oldest ones are dropped first.
const KEPT_EVENTS: usize = 1_000_000;

/// The parts of a hotel that belong to the process that serves it. They are not saved to disk.
#[derive(Default)]
pub(super) struct Surroundings {
    pub(super) beat: Beat,
    pub(super) ids: IdSource,
    pub(super) readings: Readings,
}

/// The complete state of the simulated service.
#[derive(Serialize, Deserialize)]
pub(super) struct Hotel {
    pub(super) property: Property,
    /// How far the hotel's clock is ahead of its [`Beat`], in milliseconds.
    #[serde(default, rename = "clock_ahead_ms")]
    offset: i64,
    #[serde(skip)]
    pub(super) surroundings: Surroundings,
    pub(super) doors: Table<Door>,
    pub(super) users: Table<User>,
    pub(super) identities: Table<Identity>,
    pub(super) phones: Table<Phone>,
    pub(super) credentials: Table<Credential>,
    /// Doors that were granted to a user and not to a credential, as (user, door).
    pub(super) grants: BTreeSet<(Id, Id)>,
    pub(super) events: VecDeque<Event>,
    /// Credentials whose deletion is under way, with the time at which it completes.
    going: BTreeSet<(DateTime<Utc>, Id)>,
    /// The latest override that was used at each guest door, which is what the locks remember.
    #[serde(default)]
    pub(super) locks: BTreeMap<Id, Generation>,
    /// Plastic cards whose credentials were deleted. A guest may still hold them.
    #[serde(default)]
    pub(super) cards_out: Vec<Credential>,
    #[serde(skip)]
    pub(super) index: Index,
    #[serde(skip)]
    changed: bool,
}

impl Hotel {
    /// Rebuilds the indexes. It must be called after a snapshot is read.
    pub(super) fn reindex(&mut self) {
        self.index = Index::of(self);
    }

    /// Returns a new id for an object of the service.
    pub(super) fn new_id(&self) -> Id {
        self.surroundings.ids.next()
    }

    /// Takes the parts that belong to this process from another state of the same hotel.
    pub(super) fn take_surroundings(&mut self, from: &mut Self) {
        self.surroundings = mem::take(&mut from.surroundings);
    }

    /// Gives this new hotel the clock, the process and the API keys of the hotel that it replaces.
    pub(super) fn succeed(&mut self, before: &mut Self) {
        self.take_surroundings(before);
        let (new, old) = (&mut self.property, &before.property);
        new.api_key.clone_from(&old.api_key);
        new.personal_access_token
            .clone_from(&old.personal_access_token);
        self.offset = before.offset;
    }

    /// Replaces the API key. The old one is no longer accepted.
    pub(super) fn set_api_key(&mut self, key: String) {
        self.changed |= self.property.api_key != key;
        self.property.api_key = key;
    }

    /// Returns true if the hotel changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        mem::take(&mut self.changed)
    }

    /// Completes the deletions that are due.
    pub(super) fn settle(&mut self) {
        let now = self.now();
        while let Some((due, id)) = self.going.first().copied().filter(|(due, _)| *due <= now) {
            self.going.remove(&(due, id));
            self.remove_credential(id);
        }
    }

    fn is_guest_door(&self, door: Id) -> bool {
        self.doors
            .get(door)
            .is_some_and(|door| door.category == Category::Guest)
    }

    /// Returns the doors that a credential lists as guest doors, and those that it lists as common doors.
    pub(super) fn split_doors(&self, credential: &Credential) -> (Vec<Id>, Vec<Id>) {
        let unlisted = self.surroundings.readings.other_doors_unlisted;
        let (guest, mut common): (Vec<Id>, Vec<Id>) = credential
            .doors
            .iter()
            .partition(|door| self.is_guest_door(**door));
        if unlisted {
            common.retain(|door| {
                self.doors.get(*door).is_some_and(|door| {
                    matches!(door.category, Category::Common | Category::CommonPms)
                })
            });
        }
        (guest, common)
    }

    pub(super) fn system_account(&self, system: Id) -> Id {
        if system == self.property.manager {
            self.property.manager_account
        } else {
            self.property.system_account
        }
    }

    /// Returns the ids of a parent's copies.
    pub(super) fn children(&self, parent: Id) -> Vec<Id> {
        let numbers = self.index.children.of(parent).iter();
        numbers
            .filter_map(|number| Some(self.credentials.at(*number)?.id))
            .collect()
    }

    pub(super) fn users_of(&self, identity: Id) -> impl Iterator<Item = &User> {
        let numbers = self.index.users_of_identity.of(identity).iter();
        numbers.filter_map(|number| self.users.at(*number))
    }

    /// Returns the identity's user in a system. There is at most one.
    pub(super) fn user_in(&self, identity: Id, system: Id) -> Option<&User> {
        self.users_of(identity).find(|user| user.system == system)
    }

    pub(super) fn phones_of(&self, identity: Id) -> impl Iterator<Item = &Phone> {
        let numbers = self.index.phones_of_identity.of(identity).iter();
        numbers.filter_map(|number| self.phones.at(*number))
    }

    /// Returns the phones that a user's keys can be put on.
    pub(super) fn ready_phones(&self, user: Id) -> Vec<Id> {
        let identity = self.users.get(user).and_then(|user| user.identity);
        let phones = identity
            .into_iter()
            .flat_map(|identity| self.phones_of(identity));
        phones
            .filter(|phone| phone.active)
            .map(|phone| phone.id)
            .collect()
    }

    pub(super) fn add_user(&mut self, user: &User) {
        self.changed = true;
        self.tell("acs_user.created", user.system, "acs_user_id", user.id);
        let number = self.users.insert(user.clone());
        let identity = user.identity.and_then(|id| self.identities.get(id));
        self.index.add_user(number, user, identity);
    }

    /// Changes a user and updates the indexes.
    pub(super) fn change_user(&mut self, id: Id, change: impl FnOnce(&mut User)) {
        let Some((number, user)) = self.users.number(id).zip(self.users.get_mut(id)) else {
            return;
        };
        self.changed = true;
        let before = user.clone();
        change(user);
        let identity = before.identity.and_then(|id| self.identities.get(id));
        self.index.drop_user(number, &before, identity);
        let identity = user.identity.and_then(|id| self.identities.get(id));
        self.index.add_user(number, user, identity);
    }

    /// Deletes a user with its credentials and grants.
    pub(super) fn remove_user(&mut self, id: Id) {
        for key in self.keys_of(id) {
            self.remove_credential(key);
        }
        self.revoke_grants(id);
        if let Some((number, user)) = self.users.remove(id) {
            self.changed = true;
            let identity = user.identity.and_then(|id| self.identities.get(id));
            self.index.drop_user(number, &user, identity);
            self.tell("acs_user.deleted", user.system, "acs_user_id", id);
        }
    }

    pub(super) fn add_identity(&mut self, identity: Identity) {
        self.changed = true;
        let number = self.identities.insert(identity.clone());
        self.index.add_identity(number, &identity);
    }

    /// Changes an identity. Its users are found by its new e-mail address and phone number from then on.
    pub(super) fn change_identity(&mut self, id: Id, change: impl FnOnce(&mut Identity)) {
        let Some((number, before)) = self
            .identities
            .number(id)
            .zip(self.identities.get(id).cloned())
        else {
            return;
        };
        let mut after = before.clone();
        change(&mut after);
        self.changed = true;
        self.index.drop_identity(number, &before);
        self.index.add_identity(number, &after);
        for number in self.index.users_of_identity.of(id).clone() {
            if let Some(user) = self.users.at(number) {
                self.index.drop_user(number, user, Some(&before));
                self.index.add_user(number, user, Some(&after));
            }
        }
        if let Some(identity) = self.identities.get_mut(id) {
            *identity = after;
        }
    }

    /// Deletes an identity with its users, their credentials and its phones.
    pub(super) fn remove_identity(&mut self, id: Id) {
        let users: Vec<Id> = self.users_of(id).map(|user| user.id).collect();
        for user in users {
            self.remove_user(user);
        }
        let phones: Vec<Id> = self.phones_of(id).map(|phone| phone.id).collect();
        for phone in phones {
            self.remove_phone(phone);
        }
        if let Some((number, identity)) = self.identities.remove(id) {
            self.changed = true;
            self.index.drop_identity(number, &identity);
        }
    }

    pub(super) fn keys_of(&self, user: Id) -> Vec<Id> {
        let numbers = self.index.keys_of_user.of(user).iter();
        numbers
            .filter_map(|number| Some(self.credentials.at(*number)?.id))
            .collect()
    }

    fn insert_credential(&mut self, credential: &Credential) {
        self.changed = true;
        let number = self.credentials.insert(credential.clone());
        self.index.add_credential(number, credential);
    }

    /// Changes a credential and updates the indexes.
    pub(super) fn change_credential(&mut self, id: Id, change: impl FnOnce(&mut Credential)) {
        let Some((number, credential)) = self
            .credentials
            .number(id)
            .zip(self.credentials.get_mut(id))
        else {
            return;
        };
        self.changed = true;
        self.index.drop_credential(number, credential);
        change(credential);
        self.index.add_credential(number, credential);
    }

    /// Deletes a credential and its copies at once.
    pub(super) fn remove_credential(&mut self, id: Id) {
        for child in self.children(id) {
            self.remove_credential(child);
        }
        if let Some((number, credential)) = self.credentials.remove(id) {
            self.changed = true;
            self.index.drop_credential(number, &credential);
            if credential.card_number.is_some() {
                // The guest still has the plastic card.
                self.cards_out.push(credential);
            }
            self.tell(
                "acs_credential.deleted",
                self.property.system,
                "acs_credential_id",
                id,
            );
        }
    }

    /// Makes a credential and its copies invalid, without deleting them.
    pub(super) fn invalidate(&mut self, id: Id) {
        if self
            .credentials
            .get(id)
            .is_some_and(|credential| credential.valid)
        {
            self.change_credential(id, |credential| credential.valid = false);
            self.tell(
                "acs_credential.invalidated",
                self.property.system,
                "acs_credential_id",
                id,
            );
        }
        for child in self.children(id) {
            self.invalidate(child);
        }
    }

    pub(super) fn grant(&mut self, user: Id, door: Id) {
        self.changed |= self.grants.insert((user, door));
    }

    pub(super) fn granted(&self, user: Id) -> Vec<Id> {
        let all = (user, Id::FIRST)..=(user, Id::LAST);
        self.grants.range(all).map(|(_, door)| *door).collect()
    }

    pub(super) fn revoke_grants(&mut self, user: Id) {
        for door in self.granted(user) {
            self.changed |= self.grants.remove(&(user, door));
        }
    }

    /// Records an event about an object in an access system.
    fn tell(&mut self, event: &'static str, system: Id, about: &'static str, id: Id) {
        let ids = [
            ("acs_system_id", system),
            ("connected_account_id", self.system_account(system)),
            (about, id),
        ];
        self.tell_with(event, &ids);
    }

    fn tell_with(&mut self, event: &'static str, about: &[(&'static str, Id)]) {
        self.changed = true;
        if self.events.len() == KEPT_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(Event {
            id: self.new_id(),
            kind: event.into(),
            workspace: self.property.workspace,
            // The API writes times with milliseconds.
            at: self.now().trunc_subsecs(3),
            about: about
                .iter()
                .map(|(name, id)| ((*name).into(), *id))
                .collect(),
        });
    }
}

/// Returns a time in the form in which the service writes it.
pub(super) fn wire_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

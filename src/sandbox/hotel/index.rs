//! Indexes that find rows without a walk through a whole table. They are rebuilt after a snapshot is read.

use std::collections::{BTreeSet, HashMap};

use crate::sandbox::id::Id;

use super::Hotel;
use super::records::{Credential, Identity, User};

/// The row numbers for each value that requests search by.
#[derive(Default)]
pub(in crate::sandbox) struct Index {
    pub(in crate::sandbox) keys_of_user: Groups,
    pub(in crate::sandbox) keys_on_door: Groups,
    pub(in crate::sandbox) live_on_door: Groups,
    pub(in crate::sandbox) children: Groups,
    pub(in crate::sandbox) users_of_identity: Groups,
    pub(in crate::sandbox) phones_of_identity: Groups,
    pub(in crate::sandbox) identity_by_contact: HashMap<String, Id>,
    /// The e-mail addresses and phone numbers of users and of their identities.
    users: Endings,
    /// The e-mail addresses and phone numbers of identities.
    identities: Endings,
}

/// Texts stored in reverse, each with a row number, so that a search finds texts by their ending.
#[derive(Default)]
struct Endings(BTreeSet<(String, u64)>);

impl Endings {
    fn add(&mut self, text: &str, number: u64) {
        self.0.insert((backwards(text), number));
    }

    fn drop(&mut self, text: &str, number: u64) {
        self.0.remove(&(backwards(text), number));
    }

    fn find(&self, text: &str) -> BTreeSet<u64> {
        let wanted = backwards(text);
        self.0
            .range((wanted.clone(), 0)..)
            .take_while(|(ending, _)| ending.starts_with(&wanted))
            .map(|(_, number)| *number)
            .collect()
    }
}

/// Sets of row numbers, by id.
#[derive(Default)]
pub(in crate::sandbox) struct Groups(HashMap<Id, BTreeSet<u64>>);

static NOTHING: BTreeSet<u64> = BTreeSet::new();

impl Groups {
    pub(in crate::sandbox) fn of(&self, id: Id) -> &BTreeSet<u64> {
        self.0.get(&id).unwrap_or(&NOTHING)
    }

    pub(super) fn add(&mut self, id: Id, number: u64) {
        self.0.entry(id).or_default().insert(number);
    }

    pub(super) fn drop(&mut self, id: Id, number: u64) {
        if let Some(set) = self.0.get_mut(&id) {
            set.remove(&number);
            if set.is_empty() {
                self.0.remove(&id);
            }
        }
    }
}

impl Index {
    pub(super) fn of(hotel: &Hotel) -> Self {
        let mut index = Self::default();
        for (number, identity) in hotel.identities.after(0) {
            index.add_identity(number, identity);
        }
        for (number, user) in hotel.users.after(0) {
            index.add_user(
                number,
                user,
                user.identity.and_then(|id| hotel.identities.get(id)),
            );
        }
        for (number, phone) in hotel.phones.after(0) {
            index.phones_of_identity.add(phone.identity, number);
        }
        for (number, credential) in hotel.credentials.after(0) {
            index.add_credential(number, credential);
        }
        index
    }

    pub(super) fn add_credential(&mut self, number: u64, credential: &Credential) {
        if let Some(user) = credential.user {
            self.keys_of_user.add(user, number);
        }
        if let Some(parent) = credential.parent {
            self.children.add(parent, number);
        }
        for door in &credential.doors {
            self.keys_on_door.add(*door, number);
            if credential.valid {
                self.live_on_door.add(*door, number);
            }
        }
    }

    pub(super) fn drop_credential(&mut self, number: u64, credential: &Credential) {
        if let Some(user) = credential.user {
            self.keys_of_user.drop(user, number);
        }
        if let Some(parent) = credential.parent {
            self.children.drop(parent, number);
        }
        for door in &credential.doors {
            self.keys_on_door.drop(*door, number);
            self.live_on_door.drop(*door, number);
        }
    }

    pub(super) fn add_user(&mut self, number: u64, user: &User, identity: Option<&Identity>) {
        if let Some(identity) = user.identity {
            self.users_of_identity.add(identity, number);
        }
        for text in contacts(user, identity) {
            self.users.add(&text, number);
        }
    }

    pub(super) fn drop_user(&mut self, number: u64, user: &User, identity: Option<&Identity>) {
        if let Some(identity) = user.identity {
            self.users_of_identity.drop(identity, number);
        }
        for text in contacts(user, identity) {
            self.users.drop(&text, number);
        }
    }

    pub(super) fn add_identity(&mut self, number: u64, identity: &Identity) {
        for contact in handles(identity) {
            self.identity_by_contact.insert(contact, identity.id);
        }
        for text in searchable(identity) {
            self.identities.add(text, number);
        }
    }

    pub(super) fn drop_identity(&mut self, number: u64, identity: &Identity) {
        for contact in handles(identity) {
            self.identity_by_contact.remove(&contact);
        }
        for text in searchable(identity) {
            self.identities.drop(text, number);
        }
    }

    /// Returns the users with an e-mail address or phone number that ends in `text`.
    pub(in crate::sandbox) fn users_by_ending(&self, text: &str) -> BTreeSet<u64> {
        self.users.find(text)
    }

    /// Returns the identities with an e-mail address or phone number that ends in `text`.
    pub(in crate::sandbox) fn identities_by_ending(&self, text: &str) -> BTreeSet<u64> {
        self.identities.find(text)
    }
}

fn backwards(text: &str) -> String {
    text.to_lowercase().chars().rev().collect()
}

fn contacts(user: &User, identity: Option<&Identity>) -> Vec<String> {
    let of_identity = identity.map(|identity| [&identity.email, &identity.phone]);
    [&user.email, &user.phone]
        .into_iter()
        .chain(of_identity.into_iter().flatten())
        .flatten()
        .cloned()
        .collect()
}

fn searchable(identity: &Identity) -> impl Iterator<Item = &str> {
    [&identity.email, &identity.phone]
        .into_iter()
        .flatten()
        .map(String::as_str)
}

/// Returns the values of an identity that must be unique. A prefix separates the three kinds.
fn handles(identity: &Identity) -> Vec<String> {
    [
        identity.email.as_deref().map(email_handle),
        identity.phone.as_deref().map(phone_handle),
        identity.key.as_deref().map(key_handle),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(in crate::sandbox) fn email_handle(email: &str) -> String {
    format!("email {}", email.to_lowercase())
}

pub(in crate::sandbox) fn phone_handle(phone: &str) -> String {
    format!("phone {phone}")
}

pub(in crate::sandbox) fn key_handle(key: &str) -> String {
    format!("key {key}")
}

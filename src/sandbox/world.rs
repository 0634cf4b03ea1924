//! The hotel's state and the rules by which Visionline changes it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::readings::Readings;
use super::table::{Row, Table};

/// The fixed objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fixed {
    pub(super) workspace_id: String,
    pub(super) account_id: String,
    pub(super) system_id: String,
    pub(super) manager_id: String,
    pub(super) api_key: String,
    pub(super) token: String,
    pub(super) time_zone: String,
    pub(super) opened_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entrance {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) mobile: bool,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) identity: Option<String>,
    pub(super) suspended: bool,
    pub(super) grants: BTreeSet<String>,
    pub(super) schedule: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) key: Option<String>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Phone {
    pub(super) id: String,
    pub(super) identity: String,
    pub(super) endpoint: String,
    pub(super) android: bool,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Credential {
    pub(super) id: String,
    pub(super) user: Option<String>,
    pub(super) parent: Option<String>,
    /// The phone that a child is on.
    pub(super) phone: Option<String>,
    pub(super) method: String,
    pub(super) multi_phone: bool,
    pub(super) doors: BTreeSet<String>,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) ends_at: Option<DateTime<Utc>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) valid: bool,
    pub(super) joined_to: Vec<String>,
    /// When the lock system has it; `None` until a phone can take it.
    pub(super) synced_at: Option<DateTime<Utc>>,
    /// Made under the fault of that name.
    pub(super) never_syncs: bool,
    pub(super) gone_at: Option<DateTime<Utc>>,
    pub(super) start_moved: bool,
    pub(super) code: Option<String>,
    /// Whether it was made to override: for the sandbox's own eyes, the API never tells.
    pub(super) overrides: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) at: DateTime<Utc>,
}

macro_rules! rows {
    ($($name:ty),*) => {$(
        impl Row for $name {
            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}
rows!(Entrance, User, Identity, Phone, Credential);

/// Everything that survives between commands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) fixed: Fixed,
    pub(super) entrances: Table<Entrance>,
    pub(super) users: Table<User>,
    pub(super) identities: Table<Identity>,
    pub(super) phones: Table<Phone>,
    pub(super) credentials: Table<Credential>,
    pub(super) events: Vec<Event>,
    #[serde(skip)]
    index: Index,
}

/// Places of credentials, users and phones by what they belong to.
#[derive(Clone, Debug, Default)]
struct Index {
    by_user: HashMap<String, BTreeSet<u64>>,
    by_door: HashMap<String, BTreeSet<u64>>,
    by_parent: HashMap<String, BTreeSet<u64>>,
    going: BTreeSet<(DateTime<Utc>, String)>,
    users: HashMap<String, BTreeSet<u64>>,
    phones: HashMap<String, BTreeSet<u64>>,
}

/// The events kept.
const EVENTS: usize = 10_000;

pub(super) fn new_id() -> String {
    Uuid::new_v4().to_string()
}

impl World {
    pub(super) fn new(fixed: Fixed) -> Self {
        World {
            fixed,
            entrances: Table::default(),
            users: Table::default(),
            identities: Table::default(),
            phones: Table::default(),
            credentials: Table::default(),
            events: vec![],
            index: Index::default(),
        }
    }

    /// Makes the indexes anew, after reading from a file.
    pub(super) fn reindex(&mut self) {
        self.entrances.reindex();
        self.users.reindex();
        self.identities.reindex();
        self.phones.reindex();
        self.credentials.reindex();
        let mut index = Index::default();
        for (place, credential) in self.credentials.after(0) {
            index.add(place, credential);
        }
        for (place, user) in self.users.after(0) {
            if let Some(identity) = &user.identity {
                index
                    .users
                    .entry(identity.clone())
                    .or_default()
                    .insert(place);
            }
        }
        for (place, phone) in self.phones.after(0) {
            index
                .phones
                .entry(phone.identity.clone())
                .or_default()
                .insert(place);
        }
        self.index = index;
    }

    pub(super) fn is_guest_door(&self, id: &str) -> bool {
        self.entrances
            .get(id)
            .is_some_and(|door| door.category == "guest")
    }

    pub(super) fn add_user(&mut self, user: User) {
        let identity = user.identity.clone();
        self.event("acs_user.created", &user.id, user.created_at);
        let place = self.users.insert(user);
        if let Some(identity) = identity {
            self.index.users.entry(identity).or_default().insert(place);
        }
    }

    pub(super) fn link(&mut self, user: &str, identity: &str) {
        let Some(place) = self.users.place(user) else {
            return;
        };
        if let Some(row) = self.users.get_mut(user) {
            row.identity = Some(identity.to_owned());
            self.index
                .users
                .entry(identity.to_owned())
                .or_default()
                .insert(place);
        }
    }

    pub(super) fn users_of(&self, identity: &str) -> impl Iterator<Item = &User> {
        self.index
            .users
            .get(identity)
            .into_iter()
            .flatten()
            .filter_map(|place| self.users.at(*place))
    }

    pub(super) fn phones_of(&self, identity: &str) -> impl Iterator<Item = &Phone> {
        self.index
            .phones
            .get(identity)
            .into_iter()
            .flatten()
            .filter_map(|place| self.phones.at(*place))
    }

    pub(super) fn credentials_of(
        &self,
        user: &str,
    ) -> impl DoubleEndedIterator<Item = &Credential> {
        self.index
            .by_user
            .get(user)
            .into_iter()
            .flatten()
            .filter_map(|place| self.credentials.at(*place))
    }

    pub(super) fn credentials_at(&self, door: &str) -> impl Iterator<Item = &Credential> {
        self.index
            .by_door
            .get(door)
            .into_iter()
            .flatten()
            .filter_map(|place| self.credentials.at(*place))
    }

    pub(super) fn children(&self, parent: &str) -> impl Iterator<Item = &Credential> {
        self.index
            .by_parent
            .get(parent)
            .into_iter()
            .flatten()
            .filter_map(|place| self.credentials.at(*place))
    }

    pub(super) fn event(&mut self, kind: &str, object: &str, at: DateTime<Utc>) {
        if self.events.len() >= EVENTS {
            self.events.drain(..EVENTS / 10);
        }
        self.events.push(Event {
            id: new_id(),
            kind: kind.to_owned(),
            object: object.to_owned(),
            at,
        });
    }

    /// A key without a phone that could hold it.
    pub(super) fn is_waiting(&self, credential: &Credential) -> bool {
        credential.multi_phone
            && credential.parent.is_none()
            && self.children(&credential.id).next().is_none()
    }

    /// A new key with all that follows from it.
    pub(super) fn issue(
        &mut self,
        key: Credential,
        readings: &Readings,
        sync: TimeDelta,
        now: DateTime<Utc>,
    ) {
        let mut ended: BTreeSet<String> = BTreeSet::new();
        if key.overrides {
            let guest_doors = key.doors.iter().filter(|door| self.is_guest_door(door));
            ended.extend(
                guest_doors
                    .flat_map(|door| self.credentials_at(door))
                    .map(|old| old.id.clone()),
            );
        }
        if let Some(user) = key.user.as_ref().filter(|_| key.method == "mobile_key") {
            let mobile = self
                .credentials_of(user)
                .filter(|old| old.method == "mobile_key");
            let replaced = mobile.filter(|old| {
                let shares = || {
                    old.doors
                        .iter()
                        .any(|door| key.doors.contains(door) && self.is_guest_door(door))
                };
                readings.is("replacement", "guest")
                    || (readings.is("replacement", "guest-room") && shares())
            });
            ended.extend(replaced.map(|old| old.id.clone()));
        }
        for id in ended {
            self.invalidate(&id, now);
        }
        let owner = key.user.clone().filter(|_| key.multi_phone);
        let id = key.id.clone();
        self.add_credential(key);
        self.event("acs_credential.issued", &id, now);
        let identity = owner.and_then(|user| self.users.get(&user)?.identity.clone());
        let phones: Vec<Phone> = identity
            .iter()
            .flat_map(|id| self.phones_of(id))
            .cloned()
            .collect();
        for phone in phones {
            self.put_on_phone(&id, &phone, sync, now);
        }
    }

    /// A copy of a multi-phone key for one phone; with the first, the key can be delivered.
    pub(super) fn put_on_phone(
        &mut self,
        parent: &str,
        phone: &Phone,
        sync: TimeDelta,
        now: DateTime<Utc>,
    ) {
        let Some(key) = self.credentials.get_mut(parent) else {
            return;
        };
        if key.synced_at.is_none() && !key.never_syncs {
            key.synced_at = Some(now + sync);
        }
        let child = Credential {
            id: new_id(),
            parent: Some(parent.to_owned()),
            phone: Some(phone.id.clone()),
            multi_phone: false,
            created_at: now,
            overrides: false,
            ..key.clone()
        };
        self.add_credential(child);
    }

    pub(super) fn add_phone(&mut self, phone: Phone, sync: TimeDelta, now: DateTime<Utc>) {
        let place = self.phones.insert(phone.clone());
        self.index
            .phones
            .entry(phone.identity.clone())
            .or_default()
            .insert(place);
        let waiting: Vec<String> = self
            .users_of(&phone.identity)
            .flat_map(|user| self.credentials_of(&user.id))
            .filter(|key| key.multi_phone && key.valid && key.gone_at.is_none())
            .map(|key| key.id.clone())
            .collect();
        for id in waiting {
            self.put_on_phone(&id, &phone, sync, now);
        }
    }

    pub(super) fn invalidate(&mut self, id: &str, now: DateTime<Utc>) {
        let Some(key) = self.credentials.get_mut(id) else {
            return;
        };
        if std::mem::replace(&mut key.valid, false) {
            self.event("acs_credential.invalidated", id, now);
        }
    }

    fn add_credential(&mut self, credential: Credential) {
        let place = self.credentials.insert(credential);
        if let Some(credential) = self.credentials.at(place) {
            self.index.add(place, credential);
        }
    }

    pub(super) fn assign(&mut self, id: &str, user: Option<String>) {
        let Some(place) = self.credentials.place(id) else {
            return;
        };
        let Some(key) = self.credentials.get_mut(id) else {
            return;
        };
        if let Some(old) = std::mem::replace(&mut key.user, user)
            && let Some(places) = self.index.by_user.get_mut(&old)
        {
            places.remove(&place);
        }
        if let Some(new) = &key.user {
            self.index
                .by_user
                .entry(new.clone())
                .or_default()
                .insert(place);
        }
    }

    /// Deletes a key and its copies, at once or when the lock system has followed.
    pub(super) fn delete(&mut self, id: &str, gone_at: DateTime<Utc>, now: DateTime<Utc>) {
        let children: Vec<String> = self.children(id).map(|child| child.id.clone()).collect();
        for id in children.iter().map(String::as_str).chain([id]) {
            let Some(key) = self.credentials.get_mut(id) else {
                continue;
            };
            if key.gone_at.is_some() {
                continue;
            }
            key.gone_at = Some(gone_at);
            key.valid = false;
            self.index.going.insert((gone_at, id.to_owned()));
        }
        self.pass(now);
    }

    /// Lets what was to be gone by now be gone.
    pub(super) fn pass(&mut self, now: DateTime<Utc>) -> bool {
        let mut changed = false;
        while let Some((at, id)) = self.index.going.first().cloned()
            && at <= now
        {
            self.index.going.remove(&(at, id.clone()));
            let Some(place) = self.credentials.place(&id) else {
                continue;
            };
            let Some(gone) = self.credentials.remove(&id) else {
                continue;
            };
            self.index.remove(place, &gone);
            self.event("acs_credential.deleted", &id, at);
            changed = true;
        }
        changed
    }

    pub(super) fn remove_user(&mut self, id: &str, now: DateTime<Utc>) {
        let keys: Vec<String> = self.credentials_of(id).map(|key| key.id.clone()).collect();
        for key in keys {
            self.delete(&key, now, now);
        }
        let place = self.users.place(id);
        if let (Some(user), Some(place)) = (self.users.remove(id), place)
            && let Some(users) = user
                .identity
                .and_then(|identity| self.index.users.get_mut(&identity))
        {
            users.remove(&place);
        }
        self.event("acs_user.deleted", id, now);
    }

    pub(super) fn remove_phone(&mut self, id: &str, now: DateTime<Utc>) {
        let place = self.phones.place(id);
        let (Some(phone), Some(place)) = (self.phones.remove(id), place) else {
            return;
        };
        if let Some(phones) = self.index.phones.get_mut(&phone.identity) {
            phones.remove(&place);
        }
        let copies: Vec<String> = self
            .users_of(&phone.identity)
            .flat_map(|user| self.credentials_of(&user.id))
            .filter(|key| key.phone.as_deref() == Some(id))
            .map(|key| key.id.clone())
            .collect();
        for copy in copies {
            self.delete(&copy, now, now);
        }
        self.event("phone.deactivated", id, now);
    }
}

impl Index {
    fn add(&mut self, place: u64, key: &Credential) {
        if let Some(user) = &key.user {
            self.by_user.entry(user.clone()).or_default().insert(place);
        }
        if let Some(parent) = &key.parent {
            self.by_parent
                .entry(parent.clone())
                .or_default()
                .insert(place);
        }
        for door in &key.doors {
            self.by_door.entry(door.clone()).or_default().insert(place);
        }
        if let Some(at) = key.gone_at {
            self.going.insert((at, key.id.clone()));
        }
    }

    fn remove(&mut self, place: u64, key: &Credential) {
        let user = key
            .user
            .as_ref()
            .and_then(|user| self.by_user.get_mut(user));
        let parent = key
            .parent
            .as_ref()
            .and_then(|parent| self.by_parent.get_mut(parent));
        let mut lists: Vec<&mut BTreeSet<u64>> = user.into_iter().chain(parent).collect();
        lists.iter_mut().for_each(|places| {
            places.remove(&place);
        });
        for door in &key.doors {
            if let Some(places) = self.by_door.get_mut(door) {
                places.remove(&place);
            }
        }
    }
}

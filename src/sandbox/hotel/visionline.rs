//! Visionline's rules: the effect of a new key on earlier ones, and the phones that it reaches.

use crate::sandbox::id::Id;
use chrono::{DateTime, TimeDelta, Utc};

use super::Hotel;
use super::lock::{Generation, Window};
use super::records::{Asked, Credential, Method, Phone};
use crate::sandbox::readings::{Overriding, Readings, Replacement};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::wire::short_id;

/// The parameters of a new credential. The objects that it names exist.
pub(in crate::sandbox) struct Order {
    pub(in crate::sandbox) user: Option<Id>,
    pub(in crate::sandbox) method: Method,
    pub(in crate::sandbox) doors: Vec<Id>,
    pub(in crate::sandbox) joined: Vec<Id>,
    pub(in crate::sandbox) auto_join: Option<bool>,
    pub(in crate::sandbox) staff: bool,
    pub(in crate::sandbox) starts_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) ends_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) asked: Asked,
}

/// How the service behaves while it runs one request.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Conditions {
    pub(in crate::sandbox) readings: Readings,
    /// How long the lock system takes to carry out a change.
    pub(in crate::sandbox) sync: TimeDelta,
    /// A fault: credentials that are created now never reach the lock system.
    pub(in crate::sandbox) never_syncs: bool,
    /// A fault: lists do not yet show objects that were created within this time.
    pub(in crate::sandbox) lag: Option<TimeDelta>,
}

/// A start that lies further in the past is moved to the present.
const PAST_START: TimeDelta = TimeDelta::minutes(1);

impl Hotel {
    /// Creates a credential and returns its id. The caller has checked the order.
    pub(in crate::sandbox) fn issue(&mut self, order: Order, conditions: &Conditions) -> Id {
        let now = self.now();
        let mobile = order.method == Method::MobileKey;
        let mut doors = order.doors;
        if doors.is_empty() && conditions.readings.user_grants_open_doors {
            doors = order
                .user
                .map(|user| self.granted(user))
                .unwrap_or_default();
        }
        let guest_doors: Vec<Id> = doors
            .iter()
            .copied()
            .filter(|door| self.is_guest_door(*door))
            .collect();
        let mut joined = order.joined;
        let mut overrides = order.asked.overrides;
        if order.auto_join == Some(true) && !overrides && joined.is_empty() {
            joined = self.live_on(&guest_doors);
            joined.retain(|id| {
                self.credentials
                    .get(*id)
                    .is_some_and(|key| key.parent.is_none())
            });
            overrides = joined.is_empty();
        }
        let phones = order
            .user
            .map(|user| self.ready_phones(user))
            .unwrap_or_default();

        let moved = order
            .starts_at
            .is_some_and(|start| now - start > PAST_START);
        let starts_at = order.starts_at.filter(|_| !moved).unwrap_or(now);
        let window = Window {
            start: Some(starts_at),
            end: order.ends_at,
        };
        if overrides {
            self.override_at_once(&guest_doors, window, conditions.readings.overriding);
        }
        if let Some(user) = order.user.filter(|_| mobile) {
            self.replace(user, &guest_doors, conditions.readings.replacement);
        }
        let generations = self.generations_of(&joined);
        let holder = order.user.and_then(|user| self.users.get(user));
        let kind = if mobile { "Mobile Key" } else { "Card" };
        let mut credential = Credential {
            id: self.new_id(),
            user: order.user,
            parent: None,
            device: None,
            method: order.method,
            multi_phone: mobile,
            name: holder.map_or_else(
                || kind.to_owned(),
                |user| format!("{} {kind}", user.full_name),
            ),
            doors,
            joined,
            auto_join: order.auto_join,
            staff: order.staff,
            starts_at: Some(starts_at),
            ends_at: order.ends_at,
            created_at: now,
            valid: true,
            sync_at: (!mobile).then(|| now + conditions.sync),
            never_syncs: conditions.never_syncs || holder.is_some_and(|user| user.remark.is_some()),
            moved,
            card_number: None,
            gone_at: None,
            asked: order.asked,
            generations,
            held: None,
        };
        if credential.generations.is_empty() {
            credential.generations = vec![self.own_generation(&credential, overrides)];
        }
        self.insert_credential(&credential);
        for phone in phones.into_iter().filter(|_| mobile) {
            self.add_child(credential.id, phone, conditions.sync);
        }
        credential.id
    }

    /// Checks that the end is in the future and after the start.
    pub(in crate::sandbox) fn check_window(
        starts_at: Option<DateTime<Utc>>,
        ends_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        match ends_at {
            Some(end) if end <= now => {
                Err(Refusal::field("ends_at", "ends_at must be in the future"))
            }
            Some(end) if starts_at.is_some_and(|start| end <= start) => {
                Err(Refusal::field("ends_at", "ends_at must be after starts_at"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the generation that a new key begins. It must be called before the key is added.
    pub(super) fn own_generation(&self, key: &Credential, overrides: bool) -> Generation {
        Generation {
            root: key.id,
            issued: self.credentials.next(),
            starts_at: key.starts_at,
            overrides,
        }
    }

    /// Returns the generations of the keys that a joiner joins, without duplicates.
    fn generations_of(&self, joined: &[Id]) -> Vec<Generation> {
        let mut all: Vec<Generation> = Vec::new();
        for key in joined.iter().filter_map(|id| self.credentials.get(*id)) {
            for generation in &key.generations {
                if !all.contains(generation) {
                    all.push(*generation);
                }
            }
        }
        all
    }

    /// Makes the earlier keys on the guest doors of a new override invalid at the server, depending on the reading.
    fn override_at_once(&mut self, guest_doors: &[Id], window: Window, overriding: Overriding) {
        for id in self.live_on(guest_doors) {
            let overlaps = self
                .credentials
                .get(id)
                .is_some_and(|key| key.window().overlaps(&window));
            match overriding {
                Overriding::Overlapping if overlaps => self.invalidate(id),
                Overriding::All => self.invalidate(id),
                Overriding::Overlapping | Overriding::AtFirstUse => {}
            }
        }
    }

    /// Returns the live credentials on any of `doors`.
    fn live_on(&self, doors: &[Id]) -> Vec<Id> {
        let mut numbers: Vec<u64> = doors
            .iter()
            .flat_map(|door| self.index.live_on_door.of(*door))
            .copied()
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
            .into_iter()
            .filter_map(|number| Some(self.credentials.at(number)?.id))
            .collect()
    }

    /// Replaces a guest's earlier mobile keys, depending on the reading.
    fn replace(&mut self, user: Id, guest_doors: &[Id], replacement: Replacement) {
        for id in self.keys_of(user) {
            let replaced = self.credentials.get(id).is_some_and(|key| {
                key.method == Method::MobileKey
                    && match replacement {
                        Replacement::Guest => true,
                        Replacement::GuestRoom => {
                            key.doors.iter().any(|door| guest_doors.contains(door))
                        }
                        Replacement::None => false,
                    }
            });
            if replaced {
                self.invalidate(id);
            }
        }
    }

    /// Puts a copy of a parent on a phone.
    pub(super) fn add_child(&mut self, parent: Id, phone: Id, sync: TimeDelta) {
        let now = self.now();
        let Some(of) = self.credentials.get(parent) else {
            return;
        };
        let child = Credential {
            id: self.new_id(),
            parent: Some(parent),
            device: Some(phone),
            multi_phone: false,
            created_at: now,
            sync_at: Some(now + sync),
            moved: false,
            held: None,
            ..of.clone()
        };
        let first = self.children(parent).is_empty();
        self.insert_credential(&child);
        if first {
            self.change_credential(parent, |parent| parent.sync_at = child.sync_at);
        }
        self.tell(
            "acs_credential.issued",
            self.property.system,
            "acs_credential_id",
            child.id,
        );
    }

    /// Adds a phone, and sends the guest's keys to it.
    pub(in crate::sandbox) fn add_phone(&mut self, phone: Phone, sync: TimeDelta) {
        let (id, identity) = (phone.id, phone.identity);
        let number = self.phones.insert(phone);
        self.index.phones_of_identity.add(identity, number);
        self.changed = true;
        self.deliver(id, sync);
    }

    /// Signs in an ordinary phone and returns its id.
    pub(in crate::sandbox) fn sign_in(&mut self, identity: Id, sync: TimeDelta) -> Id {
        let id = self.new_id();
        let phone = Phone {
            id,
            identity,
            name: "Samsung Galaxy S10".to_owned(),
            ios: false,
            endpoint: short_id(id),
            active: true,
            created_at: self.now(),
        };
        self.add_phone(phone, sync);
        id
    }

    /// Sets whether a phone accepts keys. A phone that stops keeps the keys that it has. A phone that starts again
    /// receives the keys that waited.
    pub(in crate::sandbox) fn switch_phone(&mut self, id: Id, active: bool, sync: TimeDelta) {
        if let Some(phone) = self.phones.get_mut(id) {
            self.changed |= phone.active != active;
            phone.active = active;
        }
        self.deliver(id, sync);
    }

    /// Sends an active phone the keys that it lacks.
    fn deliver(&mut self, phone: Id, sync: TimeDelta) {
        let Some(phone) = self.phones.get(phone).filter(|phone| phone.active) else {
            return;
        };
        let (id, identity, now) = (phone.id, phone.identity, self.now());
        for key in self.keys_of_identity(identity) {
            let wanted = self
                .credentials
                .get(key)
                .is_some_and(|key| key.multi_phone && key.valid && !key.window().is_over(now));
            let has = |hotel: &Self| {
                let copies = hotel.children(key);
                copies.iter().any(|copy| {
                    hotel
                        .credentials
                        .get(*copy)
                        .is_some_and(|copy| copy.device == Some(id))
                })
            };
            if wanted && !has(self) {
                self.add_child(key, id, sync);
            }
        }
    }

    fn keys_of_identity(&self, identity: Id) -> Vec<Id> {
        self.users_of(identity)
            .flat_map(|user| self.keys_of(user.id))
            .collect()
    }

    /// Encodes a card.
    pub(in crate::sandbox) fn encode(&mut self, card: Id) {
        self.change_credential(card, |key| key.card_number = Some(short_id(card)));
        self.tell(
            "acs_credential.issued",
            self.property.system,
            "acs_credential_id",
            card,
        );
    }

    /// Removes a phone with the copies on it. Their parents wait for another phone.
    pub(in crate::sandbox) fn remove_phone(&mut self, id: Id) {
        let Some((number, phone)) = self.phones.remove(id) else {
            return;
        };
        self.index.phones_of_identity.drop(phone.identity, number);
        for key in self.keys_of_identity(phone.identity) {
            let lives_there = self
                .credentials
                .get(key)
                .is_some_and(|key| key.device == Some(id));
            if lives_there {
                self.remove_credential(key);
            }
        }
        self.tell_with("phone.deactivated", &[("device_id", id)]);
    }

    /// Deletes a credential and its copies, either at once or after the lock system has carried it out.
    pub(in crate::sandbox) fn delete(&mut self, id: Id, conditions: &Conditions) {
        if conditions.readings.delete_at_once {
            self.remove_credential(id);
            return;
        }
        let gone_at = self.now() + conditions.sync;
        for id in self.children(id).into_iter().chain([id]) {
            if self
                .credentials
                .get(id)
                .is_some_and(|key| key.gone_at.is_none())
            {
                self.change_credential(id, |key| {
                    key.valid = false;
                    key.gone_at = Some(gone_at);
                });
                self.going.insert((gone_at, id));
            }
        }
    }
}

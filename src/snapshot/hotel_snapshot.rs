//! Everything that is read before a decision: the system, its doors, the guests, their keys and phones.
//!
//! A single command reads only what it needs, in parallel. A batch reads everything page by page ([`crate::snapshot::fetch`]).
//! Both produce the same [`HotelSnapshot`], so decisions do not depend on how the facts were read.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::Instant;

use crate::hotel::key::{Key, KeyRing, Medium};
use crate::hotel::refusal::{Brief, Found, Refusal};
use crate::hotel::{
    Category, Door, Doors, GuestQuery, GuestRecord, Guests, HotelTime, Match, RoomName,
};
use crate::seam::UserIdentity;
use crate::snapshot::id_cache::IdCache;
use crate::snapshot::profile::System;

/// What was read so far of one access system.
#[derive(Debug)]
pub struct HotelSnapshot {
    /// The Visionline system.
    pub system: System,
    /// The hotel's clock.
    pub time: HotelTime,
    /// The doors of the system.
    pub doors: Doors,
    /// The keys that were read.
    pub keys: KeyRing,
    guests: Guests,
    phone_ready: HashMap<String, bool>,
    /// The `user_identity_id` and name of each identity, by the handle of a query that finds the identity.
    identities: HashMap<String, (String, Option<String>)>,
    /// The guests whom the access system has just confirmed, by `acs_user_id`, with the request id of the answer.
    confirmed: HashMap<String, Option<String>>,
    pub(crate) prefetched: Prefetched,
    /// Whether `keys` holds all keys of the system except those that have ended.
    pub has_all: bool,
    /// The business date on which the stay of each key began, by key, according to the journal.
    arrivals: HashMap<String, NaiveDate>,
    /// When reading began, UTC. Anything made later may be missing.
    pub(crate) known_at: DateTime<Utc>,
    /// When the keys at the rooms were last read, or `None` if that is long ago, as in a batch.
    pub(crate) read_at: Option<Instant>,
}

/// Data that was read ahead, before it was known to be needed.
#[derive(Debug, Default)]
pub(crate) struct Prefetched {
    /// The keys of guests, by `acs_user_id`.
    pub(crate) of: HashMap<String, Vec<Key>>,
    /// The keys at doors, by `acs_entrance_id`.
    pub(crate) at: HashMap<String, Vec<Key>>,
    /// Whether a phone is ready, by `user_identity_id`.
    pub(crate) phones: HashMap<String, bool>,
    /// When the last answer arrived.
    pub(crate) read_at: Option<Instant>,
}

impl HotelSnapshot {
    /// Returns the current time, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.time.now
    }

    /// Adds the business date on which the stay of a key began.
    pub fn know_arrival(&mut self, key: String, arrival: NaiveDate) {
        self.arrivals.insert(key, arrival);
    }

    /// Returns the business date on which the stay of these keys began: the earliest of the dates in the journal and of
    /// the starts of the keys. Returns `None` if none of them is known.
    pub(crate) fn arrival_of(&self, stay: &[&Key]) -> Option<NaiveDate> {
        let known = stay
            .iter()
            .filter_map(|key| self.arrivals.get(&key.id))
            .copied();
        let starts = stay.iter().filter_map(|key| key.starts_at);
        let started = starts.map(|start| self.time.business_date_of(start));
        known.chain(started).min()
    }

    /// Returns whether the first day of this stay is certain. It is certain if the journal knows it for one of the keys,
    /// or if one of the keys was not joined to another. A joined key may come from a change, and then its start is not
    /// that of the stay.
    pub(crate) fn knows_arrival(&self, stay: &[&Key]) -> bool {
        stay.iter()
            .any(|key| self.arrivals.contains_key(&key.id) || key.joined_to.is_empty())
    }

    /// Adds a guest.
    pub fn know_guest(&mut self, guest: GuestRecord) {
        self.guests.insert(guest);
    }

    /// Creates the facts of a system and its doors, without guests and keys.
    pub(crate) fn new(system: System, time: HotelTime, doors: Doors) -> Self {
        Self {
            system,
            time,
            doors,
            keys: KeyRing::default(),
            guests: Guests::default(),
            phone_ready: HashMap::new(),
            identities: HashMap::new(),
            confirmed: HashMap::new(),
            prefetched: Prefetched::default(),
            has_all: false,
            arrivals: HashMap::new(),
            known_at: time.now,
            read_at: None,
        }
    }

    /// Finds the guest on record that the query names; see [`Match`].
    pub fn find(&self, query: &GuestQuery) -> Match<'_> {
        self.guests.find(query)
    }

    /// Returns the one guest that the query names. The guest must be on record under the name in the query; otherwise
    /// the result is a refusal.
    pub fn guest(&self, query: &GuestQuery) -> Result<&GuestRecord, Refusal> {
        match self.find(query) {
            Match::One(guest) => Ok(guest),
            Match::OtherName(guest) => Err(Refusal::NameDiffers {
                typed: query.clone(),
                on_record: guest.name.clone(),
                same: query
                    .contact()
                    .map_or_else(|| guest.query(), GuestQuery::of),
            }),
            Match::None => Err(Refusal::Guest {
                asked: query.to_string(),
                found: Found::None,
            }),
            Match::Many(guests) => Err(Refusal::Guest {
                asked: query.to_string(),
                found: many(&guests),
            }),
        }
    }

    /// Returns the guest with this `acs_user_id`, if the guest was read.
    pub(crate) fn guest_on_record(&self, acs_user_id: &str) -> Option<&GuestRecord> {
        self.guests.get(acs_user_id)
    }

    /// Returns the guests on record who hold a key that was read.
    pub(crate) fn holders(&self) -> Vec<GuestRecord> {
        let ids: BTreeSet<&String> = self
            .keys
            .all()
            .filter_map(|key| key.holder.as_ref())
            .collect();
        let known = ids.into_iter().filter_map(|id| self.guest_on_record(id));
        known.cloned().collect()
    }

    /// Returns the guest's name on record, or a description if it is not known.
    pub fn name_of(&self, holder: Option<&str>) -> String {
        match holder {
            None => "unknown holder".to_owned(),
            Some(id) => self
                .guests
                .get(id)
                .map_or_else(|| format!("guest {id}"), |guest| guest.name.clone()),
        }
    }

    /// Returns whether one of the guest's phones can receive a mobile key, or `None` if that is not known.
    pub fn phone_ready(&self, guest: &GuestRecord) -> Option<bool> {
        match &guest.user_identity_id {
            Some(identity) => self.phone_ready.get(identity).copied(),
            None => Some(false),
        }
    }

    /// Returns whether a phone is ready to receive this key, or `None` if that is not known.
    pub(crate) fn is_phone_ready(&self, key: &Key) -> Option<bool> {
        let holder = key.holder.as_deref();
        self.phone_ready(self.guest_on_record(holder?)?)
    }

    /// Adds whether a guest's phone is ready.
    pub fn know_phone(&mut self, user_identity_id: String, ready: bool) {
        self.phone_ready.insert(user_identity_id, ready);
    }

    /// Adds the identity that a query finds by its contact. `handle` is the query's [`GuestQuery::handle`].
    pub(crate) fn know_identity(&mut self, handle: String, identity: UserIdentity) {
        let known = (identity.user_identity_id.into(), identity.full_name);
        self.identities.insert(handle, known);
    }

    /// Returns the id of the identity that the query finds by its contact, and its name if it has one. This is needed
    /// if no user of this system belongs to the identity.
    pub(crate) fn identity_of(&self, query: &GuestQuery) -> Option<(&str, Option<&str>)> {
        let (id, name) = self.identities.get(&query.handle())?;
        Some((id, name.as_deref()))
    }

    /// Adds a guest whom the access system has just confirmed, by `users/get` or in its list.
    pub(crate) fn know_confirmed(&mut self, guest: GuestRecord, request_id: Option<String>) {
        self.confirmed.insert(guest.acs_user_id.clone(), request_id);
        self.know_guest(guest);
    }

    /// Removes a guest who was only predicted by [`HotelSnapshot::simulate`].
    pub(crate) fn forget_guest(&mut self, acs_user_id: &str) {
        self.guests.remove(acs_user_id);
        self.confirmed.remove(acs_user_id);
    }

    /// Returns whether the access system has just confirmed this guest.
    pub(crate) fn is_confirmed(&self, acs_user_id: &str) -> bool {
        self.confirmed.contains_key(acs_user_id)
    }

    /// Stores ids that make the next look-up faster: those of the rooms that were named and of the guests that were
    /// read.
    pub fn teach(&self, known: &mut IdCache, rooms: &[RoomName]) {
        for room in rooms {
            if let Ok(doors) = self.doors.rooms(std::slice::from_ref(room)) {
                doors
                    .iter()
                    .for_each(|door| known.learn_door(room.as_str(), &door.id));
            }
        }
        for guest in self.guests.iter() {
            if let Some(identity) = &guest.user_identity_id {
                known.learn_identity(&guest.acs_user_id, identity);
            }
        }
    }

    /// Returns whether the access system has just confirmed this guest, with the request id of the answer.
    pub fn confirmation(&self, guest: &str) -> Option<Option<String>> {
        self.confirmed.get(guest).cloned()
    }

    /// Returns the door with this id.
    pub fn door(&self, id: &str) -> Option<&Door> {
        self.doors.get(id)
    }

    /// Returns the door's name, or its id if the door is not known.
    pub fn door_name(&self, id: &str) -> String {
        self.door(id)
            .map_or_else(|| id.to_owned(), |door| door.name.clone())
    }

    /// Returns the names of those doors that are guest rooms, sorted by name.
    pub fn room_names<'a>(&self, doors: impl IntoIterator<Item = &'a String>) -> Vec<String> {
        self.names(doors, |door| door.category == Category::Guest)
    }

    /// Returns the names of the doors: rooms first, then the others, each sorted by name.
    pub fn door_names<'a>(
        &self,
        doors: impl IntoIterator<Item = &'a String> + Clone,
    ) -> Vec<String> {
        let mut names = self.room_names(doors.clone());
        names.extend(self.names(doors, |door| door.category != Category::Guest));
        names
    }

    fn names<'a>(
        &self,
        doors: impl IntoIterator<Item = &'a String>,
        wanted: impl Fn(&Door) -> bool,
    ) -> Vec<String> {
        let mut names: Vec<_> = doors
            .into_iter()
            .filter_map(|id| self.door(id))
            .filter(|door| wanted(door))
            .map(|door| door.name.clone())
            .collect();
        names.sort();
        names
    }

    /// Returns those of the doors that are guest rooms.
    pub fn rooms_of(&self, doors: &BTreeSet<String>) -> BTreeSet<String> {
        doors
            .iter()
            .filter(|id| {
                self.door(id)
                    .is_some_and(|door| door.category == Category::Guest)
            })
            .cloned()
            .collect()
    }

    /// Returns the summary of a key for a refusal.
    pub fn brief(&self, key: &Key) -> Brief {
        Brief {
            id: key.id.clone(),
            holder: self.name_of(key.holder.as_deref()),
            doors: self.door_names(&key.doors),
            from: key
                .starts_at
                .filter(|start| *start > self.now())
                .map(|start| self.time.show(start)),
            until: key
                .ends_at
                .map_or_else(|| "no end".to_owned(), |end| self.time.show(end)),
            medium: match key.medium {
                Medium::Mobile => "mobile key",
                Medium::Card => "plastic card",
                Medium::Other => "key",
            },
        }
    }

    /// Returns all live keys that were read, in no particular order. A multi-phone key is returned once, without its
    /// copies.
    pub fn live(&self) -> Vec<&Key> {
        self.keys
            .all()
            .filter(|key| self.keys.root(key).id == key.id && key.is_live(self.now()))
            .collect()
    }

    /// Returns the ids of the guest doors with these names. Each name must lead to exactly one door.
    pub fn room_ids(&self, rooms: &[RoomName]) -> Result<BTreeSet<String>, Refusal> {
        Ok(self
            .doors
            .rooms(rooms)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
    }

    /// Returns the ids of the other doors with these names. Each name must lead to exactly one door.
    pub fn other_ids(&self, names: &[String]) -> Result<BTreeSet<String>, Refusal> {
        Ok(self
            .doors
            .others(names)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
    }

    /// Returns the guest's live keys. A multi-phone key is returned once, without its copies.
    pub(crate) fn live_of(&self, guest: &str) -> Vec<&Key> {
        self.keys.live_of(guest, self.now())
    }

    /// Returns the guest's live mobile keys.
    pub(crate) fn live_mobile_of(&self, guest: &str) -> Vec<&Key> {
        self.live_of(guest)
            .into_iter()
            .filter(|key| key.medium == Medium::Mobile)
            .collect()
    }

    /// Returns the refusal for several stays.
    pub(crate) fn several_stays(
        &self,
        command: &'static str,
        rooms: String,
        stays: &[Vec<&Key>],
    ) -> Refusal {
        let briefs = |stay: &Vec<&Key>| stay.iter().map(|key| self.brief(key)).collect();
        Refusal::SeveralStays {
            command,
            rooms,
            stays: stays.iter().map(briefs).collect(),
        }
    }

    /// Returns the summary of each key.
    pub(crate) fn briefs(&self, keys: &[&Key]) -> Vec<Brief> {
        keys.iter().map(|key| self.brief(key)).collect()
    }

    /// Returns several keys as the result of a search: a short description and the id of each.
    pub(crate) fn found(&self, keys: &[&Key]) -> Found {
        if keys.is_empty() {
            return Found::None;
        }
        Found::Many(
            keys.iter()
                .map(|key| (self.brief(key).to_string(), key.id.clone()))
                .collect(),
        )
    }
}

fn many(guests: &[&GuestRecord]) -> Found {
    let label = |guest: &GuestRecord| match guest.email.as_ref().or(guest.phone.as_ref()) {
        Some(contact) => format!("{} <{contact}>", guest.name),
        None => guest.name.clone(),
    };
    Found::Many(
        guests
            .iter()
            .map(|guest| (label(guest), guest.acs_user_id.clone()))
            .collect(),
    )
}

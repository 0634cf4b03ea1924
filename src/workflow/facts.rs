//! What is known before anything is decided: the system, its doors, guests, their keys and phones.
//!
//! A single command reads just what it needs, side by side; a batch reads everything page by page
//! ([`super::read`]). Both end in the same [`Facts`], and the decisions cannot tell the difference.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::Instant;

use super::error::{Brief, Found, Refusal};
use super::known::Known;
use super::plan::{Action, Plan};
use super::property::System;
use crate::seam::UserIdentity;
use crate::stay::key::{Key, KeyRing, Medium};
use crate::stay::{
    Category, Door, Doors, GuestQuery, GuestRecord, Guests, HotelTime, Match, RoomName,
};

/// Everything read so far, about one access system.
#[derive(Debug)]
pub struct Facts {
    /// The Visionline system.
    pub system: System,
    /// The hotel's clock, in the hotel's zone.
    pub time: HotelTime,
    /// Every door of the system.
    pub doors: Doors,
    /// Every key seen.
    pub keys: KeyRing,
    guests: Guests,
    phone_ready: HashMap<String, bool>,
    /// `user_identity_id` and name, by the handle of a query that leads to the identity.
    identities: HashMap<String, (String, Option<String>)>,
    /// Guests whom the access system has just confirmed, with the request id of the answer.
    confirmed: HashMap<String, Option<String>>,
    pub(super) ahead: Ahead,
    /// Every key of the system is among them, but those whose time is over.
    pub has_all: bool,
    /// By key, the business date on which its stay began, as the journal knows it.
    arrivals: HashMap<String, NaiveDate>,
    /// When reading began, UTC: what was made later may be missing.
    pub(super) known_at: DateTime<Utc>,
    /// When the keys at the rooms were last read; `None` where they were read long ago, as in a batch.
    pub(super) read_at: Option<Instant>,
}

/// What was read before it was known to be needed.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// By `acs_user_id`.
    pub(super) of: HashMap<String, Vec<Key>>,
    /// By `acs_entrance_id`.
    pub(super) at: HashMap<String, Vec<Key>>,
    /// By `user_identity_id`.
    pub(super) phones: HashMap<String, bool>,
    /// When the last of it was answered.
    pub(super) read_at: Option<Instant>,
}

impl Facts {
    /// Now, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.time.now
    }

    /// Remembers on which business date the stay of a key began.
    pub fn know_arrival(&mut self, key: String, arrival: NaiveDate) {
        self.arrivals.insert(key, arrival);
    }

    /// Returns the business date on which the stay of these keys began: as the journal knows it, else the earliest
    /// start. `None` where neither is known.
    pub(super) fn arrival_of(&self, stay: &[&Key]) -> Option<NaiveDate> {
        let known = stay
            .iter()
            .filter_map(|key| self.arrivals.get(&key.id))
            .copied();
        let starts = stay.iter().filter_map(|key| key.starts_at);
        let started = starts.map(|start| self.time.business_date_of(start));
        known.chain(started).min()
    }

    /// Returns whether it is certain when this stay began: the journal knows it, or no key of it was made anew since,
    /// as a change does, which joins a key to another.
    pub(super) fn knows_arrival(&self, stay: &[&Key]) -> bool {
        stay.iter()
            .any(|key| self.arrivals.contains_key(&key.id) || key.joined_to.is_empty())
    }

    /// Remembers a guest.
    pub fn know_guest(&mut self, guest: GuestRecord) {
        self.guests.insert(guest);
    }

    /// Facts about a system and its doors; nothing is known of guests and keys yet.
    pub(super) fn new(system: System, time: HotelTime, doors: Doors) -> Self {
        Self {
            system,
            time,
            doors,
            keys: KeyRing::default(),
            guests: Guests::default(),
            phone_ready: HashMap::new(),
            identities: HashMap::new(),
            confirmed: HashMap::new(),
            ahead: Ahead::default(),
            has_all: false,
            arrivals: HashMap::new(),
            known_at: time.now,
            read_at: None,
        }
    }

    /// The guest on record that the query means, if there is exactly one.
    pub fn find(&self, query: &GuestQuery) -> Match<'_> {
        self.guests.find(query)
    }

    /// The one guest that the query means, who must be on record, under the name that the query has.
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

    /// The guest with this `acs_user_id`, where it was read.
    pub(super) fn guest_on_record(&self, acs_user_id: &str) -> Option<&GuestRecord> {
        self.guests.get(acs_user_id)
    }

    /// Returns the guests on record who hold a key that was read.
    pub(super) fn holders(&self) -> Vec<GuestRecord> {
        let ids: BTreeSet<&String> = self
            .keys
            .all()
            .filter_map(|key| key.holder.as_ref())
            .collect();
        let known = ids.into_iter().filter_map(|id| self.guest_on_record(id));
        known.cloned().collect()
    }

    /// The guest's name as on record, else a word for it.
    pub fn name_of(&self, holder: Option<&str>) -> String {
        match holder {
            None => "unknown holder".to_owned(),
            Some(id) => self
                .guests
                .get(id)
                .map_or_else(|| format!("guest {id}"), |guest| guest.name.clone()),
        }
    }

    /// Whether one of the guest's phones can take a mobile key; `None` where nobody asked and nothing tells.
    pub fn phone_ready(&self, guest: &GuestRecord) -> Option<bool> {
        match &guest.user_identity_id {
            Some(identity) => self.phone_ready.get(identity).copied(),
            None => Some(false),
        }
    }

    /// Whether a phone is ready to take this key, where that is known.
    pub(super) fn is_phone_ready(&self, key: &Key) -> Option<bool> {
        let holder = key.holder.as_deref();
        self.phone_ready(self.guest_on_record(holder?)?)
    }

    /// Remembers whether a guest's phone is ready.
    pub fn know_phone(&mut self, user_identity_id: String, ready: bool) {
        self.phone_ready.insert(user_identity_id, ready);
    }

    /// Remembers the identity that a query leads to by its contact. `handle`: of [`GuestQuery::handle`].
    pub(super) fn know_identity(&mut self, handle: String, identity: UserIdentity) {
        let known = (identity.user_identity_id.into(), identity.full_name);
        self.identities.insert(handle, known);
    }

    /// The identity that the query leads to by its contact: its id, and its name where it has one. It matters
    /// where no user of this system belongs to it.
    pub(super) fn identity_of(&self, query: &GuestQuery) -> Option<(&str, Option<&str>)> {
        let (id, name) = self.identities.get(&query.handle())?;
        Some((id, name.as_deref()))
    }

    /// Remembers that the access system has just confirmed this guest, by `users/get` or in its list.
    pub(super) fn know_confirmed(&mut self, guest: GuestRecord, request_id: Option<String>) {
        self.confirmed.insert(guest.acs_user_id.clone(), request_id);
        self.know_guest(guest);
    }

    /// Forgets a guest who was only foreseen.
    pub(super) fn forget_guest(&mut self, acs_user_id: &str) {
        self.guests.remove(acs_user_id);
        self.confirmed.remove(acs_user_id);
    }

    /// Whether the access system has just confirmed this guest.
    pub(super) fn is_confirmed(&self, acs_user_id: &str) -> bool {
        self.confirmed.contains_key(acs_user_id)
    }

    /// What of these facts saves the next look-up some time: ids of the rooms named and of the guests read.
    pub fn teach(&self, known: &mut Known, rooms: &[RoomName]) {
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

    /// The steps of a plan that looking up has done already, with the request ids of the answers.
    pub fn known_steps(&self, plan: &Plan) -> Vec<(usize, Option<String>)> {
        let known = |action: &Action| match action {
            Action::GetUser(user) => self.confirmed.get(user).cloned(),
            _ => None,
        };
        plan.steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| Some((index, known(&step.action)?)))
            .collect()
    }

    /// The door with this id.
    pub fn door(&self, id: &str) -> Option<&Door> {
        self.doors.get(id)
    }

    /// The door's name, else its id.
    pub fn door_name(&self, id: &str) -> String {
        self.door(id)
            .map_or_else(|| id.to_owned(), |door| door.name.clone())
    }

    /// Names of the doors that are guest rooms, in order of name.
    pub fn room_names<'a>(&self, doors: impl IntoIterator<Item = &'a String>) -> Vec<String> {
        self.names(doors, |door| door.category == Category::Guest)
    }

    /// Names of all the doors: rooms first, then the others, each in order of name.
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

    /// Those of the doors that are guest rooms.
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

    /// A key in the words of a refusal.
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

    /// All live keys that were read, one for all the phones, in no order.
    pub fn live(&self) -> Vec<&Key> {
        self.keys
            .all()
            .filter(|key| self.keys.root(key).id == key.id && key.is_live(self.now()))
            .collect()
    }

    /// Ids of the guest doors with these names; each must be there once.
    pub fn room_ids(&self, rooms: &[RoomName]) -> Result<BTreeSet<String>, Refusal> {
        Ok(self
            .doors
            .rooms(rooms)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
    }

    /// Ids of the other doors with these names; each must be there once.
    pub fn other_ids(&self, names: &[String]) -> Result<BTreeSet<String>, Refusal> {
        Ok(self
            .doors
            .others(names)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
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

//! What is read before anything is decided: the system, its doors, guests, their keys and phones.
//!
//! A single command reads just what it needs, side by side; a batch reads everything page by page. Both
//! end in the same [`Facts`], and the decisions cannot tell the difference.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures::future::{try_join, try_join_all};

use super::error::{Brief, Error, Found, Refusal};
use super::from_wire::{door, guest, key};
use super::property::{Property, System};
use crate::seam::{self, AcsUser, Client, credentials, entrances, phones, user_identities, users};
use crate::stay::key::{Key, KeyRing, Medium};
use crate::stay::{
    Category, Door, GuestQuery, GuestRecord, HotelTime, Match, RoomName, find_others, find_rooms,
};

/// Everything read so far, about one access system.
#[derive(Debug)]
pub struct Facts {
    /// The Visionline system.
    pub system: System,
    /// The hotel's clock, in the hotel's zone.
    pub time: HotelTime,
    /// Every door of the system.
    pub doors: Vec<Door>,
    /// Every key seen.
    pub keys: KeyRing,
    guests: HashMap<String, GuestRecord>,
    phone_ready: HashMap<String, bool>,
    asked: HashMap<String, Vec<GuestRecord>>,
    identities: HashMap<String, String>,
}

impl Facts {
    /// Reads the system, its doors and the guests asked for, side by side.
    pub async fn read(
        client: &Client,
        property: &Property,
        guests: &[GuestQuery],
    ) -> Result<Self, Error> {
        let ((system, time), doors, found) = futures::try_join!(
            System::read(client, property),
            async { Ok::<_, Error>(entrances::list(client).await?.value) },
            async { try_join_all(guests.iter().map(|guest| search_guest(client, guest))).await },
        )?;
        let mut facts = Facts {
            doors: doors
                .into_iter()
                .map(door)
                .filter(|door| door.system_id == system.id)
                .collect(),
            system,
            time,
            keys: KeyRing::default(),
            guests: HashMap::new(),
            phone_ready: HashMap::new(),
            asked: HashMap::new(),
            identities: HashMap::new(),
        };
        for (query, records) in guests.iter().zip(found) {
            let here: Vec<_> = records
                .into_iter()
                .filter(|user| is_of(&facts.system, user))
                .map(guest)
                .collect();
            here.iter()
                .for_each(|record| facts.know_guest(record.clone()));
            facts.asked.insert(query.to_string(), here);
        }
        Ok(facts)
    }

    /// Now, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.time.now
    }

    /// Remembers a guest.
    pub fn know_guest(&mut self, guest: GuestRecord) {
        self.guests.insert(guest.acs_user_id.clone(), guest);
    }

    /// The guest on record that the query means, if there is exactly one.
    pub fn find(&self, query: &GuestQuery) -> Match<'_> {
        crate::stay::choose(
            query,
            self.asked
                .get(&query.to_string())
                .map_or(&[], Vec::as_slice),
        )
    }

    /// The one guest that the query means, who must be on record.
    pub fn guest(&self, query: &GuestQuery) -> Result<&GuestRecord, Refusal> {
        match self.find(query) {
            Match::One(guest) | Match::OtherName(guest) => Ok(guest),
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

    /// Whether one of the guest's phones can take a mobile key; `None` where nobody asked.
    pub fn phone_ready(&self, guest: &GuestRecord) -> Option<bool> {
        match &guest.user_identity_id {
            Some(identity) => self.phone_ready.get(identity).copied(),
            None => Some(false),
        }
    }

    /// Remembers whether a guest's phone is ready.
    pub fn know_phone(&mut self, user_identity_id: String, ready: bool) {
        self.phone_ready.insert(user_identity_id, ready);
    }

    /// Remembers that an e-mail is on record in the workspace, though in no user of this system.
    pub(super) fn know_identity(&mut self, email: String, user_identity_id: String) {
        self.identities
            .insert(email.to_lowercase(), user_identity_id);
    }

    /// The `user_identity_id` of an e-mail that no user of this system has.
    pub(super) fn identity_of(&self, email: &str) -> Option<&str> {
        self.identities
            .get(&email.to_lowercase())
            .map(String::as_str)
    }

    /// The door with this id.
    pub fn door(&self, id: &str) -> Option<&Door> {
        self.doors.iter().find(|door| door.id == id)
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

    /// Reads all the keys of these guests, the keys at these doors, and these guests' phones, side by side.
    pub async fn read_keys(
        &mut self,
        client: &Client,
        guests: &[GuestRecord],
        doors: &BTreeSet<String>,
        at_doors: AtDoors,
    ) -> Result<(), Error> {
        let system = self.system.id.clone();
        let (own, at, phones) = futures::try_join!(
            try_join_all(guests.iter().map(|guest| {
                let request = credentials::List {
                    acs_user_id: Some(guest.acs_user_id.clone().into()),
                    acs_system_id: Some(system.clone().into()),
                };
                async move { credentials::list(client, &request).await }
            })),
            try_join_all(doors.iter().map(|door| async move {
                let only_valid = at_doors == AtDoors::Valid;
                let list = entrances::list_credentials_with_access(
                    client,
                    &door.clone().into(),
                    only_valid,
                )
                .await?;
                Ok((door, list.value))
            })),
            try_join_all(
                guests
                    .iter()
                    .filter_map(|guest| guest.user_identity_id.as_ref())
                    .map(|id| async move { Ok((id.clone(), is_phone_ready(client, id).await?)) })
            ),
        )?;
        own.into_iter()
            .flat_map(|list| list.value)
            .for_each(|found| self.keys.insert(key(found)));
        for (door, list) in at {
            list.into_iter()
                .for_each(|found| self.keys.insert_at(door, key(found)));
        }
        phones
            .into_iter()
            .for_each(|(id, ready)| self.know_phone(id, ready));
        self.read_missing(client).await
    }

    /// Reads all the keys of the system, page by page, and the names of all holders.
    pub async fn read_all_keys(&mut self, client: &Client) -> Result<(), Error> {
        let system = Some(self.system.id.clone().into());
        let keys = credentials::List {
            acs_user_id: None,
            acs_system_id: system.clone(),
        };
        let guests = users::List {
            acs_system_id: system,
            ..users::List::default()
        };
        let (keys, guests) = try_join(
            credentials::list(client, &keys),
            users::list(client, &guests),
        )
        .await?;
        keys.value
            .into_iter()
            .for_each(|found| self.keys.insert(key(found)));
        guests
            .value
            .into_iter()
            .for_each(|found| self.know_guest(guest(found)));
        Ok(())
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
        Ok(find_rooms(&self.doors, rooms)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
    }

    /// Ids of the other doors with these names; each must be there once.
    pub(super) fn other_ids(&self, names: &[String]) -> Result<BTreeSet<String>, Refusal> {
        Ok(find_others(&self.doors, names)?
            .iter()
            .map(|door| door.id.clone())
            .collect())
    }

    /// Reads the multi-phone keys that only showed through a phone's copy, and the names of all holders.
    pub async fn read_missing(&mut self, client: &Client) -> Result<(), Error> {
        let parents: BTreeSet<String> = self
            .keys
            .all()
            .filter_map(|key| key.parent.clone())
            .filter(|id| self.keys.get(id).is_none())
            .collect();
        let holders: BTreeSet<String> = self
            .keys
            .all()
            .filter_map(|key| key.holder.clone())
            .filter(|id| !self.guests.contains_key(id))
            .collect();
        let (parents, holders) = try_join(
            try_join_all(parents.iter().map(|id| read_key(client, id))),
            try_join_all(holders.iter().map(|id| read_guest(client, id))),
        )
        .await?;
        parents
            .into_iter()
            .flatten()
            .for_each(|found| self.keys.insert(found));
        holders
            .into_iter()
            .flatten()
            .for_each(|found| self.know_guest(found));
        Ok(())
    }

    /// Reads one key into the ring; `false` where it is gone.
    pub async fn read_one(&mut self, client: &Client, id: &str) -> Result<bool, Error> {
        let found = read_key(client, id).await?;
        let exists = found.is_some();
        found.into_iter().for_each(|key| self.keys.insert(key));
        Ok(exists)
    }
}

/// Guests on record with this in their name, e-mail or phone number, and whether a phone of theirs is ready.
pub async fn search(
    client: &Client,
    property: &Property,
    text: Option<&str>,
) -> Result<Vec<(GuestRecord, bool)>, Error> {
    let ((system, _), found) = futures::try_join!(System::read(client, property), async {
        let request = users::List {
            search: text.map(str::to_owned),
            ..users::List::default()
        };
        Ok::<_, Error>(users::list(client, &request).await?.value)
    },)?;
    let guests = found
        .into_iter()
        .filter(|user| is_of(&system, user))
        .map(guest);
    Ok(try_join_all(guests.map(|guest| async move {
        let ready = match &guest.user_identity_id {
            Some(identity) => is_phone_ready(client, identity).await?,
            None => false,
        };
        Ok::<_, seam::Error>((guest, ready))
    }))
    .await?)
}

/// Whether a user is of this system; a server that does not say has only one.
fn is_of(system: &System, user: &AcsUser) -> bool {
    user.acs_system_id
        .as_ref()
        .is_none_or(|id| id.as_str() == system.id)
}

/// Lets a guest of a sandbox workspace sign in to the app.
pub async fn sign_in(client: &Client, guest: &GuestRecord) -> Result<(), Error> {
    let identity = guest.user_identity_id.clone().ok_or_else(|| {
        seam::Error::setup(format!(
            "{} has no user identity, which a phone belongs to",
            guest.name
        ))
    })?;
    phones::create_sandbox_phone(client, &identity.into()).await?;
    Ok(())
}

/// Which keys to ask for at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtDoors {
    /// All on record: what might be alive must not be overlooked.
    All,
    /// `include_if: ["visionline_metadata.is_valid"]`: what can be joined for sure.
    Valid,
}

/// Reads a key; `None` where it is gone.
pub async fn read_key(client: &Client, id: &str) -> Result<Option<Key>, seam::Error> {
    none_if_gone(
        credentials::get(client, &id.to_owned().into())
            .await
            .map(|reply| key(reply.value)),
    )
}

async fn read_guest(client: &Client, id: &str) -> Result<Option<GuestRecord>, seam::Error> {
    none_if_gone(
        users::get(client, &id.to_owned().into())
            .await
            .map(|reply| guest(reply.value)),
    )
}

/// Whether a guest's phone can take a mobile key: one has an active endpoint (vendor's guide).
pub async fn is_phone_ready(client: &Client, user_identity_id: &str) -> Result<bool, seam::Error> {
    let phones = phones::list(client, Some(&user_identity_id.to_owned().into()))
        .await?
        .value;
    Ok(phones.iter().any(phones::Phone::has_active_endpoint))
}

/// A 404, or a 400 for an id of the wrong form, is an answer: there is none.
fn none_if_gone<T>(answer: Result<T, seam::Error>) -> Result<Option<T>, seam::Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The users that may be meant. `search` matches parts; the exact choice is made from what comes back.
async fn search_guest(client: &Client, query: &GuestQuery) -> Result<Vec<AcsUser>, Error> {
    let text = match query {
        GuestQuery::Id(id) => {
            return Ok(none_if_gone(users::get(client, &id.clone().into()).await)?
                .into_iter()
                .map(|r| r.value)
                .collect());
        }
        GuestQuery::Email(text) | GuestQuery::Phone(text) | GuestQuery::Name(text) => text,
        GuestQuery::NameAndEmail { email, .. } => email,
    };
    let request = users::List {
        search: Some(text.clone()),
        ..users::List::default()
    };
    Ok(users::list(client, &request).await?.value)
}

/// The identities that these e-mails belong to in the workspace, side by side: e-mail and id of each found.
pub(super) async fn read_identities(
    client: &Client,
    emails: &[&str],
) -> Result<Vec<(String, String)>, seam::Error> {
    let found = try_join_all(emails.iter().map(|email| async move {
        let list = user_identities::list(client, Some(email)).await?.value;
        let same = |found: &Option<String>| {
            found
                .as_ref()
                .is_some_and(|e| e.eq_ignore_ascii_case(email))
        };
        let identity = list
            .into_iter()
            .find(|identity| same(&identity.email_address));
        Ok::<_, seam::Error>(
            identity.map(|identity| ((*email).to_owned(), identity.user_identity_id.into())),
        )
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
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

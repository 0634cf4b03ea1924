//! Reading for many rows: whole lists, page by page, where asking for each guest and room would take longer.

use std::collections::{BTreeSet, HashSet};

use futures::future::try_join_all;

use super::error::Error;
use super::facts::Facts;
use super::from_wire::{guest, key};
use super::guests::{AT_ONCE, handles_of_identity, keys_of, read_identities, search_guest};
use super::property::{Property, System};
use super::read::{doors_of, is_phone_ready};
use crate::seam::{
    self, AcsSystemId, AcsUser, Client, UserIdentity, credentials, entrances, user_identities,
    users,
};
use crate::stay::{GuestQuery, GuestRecord, RoomName};

impl Facts {
    /// Reads what many rows may be about. Lists are read page by page for as long as that is quicker than asking
    /// for each guest and room; a hotel that has had many guests has long lists. Of keys whose time is over
    /// nothing is kept: they open nothing, and no new key ends like them.
    pub async fn read_many(
        client: &Client,
        property: &Property,
        asked: &Asked,
    ) -> Result<Self, Error> {
        let by_name = property
            .system
            .as_ref()
            .is_some_and(|system| uuid::Uuid::parse_str(system).is_err());
        // A system may be set by its name, which lists do not take. Where none is set, there is but one.
        let system = if by_name {
            Some(System::read(client, property).await?.0.id)
        } else {
            property.system.clone()
        };
        let pages = asked.pages();
        let (mut keys, mut holders) = (vec![], vec![]);
        let by_key: Vec<GuestQuery> = asked
            .guests
            .iter()
            .filter(|query| query.is_by_key())
            .cloned()
            .collect();
        let ((system, time), doors, all_keys, all_guests, identities) = futures::try_join!(
            System::read(client, property),
            async { Ok::<_, Error>(entrances::list(client).await?.value) },
            async {
                let all = credentials::List {
                    acs_system_id: system.clone().map(Into::into),
                    ..credentials::List::default()
                };
                let read = credentials::each(client, &all, pages, |credential| {
                    let system = credential.acs_system_id.clone();
                    let key = key(credential);
                    if key.ends_at.is_none_or(|end| end > client.now()) {
                        keys.push((system, key));
                    }
                });
                Ok(read.await?)
            },
            async {
                let all = users::List {
                    acs_system_id: system.clone().map(Into::into),
                    ..users::List::default()
                };
                let read = users::each(client, &all, pages, |user| holders.push(user));
                Ok(read.await?)
            },
            Box::pin(identities_of(client, &by_key)),
        )?;
        let doors = doors_of(&system, doors);
        let mut facts = Facts::new(system, time, doors);
        let here = facts.system.id.clone();
        let mine = |id: Option<&AcsSystemId>| id.is_none_or(|id| id.as_str() == here);
        keys.retain(|(system, _)| mine(system.as_ref()));
        holders.retain(|user: &AcsUser| mine(user.acs_system_id.as_ref()));
        for (_, key) in keys {
            facts.keys.insert(key);
        }
        for user in holders {
            facts.know_confirmed(guest(user), None);
        }
        facts.know_keys(identities);
        if !all_guests {
            facts.find_more(client, &asked.guests).await?;
        }
        if !all_keys {
            facts.read_each(client, asked).await?;
        }
        facts.has_all = all_keys;
        facts.read_missing(client).await?;
        facts.infer_phones();
        Ok(facts)
    }

    /// The keys of each guest, at each room, and each that is named.
    async fn read_each(&mut self, client: &Client, asked: &Asked) -> Result<(), Error> {
        let guests: Vec<GuestRecord> = asked
            .guests
            .iter()
            .filter_map(|query| self.guest(query).ok())
            .cloned()
            .collect();
        // A room that is not there is told of when its row is looked at.
        let rooms = asked.rooms.iter().map(std::slice::from_ref);
        let rooms = rooms
            .filter_map(|room| self.room_ids(room).ok())
            .flatten()
            .collect();
        self.read_keys(client, &guests, &rooms).await?;
        for id in &asked.keys {
            self.read_one(client, id).await?;
        }
        Ok(())
    }

    /// The list of phones does not say whose they are (vendor's schema), so a batch would have to ask for each
    /// guest. A key's copy on a phone shows as well that there is one.
    fn infer_phones(&mut self) {
        let holders: BTreeSet<String> = self
            .keys
            .all()
            .filter(|key| key.parent.is_some() && !key.is_being_deleted())
            .filter_map(|key| key.holder.clone())
            .collect();
        for holder in holders {
            let identity = self.guest_on_record(&holder);
            if let Some(id) = identity.and_then(|guest| guest.user_identity_id.clone()) {
                self.know_phone(id, true);
            }
        }
    }

    /// Reads the phones of guests of whom nothing is known yet.
    pub async fn read_phones(
        &mut self,
        client: &Client,
        guests: &[GuestRecord],
    ) -> Result<(), Error> {
        let unknown = guests
            .iter()
            .filter(|guest| self.phone_ready(guest).is_none())
            .filter_map(|guest| guest.user_identity_id.as_ref());
        let read = unknown.map(|id| async move {
            Ok::<_, seam::Error>((id.clone(), is_phone_ready(client, id).await?))
        });
        let read = try_join_all(read).await?;
        read.into_iter()
            .for_each(|(id, ready)| self.know_phone(id, ready));
        Ok(())
    }

    /// Reads the identities of those whom these queries put on record, from the list or one by one.
    pub async fn read_identities(
        &mut self,
        client: &Client,
        new: &[GuestQuery],
    ) -> Result<(), Error> {
        let unknown = new.iter().filter(|query| self.identity_of(query).is_none());
        let unknown: Vec<GuestQuery> = unknown.cloned().collect();
        for (handle, identity) in identities_of(client, &unknown).await? {
            self.know_identity(handle, identity);
        }
        Ok(())
    }

    /// Looks up guests who were not among those of [`Facts::read_many`], each by requests of its own.
    pub async fn find_more(&mut self, client: &Client, more: &[GuestQuery]) -> Result<(), Error> {
        let found = try_join_all(more.iter().map(|query| search_guest(client, query))).await?;
        found.into_iter().for_each(|found| self.know_found(found));
        Ok(())
    }

    /// Reads under which reservations those guests are on record whom these names lead to: users are listed without the
    /// keys of their identities.
    pub async fn read_reservations(
        &mut self,
        client: &Client,
        names: &[GuestQuery],
    ) -> Result<(), Error> {
        let named = names.iter().filter_map(|name| self.guest(name).ok());
        let ids: BTreeSet<String> = named
            .filter_map(|guest| guest.user_identity_id.clone())
            .collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let pages = ids.chunks(AT_ONCE);
        let read = try_join_all(pages.map(|ids| user_identities::list_these(client, ids))).await?;
        for identity in read.into_iter().flat_map(|reply| reply.value) {
            self.know_keys_of(&identity);
        }
        Ok(())
    }

    fn know_keys(&mut self, identities: Vec<(String, UserIdentity)>) {
        for (handle, identity) in identities {
            self.know_keys_of(&identity);
            self.know_identity(handle, identity);
        }
    }

    /// Users are listed without the keys of their identities.
    fn know_keys_of(&mut self, identity: &UserIdentity) {
        for user in &identity.acs_user_ids {
            if let Some(mut guest) = self.guest_on_record(user.as_str()).cloned() {
                guest.aliases.extend(keys_of(identity));
                self.know_guest(guest);
            }
        }
    }
}

/// The identities that these queries lead to by their contacts, with the handle of the query: from the list of
/// all, or one by one where that is too long.
async fn identities_of(
    client: &Client,
    queries: &[GuestQuery],
) -> Result<Vec<(String, UserIdentity)>, Error> {
    if queries.is_empty() {
        return Ok(vec![]);
    }
    let wanted: HashSet<String> = queries.iter().map(GuestQuery::handle).collect();
    let mut found = vec![];
    let read = user_identities::each(client, pages_for(queries.len()), |identity| {
        let own = handles_of_identity(&identity).filter(|handle| wanted.contains(handle));
        found.extend(own.map(|handle| (handle, identity.clone())));
    });
    if read.await? {
        return Ok(found);
    }
    Ok(read_identities(client, queries).await?)
}

/// What the rows of a batch name, each once.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Guests.
    pub guests: Vec<GuestQuery>,
    /// Rooms.
    pub rooms: BTreeSet<RoomName>,
    /// Keys, by id.
    pub keys: Vec<String>,
    /// The guests, as typed.
    named: BTreeSet<String>,
}

impl Asked {
    /// Takes a guest in.
    pub fn guest(&mut self, query: &GuestQuery) {
        if self.named.insert(query.to_string()) {
            self.guests.push(query.clone());
        }
    }

    fn pages(&self) -> usize {
        pages_for(self.guests.len() + self.rooms.len() + self.keys.len())
    }
}

/// How many pages of a list, one after the other, take no longer than asking for so many things by sixteens;
/// a few are always worth it.
fn pages_for(things: usize) -> usize {
    (things / 16).max(4)
}

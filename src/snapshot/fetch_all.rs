//! Reads for many rows: whole lists, page by page, if that is faster than a request for each guest and room.

use std::collections::{BTreeSet, HashSet};

use futures::future::try_join_all;

use crate::hotel::{GuestQuery, GuestRecord, RoomName};
use crate::seam::{
    self, AcsSystemId, AcsUser, Client, UserIdentity, credentials, entrances, user_identities,
    users,
};
use crate::snapshot::convert::{guest, key};
use crate::snapshot::error::Error;
use crate::snapshot::fetch::{doors_of, is_phone_ready};
use crate::snapshot::guests::{
    AT_ONCE, handles_of_identity, keys_of, read_identities, search_guest,
};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::{HotelProfile, System};

impl HotelSnapshot {
    /// Reads what many rows may need. Lists are read page by page as long as that is faster than a request for each
    /// guest and room, because the lists of a hotel that has had many guests are long. Keys that have ended are not
    /// kept: they open nothing, and no new key has the same end.
    pub async fn read_many(
        client: &Client,
        profile: &HotelProfile,
        asked: &Asked,
    ) -> Result<Self, Error> {
        let by_name = profile
            .system
            .as_ref()
            .is_some_and(|system| uuid::Uuid::parse_str(system).is_err());
        // The system may be set by its name, which lists do not accept. If no system is set, the workspace has only
        // one.
        let system = if by_name {
            Some(System::read(client, profile).await?.0.id)
        } else {
            profile.system.clone()
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
            System::read(client, profile),
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
        let mut snapshot = HotelSnapshot::new(system, time, doors);
        let here = snapshot.system.id.clone();
        let mine = |id: Option<&AcsSystemId>| id.is_none_or(|id| id.as_str() == here);
        keys.retain(|(system, _)| mine(system.as_ref()));
        holders.retain(|user: &AcsUser| mine(user.acs_system_id.as_ref()));
        for (_, key) in keys {
            snapshot.keys.insert(key);
        }
        for user in holders {
            snapshot.know_confirmed(guest(user), None);
        }
        snapshot.know_keys(identities);
        if !all_guests {
            snapshot.find_more(client, &asked.guests).await?;
        }
        if !all_keys {
            snapshot.read_each(client, asked).await?;
        }
        snapshot.has_all = all_keys;
        snapshot.read_missing(client).await?;
        snapshot.infer_phones();
        Ok(snapshot)
    }

    /// Reads the keys of each guest, the keys at each room, and each key that a row names.
    async fn read_each(&mut self, client: &Client, asked: &Asked) -> Result<(), Error> {
        let guests: Vec<GuestRecord> = asked
            .guests
            .iter()
            .filter_map(|query| self.guest(query).ok())
            .cloned()
            .collect();
        // A room that does not exist is reported when its row is decided.
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

    /// Marks the guests who have a phone according to their keys. The list of phones does not say whose they are
    /// (vendor's schema), so a batch would need a request for each guest. A key's copy on a phone shows that the guest
    /// has one.
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

    /// Reads the phones of those of these guests whose phones are not yet known.
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

    /// Reads the identities that these queries for new guests find: from the list of all identities, or one by one.
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

    /// Looks up guests whom [`HotelSnapshot::read_many`] did not read, with separate requests for each.
    pub async fn find_more(&mut self, client: &Client, more: &[GuestQuery]) -> Result<(), Error> {
        let found = try_join_all(more.iter().map(|query| search_guest(client, query))).await?;
        found.into_iter().for_each(|found| self.know_found(found));
        Ok(())
    }

    /// Reads the reservation numbers of the guests whom these names find. The API lists users without the keys of
    /// their identities.
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

    /// Adds the keys of an identity to its user, because the API lists users without them.
    fn know_keys_of(&mut self, identity: &UserIdentity) {
        for user in &identity.acs_user_ids {
            if let Some(mut guest) = self.guest_on_record(user.as_str()).cloned() {
                guest.aliases.extend(keys_of(identity));
                self.know_guest(guest);
            }
        }
    }
}

/// Returns the identities that these queries find by contact, each with the handle of its query. They are read from
/// the list of all identities, or one by one if that list is too long.
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

/// The guests, rooms and keys that the rows of a batch name, each once.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The guests.
    pub guests: Vec<GuestQuery>,
    /// The rooms.
    pub rooms: BTreeSet<RoomName>,
    /// The keys, by `acs_credential_id`.
    pub keys: Vec<String>,
    /// The guests as typed, to recognise repetitions.
    named: BTreeSet<String>,
}

impl Asked {
    /// Adds a guest, unless the same query was added before.
    pub fn guest(&mut self, query: &GuestQuery) {
        if self.named.insert(query.to_string()) {
            self.guests.push(query.clone());
        }
    }

    fn pages(&self) -> usize {
        pages_for(self.guests.len() + self.rooms.len() + self.keys.len())
    }
}

/// Returns how many pages of a list can be read, one after the other, in the time in which so many things are
/// requested sixteen at a time. A few pages are always allowed.
fn pages_for(things: usize) -> usize {
    (things / 16).max(4)
}

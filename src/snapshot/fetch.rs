//! Reads what a decision needs, and reads keys back after a change.

use std::collections::BTreeSet;

use futures::future::{join_all, try_join, try_join_all};
use tokio::time::Instant;

use crate::hotel::key::Key;
use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::{Doors, GuestQuery, GuestRecord, RoomName};
use crate::seam::{self, AcsEntrance, AcsUser, Client, credentials, entrances, phones, users};
use crate::snapshot::convert::{door, guest, key};
use crate::snapshot::error::Error;
use crate::snapshot::guests::search_guest;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::{HotelProfile, System};

impl HotelSnapshot {
    /// Reads the system, its doors and these guests, in parallel.
    pub async fn read(
        client: &Client,
        profile: &HotelProfile,
        guests: &[GuestQuery],
    ) -> Result<Self, Error> {
        let ((system, time), doors, found) = futures::try_join!(
            System::read(client, profile),
            async { Ok::<_, Error>(entrances::list(client).await?.value) },
            async {
                let all = guests.iter().map(|guest| search_guest(client, guest));
                Ok(try_join_all(all).await?)
            },
        )?;
        let doors = doors_of(&system, doors);
        let mut snapshot = HotelSnapshot::new(system, time, doors);
        found
            .into_iter()
            .for_each(|found| snapshot.know_found(found));
        Ok(snapshot)
    }

    /// Reads the same as [`Self::read`] and, in parallel, what [`Self::read_keys`] will need, for ids that are already
    /// cached.
    pub(crate) async fn read_ahead(
        client: &Client,
        profile: &HotelProfile,
        guests: &[GuestQuery],
        rooms: &[RoomName],
    ) -> Result<Self, Error> {
        let ids: Vec<&String> = guests
            .iter()
            .filter_map(|query| match query {
                GuestQuery::Id(id) => Some(id),
                _ => None,
            })
            .collect();
        let doors = rooms
            .iter()
            .filter_map(|room| profile.known.door(room.as_str()));
        let identities = ids.iter().filter_map(|id| profile.known.identity(id));
        let (snapshot, own, at, phones) = futures::join!(
            Self::read(client, profile, guests),
            join_all(
                ids.iter()
                    .map(|id| async { (*id, keys_of(client, id, None).await) })
            ),
            join_all(doors.map(|door| async move { (door, keys_at(client, door).await) })),
            join_all(identities.map(|id| async move { (id, is_phone_ready(client, id).await) })),
        );
        let mut snapshot = snapshot?;
        // A request that failed is sent again later if its result is needed.
        let good =
            |(id, read): (&String, Result<Vec<Key>, seam::Error>)| Some((id.clone(), read.ok()?));
        snapshot.prefetched.read_at = Some(Instant::now());
        snapshot.prefetched.of = own.into_iter().filter_map(good).collect();
        snapshot.prefetched.at = at.into_iter().filter_map(good).collect();
        for (id, ready) in phones {
            snapshot
                .prefetched
                .phones
                .extend(ready.ok().map(|ready| (id.clone(), ready)));
        }
        Ok(snapshot)
    }

    /// Reads all keys of these guests, the keys at these doors, and these guests' phones, in parallel.
    pub async fn read_keys(
        &mut self,
        client: &Client,
        guests: &[GuestRecord],
        doors: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let mut known = std::mem::take(&mut self.prefetched);
        let ahead = &known;
        let used_ahead = doors.iter().any(|door| ahead.at.contains_key(door));
        let ahead_at = ahead.read_at.filter(|_| used_ahead);
        let system = self.system.id.as_str();
        let (own, at, phones) = futures::try_join!(
            try_join_all(guests.iter().map(|guest| async move {
                match ahead.of.get(&guest.acs_user_id) {
                    Some(keys) => Ok(keys.clone()),
                    None => keys_of(client, &guest.acs_user_id, Some(system)).await,
                }
            })),
            try_join_all(doors.iter().map(|door| async move {
                match ahead.at.get(door) {
                    Some(keys) => Ok((door, keys.clone())),
                    None => Ok((door, keys_at(client, door).await?)),
                }
            })),
            try_join_all(
                guests
                    .iter()
                    .filter_map(|guest| guest.user_identity_id.as_ref())
                    .map(|id| async move {
                        match ahead.phones.get(id) {
                            Some(ready) => Ok((id.clone(), *ready)),
                            None => Ok((id.clone(), is_phone_ready(client, id).await?)),
                        }
                    })
            ),
        )?;
        // Data that was read ahead for other doors is kept, because a later call may need it.
        doors.iter().for_each(|door| drop(known.at.remove(door)));
        for guest in guests {
            known.of.remove(&guest.acs_user_id);
        }
        self.prefetched = known;
        own.into_iter()
            .flatten()
            .for_each(|found| self.keys.insert(found));
        for (door, list) in at {
            list.into_iter()
                .for_each(|found| self.keys.insert_at(door, found));
        }
        phones
            .into_iter()
            .for_each(|(id, ready)| self.know_phone(id, ready));
        self.read_at = ahead_at.or_else(|| Some(Instant::now()));
        self.read_missing(client).await
    }

    /// Reads all keys of the system, page by page, and the names of all holders.
    pub async fn read_all_keys(&mut self, client: &Client) -> Result<(), Error> {
        let system = Some(self.system.id.clone().into());
        let guests = users::List {
            acs_system_id: system,
            ..users::List::default()
        };
        let (mut keys, mut holders) = (vec![], vec![]);
        let now = self.now();
        futures::try_join!(
            each_key(client, &self.system.id, None, |key| {
                if key.ends_at.is_none_or(|end| end > now) {
                    keys.push(key);
                }
            }),
            users::each(client, &guests, usize::MAX, |user| holders
                .push(guest(user))),
        )?;
        keys.into_iter().for_each(|key| self.keys.insert(key));
        holders
            .into_iter()
            .for_each(|holder| self.know_confirmed(holder, None));
        Ok(())
    }

    /// Reads the multi-phone keys that are known only from a copy on a phone, and the names of all holders.
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
            .filter(|id| self.guest_on_record(id).is_none())
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

    /// Reads the doors of those of these keys whose own list may be incomplete. A card may list none, and a service
    /// may leave out doors that are neither guest rooms nor common doors.
    pub async fn read_doors(&mut self, client: &Client, keys: &[String]) -> Result<(), Error> {
        let unlisted = self.doors.iter().any(|door| !door.category.is_listed());
        let open = keys.iter().filter(|id| {
            let key = self.keys.get(id);
            key.is_some_and(|key| unlisted || key.doors.is_empty())
        });
        let found = try_join_all(open.map(|id| async move {
            let doors = credentials::list_accessible_entrances(client, &id.clone().into()).await?;
            Ok::<_, Error>((id.clone(), doors.value))
        }))
        .await?;
        for (id, doors) in found {
            let Some(mut key) = self.keys.get(&id).cloned() else {
                continue;
            };
            let doors = doors.into_iter().map(|door| door.acs_entrance_id.into());
            key.doors.extend(doors);
            self.keys.insert(key);
        }
        Ok(())
    }

    /// Reads one key and adds it. Returns `false` if the key is gone.
    pub async fn read_one(&mut self, client: &Client, id: &str) -> Result<bool, Error> {
        let found = read_key(client, id).await?;
        let exists = found.is_some();
        found.into_iter().for_each(|key| self.keys.insert(key));
        Ok(exists)
    }
}

pub(crate) fn doors_of(system: &System, all: Vec<AcsEntrance>) -> Doors {
    all.into_iter()
        .map(door)
        .filter(|door| door.system_id == system.id)
        .collect()
}

/// Returns all keys of a guest. Without a system, the keys are of the system that the guest is in, because a user is
/// in exactly one.
pub(crate) async fn keys_of(
    client: &Client,
    acs_user_id: &str,
    system: Option<&str>,
) -> Result<Vec<Key>, seam::Error> {
    let request = credentials::List {
        acs_user_id: Some(acs_user_id.to_owned().into()),
        acs_system_id: system.map(|system| system.to_owned().into()),
        ..credentials::List::default()
    };
    let reply = credentials::list(client, &request).await?;
    Ok(reply.value.into_iter().map(key).collect())
}

/// Returns all keys on record at a door, live or not, so that no key that might be live is overlooked.
pub(crate) async fn keys_at(client: &Client, door: &str) -> Result<Vec<Key>, seam::Error> {
    let door = door.to_owned().into();
    let reply = entrances::list_credentials_with_access(client, &door).await?;
    Ok(reply.value.into_iter().map(key).collect())
}

/// Reads every key of the system, page by page. For `multi_phone` see [`credentials::List`].
pub async fn each_key(
    client: &Client,
    system: &str,
    multi_phone: Option<bool>,
    mut found: impl FnMut(Key),
) -> Result<(), seam::Error> {
    let all = credentials::List {
        acs_system_id: Some(system.to_owned().into()),
        is_multi_phone_sync_credential: multi_phone,
        ..credentials::List::default()
    };
    credentials::each(client, &all, usize::MAX, |credential| {
        found(key(credential));
    })
    .await
    .map(drop)
}

/// Returns whether a user belongs to this system. A server that does not report the system has only one.
pub(crate) fn is_of(system: &System, user: &AcsUser) -> bool {
    user.acs_system_id
        .as_ref()
        .is_none_or(|id| id.as_str() == system.id)
}

/// Signs a guest of a sandbox workspace in to the app.
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

/// How keys are read back after a change.
pub trait KeyReader {
    /// Reads a key in its state at or after `since`. Returns `None` if the key is gone.
    fn key(
        &self,
        id: &str,
        since: Instant,
    ) -> impl Future<Output = Result<Option<Key>, seam::Error>>;

    /// Reads all keys at a door in their state at or after `since`.
    fn room(
        &self,
        door: &str,
        since: Instant,
    ) -> impl Future<Output = Result<Vec<Key>, seam::Error>>;

    /// Reads all keys of a guest, by `acs_user_id`, in their state at or after `since`.
    fn of(
        &self,
        guest: &str,
        since: Instant,
    ) -> impl Future<Output = Result<Vec<Key>, seam::Error>>;

    /// Returns whether many operations share the requests of this reader. If so, requests that are not needed are
    /// avoided.
    fn is_shared(&self) -> bool {
        false
    }

    /// Returns a guard. While it exists, the caller sends no requests and counts as waiting, so that a reading for
    /// other operations can start.
    fn resting(&self) -> impl Sized + '_ {}
}

/// Reads keys one at a time, with `credentials/get`.
#[derive(Debug)]
pub struct OneByOne<'a>(pub &'a Client);

impl KeyReader for OneByOne<'_> {
    async fn key(&self, id: &str, _: Instant) -> Result<Option<Key>, seam::Error> {
        read_key(self.0, id).await
    }

    async fn room(&self, door: &str, _: Instant) -> Result<Vec<Key>, seam::Error> {
        keys_at(self.0, door).await
    }

    async fn of(&self, guest: &str, _: Instant) -> Result<Vec<Key>, seam::Error> {
        keys_of(self.0, guest, None).await
    }
}

/// Reads a key. Returns `None` if it is gone.
pub async fn read_key(client: &Client, id: &str) -> Result<Option<Key>, seam::Error> {
    none_if_gone(
        credentials::get(client, &id.to_owned().into())
            .await
            .map(|reply| key(reply.value)),
    )
}

/// Reads in parallel the keys that a person named by id. A key that is gone is left out. An id in a form that no key
/// has is refused.
pub(crate) async fn read_named(client: &Client, ids: &[String]) -> Result<Vec<Key>, Error> {
    let read = ids.iter().map(|id| async move {
        match credentials::get(client, &id.clone().into()).await {
            Ok(reply) => Ok(Some(key(reply.value))),
            Err(error) if error.is_malformed_id() => Err(Error::from(Refusal::Key {
                asked: id.clone(),
                found: Found::None,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    });
    let found = try_join_all(read).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn read_guest(client: &Client, id: &str) -> Result<Option<GuestRecord>, seam::Error> {
    none_if_gone(
        users::get(client, &id.to_owned().into())
            .await
            .map(|reply| guest(reply.value)),
    )
}

/// Returns whether a guest's phone can receive a mobile key: one phone has an active endpoint (vendor's guide).
pub async fn is_phone_ready(client: &Client, user_identity_id: &str) -> Result<bool, seam::Error> {
    let phones = phones::list(client, Some(&user_identity_id.to_owned().into()))
        .await?
        .value;
    Ok(phones.iter().any(phones::Phone::has_active_endpoint))
}

/// Converts a 404, or a 400 for an id of the wrong form, into `None`.
pub(crate) fn none_if_gone<T>(answer: Result<T, seam::Error>) -> Result<Option<T>, seam::Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

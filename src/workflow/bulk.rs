//! Reading for many rows: whole lists, page by page, where asking for each guest and room would take more calls.

use std::collections::BTreeSet;

use futures::future::try_join_all;

use super::error::Error;
use super::facts::Facts;
use super::from_wire::{guest, key};
use super::property::{Property, System};
use super::read::{doors_of, is_phone_ready, read_identities};
use crate::seam::{
    self, AcsSystemId, AcsUser, Client, credentials, entrances, user_identities, users,
};
use crate::stay::GuestRecord;

impl Facts {
    /// Reads everything page by page: for a batch, where asking for each guest and room would take more
    /// calls. Of keys whose time is over nothing is kept: they open nothing and no new key ends like them.
    pub async fn read_all(client: &Client, property: &Property) -> Result<Self, Error> {
        // One system is set by its id, or there is only one: then all lists are read side by side.
        let system = property.system.clone();
        let (mut keys, mut holders) = (vec![], vec![]);
        let now = property.now;
        let ((system, time), doors, (), ()) = futures::try_join!(
            System::read(client, property),
            async { Ok::<_, Error>(entrances::list(client).await?.value) },
            async {
                let all = credentials::List {
                    acs_system_id: system.clone().map(Into::into),
                    ..credentials::List::default()
                };
                let read = credentials::each(client, &all, |credential| {
                    let system = credential.acs_system_id.clone();
                    let key = key(credential);
                    if key.ends_at.is_none_or(|end| end > now) {
                        keys.push((system, key));
                    }
                });
                Ok(by_name(read.await)?)
            },
            async {
                let all = users::List {
                    acs_system_id: system.clone().map(Into::into),
                    ..users::List::default()
                };
                let read = users::each(client, &all, |user| holders.push(user));
                Ok(by_name(read.await)?)
            },
        )?;
        let doors = doors_of(&system, doors);
        let mut facts = Facts::new(system, time, doors);
        if property
            .system
            .as_ref()
            .is_some_and(|named| *named != facts.system.id)
        {
            facts.read_all_keys(client).await?;
        }
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
        facts.read_missing(client).await?;
        facts.infer_phones();
        Ok(facts)
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

    /// Reads the identities of guests who are to be put on record: one by one where they are few, else all
    /// that the workspace has.
    pub async fn read_identities(
        &mut self,
        client: &Client,
        emails: &BTreeSet<&str>,
    ) -> Result<(), Error> {
        const FEW: usize = 16;
        if emails.len() <= FEW {
            let emails: Vec<&str> = emails.iter().copied().collect();
            for (email, id) in read_identities(client, &emails).await? {
                self.know_identity(email, id);
            }
            return Ok(());
        }
        user_identities::each(client, None, |identity| {
            if let Some(email) = identity.email_address {
                let known = email.to_lowercase();
                if emails.contains(known.as_str()) {
                    self.know_identity(known, identity.user_identity_id.into());
                }
            }
        })
        .await?;
        Ok(())
    }
}

/// A system may be set by its name, which these lists do not take: they are read again once its id is known.
fn by_name(read: Result<(), seam::Error>) -> Result<(), seam::Error> {
    match read {
        Err(error) if error.is_not_found() || error.names_field("acs_system_id") => Ok(()),
        read => read,
    }
}

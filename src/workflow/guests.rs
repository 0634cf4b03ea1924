//! Guests of a command: looked up, and put on record.
//!
//! What makes the creation of a guest safe to repeat is that the API keeps e-mail addresses, phone numbers and
//! keys of identities unique in a workspace, and every guest is put on record under one of them (a guest who
//! shares the address of another has a key of their own, see [`Contact::identity_key`]). Where an answer is
//! lost, the identity with that contact is read: it is the one that was asked for, and never a second one.

use futures::future::try_join_all;

use super::facts::Facts;
use super::from_wire::guest;
use super::perform::Performed;
use super::plan::NewGuest;
use super::read::{is_of, none_if_gone};
use super::record::Made;
use crate::seam::user_identities::UserIdentity;
use crate::seam::{self, AcsUser, Client, Sent, user_identities, users};
use crate::stay::{Contact, GuestQuery};

/// What a look-up of one guest found, in all access systems of the workspace.
#[derive(Debug, Default)]
pub(super) struct FoundGuest {
    /// Users that may be meant: searches match parts, the choice is made from what they find.
    users: Vec<AcsUser>,
    /// The request id of the answer, where the user was got by id, which confirms the user.
    confirmed: Option<Option<String>>,
    /// The handle of the query and the identity that it leads to, where that was read.
    identity: Option<(String, UserIdentity)>,
}

impl Facts {
    /// Takes in what a look-up found in this system.
    pub(super) fn know_found(&mut self, found: FoundGuest) {
        for user in found.users {
            if !is_of(&self.system, &user) {
                continue;
            }
            let mut record = guest(user);
            if let Some((_, identity)) = &found.identity {
                record.aliases.extend(keys_of(identity));
            }
            match &found.confirmed {
                Some(request_id) => self.know_confirmed(record, request_id.clone()),
                None => self.know_guest(record),
            }
        }
        if let Some((handle, identity)) = found.identity {
            self.know_identity(handle, identity.user_identity_id.into());
        }
    }
}

/// The keys that lead to an identity: its own and those of identities merged into it.
pub(super) fn keys_of(identity: &UserIdentity) -> impl Iterator<Item = Contact> {
    let own = identity.user_identity_key.iter();
    let merged = identity.merged_user_identity_keys.iter();
    own.chain(merged).cloned().map(Contact::Reservation)
}

/// Looks a guest up. The requests for one form of query leave side by side; only a user who is known by the
/// key of an identity takes a second one, since the first tells the identity.
pub(super) async fn search_guest(
    client: &Client,
    query: &GuestQuery,
) -> Result<FoundGuest, seam::Error> {
    let search = |text: &str| users::List {
        search: Some(text.to_owned()),
        ..users::List::default()
    };
    let lists = match query {
        GuestQuery::Id(id) => {
            let found = none_if_gone(users::get(client, &id.clone().into()).await)?;
            return Ok(found.map_or_else(FoundGuest::default, |reply| FoundGuest {
                users: vec![reply.value],
                confirmed: Some(reply.request_id),
                identity: None,
            }));
        }
        GuestQuery::Name(name) => vec![search(name)],
        GuestQuery::Email(email)
        | GuestQuery::New {
            contact: Contact::Email(email),
            ..
        } => by_email(email),
        GuestQuery::Phone(phone)
        | GuestQuery::New {
            contact: Contact::Phone(phone),
            ..
        } => vec![
            search(phone),
            users::List {
                user_identity_phone_number: Some(phone.clone()),
                ..users::List::default()
            },
        ],
        GuestQuery::Reservation(key) => return by_key(client, query, key).await,
        GuestQuery::New { name, contact } => {
            let key = contact.identity_key(name).unwrap_or_default();
            return by_key(client, query, &key).await;
        }
    };
    let found = try_join_all(lists.iter().map(|list| users::list(client, list))).await?;
    let mut users: Vec<AcsUser> = vec![];
    for user in found.into_iter().flat_map(|reply| reply.value) {
        if !users.iter().any(|u| u.acs_user_id == user.acs_user_id) {
            users.push(user);
        }
    }
    Ok(FoundGuest {
        users,
        ..FoundGuest::default()
    })
}

/// The lists that have the guest with an e-mail address: it is the user's or the identity's, and `search` does
/// not match the identity's. Whether case counts in that filter is not documented, so the usual form in lower
/// case is asked for as well.
fn by_email(email: &str) -> Vec<users::List> {
    let mut lists = vec![users::List {
        search: Some(email.to_owned()),
        ..users::List::default()
    }];
    let lower = email.to_lowercase();
    let spellings = (lower != email).then(|| lower.clone());
    lists.extend(
        spellings
            .into_iter()
            .chain([email.to_owned()])
            .map(|email| users::List {
                user_identity_email_address: Some(email),
                ..users::List::default()
            }),
    );
    lists
}

async fn by_key(client: &Client, query: &GuestQuery, key: &str) -> Result<FoundGuest, seam::Error> {
    let Some(mut identity) = identity_by_key(client, key).await? else {
        return Ok(FoundGuest::default());
    };
    let of_identity = users::List {
        user_identity_id: Some(identity.user_identity_id.clone()),
        ..users::List::default()
    };
    let users = users::list(client, &of_identity).await?.value;
    // What was asked for leads to the identity, whatever the answer calls it.
    identity.merged_user_identity_keys.push(key.to_owned());
    Ok(FoundGuest {
        users,
        confirmed: None,
        identity: Some((query.handle(), identity)),
    })
}

async fn identity_by_key(client: &Client, key: &str) -> Result<Option<UserIdentity>, seam::Error> {
    none_if_gone(
        user_identities::get_by_key(client, key)
            .await
            .map(|reply| reply.value),
    )
}

/// The identity that the contact of this person belongs to in the workspace.
async fn find_identity(client: &Client, query: &GuestQuery) -> Result<Option<String>, seam::Error> {
    let GuestQuery::New { name, contact } = query else {
        return Ok(None);
    };
    let identity = match contact {
        Contact::Email(text) | Contact::Phone(text) => {
            let list = user_identities::list(client, Some(text)).await?.value;
            list.into_iter()
                .find(|found| handles_of_identity(found).any(|handle| handle == query.handle()))
        }
        Contact::Reservation(_) | Contact::Shares(_) => {
            let key = contact.identity_key(name).unwrap_or_default();
            identity_by_key(client, &key).await?
        }
    };
    Ok(identity.map(|identity| identity.user_identity_id.into()))
}

/// The handles of all queries that lead to an identity by its contacts.
pub(super) fn handles_of_identity(identity: &UserIdentity) -> impl Iterator<Item = String> {
    let email = identity.email_address.clone().map(GuestQuery::Email);
    let phone = identity.phone_number.clone().map(GuestQuery::Phone);
    let keys = keys_of(identity).map(GuestQuery::of);
    email
        .into_iter()
        .chain(phone)
        .chain(keys)
        .map(|query| query.handle())
}

/// The identities of those whom these queries would put on record, side by side: handle of the query and
/// `user_identity_id` of each found.
pub(super) async fn read_identities(
    client: &Client,
    new: &[GuestQuery],
) -> Result<Vec<(String, String)>, seam::Error> {
    let found = try_join_all(new.iter().map(|query| async move {
        let identity = find_identity(client, query).await?;
        Ok::<_, seam::Error>(identity.map(|id| (query.handle(), id)))
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Puts a guest on record. `resumed`: an earlier request may have done it.
pub(super) async fn create_guest(
    client: &Client,
    guest: &NewGuest,
    resumed: bool,
) -> Result<Performed, seam::Error> {
    if resumed && let Some(found) = find_guest(client, guest).await? {
        return Ok(found);
    }
    let sent = if let Some(identity) = &guest.user_identity {
        let request = users::Create {
            acs_system_id: guest.system.clone().into(),
            full_name: guest.full_name.clone(),
            user_identity_id: Some(identity.clone().into()),
        };
        users::create(client, &request)
            .await
            .map(|reply| (Some(reply.value.acs_user_id.into()), None, reply.request_id))
    } else {
        let (email, phone) = match &guest.contact {
            Contact::Email(email) => (Some(email.clone()), None),
            Contact::Phone(phone) => (None, Some(phone.clone())),
            Contact::Reservation(_) | Contact::Shares(_) => (None, None),
        };
        let request = user_identities::Create {
            full_name: Some(guest.full_name.clone()),
            email_address: email,
            phone_number: phone,
            user_identity_key: guest.contact.identity_key(&guest.full_name),
            acs_system_ids: vec![guest.system.clone().into()],
        };
        user_identities::create(client, &request)
            .await
            .map(|reply| {
                let user = reply.value.acs_user_ids.first().map(ToString::to_string);
                (
                    user,
                    Some(reply.value.user_identity_id.into()),
                    reply.request_id,
                )
            })
    };
    match sent {
        Ok((Some(user), identity, request_id)) => Ok(Performed {
            made: Made {
                acs_user_id: Some(user),
                user_identity_id: identity,
                ..Made::default()
            },
            ..Performed::answered(request_id)
        }),
        // The answer was lost, names no user, or says that the contact is taken: look who has it now.
        Ok((None, ..)) => find_guest(client, guest)
            .await?
            .ok_or_else(|| seam::Error::missing("acs_user_ids", user_identities::CREATE.path)),
        Err(error) if error.sent() == Sent::Maybe || error.status() == Some(409) => {
            match find_guest(client, guest).await {
                Ok(Some(found)) => Ok(found),
                _ => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// The guest on record in this system with this contact.
async fn find_guest(client: &Client, guest: &NewGuest) -> Result<Option<Performed>, seam::Error> {
    let identity = match &guest.user_identity {
        Some(id) => Some(id.clone()),
        None => find_identity(client, &guest.query()).await?,
    };
    let Some(identity) = identity else {
        return Ok(None);
    };
    let request = users::List {
        acs_system_id: Some(guest.system.clone().into()),
        user_identity_id: Some(identity.clone().into()),
        ..users::List::default()
    };
    let reply = users::list(client, &request).await?;
    let Some(user) = reply.value.into_iter().next() else {
        return Ok(None);
    };
    let made = Made {
        acs_user_id: Some(user.acs_user_id.into()),
        user_identity_id: Some(identity),
        ..Made::default()
    };
    Ok(Some(Performed {
        made,
        ..Performed::answered(reply.request_id)
    }))
}

//! Looks up the guests of a command and puts new guests on record.
//!
//! Putting a guest on record is safe to repeat, because the API keeps e-mail addresses, phone numbers and keys of
//! identities unique in a workspace, and every guest is put on record under one of them. (A guest who shares the
//! address of another guest has their own key; see [`Contact::identity_key`].) If an answer is lost, the identity with
//! that contact is read. It is the guest that was asked for, and there is never a second one.

use std::collections::{HashMap, HashSet};

use futures::future::try_join_all;

use crate::hotel::name::usual;
use crate::hotel::readiness::readiness;
use crate::hotel::refusal::Refusal;
use crate::hotel::text::encodings;
use crate::hotel::{Contact, GuestQuery, GuestRecord};
use crate::seam::user_identities::UserIdentity;
use crate::seam::{self, AcsUser, Client, user_identities, users};
use crate::snapshot::convert::guest as record;
use crate::snapshot::error::Error;
use crate::snapshot::fetch::{is_of, is_phone_ready, none_if_gone};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::{HotelProfile, System};

/// The result of looking up one guest, in all access systems of the workspace.
#[derive(Debug, Default)]
pub(crate) struct FoundGuest {
    /// The users that may match. Searches match parts of names, so the right user is chosen from them later.
    users: Vec<AcsUser>,
    /// Whether the user was read by id, which means that the access system has confirmed the guest.
    is_confirmed: bool,
    /// The request id of the answer that confirmed the guest.
    request_id: Option<String>,
    /// The handle of the query and the identity that it finds, if the identity was read.
    identity: Option<(String, UserIdentity)>,
}

impl HotelSnapshot {
    /// Adds the result of a look-up to the facts of this system.
    pub(crate) fn know_found(&mut self, found: FoundGuest) {
        for user in found.users {
            if !is_of(&self.system, &user) {
                continue;
            }
            let mut record = record(user);
            if let Some((_, identity)) = &found.identity {
                record.aliases.extend(keys_of(identity));
            }
            if found.is_confirmed {
                self.know_confirmed(record, found.request_id.clone());
            } else {
                self.know_guest(record);
            }
        }
        if let Some((handle, identity)) = found.identity {
            self.know_identity(handle, identity);
        }
    }
}

/// Returns the keys that lead to an identity: its own and those of identities that were merged into it.
pub(crate) fn keys_of(identity: &UserIdentity) -> impl Iterator<Item = Contact> {
    let own = identity.user_identity_key.iter();
    let merged = identity.merged_user_identity_keys.iter();
    own.chain(merged).cloned().map(Contact::Reservation)
}

/// Returns the guests of the hotel's system whose name, e-mail address or phone number contains this text, or all
/// guests if there is no text. A text that [`GuestQuery`] reads as a contact or an id is looked up as such. The flag
/// of each guest says whether a phone is ready to receive a mobile key.
pub async fn search(
    client: &Client,
    profile: &HotelProfile,
    text: Option<&str>,
) -> Result<Vec<(GuestRecord, bool)>, Error> {
    let query = text.and_then(|text| text.parse::<GuestQuery>().ok());
    let query = query.filter(|query| !matches!(query, GuestQuery::Name(_)));
    let ((system, _), users) = futures::try_join!(System::read(client, profile), async {
        if let Some(query) = &query {
            return Ok::<_, Error>(search_guest(client, query).await?.users);
        }
        let texts = text.map_or_else(
            || vec![None],
            |text| encodings(text).into_iter().map(Some).collect(),
        );
        let lists = texts.into_iter().map(|search| users::List {
            search,
            ..users::List::default()
        });
        Ok(each_once(client, &lists.collect::<Vec<_>>()).await?)
    })?;
    let here = users.into_iter().filter(|user| is_of(&system, user));
    let guests: Vec<GuestRecord> = here.map(record).collect();
    let identities = guests
        .iter()
        .filter_map(|guest| guest.user_identity_id.clone());
    let identities: Vec<String> = identities.collect();
    let (phones, found) = futures::try_join!(
        try_join_all(guests.iter().map(|guest| async move {
            match &guest.user_identity_id {
                Some(identity) => is_phone_ready(client, identity).await,
                None => Ok(false),
            }
        })),
        try_join_all(
            identities
                .chunks(AT_ONCE)
                .map(|ids| user_identities::list_these(client, ids))
        )
    )?;
    let mut keys: HashMap<String, Vec<Contact>> = HashMap::new();
    for identity in found.into_iter().flat_map(|reply| reply.value) {
        let own = keys_of(&identity).collect();
        keys.insert(identity.user_identity_id.into(), own);
    }
    let with_keys = |mut guest: GuestRecord| {
        let identity = guest.user_identity_id.as_ref();
        let own = identity.and_then(|identity| keys.get(identity));
        guest.aliases.extend(own.into_iter().flatten().cloned());
        guest
    };
    Ok(guests.into_iter().map(with_keys).zip(phones).collect())
}

/// Returns why the access system cannot give the guest a mobile key, according to the guest's record, or `None` if it
/// can.
pub fn obstacle(guest: &GuestRecord) -> Option<String> {
    match readiness(guest) {
        Err(Refusal::GuestNotReady { why, .. }) => Some(why),
        _ => None,
    }
}

/// How many identities one request asks for.
pub(crate) const AT_ONCE: usize = 100;

/// Looks a guest up. The requests for one form of query are sent in parallel. Only a query by the key of an identity
/// needs a second round, because the first one finds the identity.
pub(crate) async fn search_guest(
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
                is_confirmed: true,
                request_id: reply.request_id,
                identity: None,
            }));
        }
        // A search compares characters, and the accents of a name on record may be encoded in either way.
        GuestQuery::Name(name) => encodings(&usual(name))
            .iter()
            .map(|name| search(name))
            .collect(),
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
    Ok(FoundGuest {
        users: each_once(client, &lists).await?,
        ..FoundGuest::default()
    })
}

/// Returns the users of these lists, each once.
async fn each_once(client: &Client, lists: &[users::List]) -> Result<Vec<AcsUser>, seam::Error> {
    let found = try_join_all(lists.iter().map(|list| users::list(client, list))).await?;
    let users = found.into_iter().flat_map(|reply| reply.value);
    let mut seen = HashSet::new();
    Ok(users
        .filter(|user| seen.insert(user.acs_user_id.clone()))
        .collect())
}

/// Returns the lists that contain the guest with an e-mail address. The address may belong to the user or to the
/// identity, and `search` does not match the identity's address. It is not documented whether the filter is
/// case-sensitive, so the lower-case form is requested as well.
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
    // The key that was asked for leads to the identity, even if the answer does not contain it.
    identity.merged_user_identity_keys.push(key.to_owned());
    Ok(FoundGuest {
        users,
        identity: Some((query.handle(), identity)),
        ..FoundGuest::default()
    })
}

async fn identity_by_key(client: &Client, key: &str) -> Result<Option<UserIdentity>, seam::Error> {
    none_if_gone(
        user_identities::get_by_key(client, key)
            .await
            .map(|reply| reply.value),
    )
}

/// Finds the identity in the workspace that has the contact of this query.
pub(crate) async fn find_identity(
    client: &Client,
    query: &GuestQuery,
) -> Result<Option<UserIdentity>, seam::Error> {
    let name = match query {
        GuestQuery::New { name, .. } => name,
        _ => "",
    };
    let Some(contact) = query.contact() else {
        return Ok(None);
    };
    match &contact {
        Contact::Email(text) | Contact::Phone(text) => {
            let list = user_identities::list(client, Some(text)).await?.value;
            let mut list = list.into_iter();
            let wanted = query.handle();
            Ok(list.find(|found| handles_of_identity(found).any(|handle| handle == wanted)))
        }
        Contact::Reservation(_) | Contact::Shares(_) => {
            let key = contact.identity_key(name).unwrap_or_default();
            identity_by_key(client, &key).await
        }
    }
}

/// Returns the handles of all queries that find an identity by its contacts.
pub(crate) fn handles_of_identity(identity: &UserIdentity) -> impl Iterator<Item = String> {
    let email = identity.email_address.clone().map(GuestQuery::Email);
    let phone = identity.phone_number.clone().map(GuestQuery::Phone);
    let keys = keys_of(identity).map(GuestQuery::of);
    email
        .into_iter()
        .chain(phone)
        .chain(keys)
        .map(|query| query.handle())
}

/// Finds in parallel the identities that have the contacts of these queries. Returns the handle of the query and the
/// identity for each one found.
pub(crate) async fn read_identities(
    client: &Client,
    new: &[GuestQuery],
) -> Result<Vec<(String, UserIdentity)>, seam::Error> {
    let found = try_join_all(new.iter().map(|query| async move {
        let identity = find_identity(client, query).await?;
        Ok::<_, seam::Error>(identity.map(|identity| (query.handle(), identity)))
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
}

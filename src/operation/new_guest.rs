//! Puts a guest on record.
//!
//! This is safe to repeat, because the API keeps e-mail addresses, phone numbers and keys of identities unique in a
//! workspace, and every guest is put on record under one of them. (A guest who shares the address of another guest has
//! their own key; see [`Contact::identity_key`].) If an answer is lost, the identity with that contact is read. It is
//! the guest that was asked for, and there is never a second one.

use super::plan::NewGuest;
use super::step::Performed;
use crate::hotel::{Contact, same_name};
use crate::journal::Made;
use crate::seam::{self, AcsUser, Client, Sent, user_identities, users};
use crate::snapshot::convert::guest as record;
use crate::snapshot::guests::find_identity;

/// Puts a guest on record: with `users/create` if the identity exists, otherwise with `user_identities/create`.
/// `resumed` says that an earlier request may already have done it.
///
/// If the answer is lost, contains no user, or reports that the contact is taken, the identity with that contact is
/// read. A user of this system is the guest. For an identity without a user in this system, the user is created.
pub(crate) async fn create_guest(
    client: &Client,
    guest: &NewGuest,
    resumed: bool,
) -> Result<Performed, seam::Error> {
    let mut identity = guest.user_identity.clone();
    if resumed {
        match find_guest(client, guest, identity.as_deref()).await? {
            OnRecord::User(found) => return Ok(*found),
            OnRecord::IdentityOnly(id) => identity = Some(id),
            OnRecord::Other(name) => {
                return Err(seam::Error::setup(format!(
                    "{} belongs to {name} now, not to {}",
                    guest.contact, guest.full_name
                )));
            }
            OnRecord::Nobody => {}
        }
    }
    if identity.is_none() {
        match create_identity(client, guest).await {
            Ok((Some(found), _)) => return Ok(found),
            Ok((None, id)) => identity = Some(id),
            Err(error) if is_maybe_done(&error) => match find_guest(client, guest, None).await {
                Ok(OnRecord::User(found)) => return Ok(*found),
                Ok(OnRecord::IdentityOnly(id)) => identity = Some(id),
                Ok(OnRecord::Nobody | OnRecord::Other(_)) | Err(_) => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
    let id = identity.unwrap_or_default();
    let request = users::Create {
        acs_system_id: guest.system.clone().into(),
        full_name: guest.full_name.clone(),
        user_identity_id: Some(id.clone().into()),
    };
    match users::create(client, &request).await {
        Ok(reply) => Ok(made(reply.value, id, reply.request_id)),
        Err(error) if is_maybe_done(&error) => match find_guest(client, guest, Some(&id)).await {
            Ok(OnRecord::User(found)) => Ok(*found),
            _ => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Returns whether the guest may be on record although the request failed.
fn is_maybe_done(error: &seam::Error) -> bool {
    error.sent() == Sent::Maybe || error.status() == Some(409)
}

fn made(user: AcsUser, identity: String, request_id: Option<String>) -> Performed {
    let made = Made {
        acs_user_id: Some(user.acs_user_id.into()),
        user_identity_id: Some(identity),
        ..Made::default()
    };
    Performed {
        made,
        ..Performed::answered(request_id)
    }
}

/// Calls `user_identities/create` with a user in the system. Returns the user, if the answer contains one, and the id
/// of the identity.
async fn create_identity(
    client: &Client,
    guest: &NewGuest,
) -> Result<(Option<Performed>, String), seam::Error> {
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
    let reply = user_identities::create(client, &request).await?;
    let id: String = reply.value.user_identity_id.into();
    let user = reply.value.acs_user_ids.first();
    let found = user.map(|user| Performed {
        made: Made {
            acs_user_id: Some(user.to_string()),
            user_identity_id: Some(id.clone()),
            ..Made::default()
        },
        ..Performed::answered(reply.request_id)
    });
    Ok((found, id))
}

/// What is on record for a guest who was to be put on record.
enum OnRecord {
    /// The guest is a user of this system.
    User(Box<Performed>),
    /// The identity with this id exists, without a user in this system.
    IdentityOnly(String),
    /// Another person, with this name, has the contact.
    Other(String),
    /// Nobody has the contact.
    Nobody,
}

/// Reads what is on record with the guest's contact. `identity` is the id of the guest's identity, if it is known.
async fn find_guest(
    client: &Client,
    guest: &NewGuest,
    identity: Option<&str>,
) -> Result<OnRecord, seam::Error> {
    let identity = match identity {
        Some(id) => Some(id.to_owned()),
        None => find_identity(client, &guest.query())
            .await?
            .map(|identity| identity.user_identity_id.into()),
    };
    let Some(identity) = identity else {
        return Ok(OnRecord::Nobody);
    };
    let request = users::List {
        acs_system_id: Some(guest.system.clone().into()),
        user_identity_id: Some(identity.clone().into()),
        ..users::List::default()
    };
    let reply = users::list(client, &request).await?;
    Ok(match reply.value.into_iter().next() {
        Some(user) => {
            let name = record(user.clone()).name;
            if name.is_empty() || same_name(&name, &guest.full_name) {
                OnRecord::User(Box::new(made(user, identity, reply.request_id)))
            } else {
                OnRecord::Other(name)
            }
        }
        None => OnRecord::IdentityOnly(identity),
    })
}

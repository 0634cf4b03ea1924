//! The user who gets a new credential.

use super::systems::is_manager;
use super::user_identities::{Match, match_or_new};
use super::{Params, Refusal};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::User;
use crate::sandbox::id::Id;

/// The user who gets a new credential.
pub(super) enum Holder {
    There(Id),
    /// A user with the e-mail address or phone number of the identity, who gets linked with it.
    Linked {
        user: Id,
        identity: Id,
    },
    /// A new user, because the identity has none in the system yet.
    New(User),
}

impl Holder {
    pub(super) fn is_ready(&self, hotel: &Hotel) -> bool {
        let identity = match self {
            Self::There(user) => hotel.users.get(*user).and_then(|user| user.identity),
            Self::Linked { identity, .. } => Some(*identity),
            Self::New(user) => user.identity,
        };
        identity.is_some_and(|identity| hotel.phones_of(identity).any(|phone| phone.active))
    }

    pub(super) fn settle(self, hotel: &mut Hotel) -> Id {
        match self {
            Self::There(user) => user,
            Self::Linked { user, identity } => {
                hotel.change_user(user, |user| user.identity = Some(identity));
                user
            }
            Self::New(user) => {
                let id = user.id;
                hotel.add_user(&user);
                id
            }
        }
    }
}

pub(super) fn holder(hotel: &Hotel, params: &Params) -> Result<Holder, Refusal> {
    if let Some(id) = params.id("acs_user_id") {
        let user = hotel
            .users
            .get(id)
            .ok_or_else(|| Refusal::missing("acs_user", id))?;
        return Ok(Holder::There(user.id));
    }
    let (Some(id), Some(system)) = (params.id("user_identity_id"), params.id("acs_system_id"))
    else {
        return Err(Refusal::invalid(
            "Must provide acs_user_id, or user_identity_id and acs_system_id",
        ));
    };
    is_manager(hotel, system)?;
    if hotel.identities.get(id).is_none() {
        return Err(Refusal::missing("user_identity", id));
    }
    Ok(of_identity(hotel, id, system))
}

fn of_identity(hotel: &Hotel, id: Id, system: Id) -> Holder {
    if let Some(user) = hotel.user_in(id, system) {
        return Holder::There(user.id);
    }
    match match_or_new(hotel, id, system) {
        Match::User(user) => Holder::Linked { user, identity: id },
        Match::New(user) => Holder::New(user),
    }
}

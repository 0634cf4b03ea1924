//! The endpoints under `/user_identities/`.

use std::collections::BTreeSet;

use crate::sandbox::id::Id;
use serde_json::json;

use super::page::Page;
use super::systems::is_manager;
use super::{
    Answer, Call, DELETE, Kind, ONE_IDENTITY, PATCH, POST, PUT, Params, READ, Refusal, Route, done,
    holds, holds_id, is_contact, opt, req,
};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::index::{email_handle, key_handle, phone_handle};
use crate::sandbox::hotel::records::{Identity, User};
use crate::sandbox::schema::nul;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/user_identities/create",
        methods: POST,
        fields: &[
            nul("user_identity_key", Kind::Text(1)),
            nul("email_address", Kind::Email),
            nul("phone_number", Kind::Phone),
            nul("full_name", Kind::Text(1)),
            opt("acs_system_ids", Kind::List(&Kind::Uuid)),
        ],
        handler: create,
    },
    Route {
        path: "/user_identities/get",
        methods: READ,
        fields: &[
            opt("user_identity_id", Kind::Uuid),
            opt("user_identity_key", Kind::Text(1)),
        ],
        handler: |hotel, call| {
            let identity = match (
                call.params.id("user_identity_id"),
                call.params.text("user_identity_key"),
            ) {
                (Some(id), None) => find(hotel, id)?,
                (None, Some(key)) => by_key(hotel, key).ok_or_else(|| {
                    Refusal::new(
                        axum::http::StatusCode::NOT_FOUND,
                        "user_identity_not_found",
                        "No user_identity with this key",
                    )
                })?,
                _ => {
                    return Err(Refusal::invalid(
                        "Must provide exactly one of user_identity_id and user_identity_key",
                    ));
                }
            };
            Ok(json!({ "user_identity": hotel.wire_identity(identity) }).into())
        },
    },
    Route {
        path: "/user_identities/list",
        methods: READ,
        fields: &[
            opt("search", Kind::Text(1)),
            opt("user_identity_ids", Kind::List(&Kind::Uuid)),
            opt("credential_manager_acs_system_id", Kind::Uuid),
            opt("created_before", Kind::DateTime),
            opt("limit", Kind::Count),
            nul("page_cursor", Kind::Text(0)),
        ],
        handler: |hotel, call| list(hotel, call),
    },
    Route {
        path: "/user_identities/update",
        methods: PATCH,
        fields: &[
            req("user_identity_id", Kind::Uuid),
            nul("user_identity_key", Kind::Text(1)),
            nul("email_address", Kind::Email),
            nul("phone_number", Kind::Phone),
            nul("full_name", Kind::Text(1)),
        ],
        handler: update,
    },
    Route {
        path: "/user_identities/delete",
        methods: DELETE,
        fields: ONE_IDENTITY,
        handler: |hotel, call| {
            let id = find(hotel, call.params.need_id("user_identity_id")?)?.id;
            hotel.remove_identity(id);
            Ok(done())
        },
    },
    Route {
        path: "/user_identities/add_acs_user",
        methods: PUT,
        fields: &[
            req("acs_user_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
            opt("user_identity_key", Kind::Text(1)),
        ],
        handler: add_acs_user,
    },
    Route {
        path: "/user_identities/remove_acs_user",
        methods: DELETE,
        fields: &[
            req("user_identity_id", Kind::Uuid),
            req("acs_user_id", Kind::Uuid),
        ],
        handler: |hotel, call| {
            let identity = find(hotel, call.params.need_id("user_identity_id")?)?.id;
            let user = call.params.need_id("acs_user_id")?;
            if hotel.users.get(user).and_then(|user| user.identity) != Some(identity) {
                return Err(Refusal::missing("acs_user", user));
            }
            hotel.change_user(user, |user| user.identity = None);
            Ok(done())
        },
    },
    Route {
        path: "/user_identities/list_acs_users",
        methods: READ,
        fields: ONE_IDENTITY,
        handler: |hotel, call| {
            let identity = find(hotel, call.params.need_id("user_identity_id")?)?;
            let users = hotel
                .users_of(identity.id)
                .map(|user| hotel.wire_user(user));
            Ok(json!({ "acs_users": users.collect::<Vec<_>>() }).into())
        },
    },
];

pub(super) fn find(hotel: &Hotel, id: Id) -> Result<&Identity, Refusal> {
    hotel
        .identities
        .get(id)
        .ok_or_else(|| Refusal::missing("user_identity", id))
}

fn by_key<'a>(hotel: &'a Hotel, key: &str) -> Option<&'a Identity> {
    hotel
        .identities
        .get(*hotel.index.identity_by_contact.get(&key_handle(key))?)
}

/// Checks that no other identity has the same key, e-mail address or phone number.
fn check_unique(hotel: &Hotel, params: &Params, own: Option<Id>) -> Result<(), Refusal> {
    let handles = [
        (
            "email_address",
            params.text("email_address").map(email_handle),
            "user_identity_email_in_use",
        ),
        (
            "phone_number",
            params.text("phone_number").map(phone_handle),
            "user_identity_phone_number_in_use",
        ),
        (
            "user_identity_key",
            params.text("user_identity_key").map(key_handle),
            "user_identity_key_in_use",
        ),
    ];
    for (name, handle, kind) in handles {
        let holder =
            handle.and_then(|handle| hotel.index.identity_by_contact.get(&handle).copied());
        if holder.is_some() && holder != own {
            return Err(Refusal::conflict(
                kind,
                format!("Another user identity has this {name} already"),
            ));
        }
    }
    Ok(())
}

fn create(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let systems: BTreeSet<Id> = params
        .ids("acs_system_ids")
        .unwrap_or_default()
        .into_iter()
        .collect();
    for system in &systems {
        is_manager(hotel, *system)?;
    }
    check_unique(hotel, params, None)?;
    let identity = Identity {
        id: hotel.new_id(),
        key: params.owned("user_identity_key"),
        full_name: params.owned("full_name"),
        email: params.owned("email_address"),
        phone: params.owned("phone_number"),
        created_at: hotel.now(),
    };
    let id = identity.id;
    hotel.add_identity(identity.clone());
    for system in systems {
        match match_or_new(hotel, id, system) {
            Match::User(user) => hotel.change_user(user, |user| user.identity = Some(id)),
            Match::New(user) => hotel.add_user(&user),
        }
    }
    Ok(json!({ "user_identity": hotel.wire_identity(&identity) }).into())
}

/// The user that an identity gets in a system.
pub(super) enum Match {
    /// An existing user without an identity, who has the same e-mail address or phone number.
    User(Id),
    New(User),
}

/// Returns the user for an identity that has none in `system`: an existing one that matches, or a draft of a new one.
pub(super) fn match_or_new(hotel: &Hotel, identity: Id, system: Id) -> Match {
    let of = hotel.identities.get(identity);
    let email = of.and_then(|of| of.email.clone());
    let phone = of.and_then(|of| of.phone.clone());
    for contact in [&email, &phone].into_iter().flatten() {
        let same = hotel
            .index
            .users_by_ending(contact)
            .into_iter()
            .filter_map(|number| hotel.users.at(number))
            .find(|user| {
                let equal = |own: &Option<String>| {
                    own.as_deref()
                        .is_some_and(|own| own.eq_ignore_ascii_case(contact))
                };
                user.system == system
                    && user.identity.is_none()
                    && (equal(&user.email) || equal(&user.phone))
            });
        if let Some(user) = same {
            return Match::User(user.id);
        }
    }
    let named = of.and_then(|of| {
        of.full_name
            .clone()
            .or_else(|| of.email.clone())
            .or_else(|| of.phone.clone())
    });
    Match::New(User {
        id: hotel.new_id(),
        system,
        identity: Some(identity),
        full_name: named.unwrap_or_else(|| "Guest".to_owned()),
        email,
        phone,
        schedule: None,
        suspended: false,
        remark: None,
        created_at: hotel.now(),
    })
}

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let page = Page::of(call, 500)?;
    let ids = params.ids("user_identity_ids").map(|ids| {
        let numbers = ids.iter().filter_map(|id| hotel.identities.number(*id));
        numbers.collect::<BTreeSet<u64>>()
    });
    let narrowed = ids.or_else(|| {
        let search = params.text("search").filter(|search| is_contact(search))?;
        Some(hotel.index.identities_by_ending(search))
    });
    let manager = params
        .id("credential_manager_acs_system_id")
        .is_none_or(|id| id == hotel.property.manager);
    let fits = |identity: &Identity| {
        manager
            && params
                .time("created_before")
                .is_none_or(|before| identity.created_at < before)
            // The vendor's reference names these fields. The key is not one of them.
            && params.text("search").is_none_or(|text| {
                holds(identity.full_name.as_deref(), text)
                    || holds(identity.email.as_deref(), text)
                    || holds(identity.phone.as_deref(), text)
                    || holds_id(identity.id, text)
            })
            && call.shows(hotel, identity.created_at)
    };
    let write = |identity| hotel.wire_identity(identity);
    Ok(if let Some(numbers) = narrowed {
        let rows = numbers
            .range(page.after + 1..)
            .filter_map(|number| Some((*number, hotel.identities.at(*number)?)));
        page.answer(
            call,
            "user_identities",
            rows.filter(|(_, identity)| fits(identity)),
            write,
        )
    } else {
        let rows = hotel
            .identities
            .after(page.after)
            .filter(|(_, identity)| fits(identity));
        page.answer(call, "user_identities", rows, write)
    })
}

fn update(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let id = find(hotel, params.need_id("user_identity_id")?)?.id;
    check_unique(hotel, params, Some(id))?;
    hotel.change_identity(id, |identity| {
        let set = |name: &str, slot: &mut Option<String>| {
            if params.has(name) {
                *slot = params.owned(name);
            }
        };
        set("user_identity_key", &mut identity.key);
        set("email_address", &mut identity.email);
        set("phone_number", &mut identity.phone);
        set("full_name", &mut identity.full_name);
    });
    Ok(done())
}

fn add_acs_user(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let id = call.params.need_id("acs_user_id")?;
    let user = hotel
        .users
        .get(id)
        .ok_or_else(|| Refusal::missing("acs_user", id))?;
    let system = user.system;
    let own = user.identity;
    let identity = match (
        call.params.id("user_identity_id"),
        call.params.text("user_identity_key"),
    ) {
        (Some(identity), None) => Some(find(hotel, identity)?.id),
        (None, Some(key)) => by_key(hotel, key).map(|identity| identity.id),
        _ => {
            return Err(Refusal::invalid(
                "Must provide exactly one of user_identity_id and user_identity_key",
            ));
        }
    };
    if own.is_some() && own == identity {
        return Ok(done());
    }
    if own.is_some() {
        return Err(Refusal::invalid("The acs_user already has a user identity"));
    }
    if identity.is_some_and(|identity| hotel.user_in(identity, system).is_some()) {
        return Err(Refusal::invalid(
            "The user identity already has a user in this access system",
        ));
    }
    let identity = identity.unwrap_or_else(|| {
        // A key that no identity has creates a new identity.
        let identity = Identity {
            id: hotel.new_id(),
            key: call.params.owned("user_identity_key"),
            full_name: None,
            email: None,
            phone: None,
            created_at: hotel.now(),
        };
        let id = identity.id;
        hotel.add_identity(identity);
        id
    });
    hotel.change_user(id, |user| user.identity = Some(identity));
    Ok(done())
}

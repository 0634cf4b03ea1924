//! The endpoints under `/acs/users/`.

use std::collections::BTreeSet;

use crate::sandbox::id::Id;
use serde_json::json;

use super::page::Page;
use super::systems::is_manager;
use super::{
    Answer, Call, DELETE, Kind, PATCH, POST, READ, Refusal, Route, WHICH_USER, done, holds,
    holds_id, is_contact, opt, req, which_user,
};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::User;
use crate::sandbox::schema::{Field, nul};

const SCHEDULE: &[Field] = &[
    opt("starts_at", Kind::DateTime),
    nul("ends_at", Kind::DateTime),
];
const NEW_SCHEDULE: &[Field] = &[
    req("starts_at", Kind::DateTime),
    nul("ends_at", Kind::DateTime),
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/acs/users/create",
        methods: POST,
        fields: &[
            req("acs_system_id", Kind::Uuid),
            req("full_name", Kind::Text(1)),
            opt("email_address", Kind::Email),
            opt("email", Kind::Email),
            opt("phone_number", Kind::Phone),
            opt("user_identity_id", Kind::Uuid),
            opt("acs_access_group_ids", Kind::List(&Kind::Uuid)),
            opt("access_schedule", Kind::Object(SCHEDULE)),
        ],
        handler: create,
    },
    Route {
        path: "/acs/users/get",
        methods: READ,
        fields: WHICH_USER,
        handler: |hotel, call| {
            let id = which_user(hotel, call.params)?;
            let user = hotel
                .users
                .get(id)
                .ok_or_else(|| Refusal::missing("acs_user", id))?;
            Ok(json!({ "acs_user": hotel.wire_user(user) }).into())
        },
    },
    Route {
        path: "/acs/users/list",
        methods: READ,
        fields: &[
            opt("acs_system_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
            nul("user_identity_email_address", Kind::Text(0)),
            nul("user_identity_phone_number", Kind::Text(0)),
            opt("search", Kind::Text(1)),
            opt("limit", Kind::Count),
            opt("created_before", Kind::DateTime),
            nul("page_cursor", Kind::Text(0)),
        ],
        handler: |hotel, call| list(hotel, call),
    },
    Route {
        path: "/acs/users/update",
        methods: PATCH,
        fields: &[
            opt("acs_user_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
            opt("acs_system_id", Kind::Uuid),
            opt("full_name", Kind::Text(1)),
            opt("email_address", Kind::Email),
            opt("email", Kind::Email),
            opt("phone_number", Kind::Phone),
            opt("hid_acs_system_id", Kind::Uuid),
            nul("access_schedule", Kind::Object(NEW_SCHEDULE)),
        ],
        handler: update,
    },
    Route {
        path: "/acs/users/delete",
        methods: DELETE,
        fields: WHICH_USER,
        handler: |hotel, call| {
            let user = which_user(hotel, call.params)?;
            hotel.remove_user(user);
            Ok(done())
        },
    },
    Route {
        path: "/acs/users/suspend",
        methods: POST,
        fields: WHICH_USER,
        handler: |hotel, call| suspend(hotel, call, true),
    },
    Route {
        path: "/acs/users/unsuspend",
        methods: POST,
        fields: WHICH_USER,
        handler: |hotel, call| suspend(hotel, call, false),
    },
    Route {
        path: "/acs/users/revoke_access_to_all_entrances",
        methods: POST,
        fields: WHICH_USER,
        handler: |hotel, call| {
            let user = which_user(hotel, call.params)?;
            hotel.revoke_grants(user);
            if call.conditions.readings.revoke_all_takes_keys {
                for key in hotel.keys_of(user) {
                    hotel.invalidate(key);
                }
            }
            Ok(done())
        },
    },
    Route {
        path: "/acs/users/list_accessible_entrances",
        methods: READ,
        fields: WHICH_USER,
        handler: |hotel, call| {
            let user = which_user(hotel, call.params)?;
            let keys = hotel
                .keys_of(user)
                .into_iter()
                .filter_map(|key| hotel.credentials.get(key));
            let through_keys = keys
                .filter(|key| key.valid)
                .flat_map(|key| key.doors.iter().copied());
            let open: BTreeSet<u64> = through_keys
                .chain(hotel.granted(user))
                .filter_map(|door| hotel.doors.number(door))
                .collect();
            let doors = open.iter().filter_map(|number| hotel.doors.at(*number));
            Ok(
                json!({ "acs_entrances": doors.map(|door| hotel.wire_entrance(door)).collect::<Vec<_>>() }).into(),
            )
        },
    },
];

fn create(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let now = hotel.now();
    let system = params.need_id("acs_system_id")?;
    is_manager(hotel, system)?;
    if let Some(group) = params
        .ids("acs_access_group_ids")
        .and_then(|groups| groups.first().copied())
    {
        return Err(Refusal::missing("acs_access_group", group));
    }
    let identity = params.id("user_identity_id");
    if let Some(id) = identity {
        if hotel.identities.get(id).is_none() {
            return Err(Refusal::new(
                axum::http::StatusCode::BAD_REQUEST,
                "user_identity_not_found",
                format!("No user_identity with the id {id}"),
            ));
        }
        if hotel.user_in(id, system).is_some() {
            return Err(Refusal::invalid(
                "The user identity already has a user in this access system",
            ));
        }
    }
    let schedule = params.object("access_schedule");
    Hotel::check_window(schedule.time("starts_at"), schedule.time("ends_at"), now)?;
    let user = User {
        id: hotel.new_id(),
        system,
        identity,
        full_name: params.owned("full_name").unwrap_or_default(),
        email: params
            .owned("email_address")
            .or_else(|| params.owned("email")),
        phone: params.owned("phone_number"),
        schedule: params.has("access_schedule").then(|| {
            (
                schedule.time("starts_at").unwrap_or(now),
                schedule.time("ends_at"),
            )
        }),
        suspended: false,
        remark: None,
        created_at: now,
    };
    hotel.add_user(&user);
    Ok(json!({ "acs_user": hotel.wire_user(&user) }).into())
}

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let page = Page::of(call, 500)?;
    let identity_has = |user: &User, name: &str, contact: fn(&User, &Hotel) -> Option<String>| {
        !params.has(name)
            || contact(user, hotel).as_deref().map(str::to_lowercase)
                == params.text(name).map(str::to_lowercase)
    };
    let fits = |user: &User| {
        params
            .id("acs_system_id")
            .is_none_or(|id| user.system == id)
            && params
                .id("user_identity_id")
                .is_none_or(|id| user.identity == Some(id))
            && identity_has(user, "user_identity_email_address", identity_email)
            && identity_has(user, "user_identity_phone_number", identity_phone)
            && params
                .time("created_before")
                .is_none_or(|before| user.created_at < before)
            && params
                .text("search")
                .is_none_or(|text| found(hotel, user, text))
            && call.shows(hotel, user.created_at)
    };
    let write = |user| hotel.wire_user(user);
    let answer = match candidates(hotel, call) {
        Some(numbers) => {
            let rows = numbers
                .range(page.after + 1..)
                .filter_map(|number| Some((*number, hotel.users.at(*number)?)));
            page.answer(
                call,
                "acs_users",
                rows.filter(|(_, user)| fits(user)),
                write,
            )
        }
        None => page.answer(
            call,
            "acs_users",
            hotel.users.after(page.after).filter(|(_, user)| fits(user)),
            write,
        ),
    };
    Ok(answer)
}

/// Returns the users that an index finds for this request, which include all users that match. Returns `None` if no
/// index fits.
fn candidates(hotel: &Hotel, call: &Call<'_>) -> Option<BTreeSet<u64>> {
    if let Some(identity) = call.params.id("user_identity_id") {
        return Some(hotel.index.users_of_identity.of(identity).clone());
    }
    let contact = ["user_identity_email_address", "user_identity_phone_number"]
        .iter()
        .find_map(|name| call.params.text(name).filter(|text| !text.is_empty()));
    if let Some(contact) = contact {
        return Some(hotel.index.users_by_ending(contact));
    }
    let search = call.params.text("search")?;
    if let Some(id) = Id::parse(search) {
        let of_identity = hotel.index.users_of_identity.of(id).iter().copied();
        return Some(of_identity.chain(hotel.users.number(id)).collect());
    }
    is_contact(search).then(|| hotel.index.users_by_ending(search))
}

fn identity_email(user: &User, hotel: &Hotel) -> Option<String> {
    hotel.identities.get(user.identity?)?.email.clone()
}

fn identity_phone(user: &User, hotel: &Hotel) -> Option<String> {
    hotel.identities.get(user.identity?)?.phone.clone()
}

/// Returns true if a search finds a user. The vendor's reference names these fields and no others. An e-mail address
/// that only the identity has is not searched.
fn found(hotel: &Hotel, user: &User, text: &str) -> bool {
    let identity = user.identity.and_then(|id| hotel.identities.get(id));
    holds(Some(&user.full_name), text)
        || holds(user.email.as_deref(), text)
        || holds(user.phone.as_deref(), text)
        || holds_id(user.id, text)
        || identity.is_some_and(|identity| {
            holds(identity.full_name.as_deref(), text)
                || holds(identity.phone.as_deref(), text)
                || holds_id(identity.id, text)
        })
}

fn update(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let id = which_user(hotel, params)?;
    let schedule = params.object("access_schedule");
    Hotel::check_window(
        schedule.time("starts_at"),
        schedule.time("ends_at"),
        hotel.now(),
    )?;
    hotel.change_user(id, |user| {
        if let Some(name) = params.owned("full_name") {
            user.full_name = name;
        }
        if let Some(email) = params
            .owned("email_address")
            .or_else(|| params.owned("email"))
        {
            user.email = Some(email);
        }
        if let Some(phone) = params.owned("phone_number") {
            user.phone = Some(phone);
        }
        if params.has("access_schedule") {
            user.schedule = schedule
                .time("starts_at")
                .map(|start| (start, schedule.time("ends_at")));
        }
    });
    Ok(done())
}

fn suspend(hotel: &mut Hotel, call: &Call<'_>, suspended: bool) -> Answer {
    let user = which_user(hotel, call.params)?;
    hotel.change_user(user, |user| user.suspended = suspended);
    Ok(done())
}

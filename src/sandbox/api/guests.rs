//! Users, user identities, phones.

use serde_json::json;

use super::{Answer, Call, DELETE, PATCH, POST, PUT, Refusal, Route, matches, page, read, write};
use crate::sandbox::params::Kind::{Any, Count, Email, Free, Id, Ids, Instant, Object, Text};
use crate::sandbox::params::{Args, Param, may, must};
use crate::sandbox::render;
use crate::sandbox::world::{Identity, Phone, User, new_id};

const WHO: &[Param] = &[
    may("acs_user_id", Id),
    may("user_identity_id", Id),
    may("acs_system_id", Id),
];

const SCHEDULE: &[Param] = &[may("starts_at", Instant), may("ends_at", Instant)];

pub(super) const ROUTES: &[Route] = &[
    read("/acs/users/get", WHO, |call, args| {
        let id = identify(call, args)?;
        Ok(json!({ "acs_user": shown(call, &id)? }))
    }),
    read(
        "/acs/users/list",
        &[
            may("acs_system_id", Id),
            may("user_identity_id", Id),
            may("user_identity_email_address", Email),
            may("user_identity_phone_number", Free),
            may("search", Text),
            may("created_before", Instant),
            may("limit", Count),
            may("page_cursor", Free),
        ],
        list_users,
    ),
    write(
        "/acs/users/create",
        POST,
        &[
            must("acs_system_id", Id),
            must("full_name", Text),
            may("email_address", Email),
            may("email", Email),
            may("phone_number", Free),
            may("user_identity_id", Id),
            may("acs_access_group_ids", Ids),
            may("access_schedule", Object(SCHEDULE)),
        ],
        create_user,
    ),
    write(
        "/acs/users/update",
        PATCH,
        &[
            may("acs_user_id", Id),
            may("user_identity_id", Id),
            may("acs_system_id", Id),
            may("full_name", Text),
            may("email_address", Email),
            may("email", Email),
            may("phone_number", Free),
            may("access_schedule", Object(SCHEDULE)),
            may("hid_acs_system_id", Id),
        ],
        update_user,
    ),
    write("/acs/users/delete", DELETE, WHO, |call, args| {
        let id = identify(call, args)?;
        call.world.remove_user(&id, call.now);
        Ok(json!({}))
    }),
    write("/acs/users/suspend", POST, WHO, |call, args| {
        suspend(call, args, true)
    }),
    write("/acs/users/unsuspend", POST, WHO, |call, args| {
        suspend(call, args, false)
    }),
    write(
        "/acs/users/revoke_access_to_all_entrances",
        POST,
        WHO,
        revoke_access,
    ),
    read("/acs/users/list_accessible_entrances", WHO, list_accessible),
    write(
        "/user_identities/create",
        POST,
        &[
            may("user_identity_key", Text),
            may("email_address", Email),
            may("phone_number", Free),
            may("full_name", Text),
            may("acs_system_ids", Ids),
        ],
        create_identity,
    ),
    read(
        "/user_identities/get",
        &[may("user_identity_id", Id), may("user_identity_key", Text)],
        get_identity,
    ),
    read(
        "/user_identities/list",
        &[
            may("search", Text),
            may("user_identity_ids", Ids),
            may("credential_manager_acs_system_id", Id),
            may("created_before", Instant),
            may("limit", Count),
            may("page_cursor", Free),
        ],
        list_identities,
    ),
    write(
        "/user_identities/add_acs_user",
        PUT,
        &[
            must("acs_user_id", Id),
            may("user_identity_id", Id),
            may("user_identity_key", Text),
        ],
        add_user,
    ),
    write(
        "/user_identities/delete",
        DELETE,
        &[must("user_identity_id", Id)],
        delete_identity,
    ),
    read(
        "/phones/list",
        &[
            may("owner_user_identity_id", Id),
            may("acs_credential_id", Id),
        ],
        list_phones,
    ),
    read("/phones/get", &[must("device_id", Id)], |call, args| {
        let found = call
            .world
            .phones
            .get(args.text("device_id").unwrap_or_default());
        let phone = found.ok_or_else(|| Refusal::missing("device"))?;
        Ok(json!({ "phone": render::phone(call.world, phone) }))
    }),
    write(
        "/phones/deactivate",
        DELETE,
        &[must("device_id", Id)],
        |call, args| {
            let id = args.text("device_id").unwrap_or_default();
            call.world
                .phones
                .get(id)
                .ok_or_else(|| Refusal::missing("device"))?;
            call.world.remove_phone(id, call.now);
            Ok(json!({}))
        },
    ),
    write(
        "/phones/simulate/create_sandbox_phone",
        POST,
        &[
            must("user_identity_id", Id),
            may("custom_sdk_installation_id", Free),
            may("phone_metadata", Any),
            may("assa_abloy_metadata", Any),
        ],
        create_phone,
    ),
];

/// The user that a request is about: by id, or by identity.
pub(super) fn identify(call: &Call<'_>, args: &Args) -> Result<String, Refusal> {
    if let Some(id) = args.text("acs_user_id") {
        let user = call
            .world
            .users
            .get(id)
            .ok_or_else(|| Refusal::missing("acs_user"))?;
        return Ok(user.id.clone());
    }
    let Some(identity) = args.text("user_identity_id") else {
        return Err(Refusal::field("acs_user_id", "Required"));
    };
    let user = call
        .world
        .users_of(identity)
        .next()
        .ok_or_else(|| Refusal::missing("acs_user"))?;
    Ok(user.id.clone())
}

fn shown(call: &Call<'_>, id: &str) -> Answer {
    let user = call
        .world
        .users
        .get(id)
        .ok_or_else(|| Refusal::missing("acs_user"))?;
    Ok(render::user(call.world, user))
}

fn check_system(call: &Call<'_>, id: Option<&str>) -> Result<(), Refusal> {
    match id {
        Some(id) if id != call.world.fixed.system_id => Err(Refusal::missing("acs_system")),
        _ => Ok(()),
    }
}

fn list_users(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let known = call.known();
    let of = |user: &User| {
        user.identity
            .as_ref()
            .and_then(|id| world.identities.get(id))
    };
    let wanted = |user: &User| {
        let identity = || of(user);
        user.created_at <= known
            && args
                .text("acs_system_id")
                .is_none_or(|id| id == world.fixed.system_id)
            && args
                .text("user_identity_id")
                .is_none_or(|id| user.identity.as_deref() == Some(id))
            && args
                .instant("created_before")
                .is_none_or(|at| user.created_at < at)
            && (!args.has("user_identity_email_address")
                || identity().and_then(|i| i.email.as_deref())
                    == args.text("user_identity_email_address"))
            && (!args.is_null("user_identity_phone_number")
                || identity().is_none_or(|i| i.phone.is_none()))
            && (!args.has("user_identity_phone_number")
                || identity().and_then(|i| i.phone.as_deref())
                    == args.text("user_identity_phone_number"))
            && matches(
                args.text("search"),
                &[
                    Some(&user.name),
                    user.phone.as_deref(),
                    user.email.as_deref(),
                    Some(&user.id),
                    user.identity.as_deref(),
                ],
            )
    };
    if let Some(identity) = args.text("user_identity_id") {
        let users = world
            .users_of(identity)
            .filter(|user| wanted(user))
            .map(|user| (0, user));
        return super::paged(users, args, 500, "acs_users", "/acs/users/list", |user| {
            render::user(world, user)
        });
    }
    page(
        &world.users,
        args,
        500,
        "acs_users",
        "/acs/users/list",
        wanted,
        |user| render::user(world, user),
    )
}

fn create_user(call: &mut Call<'_>, args: &Args) -> Answer {
    check_system(call, args.text("acs_system_id"))?;
    let identity = args.text("user_identity_id").map(str::to_owned);
    if let Some(id) = &identity {
        let Some(known) = call.world.identities.get(id) else {
            return Err(Refusal::new(
                400,
                "user_identity_not_found",
                "User identity not found",
            ));
        };
        if call.world.users_of(&known.id).next().is_some() {
            let text = "The user identity has a user in this system already";
            return Err(Refusal::new(400, "acs_user_already_exists", text));
        }
    }
    let known = identity
        .as_ref()
        .and_then(|id| call.world.identities.get(id));
    let schedule = args.object("access_schedule");
    let user = User {
        id: new_id(),
        name: args.text("full_name").unwrap_or_default().to_owned(),
        email: args
            .text("email_address")
            .or(args.text("email"))
            .or(known.and_then(|k| k.email.as_deref()))
            .map(str::to_owned),
        phone: args
            .text("phone_number")
            .or(known.and_then(|k| k.phone.as_deref()))
            .map(str::to_owned),
        identity,
        schedule: args.has("access_schedule").then(|| {
            (
                schedule.instant("starts_at").unwrap_or(call.now),
                schedule.instant("ends_at"),
            )
        }),
        created_at: call.now,
        ..User::default()
    };
    let id = user.id.clone();
    call.world.add_user(user);
    Ok(json!({ "acs_user": shown(call, &id)? }))
}

fn update_user(call: &mut Call<'_>, args: &Args) -> Answer {
    let id = identify(call, args)?;
    let now = call.now;
    if let Some(user) = call.world.users.get_mut(&id) {
        if let Some(name) = args.text("full_name") {
            name.clone_into(&mut user.name);
        }
        if let Some(email) = args.text("email_address").or(args.text("email")) {
            user.email = Some(email.to_owned());
        }
        if let Some(phone) = args.text("phone_number") {
            user.phone = Some(phone.to_owned());
        }
        if args.has("access_schedule") {
            let schedule = args.object("access_schedule");
            user.schedule = Some((
                schedule.instant("starts_at").unwrap_or(now),
                schedule.instant("ends_at"),
            ));
        }
    }
    Ok(json!({}))
}

fn suspend(call: &mut Call<'_>, args: &Args, suspended: bool) -> Answer {
    let id = identify(call, args)?;
    if let Some(user) = call.world.users.get_mut(&id) {
        user.suspended = suspended;
    }
    Ok(json!({}))
}

fn revoke_access(call: &mut Call<'_>, args: &Args) -> Answer {
    let id = identify(call, args)?;
    if let Some(user) = call.world.users.get_mut(&id) {
        user.grants.clear();
    }
    if call.readings.is("revoke-all", "grants-and-keys") {
        let keys: Vec<String> = call
            .world
            .credentials_of(&id)
            .map(|key| key.id.clone())
            .collect();
        keys.iter()
            .for_each(|key| call.world.invalidate(key, call.now));
    }
    Ok(json!({}))
}

fn list_accessible(call: &mut Call<'_>, args: &Args) -> Answer {
    let id = identify(call, args)?;
    let world = &*call.world;
    let granted = world
        .users
        .get(&id)
        .into_iter()
        .flat_map(|user| user.grants.iter());
    let keys = world
        .credentials_of(&id)
        .filter(|key| key.valid)
        .flat_map(|key| key.doors.iter());
    let doors: std::collections::BTreeSet<&String> = granted.chain(keys).collect();
    let doors: Vec<_> = doors
        .into_iter()
        .filter_map(|id| world.entrances.get(id))
        .map(|door| render::entrance(world, door))
        .collect();
    Ok(json!({ "acs_entrances": doors }))
}

fn create_identity(call: &mut Call<'_>, args: &Args) -> Answer {
    let systems = args.texts("acs_system_ids");
    systems
        .iter()
        .try_for_each(|id| check_system(call, Some(id)))?;
    let taken = |field: &str, of: fn(&Identity) -> &Option<String>| {
        let wanted = args.text(field)?;
        let taken = |found: &Identity| {
            of(found)
                .as_ref()
                .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        };
        call.world
            .identities
            .iter()
            .any(taken)
            .then(|| format!("A user identity with this {field} exists already"))
    };
    let clash = taken("email_address", |i| &i.email)
        .or_else(|| taken("phone_number", |i| &i.phone))
        .or_else(|| taken("user_identity_key", |i| &i.key));
    if let Some(text) = clash {
        return Err(Refusal::new(409, "user_identity_already_exists", &text));
    }
    let text = |name: &str| args.text(name).map(str::to_owned);
    let identity = Identity {
        id: new_id(),
        key: text("user_identity_key"),
        name: text("full_name"),
        email: text("email_address"),
        phone: text("phone_number"),
        created_at: call.now,
    };
    let id = identity.id.clone();
    if !systems.is_empty() {
        call.world.add_user(User {
            id: new_id(),
            name: identity
                .name
                .clone()
                .or_else(|| identity.email.clone())
                .unwrap_or_else(|| "Guest".to_owned()),
            email: identity.email.clone(),
            phone: identity.phone.clone(),
            identity: Some(id.clone()),
            created_at: call.now,
            ..User::default()
        });
    }
    let answer = render::identity(call.world, &identity);
    call.world.identities.insert(identity);
    Ok(json!({ "user_identity": answer }))
}

fn get_identity(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let found = match (
        args.text("user_identity_id"),
        args.text("user_identity_key"),
    ) {
        (Some(id), _) => world.identities.get(id),
        (None, Some(key)) => world
            .identities
            .iter()
            .find(|identity| identity.key.as_deref() == Some(key)),
        (None, None) => return Err(Refusal::field("user_identity_id", "Required")),
    };
    let identity = found.ok_or_else(|| Refusal::missing("user_identity"))?;
    Ok(json!({ "user_identity": render::identity(world, identity) }))
}

fn list_identities(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let ids = args.texts("user_identity_ids");
    page(
        &world.identities,
        args,
        500,
        "user_identities",
        "/user_identities/list",
        |identity| {
            (ids.is_empty() || ids.contains(&identity.id))
                && args
                    .instant("created_before")
                    .is_none_or(|at| identity.created_at < at)
                && matches(
                    args.text("search"),
                    &[
                        identity.name.as_deref(),
                        identity.email.as_deref(),
                        identity.phone.as_deref(),
                        Some(&identity.id),
                        identity.key.as_deref(),
                    ],
                )
        },
        |identity| render::identity(world, identity),
    )
}

fn add_user(call: &mut Call<'_>, args: &Args) -> Answer {
    let user = args.text("acs_user_id").unwrap_or_default();
    call.world
        .users
        .get(user)
        .ok_or_else(|| Refusal::missing("acs_user"))?;
    let identity = match (
        args.text("user_identity_id"),
        args.text("user_identity_key"),
    ) {
        (Some(id), _) => call
            .world
            .identities
            .get(id)
            .map(|identity| identity.id.clone()),
        (None, Some(key)) => {
            let known = call
                .world
                .identities
                .iter()
                .find(|identity| identity.key.as_deref() == Some(key));
            let id = known.map_or_else(new_id, |identity| identity.id.clone());
            if call.world.identities.get(&id).is_none() {
                let key = Some(key.to_owned());
                call.world.identities.insert(Identity {
                    id: id.clone(),
                    key,
                    created_at: call.now,
                    ..Identity::default()
                });
            }
            Some(id)
        }
        (None, None) => return Err(Refusal::field("user_identity_id", "Required")),
    };
    let identity = identity.ok_or_else(|| Refusal::missing("user_identity"))?;
    call.world.link(user, &identity);
    Ok(json!({}))
}

fn delete_identity(call: &mut Call<'_>, args: &Args) -> Answer {
    let id = args.text("user_identity_id").unwrap_or_default();
    call.world
        .identities
        .get(id)
        .ok_or_else(|| Refusal::missing("user_identity"))?;
    let users: Vec<String> = call
        .world
        .users_of(id)
        .map(|user| user.id.clone())
        .collect();
    users
        .iter()
        .for_each(|user| call.world.remove_user(user, call.now));
    let phones: Vec<String> = call
        .world
        .phones_of(id)
        .map(|phone| phone.id.clone())
        .collect();
    phones
        .iter()
        .for_each(|phone| call.world.remove_phone(phone, call.now));
    call.world.identities.remove(id);
    Ok(json!({}))
}

fn list_phones(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let show = |phone: &Phone| render::phone(world, phone);
    let mut phones: Vec<_> = match (
        args.text("owner_user_identity_id"),
        args.text("acs_credential_id"),
    ) {
        (Some(owner), _) => world.phones_of(owner).map(show).collect(),
        (None, Some(key)) => {
            let on = world
                .children(key)
                .filter_map(|child| child.phone.as_deref());
            on.filter_map(|id| world.phones.get(id)).map(show).collect()
        }
        (None, None) => world.phones.iter().map(show).collect(),
    };
    phones.dedup();
    Ok(json!({ "phones": phones }))
}

fn create_phone(call: &mut Call<'_>, args: &Args) -> Answer {
    let identity = args.text("user_identity_id").unwrap_or_default().to_owned();
    call.world
        .identities
        .get(&identity)
        .ok_or_else(|| Refusal::missing("user_identity"))?;
    let ios = args.object("phone_metadata").text("operating_system") == Some("ios");
    let phone = Phone {
        id: new_id(),
        identity,
        endpoint: new_id(),
        android: !ios,
        created_at: call.now,
    };
    let answer = render::phone(call.world, &phone);
    call.world.add_phone(phone, call.sync, call.now);
    Ok(json!({ "phone": answer }))
}

//! Credentials: keys and cards.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use super::{Answer, Call, DELETE, PATCH, POST, Refusal, Route, page, paged, read, write};
use crate::sandbox::params::Kind::{Any, Bool, Count, Free, Id, Ids, Instant, Object, OneOf, Text};
use crate::sandbox::params::{Args, Param, may, must};
use crate::sandbox::render;
use crate::sandbox::world::{Credential, new_id};

const ONE: &[Param] = &[must("acs_credential_id", Id)];

const ASSIGN: &[Param] = &[
    must("acs_credential_id", Id),
    may("acs_user_id", Id),
    may("user_identity_id", Id),
];

const VISIONLINE: &[Param] = &[
    may("card_format", OneOf(&["TLCode", "rfid48"])),
    may("card_function_type", OneOf(&["guest", "staff"])),
    may("override", Bool),
    may("is_override_key", Bool),
    may("joiner_acs_credential_ids", Ids),
    may("auto_join", Bool),
    may("assa_abloy_credential_service_mobile_endpoint_id", Id),
];

pub(super) const ROUTES: &[Route] = &[
    write(
        "/acs/credentials/create",
        POST,
        &[
            must(
                "access_method",
                OneOf(&["code", "card", "mobile_key", "cloud_key"]),
            ),
            may("acs_user_id", Id),
            may("user_identity_id", Id),
            may("acs_system_id", Id),
            may("credential_manager_acs_system_id", Id),
            may("is_multi_phone_sync_credential", Bool),
            may("allowed_acs_entrance_ids", Ids),
            may("starts_at", Instant),
            may("ends_at", Instant),
            may("code", Text),
            may("visionline_metadata", Object(VISIONLINE)),
            may("assa_abloy_vostio_metadata", Any),
            may("hotek_metadata", Any),
            may("salto_space_metadata", Any),
        ],
        create,
    ),
    read("/acs/credentials/get", ONE, |call, args| {
        let id = known(call, args)?;
        Ok(json!({ "acs_credential": shown(call, &id) }))
    }),
    read(
        "/acs/credentials/list",
        &[
            may("acs_user_id", Id),
            may("acs_system_id", Id),
            may("user_identity_id", Id),
            may("is_multi_phone_sync_credential", Bool),
            may("created_before", Instant),
            may("search", Text),
            may("limit", Count),
            may("page_cursor", Free),
        ],
        list,
    ),
    write("/acs/credentials/delete", DELETE, ONE, |call, args| {
        let id = known(call, args)?;
        let follow = if call.readings.is("delete", "sync") {
            TimeDelta::zero()
        } else {
            call.sync
        };
        call.world.delete(&id, call.now + follow, call.now);
        Ok(json!({}))
    }),
    write(
        "/acs/credentials/update",
        PATCH,
        &[
            must("acs_credential_id", Id),
            may("code", Text),
            may("ends_at", Instant),
        ],
        update,
    ),
    write("/acs/credentials/assign", PATCH, ASSIGN, |call, args| {
        let (id, user) = (known(call, args)?, super::guests::identify(call, args)?);
        call.world.assign(&id, Some(user));
        Ok(json!({ "acs_credential": shown(call, &id) }))
    }),
    write("/acs/credentials/unassign", PATCH, ASSIGN, |call, args| {
        let id = known(call, args)?;
        call.world.assign(&id, None);
        Ok(json!({ "acs_credential": shown(call, &id) }))
    }),
    read(
        "/acs/credentials/list_accessible_entrances",
        ONE,
        |call, args| {
            let id = known(call, args)?;
            let world = &*call.world;
            let doors = world
                .credentials
                .get(&id)
                .into_iter()
                .flat_map(|key| key.doors.iter());
            let doors: Vec<_> = doors
                .filter_map(|id| world.entrances.get(id))
                .map(|door| render::entrance(world, door))
                .collect();
            Ok(json!({ "acs_entrances": doors }))
        },
    ),
];

fn known(call: &Call<'_>, args: &Args) -> Result<String, Refusal> {
    let found = args
        .text("acs_credential_id")
        .and_then(|id| call.world.credentials.get(id));
    found
        .map(|key| key.id.clone())
        .ok_or_else(|| Refusal::missing("acs_credential"))
}

fn shown(call: &Call<'_>, id: &str) -> Option<serde_json::Value> {
    call.world
        .credentials
        .get(id)
        .map(|key| render::credential(call.world, key, call.now))
}

fn create(call: &mut Call<'_>, args: &Args) -> Answer {
    let user = super::guests::identify(call, args)?;
    let method = args.text("access_method").unwrap_or_default();
    let multi_phone = args.flag("is_multi_phone_sync_credential").unwrap_or(false);
    let visionline = args.object("visionline_metadata");
    let overrides = visionline
        .flag("override")
        .or(visionline.flag("is_override_key"))
        .unwrap_or(false);
    let joined_to = visionline.texts("joiner_acs_credential_ids");
    let doors = doors(call, args, &user)?;
    let (starts_at, ends_at, start_moved) = times(call, args)?;

    let manager = args.text("credential_manager_acs_system_id");
    if manager.is_some_and(|id| id != call.world.fixed.manager_id) {
        return Err(Refusal::missing("acs_system"));
    }
    if let Some(lost) = joined_to
        .iter()
        .find(|id| call.world.credentials.get(id).is_none())
    {
        let text = format!("Credential to join not found: {lost}");
        return Err(Refusal::new(404, "acs_credential_not_found", &text));
    }
    let mut ready = false;
    if method == "mobile_key" {
        let identity = call
            .world
            .users
            .get(&user)
            .and_then(|user| user.identity.clone());
        let Some(identity) = identity else {
            return Err(Refusal::new(
                400,
                "user_identity_required",
                "The user is not linked to a user identity",
            ));
        };
        ready = call.world.phones_of(&identity).next().is_some();
        if overrides && !ready && call.readings.is("phone", "required") {
            let text = "The user identity has no phone with an active endpoint";
            return Err(Refusal::new(400, "no_active_phone_endpoint", text));
        }
    }
    let delivered = !multi_phone || ready;
    let key = Credential {
        id: new_id(),
        user: Some(user),
        method: method.to_owned(),
        multi_phone,
        doors,
        starts_at,
        ends_at,
        created_at: call.now,
        valid: true,
        joined_to,
        synced_at: (delivered && !call.never_syncs).then(|| call.now + call.sync),
        never_syncs: call.never_syncs,
        start_moved,
        code: args.text("code").map(str::to_owned),
        overrides,
        ..Credential::default()
    };
    let id = key.id.clone();
    call.world.issue(key, call.readings, call.sync, call.now);
    Ok(json!({ "acs_credential": shown(call, &id) }))
}

fn doors(call: &Call<'_>, args: &Args, user: &str) -> Result<BTreeSet<String>, Refusal> {
    let doors: BTreeSet<String> = args.texts("allowed_acs_entrance_ids").into_iter().collect();
    if doors
        .iter()
        .any(|id| call.world.entrances.get(id).is_none())
    {
        return Err(Refusal::missing("acs_entrance"));
    }
    if doors.is_empty() && call.readings.is("doors", "user-grants") {
        return Ok(call
            .world
            .users
            .get(user)
            .map(|user| user.grants.clone())
            .unwrap_or_default());
    }
    Ok(doors)
}

type Times = (
    chrono::DateTime<chrono::Utc>,
    Option<chrono::DateTime<chrono::Utc>>,
    bool,
);

fn times(call: &Call<'_>, args: &Args) -> Result<Times, Refusal> {
    let asked = args.instant("starts_at").unwrap_or(call.now);
    let moved = asked < call.now - TimeDelta::minutes(1);
    let starts_at = if moved { call.now } else { asked };
    let ends_at = args.instant("ends_at");
    if ends_at.is_some_and(|end| end <= call.now) {
        return Err(Refusal::field("ends_at", "ends_at must be in the future"));
    }
    if ends_at.is_some_and(|end| end <= starts_at) {
        return Err(Refusal::field("ends_at", "ends_at must be after starts_at"));
    }
    Ok((starts_at, ends_at, moved))
}

fn update(call: &mut Call<'_>, args: &Args) -> Answer {
    let id = known(call, args)?;
    let (now, ends_at) = (call.now, args.instant("ends_at"));
    if ends_at.is_some_and(|end| end <= now) {
        return Err(Refusal::field("ends_at", "ends_at must be in the future"));
    }
    if let Some(key) = call.world.credentials.get_mut(&id) {
        if let Some(end) = ends_at {
            key.ends_at = Some(end);
        }
        if let Some(code) = args.text("code") {
            key.code = Some(code.to_owned());
        }
    }
    Ok(json!({ "acs_credential": shown(call, &id) }))
}

fn list(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let (now, known) = (call.now, call.known());
    let identity = args.text("user_identity_id");
    let wanted = |key: &Credential| {
        let holder = key.user.as_deref();
        let of_identity = || {
            holder
                .and_then(|id| world.users.get(id))
                .and_then(|user| user.identity.as_deref())
        };
        key.created_at <= known
            && args.text("acs_user_id").is_none_or(|id| holder == Some(id))
            && args
                .text("acs_system_id")
                .is_none_or(|id| id == world.fixed.system_id)
            && identity.is_none_or(|id| of_identity() == Some(id))
            && args
                .flag("is_multi_phone_sync_credential")
                .is_none_or(|flag| key.multi_phone == flag)
            && args
                .instant("created_before")
                .is_none_or(|at| key.created_at < at)
            && super::matches(
                args.text("search"),
                &[Some(&key.id), holder, key.code.as_deref()],
            )
    };
    let show = |key: &Credential| render::credential(world, key, now);
    if let Some(user) = args.text("acs_user_id")
        && !args.has("page_cursor")
        && world.credentials_of(user).count() <= args.count("limit").unwrap_or(500)
    {
        let keys = world
            .credentials_of(user)
            .filter(|key| wanted(key))
            .map(|key| (0, key));
        return paged(
            keys,
            args,
            500,
            "acs_credentials",
            "/acs/credentials/list",
            show,
        );
    }
    page(
        &world.credentials,
        args,
        500,
        "acs_credentials",
        "/acs/credentials/list",
        wanted,
        show,
    )
}

//! The endpoints under `/acs/credentials/`.

use std::collections::BTreeSet;

use crate::sandbox::id::Id;
use serde_json::json;

use super::holder::{Holder, holder};
use super::page::Page;
use super::systems::is_manager;
use super::{
    Answer, Call, DELETE, Kind, ONE_CREDENTIAL, PATCH, POST, Params, READ, Refusal, Route, done,
    holds, holds_id, opt, req, user_or_identity,
};
use crate::sandbox::hotel::records::{Asked, Credential, Method};
use crate::sandbox::hotel::{Hotel, Order};
use crate::sandbox::schema::{Field, nul};

const VISIONLINE: &[Field] = &[
    opt("card_format", Kind::Choice(&["TLCode", "rfid48"])),
    opt("card_function_type", Kind::Choice(&["guest", "staff"])),
    opt("override", Kind::Bool),
    opt("is_override_key", Kind::Bool),
    opt("auto_join", Kind::Bool),
    opt("joiner_acs_credential_ids", Kind::List(&Kind::Uuid)),
    opt(
        "assa_abloy_credential_service_mobile_endpoint_id",
        Kind::Uuid,
    ),
];

const ASSIGN: &[Field] = &[
    req("acs_credential_id", Kind::Uuid),
    opt("acs_user_id", Kind::Uuid),
    opt("user_identity_id", Kind::Uuid),
];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/acs/credentials/create",
        methods: POST,
        fields: &[
            req(
                "access_method",
                Kind::Choice(&["code", "card", "mobile_key", "cloud_key"]),
            ),
            opt("acs_user_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
            opt("acs_system_id", Kind::Uuid),
            opt("credential_manager_acs_system_id", Kind::Uuid),
            opt("is_multi_phone_sync_credential", Kind::Bool),
            opt("allowed_acs_entrance_ids", Kind::List(&Kind::Uuid)),
            opt("starts_at", Kind::DateTime),
            opt("ends_at", Kind::DateTime),
            opt("code", Kind::Digits),
            opt("visionline_metadata", Kind::Object(VISIONLINE)),
            opt("assa_abloy_vostio_metadata", Kind::Any),
            opt("hotek_metadata", Kind::Any),
            opt("salto_space_metadata", Kind::Any),
        ],
        handler: create,
    },
    Route {
        path: "/acs/credentials/get",
        methods: READ,
        fields: ONE_CREDENTIAL,
        handler: |hotel, call| answer(hotel, call.params.need_id("acs_credential_id")?),
    },
    Route {
        path: "/acs/credentials/list",
        methods: READ,
        fields: &[
            opt("acs_user_id", Kind::Uuid),
            opt("acs_system_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
            opt("is_multi_phone_sync_credential", Kind::Bool),
            opt("created_before", Kind::DateTime),
            opt("search", Kind::Text(1)),
            opt("limit", Kind::Count),
            nul("page_cursor", Kind::Text(0)),
        ],
        handler: |hotel, call| list(hotel, call),
    },
    Route {
        path: "/acs/credentials/update",
        methods: PATCH,
        fields: &[
            req("acs_credential_id", Kind::Uuid),
            opt("code", Kind::Digits),
            opt("ends_at", Kind::DateTime),
        ],
        handler: update,
    },
    Route {
        path: "/acs/credentials/delete",
        methods: DELETE,
        fields: ONE_CREDENTIAL,
        handler: |hotel, call| {
            let id = find(hotel, call.params.need_id("acs_credential_id")?)?.id;
            hotel.delete(id, call.conditions);
            Ok(done())
        },
    },
    Route {
        path: "/acs/credentials/assign",
        methods: PATCH,
        fields: ASSIGN,
        handler: assign,
    },
    Route {
        path: "/acs/credentials/unassign",
        methods: PATCH,
        fields: ASSIGN,
        handler: unassign,
    },
    Route {
        path: "/acs/credentials/list_accessible_entrances",
        methods: READ,
        fields: ONE_CREDENTIAL,
        handler: |hotel, call| {
            let key = find(hotel, call.params.need_id("acs_credential_id")?)?;
            let doors = key.doors.iter().filter_map(|door| hotel.doors.get(*door));
            Ok(
                json!({ "acs_entrances": doors.map(|door| hotel.wire_entrance(door)).collect::<Vec<_>>() }).into(),
            )
        },
    },
];

fn find(hotel: &Hotel, id: Id) -> Result<&Credential, Refusal> {
    hotel
        .credentials
        .get(id)
        .ok_or_else(|| Refusal::missing("acs_credential", id))
}

fn answer(hotel: &Hotel, id: Id) -> Answer {
    Ok(json!({ "acs_credential": hotel.wire_credential(find(hotel, id)?) }).into())
}

/// Creates a credential. It checks everything before it changes anything, so a refused request has no effect.
fn create(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let method = match params.text("access_method") {
        Some("mobile_key") => Method::MobileKey,
        Some("card") => Method::Card,
        _ => {
            return Err(Refusal::invalid(
                "Visionline takes the access methods card and mobile_key only",
            ));
        }
    };
    let mobile = method == Method::MobileKey;
    if let Some(manager) = params.id("credential_manager_acs_system_id")
        && !is_manager(hotel, manager)?
    {
        return Err(Refusal::field(
            "credential_manager_acs_system_id",
            "The access system is not a credential manager",
        ));
    }
    if mobile && params.flag("is_multi_phone_sync_credential") != Some(true) {
        return Err(Refusal::field(
            "is_multi_phone_sync_credential",
            "A Visionline mobile key must be a multi-phone sync credential",
        ));
    }
    let doors = doors(hotel, params, mobile)?;
    let visionline = params.object("visionline_metadata");
    let joined = visionline
        .ids("joiner_acs_credential_ids")
        .unwrap_or_default();
    for id in &joined {
        find(hotel, *id)?;
    }
    let overrides = visionline
        .flag("override")
        .or_else(|| visionline.flag("is_override_key"))
        == Some(true);
    if overrides && !joined.is_empty() {
        return Err(Refusal::field(
            "visionline_metadata",
            "A credential cannot override and join at once",
        ));
    }
    Hotel::check_window(
        params.time("starts_at"),
        params.time("ends_at"),
        hotel.now(),
    )?;
    let holder = holder(hotel, params)?;
    if let Holder::There(user) = &holder
        && mobile
        && hotel
            .users
            .get(*user)
            .is_some_and(|user| user.identity.is_none())
    {
        return Err(Refusal::invalid(
            "The acs_user has no user identity, which a mobile key needs",
        ));
    }
    let order = Order {
        user: None,
        method,
        doors,
        joined,
        auto_join: visionline.flag("auto_join"),
        staff: visionline.text("card_function_type") == Some("staff"),
        starts_at: params.time("starts_at"),
        ends_at: params.time("ends_at"),
        asked: Asked {
            overrides,
            card_format: visionline.owned("card_format"),
            label: visionline.owned("label"),
        },
    };
    if overrides && mobile && call.conditions.readings.phone_required && !holder.is_ready(hotel) {
        return Err(Refusal::invalid(
            "The user identity has no phone with an active endpoint, which an override key needs",
        ));
    }
    let user = holder.settle(hotel);
    let id = hotel.issue(
        Order {
            user: Some(user),
            ..order
        },
        call.conditions,
    );
    answer(hotel, id)
}

fn doors(hotel: &Hotel, params: &Params, mobile: bool) -> Result<Vec<Id>, Refusal> {
    let mut doors = Vec::new();
    for id in params.ids("allowed_acs_entrance_ids").unwrap_or_default() {
        let door = hotel
            .doors
            .get(id)
            .ok_or_else(|| Refusal::missing("acs_entrance", id))?;
        if mobile && !door.mobile {
            return Err(Refusal::field(
                "allowed_acs_entrance_ids",
                &format!("{} cannot be unlocked with a mobile key", door.name),
            ));
        }
        if !doors.contains(&id) {
            doors.push(id);
        }
    }
    Ok(doors)
}

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let page = Page::of(call, 500)?;
    let fits = |key: &Credential| {
        params
            .id("acs_system_id")
            .is_none_or(|id| id == hotel.property.system)
            && params
                .flag("is_multi_phone_sync_credential")
                .is_none_or(|flag| flag == key.multi_phone)
            && params
                .time("created_before")
                .is_none_or(|before| key.created_at < before)
            && params.text("search").is_none_or(|text| found(key, text))
            && call.shows(hotel, key.created_at)
    };
    let of_user = params
        .id("acs_user_id")
        .map(|user| hotel.index.keys_of_user.of(user).clone());
    let of_identity = params.id("user_identity_id").map(|identity| {
        let users = hotel.users_of(identity);
        users
            .flat_map(|user| hotel.index.keys_of_user.of(user.id))
            .copied()
            .collect::<BTreeSet<u64>>()
    });
    let narrowed = match (of_user, of_identity) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (a, b) => a.or(b),
    };
    let write = |key| hotel.wire_credential(key);
    Ok(if let Some(numbers) = narrowed {
        let rows = numbers
            .range(page.after + 1..)
            .filter_map(|number| Some((*number, hotel.credentials.at(*number)?)));
        page.answer(
            call,
            "acs_credentials",
            rows.filter(|(_, key)| fits(key)),
            write,
        )
    } else {
        let rows = hotel
            .credentials
            .after(page.after)
            .filter(|(_, key)| fits(key));
        page.answer(call, "acs_credentials", rows, write)
    })
}

fn found(key: &Credential, text: &str) -> bool {
    holds(Some(&key.name), text)
        || holds(key.card_number.as_deref(), text)
        || holds_id(key.id, text)
        || key.user.is_some_and(|user| holds_id(user, text))
}

fn update(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let key = find(hotel, call.params.need_id("acs_credential_id")?)?;
    let (id, starts_at) = (key.id, key.starts_at);
    if call.params.has("code") {
        return Err(Refusal::field("code", "The credential is not a PIN code"));
    }
    let ends_at = call.params.time("ends_at");
    Hotel::check_window(starts_at, ends_at, hotel.now())?;
    if ends_at.is_some() {
        let now = hotel.now();
        let sync_at = now + call.conditions.sync;
        for id in hotel.children(id).into_iter().chain([id]) {
            hotel.change_credential(id, |key| key.lengthen(ends_at, now, sync_at));
        }
    }
    answer(hotel, id)
}

fn assign(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let id = find(hotel, call.params.need_id("acs_credential_id")?)?.id;
    let user = user_or_identity(hotel, call.params)?;
    for id in hotel.children(id).into_iter().chain([id]) {
        hotel.change_credential(id, |key| key.user = Some(user));
    }
    answer(hotel, id)
}

fn unassign(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let id = find(hotel, call.params.need_id("acs_credential_id")?)?.id;
    let named = call.params.has("acs_user_id") || call.params.has("user_identity_id");
    if named && find(hotel, id)?.user != Some(user_or_identity(hotel, call.params)?) {
        return Err(Refusal::invalid(
            "The credential is not assigned to this user",
        ));
    }
    for id in hotel.children(id).into_iter().chain([id]) {
        hotel.change_credential(id, |key| key.user = None);
    }
    answer(hotel, id)
}

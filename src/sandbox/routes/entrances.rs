//! The endpoints under `/acs/entrances/`.

use std::collections::BTreeSet;

use crate::sandbox::id::Id;
use serde_json::json;

use super::page::Page;
use super::{
    Answer, Call, Kind, ONE_ENTRANCE, POST, READ, Refusal, Route, done, holds, opt, req,
    user_or_identity,
};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::Door;
use crate::sandbox::schema::nul;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/acs/entrances/list",
        methods: READ,
        fields: &[
            opt("acs_system_id", Kind::Uuid),
            opt("acs_credential_id", Kind::Uuid),
            opt("access_method_id", Kind::Uuid),
            opt("connected_account_id", Kind::Uuid),
            opt("space_id", Kind::Uuid),
            opt("acs_entrance_ids", Kind::List(&Kind::Uuid)),
            opt("customer_key", Kind::Text(1)),
            nul("location_id", Kind::Uuid),
            opt("search", Kind::Text(1)),
            opt("limit", Kind::Count),
            nul("page_cursor", Kind::Text(0)),
        ],
        handler: |hotel, call| list(hotel, call),
    },
    Route {
        path: "/acs/entrances/get",
        methods: READ,
        fields: ONE_ENTRANCE,
        handler: |hotel, call| {
            let door = find(hotel, call.params.need_id("acs_entrance_id")?)?;
            Ok(json!({ "acs_entrance": hotel.wire_entrance(door) }).into())
        },
    },
    Route {
        path: "/acs/entrances/grant_access",
        methods: POST,
        fields: &[
            req("acs_entrance_id", Kind::Uuid),
            opt("acs_user_id", Kind::Uuid),
            opt("user_identity_id", Kind::Uuid),
        ],
        handler: |hotel, call| {
            let door = find(hotel, call.params.need_id("acs_entrance_id")?)?.id;
            let user = user_or_identity(hotel, call.params)?;
            hotel.grant(user, door);
            Ok(done())
        },
    },
    Route {
        path: "/acs/entrances/list_credentials_with_access",
        methods: READ,
        fields: &[
            req("acs_entrance_id", Kind::Uuid),
            opt(
                "include_if",
                Kind::List(&Kind::Choice(&["visionline_metadata.is_valid"])),
            ),
        ],
        handler: |hotel, call| credentials_with_access(hotel, call),
    },
];

fn find(hotel: &Hotel, id: Id) -> Result<&Door, Refusal> {
    hotel
        .doors
        .get(id)
        .ok_or_else(|| Refusal::missing("acs_entrance", id))
}

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    let page = Page::of(call, 900)?;
    let numbers = |doors: &[Id]| -> BTreeSet<u64> {
        let numbers = doors.iter().filter_map(|door| hotel.doors.number(*door));
        numbers.collect()
    };
    let ids = params.ids("acs_entrance_ids").map(|ids| numbers(&ids));
    let of_credential = match params.id("acs_credential_id") {
        Some(id) => {
            let key = hotel
                .credentials
                .get(id)
                .ok_or_else(|| Refusal::missing("acs_credential", id))?;
            Some(numbers(&key.doors))
        }
        None => None,
    };
    let narrowed = match (ids, of_credential) {
        (Some(a), Some(b)) => Some(a.intersection(&b).copied().collect()),
        (a, b) => a.or(b),
    };
    // The hotel has no spaces, customers or access grants, so a filter by one of them finds nothing.
    let elsewhere = ["access_method_id", "space_id", "customer_key"]
        .iter()
        .any(|name| params.has(name))
        || params.id("location_id").is_some()
        || params
            .id("acs_system_id")
            .is_some_and(|id| id != hotel.property.system)
        || params
            .id("connected_account_id")
            .is_some_and(|id| id != hotel.property.system_account);
    let fits = |door: &Door| {
        !elsewhere
            && params
                .text("search")
                .is_none_or(|text| holds(Some(&door.name), text))
    };
    let write = |door| hotel.wire_entrance(door);
    Ok(if let Some(numbers) = narrowed {
        let rows = numbers
            .range(page.after + 1..)
            .filter_map(|number| Some((*number, hotel.doors.at(*number)?)));
        page.answer(
            call,
            "acs_entrances",
            rows.filter(|(_, door)| fits(door)),
            write,
        )
    } else {
        let rows = hotel.doors.after(page.after).filter(|(_, door)| fits(door));
        page.answer(call, "acs_entrances", rows, write)
    })
}

fn credentials_with_access(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let door = find(hotel, call.params.need_id("acs_entrance_id")?)?;
    let only_valid = call
        .params
        .texts("include_if")
        .is_some_and(|list| !list.is_empty());
    let index = if only_valid {
        &hotel.index.live_on_door
    } else {
        &hotel.index.keys_on_door
    };
    let keys: Vec<_> = index
        .of(door.id)
        .iter()
        .filter_map(|number| hotel.credentials.at(*number))
        .filter(|key| call.shows(hotel, key.created_at))
        .map(|key| hotel.wire_credential(key))
        .collect();
    Ok(json!({ "acs_credentials": keys }).into())
}

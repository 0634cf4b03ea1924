//! `/acs/entrances/…`

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
            Ok(json!({ "acs_entrance": hotel.wire_entrance(door) }))
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
    let among = |name: &str| params.ids(name).map(BTreeSet::from_iter);
    let ids: Option<BTreeSet<Id>> = among("acs_entrance_ids");
    let of_credential: Option<BTreeSet<Id>> = match params.id("acs_credential_id") {
        Some(id) => {
            let key = hotel
                .credentials
                .get(id)
                .ok_or_else(|| Refusal::missing("acs_credential", id))?;
            Some(key.doors.iter().copied().collect())
        }
        None => None,
    };
    // The hotel has no spaces, customers or access grants: a filter by one finds nothing.
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
    let rows = hotel.doors.after(page.after).filter(|(_, door)| {
        !elsewhere
            && ids.as_ref().is_none_or(|ids| ids.contains(&door.id))
            && of_credential
                .as_ref()
                .is_none_or(|ids| ids.contains(&door.id))
            && params
                .text("search")
                .is_none_or(|text| holds(Some(&door.name), text))
    });
    Ok(page.answer(call, "acs_entrances", rows, |door| {
        hotel.wire_entrance(door)
    }))
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
    Ok(json!({ "acs_credentials": keys }))
}

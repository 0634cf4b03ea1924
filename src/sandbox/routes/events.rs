//! The endpoint `/events/list`.

use std::collections::BTreeSet;

use chrono::SubsecRound as _;
use serde_json::json;

use super::{Answer, Call, Kind, READ, Refusal, Route, opt};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::Event;
use crate::sandbox::id::Id;
use crate::sandbox::schema::parse_time;

pub(super) const ROUTES: &[Route] = &[Route {
    path: "/events/list",
    methods: READ,
    fields: &[
        opt("since", Kind::DateTime),
        opt("between", Kind::List(&Kind::DateTime)),
        opt("event_type", Kind::Text(1)),
        opt("event_types", Kind::List(&Kind::Text(1))),
        opt("event_ids", Kind::List(&Kind::Uuid)),
        opt("acs_credential_id", Kind::Uuid),
        opt("acs_user_id", Kind::Uuid),
        opt("acs_system_id", Kind::Uuid),
        opt("acs_system_ids", Kind::List(&Kind::Uuid)),
        opt("acs_entrance_id", Kind::Uuid),
        opt("user_identity_id", Kind::Uuid),
        opt("device_id", Kind::Uuid),
        opt("device_ids", Kind::List(&Kind::Uuid)),
        opt("connected_account_id", Kind::Uuid),
        opt("customer_key", Kind::Text(1)),
        opt("limit", Kind::Count),
        opt("unstable_offset", Kind::Number),
    ],
    handler: |hotel, call| list(hotel, call),
}];

/// The filters that compare one id of an event.
const ABOUT: [&str; 7] = [
    "acs_credential_id",
    "acs_user_id",
    "acs_system_id",
    "acs_entrance_id",
    "user_identity_id",
    "device_id",
    "connected_account_id",
];

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let params = call.params;
    // Times are compared in whole milliseconds, as the API writes them.
    let (from, to) = match (params.time("since"), params.texts("between")) {
        (Some(since), None) => (since.trunc_subsecs(3), None),
        (None, Some(between)) => match between
            .iter()
            .map(|time| parse_time(time))
            .collect::<Vec<_>>()[..]
        {
            [Some(from), Some(to)] => (from.trunc_subsecs(3), Some(to.trunc_subsecs(3))),
            _ => {
                return Err(Refusal::field(
                    "between",
                    "Array must contain exactly 2 element(s)",
                ));
            }
        },
        _ => {
            return Err(Refusal::invalid(
                "Must provide exactly one of since and between",
            ));
        }
    };
    let types: Option<BTreeSet<&str>> =
        match (params.text("event_type"), params.texts("event_types")) {
            (None, None) => None,
            (one, many) => Some(one.into_iter().chain(many.unwrap_or_default()).collect()),
        };
    let among = |event: &Event, list: &str, key: &str| {
        params.texts(list).is_none_or(|ids| {
            event
                .about(key)
                .is_some_and(|id| ids.iter().any(|own| Id::parse(own) == Some(id)))
        })
    };
    let fits = |event: &&Event| {
        event.at >= from
            && to.is_none_or(|to| event.at < to)
            && types
                .as_ref()
                .is_none_or(|types| types.contains(event.kind.as_ref()))
            && params
                .ids("event_ids")
                .is_none_or(|ids| ids.contains(&event.id))
            && ABOUT.iter().all(|name| {
                params
                    .id(name)
                    .is_none_or(|id| event.about(name) == Some(id))
            })
            && among(event, "acs_system_ids", "acs_system_id")
            && among(event, "device_ids", "device_id")
            && !params.has("customer_key")
    };
    let skip = params.count("unstable_offset").unwrap_or(0);
    let limit = params.count("limit").unwrap_or(500);
    let events: Vec<&Event> = hotel
        .events
        .iter()
        .filter(fits)
        .skip(skip)
        .take(limit)
        .collect();
    Ok(json!({ "events": events }).into())
}

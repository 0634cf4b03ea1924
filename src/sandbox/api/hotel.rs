//! Workspaces, systems, entrances, events.

use serde_json::json;

use super::{Answer, Call, POST, Refusal, Route, matches, page, read, write};
use crate::sandbox::params::Kind::{Count, Free, Id, Ids, Instant, Instants, SomeOf, Text, Texts};
use crate::sandbox::params::{Args, may, must};
use crate::sandbox::render;

pub(super) const ROUTES: &[Route] = &[
    read("/workspaces/get", &[], |call, _| {
        Ok(json!({ "workspace": render::workspace(call.world) }))
    }),
    read(
        "/acs/systems/list",
        &[
            may("connected_account_id", Id),
            may("customer_key", Text),
            may("search", Text),
        ],
        list_systems,
    ),
    read("/acs/systems/get", &[must("acs_system_id", Id)], get_system),
    read(
        "/acs/systems/list_compatible_credential_manager_acs_systems",
        &[must("acs_system_id", Id)],
        list_managers,
    ),
    read(
        "/acs/entrances/list",
        &[
            may("acs_system_id", Id),
            may("acs_credential_id", Id),
            may("access_method_id", Id),
            may("connected_account_id", Id),
            may("space_id", Id),
            may("acs_entrance_ids", Ids),
            may("customer_key", Text),
            may("location_id", Free),
            may("search", Text),
            may("limit", Count),
            may("page_cursor", Free),
        ],
        list_entrances,
    ),
    read(
        "/acs/entrances/get",
        &[must("acs_entrance_id", Id)],
        get_entrance,
    ),
    write(
        "/acs/entrances/grant_access",
        POST,
        &[
            must("acs_entrance_id", Id),
            may("acs_user_id", Id),
            may("user_identity_id", Id),
        ],
        grant_access,
    ),
    read(
        "/acs/entrances/list_credentials_with_access",
        &[
            must("acs_entrance_id", Id),
            may("include_if", SomeOf(&["visionline_metadata.is_valid"])),
        ],
        list_credentials_with_access,
    ),
    read(
        "/events/list",
        &[
            may("since", Instant),
            may("between", Instants),
            may("event_type", Text),
            may("event_types", Texts),
            may("event_ids", Ids),
            may("acs_credential_id", Id),
            may("acs_user_id", Id),
            may("acs_system_id", Id),
            may("acs_system_ids", Ids),
            may("limit", Count),
            may("unstable_offset", Count),
        ],
        list_events,
    ),
];

fn list_systems(call: &mut Call<'_>, args: &Args) -> Answer {
    let mut systems = render::systems(call.world).to_vec();
    systems.retain(|system| {
        matches(
            args.text("search"),
            &[system["name"].as_str(), system["acs_system_id"].as_str()],
        ) && args
            .text("connected_account_id")
            .is_none_or(|id| system["connected_account_id"] == id)
    });
    Ok(json!({ "acs_systems": systems }))
}

fn get_system(call: &mut Call<'_>, args: &Args) -> Answer {
    let systems = render::systems(call.world).into_iter();
    let found = systems
        .into_iter()
        .find(|system| system["acs_system_id"].as_str() == args.text("acs_system_id"));
    found
        .map(|system| json!({ "acs_system": system }))
        .ok_or_else(|| Refusal::missing("acs_system"))
}

fn list_managers(call: &mut Call<'_>, args: &Args) -> Answer {
    let [visionline, manager] = render::systems(call.world);
    match args.text("acs_system_id") {
        id if id == visionline["acs_system_id"].as_str() => Ok(json!({ "acs_systems": [manager] })),
        id if id == manager["acs_system_id"].as_str() => Ok(json!({ "acs_systems": [] })),
        _ => Err(Refusal::missing("acs_system")),
    }
}

fn list_entrances(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let ids = args.texts("acs_entrance_ids");
    let of_key = match args.text("acs_credential_id") {
        None => None,
        Some(id) => Some(
            &world
                .credentials
                .get(id)
                .ok_or_else(|| Refusal::missing("acs_credential"))?
                .doors,
        ),
    };
    page(
        &world.entrances,
        args,
        900,
        "acs_entrances",
        "/acs/entrances/list",
        |door| {
            args.text("acs_system_id")
                .is_none_or(|id| id == world.fixed.system_id)
                && args
                    .text("connected_account_id")
                    .is_none_or(|id| id == world.fixed.account_id)
                && !args.has("space_id")
                && (ids.is_empty() || ids.contains(&door.id))
                && of_key.is_none_or(|doors| doors.contains(&door.id))
                && matches(args.text("search"), &[Some(&door.name)])
        },
        |door| render::entrance(world, door),
    )
}

fn get_entrance(call: &mut Call<'_>, args: &Args) -> Answer {
    let found = args
        .text("acs_entrance_id")
        .and_then(|id| call.world.entrances.get(id));
    let door = found.ok_or_else(|| Refusal::missing("acs_entrance"))?;
    Ok(json!({ "acs_entrance": render::entrance(call.world, door) }))
}

fn grant_access(call: &mut Call<'_>, args: &Args) -> Answer {
    let door = args.text("acs_entrance_id").unwrap_or_default();
    if call.world.entrances.get(door).is_none() {
        return Err(Refusal::missing("acs_entrance"));
    }
    let user = super::guests::identify(call, args)?;
    if let Some(user) = call.world.users.get_mut(&user) {
        user.grants.insert(door.to_owned());
    }
    Ok(json!({}))
}

fn list_credentials_with_access(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let door = args.text("acs_entrance_id").unwrap_or_default();
    if world.entrances.get(door).is_none() {
        return Err(Refusal::missing("acs_entrance"));
    }
    let only_valid = args.has("include_if");
    let known = call.known();
    let keys: Vec<_> = world
        .credentials_at(door)
        .filter(|key| (!only_valid || key.valid) && key.created_at <= known)
        .map(|key| render::credential(world, key, call.now))
        .collect();
    Ok(json!({ "acs_credentials": keys }))
}

fn list_events(call: &mut Call<'_>, args: &Args) -> Answer {
    let world = &*call.world;
    let between = args.texts("between");
    let (from, to) = match (args.instant("since"), between.as_slice()) {
        (Some(since), []) => (since, None),
        (None, [from, to]) => {
            let instant = |text: &str| {
                text.parse()
                    .map_err(|_| Refusal::field("between", "Invalid datetime"))
            };
            (instant(from)?, Some(instant(to)?))
        }
        _ => {
            return Err(Refusal::field(
                "since",
                "Must specify either \"since\" or \"between\"",
            ));
        }
    };
    let kinds = args.texts("event_types");
    let ids = args.texts("event_ids");
    let events: Vec<_> = world
        .events
        .iter()
        .filter(|event| event.at >= from && to.is_none_or(|to| event.at <= to))
        .filter(|event| {
            args.text("event_type")
                .is_none_or(|kind| kind == event.kind)
        })
        .filter(|event| kinds.is_empty() || kinds.contains(&event.kind))
        .filter(|event| ids.is_empty() || ids.contains(&event.id))
        .filter(|event| {
            let named = ["acs_credential_id", "acs_user_id"]
                .into_iter()
                .find_map(|name| args.text(name));
            named.is_none_or(|id| id == event.object)
        })
        .skip(args.count("unstable_offset").unwrap_or(0))
        .take(args.count("limit").unwrap_or(500))
        .map(|event| render::event(world, event))
        .collect();
    Ok(json!({ "events": events }))
}

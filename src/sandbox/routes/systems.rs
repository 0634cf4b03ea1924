//! The endpoints under `/acs/systems/`.

use crate::sandbox::id::Id;
use serde_json::{Value, json};

use super::{Call, Kind, ONE_SYSTEM, READ, Refusal, Route, holds, holds_id, opt};
use crate::sandbox::hotel::Hotel;

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/acs/systems/list",
        methods: READ,
        fields: &[
            opt("connected_account_id", Kind::Uuid),
            opt("customer_key", Kind::Text(1)),
            opt("search", Kind::Text(1)),
        ],
        handler: |hotel, call| Ok(json!({ "acs_systems": list(hotel, call) }).into()),
    },
    Route {
        path: "/acs/systems/get",
        methods: READ,
        fields: ONE_SYSTEM,
        handler: |hotel, call| {
            let manager = is_manager(hotel, call.params.need_id("acs_system_id")?)?;
            Ok(json!({ "acs_system": hotel.wire_system(manager) }).into())
        },
    },
    Route {
        path: "/acs/systems/list_compatible_credential_manager_acs_systems",
        methods: READ,
        fields: ONE_SYSTEM,
        handler: |hotel, call| {
            let manager = is_manager(hotel, call.params.need_id("acs_system_id")?)?;
            let systems = if manager {
                Vec::new()
            } else {
                vec![hotel.wire_system(true)]
            };
            Ok(json!({ "acs_systems": systems }).into())
        },
    },
];

fn list(hotel: &Hotel, call: &Call<'_>) -> Vec<Value> {
    let params = call.params;
    let systems = [
        (false, hotel.property.system),
        (true, hotel.property.manager),
    ];
    systems
        .into_iter()
        .filter(|_| !params.has("customer_key"))
        .filter(|(_, id)| {
            params
                .id("connected_account_id")
                .is_none_or(|account| account == hotel.system_account(*id))
        })
        .map(|(manager, id)| (id, hotel.wire_system(manager)))
        .filter(|(id, system)| {
            params
                .text("search")
                .is_none_or(|text| holds(system["name"].as_str(), text) || holds_id(*id, text))
        })
        .map(|(_, system)| system)
        .collect()
}

/// Returns true for the credential manager and false for the Visionline system.
pub(super) fn is_manager(hotel: &Hotel, id: Id) -> Result<bool, Refusal> {
    match id {
        id if id == hotel.property.system => Ok(false),
        id if id == hotel.property.manager => Ok(true),
        id => Err(Refusal::missing("acs_system", id)),
    }
}

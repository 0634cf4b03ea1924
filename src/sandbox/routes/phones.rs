//! The endpoints under `/phones/`.

use std::collections::BTreeSet;

use crate::sandbox::id::Id;
use serde_json::json;

use super::{Answer, Call, DELETE, Kind, POST, READ, Refusal, Route, done, opt, req};
use crate::sandbox::hotel::Hotel;
use crate::sandbox::hotel::records::Phone;
use crate::sandbox::schema::Field;
use crate::sandbox::wire::short_id;

const HARDWARE: &[Field] = &[
    opt("device_manufacturer", Kind::Text(0)),
    opt("device_model", Kind::Text(0)),
    opt("operating_system", Kind::Choice(&["android", "ios"])),
    opt("os_version", Kind::Text(0)),
];

const APP: &[Field] = &[
    opt("application_version", Kind::Text(0)),
    opt("ble_capability", Kind::Bool),
    opt("hce_capability", Kind::Bool),
    opt("nfc_capability", Kind::Bool),
    opt("seos_applet_version", Kind::Text(0)),
    opt("seos_tsm_endpoint_id", Kind::Number),
];

const ONE_PHONE: &[Field] = &[req("device_id", Kind::Uuid)];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/phones/list",
        methods: READ,
        fields: &[
            opt("owner_user_identity_id", Kind::Uuid),
            opt("acs_credential_id", Kind::Uuid),
        ],
        handler: |hotel, call| list(hotel, call),
    },
    Route {
        path: "/phones/get",
        methods: READ,
        fields: ONE_PHONE,
        handler: |hotel, call| {
            let phone = find(hotel, call.params.need_id("device_id")?)?;
            Ok(json!({ "phone": hotel.wire_phone(phone) }).into())
        },
    },
    Route {
        path: "/phones/deactivate",
        methods: DELETE,
        fields: ONE_PHONE,
        handler: |hotel, call| {
            let id = find(hotel, call.params.need_id("device_id")?)?.id;
            hotel.remove_phone(id);
            Ok(done())
        },
    },
    Route {
        path: "/phones/simulate/create_sandbox_phone",
        methods: POST,
        fields: &[
            req("user_identity_id", Kind::Uuid),
            opt("custom_sdk_installation_id", Kind::Text(0)),
            opt("phone_metadata", Kind::Object(HARDWARE)),
            opt("assa_abloy_metadata", Kind::Object(APP)),
        ],
        handler: create,
    },
];

fn find(hotel: &Hotel, id: Id) -> Result<&Phone, Refusal> {
    hotel
        .phones
        .get(id)
        .ok_or_else(|| Refusal::missing("device", id))
}

fn list(hotel: &Hotel, call: &Call<'_>) -> Answer {
    let with_key: Option<BTreeSet<Id>> = match call.params.id("acs_credential_id") {
        None => None,
        Some(id) => {
            let key = hotel
                .credentials
                .get(id)
                .ok_or_else(|| Refusal::missing("acs_credential", id))?;
            let children = hotel.children(id);
            let children = children
                .iter()
                .filter_map(|child| hotel.credentials.get(*child)?.device);
            Some(children.chain(key.device).collect())
        }
    };
    let wanted = |phone: &&Phone| {
        with_key
            .as_ref()
            .is_none_or(|with| with.contains(&phone.id))
    };
    let write = |phone: &Phone| hotel.wire_phone(phone);
    let phones: Vec<_> = match call.params.id("owner_user_identity_id") {
        Some(owner) => hotel.phones_of(owner).filter(wanted).map(write).collect(),
        None => hotel.phones.iter().filter(wanted).map(write).collect(),
    };
    Ok(json!({ "phones": phones }).into())
}

fn create(hotel: &mut Hotel, call: &Call<'_>) -> Answer {
    let identity =
        super::user_identities::find(hotel, call.params.need_id("user_identity_id")?)?.id;
    let hardware = call.params.object("phone_metadata");
    let app = call.params.object("assa_abloy_metadata");
    let id = hotel.new_id();
    let phone = Phone {
        id,
        identity,
        name: hardware
            .owned("device_model")
            .unwrap_or_else(|| "Samsung Galaxy S10".to_owned()),
        ios: hardware.text("operating_system") == Some("ios"),
        endpoint: short_id(id),
        // A phone without Bluetooth cannot receive a key.
        active: app.flag("ble_capability") != Some(false),
        created_at: hotel.now(),
    };
    hotel.add_phone(phone, call.conditions.sync);
    let phone = find(hotel, id)?;
    Ok(json!({ "phone": hotel.wire_phone(phone) }).into())
}

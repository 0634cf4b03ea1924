//! The service's objects in the form of the API.
//!
//! They were written from the vendor's schema and are not shared with the client, so that tests find a misreading on
//! either side.

mod key;
mod people;

use std::collections::BTreeMap;

use crate::sandbox::id::Id;
use serde::Serialize;
use serde_json::{Value, json};

use super::hotel::records::{Category, Credential, Door};
use super::hotel::{Hotel, wire_time};

/// A warning on an object.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct Warning {
    warning_code: &'static str,
    message: &'static str,
    created_at: String,
}

/// An error on an object.
#[derive(Serialize)]
struct Failing {
    error_code: &'static str,
    message: &'static str,
    created_at: String,
}

/// A list that the schema requires and that is always empty.
type Errors = [Value; 0];

#[derive(Serialize)]
struct WireSystem<'a> {
    acs_system_id: Id,
    name: &'a str,
    external_type: &'static str,
    external_type_display_name: &'static str,
    system_type: &'static str,
    system_type_display_name: &'static str,
    is_credential_manager: bool,
    location: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_credential_manager_acs_system_id: Option<Id>,
    workspace_id: Id,
    connected_account_id: Id,
    connected_account_ids: [Id; 1],
    created_at: String,
    image_url: &'static str,
    image_alt_text: &'static str,
    acs_user_count: usize,
    acs_access_group_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    visionline_metadata: Option<BTreeMap<&'static str, &'static str>>,
    errors: Errors,
    warnings: Errors,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire's flags")]
struct WireEntrance<'a> {
    acs_entrance_id: Id,
    acs_system_id: Id,
    connected_account_id: Id,
    display_name: &'a str,
    created_at: String,
    space_ids: Errors,
    can_unlock_with_mobile_key: bool,
    can_unlock_with_card: bool,
    can_unlock_with_code: bool,
    can_unlock_with_cloud_key: bool,
    can_belong_to_reservation: bool,
    visionline_metadata: DoorMetadata<'a>,
    errors: Errors,
    warnings: Errors,
}

#[derive(Serialize)]
struct DoorMetadata<'a> {
    door_name: &'a str,
    door_category: Category,
    profiles: Vec<DoorProfile>,
}

#[derive(Serialize)]
struct DoorProfile {
    visionline_door_profile_id: &'static str,
    visionline_door_profile_type: &'static str,
}

/// Serializes an object. This cannot fail, because its keys are text and its numbers are finite.
fn written(object: impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}

impl Hotel {
    pub(super) fn wire_workspace(&self) -> Value {
        json!({
            "workspace_id": self.property.workspace,
            "name": self.property.name,
            "company_name": self.property.name,
            "connect_partner_name": self.property.name,
            "connect_webview_customization": {},
            "is_sandbox": true,
            "is_suspended": false,
            "is_publishable_key_auth_enabled": false,
            "organization_id": self.property.organization,
        })
    }

    pub(super) fn wire_system(&self, manager: bool) -> Value {
        let property = &self.property;
        let id = if manager {
            property.manager
        } else {
            property.system
        };
        let (kind, title) = if manager {
            (
                "assa_abloy_credential_service",
                "ASSA ABLOY Credential Service",
            )
        } else {
            ("visionline_system", "Visionline")
        };
        let account = self.system_account(id);
        written(WireSystem {
            acs_system_id: id,
            name: if manager { title } else { &property.name },
            external_type: kind,
            external_type_display_name: title,
            system_type: kind,
            system_type_display_name: title,
            is_credential_manager: manager,
            location: BTreeMap::from([("time_zone", property.time_zone.as_str())]),
            default_credential_manager_acs_system_id: (!manager).then_some(property.manager),
            workspace_id: property.workspace,
            connected_account_id: account,
            connected_account_ids: [account],
            created_at: wire_time(property.opened_at),
            image_url: "https://connect.getseam.com/assets/images/acs_systems/visionline.png",
            image_alt_text: title,
            acs_user_count: if manager { 0 } else { self.users.len() },
            acs_access_group_count: 0,
            visionline_metadata: (!manager).then(|| {
                BTreeMap::from([
                    ("lan_address", "https://192.168.1.100"),
                    ("mobile_access_uuid", "1"),
                    ("system_id", "1"),
                ])
            }),
            errors: [],
            warnings: [],
        })
    }

    pub(super) fn wire_entrance<'a>(&'a self, door: &'a Door) -> impl Serialize + use<'a> {
        let profile = |kind, id| DoorProfile {
            visionline_door_profile_id: id,
            visionline_door_profile_type: kind,
        };
        let mut profiles = Vec::new();
        if door.mobile {
            profiles.push(profile("BLE", "1"));
        }
        if door.category != Category::Guest {
            profiles.push(profile("commonDoor", "2"));
        }
        WireEntrance {
            acs_entrance_id: door.id,
            acs_system_id: self.property.system,
            connected_account_id: self.property.system_account,
            display_name: &door.name,
            created_at: wire_time(door.created_at),
            space_ids: [],
            can_unlock_with_mobile_key: door.mobile,
            can_unlock_with_card: true,
            can_unlock_with_code: false,
            can_unlock_with_cloud_key: false,
            can_belong_to_reservation: door.category == Category::Guest,
            visionline_metadata: DoorMetadata {
                door_name: &door.name,
                door_category: door.category,
                profiles,
            },
            errors: [],
            warnings: [],
        }
    }

    /// Returns the whole state of the hotel, for tests and training. Values that no answer of the API contains are
    /// under `_sandbox`.
    pub(super) fn wire_state(&self, with_events: bool) -> Value {
        let now = self.now();
        let credential = |key: &Credential| {
            let mut object = written(self.wire_credential(key));
            let hidden = &mut object["_sandbox"];
            *hidden = written(&key.asked);
            hidden["device_id"] = json!(key.device);
            hidden["is_there"] = json!(key.window_there(now).is_some());
            hidden["generations"] = json!(key.generations);
            object
        };
        let mut state = json!({
            "credentials": self.credentials.iter().map(credential).collect::<Vec<_>>(),
            "users": self.users.iter().map(|user| self.wire_user(user)).collect::<Vec<_>>(),
            "grants": self.grants.iter().map(|(user, door)| json!({ "acs_user_id": user, "acs_entrance_id": door })).collect::<Vec<_>>(),
            "locks": self.locks.iter().map(|(door, latest)| json!({ "acs_entrance_id": door, "remembers": latest })).collect::<Vec<_>>(),
            "cards_out": self.cards_out.iter().map(credential).collect::<Vec<_>>(),
            "phones": self.phones.iter().map(|phone| {
                let mut object = self.wire_phone(phone);
                object["user_identity_id"] = json!(phone.identity);
                object
            }).collect::<Vec<_>>(),
            "user_identities": self.identities.iter().map(|identity| self.wire_identity(identity)).collect::<Vec<_>>(),
            "entrances": self.doors.iter().map(|door| self.wire_entrance(door)).collect::<Vec<_>>(),
            "now": wire_time(now),
        });
        if with_events {
            state["events"] = json!(self.events);
        }
        state
    }
}

/// Returns the lock system's short number for a key.
pub(super) fn short_id(id: Id) -> String {
    let [a, b, c, ..] = id.bytes();
    u32::from_be_bytes([0, a, b, c]).to_string()
}

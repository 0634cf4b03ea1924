//! The service's objects as they stand in its answers: written from the vendor's schema, not
//! shared with the client, so that a misreading on one side shows.

use std::collections::BTreeMap;

use crate::sandbox::id::Id;
use serde::Serialize;
use serde_json::{Value, json};

use super::hotel::records::{Category, Credential, Door, Identity, Method, Phone, Remark, User};
use super::hotel::{Hotel, wire_time};

/// A remark of the service on one of its objects.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct Warning {
    warning_code: &'static str,
    message: &'static str,
    created_at: String,
}

/// The same about something that does not work.
#[derive(Serialize)]
struct Failing {
    error_code: &'static str,
    message: &'static str,
    created_at: String,
}

/// Lists that are there because the schema requires them, and always empty.
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

#[derive(Serialize)]
struct WireUser<'a> {
    acs_user_id: Id,
    acs_system_id: Id,
    workspace_id: Id,
    connected_account_id: Id,
    created_at: String,
    display_name: &'a str,
    full_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(flatten)]
    identity: Option<IdentityOfUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_schedule: Option<WireSchedule>,
    is_suspended: bool,
    is_managed: bool,
    last_successful_sync_at: String,
    pending_mutations: Errors,
    errors: Vec<Failing>,
    warnings: Vec<Warning>,
}

/// Null where the identity has none; all absent where the user has no identity.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct IdentityOfUser<'a> {
    user_identity_id: Id,
    user_identity_email_address: Option<&'a str>,
    user_identity_phone_number: Option<&'a str>,
    user_identity_full_name: Option<&'a str>,
}

#[derive(Serialize)]
struct WireSchedule {
    starts_at: String,
    ends_at: Option<String>,
}

#[derive(Serialize)]
struct WireIdentity<'a> {
    user_identity_id: Id,
    user_identity_key: Option<&'a str>,
    email_address: Option<&'a str>,
    phone_number: Option<&'a str>,
    display_name: &'a str,
    full_name: Option<&'a str>,
    acs_user_ids: Vec<Id>,
    merged_user_identity_ids: Errors,
    merged_user_identity_keys: Errors,
    created_at: String,
    workspace_id: Id,
    errors: Errors,
    warnings: Errors,
}

#[derive(Serialize)]
struct WirePhone<'a> {
    device_id: Id,
    display_name: &'a str,
    device_type: &'static str,
    workspace_id: Id,
    created_at: String,
    custom_metadata: BTreeMap<String, Value>,
    properties: Value,
    errors: Errors,
    warnings: Errors,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire's flags")]
struct WireCredential<'a> {
    acs_credential_id: Id,
    acs_system_id: Id,
    connected_account_id: Id,
    workspace_id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    acs_user_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity_id: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_acs_credential_id: Option<Id>,
    access_method: Method,
    display_name: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<String>,
    code: Option<&'a str>,
    card_number: Option<&'a str>,
    is_issued: bool,
    issued_at: Option<String>,
    is_managed: bool,
    is_multi_phone_sync_credential: bool,
    is_one_time_use: bool,
    is_latest_desired_state_synced_with_provider: bool,
    latest_desired_state_synced_with_provider_at: Option<String>,
    external_type: &'static str,
    external_type_display_name: &'static str,
    visionline_metadata: KeyMetadata<'a>,
    errors: Errors,
    warnings: Vec<Warning>,
}

#[derive(Serialize)]
struct KeyMetadata<'a> {
    card_function_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_join: Option<bool>,
    card_id: String,
    credential_id: String,
    guest_acs_entrance_ids: Vec<Id>,
    common_acs_entrance_ids: Vec<Id>,
    joiner_acs_credential_ids: &'a [Id],
    is_valid: bool,
}

/// Writing an object cannot fail: its keys are text and its numbers are finite.
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

    pub(super) fn wire_user<'a>(&'a self, user: &'a User) -> impl Serialize + use<'a> {
        let identity = user.identity.and_then(|id| self.identities.get(id));
        let (errors, warnings) = remarks(user);
        WireUser {
            acs_user_id: user.id,
            acs_system_id: user.system,
            workspace_id: self.property.workspace,
            connected_account_id: self.system_account(user.system),
            created_at: wire_time(user.created_at),
            display_name: &user.full_name,
            full_name: &user.full_name,
            email_address: user.email.as_deref(),
            email: user.email.as_deref(),
            phone_number: user.phone.as_deref(),
            identity: identity.map(|identity| IdentityOfUser {
                user_identity_id: identity.id,
                user_identity_email_address: identity.email.as_deref(),
                user_identity_phone_number: identity.phone.as_deref(),
                user_identity_full_name: identity.full_name.as_deref(),
            }),
            access_schedule: user.schedule.map(|(starts_at, ends_at)| WireSchedule {
                starts_at: wire_time(starts_at),
                ends_at: ends_at.map(wire_time),
            }),
            is_suspended: user.suspended,
            is_managed: true,
            last_successful_sync_at: wire_time(user.created_at),
            pending_mutations: [],
            errors,
            warnings,
        }
    }

    pub(super) fn wire_identity<'a>(&'a self, identity: &'a Identity) -> impl Serialize + use<'a> {
        let names = [
            &identity.full_name,
            &identity.email,
            &identity.phone,
            &identity.key,
        ];
        WireIdentity {
            user_identity_id: identity.id,
            user_identity_key: identity.key.as_deref(),
            email_address: identity.email.as_deref(),
            phone_number: identity.phone.as_deref(),
            display_name: names
                .into_iter()
                .flatten()
                .next()
                .map_or("User", String::as_str),
            full_name: identity.full_name.as_deref(),
            acs_user_ids: self.users_of(identity.id).map(|user| user.id).collect(),
            merged_user_identity_ids: [],
            merged_user_identity_keys: [],
            created_at: wire_time(identity.created_at),
            workspace_id: self.property.workspace,
            errors: [],
            warnings: [],
        }
    }

    pub(super) fn wire_phone(&self, phone: &Phone) -> Value {
        written(WirePhone {
            device_id: phone.id,
            display_name: &phone.name,
            device_type: if phone.ios {
                "ios_phone"
            } else {
                "android_phone"
            },
            workspace_id: self.property.workspace,
            created_at: wire_time(phone.created_at),
            custom_metadata: BTreeMap::new(),
            properties: json!({ "assa_abloy_credential_service_metadata": {
                "has_active_endpoint": phone.active,
                "endpoints": [{ "endpoint_id": phone.endpoint, "is_active": phone.active }],
            }}),
            errors: [],
            warnings: [],
        })
    }

    pub(super) fn wire_credential<'a>(&'a self, key: &'a Credential) -> impl Serialize + use<'a> {
        // A key that waits for a phone is nowhere yet.
        let synced_at = key
            .sync_at
            .filter(|at| !key.never_syncs && *at <= self.now() && !self.is_waiting(key));
        let mobile = key.method == Method::MobileKey;
        let issued_at = if mobile {
            synced_at
        } else {
            key.card_number.is_some().then_some(key.created_at)
        };
        let (guest, common) = self.split_doors(key);
        WireCredential {
            acs_credential_id: key.id,
            acs_system_id: self.property.system,
            connected_account_id: self.property.system_account,
            workspace_id: self.property.workspace,
            acs_user_id: key.user,
            user_identity_id: key.user.and_then(|user| self.users.get(user)?.identity),
            parent_acs_credential_id: key.parent,
            access_method: key.method,
            display_name: &key.name,
            created_at: wire_time(key.created_at),
            starts_at: key.starts_at.map(wire_time),
            ends_at: key.ends_at.map(wire_time),
            code: None,
            card_number: key.card_number.as_deref(),
            is_issued: issued_at.is_some(),
            issued_at: issued_at.map(wire_time),
            is_managed: true,
            is_multi_phone_sync_credential: key.multi_phone,
            is_one_time_use: false,
            is_latest_desired_state_synced_with_provider: synced_at.is_some(),
            latest_desired_state_synced_with_provider_at: synced_at.map(wire_time),
            external_type: "visionline_card",
            external_type_display_name: "Visionline Card",
            visionline_metadata: KeyMetadata {
                card_function_type: if key.staff { "staff" } else { "guest" },
                auto_join: key.auto_join,
                card_id: short_id(key.id),
                credential_id: short_id(key.id),
                guest_acs_entrance_ids: guest,
                common_acs_entrance_ids: common,
                joiner_acs_credential_ids: &key.joined,
                is_valid: key.valid,
            },
            errors: [],
            warnings: self.warnings(key),
        }
    }

    fn is_waiting(&self, key: &Credential) -> bool {
        key.multi_phone && self.index.children.of(key.id).is_empty()
    }

    fn warnings(&self, key: &Credential) -> Vec<Warning> {
        let all = [
            (
                self.is_waiting(key),
                "waiting_to_be_issued",
                "The credential is waiting for a phone to be issued to.",
            ),
            (
                key.moved,
                "schedule_modified",
                "The start was in the past and has been moved to the time of creation.",
            ),
            (
                key.gone_at.is_some(),
                "being_deleted",
                "The credential is being deleted.",
            ),
            (
                key.user
                    .and_then(|user| self.users.get(user)?.remark)
                    .is_some(),
                "unknown_issue_with_acs_credential",
                "The credential may not work: there is a problem with its user.",
            ),
        ];
        all.into_iter()
            .filter(|(there, ..)| *there)
            .map(|(_, warning_code, message)| Warning {
                warning_code,
                message,
                created_at: wire_time(key.created_at),
            })
            .collect()
    }

    /// Everything, for tests and training: what no API answer tells stands under `_sandbox`.
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

/// What the access system remarks on a user.
fn remarks(user: &User) -> (Vec<Failing>, Vec<Warning>) {
    let created_at = wire_time(user.created_at);
    let failing = |error_code, message| {
        let error = Failing {
            error_code,
            message,
            created_at: created_at.clone(),
        };
        (vec![error], Vec::new())
    };
    match user.remark {
        None => (Vec::new(), Vec::new()),
        Some(Remark::DeletedExternally) => failing(
            "deleted_externally",
            "The user was deleted on the access system, outside of Seam.",
        ),
        Some(Remark::FailedToCreateOnAcsSystem) => failing(
            "failed_to_create_on_acs_system",
            "The user could not be created on the access system.",
        ),
        Some(Remark::BeingDeleted) => {
            let warning = Warning {
                warning_code: "being_deleted",
                message: "The user is being deleted.",
                created_at,
            };
            (Vec::new(), vec![warning])
        }
    }
}

/// The lock system's own short number for a key.
pub(super) fn short_id(id: Id) -> String {
    let [a, b, c, ..] = id.bytes();
    u32::from_be_bytes([0, a, b, c]).to_string()
}

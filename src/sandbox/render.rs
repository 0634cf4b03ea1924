//! Objects as the API shows them, with every field that its schema requires.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::world::{Credential, Entrance, Event, Identity, Phone, User, World};

pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The two systems: the lock system and its credential manager.
pub(super) fn systems(world: &World) -> [Value; 2] {
    let fixed = &world.fixed;
    let system = |id: &str, name: &str, kind: &str, display: &str, manager: bool| {
        json!({
            "acs_system_id": id, "name": name, "external_type": kind, "external_type_display_name": display,
            "workspace_id": fixed.workspace_id, "created_at": stamp(fixed.opened_at),
            "is_credential_manager": manager, "location": { "time_zone": fixed.time_zone },
            "connected_account_id": fixed.account_id, "connected_account_ids": [fixed.account_id],
            "image_url": "https://example.com/system.png", "image_alt_text": display,
            "acs_user_count": world.users.iter().count(), "acs_access_group_count": 0,
            "errors": [], "warnings": [],
        })
    };
    let mut visionline = system(
        &fixed.system_id,
        "Harbour Hotel",
        "visionline_system",
        "Visionline",
        false,
    );
    visionline["default_credential_manager_acs_system_id"] = json!(fixed.manager_id);
    visionline["visionline_metadata"] =
        json!({ "lan_address": "192.0.2.10", "mobile_access_uuid": "1", "system_id": "1" });
    let manager = system(
        &fixed.manager_id,
        "Harbour Hotel mobile keys",
        "assa_abloy_credential_service",
        "ASSA ABLOY Credential Service",
        true,
    );
    [visionline, manager]
}

pub(super) fn entrance(world: &World, door: &Entrance) -> Value {
    let profile = |kind: &str| json!({ "visionline_door_profile_id": kind, "visionline_door_profile_type": kind });
    let profiles: Vec<Value> = if door.mobile {
        vec![profile("BLE"), profile("touch")]
    } else {
        vec![profile("touch")]
    };
    json!({
        "acs_entrance_id": door.id, "acs_system_id": world.fixed.system_id, "display_name": door.name,
        "connected_account_id": world.fixed.account_id, "created_at": stamp(door.created_at), "space_ids": [],
        "can_unlock_with_mobile_key": door.mobile, "can_unlock_with_card": true, "can_unlock_with_code": false,
        "can_unlock_with_cloud_key": false, "can_belong_to_reservation": door.category == "guest",
        "visionline_metadata": { "door_name": door.name, "door_category": door.category, "profiles": profiles },
        "errors": [], "warnings": [],
    })
}

pub(super) fn user(world: &World, user: &User) -> Value {
    let fixed = &world.fixed;
    let mut shown = json!({
        "acs_user_id": user.id, "acs_system_id": fixed.system_id, "workspace_id": fixed.workspace_id,
        "connected_account_id": fixed.account_id, "created_at": stamp(user.created_at), "display_name": user.name,
        "full_name": user.name, "is_managed": true, "is_suspended": user.suspended,
        "last_successful_sync_at": stamp(user.created_at), "errors": [], "warnings": [],
    });
    if let Some(email) = &user.email {
        shown["email_address"] = json!(email);
    }
    if let Some(phone) = &user.phone {
        shown["phone_number"] = json!(phone);
    }
    if let Some((starts_at, ends_at)) = user.schedule {
        shown["access_schedule"] =
            json!({ "starts_at": stamp(starts_at), "ends_at": ends_at.map(stamp) });
    }
    if let Some(identity) = user
        .identity
        .as_ref()
        .and_then(|id| world.identities.get(id))
    {
        shown["user_identity_id"] = json!(identity.id);
        shown["user_identity_full_name"] = json!(identity.name);
        shown["user_identity_email_address"] = json!(identity.email);
        shown["user_identity_phone_number"] = json!(identity.phone);
    }
    shown
}

pub(super) fn identity(world: &World, identity: &Identity) -> Value {
    let users: Vec<&str> = world
        .users_of(&identity.id)
        .map(|user| user.id.as_str())
        .collect();
    let name = identity
        .name
        .as_ref()
        .or(identity.email.as_ref())
        .unwrap_or(&identity.id);
    json!({
        "user_identity_id": identity.id, "user_identity_key": identity.key, "email_address": identity.email,
        "phone_number": identity.phone, "full_name": identity.name, "display_name": name,
        "merged_user_identity_ids": [], "merged_user_identity_keys": [], "acs_user_ids": users,
        "created_at": stamp(identity.created_at), "workspace_id": world.fixed.workspace_id,
        "errors": [], "warnings": [],
    })
}

pub(super) fn phone(world: &World, phone: &Phone) -> Value {
    let (kind, name) = if phone.android {
        ("android_phone", "Android phone")
    } else {
        ("ios_phone", "iPhone")
    };
    json!({
        "device_id": phone.id, "device_type": kind, "display_name": name, "custom_metadata": {},
        "created_at": stamp(phone.created_at), "workspace_id": world.fixed.workspace_id,
        "properties": { "assa_abloy_credential_service_metadata": {
            "has_active_endpoint": true,
            "endpoints": [{ "endpoint_id": phone.endpoint, "is_active": true }],
        }},
        "errors": [], "warnings": [],
    })
}

/// A key. Whether it overrides, its card format and its label are not told, as in the API.
pub(super) fn credential(world: &World, key: &Credential, now: DateTime<Utc>) -> Value {
    let fixed = &world.fixed;
    let (guest, common): (Vec<&String>, Vec<&String>) =
        key.doors.iter().partition(|door| world.is_guest_door(door));
    let waiting = world.is_waiting(key);
    let mut warnings = vec![];
    let mut warn = |code: &str, message: &str| {
        warnings.push(json!({ "warning_code": code, "message": message, "created_at": stamp(key.created_at) }));
    };
    if key.gone_at.is_some() {
        warn("being_deleted", "The credential is being deleted.");
    }
    if waiting {
        warn(
            "waiting_to_be_issued",
            "No phone of the user can take this credential yet.",
        );
    }
    if key.start_moved {
        warn(
            "schedule_modified",
            "The start was moved because it lay in the past.",
        );
    }
    let synced = key.synced_at.is_some_and(|at| at <= now);
    let mut shown = json!({
        "acs_credential_id": key.id, "acs_system_id": fixed.system_id, "connected_account_id": fixed.account_id,
        "workspace_id": fixed.workspace_id, "access_method": key.method, "created_at": stamp(key.created_at),
        "display_name": if key.method == "card" { "Guest card" } else { "Guest mobile key" },
        "external_type": "visionline_card", "external_type_display_name": "Visionline card", "is_managed": true,
        "is_multi_phone_sync_credential": key.multi_phone, "starts_at": stamp(key.starts_at),
        "is_latest_desired_state_synced_with_provider": synced,
        "latest_desired_state_synced_with_provider_at": key.synced_at.filter(|_| synced).map(stamp),
        "is_issued": key.method == "card", "card_number": Value::Null, "issued_at": Value::Null, "code": key.code,
        "visionline_metadata": {
            "card_function_type": "guest", "guest_acs_entrance_ids": guest, "common_acs_entrance_ids": common,
            "is_valid": key.valid, "joiner_acs_credential_ids": key.joined_to,
        },
        "errors": [], "warnings": warnings,
    });
    if key.method == "card" {
        shown["issued_at"] = json!(stamp(key.created_at));
        shown["card_number"] = json!("0000111");
    }
    if let Some(ends_at) = key.ends_at {
        shown["ends_at"] = json!(stamp(ends_at));
    }
    if let Some(user) = &key.user {
        shown["acs_user_id"] = json!(user);
        if let Some(identity) = world
            .users
            .get(user)
            .and_then(|user| user.identity.as_ref())
        {
            shown["user_identity_id"] = json!(identity);
        }
    }
    if let Some(parent) = &key.parent {
        shown["parent_acs_credential_id"] = json!(parent);
    }
    shown
}

pub(super) fn event(world: &World, event: &Event) -> Value {
    let fixed = &world.fixed;
    let mut shown = json!({
        "event_id": event.id, "event_type": event.kind, "workspace_id": fixed.workspace_id,
        "created_at": stamp(event.at), "occurred_at": stamp(event.at), "connected_account_id": fixed.account_id,
    });
    match event.kind.split('.').next() {
        Some("acs_credential") => shown["acs_credential_id"] = json!(event.object),
        Some("acs_user") => shown["acs_user_id"] = json!(event.object),
        _ => shown["device_id"] = json!(event.object),
    }
    if event.kind.starts_with("acs_") {
        shown["acs_system_id"] = json!(fixed.system_id);
    }
    shown
}

pub(super) fn workspace(world: &World) -> Value {
    json!({
        "workspace_id": world.fixed.workspace_id, "name": "Harbour Hotel", "company_name": "Harbour Hotel",
        "connect_partner_name": Value::Null, "is_sandbox": true, "is_suspended": false, "organization_id": Value::Null,
        "is_publishable_key_auth_enabled": false,
        "connect_webview_customization": {},
    })
}

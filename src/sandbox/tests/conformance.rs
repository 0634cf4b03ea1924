//! Checks the answers against the vendor's schema, which `SEAM_OPENAPI` names.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::*;

/// Converts the vendor's `nullable` to the JSON Schema type `null`.
fn as_json_schema(node: &mut Value) {
    match node {
        Value::Object(map) => {
            if map.remove("nullable") == Some(json!(true)) {
                if let Some(kind) = map.get_mut("type") {
                    *kind = json!([kind.take(), "null"]);
                }
                if let Some(Value::Array(values)) = map.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            map.remove("discriminator");
            map.values_mut().for_each(as_json_schema);
        }
        Value::Array(items) => items.iter_mut().for_each(as_json_schema),
        _ => {}
    }
}

/// Returns a successful request for every route.
async fn requests(house: &House) -> Vec<(&'static str, Value)> {
    for (user, remark) in [
        ("donald@example.com", "deleted_externally"),
        ("hedy@example.com", "failed_to_create_on_acs_system"),
        ("barbara@example.com", "being_deleted"),
    ] {
        let remark = json!({ "user": user, "remark": remark, "suspended": true });
        house.control("/_sandbox/user", remark).await;
        house.override_key(user, &["103", "Elevator 1"]).await;
    }
    let loses = json!({ "user": "margaret@example.com", "identity": null });
    house.control("/_sandbox/user", loses).await;
    let key = house
        .override_key("jane@example.com", &["101", "Gym"])
        .await;
    let waiting = house.override_key("mary@example.com", &["102"]).await;
    let grace = house.user("grace@example.com").await;
    let alan = house.user("alan@example.com").await;
    let edsger = house.user("edsger@example.com").await;
    let card = house.on_door("111", true).await.remove(0);
    let phone = house
        .get(
            "/phones/list",
            json!({ "owner_user_identity_id": edsger["user_identity_id"] }),
        )
        .await;
    let phone = phone["phones"][0]["device_id"].clone();
    let system = house.running.acs_system_id.clone();
    let door = house.door("101").await;
    let loose = json!({ "acs_system_id": system, "full_name": "Loose", "access_schedule": { "starts_at": "2026-01-01T00:00:00Z" } });
    let loose = house.get("/acs/users/create", loose).await["acs_user"]["acs_user_id"].clone();
    let key_id = json!({ "acs_credential_id": key["acs_credential_id"] });
    let user = json!({ "acs_user_id": grace["acs_user_id"] });
    let identity = json!({ "user_identity_id": grace["user_identity_id"] });
    let with_all = json!({ "user_identity_id": edsger["user_identity_id"], "acs_user_id": edsger["acs_user_id"] });
    vec![
        ("/workspaces/get", json!({})),
        ("/acs/systems/list", json!({ "search": "harbour" })),
        ("/acs/systems/get", json!({ "acs_system_id": system })),
        (
            "/acs/systems/list_compatible_credential_manager_acs_systems",
            json!({ "acs_system_id": system }),
        ),
        ("/acs/entrances/list", json!({ "limit": 3 })),
        ("/acs/entrances/get", json!({ "acs_entrance_id": door })),
        (
            "/acs/entrances/grant_access",
            json!({ "acs_entrance_id": door, "acs_user_id": grace["acs_user_id"] }),
        ),
        (
            "/acs/entrances/list_credentials_with_access",
            json!({ "acs_entrance_id": door, "include_if": ["visionline_metadata.is_valid"] }),
        ),
        (
            "/acs/users/create",
            json!({ "acs_system_id": system, "full_name": "A B", "email_address": "ab@example.com" }),
        ),
        ("/acs/users/get", user.clone()),
        ("/acs/users/list", json!({ "limit": 500 })),
        (
            "/acs/users/update",
            json!({ "acs_user_id": grace["acs_user_id"], "full_name": "Grace H." }),
        ),
        ("/acs/users/list_accessible_entrances", user.clone()),
        ("/acs/users/suspend", user.clone()),
        ("/acs/users/unsuspend", user.clone()),
        ("/acs/users/revoke_access_to_all_entrances", user.clone()),
        (
            "/acs/credentials/create",
            house
                .order("jane@example.com", &["101"], json!({ "auto_join": true }))
                .await,
        ),
        ("/acs/credentials/get", key_id.clone()),
        (
            "/acs/credentials/get",
            json!({ "acs_credential_id": waiting["acs_credential_id"] }),
        ),
        ("/acs/credentials/list", json!({})),
        (
            "/acs/credentials/update",
            json!({ "acs_credential_id": key["acs_credential_id"], "ends_at": "2099-01-01T11:00:00Z" }),
        ),
        ("/acs/credentials/list_accessible_entrances", key_id.clone()),
        (
            "/acs/credentials/unassign",
            json!({ "acs_credential_id": card["acs_credential_id"] }),
        ),
        (
            "/acs/credentials/assign",
            json!({ "acs_credential_id": card["acs_credential_id"], "acs_user_id": alan["acs_user_id"] }),
        ),
        ("/phones/list", json!({})),
        ("/phones/get", json!({ "device_id": phone })),
        ("/phones/simulate/create_sandbox_phone", identity.clone()),
        (
            "/user_identities/create",
            json!({ "email_address": "new@example.com", "acs_system_ids": [system] }),
        ),
        ("/user_identities/get", identity.clone()),
        ("/user_identities/list", json!({})),
        (
            "/user_identities/update",
            json!({ "user_identity_id": grace["user_identity_id"], "user_identity_key": "grace" }),
        ),
        ("/user_identities/list_acs_users", identity.clone()),
        (
            "/user_identities/add_acs_user",
            json!({ "acs_user_id": loose, "user_identity_key": "loose" }),
        ),
        ("/phones/deactivate", json!({ "device_id": phone })),
        ("/acs/credentials/delete", key_id.clone()),
        ("/acs/credentials/get", key_id),
        ("/acs/users/delete", user),
        ("/user_identities/remove_acs_user", with_all),
        ("/user_identities/delete", identity),
        ("/events/list", json!({ "since": "2020-01-01T00:00:00Z" })),
    ]
}

#[tokio::test]
async fn answers_and_methods_are_the_schemas() {
    let Some(path) = std::env::var_os("SEAM_OPENAPI") else {
        // Not with `eprintln`: the output of a test that passes is not shown.
        let mut stderr = std::io::stderr();
        writeln!(
            stderr,
            "SKIPPED: answers against the vendor's schema, because SEAM_OPENAPI is not set"
        )
        .unwrap();
        return;
    };
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let paths = schema["paths"].take();
    let mut components = schema["components"].take();
    as_json_schema(&mut components);
    let mut wrong = Vec::new();
    let mut asked = BTreeSet::new();
    let mut options = Options::default();
    options.readings.set("other-doors", "unlisted").unwrap();
    let house = House::with(options).await;
    for (path, body) in requests(&house).await {
        asked.insert(path);
        let answer = house.get(path, body).await;
        let mut schema =
            paths[path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
                .clone();
        as_json_schema(&mut schema);
        schema["components"] = components.clone();
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        // A schema that accepts everything would prove nothing.
        if let Some(key) = answer.get("acs_credential") {
            let mut less = key.clone();
            less.as_object_mut().unwrap().remove("created_at");
            assert!(!validator.is_valid(&json!({ "ok": true, "acs_credential": less })));
        }
        wrong.extend(
            validator
                .iter_errors(&answer)
                .map(|error| format!("{path} at {}: {error}", error.instance_path())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    for (path, methods) in paths.as_object().unwrap() {
        let Some(route) = super::super::routes::find(path) else {
            continue;
        };
        assert!(
            asked.contains(path.as_str()),
            "{path} is served and not tested"
        );
        let listed: BTreeSet<String> = methods
            .as_object()
            .unwrap()
            .keys()
            .map(|method| method.to_uppercase())
            .collect();
        let served: BTreeSet<String> = route.methods.iter().map(ToString::to_string).collect();
        assert_eq!(listed, served, "{path}");
        for method in served {
            let method: Method = method.parse().unwrap();
            let response = house.request(method.clone(), path).send().await.unwrap();
            assert_ne!(response.status().as_u16(), 405, "{method} {path}");
        }
    }
}

//! Guests: how requests find them, what they may share, and what happens to them.

use super::*;

#[tokio::test]
async fn a_search_matches_the_fields_of_the_reference_and_no_others() {
    let house = House::open().await;
    let identity = json!({
        "full_name": "Ada King", "email_address": "ada@example.com", "phone_number": "+491701234567",
        "user_identity_key": "res-4711",
    });
    let identity = house.get("/user_identities/create", identity).await;
    let identity = identity["user_identity"]["user_identity_id"].clone();
    let user = json!({
        "acs_system_id": house.running.acs_system_id, "full_name": "A. Lovelace", "user_identity_id": identity,
    });
    let user = house.get("/acs/users/create", user).await["acs_user"]["acs_user_id"].clone();
    let own = json!({
        "acs_system_id": house.running.acs_system_id, "full_name": "Charles", "email_address": "charles@example.com",
        "phone_number": "+44555000111",
    });
    let own = house.get("/acs/users/create", own).await["acs_user"]["acs_user_id"].clone();
    let found = async |path: &str, list: &str, text: &str| -> usize {
        let answer = house.get(path, json!({ "search": text })).await;
        answer[list].as_array().unwrap().len()
    };
    let (identity_id, user_id) = (identity.as_str().unwrap(), user.as_str().unwrap());
    for (text, users, identities) in [
        ("Ada King", 1, 1),
        ("lovelace", 1, 0),
        ("ada@example.com", 0, 1),
        ("ada@ex", 0, 1),
        ("+491701234567", 1, 1),
        ("1701234", 1, 1),
        ("res-4711", 0, 0),
        ("charles@example.com", 1, 0),
        ("rles@example.com", 1, 0),
        ("+44555000111", 1, 0),
        (identity_id, 1, 1),
        (&identity_id[..13], 1, 1),
        (user_id, 1, 0),
        (own.as_str().unwrap(), 1, 0),
    ] {
        let got = found("/acs/users/list", "acs_users", text).await;
        assert_eq!(got, users, "users by {text}");
        let got = found("/user_identities/list", "user_identities", text).await;
        assert_eq!(got, identities, "identities by {text}");
    }
    for (filter, address) in [
        ("user_identity_email_address", "ADA@example.com"),
        ("user_identity_phone_number", "+491701234567"),
    ] {
        let users = house
            .get("/acs/users/list", json!({ filter: address }))
            .await;
        assert_eq!(users["acs_users"][0]["acs_user_id"], user, "{filter}");
    }
    let by_key = json!({ "user_identity_key": "res-4711" });
    let by_key = house.get("/user_identities/get", by_key).await;
    assert_eq!(by_key["user_identity"]["user_identity_id"], identity);

    let key = house.override_key("jane@example.com", &["101"]).await;
    for (text, keys) in [
        ("Jane Doe Mobile", 2),
        ("jane@example.com", 0),
        ("101", 0),
        (key["acs_credential_id"].as_str().unwrap(), 1),
        (key["acs_user_id"].as_str().unwrap(), 2),
        ("1011", 1),
    ] {
        let got = found("/acs/credentials/list", "acs_credentials", text).await;
        // A card number or an id may contain the digits of another search by chance.
        assert!(got == keys || text == "101", "keys by {text}: {got}");
    }
}

#[tokio::test]
async fn an_identitys_key_address_and_number_are_its_own() {
    let house = House::open().await;
    let system = house.running.acs_system_id.clone();
    for (what, kind) in [
        (
            json!({ "user_identity_key": "4711" }),
            "user_identity_key_in_use",
        ),
        (
            json!({ "email_address": "ada@example.com" }),
            "user_identity_email_in_use",
        ),
        (
            json!({ "phone_number": "+491701234567" }),
            "user_identity_phone_number_in_use",
        ),
    ] {
        let mut body = what.clone();
        body["acs_system_ids"] = json!([system]);
        body["full_name"] = json!("Ada");
        let made = house.get("/user_identities/create", body.clone()).await;
        let (status, answer) = house.ask("/user_identities/create", body).await;
        assert_eq!((status, &answer["error"]["type"]), (409, &json!(kind)));
        let id = &made["user_identity"]["user_identity_id"];
        let users = house
            .get("/acs/users/list", json!({ "user_identity_id": id }))
            .await;
        assert_eq!(users["acs_users"].as_array().unwrap().len(), 1, "{what}");
        // The value is free again after its owner was deleted.
        house
            .get("/user_identities/delete", json!({ "user_identity_id": id }))
            .await;
        house.get("/user_identities/create", what).await;
    }
    for wrong in [
        json!({ "phone_number": "0170 1234567" }),
        json!({ "email_address": "ada" }),
        json!({ "user_identity_key": "" }),
    ] {
        assert_eq!(house.ask("/user_identities/create", wrong).await.0, 400);
    }
}

#[tokio::test]
async fn users_can_be_suspended_remarked_on_and_left_without_identity() {
    let house = House::open().await;
    let set = async |change: Value| {
        let mut body = json!({ "user": "jane@example.com" });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let changed = house.get("/_sandbox/user", body).await["acs_user"].clone();
        assert_eq!(changed, house.user("jane@example.com").await);
        changed
    };
    let codes = |user: &Value, list: &str, code: &str| -> Vec<String> {
        let remarks = user[list].as_array().unwrap().iter();
        remarks
            .map(|remark| remark[code].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        set(json!({ "suspended": true })).await["is_suspended"],
        true
    );
    assert_eq!(
        set(json!({ "suspended": false })).await["is_suspended"],
        false
    );
    for remark in ["deleted_externally", "failed_to_create_on_acs_system"] {
        let user = set(json!({ "remark": remark })).await;
        assert_eq!(codes(&user, "errors", "error_code"), [remark]);
        assert!(codes(&user, "warnings", "warning_code").is_empty());
    }
    let user = set(json!({ "remark": "being_deleted" })).await;
    assert_eq!(codes(&user, "warnings", "warning_code"), ["being_deleted"]);
    let user = set(json!({ "remark": null })).await;
    assert_eq!(user["warnings"], json!([]));
    assert!(user["user_identity_id"].is_string());
    assert!(set(json!({ "identity": null })).await["user_identity_id"].is_null());

    for wrong in [
        json!({ "user": "jane@example.com", "remark": "bored" }),
        json!({ "user": "jane@example.com", "identity": "x" }),
        json!({ "user": "nobody@example.com" }),
        json!({ "suspended": true }),
        json!({ "user": "jane@example.com", "name": "J" }),
    ] {
        assert_eq!(house.ask("/_sandbox/user", wrong).await.0, 400);
    }
}

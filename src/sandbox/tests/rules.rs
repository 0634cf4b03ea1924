//! Visionline's rules.

use super::*;

#[tokio::test]
async fn the_first_day_is_as_described() {
    let house = House::open().await;
    let stay = house.on_door("110", true).await;
    assert_eq!(stay.len(), 2, "a parent and its child");
    assert!(
        stay.iter()
            .all(|key| key["is_latest_desired_state_synced_with_provider"] == true)
    );
    let card = house.on_door("111", true).await;
    assert_eq!(card.len(), 1);
    assert_eq!(card[0]["access_method"], "card");
    assert_eq!(card[0]["is_issued"], true);
    assert!(house.on_door("101", false).await.is_empty());
    let jans = house
        .get("/acs/users/list", json!({ "search": "jan de vries" }))
        .await;
    assert_eq!(jans["acs_users"].as_array().unwrap().len(), 2);
    let linen = house
        .get("/acs/entrances/list", json!({ "search": "Linen" }))
        .await;
    assert_eq!(
        linen["acs_entrances"][0]["can_unlock_with_mobile_key"],
        false
    );
}

#[tokio::test]
async fn an_override_ends_earlier_keys_on_its_guest_doors_only() {
    let house = House::open().await;
    let gym = house
        .override_key("edsger@example.com", &["102", "Gym"])
        .await;
    house
        .override_key("jane@example.com", &["110", "111", "Gym"])
        .await;
    let holders = |keys: &[Value]| {
        keys.iter()
            .map(|key| key["acs_user_id"].clone())
            .collect::<Vec<_>>()
    };
    let jane = house.user("jane@example.com").await["acs_user_id"].clone();
    assert_eq!(
        holders(&house.on_door("110", true).await),
        [jane.clone(), jane.clone()]
    );
    assert_eq!(
        holders(&house.on_door("111", true).await),
        [jane.clone(), jane]
    );
    assert_eq!(
        house.on_door("110", false).await.len(),
        4,
        "what was overridden stays on record"
    );
    assert!(house.is_valid(&gym).await, "a common door is nobody's");
}

#[tokio::test]
async fn a_joiner_shares_and_must_join_what_is_there() {
    let house = House::open().await;
    let first = house.override_key("jane@example.com", &["101"]).await;
    let joiners = json!({ "joiner_acs_credential_ids": [first["acs_credential_id"]], "card_format": "rfid48" });
    let second = house.issue("alan@example.com", &["101"], joiners).await;
    assert!(house.is_valid(&first).await && house.is_valid(&second).await);
    assert_eq!(
        second["visionline_metadata"]["joiner_acs_credential_ids"][0],
        first["acs_credential_id"]
    );
    let nobody = json!({ "joiner_acs_credential_ids": [house.user("jane@example.com").await["acs_user_id"]] });
    let order = house.order("edsger@example.com", &["101"], nobody).await;
    let (status, answer) = house.ask("/acs/credentials/create", order).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (404, &json!("acs_credential_not_found"))
    );
}

#[tokio::test]
async fn auto_join_joins_who_is_there_and_else_overrides() {
    let house = House::open().await;
    let joined = house
        .issue("jane@example.com", &["110"], json!({ "auto_join": true }))
        .await;
    assert_eq!(
        joined["visionline_metadata"]["joiner_acs_credential_ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(house.on_door("110", true).await.len(), 4);
}

#[tokio::test]
async fn a_guests_new_key_replaces_as_the_reading_says() {
    for (replacement, elsewhere, same_room) in [
        ("guest", false, false),
        ("guest-room", true, false),
        ("none", true, true),
    ] {
        let house = House::reading("replacement", replacement).await;
        let far = house
            .issue("jane@example.com", &["101", "Gym"], json!({}))
            .await;
        let near = house.issue("jane@example.com", &["102"], json!({})).await;
        let card = house.on_door("111", true).await.remove(0);
        house
            .issue("jane@example.com", &["102", "Gym"], json!({}))
            .await;
        house.issue("alan@example.com", &["103"], json!({})).await;
        assert_eq!(house.is_valid(&far).await, elsewhere, "{replacement}");
        assert_eq!(house.is_valid(&near).await, same_room, "{replacement}");
        let children = house.children(&near).await;
        assert_eq!(
            children[0]["visionline_metadata"]["is_valid"], same_room,
            "{replacement}: the child follows"
        );
        assert!(house.is_valid(&card).await, "a card is not a mobile key");
    }
}

#[tokio::test]
async fn a_parent_has_a_child_for_each_phone_also_for_later_ones() {
    let house = House::with(Options {
        sync: Duration::from_millis(50),
        ..Options::default()
    })
    .await;
    let waiting = house.override_key("mary@example.com", &["105"]).await;
    assert_eq!(warnings(&waiting), ["waiting_to_be_issued"]);
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(
        house.key(&waiting).await["is_latest_desired_state_synced_with_provider"],
        false
    );

    let identity = waiting["user_identity_id"].clone();
    for phones in 1..=2 {
        house
            .get(
                "/phones/simulate/create_sandbox_phone",
                json!({ "user_identity_id": identity }),
            )
            .await;
        assert_eq!(house.children(&waiting).await.len(), phones);
    }
    let key = house.key(&waiting).await;
    assert!(warnings(&key).is_empty());
    assert_eq!(
        key["is_latest_desired_state_synced_with_provider"], false,
        "sync takes a moment"
    );
    tokio::time::sleep(Duration::from_millis(80)).await;
    let key = house.key(&waiting).await;
    assert_eq!(key["is_latest_desired_state_synced_with_provider"], true);
    assert!(key["latest_desired_state_synced_with_provider_at"].is_string());

    let phones = house
        .get(
            "/phones/list",
            json!({ "acs_credential_id": waiting["acs_credential_id"] }),
        )
        .await;
    for phone in phones["phones"].as_array().unwrap() {
        house
            .get(
                "/phones/deactivate",
                json!({ "device_id": phone["device_id"] }),
            )
            .await;
    }
    assert!(house.children(&waiting).await.is_empty());
    assert_eq!(
        warnings(&house.key(&waiting).await),
        ["waiting_to_be_issued"]
    );
}

#[tokio::test]
async fn deleting_a_parent_takes_its_children_along() {
    let house = House::with(Options {
        sync: Duration::from_millis(60),
        ..Options::default()
    })
    .await;
    let parent = house.override_key("jane@example.com", &["101"]).await;
    let child = house.children(&parent).await.remove(0);
    let id = json!({ "acs_credential_id": parent["acs_credential_id"] });
    house.get("/acs/credentials/delete", id.clone()).await;
    for key in [&parent, &child] {
        let key = house.key(key).await;
        assert_eq!(warnings(&key), ["being_deleted"]);
        assert_eq!(key["visionline_metadata"]["is_valid"], false);
    }
    house.get("/acs/credentials/delete", id.clone()).await;
    tokio::time::sleep(Duration::from_millis(90)).await;
    assert_eq!(house.ask("/acs/credentials/get", id.clone()).await.0, 404);
    assert_eq!(house.ask("/acs/credentials/delete", id).await.0, 404);
    assert!(house.on_door("101", false).await.is_empty());
    let since = json!({ "since": "2020-01-01T00:00:00Z", "event_type": "acs_credential.deleted" });
    assert_eq!(
        house.get("/events/list", since).await["events"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn under_delete_sync_a_deleted_key_is_gone_at_once() {
    let house = House::reading("delete", "sync").await;
    let parent = house.override_key("jane@example.com", &["101"]).await;
    let id = json!({ "acs_credential_id": parent["acs_credential_id"] });
    house.get("/acs/credentials/delete", id.clone()).await;
    assert_eq!(house.ask("/acs/credentials/get", id).await.0, 404);
    assert!(house.on_door("101", false).await.is_empty());
}

#[tokio::test]
async fn deleting_a_user_or_an_identity_cascades() {
    let house = House::open().await;
    let grace = house.user("grace@example.com").await;
    house
        .get(
            "/acs/users/delete",
            json!({ "acs_user_id": grace["acs_user_id"] }),
        )
        .await;
    assert!(house.on_door("110", false).await.is_empty());
    let alan = house.user("alan@example.com").await;
    house
        .get(
            "/user_identities/delete",
            json!({ "user_identity_id": alan["user_identity_id"] }),
        )
        .await;
    assert!(house.on_door("111", false).await.is_empty());
    let phones = house
        .get(
            "/phones/list",
            json!({ "owner_user_identity_id": alan["user_identity_id"] }),
        )
        .await;
    assert_eq!(phones["phones"], json!([]));
    assert!(house.user("alan@example.com").await.is_null());
}

#[tokio::test]
async fn keys_without_doors_open_what_the_reading_says() {
    for (reading, doors) in [("credential", 0), ("user-grants", 1)] {
        let house = House::reading("doors", reading).await;
        let jane = house.user("jane@example.com").await["acs_user_id"].clone();
        let door = house.door("101").await;
        house
            .get(
                "/acs/entrances/grant_access",
                json!({ "acs_entrance_id": door, "acs_user_id": jane }),
            )
            .await;
        let key = house
            .issue("jane@example.com", &[], json!({ "override": true }))
            .await;
        assert_eq!(
            key["visionline_metadata"]["guest_acs_entrance_ids"]
                .as_array()
                .unwrap()
                .len(),
            doors,
            "{reading}"
        );
    }
}

#[tokio::test]
async fn revoking_all_access_takes_grants_and_keys_as_the_reading_says() {
    for (reading, valid) in [("grants", true), ("grants-and-keys", false)] {
        let house = House::reading("revoke-all", reading).await;
        let key = house.override_key("jane@example.com", &["101"]).await;
        let user = json!({ "acs_user_id": key["acs_user_id"] });
        let grant = json!({ "acs_entrance_id": house.door("102").await, "acs_user_id": key["acs_user_id"] });
        house.get("/acs/entrances/grant_access", grant).await;
        house
            .get("/acs/users/revoke_access_to_all_entrances", user)
            .await;
        assert_eq!(house.state().await["grants"], json!([]));
        assert_eq!(house.is_valid(&key).await, valid, "{reading}");
    }
}

#[tokio::test]
async fn an_override_without_a_phone_is_refused_where_the_reading_says() {
    let house = House::reading("phone", "required").await;
    let order = house
        .order("mary@example.com", &["101"], json!({ "override": true }))
        .await;
    assert_eq!(house.ask("/acs/credentials/create", order).await.0, 400);
    house.override_key("jane@example.com", &["101"]).await;
}

#[tokio::test]
async fn times_are_checked_and_a_past_start_is_moved() {
    let house = House::open().await;
    let now = Utc::now();
    let mut order = house
        .order("jane@example.com", &["101"], json!({ "override": true }))
        .await;
    for (starts, ends) in [(0, -60), (120, 60)] {
        order["starts_at"] = json!(super::super::hotel::wire_time(
            now + TimeDelta::minutes(starts)
        ));
        order["ends_at"] = json!(super::super::hotel::wire_time(
            now + TimeDelta::minutes(ends)
        ));
        let (status, answer) = house.ask("/acs/credentials/create", order.clone()).await;
        assert_eq!(status, 400);
        assert!(
            answer["error"]["validation_errors"]["ends_at"].is_object(),
            "{answer}"
        );
    }
    order["ends_at"] = json!(super::super::hotel::wire_time(now + TimeDelta::days(1)));
    for (seconds, moved) in [(-30, false), (-3600, true)] {
        let asked = super::super::hotel::wire_time(now + TimeDelta::seconds(seconds));
        order["starts_at"] = json!(asked);
        let key =
            house.get("/acs/credentials/create", order.clone()).await["acs_credential"].clone();
        assert_eq!(warnings(&key).contains(&"schedule_modified"), moved);
        assert_eq!(key["starts_at"] == asked, !moved);
    }
}

#[tokio::test]
async fn a_user_without_an_identity_has_no_mobile_key() {
    let house = House::open().await;
    let user = json!({ "acs_system_id": house.running.acs_system_id, "full_name": "No App", "email_address": "no@example.com" });
    house.get("/acs/users/create", user).await;
    let order = house
        .order("no@example.com", &["101"], json!({ "override": true }))
        .await;
    assert_eq!(house.ask("/acs/credentials/create", order).await.0, 400);
}

#[tokio::test]
async fn the_label_is_refused_by_name_where_the_reading_says() {
    let house = House::reading("label", "rejected").await;
    let order = house
        .order(
            "jane@example.com",
            &["101"],
            json!({ "override": true, "label": "101" }),
        )
        .await;
    let (status, answer) = house.ask("/acs/credentials/create", order).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]["validation_errors"]["visionline_metadata"]["label"]["_errors"][0]
            .is_string(),
        "{answer}"
    );

    let house = House::reading("unknown-keys", "rejected").await;
    house
        .issue(
            "jane@example.com",
            &["101"],
            json!({ "override": true, "label": "101" }),
        )
        .await;
    let order = house
        .order(
            "jane@example.com",
            &["101"],
            json!({ "override": true, "cardFormat": "rfid48" }),
        )
        .await;
    assert_eq!(house.ask("/acs/credentials/create", order).await.0, 400);
}

#[tokio::test]
async fn an_identity_is_made_with_its_users_and_keeps_its_email_to_itself() {
    let house = House::open().await;
    let body = json!({
        "full_name": "Ada Lovelace", "email_address": "ada@example.com", "acs_system_ids": [house.running.acs_system_id],
    });
    let made = house.get("/user_identities/create", body.clone()).await;
    let users = made["user_identity"]["acs_user_ids"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(
        users,
        [house.user("ada@example.com").await["acs_user_id"].clone()]
    );
    assert_eq!(house.ask("/user_identities/create", body).await.0, 409);
    let second = json!({
        "acs_system_id": house.running.acs_system_id, "full_name": "Ada", "user_identity_id": made["user_identity"]["user_identity_id"],
    });
    assert_eq!(
        house.ask("/acs/users/create", second).await.0,
        400,
        "one user of an identity in a system"
    );
}

#[tokio::test]
async fn a_key_can_be_lengthened_and_its_children_follow() {
    let house = House::open().await;
    let key = house.override_key("jane@example.com", &["101"]).await;
    let ends_at = super::super::hotel::wire_time(Utc::now() + TimeDelta::days(5));
    house
        .get(
            "/acs/credentials/update",
            json!({ "acs_credential_id": key["acs_credential_id"], "ends_at": ends_at }),
        )
        .await;
    assert_eq!(house.key(&key).await["ends_at"], ends_at.as_str());
    assert_eq!(house.children(&key).await[0]["ends_at"], ends_at.as_str());
}

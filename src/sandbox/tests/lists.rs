//! Lists: their filters, their pages and their speed.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn pages_hold_every_row_once() {
    let house = House::open().await;
    for (path, key, all) in [
        ("/acs/entrances/list", "acs_entrances", 47),
        ("/acs/users/list", "acs_users", 12),
        ("/user_identities/list", "user_identities", 12),
    ] {
        let mut names = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let page = house
                .get(path, json!({ "limit": 5, "page_cursor": cursor }))
                .await;
            names.extend(
                page[key]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row["display_name"].to_string()),
            );
            cursor = page["pagination"]["next_page_cursor"].clone();
            assert_eq!(
                page["pagination"]["has_next_page"],
                json!(!cursor.is_null())
            );
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(names.len(), all, "{path}");
    }
    let page = house.get("/acs/users/list", json!({ "limit": 5 })).await;
    let other = json!({ "search": "e", "page_cursor": page["pagination"]["next_page_cursor"] });
    let (status, answer) = house.ask("/acs/users/list", other).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (400, &json!("mismatched_page_parameters"))
    );
}

#[tokio::test]
async fn a_search_is_partial_and_an_address_is_found_under_another() {
    let house = House::with(Options {
        rooms: 200,
        ..Options::default()
    })
    .await;
    let found = house
        .get("/acs/entrances/list", json!({ "search": "101" }))
        .await;
    let names: Vec<_> = found["acs_entrances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|door| door["display_name"].clone())
        .collect();
    assert!(
        names.contains(&json!("101")) && names.contains(&json!("1010")),
        "{names:?}"
    );
    let body = json!({ "acs_system_id": house.running.acs_system_id, "full_name": "Mary Jane", "email_address": "maryjane@example.com" });
    house.get("/acs/users/create", body).await;
    for (search, found) in [
        ("jane@example.com", 2),
        ("JANE@example.com", 2),
        ("@example", 13),
        ("Vries", 2),
        ("nobody@example.com", 0),
    ] {
        let users = house
            .get("/acs/users/list", json!({ "search": search }))
            .await;
        assert_eq!(
            users["acs_users"].as_array().unwrap().len(),
            found,
            "{search}"
        );
    }
    let mail = json!({ "user_identity_email_address": "jane@example.com" });
    assert_eq!(
        house.get("/acs/users/list", mail).await["acs_users"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let without = json!({ "user_identity_email_address": null });
    assert_eq!(
        house.get("/acs/users/list", without).await["acs_users"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn reads_are_taken_as_get_and_deletes_with_a_query() {
    let house = House::open().await;
    let jane = house.user("jane@example.com").await["acs_user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/acs/users/get?acs_user_id={jane}&_strict=true");
    let answer: Value = house
        .request(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["acs_user"]["full_name"], "Jane Doe");
    let door = house.door("110").await;
    let path = format!(
        "/acs/entrances/list_credentials_with_access?acs_entrance_id={door}&include_if=visionline_metadata.is_valid"
    );
    let answer: Value = house
        .request(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let key = answer["acs_credentials"][0]["acs_credential_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/acs/credentials/delete?acs_credential_id={key}");
    let response = house.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

/// This is not a benchmark. It fails if a look-up walks through every row, which takes many times as long.
#[tokio::test]
async fn look_ups_stay_quick_among_many_guests() {
    let house = House::open().await;
    for number in 0..2_000 {
        let body = json!({
            "acs_system_id": house.running.acs_system_id, "full_name": format!("Guest {number}"),
            "email_address": format!("guest{number}@example.com"),
        });
        house.get("/acs/users/create", body).await;
    }
    let begun = Instant::now();
    for number in 0..200 {
        let user = house.user(&format!("guest{number}@example.com")).await;
        assert_eq!(user["full_name"], format!("Guest {number}"));
    }
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn an_identity_is_found_by_its_address_also_after_a_change() {
    let house = House::open().await;
    let found = async |search: &str| -> Vec<Value> {
        let body = json!({ "search": search });
        let answer = house.get("/user_identities/list", body).await;
        answer["user_identities"].as_array().unwrap().clone()
    };
    let jane = found("jane@example.com").await;
    assert_eq!(jane.len(), 1);
    let id = &jane[0]["user_identity_id"];
    let change = json!({ "user_identity_id": id, "email_address": "doe@example.com" });
    house.get("/user_identities/update", change).await;
    assert!(found("jane@example.com").await.is_empty());
    assert_eq!(found("Doe@Example.com").await[0]["user_identity_id"], *id);
    let gone = json!({ "user_identity_id": id });
    house.get("/user_identities/delete", gone).await;
    assert!(found("doe@example.com").await.is_empty());
}

#[tokio::test]
async fn filters_by_door_and_by_key_are_both_kept() {
    let house = House::open().await;
    let key = house
        .override_key("jane@example.com", &["101", "Gym"])
        .await;
    let of_key = &key["acs_credential_id"];
    let (gym, pool) = (house.door("Gym").await, house.door("Pool").await);
    let names = async |filters: Value| -> Vec<String> {
        let answer = house.get("/acs/entrances/list", filters).await;
        let doors = answer["acs_entrances"].as_array().unwrap().iter();
        doors
            .map(|door| door["display_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let both = json!({ "acs_credential_id": of_key, "acs_entrance_ids": [gym, pool] });
    assert_eq!(names(both).await, ["Gym"]);
    assert_eq!(
        names(json!({ "acs_entrance_ids": [pool, gym] })).await,
        ["Gym", "Pool"]
    );
    let searched = json!({ "acs_credential_id": of_key, "search": "10" });
    assert_eq!(names(searched).await, ["101"]);
}

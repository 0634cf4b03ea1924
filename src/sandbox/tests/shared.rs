//! One hotel in one file, shared by several processes.

use super::*;

fn kept_in(folder: &tempfile::TempDir) -> Options {
    Options {
        state: Some(folder.path().join("hotel.json")),
        sync: Duration::ZERO,
        ..Options::default()
    }
}

#[tokio::test]
async fn two_servers_on_one_file_are_one_hotel() {
    let folder = tempfile::tempdir().unwrap();
    let left = House::with(kept_in(&folder)).await;
    let right = House::with(kept_in(&folder)).await;
    assert_eq!(left.running.api_key, right.running.api_key);
    let key = left.override_key("jane@example.com", &["101"]).await;
    assert!(right.is_valid(&key).await);
    right.override_key("alan@example.com", &["101"]).await;
    assert!(!left.is_valid(&key).await);
    assert_eq!(left.on_door("101", false).await.len(), 4);
    left.running.stop().await;
    right.running.stop().await;

    let again = House::with(kept_in(&folder)).await;
    assert_eq!(again.on_door("101", true).await.len(), 2);
    let phone = again
        .get(
            "/phones/list",
            json!({ "owner_user_identity_id": key["user_identity_id"] }),
        )
        .await;
    assert_eq!(phone["phones"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let left = House::with(kept_in(&folder)).await;
    let right = House::with(kept_in(&folder)).await;
    left.override_key("jane@example.com", &["101"]).await;
    left.override_key("alan@example.com", &["101"]).await;
    let since = json!({ "since": "2020-01-01T00:00:00Z" });
    let written = left.get("/events/list", since.clone()).await;
    assert!(written["events"].as_array().unwrap().len() >= 3);
    assert_eq!(right.get("/events/list", since).await, written);
}

#[tokio::test]
async fn a_reset_under_a_running_server_is_a_new_hotel() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(kept_in(&folder)).await;
    house.override_key("jane@example.com", &["101"]).await;
    std::fs::remove_file(folder.path().join("hotel.json")).unwrap();
    assert!(house.on_door("101", false).await.is_empty());
    assert!(folder.path().join("hotel.json").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let _house = House::with(kept_in(&folder)).await;
    let mode = std::fs::metadata(folder.path().join("hotel.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hotel.json"), "{").unwrap();
    let said = start(kept_in(&folder)).await.unwrap_err().to_string();
    assert!(
        said.contains("hotel.json") && said.contains("roomkey sandbox reset"),
        "{said}"
    );
}

#[tokio::test]
async fn the_clock_is_the_hotels_for_every_process_and_after_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let year = async |house: &House| house.state().await["now"].as_str().unwrap()[..4].to_owned();
    let left = House::with(kept_in(&folder)).await;
    let right = House::with(kept_in(&folder)).await;
    left.control("/_sandbox/clock", json!({ "now": "2041-05-01T08:00:00Z" }))
        .await;
    assert_eq!(year(&right).await, "2041");
    let later = House::with(kept_in(&folder)).await;
    assert_eq!(year(&later).await, "2041");

    right.control("/_sandbox/reset", json!({})).await;
    assert_eq!(year(&left).await, "2041");
    let stay = left.on_door("110", true).await.remove(0);
    assert_eq!(stay["ends_at"].as_str().unwrap()[..10], *"2041-05-03");
    right
        .control("/_sandbox/reset", json!({ "clock": "real" }))
        .await;
    assert_eq!(year(&left).await, Utc::now().format("%Y").to_string());
}

#[tokio::test]
async fn the_key_is_the_states_until_another_one_is_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with(kept_in(&folder)).await;
    let key = house.running.api_key.clone();
    house.control("/_sandbox/reset", json!({})).await;
    house.get("/workspaces/get", json!({})).await;
    assert_eq!(House::with(kept_in(&folder)).await.running.api_key, key);
    let fixed = House::with(Options {
        api_key: Some("seam_test_that_was_fixed".to_owned()),
        ..kept_in(&folder)
    })
    .await;
    fixed.get("/workspaces/get", json!({})).await;
    assert_eq!(house.ask("/workspaces/get", json!({})).await.0, 401);
    let again = House::with(kept_in(&folder)).await;
    assert_eq!(again.running.api_key, "seam_test_that_was_fixed");
}

#[tokio::test]
async fn a_clock_that_is_set_back_leaves_nothing_under_way() {
    let house = House::open().await;
    house
        .control("/_sandbox/clock", json!({ "advance_seconds": 86_400 }))
        .await;
    let kept = house
        .issue("jane@example.com", &["101"], json!({ "override": true }))
        .await;
    let gone = house.override_key("alan@example.com", &["102"]).await;
    house
        .get(
            "/acs/credentials/delete",
            json!({ "acs_credential_id": gone["acs_credential_id"] }),
        )
        .await;
    house
        .control("/_sandbox/clock", json!({ "real": true }))
        .await;
    assert_eq!(
        house.key(&kept).await["is_latest_desired_state_synced_with_provider"],
        true
    );
    assert!(house.on_door("102", false).await.is_empty());
}

#[tokio::test]
async fn the_same_seed_makes_the_same_hotel() {
    let ids = |state: &Value| state["entrances"].clone();
    let one = House::open().await;
    let two = House::open().await;
    let other = House::with(Options {
        seed: 7,
        ..Options::default()
    })
    .await;
    assert_eq!(ids(&one.state().await), ids(&two.state().await));
    assert_ne!(ids(&one.state().await), ids(&other.state().await));
    // The seed is public. The API key does not depend on it.
    assert_ne!(one.running.api_key, two.running.api_key);
    assert_ne!(
        one.running.personal_access_token,
        two.running.personal_access_token
    );
}

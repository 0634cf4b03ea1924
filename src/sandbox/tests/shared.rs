//! One hotel in one file, and several processes.

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
async fn a_clock_of_ones_own_is_not_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let now = Utc::now() + TimeDelta::days(400);
    let later = House::with(Options {
        now: Some(now),
        ..kept_in(&folder)
    })
    .await;
    later
        .get("/user_identities/create", json!({ "full_name": "Later" }))
        .await;
    let today = House::with(kept_in(&folder)).await;
    for (house, time) in [(later, now), (today, Utc::now())] {
        let said = house.state().await["now"].as_str().unwrap().to_owned();
        assert_eq!(said[..10], super::super::hotel::wire_time(time)[..10]);
    }
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
    assert_ne!(one.running.api_key, other.running.api_key);
}

//! The two layers of validity: what the server calls valid, and what opens a door.

use std::time::Duration;

use serde_json::{Value, json};

use super::in_process::{look, simulated};
use super::night::{ALAN, GRACE, JANE, Night};
use crate::sandbox::{InProcess, Options};

#[tokio::test(start_paused = true)]
async fn a_later_stay_leaves_the_guest_in_the_room_alone_at_the_door() {
    for (reading, valid) in [
        ("overlapping", true),
        ("all", false),
        ("at-first-use", true),
    ] {
        for order in ["issued", "start"] {
            let night = Night::with(&[("override", reading), ("override-order", order)]);
            let tonight = night.over(JANE, &["101"], (0, 20)).await;
            assert_eq!(night.word("101", JANE).await, "opened");
            let tomorrow = night.over(ALAN, &["101"], (20, 40)).await;
            assert_eq!(night.is_valid(&tonight).await, valid, "{reading}");
            assert_eq!(night.word("101", ALAN).await, "not_yet");
            night.at(19).await;
            assert_eq!(night.word("101", JANE).await, "opened", "{reading}");
            night.at(20).await;
            assert_eq!(night.word("101", JANE).await, "ended");
            assert_eq!(night.tap("101", ALAN).await["ended"], json!([]));
            assert!(night.is_valid(&tomorrow).await);
            assert_eq!(night.is_valid(&tonight).await, valid, "{reading}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_override_ends_overlapping_keys_at_the_server_and_when_used_at_the_door() {
    for (reading, at_once) in [
        ("overlapping", true),
        ("all", true),
        ("at-first-use", false),
    ] {
        let night = Night::with(&[("override", reading)]);
        let before = night.over(JANE, &["101", "Gym"], (0, 40)).await;
        let joiner = night.join(GRACE, &["101"], (0, 40), &before).await;
        night.over(ALAN, &["101", "Gym"], (0, 30)).await;
        for key in [&before, &joiner] {
            assert_eq!(night.is_valid(key).await, !at_once, "{reading}");
        }
        assert_eq!(night.word("101", JANE).await, "opened", "not used yet");
        assert_eq!(night.word("101", GRACE).await, "opened", "not used yet");
        let used = night.tap("101", ALAN).await;
        let mut ended = Vec::new();
        for key in [&before, &joiner] {
            ended.extend([key.clone(), night.copy_of(key).await]);
        }
        assert_eq!(used["ended"], json!(ended));
        for (guest, key) in [(JANE, &before), (GRACE, &joiner)] {
            assert_eq!(night.word("101", guest).await, "overridden");
            assert!(!night.is_valid(key).await, "{reading}");
        }
        assert_eq!(night.tap("101", ALAN).await["ended"], json!([]));
        for guest in [JANE, ALAN] {
            assert_eq!(night.word("Gym", guest).await, "opened", "nobody's door");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_use_of_a_joiner_counts_for_its_override() {
    let night = Night::with(&[("override", "at-first-use")]);
    let before = night.over(JANE, &["101"], (0, 40)).await;
    let next = night.over(ALAN, &["101"], (0, 30)).await;
    night.join(GRACE, &["101"], (0, 30), &next).await;
    assert_eq!(night.word("101", GRACE).await, "opened");
    assert!(!night.is_valid(&before).await);
    assert_eq!(night.word("101", JANE).await, "overridden");
    assert_eq!(night.word("101", ALAN).await, "opened");
}

#[tokio::test(start_paused = true)]
async fn which_override_is_the_later_one_is_a_reading() {
    for (order, word) in [("issued", "overridden"), ("start", "opened")] {
        let night = Night::with(&[("override-order", order)]);
        let reserved = night.over(ALAN, &["101"], (22, 48)).await;
        night.over(JANE, &["101"], (0, 20)).await;
        night.at(1).await;
        let ended = night.tap("101", JANE).await["ended"].clone();
        let gone = match order {
            "issued" => json!([reserved, night.copy_of(&reserved).await]),
            _ => json!([]),
        };
        assert_eq!(ended, gone, "{order}");
        night.at(23).await;
        assert!(night.is_valid(&reserved).await, "the server knows nothing");
        assert_eq!(night.word("101", ALAN).await, word, "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_joiner_keeps_its_stay_when_the_key_it_joined_is_gone() {
    let night = Night::with(&[("replacement", "none")]);
    let first = night.over(JANE, &["101"], (0, 40)).await;
    let copy = night.copy_of(&first).await;
    let second = night.join(ALAN, &["101"], (0, 40), &copy).await;
    night.delete(&first).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    // The key that is joined belongs to a generation whose root was deleted.
    night.join(JANE, &["101"], (0, 40), &second).await;
    for guest in [JANE, ALAN] {
        assert_eq!(night.word("101", guest).await, "opened");
    }
    night.over(GRACE, &["101"], (0, 40)).await;
    assert_eq!(night.word("101", GRACE).await, "opened");
    for guest in [JANE, ALAN] {
        assert_eq!(night.word("101", guest).await, "overridden");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_without_override_or_joined_keys_ends_nobody() {
    let night = Night::with(&[("replacement", "none")]);
    let plain = night.key(ALAN, &["101"], (0, 40), json!({})).await;
    night.over(JANE, &["101"], (0, 40)).await;
    assert_eq!(night.word("101", ALAN).await, "opened");
    assert_eq!(night.word("101", JANE).await, "opened");
    let door = json!({ "door": "101", "key": plain });
    assert_eq!(night.get("/_sandbox/tap", door).await["why"], "overridden");
    night.key(ALAN, &["101"], (0, 40), json!({})).await;
    assert_eq!(night.word("101", ALAN).await, "opened", "made later");
    assert_eq!(night.word("101", JANE).await, "opened");
}

#[tokio::test(start_paused = true)]
async fn the_state_shows_what_locks_and_keys_are_judged_by() {
    let night = Night::with(&[]);
    let key = night.over(JANE, &["101"], (0, 40)).await;
    night.tap("101", JANE).await;
    let state = async |query: &str| -> Value {
        let path = format!("/_sandbox/state{query}");
        let answer = look(&night.0, &path).await;
        serde_json::from_slice(&answer.unwrap().body).unwrap()
    };
    let shown = state("").await;
    assert_eq!(
        shown["locks"][0]["acs_entrance_id"],
        night.door("101").await
    );
    assert_eq!(shown["locks"][0]["remembers"]["root"], key);
    let of = |id: &Value| {
        let mut keys = shown["credentials"].as_array().unwrap().iter();
        let found = keys.find(|key| key["acs_credential_id"] == *id).unwrap();
        found["_sandbox"].clone()
    };
    let copy = of(&night.copy_of(&key).await);
    assert_eq!(copy["is_there"], true);
    assert_eq!(copy["generations"][0]["root"], key);
    assert_eq!(of(&key)["is_there"], false, "a parent is on no phone");
    assert!(shown["events"].is_array());
    assert!(state("?events=false").await["events"].is_null());
}

#[tokio::test(start_paused = true)]
async fn what_a_tap_cannot_mean_is_refused_by_name() {
    let night = Night::with(&[]);
    for (body, said) in [
        (json!({ "user": JANE }), "`door` is missing"),
        (json!({ "door": "999", "user": JANE }), "999"),
        (json!({ "door": "101" }), "exactly one of"),
        (
            json!({ "door": "101", "user": "x@example.com" }),
            "x@example.com",
        ),
        (json!({ "door": "101", "key": "soon" }), "soon is not an id"),
        (
            json!({ "door": "101", "guest": JANE }),
            "no such key: `guest`",
        ),
        (json!([]), "must be an object"),
    ] {
        let (status, answer) = night.ask("/_sandbox/tap", body).await;
        assert_eq!(status, 400);
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn doors_of_other_kinds_are_listed_as_the_reading_says() {
    for (reading, listed) in [("common", 4), ("unlisted", 2)] {
        let night = Night::with(&[("other-doors", reading)]);
        let doors = ["101", "Gym", "Spa", "Main Entrance", "Elevator 1"];
        let key = night.over(JANE, &doors, (0, 40)).await;
        let shown = json!({ "acs_credential_id": key });
        let shown = night.get("/acs/credentials/get", shown).await;
        let of = |list: &str| {
            let list = &shown["acs_credential"]["visionline_metadata"][list];
            list.as_array().unwrap().len()
        };
        assert_eq!(of("guest_acs_entrance_ids"), 1);
        assert_eq!(of("common_acs_entrance_ids"), listed, "{reading}");
        let all = json!({ "acs_credential_id": key });
        let all = night
            .get("/acs/credentials/list_accessible_entrances", all)
            .await;
        assert_eq!(all["acs_entrances"].as_array().unwrap().len(), 5);
        assert_eq!(night.word("Elevator 1", JANE).await, "opened", "{reading}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hotel_on_disk_remembers_its_locks() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Options {
        state: Some(folder.path().join("hotel.json")),
        ..simulated()
    };
    let night = Night(InProcess::open(kept()).unwrap());
    night.over(JANE, &["101"], (0, 40)).await;
    night.over(ALAN, &["101"], (0, 40)).await;
    assert_eq!(night.word("101", ALAN).await, "opened");
    let card = json!({ "acs_credential_id": night.tap("111", ALAN).await["key"] });
    night.get("/acs/credentials/delete", card).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    night.get("/workspaces/get", json!({})).await;
    let ids = crate::sandbox::Ids::Random;
    let again = Night(InProcess::open(Options { ids, ..kept() }).unwrap());
    again.at(1).await;
    assert_eq!(again.word("101", JANE).await, "overridden");
    assert_eq!(again.word("111", ALAN).await, "opened");
}

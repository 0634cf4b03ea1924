//! Two layers: what the server calls valid, and what opens a door.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::in_process::{START, post, simulated};
use super::warnings;
use crate::sandbox::hotel::wire_time;
use crate::sandbox::{InProcess, Options};

/// A hotel on a virtual clock; times are hours since it was opened.
struct Night(InProcess);

/// The hour of the hotel, as the service writes it.
fn hour(hour: i64) -> String {
    let start: DateTime<Utc> = START.parse().unwrap();
    wire_time(start + TimeDelta::hours(hour))
}

impl Night {
    fn with(readings: &[(&str, &str)]) -> Self {
        let mut options = simulated();
        for (name, value) in readings {
            options.readings.set(name, value).unwrap();
        }
        Self(InProcess::open(options).unwrap())
    }

    async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = post(&self.0, path, body).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    async fn get(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Sets the clock to an hour and waits for what is under way.
    async fn at(&self, time: i64) {
        self.get("/_sandbox/clock", json!({ "now": hour(time) }))
            .await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    async fn user(&self, email: &str) -> Value {
        let found = self
            .get("/acs/users/list", json!({ "search": email }))
            .await;
        found["acs_users"][0]["acs_user_id"].clone()
    }

    async fn door(&self, name: &str) -> Value {
        let found = self
            .get("/acs/entrances/list", json!({ "search": name }))
            .await;
        found["acs_entrances"][0]["acs_entrance_id"].clone()
    }

    /// Makes a key from one hour to another and waits until it is on the phone.
    async fn key(&self, guest: &str, doors: &[&str], hours: (i64, i64), more: Value) -> Value {
        let mut ids = Vec::new();
        for door in doors {
            ids.push(self.door(door).await);
        }
        let method = match more["card"] {
            Value::Null => "mobile_key",
            _ => "card",
        };
        let order = json!({
            "acs_user_id": self.user(guest).await, "access_method": method,
            "is_multi_phone_sync_credential": method == "mobile_key",
            "allowed_acs_entrance_ids": ids,
            "starts_at": hour(hours.0), "ends_at": hour(hours.1), "visionline_metadata": more,
        });
        let made = self.get("/acs/credentials/create", order).await;
        tokio::time::advance(Duration::from_secs(1)).await;
        made["acs_credential"]["acs_credential_id"].clone()
    }

    async fn over(&self, guest: &str, doors: &[&str], hours: (i64, i64)) -> Value {
        self.key(guest, doors, hours, json!({ "override": true }))
            .await
    }

    async fn join(&self, guest: &str, doors: &[&str], hours: (i64, i64), to: &Value) -> Value {
        let more = json!({ "joiner_acs_credential_ids": [to] });
        self.key(guest, doors, hours, more).await
    }

    async fn delete(&self, key: &Value) {
        self.get(
            "/acs/credentials/delete",
            json!({ "acs_credential_id": key }),
        )
        .await;
    }

    async fn copy_of(&self, key: &Value) -> Value {
        let all = self.get("/acs/credentials/list", json!({})).await;
        let mut all = all["acs_credentials"].as_array().unwrap().iter();
        let copy = all.find(|copy| copy["parent_acs_credential_id"] == *key);
        copy.unwrap()["acs_credential_id"].clone()
    }

    /// What the server says.
    async fn is_valid(&self, key: &Value) -> bool {
        let key = json!({ "acs_credential_id": key });
        let key = self.get("/acs/credentials/get", key).await;
        key["acs_credential"]["visionline_metadata"]["is_valid"] == true
    }

    async fn tap(&self, door: &str, guest: &str) -> Value {
        let tap = json!({ "door": door, "user": guest });
        let answer = self.get("/_sandbox/tap", tap).await;
        assert_eq!(answer["opens"] == true, answer["why"] == "opened");
        answer
    }

    /// What the door says.
    async fn word(&self, door: &str, guest: &str) -> String {
        self.tap(door, guest).await["why"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

const JANE: &str = "jane@example.com";
const ALAN: &str = "alan@example.com";
const GRACE: &str = "grace@example.com";

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
    // Joins a key whose own root is no longer on record.
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
async fn a_phone_has_what_has_reached_it_and_was_not_taken_off() {
    let night = Night::with(&[("replacement", "none")]);
    let mary = "mary@example.com";
    night.over(mary, &["105"], (0, 40)).await;
    assert_eq!(night.word("105", mary).await, "no_key", "no phone");
    let phone = night.get("/_sandbox/phone", json!({ "user": mary })).await;
    assert_eq!(night.word("105", mary).await, "not_there", "on its way");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(night.word("105", mary).await, "opened");
    assert_eq!(night.word("106", mary).await, "other_door");

    // A phone that takes no keys keeps those it has.
    let off = json!({ "phone": phone["device_id"], "active": false });
    night.get("/_sandbox/phone", off).await;
    night.over(mary, &["106"], (0, 40)).await;
    assert_eq!(night.word("105", mary).await, "opened");
    assert_eq!(night.word("106", mary).await, "other_door");
    let on = json!({ "user": mary, "active": true });
    night.get("/_sandbox/phone", on).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let second = night.tap("106", mary).await;
    assert_eq!(second["opens"], true);

    // Deleted is gone once the phone has heard of it.
    let copy = second["key"].clone();
    night.delete(&copy).await;
    assert_eq!(night.word("106", mary).await, "opened");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(night.word("106", mary).await, "other_door");
    let gone = json!({ "door": "106", "key": copy });
    assert_eq!(night.get("/_sandbox/tap", gone).await["why"], "no_key");

    night
        .get(
            "/phones/deactivate",
            json!({ "device_id": phone["device_id"] }),
        )
        .await;
    assert_eq!(night.word("105", mary).await, "no_key");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_says_does_not_reach_the_phone_by_itself() {
    let night = Night::with(&[]);
    let old = night.over(JANE, &["101"], (0, 40)).await;
    night.over(JANE, &["102"], (0, 40)).await;
    assert!(!night.is_valid(&old).await, "replaced");
    assert_eq!(
        night.word("101", JANE).await,
        "opened",
        "still on the phone"
    );
    let user = json!({ "acs_user_id": night.user(JANE).await });
    night
        .get("/acs/users/revoke_access_to_all_entrances", user)
        .await;
    assert_eq!(night.word("102", JANE).await, "opened");
}

#[tokio::test(start_paused = true)]
async fn a_new_end_counts_when_it_has_reached_the_phone() {
    let night = Night::with(&[]);
    let key = night.over(JANE, &["101"], (0, 10)).await;
    for (end, then) in [(20, "opened"), (10, "ended")] {
        let before = night.word("101", JANE).await;
        let change = json!({ "acs_credential_id": key, "ends_at": hour(end) });
        night.at(9).await;
        night.get("/acs/credentials/update", change).await;
        assert_eq!(night.word("101", JANE).await, before, "under way");
        night.at(11).await;
        assert_eq!(night.word("101", JANE).await, then);
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_presents_itself_once_it_is_encoded_and_wherever_its_record_is() {
    let night = Night::with(&[]);
    let card = night.tap("111", ALAN).await;
    assert_eq!(card["opens"], true);
    let card = card["key"].clone();
    let order = json!({ "joiner_acs_credential_ids": [card], "card": true });
    let spare = night.key(JANE, &["111"], (0, 40), order).await;
    assert_eq!(night.word("111", JANE).await, "not_there", "a blank");
    night.get("/_sandbox/card", json!({ "key": spare })).await;
    assert_eq!(night.word("111", JANE).await, "opened");
    let shown = night
        .get(
            "/acs/credentials/get",
            json!({ "acs_credential_id": spare }),
        )
        .await;
    assert_eq!(shown["acs_credential"]["is_issued"], true);

    night.delete(&card).await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let gone = json!({ "acs_credential_id": card });
    assert_eq!(night.ask("/acs/credentials/get", gone).await.0, 404);
    for tap in [
        json!({ "door": "111", "key": card }),
        json!({ "door": "111", "user": ALAN }),
    ] {
        assert_eq!(night.get("/_sandbox/tap", tap).await["why"], "opened");
    }
    night.over(GRACE, &["111"], (0, 40)).await;
    let ended = night.tap("111", GRACE).await["ended"].clone();
    assert_eq!(ended, json!([card, spare]));
    for guest in [ALAN, JANE] {
        assert_eq!(night.word("111", guest).await, "overridden");
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
        let answer = night.0.request("GET", &path, &[], Vec::new()).await;
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
async fn a_key_of_a_user_in_trouble_does_not_reach_the_phone() {
    for remark in [
        "deleted_externally",
        "failed_to_create_on_acs_system",
        "being_deleted",
    ] {
        let night = Night::with(&[]);
        let remark = json!({ "user": JANE, "remark": remark });
        night.get("/_sandbox/user", remark).await;
        let key = night.over(JANE, &["101"], (0, 40)).await;
        let shown = json!({ "acs_credential_id": key });
        let shown = night.get("/acs/credentials/get", shown).await;
        let shown = &shown["acs_credential"];
        assert_eq!(shown["is_latest_desired_state_synced_with_provider"], false);
        assert_eq!(warnings(shown), ["unknown_issue_with_acs_credential"]);
        assert_eq!(night.word("101", JANE).await, "not_there");
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

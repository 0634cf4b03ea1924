//! The five commands, as a desk would use them one after the other.

use serde_json::{Value, json};

use crate::support::{Hotel, roomkey};

const ADA: &str = "Ada Lovelace <ada@example.com>";

fn key(answer: &Value) -> &Value {
    assert_eq!(
        answer["data"]["keys"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    &answer["data"]["keys"][0]
}

#[test]
fn a_first_key_overrides_and_the_same_command_again_makes_no_second() {
    let hotel = Hotel::open();
    let issue = ["issue", "--guest", ADA, "--room", "101", "--nights", "3"];
    let first = hotel.json(0, &issue);
    assert_eq!(first["data"]["outcome"], "done");
    assert_eq!(key(&first)["kind"], "override");
    assert_eq!(key(&first)["rooms"], json!(["101"]));
    assert_eq!(first["warnings"][0]["code"], "phone_not_ready");
    let again = hotel.json(0, &issue);
    assert_eq!(again["data"]["outcome"], "already");
    let creates = hotel
        .writes()
        .iter()
        .filter(|path| path.ends_with("credentials/create"))
        .count();
    assert_eq!(creates, 1);
}

#[test]
fn what_is_sent_for_a_key_is_what_the_schema_names() {
    let hotel = Hotel::open();
    hotel.told(
        0,
        "issue --guest jane@example.com --room 101 --nights 1 --also Gym",
    );
    let requests = hotel.requests();
    let create = requests
        .iter()
        .find(|r| r["path"] == "/acs/credentials/create")
        .unwrap();
    let body = &create["body"];
    assert_eq!(body["access_method"], "mobile_key");
    assert_eq!(body["is_multi_phone_sync_credential"], true);
    assert_eq!(
        body["credential_manager_acs_system_id"],
        hotel.manager.as_str()
    );
    assert_eq!(
        body["allowed_acs_entrance_ids"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(body["ends_at"].as_str().unwrap().ends_with('Z'));
    let metadata =
        json!({ "card_format": "rfid48", "label": "%ROOMNUM% - %SITENAME%", "override": true });
    assert_eq!(body["visionline_metadata"], metadata);
}

#[test]
fn several_guests_in_several_rooms_share_one_override() {
    let hotel = Hotel::open();
    let answer = hotel.told(
        0,
        "issue --room 101-102 --guest jane@example.com --guest alan@example.com --nights 2",
    );
    let keys = answer["data"]["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0]["kind"], "override");
    assert_eq!(keys[1]["kind"], "joiner");
    assert_eq!(keys[1]["joined_to"][0], keys[0]["acs_credential_id"]);
    assert!(
        keys.iter()
            .all(|key| key["rooms"] == json!(["101", "102"]) && key["valid"] == true)
    );
}

#[test]
fn a_second_guest_joins_a_phone_and_a_plastic_card() {
    let hotel = Hotel::open();
    for (room, holder) in [("110", "Grace Hopper"), ("111", "Alan Turing")] {
        let guest = if room == "110" {
            "jane@example.com"
        } else {
            "edsger@example.com"
        };
        let joined = hotel.json(0, &["join", "--room", room, "--guest", guest, "--yes"]);
        assert_eq!(key(&joined)["kind"], "joiner", "{room}");
        let keys = hotel.json(0, &["keys", "--room", room]);
        let keys = keys["data"]["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2, "{room}");
        assert!(
            keys.iter().any(|key| key["guest"] == holder),
            "the key that was there goes on"
        );
    }
}

#[test]
fn a_copy_on_one_phone_can_be_joined_by_its_id() {
    let hotel = Hotel::open();
    let state = hotel.control("GET", "state", &Value::Null);
    let credentials = state["credentials"].as_array().unwrap();
    let child = credentials
        .iter()
        .find(|key| key["parent_acs_credential_id"].is_string())
        .unwrap();
    let id = child["acs_credential_id"].as_str().unwrap();
    let joined = hotel.json(
        0,
        &["join", "--to", id, "--guest", "jane@example.com", "--yes"],
    );
    assert_eq!(key(&joined)["joined_to"], json!([id]));
    assert_eq!(key(&joined)["doors"], json!(["110", "Gym"]));
}

#[test]
fn an_update_leaves_exactly_one_live_key() {
    let hotel = Hotel::open();
    hotel.told(0, "issue --guest jane@example.com --room 101 --nights 1");
    let before = hotel.live("jane@example.com");
    let updated = hotel.told(0, "update --guest jane@example.com --nights 3");
    let live = hotel.live("jane@example.com");
    assert_eq!(live.len(), 1, "{live:?}");
    assert_eq!(
        live[0]["acs_credential_id"],
        key(&updated)["acs_credential_id"]
    );
    assert_ne!(live[0]["ends_at"], before[0]["ends_at"]);
    let again = hotel.told(0, "update --guest jane@example.com --nights 3");
    assert_eq!(again["data"]["outcome"], "already");
}

#[test]
fn a_returning_guests_requests_arrive_in_order() {
    let hotel = Hotel::open();
    hotel.told(
        0,
        "return-guest --guest barbara@example.com --room 204 --also Gym --nights 2",
    );
    let mut requests = hotel.requests();
    // The rooms are read beside them.
    requests.retain(|request| !request["path"].as_str().unwrap().contains("/list"));
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request["path"].as_str().unwrap())
        .collect();
    let get = paths
        .iter()
        .rposition(|path| *path == "/acs/users/get")
        .unwrap();
    assert_eq!(
        paths[get..get + 5],
        [
            "/acs/users/get",
            "/acs/users/revoke_access_to_all_entrances",
            "/acs/entrances/grant_access",
            "/acs/entrances/grant_access",
            "/acs/credentials/create",
        ]
    );
    assert_eq!(
        requests[get + 4]["body"]["visionline_metadata"]["override"],
        true
    );
}

#[test]
fn a_revoke_takes_the_key_and_its_copies() {
    let hotel = Hotel::open();
    let answer = hotel.told(0, "revoke --room 110 --yes");
    assert_eq!(answer["data"]["revoked"].as_array().map(Vec::len), Some(1));
    let state = hotel.control("GET", "state", &Value::Null);
    let left: Vec<_> = state["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["access_method"].clone())
        .collect();
    assert_eq!(
        left,
        [json!("card")],
        "parent and child are gone, the card of 111 is not touched"
    );
    let again = hotel.told(0, "revoke --room 110 --yes");
    assert_eq!(again["data"]["outcome"], "already");
}

#[test]
fn a_dry_run_writes_nothing_and_shows_every_call() {
    let hotel = Hotel::open();
    let plans: [&[&str]; 4] = [
        &[
            "issue",
            "--guest",
            ADA,
            "--room",
            "101",
            "--nights",
            "1",
            "--dry-run",
        ],
        &[
            "return-guest",
            "--guest",
            "jane@example.com",
            "--room",
            "101",
            "--nights",
            "1",
            "--dry-run",
        ],
        &[
            "join",
            "--guest",
            "jane@example.com",
            "--room",
            "110",
            "--dry-run",
        ],
        &["revoke", "--room", "110", "--dry-run"],
    ];
    for plan in plans {
        let answer = hotel.json(0, plan);
        assert_eq!(answer["data"]["outcome"], "planned");
        assert_eq!(answer["dry_run"], true);
        assert!(!answer["data"]["steps"].as_array().unwrap().is_empty());
    }
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn the_sandbox_keeps_its_hotel_between_commands() {
    let home = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let output = roomkey(home.path())
            .args(["--sandbox", "--json"])
            .args(arguments)
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let issue = ["issue", "--guest", ADA, "--room", "101", "--nights", "3"];
    assert_eq!(run(&issue)["data"]["outcome"], "done");
    assert_eq!(run(&issue)["data"]["outcome"], "already");
    assert_eq!(run(&["sandbox", "reset"])["ok"], true);
    assert_eq!(run(&issue)["data"]["outcome"], "done");
}

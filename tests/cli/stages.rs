//! Steps that do not depend on each other leave together, and a stage that is done in part is finished.
//!
//! Whether requests are in flight together is seen at the hotel: their answers are held back until all have arrived.

use std::process::Child;

use serde_json::{Value, json};

use crate::desks::start;
use crate::recover::{CREATE, GRANT, up};
use crate::support::{Hotel, Ran};

const DELETE: &str = "/acs/credentials/delete";

const NEW_GUEST: &str = "/user_identities/create";

const FAMILY: &str =
    "return-guest --room 102,103,104 --also Gym --guest grace@example.com --nights 2 --yes";

const PARTY: &str = "issue --room 101 --guest jane@example.com --guest \"Ada Lovelace <ada@example.com>\" --guest \"Joan Clarke <joan@example.com>\" --guest \"Mary Jackson <jackson@example.com>\" --nights 2";

/// How many requests of this path have arrived.
fn count(hotel: &Hotel, path: &str) -> usize {
    let writes = hotel.writes();
    writes.iter().filter(|seen| *seen == path).count()
}

/// Waits until so many requests of this path have arrived.
fn until(hotel: &Hotel, path: &str, wanted: usize, process: &mut Child) {
    while count(hotel, path) < wanted {
        assert!(process.try_wait().unwrap().is_none(), "it has ended");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// The status of each step with this call, sorted.
fn statuses(answer: &Value, path: &str) -> Vec<String> {
    let steps = answer["data"]["steps"].as_array().unwrap().iter();
    let steps = steps.filter(|step| step["call"] == path);
    let mut found: Vec<String> = steps
        .map(|step| step["status"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn the_grants_of_a_returning_guest_leave_together() {
    let hotel = Hotel::open();
    hotel.fault(&json!({ "path": GRANT, "kind": "slow", "count": 4, "ms": 60_000 }));
    let mut process = start(&hotel, &hotel.home, FAMILY);
    until(&hotel, GRANT, 4, &mut process);
    assert_eq!(count(&hotel, CREATE), 0, "the key waits for all of them");
    up(&hotel);
    let answer = Ran::from(process.wait_with_output().unwrap())
        .exits(0)
        .json();
    assert_eq!(statuses(&answer, GRANT), ["done"; 4]);
    let writes = hotel.writes();
    assert_eq!(writes[0], "/acs/users/revoke_access_to_all_entrances");
    assert!(writes[1..5].iter().all(|path| path == GRANT), "{writes:?}");
    assert_eq!(writes[5], CREATE);
}

#[test]
fn the_guests_of_a_party_are_put_on_record_together() {
    let hotel = Hotel::open();
    hotel.fault(&json!({ "path": NEW_GUEST, "kind": "slow", "count": 3, "ms": 60_000 }));
    let mut process = start(&hotel, &hotel.home, PARTY);
    until(&hotel, NEW_GUEST, 3, &mut process);
    assert_eq!(
        count(&hotel, CREATE),
        0,
        "the first key waits for all of them"
    );
    up(&hotel);
    Ran::from(process.wait_with_output().unwrap()).exits(0);
}

#[test]
fn the_first_key_of_a_party_leaves_alone_and_the_joiners_together() {
    let hotel = Hotel::open();
    hotel.fault(&json!({ "path": CREATE, "kind": "slow", "after": 1, "count": 3, "ms": 60_000 }));
    let mut process = start(&hotel, &hotel.home, PARTY);
    until(&hotel, CREATE, 4, &mut process);
    up(&hotel);
    let answer = Ran::from(process.wait_with_output().unwrap())
        .exits(0)
        .json();
    let keys = answer["data"]["keys"].as_array().unwrap();
    let first = &keys[0]["acs_credential_id"];
    for key in &keys[1..] {
        assert_eq!(key["joined_to"], json!([first]));
    }
    let creates = hotel.requests().into_iter();
    let mut creates = creates.filter(|request| request["path"] == CREATE);
    let is_override = |request: Value| request["body"]["visionline_metadata"]["override"] == true;
    assert!(creates.next().is_some_and(is_override));
    assert!(!creates.any(is_override));
}

#[test]
fn the_deletions_of_a_room_leave_together() {
    let hotel = Hotel::open();
    hotel.told(0, PARTY);
    hotel.forget_requests();
    hotel.fault(&json!({ "path": DELETE, "kind": "slow", "count": 4, "ms": 60_000 }));
    let mut process = start(&hotel, &hotel.home, "revoke --room 101 --yes");
    until(&hotel, DELETE, 4, &mut process);
    up(&hotel);
    Ran::from(process.wait_with_output().unwrap()).exits(0);
}

#[test]
fn the_earlier_keys_of_a_returning_guest_are_removed_together() {
    let hotel = Hotel::open();
    hotel.reading("replacement", "none");
    let state = hotel.control("GET", "state", &Value::Null);
    let id = |list: &str, field: &str, value: &str, id: &str| {
        let mut all = state[list].as_array().unwrap().iter();
        all.find(|one| one[field] == value).unwrap()[id].clone()
    };
    for room in ["105", "106"] {
        let made = hotel.call(
            CREATE,
            &json!({
                "acs_user_id": id("users", "email_address", "grace@example.com", "acs_user_id"),
                "access_method": "mobile_key",
                "is_multi_phone_sync_credential": true,
                "credential_manager_acs_system_id": hotel.manager,
                "allowed_acs_entrance_ids": [id("entrances", "display_name", room, "acs_entrance_id")],
                "ends_at": "2099-01-01T11:00:00Z",
                "visionline_metadata": { "card_format": "rfid48", "override": true },
            }),
        );
        assert_eq!(made["ok"], true, "{made}");
    }
    hotel.forget_requests();
    hotel.fault(&json!({ "path": DELETE, "kind": "slow", "count": 3, "ms": 60_000 }));
    let mut process = start(&hotel, &hotel.home, FAMILY);
    until(&hotel, DELETE, 3, &mut process);
    assert_eq!(count(&hotel, CREATE), 1, "the new key is there first");
    up(&hotel);
    let answer = Ran::from(process.wait_with_output().unwrap())
        .exits(0)
        .json();
    assert_eq!(statuses(&answer, DELETE), ["done"; 3]);
    assert_eq!(hotel.live("grace@example.com").len(), 1);
}

#[test]
fn a_grant_that_is_refused_stops_the_plan_and_recover_sends_only_this_one() {
    let hotel = Hotel::open();
    hotel.fault(&json!({ "path": GRANT, "kind": "401", "after": 2 }));
    hotel.reading("revoke-all", "grants-and-keys");
    let answer = hotel.told(9, FAMILY);
    assert_eq!(statuses(&answer, GRANT), ["done", "done", "done", "failed"]);
    assert_eq!(statuses(&answer, CREATE), ["planned"]);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("could not grant "), "{message}");
    hotel.forget_requests();
    hotel.told(0, "recover --all --yes");
    assert_eq!((count(&hotel, GRANT), count(&hotel, CREATE)), (1, 1));
    let rooms = &hotel.live("grace@example.com")[0]["rooms"];
    assert_eq!(*rooms, json!(["102", "103", "104"]));
}

/// Runs the party. `orders` say what happens to requests of this path. Once so many of these have arrived, every
/// further answer is lost.
fn party(hotel: &Hotel, (path, wanted): (&str, usize), orders: &[Value]) -> Value {
    orders.iter().for_each(|order| hotel.fault(order));
    let mut process = start(
        hotel,
        &hotel.home,
        &format!("{PARTY} --timeout 0.8 --settle 0.2"),
    );
    until(hotel, path, wanted, &mut process);
    hotel.fault(&json!({ "path": "*", "kind": "cut-after", "count": 10_000 }));
    let answer = Ran::from(process.wait_with_output().unwrap())
        .exits(8)
        .json();
    up(hotel);
    answer
}

/// Finishes the operation. Returns how many creates that took. Every guest then has exactly one key.
fn finished(hotel: &Hotel) -> usize {
    hotel.forget_requests();
    hotel.told(0, "recover --all --yes");
    let sent = count(hotel, CREATE);
    for guest in ["jane", "ada", "joan", "jackson"] {
        let live = hotel.live(&format!("{guest}@example.com"));
        let rooms: Vec<&Value> = live.iter().map(|key| &key["rooms"]).collect();
        assert_eq!(rooms, [&json!(["101"])], "{guest}");
    }
    sent
}

#[test]
fn one_joiner_unknown_and_one_refused_are_each_recovered() {
    let hotel = Hotel::open();
    let orders = [
        json!({ "path": CREATE, "kind": "hang-after", "after": 2, "ms": 60_000 }),
        json!({ "path": CREATE, "kind": "401", "after": 3 }),
    ];
    let answer = party(&hotel, (CREATE, 4), &orders);
    let wanted = ["done", "done", "failed", "unknown"];
    assert_eq!(statuses(&answer, CREATE), wanted, "{answer:#}");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("is not known"),
        "the worst is told: {message}"
    );
    assert_eq!(
        finished(&hotel),
        1,
        "the one with the lost answer is adopted"
    );
}

#[test]
fn several_unknown_joiners_are_all_adopted() {
    let hotel = Hotel::open();
    let hang =
        json!({ "path": CREATE, "kind": "hang-after", "after": 1, "count": 3, "ms": 60_000 });
    let answer = party(&hotel, (CREATE, 4), &[hang]);
    assert_eq!(
        statuses(&answer, CREATE),
        ["done", "unknown", "unknown", "unknown"]
    );
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("(3 times)"), "{message}");
    assert_eq!(finished(&hotel), 0);
}

#[test]
fn several_unknown_guests_are_all_found() {
    let hotel = Hotel::open();
    let hang =
        json!({ "path": NEW_GUEST, "kind": "hang-after", "after": 1, "count": 2, "ms": 60_000 });
    let answer = party(&hotel, (NEW_GUEST, 3), &[hang]);
    assert_eq!(statuses(&answer, NEW_GUEST), ["done", "unknown", "unknown"]);
    assert_eq!(count(&hotel, CREATE), 0);
    assert_eq!(finished(&hotel), 4);
    assert_eq!(count(&hotel, NEW_GUEST), 0);
}

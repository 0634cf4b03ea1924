//! Single answers: ids that are nothing, one phone's copy, doors that stay, slow and wrong servers, lost answers.

use serde_json::{Value, json};

use crate::support::{Hotel, Ran, new_home, roomkey};

const CREATE: &str = "/acs/credentials/create";

/// The doors of a guest's only key.
#[track_caller]
fn doors(hotel: &Hotel, email: &str) -> Vec<String> {
    let live = hotel.live(email);
    assert_eq!(live.len(), 1, "{live:#?}");
    let doors = live[0]["doors"].as_array().unwrap().iter();
    doors
        .map(|door| door.as_str().unwrap().to_owned())
        .collect()
}

/// The keys on record, as the hotel has them: those that are one phone's copy, or those that are not.
fn on_record(hotel: &Hotel, copies: bool) -> Vec<String> {
    let state = hotel.control("GET", "state?events=false", &Value::Null);
    let keys = state["credentials"].as_array().unwrap().iter();
    let keys = keys.filter(|key| key["parent_acs_credential_id"].is_null() != copies);
    keys.map(|key| key["acs_credential_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_id_that_is_none_is_5_and_a_key_that_is_gone_is_already_away() {
    let hotel = Hotel::open();
    hotel.forget_requests();
    for garbage in ["garbage", "1234", "5f1c2d3e-4b5a-6978-8796-a5b4c3d2e1fX"] {
        let answer = hotel.told(5, &format!("revoke --key {garbage} --yes"));
        assert_eq!(answer["error"]["code"], "key_not_found", "{answer:#}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains(garbage)
        );
    }
    let unknown = "5f1c2d3e-4b5a-4978-8796-a5b4c3d2e1f0";
    let answer = hotel.told(0, &format!("revoke --key {unknown} --yes"));
    assert_eq!(answer["data"]["outcome"], "already", "{answer:#}");
    // One that is nothing spoils the whole command.
    let grace = hotel.live("grace@example.com")[0]["acs_credential_id"].clone();
    let both = format!(
        "revoke --key {} --key garbage --yes",
        grace.as_str().unwrap()
    );
    hotel.told(5, &both);
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn one_phone_is_named_by_its_copy_and_only_that_copy_goes() {
    let hotel = Hotel::open();
    hotel.control("POST", "phone", &json!({ "user": "jane@example.com" }));
    let made = hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
    let parent = made["data"]["keys"][0]["acs_credential_id"]
        .as_str()
        .unwrap()
        .to_owned();
    hotel.forget_requests();
    let refused = hotel.told(2, &format!("revoke --key {parent} --this-phone-only --yes"));
    assert_eq!(refused["error"]["code"], "not_a_copy", "{refused:#}");
    assert_eq!(hotel.writes(), [""; 0]);
    let message = refused["error"]["message"].as_str().unwrap();
    let copies: Vec<&str> = message
        .lines()
        .filter_map(|line| line.strip_prefix("copy "))
        .collect();
    assert_eq!(copies.len(), 2, "{message}");
    let gone = copies[0];
    hotel.told(0, &format!("revoke --key {gone} --this-phone-only --yes"));
    let left = on_record(&hotel, true);
    assert!(
        !left.contains(&gone.to_owned()) && left.contains(&copies[1].to_owned()),
        "{left:?}"
    );
    assert!(on_record(&hotel, false).contains(&parent));
    // Without the option a copy stands for the whole key.
    hotel.told(0, &format!("revoke --key {} --yes", copies[1]));
    assert!(!on_record(&hotel, false).contains(&parent));
}

#[test]
fn the_guests_own_card_is_listed_before_it_ends() {
    let hotel = Hotel::open();
    hotel.forget_requests();
    let command = "issue --room 111 --guest alan@example.com --nights 1 --replace";
    for option in ["", " --no-input"] {
        let refused = hotel.told(6, &format!("{command}{option}"));
        assert_eq!(
            refused["error"]["code"], "needs_confirmation",
            "{refused:#}"
        );
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("Alan Turing, plastic card for 111"),
            "{message}"
        );
    }
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn a_door_more_keeps_those_that_are_there_and_a_door_less_takes_only_that_one() {
    let hotel = Hotel::open();
    hotel.told(
        0,
        "issue --room 101 --guest jane@example.com --nights 2 --also Gym",
    );
    hotel.told(0, "update --guest jane@example.com --also Pool --yes");
    assert_eq!(doors(&hotel, "jane@example.com"), ["101", "Gym", "Pool"]);
    hotel.told(0, "update --guest jane@example.com --nights 3 --yes");
    assert_eq!(doors(&hotel, "jane@example.com"), ["101", "Gym", "Pool"]);
    hotel.told(0, "update --guest jane@example.com --without Gym --yes");
    assert_eq!(doors(&hotel, "jane@example.com"), ["101", "Pool"]);
    hotel.told(
        0,
        "update --guest jane@example.com --without Pool --also Spa --yes",
    );
    assert_eq!(doors(&hotel, "jane@example.com"), ["101", "Spa"]);
}

#[cfg(unix)]
#[test]
fn no_access_comes_before_interrupted_also_in_json() {
    let hotel = Hotel::open();
    hotel.reading("revoke-all", "grants-and-keys");
    hotel.control("POST", "latency", &json!({ "ms": 150 }));
    let words = "return-guest --room 102 --guest grace@example.com --nights 2 --yes --json";
    let process = hotel
        .command()
        .args(words.split(' '))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    hotel.until_seen("/acs/users/revoke_access_to_all_entrances");
    let mut kill = std::process::Command::new("kill");
    kill.args(["-INT", &process.id().to_string()])
        .status()
        .unwrap();
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(9);
    let answer = ran.json();
    assert_eq!(answer["error"]["code"], "no_access", "{answer:#}");
    assert_eq!(answer["data"]["outcome"], "no_access", "{answer:#}");
    let history = hotel.told(0, "history");
    assert_eq!(
        history["data"]["operations"][0]["outcome"], "no_access",
        "{history:#}"
    );
}

#[test]
fn a_list_that_is_slow_but_in_time_works() {
    let hotel = Hotel::open();
    // Two fifths of the time-out: twelve seconds of thirty.
    let slow = json!({ "path": "/acs/*", "kind": "slow", "ms": 800, "count": 1000 });
    hotel.fault(&slow);
    let keys = hotel.told(0, "keys --guest grace@example.com --timeout 2");
    assert_eq!(keys["data"]["keys"].as_array().unwrap().len(), 1);
    hotel.told(0, "rooms --timeout 2");
    // Beyond the time-out it is said to be out of reach.
    hotel.control("DELETE", "faults", &Value::Null);
    hotel.fault(&slow);
    let late = hotel.told(7, "rooms --timeout 0.5");
    assert_eq!(late["error"]["code"], "unreachable", "{late:#}");
}

#[test]
fn an_address_that_is_none_is_2_and_names_the_variable() {
    let home = new_home();
    for address in [
        "not a url",
        "http://example.com",
        "ftp://x",
        "https://",
        "connect.getseam.com",
    ] {
        for words in [
            &["rooms", "--json"][..],
            &[
                "issue", "--room", "101", "--guest", "a@b.ch", "--nights", "1", "--json",
            ],
        ] {
            let mut command = roomkey(home.path());
            command
                .env("SEAM_ENDPOINT", address)
                .env("SEAM_API_KEY", "seam_test_1");
            let ran = Ran::from(command.args(words).output().unwrap()).exits(2);
            let answer = ran.json();
            assert_eq!(answer["error"]["code"], "config", "{address}: {answer:#}");
            let message = answer["error"]["message"].as_str().unwrap();
            assert!(message.contains("SEAM_ENDPOINT"), "{address}: {message}");
        }
    }
}

/// A hotel that lists a door of no kind in neither list of a key.
fn unlisted() -> Hotel {
    Hotel::open_with(&["--sync", "20", "--reading", "other-doors=unlisted"])
}

const ENTRANCE: &str =
    "issue --room 101 --guest jane@example.com --nights 2 --also \"Main Entrance\"";

/// The doors that each create asked for, by name.
fn asked(hotel: &Hotel) -> Vec<Vec<String>> {
    let state = hotel.control("GET", "state?events=false", &Value::Null);
    let name = |id: &Value| {
        let mut doors = state["entrances"].as_array().unwrap().iter();
        let door = doors.find(|door| door["acs_entrance_id"] == *id).unwrap();
        door["display_name"].as_str().unwrap().to_owned()
    };
    let creates = hotel
        .requests()
        .into_iter()
        .filter(|one| one["path"] == CREATE);
    creates
        .map(|one| {
            let ids = one["body"]["allowed_acs_entrance_ids"]
                .as_array()
                .unwrap()
                .clone();
            let mut names: Vec<String> = ids.iter().map(name).collect();
            names.sort();
            names
        })
        .collect()
}

#[test]
fn a_door_that_is_listed_nowhere_is_no_difference() {
    let hotel = unlisted();
    hotel.told(0, ENTRANCE);
    hotel.forget_requests();
    let again = hotel.told(0, ENTRANCE);
    assert_eq!(again["data"]["outcome"], "already", "{again:#}");
    assert_eq!(hotel.writes(), [""; 0]);
}

#[test]
fn a_create_whose_answer_is_lost_is_adopted_though_a_door_is_listed_nowhere() {
    for kind in ["cut-after", "503-after", "500-after"] {
        let hotel = unlisted();
        hotel.fault(&json!({ "path": CREATE, "kind": kind, "count": 1 }));
        hotel.forget_requests();
        let made = hotel.told(0, ENTRANCE);
        assert_eq!(asked(&hotel).len(), 1, "{kind}: one create is sent");
        let live = hotel.live("jane@example.com");
        assert_eq!(live.len(), 1, "{kind}");
        assert_eq!(
            live[0]["acs_credential_id"],
            made["data"]["keys"][0]["acs_credential_id"]
        );
        hotel.told(0, "recover");
    }
}

#[test]
fn a_door_that_is_listed_nowhere_is_kept_by_update_and_inherited_by_join() {
    let hotel = unlisted();
    hotel.told(0, ENTRANCE);
    hotel.forget_requests();
    hotel.told(0, "update --guest jane@example.com --also Pool --yes");
    assert_eq!(asked(&hotel), [["101", "Main Entrance", "Pool"]]);
    hotel.forget_requests();
    hotel.told(0, "join --room 101 --guest edsger@example.com --yes");
    assert_eq!(asked(&hotel), [["101", "Main Entrance", "Pool"]]);
    let first = hotel.live("jane@example.com")[0]["acs_credential_id"].clone();
    let first = first.as_str().unwrap();
    hotel.forget_requests();
    let join = format!("join --to {first} --guest barbara@example.com --yes");
    hotel.told(0, &join);
    assert_eq!(asked(&hotel), [["101", "Main Entrance", "Pool"]]);
    hotel.forget_requests();
    hotel.told(
        0,
        "update --guest jane@example.com --without \"Main Entrance\" --yes",
    );
    assert_eq!(asked(&hotel), [["101", "Pool"]]);
}

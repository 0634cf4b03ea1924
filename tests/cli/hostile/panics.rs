//! A defect of the tool itself. The panic is injected by a variable that only builds with debug assertions read.

use super::ends_within;
use crate::support::{Hotel, Ran};

const RETURN: [&str; 7] = [
    "return-guest",
    "--guest",
    "barbara@example.com",
    "--room",
    "204",
    "--nights",
    "2",
];

fn panicked(hotel: &Hotel, at: &str, words: &[&str]) -> Ran {
    let mut command = hotel.command();
    ends_within(20, command.env("ROOMKEY_TEST_PANIC", at).args(words))
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_in_the_middle_of_a_write_is_8_and_recover_finishes_it() {
    let hotel = Hotel::open();
    let words = [&RETURN[..], &["--json"]].concat();
    let ran = panicked(&hotel, "/acs/users/revoke_access_to_all_entrances", &words).exits(8);
    let answer = ran.json();
    assert_eq!(answer["error"]["code"], "internal", "{answer}");
    assert_eq!(answer["command"], "return-guest");
    assert_eq!(answer["data"]["outcome"], "unknown");
    assert!(
        answer["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("`roomkey recover`"),
        "{answer}"
    );
    assert!(!ran.stderr.contains("RUST_BACKTRACE"), "{ran:#?}");
    hotel.json(12, &RETURN);
    let open = hotel.told(12, "recover");
    let id = open["data"]["unfinished"][0]["operation_id"].as_str();
    let id = id.unwrap_or_else(|| panic!("{open:#}"));
    hotel.json(0, &["recover", id, "--yes"]);
    let keys = hotel.live("barbara@example.com");
    assert!(keys.iter().any(|key| key["rooms"][0] == "204"), "{keys:?}");
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_after_the_create_makes_no_second_key() {
    let hotel = Hotel::open();
    let issue = [
        "issue",
        "--room",
        "101",
        "--guest",
        "jane@example.com",
        "--nights",
        "1",
    ];
    let told = panicked(&hotel, "/acs/credentials/create", &issue).exits(8);
    assert_eq!(told.stdout, "");
    for part in ["has a defect", "not known", "roomkey recover"] {
        assert!(told.stderr.contains(part), "{part}: {told:#?}");
    }
    let open = hotel.told(12, "recover");
    let id = open["data"]["unfinished"][0]["operation_id"].as_str();
    let id = id.unwrap_or_else(|| panic!("{open:#}"));
    hotel.json(0, &["recover", id, "--yes"]);
    assert_eq!(hotel.live("jane@example.com").len(), 1);
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_in_a_task_beside_the_command_is_not_a_success() {
    let hotel = Hotel::open();
    let words = [&RETURN[..], &["--json"]].concat();
    let ran = panicked(&hotel, "task:/acs/users/get", &words).exits(8);
    assert_eq!(ran.json()["error"]["code"], "internal");
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_while_looking_is_8_too() {
    let hotel = Hotel::open();
    for words in [&["rooms"][..], &["keys"], &["doctor"], &["guests", "Jane"]] {
        let words = [words, &["--json"]].concat();
        panicked(&hotel, "/acs/systems/list", &words).exits(8);
    }
}

#[cfg(not(debug_assertions))]
#[test]
fn a_release_has_no_way_to_inject_a_panic() {
    let hotel = Hotel::open();
    panicked(&hotel, "/acs/entrances/list", &["rooms", "--json"]).exits(0);
    panicked(&hotel, "/acs/credentials/create", &RETURN).exits(0);
}

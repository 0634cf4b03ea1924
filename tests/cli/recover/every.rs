//! `recover --all`: every operation is in the answer, and the exit status is that of the worst.

use serde_json::{Value, json};

use super::{CREATE, GRANT, down, elsewhere, rooms, short, stopped, up};
use crate::support::Hotel;

/// Three operations that stopped: two keys to be made, and a guest without access.
fn three(hotel: &Hotel) -> [String; 3] {
    hotel.reading("revoke-all", "grants-and-keys");
    let issue = |room: &str, email: &str| {
        let words = format!("issue --room {room} --guest {email} --nights 2");
        short(&stopped(hotel, 8, &words, CREATE, 0))
    };
    let first = issue("101", "jane@example.com");
    let second = issue("103", "edsger@example.com");
    let words = "return-guest --room 102 --guest grace@example.com --nights 2 --yes";
    [first, second, short(&stopped(hotel, 9, words, GRANT, 0))]
}

/// The outcome of each operation, by its short id.
fn outcomes(answer: &Value, ids: &[String; 3]) -> [String; 3] {
    let operations = answer["data"]["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 3, "{answer:#}");
    ids.each_ref().map(|id| {
        let is_it = |one: &&Value| one["operation_id"].as_str().unwrap().ends_with(id);
        let one = operations.iter().find(is_it);
        let one = one.unwrap_or_else(|| panic!("{id}: {answer:#}"));
        one["outcome"].as_str().unwrap().to_owned()
    })
}

#[test]
fn all_are_finished_and_reported() {
    let hotel = Hotel::open();
    let ids = three(&hotel);
    let done = hotel.told(0, "recover --all --settle 0.3");
    assert_eq!(outcomes(&done, &ids), ["done"; 3], "{done:#}");
    for (email, room) in [
        ("jane@example.com", "101"),
        ("edsger@example.com", "103"),
        ("grace@example.com", "102"),
    ] {
        assert_eq!(rooms(&hotel, email), [json!([room])]);
    }
    hotel.told(0, "recover");
}

#[test]
fn one_that_is_refused_stops_none_of_the_others() {
    let mut hotel = Hotel::open();
    let ids = three(&hotel);
    elsewhere(
        &mut hotel,
        0,
        "issue --room 101 --guest barbara@example.com --nights 2",
    );
    let ended = hotel.told(6, "recover --all --settle 0.3");
    assert_eq!(
        outcomes(&ended, &ids),
        ["refused", "done", "done"],
        "{ended:#}"
    );
    assert_eq!(ended["error"]["code"], "changed", "{ended:#}");
    assert_eq!(rooms(&hotel, "grace@example.com"), [json!(["102"])]);
    let open = hotel.told(12, "recover");
    assert_eq!(
        open["data"]["unfinished"].as_array().unwrap().len(),
        1,
        "{open:#}"
    );
}

#[test]
fn a_guest_without_access_is_the_worst_of_all() {
    let hotel = Hotel::open();
    let ids = three(&hotel);
    down(&hotel, GRANT, 0);
    let ended = hotel.told(9, "recover --all --timeout 0.6 --settle 0.3");
    assert_eq!(
        outcomes(&ended, &ids),
        ["done", "done", "no_access"],
        "{ended:#}"
    );
    assert!(
        ended["error"]["hint"].as_str().unwrap().contains(&ids[2]),
        "{ended:#}"
    );
    assert_eq!(rooms(&hotel, "jane@example.com"), [json!(["101"])]);
    up(&hotel);
    hotel.told(0, "recover --all --settle 0.3");
    assert_eq!(rooms(&hotel, "grace@example.com"), [json!(["102"])]);
}

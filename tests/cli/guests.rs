//! Guests: every form that names one, a contact that two share, and guests who cannot get a key.

use serde_json::{Value, json};

use crate::support::{Extent, Hotel, sampled, side_by_side};

fn guests(hotel: &Hotel, text: &str) -> Vec<Value> {
    let found = hotel.json(0, &["guests", text]);
    found["data"]["guests"].as_array().unwrap().clone()
}

fn system(hotel: &Hotel) -> Value {
    hotel.call("/acs/users/list", &json!({ "limit": 1 }))["acs_users"][0]["acs_system_id"].clone()
}

/// The `--guest` of the hint that starts so.
fn suggested(answer: &Value, start: &str) -> String {
    let hints = answer["error"]["hint"].as_str().unwrap();
    let line = hints.lines().find(|line| line.contains(start)).unwrap();
    let (_, guest) = line.split_once("--guest \"").unwrap();
    guest.split('"').next().unwrap().to_owned()
}

#[test]
fn a_guest_without_an_address_is_put_on_record_once_and_found_again() {
    let hotel = Hotel::open();
    for (room, new, contact) in [
        ("101", "Ada Poe <+49 170 1234567>", "+491701234567"),
        ("102", "Bob Poe <res:4711>", "res:4711"),
        ("103", "Cem Poe <cem@example.com>", "CEM@example.com"),
    ] {
        let issue = format!("issue --room {room} --guest \"{new}\" --nights 1");
        let first = hotel.told(0, &issue);
        assert_eq!(first["data"]["outcome"], "done", "{first}");
        assert_eq!(hotel.told(0, &issue)["data"]["outcome"], "already");
        let by_contact = format!("issue --room {room} --guest {contact} --nights 1");
        assert_eq!(hotel.told(0, &by_contact)["data"]["outcome"], "already");
        assert_eq!(hotel.live(contact).len(), 1, "{contact}");
        assert_eq!(guests(&hotel, contact).len(), 1, "{contact}");
    }
    assert_eq!(guests(&hotel, "Poe").len(), 3);
    let bob = &guests(&hotel, "Bob Poe")[0];
    assert_eq!(bob["reservation"], "4711");
    assert_eq!(bob["email"], Value::Null);
    let shown = hotel.run(&["guests", "res:4711"]).exits(0);
    assert!(shown.stdout.contains("4711"), "{}", shown.told());
    hotel.told(5, "keys --guest res:4712");
}

#[test]
fn a_name_that_differs_is_a_question_for_every_command() {
    let hotel = Hotel::open();
    hotel.told(
        0,
        "issue --room 101 --guest \"Jane Roe <roe@example.com>\" --nights 2",
    );
    hotel.forget_requests();
    let john = "--guest \"John Roe <ROE@example.com>\"";
    for line in [
        format!("issue --room 101 {john} --nights 2"),
        format!("issue --room 102 {john} --nights 2"),
        format!("join --room 101 {john} --yes"),
        format!("return-guest --room 103 {john} --nights 2"),
        format!("update {john} --nights 4"),
        format!("revoke {john} --yes"),
        format!("keys {john}"),
    ] {
        let answer = hotel.told(6, &line);
        assert_eq!(answer["error"]["code"], "name_differs", "{line}");
    }
    assert_eq!(hotel.writes(), Vec::<String>::new());
    // Both answers that the error offers do what it says.
    let answer = hotel.told(6, &format!("issue --room 101 {john} --nights 2"));
    let same = suggested(&answer, "same person");
    let again = hotel.json(
        0,
        &["issue", "--room", "101", "--guest", &same, "--nights", "2"],
    );
    assert_eq!(again["data"]["outcome"], "already", "{again}");
    let second = suggested(&answer, "second person");
    let join = ["join", "--room", "101", "--guest", &second, "--yes"];
    let joined = hotel.json(0, &join);
    assert_eq!(joined["data"]["outcome"], "done", "{joined}");
    assert_eq!(hotel.json(0, &join)["data"]["outcome"], "already");
    let all = guests(&hotel, "Roe");
    let john = all
        .iter()
        .find(|guest| guest["name"] == "John Roe")
        .unwrap();
    assert_eq!(
        (&john["email"], &john["reservation"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(all.len(), 2);
    assert_eq!(hotel.live("roe@example.com").len(), 1);
    assert_eq!(hotel.live(&second).len(), 1);
}

#[test]
fn one_person_spelled_in_two_ways_is_one_person() {
    let hotel = Hotel::open();
    let issue = |guest: &str| {
        let answer = hotel.json(
            0,
            &["issue", "--room", "101", "--guest", guest, "--nights", "1"],
        );
        answer["data"]["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(issue("Zo\u{eb} M\u{fc}ller <zoe@example.com>"), "done");
    for spelled in [
        "zo\u{eb}  M\u{dc}LLER <Zoe@example.com>",
        "M\u{fc}ller, Zo\u{eb} <zoe@example.com>",
        "Zoe\u{308} Mu\u{308}ller <zoe@example.com>",
    ] {
        assert_eq!(issue(spelled), "already", "{spelled}");
    }
    for name in ["M\u{fc}ller, Zo\u{eb}", "Zoe\u{308} Mu\u{308}ller"] {
        assert_eq!(hotel.live(name).len(), 1, "{name}");
    }
}

#[test]
fn two_new_guests_with_one_address_in_one_command_are_a_question() {
    let hotel = Hotel::open();
    let line = "issue --room 101 --guest \"Jane Roe <roe@example.com>\" --guest \"John Roe <roe@example.com>\" --nights 2";
    assert_eq!(hotel.told(6, line)["error"]["code"], "name_differs");
    let line = line.replace("\"John Roe <", "\"John Roe <shares:");
    let answer = hotel.told(0, &line);
    assert_eq!(answer["data"]["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(hotel.told(0, &line)["data"]["outcome"], "already");
    assert_eq!(guests(&hotel, "Roe").len(), 2);
}

#[test]
fn a_guest_is_found_by_the_identity_s_contact() {
    let hotel = Hotel::open();
    let identity = hotel.call(
        "/user_identities/create",
        &json!({ "full_name": "Ida Poe", "email_address": "ida@example.com", "phone_number": "+491701234567" }),
    );
    let identity = &identity["user_identity"]["user_identity_id"];
    hotel.call(
        "/acs/users/create",
        &json!({ "acs_system_id": system(&hotel), "full_name": "Ida Poe", "user_identity_id": identity }),
    );
    for guest in [
        "Ida@example.com",
        "+491701234567",
        "Ida Poe <ida@example.com>",
    ] {
        let issue = ["issue", "--room", "101", "--guest", guest, "--nights", "1"];
        hotel.json(0, &issue);
        assert_eq!(hotel.live(guest).len(), 1);
    }
    assert_eq!(guests(&hotel, "Ida Poe").len(), 1);
}

#[test]
fn an_identity_in_no_system_of_this_hotel_is_a_question_too_where_the_name_differs() {
    let hotel = Hotel::open();
    hotel.call(
        "/user_identities/create",
        &json!({ "full_name": "Ida Poe", "email_address": "ida@example.com" }),
    );
    let line = "issue --room 101 --guest \"Ned Poe <ida@example.com>\" --nights 1";
    let answer = hotel.told(6, line);
    assert_eq!(answer["error"]["code"], "name_differs");
    let same = suggested(&answer, "same person");
    hotel.json(
        0,
        &["issue", "--room", "101", "--guest", &same, "--nights", "1"],
    );
    let found = hotel.call(
        "/user_identities/list",
        &json!({ "search": "ida@example.com" }),
    );
    assert_eq!(found["user_identities"].as_array().map(Vec::len), Some(1));
}

#[test]
fn who_cannot_get_a_key_is_noticed_before_anything_is_taken_away() {
    let hotel = Hotel::open();
    let user = |email: &str, body: &Value| {
        let mut user = json!({ "acs_system_id": system(&hotel), "full_name": "Sue Poe", "email_address": email });
        user.as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        hotel.call("/acs/users/create", &user)["acs_user"]["acs_user_id"].clone()
    };
    user("bare@example.com", &json!({}));
    hotel.told(
        0,
        "issue --room 105 --guest \"Lea Poe <off@example.com>\" --nights 2",
    );
    let off = guests(&hotel, "off@example.com")[0]["acs_user_id"].clone();
    hotel.call("/acs/users/suspend", &json!({ "acs_user_id": off }));
    hotel.forget_requests();
    for guest in ["bare@example.com", "off@example.com"] {
        for line in [
            format!("issue --room 101 --guest {guest} --nights 2"),
            format!("return-guest --room 101 --guest {guest} --nights 2"),
            format!("join --room 110 --guest {guest} --yes"),
        ] {
            let answer = hotel.told(6, &line);
            assert_eq!(answer["error"]["code"], "guest_not_ready", "{line}");
        }
    }
    let answer = hotel.told(6, "update --guest off@example.com --nights 4");
    assert_eq!(answer["error"]["code"], "guest_not_ready");
    assert_eq!(hotel.writes(), Vec::<String>::new());
    assert_eq!(guests(&hotel, "off@example.com")[0]["suspended"], true);
    let shown = hotel.run(&["guests", "off@example.com"]).exits(0);
    assert!(shown.stdout.contains("suspended"), "{}", shown.told());
    // What needs no new key still works.
    hotel.told(0, "revoke --guest off@example.com --yes");
}

sampled!(an_answer_that_is_lost_makes_no_second_person);

fn an_answer_that_is_lost_makes_no_second_person(extent: Extent) {
    let faults = [
        "cut-after",
        "cut-before",
        "503-after",
        "503-before",
        "500-after",
    ];
    let cases = faults.into_iter().flat_map(|fault| {
        [
            "Ada Poe <ada@example.com>",
            "Ada Poe <+491701234567>",
            "Ada Poe <res:4711>",
            "Ada Poe <shares:jane@example.com>",
        ]
        .map(|guest| (fault, guest))
    });
    side_by_side(&extent.of(cases, 5), |(fault, guest)| {
        let hotel = Hotel::open();
        hotel.fault(&json!({ "path": "/user_identities/create", "kind": fault, "count": 1 }));
        let issue = ["issue", "--room", "101", "--guest", guest, "--nights", "1"];
        let first = hotel.run(&[&issue[..], &["--json"]].concat());
        if first.code != 0 {
            hotel.told(0, "recover --all --yes");
        }
        assert_eq!(
            hotel.json(0, &issue)["data"]["outcome"],
            "already",
            "{fault} {guest}"
        );
        assert_eq!(guests(&hotel, "Ada Poe").len(), 1, "{fault} {guest}");
    });
}

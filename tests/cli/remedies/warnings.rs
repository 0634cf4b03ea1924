//! Warnings that print a command: it is typed, and does what the warning says.

use serde_json::{Value, json};

use super::{has, has_none, plain};
use crate::bystanders::{hour_of, opens};
use crate::desks::{end, start};
use crate::support::Hotel;
use crate::turnover::doors_named;

const JANE: &str = "jane@example.com";
const EDSGER: &str = "edsger@example.com";
const BARBARA: &str = "barbara@example.com";
const GRACE: &str = "grace@example.com";

/// The command that this warning of an answer prints.
fn warned(answer: &Value, code: &str) -> String {
    let mut commands = all_warned(answer, code);
    assert_eq!(commands.len(), 1, "{answer:#}");
    commands.pop().unwrap()
}

/// The commands that this warning of an answer prints, in their order.
fn all_warned(answer: &Value, code: &str) -> Vec<String> {
    let warnings = answer["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == code);
    let warning = warning.unwrap_or_else(|| panic!("{code}: {answer:#}"));
    let message = json!({ "error": { "message": warning["message"] } });
    super::printed(&message)
}

/// Whether the hotel has a key on record.
fn is_on_record(hotel: &Hotel, id: &Value) -> bool {
    let answer = hotel.call("/acs/credentials/get", &json!({ "acs_credential_id": id }));
    answer["ok"] == true
}

#[test]
fn a_key_that_still_counts_although_it_was_replaced_is_taken_away() {
    let hotel = Hotel::open();
    hotel.reading("override", "at-first-use");
    let done = hotel.told(
        0,
        &format!("issue --room 110 --guest {JANE} --nights 1 --replace --yes"),
    );
    has(&hotel, GRACE, "110");
    let command = warned(&done, "still_live");
    assert_eq!(plain(&command), "revoke --key KEY");
    hotel.told(0, &format!("{command} --yes"));
    has_none(&hotel, GRACE);
    has(&hotel, JANE, "110");
    assert!(opens(&hotel, JANE, "110") && !opens(&hotel, GRACE, "110"));
}

#[test]
fn an_earlier_key_that_was_left_until_a_phone_is_ready_is_removed() {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading("replacement", "none");
    hotel.told(0, &format!("issue --room 101 --guest {JANE} --nights 2"));
    let phone = |active: bool| json!({ "user": JANE, "active": active });
    hotel.control("POST", "phone", &phone(false));
    let done = hotel.told(0, &format!("update --guest {JANE} --nights 3 --yes"));
    assert_eq!(hotel.live(JANE).len(), 2);
    let command = warned(&done, "old_key_left");
    assert_eq!(plain(&command), "revoke --key KEY");
    hotel.control("POST", "phone", &phone(true));
    hotel.told(0, &format!("{command} --yes"));
    let left = hotel.live(JANE);
    assert_eq!(left.len(), 1, "{left:#?}");
    let made = &done["data"]["keys"][0]["acs_credential_id"];
    assert_eq!(left[0]["acs_credential_id"], *made);
    assert!(opens(&hotel, JANE, "101"));
}

#[test]
fn a_key_that_another_desk_made_at_the_same_moment_is_removed_from_the_phone() {
    let hotel = Hotel::open();
    let key = hotel.live(GRACE)[0].clone();
    let of_room = "/acs/entrances/list_credentials_with_access";
    hotel.fault(&json!({ "path": of_room, "kind": "slow", "ms": 700, "count": 1000 }));
    hotel.forget_requests();
    let words = format!("update --guest {GRACE} --nights 6 --yes");
    let process = start(&hotel, &hotel.home, &words);
    hotel.until_seen(of_room);
    let doors = [doors_named(&hotel, "110"), doors_named(&hotel, "Gym")].concat();
    let other = hotel.call(
        "/acs/credentials/create",
        &json!({
            "acs_user_id": key["acs_user_id"], "access_method": "mobile_key",
            "is_multi_phone_sync_credential": true, "credential_manager_acs_system_id": hotel.manager,
            "allowed_acs_entrance_ids": doors, "ends_at": key["ends_at"],
            "visionline_metadata": { "joiner_acs_credential_ids": [key["acs_credential_id"]] },
        }),
    );
    let other = &other["acs_credential"]["acs_credential_id"];
    let (code, done) = end(process);
    assert_eq!(code, 0, "{done:#}");
    hotel.control("DELETE", "faults", &Value::Null);
    let command = warned(&done, "changed_at_once");
    assert_eq!(command, format!("revoke --key {}", other.as_str().unwrap()));
    assert!(is_on_record(&hotel, other));
    hotel.told(0, &format!("{command} --yes"));
    assert!(!is_on_record(&hotel, other));
    assert!(opens(&hotel, GRACE, "110"));
}

#[test]
fn a_bystander_who_gets_another_key_at_the_same_moment_is_shown() {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading("override", "all");
    hotel.reading("replacement", "none");
    hotel.told(0, &format!("issue --room 102 --guest {JANE} --nights 1"));
    let key = hotel.live(JANE)[0].clone();
    let of_room = "/acs/entrances/list_credentials_with_access";
    hotel.fault(&json!({ "path": of_room, "kind": "slow", "ms": 700, "count": 1000 }));
    hotel.forget_requests();
    let words = format!(
        "issue --room 102 --guest edsger@example.com --from {} --until {} --yes",
        hour_of(3, 15),
        hour_of(4, 11)
    );
    let process = start(&hotel, &hotel.home, &words);
    hotel.until_seen(of_room);
    let other = hotel.call(
        "/acs/credentials/create",
        &json!({
            "acs_user_id": key["acs_user_id"], "access_method": "mobile_key",
            "is_multi_phone_sync_credential": true, "credential_manager_acs_system_id": hotel.manager,
            "allowed_acs_entrance_ids": doors_named(&hotel, "104"), "ends_at": key["ends_at"],
            "visionline_metadata": { "override": true },
        }),
    );
    let (code, done) = end(process);
    assert_eq!(code, 0, "{done:#}");
    hotel.control("DELETE", "faults", &Value::Null);
    let command = warned(&done, "moved_at_once");
    let user = key["acs_user_id"].as_str().unwrap();
    assert_eq!(command, format!("keys --guest {user}"));
    let shown = hotel.told(0, &command);
    assert_eq!(
        shown["data"]["keys"][0]["acs_credential_id"], other["acs_credential"]["acs_credential_id"],
        "{shown:#}"
    );
    assert!(!opens(&hotel, JANE, "103"));
}

#[test]
fn a_later_key_that_the_lock_does_not_take_is_made_anew() {
    let (out, arrives, late) = (hour_of(2, 11), hour_of(2, 15), hour_of(3, 11));
    // One guest, and two who share.
    for more in ["", " --guest barbara@example.com"] {
        let hotel = Hotel::open();
        let at = |days, hour| {
            hotel.control("POST", "clock", &json!({ "now": hour_of(days, hour) }));
        };
        at(1, 20);
        let later =
            format!("issue --room 101 --guest {EDSGER}{more} --from {arrives} --until {late}");
        hotel.told(0, &later);
        let done = hotel.told(0, &format!("issue --room 101 --guest {JANE} --until {out}"));
        let commands = all_warned(&done, "later_key_was_made_first");
        assert_eq!(commands.len(), 2, "{done:#}");
        assert!(opens(&hotel, JANE, "101"));
        at(2, 16);
        let guests: &[&str] = if more.is_empty() {
            &[EDSGER]
        } else {
            &[EDSGER, BARBARA]
        };
        for guest in guests {
            assert!(!opens(&hotel, guest, "101"), "the lock does not take it");
        }
        for command in commands {
            hotel.told(0, &format!("{command} --yes"));
        }
        for guest in guests {
            assert!(opens(&hotel, guest, "101"), "{guest}");
        }
        assert!(!opens(&hotel, JANE, "101"));
    }
}

//! `recover --undo`: what it takes, what each guest then has, and that it never takes what others have made.

use serde_json::{Value, json};

use super::{CREATE, GRANT, commands, down, elsewhere, lost, rooms, short, stopped, text, up};
use crate::support::Hotel;

const PAIR: &str =
    "issue --room 101 --guest jane@example.com --guest edsger@example.com --nights 2";
const RETURN: &str = "return-guest --room 102 --guest grace@example.com --nights 2 --yes";

#[test]
fn it_asks_and_lists_what_it_takes_and_what_each_guest_then_has() {
    let hotel = Hotel::open();
    let answer = stopped(&hotel, 8, PAIR, CREATE, 1);
    let id = short(&answer);
    hotel.forget_requests();
    let asked = hotel.told(6, &format!("recover {id} --undo"));
    assert_eq!(asked["error"]["code"], "needs_confirmation", "{asked:#}");
    let message = asked["error"]["message"].as_str().unwrap();
    for line in [
        "These keys are taken away:",
        "Jane Doe, mobile key for 101",
        "Jane Doe: NOTHING",
        "Edsger Dijkstra: NOTHING",
    ] {
        assert!(message.contains(line), "{line}: {message}");
    }
    assert_eq!(hotel.writes(), [""; 0]);
    hotel.told(12, "recover");
    // Neither had a key before: nobody has lost anything.
    let undone = hotel.told(0, &format!("recover {id} --undo --yes"));
    assert_eq!(undone["data"]["revoked"].as_array().unwrap().len(), 1);
    let now = undone["data"]["guests_now"].as_array().unwrap();
    assert_eq!(now.len(), 2, "{undone:#}");
    assert!(
        now.iter().all(|guest| guest["keys"] == json!([])),
        "{undone:#}"
    );
    assert_eq!(rooms(&hotel, "jane@example.com"), [Value::Null; 0]);
    hotel.told(0, "recover");
}

#[test]
fn a_guest_whose_only_key_it_takes_is_9_and_the_command_gives_a_key() {
    let words = "update --guest grace@example.com --also Pool --yes";
    let hotel = Hotel::open();
    let answer = lost(&hotel, words);
    let undone = hotel.told(9, &format!("recover {} --undo --yes", short(&answer)));
    assert_eq!(undone["error"]["code"], "no_access", "{undone:#}");
    assert!(text(&undone).contains("Grace Hopper"), "{undone:#}");
    assert_eq!(rooms(&hotel, "grace@example.com"), [Value::Null; 0]);
    let command = commands(&undone).pop().unwrap();
    hotel.told(0, &format!("{command} --yes"));
    assert_eq!(rooms(&hotel, "grace@example.com"), [json!(["110"])]);
}

#[test]
fn a_guest_who_still_has_the_earlier_key_is_not_without_access() {
    let words = "update --guest grace@example.com --also Pool --yes";
    let hotel = Hotel::open();
    hotel.reading("replacement", "none");
    let answer = lost(&hotel, words);
    let undone = hotel.told(0, &format!("recover {} --undo --yes", short(&answer)));
    assert_eq!(undone["data"]["revoked"].as_array().unwrap().len(), 1);
    let left = hotel.live("grace@example.com");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["doors"], json!(["110", "Gym"]), "{left:#?}");
}

#[test]
fn a_return_that_took_the_access_and_made_nothing_is_9_with_the_command() {
    let hotel = Hotel::open();
    hotel.reading("revoke-all", "grants-and-keys");
    let answer = stopped(&hotel, 9, RETURN, GRANT, 0);
    let id = short(&answer);
    let asked = hotel.told(6, &format!("recover {id} --undo"));
    let message = asked["error"]["message"].as_str().unwrap();
    assert!(message.contains("Grace Hopper: NOTHING"), "{message}");
    let undone = hotel.told(9, &format!("recover {id} --undo --yes"));
    assert!(text(&undone).contains("Grace Hopper"), "{undone:#}");
    let command = commands(&undone).pop().unwrap();
    hotel.told(0, &format!("{command} --yes"));
    // Taken back: what the guest had before is given again.
    assert_eq!(rooms(&hotel, "grace@example.com"), [json!(["110"])]);
    hotel.told(0, "recover");
}

#[test]
fn another_desks_key_for_the_same_guest_and_room_stays() {
    // A create whose answer was lost: what it made is not on record, so that only time and end tell.
    for replacement in ["guest", "guest-room", "none"] {
        let mut hotel = Hotel::open();
        hotel.reading("replacement", replacement);
        let words = "issue --room 101 --guest jane@example.com --nights 2";
        let answer = stopped(&hotel, 8, words, CREATE, 0);
        let id = short(&answer);
        let other = "issue --room 101 --guest jane@example.com --nights 5";
        let made = elsewhere(&mut hotel, 0, other);
        let undone = hotel.told(0, &format!("recover {id} --undo --yes"));
        assert_eq!(undone["data"]["revoked"], json!([]), "{undone:#}");
        let left = hotel.live("jane@example.com");
        assert_eq!(left.len(), 1, "{replacement}: {left:#?}");
        let made = &made["data"]["keys"][0]["acs_credential_id"];
        assert_eq!(left[0]["acs_credential_id"], *made);
    }
}

#[test]
fn another_desks_change_of_the_key_stays() {
    for replacement in ["guest", "guest-room", "none"] {
        let mut hotel = Hotel::open();
        hotel.reading("replacement", replacement);
        let answer = stopped(&hotel, 8, PAIR, CREATE, 1);
        let longer = "update --guest jane@example.com --nights 5 --yes";
        let made = elsewhere(&mut hotel, 0, longer);
        let undone = hotel.told(0, &format!("recover {} --undo --yes", short(&answer)));
        let left = hotel.live("jane@example.com");
        assert_eq!(left.len(), 1, "{replacement}: {left:#?}");
        let made = &made["data"]["keys"][0]["acs_credential_id"];
        assert_eq!(left[0]["acs_credential_id"], *made);
        let revoked = undone["data"]["revoked"].as_array().unwrap();
        assert!(!revoked.contains(made), "{replacement}: {undone:#}");
    }
}

#[test]
fn a_deletion_whose_answer_is_lost_is_8_and_can_be_repeated() {
    let hotel = Hotel::open();
    let answer = stopped(&hotel, 8, PAIR, CREATE, 1);
    let undo = format!("recover {} --undo --yes", short(&answer));
    down(&hotel, "/acs/credentials/delete", 0);
    let failed = hotel.told(8, &format!("{undo} --timeout 0.6"));
    assert!(!text(&failed).contains("Nothing was changed"), "{failed:#}");
    up(&hotel);
    let command = commands(&failed).pop().unwrap();
    assert!(
        command.ends_with("--undo"),
        "the command goes on with taking back: {command}"
    );
    hotel.told(12, "recover");
    hotel.told(0, &format!("{command} --yes"));
    assert_eq!(rooms(&hotel, "jane@example.com"), [Value::Null; 0]);
    hotel.told(0, "recover");
}

#[test]
fn a_deletion_that_is_refused_after_another_is_8_and_not_nothing() {
    let hotel = Hotel::open();
    let three = format!("{PAIR} --guest barbara@example.com");
    let answer = stopped(&hotel, 8, &three, CREATE, 2);
    let undo = format!("recover {} --undo --yes", short(&answer));
    let refuse = |after: u64| {
        let fault = json!({ "path": "/acs/credentials/delete", "kind": "401", "after": after, "count": 1000 });
        hotel.fault(&fault);
    };
    // The first is refused: nothing was changed, and that is said.
    refuse(0);
    let failed = hotel.told(4, &undo);
    assert_eq!(
        failed["error"]["impact"], "Nothing was changed.",
        "{failed:#}"
    );
    up(&hotel);
    refuse(1);
    let failed = hotel.told(8, &undo);
    assert_eq!(failed["error"]["code"], "part_done", "{failed:#}");
    assert!(!text(&failed).contains("Nothing was changed"), "{failed:#}");
    assert_eq!(failed["data"]["revoked"].as_array().unwrap().len(), 1);
    up(&hotel);
    let undone = hotel.told(0, &undo);
    assert_eq!(undone["data"]["revoked"].as_array().unwrap().len(), 1);
    hotel.told(0, "recover");
}

/// A key for later in room 111, which ends Alan's card although the card is not in the way. Returns the operation.
fn card_ended(hotel: &Hotel, email: &str) -> String {
    hotel.reading("override", "all");
    crate::bystanders::evening(hotel);
    let from = crate::bystanders::hour_of(3, 15);
    let words = format!("issue --room 111 --guest {email} --from {from} --nights 1");
    let harmed = hotel.told(9, &words);
    assert!(text(&harmed).contains("Alan Turing"), "{harmed:#}");
    short(&harmed)
}

#[test]
fn an_ended_card_does_not_prevent_the_undo_and_is_to_be_encoded_again() {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    let id = card_ended(&hotel, "edsger@example.com");
    let asked = hotel.told(6, &format!("recover {id} --undo"));
    let message = asked["error"]["message"].as_str().unwrap();
    assert!(message.contains("nothing restores"), "{message}");
    assert!(message.contains("Alan Turing, plastic card"), "{message}");
    let undone = hotel.told(9, &format!("recover {id} --undo --yes"));
    let hint = undone["error"]["hint"].as_str().unwrap();
    assert!(
        hint.contains("encode a new card for Alan Turing"),
        "{undone:#}"
    );
    assert!(commands(&undone).is_empty(), "{undone:#}");
    assert_eq!(undone["data"]["revoked"].as_array().unwrap().len(), 1);
    assert_eq!(rooms(&hotel, "edsger@example.com"), [Value::Null; 0]);
    hotel.told(0, "recover");
}

#[test]
fn a_mobile_key_that_was_ended_with_the_card_is_given_back_before_the_undo() {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    crate::bystanders::evening(&hotel);
    hotel.told(0, "join --room 111 --guest edsger@example.com --yes");
    let id = card_ended(&hotel, "jane@example.com");
    let first = hotel.told(9, &format!("recover {id} --undo --yes"));
    assert!(text(&first).contains("Edsger Dijkstra"), "{first:#}");
    assert!(!text(&first).contains("Alan Turing"), "{first:#}");
    // Edsger gets a key again. The card stays ended, and the operation open.
    hotel.told(9, commands(&first).last().unwrap());
    let undone = hotel.told(9, &format!("recover {id} --undo --yes"));
    assert!(
        text(&undone).contains("encode a new card for Alan Turing"),
        "{undone:#}"
    );
    assert_eq!(rooms(&hotel, "edsger@example.com"), [json!(["111"])]);
    assert_eq!(rooms(&hotel, "jane@example.com"), [Value::Null; 0]);
    hotel.told(0, "recover");
}

#[test]
fn what_changes_while_it_asks_is_not_taken() {
    let hotel = Hotel::open();
    let answer = stopped(&hotel, 8, PAIR, CREATE, 1);
    let id = short(&answer);
    let key = answer["data"]["keys"][0]["acs_credential_id"].clone();
    let mut terminal = crate::support::Terminal::open(&hotel, &format!("recover {id} --undo"));
    terminal.until("[y/N] ");
    hotel.call(
        "/acs/credentials/delete",
        &json!({ "acs_credential_id": key }),
    );
    hotel.forget_requests();
    terminal.types("y");
    let ran = terminal.end();
    assert_eq!(ran.code, 6, "{}", ran.told());
    assert_eq!(hotel.writes(), [""; 0]);
    hotel.told(0, &format!("recover {id} --undo --yes"));
}

//! Another desk has taken away what the operation made: the guest has left. `recover` does not make the key again by
//! itself.

use serde_json::{Value, json};

use super::{CREATE, commands, elsewhere, killed, rooms, short, stopped, text};
use crate::support::Hotel;

const JANE: &str = "jane@example.com";
const BARBARA: &str = "barbara@example.com";
const GRACE: &str = "grace@example.com";
const EVENTS: &str = "/events/list";
const PAIR: &str =
    "issue --room 101 --guest jane@example.com --guest barbara@example.com --nights 2";

/// Commands that are killed once their create has had its effect, each with its guest and the room.
const LOST: [(&str, &str, &str); 4] = [
    (
        "issue --room 101 --guest jane@example.com --nights 2",
        JANE,
        "101",
    ),
    (
        "issue --room 101 --guest \"Ada Poe <ada@example.com>\" --nights 2",
        "ada@example.com",
        "101",
    ),
    (
        "return-guest --room 102 --guest grace@example.com --nights 2 --yes",
        GRACE,
        "102",
    ),
    (
        "join --room 110 --guest jane@example.com --yes",
        JANE,
        "110",
    ),
];

fn asked_for_events(hotel: &Hotel) -> usize {
    let requests = hotel.requests().into_iter();
    requests.filter(|one| one["path"] == EVENTS).count()
}

/// The key was made, the answer is lost, and another desk has checked the guest out.
fn checked_out(words: &str, guest: &str, delete: &str) -> (Hotel, String) {
    // A deletion that is carried out in the lock system later is still on record.
    let sync = if delete == "async" { "60000" } else { "20" };
    let mut hotel = Hotel::open_with(&["--sync", sync]);
    hotel.reading("delete", delete);
    let id = killed(&hotel, words, CREATE);
    let code = if delete == "async" { 11 } else { 0 };
    let revoke = format!("revoke --guest {guest} --yes --wait 0.4");
    elsewhere(&mut hotel, code, &revoke);
    hotel.forget_requests();
    (hotel, id)
}

#[test]
fn a_lost_key_that_another_desk_has_taken_away_is_not_made_again_by_itself() {
    for delete in ["sync", "async"] {
        for (words, guest, _) in LOST {
            let (hotel, id) = checked_out(words, guest, delete);
            for recover in [format!("recover {id}"), "recover --all".to_owned()] {
                let refused = hotel.told(6, &recover);
                let case = format!("{delete}, {words}: {refused:#}");
                assert_eq!(refused["error"]["code"], "changed", "{case}");
                assert_eq!(refused["error"]["impact"], "Nothing was changed.", "{case}");
            }
            assert_eq!(hotel.writes(), [""; 0], "{delete}, {words}");
            hotel.told(12, "recover");
            hotel.told(0, &format!("recover {id} --close"));
            assert_eq!(rooms(&hotel, guest), [Value::Null; 0], "{delete}, {words}");
        }
    }
}

#[test]
fn a_person_who_knows_better_has_the_lost_key_made() {
    for (words, guest, room) in LOST {
        let (hotel, id) = checked_out(words, guest, "sync");
        let refused = hotel.told(6, &format!("recover {id}"));
        let says = text(&refused);
        assert!(says.contains("may be the one"), "{says}");
        assert!(says.contains("deleted "), "{says}");
        assert_eq!(asked_for_events(&hotel), 1, "{words}");
        let command = commands(&refused).pop().unwrap();
        assert_eq!(command, format!("recover {id} --replace"));
        hotel.told(0, &command);
        assert_eq!(rooms(&hotel, guest), [json!([room])], "{words}");
        hotel.told(0, "recover");
    }
}

#[test]
fn the_events_are_read_only_where_the_keys_do_not_tell() {
    // The key is there.
    let hotel = Hotel::open_with(&["--sync", "20"]);
    let id = killed(&hotel, LOST[0].0, CREATE);
    hotel.forget_requests();
    hotel.told(0, &format!("recover {id}"));
    assert_eq!(asked_for_events(&hotel), 0);
    // The create had no effect. What this desk took away meanwhile, it can name, and earlier keys too.
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading("delete", "sync");
    hotel.told(0, "issue --room 103 --guest edsger@example.com --nights 2");
    let id = short(&stopped(&hotel, 8, LOST[0].0, CREATE, 0));
    hotel.told(0, "revoke --guest edsger@example.com --yes");
    hotel.told(0, "revoke --guest grace@example.com --yes");
    hotel.forget_requests();
    hotel.told(0, &format!("recover {id}"));
    assert_eq!(asked_for_events(&hotel), 1);
    assert_eq!(rooms(&hotel, JANE), [json!(["101"])]);
}

#[test]
fn a_recorded_key_that_was_taken_away_is_named_and_the_others_get_theirs() {
    for delete in ["sync", "async"] {
        let mut hotel = Hotel::open_with(&["--sync", "20"]);
        hotel.reading("delete", delete);
        let id = short(&stopped(&hotel, 8, PAIR, CREATE, 1));
        elsewhere(&mut hotel, 0, &format!("revoke --guest {JANE} --yes"));
        hotel.forget_requests();
        let refused = hotel.told(6, &format!("recover {id}"));
        assert_eq!(refused["error"]["code"], "changed", "{refused:#}");
        assert!(text(&refused).contains("Jane Doe"), "{refused:#}");
        assert_eq!(hotel.writes(), [""; 0]);
        assert_eq!(asked_for_events(&hotel), 0);
        hotel.told(0, &format!("recover {id} --replace"));
        assert_eq!(rooms(&hotel, JANE), [Value::Null; 0], "{delete}");
        assert_eq!(rooms(&hotel, BARBARA), [json!(["101"])], "{delete}");
        hotel.told(0, "recover");
    }
}

#[test]
fn the_only_key_of_an_operation_is_made_again_where_a_person_says_so() {
    for answer in ["--close", "--replace"] {
        let mut hotel = Hotel::open_with(&["--sync", "20"]);
        hotel.reading("replacement", "none");
        hotel.reading("delete", "sync");
        let words = "issue --room 101 --guest grace@example.com --nights 2 --replace --yes";
        let id = short(&stopped(&hotel, 8, words, "/acs/credentials/delete", 0));
        elsewhere(&mut hotel, 0, &format!("revoke --guest {GRACE} --yes"));
        let refused = hotel.told(6, &format!("recover {id}"));
        assert!(text(&refused).contains("Grace Hopper"), "{refused:#}");
        hotel.told(0, &format!("recover {id} {answer}"));
        let wanted = match answer {
            "--close" => vec![],
            _ => vec![json!(["101"])],
        };
        assert_eq!(rooms(&hotel, GRACE), wanted, "{answer}");
        hotel.told(0, "recover");
    }
}

#[test]
fn a_recorded_key_that_another_desk_has_changed_is_no_reason_to_refuse() {
    let mut hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading("replacement", "none");
    let words = "issue --room 101 --guest grace@example.com --nights 2 --replace --yes";
    let id = short(&stopped(&hotel, 8, words, "/acs/credentials/delete", 0));
    let keys = hotel.live(GRACE);
    let new = keys.iter().find(|key| key["rooms"] == json!(["101"]));
    let new = new.unwrap()["acs_credential_id"].as_str().unwrap();
    let longer = format!("update --key {new} --nights 5 --replace --yes");
    let changed = elsewhere(&mut hotel, 0, &longer);
    hotel.told(0, &format!("recover {id}"));
    let left = hotel.live(GRACE);
    assert_eq!(left.len(), 1, "{left:#?}");
    let made = &changed["data"]["keys"][0]["acs_credential_id"];
    assert_eq!(left[0]["acs_credential_id"], *made);
}

#[test]
fn a_create_is_not_repeated_while_somebody_deletes_what_it_made() {
    let hotel = Hotel::open_with(&["--sync", "60000"]);
    hotel.fault(&json!({ "path": CREATE, "kind": "hang-after", "ms": 60_000 }));
    hotel.forget_requests();
    let words = format!("{} --timeout 3 --settle 0.2 --wait 0.4", LOST[0].0);
    let process = crate::desks::start(&hotel, &hotel.home, &words);
    hotel.until_seen(CREATE);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
    let key = loop {
        if let Some(key) = hotel.live(JANE).first() {
            break key["acs_credential_id"].clone();
        }
        assert!(std::time::Instant::now() < deadline, "it is never made");
    };
    let delete = json!({ "acs_credential_id": key });
    assert_eq!(hotel.call("/acs/credentials/delete", &delete)["ok"], true);
    let (code, answer) = crate::desks::end(process);
    assert_eq!(code, 8, "{answer:#}");
    let creates = hotel.requests().into_iter();
    assert_eq!(creates.filter(|one| one["path"] == CREATE).count(), 1);
    let refused = hotel.told(6, &format!("recover {}", short(&answer)));
    assert!(text(&refused).contains("has taken away"), "{refused:#}");
}

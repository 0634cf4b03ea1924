//! Errors of `recover` itself, and of an operation that was taken back.

use roomkey::clock::Clock;
use roomkey::journal::{End, Journal, Patience};
use serde_json::{Value, json};

use super::{Case, Typed, as_is, check, has, has_none, nothing_open};
use crate::bystanders::{evening, hour_of, opens};
use crate::desks::{end, start};
use crate::recover::{CREATE, elsewhere, killed, lost, short, stopped, up};
use crate::support::Hotel;

const JANE: &str = "jane@example.com";
const BARBARA: &str = "barbara@example.com";
const EDSGER: &str = "edsger@example.com";
const GRACE: &str = "grace@example.com";
const ISSUE: &str = "issue --room 101 --guest jane@example.com --nights 2";
const DELETE: &str = "/acs/credentials/delete";

/// A newer roomkey has taken up the only unfinished operation, and has written a plan that this one cannot read.
fn newer_plan(hotel: &Hotel) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let journal = Journal::open(hotel.home.path(), Clock::system(), Patience::default())
            .await
            .unwrap();
        let open = journal.unfinished().await.unwrap().pop().unwrap();
        let row = journal.resume(&open.id).await.unwrap();
        let mut plan = row.plan.unwrap();
        plan["version"] = json!(1000);
        journal.extend(&row.id, plan, vec![]).await.unwrap();
        let left = End::Left("unfinished".to_owned());
        journal.note(&row.id, left.into()).await.unwrap();
        journal.close().await;
    });
}

/// An operation that this version cannot read. It blocks its room.
fn unreadable(hotel: &Hotel) -> String {
    let answer = stopped(hotel, 8, ISSUE, CREATE, 0);
    newer_plan(hotel);
    hotel.told(12, ISSUE);
    short(&answer)
}

fn unblocked(hotel: &Hotel, _: &Value) {
    nothing_open(hotel);
    hotel.told(0, ISSUE);
    has(hotel, JANE, "101");
}

/// Jane has room 101 tonight, and a key for tomorrow has ended hers. Returns the hotel's words for the new key.
fn tonight(hotel: &Hotel) -> String {
    hotel.reading("override", "all");
    evening(hotel);
    let until = hour_of(2, 11);
    hotel.told(
        0,
        &format!("issue --room 101 --guest {JANE} --until {until}"),
    );
    assert!(opens(hotel, JANE, "101"));
    let from = hour_of(2, 15);
    format!("issue --room 101 --guest {EDSGER} --from {from} --nights 1")
}

/// The same, and the operation that has ended the key.
fn harmed(hotel: &Hotel) -> String {
    let command = tonight(hotel);
    short(&hotel.told(9, &command))
}

fn undo(hotel: &Hotel, code: i32, id: &str) -> Value {
    hotel.told(code, &format!("recover {id} --undo --yes"))
}

fn both_open_in_their_time(hotel: &Hotel) {
    nothing_open(hotel);
    assert!(opens(hotel, JANE, "101"));
    assert!(!opens(hotel, EDSGER, "101"));
    has(hotel, JANE, "101");
    has(hotel, EDSGER, "101");
}

/// What `roomkey revoke` does once the access is given back.
fn revoke_comes_after_recover(hotel: &Hotel, answer: &Value) {
    let recover = super::printed(answer);
    let recover = recover
        .iter()
        .find(|command| command.starts_with("recover "));
    hotel.told(0, recover.unwrap());
    hotel.told(0, &format!("revoke --guest {EDSGER} --yes"));
    has_none(hotel, EDSGER);
    assert!(opens(hotel, JANE, "101"));
}

const HARMED_FIRST: &[Typed] = &[
    as_is("recover ID", |hotel, _| both_open_in_their_time(hotel)),
    Typed {
        prints: "revoke",
        more: "--guest edsger@example.com --yes",
        code: 12,
        effect: revoke_comes_after_recover,
    },
];

const CASES: &[Case] = &[
    Case {
        kind: "failed",
        provoke: |hotel| {
            let id = unreadable(hotel);
            hotel.told(1, &format!("recover {id}"))
        },
        typed: &[as_is("recover ID --close", unblocked)],
    },
    Case {
        kind: "failed",
        provoke: |hotel| {
            let id = unreadable(hotel);
            undo(hotel, 1, &id)
        },
        typed: &[as_is("recover ID --close", unblocked)],
    },
    Case {
        kind: "failed",
        provoke: |hotel| {
            unreadable(hotel);
            hotel.told(1, "recover --all")
        },
        typed: &[as_is("recover ID --close", unblocked)],
    },
    Case {
        kind: "operation_not_found",
        provoke: |hotel| {
            let id = short(&stopped(hotel, 8, ISSUE, CREATE, 0));
            hotel.told(0, &format!("recover {id} --close"));
            hotel.told(5, &format!("recover {id}"))
        },
        typed: &[
            as_is("recover", |_, answer| {
                assert_eq!(answer["data"]["unfinished"], json!([]), "{answer:#}");
            }),
            as_is("history", says_closed),
        ],
    },
    Case {
        // It is put away in another window while this one reads.
        kind: "operation_not_found",
        provoke: |hotel| {
            let id = short(&stopped(hotel, 8, ISSUE, CREATE, 0));
            let list = "/acs/credentials/list";
            hotel.fault(&json!({ "path": list, "kind": "slow", "ms": 20_000 }));
            hotel.forget_requests();
            let words = format!("recover {id} --undo --yes");
            let process = start(hotel, &hotel.home, &words);
            hotel.until_seen(list);
            hotel.told(0, &format!("recover {id} --close"));
            up(hotel);
            let (code, answer) = end(process);
            assert_eq!(code, 5, "{answer:#}");
            answer
        },
        typed: &[as_is("history", says_closed)],
    },
    Case {
        kind: "no_access",
        provoke: |hotel| {
            let id = harmed(hotel);
            undo(hotel, 9, &id)
        },
        typed: HARMED_FIRST,
    },
    Case {
        kind: "no_access",
        provoke: |hotel| {
            // It has not read what became of the others.
            let words = tonight(hotel);
            let id = killed(hotel, &words, CREATE);
            undo(hotel, 9, &id)
        },
        typed: HARMED_FIRST,
    },
];

/// Another guest and Grace get a room; Grace's earlier key is gone, and then all of it is taken back.
fn taken_back(hotel: &Hotel, first: &str) -> Value {
    hotel.reading("delete", "sync");
    let words =
        format!("issue --room 102 --guest {first} --guest {GRACE} --nights 2 --replace --yes");
    let id = killed(hotel, &words, DELETE);
    undo(hotel, 9, &id)
}

/// Jane and Barbara share a room, and Jane's key is to be changed.
fn companions(hotel: &Hotel) -> &'static str {
    hotel.told(
        0,
        &format!("issue --room 101 --guest {BARBARA} --guest {JANE} --nights 2"),
    );
    "update --guest jane@example.com --also Pool --yes"
}

fn both_have_it(hotel: &Hotel, _: &Value) {
    nothing_open(hotel);
    for guest in [JANE, BARBARA] {
        has(hotel, guest, "101");
        assert!(opens(hotel, guest, "101"), "{guest}");
    }
}

const JOIN: &[Typed] = &[Typed {
    prints: "join --to KEY --guest GUEST",
    more: "--yes",
    code: 0,
    effect: both_have_it,
}];

const UNDONE: &[Case] = &[
    Case {
        // The service has called the earlier key invalid.
        kind: "no_access",
        provoke: |hotel| {
            let words = companions(hotel);
            let answer = lost(hotel, words);
            undo(hotel, 9, &short(&answer))
        },
        typed: JOIN,
    },
    Case {
        // The earlier key is not on record any more.
        kind: "no_access",
        provoke: |hotel| {
            let words = companions(hotel);
            hotel.reading("delete", "sync");
            let id = killed(hotel, words, DELETE);
            undo(hotel, 9, &id)
        },
        typed: JOIN,
    },
    Case {
        // The first guest is new, and the second has lost the key.
        kind: "no_access",
        provoke: |hotel| taken_back(hotel, "\"Ada Poe <ada@example.com>\""),
        typed: &[Typed {
            prints: "issue --room 102 --guest GUEST --until TIME --replace",
            more: "--yes",
            code: 0,
            effect: |hotel, _| has(hotel, GRACE, "102"),
        }],
    },
    Case {
        // Only the second guest had a key.
        kind: "no_access",
        provoke: |hotel| taken_back(hotel, JANE),
        typed: &[Typed {
            prints: "issue --room 102 --guest GUEST --until TIME --replace",
            more: "--yes",
            code: 0,
            effect: |hotel, _| has(hotel, GRACE, "102"),
        }],
    },
];

/// Grace was moved to room 102, her earlier key is gone, another desk did this, and then all of it is taken back.
fn moved_and_taken_back(hotel: &mut Hotel, meanwhile: &str) -> Value {
    hotel.reading("delete", "sync");
    let words = format!("issue --room 102 --guest {GRACE} --nights 2 --replace --yes");
    let id = killed(hotel, &words, DELETE);
    elsewhere(hotel, 0, meanwhile);
    undo(hotel, 9, &id)
}

const COMPANIONS: &[Case] = &[
    Case {
        // Another desk has let a companion in.
        kind: "no_access",
        provoke: |hotel| {
            let join = format!("join --room 102 --guest {BARBARA} --yes");
            moved_and_taken_back(hotel, &join)
        },
        typed: &[Typed {
            prints: "join --to KEY --guest GUEST",
            more: "--yes",
            code: 0,
            effect: |hotel, _| {
                for guest in [GRACE, BARBARA] {
                    has(hotel, guest, "102");
                    assert!(opens(hotel, guest, "102"), "{guest}");
                }
            },
        }],
    },
    Case {
        // Another desk has given the room away.
        kind: "no_access",
        provoke: |hotel| {
            let issue = format!("issue --room 102 --guest {EDSGER} --nights 2 --replace --yes");
            moved_and_taken_back(hotel, &issue)
        },
        typed: &[Typed {
            prints: "issue --room 102 --guest GUEST --until TIME",
            more: "--yes",
            code: 6,
            effect: |hotel, answer| {
                assert_eq!(answer["error"]["code"], "room_occupied", "{answer:#}");
                assert!(opens(hotel, EDSGER, "102"));
            },
        }],
    },
];

/// Two guests of room 101 are checked out, and it stops after the first. The desk takes back what it can.
fn half_revoked(hotel: &Hotel) -> Value {
    hotel.told(0, &format!("{ISSUE} --guest {BARBARA}"));
    let answer = stopped(hotel, 8, "revoke --room 101 --yes", DELETE, 1);
    undo(hotel, 9, &short(&answer))
}

const NOTHING_LEFT: &[Case] = &[
    Case {
        kind: "no_access",
        provoke: |hotel| half_revoked(hotel),
        typed: &[Typed {
            prints: "issue",
            more: "--room 101 --guest jane@example.com --guest barbara@example.com --nights 2 --replace --yes",
            code: 0,
            effect: both_have_it,
        }],
    },
    Case {
        // Jane's key was ended. She has another one since, and so it cannot be given back.
        kind: "no_access",
        provoke: |hotel| {
            let id = harmed(hotel);
            let until = hour_of(2, 11);
            let other = format!("issue --room 103 --guest {JANE} --until {until}");
            elsewhere(hotel, 0, &other);
            undo(hotel, 9, &id)
        },
        typed: &[Typed {
            prints: "update --key KEY",
            more: "--rooms 101,103 --yes",
            code: 0,
            effect: |hotel, _| {
                nothing_open(hotel);
                assert!(opens(hotel, JANE, "101") && opens(hotel, JANE, "103"));
                has_none(hotel, EDSGER);
            },
        }],
    },
];

#[test]
fn what_is_printed_where_the_undo_cannot_restore_a_key() {
    check(NOTHING_LEFT);
}

#[test]
fn what_is_printed_where_others_are_in_the_room_shuts_nobody_out() {
    check(COMPANIONS);
}

fn says_closed(_: &Hotel, answer: &Value) {
    let last = &answer["data"]["operations"][0];
    assert_eq!(last["outcome"], "closed", "{answer:#}");
}

/// Jane's key was made, the answer is lost, and another desk has taken the key away.
fn taken_away(hotel: &mut Hotel) -> Value {
    hotel.reading("delete", "sync");
    let id = killed(hotel, ISSUE, CREATE);
    elsewhere(hotel, 0, &format!("revoke --guest {JANE} --yes"));
    hotel.told(6, &format!("recover {id}"))
}

/// Jane has got her key, Barbara has not, and another desk has taken Jane's key away.
fn first_taken_away(hotel: &mut Hotel) -> Value {
    let pair = format!("{ISSUE} --guest {BARBARA}");
    let id = short(&stopped(hotel, 8, &pair, CREATE, 1));
    elsewhere(hotel, 0, &format!("revoke --guest {JANE} --yes"));
    hotel.told(6, &format!("recover {id}"))
}

fn jane_has_left(hotel: &Hotel, _: &Value) {
    nothing_open(hotel);
    has_none(hotel, JANE);
}

const TAKEN: &[Case] = &[
    Case {
        kind: "changed",
        provoke: |hotel| taken_away(hotel),
        typed: &[
            as_is("recover ID --close", jane_has_left),
            as_is("recover ID --replace", |hotel, _| {
                nothing_open(hotel);
                has(hotel, JANE, "101");
            }),
        ],
    },
    Case {
        kind: "changed",
        provoke: |hotel| first_taken_away(hotel),
        typed: &[
            as_is("recover ID --close", jane_has_left),
            as_is("recover ID --replace", |hotel, answer| {
                jane_has_left(hotel, answer);
                has(hotel, BARBARA, "101");
            }),
        ],
    },
];

#[test]
fn what_recover_prints_where_it_refuses() {
    check(CASES);
}

#[test]
fn what_is_printed_where_another_desk_has_taken_a_key_away() {
    check(TAKEN);
}

#[test]
fn what_is_printed_where_an_operation_was_taken_back() {
    check(UNDONE);
}

/// A deletion that takes a minute, and the minute is over.
fn slowly(hotel: &mut Hotel, provoke: fn(&Hotel) -> Value) -> Value {
    *hotel = Hotel::open_with(&["--sync", "60000"]);
    let answer = provoke(hotel);
    // Until then the command says the same again.
    let command = super::printed(&answer).pop().unwrap();
    hotel.told(11, &format!("{command} --yes --wait 0.4"));
    hotel.control("POST", "clock", &json!({ "advance_seconds": 61 }));
    answer
}

const WAITS: &[Typed] = &[Typed {
    prints: "revoke --key KEY",
    more: "--yes",
    code: 0,
    effect: |hotel, _| {
        for guest in [GRACE, JANE] {
            has_none(hotel, guest);
        }
        nothing_open(hotel);
    },
}];

const DELETIONS: &[Case] = &[
    Case {
        kind: "not_confirmed",
        provoke: |hotel| {
            slowly(hotel, |hotel| {
                hotel.told(11, "revoke --guest grace@example.com --yes --wait 0.4")
            })
        },
        typed: WAITS,
    },
    Case {
        kind: "not_confirmed",
        provoke: |hotel| {
            slowly(hotel, |hotel| {
                hotel.told(0, "revoke --guest grace@example.com --yes --wait 0");
                let words = format!("{ISSUE} --guest {BARBARA} --wait 0");
                let answer = stopped(hotel, 8, &words, CREATE, 1);
                let id = short(&answer);
                hotel.told(11, &format!("recover {id} --undo --yes --wait 0.4"))
            })
        },
        typed: WAITS,
    },
];

#[test]
fn what_is_printed_where_a_deletion_takes_long() {
    check(DELETIONS);
}

#[test]
fn a_phones_copy_that_is_slow_to_go_is_waited_for_without_the_key() {
    let hotel = Hotel::open_with(&["--sync", "60000"]);
    let copy = hotel.live(GRACE)[0]["copies"][0].clone();
    let copy = copy.as_str().unwrap();
    let words = format!("revoke --key {copy} --this-phone-only --yes --wait 0.4");
    let pending = hotel.told(11, &words);
    let command = super::printed(&pending).pop().unwrap();
    hotel.told(11, &format!("{command} --yes --wait 0.4"));
    hotel.control("POST", "clock", &json!({ "advance_seconds": 61 }));
    hotel.told(0, &format!("{command} --yes"));
    has(&hotel, GRACE, "110");
}

#[test]
fn what_helps_a_guest_who_got_another_room_meanwhile_is_typed_in_the_order_printed() {
    let mut hotel = Hotel::open();
    let id = harmed(&hotel);
    let until = hour_of(2, 11);
    let other = format!("issue --room 103 --guest {JANE} --until {until}");
    elsewhere(&mut hotel, 0, &other);
    let answer = hotel.told(9, &format!("recover {id}"));
    let commands = super::printed(&answer);
    let plain: Vec<String> = commands
        .iter()
        .map(|command| super::plain(command))
        .collect();
    assert_eq!(plain, ["recover ID --close", "update --key KEY"]);
    hotel.told(0, &commands[0]);
    // This service ends the key for tomorrow with it, which is reported and given back too.
    let update = format!("{} --rooms 101,103 --yes", commands[1]);
    let harmed = hotel.told(9, &update);
    let commands = super::printed(&harmed);
    assert_eq!(super::plain(&commands[0]), "recover ID");
    hotel.told(0, &commands[0]);
    nothing_open(&hotel);
    assert!(opens(&hotel, JANE, "101") && opens(&hotel, JANE, "103"));
    assert!(!opens(&hotel, EDSGER, "101"));
    has(&hotel, EDSGER, "101");
}

//! Errors of commands that stopped after their first write, or whose work was undone by somebody else.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Case, Typed, as_is, check, has, has_none, nothing_open, shows};
use crate::desks::{end, give_away, start};
use crate::recover::{CREATE, GRANT, down, elsewhere, lost, short, stopped, up};
use crate::support::{Extent, Hotel, Ran, sampled};

const JANE: &str = "jane@example.com";
const GRACE: &str = "grace@example.com";
const EDSGER: &str = "edsger@example.com";
const RETURN: &str = "return-guest --room 102 --guest grace@example.com --nights 2 --yes";
const PAIR: &str =
    "issue --room 101 --guest jane@example.com --guest barbara@example.com --nights 2";

/// Jane is given room 102, and another system gives it to Edsger as soon as her key is there.
fn overtaken(hotel: &Hotel) -> Value {
    overtaken_by(hotel, EDSGER)
}

/// The same, with a key for this guest.
fn overtaken_by(hotel: &Hotel, guest: &str) -> Value {
    hotel.control("POST", "latency", &json!({ "ms": 150 }));
    hotel.forget_requests();
    let issue = "issue --room 102 --guest jane@example.com --nights 2";
    let process = start(hotel, &hotel.home, issue);
    hotel.until_seen(CREATE);
    give_away(hotel, "102", guest);
    let (code, answer) = end(process);
    assert_eq!(code, 8, "{answer:#}");
    hotel.control("POST", "latency", &json!({ "ms": 0 }));
    answer
}

/// Jane is given room 102, and another system gives it to Edsger after the room was read. On a busy machine the command
/// may read the room again and refuse. It is then tried again.
fn overtakes(hotel: &Hotel) -> Value {
    let of_room = "/acs/entrances/list_credentials_with_access";
    for _ in 0..10 {
        hotel.fault(&json!({ "path": of_room, "kind": "slow", "ms": 700, "count": 1000 }));
        hotel.forget_requests();
        let issue = "issue --room 102 --guest jane@example.com --nights 2";
        let process = start(hotel, &hotel.home, issue);
        hotel.until_seen(of_room);
        give_away(hotel, "102", EDSGER);
        let (code, answer) = end(process);
        up(hotel);
        if code == 9 {
            return answer;
        }
        assert_eq!(code, 6, "{answer:#}");
        hotel.told(0, "revoke --room 102 --all --yes");
    }
    panic!("the command read the room in time in each of ten tries");
}

/// Jane and Barbara are given room 102 until tomorrow. Another desk has made keys for the room since it was read: one
/// for each of these guests, in this order.
fn overtakes_these(hotel: &Hotel, others: &[&str]) -> Value {
    let of_room = "/acs/entrances/list_credentials_with_access";
    hotel.fault(&json!({ "path": of_room, "kind": "slow", "ms": 900, "count": 1000 }));
    hotel.forget_requests();
    let issue = "issue --room 102 --guest jane@example.com --guest barbara@example.com --nights 1";
    let process = start(hotel, &hotel.home, issue);
    hotel.until_seen(of_room);
    others
        .iter()
        .for_each(|guest| give_away(hotel, "102", guest));
    let (code, answer) = end(process);
    assert_eq!(code, 9, "{answer:#}");
    up(hotel);
    answer
}

fn both_open(hotel: &Hotel, _: &Value) {
    nothing_open(hotel);
    for guest in [JANE, "barbara@example.com"] {
        has(hotel, guest, "102");
        assert!(crate::bystanders::opens(hotel, guest, "102"), "{guest}");
    }
}

/// Another desk has made a key for the very guest of the command.
const OWN: &[Case] = &[
    Case {
        // The new key has ended it. The companion is not shut out by what gives the access back.
        kind: "no_access",
        provoke: |hotel| {
            hotel.reading("replacement", "none");
            let answer = overtakes_these(hotel, &[JANE]);
            let told = answer["error"]["message"].as_str().unwrap();
            assert!(told.contains("made a key for Jane Doe"), "{told}");
            assert!(!told.contains("gave the room"), "{told}");
            answer
        },
        typed: &[Typed {
            prints: "update --key KEY --rooms 102 --until TIME",
            more: "--yes",
            code: 0,
            effect: both_open,
        }],
    },
    Case {
        kind: "displaced",
        provoke: |hotel| {
            let answer = overtaken_by(hotel, JANE);
            let told = answer["error"]["message"].as_str().unwrap();
            assert!(told.contains("made a key for Jane Doe too"), "{told}");
            let hint = answer["error"]["hint"].as_str().unwrap();
            assert!(!hint.contains("another room"), "{hint}");
            answer
        },
        typed: &[
            Typed {
                prints: "recover ID --undo",
                more: "--yes",
                code: 0,
                effect: jane_has_it,
            },
            as_is("recover ID --replace", jane_has_it),
        ],
    },
];

#[test]
fn what_is_printed_where_another_desk_has_made_a_key_for_the_same_guest() {
    check(OWN);
}

#[test]
fn a_guest_of_the_command_and_a_stranger_are_told_apart() {
    let hotel = Hotel::open_with(&["--sync", "20"]);
    hotel.reading("replacement", "none");
    let answer = overtakes_these(&hotel, &[JANE, EDSGER]);
    let told = answer["error"]["message"].as_str().unwrap();
    let apart = "made a key for Jane Doe and gave the room to Edsger Dijkstra at";
    assert!(told.contains(apart), "{told}");
}

/// A new guest is put on record, and meanwhile another system gives the room away.
fn taken(hotel: &Hotel) -> Value {
    hotel.fault(&json!({ "path": "/user_identities/create", "kind": "slow", "ms": 600 }));
    hotel.forget_requests();
    let mut command = hotel.command();
    command
        .args([
            "issue",
            "--room",
            "102",
            "--guest",
            "Ada Poe <ada@example.com>",
            "--nights",
            "2",
            "--json",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let process = command.spawn().unwrap();
    hotel.until_seen("/user_identities/create");
    give_away(hotel, "102", EDSGER);
    let (code, answer) = end(process);
    assert_eq!(code, 8, "{answer:#}");
    answer
}

/// Ctrl-C so many times, while this path is being asked for.
fn interrupted(hotel: &Hotel, times: usize, words: &str, path: &str) -> Value {
    hotel.fault(&json!({ "path": path, "kind": "slow", "ms": 700 }));
    hotel.forget_requests();
    let mut process = start(hotel, &hotel.home, words);
    let mut told = BufReader::new(process.stderr.take().unwrap());
    hotel.until_seen(path);
    for _ in 0..times {
        let mut kill = Command::new("kill");
        kill.args(["-INT", &process.id().to_string()])
            .status()
            .unwrap();
        // It says that it has noticed; two signals at once would be one.
        told.read_line(&mut String::new()).unwrap();
    }
    let ran = Ran::from(process.wait_with_output().unwrap());
    up(hotel);
    ran.json()
}

fn done_for(email: &str, room: &str, hotel: &Hotel) {
    has(hotel, email, room);
    nothing_open(hotel);
}

fn edsger_has_it(hotel: &Hotel, _: &Value) {
    done_for(EDSGER, "102", hotel);
    has_none(hotel, JANE);
}

fn jane_has_it(hotel: &Hotel, _: &Value) {
    done_for(JANE, "102", hotel);
}

/// Both ways to settle who gets a room that two desks gave away.
const SETTLE: &[Typed] = &[
    Typed {
        prints: "recover ID --undo",
        more: "--yes",
        code: 0,
        effect: edsger_has_it,
    },
    as_is("recover ID --replace", jane_has_it),
];

const CASES: &[Case] = &[
    Case {
        kind: "displaced",
        provoke: |hotel| overtaken(hotel),
        typed: SETTLE,
    },
    Case {
        kind: "contested",
        provoke: |hotel| {
            hotel.reading("override", "at-first-use");
            overtaken(hotel)
        },
        typed: SETTLE,
    },
    Case {
        kind: "part_done",
        provoke: |hotel| taken(hotel),
        typed: &[
            Typed {
                prints: "recover ID --undo",
                more: "--yes",
                code: 0,
                effect: |hotel, _| done_for(EDSGER, "102", hotel),
            },
            as_is("recover ID --replace", |hotel, _| {
                done_for("ada@example.com", "102", hotel);
            }),
        ],
    },
    Case {
        kind: "part_done",
        provoke: |hotel| {
            hotel.fault(&json!({ "path": CREATE, "kind": "401", "after": 1, "count": 1000 }));
            let answer = hotel.told(8, PAIR);
            up(hotel);
            answer
        },
        typed: &[as_is("recover ID", |hotel, _| {
            done_for("barbara@example.com", "101", hotel);
        })],
    },
    Case {
        kind: "unknown_outcome",
        provoke: |hotel| stopped(hotel, 8, PAIR, CREATE, 1),
        typed: &[as_is("recover ID", |hotel, _| {
            done_for("barbara@example.com", "101", hotel);
        })],
    },
    Case {
        // Taking back stops too.
        kind: "unknown_outcome",
        provoke: |hotel| {
            let answer = stopped(hotel, 8, PAIR, CREATE, 1);
            let undo = format!("recover {} --undo --yes", short(&answer));
            stopped(hotel, 8, &undo, "/acs/credentials/delete", 0)
        },
        typed: &[Typed {
            prints: "recover ID --undo",
            more: "--yes",
            code: 0,
            effect: |hotel, _| {
                has_none(hotel, JANE);
                nothing_open(hotel);
            },
        }],
    },
    Case {
        kind: "no_access",
        provoke: |hotel| {
            hotel.reading("revoke-all", "grants-and-keys");
            stopped(hotel, 9, RETURN, GRANT, 0)
        },
        typed: &[as_is("recover ID", |hotel, _| {
            done_for(GRACE, "102", hotel);
        })],
    },
    Case {
        // The operation is taken back, and with it the only key.
        kind: "no_access",
        provoke: |hotel| {
            let answer = lost(hotel, "update --guest grace@example.com --also Pool --yes");
            hotel.told(9, &format!("recover {} --undo --yes", short(&answer)))
        },
        typed: &[Typed {
            prints: "issue --room 110 --also \"Gym\" --guest GUEST --until TIME --replace",
            more: "--yes",
            code: 0,
            effect: |hotel, _| done_for(GRACE, "110", hotel),
        }],
    },
    Case {
        // Another desk's key was made after the rooms were read, and the new one has ended it.
        kind: "no_access",
        provoke: |hotel| overtakes(hotel),
        typed: &[Typed {
            prints: "issue --room 102 --guest GUEST --until TIME --replace",
            more: "--yes",
            code: 0,
            effect: edsger_has_it,
        }],
    },
    Case {
        // Only the encoder makes a card.
        kind: "no_access",
        provoke: |hotel| cut_card(hotel),
        typed: &[as_is("recover ID --close", |hotel, _| nothing_open(hotel))],
    },
    Case {
        kind: "no_access",
        provoke: |hotel| {
            let answer = cut_card(hotel);
            hotel.told(9, &format!("recover {}", short(&answer)))
        },
        typed: &[as_is("recover ID --close", |hotel, _| nothing_open(hotel))],
    },
    Case {
        kind: "interrupted",
        provoke: |hotel| interrupted(hotel, 1, PAIR, CREATE),
        typed: &[as_is("recover ID", |hotel, _| {
            done_for("barbara@example.com", "101", hotel);
        })],
    },
    Case {
        kind: "interrupted",
        provoke: |hotel| interrupted(hotel, 2, PAIR, CREATE),
        typed: &[as_is("recover ID", |hotel, _| {
            done_for("barbara@example.com", "101", hotel);
        })],
    },
    Case {
        kind: "not_confirmed",
        provoke: |hotel| {
            hotel.fault(&json!({ "path": CREATE, "kind": "never-sync" }));
            hotel.told(
                11,
                "issue --room 101 --guest jane@example.com --nights 1 --wait 0.4",
            )
        },
        typed: &[
            Typed {
                prints: "keys",
                more: "--guest jane@example.com",
                code: 0,
                effect: |_, answer| {
                    assert_eq!(answer["data"]["keys"][0]["synced"], false, "{answer:#}");
                },
            },
            as_is("doctor", shows),
        ],
    },
    Case {
        kind: "unfinished",
        provoke: |hotel| {
            stopped(hotel, 8, PAIR, CREATE, 1);
            hotel.told(12, PAIR)
        },
        typed: &[
            as_is("recover ID", |hotel, _| {
                done_for("barbara@example.com", "101", hotel);
            }),
            Typed {
                prints: "recover",
                more: "",
                code: 12,
                effect: |_, answer| assert!(answer["data"]["unfinished"][0].is_object()),
            },
        ],
    },
    Case {
        kind: "unfinished",
        provoke: |hotel| {
            stopped(hotel, 8, PAIR, CREATE, 1);
            hotel.told(12, "recover")
        },
        typed: &[
            as_is("recover OPERATION", |hotel, _| {
                done_for("barbara@example.com", "101", hotel);
            }),
            as_is("recover --all", |hotel, _| {
                done_for("barbara@example.com", "101", hotel);
            }),
        ],
    },
    Case {
        kind: "rows_not_done",
        provoke: |hotel| {
            let file = hotel.file("rows.csv").display().to_string();
            std::fs::write(
                &file,
                "guest,email,room,nights\nJane Doe,jane@example.com,101,1\n",
            )
            .unwrap();
            down(hotel, CREATE, 0);
            let mut command = hotel.command();
            let words = [
                "batch",
                &file,
                "--yes",
                "--timeout",
                "0.6",
                "--settle",
                "0.2",
                "--json",
            ];
            let ran = Ran::from(command.args(words).output().unwrap()).exits(3);
            up(hotel);
            serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap()
        },
        typed: &[Typed {
            prints: "recover",
            more: "",
            code: 12,
            effect: |hotel, _| {
                hotel.told(0, "recover --all");
                done_for(JANE, "101", hotel);
            },
        }],
    },
    Case {
        kind: "changed",
        provoke: |hotel| {
            let answer = stopped(hotel, 8, PAIR, CREATE, 0);
            elsewhere(
                hotel,
                0,
                "issue --room 101 --guest edsger@example.com --nights 2",
            );
            hotel.told(6, &format!("recover {}", short(&answer)))
        },
        typed: &[Typed {
            prints: "recover",
            more: "",
            code: 12,
            effect: |hotel, answer| {
                let id = short(&json!({ "data": answer["data"]["unfinished"][0] }));
                hotel.told(0, &format!("recover {id} --replace"));
                done_for(JANE, "101", hotel);
            },
        }],
    },
];

/// A service that calls all earlier keys invalid ends a plastic card that is not in the way.
fn cut_card(hotel: &Hotel) -> Value {
    hotel.reading("override", "all");
    let day = |days: u64| chrono::Utc::now().date_naive() + chrono::Days::new(days);
    let words = format!(
        "issue --room 111 --guest edsger@example.com --from {}T12:00:00Z --until {}T12:00:00Z",
        day(4),
        day(5)
    );
    hotel.told(9, &words)
}

sampled!(what_is_printed_where_a_command_has_stopped);

fn what_is_printed_where_a_command_has_stopped(extent: Extent) {
    check(extent.of(CASES, 3));
}

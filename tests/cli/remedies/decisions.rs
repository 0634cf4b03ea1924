//! Errors that leave a decision to a person.

use serde_json::{Value, json};

use super::{Case, Typed, as_is, check, has, has_none, nothing_open};
use crate::recover::{CREATE, GRANT, elsewhere, short, stopped};
use crate::support::Hotel;

const JANE: &str = "jane@example.com";
const GRACE: &str = "grace@example.com";
const ALAN: &str = "alan@example.com";

/// So many days from now at noon, in UTC.
fn noon(days: u64) -> String {
    let day = chrono::Utc::now().date_naive() + chrono::Days::new(days);
    format!("{day}T12:00:00Z")
}

fn the_card(hotel: &Hotel) -> String {
    let keys = hotel.told(0, "keys --room 111");
    let key = &keys["data"]["keys"][0]["acs_credential_id"];
    key.as_str().unwrap().to_owned()
}

fn changes_grace(hotel: &Hotel, answer: &Value) {
    assert_eq!(answer["data"]["outcome"], "done", "{answer:#}");
    has(hotel, GRACE, "110");
    assert_eq!(hotel.live(GRACE).len(), 1);
}

/// A second stay in a room, made past the tool.
fn two_stays(hotel: &Hotel) {
    hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
    let state = hotel.control("GET", "state?events=false", &Value::Null);
    let id = |list: &str, field: &str, value: &str, id: &str| {
        let mut all = state[list].as_array().unwrap().iter();
        all.find(|one| one[field] == value).unwrap()[id].clone()
    };
    let body = json!({
        "acs_user_id": id("users", "email_address", "edsger@example.com", "acs_user_id"),
        "access_method": "mobile_key", "is_multi_phone_sync_credential": true,
        "credential_manager_acs_system_id": hotel.manager,
        "allowed_acs_entrance_ids": [id("entrances", "display_name", "101", "acs_entrance_id")],
        "ends_at": noon(2),
    });
    assert_eq!(hotel.call(CREATE, &body)["ok"], true);
}

/// Jane and Barbara share room 101. Jane has moved to room 102, and this command is for Barbara.
fn second_of_a_couple(hotel: &Hotel, words: &str) -> Value {
    hotel.told(
        0,
        "issue --room 101 --guest jane@example.com --guest barbara@example.com --nights 2",
    );
    hotel.told(
        0,
        "return-guest --room 102 --guest jane@example.com --nights 2 --yes",
    );
    hotel.told(6, &format!("{words} --yes"))
}

const MOVE: &[Typed] = &[Typed {
    prints: "join --room 102 --replace",
    more: "--guest barbara@example.com --yes",
    code: 0,
    effect: |hotel, _| {
        for guest in [JANE, "barbara@example.com"] {
            has(hotel, guest, "102");
            assert_eq!(hotel.live(guest).len(), 1, "{guest}");
            assert!(crate::bystanders::opens(hotel, guest, "102"), "{guest}");
        }
        nothing_open(hotel);
    },
}];

const CASES: &[Case] = &[
    Case {
        kind: "room_occupied",
        provoke: |hotel| {
            let words = "return-guest --room 102 --guest barbara@example.com --nights 2";
            second_of_a_couple(hotel, words)
        },
        typed: MOVE,
    },
    Case {
        kind: "guest_has_key_elsewhere",
        provoke: |hotel| {
            let words = "issue --room 102 --guest barbara@example.com --nights 2";
            second_of_a_couple(hotel, words)
        },
        typed: &[
            Typed {
                prints: "update --key KEY --rooms …",
                more: "102 --yes",
                code: 6,
                effect: |hotel, answer| {
                    let commands = super::printed(answer);
                    let join = commands.iter().find(|command| command.starts_with("join"));
                    hotel.told(0, &format!("{} {}", join.unwrap(), MOVE[0].more));
                    (MOVE[0].effect)(hotel, answer);
                },
            },
            Typed {
                prints: "return-guest",
                more: "--guest barbara@example.com --room 102 --nights 2 --yes",
                code: 6,
                effect: |hotel, answer| {
                    let command = super::printed(answer).remove(0);
                    hotel.told(0, &format!("{command} {}", MOVE[0].more));
                    (MOVE[0].effect)(hotel, answer);
                },
            },
        ],
    },
    Case {
        kind: "room_occupied",
        provoke: |hotel| hotel.told(6, "issue --room 110 --guest jane@example.com --nights 1"),
        typed: &[Typed {
            prints: "join --room 110",
            more: "--guest jane@example.com --yes",
            code: 0,
            effect: |hotel, _| {
                has(hotel, JANE, "110");
                has(hotel, GRACE, "110");
            },
        }],
    },
    Case {
        // Grace's key is to last until after the next guest's arrival. Another key would not help.
        kind: "room_occupied",
        provoke: |hotel| {
            let (from, until) = (noon(4), noon(5));
            let next =
                format!("issue --room 110 --guest jane@example.com --from {from} --until {until}");
            hotel.told(0, &next);
            let update = format!("update --guest grace@example.com --until {} --yes", noon(6));
            hotel.told(6, &update)
        },
        typed: &[Typed {
            prints: "revoke --key KEY",
            more: "--yes",
            code: 0,
            effect: |hotel, _| {
                has_none(hotel, JANE);
                let update = format!("update --guest grace@example.com --until {} --yes", noon(6));
                changes_grace(hotel, &hotel.told(0, &update));
            },
        }],
    },
    Case {
        // Barbara follows Jane with an `update`.
        kind: "room_occupied",
        provoke: |hotel| {
            second_of_a_couple(hotel, "update --guest barbara@example.com --rooms 102")
        },
        typed: &[
            MOVE[0],
            Typed {
                prints: "revoke --key KEY",
                more: "--yes",
                code: 0,
                effect: |hotel, _| has_none(hotel, JANE),
            },
        ],
    },
    Case {
        kind: "use_update",
        provoke: |hotel| hotel.told(6, "issue --room 110 --guest grace@example.com --nights 5"),
        typed: &[Typed {
            prints: "update --key KEY",
            more: "--nights 5 --yes",
            code: 0,
            effect: changes_grace,
        }],
    },
    Case {
        kind: "use_join",
        provoke: |hotel| hotel.told(6, "issue --room 111 --guest alan@example.com --nights 1"),
        typed: &[Typed {
            prints: "join --to KEY",
            more: "--guest alan@example.com --yes",
            code: 0,
            effect: |hotel, _| {
                has(hotel, ALAN, "111");
                assert_eq!(hotel.live(ALAN).len(), 2, "the card goes on working");
            },
        }],
    },
    Case {
        // A mobile key that shares with the card lasts longer than the card.
        kind: "use_join",
        provoke: |hotel| {
            let join = format!(
                "join --to {} --guest edsger@example.com --until {} --yes",
                the_card(hotel),
                noon(7)
            );
            hotel.told(0, &join);
            hotel.told(
                6,
                &format!(
                    "issue --room 111 --guest alan@example.com --from {} --until {}",
                    noon(4),
                    noon(6)
                ),
            )
        },
        typed: &[Typed {
            prints: "join --room 111",
            more: "--guest alan@example.com --yes",
            code: 0,
            effect: |hotel, _| assert_eq!(hotel.live(ALAN).len(), 2),
        }],
    },
    Case {
        kind: "guest_has_key_elsewhere",
        provoke: |hotel| hotel.told(6, "issue --room 101 --guest grace@example.com --nights 1"),
        typed: &[
            Typed {
                prints: "update --key KEY --rooms …",
                more: "101,110 --yes",
                code: 0,
                effect: |hotel, _| assert_eq!(hotel.live(GRACE)[0]["rooms"], json!(["101", "110"])),
            },
            Typed {
                prints: "return-guest",
                more: "--guest grace@example.com --room 101 --nights 1 --yes",
                code: 0,
                effect: |hotel, _| has(hotel, GRACE, "101"),
            },
        ],
    },
    Case {
        kind: "loses_access",
        provoke: |hotel| {
            let words = format!(
                "issue --room 101 --guest grace@example.com --from {} --until {}",
                noon(4),
                noon(5)
            );
            hotel.told(6, &words)
        },
        typed: &[Typed {
            prints: "update --key KEY",
            more: "--also Pool --yes",
            code: 0,
            effect: changes_grace,
        }],
    },
    Case {
        kind: "several_stays",
        provoke: |hotel| {
            two_stays(hotel);
            hotel.told(6, "revoke --room 101 --yes")
        },
        typed: &[Typed {
            prints: "revoke --key KEY",
            more: "--yes",
            code: 0,
            effect: |hotel, _| has_none(hotel, JANE),
        }],
    },
    Case {
        kind: "several_stays",
        provoke: |hotel| {
            two_stays(hotel);
            hotel.told(6, "join --room 101 --guest barbara@example.com --yes")
        },
        typed: &[Typed {
            prints: "join --to KEY",
            more: "--guest barbara@example.com --yes",
            code: 0,
            effect: |hotel, _| has(hotel, "barbara@example.com", "101"),
        }],
    },
    Case {
        kind: "cannot_join",
        provoke: |hotel| {
            let grace = hotel.live(GRACE)[0]["acs_credential_id"].clone();
            let words = format!(
                "join --to {} --room 102 --guest jane@example.com",
                grace.as_str().unwrap()
            );
            hotel.told(6, &words)
        },
        typed: &[
            as_is("keys --room R", |_, answer| {
                assert_eq!(answer["data"]["keys"].as_array().unwrap().len(), 1);
            }),
            Typed {
                prints: "issue",
                more: "--room 102 --guest jane@example.com --nights 1",
                code: 0,
                effect: |hotel, _| has(hotel, JANE, "102"),
            },
        ],
    },
    Case {
        kind: "guest_not_ready",
        provoke: |hotel| {
            let remark =
                json!({ "code": "being_deleted", "message": "The guest is being deleted." });
            hotel.control(
                "POST",
                "user",
                &json!({ "user": JANE, "remark": remark["code"] }),
            );
            hotel.told(6, "issue --room 101 --guest jane@example.com --nights 1")
        },
        typed: &[as_is("guests", |_, answer| {
            assert!(answer["data"]["guests"].is_array(), "{answer:#}");
        })],
    },
    Case {
        kind: "guest_not_ready",
        provoke: |hotel| {
            let words = "return-guest --room 102 --guest grace@example.com --nights 1 --yes";
            let answer = stopped(hotel, 8, words, GRANT, 0);
            hotel.control("POST", "user", &json!({ "user": GRACE, "suspended": true }));
            hotel.told(6, &format!("recover {}", short(&answer)))
        },
        typed: &[as_is("recover ID --close", |hotel, _| nothing_open(hotel))],
    },
    Case {
        kind: "changed",
        provoke: |hotel| {
            let words = "return-guest --room 102 --guest grace@example.com --nights 1 --yes";
            let answer = stopped(hotel, 8, words, GRANT, 0);
            elsewhere(
                hotel,
                0,
                "issue --room 102 --guest jane@example.com --nights 1",
            );
            hotel.told(6, &format!("recover {}", short(&answer)))
        },
        typed: &[Typed {
            prints: "recover",
            more: "",
            code: 12,
            effect: |_, answer| {
                let open = &answer["data"]["unfinished"][0]["guests_now"];
                assert_eq!(open[0]["guest"], "Grace Hopper", "{answer:#}");
            },
        }],
    },
];

#[test]
fn what_is_printed_where_a_person_decides() {
    check(CASES);
}

//! Errors about what is not there, what is typed wrong, and what the tool itself needs.

use serde_json::{Value, json};

use super::{Case, Typed, as_is, check, shows};
use crate::support::{Hotel, Ran, roomkey};

fn run(hotel: &Hotel, code: i32, words: &str) -> Value {
    let mut command = roomkey(hotel.home.path());
    Ran::from(
        command
            .args(words.split(' '))
            .arg("--json")
            .output()
            .unwrap(),
    )
    .exits(code)
    .json()
}

const CASES: &[Case] = &[
    Case {
        kind: "guest_not_found",
        provoke: |hotel| hotel.told(5, "issue --room 101 --guest \"Grace Hoper\" --nights 1"),
        typed: &[as_is("guests TEXT", |_, answer| {
            assert_eq!(
                answer["data"]["guests"][0]["name"], "Grace Hopper",
                "{answer:#}"
            );
        })],
    },
    Case {
        kind: "key_not_found",
        provoke: |hotel| hotel.told(5, "update --guest jane@example.com --nights 2"),
        typed: &[as_is("keys --room R", |_, answer| {
            assert_eq!(answer["data"]["keys"].as_array().unwrap().len(), 1);
        })],
    },
    Case {
        kind: "room_not_found",
        provoke: |hotel| hotel.told(5, "issue --room 999 --guest jane@example.com --nights 1"),
        typed: &[as_is("rooms", |_, answer| {
            assert!(answer.to_string().contains("\"101\""), "{answer:#}");
        })],
    },
    Case {
        kind: "operation_not_found",
        provoke: |hotel| {
            hotel.told(0, "issue --room 101 --guest jane@example.com --nights 1");
            crate::recover::stopped(
                hotel,
                8,
                "issue --room 102 --guest edsger@example.com --nights 1",
                crate::recover::CREATE,
                0,
            );
            hotel.told(5, "recover 000000000000")
        },
        typed: &[
            Typed {
                prints: "recover",
                more: "",
                code: 12,
                effect: |_, answer| {
                    assert_eq!(answer["data"]["unfinished"].as_array().unwrap().len(), 1);
                },
            },
            as_is("history", |_, answer| {
                assert_eq!(answer["data"]["operations"].as_array().unwrap().len(), 2);
            }),
        ],
    },
    Case {
        kind: "usage",
        provoke: |hotel| {
            hotel.told(
                2,
                "issue --room 101 --guest jane@example.com --until 2020-01-01",
            )
        },
        typed: &[as_is("help times", |_, answer| {
            assert!(answer.as_str().unwrap().contains("2026-12-01"), "{answer}");
        })],
    },
    Case {
        kind: "usage",
        provoke: |hotel| {
            // Help is for people: it knows no JSON.
            let ran = hotel.run(&["help", "nonsense"]).exits(2);
            json!({ "error": { "code": "usage", "hint": ran.stderr } })
        },
        typed: &[as_is("--help", shows)],
    },
    Case {
        kind: "config",
        provoke: |hotel| hotel.told(2, "rooms --profile nowhere"),
        typed: &[as_is("help profiles", shows)],
    },
    Case {
        kind: "no_api_key",
        provoke: |hotel| run(hotel, 4, "rooms"),
        typed: &[Typed {
            prints: "--sandbox …",
            more: "rooms",
            code: 0,
            effect: |_, answer| assert_eq!(answer["sandbox"], true),
        }],
    },
    Case {
        kind: "io",
        provoke: |hotel| {
            let folder = hotel.file("sandbox");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("hotel.json"), "no hotel").unwrap();
            run(hotel, 1, "--sandbox rooms")
        },
        typed: &[Typed {
            prints: "sandbox reset",
            more: "--yes",
            code: 0,
            effect: |hotel, _| {
                run(hotel, 0, "--sandbox rooms");
            },
        }],
    },
    Case {
        kind: "failed",
        provoke: |hotel| {
            hotel.fault(&json!({ "path": "*", "kind": "html", "count": 1000 }));
            hotel.told(1, "rooms")
        },
        typed: &[as_is("config show", |hotel, answer| {
            assert!(answer.to_string().contains(&hotel.url), "{answer:#}");
        })],
    },
    Case {
        kind: "bad_file",
        provoke: |hotel| {
            std::fs::write(hotel.file("rows.csv"), "colour,size\nred,big\n").unwrap();
            let file = hotel.file("rows.csv").display().to_string();
            hotel.json(2, &["batch", &file])
        },
        typed: &[as_is("batch --help", |_, answer| {
            assert!(answer.as_str().unwrap().contains("room"), "{answer}");
        })],
    },
];

#[test]
fn a_clock_that_was_set_goes_back_with_the_command_that_is_printed() {
    let hotel = Hotel::open();
    let mut command = roomkey(hotel.home.path());
    let set = Ran::from(command.args(["sandbox", "clock", "+2h"]).output().unwrap()).exits(0);
    assert!(
        set.stderr.contains("`roomkey sandbox clock real`"),
        "{}",
        set.stderr
    );
    let back = run(&hotel, 0, "sandbox clock real");
    assert_eq!(back["data"]["is_set"], false, "{back:#}");
}

#[test]
fn what_is_printed_where_something_is_not_there() {
    check(CASES);
}

//! The workflows, and two of them with several steps side by side, against everything that can go wrong at each of their calls.
//!
//! The cases are generated: a workflow is run once without a fault under each set of readings, which tells
//! how many calls it makes, and each call is then hit by each fault. Asserted on is the hotel's own state:
//! every guest has exactly the keys that the command promised or exactly those from before, no create took
//! effect twice, the exit code and what was said with it are true, and no key and no guest's name stands
//! where it should not.

mod bench;
#[cfg(target_os = "linux")]
mod disk;
mod faults;
#[cfg(unix)]
mod interrupt;
mod kill;
mod state;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::json;

use crate::support::{Hotel, Ran};
use state::State;

/// A command, and what it promises.
pub(crate) struct Workflow {
    pub(crate) name: &'static str,
    pub(crate) command: &'static [&'static str],
    /// Whom it is about, by e-mail.
    guests: &'static [&'static str],
    /// The doors of each key that each of these guests has afterwards. Everybody else keeps what they have.
    promised: &'static [&'static [&'static str]],
    /// Who may be named in what it prints, beside the guest: whoever holds a key it touches.
    named: &'static [&'static str],
}

pub(crate) const WORKFLOWS: [Workflow; 7] = [
    Workflow {
        name: "issue",
        command: &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--nights",
            "2",
        ],
        guests: &["ada@example.com"],
        promised: &[&["101"]],
        named: &[],
    },
    Workflow {
        name: "return-guest",
        command: &[
            "return-guest",
            "--room",
            "102",
            "--guest",
            "grace@example.com",
            "--nights",
            "2",
            "--yes",
        ],
        guests: &["grace@example.com"],
        promised: &[&["102"]],
        named: &[],
    },
    Workflow {
        name: "join",
        command: &[
            "join",
            "--room",
            "110",
            "--guest",
            "jane@example.com",
            "--yes",
        ],
        guests: &["jane@example.com"],
        promised: &[&["110", "Gym"]],
        named: &["Grace Hopper"],
    },
    Workflow {
        name: "update",
        command: &[
            "update",
            "--guest",
            "grace@example.com",
            "--rooms",
            "110,112",
        ],
        guests: &["grace@example.com"],
        promised: &[&["110", "112", "Gym"]],
        named: &[],
    },
    Workflow {
        name: "revoke",
        command: &["revoke", "--room", "110", "--yes"],
        guests: &["grace@example.com"],
        promised: &[],
        named: &[],
    },
    Workflow {
        name: "return-guest to three rooms and the gym",
        command: &[
            "return-guest",
            "--room",
            "102,103,104",
            "--also",
            "Gym",
            "--guest",
            "grace@example.com",
            "--nights",
            "2",
            "--yes",
        ],
        guests: &["grace@example.com"],
        promised: &[&["102", "103", "104", "Gym"]],
        named: &[],
    },
    Workflow {
        name: "issue to a party of three",
        command: &[
            "issue",
            "--room",
            "101",
            "--guest",
            "jane@example.com",
            "--guest",
            "Ada Lovelace <ada@example.com>",
            "--guest",
            "Joan Clarke <joan@example.com>",
            "--nights",
            "2",
        ],
        guests: &["jane@example.com", "ada@example.com", "joan@example.com"],
        promised: &[&["101"]],
        named: &[],
    },
];

/// Sets of readings in which each value of every reading occurs that changes what a fault can do to a guest.
type Readings = &'static [(&'static str, &'static str)];

const READINGS: [Readings; 3] = [
    &[
        ("replacement", "guest"),
        ("revoke-all", "grants"),
        ("delete", "async"),
        ("override", "overlapping"),
        ("override-order", "issued"),
        ("other-doors", "common"),
    ],
    &[
        ("replacement", "guest-room"),
        ("revoke-all", "grants-and-keys"),
        ("delete", "sync"),
        ("override", "all"),
        ("override-order", "start"),
        ("other-doors", "unlisted"),
    ],
    &[
        ("replacement", "none"),
        ("revoke-all", "grants-and-keys"),
        ("delete", "async"),
        ("label", "rejected"),
        ("override", "at-first-use"),
        ("doors", "user-grants"),
    ],
];

/// A workflow under a set of readings, with what a run without a fault tells of it.
#[derive(Clone, Copy)]
struct Course {
    workflow: &'static Workflow,
    readings: Readings,
    /// How many requests it sends.
    calls: usize,
}

impl std::fmt::Display for Course {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} under", self.workflow.name)?;
        self.readings
            .iter()
            .try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl Course {
    /// Every workflow under every set of readings. They are measured once for all tests.
    fn all() -> &'static [Course] {
        static ALL: LazyLock<Vec<Course>> = LazyLock::new(|| {
            let mut hotel = bench::open();
            let courses = WORKFLOWS
                .iter()
                .flat_map(|workflow| READINGS.map(|readings| (workflow, readings)));
            courses
                .map(|(workflow, readings)| Course::measure(&mut hotel, workflow, readings))
                .collect()
        });
        &ALL
    }

    fn measure(hotel: &mut Hotel, workflow: &'static Workflow, readings: Readings) -> Course {
        let mut course = Course {
            workflow,
            readings,
            calls: 0,
        };
        let before = course.begin(hotel);
        let ran = hotel.run(workflow.command).exits(0);
        course.calls = hotel.arrived();
        course.check_ended(hotel, &before, &ran.told(), 1);
        course
    }

    /// A hotel on its first day with nothing on record; who holds what there.
    fn begin(&self, hotel: &mut Hotel) -> State {
        bench::afresh(hotel);
        let readings: BTreeMap<_, _> = self.readings.iter().copied().collect();
        hotel.control("POST", "readings", &json!(readings));
        State::of(hotel)
    }

    /// The command, as a desk types it, with every call told.
    fn words(&self, more: &[&'static str]) -> Vec<&'static str> {
        [self.workflow.command, &["-v"], more].concat()
    }

    /// What a command said that was hit by something, against what is so.
    fn check_told(&self, hotel: &Hotel, before: &State, now: &State, ran: &Ran) {
        let (workflow, told) = (self.workflow, ran.told());
        let promised = now.keeps(before, workflow);
        let says = |text: &str| ran.stderr.contains(text);
        match ran.code {
            0 => {
                assert!(promised, "it said done: {told}\n{now:#?}");
                assert!(now.is_confirmed(before), "it said done: {told}\n{now:#?}");
            }
            1 | 2 | 4 | 7 => assert!(
                now == before && (says("Nothing was changed") || says("Nothing was sent")),
                "it said that nothing was changed: {told}\n{now:#?}"
            ),
            8 if says("Part of it is done") => assert!(
                !hotel.writes().is_empty() && !now.is_locked_out(before, workflow),
                "it said that part is done: {told}\n{now:#?}"
            ),
            8 => assert!(says("is not known"), "{told}"),
            9 => assert!(
                says("NO access") && (now.has_nothing(workflow) || says("could not be read")),
                "it said that the guest has no access: {told}\n{now:#?}"
            ),
            11 => assert!(
                promised || now.keeps_both(before, workflow),
                "it said that it was accepted: {told}\n{now:#?}"
            ),
            130 if says("Nothing was changed") => {
                assert!(
                    now == before,
                    "it said nothing was changed: {told}\n{now:#?}"
                );
            }
            130 if says("goes on without roomkey") => {
                assert!(promised, "it said that it was accepted: {told}\n{now:#?}");
            }
            130 => {}
            _ => panic!("an exit status that no fault explains: {told}"),
        }
        if now.is_locked_out(before, workflow) {
            assert!(
                says("NO access"),
                "the guest has nothing, and it did not say so loudly: {told}\n{now:#?}"
            );
        }
        let is_accepted = says("goes on without roomkey") || says("waits again");
        let open = matches!(ran.code, 8 | 9) || (ran.code == 130 && now != before && !is_accepted);
        assert!(
            !open || says("roomkey recover"),
            "the way out is not named: {told}"
        );
        assert!(
            now.spares_others(before, workflow),
            "somebody else's keys: {told}\n{now:#?}"
        );
        self.check_secrets(ran);
    }

    /// As staff would: what is open is finished, then the same command is typed again.
    fn bring_to_end(&self, hotel: &Hotel, before: &State, first: &Ran) -> End {
        let mut told = first.told();
        let mut end = End::Recovered;
        let mut creates = 1;
        if first.code == 0 {
            end = End::ByItself;
        } else {
            let recovered = hotel.run(&["recover", "--all", "--yes", "-v", "--settle", "0.3"]);
            told += &format!("\nrecover: {}", recovered.told());
            self.check_secrets(&recovered);
            let mut now = State::of(hotel);
            if recovered.code == 11 && now.keeps_both(before, self.workflow) {
                // The new key never comes and the old one works: the new one is taken back.
                let open = hotel.told(12, "recover");
                let id = open["data"]["unfinished"][0]["operation_id"].clone();
                let undone = hotel.run(&["recover", id.as_str().unwrap(), "--undo", "--yes", "-v"]);
                told += &format!("\nundo: {}", undone.told());
                assert_eq!(undone.code, 0, "{told}");
                self.check_secrets(&undone);
                now = State::of(hotel);
                assert!(now.is_as(before), "undone: {told}\n{now:#?}");
                creates += 1;
                end = End::Undone;
            } else {
                assert!(matches!(recovered.code, 0 | 11), "{told}");
            }
            assert!(
                now.keeps(before, self.workflow) || now.is_as(before),
                "after recovery: {told}\n{now:#?}"
            );
            let again = hotel.run(&self.words(&[]));
            told += &format!("\nagain: {}", again.told());
            self.check_secrets(&again);
            // A key that the lock system never confirms is never told as done.
            let truth = if State::of(hotel).is_confirmed(before) {
                0
            } else {
                11
            };
            assert_eq!(again.code, truth, "{told}");
        }
        self.check_ended(hotel, before, &told, creates);
        end
    }

    /// The promise is kept, nothing was made twice, nothing is open and nobody is named any more.
    fn check_ended(&self, hotel: &Hotel, before: &State, told: &str, creates: usize) {
        let now = State::of(hotel);
        assert!(
            now.keeps(before, self.workflow),
            "in the end: {told}\n{now:#?}"
        );
        let made = now.keys_made(before);
        assert!(
            made <= creates * self.workflow.promised.len() * self.workflow.guests.len(),
            "{made} keys were made: {told}\n{now:#?}"
        );
        let new = self.workflow.command.iter();
        let new = new.filter(|word| word.contains('<')).count();
        assert!(
            now.guests_made(before) <= new,
            "guests were made twice: {told}\n{now:#?}"
        );
        assert_eq!(bench::open_operations(hotel), 0, "left open: {told}");
        let found = bench::traces(hotel, state::NAMES);
        assert!(found.is_empty(), "left on record: {found:?}: {told}");
    }

    /// The key is nowhere, bodies are not told, and nobody is named whom the command is not about.
    fn check_secrets(&self, ran: &Ran) {
        bench::check_outputs(ran, |name| {
            let mut guests = self.workflow.guests.iter();
            self.workflow.named.contains(&name) || guests.any(|guest| state::name_of(guest) == name)
        });
    }
}

/// How a case came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The command got through.
    ByItself,
    /// `recover`, and the same command again.
    Recovered,
    /// `recover --undo`, and the same command again.
    Undone,
}

//! Deterministic simulation: many desks, one hotel, a virtual clock, faults and deaths from a seed.
//!
//! `cargo test --test sim` runs a fixed set of seeds. `SIM_SEED=n` replays one with its trace, `SIM_SEEDS=n` runs the
//! first `n` (with `--release` for many), `SIM_READING=name=value` sets a reading of the service.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![expect(
    clippy::print_stderr,
    reason = "traces, failing seeds and counts are for the person who runs them"
)]
#![expect(clippy::disallowed_methods, reason = "a variable says how long to try")]

mod desk;
mod limits;
mod model;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use world::{Setting, Story, run};

/// Every value of every reading, one at a time; `None` is the defaults.
const READINGS: [Option<(&str, &str)>; 13] = [
    None,
    Some(("override", "all")),
    Some(("override", "at-first-use")),
    Some(("override-order", "start")),
    Some(("replacement", "guest-room")),
    Some(("replacement", "none")),
    Some(("label", "rejected")),
    Some(("unknown-keys", "rejected")),
    Some(("revoke-all", "grants-and-keys")),
    Some(("doors", "user-grants")),
    Some(("phone", "required")),
    Some(("delete", "sync")),
    Some(("other-doors", "unlisted")),
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn setting(seed: u64) -> Setting {
    let index = usize::try_from(seed).unwrap() % READINGS.len();
    let asked = std::env::var("SIM_READING").ok();
    let reading = match &asked {
        None => READINGS[index],
        Some(text) => READINGS
            .into_iter()
            .find(|reading| reading.is_some_and(|(name, value)| *text == format!("{name}={value}")))
            .flatten(),
    };
    Setting {
        seed,
        reading,
        rounds: 14,
    }
}

/// How many seeds run always, and how many in the full run.
const SEEDS: (u64, u64) = (52, 130);

#[test]
fn guests_get_in_and_strangers_do_not() {
    if let Some(seed) = number("SIM_SEED") {
        let story = run(setting(seed));
        eprintln!("{}", story.trace);
        if let Err(text) = story.verdict {
            panic!("seed {seed}: {text}");
        }
        return;
    }
    let first = number("SIM_FIRST").unwrap_or(0);
    hold(first..first + number("SIM_SEEDS").unwrap_or(SEEDS.0));
}

#[test]
#[ignore = "more seeds: run with --include-ignored"]
fn guests_get_in_and_strangers_do_not_with_more_seeds() {
    hold(0..SEEDS.1);
}

/// Runs the seeds, fails with those that fail, and checks that together they exercise everything.
fn hold(seeds: Range<u64>) {
    let count = seeds.end - seeds.start;
    let seeds = Mutex::new(seeds);
    let counts: Mutex<BTreeMap<String, u64>> = Mutex::default();
    let failed = Mutex::new(vec![]);
    let work = || {
        loop {
            let Some(seed) = seeds.lock().unwrap().next() else {
                return;
            };
            let Story {
                verdict,
                counts: own,
                ..
            } = run(setting(seed));
            for (what, count) in own {
                *counts.lock().unwrap().entry(what).or_default() += count;
            }
            if let Err(text) = verdict {
                let line = format!("seed {seed} {:?}: {text}", setting(seed).reading);
                eprintln!("{line}");
                failed.lock().unwrap().push(line);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (counts, failed) = (counts.into_inner().unwrap(), failed.into_inner().unwrap());
    for (what, count) in &counts {
        eprintln!("{count:8} {what}");
    }
    assert!(
        failed.is_empty(),
        "{} of {count} seeds:\n{}",
        failed.len(),
        failed.join("\n")
    );
    for needed in [
        "issue exit 0",
        "issue exit 6",
        "return-guest exit 0",
        "join exit 0",
        "update exit 0",
        "revoke exit 0",
        "recover exit 0",
        "close exit 0",
        "crashes",
        "stages done in part",
        "prompts answered later",
        "clock steps",
        "phones that come and go",
        "overrides by another program",
        "deletes by another program",
        "stays ahead checked",
        "taps that must open",
        "fault lost after",
        "fault hang after",
        "fault outage after",
        "fault busy",
        "fault refused",
    ] {
        assert!(
            counts.get(needed).is_some_and(|count| *count > 0),
            "never exercised: {needed}"
        );
    }
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    for seed in [1, 2, 3, 14, 27] {
        let (one, two) = (run(setting(seed)), run(setting(seed)));
        for (left, right) in one.trace.lines().zip(two.trace.lines()) {
            assert_eq!(left, right, "seed {seed}");
        }
        assert_eq!(one.trace, two.trace, "seed {seed}");
    }
}

//! Deterministic simulation: many desks, one hotel, a virtual clock, faults and deaths from a seed.
//!
//! `cargo test --test sim` runs a fixed set of seeds. `SIM_SEED=n` replays one with its trace, `SIM_SEEDS=n` runs the
//! first `n` (with `--release` for many), `SIM_READING=name=value` sets a reading of the service.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod desk;
mod limits;
mod model;
mod wire;
mod world;

use std::collections::BTreeMap;

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
    let seeds = number("SIM_SEEDS").unwrap_or(130);
    let first = number("SIM_FIRST").unwrap_or(0);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut failed = vec![];
    for seed in first..first + seeds {
        let Story {
            verdict,
            counts: own,
            ..
        } = run(setting(seed));
        for (what, count) in own {
            *counts.entry(what).or_default() += count;
        }
        if let Err(text) = verdict {
            let line = format!("seed {seed} {:?}: {text}", setting(seed).reading);
            eprintln!("{line}");
            failed.push(line);
        }
    }
    for (what, count) in &counts {
        eprintln!("{count:8} {what}");
    }
    assert!(
        failed.is_empty(),
        "{} of {seeds} seeds:\n{}",
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

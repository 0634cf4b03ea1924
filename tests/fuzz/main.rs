//! What comes from outside, at random: batch files, times, answers of the server, and the file of results.
//!
//! Each test runs for `FUZZ_SECONDS` (1 where it is not set) and prints how many cases it ran. A case must not panic and
//! must end within five seconds. A failure prints the smallest input that proptest finds.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![expect(clippy::disallowed_methods, reason = "a variable says how long to try")]
#![expect(clippy::print_stderr, reason = "a test says how much it has tried")]

mod input;
mod results;
mod times;
mod wire;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

/// The longest time that a case may take.
const CASE: Duration = Duration::from_secs(5);

/// Runs cases for as long as `FUZZ_SECONDS` says.
fn fuzz<S: Strategy>(name: &str, strategy: S, test: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = std::env::var("FUZZ_SECONDS").map_or(1, |text| text.parse().unwrap());
    let begun = Instant::now();
    let (cases, over) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        // A case that never ends cannot fail by itself.
        scope.spawn(|| {
            let mut seen = (0, Instant::now());
            while !over.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(100));
                let count = cases.load(Ordering::Relaxed);
                if count != seen.0 {
                    seen = (count, Instant::now());
                } else if count > 0 && seen.1.elapsed() > 12 * CASE {
                    eprintln!("{name}: case {count} does not end");
                    std::process::abort();
                }
            }
        });
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            while begun.elapsed() < Duration::from_secs(seconds) {
                let config = Config {
                    cases: 200,
                    failure_persistence: None,
                    max_shrink_time: 20_000,
                    ..Config::default()
                };
                let run = TestRunner::new(config).run(&strategy, |value| {
                    cases.fetch_add(1, Ordering::Relaxed);
                    let begun = Instant::now();
                    test(value)?;
                    prop_assert!(begun.elapsed() < CASE, "it took {:?}", begun.elapsed());
                    Ok(())
                });
                run.unwrap_or_else(|failure| panic!("{name}: {failure}"));
            }
        }));
        over.store(true, Ordering::Relaxed);
        if let Err(panic) = ended {
            std::panic::resume_unwind(panic);
        }
    });
    assert!(cases.load(Ordering::Relaxed) > 0);
    eprintln!(
        "{name}: {} cases in {:?}",
        cases.into_inner(),
        begun.elapsed()
    );
}

/// A change of a text's bytes at a place that is a share of its length.
#[derive(Clone, Debug)]
enum Change {
    Drop(f64, usize),
    Put(f64, Vec<u8>),
    Repeat(f64, usize),
    Flip(f64, u8),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = 0.0..1.0_f64;
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..4),
        prop::sample::select(HOSTILE).prop_map(|text| text.as_bytes().to_vec()),
    ];
    let change = prop_oneof![
        (place.clone(), 1..20_usize).prop_map(|(at, count)| Change::Drop(at, count)),
        (place.clone(), bytes).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        (place.clone(), 1..40_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        (place, any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
    ];
    prop::collection::vec(change, 0..5)
}

/// Carries changes out, one after the other.
fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "any place will do"
        )]
        let place = |share: &f64| (bytes.len() as f64 * share) as usize;
        match change {
            Change::Drop(at, count) => {
                let at = place(at);
                let end = bytes.len().min(at + count);
                bytes.drain(at..end);
            }
            Change::Put(at, new) => {
                let at = place(at);
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Repeat(at, count) => {
                let at = place(at);
                let piece = bytes[at..bytes.len().min(at + count)].to_vec();
                bytes.splice(at..at, piece);
            }
            Change::Flip(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old ^= byte;
                }
            }
        }
    }
    bytes
}

/// Pieces that have broken programs like this one.
const HOSTILE: &[&str] = &[
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{85}",
    "\u{9b}31m",
    "\u{ad}",
    "\u{61c}",
    "\u{200b}",
    "\u{202e}",
    "\u{2028}",
    "\u{2029}",
    "\u{3164}",
    "\u{feff}",
    "\u{e0041}",
    "\u{fffd}",
    "\u{ff11}\u{ff10}\u{ff11}",
    "Zoe\u{308}",
    "ß",
    "İ",
    "\u{1f468}\u{200d}\u{1f469}",
    "\"",
    "\"\"",
    "'",
    ";",
    ",",
    "|",
    "\\",
    "<",
    ">",
    "=1+1",
    "-1",
    "+49",
    "@",
    "%",
    "0",
    "00",
    "000201",
    "-0",
    "18446744073709551616",
    "1e400",
    "NaN",
    "9999-12-31",
    "0000-00-00",
    "2026-02-30",
    "03/04/2026",
    "31.12.99",
    "101-100",
    "101-99999",
    "0101-999",
    "24:00",
    "25:61",
    "null",
    "{",
    "}",
    "[",
    "]",
    "res:",
    "id:",
    "<shares:res:1>",
    "KR|",
    "KD|",
    "\u{2}",
    "\u{3}",
];

/// Nothing in a text for people may steer a terminal or turn a line.
fn is_printable(text: &str) -> bool {
    let hides = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}'
            | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
    };
    !text.chars().any(|c| c.is_control() || hides(c))
}

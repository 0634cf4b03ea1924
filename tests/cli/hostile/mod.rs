//! Servers, proxies and settings that misbehave: no key leaves, no command hangs, every end is in words.

mod answers;
mod bounds;
#[cfg(unix)]
mod locked;
mod panics;
mod patience;
mod secrets;
#[cfg(unix)]
mod stopped;
#[cfg(unix)]
mod tls;

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Ran, roomkey};

/// A key that is found nowhere by chance.
const KEY: &str = "seam_testhush_4Gq9ZxW1pLr7TbN2";

/// The tool pointed at a server, with a home of its own.
fn at(url: &str, home: &std::path::Path) -> Command {
    let mut command = roomkey(home);
    command.env("SEAM_ENDPOINT", url).env("SEAM_API_KEY", KEY);
    command
}

/// Runs a command, and fails the test where it takes longer than this, dies of a panic or prints no JSON with `--json`.
#[track_caller]
fn ends_within(seconds: u64, command: &mut Command) -> Ran {
    let begun = Instant::now();
    let ran = Ran::from(command.output().unwrap());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(seconds), "{took:?}: {ran:#?}");
    assert!(ran.code > -1 && ran.code != 101, "{ran:#?}");
    if command.get_args().any(|argument| argument == "--json") {
        ran.json();
    }
    ran
}

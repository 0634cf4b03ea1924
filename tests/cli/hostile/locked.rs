//! A journal that another program has locked: the wait is announced, ends in time, and Ctrl-C ends it at once.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::ends_within;
use crate::home::{exclusive, writing};
use crate::support::{Hotel, Ran, new_home, roomkey};

const ISSUE: [&str; 7] = [
    "issue",
    "--room",
    "101",
    "--guest",
    "jane@example.com",
    "--nights",
    "1",
];

/// Holds the lock under which the journal is opened.
fn opening(home: &Path) -> File {
    let file = File::options().write(true).open(home.join("record.lock"));
    let file = file.unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_locked_journal_is_waited_for_as_long_as_the_caller_says() {
    let home = new_home();
    ends_within(9, roomkey(home.path()).arg("history")).exits(0);
    let journal = home.path().join("record.sqlite3");
    let locks: [&dyn Fn() -> Box<dyn std::any::Any>; 3] = [
        &|| Box::new(opening(home.path())),
        &|| Box::new(exclusive(&journal)),
        &|| Box::new(writing(&journal)),
    ];
    for (index, lock) in locks.into_iter().enumerate() {
        let _held = lock();
        for words in [&["history"][..], &["recover"]] {
            for (timeout, option) in [("0", "--json"), ("1.5", "--json"), ("1.5", "--quiet")] {
                let mut command = roomkey(home.path());
                command.args(words).args(["--timeout", timeout, option]);
                let ran = ends_within(5, &mut command).exits(1);
                let told = ran.told();
                let case = format!("{index} {words:?} {timeout} {option}: {told}");
                assert!(told.contains("is locked by another program"), "{case}");
                assert!(told.contains(&format!("for {timeout} s")), "{case}");
                assert!(told.contains("close the program"), "{case}");
                let announced = told.matches("Waiting for the journal").count();
                let wanted = usize::from(timeout == "1.5" && option != "--quiet");
                assert_eq!(announced, wanted, "{case}");
            }
        }
    }
    ends_within(9, roomkey(home.path()).arg("history")).exits(0);
}

#[test]
fn a_signal_ends_the_wait_for_a_locked_journal_at_once() {
    let hotel = Hotel::open();
    hotel.told(0, "history");
    let journal = hotel.file("record.sqlite3");
    let locks: [&dyn Fn() -> Box<dyn std::any::Any>; 2] =
        [&|| Box::new(opening(hotel.home.path())), &|| {
            Box::new(writing(&journal))
        }];
    for lock in locks {
        let held = lock();
        for (words, signal) in [
            (&["history"][..], "-INT"),
            (&["recover"], "-TERM"),
            (&ISSUE, "-INT"),
            (&ISSUE, "-TERM"),
        ] {
            let (ran, took) = signalled(&hotel, words, signal);
            let ran = ran.exits(130);
            assert!(took < Duration::from_secs(1), "{words:?} {took:?}: {ran:?}");
            let answer = ran.json();
            assert_eq!(answer["error"]["code"], "interrupted", "{answer}");
            let impact = answer["error"]["impact"].to_string();
            assert!(impact.contains("Nothing was changed"), "{answer}");
        }
        drop(held);
        assert_eq!(hotel.writes(), [""; 0]);
        hotel.told(0, "recover");
    }
}

/// Starts a command that will wait for the journal, and signals it once it says so. Returns how long it took to end.
fn signalled(hotel: &Hotel, words: &[&str], signal: &str) -> (Ran, Duration) {
    use std::io::{BufRead as _, BufReader};

    let mut command = hotel.command();
    command.args(words).args(["--json", "--timeout", "60"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut line = String::new();
    let stderr = process.stderr.take().unwrap();
    let mut stderr = BufReader::new(stderr);
    while !line.contains("Waiting for the journal") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "{words:?}");
    }
    let begun = Instant::now();
    let mut kill = Command::new("kill");
    kill.args([signal, &process.id().to_string()])
        .status()
        .unwrap();
    let ran = Ran::from(process.wait_with_output().unwrap());
    (ran, begun.elapsed())
}

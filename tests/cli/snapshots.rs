//! Whole outputs, as a person sees them: stdout and stderr together, at a width of 80 and of 60.
//!
//! The files are in `tests/cli/snapshots/`; the README's picture is `tests/fixtures/session.term.svg`. This command writes
//! them again, and `git diff` shows what has changed:
//!
//! ```sh
//! SNAPSHOTS=overwrite cargo test --test cli snapshots
//! ```

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::{Value, json};
use snapbox::data::DataFormat;
use snapbox::{Assert, Data, IntoData as _};

use crate::recover::{CREATE, GRANT, down, up};
use crate::support::{Hotel, new_home, roomkey, split};

const WIDTHS: [&str; 2] = ["80", "60"];

/// Compares with a file of the project.
#[track_caller]
fn compare(actual: Data, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let assert = Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(actual, Data::read_from(&path, None).raw());
}

/// Replaces what differs from run to run. Ids are replaced by words of the same width, so that tables look as they are.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, word) in [
        (
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "00000000-0000-0000-0000-000000000000",
        ),
        (r"(^|[^+\w-])[0-9a-f]{12}\b", "${1}OPERATION-ID"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"/[^ ]*/\.tmp\w+", "HOME"),
        // The lists are asked for side by side: either may fail first.
        (r"/acs/(systems|entrances)/list", "/acs/systems/list"),
        (
            r"clock is \d+ minutes (behind|ahead of)",
            "clock is N minutes ahead of",
        ),
    ] {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, word).into_owned();
    }
    text
}

/// Runs a command, and returns what a terminal would show: the command, its output and its exit status.
fn shown(mut command: Command, words: &str) -> String {
    let (mut output, both) = std::io::pipe().unwrap();
    command
        .args(split(words))
        .stdin(Stdio::null())
        .stdout(both.try_clone().unwrap())
        .stderr(both);
    let mut process = command.spawn().unwrap();
    drop(command); // It has the other end of the pipe.
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    let code = process.wait().unwrap().code().unwrap();
    let code = if code == 0 {
        String::new()
    } else {
        format!("[exit {code}]\n")
    };
    format!("$ roomkey {words}\n{text}{code}")
}

/// A simulated hotel on the first of December 2026 at three o'clock, and one command after the other there. Its ids and
/// times are the same in each run.
fn at_the_desk(width: &str, color: bool, commands: &[&str]) -> String {
    let home = new_home();
    let control = |words: &str| {
        let mut command = roomkey(home.path());
        let ran = command.args(split(words)).output().unwrap();
        assert!(ran.status.success(), "{words}: {ran:?}");
    };
    control("--sandbox sandbox clock 2026-12-01T14:00:05Z");
    control("--sandbox sandbox reset");
    std::fs::write(
        home.path().join("arrivals.csv"),
        "reservation,guest,email,room,departure\n\
         4711,Alonzo Church,alonzo@example.com,205,2026-12-03\n\
         4711,Haskell Curry,haskell@example.com,205,2026-12-03\n\
         4712,Emmy Noether,emmy@example.com,999,2026-12-04\n",
    )
    .unwrap();
    let mut told = String::new();
    for (minute, words) in commands.iter().enumerate() {
        control(&format!(
            "--sandbox sandbox clock 2026-12-01T14:{minute:02}:05Z"
        ));
        let mut command = roomkey(home.path());
        command
            .current_dir(home.path())
            .env("COLUMNS", width)
            .env("ROOMKEY_SANDBOX", "1");
        if color {
            command.arg("--color=always");
        }
        told += &shown(command, words);
    }
    told
}

/// Runs the same at both widths, side by side.
fn at_both_widths(run: impl Fn(&str) -> String + Sync) -> String {
    let run = &run;
    let told = std::thread::scope(|scope| {
        WIDTHS
            .map(|width| scope.spawn(move || format!("# {width} columns\n\n{}\n", run(width))))
            .map(|thread| thread.join().unwrap())
    });
    told.concat()
}

/// The commands at both widths.
#[track_caller]
fn desk(name: &str, commands: &[&str]) {
    let told = at_both_widths(|width| at_the_desk(width, false, commands));
    let file = format!("tests/cli/snapshots/{name}.txt");
    compare(plain(&told).into_data(), &file);
}

#[test]
fn issue() {
    desk(
        "issue",
        &[
            "issue --guest \"Ada Lovelace <ada@example.com>\" --room 101 --nights 3 --dry-run",
            "issue --guest \"Ada Lovelace <ada@example.com>\" --room 101 --nights 3",
            "issue --guest \"Ada Lovelace <ada@example.com>\" --room 101 --nights 3",
            "issue --guest jane@example.com --room 102-103 --also Gym --nights 1 --json",
            "issue --guest alan@example.com --room 110 --nights 1",
            "issue --guest alan@example.com --room 110 --nights 1 --json",
        ],
    );
}

#[test]
fn return_guest() {
    desk(
        "return-guest",
        &[
            "return-guest --guest barbara@example.com --room 204 --nights 2 --dry-run",
            "return-guest --guest barbara@example.com --room 204 --nights 2",
            "return-guest --guest grace@example.com --room 102 --nights 2",
            "return-guest --guest grace@example.com --room 102 --nights 2 --yes --json",
        ],
    );
}

#[test]
fn join() {
    desk(
        "join",
        &[
            "join --room 110 --guest jane@example.com",
            "join --room 110 --guest jane@example.com --dry-run",
            "join --room 110 --guest jane@example.com --yes",
            "join --room 101 --guest jane@example.com --yes",
        ],
    );
}

#[test]
fn update() {
    desk(
        "update",
        &[
            "update --guest grace@example.com --until +5d --also Pool --dry-run",
            "update --guest grace@example.com --until +5d --also Pool",
            "update --guest grace@example.com --rooms 110,112 --yes",
            "update --guest jane@example.com --nights 2",
        ],
    );
}

#[test]
fn revoke() {
    desk(
        "revoke",
        &[
            "revoke --room 110 --dry-run",
            "revoke --room 110",
            "revoke --room 110 --yes",
            "revoke --room 110 --yes",
        ],
    );
}

#[test]
fn batch() {
    desk(
        "batch",
        &[
            "batch arrivals.csv --dry-run",
            "batch arrivals.csv --yes",
            "batch arrivals.csv --yes --skip-bad",
            "batch arrivals.csv --yes --skip-bad --json",
        ],
    );
}

#[test]
fn what_changes_nothing() {
    desk(
        "show",
        &[
            "keys",
            "keys --room 110",
            "keys --room 110 --json",
            "rooms",
            "guests jan",
            "history",
            "recover",
            "config show",
        ],
    );
}

#[test]
fn mistakes() {
    desk(
        "mistakes",
        &[
            "issue --room 101",
            "issue --guest jane@example.com --room 101 --nights many",
            "isue",
            "issue --guest jane@example.com --room 999 --nights 1",
            "issue --guest \"Jan de Vries\" --room 101 --nights 1",
            "issue --guest nobody@example.com --room 101 --nights 1",
        ],
    );
}

/// A hotel where something fails, at the same time of the same day as at the desk.
fn with_faults(width: &str) -> String {
    let mut hotel = Hotel::open();
    hotel.reading("revoke-all", "grants-and-keys");
    let run = |hotel: &Hotel, words: &str| {
        let mut command = hotel.command();
        command.env("COLUMNS", width);
        shown(command, words)
    };
    let mut told = run(&hotel, "doctor");
    let mut minute = 0;
    let mut then = |hotel: &Hotel, words: &str| {
        let now = format!("2026-12-01T14:{minute:02}:05Z");
        hotel.control("POST", "clock", &json!({ "now": now }));
        minute += 1;
        told += &run(hotel, words);
    };
    let quickly = "--timeout 0.6 --settle 0.2";
    let issue = "issue --room 101 --guest jane@example.com --nights 2";
    down(&hotel, CREATE, 0);
    then(&hotel, &format!("{issue} {quickly}"));
    up(&hotel);
    then(&hotel, issue);
    then(&hotel, "recover");
    then(&hotel, "recover --all");
    let return_guest = "return-guest --room 102 --guest grace@example.com --nights 2 --yes";
    down(&hotel, GRANT, 0);
    then(&hotel, &format!("{return_guest} {quickly}"));
    up(&hotel);
    then(&hotel, "recover --all");
    hotel.fault(&json!({ "path": CREATE, "kind": "never-sync" }));
    then(
        &hotel,
        "issue --room 103 --guest barbara@example.com --nights 1 --wait 0.3",
    );
    hotel.fault(&json!({ "path": "*", "kind": "401", "count": 1000 }));
    then(&hotel, "rooms");
    hotel.control("DELETE", "faults", &Value::Null);
    hotel.close();
    told + &run(&hotel, &format!("rooms {quickly}"))
}

#[test]
fn what_fails() {
    let told = plain(&at_both_widths(with_faults));
    compare(told.into_data(), "tests/cli/snapshots/failures.txt");
}

/// The help of a command, and of all below it.
fn help(words: &str, told: &mut String) {
    let home = new_home();
    let mut at = WIDTHS.map(|width| {
        let mut command = roomkey(home.path());
        command.env("COLUMNS", width);
        shown(command, format!("{words} --help").trim())
    });
    for (width, text) in WIDTHS.into_iter().zip(&at) {
        *told += &format!("# {width} columns\n\n{text}\n");
    }
    let wide = std::mem::take(&mut at[0]);
    let below = wide.split("\nCommands:\n").nth(1).unwrap_or_default();
    let below = below.lines().take_while(|line| !line.is_empty());
    // A description that goes on in the next line is indented further.
    let names = below.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    for name in names.filter(|name| wide.contains(&format!("\n  {name} "))) {
        if name != "help" {
            help(format!("{words} {name}").trim(), told);
        }
    }
}

#[test]
fn the_help_of_every_command() {
    let mut told = String::new();
    help("", &mut told);
    for topic in ["exit-codes", "guests", "times", "profiles"] {
        let home = new_home();
        for width in WIDTHS {
            let mut command = roomkey(home.path());
            command.env("COLUMNS", width);
            let text = shown(command, &format!("help {topic}"));
            told += &format!("# {width} columns\n\n{text}\n");
        }
    }
    compare(told.into_data(), "tests/cli/snapshots/help.txt");
}

#[test]
fn the_readmes_picture() {
    let told = at_the_desk(
        "80",
        true,
        &[
            "issue --guest \"Ada Lovelace <ada@example.com>\" --room 101 --nights 3",
            "join --room 101 --guest jane@example.com --yes",
            "issue --guest alan@example.com --room 110 --nights 1",
        ],
    );
    let file = "tests/fixtures/session.term.svg";
    let picture = Data::text(told).coerce_to(DataFormat::TermSvg);
    compare(picture, file);
    let readme = include_str!("../../README.md");
    assert!(readme.contains(file));
}

//! Every command that an error prints is typed, and does what the error says.
//!
//! Each error is provoked at a hotel of its own; what it prints between backticks is taken as it is printed, filled in
//! where something is left to the person, and run. A command that is printed and not expected here fails the test, and
//! so does a kind of error without a case or a reason.

mod decisions;
mod ends;
mod kinds;
mod lookups;
mod recovery;
mod warnings;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Hotel, commands, split, spread};

/// A way to come to an error, and the commands that it prints.
pub(super) struct Case {
    /// The error's stable word.
    pub(super) kind: &'static str,
    /// Brings a hotel to the error, and returns the answer.
    pub(super) provoke: fn(&mut Hotel) -> Value,
    /// The commands.
    pub(super) typed: &'static [Typed],
}

/// A command that an error prints.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    /// As printed, with `KEY`, `GUEST`, `ID` and `TIME` in place of what differs from run to run.
    pub(super) prints: &'static str,
    /// What a person adds to it.
    pub(super) more: &'static str,
    /// How it ends.
    pub(super) code: i32,
    /// What is true then.
    pub(super) effect: fn(&Hotel, &Value),
}

/// A command that needs nothing more and ends well.
pub(super) const fn as_is(prints: &'static str, effect: fn(&Hotel, &Value)) -> Typed {
    Typed {
        prints,
        more: "",
        code: 0,
        effect,
    }
}

pub(super) fn shows(_: &Hotel, answer: &Value) {
    assert!(answer.is_object() || !answer.as_str().unwrap().is_empty());
}

/// The command with words in place of what differs from run to run.
fn plain(command: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches('"');
        let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if bare.starts_with("id:") {
            "GUEST".to_owned()
        } else if is_hex(bare) && bare.len() == 36 {
            "KEY".to_owned()
        } else if is_hex(bare) && bare.len() == 12 {
            "ID".to_owned()
        } else if bare.len() == 20 && bare.ends_with('Z') {
            "TIME".to_owned()
        } else {
            word.to_owned()
        }
    };
    command.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What a person types where the message leaves it open.
fn filled(hotel: &Hotel, command: &str) -> String {
    let word = |word: &str| match word {
        "…" => String::new(),
        "TEXT" => "Grace".to_owned(),
        "R" => "110".to_owned(),
        "COMMAND" => "issue".to_owned(),
        "OPERATION" => {
            let history = hotel.told(0, "history");
            let id = history["data"]["operations"][0]["operation_id"].as_str();
            let id = id.unwrap();
            id[id.len() - 12..].to_owned()
        }
        word => word.to_owned(),
    };
    command.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// All commands of an answer: those of the hints, and those of the message.
fn printed(answer: &Value) -> Vec<String> {
    let message = serde_json::json!({ "error": { "hint": answer["error"]["message"] } });
    let mut found = commands(answer);
    found.extend(commands(&message));
    found
}

/// Runs the cases, all of them, and fails with those that failed.
fn check<'a>(cases: impl IntoIterator<Item = &'a Case>) {
    let all = cases.into_iter();
    let all: Vec<(&Case, &Typed)> = all
        .flat_map(|case| case.typed.iter().map(move |typed| (case, typed)))
        .collect();
    let (_, failed) = spread(4, &all, || (), |(), (case, typed)| check_one(case, typed));
    let failed = failed.into_iter();
    let failed: Vec<String> = failed
        .map(|(case, typed)| format!("{}: `roomkey {}`", case.kind, typed.prints))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn check_one(case: &Case, typed: &Typed) {
    let mut hotel = Hotel::open();
    let answer = (case.provoke)(&mut hotel);
    let kind = case.kind;
    assert_eq!(answer["error"]["code"], kind, "{answer:#}");
    let printed = printed(&answer);
    let all: BTreeSet<String> = printed.iter().map(|command| plain(command)).collect();
    let expected = case.typed.iter().map(|typed| typed.prints.to_owned());
    assert_eq!(all, expected.collect(), "{kind}: {answer:#}");
    let mut found = printed.iter();
    let command = found
        .find(|command| plain(command) == typed.prints)
        .unwrap();
    let words = format!("{} {}", filled(&hotel, command), typed.more);
    let arguments = split(&words);
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_text = arguments[0] == "help" || arguments.contains(&"--help");
    if !is_text {
        arguments.push("--json");
    }
    let ran = hotel.run(&arguments);
    assert_eq!(ran.code, typed.code, "{kind}: roomkey {words}: {ran:#?}");
    let answer = if is_text {
        Value::String(ran.stdout)
    } else {
        ran.json()
    };
    (typed.effect)(&hotel, &answer);
}

/// Whether a guest has a valid key to exactly this room.
#[track_caller]
pub(super) fn has(hotel: &Hotel, email: &str, room: &str) {
    let live = hotel.live(email);
    let is_it = |key: &Value| key["rooms"] == serde_json::json!([room]) && key["valid"] == true;
    assert!(live.iter().any(is_it), "{email}: {live:#?}");
}

/// Whether a guest has no live key.
#[track_caller]
pub(super) fn has_none(hotel: &Hotel, email: &str) {
    let live = hotel.live(email);
    assert!(live.is_empty(), "{email}: {live:#?}");
}

/// Whether nothing is unfinished.
#[track_caller]
pub(super) fn nothing_open(hotel: &Hotel) {
    hotel.told(0, "recover");
}

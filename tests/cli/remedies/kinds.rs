//! Every kind of error has a case, or a reason why it prints no command of the tool.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The kinds with a case beside this file.
const CASES: &[&str] = &[
    "RoomOccupied",
    "UseUpdate",
    "UseJoin",
    "GuestHasKeyElsewhere",
    "LosesAccess",
    "SeveralStays",
    "CannotJoin",
    "GuestNotReady",
    "Changed",
    "GuestNotFound",
    "KeyNotFound",
    "RoomNotFound",
    "OperationNotFound",
    "Usage",
    "Config",
    "NoApiKey",
    "Io",
    "Failed",
    "BadFile",
    "Displaced",
    "Contested",
    "PartDone",
    "UnknownOutcome",
    "NoAccess",
    "Interrupted",
    "NotConfirmed",
    "Unfinished",
    "RowsNotDone",
];

/// The kinds that print no command of the tool, each with the reason.
const NONE: &[(&str, &str)] = &[
    (
        "Rejected",
        "only the same command with `-v`, or Seam's support, tells more",
    ),
    ("Internal", "it is a mistake of the tool"),
    ("RecordUnavailable", "the disk has to be made writable"),
    (
        "Capacity",
        "the command has to name fewer doors or another format",
    ),
    ("BadRows", "the file has to be corrected"),
    (
        "KeyRefused",
        "the key has to be checked in the Seam Console",
    ),
    (
        "RoomAmbiguous",
        "it names the door that `roomkey rooms` lists; covered with room_not_found, which prints the same",
    ),
    (
        "GuestAmbiguous",
        "it lists the guests; the same command is typed with one of them",
    ),
    (
        "KeyAmbiguous",
        "it lists the keys; the same command is typed with one of them",
    ),
    ("PhoneNotReady", "the guest has to sign in to the app"),
    (
        "NameDiffers",
        "it names the guest to type in the same command; tests/cli/guests.rs types both",
    ),
    (
        "NeedsConfirmation",
        "the same command is typed with `--yes`",
    ),
    ("Declined", "a person has said no"),
    (
        "NotACopy",
        "it lists the copies; tests/cli/answers.rs types one",
    ),
    ("CannotUpdate", "it says what is wrong with the key"),
    (
        "SystemNotFound",
        "the system has to be connected in the Seam Console",
    ),
    (
        "SystemAmbiguous",
        "it lists the systems; the same command is typed with `--system`",
    ),
    (
        "CredentialManagerAmbiguous",
        "it lists the managers; the same command is typed with `--credential-manager`",
    ),
    ("TimeZoneUnknown", "the zone has to be set"),
    (
        "TimeZoneConflict",
        "one of the two zones has to be corrected",
    ),
    ("WrongWorkspace", "another key or profile has to be taken"),
    ("WrongDoors", "another key or profile has to be taken"),
    ("Unreachable", "the network has to be checked"),
    ("SystemDown", "the bridge has to be checked"),
    ("Busy", "it is enough to wait"),
];

/// All source files below a folder, with their text.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

fn kinds_in(text: &str) -> BTreeSet<&str> {
    let found = text.split("Kind::").skip(1);
    found
        .map(|rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

#[test]
fn every_kind_of_error_has_a_case_or_a_reason() {
    let source = include_str!("../../../src/failure.rs");
    let (_, table) = source.split_once("const TABLE").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let all = kinds_in(table);
    assert!(all.len() > 40, "{all:?}");
    let none: BTreeMap<&str, &str> = NONE.iter().copied().collect();
    for kind in &all {
        let ways = usize::from(CASES.contains(kind)) + usize::from(none.contains_key(kind));
        assert_eq!(ways, 1, "{kind} has no case and no reason, or both");
    }
    for kind in CASES.iter().chain(none.keys()) {
        assert!(all.contains(kind), "{kind} is no kind of error");
    }
}

#[test]
fn the_kinds_that_are_said_to_have_a_case_have_one() {
    let cases = [
        include_str!("decisions.rs"),
        include_str!("ends.rs"),
        include_str!("lookups.rs"),
    ]
    .concat();
    for kind in CASES {
        let mut word = String::new();
        for c in kind.chars() {
            if c.is_uppercase() && !word.is_empty() {
                word.push('_');
            }
            word.extend(c.to_lowercase());
        }
        assert!(cases.contains(&format!("kind: \"{word}\"")), "{kind}");
    }
}

/// Whether a command in the source, with `{…}` for what differs, has the form of a command that a test types.
fn is_form_of(printed: &[&str], typed: &[&str]) -> bool {
    match (printed, typed) {
        ([], []) => true,
        ([word, rest @ ..], _) if word.contains('{') => {
            (1..=typed.len()).any(|count| is_form_of(rest, &typed[count..]))
        }
        ([word, rest @ ..], [same, more @ ..]) => word == same && is_form_of(rest, more),
        _ => false,
    }
}

/// All commands that messages print: each is typed by a case, or is listed here with the reason.
#[test]
fn every_command_in_a_message_is_typed_by_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = vec![];
    sources(&root, &mut all);
    let cases = [
        include_str!("decisions.rs"),
        include_str!("ends.rs"),
        include_str!("lookups.rs"),
        include_str!("recovery.rs"),
        // Commands that warnings print.
        include_str!("warnings.rs"),
        include_str!("../bystanders.rs"),
    ]
    .concat();
    let words: Vec<Vec<&str>> = cases
        .split('"')
        .map(|text| text.trim_end_matches('\\').split_whitespace().collect())
        .collect();
    let elsewhere = [
        ("help COMMAND", "for people; the help texts are snapshots"),
        ("help exit-codes", "it is in the help text itself"),
    ];
    let mut seen = 0;
    for (path, text) in &all {
        let text = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in text {
            for printed in line.split('`').skip(1).step_by(2) {
                let Some(command) = printed.strip_prefix("roomkey ") else {
                    continue;
                };
                seen += 1;
                let printed: Vec<&str> = command.split_whitespace().collect();
                let is_typed = words.iter().any(|typed| is_form_of(&printed, typed));
                let is_listed = elsewhere.iter().any(|(listed, _)| *listed == command);
                assert!(is_typed || is_listed, "{path}: `roomkey {command}`");
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

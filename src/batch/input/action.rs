//! The words for what is to be done.

use super::column::plain;
use crate::stay::text::excerpt;
use crate::workflow::plan::Command;

/// Each action with its words as [`plain`] writes them. `new` and `duplicate` are the key types of FIAS and of
/// OPERA's cloud, which also says `remove`, `modify stay` and `room move`.
const WORDS: [(Command, &[&str]); 5] = [
    (Command::Issue, &["issue", "new"]),
    (
        Command::ReturnGuest,
        &["returnguest", "returning", "roommove", "move"],
    ),
    (Command::Join, &["join", "duplicate"]),
    (Command::Update, &["update", "modifystay"]),
    (Command::Revoke, &["revoke", "remove"]),
];

/// Reads an action.
pub(super) fn parse(text: &str) -> Result<Command, String> {
    let word = plain(text);
    WORDS
        .iter()
        .find(|(_, words)| words.contains(&word.as_str()))
        .map(|(action, _)| *action)
        .ok_or_else(|| {
            format!(
                "\"{}\" is not an action; write issue, return-guest, join, update or revoke",
                excerpt(text)
            )
        })
}

/// Words for reservations that need no key, with the one that people are told. `processed` is what Mews
/// calls a guest who has left.
const OVER: [(&str, &[&str]); 3] = [
    ("cancelled", &["cancelled", "canceled", "cxl", "storniert"]),
    ("no-show", &["noshow"]),
    ("checked out", &["checkedout", "processed", "abgereist"]),
];

/// Why a reservation of this status needs no key; nothing where it may need one.
pub(super) fn over(status: &str) -> Option<&'static str> {
    let word = plain(status);
    OVER.iter()
        .find(|(_, words)| words.contains(&word.as_str()))
        .map(|(why, _)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_as_staff_and_systems_write_them() {
        for (text, wanted) in [
            ("issue", Command::Issue),
            ("New", Command::Issue),
            ("RETURN_GUEST", Command::ReturnGuest),
            ("return guest", Command::ReturnGuest),
            ("returning", Command::ReturnGuest),
            ("RoomMove", Command::ReturnGuest),
            ("Duplicate", Command::Join),
            ("ModifyStay", Command::Update),
            ("Remove", Command::Revoke),
        ] {
            assert_eq!(parse(text), Ok(wanted), "{text}");
            assert_eq!(parse(wanted.name()), Ok(wanted));
        }
        assert!(
            parse("open")
                .unwrap_err()
                .contains("issue, return-guest, join, update or revoke")
        );
    }

    #[test]
    fn only_a_stay_that_is_over_is_skipped() {
        for status in [
            "Cancelled",
            "canceled",
            "NO SHOW",
            "no_show",
            "NoShow",
            "CHECKED OUT",
            "checked_out",
            "Processed",
        ] {
            assert!(over(status).is_some(), "{status}");
        }
        for status in [
            "confirmed",
            "in_house",
            "not_confirmed",
            "Started",
            "DUE OUT",
            "",
        ] {
            assert_eq!(over(status), None, "{status}");
        }
    }
}

//! The words for actions and for the status of reservations.

use super::column::plain;
use crate::hotel::text::excerpt;
use crate::operation::plan::Command;

/// The words of each action, in the form that [`plain`] returns. `new` and `duplicate` are the key types of FIAS and
/// of OPERA Cloud, which also has `remove`, `modify stay` and `room move`.
const WORDS: [(Command, &[&str]); 5] = [
    (Command::Issue, &["issue", "new"]),
    (Command::ReturnGuest, &["returnguest", "returning"]),
    (Command::Join, &["join", "duplicate"]),
    (
        Command::Update,
        &["update", "modifystay", "roommove", "move"],
    ),
    (Command::Revoke, &["revoke", "remove"]),
];

/// Returns true if the action is a room move, which also needs the room that the guest leaves.
pub(super) fn is_move(text: &str) -> bool {
    matches!(plain(text).as_str(), "roommove" | "move")
}

/// Reads an action. A room move is an `update`.
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

/// The status of a reservation in the hotel's system, as far as it decides about keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The guest is expected or in the hotel, and gets a key.
    Expected,
    /// The reservation gets no key. The value is the reason, for people.
    Skip(&'static str),
}

/// The words of hotel systems for reservations that get no key, in the form that [`plain`] returns. Each group has the
/// reason that people read. In Mews, `processed` is a guest who has left; `optional`, `requested` and `enquired` are
/// reservations without a confirmation.
const OVER: [(&str, &[&str]); 5] = [
    (
        "cancelled",
        &["cancelled", "canceled", "cancel", "cxl", "storniert"],
    ),
    ("no-show", &["noshow", "nosh", "nichtangereist"]),
    (
        "checked out",
        &[
            "checkedout",
            "checkout",
            "ckot",
            "departed",
            "processed",
            "abgereist",
            "ausgecheckt",
        ],
    ),
    (
        "waiting list",
        &["waitlist", "waitlisted", "wait", "warteliste"],
    ),
    (
        "not confirmed",
        &[
            "prospect",
            "prospected",
            "optional",
            "option",
            "requested",
            "enquired",
            "inquired",
            "tentative",
            "notconfirmed",
            "pending",
        ],
    ),
];

/// The words for guests who are expected or in the hotel, from OPERA, Mews, Cloudbeds, Apaleo and German lists.
const EXPECTED: &[&str] = &[
    "reserved",
    "resv",
    "confirmed",
    "guaranteed",
    "expected",
    "duein",
    "duin",
    "arrival",
    "arriving",
    "arrived",
    "walkin",
    "checkedin",
    "checkin",
    "ckin",
    "inhouse",
    "started",
    "stayover",
    "dueout",
    "duot",
    "pendingcheckout",
    "reserviert",
    "bestätigt",
    "angereist",
    "eingecheckt",
];

/// Reads a status. Returns `None` if the word is not known.
pub(super) fn status(text: &str) -> Option<Status> {
    let word = plain(text);
    if EXPECTED.contains(&word.as_str()) {
        return Some(Status::Expected);
    }
    OVER.iter()
        .find(|(_, words)| words.contains(&word.as_str()))
        .map(|(why, _)| Status::Skip(why))
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
            ("RoomMove", Command::Update),
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
    fn the_words_of_the_systems_are_known_and_others_are_not() {
        for text in [
            "Cancelled",
            "canceled",
            "CANCELLED",
            "NO SHOW",
            "no_show",
            "NoShow",
            "CHECKED OUT",
            "checked_out",
            "Processed",
            "PROSPECT",
            "WAITLIST",
            "Optional",
            "Requested",
            "not_confirmed",
        ] {
            assert!(matches!(status(text), Some(Status::Skip(_))), "{text}");
        }
        for text in [
            "confirmed",
            "in_house",
            "InHouse",
            "Started",
            "CHECKED IN",
            "RESERVED",
            "DUE IN",
            "DUE OUT",
        ] {
            assert_eq!(status(text), Some(Status::Expected), "{text}");
        }
        for text in ["CA", "gone", "1", "6PM HOLD"] {
            assert_eq!(status(text), None, "{text}");
        }
    }
}

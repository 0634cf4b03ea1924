//! The answer to a FIAS key record: `KA`.

use chrono::NaiveDateTime;

use crate::hotel::text::is_unprintable;

/// The longest clear text in an answer, in characters. A desk's screen shows no more.
const LONGEST_TEXT: usize = 40;
/// The longest field that is sent back, in characters. The specification allows 16.
const LONGEST_ECHO: usize = 64;
/// Replaces the number of a room in an answer's text.
const HIDDEN: &str = "***";

/// The fields of a key record that its answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The name of the record: `KR`, `KD` or `KM`.
    pub record: String,
    /// `KC`: the key coder of the request.
    pub coder: Option<String>,
    /// `WS`: the desk's work station.
    pub workstation: Option<String>,
    /// `G#`: the reservation.
    pub reservation: Option<String>,
    /// Rooms that the answer must not name.
    rooms: Vec<String>,
}

impl Request {
    /// Stores the fields of a record, in the form in which they are sent back.
    pub(super) fn new(
        record: &str,
        coder: Option<&str>,
        workstation: Option<&str>,
        reservation: Option<&str>,
        rooms: Vec<String>,
    ) -> Self {
        let echo = |text: &str| clean(text).chars().take(LONGEST_ECHO).collect();
        Self {
            record: record.to_owned(),
            coder: coder.map(echo),
            workstation: workstation.map(echo),
            reservation: reservation.map(echo),
            rooms,
        }
    }
}

/// The status of an answer (`AS`), as far as a key system may send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The request is done, or was done before.
    Ok,
    /// Another desk works on the same room or guest.
    Busy,
    /// Refused: the room has a live key of another stay, or a person must decide.
    Denied,
    /// The night audit runs. roomkey never sends this status.
    NightAudit,
    /// The guest or the room is not known.
    NotFound,
    /// It is not known whether the request was done.
    NoResponse,
    /// The request cannot be done at the moment, and nothing was sent. The same request may be sent again.
    Retry,
    /// The request cannot be done, and would fail again.
    Unprocessable,
}

impl Status {
    /// Returns the two letters of the status.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Busy => "BY",
            Self::Denied => "DN",
            Self::NightAudit => "NA",
            Self::NotFound => "NG",
            Self::NoResponse => "NR",
            Self::Retry => "RY",
            Self::Unprocessable => "UR",
        }
    }
}

/// Returns the answer to a request: `KA|ASOK|KC1|WSDESK1|G#4711|DA261201|TI150000|CTKey is on its way|`. The time is in
/// hotel time. At most 40 characters of `text` are sent, without the numbers of the rooms, because the answer may be
/// shown at any desk.
pub fn answer(request: &Request, status: Status, text: &str, now_local: NaiveDateTime) -> String {
    let mut answer = format!("KA|AS{}|", status.code());
    for (name, value) in [
        ("KC", &request.coder),
        ("WS", &request.workstation),
        ("G#", &request.reservation),
    ] {
        if let Some(value) = value {
            answer += &format!("{name}{value}|");
        }
    }
    answer += &now_local.format("DA%y%m%d|TI%H%M%S|").to_string();
    let text: String = without_rooms(&clean(text), &request.rooms)
        .chars()
        .take(LONGEST_TEXT)
        .collect();
    let text = text.trim();
    if !text.is_empty() {
        answer += &format!("CT{text}|");
    }
    answer
}

/// Returns the text without bars and control characters, which would end the field or the record or could control the
/// terminal.
fn clean(text: &str) -> String {
    let unprintable = |c| c == '|' || is_unprintable(c);
    text.chars()
        .map(|c| if unprintable(c) { ' ' } else { c })
        .collect()
}

/// Replaces the numbers of the rooms with [`HIDDEN`]. Leading zeros make no difference.
fn without_rooms(text: &str, rooms: &[String]) -> String {
    let mut text = text.to_owned();
    for room in rooms.iter().filter(|room| !room.is_empty()) {
        if room.contains(|c: char| !c.is_alphanumeric()) {
            text = text.replace(room.as_str(), HIDDEN);
        }
        text = hide_word(&text, bare(room));
    }
    text
}

/// Replaces a room number that is a word of its own: room 1 is not part of `15`.
fn hide_word(text: &str, room: &str) -> String {
    let mut hidden = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let alone = |c: char| c.is_alphanumeric() == first.is_alphanumeric();
        let end = rest.find(|c| !alone(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_room = first.is_alphanumeric() && bare(word).eq_ignore_ascii_case(room);
        hidden += if is_room { HIDDEN } else { word };
        rest = after;
    }
    hidden
}

/// Returns the number without leading zeros.
fn bare(name: &str) -> &str {
    name.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(rooms: &[&str]) -> Request {
        Request::new(
            "KR",
            Some("1"),
            Some("DESK1"),
            Some("4711"),
            rooms.iter().map(|room| (*room).to_owned()).collect(),
        )
    }

    fn at() -> NaiveDateTime {
        "2026-12-01T15:04:05".parse().unwrap()
    }

    #[test]
    fn an_answer_sends_back_what_came() {
        assert_eq!(
            answer(&request(&["0101"]), Status::Ok, "key sent", at()),
            "KA|ASOK|KC1|WSDESK1|G#4711|DA261201|TI150405|CTkey sent|"
        );
        let bare = Request::new("KD", None, None, None, Vec::new());
        assert_eq!(
            answer(&bare, Status::Unprocessable, "", at()),
            "KA|ASUR|DA261201|TI150405|"
        );
    }

    #[test]
    fn the_text_ends_no_field_and_names_no_room() {
        let text = |rooms: &[&str], text: &str| {
            let sent = answer(&request(rooms), Status::Denied, text, at());
            sent.split("|CT").nth(1).unwrap_or_default().to_owned()
        };
        assert_eq!(
            text(&["0101"], "room 101|has\na key"),
            "room *** has a key|"
        );
        assert_eq!(text(&["101"], "0101, 1010 and 101."), "***, 1010 and ***.|");
        assert_eq!(text(&["12-A"], "12-A is taken"), "*** is taken|");
        assert_eq!(text(&[], &"x".repeat(50)), "x".repeat(40) + "|");
        // If the text were cut first, part of a number could remain.
        assert_eq!(
            text(&["101"], &("y".repeat(38) + " 101")),
            "y".repeat(38) + " *|"
        );
    }

    #[test]
    fn what_comes_back_cannot_end_a_field() {
        let odd = Request::new("KR", Some("1\n"), Some(&"W".repeat(99)), None, Vec::new());
        let sent = answer(&odd, Status::Ok, "", at());
        assert!(sent.starts_with("KA|ASOK|KC1 |WSW"), "{sent}");
        assert_eq!(sent.matches('W').count(), 65);
    }
}

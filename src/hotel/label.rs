//! The label of a key, which the guest's app shows.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::room::{RoomName, collapse};
use super::text::excerpt;

/// The length at which Visionline truncates an expanded label, in characters.
const CUT: usize = 32;
/// The length of a UUID, in characters.
const UUID: usize = 36;
/// The placeholders that Visionline replaces, as its guide lists them.
const PLACEHOLDERS: [&str; 7] = [
    "ROOMNUM",
    "ROOMLIST",
    "ROOMRANGE",
    "SITENAME",
    "CARDNUM",
    "UUID",
    "USERID",
];

/// The template of a label. Visionline first replaces the placeholders and then truncates the result to 32 characters,
/// so the length of the template does not show whether the label fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// The error for a text that cannot be a label.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LabelError {
    /// Nothing was typed.
    #[error("the label is empty; type one such as `{}`", Label::DEFAULT)]
    Empty,
    /// The label contains a tab, a line break or another control character.
    #[error(
        "the label \"{0}\" contains a control character; type it on one line, such as `{default}`",
        default = Label::DEFAULT
    )]
    Control(String),
    /// The label contains a placeholder that Visionline does not have.
    #[error("\"{0}\" is not a placeholder; type one of {known}", known = known())]
    Unknown(String),
    /// The label contains a placeholder with only one of its two `%` signs.
    #[error("the label has {0} with only one % sign; type `%{0}%`")]
    Unbalanced(&'static str),
}

impl Label {
    /// The label of a key if no other is set.
    pub const DEFAULT: &str = "%ROOMNUM% - %SITENAME%";

    /// Returns the template in the form that the API takes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the length of the expanded label in characters if Visionline would truncate it, and `None` otherwise.
    ///
    /// The length is a lower bound. An unknown site name counts as zero characters, and so do placeholders whose
    /// length the guide does not give (`%CARDNUM%`, `%USERID%`).
    pub fn likely_too_long(&self, rooms: &[RoomName], site: Option<&str>) -> Option<usize> {
        let length = parts(&self.0)
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text.chars().count(),
                Part::Placeholder(name) => expanded(name, rooms, site),
            })
            .sum();
        (length > CUT).then_some(length)
    }
}

impl Default for Label {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = LabelError;

    /// Reads a template. Only the placeholders of Visionline's guide are allowed, in capitals. A single `%` is text.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(LabelError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(LabelError::Control(excerpt(text)));
        }
        for part in parts(text) {
            match part {
                Part::Placeholder(name) if !PLACEHOLDERS.contains(&name) => {
                    return Err(LabelError::Unknown(excerpt(&format!("%{name}%"))));
                }
                Part::Text(text) => balanced(text)?,
                Part::Placeholder(_) => {}
            }
        }
        Ok(Self(text.to_owned()))
    }
}

/// A part of a template.
enum Part<'a> {
    Text(&'a str),
    /// The word between two `%` signs, which may be an unknown placeholder.
    Placeholder(&'a str),
}

/// Splits a template into parts. A `%`, one word and another `%` form a placeholder. Any other `%` is text.
fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut text = 0; // where the text begins that is not yet in `parts`
    let mut at = 0;
    while let Some(open) = template[at..].find('%').map(|found| at + found) {
        let word = leading_word(&template[open + 1..]);
        let close = open + 1 + word.len();
        at = open + 1;
        if !word.is_empty() && template[close..].starts_with('%') {
            parts.push(Part::Text(&template[text..open]));
            parts.push(Part::Placeholder(word));
            at = close + 1;
            text = at;
        }
    }
    parts.push(Part::Text(&template[text..]));
    parts
}

fn leading_word(text: &str) -> &str {
    let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
    &text[..end]
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Checks that the text between placeholders contains no placeholder with only one `%` sign.
fn balanced(text: &str) -> Result<(), LabelError> {
    let halved = PLACEHOLDERS.into_iter().find(|name| {
        text.split('%')
            .zip(text.split('%').skip(1))
            .any(|(before, after)| {
                leading_word(after) == *name || before.rsplit(|c| !is_word(c)).next() == Some(*name)
            })
    });
    halved.map_or(Ok(()), |name| Err(LabelError::Unbalanced(name)))
}

/// Returns the length in characters of the text that Visionline inserts for a placeholder.
fn expanded(name: &str, rooms: &[RoomName], site: Option<&str>) -> usize {
    let list = || {
        rooms
            .iter()
            .map(RoomName::as_str)
            .collect::<Vec<_>>()
            .join(",")
    };
    match name {
        "ROOMNUM" => rooms
            .first()
            .map_or(0, |room| room.as_str().chars().count()),
        "ROOMLIST" => list().chars().count(),
        "ROOMRANGE" => collapse(rooms).chars().count(),
        "SITENAME" => site.map_or(0, |site| site.chars().count()),
        "UUID" => UUID,
        _ => 0,
    }
}

/// Lists the placeholders in the form in which they are typed.
fn known() -> String {
    PLACEHOLDERS.map(|name| format!("`%{name}%`")).join(" ")
}

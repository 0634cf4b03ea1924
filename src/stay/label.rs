//! The label that a key carries in the guest's app.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::room::{RoomName, collapse};
use super::text::excerpt;

/// Where Visionline cuts an expanded label, in characters.
const CUT: usize = 32;
/// How long a UUID is, in characters.
const UUID: usize = 36;
/// What Visionline replaces, as its guide lists it.
const PLACEHOLDERS: [&str; 7] = [
    "ROOMNUM",
    "ROOMLIST",
    "ROOMRANGE",
    "SITENAME",
    "CARDNUM",
    "UUID",
    "USERID",
];

/// A label's template. Visionline replaces its placeholders first and cuts the result at 32
/// characters afterwards, so the template's own length proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LabelError {
    /// Nothing was typed.
    #[error("the label is empty; type one such as `{}`", Label::DEFAULT)]
    Empty,
    /// A tab, a line break or the like.
    #[error(
        "the label \"{0}\" contains a control character; type it on one line, such as `{default}`",
        default = Label::DEFAULT
    )]
    Control(String),
    /// A placeholder that Visionline does not have.
    #[error("\"{0}\" is not a placeholder; type one of {known}", known = known())]
    Unknown(String),
    /// A placeholder with only one of its `%` signs.
    #[error("the label has {0} with only one % sign; type `%{0}%`")]
    Unbalanced(&'static str),
}

impl Label {
    /// The label that a key gets where none is asked for.
    pub const DEFAULT: &str = "%ROOMNUM% - %SITENAME%";

    /// The template, as the API takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The expanded length in characters, where Visionline would cut the label.
    ///
    /// It is a lower bound: a site whose name is not known and placeholders whose length the guide
    /// does not tell (`%CARDNUM%`, `%USERID%`) count as nothing.
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

    /// Only the placeholders of Visionline's guide are allowed, in capitals. A lone `%` is text.
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

/// A piece of a template.
enum Part<'a> {
    Text(&'a str),
    /// The word between two `%` signs, known or not.
    Placeholder(&'a str),
}

/// Splits a template. `%`, one word and `%` make a placeholder; every other `%` is text.
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

/// Text between placeholders must not hold one that lost a `%` sign.
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

/// The characters that Visionline puts in a placeholder's stead.
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

/// The placeholders as a clerk types them.
fn known() -> String {
    PLACEHOLDERS.map(|name| format!("`%{name}%`")).join(" ")
}

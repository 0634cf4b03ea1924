//! What no source settles about production, as switches: the tool has to be right under each value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Names with their values, the first being the default.
pub(super) const READINGS: [(&str, &[&str]); 7] = [
    ("replacement", &["guest", "guest-room", "none"]),
    ("label", &["ignored", "rejected"]),
    ("unknown-keys", &["ignored", "rejected"]),
    ("revoke-all", &["grants", "grants-and-keys"]),
    ("doors", &["credential", "user-grants"]),
    ("phone", &["optional", "required"]),
    ("delete", &["async", "sync"]),
];

/// The readings in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings(BTreeMap<String, String>);

/// A name or a value that is none.
#[derive(Debug, thiserror::Error)]
#[error("no reading `{0}`; there are:\n{list}", list = Readings::list())]
pub struct ReadingError(String);

impl Readings {
    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ReadingError> {
        let known = READINGS
            .iter()
            .any(|(n, values)| *n == name && values.contains(&value));
        if !known {
            return Err(ReadingError(format!("{name}={value}")));
        }
        self.0.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Whether this value is in force.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        let default = READINGS
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, values)| values[0]);
        self.0.get(name).map(String::as_str).or(default) == Some(value)
    }

    fn list() -> String {
        let lines = READINGS
            .iter()
            .map(|(name, values)| format!("  {name}={}", values.join("|")));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl std::str::FromStr for Readings {
    type Err = ReadingError;

    /// `NAME=VALUE`.
    fn from_str(text: &str) -> Result<Self, ReadingError> {
        let mut readings = Readings::default();
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| ReadingError(text.to_owned()))?;
        readings.set(name, value)?;
        Ok(readings)
    }
}

impl Extend<Readings> for Readings {
    fn extend<I: IntoIterator<Item = Readings>>(&mut self, more: I) {
        more.into_iter()
            .for_each(|readings| self.0.extend(readings.0));
    }
}

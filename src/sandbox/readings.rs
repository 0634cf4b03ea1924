//! Readings: switches for questions about the real service that no source answers.

use std::fmt;

/// The earlier keys that a guest's new mobile key replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Replacement {
    /// Every earlier mobile key of the guest.
    #[default]
    Guest,
    /// The guest's earlier mobile keys that share a guest door with the new one.
    GuestRoom,
    /// No key.
    None,
}

/// The earlier keys on its guest doors that a new override makes invalid at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Overriding {
    /// Those with windows that overlap that of the new key.
    #[default]
    Overlapping,
    /// All of them.
    All,
    /// None at first. When the new key is used at the door, those with windows that overlap.
    AtFirstUse,
}

/// Which of two overrides is later for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum OverrideOrder {
    /// The one that was issued later.
    #[default]
    Issued,
    /// The one that starts later.
    Start,
}

/// The answers to the questions that the vendor's documentation leaves open.
///
/// The default is the first value of each reading. roomkey must be correct under every value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Readings {
    pub(super) overriding: Overriding,
    pub(super) override_order: OverrideOrder,
    pub(super) replacement: Replacement,
    pub(super) label_rejected: bool,
    pub(super) unknown_keys_rejected: bool,
    pub(super) revoke_all_takes_keys: bool,
    pub(super) user_grants_open_doors: bool,
    pub(super) phone_required: bool,
    pub(super) delete_at_once: bool,
    /// Whether a key lists doors that are neither guest nor common doors in neither of its two lists.
    pub(super) other_doors_unlisted: bool,
}

/// Every reading with its values, the default first.
const READINGS: [(&str, &[&str]); 10] = [
    ("override", &["overlapping", "all", "at-first-use"]),
    ("override-order", &["issued", "start"]),
    ("replacement", &["guest", "guest-room", "none"]),
    ("label", &["ignored", "rejected"]),
    ("unknown-keys", &["ignored", "rejected"]),
    ("revoke-all", &["grants", "grants-and-keys"]),
    ("doors", &["credential", "user-grants"]),
    ("phone", &["optional", "required"]),
    ("delete", &["async", "sync"]),
    ("other-doors", &["common", "unlisted"]),
];

impl Readings {
    /// Sets a reading by the name and the value that people type.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ReadingError> {
        match (name, value) {
            ("override", "overlapping") => self.overriding = Overriding::Overlapping,
            ("override", "all") => self.overriding = Overriding::All,
            ("override", "at-first-use") => self.overriding = Overriding::AtFirstUse,
            ("override-order", "issued") => self.override_order = OverrideOrder::Issued,
            ("override-order", "start") => self.override_order = OverrideOrder::Start,
            ("replacement", "guest") => self.replacement = Replacement::Guest,
            ("replacement", "guest-room") => self.replacement = Replacement::GuestRoom,
            ("replacement", "none") => self.replacement = Replacement::None,
            ("label", "ignored") => self.label_rejected = false,
            ("label", "rejected") => self.label_rejected = true,
            ("unknown-keys", "ignored") => self.unknown_keys_rejected = false,
            ("unknown-keys", "rejected") => self.unknown_keys_rejected = true,
            ("revoke-all", "grants") => self.revoke_all_takes_keys = false,
            ("revoke-all", "grants-and-keys") => self.revoke_all_takes_keys = true,
            ("doors", "credential") => self.user_grants_open_doors = false,
            ("doors", "user-grants") => self.user_grants_open_doors = true,
            ("phone", "optional") => self.phone_required = false,
            ("phone", "required") => self.phone_required = true,
            ("delete", "async") => self.delete_at_once = false,
            ("delete", "sync") => self.delete_at_once = true,
            ("other-doors", "common") => self.other_doors_unlisted = false,
            ("other-doors", "unlisted") => self.other_doors_unlisted = true,
            _ => {
                return Err(ReadingError {
                    name: name.to_owned(),
                    value: value.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// The error for a reading or value that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingError {
    name: String,
    value: String,
}

impl fmt::Display for ReadingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no such reading: {}={}; there are",
            self.name, self.value
        )?;
        for (place, (name, values)) in READINGS.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma} {name}={}", values.join("|"))?;
        }
        Ok(())
    }
}

impl std::error::Error for ReadingError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_value_can_be_set_and_the_first_is_the_default() {
        for (name, values) in READINGS {
            for value in values {
                let mut readings = Readings::default();
                readings.set(name, value).unwrap();
                assert_eq!(
                    readings == Readings::default(),
                    *value == values[0],
                    "{name}={value}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_value_is_told_what_there_is() {
        let said = Readings::default()
            .set("delete", "never")
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("delete=async|sync")
                && said.contains("replacement=guest|guest-room|none"),
            "{said}"
        );
    }
}

//! Types that several objects of the API share. They accept more forms than the schema names.

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Deserializer};

/// An error or a warning on an object. The API may add codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Remark {
    /// The code: `error_code` or `warning_code` in the API.
    #[serde(alias = "error_code", alias = "warning_code", default)]
    pub code: String,
    /// The text, for people.
    #[serde(default)]
    pub message: String,
}

/// A time as the API wrote it. The schema does not declare its form for credentials, so a text that cannot be parsed is
/// kept and is not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// The text as the API wrote it.
    pub raw: String,
    /// The time in UTC, or `None` if the text could not be parsed.
    pub parsed: Option<DateTime<Utc>>,
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(from)?;
        let parsed = DateTime::parse_from_rfc3339(&raw)
            .or_else(|_| DateTime::parse_from_str(&raw, "%Y-%m-%d %H:%M:%S%.f%#z"))
            .ok()
            .map(|at| at.to_utc())
            .filter(|at| (1..10_000).contains(&at.year()));
        Ok(Self { raw, parsed })
    }
}

/// Deserializes a list. `null` gives an empty list.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Serializes a time in UTC with `Z` and milliseconds, a form that every known server accepts.
pub(super) fn zulu<S: serde::Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_every_form_seen_in_the_wild() {
        for text in [
            "2026-11-24T10:00:00Z",
            "2026-11-24T11:00:00.946512+01:00",
            "2026-11-24 10:00:00.000+00",
        ] {
            let at: Timestamp = serde_json::from_value(text.into()).unwrap();
            let second = at.parsed.unwrap_or_else(|| panic!("{text}")).timestamp();
            assert_eq!(second, 1_795_514_400, "{text}");
        }
        // The last one would exceed the range of dates when it is converted to a hotel's zone.
        for text in ["soon", "", "+262142-12-31 23:59:59+00"] {
            let odd: Timestamp = serde_json::from_value(text.into()).unwrap();
            assert_eq!((odd.raw.as_str(), odd.parsed), (text, None));
        }
    }

    #[test]
    fn remarks_carry_either_code() {
        let found: Vec<Remark> = serde_json::from_str(
            r#"[{"error_code":"a","message":"m"},{"warning_code":"b","created_at":"x"},{}]"#,
        )
        .unwrap();
        assert_eq!(
            found.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(),
            ["a", "b", ""]
        );
    }
}

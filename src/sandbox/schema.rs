//! The parameters of a route, and the check of a request against them.

use crate::sandbox::id::Id;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::params::Params;
use super::readings::Readings;
use super::refusal::{Problems, Refusal};

/// One parameter of a route.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
    nullable: bool,
}

/// The form of a parameter.
pub(super) enum Kind {
    /// Text with at least this number of characters.
    Text(usize),
    /// Only decimal digits.
    Digits,
    /// `+` and up to fifteen digits.
    Phone,
    Uuid,
    DateTime,
    Email,
    Bool,
    /// A whole number above zero.
    Count,
    Number,
    Choice(&'static [&'static str]),
    List(&'static Kind),
    Object(&'static [Field]),
    /// Any value, for the metadata of other manufacturers.
    Any,
}

/// Returns a required parameter.
pub(super) const fn req(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: true,
        nullable: false,
    }
}

/// Returns an optional parameter.
pub(super) const fn opt(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
        nullable: false,
    }
}

/// Returns a parameter that may be absent or null.
pub(super) const fn nul(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
        nullable: true,
    }
}

/// Checks `given` against `fields`. The result has only known keys, with values of the right types.
pub(super) fn check(
    fields: &[Field],
    given: Map<String, Value>,
    from_query: bool,
    readings: Readings,
) -> Result<Params, Refusal> {
    let mut check = Check {
        problems: Problems::default(),
        from_query,
        readings,
    };
    let checked = check.object(fields, given, "");
    if check.problems.is_empty() {
        Ok(Params::new(checked))
    } else {
        Err(check.problems.refusal())
    }
}

struct Check {
    problems: Problems,
    from_query: bool,
    readings: Readings,
}

impl Check {
    fn object(
        &mut self,
        fields: &[Field],
        mut given: Map<String, Value>,
        at: &str,
    ) -> Map<String, Value> {
        let mut checked = Map::new();
        for field in fields {
            let path = if at.is_empty() {
                field.name.to_owned()
            } else {
                format!("{at}.{}", field.name)
            };
            match given.remove(field.name) {
                None if field.required => self.problems.add(&path, "Required"),
                None => {}
                Some(Value::Null) if field.nullable => {
                    checked.insert(field.name.to_owned(), Value::Null);
                }
                // A query writes null as an empty value.
                Some(Value::String(text))
                    if self.from_query && field.nullable && text.is_empty() =>
                {
                    checked.insert(field.name.to_owned(), Value::Null);
                }
                Some(value) => {
                    if let Some(value) = self.value(&field.kind, value, &path) {
                        checked.insert(field.name.to_owned(), value);
                    }
                }
            }
        }
        self.leftovers(given, at);
        checked
    }

    /// Checks the keys that no field names.
    fn leftovers(&mut self, mut given: Map<String, Value>, at: &str) {
        if self.from_query {
            given.remove("_strict");
        }
        // `label` is in the vendor's guide and in no schema. A reading decides whether it is accepted.
        if at == "visionline_metadata"
            && given.remove("label").is_some()
            && self.readings.label_rejected
        {
            self.problems
                .add("visionline_metadata.label", "Unrecognized key: 'label'");
        }
        if self.readings.unknown_keys_rejected && !given.is_empty() {
            let keys: Vec<String> = given.keys().map(|key| format!("'{key}'")).collect();
            self.problems.add(
                at,
                format!("Unrecognized key(s) in object: {}", keys.join(", ")),
            );
        }
    }

    fn value(&mut self, kind: &Kind, value: Value, path: &str) -> Option<Value> {
        match kind {
            Kind::Any => Some(value),
            Kind::List(of) => self.list(of, value, path),
            Kind::Object(fields) => match value {
                Value::Object(map) => Some(Value::Object(self.object(fields, map, path))),
                other => self.wrong("object", &other, path),
            },
            Kind::Bool => match &value {
                Value::Bool(_) => Some(value),
                Value::String(text) if self.from_query && text == "true" => Some(Value::Bool(true)),
                Value::String(text) if self.from_query && text == "false" => {
                    Some(Value::Bool(false))
                }
                other => self.wrong("boolean", other, path),
            },
            Kind::Count | Kind::Number => self.number(matches!(kind, Kind::Count), &value, path),
            _ => match value {
                Value::String(text) => self.text(kind, text, path),
                other => self.wrong("string", &other, path),
            },
        }
    }

    fn list(&mut self, of: &Kind, value: Value, path: &str) -> Option<Value> {
        let items = match value {
            Value::Array(items) => items,
            // A query repeats the key for each item, so a list with one item looks like text.
            one @ Value::String(_) if self.from_query => vec![one],
            other => return self.wrong("array", &other, path),
        };
        let checked: Vec<Value> = items
            .into_iter()
            .enumerate()
            .filter_map(|(place, item)| self.value(of, item, &format!("{path}.{place}")))
            .collect();
        Some(Value::Array(checked))
    }

    fn number(&mut self, count: bool, value: &Value, path: &str) -> Option<Value> {
        let number = match value {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) if self.from_query => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            return self.wrong("number", value, path);
        };
        if count && number.as_u64().is_none() && number.as_f64().is_none_or(|n| n > 0.0) {
            self.problems.add(path, "Expected integer, received float");
        } else if count && number.as_u64().unwrap_or(0) == 0 {
            self.problems.add(path, "Number must be greater than 0");
        } else {
            return Some(Value::Number(number));
        }
        None
    }

    fn text(&mut self, kind: &Kind, text: String, path: &str) -> Option<Value> {
        let wrong = match kind {
            Kind::Text(least) => (text.chars().count() < *least)
                .then(|| format!("String must contain at least {least} character(s)")),
            Kind::Digits => (text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| "Invalid".to_owned()),
            Kind::Phone => {
                (!is_phone(&text)).then(|| "Invalid phone number, it must be E.164".to_owned())
            }
            Kind::Uuid => (Id::parse(&text).is_none()).then(|| "Invalid uuid".to_owned()),
            Kind::DateTime => parse_time(&text)
                .is_none()
                .then(|| "Invalid datetime".to_owned()),
            Kind::Email => (!is_email(&text)).then(|| "Invalid email".to_owned()),
            Kind::Choice(choices) => (!choices.contains(&text.as_str())).then(|| {
                format!(
                    "Invalid enum value. Expected '{}', received '{text}'",
                    choices.join("' | '")
                )
            }),
            _ => None,
        };
        match wrong {
            Some(message) => {
                self.problems.add(path, message);
                None
            }
            None => Some(Value::String(text)),
        }
    }

    fn wrong(&mut self, expected: &str, received: &Value, path: &str) -> Option<Value> {
        let received = match received {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        self.problems
            .add(path, format!("Expected {expected}, received {received}"));
        None
    }
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (5..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        let plain = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@' || c == ',')
        };
        plain(local)
            && plain(domain)
            && domain.split('.').count() > 1
            && domain.split('.').all(|part| !part.is_empty())
    })
}

/// Parses a time in the form that the vendor's validator accepts: with `T`, in upper case, with a zone. The seconds and
/// the colon of the offset are optional.
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    if text.as_bytes().get(10) != Some(&b'T') || text.contains('z') {
        return None;
    }
    let formats = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"];
    let text = match text.strip_suffix('Z') {
        Some(bare) => format!("{bare}+00:00"),
        None => text.to_owned(),
    };
    formats
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text, format).ok())
        .map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(given: Value, from_query: bool) -> Result<Params, Value> {
        const FIELDS: &[Field] = &[
            req("id", Kind::Uuid),
            opt("limit", Kind::Count),
            opt("ids", Kind::List(&Kind::Uuid)),
            opt("when", Kind::Object(&[req("starts_at", Kind::DateTime)])),
            nul("search", Kind::Text(1)),
        ];
        let Value::Object(given) = given else {
            panic!("an object")
        };
        check(FIELDS, given, from_query, Readings::default()).map_err(|refusal| refusal.body())
    }

    #[test]
    fn errors_are_a_tree_that_names_the_nested_field() {
        let body = checked(
            json!({ "when": { "starts_at": "2026-01-01 10:40:00.000" }, "limit": 0 }),
            false,
        )
        .unwrap_err();
        let tree = &body["error"]["validation_errors"];
        assert_eq!(tree["id"]["_errors"], json!(["Required"]));
        assert_eq!(
            tree["when"]["starts_at"]["_errors"],
            json!(["Invalid datetime"])
        );
        assert_eq!(
            tree["limit"]["_errors"],
            json!(["Number must be greater than 0"])
        );
        assert_eq!(body["error"]["type"], "invalid_input");
    }

    #[test]
    fn a_query_writes_numbers_and_lists_as_text() {
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        assert!(
            checked(
                json!({ "id": id, "limit": "5", "ids": id, "search": "" }),
                true
            )
            .is_ok()
        );
        assert!(checked(json!({ "id": id, "limit": "5" }), false).is_err());
    }

    #[test]
    fn times_are_taken_as_the_vendor_takes_them() {
        for good in [
            "2026-03-01T10:40:00Z",
            "2026-03-01T10:40:00.123456+02:00",
            "2026-03-01T10:40:00+0200",
            "2026-03-01T10:40Z",
        ] {
            assert!(parse_time(good).is_some(), "{good}");
        }
        for bad in [
            "2026-03-01 10:40:00Z",
            "2026-03-01T10:40:00",
            "2026-03-01",
            "2026-03-01T10:40:00z",
            "2026-02-30T10:40:00Z",
        ] {
            assert!(parse_time(bad).is_none(), "{bad}");
        }
    }
}

//! Parameters of requests: read from a query or a JSON body, and checked against what the schema says.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What a parameter may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Id,
    Ids,
    /// Not empty.
    Text,
    /// Any string, also an empty one.
    Free,
    Texts,
    Email,
    Bool,
    Count,
    Instant,
    Instants,
    OneOf(&'static [&'static str]),
    /// An array of words from a list.
    SomeOf(&'static [&'static str]),
    /// An object with these fields.
    Object(&'static [Param]),
    Any,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: false,
    }
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Param {
    Param {
        name,
        kind,
        required: true,
    }
}

/// Parameters that have been checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Args(Map<String, Value>);

impl Args {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    pub(super) fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_null)
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let items = self
            .0
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub(super) fn count(&self, name: &str) -> Option<usize> {
        usize::try_from(self.0.get(name)?.as_u64()?).ok()
    }

    pub(super) fn instant(&self, name: &str) -> Option<DateTime<Utc>> {
        instant(self.0.get(name)?)
    }

    pub(super) fn object(&self, name: &str) -> Args {
        Args(
            self.0
                .get(name)
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        )
    }
}

/// Complaints, in the form of Zod's tree.
#[derive(Debug, Default)]
pub(super) struct Complaints(BTreeMap<String, String>);

impl Complaints {
    pub(super) fn one(field: &str, text: &str) -> Self {
        Self(BTreeMap::from([(field.to_owned(), text.to_owned())]))
    }

    /// `{"_errors":[], "field":{"_errors":["…"], "nested":{…}}}`.
    pub(super) fn tree(&self) -> Value {
        let mut tree = json!({ "_errors": [] });
        for (field, text) in &self.0 {
            let mut at = &mut tree;
            for part in field.split('.') {
                if at.get(part).is_none() {
                    at[part] = json!({ "_errors": [] });
                }
                at = &mut at[part];
            }
            at["_errors"] = json!([text]);
        }
        tree
    }

    pub(super) fn message(&self) -> String {
        match self.0.iter().next() {
            Some((field, text)) if self.0.len() == 1 => format!("{text} at {field}"),
            _ => format!("{} Input Errors", self.0.len()),
        }
    }
}

/// Checks parameters. Unknown ones are dropped or refused; so is the undocumented `label`.
pub(super) fn check(
    given: Map<String, Value>,
    params: &[Param],
    refuse_unknown: bool,
    refuse_label: bool,
) -> Result<Args, Complaints> {
    let mut found = Complaints::default();
    check_fields(
        &given,
        params,
        "",
        refuse_unknown,
        refuse_label,
        &mut found.0,
    );
    if found.0.is_empty() {
        Ok(Args(given))
    } else {
        Err(found)
    }
}

fn check_fields(
    given: &Map<String, Value>,
    params: &[Param],
    at: &str,
    refuse_unknown: bool,
    refuse_label: bool,
    found: &mut BTreeMap<String, String>,
) {
    let field = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    for param in params {
        match given.get(param.name) {
            None if param.required => {
                found.insert(field(param.name), "Required".to_owned());
            }
            None | Some(Value::Null) => {}
            Some(value) => {
                if let Kind::Object(inner) = param.kind
                    && let Some(value) = value.as_object()
                {
                    check_fields(
                        value,
                        inner,
                        &field(param.name),
                        refuse_unknown,
                        refuse_label,
                        found,
                    );
                } else if let Some(complaint) = complaint(value, param.kind) {
                    found.insert(field(param.name), complaint.to_owned());
                }
            }
        }
    }
    for name in given
        .keys()
        .filter(|name| params.iter().all(|param| param.name != name.as_str()))
    {
        let is_label = at == "visionline_metadata" && name == "label";
        if (is_label && refuse_label) || (!is_label && refuse_unknown) {
            found.insert(field(name), "Unrecognized key".to_owned());
        }
    }
}

fn complaint(value: &Value, kind: Kind) -> Option<&'static str> {
    let text = value.as_str();
    let all = |test: fn(&str) -> bool| {
        value
            .as_array()
            .is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(test)))
    };
    let (fine, complaint) = match kind {
        Kind::Id => (text.is_some_and(is_uuid), "Invalid uuid"),
        Kind::Ids => (all(is_uuid), "Invalid uuid"),
        Kind::Text => (
            text.is_some_and(|text| !text.is_empty()),
            "String must contain at least 1 character(s)",
        ),
        Kind::Free => (text.is_some(), "Expected string"),
        Kind::Texts => (all(|_| true), "Expected array"),
        Kind::Email => (text.is_some_and(is_email), "Invalid email"),
        Kind::Bool => (value.is_boolean(), "Expected boolean"),
        Kind::Count => (
            value.as_u64().is_some_and(|n| n > 0),
            "Number must be greater than 0",
        ),
        Kind::Instant => (instant(value).is_some(), "Invalid datetime"),
        Kind::Instants => (
            all(|text| instant(&text.into()).is_some()),
            "Invalid datetime",
        ),
        Kind::OneOf(words) => (
            text.is_some_and(|text| words.contains(&text)),
            "Invalid enum value",
        ),
        Kind::SomeOf(words) => {
            let known = |item: &Value| item.as_str().is_some_and(|text| words.contains(&text));
            (
                value
                    .as_array()
                    .is_some_and(|items| items.iter().all(known)),
                "Invalid enum value",
            )
        }
        Kind::Object(_) => (false, "Expected object"),
        Kind::Any => (true, ""),
    };
    (!fine).then_some(complaint)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !text.contains(' ')
}

/// What Zod's `datetime({offset: true})` takes: a `T`, and a zone.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    text.contains('T')
        .then(|| DateTime::parse_from_rfc3339(text).ok())
        .flatten()
        .map(|at| at.to_utc())
}

/// The parameters of a query: repeated names are a list, and every value has the kind that its name has.
pub(super) fn from_query(query: &str, params: &[Param]) -> Map<String, Value> {
    let mut found = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, text) = (unescape(name), unescape(text));
        let name = name.trim_end_matches("[]");
        if name == "_strict" {
            continue; // The SDKs add it.
        }
        let kind = params
            .iter()
            .find(|param| param.name == name)
            .map_or(Kind::Any, |param| param.kind);
        let value = match kind {
            Kind::Ids | Kind::Texts | Kind::Instants | Kind::SomeOf(_) => {
                let mut items = match found.remove(name) {
                    Some(Value::Array(items)) => items,
                    _ => vec![],
                };
                items.push(Value::String(text));
                Value::Array(items)
            }
            _ if text.is_empty() => Value::Null,
            Kind::Bool => text.parse().map_or(Value::String(text), Value::Bool),
            Kind::Count => text.parse::<u64>().map_or(Value::String(text), Value::from),
            _ => Value::String(text),
        };
        found.insert(name.to_owned(), value);
    }
    found
}

fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: [Param; 4] = [
        must("a", Kind::Id),
        may("n", Kind::Count),
        may("l", Kind::Texts),
        may("s", Kind::Text),
    ];

    #[test]
    fn queries_carry_lists_numbers_and_escapes() {
        let query = from_query("l=x&l=y%20z&n=5&s=a%2Bb+c&_strict=true", &PARAMS);
        assert_eq!(
            Value::Object(query),
            json!({"l": ["x", "y z"], "n": 5, "s": "a+b c"})
        );
    }

    #[test]
    fn complaints_come_as_a_tree() {
        let given = json!({"n": 0, "zz": 1}).as_object().unwrap().clone();
        let tree = check(given, &PARAMS, true, true).unwrap_err().tree();
        assert_eq!(tree["a"]["_errors"][0], "Required");
        assert_eq!(tree["n"]["_errors"][0], "Number must be greater than 0");
        assert_eq!(tree["zz"]["_errors"][0], "Unrecognized key");
    }
}

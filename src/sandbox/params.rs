//! The parameters of one request.

use crate::sandbox::id::Id;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::schema::parse_time;

/// Parameters that were checked against the fields of their route.
#[derive(Debug)]
pub(super) struct Params(Map<String, Value>);

impl Params {
    pub(super) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn id(&self, name: &str) -> Option<Id> {
        Id::parse(self.text(name)?)
    }

    /// Returns an id that the route requires.
    pub(super) fn need_id(&self, name: &str) -> Result<Id, Refusal> {
        self.id(name)
            .ok_or_else(|| Refusal::field(name, "Required"))
    }

    pub(super) fn ids(&self, name: &str) -> Option<Vec<Id>> {
        let items = self.0.get(name)?.as_array()?;
        Some(
            items
                .iter()
                .filter_map(|item| Id::parse(item.as_str()?))
                .collect(),
        )
    }

    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        Some(
            self.0
                .get(name)?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .collect(),
        )
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub(super) fn count(&self, name: &str) -> Option<usize> {
        usize::try_from(self.0.get(name)?.as_u64()?).ok()
    }

    pub(super) fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        parse_time(self.text(name)?)
    }

    /// Returns a nested object, or an empty one if it is absent.
    pub(super) fn object(&self, name: &str) -> Params {
        Params(
            self.0
                .get(name)
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
        )
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns a hash of the filters, with which a page cursor is only accepted for the same filters.
    pub(super) fn fingerprint(&self) -> u64 {
        let filters = self
            .0
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "page_cursor" | "limit"));
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (name, value) in filters {
            for byte in name.bytes().chain(value.to_string().bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash
    }
}

/// Parses a query string into an object. A repeated key becomes an array.
pub(super) fn from_query(query: &str) -> Map<String, Value> {
    let mut map = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name);
        // Some clients write lists as `name[]`.
        let name = name.strip_suffix("[]").unwrap_or(&name).to_owned();
        let value = Value::String(decode(value));
        match map.get_mut(&name) {
            None => {
                map.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    map
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| {
                std::str::from_utf8(tail.get(..2)?)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            })
            .flatten();
        if let Some(byte) = escaped {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(if first == b'+' { b' ' } else { first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_query_is_decoded_and_repeated_keys_are_a_list() {
        let map = from_query("search=Jan+de%20Vries&id=a&id=b&e=100%&_strict=true");
        assert_eq!(
            Value::Object(map),
            json!({ "search": "Jan de Vries", "id": ["a", "b"], "e": "100%", "_strict": "true" })
        );
    }
}

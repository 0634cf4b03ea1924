//! JSON lines: one object on each line, with the names of the columns as keys.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::{self, Column};
use super::error::InputError;
use super::fields::Fields;
use super::gather::Gather;
use super::source::{Pieces, Source};

/// Reads one object from each line. A line without an object is a bad row.
pub(super) fn read<R: Read>(source: Source<R>, gather: &mut Gather) -> Result<(), InputError> {
    let name = source.name.clone();
    if source.first_byte() == Some(b'[') {
        return Err(InputError::JsonList(name));
    }
    let mut lines = Pieces::new(name, source.into_bytes(), |byte| byte == b'\n');
    while let Some(piece) = lines.next()? {
        if piece.text.trim().is_empty() {
            continue;
        }
        gather.count()?;
        let mut object = Object::default();
        match parse(piece.text, &mut object) {
            Ok(()) => {
                for key in &object.unused {
                    gather.unused(key)?;
                }
                gather.fields(piece.line, &object.fields, object.wrong)?;
            }
            Err(problem) => gather.bad(piece.line, None, vec![problem.into()], None),
        }
    }
    Ok(())
}

/// The content of one object.
#[derive(Default)]
struct Object {
    fields: Fields,
    /// Keys that are not read.
    unused: Vec<String>,
    /// The problems of its keys.
    wrong: Vec<String>,
}

/// Reads a line. The messages of the JSON parser are replaced, because they repeat values.
fn parse(line: &str, object: &mut Object) -> Result<(), String> {
    let mut parser = serde_json::Deserializer::from_str(line);
    let read = Keys(object)
        .deserialize(&mut parser)
        .and_then(|()| parser.end());
    read.map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            "the line is not a JSON object; write one such as `{\"room\":\"101\",\"guest\":\"Jane Doe\",\"nights\":2}`".to_owned()
        }
        serde_json::error::Category::Eof => "the JSON object ends too early; write the whole object on one line".to_owned(),
        _ => format!("the line is not JSON from its character {} on; write one object on it", error.column()),
    })
}

/// Reads the keys of an object, also of a guest's object within a reservation's.
struct Keys<'a>(&'a mut Object);

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match Column::of(&key) {
                Some(column) => map.next_value_seed(Value {
                    column,
                    key,
                    object: &mut *self.0,
                })?,
                None => {
                    // The value is skipped and never stored.
                    map.next_value::<IgnoredAny>()?;
                    self.0.unused.push(key);
                }
            }
        }
        Ok(())
    }
}

/// Reads the value of a key: a text, a number, a list of either, or an object with the names of the guest or the `name`
/// of the room (Apaleo).
struct Value<'a> {
    column: Column,
    key: String,
    object: &'a mut Object,
}

impl Value<'_> {
    fn put(self, text: &str) {
        if self
            .object
            .fields
            .put(self.column, text, column::is_utc(&self.key))
        {
            let problem = format!(
                "\"{}\" is the second key for {}; leave one of them out",
                column::shown(&self.key),
                self.column.name()
            );
            self.object.wrong.push(problem);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text, a number or a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(text);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    /// Reads 101.0 as 101, because spreadsheets have no whole numbers.
    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut texts: Vec<String> = Vec::new();
        loop {
            let mut inner = Object::default();
            let item = Value {
                column: self.column,
                key: String::new(),
                object: &mut inner,
            };
            if list.next_element_seed(item)?.is_none() {
                break;
            }
            texts.extend(inner.fields.get(self.column).map(str::to_owned));
        }
        self.put(&texts.join(";"));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.column == Column::Guest {
            return Keys(self.object).visit_map(map);
        }
        let mut inner = Object::default();
        while let Some(key) = map.next_key::<String>()? {
            if column::plain(&key) == "name" {
                map.next_value_seed(Value {
                    column: self.column,
                    key,
                    object: &mut inner,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let name = inner.fields.get(self.column).unwrap_or_default().to_owned();
        self.put(&name);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(line: &str, column: Column) -> Option<String> {
        let mut object = Object::default();
        parse(line, &mut object).unwrap();
        object.fields.get(column).map(str::to_owned)
    }

    #[test]
    fn texts_numbers_and_lists_are_read() {
        for (line, wanted) in [
            (r#"{"room":"0101"}"#, "0101"),
            (r#"{"room":101}"#, "101"),
            (r#"{"room":101.0}"#, "101"),
            (r#"{"Rooms":[101,"102"]}"#, "101;102"),
            (r#"{"unit":{"id":"MUC-1","name":"101"}}"#, "101"),
            (r#"{"rooms":[{"name":"101"},{"name":"102"}]}"#, "101;102"),
        ] {
            assert_eq!(field(line, Column::Room).as_deref(), Some(wanted), "{line}");
        }
        assert_eq!(field(r#"{"room":null}"#, Column::Room), None);
        assert_eq!(field(r#"{"room":[]}"#, Column::Room), None);
        let guest = r#"{"primaryGuest":{"firstName":"Jane","lastName":"Doe","cvv":123}}"#;
        assert_eq!(field(guest, Column::LastName).as_deref(), Some("Doe"));
    }

    #[test]
    fn what_is_wrong_is_said_without_values() {
        for (line, wanted) in [
            ("\"4111111111111111\"", "not a JSON object"),
            ("[1,2]", "not a JSON object"),
            ("{\"room\":101", "ends too early"),
            ("{\"room\":101} 4111", "not JSON from its character"),
            ("{room:4111111111111111}", "not JSON from its character"),
        ] {
            let said = parse(line, &mut Object::default()).unwrap_err();
            assert!(said.contains(wanted), "{said}");
            assert!(!said.contains("4111"), "{said}");
        }
    }

    #[test]
    fn two_keys_for_one_column_are_told() {
        let mut object = Object::default();
        parse(r#"{"room":"101","unit":"102"}"#, &mut object).unwrap();
        assert_eq!(object.wrong.len(), 1);
    }
}

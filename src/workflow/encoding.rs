//! How plans and fingerprints stand in the journal: versioned, so that an old journal is read and a newer one is
//! refused in words.
//!
//! The golden files in `tests/fixtures/journal/` hold the bytes of every version. A change that alters them is a new
//! version here, never a new golden file for an old one.

use serde_json::{Value, json};
use uuid::Uuid;

use super::plan::{Action, Plan, Ref};

/// The version that is written. The first one had no number; it lacks what is read after the writes.
const VERSION: u64 = 2;

/// The field that holds the version.
const FIELD: &str = "version";

/// Why a plan in the journal cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// A later version of roomkey wrote it.
    #[error("it was written by a newer roomkey (plan version {0}); update this one")]
    Newer(String),
    /// It is damaged.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// Returns a plan as it stands in the journal.
pub fn encode(plan: &Plan) -> Value {
    let mut stored = serde_json::to_value(plan).unwrap_or_default();
    if let Some(fields) = stored.as_object_mut() {
        fields.insert(FIELD.to_owned(), json!(VERSION));
    }
    stored
}

/// Reads a plan from the journal, of this version or an earlier one.
pub fn decode(mut stored: Value) -> Result<Plan, EncodingError> {
    let version = stored
        .as_object_mut()
        .and_then(|fields| fields.remove(FIELD))
        .unwrap_or(json!(1));
    match version.as_u64() {
        Some(1..=VERSION) => serde_json::from_value(stored)
            .map_err(|error| EncodingError::Unreadable(error.to_string())),
        Some(newer) => Err(EncodingError::Newer(newer.to_string())),
        None => Err(EncodingError::Newer(version.to_string())),
    }
}

/// Returns one word for "the same command again": command, system, guests, doors and end. It cannot be reversed, so
/// that no contact stays in the journal for longer than its plan.
pub fn fingerprint(plan: &Plan) -> String {
    let mut parts = vec![json!(plan.command.name()), json!(plan.system)];
    for step in &plan.steps {
        match &step.action {
            Action::CreateGuest(guest) => parts.push(json!(["guest", guest.handle()])),
            Action::CreateKey(spec) => {
                let guest = match &spec.guest {
                    Ref::Known(id) => json!(id),
                    Ref::Step(index) => json!(index),
                };
                let ends_at = spec.window.ends_at.timestamp();
                parts.push(json!(["key", guest, spec.doors, ends_at]));
            }
            Action::DeleteKey(id) => parts.push(json!(["delete", id])),
            _ => {}
        }
    }
    hash(&Value::Array(parts).to_string())
}

/// Returns the fingerprint that the first version wrote for the same plan: an operation that it left open is still
/// recognised.
pub fn first_fingerprint(plan: &Plan) -> String {
    let mut text = format!("{} {}", plan.command.name(), plan.system);
    for step in &plan.steps {
        match &step.action {
            Action::CreateGuest(guest) => text += &format!(" guest {}", guest.handle()),
            Action::CreateKey(spec) => {
                let guest = match &spec.guest {
                    Ref::Known(id) => format!("Known(\"{id}\")"),
                    Ref::Step(index) => format!("Step({index})"),
                };
                let doors: Vec<String> = spec.doors.iter().map(|id| format!("\"{id}\"")).collect();
                let ends_at = spec.window.ends_at.timestamp();
                text += &format!(" key {guest} {{{}}} {ends_at}", doors.join(", "));
            }
            Action::DeleteKey(id) => text += &format!(" delete {id}"),
            _ => {}
        }
    }
    hash(&text)
}

fn hash(text: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = include_str!("../../tests/fixtures/journal/plan-1.json");
    const SECOND: &str = include_str!("../../tests/fixtures/journal/plan-2.json");

    fn read(text: &str) -> Plan {
        decode(serde_json::from_str(text).unwrap()).unwrap()
    }

    /// The text of a file as it would be written today.
    fn written(plan: &Plan) -> String {
        serde_json::to_string_pretty(&encode(plan)).unwrap() + "\n"
    }

    #[test]
    fn a_plan_is_written_as_the_golden_file_holds_it() {
        assert_eq!(written(&read(SECOND)), SECOND);
    }

    #[test]
    fn a_plan_of_the_first_version_is_read() {
        let (first, second) = (read(FIRST), read(SECOND));
        assert_eq!((&first.steps, &first.seen), (&second.steps, &second.seen));
        assert!(first.bystanders.is_empty() && first.arrival.is_none());
    }

    #[test]
    fn a_newer_plan_is_refused_in_words() {
        let mut stored: Value = serde_json::from_str(SECOND).unwrap();
        for newer in [json!(3), json!("three")] {
            stored[FIELD] = newer;
            let error = decode(stored.clone()).unwrap_err().to_string();
            assert!(error.contains("written by a newer roomkey"), "{error}");
        }
        stored[FIELD] = json!(2);
        stored["steps"] = json!("none");
        assert!(matches!(decode(stored), Err(EncodingError::Unreadable(_))));
    }

    #[test]
    fn fingerprints_stay_what_they_are() {
        let plan = read(SECOND);
        assert_eq!(fingerprint(&plan), "4b493787-a0b1-5532-8575-d5b0b8250d41");
        assert_eq!(
            first_fingerprint(&plan),
            "bbbda523-3822-5c66-b603-808f0f6c6c96"
        );
        let mut other = plan.clone();
        other.steps.remove(6);
        assert_ne!(fingerprint(&other), fingerprint(&plan));
    }
}

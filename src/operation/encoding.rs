//! The encoding of plans and fingerprints in the journal. It is versioned: an old journal is read, and a newer one is
//! refused with a clear message.
//!
//! The golden files in `tests/fixtures/journal/` hold the bytes of every version. A change that alters them needs a
//! new version here. The golden file of an old version never changes.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::operation::plan::{Action, Plan, Ref};

/// The version that is written. The first version had no number and does not contain what is read after the writes.
const VERSION: u64 = 2;

/// The name of the field that holds the version.
const FIELD: &str = "version";

/// The reason why a plan in the journal cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// A newer version of roomkey wrote the plan.
    #[error("it was written by a newer roomkey (plan version {0}); update this one")]
    Newer(String),
    /// The plan is damaged.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// Returns a plan as it is written to the journal.
pub fn encode(plan: &Plan) -> Value {
    let mut stored = serde_json::to_value(plan).unwrap_or_default();
    if let Some(fields) = stored.as_object_mut() {
        fields.insert(FIELD.to_owned(), json!(VERSION));
    }
    stored
}

/// Reads a plan from the journal, in the current or an earlier version.
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

/// Returns a hash that is equal for two plans of the same command: same command, system, guests, doors and end. The
/// hash cannot be reversed, so no contact stays in the journal longer than its plan.
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

/// Returns the fingerprint that the first version wrote for the same plan. It identifies operations that the first
/// version left open.
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

    /// Returns the text of a golden file in the current version.
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

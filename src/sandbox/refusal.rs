//! The ways the service says no.

use crate::sandbox::id::Id;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error answer in the vendor's envelope.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    kind: String,
    message: String,
    data: Option<Value>,
    validation: Option<Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: kind.to_owned(),
            message: message.into(),
            data: None,
            validation: None,
        }
    }

    /// A 400 that names no parameter.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_input", message)
    }

    /// A 400 about one parameter; dots separate the levels of nesting.
    pub(super) fn field(path: &str, message: &str) -> Self {
        let mut problems = Problems::default();
        problems.add(path, message);
        problems.refusal()
    }

    /// A 404 for a `thing` (`acs_user`) by its id.
    pub(super) fn missing(thing: &str, id: Id) -> Self {
        let mut data = Map::new();
        data.insert(format!("{thing}_id"), json!(id));
        Self {
            data: Some(Value::Object(data)),
            ..Self::new(
                StatusCode::NOT_FOUND,
                &format!("{thing}_not_found"),
                format!("No {thing} with the id {id}"),
            )
        }
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(super) fn conflict(kind: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, kind, message)
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("type".into(), json!(self.kind));
        error.insert("message".into(), json!(self.message));
        if let Some(data) = &self.data {
            error.insert("data".into(), data.clone());
        }
        if let Some(validation) = &self.validation {
            error.insert("validation_errors".into(), validation.clone());
        }
        json!({ "error": error, "ok": false })
    }
}

/// What is wrong with a request's parameters, gathered before it is refused.
#[derive(Default)]
pub(super) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(super) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push((path.to_owned(), message.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal, with the vendor's tree: every level has `_errors`.
    pub(super) fn refusal(self) -> Refusal {
        let mut tree = json!({ "_errors": [] });
        for (path, message) in &self.0 {
            let mut at = &mut tree;
            for part in path.split('.').filter(|part| !part.is_empty()) {
                if at.get(part).is_none() {
                    at[part] = json!({ "_errors": [] });
                }
                at = &mut at[part];
            }
            if let Some(errors) = at["_errors"].as_array_mut() {
                errors.push(json!(message));
            }
        }
        let told: Vec<String> = self
            .0
            .iter()
            .map(|(path, message)| match path.as_str() {
                "" => message.clone(),
                path => format!("\"{message}\" for \"{path}\""),
            })
            .collect();
        let message = match told.as_slice() {
            [one] => one.clone(),
            many => format!("{} Input Errors: {}", many.len(), many.join(", ")),
        };
        Refusal {
            validation: Some(tree),
            ..Refusal::invalid(message)
        }
    }
}

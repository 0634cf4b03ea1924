//! The errors of the service.

use crate::sandbox::id::Id;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error answer in the vendor's form.
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

    /// Returns a 400 that is about no particular parameter.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_input", message)
    }

    /// Returns a 400 about one parameter. In `path`, dots separate the levels of nesting.
    pub(super) fn field(path: &str, message: &str) -> Self {
        let mut problems = Problems::default();
        problems.add(path, message);
        problems.refusal()
    }

    /// Returns a 404 for an object by its id. `thing` is its kind, such as `acs_user`.
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

    /// Returns the body of the answer.
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

/// The problems of a request's parameters, which are collected before the request is refused.
#[derive(Default)]
pub(super) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(super) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push((path.to_owned(), message.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the refusal. It has the vendor's tree, in which every level has `_errors`.
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

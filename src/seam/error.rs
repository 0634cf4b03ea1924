//! What can go wrong with a call, and the one thing that decides what may be done next: whether the
//! request may have reached the server.

use serde_json::Value;

use super::secret::Secret;
use super::transport::Undelivered;

/// Whether a request may have had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not: it never left, or the server says that it refused it.
    No,
    /// It may have.
    Maybe,
}

/// One complaint about a field of a request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Validation {
    /// The field, nested ones with dots.
    pub field: String,
    /// The complaint.
    pub message: String,
}

/// A failed call.
#[derive(Debug)]
pub struct Error {
    path: String,
    kind: Kind,
    request_id: Option<String>,
    /// An earlier try of the same call may have had its effect.
    earlier: bool,
    pub(super) retry_after: Option<std::time::Duration>,
}

#[derive(Debug)]
enum Kind {
    /// Nothing was sent: the client could not be built, or the request makes no sense.
    Setup(String),
    /// No connection: refused, no such host, TLS.
    Connect(String),
    /// The connection broke while the request or the answer was on its way.
    Broken(String),
    /// No answer in time.
    Timeout,
    /// The API's own error.
    Api {
        status: u16,
        r#type: String,
        message: String,
        validation: Vec<Validation>,
    },
    /// An HTTP error that is not the API's: a proxy, a gateway, a wrong address.
    Http { status: u16, text: String },
    /// A good status with an answer that is not what the schema says.
    Answer(String),
}

impl Error {
    fn new(path: &str, kind: Kind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            request_id: None,
            earlier: false,
            retry_after: None,
        }
    }

    /// Nothing could be sent.
    pub fn setup(text: impl Into<String>) -> Self {
        Self::new("", Kind::Setup(text.into()))
    }

    /// The answer lacks a field without which nothing can be done.
    pub fn missing(field: &str, path: &str) -> Self {
        Self::new(path, Kind::Answer(format!("the answer has no `{field}`")))
    }

    pub(super) fn timeout(path: &str) -> Self {
        Self::new(path, Kind::Timeout)
    }

    pub(super) fn answer(path: &str, text: String, request_id: Option<String>) -> Self {
        Self {
            request_id,
            ..Self::new(path, Kind::Answer(text))
        }
    }

    pub(super) fn undelivered(path: &str, problem: Undelivered) -> Self {
        let kind = match problem {
            Undelivered::Setup(text) => Kind::Setup(text),
            Undelivered::Refused(text) => Kind::Connect(text),
            Undelivered::Broken(text) => Kind::Broken(text),
            Undelivered::Timeout => Kind::Timeout,
        };
        Self::new(path, kind)
    }

    /// The server has asked everybody to wait for longer than this call may take: it is not sent.
    pub(super) fn busy(path: &str, held: std::time::Duration) -> Self {
        let text = format!(
            "the server has asked to wait for {} more seconds",
            held.as_secs()
        );
        let kind = Kind::Http { status: 429, text };
        Self {
            retry_after: Some(held),
            ..Self::new(path, kind)
        }
    }

    /// An answer with a bad status. The API's own errors are JSON with `error.type` and `error.message`;
    /// anything else is somebody else's.
    pub(super) fn refused(
        path: &str,
        status: u16,
        body: &[u8],
        request_id: Option<String>,
        key: &Secret,
    ) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let error = json.as_ref().and_then(|json| json.get("error"));
        let text = |name: &str| {
            error
                .and_then(|error| error.get(name))
                .and_then(Value::as_str)
        };
        let kind = match (text("type"), text("message")) {
            (Some(r#type), Some(message)) => {
                let mut validation = vec![];
                if let Some(tree) = error.and_then(|error| error.get("validation_errors")) {
                    complaints(tree, "", &mut validation);
                }
                for complaint in &mut validation {
                    complaint.message = told(&complaint.message, key);
                }
                Kind::Api {
                    status,
                    r#type: r#type.to_owned(),
                    message: told(message, key),
                    validation,
                }
            }
            _ => {
                let text: String = String::from_utf8_lossy(body).chars().take(200).collect();
                Kind::Http {
                    status,
                    text: told(text.trim(), key),
                }
            }
        };
        Self {
            request_id,
            ..Self::new(path, kind)
        }
    }

    pub(super) fn after(mut self, earlier: bool) -> Self {
        self.earlier |= earlier;
        self
    }

    /// Whether the request may have had its effect.
    pub fn sent(&self) -> Sent {
        let this = match &self.kind {
            Kind::Setup(_) | Kind::Connect(_) => Sent::No,
            Kind::Broken(_) | Kind::Timeout | Kind::Answer(_) => Sent::Maybe,
            // 408 and 499 tell of a request that was cut off somewhere on its way.
            Kind::Api { status, .. } | Kind::Http { status, .. } => match status {
                408 | 499 | 500.. => Sent::Maybe,
                _ => Sent::No,
            },
        };
        if self.earlier { Sent::Maybe } else { this }
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            Kind::Api { status, .. } | Kind::Http { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Seam's `seam-request-id`, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The path that was called; empty where none was.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Complaints about single fields.
    pub fn validation(&self) -> &[Validation] {
        match &self.kind {
            Kind::Api { validation, .. } => validation,
            _ => &[],
        }
    }

    /// Returns whether the API says that there is no such object: a 404 of its own, or a 400 whose type ends in
    /// `_not_found`. A 404 that is not the API's own means that there is no such address.
    pub fn is_not_found(&self) -> bool {
        match &self.kind {
            Kind::Api { status: 404, .. } => true,
            Kind::Api {
                status: 400,
                r#type,
                ..
            } => r#type.ends_with("_not_found"),
            _ => false,
        }
    }

    /// Returns whether the API says that an id cannot be one: a 400 that complains about nothing but ids. Ids are
    /// UUIDs in the vendor's schema.
    pub fn is_malformed_id(&self) -> bool {
        match &self.kind {
            Kind::Api {
                status: 400,
                r#type,
                validation,
                ..
            } => {
                !r#type.ends_with("_not_found")
                    && !validation.is_empty()
                    && validation.iter().all(|v| v.field.ends_with("_id"))
            }
            _ => false,
        }
    }

    /// The API complains about this field.
    pub fn names_field(&self, name: &str) -> bool {
        match &self.kind {
            Kind::Api {
                status: 400,
                message,
                validation,
                ..
            } => {
                validation
                    .iter()
                    .any(|v| v.field.rsplit('.').next() == Some(name))
                    || message
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|word| word == name)
            }
            _ => false,
        }
    }

    /// The API key is not accepted, or may not do this.
    pub fn is_denied(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }

    /// Nobody is there, or nobody who could answer now.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.kind, Kind::Connect(_)) || self.is_transient()
    }

    /// Nobody answered the door.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.kind, Kind::Connect(_))
    }

    /// It may be over soon. A redirect or an answer out of shape will not be.
    pub(super) fn is_transient(&self) -> bool {
        match &self.kind {
            Kind::Connect(_) | Kind::Broken(_) | Kind::Timeout => true,
            Kind::Api { status, .. } | Kind::Http { status, .. } => {
                matches!(status, 408 | 425 | 429 | 499 | 500..)
            }
            Kind::Setup(_) | Kind::Answer(_) => false,
        }
    }

    /// Too many requests.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    #[cfg(test)]
    pub(super) fn status_for_test(status: u16) -> Self {
        Self::refused("/x", status, b"", None, &Secret::new("k"))
    }

    #[cfg(test)]
    pub(super) fn refused_for_test() -> Self {
        Self::new("/x", Kind::Connect("refused".to_owned()))
    }
}

impl std::error::Error for Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = &self.path;
        match &self.kind {
            Kind::Setup(text) => f.write_str(text),
            Kind::Connect(text) => write!(f, "no connection for {path}: {text}"),
            Kind::Broken(text) => write!(f, "the connection broke during {path}: {text}"),
            Kind::Timeout => write!(f, "no answer from {path} in time"),
            Kind::Api {
                status,
                r#type,
                message,
                validation,
            } => {
                write!(f, "{path} answered {status} {type}: {message}")?;
                validation
                    .iter()
                    .try_for_each(|v| write!(f, "; {}: {}", v.field, v.message))
            }
            Kind::Http { status, text } if text.is_empty() || text.starts_with(['<', '{']) => {
                write!(f, "{path} answered {status}, and not in the API's form")
            }
            Kind::Http { status, text } => write!(f, "{path} answered {status}: {text}"),
            Kind::Answer(text) => write!(f, "{path} answered something unexpected: {text}"),
        }
    }
}

/// A server's text as it may be told: without the API key, and without the request that it may repeat, which
/// names a guest.
fn told(text: &str, key: &Secret) -> String {
    let text = key.scrub(text);
    match text.split_once('{') {
        None => text,
        Some((before, _)) => format!("{before}{{…}}"),
    }
}

/// Flattens a Zod tree: `{"_errors":[…], "field":{"_errors":[…], "nested":{…}}}`.
fn complaints(tree: &Value, at: &str, found: &mut Vec<Validation>) {
    let Some(tree) = tree.as_object() else { return };
    for (name, inner) in tree {
        if name == "_errors" {
            let texts = inner
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            found.extend(texts.map(|text| Validation {
                field: at.to_owned(),
                message: text.to_owned(),
            }));
        } else {
            let field = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            complaints(inner, &field, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(status: u16, body: &str) -> Error {
        Error::refused("/x", status, body.as_bytes(), None, &Secret::new("seam_k"))
    }

    #[test]
    fn nested_complaints_are_flattened_and_found_by_name() {
        let error = api(
            400,
            r#"{"error":{"type":"invalid_input","message":"bad","validation_errors":
                {"_errors":[],"visionline_metadata":{"_errors":[],"label":{"_errors":["Unrecognized"]}}}}}"#,
        );
        assert_eq!(error.validation()[0].field, "visionline_metadata.label");
        assert!(error.names_field("label"));
        assert!(!error.names_field("override"));
        assert_eq!(error.sent(), Sent::No);
    }

    #[test]
    fn only_the_apis_own_404_means_gone() {
        assert!(
            api(
                404,
                r#"{"error":{"type":"acs_user_not_found","message":"no"}}"#
            )
            .is_not_found()
        );
        assert!(
            api(
                400,
                r#"{"error":{"type":"user_identity_not_found","message":"no"}}"#
            )
            .is_not_found()
        );
        assert!(!api(404, "404").is_not_found());
        assert!(!api(404, "<html>no such page</html>").is_not_found());
    }

    #[test]
    fn a_malformed_id_is_not_an_object_that_is_gone() {
        let named = |field: &str| {
            api(
                400,
                &format!(
                    r#"{{"error":{{"type":"invalid_input","message":"bad","validation_errors":{{"{field}":{{"_errors":["Invalid uuid"]}}}}}}}}"#
                ),
            )
        };
        let malformed = named("acs_credential_id");
        assert!(malformed.is_malformed_id() && !malformed.is_not_found());
        assert!(!named("ends_at").is_malformed_id());
        let gone = api(404, r#"{"error":{"type":"x_not_found","message":"no"}}"#);
        assert!(gone.is_not_found() && !gone.is_malformed_id());
    }

    #[test]
    fn what_may_have_run_is_told_from_what_did_not() {
        for status in [400, 401, 403, 404, 409, 429] {
            assert_eq!(api(status, "").sent(), Sent::No, "{status}");
        }
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(api(status, "").sent(), Sent::Maybe, "{status}");
        }
        assert_eq!(Error::refused_for_test().sent(), Sent::No);
        assert_eq!(
            Error::refused_for_test().after(true).sent(),
            Sent::Maybe,
            "an earlier try counts"
        );
        assert_eq!(Error::timeout("/x").sent(), Sent::Maybe);
    }

    #[test]
    fn an_echoed_request_does_not_come_through() {
        let error = api(
            500,
            r#"{"error":{"type":"x","message":"bad request {\"full_name\":\"Ada\"}"}}"#,
        );
        assert!(error.to_string().contains("bad request") && !error.to_string().contains("Ada"));
        let gateway = api(502, r#"{"request":{"full_name":"Ada"}}"#).to_string();
        assert!(
            gateway.contains("502") && !gateway.contains("Ada"),
            "{gateway}"
        );
    }

    #[test]
    fn an_echoed_key_does_not_come_through() {
        let error = api(
            401,
            r#"{"error":{"type":"unauthorized","message":"no key seam_k"}}"#,
        );
        assert!(!error.to_string().contains("seam_k"));
        assert!(
            !api(502, "proxy: Bearer seam_k")
                .to_string()
                .contains("seam_k")
        );
    }
}

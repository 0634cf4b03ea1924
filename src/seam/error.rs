//! The error of a failed call.
//!
//! The most important property of an error is [`Error::sent`]: whether the request may have reached the server. It
//! decides what a command may do next.

use std::time::Duration;

use serde_json::Value;

use super::transport::Undelivered;

/// Whether a request may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It did not take effect: it never left this machine, or the server refused it.
    No,
    /// It may have taken effect.
    Maybe,
}

/// One complaint of the API about a field of a request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Validation {
    /// The name of the field. A nested field has the names above it too, joined with dots.
    pub field: String,
    /// The complaint.
    pub message: String,
}

/// The error of a failed call.
#[derive(Debug)]
pub struct Error {
    path: String,
    kind: Kind,
    request_id: Option<String>,
    /// True if an earlier try of the same call may have taken effect.
    earlier: bool,
    pub(super) retry_after: Option<Duration>,
}

#[derive(Debug)]
enum Kind {
    /// Nothing was sent, because the client could not be built or the request is not valid.
    Setup(String),
    /// There was no connection: refused, unknown host, or TLS.
    Connect(String),
    /// The connection broke while the request or the answer was on its way.
    Broken(String),
    /// No answer arrived in time.
    Timeout,
    /// An error that the API itself reported.
    Api {
        status: u16,
        r#type: String,
        message: String,
        validation: Vec<Validation>,
    },
    /// An HTTP error that did not come from the API but from a proxy, a gateway or a wrong address.
    Http { status: u16, text: String },
    /// A successful status with an answer that does not follow the schema.
    Answer(String),
    /// The answer exceeds a limit of this client. The text names the limit and the setting that raises it.
    Bound(String),
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

    /// Returns the error for a request that could not be sent.
    pub fn setup(text: impl Into<String>) -> Self {
        Self::new("", Kind::Setup(text.into()))
    }

    /// Returns the error for an answer that lacks a required field.
    pub fn missing(field: &str, path: &str) -> Self {
        Self::new(path, Kind::Answer(format!("the answer has no `{field}`")))
    }

    /// Returns the error for a request whose effect cannot be told from what was read since.
    pub fn unclear(path: &str, text: &str) -> Self {
        Self::new(path, Kind::Answer(text.to_owned()))
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

    /// Returns the error for an answer or a list that exceeds a limit. `setting` raises the limit.
    pub(super) fn bound(path: &str, what: &str, setting: &str) -> Self {
        let text = format!(
            "{what}; if this is correct, raise the limit with `{setting}` in the hotel's profile (`roomkey help profiles`)"
        );
        Self::new(path, Kind::Bound(text))
    }

    pub(super) fn undelivered(path: &str, problem: Undelivered) -> Self {
        let kind = match problem {
            Undelivered::Setup(text) => Kind::Setup(text),
            Undelivered::Refused(text) => Kind::Connect(text),
            Undelivered::Broken(text) => Kind::Broken(text),
            Undelivered::Timeout => Kind::Timeout,
            Undelivered::TooLarge(limit) => {
                let what = format!("the answer has more than {} MiB", limit >> 20);
                return Self::bound(path, &what, "answer_mib");
            }
        };
        Self::new(path, kind)
    }

    /// Returns the error for a request that was not sent, because the server asked all requests to wait for longer than
    /// this call may take.
    pub(super) fn busy(path: &str, held: Duration) -> Self {
        let text = "too many requests".to_owned();
        let kind = Kind::Http { status: 429, text };
        Self {
            retry_after: Some(held),
            ..Self::new(path, kind)
        }
    }

    /// Returns the error for an answer with an error status. The API's own errors are JSON with `error.type` and
    /// `error.message`. Any other body came from a proxy, a gateway or another server.
    pub(super) fn refused(
        path: &str,
        status: u16,
        body: &[u8],
        request_id: Option<String>,
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
                Kind::Api {
                    status,
                    r#type: cut(r#type, LONGEST_WORD),
                    message: describe(message),
                    validation,
                }
            }
            _ => {
                let text = cut(String::from_utf8_lossy(body).trim(), 200);
                Kind::Http {
                    status,
                    text: describe(&text),
                }
            }
        };
        Self {
            request_id,
            ..Self::new(path, kind)
        }
    }

    pub(crate) fn after(mut self, earlier: bool) -> Self {
        self.earlier |= earlier;
        self
    }

    /// Returns whether the request may have taken effect.
    pub fn sent(&self) -> Sent {
        let this = match &self.kind {
            Kind::Setup(_) | Kind::Connect(_) => Sent::No,
            Kind::Broken(_) | Kind::Timeout | Kind::Answer(_) | Kind::Bound(_) => Sent::Maybe,
            // 408 and 499 mean that the request was cut off on its way. 101 is not an answer to the request.
            Kind::Api { status, .. } | Kind::Http { status, .. } => match status {
                ..300 | 408 | 499 | 500.. => Sent::Maybe,
                _ => Sent::No,
            },
        };
        if self.earlier { Sent::Maybe } else { this }
    }

    /// Returns the HTTP status, or `None` if no answer arrived.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            Kind::Api { status, .. } | Kind::Http { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns the `seam-request-id`, with which Seam's support can find the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the path of the endpoint, or an empty text if no endpoint was called.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the API's complaints about single fields.
    pub fn validation(&self) -> &[Validation] {
        match &self.kind {
            Kind::Api { validation, .. } => validation,
            _ => &[],
        }
    }

    /// Returns true if the API reports that the object does not exist: its own 404, or a 400 whose type ends in
    /// `_not_found`. A 404 in another form means that the address is wrong.
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

    /// Returns true if the API reports that an id has the wrong form: a 400 that complains only about ids. In the
    /// vendor's schema ids are UUIDs.
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

    /// Returns true if the API complains about this field.
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

    /// Returns true if the API does not accept the key, or the key lacks the right to make this call.
    pub fn is_denied(&self) -> bool {
        matches!(self.status(), Some(401 | 403))
    }

    /// Returns true if there was no connection, or if the server could not answer at that moment.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.kind, Kind::Connect(_)) || self.is_transient()
    }

    /// Returns true if there was no connection.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.kind, Kind::Connect(_))
    }

    /// Returns true if a later try may succeed. This is not so for a redirect or an answer that cannot be decoded.
    pub(super) fn is_transient(&self) -> bool {
        match &self.kind {
            Kind::Connect(_) | Kind::Broken(_) | Kind::Timeout => true,
            Kind::Api { status, .. } | Kind::Http { status, .. } => {
                matches!(status, 408 | 425 | 429 | 499 | 500..)
            }
            Kind::Setup(_) | Kind::Answer(_) | Kind::Bound(_) => false,
        }
    }

    /// Returns true if no request could be sent, because the connection could not be set up.
    pub fn is_setup(&self) -> bool {
        matches!(self.kind, Kind::Setup(_))
    }

    /// Returns true if the answer exceeds a limit of this client.
    pub fn is_bound(&self) -> bool {
        matches!(self.kind, Kind::Bound(_))
    }

    /// Returns true if the server received too many requests (429).
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(429)
    }

    /// Returns how long the server has asked to wait before the next request.
    pub fn asked_to_wait(&self) -> Option<Duration> {
        self.retry_after.filter(|_| self.is_transient())
    }

    #[cfg(test)]
    pub(super) fn status_for_test(status: u16) -> Self {
        Self::refused("/x", status, b"", None)
    }

    #[cfg(test)]
    pub(super) fn refused_for_test() -> Self {
        Self::new("/x", Kind::Connect("refused".to_owned()))
    }
}

impl std::error::Error for Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.reason(f)?;
        match self.asked_to_wait() {
            Some(wait) => write!(f, "; it asks to wait for {}", in_words(wait)),
            None => Ok(()),
        }
    }
}

/// Returns a duration for people to read, rounded up.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0));
    match seconds {
        1 => "1 second".to_owned(),
        0..=120 => format!("{seconds} seconds"),
        121..=7200 => format!("{} minutes", seconds.div_ceil(60)),
        7201..=172_800 => format!("{} hours", seconds.div_ceil(3600)),
        172_801..=3_153_600_000 => format!("{} days", seconds.div_ceil(86_400)),
        _ => "more than 100 years".to_owned(),
    }
}

impl Error {
    /// Writes what happened.
    fn reason(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
                write!(
                    f,
                    "{path} answered {status} in a form that the API does not use"
                )
            }
            Kind::Http { status, text } => write!(f, "{path} answered {status}: {text}"),
            Kind::Answer(text) => write!(f, "{path} answered something unexpected: {text}"),
            Kind::Bound(text) => write!(f, "{path}: {text}"),
        }
    }
}

/// The maximum length of a sentence from a server, in characters.
const LONGEST_TEXT: usize = 500;

/// The maximum length of a word from a server, such as the name of a field, in characters.
const LONGEST_WORD: usize = 100;

/// The maximum number of complaints about fields.
const MOST_COMPLAINTS: usize = 20;

/// Returns a server's text for people to read. It is cut to a few lines. A copy of the request in it is left out,
/// because the request names a guest.
fn describe(text: &str) -> String {
    match text.split_once('{') {
        None => cut(text, LONGEST_TEXT),
        Some((before, _)) => format!("{}{{…}}", cut(before, LONGEST_TEXT)),
    }
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Flattens the API's tree of complaints (from the library Zod): `{"_errors":[…], "field":{"_errors":[…],
/// "nested":{…}}}`.
fn complaints(tree: &Value, at: &str, found: &mut Vec<Validation>) {
    let Some(tree) = tree.as_object() else { return };
    for (name, inner) in tree {
        if found.len() >= MOST_COMPLAINTS {
            return;
        }
        if name == "_errors" {
            let texts = inner
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let room = MOST_COMPLAINTS - found.len();
            found.extend(texts.take(room).map(|text| Validation {
                field: at.to_owned(),
                message: describe(text),
            }));
        } else {
            let field = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            complaints(inner, &cut(&field, LONGEST_WORD), found);
        }
    }
}

#[cfg(test)]
mod tests;

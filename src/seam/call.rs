//! The types of a call: the endpoint, the limits, the answer, and the trace of each try.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::retry::Class;

/// An endpoint of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The path. roomkey sends every request as a `POST` with a JSON body, which every endpoint accepts (vendor's
    /// schema).
    pub path: &'static str,
    /// What happens if the request is sent again.
    pub class: Class,
    /// Whether a second request may be sent while the first one is still without an answer.
    pub(super) is_hedged: bool,
}

impl Operation {
    pub(super) const fn new(path: &'static str, class: Class) -> Self {
        Self {
            path,
            class,
            is_hedged: !matches!(class, Class::Create),
        }
    }

    /// Returns the same endpoint with at most one request of a call in flight. For writes that do harm if they arrive
    /// late, after the writes that follow them.
    pub(super) const fn one_at_a_time(self) -> Self {
        Self {
            is_hedged: false,
            ..self
        }
    }
}

/// The answer to a successful call.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// The decoded value.
    pub value: T,
    /// The header `seam-request-id`.
    pub request_id: Option<String>,
    /// The server's time, UTC.
    pub date: Option<DateTime<Utc>>,
}

/// The limits on time and size that a client keeps.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long one call with all its tries may take.
    pub call: Duration,
    /// How long one call may additionally wait while the server answers that it is too busy (429). Zero means that this
    /// waiting counts towards `call`.
    pub busy: Duration,
    /// The maximum number of requests in flight.
    pub in_flight: u32,
    /// The maximum size of an answer, in bytes.
    pub answer: u64,
    /// The maximum number of pages in a list.
    pub pages: usize,
    /// The maximum size of a list with all its pages, in bytes.
    pub list_size: u64,
    /// How long a list with all its pages may take. If `busy` is longer, `busy` applies.
    pub list: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(30),
            busy: Duration::ZERO,
            in_flight: 16,
            answer: 64 << 20,
            pages: 2000,
            list_size: 512 << 20,
            list: Duration::from_secs(300),
        }
    }
}

/// One try of one call, for the trace that `-v` prints. It contains no bodies, because they name guests.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The path of the endpoint.
    pub path: &'a str,
    /// The HTTP status, or `None` if no answer arrived.
    pub status: Option<u16>,
    /// The reason of a failure.
    pub problem: Option<String>,
    /// How long the try took.
    pub took: Duration,
    /// The header `seam-request-id`.
    pub request_id: Option<&'a str>,
}

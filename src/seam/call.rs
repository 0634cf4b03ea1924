//! What a call is: the endpoint, its bounds, its answer, and what is told of each try.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::retry::Class;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its path; always sent as `POST` with a JSON body, which every endpoint takes (schema).
    pub path: &'static str,
    /// What repeating it does.
    pub class: Class,
    /// Whether a second request may be sent while the first is still on its way.
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

    /// The same endpoint, with one request on its way at a time. For writes that would do harm if they arrived late,
    /// after the writes that follow them.
    pub(super) const fn one_at_a_time(self) -> Self {
        Self {
            is_hedged: false,
            ..self
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// What was asked for.
    pub value: T,
    /// `seam-request-id`.
    pub request_id: Option<String>,
    /// The server's clock, UTC.
    pub date: Option<DateTime<Utc>>,
}

/// Bounds of patience and of size.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one call with all its tries.
    pub call: Duration,
    /// Beside that, how long a server may answer that it is too busy (429); zero: that counts like the rest.
    pub busy: Duration,
    /// How many requests may be in flight.
    pub in_flight: u32,
    /// How many bytes an answer may have.
    pub answer: u64,
    /// How many pages a list may have.
    pub pages: usize,
    /// How long a list may take with all its pages; where `busy` is longer, that long.
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
            list: Duration::from_secs(300),
        }
    }
}

/// One try of one call, told to whoever asked for it (`-v`). Bodies are not told: they name guests.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The path.
    pub path: &'a str,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// What went wrong.
    pub problem: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// `seam-request-id`.
    pub request_id: Option<&'a str>,
}

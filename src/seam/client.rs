//! The client, which sends all requests to Seam.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike as _, Utc};
use futures::future::BoxFuture;
use reqwest::Url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::auth::Auth;
use super::call::{Limits, Operation, Reply, Trace};
use super::error::Error;
use super::pace::Pace;
use super::retry;
use super::transport::{self, Http, Request, Route, Transport};
use crate::clock::Clock;

/// How long it may take to open a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// The maximum length of a request id, in characters. Seam's ids are UUIDs. A longer text is cut, because the id is
/// stored and printed.
const LONGEST_REQUEST_ID: usize = 128;

/// Returns a future that completes when the user asks the command to stop.
pub type Stop = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A request to stop ends every pause that is longer than this.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// Receives every try of every call.
pub type Tracer = Box<dyn Fn(&Trace<'_>) + Send + Sync>;

/// A client for one workspace. It is cheap to create, because TLS is set up with the first request.
pub struct Client {
    transport: Box<dyn Transport>,
    auth: Auth,
    limits: Limits,
    pace: Pace,
    clock: Clock,
    tracer: Option<Tracer>,
    stop: Option<Stop>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A successful answer before decoding.
struct Raw {
    body: Vec<u8>,
    request_id: Option<String>,
    date: Option<DateTime<Utc>>,
}

impl Client {
    /// Returns a client for the server at `base`, such as `https://connect.getseam.com`, that is reached over `route`.
    pub fn new(base: &Url, route: &Route, auth: Auth, limits: Limits) -> Self {
        let options = transport::Options {
            connect: limits.call.min(CONNECT),
            idle: usize::try_from(limits.in_flight).unwrap_or(16),
            answer: limits.answer,
        };
        Self::over(Box::new(Http::new(base, route, options)), auth, limits)
    }

    /// Returns a client that sends through `transport`.
    pub fn over(transport: Box<dyn Transport>, auth: Auth, limits: Limits) -> Self {
        Self {
            transport,
            auth,
            limits,
            pace: Pace::new(limits.in_flight),
            clock: Clock::system(),
            tracer: None,
            stop: None,
        }
    }

    /// Returns the same client with `clock` as its clock. Every successful answer sets the clock to the server's time.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the limits of this client.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the clock, which follows the server's time from the first answer on.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns the server's time, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Returns the same client, which reports every try to `tracer`.
    #[must_use]
    pub fn traced(mut self, tracer: Tracer) -> Self {
        self.tracer = Some(tracer);
        self
    }

    /// Returns the same client, which stops waiting for a busy server when `stop` completes.
    #[must_use]
    pub fn stopping(mut self, stop: Stop) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Completes when the user asks the command to stop.
    async fn stopped(&self) {
        match &self.stop {
            Some(stop) => stop().await,
            None => std::future::pending().await,
        }
    }

    /// Calls an endpoint and decodes the field `key` of its answer.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        body: &impl Serialize,
        key: &str,
    ) -> Result<Reply<T>, Error> {
        let raw = self.send(operation, body).await?;
        let mut fields = Self::fields(operation, &raw)?;
        let value = fields.remove(key).ok_or_else(|| {
            Error::answer(
                operation.path,
                format!("it has no `{key}`"),
                raw.request_id.clone(),
            )
        })?;
        Self::decode(operation, raw, value.get())
    }

    /// Calls an endpoint whose answer has no value.
    pub(super) async fn call_ok(
        &self,
        operation: Operation,
        body: &impl Serialize,
    ) -> Result<Reply<()>, Error> {
        let raw = self.send(operation, body).await?;
        Self::fields(operation, &raw)?;
        Ok(Reply {
            value: (),
            request_id: raw.request_id,
            date: raw.date,
        })
    }

    /// Calls an endpoint and decodes its whole answer. Returns the size of the answer too, in bytes.
    pub(super) async fn call_whole<T: DeserializeOwned>(
        &self,
        operation: Operation,
        body: &impl Serialize,
    ) -> Result<(Reply<T>, u64), Error> {
        let mut raw = self.send(operation, body).await?;
        let text = std::mem::take(&mut raw.body);
        let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let text = std::str::from_utf8(&text).unwrap_or_default();
        Ok((Self::decode(operation, raw, text)?, size))
    }

    fn fields(
        operation: Operation,
        raw: &Raw,
    ) -> Result<std::collections::HashMap<String, Box<RawValue>>, Error> {
        serde_json::from_slice(&raw.body).map_err(|_| {
            let start: String = String::from_utf8_lossy(&raw.body)
                .chars()
                .take(60)
                .collect();
            let text = format!("no JSON object, but `{}`", start.trim());
            Error::answer(operation.path, text, raw.request_id.clone())
        })
    }

    fn decode<T: DeserializeOwned>(
        operation: Operation,
        raw: Raw,
        text: &str,
    ) -> Result<Reply<T>, Error> {
        let mut from = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize(&mut from) {
            Ok(value) => Ok(Reply {
                value,
                request_id: raw.request_id,
                date: raw.date,
            }),
            Err(error) => {
                let text = format!(
                    "at {}: {}",
                    error.path(),
                    unquoted(&error.inner().to_string())
                );
                Err(Error::answer(operation.path, text, raw.request_id))
            }
        }
    }

    /// Sends a request, and repeats it until it succeeds, may not be sent again, or has no time left. The time that the
    /// request waits for a free place among the requests in flight does not count. The time that it waits for a busy
    /// server does.
    async fn send(&self, operation: Operation, body: &impl Serialize) -> Result<Raw, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::setup(error.to_string()))?;
        let (mut left, mut busy) = (self.limits.call, self.limits.busy);
        let mut earlier = false;
        let mut tries = 0;
        loop {
            tries += 1;
            let entered = tokio::select! {
                biased;
                entered = self.pace.enter(left.max(busy)) => entered,
                () = self.stopped(), if self.pace.held() > SHORT_PAUSE => Err(self.pace.held()),
            };
            let (place, held) =
                entered.map_err(|held| Error::busy(operation.path, held).after(earlier))?;
            (busy, left) = (
                busy.saturating_sub(held),
                left.saturating_sub(held.saturating_sub(busy)),
            );
            let begun = Instant::now();
            let answer = self.try_within(operation, &body, left).await;
            drop(place);
            left = left.saturating_sub(begun.elapsed());
            let error = match answer {
                Ok(raw) => return Ok(raw),
                Err(error) => error.after(earlier),
            };
            earlier |= error.sent() == super::Sent::Maybe;
            let pause = retry::pause(tries, error.retry_after);
            if error.is_rate_limited() {
                self.pace.slow_down(pause);
            }
            // Waiting for a busy server uses the time in `Limits::busy` first.
            let patience = if error.is_rate_limited() && !busy.is_zero() {
                &mut busy
            } else {
                &mut left
            };
            if pause >= *patience || !retry::may_repeat(operation.class, &error, tries) {
                return Err(error);
            }
            *patience -= pause;
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => {}
                () = self.stopped(), if pause > SHORT_PAUSE => return Err(error),
            }
        }
    }

    /// Sends one try, which may use all the time that is left. If there is no answer after a third of the time for a
    /// call, and the endpoint allows it, a second request is sent beside the first. The first successful answer wins.
    /// The first request goes on, because a slow answer is better than none.
    async fn try_within(
        &self,
        operation: Operation,
        body: &[u8],
        left: Duration,
    ) -> Result<Raw, Error> {
        let first = self.try_once(operation, body, left);
        if !operation.is_hedged {
            return first.await;
        }
        tokio::pin!(first);
        let delay = self.limits.call / 3;
        let slow = tokio::select! {
            biased;
            answer = &mut first => Some(answer),
            () = tokio::time::sleep(delay) => None,
        };
        if let Some(answer) = slow {
            return answer;
        }
        let second = async {
            let Ok((_place, held)) = self.pace.enter(left.saturating_sub(delay)).await else {
                return Err(Error::timeout(operation.path));
            };
            let left = left.saturating_sub(delay).saturating_sub(held);
            self.try_once(operation, body, left).await
        };
        tokio::pin!(second);
        tokio::select! {
            biased;
            answer = &mut first => match answer {
                Err(error) if error.is_transient() => second.await.map_err(|error| error.after(true)),
                answer => answer,
            },
            answer = &mut second => match answer {
                Err(error) if error.is_transient() => first.await.map_err(|error| error.after(true)),
                answer => answer,
            },
        }
    }

    async fn try_once(
        &self,
        operation: Operation,
        body: &[u8],
        left: Duration,
    ) -> Result<Raw, Error> {
        let begun = Instant::now();
        let exchange = self.exchange(operation, body.to_vec());
        let answer = match tokio::time::timeout(left, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::timeout(operation.path)),
        };
        if let Ok(raw) = &answer {
            self.pace.answered();
            if let Some(date) = raw.date {
                self.clock.anchor(date);
            }
        }
        if let Some(tracer) = &self.tracer {
            let (status, problem, request_id) = match &answer {
                Ok(raw) => (Some(200), None, raw.request_id.as_deref()),
                Err(error) => (error.status(), Some(error.to_string()), error.request_id()),
            };
            tracer(&Trace {
                path: operation.path,
                status,
                problem,
                took: begun.elapsed(),
                request_id,
            });
        }
        answer
    }

    async fn exchange(&self, operation: Operation, body: Vec<u8>) -> Result<Raw, Error> {
        let path = operation.path;
        let request = Request {
            path,
            headers: self.auth.headers(),
            body,
        };
        let answer = self.transport.exchange(request).await;
        let answer = self.auth.secret().scrub(answer);
        let answer = answer.map_err(|problem| Error::undelivered(path, problem))?;
        let request_id = answer
            .request_id
            .map(|id| id.chars().take(LONGEST_REQUEST_ID).collect());
        if (200..300).contains(&answer.status) {
            let date = answer.date.as_deref();
            return Ok(Raw {
                body: answer.body,
                request_id,
                date: date.and_then(server_time),
            });
        }
        let mut error = Error::refused(path, answer.status, &answer.body, request_id);
        error.retry_after = answer
            .retry_after
            .and_then(|text| retry::retry_after(&text, SystemTime::from(self.clock.now())));
        Err(error)
    }
}

/// Returns the time of a `Date` header, or `None` for a year outside 2020 to 2199. A wrong clock would give every guest
/// a wrong key.
fn server_time(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
    (2020..2200).contains(&at.year()).then_some(at)
}

/// Returns serde's error text without the value that it quotes, because the value may be a guest's name.
pub(super) fn unquoted(text: &str) -> String {
    let mut parts = text.split('"');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back());
    match last {
        None => first.to_owned(),
        Some(last) => format!("{first}…{last}"),
    }
}

#[cfg(test)]
mod tests;

//! The one place that sends.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::error::Error;
use super::pace::Pace;
use super::retry::{self, Class};
use super::secret::Secret;
use crate::clock::Clock;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its path; always sent as `POST` with a JSON body, which every endpoint takes (schema).
    pub path: &'static str,
    /// What repeating it does.
    pub class: Class,
}

impl Operation {
    pub(super) const fn new(path: &'static str, class: Class) -> Self {
        Self { path, class }
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

/// Who asks. A personal access token names its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `SEAM_API_KEY`, bound to one workspace.
    ApiKey(Secret),
    /// `SEAM_PERSONAL_ACCESS_TOKEN` with `SEAM_WORKSPACE_ID`.
    PersonalAccessToken {
        /// The token.
        token: Secret,
        /// Sent as `seam-workspace`.
        workspace_id: String,
    },
}

impl Auth {
    fn secret(&self) -> &Secret {
        match self {
            Auth::ApiKey(key) => key,
            Auth::PersonalAccessToken { token, .. } => token,
        }
    }
}

/// Bounds of patience.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one call with all its tries.
    pub call: Duration,
    /// Beside that, how long a server may answer that it is too busy (429); zero: that counts like the rest.
    pub busy: Duration,
    /// How many requests may be in flight.
    pub in_flight: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(30),
            busy: Duration::ZERO,
            in_flight: 16,
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

/// Listens to every try.
pub type Tracer = Box<dyn Fn(&Trace<'_>) + Send + Sync>;

/// A connection to one workspace. Cheap to make: TLS is set up with the first request.
pub struct Client {
    base: String,
    auth: Auth,
    limits: Limits,
    http: OnceLock<reqwest::Client>,
    pace: Pace,
    clock: Clock,
    tracer: Option<Tracer>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// A good answer, not yet decoded.
struct Raw {
    body: Vec<u8>,
    request_id: Option<String>,
    date: Option<DateTime<Utc>>,
}

impl Client {
    /// A client for the server at `base`, such as `https://connect.getseam.com`.
    pub fn new(base: &str, auth: Auth, limits: Limits) -> Self {
        let pace = Pace::new(limits.in_flight);
        let base = base.trim_end_matches('/').to_owned();
        Self {
            base,
            auth,
            limits,
            http: OnceLock::new(),
            pace,
            clock: Clock::system(),
            tracer: None,
        }
    }

    /// Returns the same client with a clock that others share. Every good answer sets it to the server's time.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the server's clock, as far as the server has answered.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns the server's time, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The same client, telling of every try.
    #[must_use]
    pub fn traced(mut self, tracer: Tracer) -> Self {
        self.tracer = Some(tracer);
        self
    }

    fn is_local(&self) -> bool {
        is_loopback(&self.base)
    }

    fn http(&self) -> Result<&reqwest::Client, Error> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        if self.base.starts_with("http://") && !self.is_local() {
            let text = format!(
                "{} is not encrypted, and the API key would be readable on the way; use https",
                self.base
            );
            return Err(Error::setup(text));
        }
        // Whoever comes second finds one installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("roomkey/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none()) // The key belongs to this origin alone.
            .connect_timeout(self.limits.call.min(Duration::from_secs(5)))
            .pool_max_idle_per_host(usize::try_from(self.limits.in_flight).unwrap_or(16));
        if self.is_local() {
            // Works without a certificate store and past a hotel's proxy, and saves the 3 ms of reading it.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        let http = builder.build().map_err(|error| {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Error::setup(format!("encrypted connections cannot be set up: {cause} (on Debian: `apt install ca-certificates`)"))
        })?;
        Ok(self.http.get_or_init(|| http))
    }

    /// Calls an endpoint and takes one value out of its answer.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        body: &impl Serialize,
        key: &str,
    ) -> Result<Reply<T>, Error> {
        let raw = self.send(operation, body).await?;
        let mut fields = self.fields(operation, &raw)?;
        let value = fields.remove(key).ok_or_else(|| {
            Error::answer(
                operation.path,
                format!("it has no `{key}`"),
                raw.request_id.clone(),
            )
        })?;
        Self::decode(operation, raw, value.get())
    }

    /// Calls an endpoint whose answer is a mere "ok".
    pub(super) async fn call_ok(
        &self,
        operation: Operation,
        body: &impl Serialize,
    ) -> Result<Reply<()>, Error> {
        let raw = self.send(operation, body).await?;
        self.fields(operation, &raw)?;
        Ok(Reply {
            value: (),
            request_id: raw.request_id,
            date: raw.date,
        })
    }

    /// Calls an endpoint and reads the whole answer.
    pub(super) async fn call_whole<T: DeserializeOwned>(
        &self,
        operation: Operation,
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        let mut raw = self.send(operation, body).await?;
        let text = std::mem::take(&mut raw.body);
        Self::decode(
            operation,
            raw,
            std::str::from_utf8(&text).unwrap_or_default(),
        )
    }

    fn fields(
        &self,
        operation: Operation,
        raw: &Raw,
    ) -> Result<std::collections::HashMap<String, Box<RawValue>>, Error> {
        serde_json::from_slice(&raw.body).map_err(|_| {
            let start: String = String::from_utf8_lossy(&raw.body)
                .chars()
                .take(60)
                .collect();
            let text = format!(
                "no JSON object, but `{}`",
                self.auth.secret().scrub(start.trim())
            );
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

    /// Sends until it is answered, may not be sent again or the time is over. Waiting for a place among the
    /// requests in flight takes nothing of that time.
    async fn send(&self, operation: Operation, body: &impl Serialize) -> Result<Raw, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::setup(error.to_string()))?;
        let (mut left, mut busy) = (self.limits.call, self.limits.busy);
        let mut earlier = false;
        let mut tries = 0;
        loop {
            tries += 1;
            let place = self.pace.enter().await;
            let begun = Instant::now();
            let answer = self.try_once(operation, body.clone(), left).await;
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
            // A server that is busy for a while is waited for as long as the caller has patience for that.
            let patience = if error.is_rate_limited() && !busy.is_zero() {
                &mut busy
            } else {
                &mut left
            };
            if pause >= *patience || !retry::may_repeat(operation.class, &error, tries) {
                return Err(error);
            }
            *patience -= pause;
            tokio::time::sleep(pause).await;
        }
    }

    async fn try_once(
        &self,
        operation: Operation,
        body: Vec<u8>,
        left: Duration,
    ) -> Result<Raw, Error> {
        let begun = Instant::now();
        // A try that hangs must leave time for another where another is allowed.
        let patience = match operation.class {
            Class::Create => left,
            Class::Read | Class::Repeatable => left.min(self.limits.call / 3),
        };
        let answer = match tokio::time::timeout(patience, self.exchange(operation, body)).await {
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
        let mut request = self
            .http()?
            .post(format!("{}{path}", self.base))
            .bearer_auth(self.auth.secret().expose())
            .header("content-type", "application/json")
            .body(body);
        if let Auth::PersonalAccessToken { workspace_id, .. } = &self.auth {
            request = request.header("seam-workspace", workspace_id);
        }
        let response = request
            .send()
            .await
            .map_err(|error| Error::transport(path, &error))?;
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let request_id = header("seam-request-id");
        let retry_after =
            header("retry-after").and_then(|text| retry::retry_after(&text, SystemTime::now()));
        let date = header("date")
            .and_then(|text| DateTime::parse_from_rfc2822(&text).ok())
            .map(|at| at.to_utc());
        let status = response.status();
        let body = response
            .bytes()
            .await
            .map_err(|error| Error::transport(path, &error));
        if status.is_success() {
            return Ok(Raw {
                body: body?.into(),
                request_id,
                date,
            });
        }
        let body = body.unwrap_or_default();
        let mut error =
            Error::refused(path, status.as_u16(), &body, request_id, self.auth.secret());
        error.retry_after = retry_after;
        Err(error)
    }
}

/// What serde says of a value, without the value: it may be a guest's name.
pub(super) fn unquoted(text: &str) -> String {
    let mut parts = text.split('"');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back());
    match last {
        None => first.to_owned(),
        Some(last) => format!("{first}…{last}"),
    }
}

/// Whether a server's address is this machine's own.
fn is_loopback(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false; // What stands before it is a user's name, not a host's.
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for local in [
            "http://127.0.0.1:80",
            "http://localhost",
            "http://[::1]:9/x",
            "http://127.8.8.8/",
        ] {
            assert!(is_loopback(local), "{local}");
        }
        for other in [
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "http://example.com/localhost",
            "http://10.0.0.1",
            "https://connect.getseam.com",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[tokio::test]
    async fn a_key_is_not_sent_over_an_open_line() {
        let client = Client::new(
            "http://10.255.255.1",
            Auth::ApiKey(Secret::new("seam_k")),
            Limits::default(),
        );
        let error = super::super::systems::list(&client).await.unwrap_err();
        assert!(error.to_string().contains("not encrypted"), "{error}");
    }
}

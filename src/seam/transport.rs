//! How bytes reach the server and answers come back: over HTTP, or in a test inside the process.
//!
//! Everything else of a call, such as the API key, the pace, retries and decoding, belongs to
//! [`Client`](super::Client), which sends through here alone.

use std::sync::OnceLock;
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::Url;

/// One request. Always a `POST` with a JSON body.
pub struct Request {
    /// The path of the endpoint, such as `/acs/users/get`.
    pub path: &'static str,
    /// Names, in lower case, and values. One of them is the API key, so there is no `Debug`.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON text.
    pub body: Vec<u8>,
}

/// An answer, good or bad.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `seam-request-id`.
    pub request_id: Option<String>,
    /// The header `retry-after`.
    pub retry_after: Option<String>,
    /// The header `date`.
    pub date: Option<String>,
    /// The body; empty where it broke off and the status was bad.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// Nothing can be sent from here at all.
    Setup(String),
    /// There was no connection: nothing was sent.
    Refused(String),
    /// The connection broke: the request may have arrived.
    Broken(String),
    /// There was no answer in time: the request may have arrived.
    Timeout,
}

/// A way to the server.
pub trait Transport: Send + Sync {
    /// Sends one request once. A future that is dropped may have sent it.
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>>;
}

/// HTTP. TLS is set up with the first request.
pub(super) struct Http {
    base: String,
    is_local: bool,
    is_encrypted: bool,
    connect: Duration,
    idle: usize,
    client: OnceLock<reqwest::Client>,
}

impl Http {
    /// Returns a way to the server at `base`. `connect`: how long a connection may take to come about.
    pub(super) fn new(base: &Url, connect: Duration, idle: usize) -> Self {
        Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            is_local: is_loopback(base),
            is_encrypted: base.scheme() == "https",
            connect,
            idle,
            client: OnceLock::new(),
        }
    }

    fn http(&self) -> Result<&reqwest::Client, Undelivered> {
        if let Some(http) = self.client.get() {
            return Ok(http);
        }
        if !self.is_encrypted && !self.is_local {
            return Err(Undelivered::Setup(
                "the server's address is not encrypted, and the API key would be readable on the way; use https"
                    .to_owned(),
            ));
        }
        // Where another part of the process has installed a provider already, that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("roomkey/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none()) // The key belongs to this origin alone.
            .connect_timeout(self.connect)
            .pool_max_idle_per_host(self.idle);
        if self.is_local {
            // Works without a certificate store and past a hotel's proxy, and saves the 3 ms of reading it.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        let http = builder.build().map_err(|error| {
            let cause = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            Undelivered::Setup(format!(
                "encrypted connections cannot be set up: {cause} (on Debian: `apt install ca-certificates`)"
            ))
        })?;
        Ok(self.client.get_or_init(|| http))
    }

    async fn send(&self, request: Request) -> Result<Answer, Undelivered> {
        let mut outgoing = self
            .http()?
            .post(format!("{}{}", self.base, request.path))
            .body(request.body);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let response = outgoing.send().await.map_err(Undelivered::from)?;
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let mut answer = Answer {
            status: response.status().as_u16(),
            request_id: header("seam-request-id"),
            retry_after: header("retry-after"),
            date: header("date"),
            body: vec![],
        };
        let is_success = response.status().is_success();
        match response.bytes().await {
            Ok(body) => answer.body = body.into(),
            Err(error) if is_success => return Err(error.into()),
            Err(_) => {} // The status says enough.
        }
        Ok(answer)
    }
}

impl Transport for Http {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>> {
        Box::pin(self.send(request))
    }
}

impl From<reqwest::Error> for Undelivered {
    fn from(error: reqwest::Error) -> Self {
        let mut text = String::new();
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            text = inner.to_string(); // The innermost says what happened; the others repeat the address.
            source = inner.source();
        }
        if error.is_builder() {
            Undelivered::Setup(error.to_string())
        } else if error.is_connect() {
            Undelivered::Refused(text)
        } else if error.is_timeout() {
            Undelivered::Timeout
        } else {
            Undelivered::Broken(text)
        }
    }
}

/// Returns whether an address belongs to this machine: `localhost` or a loopback address, over plain HTTP.
pub fn is_loopback(url: &Url) -> bool {
    let bare = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    };
    url.scheme() == "http" && url.host_str().is_some_and(bare)
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
            " HTTP://LOCALHOST ",
        ] {
            assert!(is_loopback(&Url::parse(local).unwrap()), "{local}");
        }
        for other in [
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "http://example.com/localhost",
            "http://10.0.0.1",
            "https://connect.getseam.com",
        ] {
            assert!(!is_loopback(&Url::parse(other).unwrap()), "{other}");
        }
    }
}

//! The transport of bytes to the server and back: over HTTP or, in tests, inside the process.
//!
//! The other parts of a call, such as the API key, the pace, retries and decoding, belong to [`Client`](super::Client),
//! which sends all its requests through this module.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::Url;
use tokio::sync::OnceCell;

/// One request. It is always a `POST` with a JSON body.
pub struct Request {
    /// The path of the endpoint, such as `/acs/users/get`.
    pub path: &'static str,
    /// The headers: names in lower case, and values. One of them contains the API key, so this type has no `Debug`.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON text.
    pub body: Vec<u8>,
}

/// An answer with any status.
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
    /// The body. It is empty if it broke off and the status was an error.
    pub body: Vec<u8>,
}

/// The reason why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// This machine cannot send any request.
    Setup(String),
    /// There was no connection, so nothing was sent.
    Refused(String),
    /// The connection broke. The request may have arrived.
    Broken(String),
    /// No answer arrived in time. The request may have arrived.
    Timeout,
    /// The answer has more than this number of bytes. The request has arrived.
    TooLarge(u64),
}

/// Carries requests to the server.
pub trait Transport: Send + Sync {
    /// Sends one request once. If the future is dropped, the request may have been sent.
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>>;
}

/// How the server is reached.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The proxy. Without one, the proxy of the operating system is used.
    pub proxy: Option<Url>,
    /// The file of certificates that the environment names, for the messages about it. The TLS library reads the file.
    pub certificates: Option<PathBuf>,
}

/// The transport over HTTP. TLS is set up with the first request.
pub(super) struct Http {
    base: Url,
    route: Route,
    options: Options,
    client: OnceCell<reqwest::Client>,
}

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// How long it may take to open a connection.
    pub(super) connect: Duration,
    /// The maximum number of idle connections.
    pub(super) idle: usize,
    /// The maximum size of an answer's body, in bytes.
    pub(super) answer: u64,
}

impl Http {
    /// Returns a transport to the server at `base` over `route`.
    pub(super) fn new(base: &Url, route: &Route, options: Options) -> Self {
        Self {
            base: base.clone(),
            route: route.clone(),
            options,
            client: OnceCell::new(),
        }
    }

    /// Returns the HTTP client, and sets up TLS at the first call, on a separate thread. Reading certificates may take
    /// long if they lie on another machine; the limits of the call and Ctrl-C work meanwhile.
    async fn http(&self) -> Result<&reqwest::Client, Undelivered> {
        let build = || async {
            let (base, route, options) = (self.base.clone(), self.route.clone(), self.options);
            let built = tokio::task::spawn_blocking(move || build(&base, &route, options));
            built
                .await
                .unwrap_or_else(|error| Err(Undelivered::Setup(error.to_string())))
        };
        self.client.get_or_try_init(build).await
    }

    /// Returns the address of an endpoint: the server's address followed by `path`.
    fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    async fn send(&self, request: Request) -> Result<Answer, Undelivered> {
        let mut outgoing = self
            .http()
            .await?
            .post(self.address(request.path))
            .body(request.body);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        let sent = outgoing.send().await;
        let response = sent.map_err(|error| undelivered(&error, self.route.proxy.as_ref()))?;
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
        match body(response, self.options.answer).await {
            Ok(body) => answer.body = body,
            Err(problem) if (200..300).contains(&answer.status) => return Err(problem),
            Err(_) => {} // The status says enough.
        }
        Ok(answer)
    }
}

fn build(base: &Url, route: &Route, options: Options) -> Result<reqwest::Client, Undelivered> {
    let is_local = is_loopback(base);
    if base.scheme() != "https" && !is_local {
        return Err(Undelivered::Setup(
            "the server's address is not encrypted, and the API key would be readable on the way; use https"
                .to_owned(),
        ));
    }
    // The call fails if another part of the process has installed a provider before. That provider is used then.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("roomkey/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none()) // The key belongs to this origin alone.
        .connect_timeout(options.connect)
        .pool_max_idle_per_host(options.idle);
    if is_this_machine(base) {
        // A proxy would connect to its own machine.
        builder = builder.no_proxy();
    }
    if is_local {
        // Without certificates and a proxy, the sandbox works on machines that have no certificate store or that use a
        // hotel's proxy. It also saves 3 ms.
        builder = builder.tls_certs_only([]).no_proxy();
    } else if let Some(proxy) = route.proxy.as_ref().filter(|_| !is_this_machine(base)) {
        let proxy = reqwest::Proxy::all(proxy.clone()).map_err(|error| {
            Undelivered::Setup(format!("the proxy cannot be used: {}", innermost(&error)))
        })?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| {
        let reason = innermost(&error);
        Undelivered::Setup(match &route.certificates {
            Some(file) => format!(
                "encrypted connections cannot be set up: {} ({reason})",
                wrong_certificates(file)
            ),
            None => format!(
                "encrypted connections cannot be set up: {reason} (on Debian: `apt install ca-certificates`)"
            ),
        })
    })
}

/// Says what is wrong with the file of certificates that `SSL_CERT_FILE` names.
fn wrong_certificates(file: &Path) -> String {
    let name = file.display();
    match std::fs::read(file) {
        Err(error) => format!("`SSL_CERT_FILE` names {name}, which cannot be read: {error}"),
        Ok(content) if content.is_empty() => {
            format!("`SSL_CERT_FILE` names {name}, which is empty")
        }
        Ok(_) => format!(
            "`SSL_CERT_FILE` names {name}, which has no certificate in PEM form that can be used"
        ),
    }
}

/// Reads the body of an answer, up to `limit` bytes.
async fn body(mut response: reqwest::Response, limit: u64) -> Result<Vec<u8>, Undelivered> {
    let is_too_large = |length: usize| u64::try_from(length).map_or(true, |length| length > limit);
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(Undelivered::TooLarge(limit));
    }
    let mut body = vec![];
    while let Some(part) = response
        .chunk()
        .await
        .map_err(|error| undelivered(&error, None))?
    {
        if is_too_large(body.len() + part.len()) {
            return Err(Undelivered::TooLarge(limit));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

impl Transport for Http {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>> {
        Box::pin(self.send(request))
    }
}

/// Converts an error of the HTTP client. The text says what happened, what to do if that is known, and the host of the
/// proxy, without its password.
fn undelivered(error: &reqwest::Error, proxy: Option<&Url>) -> Undelivered {
    let mut text = innermost(error);
    if let Some(remedy) = remedy(&text) {
        text = format!("{text}; {remedy}");
    }
    if let Some(host) = proxy.and_then(Url::host_str) {
        text = format!("{text} (through the proxy {host})");
    }
    if error.is_builder() {
        Undelivered::Setup(text)
    } else if error.is_connect() {
        Undelivered::Refused(text)
    } else if error.is_timeout() {
        Undelivered::Timeout
    } else {
        Undelivered::Broken(text)
    }
}

/// Returns the text of the innermost cause, which says what happened. The outer errors only repeat the address.
fn innermost(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

/// Returns what to do about a certificate that was not accepted.
fn remedy(problem: &str) -> Option<&'static str> {
    let is = |name: &str| problem.contains(name);
    if is("UnknownIssuer") {
        Some(
            "this machine does not know who issued the certificate: where the hotel's proxy opens encrypted \
             connections, set `SSL_CERT_FILE` to a file with the certificate of its authority in PEM form (on Windows \
             and macOS, add it to the system's certificates)",
        )
    } else if is("CaUsedAsEndEntity") {
        Some(
            "the server, or a proxy on the way, has made its certificate for itself: the person who runs it must install \
             a certificate that an authority has issued, and `SSL_CERT_FILE` can name the certificate of that authority",
        )
    } else if is("not valid for name") || is("NotValidForName") {
        Some("the certificate belongs to another host: check `SEAM_ENDPOINT` and the hotel's proxy")
    } else if is("certificate expired") || is("certificate not valid yet") {
        Some("check the date and the time of this machine")
    } else if is("invalid peer certificate") {
        Some("ask the person who runs the network or the server for a valid certificate")
    } else {
        None
    }
}

/// Returns true if a plain HTTP address belongs to this machine, see [`is_this_machine`].
pub fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http" && is_this_machine(url)
}

/// Returns true if the host of an address is `localhost` or a loopback address. A proxy is never used for it.
pub fn is_this_machine(url: &Url) -> bool {
    let bare = |host: &str| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    };
    url.host_str().is_some_and(bare)
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

//! The service of the simulated hotel without a network socket.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::sync::watch;
use tokio::task::yield_now;

use super::desk::Arrived;
use super::service::Service;
use super::{Access, Options, open};

/// The service of a simulated hotel as functions, for simulations in one process, on one thread, with a paused clock.
///
/// A request is processed as over HTTP, with the same checks, faults, latencies and hangs, measured with
/// [`tokio::time`]. Clones share the hotel.
#[derive(Clone)]
pub struct InProcess {
    service: Service,
    access: Arc<Access>,
}

/// An answer of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers: names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl InProcess {
    /// Opens a hotel. `port` is not used. For a virtual time in a paused runtime, call it inside that runtime.
    ///
    /// # Errors
    ///
    /// The time zone does not exist, or the file with the hotel's state cannot be read or written.
    pub fn open(options: Options) -> io::Result<Self> {
        // The address appears only in links to further pages, which no client follows.
        let (desk, access) = open(options, "http://sandbox.invalid".to_owned())?;
        Ok(Self {
            service: Service {
                desk: Arc::new(desk),
                // No one can stop this service, so a hang lasts for its full time.
                stopping: watch::channel(false).1,
                tick: Duration::ZERO,
            },
            access: Arc::new(access),
        })
    }

    /// Sends a request and waits for its answer. Returns `None` if the connection was cut. `path` may have a query.
    /// Paths under `/_sandbox/` are control endpoints.
    ///
    /// Other tasks can run before the request takes effect, and again before the answer is returned. A future that is
    /// dropped before its first poll has sent nothing. One that is dropped later may have sent the request.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Vec<u8>,
    ) -> Option<Response> {
        yield_now().await;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers: HeaderMap = headers
            .iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::try_from(name.as_str()).ok()?;
                Some((name, HeaderValue::try_from(value.as_str()).ok()?))
            })
            .collect();
        let arrived = Arrived {
            // No route has the method `TRACE`, so an invalid method is refused.
            method: &Method::from_bytes(method.as_bytes()).unwrap_or(Method::TRACE),
            path,
            query,
            headers: &headers,
            body: &body,
        };
        let finished = self.service.answer(&arrived, true).await;
        yield_now().await;
        finished.map(|finished| Response {
            status: finished.status.as_u16(),
            headers: finished
                .headers
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.as_str().to_owned(), value.into_owned())
                })
                .collect(),
            body: finished.body.into_bytes(),
        })
    }

    /// Returns the keys and ids that a client of this hotel needs.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Returns the API key of the hotel's workspace.
    pub fn api_key(&self) -> &str {
        &self.access.api_key
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").finish_non_exhaustive()
    }
}

//! The processing of a request, over HTTP and in process: the request takes effect, then the latency passes, then a
//! fault may change the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use tokio::sync::watch;

use super::control;
use super::desk::{Arrived, Desk, Reply, lock};

/// The state that every request needs.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) desk: Arc<Desk>,
    /// Becomes true when the service is asked to end. A hang does not delay the end.
    pub(super) stopping: watch::Receiver<bool>,
    /// The time that the timer adds to every wait.
    pub(super) tick: Duration,
}

/// A complete answer.
pub(super) struct Finished {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: String,
}

impl Service {
    /// Answers a request. `local` is true if it came from this machine. Returns `None` if the connection must be cut.
    pub(super) async fn answer(&self, arrived: &Arrived<'_>, local: bool) -> Option<Finished> {
        if arrived.path.starts_with("/_sandbox/") {
            let reply = if local {
                control::serve(&self.desk, arrived)
            } else {
                Reply::Text(StatusCode::NOT_FOUND, "404")
            };
            return Some(dress(&self.desk, reply));
        }
        let mut cleared = self.desk.cleared.subscribe();
        // The request takes effect before the wait, because a client that gives up waiting has sent its request.
        let reply = self.desk.serve(arrived);
        let latency = *lock(&self.desk.latency);
        self.wait(latency.saturating_sub(self.tick)).await;
        let reply = match reply {
            Reply::Cut => return None,
            Reply::Hang(time) => {
                self.wait(time).await;
                return None;
            }
            Reply::Late(reply, time) => {
                tokio::select! {
                    () = self.wait(time) => {}
                    _ = cleared.changed() => {}
                }
                *reply
            }
            reply => reply,
        };
        Some(dress(&self.desk, reply))
    }

    /// Completes when the service is asked to end.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.clone();
        async move {
            // An error means that the sender was dropped, so the service can no longer be stopped this way and runs on.
            if stopping.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Sleeps until `time` has passed or the service is asked to end.
    async fn wait(&self, time: Duration) {
        if !time.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = self.stopped() => {}
            }
        }
    }
}

/// Turns a reply into status, headers and body.
pub(super) fn dress(desk: &Desk, reply: Reply) -> Finished {
    const JSON: &str = "application/json; charset=utf-8";
    const TEXT: &str = "text/plain; charset=utf-8";
    const BUSY: &str =
        r#"{"error":{"type":"too_many_requests","message":"Too many requests"},"ok":false}"#;
    const PAGE: &str =
        "<!DOCTYPE html><html><body><h1>Welcome to the hotel's Wi-Fi</h1></body></html>";
    let mut headers = Vec::new();
    let (status, kind, body, routed) = match reply {
        Reply::Json(status, value) => (status, JSON, value.to_string(), true),
        Reply::Written(text) => (StatusCode::OK, JSON, text, true),
        Reply::Text(status, text) => (status, TEXT, text.to_owned(), false),
        Reply::Html => (
            StatusCode::OK,
            "text/html; charset=utf-8",
            PAGE.to_owned(),
            false,
        ),
        Reply::Empty(status) => (status, TEXT, String::new(), true),
        Reply::Busy { retry_after } => {
            if let Some(seconds) = retry_after
                && let Ok(seconds) = HeaderValue::from_str(&seconds.to_string())
            {
                headers.push((header::RETRY_AFTER, seconds));
            }
            (StatusCode::TOO_MANY_REQUESTS, JSON, BUSY.to_owned(), true)
        }
        // These replies never come here: the connection was cut before, or the answer inside was taken out.
        Reply::Cut | Reply::Hang(_) | Reply::Late(..) => {
            (StatusCode::OK, TEXT, String::new(), false)
        }
    };
    headers.push((header::CONTENT_TYPE, HeaderValue::from_static(kind)));
    if let Ok(date) = HeaderValue::try_from(desk.date()) {
        headers.push((header::DATE, date));
    }
    if routed && let Ok(id) = HeaderValue::try_from(desk.request_id().to_string()) {
        headers.push((HeaderName::from_static("seam-request-id"), id));
    }
    Finished {
        status,
        headers,
        body,
    }
}

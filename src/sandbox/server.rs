//! The HTTP server: connections that can be cut, and answers as the service dresses them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::control;
use super::desk::{Arrived, Desk, Reply, lock};
use super::id::Id;

/// More than any request of a desk.
const LARGEST_BODY: usize = 16 << 20;

/// What every request needs.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) desk: Arc<Desk>,
    /// Turns true when the server is to end: a hang does not hold that up.
    pub(super) stopping: watch::Receiver<bool>,
}

/// Serves until `stopping` turns true.
pub(super) async fn run(listener: TcpListener, service: Service) -> io::Result<()> {
    let stopped = stopped(service.stopping.clone());
    let app = Router::new().fallback(handle).with_state(service);
    axum::serve(
        Lines(listener),
        app.into_make_service_with_connect_info::<Peer>(),
    )
    .with_graceful_shutdown(stopped)
    .await
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody is left to stop it: then it goes on for as long as it is kept.
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Accepts connections as [`Line`]s.
struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Answers are small: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        (
            Line {
                stream,
                cut: Arc::default(),
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that can be cut: from then on nothing is written, and hyper closes it.
struct Line {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Acquire) {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Who is at the other end, and the means to cut the line.
#[derive(Clone)]
struct Peer {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
}

impl Connected<IncomingStream<'_, Lines>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        Self {
            address: *stream.remote_addr(),
            cut: Arc::clone(&stream.io().cut),
        }
    }
}

async fn handle(
    State(service): State<Service>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return dress(&service.desk, Reply::Empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let arrived = Arrived {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body: &body,
    };
    if arrived.path.starts_with("/_sandbox/") {
        let reply = if peer.address.ip().is_loopback() {
            control::serve(&service.desk, &arrived)
        } else {
            Reply::Text(StatusCode::NOT_FOUND, "404")
        };
        return dress(&service.desk, reply);
    }
    let mut cleared = service.desk.cleared.subscribe();
    // The effect comes before the wait: a client that gives up has sent its request all the same.
    let reply = service.desk.serve(&arrived);
    let latency = *lock(&service.desk.latency);
    wait(latency.saturating_sub(TICK), &service).await;
    let reply = match reply {
        Reply::Cut => {
            peer.cut.store(true, Ordering::Release);
            Reply::Cut
        }
        Reply::Hang(time) => {
            wait(time, &service).await;
            peer.cut.store(true, Ordering::Release);
            Reply::Cut
        }
        Reply::Late(reply, time) => {
            tokio::select! {
                () = wait(time, &service) => {}
                _ = cleared.changed() => {}
            }
            *reply
        }
        reply => reply,
    };
    dress(&service.desk, reply)
}

/// What the timer adds on the average: it ends a sleep at the next whole millisecond but one.
const TICK: Duration = Duration::from_millis(1);

/// Sleeps, but not beyond the server's end.
async fn wait(time: Duration, service: &Service) {
    if !time.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = stopped(service.stopping.clone()) => {}
        }
    }
}

fn dress(desk: &Desk, reply: Reply) -> Response<Body> {
    let (status, kind, body, routed) = match reply {
        Reply::Json(status, value) => (
            status,
            "application/json; charset=utf-8",
            Body::from(value.to_string()),
            true,
        ),
        Reply::Written(text) => (
            StatusCode::OK,
            "application/json; charset=utf-8",
            Body::from(text),
            true,
        ),
        Reply::Text(status, text) => (status, "text/plain; charset=utf-8", Body::from(text), false),
        Reply::Html => {
            let page =
                "<!DOCTYPE html><html><body><h1>Welcome to the hotel's Wi-Fi</h1></body></html>";
            (
                StatusCode::OK,
                "text/html; charset=utf-8",
                Body::from(page),
                false,
            )
        }
        Reply::Empty(status) => (status, "text/plain; charset=utf-8", Body::empty(), true),
        Reply::Busy { retry_after } => {
            let error = r#"{"error":{"type":"too_many_requests","message":"Too many requests"},"ok":false}"#;
            let mut response = Response::new(Body::from(error));
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            if let Some(seconds) = retry_after
                && let Ok(seconds) = HeaderValue::from_str(&seconds.to_string())
            {
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            return with_headers(desk, response, "application/json; charset=utf-8", true);
        }
        // Never sent: the line is cut before, or the answer has been taken out.
        Reply::Cut | Reply::Hang(_) | Reply::Late(..) => {
            (StatusCode::OK, "text/plain", Body::empty(), false)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    with_headers(desk, response, kind, routed)
}

fn with_headers(
    desk: &Desk,
    mut response: Response<Body>,
    kind: &'static str,
    routed: bool,
) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(date) = HeaderValue::try_from(desk.date()) {
        headers.insert(header::DATE, date);
    }
    if routed && let Ok(id) = HeaderValue::try_from(Id::random().to_string()) {
        headers.insert("seam-request-id", id);
    }
    response
}

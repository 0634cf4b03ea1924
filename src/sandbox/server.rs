//! The HTTP server, whose connections can be cut. `service` decides what it answers.

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
use axum::http::{Response, StatusCode};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::desk::{Arrived, Reply};
use super::service::{Finished, Service, dress};
use super::visitor;

/// The maximum size of a body in bytes. No request of roomkey is as large.
const LARGEST_BODY: usize = 16 << 20;

/// The time that a real timer adds to a sleep on average, because it wakes only at whole milliseconds.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// Serves until `stopping` becomes true.
pub(super) async fn run(listener: TcpListener, service: Service) -> io::Result<()> {
    let stopped = service.stopped();
    let app = Router::new().fallback(handle).with_state(service);
    axum::serve(
        Lines(listener),
        app.into_make_service_with_connect_info::<Peer>(),
    )
    .with_graceful_shutdown(stopped)
    .await
}

/// Accepts connections as [`Line`]s.
struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Answers are small. Waiting to fill a packet would only delay them.
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

/// A connection that can be cut. After that nothing is written to it, and hyper closes it.
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

/// The client's address, and the switch that cuts its connection.
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
    if let Err(refusal) = visitor::check(&parts.headers, &parts.uri) {
        return sent(dress(&service.desk, Reply::refused(&refusal)));
    }
    let finished = match to_bytes(body, LARGEST_BODY).await {
        Ok(body) => {
            let arrived = Arrived {
                method: &parts.method,
                path: parts.uri.path(),
                query: parts.uri.query().unwrap_or_default(),
                headers: &parts.headers,
                body: &body,
            };
            let local = peer.address.ip().is_loopback();
            service.answer(&arrived, local).await
        }
        Err(_) => Some(dress(
            &service.desk,
            Reply::Empty(StatusCode::PAYLOAD_TOO_LARGE),
        )),
    };
    let Some(finished) = finished else {
        peer.cut.store(true, Ordering::Release);
        return Response::default();
    };
    sent(finished)
}

fn sent(finished: Finished) -> Response<Body> {
    let mut response = Response::new(Body::from(finished.body));
    *response.status_mut() = finished.status;
    response.headers_mut().extend(finished.headers);
    response
}

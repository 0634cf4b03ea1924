//! HTTP in, HTTP out: authentication, parameters, faults, latency, the log of requests.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpStream};

use super::api::{self, Call, Refusal, Route};
use super::faults::{Fault, Faults, Kind};
use super::params;
use super::readings::Readings;
use super::store::Store;
use super::world::{Fixed, World, new_id};
use super::{Options, control, seed};

/// The requests kept for `/_sandbox/requests`.
const LOG: usize = 200_000;

/// The largest request body taken.
const BODY: usize = 4 << 20;

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared(Mutex<Hotel>);

/// The hotel with its switches.
#[derive(Debug)]
pub(super) struct Hotel {
    pub(super) world: World,
    pub(super) store: Option<Store>,
    pub(super) readings: Readings,
    pub(super) faults: Faults,
    pub(super) log: VecDeque<Value>,
    pub(super) latency: Duration,
    pub(super) offset: TimeDelta,
    pub(super) sync: TimeDelta,
}

impl Hotel {
    pub(super) fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.offset
    }

    fn note(&mut self, method: &str, path: &str, status: u16, body: &Value) {
        if self.log.len() >= LOG {
            self.log.pop_front();
        }
        self.log
            .push_back(json!({ "method": method, "path": path, "status": status, "body": body }));
    }

    /// Works on the hotel: on the newest there is, and for others to see where it changed.
    fn with<T>(&mut self, writes: bool, work: impl FnOnce(&mut Self) -> T) -> io::Result<T> {
        let Some(mut store) = self.store.take() else {
            self.pass();
            return Ok(work(self));
        };
        let done = self.with_store(&mut store, writes, work);
        self.store = Some(store);
        done
    }

    fn with_store<T>(
        &mut self,
        store: &mut Store,
        writes: bool,
        work: impl FnOnce(&mut Self) -> T,
    ) -> io::Result<T> {
        let lock = store.locked()?;
        if let Some(newer) = store.load()? {
            self.world = newer;
        }
        let passed = self.pass();
        let answer = work(self);
        if writes || passed {
            store.save(&self.world)?;
        }
        drop(lock);
        Ok(answer)
    }

    fn pass(&mut self) -> bool {
        let now = self.now();
        self.world.pass(now)
    }
}

impl Shared {
    pub(super) fn open(options: Options) -> io::Result<Self> {
        let offset = options
            .now
            .map_or(TimeDelta::zero(), |now| now - Utc::now());
        let new = || {
            seed::open(
                options.rooms,
                options.seed,
                &options.time_zone,
                Utc::now() + offset,
            )
        };
        let (world, store) = match &options.state {
            None => (new(), None),
            Some(path) => {
                let mut store = Store::new(path)?;
                let lock = store.locked()?;
                let world = match store.load()? {
                    Some(world) => world,
                    None => {
                        let world = new();
                        store.save(&world)?;
                        world
                    }
                };
                drop(lock);
                (world, Some(store))
            }
        };
        let sync = TimeDelta::from_std(options.sync).unwrap_or(TimeDelta::zero());
        Ok(Self(Mutex::new(Hotel {
            world,
            store,
            readings: options.readings,
            faults: Faults::default(),
            log: VecDeque::new(),
            latency: options.latency,
            offset,
            sync,
        })))
    }

    pub(super) fn hotel(&self) -> MutexGuard<'_, Hotel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fixed(&self) -> Fixed {
        self.hotel().world.fixed.clone()
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // Too many open files, say: the next may go.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::spawn(connection(stream, Arc::clone(&shared)));
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(&shared, request).await }
    });
    // A connection that ends badly is the client's affair, or was ordered so.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

pub(super) type Reply = Response<Full<Bytes>>;

pub(super) fn reply(status: u16, kind: &str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    if let Ok(kind) = kind.parse() {
        reply.headers_mut().insert("content-type", kind);
    }
    reply
}

pub(super) fn reply_json(status: u16, body: &Value) -> Reply {
    reply(status, "application/json; charset=utf-8", body.to_string())
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Reply, Cut> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let method = head.method.as_str().to_owned();
    let Ok(body) = Limited::new(body, BODY)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
    else {
        return Err(Cut);
    };

    if let Some(path) = path.strip_prefix("/_sandbox/") {
        // A page in a browser on this machine could reach the port under another name.
        return Ok(if is_local(&head.headers) {
            control::answer(&mut shared.hotel(), &method, path, &body)
        } else {
            reply(403, "text/plain", "only this machine may ask")
        });
    }

    let (latency, fault, date) = {
        let mut hotel = shared.hotel();
        (hotel.latency, hotel.faults.strike(&path), hotel.now())
    };
    tokio::time::sleep(latency).await;
    let work = || {
        api_answer(
            shared,
            &head.headers,
            &method,
            &path,
            &query,
            &body,
            fault.as_ref(),
        )
    };
    let note = |status: u16| {
        let body =
            serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
        shared.hotel().note(&method, &path, status, &body);
    };
    let failed = |status: u16, text: &str| {
        note(status);
        let refusal = Refusal::new(status, "internal_server_error", text);
        Ok(reply_json(status, &refusal.body()))
    };
    let done = match &fault {
        None => work(),
        Some(fault) => match fault.kind {
            Kind::StaleList | Kind::NeverSync => work(),
            Kind::TooMany | Kind::TooManyRetryAfter => {
                let mut busy = failed(429, "Too many requests")?;
                if fault.kind == Kind::TooManyRetryAfter
                    && let Ok(after) = fault.retry_after.unwrap_or(1.0).to_string().parse()
                {
                    busy.headers_mut().insert("retry-after", after);
                }
                Ok(busy)
            }
            Kind::BrokenBefore => failed(500, "Ordered to fail before"),
            Kind::BrokenAfter => effect(work).and_then(|()| failed(500, "Ordered to fail after")),
            Kind::DownBefore => {
                note(503);
                Ok(reply(503, "text/plain", ""))
            }
            Kind::DownAfter => effect(work).map(|()| reply(503, "text/plain", "")),
            Kind::CutBefore => {
                note(0);
                Err(Cut)
            }
            Kind::CutAfter => effect(work).and(Err(Cut)),
            Kind::Hang => {
                note(0);
                tokio::time::sleep(fault.time()).await;
                Err(Cut)
            }
            Kind::HangAfter => {
                effect(work)?;
                note(0);
                tokio::time::sleep(fault.time()).await;
                Err(Cut)
            }
            Kind::Html => {
                note(200);
                Ok(reply(
                    200,
                    "text/html",
                    "<!DOCTYPE html><title>Captive portal</title><p>Please log in.",
                ))
            }
        },
    };
    done.map(|mut reply| {
        if let Ok(id) = new_id().parse() {
            reply.headers_mut().insert("seam-request-id", id);
        }
        if let Ok(date) = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string().parse() {
            reply.headers_mut().insert("date", date);
        }
        reply
    })
}

/// The request has its effect, and its answer is dropped.
fn effect(work: impl FnOnce() -> Result<Reply, Cut>) -> Result<(), Cut> {
    work().map(drop)
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn api_answer(
    shared: &Shared,
    headers: &HeaderMap,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    fault: Option<&Fault>,
) -> Result<Reply, Cut> {
    let mut hotel = shared.hotel();
    let Some(route) = api::route(path) else {
        hotel.note(method, path, 404, &Value::Null);
        return Ok(reply(404, "text/plain", "404"));
    };
    let given = match parse(route, method, query, body, headers) {
        Ok(given) => given,
        Err(answer) => {
            hotel.note(
                method,
                path,
                answer.status().as_u16(),
                &json!(String::from_utf8_lossy(body)),
            );
            return Ok(*answer);
        }
    };
    let noted = Value::Object(given.clone());
    let done = hotel.with(route.writes, |hotel| {
        run(hotel, route, headers, given, fault)
    });
    let (status, answer) = match done {
        Ok(Ok(mut answer)) => {
            answer["ok"] = json!(true);
            (200, answer)
        }
        Ok(Err(refusal)) => (refusal.status, refusal.body()),
        Err(error) => (
            500,
            Refusal::new(500, "internal_server_error", &error.to_string()).body(),
        ),
    };
    hotel.note(method, path, status, &noted);
    Ok(reply_json(status, &answer))
}

fn parse(
    route: &Route,
    method: &str,
    query: &str,
    body: &[u8],
    headers: &HeaderMap,
) -> Result<Map<String, Value>, Box<Reply>> {
    if !route.methods.contains(&method) {
        let refusal = Refusal::new(
            405,
            "method_not_allowed",
            &format!("{method} is not allowed here"),
        );
        return Err(Box::new(reply_json(405, &refusal.body())));
    }
    let mut given = params::from_query(query, route.params);
    if method != "GET" && !body.is_empty() {
        let kind = headers
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if !kind.starts_with("application/json") {
            let refusal = Refusal::new(
                400,
                "invalid_content_type",
                "Content-Type must be application/json",
            );
            return Err(Box::new(reply_json(400, &refusal.body())));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(body)) => given.extend(body),
            Ok(_) | Err(_) => return Err(Box::new(reply(400, "text/plain", "Invalid JSON"))),
        }
    }
    Ok(given)
}

fn run(
    hotel: &mut Hotel,
    route: &Route,
    headers: &HeaderMap,
    given: Map<String, Value>,
    fault: Option<&Fault>,
) -> Result<Value, Refusal> {
    authenticate(&hotel.world.fixed, headers)?;
    let readings = &hotel.readings;
    let refuse_unknown = readings.is("unknown-keys", "rejected");
    let args = params::check(
        given,
        route.params,
        refuse_unknown,
        readings.is("label", "rejected"),
    )
    .map_err(Refusal::invalid)?;
    let now = hotel.now();
    let is = |kind: Kind| fault.filter(|fault| fault.kind == kind);
    let lag = is(Kind::StaleList).and_then(|fault| TimeDelta::from_std(fault.time()).ok());
    let mut call = Call {
        world: &mut hotel.world,
        readings: &hotel.readings,
        now,
        sync: hotel.sync,
        lag: lag.unwrap_or(TimeDelta::zero()),
        never_syncs: is(Kind::NeverSync).is_some(),
    };
    (route.run)(&mut call, &args)
}

fn authenticate(fixed: &Fixed, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refuse = |text: &str| Err(Refusal::new(401, "unauthorized", text));
    let Some(bearer) = header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    else {
        return refuse("No Authorization header");
    };
    if bearer == fixed.api_key {
        return Ok(());
    }
    if bearer != fixed.token {
        return refuse("API Key not found");
    }
    match header("seam-workspace") {
        Some(id) if id == fixed.workspace_id => Ok(()),
        Some(_) => refuse("Workspace not found"),
        None => refuse("A personal access token needs the header seam-workspace"),
    }
}

//! The state that all connections of the server share, and the processing of one API request.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::faults::{Fault, Faults, Kind};
use super::hotel::{Conditions, Founding, Hotel, Surroundings, found};
use super::id::{Id, IdSource, Ids};
use super::readings::{ReadingError, Readings};
use super::refusal::Refusal;
use super::request::{Malformed, authorize, read_params, struck, takes_query};
use super::routes::{self, Body, Call};
use super::schema;
use super::snapshot::{Found, Snapshot};

/// The maximum number of requests that `/_sandbox/requests` remembers.
const KEPT_REQUESTS: usize = 100_000;

/// The state behind the server.
pub(super) struct Desk {
    office: Mutex<Office>,
    pub(super) faults: Mutex<Faults>,
    pub(super) requests: Mutex<VecDeque<Logged>>,
    pub(super) latency: Mutex<Duration>,
    /// Signals that all faults were cleared. A delayed answer is then sent at once.
    pub(super) cleared: watch::Sender<()>,
    /// The readings and the latency at the start, for a reset.
    start: (Readings, Duration),
    sync: TimeDelta,
    opened: Instant,
    /// The ids of requests. They have a source of their own, so that a look at the hotel's state does not change the
    /// ids of the hotel's next objects.
    request_ids: IdSource,
    pub(super) url: String,
}

/// The arguments with which a desk is opened.
pub(super) struct Opening {
    pub(super) founding: Founding,
    pub(super) surroundings: Surroundings,
    pub(super) ids: Ids,
    pub(super) latency: Duration,
    pub(super) sync: Duration,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) url: String,
}

/// The hotel, with its snapshot on disk if it has one.
struct Office {
    hotel: Hotel,
    snapshot: Option<Snapshot>,
    founding: Founding,
}

/// A request as it arrived. The body is kept as text to save memory.
#[derive(Serialize)]
pub(super) struct Logged {
    method: String,
    path: String,
    /// The HTTP status of the answer, or 0 if no answer was sent.
    status: u16,
    body: Box<RawValue>,
    #[serde(skip)]
    at: Instant,
}

/// The time at which a request arrived, in milliseconds since the server started.
#[derive(Serialize)]
pub(super) struct Arrival<'a> {
    path: &'a str,
    ms: f64,
}

/// A request whose body was read.
pub(super) struct Arrived<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// The reply to a request.
pub(super) enum Reply {
    Json(StatusCode, Value),
    /// A successful answer of the API, already serialized.
    Written(String),
    /// An answer that did not come from the API, so it has no request id.
    Text(StatusCode, &'static str),
    Html,
    Empty(StatusCode),
    Busy {
        retry_after: Option<f64>,
    },
    /// Closes the connection without an answer.
    Cut,
    /// Closes the connection without an answer, after this time.
    Hang(Duration),
    /// Sends the answer after this time.
    Late(Box<Reply>, Duration),
}

impl Reply {
    fn status(&self) -> u16 {
        match self {
            Self::Json(status, _) | Self::Text(status, _) | Self::Empty(status) => status.as_u16(),
            Self::Written(_) | Self::Html => 200,
            Self::Busy { .. } => 429,
            Self::Cut | Self::Hang(_) => 0,
            Self::Late(reply, _) => reply.status(),
        }
    }

    pub(super) fn refused(refusal: &Refusal) -> Self {
        Self::Json(refusal.status, refusal.body())
    }
}

impl Desk {
    pub(super) fn open(opening: Opening) -> io::Result<Self> {
        let start = (opening.surroundings.readings, opening.latency);
        let mut hotel = found(&opening.founding);
        hotel.surroundings = opening.surroundings;
        if opening.snapshot.is_none() {
            // Changes are tracked only for a hotel on disk.
            hotel.take_changed();
        }
        let mut office = Office {
            hotel,
            snapshot: opening.snapshot,
            founding: opening.founding,
        };
        office.run(|_| ())?;
        let request_ids = match opening.ids {
            Ids::Random => Ids::Random,
            Ids::Seeded(seed) => Ids::Seeded(!seed),
        };
        Ok(Self {
            office: Mutex::new(office),
            faults: Mutex::default(),
            requests: Mutex::default(),
            latency: Mutex::new(opening.latency),
            cleared: watch::Sender::new(()),
            start,
            sync: TimeDelta::from_std(opening.sync).unwrap_or(TimeDelta::MAX),
            opened: Instant::now(),
            request_ids: IdSource::new(request_ids),
            url: opening.url,
        })
    }

    /// Brings the hotel up to date, runs `work` on it, and saves the changes to disk.
    pub(super) fn with_hotel<T>(&self, work: impl FnOnce(&mut Hotel) -> T) -> io::Result<T> {
        lock(&self.office).run(work)
    }

    /// Replaces the hotel with a new one, restores the readings and the latency of the start, and clears all faults and
    /// logged requests. The clock keeps its setting, or, without `keeps_clock`, shows the time that drives it.
    pub(super) fn reset(&self, keeps_clock: bool) -> io::Result<()> {
        let mut office = lock(&self.office);
        office.run(|hotel| {
            if !keeps_clock {
                hotel.set_offset(0);
            }
        })?;
        office.founding.now = office.hotel.now();
        let mut fresh = found(&office.founding);
        let readings = self.start.0;
        office.run(|hotel| {
            fresh.succeed(hotel);
            fresh.surroundings.readings = readings;
            *hotel = fresh;
        })?;
        drop(office);
        self.clear_faults();
        lock(&self.requests).clear();
        *lock(&self.latency) = self.start.1;
        Ok(())
    }

    /// Sets readings by name. If one name or value is wrong, no reading is set.
    pub(super) fn set_readings(&self, named: &Map<String, Value>) -> Result<(), ReadingError> {
        let mut office = lock(&self.office);
        let mut readings = office.hotel.surroundings.readings;
        for (name, value) in named {
            readings.set(name, value.as_str().unwrap_or_default())?;
        }
        office.hotel.surroundings.readings = readings;
        Ok(())
    }

    /// Removes all faults, also from the requests that they delay.
    pub(super) fn clear_faults(&self) {
        lock(&self.faults).clear();
        self.cleared.send_replace(());
    }

    /// Returns the time of the hotel's clock as an HTTP date, without reading the snapshot on disk.
    pub(super) fn date(&self) -> String {
        lock(&self.office)
            .hotel
            .now()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// Returns how long the lock system takes to carry out a change.
    pub(super) fn sync(&self) -> TimeDelta {
        self.sync
    }

    /// Returns a new id for a request.
    pub(super) fn request_id(&self) -> Id {
        self.request_ids.next()
    }

    /// Returns the conditions under which the service runs a request that `fault` may affect.
    fn conditions(&self, hotel: &Hotel, fault: Option<&Fault>) -> Conditions {
        Conditions {
            readings: hotel.surroundings.readings,
            sync: self.sync,
            never_syncs: fault.is_some_and(|fault| fault.kind == Kind::NeverSync),
            lag: fault
                .filter(|fault| fault.kind == Kind::StaleList)
                .and_then(|fault| TimeDelta::from_std(fault.duration()).ok()),
        }
    }

    /// Runs one API request, applies the fault that is due for it, and logs it.
    pub(super) fn serve(&self, arrived: &Arrived<'_>) -> Reply {
        let fault = lock(&self.faults).strike(arrived.path);
        let given = read_params(arrived);
        let at = Instant::now();
        let body = match &given {
            Ok(map) => to_raw_value(map),
            Err(_) => to_raw_value(&String::from_utf8_lossy(arrived.body)),
        }
        .unwrap_or_default();
        let effect = || self.answer(arrived, given, fault.as_ref());
        let reply = match &fault {
            Some(fault) if fault.kind.has_effect() => struck(fault, arrived, effect()),
            Some(fault) => struck(fault, arrived, Reply::Cut),
            None => effect(),
        };
        let mut requests = lock(&self.requests);
        if requests.len() == KEPT_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(Logged {
            method: arrived.method.to_string(),
            path: arrived.path.to_owned(),
            status: reply.status(),
            body,
            at,
        });
        reply
    }

    /// Returns the arrival times of the requests in [`Desk::requests`].
    pub(super) fn arrivals(&self) -> Value {
        let requests = lock(&self.requests);
        let arrivals = requests.iter().map(|request| Arrival {
            path: &request.path,
            ms: request.at.duration_since(self.opened).as_secs_f64() * 1000.0,
        });
        json!(arrivals.collect::<Vec<_>>())
    }

    fn answer(
        &self,
        arrived: &Arrived<'_>,
        given: Result<Map<String, Value>, Malformed>,
        fault: Option<&Fault>,
    ) -> Reply {
        let Some(route) = routes::find(arrived.path) else {
            return Reply::Text(StatusCode::NOT_FOUND, "404");
        };
        if !route.methods.contains(arrived.method) {
            return Reply::refused(&Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                format!("{} is not allowed on {}", arrived.method, arrived.path),
            ));
        }
        let given = match given {
            Ok(given) => given,
            Err(Malformed::Json) => return Reply::Text(StatusCode::BAD_REQUEST, "Invalid JSON"),
            Err(Malformed::ContentType) => {
                return Reply::refused(&Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "invalid_content_type",
                    "The content type must be application/json",
                ));
            }
        };
        let address = format!("{}{}", self.url, route.path);
        let ran = self.with_hotel(|hotel| {
            authorize(hotel, arrived.headers)?;
            let conditions = self.conditions(hotel, fault);
            let params = schema::check(
                route.fields,
                given,
                takes_query(arrived),
                conditions.readings,
            )?;
            (route.handler)(
                hotel,
                &Call {
                    params: &params,
                    conditions: &conditions,
                    address: &address,
                },
            )
        });
        match ran {
            Ok(Ok(Body::Object(mut answer))) => {
                answer["ok"] = Value::Bool(true);
                Reply::Json(StatusCode::OK, answer)
            }
            Ok(Ok(Body::Text(text))) => Reply::Written(text),
            Ok(Err(refusal)) => Reply::refused(&refusal),
            Err(error) => Reply::Json(
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "error": { "type": "internal_server_error", "message": error.to_string() }, "ok": false }),
            ),
        }
    }
}

impl Office {
    fn run<T>(&mut self, work: impl FnOnce(&mut Hotel) -> T) -> io::Result<T> {
        let Some(snapshot) = &mut self.snapshot else {
            self.hotel.settle();
            return Ok(work(&mut self.hotel));
        };
        let mut held = snapshot.hold()?;
        let mut absent = false;
        match snapshot.read(&mut held)? {
            Found::Same => {}
            Found::Newer(mut hotel) => {
                hotel.take_surroundings(&mut self.hotel);
                self.hotel = *hotel;
            }
            Found::Nothing => {
                self.founding.now = self.hotel.now();
                let mut fresh = found(&self.founding);
                fresh.succeed(&mut self.hotel);
                self.hotel = fresh;
                absent = true;
            }
        }
        self.hotel.take_changed();
        self.hotel.settle();
        let result = work(&mut self.hotel);
        if self.hotel.take_changed() || absent {
            snapshot.write(&mut held, &self.hotel)?;
        }
        Ok(result)
    }
}

/// Locks a mutex. A panic in another request does not make the hotel unusable.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

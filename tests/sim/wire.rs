//! The way from a desk to the hotel, inside the process: requests are delayed, lost, refused and answered late as a
//! seed says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use futures::future::BoxFuture;
use roomkey::sandbox::{InProcess, Response};
use roomkey::seam::{Answer, Request, Transport, Undelivered};
use serde_json::{Value, json};

/// How bad the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nothing is lost.
    Fair,
    /// One request in so many meets a fault.
    Foul(u32),
}

/// The hotel, as everybody reaches it. Clones share it.
#[derive(Clone)]
pub(crate) struct Wire {
    hotel: InProcess,
    state: Arc<Mutex<State>>,
}

struct State {
    chance: Rng,
    weather: Weather,
    hit: BTreeMap<&'static str, u64>,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    Refused,
    LostBefore,
    LostAfter,
    HangBefore,
    HangAfter,
    Busy,
    Outage,
    OutageAfter,
}

impl Wire {
    pub(crate) fn new(hotel: InProcess, seed: u64) -> Self {
        let state = State {
            chance: Rng::with_seed(seed),
            weather: Weather::Fair,
            hit: BTreeMap::new(),
        };
        Self {
            hotel,
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn weather(&self, weather: Weather) {
        self.state.lock().unwrap().weather = weather;
    }

    /// Faults by kind, and how often each was met.
    pub(crate) fn hit(&self) -> BTreeMap<&'static str, u64> {
        self.state.lock().unwrap().hit.clone()
    }

    pub(crate) fn api_key(&self) -> String {
        self.hotel.api_key().to_owned()
    }

    /// A line of its own for one command.
    pub(crate) fn line(&self) -> (Line, Arc<Mutex<Vec<String>>>) {
        let effects = Arc::new(Mutex::new(vec![]));
        let line = Line {
            wire: self.clone(),
            effects: Arc::clone(&effects),
        };
        (line, effects)
    }

    /// Asks the control interface.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let headers = self.headers();
        let answer = self
            .hotel
            .request(method, path, &headers, body.to_string().into_bytes())
            .await
            .unwrap();
        let told: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, 200, "{path} {body} {told}");
        told
    }

    /// Calls the API as another program does, over a line on which nothing is lost.
    pub(crate) async fn raw(&self, path: &str, body: Value) -> (u16, Value) {
        let body = body.to_string().into_bytes();
        let headers = self.headers();
        let answer = self.hotel.request("POST", path, &headers, body).await;
        let Response { status, body, .. } = answer.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    pub(crate) async fn hotel_state(&self) -> Value {
        self.control("GET", "/_sandbox/state?events=false", json!({}))
            .await
    }

    fn headers(&self) -> Vec<(String, String)> {
        let bearer = format!("Bearer {}", self.hotel.api_key());
        vec![
            ("authorization".to_owned(), bearer),
            ("content-type".to_owned(), "application/json".to_owned()),
        ]
    }

    fn fate(&self, path: &str) -> (Fate, Duration, Duration) {
        let mut state = self.state.lock().unwrap();
        let chance = &mut state.chance;
        let mut pause = |usual: u64| {
            let ms = match chance.u32(..200) {
                0 => chance.u64(3_000..14_000),
                1..=9 => chance.u64(200..1_500),
                _ => chance.u64(1..usual),
            };
            Duration::from_millis(ms)
        };
        let (there, back) = (pause(40), pause(40));
        let one_in = match state.weather {
            Weather::Fair => return (Fate::Answered, there, back),
            Weather::Foul(one_in) => one_in,
        };
        // A write is what hurts: it meets a fault three times as often.
        let one_in = if is_write(path) { one_in / 3 } else { one_in }.max(1);
        if state.chance.u32(..one_in) != 0 {
            return (Fate::Answered, there, back);
        }
        let (fate, name) = match state.chance.u32(..12) {
            0 => (Fate::Refused, "refused"),
            1 | 2 => (Fate::LostBefore, "lost before"),
            3..=5 => (Fate::LostAfter, "lost after"),
            6 => (Fate::HangBefore, "hang before"),
            7 => (Fate::HangAfter, "hang after"),
            8 => (Fate::Busy, "busy"),
            9 => (Fate::Outage, "outage"),
            _ => (Fate::OutageAfter, "outage after"),
        };
        *state.hit.entry(name).or_default() += 1;
        (fate, there, back)
    }
}

pub(crate) fn is_write(path: &str) -> bool {
    [
        "/create",
        "/delete",
        "/grant_access",
        "/revoke_access_to_all_entrances",
        "/update",
        "/add_acs_user",
    ]
    .iter()
    .any(|end| path.ends_with(end))
}

/// One command's connection. It remembers which writes had an effect.
pub(crate) struct Line {
    wire: Wire,
    effects: Arc<Mutex<Vec<String>>>,
}

impl Transport for Line {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Undelivered>> {
        let (fate, there, back) = self.wire.fate(request.path);
        let (wire, effects) = (self.wire.clone(), Arc::clone(&self.effects));
        Box::pin(async move {
            if fate == Fate::Refused {
                return Err(Undelivered::Refused("connection refused".to_owned()));
            }
            // What has left arrives, whether or not anybody waits for the answer.
            let sent = tokio::spawn(async move {
                tokio::time::sleep(there).await;
                wire.deliver(fate, request, &effects).await
            });
            let answer = sent.await.unwrap_or(Err(Undelivered::Timeout));
            tokio::time::sleep(back).await;
            answer
        })
    }
}

const LONG: Duration = Duration::from_secs(600);

impl Wire {
    async fn deliver(
        &self,
        fate: Fate,
        request: Request,
        effects: &Mutex<Vec<String>>,
    ) -> Result<Answer, Undelivered> {
        let broken = || Err(Undelivered::Broken("connection reset".to_owned()));
        let refusal = |status: u16| {
            Ok(Answer {
                status,
                request_id: None,
                retry_after: (status == 429).then(|| "1".to_owned()),
                date: None,
                body: vec![],
            })
        };
        match fate {
            Fate::LostBefore => return broken(),
            Fate::HangBefore => {
                tokio::time::sleep(LONG).await;
                return broken();
            }
            Fate::Busy => return refusal(429),
            Fate::Outage => return refusal(503),
            _ => {}
        }
        let headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let answer = self
            .hotel
            .request("POST", request.path, &headers, request.body)
            .await;
        let Some(answer) = answer else {
            return broken();
        };
        if is_write(request.path) && (200..300).contains(&answer.status) {
            effects.lock().unwrap().push(request.path.to_owned());
        }
        match fate {
            Fate::LostAfter => return broken(),
            Fate::HangAfter => {
                tokio::time::sleep(LONG).await;
                return broken();
            }
            Fate::OutageAfter => return refusal(503),
            _ => {}
        }
        let header = |name: &str| {
            let found = answer.headers.iter().find(|(own, _)| own == name);
            found.map(|(_, value)| value.clone())
        };
        Ok(Answer {
            status: answer.status,
            request_id: header("seam-request-id"),
            retry_after: header("retry-after"),
            date: header("date"),
            body: answer.body,
        })
    }
}

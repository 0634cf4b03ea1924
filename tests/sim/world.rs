//! One simulated hotel with its desks: picks what happens, and checks what came of it.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::Berlin;
use fastrand::Rng;
use roomkey::hotel::{GuestQuery, RoomName, When};
use roomkey::journal::StepStatus;
use roomkey::journal::Store;
use roomkey::operation::plan::Plan;
use roomkey::sandbox::{Ids, InProcess, Options, Readings, Time};
use roomkey::workflow::request::Request;
use roomkey::workflow::template::Times;
use roomkey::workflow::{issue, join, return_guest, revoke, update};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::desk::{Act, Answering, Call, Place, Report};
use crate::limits;
use crate::model::{Model, State, kind};
use crate::wire::{Weather, Wire};

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    pub(crate) reading: Option<(&'static str, &'static str)>,
    pub(crate) rounds: u32,
}

/// What came of a simulation.
pub(crate) struct Story {
    pub(crate) trace: String,
    pub(crate) verdict: Result<(), String>,
    pub(crate) counts: std::collections::BTreeMap<String, u64>,
}

const GUESTS: [&str; 6] = [
    "jane@example.com",
    "grace@example.com",
    "alan@example.com",
    "edsger@example.com",
    "barbara@example.com",
    "mary@example.com",
];

const STARTS: [&str; 4] = [
    "2026-11-24T09:00:00Z",
    "2026-10-24T13:00:00Z", // The night after it is an hour longer.
    "2027-03-27T13:00:00Z", // The night after it is an hour shorter.
    "2026-12-31T01:30:00Z", // The business date is still the 30th.
];

struct World {
    setting: Setting,
    chance: Rng,
    wire: Wire,
    places: Vec<Place>,
    model: Model,
    trace: String,
    phones_were_off: bool,
    /// A guest with whom two desks are busy at once.
    shared: Option<&'static str>,
}

/// Runs one seed from its first day to its last.
pub(crate) fn run(setting: Setting) -> Story {
    // Jitter between tries is drawn from the thread.
    fastrand::seed(setting.seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World::open(setting).await;
        let verdict = world.live().await;
        let mut counts = world.model.counts;
        for (fault, count) in world.wire.hit() {
            counts.insert(format!("fault {fault}"), count);
        }
        Story {
            trace: world.trace,
            verdict,
            counts,
        }
    })
}

impl World {
    async fn open(setting: Setting) -> Self {
        let mut chance = Rng::with_seed(setting.seed);
        let start: DateTime<Utc> = STARTS[chance.usize(..STARTS.len())].parse().unwrap();
        let mut readings = Readings::default();
        if let Some((name, value)) = setting.reading {
            readings.set(name, value).unwrap();
        }
        let hotel = InProcess::open(Options {
            rooms: chance.u32(3..=4),
            seed: setting.seed,
            time: Time::Virtual { start },
            ids: Ids::Seeded(setting.seed),
            readings,
            ..Options::default()
        })
        .unwrap();
        let wire = Wire::new(hotel, chance.u64(..));
        let began = (start, Instant::now());
        let places = (0..chance.usize(2..=3))
            .map(|index| Place {
                name: format!("desk-{}", index + 1),
                store: Store::new(chance.u64(..)),
                skew: TimeDelta::minutes([0, 0, 180, -45][chance.usize(..4)]),
                began,
            })
            .collect();
        let mut world = Self {
            setting,
            chance,
            wire,
            places,
            model: Model::default(),
            trace: String::new(),
            phones_were_off: false,
            shared: None,
        };
        let state = world.wire.hotel_state().await;
        for user in state["users"].as_array().unwrap() {
            let id = user["acs_user_id"].as_str().unwrap();
            let email = user["email_address"].as_str().unwrap_or_default();
            let name = user["full_name"].as_str().unwrap_or_default();
            world.model.guests.insert(email.to_owned(), id.to_owned());
            world.model.names.insert(id.to_owned(), name.to_owned());
        }
        for door in state["entrances"].as_array().unwrap() {
            if door["visionline_metadata"]["door_category"] == "guest" {
                world
                    .model
                    .rooms
                    .push(door["display_name"].as_str().unwrap().to_owned());
            }
        }
        world
    }

    /// The hotel's time.
    async fn now(&self) -> DateTime<Utc> {
        let clock = self.wire.control("GET", "/_sandbox/clock", json!({})).await;
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    fn say(&mut self, line: &str) {
        let _ = writeln!(self.trace, "{line}");
    }

    async fn live(&mut self) -> Result<(), String> {
        let setting = self.setting.clone();
        self.say(&format!(
            "seed {} {:?}, {} desks",
            setting.seed,
            setting.reading,
            self.places.len()
        ));
        for _ in 0..setting.rounds {
            self.pass_time().await;
            let foul = match self.chance.u32(..3) {
                0 => Weather::Fair,
                1 => Weather::Foul(40),
                _ => Weather::Foul(12),
            };
            self.wire.weather(foul);
            if self.chance.u32(..5) == 0 {
                self.other_program().await;
            }
            if self.chance.u32(..8) == 0 {
                self.phones().await;
            }
            let now = self.now().await;
            let calls = self.pick(now).await;
            self.carry_out(calls).await?;
            self.check(false).await?;
        }
        self.end().await
    }

    async fn pass_time(&mut self) {
        let minutes = match self.chance.u32(..10) {
            0..=3 => 0,
            4 | 5 => self.chance.u64(1..90),
            6 | 7 => self.chance.u64(60..600),
            8 => 60 * self.chance.u64(10..26),
            _ => 60 * self.chance.u64(24..50),
        };
        tokio::time::sleep(Duration::from_secs(60 * minutes + self.chance.u64(1..50))).await;
        if self.chance.u32(..25) == 0 {
            let by = [90, 3600][self.chance.usize(..2)];
            self.wire
                .control("POST", "/_sandbox/clock", json!({ "advance_seconds": by }))
                .await;
            self.say(&format!("the server's clock steps by {by} s"));
            self.model.count("clock steps");
        }
    }

    fn guest(&mut self) -> (GuestQuery, &'static str) {
        let email = match self.shared {
            Some(shared) if self.chance.bool() => shared,
            _ => GUESTS[self.chance.usize(..GUESTS.len())],
        };
        (email.parse().unwrap(), email)
    }

    fn room(&mut self) -> String {
        self.model.rooms[self.chance.usize(..self.model.rooms.len())].clone()
    }

    /// One room, or two in one of so many cases.
    fn rooms(&mut self, one_in: u32) -> Vec<String> {
        let mut rooms = vec![self.room()];
        if self.chance.u32(..one_in) == 0 {
            let more = self.room();
            if !rooms.contains(&more) {
                rooms.push(more);
            }
        }
        rooms
    }

    /// A common door, in one of so many cases.
    fn also(&mut self, one_in: u32) -> Vec<String> {
        let also = (self.chance.u32(..one_in) == 0).then(|| "Gym".to_owned());
        also.into_iter().collect()
    }

    /// An hour of the hotel's day, so many days from now.
    fn hotel_hour(now: DateTime<Utc>, days: i64, hour: u32) -> DateTime<Utc> {
        let day = now.with_timezone(&Berlin).date_naive() + TimeDelta::days(days);
        let local = day.and_hms_opt(hour, 0, 0).unwrap();
        Berlin
            .from_local_datetime(&local)
            .earliest()
            .unwrap()
            .to_utc()
    }

    fn when(at: DateTime<Utc>) -> (When, String) {
        let text = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        (text.parse().unwrap(), text)
    }

    /// A stay: now or later, one to three nights; often where another one ends or begins.
    fn times(&mut self, now: DateTime<Utc>) -> (Times, String) {
        let mut text = String::new();
        let mut edges: Vec<DateTime<Utc>> = self
            .model
            .promises
            .iter()
            .flat_map(|p| [p.start, p.end])
            .filter(|at| *at > now)
            .collect();
        edges.sort();
        let edge = |world: &mut Self| {
            (!edges.is_empty()).then(|| edges[world.chance.usize(..edges.len())])
        };
        let later = match self.chance.u32(..10) {
            0..=4 => None,
            5 | 6 => edge(self),
            7 => Some(Self::hotel_hour(now, 1, 15)),
            8 => Some(Self::hotel_hour(now, 2, 15)),
            _ => Some(now + TimeDelta::minutes(self.chance.i64(1..3000))),
        };
        let from = later.filter(|at| *at > now).map(|at| {
            let (when, told) = Self::when(at);
            let _ = write!(text, " --from {told}");
            when
        });
        let start = later.unwrap_or(now).max(now);
        if self.chance.u32(..6) == 0 {
            let nights = self.chance.u32(1..4);
            let _ = write!(text, " --nights {nights}");
            let times = Times {
                from,
                until: None,
                nights: Some(nights),
            };
            return (times, text);
        }
        let until = match self.chance.u32(..8) {
            0 | 1 => edge(self).filter(|at| *at > start + TimeDelta::minutes(10)),
            2 => Some(start + TimeDelta::minutes(self.chance.i64(20..600))),
            _ => None,
        };
        let until = until.unwrap_or_else(|| {
            let days = self.chance.i64(1..4);
            Self::hotel_hour(start, days, 11)
        });
        let (when, told) = Self::when(until);
        let _ = write!(text, " --until {told}");
        (
            Times {
                from,
                until: Some(when),
                nights: None,
            },
            text,
        )
    }

    /// A guest or a key that somebody holds, if anybody does.
    fn held(&mut self, now: DateTime<Utc>) -> Option<(String, String, String)> {
        let live: Vec<_> = self
            .model
            .promises
            .iter()
            .filter(|p| p.end > now && !matches!(p.state, State::Gone(_)))
            .collect();
        if live.is_empty() {
            return None;
        }
        let shared = self.shared.and_then(|email| self.model.guests.get(email));
        let of_shared = live
            .iter()
            .find(|promise| Some(&promise.guest) == shared)
            .filter(|_| self.chance.bool());
        let one = match of_shared {
            Some(promise) => promise,
            None => live[self.chance.usize(..live.len())],
        };
        let email = self
            .model
            .guests
            .iter()
            .find(|(_, id)| **id == one.guest)?
            .0
            .clone();
        Some((email, one.room.clone(), one.key.clone()))
    }

    async fn pick(&mut self, now: DateTime<Utc>) -> Vec<Call> {
        let together = if self.chance.u32(..3) == 0 { 2 } else { 1 };
        self.shared = (together == 2 && self.chance.bool())
            .then(|| GUESTS[self.chance.usize(..GUESTS.len())]);
        let first = self.chance.usize(..self.places.len());
        let mut calls = vec![];
        for index in 0..together.min(self.places.len()) {
            let desk = (first + index) % self.places.len();
            let open = self.places[desk].unfinished().await;
            let act = if open.is_empty() || self.chance.bool() {
                self.write(now)
            } else {
                match self.chance.u32(..6) {
                    0..=3 => (Act::RecoverAll, "recover --all".to_owned()),
                    4 => (Act::Undo, "recover OPERATION --undo".to_owned()),
                    _ => (Act::Close, "recover OPERATION --close".to_owned()),
                }
            };
            let answering = match self.chance.u32(..10) {
                0..=4 => Answering::Beforehand,
                5 | 6 => Answering::Yes(Duration::from_millis(self.chance.u64(500..40_000))),
                7 => Answering::No,
                _ => Answering::Nobody,
            };
            calls.push(Call {
                desk,
                typed: act.1,
                act: act.0,
                answering,
                after: Duration::from_millis(if index == 0 {
                    0
                } else {
                    self.chance.u64(..900)
                }),
                interrupt: (self.chance.u32(..15) == 0)
                    .then(|| Duration::from_millis(self.chance.u64(1..3000))),
                crash: (self.chance.u32(..10) == 0).then(|| self.chance.u32(1..90)),
            });
        }
        calls
    }

    fn write(&mut self, now: DateTime<Utc>) -> (Act, String) {
        let replace = self.chance.u32(..4) == 0;
        let told = if replace { " --replace" } else { "" };
        let held = self.held(now);
        let (request, text) = match self.chance.u32(..12) {
            0..=3 => {
                let rooms = self.rooms(6);
                let also = self.also(6);
                let mut guests = vec![self.guest()];
                if self.chance.u32(..4) == 0 {
                    for _ in 0..self.chance.u32(1..4) {
                        let more = self.guest();
                        if guests.iter().all(|known| known.1 != more.1) {
                            guests.push(more);
                        }
                    }
                }
                let (times, when) = self.times(now);
                let named: Vec<&str> = guests.iter().map(|guest| guest.1).collect();
                let text = format!(
                    "issue --room {}{} --guest {}{when}{told}",
                    rooms.join(","),
                    told_also(&also),
                    named.join(" --guest ")
                );
                let request = issue::Request {
                    rooms: rooms.iter().map(|room| named_room(room)).collect(),
                    guests: guests.into_iter().map(|guest| guest.0).collect(),
                    times,
                    also,
                    label: None,
                    replace,
                    require_phone: false,
                };
                (Request::Issue(request), text)
            }
            4 => {
                let ((guest, email), rooms) = (self.guest(), self.rooms(2));
                let also = self.also(2);
                let (times, when) = self.times(now);
                let text = format!(
                    "return-guest --guest {email} --room {}{}{when}{told}",
                    rooms.join(","),
                    told_also(&also),
                );
                let request = return_guest::Request {
                    guest,
                    rooms: rooms.iter().map(|room| named_room(room)).collect(),
                    times,
                    also,
                    label: None,
                    replace,
                    require_phone: false,
                };
                (Request::ReturnGuest(request), text)
            }
            5 | 6 => {
                let (guest, email) = self.guest();
                let room = held
                    .as_ref()
                    .map_or_else(|| self.room(), |held| held.1.clone());
                let by_key = held.filter(|_| self.chance.bool());
                let (times, when) = if self.chance.bool() {
                    self.times(now)
                } else {
                    (Times::default(), String::new())
                };
                let (to, rooms, what) = match by_key {
                    Some((_, _, key)) => (vec![key.clone()], vec![], format!("--to {key}")),
                    None => (vec![], vec![named_room(&room)], format!("--room {room}")),
                };
                let text = format!("join {what} --guest {email}{when}{told}");
                let request = join::Request {
                    guests: vec![guest],
                    to,
                    rooms,
                    also: vec![],
                    times,
                    label: None,
                    replace,
                    require_phone: false,
                };
                (Request::Join(request), text)
            }
            7..=9 => {
                let (email, room, key) = held.unwrap_or_else(|| {
                    let (_, email) = self.guest();
                    (
                        email.to_owned(),
                        self.room(),
                        "00000000-0000-4000-8000-000000000000".to_owned(),
                    )
                });
                let (mut times, mut when) = self.times(now);
                if self.chance.bool() && times.until.is_some() {
                    times.from = None;
                    when = when
                        .split_once(" --until")
                        .map_or(when.clone(), |(_, until)| format!(" --until{until}"));
                }
                let moves = self.chance.u32(..4) == 0;
                let new = self.room();
                let (which, what) = if self.chance.bool() {
                    (update::Which::Key(key.clone()), format!("--key {key}"))
                } else {
                    let guest: GuestQuery = email.parse().unwrap();
                    (
                        update::Which::Guest(guest, None),
                        format!("--guest {email}"),
                    )
                };
                let to = if moves {
                    format!(" --to-room {new}")
                } else {
                    String::new()
                };
                let text = format!("update {what} (room {room}){to}{when}{told}");
                let request = update::Request {
                    which,
                    times,
                    rooms: if moves {
                        vec![named_room(&new)]
                    } else {
                        vec![]
                    },
                    also: vec![],
                    without: vec![],
                    label: None,
                    replace,
                    require_phone: false,
                };
                (Request::Update(request), text)
            }
            _ => {
                let room = self.room();
                let (which, text) = match (self.chance.u32(..6), held) {
                    (0 | 1, Some((email, _, _))) => (
                        revoke::Which::Guest(email.parse().unwrap(), vec![]),
                        format!("--guest {email}"),
                    ),
                    (2, Some((_, _, key))) => (
                        revoke::Which::Keys(vec![key.clone()]),
                        format!("--key {key}"),
                    ),
                    (3, _) => (
                        revoke::Which::Everybody(vec![named_room(&room)]),
                        format!("--room {room} --all"),
                    ),
                    _ => (
                        revoke::Which::Rooms(vec![named_room(&room)]),
                        format!("--room {room}"),
                    ),
                };
                let request = revoke::Request {
                    which,
                    this_phone_only: false,
                };
                (Request::Revoke(request), format!("revoke {text}"))
            }
        };
        (Act::Write(request), text)
    }

    async fn carry_out(&mut self, calls: Vec<Call>) -> Result<(), String> {
        let now = self.now().await;
        for call in &calls {
            let line = format!(
                "{} {}: {} [{:?}{}{}]",
                now.with_timezone(&Berlin).format("%a %d %H:%M:%S"),
                self.places[call.desk].name,
                call.typed,
                call.answering,
                call.crash
                    .map(|n| format!(", dies at wait {n}"))
                    .unwrap_or_default(),
                call.interrupt
                    .map(|d| format!(", Ctrl-C after {d:?}"))
                    .unwrap_or_default(),
            );
            self.say(&line);
            if matches!(call.answering, Answering::Yes(_)) {
                self.model.count("prompts answered later");
            }
        }
        let running = calls
            .into_iter()
            .map(|call| self.places[call.desk].run(&self.wire, call));
        let reports: Vec<Report> = futures::future::join_all(running).await;
        // What is still on its way arrives before anybody looks.
        tokio::time::sleep(Duration::from_secs(20)).await;
        let now = self.now().await;
        let mut verdict = self.model.missed(&reports);
        self.model.round += 1;
        for report in &reports {
            self.tell(report);
            self.model.promised(report);
        }
        for report in &reports {
            let judged = self.model.take(report, now);
            if let Err(text) = judged
                && verdict.is_ok()
            {
                verdict = Err(format!("{}: {text}", report.call.typed));
            }
        }
        verdict
    }

    fn tell(&mut self, report: &Report) {
        if report.crashed {
            self.say(&format!("   {}: the process died", kind(&report.call.act)));
        }
        for shown in report.shown.iter().filter(|shown| shown.asked) {
            self.say(&format!("   asked: {}", shown.text.replace('\n', " | ")));
        }
        let mut plans = report.shown.iter().filter_map(|shown| shown.plan.as_ref());
        let stages = plans.next_back().map(Plan::stages).unwrap_or_default();
        for end in &report.ends {
            if let (Act::Write(_), Some(outcome)) = (&report.call.act, &end.outcome) {
                for stage in &stages {
                    let ends = |word: StepStatus| {
                        let mut steps = stage.iter().filter_map(|step| outcome.steps.get(*step));
                        steps.any(|step| step.status == word)
                    };
                    if ends(StepStatus::Done)
                        && (ends(StepStatus::Unknown) || ends(StepStatus::Failed))
                    {
                        self.say("   a stage is done in part");
                        self.model.count("stages done in part");
                    }
                }
            }
            let outcome = end.outcome.as_ref().map(|outcome| {
                let keys: Vec<String> = outcome
                    .keys
                    .iter()
                    .map(|key| {
                        format!(
                            "{} {:?} {:?}..{:?} valid={:?} {}",
                            key.guest,
                            key.rooms,
                            key.starts_at.map(|at| at.to_rfc3339()),
                            key.ends_at.map(|at| at.to_rfc3339()),
                            key.valid,
                            key.acs_credential_id
                        )
                    })
                    .collect();
                let ending = match &outcome.ending {
                    roomkey::operation::outcome::Ending::Stopped(standing, stop) => {
                        format!("stopped, {standing:?}: {stop}")
                    }
                    other => format!("{other:?}").chars().take(60).collect(),
                };
                let warned: Vec<&str> = outcome
                    .warnings
                    .iter()
                    .map(|warning| warning.code.as_str())
                    .collect();
                format!(
                    "{ending} keys {keys:?} replaced {:?} revoked {:?} warnings {warned:?}",
                    outcome.replaced, outcome.revoked
                )
            });
            self.say(&format!(
                "   exit {} {} {} {}",
                end.exit,
                end.code,
                end.message,
                outcome.unwrap_or_default()
            ));
        }
        if !report.open.is_empty() {
            let open: Vec<String> = report
                .open
                .iter()
                .map(|row| format!("{} {}", row.command, row.id.short()))
                .collect();
            self.say(&format!("   open: {open:?}"));
        }
    }

    async fn other_program(&mut self) {
        let now = self.now().await;
        let state = self.wire.hotel_state().await;
        if self.chance.bool() {
            let Some((email, room, key)) = self.held(now) else {
                return;
            };
            let (status, _) = self
                .wire
                .raw(
                    "/acs/credentials/delete",
                    json!({ "acs_credential_id": key }),
                )
                .await;
            self.say(&format!(
                "another program deletes {email}'s key {key} of {room}: {status}"
            ));
            for promise in &mut self.model.promises {
                if promise.key == key {
                    promise.state = State::Gone(now);
                }
            }
            self.model.count("deletes by another program");
            return;
        }
        let ((_, email), room) = (self.guest(), self.room());
        let user = self.model.guests[email].clone();
        let doors = state["entrances"].as_array().unwrap();
        let door = doors
            .iter()
            .find(|door| door["display_name"] == room.as_str())
            .unwrap();
        let until = Self::hotel_hour(now, 1, 11);
        let body = json!({
            "acs_user_id": user, "access_method": "mobile_key", "is_multi_phone_sync_credential": true,
            "allowed_acs_entrance_ids": [door["acs_entrance_id"]],
            "starts_at": now.to_rfc3339_opts(SecondsFormat::Secs, true), "ends_at": until.to_rfc3339_opts(SecondsFormat::Secs, true),
            "visionline_metadata": { "card_format": "rfid48", "override": true },
        });
        let (status, _) = self.wire.raw("/acs/credentials/create", body).await;
        self.say(&format!(
            "another program gives room {room} to {email} until {until}: {status}"
        ));
        if status == 200 {
            self.model.other_program(&user, &room);
            if self.setting.reading == Some(("override", "at-first-use")) {
                self.model.foreign.push((room, until));
            }
            self.model.count("overrides by another program");
        }
    }

    async fn phones(&mut self) {
        let (_, email) = self.guest();
        let active = self.chance.bool();
        let has_phone = email != "mary@example.com";
        let body = if has_phone {
            json!({ "user": email, "active": active })
        } else {
            json!({ "user": email })
        };
        self.wire.control("POST", "/_sandbox/phone", body).await;
        self.phones_were_off |= has_phone && !active;
        self.say(&format!(
            "{email}'s phone: {}",
            if active || !has_phone { "on" } else { "off" }
        ));
        self.model.count("phones that come and go");
    }

    /// Everybody taps at every door: those who were promised get in, and nobody else does.
    async fn check(&mut self, last: bool) -> Result<(), String> {
        let state = self.wire.hotel_state().await;
        let now = self.now().await;
        let keys = state["credentials"].as_array().unwrap();
        let promises = self.model.promises.clone();
        for promise in promises
            .iter()
            .filter(|promise| promise.state == State::Active && promise.end > now)
        {
            let name = self.model.names[&promise.guest].clone();
            let is_valid = |id: &str| {
                let key = keys.iter().find(|key| key["acs_credential_id"] == id);
                key.is_some_and(|key| key["visionline_metadata"]["is_valid"] == true)
            };
            if !is_valid(&promise.key) {
                if self.model.has_another(promise, is_valid) {
                    self.model.count("keys that another desk changed");
                    let mut promises = self.model.promises.iter_mut();
                    // A lock learns that only when the other key is used.
                    if let Some(old) = promises.find(|old| old.key == promise.key) {
                        old.state = State::Replaced;
                    }
                    continue;
                }
                return Err(format!(
                    "{name}'s key for room {} is not valid, and no command said so: {promise:?}",
                    promise.room
                ));
            }
            if !promise.is_at(now) {
                self.model.count("stays ahead checked");
                continue;
            }
            let tap = json!({ "door": promise.room, "key": promise.key });
            let tapped = self.wire.control("POST", "/_sandbox/tap", tap).await;
            self.model.count("taps that must open");
            if tapped["opens"] != true && !self.is_excused(&tapped, &state, promise) {
                return Err(format!(
                    "{name} is locked out of room {} ({}): {promise:?}",
                    promise.room, tapped["why"]
                ));
            }
        }
        for (guest, name) in self.model.names.clone() {
            for room in self.model.rooms.clone() {
                if self.model.may_open(&guest, &room, now) {
                    continue;
                }
                let tap = json!({ "door": room, "user": guest });
                let tapped = self.wire.control("POST", "/_sandbox/tap", tap).await;
                if tapped["opens"] == true {
                    return Err(format!(
                        "{name} opens room {room} without a promise, with key {}",
                        tapped["key"]
                    ));
                }
            }
        }
        if last {
            for place in &self.places {
                let open = place.unfinished().await;
                if !open.is_empty() {
                    return Err(format!(
                        "{} still has open operations: {:?}",
                        place.name,
                        open.iter().map(|row| row.id.short()).collect::<Vec<_>>()
                    ));
                }
            }
        }
        Ok(())
    }

    fn is_excused(
        &mut self,
        tapped: &Value,
        state: &Value,
        promise: &crate::model::Promise,
    ) -> bool {
        let limit = limits::which(tapped, state, promise, self.phones_were_off);
        if let Some(limit) = limit {
            self.model.count(format!("limit: {limit}"));
        }
        limit.is_some()
    }

    /// Faults stop; every desk finishes what is open, or puts it away; then nothing is open, and all is as promised.
    async fn end(&mut self) -> Result<(), String> {
        self.wire.weather(Weather::Fair);
        tokio::time::sleep(Duration::from_secs(1200)).await;
        for act in [
            (Act::RecoverAll, "recover --all"),
            (Act::Close, "recover OPERATION --close"),
        ] {
            for desk in 0..self.places.len() {
                while !self.places[desk].unfinished().await.is_empty() {
                    let before = self.places[desk].unfinished().await.len();
                    let call = Call {
                        desk,
                        typed: act.1.to_owned(),
                        act: act.0.clone(),
                        answering: Answering::Beforehand,
                        after: Duration::ZERO,
                        interrupt: None,
                        crash: None,
                    };
                    self.carry_out(vec![call]).await?;
                    if self.places[desk].unfinished().await.len() == before {
                        break;
                    }
                }
            }
        }
        self.check(true).await
    }
}

/// The common doors, as staff type them.
fn told_also(also: &[String]) -> String {
    let mut told = String::new();
    for door in also {
        let _ = write!(told, " --also {door}");
    }
    told
}

fn named_room(room: &str) -> RoomName {
    roomkey::hotel::parse_rooms(room).unwrap().remove(0)
}

//! A simulated hotel behind Seam's HTTP API: for trying the tool, for training, for tests.
//!
//! It has its own wire types and uses nothing of the client's: if both shared their structs, one
//! misreading of the API would make them agree. What the vendor's documentation leaves open is a
//! [reading](Readings); what can go wrong on the way is a fault, ordered over `/_sandbox/faults`.

mod control;
mod desk;
mod faults;
mod hotel;
mod id;
mod in_process;
mod params;
mod readings;
mod refusal;
mod request;
mod routes;
mod schema;
mod server;
mod service;
mod snapshot;
#[cfg(test)]
mod tests;
mod time;
mod visitor;
mod wire;

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use desk::{Desk, Opening};
use hotel::{Founding, Surroundings};
use id::IdSource;
use service::Service;
use snapshot::Snapshot;
use time::Beat;

pub use id::Ids;
pub use in_process::{InProcess, Response};
pub use readings::{ReadingError, Readings};
pub use time::Time;

/// What a simulated hotel is like.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port to serve on; 0 takes a free one.
    pub port: u16,
    /// How many guest rooms, on floors of twenty.
    pub rooms: u32,
    /// What the ids of the hotel's first day are made from.
    pub seed: u64,
    /// The API key; without it a random one, which is kept with the hotel's state.
    pub api_key: Option<String>,
    /// How long every answer of the API takes.
    pub latency: Duration,
    /// The hotel's time zone by its IANA name.
    pub time_zone: String,
    /// Where the hotel is kept, to be shared with other processes; else in memory.
    pub state: Option<PathBuf>,
    /// How open questions about the service are read.
    pub readings: Readings,
    /// What the hotel's clock runs on; it can be set over `/_sandbox/clock`.
    pub time: Time,
    /// What ids are made from after the first day.
    pub ids: Ids,
    /// How long the lock system takes to follow.
    pub sync: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            rooms: 40,
            seed: 0,
            api_key: None,
            latency: Duration::ZERO,
            time_zone: "Europe/Berlin".to_owned(),
            state: None,
            readings: Readings::default(),
            time: Time::Real,
            ids: Ids::Random,
            sync: Duration::from_millis(150),
        }
    }
}

/// What a client of a simulated hotel needs to know.
#[derive(Clone, Debug)]
pub struct Access {
    /// The API key, bound to the hotel's workspace.
    pub api_key: String,
    /// A personal access token; it needs the workspace's id beside it.
    pub personal_access_token: String,
    /// The hotel's workspace.
    pub workspace_id: String,
    /// The Visionline system.
    pub acs_system_id: String,
    /// The credential manager of the Visionline system.
    pub credential_manager_acs_system_id: String,
}

/// A hotel that is being served.
#[derive(Debug)]
pub struct Running {
    /// Where: `http://127.0.0.1:PORT`.
    pub url: String,
    /// The API key, bound to the hotel's workspace.
    pub api_key: String,
    /// A personal access token; it needs the workspace's id beside it.
    pub personal_access_token: String,
    /// The hotel's workspace.
    pub workspace_id: String,
    /// The Visionline system.
    pub acs_system_id: String,
    /// The credential manager of the Visionline system.
    pub credential_manager_acs_system_id: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

/// How long a stop waits for requests under way.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

impl Running {
    /// Ends the server, after the requests under way. The state of each answer is on disk before
    /// it is sent: nothing is left to be written.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(LAST_ANSWERS, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }

    /// Serves for as long as the server runs.
    pub async fn wait(self) {
        let Self { stop, task, .. } = self;
        let _ = task.await;
        // Kept until here: without a sender the server could no longer be told to end.
        drop(stop);
    }
}

/// Opens a hotel and serves it on the current tokio runtime.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (desk, access) = open(options, url.clone())?;
    let (stop, stopping) = watch::channel(false);
    let service = Service {
        desk: Arc::new(desk),
        stopping,
        tick: server::TICK,
    };
    let task = tokio::spawn(server::run(listener, service));
    Ok(Running {
        url,
        api_key: access.api_key,
        personal_access_token: access.personal_access_token,
        workspace_id: access.workspace_id,
        acs_system_id: access.acs_system_id,
        credential_manager_acs_system_id: access.credential_manager_acs_system_id,
        stop,
        task,
    })
}

/// Opens a hotel that is reached at `url`.
fn open(options: Options, url: String) -> io::Result<(Desk, Access)> {
    let time_zone: Tz = options.time_zone.parse().map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("no such time zone: {}", options.time_zone),
        )
    })?;
    let beat = Beat::of(options.time);
    let desk = Desk::open(Opening {
        founding: Founding {
            rooms: options.rooms,
            seed: options.seed,
            time_zone,
            now: beat.now(),
        },
        surroundings: Surroundings {
            beat,
            ids: IdSource::new(options.ids),
            readings: options.readings,
        },
        ids: options.ids,
        latency: options.latency,
        sync: options.sync,
        snapshot: options.state.map(Snapshot::new).transpose()?,
        url,
    })?;
    let access = desk.with_hotel(|hotel| {
        if let Some(key) = options.api_key {
            hotel.set_api_key(key);
        }
        let property = &hotel.property;
        Access {
            api_key: property.api_key.clone(),
            personal_access_token: property.personal_access_token.clone(),
            workspace_id: property.workspace.to_string(),
            acs_system_id: property.system.to_string(),
            credential_manager_acs_system_id: property.manager.to_string(),
        }
    })?;
    Ok((desk, access))
}

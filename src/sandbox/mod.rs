//! A simulated hotel behind Seam's HTTP API, for trials, training and tests.
//!
//! It has its own types for the API and shares no code with the client in `seam`. If both shared their types, a
//! misreading of the API would be in both and no test would find it. Where the vendor's documentation leaves a question
//! open, a [reading](Readings) selects the answer. Faults are ordered over `/_sandbox/faults`.

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

/// The options of a simulated hotel.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port to serve on. 0 selects a free port.
    pub port: u16,
    /// The number of guest rooms. A floor has twenty.
    pub rooms: u32,
    /// The seed for the ids of the objects that exist on the first day.
    pub seed: u64,
    /// The API key. `None` creates a random key, which is saved with the hotel's state.
    pub api_key: Option<String>,
    /// How long every answer of the API takes.
    pub latency: Duration,
    /// The hotel's time zone, as an IANA name.
    pub time_zone: String,
    /// The file with the hotel's state, which several processes can share. `None` keeps the hotel in memory.
    pub state: Option<PathBuf>,
    /// The answers to the questions that the vendor's documentation leaves open.
    pub readings: Readings,
    /// The time that drives the hotel's clock. `/_sandbox/clock` can set the clock.
    pub time: Time,
    /// The source of the ids of objects that are created after the first day.
    pub ids: Ids,
    /// How long the lock system takes to carry out a change.
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

/// The keys and ids that a client of a simulated hotel needs.
#[derive(Clone, Debug)]
pub struct Access {
    /// The API key of the hotel's workspace.
    pub api_key: String,
    /// A personal access token. It is used together with the workspace's id.
    pub personal_access_token: String,
    /// The id of the hotel's workspace.
    pub workspace_id: String,
    /// The id of the Visionline system.
    pub acs_system_id: String,
    /// The id of the Visionline system's credential manager.
    pub credential_manager_acs_system_id: String,
}

/// A hotel that a server serves.
#[derive(Debug)]
pub struct Running {
    /// The address: `http://127.0.0.1:PORT`.
    pub url: String,
    /// The API key of the hotel's workspace.
    pub api_key: String,
    /// A personal access token. It is used together with the workspace's id.
    pub personal_access_token: String,
    /// The id of the hotel's workspace.
    pub workspace_id: String,
    /// The id of the Visionline system.
    pub acs_system_id: String,
    /// The id of the Visionline system's credential manager.
    pub credential_manager_acs_system_id: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

/// How long a stop waits for the requests under way.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

impl Running {
    /// Stops the server after the requests under way. No state is lost, because it is saved to disk before each answer
    /// is sent.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(LAST_ANSWERS, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }

    /// Completes when the server ends.
    pub async fn wait(self) {
        let Self { stop, task, .. } = self;
        let _ = task.await;
        // The sender is kept until here, because the server cannot be stopped without it.
        drop(stop);
    }
}

/// Opens a hotel and serves it on the current tokio runtime.
///
/// # Errors
///
/// The port is not free, the time zone does not exist, or the file with the hotel's state cannot be read or written.
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

/// Opens a hotel with the address `url`.
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

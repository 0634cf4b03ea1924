//! A simulated hotel behind Seam's HTTP API, for trying the tool, for training and for tests.
//!
//! Double entry: nothing of the client is used here. The wire is written down a second time, from the
//! vendor's schema, so that a misreading of the API cannot agree with itself.

mod api;
mod control;
mod faults;
mod params;
mod readings;
mod render;
mod seed;
mod server;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use readings::{ReadingError, Readings};

/// The hotel to open.
#[derive(Clone, Debug)]
pub struct Options {
    /// 0 for any that is free.
    pub port: u16,
    /// Guest rooms, on floors of twenty. Only for a new hotel.
    pub rooms: u32,
    /// The same seed gives the same ids. Only for a new hotel.
    pub seed: u64,
    /// Added to every answer.
    pub latency: Duration,
    /// IANA name. Only for a new hotel.
    pub time_zone: String,
    /// Where the hotel is kept; in memory where there is none.
    pub state: Option<PathBuf>,
    /// How it behaves where no source settles it.
    pub readings: Readings,
    /// The hotel's clock at the start, UTC; the machine's where there is none.
    pub now: Option<DateTime<Utc>>,
    /// How long the lock system takes to follow a change.
    pub sync: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            rooms: 40,
            seed: 1,
            latency: Duration::ZERO,
            time_zone: "Europe/Berlin".to_owned(),
            state: None,
            readings: Readings::default(),
            now: None,
            sync: Duration::from_millis(150),
        }
    }
}

/// A hotel that is open.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its API key.
    pub api_key: String,
    /// Its personal access token, to be used with the workspace's id.
    pub personal_access_token: String,
    /// Its workspace.
    pub workspace_id: String,
    /// Its Visionline system.
    pub acs_system_id: String,
    /// The credential manager.
    pub credential_manager_acs_system_id: String,
    task: JoinHandle<()>,
}

impl Running {
    /// Closes it. Everything that was answered is kept.
    pub fn stop(self) {
        self.task.abort();
    }

    /// Keeps it open until the process is stopped.
    pub async fn wait(self) {
        let _ = self.task.await;
    }
}

/// Opens a hotel on a loopback port.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let shared = Arc::new(server::Shared::open(options)?);
    let fixed = shared.fixed();
    Ok(Running {
        url,
        api_key: fixed.api_key,
        personal_access_token: fixed.token,
        workspace_id: fixed.workspace_id,
        acs_system_id: fixed.system_id,
        credential_manager_acs_system_id: fixed.manager_id,
        task: tokio::spawn(server::accept(listener, shared)),
    })
}

//! `sandbox`: the simulated hotel.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::{Answer, Done};
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::output::Ui;
use crate::sandbox;
use crate::stay::GuestQuery;
use crate::workflow::engine::Interrupt as _;
use crate::workflow::facts::Facts;
use crate::workflow::read::sign_in;

/// The simulated hotel.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Keep a hotel open for other programs, until stopped.
    Serve(Serve),
    /// Close the hotel of `--sandbox` and forget what was done there.
    Reset,
    /// Let a guest sign in to the app; also in a sandbox workspace of Seam's.
    Phone {
        /// The guest.
        #[arg(long, short, value_name = "GUEST")]
        guest: GuestQuery,
    },
}

/// Which hotel to keep open.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The port on this machine; 0 for any that is free.
    #[arg(long, short, default_value_t = 0)]
    port: u16,
    /// Guest rooms, on floors of twenty.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rooms: u32,
    /// Milliseconds added to every answer.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// The same seed gives the same ids.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The hotel's own time zone.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin")]
    hotel_zone: chrono_tz::Tz,
    /// Milliseconds that the lock system takes to follow.
    #[arg(long, value_name = "MS", default_value_t = 150)]
    sync: u64,
    /// Keep the hotel in this file; without it, in memory.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

pub(super) async fn run(app: &App, command: Command) -> Answer {
    match command {
        Command::Serve(args) => serve(app, args).await,
        Command::Reset => reset(app),
        Command::Phone { guest } => phone(app, &guest).await,
    }
}

async fn serve(app: &App, args: Serve) -> Answer {
    let options = sandbox::Options {
        port: args.port,
        rooms: args.rooms,
        seed: args.seed,
        latency: Duration::from_millis(args.latency),
        time_zone: args.hotel_zone.name().to_owned(),
        state: args.state,
        readings: app.readings,
        sync: Duration::from_millis(args.sync),
        ..sandbox::Options::default()
    };
    let port = options.port;
    let hotel = sandbox::start(options).await.map_err(|error| {
        Failure::new(
            Kind::Io,
            format!("the sandbox cannot be opened on port {port}: {error}"),
        )
        .hint("name another port, or none to take any that is free")
    })?;
    if app.ui.json {
        let line = json!({
            "url": hotel.url, "api_key": hotel.api_key, "acs_system_id": hotel.acs_system_id,
            "credential_manager_acs_system_id": hotel.credential_manager_acs_system_id,
            "personal_access_token": hotel.personal_access_token, "workspace_id": hotel.workspace_id,
        });
        Ui::out(&format!("{line}\n"))?;
    } else {
        Ui::out(&format!(
            "export SEAM_ENDPOINT={}\nexport SEAM_API_KEY={}\n",
            hotel.url, hotel.api_key
        ))?;
        app.ui
            .say("The hotel is open until Ctrl-C. Its keys open no real door.");
    }
    // Its state, where kept, is on disk already.
    app.interrupts.requested().await;
    hotel.stop().await;
    Err(Failure::new(Kind::Interrupted, "the sandbox is closed"))
}

fn reset(app: &App) -> Answer {
    let home = if app.settings.sandbox.value {
        app.settings.home.clone()
    } else {
        app.settings.home.join("sandbox")
    };
    match std::fs::remove_dir_all(&home) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::new(
                Kind::Io,
                format!("{} cannot be removed: {error}", home.display()),
            ));
        }
        _ => app
            .ui
            .say("The simulated hotel and the record of what was done there are gone."),
    }
    Ok(Done::new(json!({ "outcome": "done" })))
}

async fn phone(app: &App, guest: &GuestQuery) -> Answer {
    let client = app.client().await?;
    let facts = Facts::read(&client, &app.property(), std::slice::from_ref(guest)).await?;
    let guest = facts.guest(guest)?;
    sign_in(&client, guest).await?;
    app.ui.say(&format!(
        "{} has signed in to the app; keys that waited for it are delivered.",
        guest.name
    ));
    Ok(Done::new(
        json!({ "outcome": "done", "acs_user_id": guest.acs_user_id }),
    ))
}

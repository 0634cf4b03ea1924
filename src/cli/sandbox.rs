//! `sandbox`: the simulated hotel.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Answer, Done};
use crate::app::App;
use crate::failure::{Failure, Kind};
use crate::home;
use crate::hotel::GuestQuery;
use crate::operation::executor::Interrupt as _;
use crate::present::Ui;
use crate::sandbox;
use crate::snapshot::fetch::sign_in;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// The simulated hotel.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Serve a simulated hotel to other programs until Ctrl-C.
    Serve(Serve),
    /// Delete the hotel of `--sandbox` and its journal. Its clock goes on.
    Reset {
        /// Set the hotel's clock back to the real time as well.
        #[arg(long)]
        real_clock: bool,
    },
    /// Show or set the clock of the hotel of `--sandbox`, for instance to see a check-out without waiting.
    Clock {
        /// `2026-12-01T11:00:00+01:00` sets it, `+2h` or `+1d` advances it, `real` goes back to the real time.
        #[arg(value_name = "TIME")]
        time: Option<ClockTime>,
    },
    /// Let a guest sign in to the app. Also works in a sandbox workspace of Seam.
    Phone {
        /// The guest.
        #[arg(long, short, value_name = "GUEST")]
        guest: GuestQuery,
    },
}

/// The hotel to serve.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The port on this computer; 0 for any free port.
    #[arg(long, short, default_value_t = 0)]
    port: u16,
    /// Number of guest rooms, twenty on each floor.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rooms: u32,
    /// Milliseconds added to every answer.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Seed of the ids: the same seed gives the same ids.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The hotel's own time zone.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin")]
    hotel_zone: chrono_tz::Tz,
    /// Milliseconds until the lock system confirms a change.
    #[arg(long, value_name = "MS", default_value_t = 150)]
    sync: u64,
    /// The hotel's API key [default: a random key, which stays the same while the state is kept].
    #[arg(long, value_name = "KEY", value_parser = api_key)]
    api_key: Option<String>,
    /// Keep the hotel in this file [default: in memory].
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

/// Reads the API key of a simulated hotel. It must be valid in an HTTP header and too long to be guessed.
fn api_key(text: &str) -> Result<String, &'static str> {
    let is_word = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && text.len() >= 16 {
        Ok(text.to_owned())
    } else {
        Err("at least 16 letters, digits and underscores")
    }
}

/// A new time for the hotel's clock: a time, a step forward, or the real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockTime {
    At(DateTime<Utc>),
    Prefetched(TimeDelta),
    Real,
}

impl FromStr for ClockTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "a time like 2026-12-01T11:00:00+01:00, +30m, +2h, +1d or real";
        if text == "real" {
            return Ok(Self::Real);
        }
        let Some(step) = text.strip_prefix('+') else {
            let time = DateTime::parse_from_rfc3339(text).map_err(|_| FORMS)?;
            return Ok(Self::At(time.to_utc()));
        };
        let unit = match step.as_bytes().last() {
            Some(b'm') => 60,
            Some(b'h') => 60 * 60,
            Some(b'd') => 24 * 60 * 60,
            _ => return Err(FORMS),
        };
        let count: u32 = step[..step.len() - 1].parse().map_err(|_| FORMS)?;
        Ok(Self::Prefetched(TimeDelta::seconds(
            i64::from(count) * unit,
        )))
    }
}

pub(super) async fn run(app: &App, command: Command) -> Answer {
    match command {
        Command::Serve(args) => serve(app, args).await,
        Command::Reset { real_clock } => reset(app, real_clock).await,
        Command::Clock { time } => clock(app, time).await,
        Command::Phone { guest } => phone(app, &guest).await,
    }
}

async fn serve(app: &App, args: Serve) -> Answer {
    let options = sandbox::Options {
        port: args.port,
        rooms: args.rooms,
        seed: args.seed,
        api_key: args.api_key,
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
    app.interrupts.closing();
    if app.ui.json {
        let line = json!({
            "url": hotel.url, "api_key": hotel.api_key, "acs_system_id": hotel.acs_system_id,
            "credential_manager_acs_system_id": hotel.credential_manager_acs_system_id,
            "personal_access_token": hotel.personal_access_token, "workspace_id": hotel.workspace_id,
        });
        Ui::json(&line)?;
    } else {
        Ui::out(&format!(
            "export SEAM_ENDPOINT={}\nexport SEAM_API_KEY={}\n",
            hotel.url, hotel.api_key
        ))?;
        app.ui
            .say("The hotel is open until Ctrl-C. Its keys open no real door.");
    }
    app.interrupts.requested().await;
    hotel.stop().await;
    // Ctrl-C is the way to close the hotel, so it is no failure.
    app.ui.say("The hotel is closed.");
    Ok(Done::new(json!({ "outcome": "done" })))
}

/// Returns the folder of the hotel of `--sandbox`, whether or not the option is given.
fn hotel_home(app: &App) -> PathBuf {
    if app.settings.sandbox.value {
        app.settings.home.clone()
    } else {
        app.settings.home.join(home::SANDBOX)
    }
}

const CLOCK: &str = "/_sandbox/clock";

/// Returns the file with the state of the hotel of `--sandbox`.
fn state(app: &App) -> PathBuf {
    hotel_home(app).join("hotel.json")
}

/// Sends a request to the control interface of the hotel of `--sandbox`: `POST` if there is a body, otherwise `GET`.
async fn control(app: &App, path: &str, body: Option<Value>) -> Result<Value, Failure> {
    let unusable = |cause: &str| {
        Failure::new(Kind::Io, format!("the sandbox cannot be opened: {cause}"))
            .impact("Nothing was changed.")
            .hint("`roomkey sandbox reset` starts afresh")
    };
    let options = sandbox::Options {
        state: Some(state(app)),
        ..app.hotel()
    };
    let hotel = sandbox::InProcess::open(options).map_err(|error| unusable(&error.to_string()))?;
    let (method, body) = match body {
        None => ("GET", Vec::new()),
        Some(body) => ("POST", body.to_string().into_bytes()),
    };
    let headers = [
        ("authorization", format!("Bearer {}", hotel.api_key())),
        ("content-type", "application/json".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let answer = hotel.request(method, path, &headers, body).await;
    let answer = answer.ok_or_else(|| unusable("no answer"))?;
    let shown: Value =
        serde_json::from_slice(&answer.body).map_err(|error| unusable(&error.to_string()))?;
    match &shown["error"]["message"] {
        Value::String(message) => Err(unusable(message)),
        _ => Ok(shown),
    }
}

async fn clock(app: &App, time: Option<ClockTime>) -> Answer {
    let set = time.map(|time| match time {
        ClockTime::At(time) => json!({ "now": time.to_rfc3339_opts(SecondsFormat::Millis, true) }),
        ClockTime::Prefetched(step) => json!({ "advance_seconds": step.num_seconds() }),
        ClockTime::Real => json!({ "real": true }),
    });
    let shown = control(app, CLOCK, set).await?;
    let (now, zone) = (
        shown["now"].as_str().unwrap_or_default(),
        shown["time_zone"].as_str().unwrap_or_default(),
    );
    let local = match (now.parse::<DateTime<Utc>>(), zone.parse::<Tz>()) {
        (Ok(now), Ok(zone)) => now
            .with_timezone(&zone)
            .format("%a %Y-%m-%d %H:%M")
            .to_string(),
        _ => now.to_owned(),
    };
    let ahead = shown["ahead_ms"].as_i64().unwrap_or_default();
    if !app.ui.json {
        Ui::out(&format!("{local} {zone}\n"))?;
        if ahead != 0 {
            app.ui.say(
                "The clock of the simulated hotel is set. `roomkey sandbox clock real` goes back.",
            );
        }
    }
    Ok(Done::new(json!({
        "outcome": "done", "now": now, "time_zone": zone, "is_set": ahead != 0,
    })))
}

async fn reset(app: &App, real_clock: bool) -> Answer {
    let home = hotel_home(app);
    home::check(&home)?;
    // If the hotel cannot be read, its clock starts at the real time.
    let clock = if !real_clock && state(app).exists() {
        control(app, CLOCK, None).await.ok()
    } else {
        None
    };
    let left = home::clear(&home).map_err(|error| {
        Failure::new(
            Kind::Io,
            format!("{} cannot be emptied: {error}", home.display()),
        )
    })?;
    app.ui
        .say("The simulated hotel and its journal are deleted.");
    if left {
        app.ui.say(&format!(
            "Files in {} that roomkey did not make are still there.",
            home.display()
        ));
    }
    if let Some(clock) = clock.filter(|clock| clock["ahead_ms"] != 0) {
        control(app, CLOCK, Some(json!({ "now": clock["now"] }))).await?;
        // A reset after the clock is set puts the stays of the first day around that time.
        control(app, "/_sandbox/reset", Some(json!({}))).await?;
        app.ui.say(
            "The hotel's clock is still the one that was set. `roomkey sandbox clock real` goes back.",
        );
    }
    Ok(Done::new(json!({ "outcome": "done" })))
}

async fn phone(app: &App, guest: &GuestQuery) -> Answer {
    let client = app.client().await?;
    let snapshot =
        HotelSnapshot::read(&client, &app.profile(), std::slice::from_ref(guest)).await?;
    let guest = snapshot.guest(guest)?;
    sign_in(&client, guest).await?;
    app.ui.say(&format!(
        "{} has signed in to the app and receives the keys that were waiting.",
        guest.name
    ));
    Ok(Done::new(
        json!({ "outcome": "done", "acs_user_id": guest.acs_user_id }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_set_or_a_step_ahead_or_real() {
        let at = "2026-12-01T10:00:00Z".parse().unwrap();
        for (text, time) in [
            ("real", Some(ClockTime::Real)),
            ("2026-12-01T11:00:00+01:00", Some(ClockTime::At(at))),
            ("+30m", Some(ClockTime::Prefetched(TimeDelta::minutes(30)))),
            ("+2h", Some(ClockTime::Prefetched(TimeDelta::hours(2)))),
            ("+1d", Some(ClockTime::Prefetched(TimeDelta::days(1)))),
            ("2026-12-01 11:00", None),
            ("+2", None),
            ("+", None),
            ("+-1d", None),
            ("+1ü", None),
            ("tomorrow", None),
        ] {
            assert_eq!(text.parse().ok(), time, "{text}");
        }
    }
}

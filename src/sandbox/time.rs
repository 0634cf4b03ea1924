//! The time that drives the hotel's clock.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// The time that drives the hotel's clock until a test sets the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Time {
    /// The clock of this machine.
    #[default]
    Real,
    /// A virtual time in UTC. It advances with [`tokio::time::Instant`] from the opening of the hotel, so a paused
    /// runtime controls it.
    Virtual {
        /// The time at which the hotel is opened.
        start: DateTime<Utc>,
    },
}

/// A [`Time`] that has started to run.
#[derive(Clone, Copy, Default)]
pub(super) struct Beat(Option<(DateTime<Utc>, Instant)>);

impl Beat {
    pub(super) fn of(time: Time) -> Self {
        match time {
            Time::Real => Self(None),
            Time::Virtual { start } => Self(Some((start, Instant::now()))),
        }
    }

    /// Returns the time of the clock before it is set.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulated hotel has a clock of its own"
    )]
    pub(super) fn now(&self) -> DateTime<Utc> {
        match self.0 {
            None => Utc::now(),
            Some((start, began)) => TimeDelta::from_std(began.elapsed())
                .ok()
                .and_then(|elapsed| start.checked_add_signed(elapsed))
                .unwrap_or(start),
        }
    }
}

//! Where the time of the hotel comes from.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// What the hotel's clock runs on, before it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Time {
    /// The clock of this machine.
    #[default]
    Real,
    /// A given time, UTC, carried forward by [`tokio::time::Instant`] from the opening of the hotel: a paused
    /// runtime drives it.
    Virtual {
        /// What the clock shows when the hotel is opened.
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

    /// Returns the time as nobody has set it.
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

//! The one clock of a command: the server's, carried forward by the monotonic clock of this machine.
//!
//! A PC at a front desk may be hours wrong, and a key that starts three hours late locks its guest out. Every
//! answer of the server carries its time (`Date`), so that the PC's clock is used only until the first answer.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// How far back an answer may move the clock. Servers behind one address differ by a little, and `Date` has no
/// fractions of a second: a smaller step back is no correction.
const STEP_BACK: TimeDelta = TimeDelta::seconds(2);

/// How wrong the PC's clock may be before people are warned.
const TOLERATED_SKEW: TimeDelta = TimeDelta::minutes(1);

/// The time of the server, UTC. Clones share it.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    wall: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    anchor: Mutex<Option<Anchor>>,
}

/// A time that the server gave, and when it arrived.
#[derive(Clone, Copy)]
struct Anchor {
    date: DateTime<Utc>,
    received: Instant,
    /// The PC's clock at that moment.
    wall: DateTime<Utc>,
}

impl Anchor {
    fn now(&self) -> DateTime<Utc> {
        let elapsed = TimeDelta::from_std(self.received.elapsed()).unwrap_or(TimeDelta::zero());
        self.date.checked_add_signed(elapsed).unwrap_or(self.date)
    }
}

impl Clock {
    /// Starts from the PC's clock.
    pub fn system() -> Self {
        Self::with_wall(Utc::now)
    }

    /// Starts from another clock than the PC's; for simulations.
    pub fn with_wall(wall: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            wall: Box::new(wall),
            anchor: Mutex::new(None),
        }))
    }

    /// Returns the time of the server, or that of the PC where no server has answered yet.
    pub fn now(&self) -> DateTime<Utc> {
        match &*self.anchor_slot() {
            Some(anchor) => anchor.now(),
            None => (self.0.wall)(),
        }
    }

    /// Takes in the `Date` of an answer that has just arrived.
    ///
    /// `Date` has whole seconds, so the latest estimate is the best one. An earlier one counts only where it is
    /// much earlier: then the server's clock was set back.
    pub fn anchor(&self, date: DateTime<Utc>) {
        let mut slot = self.anchor_slot();
        let keeps = slot.is_some_and(|anchor| {
            let now = anchor.now();
            date <= now && now - date <= STEP_BACK
        });
        if !keeps {
            *slot = Some(Anchor {
                date,
                received: Instant::now(),
                wall: (self.0.wall)(),
            });
        }
    }

    /// Returns how far the PC's clock is ahead of the server's, where that is more than a minute either way.
    pub fn skew(&self) -> Option<TimeDelta> {
        let anchor = (*self.anchor_slot())?;
        let ahead = anchor.wall - anchor.date;
        (ahead.abs() > TOLERATED_SKEW).then_some(ahead)
    }

    fn anchor_slot(&self) -> MutexGuard<'_, Option<Anchor>> {
        self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_decides_and_the_monotonic_clock_carries_on() {
        let clock = Clock::with_wall(|| at("2026-11-24T13:00:00Z"));
        assert_eq!(clock.now(), at("2026-11-24T13:00:00Z"));
        assert_eq!(clock.skew(), None);
        clock.anchor(at("2026-11-24T10:00:00Z"));
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(clock.now(), at("2026-11-24T10:01:30Z"));
        assert_eq!(clock.skew(), Some(TimeDelta::hours(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_moves_the_clock_forward_and_back_only_by_a_real_step() {
        let clock = Clock::with_wall(|| at("2026-11-24T10:00:00Z"));
        clock.anchor(at("2026-11-24T10:00:00Z"));
        tokio::time::advance(Duration::from_millis(900)).await;
        clock.anchor(at("2026-11-24T10:00:00Z"));
        assert_eq!(clock.now(), at("2026-11-24T10:00:00.900Z"));
        clock.anchor(at("2026-11-24T10:00:02Z"));
        assert_eq!(clock.now(), at("2026-11-24T10:00:02Z"));
        clock.anchor(at("2026-11-24T09:00:00Z"));
        assert_eq!(clock.now(), at("2026-11-24T09:00:00Z"));
    }
}

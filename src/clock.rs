//! The clock of a command. It follows the server's time; between two answers the monotonic clock of this machine
//! advances it.
//!
//! The clock of a PC at a front desk may be hours wrong, and a key that starts three hours late locks out its guest.
//! Every answer of the server carries its time in the `Date` header. The PC's clock is used only until the first
//! answer.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// How far an answer must lie in the past before it moves the clock back. The clocks of servers behind one address
/// differ a little, and `Date` has whole seconds, so a smaller step back is ignored.
const STEP_BACK: TimeDelta = TimeDelta::seconds(2);

/// How wrong the PC's clock may be before roomkey warns about it.
const TOLERATED_SKEW: TimeDelta = TimeDelta::minutes(1);

/// A clock that shows the server's time in UTC. All clones share one state.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    wall: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    anchor: Mutex<Option<Anchor>>,
}

/// A time that the server sent, and the moment when it arrived.
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
    /// Returns a clock that follows the PC's clock until the first answer of the server.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the PC's clock"
    )]
    pub fn system() -> Self {
        Self::with_wall(Utc::now)
    }

    /// Returns a clock that follows `wall` until the first answer of the server. For simulations.
    pub fn with_wall(wall: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            wall: Box::new(wall),
            anchor: Mutex::new(None),
        }))
    }

    /// Returns the server's time, or the PC's time if no server has answered yet.
    pub fn now(&self) -> DateTime<Utc> {
        match &*self.anchor_slot() {
            Some(anchor) => anchor.now(),
            None => (self.0.wall)(),
        }
    }

    /// Sets the clock to the `Date` of an answer that has just arrived.
    ///
    /// `Date` has whole seconds, so the latest estimate is the best one. A `Date` up to two seconds behind the clock is
    /// ignored. One that lies further back means that the server's clock was set back.
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

    /// Returns how far the PC's clock is ahead of the server's (negative: behind), or `None` if they differ by at most
    /// a minute.
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

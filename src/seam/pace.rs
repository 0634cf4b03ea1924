//! The pace of requests: how many may be in flight, and how long all of them wait when the server asks for a pause.
//!
//! The width is the number of requests that may be in flight. A 429 halves it for all requests and delays the next
//! request. Every answer raises it again, up to the caller's maximum (additive increase, multiplicative decrease).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The longest pause that is kept when a server asks for one.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The pace that all requests of a client share.
#[derive(Debug)]
pub(super) struct Pace {
    state: Mutex<State>,
    freed: Notify,
    widest: f64,
}

#[derive(Debug)]
struct State {
    width: f64,
    in_flight: u32,
    not_before: Option<Instant>,
    narrowed: Option<Instant>,
}

/// A place among the requests in flight. Dropping it makes the place free.
#[derive(Debug)]
pub(super) struct Place<'a>(&'a Pace);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
        self.0.freed.notify_one();
    }
}

impl Pace {
    pub(super) fn new(widest: u32) -> Self {
        let width = f64::from(widest.max(1));
        let state = State {
            width,
            in_flight: 0,
            not_before: None,
            narrowed: None,
        };
        Self {
            state: Mutex::new(state),
            freed: Notify::new(),
            widest: width,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a free place. Returns the place and how long the server's pause delayed the request.
    ///
    /// # Errors
    ///
    /// The server asked for a pause that is longer than `patience`. The error is the rest of that pause.
    pub(super) async fn enter(
        &self,
        patience: Duration,
    ) -> Result<(Place<'_>, Duration), Duration> {
        let mut held = Duration::ZERO;
        loop {
            let wait_until = {
                let mut state = self.state();
                match state.not_before.filter(|at| *at > Instant::now()) {
                    Some(at) => Some(at),
                    None if f64::from(state.in_flight) + 1.0 <= state.width.max(1.0) => {
                        state.in_flight += 1;
                        return Ok((Place(self), held));
                    }
                    None => None,
                }
            };
            let Some(at) = wait_until else {
                self.freed.notified().await;
                continue;
            };
            let pause = at.saturating_duration_since(Instant::now());
            held = held.saturating_add(pause);
            if held >= patience {
                return Err(pause);
            }
            tokio::time::sleep_until(at).await;
        }
    }

    /// Returns the rest of the pause that the server asked for.
    pub(super) fn held(&self) -> Duration {
        let until = self.state().not_before;
        until.map_or(Duration::ZERO, |at| {
            at.saturating_duration_since(Instant::now())
        })
    }

    /// Delays all requests by `pause` and halves the width, because the server is too busy. Several calls within 250 ms
    /// halve it only once.
    pub(super) fn slow_down(&self, pause: Duration) {
        let now = Instant::now();
        let mut state = self.state();
        state.not_before = state.not_before.max(Some(now + pause.min(LONGEST)));
        if state
            .narrowed
            .is_none_or(|at| now - at > Duration::from_millis(250))
        {
            state.narrowed = Some(now);
            state.width = (state.width / 2.0).max(1.0);
        }
    }

    /// Raises the width after an answer. About as many answers as the width raise it by one.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        if state.width < self.widest {
            state.width = (state.width + 1.0 / state.width).min(self.widest);
            drop(state);
            self.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(99);

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_longer_than_they_have_time() {
        let pace = Pace::new(2);
        pace.slow_down(Duration::MAX);
        let before = Instant::now();
        assert!(pace.enter(PATIENT).await.is_err());
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_bounded_and_freed() {
        let pace = Pace::new(2);
        let first = pace.enter(PATIENT).await.unwrap();
        let _second = pace.enter(PATIENT).await.unwrap();
        assert!(
            tokio::time::timeout(Duration::from_secs(9), pace.enter(PATIENT))
                .await
                .is_err()
        );
        drop(first);
        assert!(
            tokio::time::timeout(Duration::from_secs(9), pace.enter(PATIENT))
                .await
                .is_ok()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_server_halves_the_width_once_and_holds_everybody_back() {
        let pace = Pace::new(16);
        for _ in 0..5 {
            pace.slow_down(Duration::from_secs(2));
        }
        assert!((pace.state().width - 8.0).abs() < f64::EPSILON);
        let before = Instant::now();
        drop(pace.enter(PATIENT).await.unwrap());
        assert!(before.elapsed() >= Duration::from_secs(2));
        for _ in 0..200 {
            pace.answered();
        }
        assert!(
            (pace.state().width - 16.0).abs() < f64::EPSILON,
            "and it recovers, no further"
        );
    }
}

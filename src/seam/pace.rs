//! How many requests are in flight, and how long all of them hold back when the server asks for it.
//!
//! Additive increase, multiplicative decrease: a 429 halves the width for everybody and moves the earliest
//! next request; every answer widens it again, up to what the caller allows.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The longest that a server's wish to be left alone is kept in mind.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Shared by all requests of a client.
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

/// A place in flight; free again when dropped.
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

    /// Waits for a place. Returns it with how long the server has held the request back. Where the server asks for a
    /// longer pause than `patience`, there is no place: the error is the pause that is left.
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

    /// Returns how long the server still wants to be left alone.
    pub(super) fn held(&self) -> Duration {
        let until = self.state().not_before;
        until.map_or(Duration::ZERO, |at| {
            at.saturating_duration_since(Instant::now())
        })
    }

    /// The server is too busy: everybody slows down, once for all the answers of one moment.
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

    /// An answer came: one more may fly after about as many answers as fly now.
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

//! How long a process waits for a journal that another process has locked, and what ends the wait.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::Trouble;
use super::writer::Problem;

/// After this time the wait is reported.
const SILENT: Duration = Duration::from_secs(1);

/// How much longer a result is tried to be written after a request to stop. Without it, recovery has to read the hotel.
const GRACE: Duration = Duration::from_secs(1);

/// The pauses between two attempts, in milliseconds. The last one repeats. They are those of the database's own wait,
/// which neither Ctrl-C nor a time limit can end.
const PAUSES: [u64; 10] = [1, 2, 5, 10, 15, 20, 25, 25, 50, 100];

type Stop = dyn Fn() -> BoxFuture<'static, ()> + Send + Sync;
type Tell = dyn Fn(&str) + Send + Sync;

/// How long a process waits for a journal that another process has locked.
#[derive(Clone)]
pub struct Patience {
    limit: Duration,
    stop: Option<Arc<Stop>>,
    tell: Option<Arc<Tell>>,
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patience")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self::up_to(Duration::from_secs(30))
    }
}

impl Patience {
    /// Returns a patience that waits for at most `limit`.
    pub fn up_to(limit: Duration) -> Self {
        Self {
            limit,
            stop: None,
            tell: None,
        }
    }

    /// Returns the same patience, which also ends when `stop` completes.
    #[must_use]
    pub fn stopping(
        mut self,
        stop: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        self.stop = Some(Arc::new(stop));
        self
    }

    /// Returns the same patience, which reports a wait of more than a second to `tell`, in one line.
    #[must_use]
    pub fn telling(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.tell = Some(Arc::new(tell));
        self
    }

    /// Begins a wait for the journal at `path`. `is_result` says that the wait is for writing down what has happened. A
    /// request to stop ends such a wait a second later, and any other wait at once.
    pub(super) fn wait<'a>(&'a self, path: &'a Path, is_result: bool) -> Wait<'a> {
        Wait {
            patience: self,
            path,
            grace: if is_result { GRACE } else { Duration::ZERO },
            begun: Instant::now(),
            pauses: 0,
            told: false,
            stopped: None,
        }
    }

    async fn stopped(&self) {
        match &self.stop {
            Some(stop) => stop().await,
            None => std::future::pending().await,
        }
    }
}

/// One wait for the journal.
pub(super) struct Wait<'a> {
    patience: &'a Patience,
    path: &'a Path,
    grace: Duration,
    begun: Instant,
    pauses: usize,
    told: bool,
    stopped: Option<Instant>,
}

impl Wait<'_> {
    /// Waits for a moment before the next attempt.
    ///
    /// # Errors
    ///
    /// The time is over, or a stop was requested.
    pub(super) async fn pause(&mut self) -> Result<(), Problem> {
        let waited = self.begun.elapsed();
        let limit = self.patience.limit;
        if waited >= limit {
            let seconds = limit.as_secs_f64();
            let text = format!("it has stayed locked for {seconds} s (`--timeout`)");
            let trouble = Trouble::Locked;
            return Err(Problem { trouble, text });
        }
        if waited >= SILENT && !self.told {
            self.told = true;
            if let Some(tell) = &self.patience.tell {
                let path = self.path.display();
                tell(&format!(
                    "Waiting for the journal {path}, which another program has locked."
                ));
            }
        }
        let pause = PAUSES[self.pauses.min(PAUSES.len() - 1)];
        self.pauses += 1;
        let pause = Duration::from_millis(pause).min(limit.saturating_sub(waited));
        tokio::select! {
            biased;
            () = self.patience.stopped(), if self.stopped.is_none() => self.stopped = Some(Instant::now()),
            () = tokio::time::sleep(pause) => {}
        }
        if self.stopped.is_some_and(|at| at.elapsed() >= self.grace) {
            return Err(Problem {
                trouble: Trouble::Interrupted,
                text: "the wait for it was interrupted".to_owned(),
            });
        }
        Ok(())
    }
}

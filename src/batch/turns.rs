//! Splits long computations, so that Ctrl-C and requests do not have to wait for their end.

use std::time::{Duration, Instant};

/// How long a computation runs before it yields to the runtime.
const AT_MOST: Duration = Duration::from_millis(20);

/// Yields to the runtime from time to time.
#[derive(Debug)]
pub(super) struct Turns(Instant);

impl Turns {
    /// Starts the time of the first turn.
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// Yields to the runtime if the current turn has lasted for [`AT_MOST`].
    pub(super) async fn pass(&mut self) {
        if self.0.elapsed() >= AT_MOST {
            tokio::task::yield_now().await;
            self.0 = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn long_work_lets_others_go_on() {
        let work = async {
            let mut turns = Turns::new();
            loop {
                turns.pass().await;
            }
        };
        let others = tokio::spawn(async { tokio::time::sleep(AT_MOST).await });
        tokio::select! {
            () = work => {}
            done = others => done.unwrap(),
        }
    }
}

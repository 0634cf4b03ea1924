//! Long work in pieces, so that Ctrl-C and requests do not have to wait for its end.

use std::time::{Duration, Instant};

/// How long work goes on before others have their turn.
const AT_MOST: Duration = Duration::from_millis(20);

/// Gives the runtime its turn now and then.
#[derive(Debug)]
pub(super) struct Turns(Instant);

impl Turns {
    /// Work begins.
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// Lets the runtime go on with everything else where the work has gone on for a while.
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

//! Progress of a batch: a bar if stderr is a terminal, otherwise a line from time to time.

use std::cell::Cell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Ui;

/// The time between two lines if stderr is not a terminal.
const BETWEEN: Duration = Duration::from_secs(10);

/// Counts the rows that have ended, and shows the count.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    begun: Instant,
    told: Cell<Instant>,
    done: Cell<u64>,
    total: u64,
}

impl Progress {
    pub(super) fn new(ui: &Ui, total: u64) -> Self {
        let talks = !ui.json && !ui.quiet;
        let bar = (talks && ui.terminal_err).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(15));
            let form = "{bar:30} {pos} of {len} rows, {per_sec}, {eta} left";
            bar.with_style(
                ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        let now = Instant::now();
        Self {
            lines: talks && bar.is_none(),
            bar,
            begun: now,
            told: Cell::new(now),
            done: Cell::new(0),
            total,
        }
    }

    /// Counts one more row.
    pub fn step(&self) {
        self.done.set(self.done.get() + 1);
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        if self.lines && self.told.get().elapsed() >= BETWEEN {
            self.told.set(Instant::now());
            Ui::err(&line(self.done.get(), self.total, self.begun.elapsed()));
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn line(done: u64, total: u64, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let (done_f, left) = (done as f64, total.saturating_sub(done) as f64);
    let rate = done_f / seconds;
    format!(
        "{done} of {total} rows, {rate:.0} a second, {:.0} s left",
        left / rate.max(0.001)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        assert_eq!(
            line(120, 500, Duration::from_secs(4)),
            "120 of 500 rows, 30 a second, 13 s left"
        );
    }
}

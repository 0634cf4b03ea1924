//! Tests of many cases: how many of the cases run, and several of them side by side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many cases of a test run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A few cases, the same in each run. For `cargo test`.
    Sample,
    /// All cases. For `cargo test -- --include-ignored`.
    Full,
}

impl Extent {
    /// Returns all cases, or each `nth` of them in a sample.
    ///
    /// Where the cases are a product, such as calls and kinds of fault, `nth` shares no factor with the number of kinds.
    /// Then a sample goes through all kinds.
    pub(crate) fn of<T>(self, cases: impl IntoIterator<Item = T>, nth: usize) -> Vec<T> {
        let step = match self {
            Self::Sample => nth,
            Self::Full => 1,
        };
        cases.into_iter().step_by(step).collect()
    }
}

/// Makes two tests of a function that takes an [`Extent`]: `sample`, which always runs, and `full`.
macro_rules! sampled {
    ($name:ident) => {
        mod $name {
            use crate::support::Extent;

            #[test]
            fn sample() {
                super::$name(Extent::Sample);
            }

            #[test]
            #[ignore = "the full matrix: run with --include-ignored"]
            fn full() {
                super::$name(Extent::Full);
            }
        }
    };
}
pub(crate) use sampled;

/// Runs every case on so many threads, each with a state of its own. Returns what the cases returned, and those that
/// panicked.
pub(crate) fn spread<T: Sync, S, R: Send>(
    workers: usize,
    cases: &[T],
    open: impl Fn() -> S + Sync,
    run: impl Fn(&mut S, &T) -> R + Sync,
) -> (Vec<R>, Vec<&T>) {
    let next = AtomicUsize::new(0);
    let (ends, failed) = (Mutex::new(vec![]), Mutex::new(vec![]));
    std::thread::scope(|scope| {
        for _ in 0..workers.min(cases.len()) {
            scope.spawn(|| {
                let mut state = open();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match catch_unwind(AssertUnwindSafe(|| run(&mut state, case))) {
                        Ok(end) => ends.lock().unwrap().push(end),
                        Err(_) => failed.lock().unwrap().push(case),
                    }
                }
            });
        }
    });
    (ends.into_inner().unwrap(), failed.into_inner().unwrap())
}

/// Runs every case, four at a time: most of them wait. Fails if one of them does; its panic says which.
pub(crate) fn side_by_side<T: Sync>(cases: &[T], run: impl Fn(&T) + Sync) {
    let (_, failed) = spread(4, cases, || (), |(), case| run(case));
    assert!(
        failed.is_empty(),
        "{} of {} cases failed",
        failed.len(),
        cases.len()
    );
}

//! SIGINT × call × readings: the request is at the hotel, its answer is not back yet.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::state::State;
use super::{Course, bench};
use crate::support::{Extent, Hotel, Ran, sampled};

sampled!(the_first_interrupt_at_any_call_ends_after_the_step_and_tells_the_truth);
sampled!(the_second_interrupt_leaves_at_once);

struct Case {
    course: Course,
    call: usize,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: interrupted at call {}", self.course, self.call)
    }
}

fn cases(extent: Extent) -> Vec<Case> {
    let courses = Course::all().iter();
    let cases =
        courses.flat_map(|&course| (0..course.calls).map(move |call| Case { course, call }));
    extent.of(cases, 17)
}

/// The command at work, and what it has said so far.
struct AtWork {
    process: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl AtWork {
    /// Started, and held at a call until the faults are cleared.
    fn held(hotel: &Hotel, case: &Case) -> Self {
        hotel.fault(&json!({ "path": "*", "kind": "slow", "after": case.call, "ms": 60_000 }));
        let mut process = hotel
            .command()
            .args(case.course.words(&["--wait", "2"]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        hotel.until_arrived(case.call, &mut process);
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let said = String::new();
        Self {
            process,
            stderr,
            said,
        }
    }

    fn interrupt(&self) {
        let id = self.process.id().to_string();
        // It may have ended meanwhile: nobody is there to be told then.
        Command::new("kill")
            .args(["-INT", &id])
            .stderr(Stdio::null())
            .status()
            .unwrap();
    }

    /// Waits until it says that it has heard, or ends.
    fn until_heard(&mut self) {
        loop {
            let from = self.said.len();
            let read = self.stderr.read_line(&mut self.said).unwrap();
            if read == 0 || self.said[from..].starts_with("Stopping after the step") {
                return;
            }
        }
    }

    fn end(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let output = self.process.wait_with_output().unwrap();
        Ran {
            stderr: self.said,
            ..Ran::from(output)
        }
    }
}

fn the_first_interrupt_at_any_call_ends_after_the_step_and_tells_the_truth(extent: Extent) {
    let told = bench::run("SIGINT", &cases(extent), |hotel, case| {
        let before = case.course.begin(hotel);
        let mut at_work = AtWork::held(hotel, case);
        at_work.interrupt();
        at_work.until_heard();
        hotel.control("DELETE", "faults", &Value::Null);
        let first = at_work.end();
        // 9 takes precedence where a guest is without access; the text is checked against the state.
        assert!(
            matches!(first.code, 0 | 9 | 11 | 130),
            "{case}: {}",
            first.told()
        );
        let now = State::of(hotel);
        case.course.check_told(hotel, &before, &now, &first);
        case.course.bring_to_end(hotel, &before, &first)
    });
    println!("{told}");
}

fn the_second_interrupt_leaves_at_once(extent: Extent) {
    let told = bench::run("SIGINT twice", &cases(extent), |hotel, case| {
        let before = case.course.begin(hotel);
        let mut at_work = AtWork::held(hotel, case);
        at_work.interrupt();
        at_work.until_heard();
        at_work.interrupt();
        // The answer is still held back: what ends it now is the interrupt alone.
        let first = at_work.end();
        hotel.control("DELETE", "faults", &Value::Null);
        assert!(
            matches!(first.code, 0 | 9 | 11 | 130),
            "{case}: {}",
            first.told()
        );
        assert!(
            first.code != 9 || first.stderr.contains("NO access"),
            "{case}: {}",
            first.told()
        );
        case.course.check_secrets(&first);
        case.course.bring_to_end(hotel, &before, &first)
    });
    println!("{told}");
}

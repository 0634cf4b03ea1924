//! kill -9 × call × readings: before and after the effect of each request, which is also between any two
//! writes of the record.

use std::process::Stdio;

use serde_json::{Value, json};

use super::state::State;
use super::{Course, End, bench};
use crate::support::{Extent, Ran, sampled};

sampled!(a_process_killed_at_any_request_is_finished_by_recover);

struct Case {
    course: Course,
    call: usize,
    kind: &'static str,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: killed at call {}, {}",
            self.course, self.call, self.kind
        )
    }
}

fn a_process_killed_at_any_request_is_finished_by_recover(extent: Extent) {
    let mut cases = vec![];
    for &course in Course::all() {
        for call in 0..course.calls {
            cases.extend(["hang", "hang-after"].map(|kind| Case { course, call, kind }));
        }
    }
    let cases = extent.of(cases, 31);
    let told = bench::run("kill -9", &cases, |hotel, case| {
        let before = case.course.begin(hotel);
        hotel.fault(&json!({ "path": "*", "kind": case.kind, "after": case.call, "ms": 60_000 }));
        let mut process = hotel
            .command()
            .args(case.course.words(&[]))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        hotel.until_arrived(case.call, &mut process);
        process.kill().unwrap();
        let killed = Ran::from(process.wait_with_output().unwrap());
        hotel.control("DELETE", "faults", &Value::Null);
        case.course.check_secrets(&killed);
        let found = bench::traces(hotel, &[]);
        assert!(found.is_empty(), "{case}: {found:?}");
        let now = State::of(hotel);
        assert!(
            now.spares_others(&before, case.course.workflow),
            "{case}: {now:#?}"
        );
        let end = case.course.bring_to_end(hotel, &before, &killed);
        assert_eq!(end == End::ByItself, killed.code == 0);
        end
    });
    println!("{told}");
}

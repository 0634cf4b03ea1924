//! fault × call × readings.

use serde_json::{Value, json};

use super::state::State;
use super::{Course, bench};
use crate::support::{Extent, sampled};

sampled!(every_call_of_every_workflow_survives_every_fault);

/// What goes wrong from one call on.
struct Fault {
    name: &'static str,
    /// Orders to the sandbox; `after` is set to the call.
    orders: fn() -> Vec<Value>,
}

/// One request of the kind.
macro_rules! once {
    ($kind:literal) => {
        Fault {
            name: $kind,
            orders: || vec![json!({ "kind": $kind, "ms": 3000, "retry_after": 0.05 })],
        }
    };
}

const FAULTS: [Fault; 17] = [
    once!("429"),
    once!("429-retry-after"),
    once!("500-before"),
    once!("500-after"),
    once!("500-echo"),
    once!("503-before"),
    once!("503-after"),
    once!("cut-before"),
    once!("cut-after"),
    once!("hang"),
    once!("hang-after"),
    once!("html"),
    once!("never-sync"),
    Fault {
        name: "outage",
        orders: || vec![json!({ "kind": "503-before", "count": 10_000 })],
    },
    Fault {
        name: "every answer lost",
        orders: || vec![json!({ "kind": "cut-after", "count": 10_000 })],
    },
    Fault {
        name: "lists lag",
        orders: || vec![json!({ "kind": "stale-list", "ms": 150, "count": 10_000 })],
    },
    Fault {
        name: "answer lost, then lists lag",
        orders: || {
            vec![
                json!({ "kind": "cut-after" }),
                json!({ "kind": "stale-list", "ms": 150, "count": 10_000 }),
            ]
        },
    },
];

const LIMITS: &[&str] = &["--timeout", "0.9", "--settle", "0.3", "--wait", "2"];

struct Case {
    course: Course,
    call: usize,
    fault: &'static Fault,
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} at call {}",
            self.course, self.fault.name, self.call
        )
    }
}

fn every_call_of_every_workflow_survives_every_fault(extent: Extent) {
    let mut cases = vec![];
    for &course in Course::all() {
        for call in 0..course.calls {
            cases.extend(FAULTS.iter().map(|fault| Case {
                course,
                call,
                fault,
            }));
        }
    }
    let cases = extent.of(cases, 79);
    let told = bench::run("faults", &cases, |hotel, case| {
        let before = case.course.begin(hotel);
        for mut order in (case.fault.orders)() {
            (order["path"], order["after"]) = (json!("*"), json!(case.call));
            hotel.fault(&order);
        }
        let first = hotel.run(&case.course.words(LIMITS));
        hotel.control("DELETE", "faults", &Value::Null);
        let now = State::of(hotel);
        case.course.check_told(hotel, &before, &now, &first);
        case.course.bring_to_end(hotel, &before, &first)
    });
    println!("{told}");
}

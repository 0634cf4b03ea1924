//! The disk is full at each write of the record, goes read-only at each call, or was never there.
//!
//! A limit on the size of files stands for both: every write beyond it fails, as it does on a full disk.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::state::State;
use super::{Course, End, bench};
use crate::support::{Extent, Hotel, Ran, sampled};

sampled!(a_disk_that_is_full_at_any_write_of_the_record_loses_nothing);
sampled!(a_disk_that_goes_read_only_at_any_call_loses_nothing);

/// What one write to the record's log adds, in blocks of 512 bytes and rounded down: a page with its head.
const STEP: u64 = 8;

/// More than any record of one command.
const BOUND: u64 = 4096;

const LIMITS: &[&str] = &["--wait", "2", "--settle", "0.3"];

/// The tool in a shell that takes a failed write for an answer and not for the end.
fn limited(hotel: &Hotel, words: &[&str], blocks: Option<u64>) -> Command {
    let tool = hotel.command();
    let mut command = Command::new("/bin/sh");
    let limit = blocks.map_or_else(String::new, |blocks| format!("ulimit -f {blocks}; "));
    command
        .env_clear()
        .envs(
            tool.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .args(["-c", &format!("trap '' XFSZ; {limit}exec \"$@\""), "sh"])
        .arg(tool.get_program())
        .args(words);
    command
}

struct Case {
    course: Course,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    /// No file may be longer than so many blocks.
    Full(u64),
    /// From this call on nothing can be written.
    ReadOnly(usize),
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.what {
            What::Full(blocks) => write!(f, "{}: no file beyond {blocks} blocks", self.course),
            What::ReadOnly(call) => write!(f, "{}: read-only at call {call}", self.course),
        }
    }
}

/// Whether the record's log is merged into its file, as it is after guests were named in it.
fn is_merged(hotel: &Hotel) -> bool {
    let log = std::fs::metadata(hotel.file("record.sqlite3-wal"));
    log.map_or(true, |log| log.len() == 0)
}

/// The smallest limit, in steps, that a run of these words does not feel.
fn enough(hotel: &mut Hotel, course: &Course, words: &[&str]) -> u64 {
    // Where a guest was named in the log; elsewhere it is merged when that suits.
    let merges = words.iter().any(|word| word.contains('<'));
    let (mut low, mut high) = (0, BOUND / STEP);
    while low < high {
        let middle = u64::midpoint(low, high);
        course.begin(hotel);
        let ran = limited(hotel, words, Some(middle * STEP)).output();
        let ran: Ran = ran.unwrap().into();
        // Nobody was warned, and the log is merged where it is to be.
        let warned = ran.stderr.contains("the record");
        if ran.code == 0 && !warned && (!merges || is_merged(hotel)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    assert!(low > 0 && low < BOUND / STEP, "{course}: {low} steps");
    low
}

/// The writes that arrived at the hotel, by path.
fn writes(hotel: &Hotel) -> BTreeMap<String, usize> {
    let mut writes = BTreeMap::new();
    for path in hotel.writes() {
        *writes.entry(path).or_default() += 1;
    }
    writes
}

/// No request had left whose step was not on record: what arrived, against the record as it was left.
fn check_recorded(hotel: &Hotel, arrived: &BTreeMap<String, usize>, told: &str) {
    if arrived.is_empty() {
        return;
    }
    let history = hotel.told(0, "history");
    let mut begun: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in history["data"]["operations"].as_array().unwrap() {
        for step in operation["steps"].as_array().unwrap() {
            if step["status"] != "planned" {
                *begun.entry(step["call"].as_str().unwrap()).or_default() += 1;
            }
        }
    }
    for (path, count) in arrived {
        // A label that the service does not take is left out of a second request of the same step.
        let refused = hotel.requests().into_iter();
        let refused = refused.filter(|one| one["path"] == path.as_str() && one["status"] == 400);
        let count = count - refused.count();
        assert!(
            begun
                .get(path.as_str())
                .is_some_and(|begun| *begun >= count),
            "{path} was sent without a record of it: {told}\n{history:#}"
        );
    }
}

fn check(hotel: &Hotel, case: &Case, before: &State, first: &Ran) -> End {
    let told = first.told();
    assert!(matches!(first.code, 0 | 1 | 8 | 9 | 11), "{case}: {told}");
    let arrived = writes(hotel);
    check_recorded(hotel, &arrived, &told);
    let now = State::of(hotel);
    case.course.check_told(hotel, before, &now, first);
    if first.code == 1 {
        assert!(arrived.is_empty(), "nothing was to be sent: {told}");
        assert!(first.stderr.contains("make room on the disk"), "{told}");
    }
    if first.code == 0 && bench::open_operations(hotel) > 0 {
        // Done, and the record could not be told so any more: that was said.
        assert!(first.stderr.contains("the record still shows"), "{told}");
        hotel.run(&["recover", "--all", "--yes"]).exits(0);
    }
    case.course.bring_to_end(hotel, before, first)
}

fn a_disk_that_is_full_at_any_write_of_the_record_loses_nothing(extent: Extent) {
    let mut cases = vec![];
    let mut hotel = bench::open();
    // In a sample: three workflows, each under another set of readings.
    for course in extent.of(Course::all().iter().copied(), 7) {
        // Before there is a record nothing depends on how the hotel behaves: once for each workflow will do.
        let first = if course.readings == super::READINGS[0] {
            0
        } else {
            enough(&mut hotel, &course, &["recover"])
        };
        let last = enough(&mut hotel, &course, &course.words(LIMITS));
        cases.extend((first..=last).map(|step| Case {
            course,
            what: What::Full(step * STEP),
        }));
    }
    let cases = extent.of(cases, 9);
    let told = bench::run("full disk", &cases, |hotel, case| {
        let before = case.course.begin(hotel);
        let What::Full(blocks) = case.what else {
            unreachable!("only full disks")
        };
        let words = case.course.words(LIMITS);
        let first = limited(hotel, &words, Some(blocks)).output().unwrap();
        check(hotel, case, &before, &first.into())
    });
    println!("{told}");
}

fn a_disk_that_goes_read_only_at_any_call_loses_nothing(extent: Extent) {
    let mut cases = vec![];
    for &course in Course::all() {
        cases.extend((0..course.calls).map(|call| Case {
            course,
            what: What::ReadOnly(call),
        }));
    }
    let cases = extent.of(cases, 17);
    let told = bench::run("read-only disk", &cases, |hotel, case| {
        let before = case.course.begin(hotel);
        let What::ReadOnly(call) = case.what else {
            unreachable!("only disks that go read-only")
        };
        hotel.fault(&json!({ "path": "*", "kind": "slow", "after": call, "ms": 60_000 }));
        let words = case.course.words(LIMITS);
        let mut process = limited(hotel, &words, None)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if !hotel.until_arrived(call, &mut process) {
            let limit = Command::new("prlimit")
                .args(["--fsize=0", "--pid", &process.id().to_string()])
                .status();
            assert!(limit.unwrap().success());
        }
        hotel.control("DELETE", "faults", &Value::Null);
        let first = Ran::from(process.wait_with_output().unwrap());
        check(hotel, case, &before, &first)
    });
    println!("{told}");
}

#[test]
fn without_a_home_that_can_be_written_nothing_is_sent() {
    let mut hotel = bench::open();
    let mut count = 0;
    for &course in Course::all() {
        for home in ["/proc/self/roomkey", "a-file"] {
            let before = course.begin(&mut hotel);
            let home = hotel.file(home); // An absolute path stands for itself.
            if home.starts_with(hotel.home.path()) {
                std::fs::write(&home, "x").unwrap();
            }
            let ran = hotel
                .command()
                .env("ROOMKEY_HOME", &home)
                .args(course.words(&[]))
                .output();
            let ran = Ran::from(ran.unwrap());
            let told = format!("{course} in {}: {}", home.display(), ran.told());
            // A home that is a file cannot hold a configuration either: that comes first.
            assert!(matches!(ran.code, 1 | 2), "{told}");
            assert!(ran.stderr.contains(&*home.to_string_lossy()), "{told}");
            assert_eq!(hotel.writes(), [""; 0], "{told}");
            course.check_told(&hotel, &before, &State::of(&hotel), &ran);
            count += 1;
        }
    }
    println!("no home: {count} cases, nothing was sent in any");
}

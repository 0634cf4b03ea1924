//! Runs many cases: one hotel for each worker, opened afresh for each case.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{End, state};
use crate::support::{Hotel, Ran, new_home, spread};

/// Most of them wait at any moment: for a hang to end, for a disk.
const WORKERS: usize = 12;

/// A small hotel whose lock system is quick.
pub(super) fn open() -> Hotel {
    Hotel::open_with(&["--sync", "20", "--rooms", "12"])
}

/// The hotel's first day again, and a home with nothing in it.
pub(super) fn afresh(hotel: &mut Hotel) {
    hotel.control("POST", "reset", &Value::Null);
    hotel.home = new_home();
}

/// Runs every case, and fails with all that failed. Tells how many there were and how they ended.
pub(super) fn run<T: Sync + std::fmt::Display>(
    what: &str,
    cases: &[T],
    run: impl Fn(&mut Hotel, &T) -> End + Sync,
) -> String {
    let begun = Instant::now();
    let (ends, failed) = spread(WORKERS, cases, open, run);
    let count = |wanted: End| ends.iter().filter(|end| **end == wanted).count();
    let failed: Vec<String> = failed.into_iter().map(ToString::to_string).collect();
    assert!(
        failed.is_empty(),
        "{} of {} cases failed: {failed:#?}",
        failed.len(),
        cases.len()
    );
    format!(
        "{what}: {} cases; {} got through by themselves, {} after `recover`, {} after `recover --undo`; {:.1} s",
        cases.len(),
        count(End::ByItself),
        count(End::Recovered),
        count(End::Undone),
        begun.elapsed().as_secs_f64(),
    )
}

/// The key is in no output, no body is told of, and nobody is named but those who may be.
pub(super) fn check_outputs(ran: &Ran, may_be_named: impl Fn(&str) -> bool) {
    let told = ran.told();
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains("seam_test"), "the API key: {told}");
        assert!(!text.contains("{\""), "a body: {told}");
        for (name, email) in state::NAMES {
            let named = text.contains(name) || text.contains(email);
            assert!(!named || may_be_named(name), "{name} is named: {told}");
        }
    }
}

/// How many operations stand open in the record, read past the tool.
pub(super) fn open_operations(hotel: &Hotel) -> i64 {
    let path = hotel.file("record.sqlite3");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let options = SqliteConnectOptions::new().filename(path);
        let mut record = options.connect().await.unwrap();
        let query = sqlx::query_scalar("SELECT count(*) FROM operations WHERE open = 1");
        let count = query.fetch_one(&mut record).await.unwrap();
        record.close().await.unwrap();
        count
    })
}

/// Where in the tool's home the API key, or one of these guests, stands.
pub(super) fn traces(hotel: &Hotel, names: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
    let mut words = vec![hotel.api_key.to_lowercase()];
    for (name, email) in names {
        words.extend([name.to_lowercase(), email.to_lowercase()]);
    }
    let mut found = BTreeMap::new();
    search(hotel.home.path(), &words, &mut found);
    found
}

fn search(folder: &Path, words: &[String], found: &mut BTreeMap<String, Vec<String>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, words, found);
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase();
        let hits: Vec<String> = words
            .iter()
            .filter(|word| text.contains(*word))
            .cloned()
            .collect();
        if !hits.is_empty() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.insert(name, hits);
        }
    }
}

//! `batch`: what a file of rows comes to, asserted on the simulated hotel's own state.

mod again;
mod days;
mod end;
mod fias;
mod input;
mod limits;
mod long;
mod plan;
mod stays;
mod stop;
mod target;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Hotel, Ran};

/// A file of rows, and the hotel they are for.
pub(crate) struct Group {
    pub(crate) hotel: Hotel,
    file: String,
}

/// How a run ended that told of every row.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) rows: Vec<Value>,
    pub(crate) summary: Value,
}

impl Told {
    /// How many rows ended in this way, from the rows themselves.
    pub(crate) fn count(&self, word: &str) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row["outcome"] == word).count()
    }

    /// The row of this line.
    pub(crate) fn line(&self, line: u64) -> &Value {
        let mut rows = self.rows.iter();
        rows.find(|row| row["line"] == line).unwrap()
    }
}

impl Group {
    /// A hotel whose lock system is quick, and a file.
    pub(crate) fn new(text: &str) -> Self {
        let hotel = Hotel::open_with(&["--sync", "20", "--rooms", "120"]);
        let file = hotel.file("arrivals.csv").display().to_string();
        std::fs::write(&file, text).unwrap();
        Self { hotel, file }
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(&self.file, text).unwrap();
    }

    pub(crate) fn words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["batch", self.file.as_str(), "--settle", "0.3"], more].concat()
    }

    pub(crate) fn run(&self, more: &[&str]) -> Ran {
        self.hotel.run(&self.words(more))
    }

    /// A run with `--json`: a line a row, then the summary, and the totals add up.
    pub(crate) fn told(&self, more: &[&str]) -> Told {
        let ran = self.run(&[&["--json"], more].concat());
        let lines = ran.stdout.lines().map(serde_json::from_str);
        let mut rows: Vec<Value> = lines
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
        let summary = rows.pop().unwrap_or_else(|| panic!("{ran:#?}"));
        let told = Told {
            code: ran.code,
            rows,
            summary,
        };
        let totals = &told.summary["data"]["totals"];
        if totals.is_object() {
            assert_eq!(totals["rows"], told.rows.len(), "{ran:#?}");
            let words = totals.as_object().unwrap().iter();
            for (word, count) in words.filter(|(word, _)| *word != "rows") {
                assert_eq!(*count, told.count(word), "{word}: {ran:#?}");
            }
        }
        assert_eq!(told.summary["ok"], ran.code == 0, "{ran:#?}");
        told
    }

    /// The Visionline system's id.
    pub(crate) fn system(&self) -> Value {
        let state = self.hotel.control("GET", "state", &Value::Null);
        state["entrances"][0]["acs_system_id"].clone()
    }

    /// A call of the API itself.
    pub(crate) fn api(&self, path: &str, body: &Value) {
        let answer = self.hotel.call(path, body);
        assert_eq!(answer["ok"], true, "{answer}");
    }

    /// The live mobile keys of everybody: by e-mail, the rooms of each.
    pub(crate) fn keys(&self) -> BTreeMap<String, Vec<Vec<String>>> {
        let state = self.hotel.control("GET", "state", &Value::Null);
        let list = |name: &str| state[name].as_array().unwrap().clone();
        let names = |list: Vec<Value>, id: &str, name: &str| -> BTreeMap<String, String> {
            let text =
                |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
            list.iter()
                .map(|one| (text(one, id), text(one, name)))
                .collect()
        };
        let doors = names(list("entrances"), "acs_entrance_id", "display_name");
        let guests = names(list("users"), "acs_user_id", "email_address");
        let mut found: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        for key in list("credentials") {
            let visionline = &key["visionline_metadata"];
            let live = visionline["is_valid"] == true
                && key["parent_acs_credential_id"].is_null()
                && key["access_method"] == "mobile_key";
            if live {
                let rooms = visionline["guest_acs_entrance_ids"].as_array().unwrap();
                let rooms = rooms.iter().map(|id| doors[id.as_str().unwrap()].clone());
                let guest = guests[key["acs_user_id"].as_str().unwrap()].clone();
                let mut rooms: Vec<String> = rooms.collect();
                rooms.sort();
                found.entry(guest).or_default().push(rooms);
            }
        }
        found
    }

    /// The rooms of a guest's only key.
    #[track_caller]
    pub(crate) fn rooms(&self, email: &str) -> Vec<String> {
        let keys = self.keys();
        let own = keys.get(email).cloned().unwrap_or_default();
        assert_eq!(own.len(), 1, "{email}: {keys:#?}");
        own[0].clone()
    }

    /// Sets the hotel's clock, which the tool follows.
    pub(crate) fn clock(&self, now: &str) {
        self.hotel.control("POST", "clock", &json!({ "now": now }));
    }

    /// The creates of keys that took effect, as they were asked for.
    pub(crate) fn creates(&self) -> Vec<Value> {
        let requests = self.hotel.requests().into_iter();
        requests
            .filter(|one| one["path"] == "/acs/credentials/create" && one["status"] == 200)
            .map(|one| one["body"].clone())
            .collect()
    }
}

/// `count` new guests, each in a room of their own.
pub(crate) fn newcomers(count: usize) -> String {
    let mut text = "reservation,guest,email,room,departure\n".to_owned();
    for number in 0..count {
        let (floor, door) = (number / 9 + 2, number % 9 + 1);
        text += &format!(
            "R{number},Guest N{number},n{number}@example.com,{floor}0{door},{}\n",
            leaves()
        );
    }
    text
}

/// A day that is ahead whatever the clock says.
pub(crate) fn leaves() -> String {
    day(3)
}

/// So many days from now.
pub(crate) fn day(days: u64) -> String {
    let day = chrono::Utc::now() + chrono::Days::new(days);
    day.format("%Y-%m-%d").to_string()
}

/// A fault that strikes each so many-th answer.
pub(crate) fn every(kind: &str, every: u64) -> Value {
    json!({ "path": "*", "kind": kind, "every": every, "count": 1_000_000, "ms": 300, "retry_after": 0.05 })
}

//! The harness: a hotel of its own for every test, and the real binary run against it.
//!
//! Hermetic: own home, cleared environment, fixed width. Faked is only what lies beyond the process: the
//! hotel behind the API. Asserted on is what leaves the process: stdout, stderr, exit code, files, requests.

mod cases;
mod http;
mod rogue;
#[cfg(unix)]
mod terminal;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use cases::{Extent, sampled, side_by_side, spread};
pub(crate) use rogue::{Fate, Rogue, answer, send};
#[cfg(unix)]
pub(crate) use terminal::Terminal;

/// One run of the tool.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}\n{self:#?}"))
    }

    /// All of it, for a message.
    pub(crate) fn told(&self) -> String {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        format!("exit {code}\n{stdout}{stderr}")
    }

    /// Fails the test unless it ended so.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary under test, in an environment of its own.
pub(crate) fn roomkey(home: &std::path::Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("roomkey"));
    command
        .env_clear()
        .env("ROOMKEY_HOME", home)
        .env("COLUMNS", "100")
        .env("ROOMKEY_OPERATOR", "test");
    command
}

/// A home for the tool, in memory where the system has a place for that: a test that waits for the disk to
/// flush proves nothing more.
pub(crate) fn new_home() -> TempDir {
    TempDir::new_in("/dev/shm").unwrap_or_else(|_| TempDir::new().unwrap())
}

/// A simulated hotel that is up for as long as the value lives.
pub(crate) struct Hotel {
    pub(crate) home: TempDir,
    pub(crate) url: String,
    pub(crate) api_key: String,
    pub(crate) manager: String,
    server: Child,
}

impl Drop for Hotel {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Hotel {
    /// Opens a hotel with the sandbox's defaults, but for a quick lock system.
    pub(crate) fn open() -> Self {
        Self::open_with(&["--sync", "20"])
    }

    /// Opens a hotel; `options` go to `sandbox serve`.
    pub(crate) fn open_with(options: &[&str]) -> Self {
        let home = new_home();
        let mut server = roomkey(home.path())
            .args(["--json", "sandbox", "serve", "--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Hotel {
            home,
            url: text("url"),
            api_key: text("api_key"),
            manager: text("credential_manager_acs_system_id"),
            server,
        }
    }

    /// The tool, pointed at this hotel.
    pub(crate) fn command(&self) -> Command {
        let mut command = roomkey(self.home.path());
        command
            .env("SEAM_ENDPOINT", &self.url)
            .env("SEAM_API_KEY", &self.api_key);
        command
    }

    /// Runs the tool with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command().args(arguments).output().unwrap().into()
    }

    /// Runs the tool with `--json` and fails the test unless it ends so.
    #[track_caller]
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:#?}");
        let value = ran.json();
        assert_eq!(value["version"], 1);
        assert_eq!(value["ok"], code == 0);
        value
    }

    /// Runs the tool with these words and `--json`, and fails the test unless it ends so. Words in double quotes are
    /// one argument.
    #[track_caller]
    pub(crate) fn told(&self, code: i32, words: &str) -> Value {
        let arguments = split(words);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.json(code, &arguments)
    }

    /// A call of the sandbox's own interface.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = http::call(
            &self.url,
            method,
            &format!("/_sandbox/{path}"),
            Some(&self.api_key),
            body,
        );
        assert_ne!(answer["ok"], false, "{answer}");
        answer
    }

    /// A call of the API, past the tool.
    pub(crate) fn call(&self, path: &str, body: &Value) -> Value {
        http::call(&self.url, "POST", path, Some(&self.api_key), body)
    }

    /// Orders a fault.
    pub(crate) fn fault(&self, fault: &Value) {
        self.control("POST", "faults", fault);
    }

    /// Sets a reading.
    pub(crate) fn reading(&self, name: &str, value: &str) {
        self.control("POST", "readings", &json!({ name: value }));
    }

    /// The requests that have arrived at the API, oldest first.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.control("GET", "requests", &Value::Null)
            .as_array()
            .unwrap()
            .clone()
    }

    /// The requests that change something, as paths.
    pub(crate) fn writes(&self) -> Vec<String> {
        let writes = [
            "/create",
            "/delete",
            "/revoke_access_to_all_entrances",
            "/grant_access",
            "/update",
        ];
        let paths = self
            .requests()
            .into_iter()
            .map(|r| r["path"].as_str().unwrap().to_owned());
        paths
            .filter(|path| writes.iter().any(|write| path.ends_with(write)))
            .collect()
    }

    /// Forgets the requests so far.
    pub(crate) fn forget_requests(&self) {
        self.control("POST", "requests/clear", &Value::Null);
    }

    /// How many requests have arrived at the API.
    pub(crate) fn arrived(&self) -> usize {
        let told = self.control("GET", "requests/count", &Value::Null);
        usize::try_from(told["count"].as_u64().unwrap()).unwrap()
    }

    /// Waits until more than so many requests have arrived; `true` where the process ended before.
    pub(crate) fn until_arrived(&self, count: usize, process: &mut Child) -> bool {
        until(
            || self.arrived() > count,
            || process.try_wait().unwrap().is_some(),
        )
    }

    /// Waits until this path has been asked for.
    pub(crate) fn until_seen(&self, path: &str) {
        let seen = || {
            self.requests()
                .iter()
                .any(|request| request["path"] == path)
        };
        until(seen, || false);
    }

    /// The live keys of a guest, by e-mail, with children left out.
    pub(crate) fn live(&self, email: &str) -> Vec<Value> {
        let found = self.json(0, &["keys", "--guest", email]);
        found["data"]["keys"].as_array().unwrap().clone()
    }

    /// From here on nobody answers.
    pub(crate) fn close(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// A file in the home of the tool.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

/// Waits until it is so; `true` where it can no longer become so.
fn until(is_so: impl Fn() -> bool, mut ended: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        if ended() {
            return true;
        }
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(10)); // Between two looks.
    }
    false
}

/// Splits a command line at its spaces, but for those in double quotes.
pub(crate) fn split(words: &str) -> Vec<String> {
    let mut found = vec![];
    for (index, part) in words.split('"').enumerate() {
        if index % 2 == 1 {
            found.push(part.to_owned());
        } else {
            found.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    found
}

/// The commands that an error tells to type, without the name of the tool: those between backticks in its hints.
pub(crate) fn commands(answer: &Value) -> Vec<String> {
    let hint = answer["error"]["hint"].as_str().unwrap_or_default();
    let quoted = hint.split('`').skip(1).step_by(2);
    let commands = quoted.filter_map(|text| text.strip_prefix("roomkey "));
    commands.map(str::to_owned).collect()
}

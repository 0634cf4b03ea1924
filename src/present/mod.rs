//! Everything that people and scripts see: tables, sentences, prompts, progress and JSON. Results go to stdout, and
//! messages for people go to stderr. No other module prints.
//!
//! # How messages are worded
//!
//! - A failure has three parts and one optional line: what happened (`message`), what it means for the guest
//!   (`impact`), what to do next (`hints`), and Seam's request id. The last hint is the command that helps most.
//! - A message says who, which room and until when. API words and ids come last, or appear only with `--json` and `-v`.
//! - Times are in hotel time, with the weekday. The zone is named only where two zones could be meant.
//! - A sentence has a subject and a verb, in the present tense. A message that asks says what happens after "yes".
//! - A command that a message prints is complete: a person can copy it and run it. A test runs each of them.
//! - "Nothing was changed." appears only where no write was sent, or where Seam certainly refused it.
//! - A lock is offline. No message says that an earlier key is dead; it "stops working when the new one is first used".
//! - Text from outside (names, messages of servers, file contents) is printed through
//!   `printable` in `src/hotel/text.rs`, so that it cannot move the cursor or forge a line.
//! - The advice for a row of a file names columns, and the advice for a command names options.

pub(crate) mod batch;
pub mod decision;
mod declined;
pub(crate) mod failed;
pub(crate) mod keys;
pub(crate) mod outcome;
mod progress;
mod refusal;
mod table;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::hotel::text::{printable, printable_json};
pub use failed::failure_of;
pub use progress::Progress;
pub use table::{Cell, Table};

/// Whether colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// Colours are used on a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Colours are always used.
    Always,
    /// Colours are never used.
    Never,
}

/// How a command prints and asks, from its options and the environment.
#[derive(Clone, Debug)]
pub struct Ui {
    /// Prints one JSON value on stdout, and nothing for people.
    pub json: bool,
    /// Prints only results, warnings and failures.
    pub quiet: bool,
    /// Never asks a question.
    pub no_input: bool,
    /// Shows API paths and requests (`-v`).
    pub verbose: bool,
    /// The width of tables, in characters.
    pub width: u16,
    color_out: bool,
    color_err: bool,
    terminal_err: bool,
}

/// The width where neither `COLUMNS` nor the terminal gives one.
const WIDTH: u16 = 80;

impl Ui {
    /// Creates it from the options and the environment. `no_color`: `NO_COLOR` is set. `columns`: the value of `COLUMNS`,
    /// without which the terminal's width is used. A width below 40 is ignored.
    pub fn new(
        json: bool,
        quiet: bool,
        no_input: bool,
        color: Color,
        no_color: bool,
        columns: Option<u16>,
    ) -> Self {
        let colored = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color,
        };
        let width = columns
            .or_else(terminal_width)
            .filter(|width| *width >= 40)
            .unwrap_or(WIDTH);
        Self {
            json,
            quiet,
            no_input,
            verbose: false,
            width,
            color_out: colored(io::stdout().is_terminal()),
            color_err: colored(io::stderr().is_terminal()),
            terminal_err: io::stderr().is_terminal(),
        }
    }

    /// Returns the same with `-v` set or not.
    #[must_use]
    pub fn verbose(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Prints a line for people on stderr, except with `--json` or `--quiet`.
    pub fn say(&self, line: &str) {
        if !self.json && !self.quiet {
            Self::err(line);
        }
    }

    /// Prints a warning on stderr, except with `--json`, where the caller puts it into the [`Envelope`].
    pub fn warn(&self, text: &str) {
        if !self.json {
            let mark = if self.color_err {
                "\x1b[33mWarning:\x1b[0m"
            } else {
                "Warning:"
            };
            Self::err_marked(mark, text);
        }
    }

    /// Prints a line for people on stderr, also with `--quiet`, but not with `--json`.
    pub fn notice(&self, line: &str) {
        if !self.json {
            Self::err(line);
        }
    }

    /// Prints a line on stderr, whatever the options are.
    pub fn err(line: &str) {
        Self::write_err(&printable(line));
    }

    fn err_marked(mark: &str, text: &str) {
        Self::write_err(&format!("{mark} {}", printable(text)));
    }

    /// Writes text that contains no control characters to stderr.
    fn write_err(text: &str) {
        // If stderr is closed, there is no other place to report the error.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Prints a JSON value on stdout, as one line.
    pub fn json(value: &Value) -> io::Result<()> {
        Self::out(&json_line(value))
    }

    /// Prints text on stdout. A closed pipe is not an error.
    pub fn out(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }

    /// Returns the progress display for `total` rows. It prints nothing with `--json` or `--quiet`.
    pub fn progress(&self, total: usize) -> Progress {
        Progress::new(self, u64::try_from(total).unwrap_or(u64::MAX))
    }

    /// Prints a table on stdout.
    pub fn table(&self, table: &Table) -> io::Result<()> {
        Self::out(&table.render(self.width, self.color_out))
    }

    /// Prints a failure on stderr: what happened, what it means for the guest, and what to do next.
    pub fn fail(&self, failure: &Failure) {
        let (bold, dim, end) = if self.color_err {
            ("\x1b[1;31m", "\x1b[2m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let mut text = format!("{bold}Error:{end} {}\n", printable(&failure.message));
        for detail in &failure.details {
            text += &format!("  {}\n", printable(detail));
        }
        for complaint in &failure.validation {
            text += &format!(
                "  {}: {}\n",
                printable(&complaint.field),
                printable(&complaint.message)
            );
        }
        if let Some(impact) = &failure.impact {
            text += &format!("{}\n", printable(impact));
        }
        if let Some(id) = &failure.request_id {
            text += &format!("{dim}Request: {}{end}\n", printable(id));
        }
        for hint in &failure.hints {
            text += &format!("Next: {}\n", printable(hint));
        }
        Self::write_err(text.trim_end());
    }

    /// Returns true if a person can answer a question: stdin and stderr are terminals, and no option forbids it.
    pub fn can_ask(&self) -> bool {
        !self.json && !self.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints a question of one or more lines on stderr. The cursor stays in the last line.
    pub fn prompt(&self, lines: &[String]) -> io::Result<()> {
        let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
        let mut err = io::stderr();
        write!(err, "{} ", lines.join("\n").trim_end())?;
        err.flush()
    }

    /// Reads a line from stdin. Blocks until there is one.
    pub fn read_line() -> io::Result<String> {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    }
}

/// The result of a command that succeeded: the JSON's `data`, and warnings as codes with messages. Tables for people
/// have been printed by then.
#[derive(Debug, Default)]
pub struct Done {
    /// The `data` of the JSON envelope.
    pub data: Value,
    /// The warnings: a stable code and a message each.
    pub warnings: Vec<(String, String)>,
}

impl Done {
    /// Creates the result without warnings.
    pub fn new(data: Value) -> Self {
        Self {
            data,
            warnings: vec![],
        }
    }
}

/// The result of a command.
pub type Answer = Result<Done, Failure>;

/// Returns a sentence about the difference between this PC's clock and the server's.
pub(crate) fn clock_skew(ahead: TimeDelta) -> String {
    let minutes = ahead.num_seconds().unsigned_abs().div_ceil(60);
    let side = if ahead < TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    };
    format!("this PC's clock is {minutes} minutes {side} the server's")
}

/// The fields that every JSON answer has in common.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The command's name.
    pub command: &'a str,
    /// True if the command touches no real door.
    pub sandbox: bool,
    /// True for `--dry-run`.
    pub dry_run: bool,
}

impl Envelope<'_> {
    /// Returns the answer of a command that succeeded, as one line. A warning is a code and a message.
    pub fn done(&self, data: &Value, warnings: &[(String, String)]) -> String {
        self.value(true, data, warnings, &Value::Null)
    }

    /// Returns the answer of a command that failed, as one line.
    pub fn failed(&self, failure: &Failure) -> String {
        let plain = json!({ "outcome": failure.kind.outcome() });
        self.value(
            false,
            failure.data.as_ref().unwrap_or(&plain),
            &failure.warnings,
            &failure.json(),
        )
    }

    fn value(
        &self,
        ok: bool,
        data: &Value,
        warnings: &[(String, String)],
        error: &Value,
    ) -> String {
        let warnings: Vec<Value> = warnings
            .iter()
            .map(|(code, message)| json!({ "code": code, "message": message }))
            .collect();
        let value = json!({
            "version": 1, "ok": ok, "command": self.command, "sandbox": self.sandbox, "dry_run": self.dry_run,
            "data": data, "warnings": warnings, "error": error,
        });
        json_line(&value)
    }
}

/// Returns a JSON value as a line. Characters that could control a terminal are written as escapes.
pub fn json_line(value: &Value) -> String {
    format!("{}\n", printable_json(&value.to_string()))
}

/// Returns the width of the terminal on stdout; `None` if stdout is not a terminal.
fn terminal_width() -> Option<u16> {
    let mut table = comfy_table::Table::new();
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.width()
}

//! The only place that prints. stdout is the result, stderr is for people.

mod progress;
mod table;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::stay::text::{printable, printable_json};
pub use progress::Progress;
pub use table::{Cell, Table};

/// Whether colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to talk: to a person or to a machine.
#[derive(Clone, Debug)]
pub struct Ui {
    /// stdout is one JSON value.
    pub json: bool,
    /// Only results and failures.
    pub quiet: bool,
    /// Never ask.
    pub no_input: bool,
    /// Columns that a table may have.
    pub width: u16,
    color_out: bool,
    color_err: bool,
    terminal_err: bool,
}

/// The width where nothing tells it: one that any terminal has.
const WIDTH: u16 = 80;

impl Ui {
    /// As the options and the environment say.
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
            width,
            color_out: colored(io::stdout().is_terminal()),
            color_err: colored(io::stderr().is_terminal()),
            terminal_err: io::stderr().is_terminal(),
        }
    }

    /// A line for people, on stderr; not with `--json` or `--quiet`.
    pub fn say(&self, line: &str) {
        if !self.json && !self.quiet {
            Self::err(line);
        }
    }

    /// A warning for people; with `--json` it stands in the envelope instead.
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

    /// A line for people that `--quiet` does not leave out; with `--json` the envelope says it.
    pub fn notice(&self, line: &str) {
        if !self.json {
            Self::err(line);
        }
    }

    /// A line on stderr whatever the options.
    pub fn err(line: &str) {
        Self::write_err(&printable(line));
    }

    fn err_marked(mark: &str, text: &str) {
        Self::write_err(&format!("{mark} {}", printable(text)));
    }

    /// Finished text, clean already.
    fn write_err(text: &str) {
        // Nobody is left to tell where stderr is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// One JSON value on stdout, as a line.
    pub fn json(value: &Value) -> io::Result<()> {
        Self::out(&json_line(value))
    }

    /// A result on stdout. That nobody reads on is no error.
    pub fn out(text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever read has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }

    /// A bar, or lines now and then, on stderr; nothing with `--json` or `--quiet`.
    pub fn progress(&self, total: usize) -> Progress {
        Progress::new(self, u64::try_from(total).unwrap_or(u64::MAX))
    }

    /// A table on stdout.
    pub fn table(&self, table: &Table) -> io::Result<()> {
        Self::out(&table.render(self.width, self.color_out))
    }

    /// A failure: three parts for people, on stderr.
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

    /// Whether somebody is there to answer.
    pub fn can_ask(&self) -> bool {
        !self.json && !self.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Shows the lines of a question on stderr, and leaves the cursor behind the last.
    pub fn prompt(&self, lines: &[String]) -> io::Result<()> {
        let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
        let mut err = io::stderr();
        // The cursor stands behind a space.
        write!(err, "{} ", lines.join("\n").trim_end())?;
        err.flush()
    }

    /// Reads a line from stdin. Blocks.
    pub fn read_line() -> io::Result<String> {
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(answer)
    }
}

/// The envelope of every JSON answer.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// As typed.
    pub command: &'a str,
    /// Against the simulated hotel.
    pub sandbox: bool,
    /// Nothing was to be written.
    pub dry_run: bool,
}

impl Envelope<'_> {
    /// A good end.
    pub fn done(&self, data: &Value, warnings: &[(String, String)]) -> String {
        self.value(true, data, warnings, &Value::Null)
    }

    /// A failure.
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

/// A JSON value as a line; what could steer a terminal is written as an escape.
pub fn json_line(value: &Value) -> String {
    format!("{}\n", printable_json(&value.to_string()))
}

/// The width of the terminal that stdout is.
fn terminal_width() -> Option<u16> {
    let mut table = comfy_table::Table::new();
    table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
    table.width()
}

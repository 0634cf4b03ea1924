//! A person at a terminal: the tool runs on a pseudo-terminal, and a test reads and types.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use super::{Hotel, Ran, split};

/// How long a test waits for a text, in milliseconds.
const PATIENCE: u64 = 30_000;

/// The tool on a terminal.
pub(crate) struct Terminal {
    session: PtySession,
    shown: String,
}

impl Terminal {
    /// Starts the tool with these words.
    pub(crate) fn open(hotel: &Hotel, words: &str) -> Self {
        let mut command = hotel.command();
        command.args(split(words));
        Self {
            session: spawn_command(command, Some(PATIENCE)).unwrap(),
            shown: String::new(),
        }
    }

    /// Waits until this text is shown, and returns everything before it.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> String {
        let before = self.session.exp_string(text);
        let before = before.unwrap_or_else(|error| panic!("{error}\n{}", self.shown));
        self.shown += &format!("{before}{text}");
        before
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.session.send_line(line).unwrap();
    }

    /// Types Ctrl-C.
    pub(crate) fn interrupts(&mut self) {
        self.session.send_control('c').unwrap();
        self.session.flush().unwrap();
    }

    /// Waits for the end. Everything that was shown is in `stdout`.
    pub(crate) fn end(mut self) -> Ran {
        let rest = self.session.exp_eof();
        self.shown += &rest.unwrap_or_else(|error| panic!("{error}\n{}", self.shown));
        let code = match self.session.process().wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            status => panic!("{status:?}\n{}", self.shown),
        };
        Ran {
            code,
            stdout: self.shown.replace('\r', ""),
            stderr: String::new(),
        }
    }
}

//! Messages for commands that a person did not agree to, or whose question could not be asked.

use crate::failure::{Failure, Kind};
use crate::workflow::command::{CommandError, Declined};

impl From<Declined> for Failure {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::No => {
                Failure::new(Kind::Declined, "not confirmed").impact("Nothing was changed.")
            }
            Declined::Interrupted => {
                Failure::new(Kind::Interrupted, "interrupted").impact("Nothing was changed.")
            }
            Declined::Terminal(error) => error.into(),
            Declined::NobodyToAsk(lines) => {
                let mut lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
                let asked = lines.pop().unwrap_or_default();
                Failure::new(
                    Kind::NeedsConfirmation,
                    format!("this needs a confirmation: {asked}"),
                )
                .details(lines)
                .impact("Nothing was changed.")
                .hint("add `--yes` if that is right")
            }
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Workflow(error) => error.into(),
            CommandError::Journal(error) => error.into(),
            CommandError::Declined(declined) => declined.into(),
            CommandError::Changed(why) => {
                let failure = Failure::new(
                    Kind::Changed,
                    "the keys of these rooms or guests have changed while the question was open",
                );
                let why = why.map(|why| Failure::from(*why));
                let lines = why
                    .iter()
                    .flat_map(|why| std::iter::once(&why.message).chain(&why.details));
                failure
                    .details(lines)
                    .impact("Nothing was changed.")
                    .hint("type the same command again: it shows the room as it is now")
            }
        }
    }
}

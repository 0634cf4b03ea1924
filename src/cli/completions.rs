//! `completions` and `man`, generated from the definition of the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Answer, Cli, Done};
use crate::present::Ui;

/// Print a shell script that completes commands and options. The README says how to install it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Answer {
    Ok(print(&script(args.shell))?)
}

fn print(text: &[u8]) -> std::io::Result<Done> {
    Ui::out(&String::from_utf8_lossy(text))?;
    Ok(Done::default())
}

/// Returns the completion script for a shell.
pub(super) fn script(shell: Shell) -> Vec<u8> {
    let mut text = vec![];
    clap_complete::generate(shell, &mut Cli::command(), "roomkey", &mut text);
    text
}

/// Prints the manual page, in roff.
pub(super) fn man() -> Answer {
    let mut text = vec![];
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    Ok(print(&text)?)
}

//! `completions` and `man`: made from the command line's own definition.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Answer, Cli, Done};
use crate::output::Ui;

/// A script that completes commands and options; see the README for where it goes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Answer {
    Ok(print(&script(args.shell))?)
}

fn print(text: &[u8]) -> std::io::Result<Done> {
    Ui::out(&String::from_utf8_lossy(text))?;
    Ok(Done::default())
}

/// The script for a shell.
pub(super) fn script(shell: Shell) -> Vec<u8> {
    let mut text = vec![];
    clap_complete::generate(shell, &mut Cli::command(), "roomkey", &mut text);
    text
}

/// The manual page.
pub(super) fn man() -> Answer {
    let mut text = vec![];
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    Ok(print(&text)?)
}

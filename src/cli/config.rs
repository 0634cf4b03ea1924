//! `config show`: the settings in effect.

use serde_json::{Map, json};

use super::{Answer, Done};
use crate::app::App;
use crate::present::Table;

/// Settings.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show every setting with its origin. The API key is never shown.
    Show,
}

pub(super) fn run(app: &App, command: &Command) -> Answer {
    let Command::Show = command;
    let lines = app.settings.show();
    if !app.ui.json {
        let mut table = Table::new(["Setting", "Value", "From"]);
        for line in &lines {
            table.row([
                line.name.to_owned(),
                line.value.clone(),
                line.origin.clone(),
            ]);
        }
        app.ui.table(&table)?;
    }
    let settings: Map<_, _> = lines
        .into_iter()
        .map(|line| {
            (
                line.name.to_owned(),
                json!({ "value": line.value, "origin": line.origin }),
            )
        })
        .collect();
    Ok(Done::new(json!({ "settings": settings })))
}

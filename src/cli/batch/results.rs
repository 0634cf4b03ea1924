//! The place of the result file.

use std::path::Path;

use super::Args;
use crate::app::App;
use crate::batch::input::Format;
use crate::batch::place::{self, BadTarget, Existing};
use crate::batch::report::ResultFile;
use crate::failure::{Failure, Kind};
use crate::home;

/// Returns the result file: the one of `--out`, else one beside the input, such as `arrivals.result.csv` for
/// `arrivals.csv`. `None` for standard input and for a dry run without `--out`.
pub(super) fn file(args: &Args) -> Option<ResultFile> {
    match &args.out {
        Some(path) => Some(ResultFile::new(path)),
        None if args.file == Path::new("-") || args.dry_run => None,
        None => {
            let ending = args.file.extension().and_then(|ending| ending.to_str());
            let json = ending.is_some_and(|ending| {
                Format::of_name(&format!("x.{ending}")) == Some(Format::JsonLines)
            });
            let ending = if json { "result.jsonl" } else { "result.csv" };
            Some(ResultFile::new(&args.file.with_extension(ending)))
        }
    }
}

/// Checks that the results can be written, and asks before they replace a file that roomkey did not write.
pub(super) async fn check(
    app: &App,
    args: &Args,
    results: Option<&ResultFile>,
) -> Result<(), Failure> {
    let Some(file) = results else {
        return Ok(());
    };
    let name = file.path().display();
    let homes = [&app.settings.base, &app.settings.home];
    let existing = if homes.iter().any(|home| home::contains(home, file.path())) {
        Err(BadTarget::Home)
    } else {
        place::existing(file.path(), &args.file)
    };
    let found = existing.map_err(|problem| {
        let kind = match &problem {
            BadTarget::Io(_) | BadTarget::Folder { .. } => Kind::Io,
            BadTarget::Input | BadTarget::NotAFile | BadTarget::Home => Kind::Usage,
        };
        Failure::new(
            kind,
            format!("the results cannot be written to {name}: {problem}"),
        )
        .impact("Nothing was sent.")
        .hint("name another file with `--out`")
    })?;
    if found != Existing::Other || args.overwrite {
        return Ok(());
    }
    let refused = |kind: Kind, text: &str| {
        Failure::new(kind, format!("{name} {text}"))
            .impact("Nothing was sent.")
            .hint("name another file with `--out`, or add `--overwrite`")
    };
    if app.yes || !app.ui.can_ask() {
        let text = "exists already, and roomkey did not write it";
        return Err(refused(Kind::NeedsConfirmation, text));
    }
    let question = format!("roomkey did not write {name}. Replace it with the results?");
    if app.ask(&[question]).await? {
        Ok(())
    } else {
        Err(refused(Kind::Declined, "is unchanged"))
    }
}

//! `roomkey` issues, joins, updates and revokes ASSA ABLOY Visionline mobile keys through the Seam API.
//!
//! The library is not a public API. It exists so that tests and benches can reach the parts of the binary.
//!
//! # The modules
//!
//! | module | contents |
//! | --- | --- |
//! | [`cli`] | the command line: one file for each command, with its options |
//! | [`present`] | what people and scripts see: tables, sentences, prompts, progress, JSON |
//! | [`app`] | the context of a command: settings, client, journal, Ctrl-C |
//! | [`failure`] | every kind of failure, with its exit status, its impact and its remedy |
//! | [`batch`] | many rows at once, from a file or a property management system |
//! | [`workflow`] | the commands: read, decide, plan |
//! | [`operation`] | plans carried out: executor, verification, outcome, recovery |
//! | [`snapshot`] | what was read of the hotel, and the functions that read it |
//! | [`journal`] | the durable record of operations |
//! | [`hotel`] | the hotel's language as pure types: rooms, doors, guests, keys, windows |
//! | [`seam`] | the client for Seam's API |
//! | [`config`] | settings from flags, environment and profile |
//! | [`home`], [`clock`], [`doors`], [`defect`] | files, time, real or simulated doors, panics |
//! | [`sandbox`] | a simulated hotel behind Seam's HTTP API |
//!
//! [`sandbox`] never imports [`seam`]. Both implement the API from the vendor's schema, so that tests find a misreading
//! on either side.
//!
//! # A tour: one command from argv to the wire and back
//!
//! The example is `roomkey update --guest jane@example.com --until "friday 14:00"`.
//!
//! 1. **Arguments.** [`main`] installs the panic hook and parses argv with clap into [`Cli`](cli::Cli). The options of
//!    the command are the struct `Args` in `src/cli/update.rs`.
//! 2. **Context.** [`Settings::resolve`](config::Settings::resolve) combines flags, environment, profile and defaults.
//!    [`home::check`] checks the files that roomkey keeps. The result is one [`App`](app::App), which every command
//!    receives.
//! 3. **Request.** The function `run` in `src/cli/update.rs` turns the options into a
//!    [`Request`](workflow::request::Request), which contains only what was typed. It passes the request to the
//!    function `carry_out` in `src/cli/write.rs`, which all writing commands share.
//! 4. **Read.** [`Request::read`](workflow::request::Request::read) reads the access system, the doors, the guests and
//!    the keys that the decision needs, side by side. The result is a snapshot of the hotel,
//!    [`HotelSnapshot`](snapshot::hotel_snapshot::HotelSnapshot).
//! 5. **Decide.** [`Request::decide`](workflow::request::Request::decide) is a pure function of the snapshot and the
//!    settings. It returns a [`Refusal`](hotel::refusal::Refusal) or a [`Decision`](operation::decision::Decision): what
//!    to show, what to ask, and the [`Plan`](operation::plan::Plan), which is a list of [`Step`](operation::plan::Step)s.
//! 6. **Show and confirm.** With `--dry-run` the command prints the plan and ends here. Otherwise
//!    [`Executor::carry_out_decided`](operation::executor::Executor::carry_out_decided) shows the decision and asks the
//!    question through the trait [`Talk`](workflow::command::Talk). After an answer at the prompt it reads and decides again,
//!    and refuses the command if the plan has changed.
//! 7. **Journal.** [`Journal::begin`](journal::Journal::begin) writes the plan to the journal. It refuses the
//!    operation while another one on the same room or guest is unfinished.
//! 8. **Execute.** [`Executor::run`](operation::executor::Executor::run) carries out the plan in
//!    [stages](operation::plan::Plan::stages). The steps of a stage run side by side, and their intents are in the
//!    journal before the first of their requests is sent. The function `perform` in `src/operation/step.rs` maps each
//!    [`Action`](operation::plan::Action) to a function of [`seam`], here [`seam::credentials::create`].
//! 9. **Send.** Every endpoint has one function, and every function uses the one [`Client`](seam::Client). The client
//!    paces, sends, retries and decodes. A [`Transport`](seam::Transport) carries the bytes over HTTP, or to the
//!    sandbox inside a simulation.
//! 10. **Back.** A failed call is a [`seam::Error`], and [`Error::sent`](seam::Error::sent) reports whether the request
//!     may have reached the server. The executor reads the new keys and the other keys on these rooms, and
//!     [`judge`](operation::verify::judge) decides whether the command harmed anybody.
//!     [`Outcome::of`](operation::outcome::Outcome::of) collects everything that is known.
//! 11. **Report.** The function `report` in `src/present/outcome.rs` prints a table and a sentence, or returns a
//!     [`Failure`](failure::Failure). `main` prints the JSON with `--json`, and exits with
//!     [`Kind::exit`](failure::Kind::exit).
//!
//! A command that stops halfway leaves an open operation in the journal. `roomkey recover` reads the hotel and finishes
//! or undoes the operation; see [`operation::recover`]. A row of a batch takes the same way from step 4 on, with a
//! snapshot that all rows share; see [`batch`].
//!
//! # How to add a command in six steps
//!
//! The example is a writing command `swap`. A command that only reads, such as `rooms` in `src/cli/rooms.rs`,
//! needs steps 1 and 6 only.
//!
//! 1. **Options.** Create `src/cli/swap.rs` with `Args` and `run`, after the model of `src/cli/update.rs`. Add a
//!    variant to the enum `Command` in `src/cli/mod.rs`, and follow the compiler through its matches. If the command
//!    has `--dry-run`, add it to the function `is_dry_run` in `src/cli/mod.rs`, where the compiler does not ask for it.
//! 2. **Request.** Create `src/workflow/swap.rs` with a `Request` like [`workflow::update::Request`]. Add a variant to
//!    [`workflow::request::Request`] and to [`plan::Command`](operation::plan::Command), and follow the compiler.
//! 3. **Read.** Write `read`, which returns the [`HotelSnapshot`](snapshot::hotel_snapshot::HotelSnapshot) that the decision needs. The
//!    functions in [`snapshot::fetch`] read side by side.
//! 4. **Decide.** Write `decide` without input or output. Use the rules in [`hotel::decide`] and the parts in
//!    [`workflow::template`], and build the plan from the existing [`Action`](operation::plan::Action)s. Test it as a
//!    table of cases in the same file. A new action also needs an endpoint in
//!    [`Step::call`](operation::plan::Step::call), a case in the function `perform` in `src/operation/step.rs`, and a
//!    rule for [recovery](operation::recover).
//! 5. **Words.** Add the sentence for the outcome to the function `sentence` in `src/present/outcome.rs`. A new kind of
//!    refusal needs a variant of [`Refusal`](hotel::refusal::Refusal), its text in `src/present/refusal.rs`, and a
//!    [`Kind`](failure::Kind) with a code and an exit status.
//! 6. **Tests and documents.** Add the command to the tests in `tests/cli`, to the model in `tests/sim` and to the
//!    README, and write the scripts in `completions/` again with `roomkey completions`.

pub mod app;
pub mod batch;
pub mod cli;
pub mod clock;
pub mod config;
pub mod defect;
pub mod doors;
pub mod failure;
pub mod home;
pub mod hotel;
pub mod journal;
pub mod operation;
pub mod present;
pub mod sandbox;
pub mod seam;
pub mod snapshot;
pub mod workflow;

pub use cli::main;

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    /// The modules from top to bottom. A module imports only modules that stand below it.
    const ORDER: &[&str] = &[
        "cli",
        "app",
        "doors",
        "present",
        "batch",
        "workflow",
        "operation",
        "snapshot",
        "journal",
        "defect",
        "config",
        "failure",
        "hotel",
        "seam",
        "clock",
        "sandbox",
        "home",
    ];

    /// The longest file, in lines, without its tests.
    const LONGEST: usize = 700;

    fn sources() -> Vec<(PathBuf, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root.clone()];
        let mut found = vec![];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push((path.strip_prefix(&root).unwrap().to_owned(), text));
                }
            }
        }
        assert!(found.len() > 100);
        found
    }

    /// Returns the file without comments and without its module of tests.
    fn code(text: &str) -> String {
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn is_test(path: &Path) -> bool {
        path.components()
            .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
    }

    #[test]
    fn modules_import_only_what_is_below_them() {
        let place = |module: &str| ORDER.iter().position(|known| *known == module);
        let mut wrong = vec![];
        let mut imports = 0;
        for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
            let module = path
                .iter()
                .next()
                .unwrap()
                .to_str()
                .unwrap()
                .trim_end_matches(".rs");
            let Some(own) = place(module) else {
                assert!(
                    matches!(module, "lib" | "main"),
                    "{module} has no place in ORDER"
                );
                continue;
            };
            for part in code(text).split("crate::").skip(1) {
                let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_');
                let end = end.unwrap_or(part.len());
                imports += 1;
                if let Some(other) = place(&part[..end])
                    && other < own
                {
                    wrong.push(format!("{} imports {}", path.display(), &part[..end]));
                }
            }
        }
        assert!(imports > 300, "{imports}");
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn no_file_is_too_long_to_read() {
        let long: Vec<String> = sources()
            .into_iter()
            .filter(|(path, _)| !is_test(path))
            .filter_map(|(path, text)| {
                let lines = text
                    .split("#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap_or_default()
                    .lines()
                    .count();
                (lines > LONGEST).then(|| format!("{}: {lines}", path.display()))
            })
            .collect();
        assert!(long.is_empty(), "{long:#?}");
    }

    /// The tour names private items as "`item` in `path`", because links cannot reach them.
    #[test]
    fn the_tour_names_files_and_items_that_exist() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let tour: String = include_str!("lib.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//!"))
            .flat_map(str::split_whitespace)
            .flat_map(|word| [word, " "])
            .collect();
        let quoted: Vec<&str> = tour.split('`').collect();
        let mut found = 0;
        for (index, path) in quoted.iter().enumerate().skip(1).step_by(2) {
            if !path.starts_with("src/") || path.ends_with("/swap.rs") {
                continue;
            }
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            if quoted[index - 1] == " in " {
                assert!(text.contains(quoted[index - 2]), "{}", quoted[index - 2]);
            }
            found += 1;
        }
        assert!(found > 5, "{found}");
    }
}

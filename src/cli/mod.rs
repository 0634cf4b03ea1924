//! The command line. Each command has a file, which turns arguments into a request, has it carried out, and prints the
//! outcome.

mod args;
mod batch;
mod completions;
mod config;
mod doctor;
mod guests;
mod help;
mod history;
mod issue;
mod join;
mod keys;
mod pick;
mod recover;

mod return_guest;
mod revoke;
mod rooms;
mod sandbox;
mod update;
mod write;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use futures::FutureExt as _;

use crate::app::{App, Interrupts};
use crate::clock::Clock;
use crate::config::{Environment, Flags, Settings};
use crate::defect;
use crate::doors::Doors;
use crate::failure::{Failure, Kind, without_keys};
use crate::home;
use crate::hotel::text::is_unprintable;
use crate::journal::InFlight;
use crate::present::{Answer, Color, Done, Envelope, Ui};

/// Issue, join, update and revoke mobile keys for Visionline hotel doors.
#[derive(Debug, Parser)]
#[command(
    name = "roomkey",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100,
    before_help = "Examples:\n  \
        roomkey issue --room 101 --guest \"Jane Doe <jane@example.com>\" --nights 2\n  \
        roomkey join --room 101 --guest john@example.com\n  \
        roomkey update --guest jane@example.com --until \"friday 12:00\"\n  \
        roomkey revoke --room 101\n  \
        roomkey --sandbox issue --room 101 --guest \"Ada Lovelace <ada@example.com>\" --nights 3",
    after_help = "`roomkey help exit-codes`, `roomkey help times` and `roomkey help profiles` explain more."
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// The options that every command has.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
struct Globals {
    /// Print one JSON value on stdout.
    #[arg(long, global = true)]
    json: bool,
    /// Use a simulated hotel. It needs no API key and touches no real door.
    #[arg(long, global = true)]
    sandbox: bool,
    /// The profile of the configuration file to use.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The Visionline system, by name or id, if the workspace has several.
    #[arg(long, global = true, value_name = "SYSTEM")]
    system: Option<String>,
    /// The credential manager, by id, if there are several.
    #[arg(long, global = true, value_name = "ID", hide_short_help = true)]
    credential_manager: Option<String>,
    /// The hotel's time zone, such as Europe/Berlin.
    #[arg(long, global = true, value_name = "ZONE", hide_short_help = true)]
    time_zone: Option<String>,
    /// Seconds to wait until the lock system confirms a key [default: 10].
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    wait: Option<f64>,
    /// Seconds that a request may take, its retries included [default: 30].
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    timeout: Option<f64>,
    /// Seconds until Seam's lists show a change [default: 3].
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    settle: Option<f64>,
    /// Answer yes to every question.
    #[arg(long, short, global = true)]
    yes: bool,
    /// Never ask a question; a question that needs an answer is an error.
    #[arg(long, global = true)]
    no_input: bool,
    /// Print every request on stderr, and show API paths in a dry run.
    #[arg(long, short, global = true)]
    verbose: bool,
    /// Print only results, warnings and errors.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    color: Color,
    /// How the simulated hotel behaves where the API's documentation does not say; may be repeated.
    #[arg(long, global = true, value_name = "NAME=VALUE", hide_short_help = true)]
    reading: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the first key of a stay, for one or several guests and rooms.
    Issue(issue::Args),
    /// Give a guest who was here before a new key, and remove all earlier access.
    ReturnGuest(return_guest::Args),
    /// Make one more key in a stay. The other keys of the stay go on working.
    Join(join::Args),
    /// Change the times or the doors of a key.
    Update(update::Args),
    /// Remove keys.
    Revoke(revoke::Args),
    /// Make or change many keys from a file.
    Batch(batch::Args),
    /// Show live keys of a room, of a guest, or all.
    Keys(keys::Args),
    /// Show the doors of the hotel.
    Rooms,
    /// Show guests on record.
    Guests(guests::Args),
    /// Check the API key, the clock and the hotel's systems. Changes nothing.
    Doctor,
    /// Show operations that stopped half-way, and finish or undo them.
    Recover(recover::Args),
    /// Show the operations of this PC, with their time and operator.
    History(history::Args),
    /// Manage the simulated hotel.
    #[command(subcommand)]
    Sandbox(sandbox::Command),
    /// Show the settings and their origins.
    #[command(subcommand)]
    Config(config::Command),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page.
    Man,
    /// Show help on a command or a topic: exit-codes, guests, times, profiles.
    Help(help::Args),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Command::Issue(_) => "issue",
            Command::ReturnGuest(_) => "return-guest",
            Command::Join(_) => "join",
            Command::Update(_) => "update",
            Command::Revoke(_) => "revoke",
            Command::Batch(_) => "batch",
            Command::Keys(_) => "keys",
            Command::Rooms => "rooms",
            Command::Guests(_) => "guests",
            Command::Doctor => "doctor",
            Command::Recover(_) => "recover",
            Command::History(_) => "history",
            Command::Sandbox(_) => "sandbox",
            Command::Config(_) => "config",
            Command::Completions(_) => "completions",
            Command::Man => "man",
            Command::Help(_) => "help",
        }
    }

    fn is_dry_run(&self) -> bool {
        match self {
            Command::Issue(args) => args.write.dry_run,
            Command::ReturnGuest(args) => args.write.dry_run,
            Command::Join(args) => args.write.dry_run,
            Command::Update(args) => args.dry_run,
            Command::Revoke(args) => args.dry_run,
            Command::Batch(args) => args.dry_run,
            _ => false,
        }
    }
}

/// Runs the command line and returns the exit status. A panic is reported as a failure, see [`defect`].
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    defect::watch();
    let arguments: Vec<OsString> = arguments.collect();
    let ended = catch_unwind(|| match Cli::try_parse_from(&arguments) {
        Ok(cli) => run(cli),
        Err(error) => usage(&printable_error(error, &arguments), &arguments),
    });
    ended.unwrap_or_else(|_| {
        let failure = defect::caught();
        if has_json(&arguments) {
            return print_failed(&arguments, &failure);
        }
        Ui::err(&format!("Error: {failure}"));
        ExitCode::from(failure.kind.exit())
    })
}

fn has_json(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--json")
}

/// Prints the JSON of a failure outside of a command: a wrong command line or a panic.
fn print_failed(arguments: &[OsString], failure: &Failure) -> ExitCode {
    let environment = Environment::of_process();
    let failure = failure.clone().without_keys(&environment.secrets());
    let envelope = Envelope {
        command: &known_command(arguments),
        sandbox: is_sandbox(
            arguments.iter().any(|argument| argument == "--sandbox"),
            &environment,
        ),
        dry_run: false,
    };
    print(&envelope.failed(&failure), failure.kind.exit())
}

/// Returns the error with arguments in which no line break can forge a line. The arguments may come from another program,
/// such as a booking system. [`usage`] removes other control characters.
fn printable_error(error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let mut changed = None;
    let printable = arguments.iter().map(|argument| {
        let text = argument.to_string_lossy();
        if !text.contains('\n') {
            return argument.clone();
        }
        let text = text.replace('\n', "\u{fffd}");
        changed = Some(text.clone());
        text.into()
    });
    let printable: Vec<OsString> = printable.collect();
    let Some(changed) = changed else {
        return error;
    };
    match Cli::try_parse_from(&printable) {
        Err(printable) => printable,
        // Only the line break was wrong.
        Ok(_) => Cli::command().error(
            ErrorKind::InvalidValue,
            format!("`{changed}` contains a line break\n"),
        ),
    }
}

/// Prints the help or the error of a command line that does not run a command.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let helps = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !helps && has_json(arguments) {
        let text = error.render().to_string();
        let (message, hint) = text.split_once("\n\n").unwrap_or((&text, ""));
        let message = message.trim_start_matches("error: ").trim();
        let failure = Failure::new(Kind::Usage, message).hint(hint.trim());
        return print_failed(arguments, &failure);
    }
    let text = error.render().to_string();
    let clean = without_keys(text.clone(), &Environment::of_process().secrets());
    if helps || (clean == text && !text.chars().any(|c| c != '\n' && is_unprintable(c))) {
        let _ = error.print(); // A closed pipe does not change the exit status.
    } else {
        // The arguments may come from another program, and may contain control characters or a key.
        clean.trim_end().lines().for_each(Ui::err);
    }
    ExitCode::from(if helps { 0 } else { Kind::Usage.exit() })
}

/// Returns true if the option or the environment selects the simulated hotel.
fn is_sandbox(flag: bool, environment: &Environment) -> bool {
    flag || environment.is_on("ROOMKEY_SANDBOX").unwrap_or(false)
}

fn known_command(arguments: &[OsString]) -> String {
    let cli = Cli::command();
    let known = |word: &&OsString| {
        word.to_str()
            .is_some_and(|word| cli.find_subcommand(word).is_some())
    };
    arguments
        .iter()
        .skip(1)
        .find(known)
        .and_then(|word| word.to_str())
        .unwrap_or_default()
        .to_owned()
}

fn print(text: &str, exit: u8) -> ExitCode {
    match Ui::out(text) {
        Err(error) => {
            Ui::err(&format!("Error: the result could not be printed: {error}"));
            ExitCode::from(exit.max(1))
        }
        Ok(()) => ExitCode::from(exit),
    }
}

fn run(cli: Cli) -> ExitCode {
    let environment = Environment::of_process();
    let columns = environment
        .get("COLUMNS")
        .ok()
        .flatten()
        .and_then(|text| text.parse().ok());
    let no_color = matches!(environment.get("NO_COLOR"), Ok(Some(_)));
    let globals = cli.globals;
    let ui = Ui::new(
        globals.json,
        globals.quiet,
        globals.no_input,
        globals.color,
        no_color,
        columns,
    )
    .verbose(globals.verbose);
    let (name, dry_run) = (cli.command.name(), cli.command.is_dry_run());
    let flags = Flags {
        profile: globals.profile,
        system: globals.system,
        credential_manager: globals.credential_manager,
        time_zone: globals.time_zone,
        sandbox: globals.sandbox,
        wait: globals.wait,
        timeout: globals.timeout,
        settle: globals.settle,
    };
    let plain = match &cli.command {
        Command::Completions(args) => Some(completions::run(args)),
        Command::Man => Some(completions::man()),
        Command::Help(args) => Some(help::run(args)),
        _ => None,
    };
    let mut sandbox = is_sandbox(flags.sandbox, &environment);
    let of_sandbox = matches!(cli.command, Command::Sandbox(_));
    let mut known: Option<Arc<Doors>> = None;
    let warnings = Arc::new(Mutex::new(vec![]));
    let (answer, json) = match plain {
        Some(answer) => (answer, false),
        None => {
            let settings = Settings::resolve(&flags, &environment).map_err(Failure::from);
            let answer = defect::checked(settings.and_then(|settings| {
                // No file of the home is used before its owner and its permissions are checked.
                home::check(&settings.base)?;
                home::check(&settings.home)?;
                let doors = Arc::new(Doors::of(&settings, &ui));
                known = Some(Arc::clone(&doors));
                let readings = readings(&globals.reading)?;
                let app = App {
                    settings,
                    ui: ui.clone(),
                    yes: globals.yes,
                    readings,
                    interrupts: Interrupts::default(),
                    in_flight: InFlight::default(),
                    warnings: Arc::clone(&warnings),
                    doors,
                    clock: Clock::system(),
                };
                start(&app, cli.command)
            }));
            (answer, ui.json)
        }
    };
    sandbox |= of_sandbox || known.is_some_and(|doors| doors.are_simulated());
    let envelope = Envelope {
        command: name,
        sandbox,
        dry_run,
    };
    let warnings = warnings.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = write::with_warnings(answer, &warnings);
    let answer = answer.map_err(|failure| failure.without_keys(&environment.secrets()));
    match answer {
        Ok(done) if json => print(&envelope.done(&done.data, &done.warnings), 0),
        Ok(_) => ExitCode::SUCCESS,
        Err(failure) if json => print(&envelope.failed(&failure), failure.kind.exit()),
        Err(failure) => {
            ui.fail(&failure);
            ExitCode::from(failure.kind.exit())
        }
    }
}

/// Reads the `NAME=VALUE` texts of `--reading`.
fn readings(texts: &[String]) -> Result<crate::sandbox::Readings, Failure> {
    let mut readings = crate::sandbox::Readings::default();
    for text in texts {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        readings
            .set(name, value)
            .map_err(|error| Failure::new(Kind::Usage, error.to_string()))?;
    }
    Ok(readings)
}

/// Runs a command, in an asynchronous runtime if it needs one.
fn start(app: &App, command: Command) -> Answer {
    if let Command::Config(command) = &command {
        return config::run(app, command);
    }
    // `sandbox` commands touch no real door, so the profile's `doors` does not concern them.
    if !matches!(command, Command::Sandbox(_)) {
        app.doors.check(&app.settings)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        app.interrupts.listen();
        tokio::select! {
            biased;
            () = app.interrupts.insisted() => Err(app.stopped_at_once()),
            done = AssertUnwindSafe(dispatch(app, command)).catch_unwind() => {
                done.unwrap_or_else(|_| Err(defect::caught()))
            }
        }
    });
    runtime.shutdown_background();
    done
}

async fn dispatch(app: &App, command: Command) -> Answer {
    match command {
        Command::Issue(args) => issue::run(app, args).await,
        Command::ReturnGuest(args) => return_guest::run(app, args).await,
        Command::Join(args) => join::run(app, args).await,
        Command::Update(args) => update::run(app, args).await,
        Command::Revoke(args) => revoke::run(app, args).await,
        Command::Batch(args) => batch::run(app, args).await,
        Command::Keys(args) => Box::pin(app.until_interrupted(keys::run(app, args))).await,
        Command::Rooms => app.until_interrupted(rooms::run(app)).await,
        Command::Guests(args) => app.until_interrupted(guests::run(app, args)).await,
        Command::Doctor => app.until_interrupted(doctor::run(app)).await,
        Command::Recover(args) => Box::pin(recover::run(app, args)).await,
        Command::History(args) => app.until_interrupted(history::run(app, args)).await,
        Command::Sandbox(command) => sandbox::run(app, command).await,
        Command::Config(command) => config::run(app, &command),
        Command::Completions(args) => completions::run(&args),
        Command::Man => completions::man(),
        Command::Help(args) => help::run(&args),
    }
}

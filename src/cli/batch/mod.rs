//! `batch`: many rows from a file or a pipe.

mod results;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Seek as _;
use std::path::{Path, PathBuf};

use super::Answer;
use crate::app::App;
use crate::batch::input::{self, DateOrder, Format, Input};
use crate::batch::job::Terms;
use crate::batch::plan::BatchPlan;
use crate::batch::reading::Reading;
use crate::batch::schedule::Ended;
use crate::batch::session::{Observer, Session};
use crate::batch::settle::Settled;
use crate::failure::{Failure, Kind};
use crate::journal::{OperationId, PastBatch};
use crate::operation::outcome::Outcome;
use crate::operation::recover::RecoverError;
use crate::present::batch::plan as view;
use crate::present::batch::reporter::{About, Reporter};
use crate::present::{Progress, failure_of};
use crate::snapshot::fetch::OneByOne;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// Make or change many keys from a file, such as the arrivals of a group. All rows are decided before the first
/// change. If the command stops half-way, the same command goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  \
    roomkey batch arrivals.csv --dry-run\n  \
    roomkey batch arrivals.csv\n  \
    roomkey batch arrivals.csv --skip-bad --yes --json\n  \
    roomkey batch - --format fias --yes < requests.txt\n\n\
    Columns: reservation, action (issue), guest or first and last name, email, phone, room, old_room (for a \
    move), arrival, departure, nights, also, share_with, key, status; the headings of OPERA, Mews, Apaleo and Cloudbeds \
    are known too.")]
pub(super) struct Args {
    /// A file with CSV, JSON lines or FIAS key records; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// `csv`, `jsonl` or `fias` [default: found from the file's name or its first line].
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The order of day, month and year in dates such as 03/04/2026: `dmy`, `mdy` or `ymd`.
    #[arg(long, value_name = "ORDER")]
    date_format: Option<DateOrder>,
    /// The largest number of requests at the same time.
    #[arg(long, short, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: u32,
    /// Skip the rows that cannot be carried out, and carry out the others.
    #[arg(long)]
    skip_bad: bool,
    /// Replace live keys that would otherwise stop a row.
    #[arg(long)]
    replace: bool,
    /// Refuse guests without a phone that is ready to receive the key.
    #[arg(long)]
    require_phone: bool,
    /// Treat rows without a reservation number as one stay if they name the same room at the same time. For lists without
    /// numbers, such as OPERA's arrivals export.
    #[arg(long)]
    same_room_same_stay: bool,
    /// Carry out all rows again, also those that an earlier run of the file has done.
    #[arg(long)]
    again: bool,
    /// The result file [default: beside FILE, such as arrivals.result.csv; none for `-`].
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the result file even if roomkey did not write it. `--yes` does not include this.
    #[arg(long)]
    overwrite: bool,
    /// Show the plan without changing anything.
    #[arg(long)]
    pub(super) dry_run: bool,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let input = app.until_interrupted(read(app, &args)).await?;
    let profile = app.profile();
    let results = results::file(&args);
    let terms = Terms {
        also: profile.also.clone(),
        replace: args.replace,
        require_phone: args.require_phone,
        same_room_same_stay: args.same_room_same_stay,
    };
    let requests =
        args.format == Some(Format::Fias) || input.rows.iter().any(|row| row.answer_to.is_some());
    results::check(app, &args, results.as_ref()).await?;
    view::notices(&app.ui, &input);
    let client = app.patient_client(args.jobs).await?;
    let reading = Reading::new(&input.rows, &terms);
    let look_up = Box::pin(reading.look_up(&client, &profile));
    let look_up = app.until_interrupted(async { Ok(look_up.await?) });
    // The journal is opened while Seam answers.
    let (snapshot, journal) = futures::join!(look_up, app.journal());
    let (snapshot, journal) = (snapshot?, journal?);
    let about = About {
        ui: &app.ui,
        clock: &app.clock,
        input: &input,
        results: results.as_ref(),
        requests,
        dry_run: args.dry_run,
    };
    let observer = AtDesk {
        app,
        args: &args,
        requests,
        reporter: Reporter::new(about, snapshot.time.zone),
        progress: OnceCell::new(),
    };
    let keys = OneByOne(&client);
    let session = Session {
        reading: &reading,
        profile: &profile,
        executor: app.executor(&client, &keys, &journal),
        clock: &app.clock,
        source: source(&args.file),
        jobs: usize::try_from(args.jobs).unwrap_or(16),
        again: args.again,
        requests,
        observer: &observer,
    };
    let ended = Box::pin(session.run(snapshot)).await;
    if let Some(progress) = observer.progress.get() {
        progress.finish();
    }
    let answer = match ended {
        Ok(halt) => observer.reporter.report(halt),
        Err(error) => Reporter::not_begun(error),
    };
    journal.close().await;
    answer
}

/// Returns the path of the file for the journal, or `-`.
fn source(file: &Path) -> String {
    match file.canonicalize() {
        Ok(path) => path.display().to_string(),
        Err(_) => "-".to_owned(),
    }
}

/// Reads the file on a separate thread, so that Ctrl-C works while a pipe has nothing to read.
async fn read(app: &App, args: &Args) -> Result<Input, Failure> {
    let options = input::Options {
        format: args.format,
        date_order: args.date_format,
        max_rows: app.settings.batch_rows.value,
    };
    let file = args.file.clone();
    tokio::task::spawn_blocking(move || read_file(&file, &options))
        .await
        .map_err(std::io::Error::other)?
}

fn read_file(file: &Path, options: &input::Options) -> Result<Input, Failure> {
    let bad_file = |text: String| {
        Failure::new(Kind::BadFile, text)
            .impact("Nothing was sent.")
            .hint("`roomkey batch --help` shows the columns")
    };
    let read = if file == Path::new("-") {
        input::read(std::io::stdin().lock(), None, options)
    } else {
        let name = file.display().to_string();
        let cannot = |error| bad_file(format!("{name} cannot be opened: {error}; check the name"));
        let mut file = File::open(file).map_err(cannot)?;
        if file.metadata().is_ok_and(|data| data.is_file()) {
            input::refuse_long(&file, &name, options)
                .map_err(|error| bad_file(error.to_string()))?;
            file.rewind().map_err(cannot)?;
        }
        input::read(file, Some(&name), options)
    };
    read.map_err(|error| bad_file(error.to_string()))
}

/// Shows a batch to the person at this terminal, asks for the number of rooms, and reports the rows.
struct AtDesk<'a> {
    app: &'a App,
    args: &'a Args,
    requests: bool,
    reporter: Reporter<'a>,
    progress: OnceCell<Progress>,
}

impl Observer for AtDesk<'_> {
    type End = Answer;

    async fn until_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, Answer> {
        let work = self.app.until_interrupted(async { Ok(work.await) });
        work.await.map_err(Err)
    }

    fn earlier_run(&self, past: &PastBatch) {
        self.reporter.warn(view::past(&self.app.ui, past));
    }

    fn planned(
        &self,
        plan: &BatchPlan,
        rows: &Settled,
        snapshot: &HotelSnapshot,
    ) -> Result<(), Answer> {
        let ui = &self.app.ui;
        self.reporter.shared(rows, plan);
        self.reporter.bad(&plan.bad);
        // With `--quiet` the plan is printed only for a dry run.
        if !self.requests && (!ui.quiet || self.args.dry_run) {
            view::plan(ui, &rows.rows, plan, snapshot).map_err(Err)?;
        }
        if self.reporter.has_problems() && !self.args.skip_bad && !self.requests {
            return Err(self.reporter.nothing_written());
        }
        if self.args.dry_run {
            return Err(self.reporter.dry_run(plan));
        }
        Ok(())
    }

    async fn agree(&self, plan: &BatchPlan) -> Result<bool, Answer> {
        self.confirm(plan).await.map_err(Err)
    }

    fn begins(&self, plan: &BatchPlan) -> Result<(), Answer> {
        let count: usize = plan.jobs.iter().map(|job| job.rows.len()).sum();
        self.progress.get_or_init(|| self.app.ui.progress(count));
        let written = self.reporter.write_results();
        written.map_err(|failure| Err(failure.impact("Nothing was changed.")))
    }

    fn finishes(&self, operation: &OperationId) {
        self.app.ui.say(&format!(
            "Finishing the operation that stopped half-way ({})",
            operation.short()
        ));
    }

    fn finished(
        &self,
        operation: &OperationId,
        rows: &BTreeSet<usize>,
        result: Result<Outcome, RecoverError>,
    ) {
        let failure = match result {
            Ok(outcome) => failure_of(&outcome),
            Err(error) => Some(Failure::from(error)),
        };
        match failure {
            Some(failure) => self.app.ui.warn(&failure.message),
            None => self.reporter.finished(operation, rows),
        }
    }

    fn ended(&self, row: usize, ended: Ended) {
        if let Some(progress) = self.progress.get() {
            progress.step();
        }
        self.reporter.ended(row, ended);
    }

    fn not_done(&self) -> usize {
        self.reporter.totals().not_done()
    }
}

impl AtDesk<'_> {
    /// Asks the person at the terminal to type the number of rooms. Without a terminal, `--yes` is required. Returns true
    /// if the person was asked.
    async fn confirm(&self, planned: &BatchPlan) -> Result<bool, Failure> {
        // Rows may name keys or guests and no room.
        let (what, count) = match self.reporter.rooms(planned) {
            0 => ("rows", planned.jobs.iter().map(|job| job.rows.len()).sum()),
            rooms => ("rooms", rooms),
        };
        let nothing = planned.previews().all(|job| job.already || job.gone);
        if self.app.yes || nothing {
            return Ok(false);
        }
        if !self.app.ui.can_ask() {
            return Err(Failure::new(
                Kind::NeedsConfirmation,
                "this needs a confirmation, and there is no terminal on which to type the number of rooms",
            )
            .impact("Nothing was changed.")
            .hint("look at the plan with `--dry-run`, then add `--yes`"));
        }
        let question = format!("Type the number of {what} ({count}) to go on:");
        let answer = self.app.ask_text(&[question]).await?;
        if answer.trim() == count.to_string() {
            return Ok(true);
        }
        Err(Failure::new(Kind::Declined, "not confirmed").impact("Nothing was changed."))
    }
}

//! `batch`: many rows from a file or a pipe.

mod results;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Seek as _;
use std::path::{Path, PathBuf};

use super::Answer;
use crate::app::App;
use crate::batch::input::{self, DateOrder, Format, Input};
use crate::batch::job::Terms;
use crate::batch::plan::{BatchPlan, PastRows, plan};
use crate::batch::report::ResultFile;
use crate::batch::row::Row;
use crate::batch::run::{Batch, Ended, Halt, Undisturbed};
use crate::batch::session::{Past, Session};
use crate::failure::{Failure, Kind};
use crate::journal::{Journal, OperationId};
use crate::operation::list_poller::ListPoller;
use crate::operation::outcome::Desk;
use crate::present::batch::plan as view;
use crate::present::batch::reporter::{About, Reporter};
use crate::present::failure_of;
use crate::seam::Client;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

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

/// A batch whose file has been read.
struct Work<'a> {
    app: &'a App,
    args: &'a Args,
    input: Input,
    fias: bool,
    results: Option<ResultFile>,
    profile: HotelProfile,
    terms: Terms,
}

/// What [`Work::carry_out`] needs besides the plan.
struct Carrying<'a> {
    client: &'a Client,
    journal: &'a Journal,
    session: &'a Session<'a>,
    /// The rows, with times as instants and rooms by the names of their doors.
    rows: &'a [Row],
    /// The batch's id in the journal.
    id: &'a str,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let input = app.until_interrupted(read(app, &args)).await?;
    let profile = app.profile();
    let work = Work {
        app,
        args: &args,
        fias: args.format == Some(Format::Fias)
            || input.rows.iter().any(|row| row.answer_to.is_some()),
        results: results::file(&args),
        terms: Terms {
            also: profile.also.clone(),
            replace: args.replace,
            require_phone: args.require_phone,
            same_room_same_stay: args.same_room_same_stay,
        },
        profile,
        input,
    };
    results::check(app, &args, work.results.as_ref()).await?;
    view::notices(&app.ui, &work.input);
    let client = app.patient_client(args.jobs).await?;
    // The journal is opened while Seam answers.
    let session = Session::new(&work.input.rows, &work.terms);
    let (snapshot, journal) = futures::join!(work.look_up(&session, &client), app.journal());
    let (snapshot, journal) = (snapshot?, journal?);
    let answer = Box::pin(work.run(&session, &client, &journal, snapshot)).await;
    journal.close().await;
    answer
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
            input::refuse_long(&file, &name, options.max_rows)
                .map_err(|error| bad_file(error.to_string()))?;
            file.rewind().map_err(cannot)?;
        }
        input::read(file, Some(&name), options)
    };
    read.map_err(|error| bad_file(error.to_string()))
}

impl Work<'_> {
    fn about(&self) -> About<'_> {
        About {
            ui: &self.app.ui,
            clock: &self.app.clock,
            input: &self.input,
            results: self.results.as_ref(),
            fias: self.fias,
            dry_run: self.args.dry_run,
        }
    }

    fn rows(&self) -> &[Row] {
        &self.input.rows
    }

    async fn look_up(
        &self,
        session: &Session<'_>,
        client: &Client,
    ) -> Result<HotelSnapshot, Failure> {
        let look = Box::pin(session.look_up(client, &self.profile));
        self.app.until_interrupted(async { Ok(look.await?) }).await
    }

    async fn run(
        &self,
        session: &Session<'_>,
        client: &Client,
        journal: &Journal,
        mut snapshot: HotelSnapshot,
    ) -> Answer {
        let app = self.app;
        let mut new = session.as_new(self.source(), &snapshot);
        let past = if self.args.again {
            None
        } else {
            journal.past_batch(&new).await?
        };
        // A repeated FIAS request is a new request, unless the run with the first one stopped half-way.
        let past = past.filter(|past| !self.fias || !past.ended);
        let mut warnings = view::past(&app.ui, past.as_ref());
        // A run that goes on keeps the days of its first plan, for words such as `today`.
        let begun = past.as_ref().filter(|past| past.same && !past.ended);
        if let Some(begun) = begun.and_then(|past| past.started_at) {
            new.planned_at = begun;
        }
        let settle = session.settle(&snapshot, new.planned_at);
        let mut settled = app.until_interrupted(async { Ok(settle.await) }).await?;
        let left = session
            .past(&settled.rows, &snapshot, journal, past.as_ref())
            .await?;
        Session::tie(&mut snapshot, &left.keys_of);
        let past_rows = PastRows {
            done: &left.done,
            open: left.open.clone(),
            keys_of: left.keys_of.clone(),
        };
        let (profile, terms) = (&self.profile, &self.terms);
        let work = plan(&mut settled, &past_rows, &mut snapshot, profile, terms);
        let mut planned = app
            .until_interrupted(async { Ok(Box::pin(work).await) })
            .await?;
        warnings.extend(view::shared(&app.ui, self.rows(), &settled, &planned));
        let reporter = Reporter::new(self.about(), snapshot.time.zone, warnings);
        let bad: BTreeSet<usize> = planned.bad.iter().map(|(index, _)| *index).collect();
        reporter.bad(&self.input.bad, &mut planned.bad);
        // With `--quiet` the plan is printed only for a dry run.
        if !self.fias && (!app.ui.quiet || self.args.dry_run) {
            view::plan(&app.ui, &settled.rows, &planned, &snapshot)?;
        }
        if reporter.has_problems() && !self.args.skip_bad && !self.fias {
            return reporter.nothing_written();
        }
        if self.args.dry_run {
            return reporter.dry_run(&planned);
        }
        if self.confirm(&planned).await? {
            // Keys may change while a person reads the plan. The batch is planned again, and stops if the plan differs.
            snapshot = self.look_up(session, client).await?;
            Session::tie(&mut snapshot, &left.keys_of);
            let mut again = session.settle(&snapshot, new.planned_at).await;
            let work = plan(&mut again, &past_rows, &mut snapshot, profile, terms);
            let now = app
                .until_interrupted(async { Ok(Box::pin(work).await) })
                .await?;
            if !planned.comes_to(&bad, &now) {
                let text = "keys of these rooms or guests have changed since the plan was made";
                return Err(Failure::new(Kind::Changed, text)
                    .impact("Nothing was changed.")
                    .hint("type the same command again: it shows the plan as it is now"));
            }
        }
        reporter.write_results()?;
        if !left.operations.is_empty() {
            self.finish_open(client, journal, &left.operations).await;
            snapshot = self.look_up(session, client).await?;
            Session::tie(&mut snapshot, &left.keys_of);
        }
        let id = journal
            .open_batch(&new, past, Self::counted(session, &left))
            .await?;
        let carrying = Carrying {
            client,
            journal,
            session,
            rows: &settled.rows,
            id: &id,
        };
        let halt = self
            .carry_out(&carrying, snapshot, &planned, &reporter)
            .await;
        // A row whose key was removed after an earlier run stays refused. It does not keep the batch open.
        let gone = left.done.values().filter(|before| before.gone).count();
        if reporter.totals().not_done() == gone && halt.is_none() {
            journal.close_batch(&id).await?;
        }
        reporter.report(halt)
    }

    /// Returns the path of the file for the journal, or `-`.
    fn source(&self) -> String {
        match self.args.file.canonicalize() {
            Ok(path) => path.display().to_string(),
            Err(_) => "-".to_owned(),
        }
    }

    /// Returns the fingerprints, of both versions, of the rows that earlier runs have done.
    fn counted(session: &Session<'_>, left: &Past) -> Vec<String> {
        let done = left.done.keys().map(|row| &session.prints()[*row]);
        done.flat_map(|print| [Some(print.current.clone()), print.former.clone()])
            .flatten()
            .collect()
    }

    /// Asks the person at the terminal to type the number of rooms. Without a terminal, `--yes` is required. Returns true
    /// if the person was asked.
    async fn confirm(&self, planned: &BatchPlan) -> Result<bool, Failure> {
        // Rows may name keys or guests and no room.
        let (what, count) = match view::rooms(self.rows(), planned) {
            0 => ("rows", planned.jobs.iter().map(|job| job.rows.len()).sum()),
            rooms => ("rooms", rooms),
        };
        let nothing = planned.preview.iter().all(|job| job.already || job.gone);
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

    /// Finishes the operations that an earlier run left half-way.
    async fn finish_open(&self, client: &Client, journal: &Journal, ids: &BTreeSet<OperationId>) {
        let keys = crate::snapshot::fetch::OneByOne(client);
        let desk = self.app.desk(client, &keys, journal);
        for id in ids {
            self.app.ui.say(&format!(
                "Finishing the operation that stopped half-way ({})",
                id.short()
            ));
            match desk.recover(&self.profile, id, self.args.replace).await {
                Ok((outcome, _)) => {
                    if let Some(failure) = failure_of(&outcome) {
                        self.app.ui.warn(&failure.message);
                    }
                }
                // The row finds the operation still open when its turn comes, and reports it then.
                Err(error) => self.app.ui.warn(&Failure::from(error).message),
            }
        }
    }

    async fn carry_out(
        &self,
        with: &Carrying<'_>,
        snapshot: HotelSnapshot,
        planned: &BatchPlan,
        reporter: &Reporter<'_>,
    ) -> Option<Halt> {
        let settings = &self.app.settings;
        let jobs = usize::try_from(self.args.jobs).unwrap_or(16);
        let poller = ListPoller::new(
            with.client,
            &snapshot.system.id,
            jobs,
            snapshot.has_all.then(|| snapshot.keys.all().count()),
        );
        let clock = || self.app.clock.now();
        let batch = Batch {
            rows: with.rows,
            prints: with.session.prints(),
            plan: planned,
            terms: &self.terms,
            profile: &self.profile,
            id: with.id,
            desk: Desk {
                client: with.client,
                keys: &poller,
                journal: with.journal,
                interrupt: &Undisturbed,
                wait: settings.wait.value,
                settle: settings.settle.value,
                operator: &settings.operator,
                workstation: &settings.workstation,
            },
            jobs,
            snapshot: RefCell::new(snapshot),
            clock: &clock,
        };
        let count: usize = planned.jobs.iter().map(|job| job.rows.len()).sum();
        let progress = self.app.ui.progress(count);
        let halt = batch
            .run(&self.app.interrupts, |row, ended: Ended| {
                progress.step();
                reporter.ended(row, ended);
            })
            .await;
        progress.finish();
        halt
    }
}

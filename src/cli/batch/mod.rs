//! `batch`: many rows from a file or a pipe.

mod ended;
mod results;
mod tell;
mod view;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Seek as _;
use std::path::{Path, PathBuf};

use super::{Answer, write};
use crate::app::App;
use crate::batch::input::{self, DateOrder, Format, Input};
use crate::batch::job::Terms;
use crate::batch::plan::{BatchPlan, PastRows, plan};
use crate::batch::report::ResultFile;
use crate::batch::row::Row;
use crate::batch::run::{Batch, Ended, Halt, Undisturbed};
use crate::batch::session::{Past, Session};
use crate::failure::{Failure, Kind};
use crate::seam::Client;
use crate::workflow::facts::Facts;
use crate::workflow::property::Property;
use crate::workflow::record::{OperationId, Record};
use crate::workflow::run::Desk;
use crate::workflow::sweep::Sweeps;

use tell::Told;

/// Many keys at once, from a file: a group's arrival, a night audit. Everything is looked up and decided before
/// anything is written; stopped half-way, the same command goes on where it was.
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
    /// CSV, JSON lines or FIAS key records; `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// `csv`, `jsonl` or `fias`; without it, as the name or the first line tells.
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// How 03/04/2026 is meant: `dmy`, `mdy` or `ymd`.
    #[arg(long, value_name = "ORDER")]
    date_format: Option<DateOrder>,
    /// Requests in flight.
    #[arg(long, short, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: u32,
    /// Go on without the rows that cannot be carried out.
    #[arg(long)]
    skip_bad: bool,
    /// Live keys in the way may be replaced.
    #[arg(long)]
    replace: bool,
    /// Refuse guests of whom no phone is ready to take the key.
    #[arg(long)]
    require_phone: bool,
    /// Rows without a reservation number that name the same room at the same time are one stay: the first gets the
    /// first key, the others join it. For lists without numbers, such as OPERA's arrivals export.
    #[arg(long)]
    same_room_same_stay: bool,
    /// Carry out rows again that an earlier run of the file has done.
    #[arg(long)]
    again: bool,
    /// Where the results go [default: beside FILE, such as arrivals.result.csv; none for `-`].
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the result file also where it was not written by roomkey; `--yes` does not stand for this.
    #[arg(long)]
    overwrite: bool,
    /// Show what would be done; change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// What a batch is about, once it is understood.
struct Work<'a> {
    app: &'a App,
    args: &'a Args,
    input: Input,
    fias: bool,
    results: Option<ResultFile>,
    property: Property,
    terms: Terms,
}

/// What a batch is carried out with.
struct Carrying<'a> {
    client: &'a Client,
    record: &'a Record,
    session: &'a Session<'a>,
    /// The rows, settled.
    rows: &'a [Row],
    /// The batch's id in the journal.
    id: &'a str,
}

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let input = app.look(read(app, &args)).await?;
    let property = app.property();
    let work = Work {
        app,
        args: &args,
        fias: args.format == Some(Format::Fias)
            || input.rows.iter().any(|row| row.answer_to.is_some()),
        results: results::file(&args),
        terms: Terms {
            also: property.also.clone(),
            replace: args.replace,
            require_phone: args.require_phone,
            same_room_same_stay: args.same_room_same_stay,
        },
        property,
        input,
    };
    results::check(app, &args, work.results.as_ref()).await?;
    view::notices(app, &work.input);
    let client = app.patient_client(args.jobs).await?;
    // The record is opened while the answers are on their way.
    let session = Session::new(&work.input.rows, &work.terms);
    let (facts, record) = futures::join!(work.look_up(&session, &client), app.record());
    let (facts, record) = (facts?, record?);
    let answer = Box::pin(work.run(&session, &client, &record, facts)).await;
    record.close().await;
    answer
}

/// Reads the file on a thread of its own: a pipe may keep it waiting, and Ctrl-C ends it all the same.
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
    fn rows(&self) -> &[Row] {
        &self.input.rows
    }

    async fn look_up(&self, session: &Session<'_>, client: &Client) -> Result<Facts, Failure> {
        let look = Box::pin(session.look_up(client, &self.property));
        self.app.look(async { Ok(look.await?) }).await
    }

    async fn run(
        &self,
        session: &Session<'_>,
        client: &Client,
        record: &Record,
        mut facts: Facts,
    ) -> Answer {
        let app = self.app;
        let mut new = session.as_new(self.source(), &facts);
        let past = if self.args.again {
            None
        } else {
            record.past_batch(&new).await?
        };
        // A FIAS request made once more is another request, unless the run that had it stopped on the way.
        let past = past.filter(|past| !self.fias || !past.ended);
        let mut warnings = view::past(app, past.as_ref());
        // A run that is taken up means the days that it meant when it was planned.
        let begun = past.as_ref().filter(|past| past.same && !past.ended);
        if let Some(begun) = begun.and_then(|past| past.started_at) {
            new.planned_at = begun;
        }
        let settle = session.settle(&facts, new.planned_at);
        let mut settled = app.look(async { Ok(settle.await) }).await?;
        let left = session
            .past(&settled.rows, &facts, record, past.as_ref())
            .await?;
        Session::tie(&mut facts, &left.keys_of);
        let past_rows = PastRows {
            done: &left.done,
            open: left.open.clone(),
            keys_of: left.keys_of.clone(),
        };
        let (property, terms) = (&self.property, &self.terms);
        let work = plan(&mut settled, &past_rows, &mut facts, property, terms);
        let mut planned = app.look(async { Ok(Box::pin(work).await) }).await?;
        warnings.extend(view::shared(app, self.rows(), &settled, &planned));
        let told = Told::new(self, facts.time.zone, warnings);
        let bad: BTreeSet<usize> = planned.bad.iter().map(|(index, _)| *index).collect();
        told.bad(&self.input.bad, &mut planned.bad);
        // Quiet, the results alone are told.
        if !self.fias && (!app.ui.quiet || self.args.dry_run) {
            view::plan(app, &settled.rows, &planned, &facts)?;
        }
        if told.has_problems() && !self.args.skip_bad && !self.fias {
            return told.nothing_written();
        }
        if self.args.dry_run {
            return told.dry_run(&planned);
        }
        if self.confirm(&planned).await? {
            // A person has read the plan, which takes its time: what was agreed to is what is shown, no more.
            facts = self.look_up(session, client).await?;
            Session::tie(&mut facts, &left.keys_of);
            let mut again = session.settle(&facts, new.planned_at).await;
            let work = plan(&mut again, &past_rows, &mut facts, property, terms);
            let now = app.look(async { Ok(Box::pin(work).await) }).await?;
            if !planned.comes_to(&bad, &now) {
                let text = "keys of these rooms or guests have changed since the plan was made";
                return Err(Failure::new(Kind::Changed, text)
                    .impact("Nothing was changed.")
                    .hint("type the same command again: it shows the plan as it is now"));
            }
        }
        told.write_results()?;
        if !left.operations.is_empty() {
            self.finish_open(client, record, &left.operations).await;
            facts = self.look_up(session, client).await?;
            Session::tie(&mut facts, &left.keys_of);
        }
        let id = record
            .open_batch(&new, past, Self::counted(session, &left))
            .await?;
        let carrying = Carrying {
            client,
            record,
            session,
            rows: &settled.rows,
            id: &id,
        };
        let halt = self.carry_out(&carrying, facts, &planned, &told).await;
        // A key that was taken away since an earlier run is not made by another run either.
        let gone = left.done.values().filter(|before| before.gone).count();
        if told.totals().not_done() == gone && halt.is_none() {
            record.close_batch(&id).await?;
        }
        told.report(halt)
    }

    /// Where the file is, for the journal.
    fn source(&self) -> String {
        match self.args.file.canonicalize() {
            Ok(path) => path.display().to_string(),
            Err(_) => "-".to_owned(),
        }
    }

    /// The fingerprints, of both versions, of the rows that count as done.
    fn counted(session: &Session<'_>, left: &Past) -> Vec<String> {
        let done = left.done.keys().map(|row| &session.prints()[*row]);
        done.flat_map(|print| [Some(print.current.clone()), print.former.clone()])
            .flatten()
            .collect()
    }

    /// On a terminal the number of rooms is typed; elsewhere `--yes` stands for it. Whether somebody was asked.
    async fn confirm(&self, planned: &BatchPlan) -> Result<bool, Failure> {
        // Rows may name keys or guests alone.
        let (what, count) = match view::rooms(self.rows(), planned) {
            0 => ("rows", planned.jobs.iter().map(|job| job.rows.len()).sum()),
            rooms => ("rooms", rooms),
        };
        let nothing = planned.foresight.iter().all(|job| job.already || job.gone);
        if self.app.yes || nothing {
            return Ok(false);
        }
        if !self.app.ui.can_ask() {
            return Err(Failure::new(
                Kind::NeedsConfirmation,
                "this needs a yes: nobody is there to type the number of rooms",
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

    /// Operations of an earlier run that stopped half-way come first.
    async fn finish_open(&self, client: &Client, record: &Record, ids: &BTreeSet<OperationId>) {
        let keys = crate::workflow::read::OneByOne(client);
        let desk = self.app.desk(client, &keys, record);
        for id in ids {
            self.app
                .ui
                .say(&format!("Finishing what stopped half-way ({})", id.short()));
            match desk.recover(&self.property, id, self.args.replace).await {
                Ok((outcome, _)) => {
                    if let Some(failure) = write::failure_of(&outcome) {
                        self.app.ui.warn(&failure.message);
                    }
                }
                // The row meets the open operation again, and tells of it.
                Err(error) => self.app.ui.warn(&Failure::from(error).message),
            }
        }
    }

    async fn carry_out(
        &self,
        with: &Carrying<'_>,
        facts: Facts,
        planned: &BatchPlan,
        told: &Told<'_>,
    ) -> Option<Halt> {
        let settings = &self.app.settings;
        let jobs = usize::try_from(self.args.jobs).unwrap_or(16);
        let sweeps = Sweeps::new(
            with.client,
            &facts.system.id,
            jobs,
            facts.has_all.then(|| facts.keys.all().count()),
        );
        let clock = || self.app.clock.now();
        let batch = Batch {
            rows: with.rows,
            prints: with.session.prints(),
            plan: planned,
            terms: &self.terms,
            property: &self.property,
            id: with.id,
            desk: Desk {
                client: with.client,
                keys: &sweeps,
                record: with.record,
                interrupt: &Undisturbed,
                wait: settings.wait.value,
                settle: settings.settle.value,
                operator: &settings.operator,
                workstation: &settings.workstation,
            },
            jobs,
            facts: RefCell::new(facts),
            clock: &clock,
        };
        let count: usize = planned.jobs.iter().map(|job| job.rows.len()).sum();
        let progress = self.app.ui.progress(count);
        let halt = batch
            .run(&self.app.interrupts, |row, ended: Ended| {
                progress.step();
                told.ended(row, ended);
            })
            .await;
        progress.finish();
        halt
    }
}

//! `batch`: many rows from a file or a pipe.

mod tell;
mod view;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{Answer, write};
use crate::app::App;
use crate::batch::input::{self, DateOrder, Format, Input};
use crate::batch::job::{Before, Terms};
use crate::batch::plan::{BatchPlan, PastRows, plan};
use crate::batch::report::ResultFile;
use crate::batch::row::Row;
use crate::batch::run::{Batch, Ended, Halt, Undisturbed};
use crate::failure::{Failure, Kind};
use crate::seam::Client;
use crate::stay::{GuestQuery, GuestRecord};
use crate::workflow::bulk::Asked;
use crate::workflow::facts::Facts;
use crate::workflow::plan::Command;
use crate::workflow::property::Property;
use crate::workflow::record::{NewBatch, OperationId, PastBatch, PastRow, Record};
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
    Columns: reservation, action (issue), guest or first and last name, email, phone, room, arrival, \
    departure, nights, also, share_with, key, status; the headings of OPERA, Mews, Apaleo and Cloudbeds \
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
    /// Carry out rows again that an earlier run of the file has done.
    #[arg(long)]
    again: bool,
    /// Where the results go [default: beside FILE, such as arrivals.result.csv; none for `-`].
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
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

pub(super) async fn run(app: &App, args: Args) -> Answer {
    let input = read(&args)?;
    let property = app.property();
    let mut work = Work {
        app,
        args: &args,
        fias: args.format == Some(Format::Fias)
            || input.rows.iter().any(|row| row.answer_to.is_some()),
        results: results(&args),
        terms: Terms {
            also: property.also.clone(),
            replace: args.replace,
            require_phone: args.require_phone,
            ..Terms::default()
        },
        property,
        input,
    };
    view::notices(app, &work.input);
    let client = app.patient_client(args.jobs).await?;
    // The record is opened while the answers are on their way.
    let (facts, record) = futures::join!(app.look(Box::pin(work.look_up(&client))), app.record());
    let (facts, record) = (facts?, record?);
    work.terms.guests_of = work.guests_of(&record, &facts.system.id).await?;
    let answer = Box::pin(work.run(&client, &record, facts)).await;
    record.close().await;
    answer
}

fn read(args: &Args) -> Result<Input, Failure> {
    let options = input::Options {
        format: args.format,
        date_order: args.date_format,
        ..input::Options::default()
    };
    let bad_file = |text: String| {
        Failure::new(Kind::BadFile, text)
            .impact("Nothing was sent.")
            .hint("`roomkey batch --help` shows the columns")
    };
    let read = if args.file == Path::new("-") {
        input::read(std::io::stdin().lock(), None, &options)
    } else {
        let name = args.file.display().to_string();
        let file = File::open(&args.file).map_err(|error| {
            bad_file(format!("{name} cannot be opened: {error}; check the name"))
        })?;
        input::read(file, Some(&name), &options)
    };
    read.map_err(|error| bad_file(error.to_string()))
}

/// Beside the file, unless said otherwise: `arrivals.csv` gives `arrivals.result.csv`.
fn results(args: &Args) -> Option<ResultFile> {
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

impl Work<'_> {
    fn rows(&self) -> &[Row] {
        &self.input.rows
    }

    async fn run(&self, client: &Client, record: &Record, mut facts: Facts) -> Answer {
        let app = self.app;
        let new = self.on_record(&facts);
        let past = if self.args.again {
            None
        } else {
            record.past_batch(&new).await?
        };
        // A FIAS request made once more is another request, unless the run that had it stopped on the way.
        let past = past.filter(|past| !self.fias || !past.ended);
        let warnings = view::past(app, past.as_ref());
        let before = self.before(&facts, past.as_ref());
        let open: Vec<&PastRow> = past
            .iter()
            .flat_map(|past| &past.rows)
            .filter(|row| row.open)
            .collect();
        let past_rows = PastRows {
            done: &before,
            open: self.rows_of(&open),
        };
        let (property, terms) = (&self.property, &self.terms);
        let mut planned = plan(self.rows(), &past_rows, &mut facts, property, terms);
        let told = Told::new(self, facts.time.zone, warnings);
        let bad: BTreeSet<usize> = planned.bad.iter().map(|(index, _)| *index).collect();
        told.bad(&self.input.bad, &mut planned.bad);
        // Quiet, the results alone are told.
        if !self.fias && (!app.ui.quiet || self.args.dry_run) {
            view::plan(app, self.rows(), &planned, &facts)?;
        }
        if told.has_problems() && !self.args.skip_bad && !self.fias {
            return told.nothing_written();
        }
        if self.args.dry_run {
            return told.dry_run(&planned);
        }
        if self.confirm(&planned).await? {
            // A person has read the plan, which takes its time: what was agreed to is what is shown, no more.
            facts = app.look(Box::pin(self.look_up(client))).await?;
            let now = plan(self.rows(), &past_rows, &mut facts, property, terms);
            if !planned.comes_to(&bad, &now) {
                let text = "keys of these rooms or guests have changed since the plan was made";
                return Err(Failure::new(Kind::Changed, text)
                    .impact("Nothing was changed.")
                    .hint("type the same command again: it shows the plan as it is now"));
            }
        }
        told.write_results()?;
        if !open.is_empty() {
            let ids = open
                .iter()
                .filter_map(|row| row.operation.clone())
                .collect();
            self.finish_open(client, record, ids).await;
            facts = app.look(Box::pin(self.look_up(client))).await?;
        }
        let done = before.keys().map(|row| self.rows()[*row].fingerprint());
        let id = record.open_batch(&new, past, done.collect()).await?;
        let halt = self
            .carry_out(client, record, &id, facts, &planned, &told)
            .await;
        if told.totals().not_done() == 0 && halt.is_none() {
            record.close_batch(&id).await?;
        }
        told.report(halt)
    }

    /// Everything that the rows may be about, in bulk.
    async fn look_up(&self, client: &Client) -> Result<Facts, Failure> {
        let asked = self.asked();
        let mut facts = Facts::read_many(client, &self.property, &asked).await?;
        facts.system.check()?;
        let new: Vec<GuestQuery> = self
            .rows()
            .iter()
            .filter_map(|row| match &row.guest {
                Some(query @ GuestQuery::New { .. }) if facts.guest(query).is_err() => {
                    Some(query.clone())
                }
                _ => None,
            })
            .collect();
        facts.read_identities(client, &new).await?;
        let phones = self.phones_needed(&facts);
        facts.read_phones(client, &phones).await?;
        facts.read_doors(client, &asked.keys).await?;
        Ok(facts)
    }

    fn asked(&self) -> Asked {
        let mut asked = Asked::default();
        for row in self.rows() {
            if let Some(query) = &row.guest {
                asked.guest(query);
            }
            asked.rooms.extend(row.rooms.iter().cloned());
            asked.keys.extend(row.key.clone());
        }
        asked
    }

    /// Guests whose phone decides: all where that was asked for, else those with something to lose.
    fn phones_needed(&self, facts: &Facts) -> Vec<GuestRecord> {
        let mut found: HashMap<&str, &GuestRecord> = HashMap::new();
        for row in self.rows() {
            let Some(guest) = row.guest.as_ref().and_then(|query| facts.guest(query).ok()) else {
                continue;
            };
            let loses = || {
                facts
                    .keys
                    .live_of(&guest.acs_user_id, facts.now())
                    .iter()
                    .any(|key| !key.is_waiting())
            };
            if self.terms.require_phone || (row.action == Command::ReturnGuest && loses()) {
                found.insert(&guest.acs_user_id, guest);
            }
        }
        found.into_values().cloned().collect()
    }

    fn on_record(&self, facts: &Facts) -> NewBatch {
        let source = match self.args.file.canonicalize() {
            Ok(path) => path.display().to_string(),
            Err(_) => "-".to_owned(),
        };
        let mut content = String::new();
        for row in self.rows() {
            content = Uuid::new_v5(
                &Uuid::NAMESPACE_OID,
                format!("{content}{}", row.fingerprint()).as_bytes(),
            )
            .to_string();
        }
        NewBatch {
            source,
            content,
            system_id: facts.system.id.clone(),
            rows: self.rows().len(),
        }
    }

    /// Rows that an earlier run has done. Of a run that came to its end they count for as long as a key made
    /// in the same chain holds: the next night's list may read the same.
    fn before(&self, facts: &Facts, past: Option<&PastBatch>) -> BTreeMap<usize, Before> {
        let Some(past) = past else {
            return BTreeMap::new();
        };
        // What came of a row last counts, not what came of it before that.
        let mut known: HashMap<&str, &PastRow> = past
            .rows
            .iter()
            .map(|row| (row.fingerprint.as_str(), row))
            .collect();
        // One that was not confirmed is looked at again.
        known.retain(|_, row| !row.open && row.outcome.as_deref() == Some("done"));
        let mut found: BTreeMap<usize, Before> = BTreeMap::new();
        for chain in crate::batch::chains(self.rows(), facts) {
            let of_chain: Vec<(usize, &PastRow)> = chain
                .iter()
                .filter_map(|index| {
                    Some((
                        *index,
                        *known.get(self.rows()[*index].fingerprint().as_str())?,
                    ))
                })
                .collect();
            let holds = of_chain
                .iter()
                .any(|(_, row)| row.until.is_some_and(|until| until > facts.now()));
            if holds || !past.ended {
                found.extend(of_chain.into_iter().map(|(index, row)| {
                    let before = Before {
                        key: row.acs_credential_id.clone(),
                        until: row.until,
                    };
                    (index, before)
                }));
            }
        }
        found
    }

    /// For each row that ends a stay by its number: who has had a key for it. Guests of another stay that shares
    /// the room keep theirs.
    async fn guests_of(
        &self,
        record: &Record,
        system: &str,
    ) -> Result<BTreeMap<usize, Vec<String>>, Failure> {
        let mut found = BTreeMap::new();
        for (index, row) in self.rows().iter().enumerate() {
            let by_number =
                row.action == Command::Revoke && row.key.is_none() && row.guest.is_none();
            if let Some(stay) = row.stay_hash().filter(|_| by_number) {
                let guests = record.guests_of(system, stay).await?;
                if !guests.is_empty() {
                    found.insert(index, guests);
                }
            }
        }
        Ok(found)
    }

    /// The rows, by index, that these are on record of.
    fn rows_of(&self, past: &[&PastRow]) -> BTreeSet<usize> {
        let known: BTreeSet<&str> = past.iter().map(|row| row.fingerprint.as_str()).collect();
        if known.is_empty() {
            return BTreeSet::new();
        }
        let rows = self.rows().iter().enumerate();
        rows.filter(|(_, row)| known.contains(row.fingerprint().as_str()))
            .map(|(index, _)| index)
            .collect()
    }

    /// On a terminal the number of rooms is typed; elsewhere `--yes` stands for it. Whether somebody was asked.
    async fn confirm(&self, planned: &BatchPlan) -> Result<bool, Failure> {
        // Rows may name keys or guests alone.
        let (what, count) = match view::rooms(self.rows(), planned) {
            0 => ("rows", planned.jobs.iter().map(|job| job.rows.len()).sum()),
            rooms => ("rooms", rooms),
        };
        let nothing = planned.foresight.iter().all(|job| job.already);
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
        let question = format!("Type the number of {what} ({count}) to go on: ");
        let answer = self.app.ask_text(&question).await?;
        if answer.trim() == count.to_string() {
            return Ok(true);
        }
        Err(Failure::new(Kind::Declined, "not confirmed").impact("Nothing was changed."))
    }

    /// Operations of an earlier run that stopped half-way come first.
    async fn finish_open(&self, client: &Client, record: &Record, ids: BTreeSet<OperationId>) {
        let keys = crate::workflow::read::OneByOne(client);
        let desk = self.app.desk(client, &keys, record);
        for id in &ids {
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
        client: &Client,
        record: &Record,
        id: &str,
        facts: Facts,
        planned: &BatchPlan,
        told: &Told<'_>,
    ) -> Option<Halt> {
        let settings = &self.app.settings;
        let jobs = usize::try_from(self.args.jobs).unwrap_or(16);
        let sweeps = Sweeps::new(
            client,
            &facts.system.id,
            jobs,
            facts.has_all.then(|| facts.keys.all().count()),
        );
        let clock = || self.app.clock.now();
        let batch = Batch {
            rows: self.rows(),
            plan: planned,
            terms: &self.terms,
            property: &self.property,
            id,
            desk: Desk {
                client,
                keys: &sweeps,
                record,
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

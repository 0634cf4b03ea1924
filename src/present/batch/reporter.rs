//! Reports the rows of a batch: each row when it ends, and a summary at the end.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::plan as view;
use super::row::{Held, not_all_done, refused, result_of, status};
use crate::batch::input::{Input, fias};
use crate::batch::plan::BatchPlan;
use crate::batch::report::{Line, ResultFile, RowResult, Totals, Word};
use crate::batch::schedule::{Ended, Halt};
use crate::batch::session::BatchError;
use crate::batch::settle::Settled;
use crate::batch::why::Why;
use crate::clock::Clock;
use crate::failure::{Failure, Kind, OutcomeWord};
use crate::journal::OperationId;
use crate::present::{Answer, Done, Ui, json_line};

/// The shortest time between two writes of the result file while rows end.
const BETWEEN: Duration = Duration::from_secs(5);

/// What the reporter needs to know of a batch.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    /// Where results and messages are printed.
    pub(crate) ui: &'a Ui,
    /// The clock of the command, for the answers to FIAS requests.
    pub(crate) clock: &'a Clock,
    /// The rows and notes of the file.
    pub(crate) input: &'a Input,
    /// The result file, if there is one.
    pub(crate) results: Option<&'a ResultFile>,
    /// True if the rows are requests of a booking system, which get an answer each.
    pub(crate) requests: bool,
    /// True for `--dry-run`.
    pub(crate) dry_run: bool,
}

/// Collects the results of a batch and reports them.
pub(crate) struct Reporter<'a> {
    about: About<'a>,
    zone: Tz,
    /// The result of each row, by index.
    results: RefCell<Vec<RowResult>>,
    /// Rows that could not be read, each with its line, its reservation and its result.
    unread: RefCell<Vec<(u64, Option<String>, RowResult)>>,
    /// The text for people about each row that is not done, by line.
    problems: RefCell<BTreeMap<u64, (Word, Vec<String>)>>,
    /// Rows, by index, whose operations this run has finished, and these operations.
    finished: RefCell<BTreeMap<usize, OperationId>>,
    warnings: RefCell<Vec<(String, String)>>,
    written: Cell<Instant>,
    unprinted: RefCell<Option<std::io::Error>>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(about: About<'a>, zone: Tz) -> Self {
        Self {
            about,
            zone,
            results: RefCell::new(vec![
                RowResult::new(Word::NotStarted);
                about.input.rows.len()
            ]),
            unread: RefCell::default(),
            problems: RefCell::default(),
            finished: RefCell::default(),
            warnings: RefCell::default(),
            written: Cell::new(Instant::now()),
            unprinted: RefCell::default(),
        }
    }

    /// Adds warnings for JSON.
    pub(crate) fn warn(&self, warnings: Vec<(String, String)>) {
        self.warnings.borrow_mut().extend(warnings);
    }

    /// Warns about guests who share a contact or a stay.
    pub(crate) fn shared(&self, settled: &Settled, plan: &BatchPlan) {
        let rows = &self.about.input.rows;
        self.warn(view::shared(self.about.ui, rows, settled, plan));
    }

    /// Returns the number of rooms that a plan changes.
    pub(crate) fn rooms(&self, plan: &BatchPlan) -> usize {
        view::rooms(&self.about.input.rows, plan)
    }

    /// Ends a batch that changed nothing.
    pub(crate) fn not_begun(error: BatchError<Answer>) -> Answer {
        match error {
            BatchError::Workflow(error) => Err(error.into()),
            BatchError::Journal(error) => Err(error.into()),
            BatchError::Changed => Err(Failure::new(
                Kind::Changed,
                "keys of these rooms or guests have changed since the plan was made",
            )
            .impact("Nothing was changed.")
            .hint("type the same command again: it shows the plan as it is now")),
            BatchError::Ended(answer) => answer,
        }
    }

    /// Reports rows that could not be read and rows that could not be planned.
    pub(crate) fn bad(&self, planned: &[(usize, Why)]) {
        for bad in &self.about.input.bad {
            let result = RowResult {
                code: Some("bad_row"),
                message: Some("the row cannot be understood".to_owned()),
                ..RowResult::new(Word::Refused)
            };
            let told = (Word::Refused, bad.problems.clone());
            self.problems.borrow_mut().insert(bad.line, told);
            if let Some(request) = &bad.answer_to {
                self.answer(request, fias::Status::Unprocessable, &result);
            }
            self.line(&Line::unread(bad.line, bad.reservation.as_deref(), &result));
            let row = (bad.line, bad.reservation.clone(), result);
            self.unread.borrow_mut().push(row);
        }
        for (row, why) in planned {
            self.end(*row, refused(why.clone()));
        }
    }

    /// Returns the number of rows for each result.
    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        let (results, unread) = (self.results.borrow(), self.unread.borrow());
        let all = results
            .iter()
            .chain(unread.iter().map(|(.., result)| result));
        all.for_each(|result| totals.count(result.word));
        totals
    }

    /// Returns true if a row cannot be carried out.
    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    /// Stores the rows whose operation this run has finished before the other rows. They count as done by this run when
    /// their turn comes and nothing is left to do.
    pub(crate) fn finished(&self, operation: &OperationId, rows: &BTreeSet<usize>) {
        let rows = rows.iter().map(|row| (*row, operation.clone()));
        self.finished.borrow_mut().extend(rows);
    }

    /// Reports the end of a row.
    pub(crate) fn ended(&self, row: usize, ended: Ended) {
        let (mut result, text) = result_of(ended);
        if let (Word::Already, Some(id)) = (result.word, self.finished.borrow().get(&row)) {
            result = RowResult {
                word: Word::Done,
                message: Some("an earlier run began it, and this run has finished it".to_owned()),
                operation_id: Some(id.to_string()),
                ..result
            };
        }
        self.end(row, (result, text));
        if self.written.get().elapsed() >= BETWEEN {
            // The journal has every result. The file is written again at the end, and an error is reported then.
            let _ = self.write_results();
        }
    }

    fn end(&self, row: usize, (result, text): (RowResult, Option<Vec<String>>)) {
        let of = &self.about.input.rows[row];
        if let Some(request) = &of.answer_to {
            self.answer(request, status(&result), &result);
        }
        if let Some(text) = text {
            self.problems
                .borrow_mut()
                .insert(of.line, (result.word, text));
        }
        self.line(&Line::of(of, &result));
        self.results.borrow_mut()[row] = result;
    }

    /// Prints the result of a row as one line, with `--json` only.
    fn line(&self, line: &Line<'_>) {
        if self.about.ui.json {
            let mut line = line.json();
            line["version"] = json!(1);
            line["type"] = json!("row");
            self.print(&json_line(&line));
        }
    }

    /// Prints the answer to a FIAS request, unless `--json` or `--dry-run` is given.
    fn answer(&self, request: &fias::Request, status: fias::Status, result: &RowResult) {
        if self.about.ui.json || self.about.dry_run {
            return;
        }
        let now = self.about.clock.now().with_timezone(&self.zone);
        let text = result.message.as_deref().unwrap_or(result.word.describe());
        let answer = fias::answer(request, status, text, now.naive_local());
        self.print(&format!("{answer}\r\n"));
    }

    fn print(&self, text: &str) {
        if let Err(error) = Ui::out(text) {
            self.unprinted.borrow_mut().get_or_insert(error);
        }
    }

    /// Replaces the result file with the results so far.
    pub(crate) fn write_results(&self) -> Result<(), Failure> {
        let Some(file) = self.about.results else {
            return Ok(());
        };
        self.written.set(Instant::now());
        let (results, unread) = (self.results.borrow(), self.unread.borrow());
        let rows = self.about.input.rows.iter().zip(results.iter());
        let rows = rows.map(|(row, result)| Line::of(row, result));
        let unread = unread
            .iter()
            .map(|(line, stay, result)| Line::unread(*line, stay.as_deref(), result));
        file.write(rows.chain(unread)).map_err(|error| {
            Failure::new(
                Kind::Io,
                format!(
                    "the results cannot be written to {}: {error}",
                    file.path().display()
                ),
            )
            .hint("name another file with `--out`")
        })
    }

    /// Ends a batch that changed nothing because some rows cannot be carried out and `--skip-bad` is not given.
    pub(crate) fn nothing_written(&self) -> Answer {
        self.lines_of_the_rest();
        self.write_results()
            .map_err(|failure| failure.impact("Nothing was changed."))?;
        self.show_problems()?;
        let bad = self.problems.borrow().len();
        let rows = if bad == 1 { "row" } else { "rows" };
        Err(Failure {
            data: Some(self.data(OutcomeWord::Refused)),
            warnings: self.warnings.borrow().clone(),
            ..Failure::new(
                Kind::BadRows,
                format!("{bad} {rows} of {} cannot be carried out", self.totals().rows()),
            )
            .impact("Nothing was changed.")
            .hint("correct them in the file and type the same command again, or skip them: add `--skip-bad`")
        })
    }

    /// Ends a dry run.
    pub(crate) fn dry_run(&self, planned: &BatchPlan) -> Answer {
        let (mut open, mut already) = (0, 0);
        for job in &planned.jobs {
            let preview = &job.preview;
            let word = if preview.already {
                "already"
            } else {
                "planned"
            };
            for &row in &job.rows {
                if preview.gone {
                    self.end(row, refused(Why::taken_away()));
                    continue;
                }
                let result = &self.results.borrow()[row];
                let line = Line::of(&self.about.input.rows[row], result);
                if result.word == Word::NotStarted {
                    self.line(&line.with_outcome(word));
                    *(if preview.already {
                        &mut already
                    } else {
                        &mut open
                    }) += 1;
                }
            }
        }
        self.show_problems()?;
        self.about.ui.say("A dry run: nothing was changed.");
        let mut data = self.data(OutcomeWord::Planned);
        data["totals"]["planned"] = json!(open);
        data["totals"]["already"] = json!(already);
        data["totals"]["not_started"] = json!(0);
        let warnings = self.warnings.borrow().clone();
        match self.problems.borrow().len() {
            0 => Ok(Done { data, warnings }),
            bad => Err(Failure {
                data: Some(data),
                warnings,
                ..Failure::new(Kind::BadRows, format!("{bad} rows cannot be carried out"))
                    .impact("Nothing was changed: this was a dry run.")
            }),
        }
    }

    fn lines_of_the_rest(&self) {
        let results = self.results.borrow();
        for (row, result) in self.about.input.rows.iter().zip(results.iter()) {
            if result.word == Word::NotStarted {
                self.line(&Line::of(row, result));
            }
        }
    }

    /// Ends a batch that was carried out. `halt`: why it stopped early, if it did.
    pub(crate) fn report(&self, halt: Option<Halt>) -> Answer {
        let written = self.write_results();
        if !self.about.requests {
            self.show_problems()?;
        }
        let totals = self.totals();
        let ui = self.about.ui;
        ui.say(&view::sentence(&totals));
        if let Some(file) = self.about.results.filter(|_| written.is_ok()) {
            ui.say(&format!("Results: {}", file.path().display()));
        }
        let warnings = self.warnings.borrow().clone();
        if totals.not_done() == 0 && halt.is_none() {
            if let Some(error) = self.unprinted.borrow_mut().take() {
                return Err(Failure::from(error)
                    .impact("Every row is done; only the results could not be printed."));
            }
            written.map_err(|failure| failure.impact("Every row is done."))?;
            return Ok(Done {
                data: self.data(OutcomeWord::Done),
                warnings,
            });
        }
        if let Err(failure) = written {
            ui.warn(&failure.message);
        }
        Err(Failure {
            data: Some(self.data(OutcomeWord::Failed)),
            warnings,
            ..not_all_done(&totals, Held::of(self.results.borrow().iter()), halt)
        })
    }

    fn show_problems(&self) -> Result<(), Failure> {
        if !self.about.ui.json {
            view::problems(self.about.ui, &self.problems.borrow())?;
        }
        Ok(())
    }

    fn data(&self, outcome: OutcomeWord) -> Value {
        let totals = self.totals();
        let mut counts = json!({ "rows": totals.rows() });
        for word in Word::ALL {
            counts[word.as_str()] = json!(totals.of(word));
        }
        json!({
            "outcome": outcome, "totals": counts,
            "skipped": self.about.input.skipped.len(), "merged": self.about.input.merged.len(),
            "columns_not_read": self.about.input.unused,
        })
    }
}

//! Collects the rows of a file while it is read.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::date::{DateOrder, in_words};
use super::error::{InputError, Problem};
use super::fias::Request;
use super::fields::Fields;
use super::understand::{Outcome, understand};
use super::{Bad, Input, Merged, Options, Skipped, column};
use crate::batch::row::Row;
use crate::seam::without_keys;

/// The most unread columns that are named. Each JSON object may have different ones.
const UNUSED_LIMIT: usize = 100;

/// Collects rows, and words the problems that depend on the whole file.
pub(super) struct Gather<'a> {
    name: String,
    options: &'a Options,
    input: Input,
    /// The number of records so far.
    count: usize,
    pending: Vec<Pending>,
    /// Indices of rows, by a hash of everything except the line.
    seen: HashMap<u64, Vec<usize>>,
    /// The first day that proves each order, with its line.
    proofs: Vec<(DateOrder, String, u64)>,
}

/// A bad row whose problems are not in words yet.
struct Pending {
    line: u64,
    reservation: Option<String>,
    problems: Vec<Problem>,
    answer_to: Option<Request>,
}

impl<'a> Gather<'a> {
    /// Creates an empty collection. `name`: the file, for errors.
    pub(super) fn new(name: String, options: &'a Options) -> Self {
        Self {
            name,
            options,
            input: Input::default(),
            count: 0,
            pending: Vec::new(),
            seen: HashMap::new(),
            proofs: Vec::new(),
        }
    }

    /// Counts a record. Callers do this before they read it.
    ///
    /// # Errors
    ///
    /// The file has more records than allowed.
    pub(super) fn count(&mut self) -> Result<(), InputError> {
        self.count += 1;
        if self.count > self.options.max_rows {
            return Err(InputError::TooManyRows {
                name: self.name.clone(),
                max: self.options.max_rows,
            });
        }
        Ok(())
    }

    /// Adds a record, from its columns and the problems that were found while these were read.
    pub(super) fn fields(
        &mut self,
        line: u64,
        fields: &Fields,
        wrong: Vec<String>,
    ) -> Result<(), InputError> {
        let wrong: Vec<Problem> = wrong.into_iter().map(Problem::Text).collect();
        match understand(fields, line, self.options.date_order) {
            Outcome::UnknownStatus(status) => {
                return Err(InputError::StatusValue {
                    name: self.name.clone(),
                    line,
                    status,
                });
            }
            Outcome::Skip(why) => self.skip(line, why.to_owned()),
            Outcome::Bad(reservation, problems, shows) => {
                self.prove(line, shows);
                let problems = wrong.into_iter().chain(problems).collect();
                self.bad(line, reservation, problems, None);
            }
            Outcome::Row(row, shows) => {
                self.prove(line, shows);
                if wrong.is_empty() {
                    self.row(*row);
                } else {
                    self.bad(line, row.reservation, wrong, None);
                }
            }
        }
        Ok(())
    }

    /// Adds a row that can be planned. A row that is the same as an earlier one is merged with it, except for FIAS
    /// requests, because each of them gets an answer.
    pub(super) fn row(&mut self, row: Row) {
        if row.answer_to.is_none() {
            let line = row.line;
            let row = Row {
                line: 0,
                ..row.clone()
            };
            let rows = &self.input.rows;
            let same = self.seen.entry(hash(&row)).or_default();
            let first = same.iter().map(|index| &rows[*index]).find(|earlier| {
                Row {
                    line: 0,
                    ..(*earlier).clone()
                } == row
            });
            if let Some(first) = first {
                self.input.merged.push(Merged {
                    line,
                    first: first.line,
                });
                return;
            }
            same.push(rows.len());
        }
        self.input.rows.push(row);
    }

    /// Adds a row that cannot be planned.
    pub(super) fn bad(
        &mut self,
        line: u64,
        reservation: Option<String>,
        problems: Vec<Problem>,
        answer_to: Option<Request>,
    ) {
        self.pending.push(Pending {
            line,
            reservation,
            problems,
            answer_to,
        });
    }

    /// Adds a record that needs nothing.
    pub(super) fn skip(&mut self, line: u64, why: String) {
        self.input.skipped.push(Skipped { line, why });
    }

    /// Notes a column that is not read.
    ///
    /// # Errors
    ///
    /// The column may say which guests get no key.
    pub(super) fn unused(&mut self, heading: &str) -> Result<(), InputError> {
        if column::is_unknown_status(heading) {
            return Err(InputError::StatusColumn {
                name: self.name.clone(),
                heading: column::shown(heading),
            });
        }
        let unused = &mut self.input.unused;
        if unused.len() < UNUSED_LIMIT {
            let shown = column::shown(heading);
            if !shown.is_empty() && !unused.contains(&shown) {
                unused.push(shown);
            }
        }
        Ok(())
    }

    /// Returns everything that was read, with each problem in words.
    pub(super) fn finish(mut self) -> Input {
        let proofs = self.proofs;
        self.input.bad = self
            .pending
            .into_iter()
            .map(|bad| Bad {
                line: bad.line,
                reservation: bad.reservation,
                problems: bad
                    .problems
                    .into_iter()
                    .map(|problem| without_keys(&in_text(problem, &proofs)))
                    .collect(),
                answer_to: bad.answer_to,
            })
            .collect();
        self.input
    }

    fn prove(&mut self, line: u64, shows: Vec<(DateOrder, String)>) {
        for (order, text) in shows {
            if !self.proofs.iter().any(|(known, ..)| *known == order) {
                self.proofs.push((order, text, line));
            }
        }
    }
}

/// Returns a problem in words. An order of dates that other rows prove is shown but never applied: the person decides.
fn in_text(problem: Problem, proofs: &[(DateOrder, String, u64)]) -> String {
    let (text, day_first, month_first) = match problem {
        Problem::Text(text) => return text,
        Problem::Ambiguous {
            text,
            day_first,
            month_first,
        } => (text, day_first, month_first),
    };
    let (one, other) = (in_words(day_first), in_words(month_first));
    let hint = match proofs {
        [(order, shown, line)] => format!(
            "; \"{shown}\" on line {line} is {}, so if that holds for the whole file, say --date-format {}",
            order.words(),
            order.name()
        ),
        [] => "; say --date-format dmy or mdy".to_owned(),
        [(_, one, first), (_, other, second), ..] => format!(
            "; the file has both orders, \"{one}\" on line {first} and \"{other}\" on line {second}, so write this day as `2026-12-01`"
        ),
    };
    format!("\"{text}\" can be {one} or {other}{hint}")
}

/// Returns a hash of a row.
fn hash(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{row:?}").hash(&mut hasher);
    hasher.finish()
}

//! What a row, or several rows of one stay, ask of the workflows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::row::{Row, stay_hash};
use super::targets::{again, joined, revoked, updates};
use super::why::Why;
use crate::stay::{GuestQuery, When};
use crate::workflow::facts::Facts;
use crate::workflow::plan::{Action, Plan, Ref};
use crate::workflow::prepared::Times;
use crate::workflow::request::Request;
use crate::workflow::{issue, join, return_guest, revoke};

/// What holds for all rows of a batch.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Common doors of every new key: the profile's.
    pub also: Vec<String>,
    /// Live keys in the way may be replaced.
    pub replace: bool,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
    /// Rows without a reservation number that name the same room at the same time are one stay.
    pub same_room_same_stay: bool,
}

/// Rows that one operation carries out.
#[derive(Clone, Debug)]
pub struct Job {
    /// Indices of the rows; the first of an `issue` gets the override.
    pub rows: Vec<usize>,
    /// What is asked.
    pub ask: Ask,
    /// An earlier run of the batch has done it: the key it made, where it made one.
    pub before: Option<Before>,
    /// The end of the new key where the row does not say it as a time, as it was planned, UTC.
    pub until: Option<DateTime<Utc>>,
}

/// What an earlier run did.
#[derive(Clone, Debug)]
pub struct Before {
    /// The key made.
    pub key: Option<String>,
    /// Its end, UTC.
    pub until: Option<DateTime<Utc>>,
    /// Somebody has taken the key away since, and no row of the file did.
    pub gone: bool,
}

/// What a job asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The first key of a stay, and joiners to it.
    Issue,
    /// A fresh start.
    ReturnGuest,
    /// One more key.
    Join {
        /// What is joined.
        to: To,
        /// The guest's earlier key may be replaced.
        replace: bool,
    },
    /// A changed key.
    Update,
    /// Keys taken away.
    Revoke,
}

/// What a key joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// Whatever is valid on the rooms.
    Rooms,
    /// The first key of this job.
    Job(usize),
    /// This key.
    Key(String),
}

impl Job {
    /// The hash of the reservation whose keys the job is about, where the journal has to say which those are.
    pub fn by_number(&self, rows: &[Row]) -> Option<String> {
        let row = &rows[*self.rows.first()?];
        if row.key.is_some() {
            return None;
        }
        match &self.ask {
            Ask::Revoke if row.guest.is_none() => row.stay_hash(),
            // A booking system means all keys of the reservation; a list names the guest whose key is meant.
            Ask::Update if row.guest.is_none() || row.answer_to.is_some() => row.stay_hash(),
            Ask::Join { to: To::Rooms, .. } => {
                let number = row.share_with.as_ref().or(row.reservation.as_ref());
                number.map(|number| stay_hash(number))
            }
            _ => None,
        }
    }

    /// The requests, which are carried out one after the other. `made`: the first key of each job so far; `None`
    /// where a job that is to be joined made none. `own`: ids of the keys of the reservation of
    /// [`Self::by_number`], live or not.
    pub fn requests(
        &self,
        rows: &[Row],
        terms: &Terms,
        made: &[Option<String>],
        own: &[String],
        facts: &Facts,
    ) -> Result<Vec<Request>, Why> {
        let Some(first) = self.rows.first().map(|row| &rows[*row]) else {
            return Ok(vec![]);
        };
        let one = |request| Ok(vec![request]);
        let guests = || self.rows.iter().filter_map(|row| rows[*row].guest.clone());
        let also = doors_also(first, terms);
        let times = self.times(first, facts);
        let missing_guest = || Why::rows("no guest is named");
        match &self.ask {
            Ask::Issue => one(match again(first, terms, &times, facts)? {
                Some(update) => Request::Update(update),
                None => Request::Issue(issue::Request {
                    rooms: first.rooms.clone(),
                    guests: guests().collect(),
                    times,
                    also,
                    label: None,
                    replace: terms.replace,
                    require_phone: terms.require_phone,
                }),
            }),
            Ask::ReturnGuest => one(Request::ReturnGuest(return_guest::Request {
                guest: first.guest.clone().ok_or_else(missing_guest)?,
                rooms: first.rooms.clone(),
                times,
                also,
                label: None,
                replace: terms.replace,
                require_phone: terms.require_phone,
            })),
            Ask::Join { to, replace } => one(Request::Join(join::Request {
                guests: guests().collect(),
                to: match to {
                    To::Rooms => joined(first, own, facts)?,
                    To::Key(key) => vec![key.clone()],
                    To::Job(job) => match made.get(*job).cloned().flatten() {
                        Some(key) => vec![key],
                        None => {
                            let text = "the row of the same stay that it joins made no key";
                            return Err(Why::rows(text));
                        }
                    },
                },
                rooms: first.rooms.clone(),
                also: first.also.clone(),
                times,
                label: None,
                replace: terms.replace || *replace,
                require_phone: terms.require_phone,
            })),
            Ask::Update => updates(first, terms, &times, own, facts),
            Ask::Revoke => one(Request::Revoke(revoke::Request {
                which: revoked(first, own, facts)?,
                this_phone_only: false,
            })),
        }
    }

    /// The times as they are now: a start that has passed since the plan was made is now.
    fn times(&self, row: &Row, facts: &Facts) -> Times {
        let from = match row.from {
            Some(When::Instant(at)) if at <= facts.now() => Some(When::Now),
            from => from,
        };
        match self.until {
            Some(until) => Times {
                from,
                until: Some(When::Instant(until)),
                nights: None,
            },
            None => Times {
                from,
                until: row.until,
                nights: row.nights,
            },
        }
    }
}

/// The common doors: those of the terms and its own.
fn doors_also(row: &Row, terms: &Terms) -> Vec<String> {
    let own = row.also.iter().filter(|door| !terms.also.contains(door));
    terms.also.iter().chain(own).cloned().collect()
}

/// The steps of a plan that make keys, found by the guest. One plan may have thousands.
#[derive(Debug)]
pub struct KeySteps {
    by_id: HashMap<String, usize>,
    by_handle: HashMap<String, usize>,
    first: Option<usize>,
}

impl KeySteps {
    /// Takes the steps of a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut found = Self {
            by_id: HashMap::new(),
            by_handle: HashMap::new(),
            first: None,
        };
        for (index, step) in plan.steps.iter().enumerate() {
            let Action::CreateKey(spec) = &step.action else {
                continue;
            };
            found.first.get_or_insert(index);
            match &spec.guest {
                Ref::Known(id) => drop(found.by_id.entry(id.clone()).or_insert(index)),
                Ref::Step(new) => {
                    if let Some(Action::CreateGuest(new)) = plan.steps.get(*new).map(|s| &s.action)
                    {
                        let handle = new.query().handle();
                        found.by_handle.entry(handle).or_insert(index);
                    }
                }
            }
        }
        found
    }

    /// Returns the first of all.
    pub fn first(&self) -> Option<usize> {
        self.first
    }

    /// Returns the first that makes the key of this guest: an `acs_user_id`, or what names somebody new.
    pub fn of_guest(&self, guest: Option<&str>, query: &GuestQuery) -> Option<usize> {
        let known = guest.and_then(|id| self.by_id.get(id));
        let new = self.by_handle.get(&query.handle());
        known.into_iter().chain(new).min().copied()
    }
}

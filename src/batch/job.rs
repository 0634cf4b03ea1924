//! Jobs: the requests that carry out a row, or several rows of one stay.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::preview::Preview;
use super::row::{Row, stay_hash};
use super::targets::{again, joined, revoked, updates};
use super::why::Why;
use crate::hotel::{GuestQuery, When};
use crate::operation::plan::{Action, Plan, Ref};
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::workflow::request::Request;
use crate::workflow::template::Times;
use crate::workflow::{issue, join, return_guest, revoke};

/// The options that apply to all rows of a batch.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// The profile's common doors, which every new key opens.
    pub also: Vec<String>,
    /// Live keys that would otherwise stop a row are replaced.
    pub replace: bool,
    /// Guests without a phone that is ready are refused.
    pub require_phone: bool,
    /// Rows without a reservation number that name the same room at the same time are one stay.
    pub same_room_same_stay: bool,
}

/// Rows that one operation carries out.
#[derive(Clone, Debug)]
pub struct Job {
    /// Indices of the rows. For an `issue`, the first one gets the key with the override.
    pub rows: Vec<usize>,
    /// The action.
    pub ask: Ask,
    /// What an earlier run of the batch did, if it has done this job.
    pub before: Option<Before>,
    /// The planned end of the new key, in UTC, if the row has a number of nights that counts from the start of another key.
    pub until: Option<DateTime<Utc>>,
    /// What the job will do, as far as it can be foreseen.
    pub preview: Preview,
}

/// What an earlier run did for a row.
#[derive(Clone, Debug)]
pub struct Before {
    /// The id of the key that it made.
    pub key: Option<String>,
    /// End of the key, in UTC.
    pub until: Option<DateTime<Utc>>,
    /// True if the key was removed since, and no row of the file removed it.
    pub gone: bool,
}

/// The action of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The first key of a stay, and joiners to it.
    Issue,
    /// A new start for a returning guest.
    ReturnGuest,
    /// One more key in a stay.
    Join {
        /// The key or the stay to join.
        to: To,
        /// The guest's earlier key is replaced.
        replace: bool,
    },
    /// A change of a key.
    Update,
    /// Removal of keys.
    Revoke,
}

/// What a key joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// The stay that is in the rooms.
    Rooms,
    /// The first key of this job.
    Job(usize),
    /// The key with this id.
    Key(String),
}

impl Job {
    /// Returns the hash of the reservation whose keys the job changes; `None` if the row names its key in another way. The
    /// journal knows the keys of a reservation.
    pub fn by_number(&self, rows: &[Row]) -> Option<String> {
        let row = &rows[*self.rows.first()?];
        if row.key.is_some() {
            return None;
        }
        match &self.ask {
            Ask::Revoke if row.guest.is_none() => row.stay_hash(),
            // A booking system asks for all keys of the reservation. A list names the guest whose key changes.
            Ask::Update if row.guest.is_none() || row.answer_to.is_some() => row.stay_hash(),
            Ask::Join { to: To::Rooms, .. } => {
                let number = row.share_with.as_ref().or(row.reservation.as_ref());
                number.map(|number| stay_hash(number))
            }
            _ => None,
        }
    }

    /// Returns the requests of the job, which are carried out one after the other. `made`: the first key of each job so
    /// far; `None` for a job that made no key. `own`: ids of the keys of the reservation of [`Self::by_number`], live or
    /// not.
    pub fn requests(
        &self,
        rows: &[Row],
        terms: &Terms,
        made: &[Option<String>],
        own: &[String],
        snapshot: &HotelSnapshot,
    ) -> Result<Vec<Request>, Why> {
        let Some(first) = self.rows.first().map(|row| &rows[*row]) else {
            return Ok(vec![]);
        };
        let one = |request| Ok(vec![request]);
        let guests = || self.rows.iter().filter_map(|row| rows[*row].guest.clone());
        let also = doors_also(first, terms);
        let times = self.times(first, snapshot);
        let missing_guest = || Why::rows("no guest is named");
        match &self.ask {
            Ask::Issue => one(match again(first, terms, &times, snapshot)? {
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
                    To::Rooms => joined(first, own, snapshot)?,
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
            Ask::Update => updates(first, terms, &times, own, snapshot),
            Ask::Revoke => one(Request::Revoke(revoke::Request {
                which: revoked(first, own, snapshot)?,
                this_phone_only: false,
            })),
        }
    }

    /// Returns the times of the row. A start that has passed since the plan was made becomes now.
    fn times(&self, row: &Row, snapshot: &HotelSnapshot) -> Times {
        let from = match row.from {
            Some(When::Instant(at)) if at <= snapshot.now() => Some(When::Now),
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

/// Returns the common doors of a row: those of the terms and its own.
fn doors_also(row: &Row, terms: &Terms) -> Vec<String> {
    let own = row.also.iter().filter(|door| !terms.also.contains(door));
    terms.also.iter().chain(own).cloned().collect()
}

/// An index of the steps that make keys, by guest. One plan may have thousands of steps.
#[derive(Debug)]
pub struct KeySteps {
    by_id: HashMap<String, usize>,
    by_handle: HashMap<String, usize>,
    first: Option<usize>,
}

impl KeySteps {
    /// Builds the index for a plan.
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

    /// Returns the first step that makes a key.
    pub fn first(&self) -> Option<usize> {
        self.first
    }

    /// Returns the first step that makes a key for a guest. `guest`: the `acs_user_id`; `None` for a new guest, who is found
    /// by `query`.
    pub fn of_guest(&self, guest: Option<&str>, query: &GuestQuery) -> Option<usize> {
        let known = guest.and_then(|id| self.by_id.get(id));
        let new = self.by_handle.get(&query.handle());
        known.into_iter().chain(new).min().copied()
    }
}

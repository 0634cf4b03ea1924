//! What a row, or several rows of one stay, ask of the workflows.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::row::Row;
use crate::stay::{GuestQuery, RoomName};
use crate::workflow::plan::{Action, Plan, Ref};
use crate::workflow::prepared::Times;
use crate::workflow::request::Request;
use crate::workflow::{issue, join, return_guest, revoke, update};

/// What holds for all rows of a batch.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Common doors of every new key: the profile's.
    pub also: Vec<String>,
    /// Live keys in the way may be replaced.
    pub replace: bool,
    /// A phone that is not ready is a refusal.
    pub require_phone: bool,
    /// For rows, by index, that end a stay by its number: who has had a key for it, by `acs_user_id`.
    pub guests_of: BTreeMap<usize, Vec<String>>,
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
}

/// What an earlier run did.
#[derive(Clone, Debug)]
pub struct Before {
    /// The key made.
    pub key: Option<String>,
    /// Its end, UTC.
    pub until: Option<chrono::DateTime<chrono::Utc>>,
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

impl Row {
    /// When, as far as the row says.
    pub fn times(&self) -> Times {
        Times {
            from: self.from,
            until: self.until,
            nights: self.nights,
        }
    }

    /// A hash of what the row says: the same row of another run is known by it. Not reversible, so that no
    /// e-mail stands in the record for longer than a plan does.
    pub fn fingerprint(&self) -> String {
        let text = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            self.action,
            self.reservation,
            self.share_with,
            self.guest,
            self.rooms,
            self.key,
            self.from,
            self.until,
            self.nights,
            self.also
        );
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
    }

    /// A hash of the stay's number, for the record.
    pub fn stay_hash(&self) -> Option<String> {
        let stay = format!("stay {}", self.reservation.as_ref()?);
        Some(Uuid::new_v5(&Uuid::NAMESPACE_OID, stay.as_bytes()).to_string())
    }

    /// The rooms as a set.
    pub fn room_set(&self) -> BTreeSet<&RoomName> {
        self.rooms.iter().collect()
    }

    /// The common doors: those of the terms and its own.
    fn doors_also(&self, terms: &Terms) -> Vec<String> {
        let own = self.also.iter().filter(|door| !terms.also.contains(door));
        terms.also.iter().chain(own).cloned().collect()
    }
}

impl Job {
    /// The request. `made`: the first key of each job so far; `None` where a job that is to be joined made
    /// none.
    pub fn request(&self, rows: &[Row], terms: &Terms, made: &[Option<String>]) -> Option<Request> {
        let first = &rows[*self.rows.first()?];
        let guests = self
            .rows
            .iter()
            .filter_map(|row| rows[*row].guest.clone())
            .collect();
        let also = first.doors_also(terms);
        let times = first.times();
        Some(match &self.ask {
            Ask::Issue => Request::Issue(issue::Request {
                rooms: first.rooms.clone(),
                guests,
                times,
                also,
                label: None,
                replace: terms.replace,
                require_phone: terms.require_phone,
            }),
            Ask::ReturnGuest => Request::ReturnGuest(return_guest::Request {
                guest: first.guest.clone()?,
                rooms: first.rooms.clone(),
                times,
                also,
                label: None,
                replace: terms.replace,
                require_phone: terms.require_phone,
            }),
            Ask::Join { to, replace } => Request::Join(join::Request {
                guests,
                to: match to {
                    To::Rooms => vec![],
                    To::Key(key) => vec![key.clone()],
                    To::Job(job) => vec![made.get(*job)?.clone()?],
                },
                rooms: first.rooms.clone(),
                also: first.also.clone(),
                times,
                label: None,
                replace: terms.replace || *replace,
                require_phone: terms.require_phone,
            }),
            Ask::Update => Request::Update(update_request(first, terms)?),
            Ask::Revoke => Request::Revoke(revoke::Request {
                which: match (&first.key, &first.guest, terms.guests_of.get(&self.rows[0])) {
                    (Some(key), ..) => revoke::Which::Keys(vec![key.clone()]),
                    (None, Some(guest), _) => {
                        revoke::Which::Guest(guest.clone(), first.rooms.clone())
                    }
                    (None, None, Some(guests)) => {
                        revoke::Which::Of(guests.clone(), first.rooms.clone())
                    }
                    (None, None, None) => revoke::Which::Rooms(first.rooms.clone()),
                },
                this_phone_only: false,
            }),
        })
    }
}

/// One room tells which of the guest's keys is meant; several are the rooms it is to have from now on.
fn update_request(row: &Row, terms: &Terms) -> Option<update::Request> {
    let (at, rooms) = match &row.rooms[..] {
        [room] => (Some(room.clone()), vec![]),
        rooms => (None, rooms.to_vec()),
    };
    Some(update::Request {
        which: match &row.key {
            Some(key) => update::Which::Key(key.clone()),
            None => update::Which::Guest(row.guest.clone()?, at),
        },
        times: row.times(),
        rooms,
        also: row.also.clone(),
        without: vec![],
        replace: terms.replace,
        label: None,
        require_phone: terms.require_phone,
    })
}

/// The step of a plan that makes the key of this guest: an `acs_user_id`, or what names somebody new.
pub fn key_step(plan: &Plan, guest: Option<&str>, query: &GuestQuery) -> Option<usize> {
    plan.steps.iter().position(|step| {
        let Action::CreateKey(spec) = &step.action else {
            return false;
        };
        match &spec.guest {
            Ref::Known(id) => guest == Some(id.as_str()),
            Ref::Step(new) => match plan.steps.get(*new).map(|step| &step.action) {
                Some(Action::CreateGuest(new)) => new.query().handle() == query.handle(),
                _ => false,
            },
        }
    })
}

//! What a batch reads before it is planned: the hotel, and the results of earlier runs in the journal.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use futures::future::try_join_all;

use super::KeysOf;
use super::chain::chains;
use super::fingerprint::{Fingerprint, of_all};
use super::job::{Before, Terms};
use super::row::{Row, stay_hash};
use super::settle::{Settled, second_persons, settle};
use crate::hotel::{GuestQuery, GuestRecord, RoomName};
use crate::journal::{Journal, JournalError, NewBatch, OperationId, PastBatch, PastRow};
use crate::operation::plan::Command;
use crate::seam::Client;
use crate::snapshot::error::Error;
use crate::snapshot::fetch_all::Asked;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;

/// The rows of a file and the options that apply to all of them.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The rows as the file has them.
    pub rows: &'a [Row],
    /// The options that apply to all rows.
    pub terms: &'a Terms,
    prints: Vec<Fingerprint>,
}

/// What the journal knows of earlier runs of the file.
#[derive(Debug)]
pub struct Past {
    /// Rows, by index, that an earlier run has done.
    pub done: BTreeMap<usize, Before>,
    /// Rows, by index, that stopped half-way in an earlier run.
    pub open: BTreeSet<usize>,
    /// The operations of the rows in `open`, each with its rows, by index.
    pub operations: BTreeMap<OperationId, BTreeSet<usize>>,
    /// The keys of the reservations that the rows name.
    pub keys_of: KeysOf,
}

impl<'a> Reading<'a> {
    /// Creates the reading of the rows of a file.
    pub fn new(rows: &'a [Row], terms: &'a Terms) -> Self {
        Self {
            prints: rows.iter().map(Fingerprint::of).collect(),
            rows,
            terms,
        }
    }

    /// Returns the fingerprints of the rows.
    pub fn prints(&self) -> &[Fingerprint] {
        &self.prints
    }

    /// Reads everything that the rows may concern from Seam, in lists.
    pub async fn look_up(
        &self,
        client: &Client,
        profile: &HotelProfile,
    ) -> Result<HotelSnapshot, Error> {
        let asked = self.asked();
        let mut snapshot = HotelSnapshot::read_many(client, profile, &asked).await?;
        snapshot.system.check()?;
        let names: Vec<GuestQuery> = self.rows.iter().filter_map(name_asked).collect();
        snapshot.read_reservations(client, &names).await?;
        let second = second_persons(self.rows, &snapshot);
        let second: Vec<GuestQuery> = second.into_values().map(|person| person.query).collect();
        snapshot.find_more(client, &second).await?;
        let named = self.rows.iter().filter_map(|row| row.guest.as_ref());
        let new: Vec<GuestQuery> = named
            .chain(&second)
            .filter(|query| {
                matches!(query, GuestQuery::New { .. }) && snapshot.guest(query).is_err()
            })
            .cloned()
            .collect();
        snapshot.read_identities(client, &new).await?;
        let phones = self.phones_needed(&snapshot);
        snapshot.read_phones(client, &phones).await?;
        snapshot.read_doors(client, &asked.keys).await?;
        Ok(snapshot)
    }

    fn asked(&self) -> Asked {
        let mut asked = Asked::default();
        for row in self.rows {
            if let Some(query) = &row.guest {
                asked.guest(query);
            }
            // A booking system names a guest by name and number. Only one of the two may be on record.
            if let Some(name) = name_asked(row) {
                asked.guest(&name);
            }
            if let (None, Some(number)) = (&row.key, &row.reservation)
                && row.guest.is_none()
            {
                asked.guest(&GuestQuery::Reservation(number.clone()));
            }
            if let Some(number) = &row.share_with {
                asked.guest(&GuestQuery::Reservation(number.clone()));
            }
            asked.rooms.extend(row.rooms.iter().cloned());
            asked.rooms.extend(row.old_room.iter().cloned());
            asked.keys.extend(row.key.clone());
        }
        asked
    }

    /// Returns the guests whose phones must be read: all guests with `--require-phone`, otherwise those who could lose a
    /// key.
    fn phones_needed(&self, snapshot: &HotelSnapshot) -> Vec<GuestRecord> {
        let mut found: HashMap<&str, &GuestRecord> = HashMap::new();
        for row in self.rows {
            let Some(guest) = row
                .guest
                .as_ref()
                .and_then(|query| snapshot.guest(query).ok())
            else {
                continue;
            };
            let loses = || {
                let own = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
                own.iter().any(|key| !key.is_waiting())
            };
            if self.terms.require_phone || (row.action == Command::ReturnGuest && loses()) {
                found.insert(&guest.acs_user_id, guest);
            }
        }
        found.into_values().cloned().collect()
    }

    /// Stores in the snapshot which keys belong to one stay because they were made for one reservation.
    pub fn tie(snapshot: &mut HotelSnapshot, keys_of: &KeysOf) {
        for (number, keys) in keys_of {
            keys.iter().for_each(|key| snapshot.keys.tie(key, number));
        }
    }

    /// Returns the journal's entry for the batch. `source`: the file's path, or `-`.
    pub fn as_new(&self, source: String, snapshot: &HotelSnapshot) -> NewBatch {
        let (content, former_content) = of_all(&self.prints);
        NewBatch {
            source,
            content,
            former_content,
            planned_at: snapshot.now(),
            system_id: snapshot.system.id.clone(),
            rows: self.rows.len(),
            prints: self
                .prints
                .iter()
                .flat_map(|print| std::iter::once(&print.current).chain(&print.former))
                .cloned()
                .collect(),
        }
    }

    /// Settles the rows for the time of their first plan, in UTC; see [`settle`].
    pub async fn settle(&self, snapshot: &HotelSnapshot, planned_at: DateTime<Utc>) -> Settled {
        settle(self.rows, snapshot, planned_at).await
    }

    /// Reads from the journal what earlier runs have done. `settled`: the settled rows.
    pub async fn past(
        &self,
        settled: &[Row],
        snapshot: &HotelSnapshot,
        journal: &Journal,
        past: Option<&PastBatch>,
    ) -> Result<Past, JournalError> {
        let keys_of = self.keys_of(journal, &snapshot.system.id).await?;
        let left = past.iter().flat_map(|past| &past.rows);
        let left: Vec<&PastRow> = left.filter(|row| row.open).collect();
        let mut operations: BTreeMap<OperationId, BTreeSet<usize>> = BTreeMap::new();
        let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (row, print) in self.prints.iter().enumerate().filter(|_| !left.is_empty()) {
            for print in std::iter::once(&print.current).chain(&print.former) {
                rows_of.entry(print).or_default().push(row);
            }
        }
        for past in left {
            let rows = rows_of.get(&past.fingerprint[..]).into_iter().flatten();
            if let Some(operation) = &past.operation {
                let of_operation = operations.entry(operation.clone()).or_default();
                of_operation.extend(rows);
            }
        }
        Ok(Past {
            done: past.map_or_else(BTreeMap::new, |past| {
                self.done(settled, snapshot, past, &keys_of)
            }),
            open: operations.values().flatten().copied().collect(),
            operations,
            keys_of,
        })
    }

    /// Returns the keys of the reservations that rows name, as far as the journal knows them.
    async fn keys_of(&self, journal: &Journal, system: &str) -> Result<KeysOf, JournalError> {
        let numbers = self.rows.iter().filter(|row| row.key.is_none());
        let numbers: BTreeSet<String> = numbers
            .flat_map(|row| row.reservation.iter().chain(&row.share_with))
            .map(|number| stay_hash(number))
            .collect();
        let read = numbers.into_iter().map(|number| async move {
            let keys = journal.keys_of(system, number.clone()).await?;
            Ok::<_, JournalError>((number, keys))
        });
        let mut found: KeysOf = try_join_all(read).await?.into_iter().collect();
        found.retain(|_, keys| !keys.is_empty());
        Ok(found)
    }

    /// Returns the rows that an earlier run has done. If that run ended, its rows count only until the keys of their chain
    /// have ended, because the list of another night may have the same rows.
    fn done(
        &self,
        settled: &[Row],
        snapshot: &HotelSnapshot,
        past: &PastBatch,
        keys_of: &KeysOf,
    ) -> BTreeMap<usize, Before> {
        // The last result of a row counts.
        let mut known: HashMap<&str, &PastRow> = past
            .rows
            .iter()
            .map(|row| (row.fingerprint.as_str(), row))
            .collect();
        known.retain(|_, row| !row.open);
        let of = |index: usize| {
            let print = &self.prints[index];
            let former = || known.get(print.former.as_deref()?);
            known.get(print.current.as_str()).or_else(former).copied()
        };
        let mut found: BTreeMap<usize, Before> = BTreeMap::new();
        for chain in chains(settled, snapshot, keys_of) {
            // For a row that may concern several keys, the keys themselves show whether it is done.
            let counts = |index: &&usize| !is_about_many(&settled[**index]);
            let of_chain: Vec<(usize, &PastRow)> = chain
                .iter()
                .filter(counts)
                .filter_map(|index| Some((*index, of(*index)?)))
                .collect();
            let holds = of_chain
                .iter()
                .any(|(_, row)| row.until.is_some_and(|until| until > snapshot.now()));
            if !holds && past.ended {
                continue;
            }
            let mut later = Enders::default();
            for (index, row) in of_chain.iter().rev() {
                let gone = is_gone(&settled[*index], row, &later, snapshot);
                // Rows that were not done or not confirmed are carried out again, unless their key was removed since.
                if !gone && row.outcome.as_deref() != Some("done") {
                    continue;
                }
                let before = Before {
                    key: row.acs_credential_id.clone(),
                    until: row.until,
                    gone,
                };
                found.insert(*index, before);
                later.take(&settled[*index]);
            }
        }
        found
    }
}

fn is_about_many(row: &Row) -> bool {
    row.old_room.is_some() || (row.action == Command::Update && row.answer_to.is_some())
}

/// Returns true if a row's key was removed, and not by a later row of the file. Such a row must not be reported as
/// done, and its key must not be made again. A key that was replaced counts as existing while its guest has a key to
/// the same rooms. If a person has closed the row's operation half-way, its key may be unknown.
fn is_gone(row: &Row, past: &PastRow, later: &Enders<'_>, snapshot: &HotelSnapshot) -> bool {
    let id = past.acs_credential_id.as_deref();
    let is_closed = past.outcome.as_deref() == Some("closed") && past.until.is_some();
    if id.is_none() && !is_closed {
        return false;
    }
    let over = past.until.is_some_and(|until| until <= snapshot.now());
    let lives = |id: &str| {
        let key = snapshot.keys.get(id).map(|key| snapshot.keys.root(key));
        key.is_some_and(|key| key.is_live(snapshot.now()))
    };
    if over || id.is_some_and(lives) || later.may_end(row) {
        return false;
    }
    let guest = row.guest.as_ref();
    let Some(guest) = guest.and_then(|query| snapshot.guest(query).ok()) else {
        return true;
    };
    let rooms = snapshot.room_ids(&row.rooms).unwrap_or_default();
    let own = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
    !own.iter()
        .any(|key| rooms.iter().all(|room| key.doors.contains(room)))
}

/// The keys that later rows of a file may have ended.
#[derive(Default)]
struct Enders<'a> {
    /// Guests whose keys they may have ended, as named in the file.
    guests: HashSet<String>,
    /// Reservations whose keys they may have ended.
    stays: HashSet<&'a str>,
    /// Rooms whose keys they may have ended.
    rooms: HashSet<&'a RoomName>,
    /// True if a row names a key by its id, which may be any key.
    any: bool,
}

impl<'a> Enders<'a> {
    /// Adds a row.
    fn take(&mut self, row: &'a Row) {
        self.guests.extend(row.guest.as_ref().map(named));
        let changes = !matches!(row.action, Command::Issue | Command::Join);
        self.any |= changes && row.key.is_some();
        if row.action == Command::Revoke {
            self.stays.extend(row.reservation.as_deref());
            if row.reservation.is_none() && row.guest.is_none() && row.key.is_none() {
                self.rooms.extend(&row.rooms);
            }
        }
    }

    /// Returns true if one of the rows may have ended the key of this earlier row.
    fn may_end(&self, earlier: &Row) -> bool {
        let has = |stay: &String| self.stays.contains(&stay[..]);
        self.any
            || earlier.reservation.as_ref().is_some_and(has)
            || earlier.rooms.iter().any(|room| self.rooms.contains(room))
            || earlier
                .guest
                .as_ref()
                .is_some_and(|guest| self.guests.contains(&named(guest)))
    }
}

/// Returns a text that is equal for equal queries.
fn named(query: &GuestQuery) -> String {
    format!("{query:?}")
}

/// Returns the name of a guest whom a booking system names by name and number.
fn name_asked(row: &Row) -> Option<GuestQuery> {
    match (&row.answer_to, &row.guest) {
        (Some(_), Some(GuestQuery::New { name, .. })) => Some(GuestQuery::Name(name.clone())),
        _ => None,
    }
}

//! Who was promised what, written from the rules of the house and not from the code.
//!
//! A promise is made by an answer: a command said `done` or `already`, and named a key for a guest, a room and a
//! time. It ends when a command took it away with the consent of a person, when another program did, or when its time
//! is over. Between, its guest must not be locked out, unless a command has said so as loudly as it could.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use roomkey::hotel::refusal::Warning;
use roomkey::journal::OperationRow;
use roomkey::operation::outcome::Ending;
use roomkey::operation::plan::Action;
use roomkey::operation::report::KeyReport;
use roomkey::workflow::request::Request;
use roomkey::workflow::revoke::Which;

use crate::desk::{Act, Ended, Report};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its guest must get in.
    Active,
    /// Commands said that its guest may have no access, or their operations are open: these.
    Excused(Vec<String>),
    /// A person agreed that another key takes its place. A lock learns that only when the new key is used.
    Replaced,
    /// It was taken away. The phone loses it as soon as it hears of it.
    Gone(DateTime<Utc>),
}

#[derive(Clone)]
pub(crate) struct Promise {
    pub(crate) key: String,
    pub(crate) guest: String,
    pub(crate) room: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    /// The command that made it, for the message of a failure.
    pub(crate) by: String,
    pub(crate) state: State,
    /// The moment at which it was made.
    pub(crate) round: u32,
}

impl std::fmt::Debug for Promise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Promise {
            key,
            guest,
            room,
            start,
            end,
            by,
            state,
            round,
        } = self;
        write!(
            f,
            "key {key} of {guest} for {room}, {start} to {end}, {state:?}, made in round {round} by `{by}`"
        )
    }
}

impl State {
    /// An operation has put the promise in doubt.
    fn excuse(&mut self, operation: &str) {
        match self {
            State::Active => *self = State::Excused(vec![operation.to_owned()]),
            State::Excused(operations) => operations.push(operation.to_owned()),
            State::Replaced | State::Gone(_) => {}
        }
    }
}

impl Promise {
    pub(crate) fn is_at(&self, now: DateTime<Utc>) -> bool {
        self.start <= now && now < self.end
    }
}

/// Access that somebody may have, without a promise: a lost answer, a crash, another program.
#[derive(Clone, Debug)]
pub(crate) struct Possible {
    pub(crate) guest: String,
    pub(crate) room: String,
}

#[derive(Default)]
pub(crate) struct Model {
    pub(crate) promises: Vec<Promise>,
    pub(crate) possible: Vec<Possible>,
    /// `acs_user_id` by the text that staff type.
    pub(crate) guests: BTreeMap<String, String>,
    /// Names by `acs_user_id`.
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) rooms: Vec<String>,
    /// How many moments there were.
    pub(crate) round: u32,
    /// Overrides that another program made, by room, with their end: a service may end other keys only when they are
    /// used.
    pub(crate) foreign: Vec<(String, DateTime<Utc>)>,
    /// Operations with keys that a person has agreed to lose by them.
    pub(crate) agreed: Vec<(String, String)>,
    /// What was exercised, and how often.
    pub(crate) counts: BTreeMap<String, u64>,
}

type Verdict = Result<(), String>;

impl Model {
    pub(crate) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    fn user(&self, typed: &roomkey::hotel::GuestQuery) -> Option<String> {
        self.guests.get(&typed.to_string()).cloned()
    }

    /// The guests that a command names.
    fn recipient(&self, act: &Act) -> BTreeSet<String> {
        let Act::Write(request) = act else {
            return BTreeSet::new();
        };
        match request {
            Request::Issue(request) => request.guests.iter().filter_map(|g| self.user(g)).collect(),
            Request::Join(request) => request.guests.iter().filter_map(|g| self.user(g)).collect(),
            Request::ReturnGuest(request) => self.user(&request.guest).into_iter().collect(),
            Request::Update(request) => match &request.which {
                roomkey::workflow::update::Which::Guest(guest, _) => {
                    self.user(guest).into_iter().collect()
                }
                roomkey::workflow::update::Which::Key(id) => self.holder(id).into_iter().collect(),
            },
            Request::Revoke(request) => match &request.which {
                Which::Guest(guest, _) => self.user(guest).into_iter().collect(),
                Which::Keys(ids) => ids.iter().filter_map(|id| self.holder(id)).collect(),
                _ => BTreeSet::new(),
            },
        }
    }

    pub(crate) fn holder(&self, key: &str) -> Option<String> {
        let promise = self.promises.iter().find(|promise| promise.key == key)?;
        Some(promise.guest.clone())
    }

    /// Takes in what commands of one moment have promised. What others of the same moment took away comes after that.
    pub(crate) fn promised(&mut self, report: &Report) {
        for end in &report.ends {
            let Some(outcome) = &end.outcome else {
                continue;
            };
            let gives = match (end.exit, &outcome.ending) {
                (0, Ending::Undone { .. }) => false,
                (0, _) | (9, Ending::Harmed) => true,
                _ => false,
            };
            if let (0, Some(row)) = (end.exit, &end.row) {
                self.settled(row, &outcome.keys);
            }
            if gives {
                // A key that could not be read is not promised beside somebody's loss.
                let read = |key: &&KeyReport| end.exit == 0 || key.valid == Some(true);
                for key in outcome.keys.iter().filter(read) {
                    self.promise(key, &report.call.typed);
                }
            }
            for warning in &outcome.warnings {
                if warning.code != "not_given_back" {
                    continue;
                }
                for promise in &mut self.promises {
                    let name = self.names.get(&promise.guest).map_or("?", String::as_str);
                    let counts = matches!(promise.state, State::Active | State::Excused(_));
                    if warning.message.starts_with(name) && counts {
                        promise.state = State::Replaced;
                    }
                }
            }
            // The command says that a guest's key has stopped, and that the guest may have been moved.
            let moved = outcome.warnings.iter();
            let moved = moved.filter(|warning| warning.code == "moved_at_once");
            for warning in moved {
                for promise in &mut self.promises {
                    let counts = matches!(promise.state, State::Active | State::Excused(_));
                    if warning.message.contains(&promise.key) && counts {
                        promise.state = State::Replaced;
                    }
                }
            }
            // The command says that the key, or the one it joins, may stop when a stranger's newer one is used.
            let is_warned = |warning: &Warning| warning.code == "newer_key_on_room";
            if outcome.warnings.iter().any(is_warned) {
                for key in &outcome.keys {
                    let own = |promise: &&mut Promise| promise.key == key.acs_credential_id;
                    for promise in self.promises.iter_mut().filter(own) {
                        promise.state = State::Replaced;
                    }
                }
            }
        }
    }

    /// A person answers what was shown, and time passes before the answer. A key that another desk gave the guest in
    /// that time is revoked with the others, or the command refuses; it never says that the guest's keys are gone.
    pub(crate) fn missed(&mut self, reports: &[Report]) -> Verdict {
        for revoked in reports {
            let (Act::Write(Request::Revoke(request)), Some(answered), [end]) =
                (&revoked.call.act, revoked.answered, &revoked.ends[..])
            else {
                continue;
            };
            let (Which::Guest(guest, _), Some(outcome), 0) =
                (&request.which, &end.outcome, end.exit)
            else {
                continue;
            };
            let guest = self.user(guest);
            let before = |other: &&Report| other.ended + Duration::from_secs(1) < answered;
            for other in reports.iter().filter(before) {
                self.count("commands while a prompt was open");
                let ends = other.ends.iter().filter(|end| end.exit == 0);
                let made = ends.filter_map(|end| end.outcome.as_ref());
                let mut made = made.flat_map(|outcome| &outcome.keys);
                let left = made.find(|key| {
                    key.acs_user_id == guest && !outcome.revoked.contains(&key.acs_credential_id)
                });
                if let Some(left) = left {
                    return Err(format!(
                        "`{}` says that the guest's keys are gone, and this one was made while its prompt was open: {left:?}",
                        revoked.call.typed
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes in what a command came to, and judges what it said.
    pub(crate) fn take(&mut self, report: &Report, now: DateTime<Utc>) -> Verdict {
        let recipient = self.recipient(&report.call.act);
        let kind = kind(&report.call.act);
        if report.crashed {
            self.count("crashes");
            let newest = report.open.iter().map(|row| row.id.as_str()).max();
            let operation = newest.unwrap_or("crash").to_owned();
            self.uncertain(report, &recipient, &operation);
            self.excuse_bystanders(report, &operation);
            self.given_back(report);
            return Ok(());
        }
        for end in &report.ends {
            self.count(format!("{kind} exit {}", end.exit));
            self.end(report, end, &recipient, now)?;
        }
        let is_untouched =
            |end: &Ended| matches!(end.exit, 1 | 2 | 4 | 5 | 6 | 7 | 12) && end.row.is_none();
        if !report.ends.is_empty()
            && report.ends.iter().all(is_untouched)
            && !report.effects.is_empty()
        {
            return Err(format!(
                "exit {} says that nothing was changed, but these took effect: {:?}",
                report.ends[0].exit, report.effects
            ));
        }
        Ok(())
    }

    fn end(
        &mut self,
        report: &Report,
        end: &Ended,
        recipient: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> Verdict {
        let mut recipient = recipient.clone();
        if let Some(row) = &end.row {
            recipient.extend(row.guests.iter().cloned());
        }
        match (end.exit, &end.outcome) {
            (0, Some(outcome)) => {
                let ended: BTreeSet<&String> =
                    outcome.replaced.iter().chain(&outcome.revoked).collect();
                self.taken(report, &ended, &recipient, now)?;
                if let (Act::Write(request), Ending::Done | Ending::Already) =
                    (&report.call.act, &outcome.ending)
                {
                    self.check_keys(request, &outcome.keys, &recipient)?;
                }
                self.displaced(report);
                match (&outcome.operation_id, &outcome.ending) {
                    (Some(id), _) if report.open.iter().any(|row| row.id == *id) => {
                        Err("exit 0, and the journal shows the operation as open".to_owned())
                    }
                    _ => Ok(()),
                }
            }
            (9, Some(outcome)) => {
                let operation = outcome.operation_id.as_ref().map_or("9", |id| id.as_str());
                let ended: BTreeSet<&String> =
                    outcome.replaced.iter().chain(&outcome.revoked).collect();
                self.taken(report, &ended, &recipient, now)?;
                let named: BTreeSet<String> = outcome
                    .others
                    .iter()
                    .filter_map(|key| key.acs_user_id.clone())
                    .collect();
                match &outcome.ending {
                    Ending::Harmed => {
                        self.displaced(report);
                        self.excuse(&named, operation);
                    }
                    _ => {
                        self.maybe(report, &recipient);
                        self.excuse(&recipient, operation);
                        self.excuse(&named, operation);
                    }
                }
                Ok(())
            }
            (8 | 11 | 130, Some(outcome)) => {
                let operation = outcome.operation_id.as_ref().map_or("8", |id| id.as_str());
                self.maybe(report, &recipient);
                self.excuse(&recipient, operation);
                let named = outcome
                    .others
                    .iter()
                    .chain(&outcome.keys)
                    .filter_map(|key| key.acs_user_id.clone())
                    .collect();
                for promise in &mut self.promises {
                    if outcome.replaced.contains(&promise.key) {
                        promise.state = State::Replaced;
                    }
                }
                self.excuse(&named, operation);
                self.excuse_touched(report, operation);
                if report.open.iter().any(|row| row.id.as_str() == operation) {
                    self.excuse_bystanders(report, operation);
                }
                Ok(())
            }
            (0, None) => Ok(()), // Put away untouched.
            (8 | 9, None) => {
                self.uncertain(report, &recipient, "said");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A key that a command took away or replaced: its guest was of the party, or was shown, or the command said that
    /// strangers' keys may go.
    fn taken(
        &mut self,
        report: &Report,
        ids: &BTreeSet<&String>,
        recipient: &BTreeSet<String>,
        now: DateTime<Utc>,
    ) -> Verdict {
        let shown: String = report
            .shown
            .iter()
            .map(|shown| shown.text.as_str())
            .collect();
        let is_recovery = !matches!(report.call.act, Act::Write(_));
        let names = self.names.clone();
        for promise in &mut self.promises {
            if !ids.contains(&promise.key) {
                continue;
            }
            let name = names.get(&promise.guest).map_or("?", String::as_str);
            if !is_recovery
                && !recipient.contains(&promise.guest)
                && !shown.contains(name)
                && promise.end > now
            {
                return Err(format!(
                    "{name}'s key was taken away, and nobody was shown that: {promise:?}"
                ));
            }
            if !matches!(promise.state, State::Gone(_)) {
                promise.state = State::Replaced;
            }
        }
        let revoked: Vec<&String> = report
            .ends
            .iter()
            .filter_map(|end| end.outcome.as_ref())
            .flat_map(|outcome| &outcome.revoked)
            .collect();
        for promise in &mut self.promises {
            if revoked.contains(&&promise.key) {
                promise.state = State::Gone(now);
            }
        }
        Ok(())
    }

    /// Exit 0 names a valid key for every guest and room that was asked for, with the end that was asked for.
    fn check_keys(
        &self,
        request: &Request,
        keys: &[KeyReport],
        recipient: &BTreeSet<String>,
    ) -> Verdict {
        let rooms: Vec<String> = match request {
            Request::Issue(request) => request.rooms.iter().map(ToString::to_string).collect(),
            Request::ReturnGuest(request) => {
                request.rooms.iter().map(ToString::to_string).collect()
            }
            Request::Join(_) | Request::Update(_) => vec![],
            Request::Revoke(_) => return Ok(()),
        };
        for guest in recipient {
            let own = |key: &&KeyReport| key.acs_user_id.as_ref() == Some(guest);
            let Some(key) = keys.iter().find(own) else {
                return Err(format!(
                    "exit 0, and no key is named for {:?}",
                    self.names.get(guest)
                ));
            };
            if key.valid == Some(false) {
                return Err(format!("exit 0 with a key that is not valid: {key:?}"));
            }
            if let Some(room) = rooms.iter().find(|room| !key.rooms.contains(room)) {
                return Err(format!(
                    "exit 0, and the key does not open room {room}: {key:?}"
                ));
            }
        }
        Ok(())
    }

    fn promise(&mut self, key: &KeyReport, by: &str) {
        let (Some(guest), Some(start), Some(end)) = (&key.acs_user_id, key.starts_at, key.ends_at)
        else {
            return;
        };
        let is_foreign =
            |(room, until): &(String, DateTime<Utc>)| key.rooms.contains(room) && start < *until;
        let state = if self.foreign.iter().any(is_foreign) {
            State::Excused(vec!["another program".to_owned()])
        } else {
            State::Active
        };
        for room in &key.rooms {
            self.promises
                .retain(|known| known.key != key.acs_credential_id || known.room != *room);
            self.promises.push(Promise {
                key: key.acs_credential_id.clone(),
                guest: guest.clone(),
                room: room.clone(),
                start,
                end,
                by: by.to_owned(),
                state: state.clone(),
                round: self.round,
            });
        }
    }

    fn excuse(&mut self, guests: &BTreeSet<String>, operation: &str) {
        for promise in &mut self.promises {
            if guests.contains(&promise.guest) {
                promise.state.excuse(operation);
            }
        }
    }

    /// The keys that the plan, which a person had seen, was to take away.
    fn excuse_touched(&mut self, report: &Report, operation: &str) {
        let mut ids = BTreeSet::new();
        for plan in report.shown.iter().filter_map(|shown| shown.plan.as_ref()) {
            let agreed = plan.displaces.iter();
            self.agreed
                .extend(agreed.map(|key| (operation.to_owned(), key.clone())));
            ids.extend(plan.displaces.iter().cloned());
            ids.extend(plan.at_risk.iter().cloned());
            for step in &plan.steps {
                if let Action::DeleteKey(id) | Action::DeleteIfLive(id) = &step.action {
                    ids.insert(id.clone());
                }
            }
        }
        for promise in &mut self.promises {
            if ids.contains(&promise.key) {
                promise.state.excuse(operation);
            }
        }
    }

    /// A process that dies names nobody. Its open operation knows whose keys it may have ended, and recovery gives them
    /// back.
    fn excuse_bystanders(&mut self, report: &Report, operation: &str) {
        let plans = report.shown.iter().filter_map(|shown| shown.plan.as_ref());
        let ids: BTreeSet<&String> = plans
            .clone()
            .flat_map(|plan| plan.bystanders.iter().map(|other| &other.id))
            .collect();
        let rooms: BTreeSet<&String> = plans.clone().flat_map(|plan| &plan.rooms).collect();
        let guests: BTreeSet<&String> = plans.flat_map(|plan| &plan.guests).collect();
        // Whom it is giving a key back to.
        let is_of_operation = |promise: &&Promise| match &promise.state {
            State::Excused(operations) => operations.iter().any(|known| known == operation),
            _ => false,
        };
        let in_doubt = self.promises.iter().filter(is_of_operation);
        let in_doubt: BTreeSet<String> = in_doubt.map(|promise| promise.guest.clone()).collect();
        let guests = guests.into_iter().chain(&in_doubt);
        let open = report.open.iter();
        let (rooms, guests): (BTreeSet<&String>, BTreeSet<&String>) = (
            rooms
                .into_iter()
                .chain(open.clone().flat_map(|row| &row.rooms))
                .collect(),
            guests
                .into_iter()
                .chain(open.flat_map(|row| &row.guests))
                .collect(),
        );
        // Another desk was at it in the same moment.
        let at_once = self.promises.iter().filter(|promise| {
            promise.round == self.round
                && (rooms.contains(&promise.room) || guests.contains(&promise.guest))
        });
        let at_once: BTreeSet<String> = at_once.map(|promise| promise.key.clone()).collect();
        for promise in &mut self.promises {
            let is_near = ids.contains(&promise.key) || at_once.contains(&promise.key);
            if is_near {
                promise.state.excuse(operation);
            }
        }
    }

    /// What may have been made.
    fn maybe(&mut self, report: &Report, recipient: &BTreeSet<String>) {
        let plans = report.shown.iter().filter_map(|shown| shown.plan.as_ref());
        let mut rooms: BTreeSet<String> = plans.flat_map(|plan| plan.rooms.clone()).collect();
        rooms.extend(
            report
                .ends
                .iter()
                .filter_map(|end| end.row.as_ref())
                .flat_map(|row| row.rooms.clone()),
        );
        for guest in recipient {
            for room in &rooms {
                self.possible.push(Possible {
                    guest: guest.clone(),
                    room: room.clone(),
                });
            }
        }
    }

    fn uncertain(&mut self, report: &Report, recipient: &BTreeSet<String>, why: &str) {
        let rows = report.open.iter().filter(|_| true);
        let of_rows: BTreeSet<String> = rows.clone().flat_map(|row| row.guests.clone()).collect();
        let all: BTreeSet<String> = recipient.union(&of_rows).cloned().collect();
        let rooms: Vec<String> = rows.flat_map(|row| row.rooms.clone()).collect();
        for guest in &all {
            for room in &rooms {
                self.possible.push(Possible {
                    guest: guest.clone(),
                    room: room.clone(),
                });
            }
        }
        self.maybe(report, &all);
        self.excuse(&all, why);
        self.excuse_touched(report, why);
    }

    /// A command that died may have given guests back the access that its operation had ended. The new key is known to
    /// nobody until the operation is finished.
    fn given_back(&mut self, report: &Report) {
        let open: BTreeSet<&str> = report.open.iter().map(|row| row.id.as_str()).collect();
        for promise in &self.promises {
            let State::Excused(operations) = &promise.state else {
                continue;
            };
            if operations.iter().any(|one| open.contains(one.as_str())) {
                self.possible.push(Possible {
                    guest: promise.guest.clone(),
                    room: promise.room.clone(),
                });
            }
        }
    }

    /// An operation has come to its end: who it had put in doubt must get in again, with the old key or a new one.
    /// Keys that were to be revoked are nobody's business any more.
    fn settled(&mut self, row: &OperationRow, keys: &[KeyReport]) {
        // Whom a command has given another key since, that key counts for.
        let later: Vec<(String, u32)> = self
            .promises
            .iter()
            .map(|promise| (promise.guest.clone(), promise.round))
            .collect();
        for promise in &mut self.promises {
            let State::Excused(operations) = &mut promise.state else {
                continue;
            };
            let before = operations.len();
            operations.retain(|operation| operation != row.id.as_str());
            if operations.len() == before || !operations.is_empty() {
                continue;
            }
            let is_new = |key: &KeyReport| {
                key.acs_user_id.as_ref() == Some(&promise.guest)
                    && key.acs_credential_id != promise.key
                    && key.rooms.contains(&promise.room)
            };
            let agreed = (row.id.as_str().to_owned(), promise.key.clone());
            let has_later = later
                .iter()
                .any(|(guest, round)| *guest == promise.guest && *round > promise.round);
            promise.state = if row.command == "revoke"
                || has_later
                || self.agreed.contains(&agreed)
                || keys.iter().any(is_new)
            {
                State::Replaced
            } else {
                State::Active
            };
        }
    }

    /// The keys that a new key displaces, as a person was shown. A server may report that only when the new key is
    /// used.
    fn displaced(&mut self, report: &Report) {
        for shown in &report.shown {
            let Some(plan) = &shown.plan else { continue };
            for promise in &mut self.promises {
                let name = self.names.get(&promise.guest).map_or("?", String::as_str);
                if plan.displaces.contains(&promise.key)
                    && shown.text.contains(name)
                    && promise.state == State::Active
                {
                    promise.state = State::Replaced;
                }
            }
        }
    }

    /// Another program made a key for a guest and a room: what it touched is its own business. A key is touched as a
    /// whole, with all its rooms.
    pub(crate) fn other_program(&mut self, guest: &str, room: &str) {
        let touched: BTreeSet<String> = self
            .promises
            .iter()
            .filter(|promise| promise.guest == guest || promise.room == room)
            .map(|promise| promise.key.clone())
            .collect();
        for promise in &mut self.promises {
            if touched.contains(&promise.key) {
                promise.state.excuse("another program");
            }
        }
        self.possible.push(Possible {
            guest: guest.to_owned(),
            room: room.to_owned(),
        });
    }

    /// Returns whether the guest has another promise for the room and time: two desks have changed one key.
    pub(crate) fn has_another(&self, promise: &Promise, is_valid: impl Fn(&str) -> bool) -> bool {
        self.promises.iter().any(|other| {
            other.key != promise.key
                && other.guest == promise.guest
                && other.room == promise.room
                && other.state == State::Active
                && other.start < promise.end
                && promise.start < other.end
                && is_valid(&other.key)
        })
    }

    /// Whether a guest may open a room now.
    pub(crate) fn may_open(&self, guest: &str, room: &str, now: DateTime<Utc>) -> bool {
        let late = TimeDelta::seconds(30);
        self.possible
            .iter()
            .any(|one| one.guest == guest && one.room == room)
            || self.promises.iter().any(|promise| {
                promise.guest == guest
                    && promise.room == room
                    && promise.is_at(now)
                    && !matches!(promise.state, State::Gone(at) if at + late < now)
            })
    }
}

pub(crate) fn kind(act: &Act) -> &'static str {
    match act {
        Act::Write(request) => match request {
            Request::Issue(_) => "issue",
            Request::ReturnGuest(_) => "return-guest",
            Request::Join(_) => "join",
            Request::Update(_) => "update",
            Request::Revoke(_) => "revoke",
        },
        Act::RecoverAll => "recover",
        Act::Undo => "undo",
        Act::Close => "close",
    }
}

//! Who holds what, as the simulated hotel itself has it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Workflow;
use crate::support::Hotel;

/// Everybody who may occur: the hotel's guests and those who come to it.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("Ada Lovelace", "ada@example.com"),
    ("Joan Clarke", "joan@example.com"),
    ("Jane Doe", "jane@example.com"),
    ("Grace Hopper", "grace@example.com"),
    ("Alan Turing", "alan@example.com"),
    ("Edsger Dijkstra", "edsger@example.com"),
    ("Barbara Liskov", "barbara@example.com"),
    ("Katherine Johnson", "katherine@example.com"),
    ("Donald Knuth", "donald@example.com"),
    ("Hedy Lamarr", "hedy@example.com"),
    ("Margaret Hamilton", "margaret@example.com"),
    ("Mary Shelley", "mary@example.com"),
    ("Jan de Vries", "jan1@example.com"),
    ("Jan de Vries", "jan2@example.com"),
];

/// The name of the guest with this e-mail.
pub(super) fn name_of(email: &str) -> &'static str {
    let found = NAMES.iter().find(|(_, known)| *known == email);
    found.unwrap().0
}

/// One key that opens doors now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    id: String,
    kind: Kind,
    doors: BTreeSet<String>,
    ends_at: String,
    synced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Mobile,
    Copy,
    Card,
}

/// What is so at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// By e-mail.
    held: BTreeMap<String, BTreeSet<Held>>,
    /// Guests with a phone that can take a key.
    phones: BTreeSet<String>,
    grants: BTreeSet<String>,
    users: BTreeSet<String>,
    identities: BTreeSet<String>,
    /// Every key but the copies that ever was.
    keys: BTreeSet<String>,
}

impl State {
    pub(super) fn of(hotel: &Hotel) -> State {
        let all = hotel.control("GET", "state", &Value::Null);
        let list = |name: &str| all[name].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let ids = |list_name: &str, id: &str| list(list_name).map(|one| text(&one[id])).collect();
        let door_names: BTreeMap<String, String> = list("entrances")
            .map(|door| (text(&door["acs_entrance_id"]), text(&door["display_name"])))
            .collect();
        let emails: BTreeMap<String, String> = list("users")
            .map(|user| (text(&user["acs_user_id"]), text(&user["email_address"])))
            .collect();
        let of_identity: BTreeMap<String, String> = list("user_identities")
            .map(|one| (text(&one["user_identity_id"]), text(&one["email_address"])))
            .collect();
        let now = text(&all["now"]);
        let mut held: BTreeMap<String, BTreeSet<Held>> = BTreeMap::new();
        for key in list("credentials").filter(|key| is_live(key, &now)) {
            let visionline = &key["visionline_metadata"];
            let doors = ["guest_acs_entrance_ids", "common_acs_entrance_ids"]
                .into_iter()
                .flat_map(|part| visionline[part].as_array().unwrap())
                .map(|door| door_names[door.as_str().unwrap()].clone());
            let kind = match (&key["parent_acs_credential_id"], &key["access_method"]) {
                (Value::String(_), _) => Kind::Copy,
                (_, Value::String(method)) if method == "mobile_key" => Kind::Mobile,
                _ => Kind::Card,
            };
            let one = Held {
                id: text(&key["acs_credential_id"]),
                kind,
                doors: doors.collect(),
                ends_at: text(&key["ends_at"]),
                synced: key["is_latest_desired_state_synced_with_provider"] == true,
            };
            let holder = &emails[key["acs_user_id"].as_str().unwrap()];
            held.entry(holder.clone()).or_default().insert(one);
        }
        // A key that is deleted is off the list, and told of.
        let events = |kind: &'static str| {
            list("events")
                .filter(move |event| event["event_type"] == kind)
                .map(|event| text(&event["acs_credential_id"]))
        };
        let copies: BTreeSet<String> = events("acs_credential.issued").collect();
        let all_keys = list("credentials")
            .map(|key| text(&key["acs_credential_id"]))
            .chain(events("acs_credential.deleted"))
            .filter(|id| !copies.contains(id));
        State {
            held,
            phones: list("phones")
                .map(|phone| of_identity[phone["user_identity_id"].as_str().unwrap()].clone())
                .collect(),
            grants: list("grants").map(ToString::to_string).collect(),
            users: ids("users", "acs_user_id"),
            identities: ids("user_identities", "user_identity_id"),
            keys: all_keys.collect(),
        }
    }

    fn of_guest(&self, guest: &str) -> BTreeSet<Held> {
        self.held.get(guest).cloned().unwrap_or_default()
    }

    /// Everybody else holds what they held.
    pub(super) fn spares_others(&self, before: &State, workflow: &Workflow) -> bool {
        let others = |state: &State| {
            let mut held = state.held.clone();
            held.retain(|guest, _| !workflow.guests.contains(&guest.as_str()));
            held
        };
        others(self) == others(before)
    }

    /// Exactly the keys that were promised, in place of those from before, on the guest's phone too where
    /// there is one; and everybody else has what they had.
    pub(super) fn keeps(&self, before: &State, workflow: &Workflow) -> bool {
        let mut guests = workflow.guests.iter();
        self.spares_others(before, workflow)
            && guests.all(|guest| self.is_promised(guest, &self.of_guest(guest), before, workflow))
    }

    /// The keys that were promised, beside those from before.
    pub(super) fn keeps_both(&self, before: &State, workflow: &Workflow) -> bool {
        let mut guests = workflow.guests.iter();
        self.spares_others(before, workflow)
            && guests.all(|guest| {
                let (now, old) = (self.of_guest(guest), before.of_guest(guest));
                let new = now.difference(&old).cloned().collect();
                old.is_subset(&now) && self.is_promised(guest, &new, before, workflow)
            })
    }

    fn is_promised(
        &self,
        guest: &str,
        held: &BTreeSet<Held>,
        before: &State,
        workflow: &Workflow,
    ) -> bool {
        let kinds: &[Kind] = if self.phones.contains(guest) {
            &[Kind::Mobile, Kind::Copy]
        } else {
            &[Kind::Mobile]
        };
        let mut wanted: Vec<(Kind, BTreeSet<String>)> = workflow
            .promised
            .iter()
            .flat_map(|doors| {
                let doors: BTreeSet<String> = doors.iter().map(|door| (*door).to_owned()).collect();
                kinds.iter().map(move |kind| (*kind, doors.clone()))
            })
            .collect();
        let mut is: Vec<_> = held
            .iter()
            .map(|key| (key.kind, key.doors.clone()))
            .collect();
        wanted.sort();
        is.sort();
        let old = before.of_guest(guest);
        wanted == is
            && held
                .iter()
                .all(|key| old.iter().all(|old| old.id != key.id))
    }

    /// Everybody holds what they held.
    pub(super) fn is_as(&self, before: &State) -> bool {
        self.held == before.held
    }

    /// Every key that is new has reached the lock system; where no phone can take it, that is not asked.
    pub(super) fn is_confirmed(&self, before: &State) -> bool {
        self.held.iter().all(|(guest, held)| {
            let new = held.iter().filter(|key| !before.keys.contains(&key.id));
            !self.phones.contains(guest) || new.into_iter().all(|key| key.synced)
        })
    }

    /// One of the guests has no key.
    pub(super) fn has_nothing(&self, workflow: &Workflow) -> bool {
        let mut guests = workflow.guests.iter();
        guests.any(|guest| self.of_guest(guest).is_empty())
    }

    /// A guest had a key, was to have one, and has none.
    pub(super) fn is_locked_out(&self, before: &State, workflow: &Workflow) -> bool {
        let mut guests = workflow.guests.iter();
        !workflow.promised.is_empty()
            && guests
                .any(|guest| !before.of_guest(guest).is_empty() && self.of_guest(guest).is_empty())
    }

    /// How many creates of a key took effect since.
    pub(super) fn keys_made(&self, before: &State) -> usize {
        self.keys.difference(&before.keys).count()
    }

    /// How often somebody was put on record since.
    pub(super) fn guests_made(&self, before: &State) -> usize {
        let users = self.users.difference(&before.users).count();
        let identities = self.identities.difference(&before.identities).count();
        users.max(identities)
    }
}

fn is_live(key: &Value, now: &str) -> bool {
    // Both are written alike, in UTC: text sorts as time does.
    let ended = key["ends_at"].as_str().is_some_and(|end| end <= now);
    let going = key["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|warning| warning["warning_code"] == "being_deleted");
    key["visionline_metadata"]["is_valid"] == true && !ended && !going
}

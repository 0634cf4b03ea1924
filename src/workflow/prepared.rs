//! What every write command comes to before its first write: a plan, or the word that it is already so.

use std::collections::BTreeSet;

use super::error::{Found, Refusal};
use super::facts::Facts;
pub(super) use super::party::{Party, parties, read_around};
use super::plan::{Access, Command, KeySpec, Plan, Ref, Steps};
use super::property::Property;
use super::record::Subject;
use crate::stay::key::{Key, Medium};
use crate::stay::{self, CardFormat, Label, RoomName, When, Window};

/// Something worth knowing that stops nothing. Codes are stable words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// For machines.
    pub code: String,
    /// For people.
    pub message: String,
}

/// A command, decided; nothing is written yet.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Which command.
    pub command: Command,
    /// The writes; `None` where everything is already as asked.
    pub plan: Option<Plan>,
    /// Ids of live keys that are as asked already.
    pub already: Vec<String>,
    /// What people should know.
    pub warnings: Vec<Warning>,
    /// How the command was understood, in lines for people.
    pub says: Vec<String>,
    /// What a person must agree to, as a question; `None` where nothing is replaced or revoked.
    pub asks: Option<String>,
}

impl Decided {
    /// Those who have what is asked already.
    pub fn holders(&self, facts: &Facts) -> Vec<Subject> {
        let keys = self.already.iter().filter_map(|id| facts.keys.get(id));
        keys.filter_map(|key| key.holder.clone())
            .map(Subject::Guest)
            .collect()
    }

    /// The keys that are as asked and that the lock system had not confirmed when they were read; with each,
    /// whether a phone is ready to take it.
    pub fn unconfirmed(&self, facts: &Facts) -> Vec<(String, Option<bool>)> {
        let keys = self.already.iter().filter_map(|id| facts.keys.get(id));
        keys.filter(|key| !key.is_confirmed() && !key.is_waiting())
            .map(|key| (key.id.clone(), facts.is_phone_ready(key)))
            .collect()
    }

    /// Nothing is to be said yet, and nothing to be done.
    pub(super) fn nothing(command: Command) -> Self {
        Self {
            command,
            plan: None,
            already: vec![],
            warnings: vec![],
            says: vec![],
            asks: None,
        }
    }
}

/// When a key holds, as typed.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// `--from`.
    pub from: Option<When>,
    /// `--until`.
    pub until: Option<When>,
    /// `--nights`.
    pub nights: Option<u32>,
}

impl Times {
    /// The window in the hotel's zone.
    pub fn window(&self, facts: &Facts) -> Result<Window, Refusal> {
        Ok(facts
            .time
            .window(self.from.as_ref(), self.until.as_ref(), self.nights)?)
    }
}

/// Doors, settled: ids of the rooms, ids of all, and the rooms' names.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    pub(super) rooms: BTreeSet<String>,
    pub(super) all: BTreeSet<String>,
    pub(super) names: Vec<RoomName>,
}

impl Doors {
    /// Exact matches on the doors of the system, within what a card of this format holds.
    pub(super) fn find(
        facts: &Facts,
        rooms: &[RoomName],
        also: &[String],
        format: CardFormat,
    ) -> Result<Self, Refusal> {
        let mut all = facts.room_ids(rooms)?;
        all.extend(facts.other_ids(also)?);
        Self::of(facts, all, format)
    }

    /// From ids known already.
    pub(super) fn of(
        facts: &Facts,
        all: BTreeSet<String>,
        format: CardFormat,
    ) -> Result<Self, Refusal> {
        let rooms = facts.rooms_of(&all);
        let names: Vec<RoomName> = facts
            .room_names(&rooms)
            .into_iter()
            .map(RoomName::new)
            .collect();
        stay::fits(format, &names, all.len() - rooms.len())?;
        Ok(Self { rooms, all, names })
    }

    pub(super) fn room_list(&self) -> String {
        self.names
            .iter()
            .map(RoomName::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// What all keys of one command share.
pub(super) struct Draft<'a> {
    pub(super) property: &'a Property,
    pub(super) doors: &'a Doors,
    pub(super) window: Window,
    pub(super) label: Option<&'a str>,
    pub(super) require_phone: bool,
}

impl Draft<'_> {
    /// A key of this draft for one guest; says where no phone is ready to take it.
    pub(super) fn spec(
        &self,
        facts: &Facts,
        party: &Party,
        guest: Ref,
        access: Access,
        warnings: &mut Vec<Warning>,
    ) -> Result<KeySpec, Refusal> {
        let phone_ready = match party {
            Party::Known(guest) => facts.phone_ready(guest),
            Party::New { .. } => Some(false),
        };
        if phone_ready == Some(false) {
            if self.require_phone {
                return Err(Refusal::PhoneNotReady {
                    guest: party.name().to_owned(),
                    loses: None,
                });
            }
            warnings.push(Warning {
                code: "phone_not_ready".to_owned(),
                message: format!(
                    "{}: the key arrives when the guest signs in to the app",
                    party.name()
                ),
            });
        }
        let label = self
            .label
            .or(self.property.label.as_deref())
            .unwrap_or(Label::DEFAULT)
            .to_owned();
        Ok(KeySpec {
            guest,
            system: facts.system.id.clone(),
            manager: facts.system.manager()?.to_owned(),
            doors: self.doors.all.clone(),
            window: self.window,
            label,
            format: self.property.format,
            access,
            phone_ready,
        })
    }

    /// A text that the vendor would cut is said before it is sent.
    pub(super) fn check_label(&self, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let Some(text) = self.label.or(self.property.label.as_deref()) else {
            return Ok(());
        };
        let label: Label = text.parse()?;
        if let Some(length) =
            label.likely_too_long(&self.doors.names, self.property.site.as_deref())
        {
            warnings.push(Warning {
                code: "label_cut".to_owned(),
                message: format!(
                    "the label comes to about {length} characters; the app shows the first 32"
                ),
            });
        }
        Ok(())
    }
}

impl Facts {
    /// A plan over these facts; what is on the rooms and guests now counts as seen.
    pub(super) fn plan(
        &self,
        command: Command,
        parties: &[Party],
        doors: &Doors,
        steps: Steps,
        displaces: Vec<String>,
    ) -> Plan {
        let of_guests = parties.iter().filter_map(Party::id);
        let of_guests = of_guests.flat_map(|guest| self.keys.ids_of(guest));
        let at_rooms = doors.rooms.iter().flat_map(|door| self.keys.ids_at(door));
        let seen = of_guests.chain(at_rooms).cloned().collect();
        Plan {
            command,
            system: self.system.id.clone(),
            guests: parties
                .iter()
                .filter_map(Party::id)
                .map(str::to_owned)
                .collect(),
            rooms: doors.names.iter().map(ToString::to_string).collect(),
            room_doors: doors.rooms.clone(),
            steps: steps.into_vec(),
            seen,
            displaces,
        }
    }

    /// The guest's live keys, one for all the phones.
    pub(super) fn live_of(&self, guest: &str) -> Vec<&Key> {
        self.keys.live_of(guest, self.now())
    }

    /// The guest's live keys in a phone.
    pub(super) fn live_mobile_of(&self, guest: &str) -> Vec<&Key> {
        self.live_of(guest)
            .into_iter()
            .filter(|key| key.medium == Medium::Mobile)
            .collect()
    }

    /// Several keys as a finding: a few words and the id of each.
    pub(super) fn found(&self, keys: &[&Key]) -> Found {
        if keys.is_empty() {
            return Found::None;
        }
        Found::Many(
            keys.iter()
                .map(|key| (self.brief(key).to_string(), key.id.clone()))
                .collect(),
        )
    }
}

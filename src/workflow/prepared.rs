//! The result of a write command's decision: a plan, or the finding that everything is already as requested.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::error::{Error, Found, Refusal};
use super::facts::Facts;
pub(super) use super::party::{Party, parties, read_around};
use super::plan::{Access, Bystander, Command, KeySpec, Plan, Ref, Steps};
use super::property::Property;
use super::record::Subject;
use crate::stay::decide::{OwnKey, Wanted, own_key};
use crate::stay::key::{Key, Medium};
use crate::stay::{self, CardFormat, Label, RoomName, Span, When, Window};

/// Information that people should know but that does not stop the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A stable code, for programs.
    pub code: String,
    /// A message, for people.
    pub message: String,
}

/// The decision of a command. Nothing has been written yet.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The command.
    pub command: Command,
    /// The writes, or `None` if everything is already as requested.
    pub plan: Option<Plan>,
    /// The ids of live keys that are already as requested.
    pub already: Vec<String>,
    /// The warnings for people.
    pub warnings: Vec<Warning>,
    /// How the command was understood, in lines for people.
    pub says: Vec<String>,
    /// What a person must agree to, or `None` if nobody loses anything and nobody is let in.
    pub asks: Option<Question>,
}

/// A question that a person must answer before anything is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The keys in question, one line each, with the question as the last line.
    pub lines: Vec<String>,
    /// Whether the command continues if nobody can be asked. This is the case only if it takes nothing away from
    /// anybody.
    pub optional: bool,
}

impl Question {
    /// Returns a question that must be answered. Each section has a heading and a list of keys. Sections without keys
    /// are left out.
    pub(super) fn about(facts: &Facts, sections: &[(&str, &[&Key])], question: &str) -> Self {
        let mut lines = vec![];
        for (heading, keys) in sections.iter().filter(|(_, keys)| !keys.is_empty()) {
            lines.push((*heading).to_owned());
            lines.extend(keys.iter().map(|key| format!("  {}", facts.brief(key))));
        }
        lines.push(question.to_owned());
        Self {
            lines,
            optional: false,
        }
    }
}

/// The live keys that a plan affects.
#[derive(Debug, Default)]
pub(super) struct Touches<'a> {
    /// Keys that an override makes invalid.
    pub(super) displaces: Vec<&'a Key>,
    /// Keys that the plan removes after the new key works.
    pub(super) removes: Vec<&'a Key>,
    /// Keys that the service may replace although the plan does not remove them.
    pub(super) at_risk: Vec<&'a Key>,
}

impl<'a> Touches<'a> {
    /// Returns all these keys, each once.
    pub(super) fn all(&self) -> Vec<&'a Key> {
        let mut found: Vec<&Key> = vec![];
        for key in self
            .displaces
            .iter()
            .chain(&self.removes)
            .chain(&self.at_risk)
        {
            if !found.iter().any(|known| known.id == key.id) {
                found.push(key);
            }
        }
        found
    }

    /// Adds a guest's mobile keys, which a new mobile key may replace. Keys that overlap the new key are removed after
    /// it works. The others are left to the service.
    pub(super) fn add_own(&mut self, own: impl IntoIterator<Item = &'a Key>, window: Window) {
        for key in own {
            if key.span().overlaps(window.into()) {
                self.removes.push(key);
            } else {
                self.at_risk.push(key);
            }
        }
    }
}

/// The values from which a plan is made.
pub(super) struct PlanParts<'a> {
    pub(super) command: Command,
    pub(super) parties: &'a [Party],
    pub(super) doors: &'a Doors,
    /// The ids of the rooms that the guest leaves.
    pub(super) leaves: &'a BTreeSet<String>,
    pub(super) steps: Steps,
    pub(super) touches: Touches<'a>,
    pub(super) arrival: Option<NaiveDate>,
}

impl Decided {
    /// Returns the guests who already have what was requested.
    pub fn holders(&self, facts: &Facts) -> Vec<Subject> {
        let keys = self.already.iter().filter_map(|id| facts.keys.get(id));
        keys.filter_map(|key| key.holder.clone())
            .map(Subject::Guest)
            .collect()
    }

    /// Returns the keys that are already as requested but were not confirmed by the lock system when they were read.
    /// The flag of each key says whether a phone is ready to receive it.
    pub fn unconfirmed(&self, facts: &Facts) -> Vec<(String, Option<bool>)> {
        let keys = self.already.iter().filter_map(|id| facts.keys.get(id));
        keys.filter(|key| !key.is_confirmed() && !key.is_waiting())
            .map(|key| (key.id.clone(), facts.is_phone_ready(key)))
            .collect()
    }

    /// Adds a warning if a stranger has a newer key for the same room and time as a key that is already as requested,
    /// or as a key to join. The service may report both keys as valid. The lock still refuses the older key and all
    /// keys that joined it once the newer one has been used.
    pub(super) fn warn_of_newer_keys(&mut self, facts: &Facts) {
        let as_asked = self.already.iter().filter_map(|id| facts.keys.get(id));
        let mut depends: Vec<(&Key, Span, Option<&String>)> = as_asked
            .map(|key| (key, key.span(), key.holder.as_ref()))
            .collect();
        let mut ended = BTreeSet::new();
        if let Some(plan) = &self.plan {
            ended.extend(plan.displaces.iter().cloned());
            ended.extend(plan.removes().cloned());
            for (_, spec) in plan.specs() {
                let Access::Joiner(joined) = &spec.access else {
                    continue;
                };
                let joined = joined.iter().filter_map(Ref::known);
                let joined = joined.filter_map(|id| facts.keys.get(id));
                depends.extend(joined.map(|key| (key, spec.window.into(), spec.guest.known())));
            }
        }
        let guests: BTreeSet<&String> = depends.iter().filter_map(|depends| depends.2).collect();
        let mut warned = BTreeSet::new();
        for (key, span, _) in &depends {
            let stay = facts.keys.linked(&key.id);
            let rooms = facts.rooms_of(&key.doors);
            // A newer key that is no longer valid may have been used at the lock.
            let ids: BTreeSet<&String> = rooms
                .iter()
                .flat_map(|room| facts.keys.ids_at(room))
                .collect();
            let newer = ids
                .into_iter()
                .filter_map(|id| facts.keys.get(id))
                .filter(|key| {
                    key.parent.is_none()
                        && (key.is_live(facts.now()) || key.is_displaced(facts.now()))
                });
            for newer in newer {
                let is_known = newer.holder == key.holder
                    || newer
                        .holder
                        .as_ref()
                        .is_some_and(|holder| guests.contains(holder));
                if !is_known
                    && !stay.contains(&newer.id)
                    && !ended.contains(&newer.id)
                    && newer.span().overlaps(*span)
                    && newer.created_at > key.created_at
                    && warned.insert(newer.id.clone())
                {
                    self.warnings.push(Warning {
                        code: "newer_key_on_room".to_owned(),
                        message: format!(
                            "{} has a newer key than {} for the same room and time ({}); when it is used, the older \
                             key and those that share with it stop working",
                            facts.name_of(newer.holder.as_deref()),
                            facts.name_of(key.holder.as_deref()),
                            facts.brief(newer),
                        ),
                    });
                }
            }
        }
    }

    /// Returns a decision without a plan, warnings or text.
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

/// The time in which a key works, as typed.
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
    /// Returns the window in the hotel's zone.
    pub fn window(&self, facts: &Facts) -> Result<Window, Refusal> {
        Ok(facts
            .time
            .window(self.from.as_ref(), self.until.as_ref(), self.nights)?)
    }
}

/// The doors of a command: ids of the rooms, ids of all doors, and the rooms' names.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    pub(super) rooms: BTreeSet<String>,
    pub(super) all: BTreeSet<String>,
    pub(super) names: Vec<RoomName>,
}

impl Doors {
    /// Finds the doors with these names in the system. Refuses a name that is not found, and more doors than a card of
    /// this format holds.
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

    /// Returns the doors with these ids. Refuses more doors than a card of this format holds.
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

/// Reads all doors of the guests' live keys if a requested door is of a category that keys may not list. Whether a
/// guest already has the requested key depends on it.
pub(super) async fn read_unlisted(
    client: &crate::seam::Client,
    facts: &mut Facts,
    parties: &[Party],
    doors: &Doors,
) -> Result<(), Error> {
    let is_listed = |id: &String| facts.door(id).is_some_and(|door| door.category.is_listed());
    if doors.all.iter().all(is_listed) {
        return Ok(());
    }
    let own = parties.iter().filter_map(Party::id);
    let own: Vec<String> = own
        .flat_map(|guest| facts.live_mobile_of(guest))
        .map(|key| key.id.clone())
        .collect();
    facts.read_doors(client, &own).await
}

/// The values that all keys of one command share.
pub(super) struct Draft<'a> {
    pub(super) property: &'a Property,
    pub(super) doors: &'a Doors,
    pub(super) window: Window,
    pub(super) label: Option<&'a str>,
    pub(super) require_phone: bool,
}

impl Draft<'_> {
    /// Returns how the guest's own keys affect a key of this draft.
    pub(super) fn own_key<'a>(&self, facts: &'a Facts, party: &Party) -> OwnKey<'a> {
        let wanted = Wanted {
            guest: party.id(),
            rooms: &self.doors.rooms,
            doors: &self.doors.all,
            window: self.window,
        };
        own_key(&facts.keys, &wanted, facts.now())
    }

    /// Returns the key of this draft for one guest. Adds a warning if no phone is ready to receive it.
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

    /// Checks the label. Adds a warning if Visionline would truncate it.
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
                    "the label has about {length} characters; the app shows the first 32"
                ),
            });
        }
        Ok(())
    }
}

impl Facts {
    /// Returns the business date on which the stay begins: the date of these keys if they are known to belong to the
    /// stay, otherwise the date of the new key.
    pub(super) fn arrival(&self, stay: &[&Key], window: Window) -> Option<NaiveDate> {
        let starts = self.time.business_date_of(window.starts_at);
        Some(
            self.arrival_of(stay)
                .map_or(starts, |known| known.min(starts)),
        )
    }

    /// Returns the plan of a command. All keys that are now at its rooms or belong to its guests count as seen. Every
    /// live key there that the plan does not affect is a bystander.
    pub(super) fn plan(&self, parts: PlanParts<'_>) -> Plan {
        let PlanParts {
            command,
            parties,
            doors,
            leaves,
            steps,
            touches,
            arrival,
        } = parts;
        let guests: Vec<&str> = parties.iter().filter_map(Party::id).collect();
        let rooms: BTreeSet<&String> = doors.rooms.iter().chain(leaves).collect();
        let of_guests = guests.iter().flat_map(|guest| self.keys.ids_of(guest));
        let at_rooms = rooms.iter().flat_map(|door| self.keys.ids_at(door));
        let seen = of_guests.chain(at_rooms).cloned().collect();
        let ids =
            |keys: &[&Key]| -> BTreeSet<String> { keys.iter().map(|key| key.id.clone()).collect() };
        let (displaces, removes, at_risk) = (
            ids(&touches.displaces),
            ids(&touches.removes),
            ids(&touches.at_risk),
        );
        let touched = |key: &Key| {
            [&displaces, &removes, &at_risk]
                .iter()
                .any(|ids| ids.contains(&key.id))
        };
        let own = guests.iter().flat_map(|guest| self.live_of(guest));
        let mut bystanders: Vec<&Key> = self
            .keys
            .live_at_any(rooms.iter().copied(), self.now())
            .into_iter()
            .chain(own)
            .filter(|key| !touched(key))
            .collect();
        bystanders.sort_by(|a, b| a.id.cmp(&b.id));
        bystanders.dedup_by(|a, b| a.id == b.id);
        let has_access = |guest: &&&str| {
            let own = self.live_of(guest);
            own.iter().any(|key| key.is_current(self.now()))
        };
        Plan {
            command,
            system: self.system.id.clone(),
            rooms: doors.names.iter().map(ToString::to_string).collect(),
            room_doors: doors.rooms.clone(),
            steps: steps.into_vec(),
            seen,
            displaces: displaces.into_iter().collect(),
            at_risk,
            bystanders: bystanders.into_iter().map(Bystander::from).collect(),
            harmed: vec![],
            had_access: guests
                .iter()
                .filter(has_access)
                .map(ToString::to_string)
                .collect(),
            guests: guests.into_iter().map(str::to_owned).collect(),
            arrival,
            planned_at: Some(self.known_at),
        }
    }

    /// Returns the guest's live keys. A multi-phone key is returned once, without its copies.
    pub(super) fn live_of(&self, guest: &str) -> Vec<&Key> {
        self.keys.live_of(guest, self.now())
    }

    /// Returns the guest's live mobile keys.
    pub(super) fn live_mobile_of(&self, guest: &str) -> Vec<&Key> {
        self.live_of(guest)
            .into_iter()
            .filter(|key| key.medium == Medium::Mobile)
            .collect()
    }

    /// Returns the refusal for several stays.
    pub(super) fn several_stays(
        &self,
        command: &'static str,
        rooms: String,
        stays: &[Vec<&Key>],
    ) -> Refusal {
        let briefs = |stay: &Vec<&Key>| stay.iter().map(|key| self.brief(key)).collect();
        Refusal::SeveralStays {
            command,
            rooms,
            stays: stays.iter().map(briefs).collect(),
        }
    }

    /// Returns several keys as the result of a search: a short description and the id of each.
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

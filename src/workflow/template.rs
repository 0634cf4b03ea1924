//! The parts from which the commands build their keys and plans.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::hotel::decide::{OwnKey, Wanted, own_key};
use crate::hotel::key::Key;
use crate::hotel::refusal::{Refusal, Warning};
use crate::hotel::{self, CardFormat, Label, RoomName, When, Window};
use crate::operation::decision::Summary;
use crate::operation::plan::{Access, Bystander, Command, KeySpec, Plan, Ref, Steps};
use crate::snapshot::error::Error;
use crate::snapshot::hotel_snapshot::HotelSnapshot;
use crate::snapshot::profile::HotelProfile;
pub(crate) use crate::workflow::recipient::{Recipient, read_around, recipients};

/// The live keys that a plan affects.
#[derive(Debug, Default)]
pub(crate) struct Touches<'a> {
    /// Keys that an override makes invalid.
    pub(crate) displaces: Vec<&'a Key>,
    /// Keys that the plan removes after the new key works.
    pub(crate) removes: Vec<&'a Key>,
    /// Keys that the service may replace although the plan does not remove them.
    pub(crate) at_risk: Vec<&'a Key>,
}

impl<'a> Touches<'a> {
    /// Returns all these keys, each once.
    pub(crate) fn all(&self) -> Vec<&'a Key> {
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
    pub(crate) fn add_own(&mut self, own: impl IntoIterator<Item = &'a Key>, window: Window) {
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
pub(crate) struct PlanParts<'a> {
    pub(crate) command: Command,
    pub(crate) recipients: &'a [Recipient],
    pub(crate) doors: &'a Doors,
    /// The ids of the rooms that the guest leaves.
    pub(crate) leaves: &'a BTreeSet<String>,
    pub(crate) steps: Steps,
    pub(crate) touches: Touches<'a>,
    pub(crate) arrival: Option<NaiveDate>,
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
    pub fn window(&self, snapshot: &HotelSnapshot) -> Result<Window, Refusal> {
        Ok(snapshot
            .time
            .window(self.from.as_ref(), self.until.as_ref(), self.nights)?)
    }
}

/// The doors of a command: ids of the rooms, ids of all doors, and the rooms' names.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    pub(crate) rooms: BTreeSet<String>,
    pub(crate) all: BTreeSet<String>,
    pub(crate) names: Vec<RoomName>,
}

impl Doors {
    /// Finds the doors with these names in the system. Refuses a name that is not found, and more doors than a card of
    /// this format holds.
    pub(crate) fn find(
        snapshot: &HotelSnapshot,
        rooms: &[RoomName],
        also: &[String],
        format: CardFormat,
    ) -> Result<Self, Refusal> {
        let mut all = snapshot.room_ids(rooms)?;
        all.extend(snapshot.other_ids(also)?);
        Self::of(snapshot, all, format)
    }

    /// Returns the doors with these ids. Refuses more doors than a card of this format holds.
    pub(crate) fn of(
        snapshot: &HotelSnapshot,
        all: BTreeSet<String>,
        format: CardFormat,
    ) -> Result<Self, Refusal> {
        let rooms = snapshot.rooms_of(&all);
        let names: Vec<RoomName> = snapshot
            .room_names(&rooms)
            .into_iter()
            .map(RoomName::new)
            .collect();
        hotel::fits(format, &names, all.len() - rooms.len())?;
        Ok(Self { rooms, all, names })
    }

    /// Returns the summary of new keys for these guests.
    pub(crate) fn new_keys(&self, recipients: &[Recipient], window: Window) -> Summary {
        let names = recipients.iter().map(Recipient::name);
        Summary::NewKeys {
            rooms: self.names.iter().map(ToString::to_string).collect(),
            guests: names.map(str::to_owned).collect(),
            window,
            joins: vec![],
        }
    }

    pub(crate) fn room_list(&self) -> String {
        self.names
            .iter()
            .map(RoomName::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Reads all doors of the guests' live keys if a requested door is of a category that keys may not list. Whether a
/// guest already has the requested key depends on it.
pub(crate) async fn read_unlisted(
    client: &crate::seam::Client,
    snapshot: &mut HotelSnapshot,
    recipients: &[Recipient],
    doors: &Doors,
) -> Result<(), Error> {
    let is_listed = |id: &String| {
        snapshot
            .door(id)
            .is_some_and(|door| door.category.is_listed())
    };
    if doors.all.iter().all(is_listed) {
        return Ok(());
    }
    let own = recipients.iter().filter_map(Recipient::id);
    let own: Vec<String> = own
        .flat_map(|guest| snapshot.live_mobile_of(guest))
        .map(|key| key.id.clone())
        .collect();
    snapshot.read_doors(client, &own).await
}

/// The values that all keys of one command share.
pub(crate) struct KeyTemplate<'a> {
    pub(crate) profile: &'a HotelProfile,
    pub(crate) doors: &'a Doors,
    pub(crate) window: Window,
    pub(crate) label: Option<&'a str>,
    pub(crate) require_phone: bool,
}

impl KeyTemplate<'_> {
    /// Returns how the guest's own keys affect a key of this draft.
    pub(crate) fn own_key<'a>(
        &self,
        snapshot: &'a HotelSnapshot,
        recipient: &Recipient,
    ) -> OwnKey<'a> {
        let wanted = Wanted {
            guest: recipient.id(),
            rooms: &self.doors.rooms,
            doors: &self.doors.all,
            window: self.window,
        };
        own_key(&snapshot.keys, &wanted, snapshot.now())
    }

    /// Returns the key of this draft for one guest. Adds a warning if no phone is ready to receive it.
    pub(crate) fn spec(
        &self,
        snapshot: &HotelSnapshot,
        recipient: &Recipient,
        guest: Ref,
        access: Access,
        warnings: &mut Vec<Warning>,
    ) -> Result<KeySpec, Refusal> {
        let phone_ready = match recipient {
            Recipient::Known(guest) => snapshot.phone_ready(guest),
            Recipient::New { .. } => Some(false),
        };
        if phone_ready == Some(false) {
            if self.require_phone {
                return Err(Refusal::PhoneNotReady {
                    guest: recipient.name().to_owned(),
                    loses: None,
                });
            }
            warnings.push(Warning {
                code: "phone_not_ready".to_owned(),
                message: format!(
                    "{}: the key arrives when the guest signs in to the app",
                    recipient.name()
                ),
            });
        }
        let label = self
            .label
            .or(self.profile.label.as_deref())
            .unwrap_or(Label::DEFAULT)
            .to_owned();
        Ok(KeySpec {
            guest,
            system: snapshot.system.id.clone(),
            manager: snapshot.system.manager()?.to_owned(),
            doors: self.doors.all.clone(),
            window: self.window,
            label,
            format: self.profile.format,
            access,
            phone_ready,
        })
    }

    /// Checks the label. Adds a warning if Visionline would truncate it.
    pub(crate) fn check_label(&self, warnings: &mut Vec<Warning>) -> Result<(), Refusal> {
        let Some(text) = self.label.or(self.profile.label.as_deref()) else {
            return Ok(());
        };
        let label: Label = text.parse()?;
        if let Some(length) = label.likely_too_long(&self.doors.names, self.profile.site.as_deref())
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

impl HotelSnapshot {
    /// Returns the business date on which the stay begins: the date of these keys if they are known to belong to the
    /// stay, otherwise the date of the new key.
    pub(crate) fn arrival(&self, stay: &[&Key], window: Window) -> Option<NaiveDate> {
        let starts = self.time.business_date_of(window.starts_at);
        Some(
            self.arrival_of(stay)
                .map_or(starts, |known| known.min(starts)),
        )
    }

    /// Returns the plan of a command. All keys that are now at its rooms or belong to its guests count as seen. Every
    /// live key there that the plan does not affect is a bystander.
    pub(crate) fn plan(&self, parts: PlanParts<'_>) -> Plan {
        let PlanParts {
            command,
            recipients,
            doors,
            leaves,
            steps,
            touches,
            arrival,
        } = parts;
        let guests: Vec<&str> = recipients.iter().filter_map(Recipient::id).collect();
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
}

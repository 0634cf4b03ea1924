//! The records of the hotel. The objects of the API, which are built from them, are in `wire`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sandbox::id::Id;
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::lock::{Generation, Window};
use super::table::Row;
use super::wire_time;

/// The hotel, its two systems, and the API keys of its clients.
#[derive(Serialize, Deserialize)]
pub(in crate::sandbox) struct Property {
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) time_zone: String,
    pub(in crate::sandbox) opened_at: DateTime<Utc>,
    pub(in crate::sandbox) workspace: Id,
    pub(in crate::sandbox) organization: Id,
    pub(in crate::sandbox) system: Id,
    pub(in crate::sandbox) system_account: Id,
    pub(in crate::sandbox) manager: Id,
    pub(in crate::sandbox) manager_account: Id,
    pub(in crate::sandbox) api_key: String,
    pub(in crate::sandbox) personal_access_token: String,
}

/// Visionline's categories of doors.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) enum Category {
    #[serde(rename = "guest")]
    Guest,
    #[serde(rename = "common")]
    Common,
    #[serde(rename = "common (PMS)")]
    CommonPms,
    #[serde(rename = "entrance")]
    Entrance,
    #[serde(rename = "elevator reader")]
    Elevator,
}

#[derive(Serialize, Deserialize)]
pub(in crate::sandbox) struct Door {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) category: Category,
    pub(in crate::sandbox) mobile: bool,
    pub(in crate::sandbox) created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct User {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) system: Id,
    pub(in crate::sandbox) identity: Option<Id>,
    pub(in crate::sandbox) full_name: String,
    pub(in crate::sandbox) email: Option<String>,
    pub(in crate::sandbox) phone: Option<String>,
    pub(in crate::sandbox) schedule: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    pub(in crate::sandbox) suspended: bool,
    #[serde(default)]
    pub(in crate::sandbox) remark: Option<Remark>,
    pub(in crate::sandbox) created_at: DateTime<Utc>,
}

/// The access system's remark on a user, which is an error or warning code of the service. No key of such a user
/// reaches the lock system.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sandbox) enum Remark {
    DeletedExternally,
    FailedToCreateOnAcsSystem,
    BeingDeleted,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Identity {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) key: Option<String>,
    pub(in crate::sandbox) full_name: Option<String>,
    pub(in crate::sandbox) email: Option<String>,
    pub(in crate::sandbox) phone: Option<String>,
    pub(in crate::sandbox) created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Phone {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) identity: Id,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) ios: bool,
    pub(in crate::sandbox) endpoint: String,
    pub(in crate::sandbox) active: bool,
    pub(in crate::sandbox) created_at: DateTime<Utc>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::sandbox) enum Method {
    Card,
    MobileKey,
}

/// The parameters of a create that no answer repeats.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::sandbox) struct Asked {
    #[serde(rename = "override")]
    pub(in crate::sandbox) overrides: bool,
    pub(in crate::sandbox) card_format: Option<String>,
    pub(in crate::sandbox) label: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about a key"
)]
pub(in crate::sandbox) struct Credential {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) user: Option<Id>,
    pub(in crate::sandbox) parent: Option<Id>,
    /// The phone that a copy is on.
    pub(in crate::sandbox) device: Option<Id>,
    pub(in crate::sandbox) method: Method,
    pub(in crate::sandbox) multi_phone: bool,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) doors: Vec<Id>,
    pub(in crate::sandbox) joined: Vec<Id>,
    pub(in crate::sandbox) auto_join: Option<bool>,
    pub(in crate::sandbox) staff: bool,
    pub(in crate::sandbox) starts_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) ends_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) created_at: DateTime<Utc>,
    pub(in crate::sandbox) valid: bool,
    /// When the change reaches the lock system, or `None` if no change is under way.
    pub(in crate::sandbox) sync_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) never_syncs: bool,
    /// Whether the service moved the start from the past to the present.
    pub(in crate::sandbox) moved: bool,
    pub(in crate::sandbox) card_number: Option<String>,
    /// When the deletion completes, for a credential that is being deleted.
    pub(in crate::sandbox) gone_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) asked: Asked,
    /// The origin of the key's rights at guest doors: its own generation, or those of the keys that it joins.
    #[serde(default)]
    pub(in crate::sandbox) generations: Vec<Generation>,
    /// The window on the phone while a newer one is on its way.
    #[serde(default)]
    pub(in crate::sandbox) held: Option<Window>,
}

impl Credential {
    pub(in crate::sandbox) fn window(&self) -> Window {
        Window {
            start: self.starts_at,
            end: self.ends_at,
        }
    }

    /// Returns the window on the phone or card at `now`, or `None` if the key is not on any.
    pub(in crate::sandbox) fn window_there(&self, now: DateTime<Utc>) -> Option<Window> {
        let there = match self.method {
            Method::Card => self.card_number.is_some(),
            Method::MobileKey => {
                self.device.is_some()
                    && !self.never_syncs
                    && self.sync_at.is_some_and(|at| at <= now)
            }
        };
        if there {
            Some(self.window())
        } else {
            self.held
        }
    }

    /// Changes the end of the key. The change reaches the phone at `sync_at`.
    pub(in crate::sandbox) fn lengthen(
        &mut self,
        ends_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        sync_at: DateTime<Utc>,
    ) {
        self.held = self.window_there(now);
        self.ends_at = ends_at;
        // Only a key that is in the lock system has a change to follow.
        self.sync_at = self.sync_at.map(|_| sync_at);
    }
}

/// An event. It has the same form on disk as in an answer.
#[derive(Deserialize)]
#[serde(from = "WireEvent")]
pub(in crate::sandbox) struct Event {
    pub(in crate::sandbox) id: Id,
    pub(in crate::sandbox) kind: Cow<'static, str>,
    pub(in crate::sandbox) workspace: Id,
    pub(in crate::sandbox) at: DateTime<Utc>,
    /// The ids of the objects that the event is about, by the names of their fields.
    pub(in crate::sandbox) about: Box<[(Cow<'static, str>, Id)]>,
}

impl Event {
    pub(in crate::sandbox) fn about(&self, name: &str) -> Option<Id> {
        let found = self.about.iter().find(|(field, _)| field == name);
        found.map(|(_, id)| *id)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = wire_time(self.at);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_id", &self.id)?;
        map.serialize_entry("event_type", &self.kind)?;
        map.serialize_entry("workspace_id", &self.workspace)?;
        map.serialize_entry("created_at", &at)?;
        map.serialize_entry("occurred_at", &at)?;
        for (name, id) in &self.about {
            map.serialize_entry(name, id)?;
        }
        map.end()
    }
}

#[derive(Deserialize)]
struct WireEvent {
    event_id: Id,
    event_type: String,
    workspace_id: Id,
    occurred_at: DateTime<Utc>,
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

impl From<WireEvent> for Event {
    fn from(event: WireEvent) -> Self {
        let about = event.others.into_iter();
        Self {
            id: event.event_id,
            kind: event.event_type.into(),
            workspace: event.workspace_id,
            at: event.occurred_at,
            about: about
                .filter_map(|(name, text)| Some((name.into(), Id::parse(&text)?)))
                .collect(),
        }
    }
}

impl Row for Door {
    fn id(&self) -> Id {
        self.id
    }
}

impl Row for User {
    fn id(&self) -> Id {
        self.id
    }
}

impl Row for Identity {
    fn id(&self) -> Id {
        self.id
    }
}

impl Row for Phone {
    fn id(&self) -> Id {
        self.id
    }
}

impl Row for Credential {
    fn id(&self) -> Id {
        self.id
    }
}

//! What the hotel keeps on record. These are not the wire's objects: see `wire`.

use crate::sandbox::id::Id;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::table::Row;

/// The two systems and what authenticates a client.
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

/// The makers' own classes of doors.
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
    pub(in crate::sandbox) created_at: DateTime<Utc>,
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

/// What a create asked for and no answer ever repeats.
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
    /// The phone a child lives on.
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
    /// When the lock system has it; unset while nothing is under way.
    pub(in crate::sandbox) sync_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) never_syncs: bool,
    /// The start was moved out of the past.
    pub(in crate::sandbox) moved: bool,
    pub(in crate::sandbox) card_number: Option<String>,
    /// When a credential that is being deleted is gone.
    pub(in crate::sandbox) gone_at: Option<DateTime<Utc>>,
    pub(in crate::sandbox) asked: Asked,
}

#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
pub(in crate::sandbox) struct Event {
    pub(in crate::sandbox) event_id: Id,
    pub(in crate::sandbox) event_type: String,
    pub(in crate::sandbox) workspace_id: Id,
    pub(in crate::sandbox) created_at: String,
    pub(in crate::sandbox) occurred_at: String,
    /// The ids of what it is about.
    #[serde(flatten)]
    pub(in crate::sandbox) about: Map<String, Value>,
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

//! Events: `/events`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::ids::{AcsCredentialId, AcsSystemId};
use super::retry::Class;
use super::wire::{self, Timestamp};

const LIST: Operation = Operation::new("/events/list", Class::Read);

/// The number of events after which the API cuts a list off. The list has no pages (vendor's schema).
pub const LIST_LIMIT: usize = 500;

/// The type of the event that tells that a key is gone. The API has no event for a new key.
pub const CREDENTIAL_DELETED: &str = "acs_credential.deleted";

/// An event: the API's `event`.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// When it happened.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// The key that the event is about.
    #[serde(default)]
    pub acs_credential_id: Option<AcsCredentialId>,
}

/// Parameters of `/events/list`.
#[derive(Clone, Debug, Serialize)]
pub struct List {
    /// Only events at or after this time, UTC.
    #[serde(serialize_with = "wire::zulu")]
    pub since: DateTime<Utc>,
    /// Only events of this type.
    pub event_type: &'static str,
    /// Only events of this access system.
    pub acs_system_id: AcsSystemId,
}

/// Returns the events that match `request`, at most [`LIST_LIMIT`] of them (`/events/list`).
pub async fn list(client: &Client, request: &List) -> Result<Reply<Vec<Event>>, Error> {
    client.call(LIST, request, "events").await
}

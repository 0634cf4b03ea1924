//! Keys: `/acs/credentials`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::entrances::AcsEntrance;
use super::error::Error;
use super::ids::{AcsCredentialId, AcsEntranceId, AcsSystemId, AcsUserId};
use super::page;
use super::retry::Class;
use super::wire::{self, Remark, Timestamp};

/// `/acs/credentials/create`.
pub const CREATE: Operation = Operation::new("/acs/credentials/create", Class::Create);
/// `/acs/credentials/delete`. It is safe to repeat.
pub const DELETE: Operation = Operation::new("/acs/credentials/delete", Class::Repeatable);
const GET: Operation = Operation::new("/acs/credentials/get", Class::Read);
const LIST: Operation = Operation::new("/acs/credentials/list", Class::Read);
const LIST_ENTRANCES: Operation =
    Operation::new("/acs/credentials/list_accessible_entrances", Class::Read);

/// A key: the API's `acs_credential`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsCredential {
    /// The id of the key.
    pub acs_credential_id: AcsCredentialId,
    /// The access system that the key belongs to.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// The user (guest) who holds the key.
    #[serde(default)]
    pub acs_user_id: Option<AcsUserId>,
    /// For a copy on one phone: the multi-phone key that it was copied from.
    #[serde(default)]
    pub parent_acs_credential_id: Option<AcsCredentialId>,
    /// `mobile_key`, `card`, `code` or `cloud_key`. The API may add others.
    #[serde(default)]
    pub access_method: Option<String>,
    /// When the key was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When the key starts to work.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// When the key stops working.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// Whether the lock system has the key as Seam has it. `None` means that this is not known.
    #[serde(default)]
    pub is_latest_desired_state_synced_with_provider: Option<bool>,
    /// Errors on the key.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// Warnings on the key.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
    /// The properties that only Visionline keys have.
    #[serde(default)]
    pub visionline_metadata: Option<Visionline>,
}

/// `visionline_metadata` of a key. The API never returns `override`, `card_format` and `label`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Visionline {
    /// The guest doors that the key opens.
    #[serde(default, deserialize_with = "wire::list")]
    pub guest_acs_entrance_ids: Vec<AcsEntranceId>,
    /// The common doors that the key opens.
    #[serde(default, deserialize_with = "wire::list")]
    pub common_acs_entrance_ids: Vec<AcsEntranceId>,
    /// False if the key was overridden, discarded, cancelled or overwritten. An absent value does not mean `true`.
    #[serde(default)]
    pub is_valid: Option<bool>,
    /// The keys that this key was joined to.
    #[serde(default, deserialize_with = "wire::list")]
    pub joiner_acs_credential_ids: Vec<AcsCredentialId>,
}

/// Parameters of `/acs/credentials/create`.
#[derive(Clone, Debug, Serialize)]
pub struct Create {
    /// The guest who gets the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_user_id: Option<AcsUserId>,
    /// `mobile_key` for all keys that roomkey creates.
    pub access_method: String,
    /// Whether the key is copied to each of the guest's phones. Visionline mobile keys need this (vendor's guide).
    pub is_multi_phone_sync_credential: bool,
    /// The credential manager: the ASSA ABLOY credential service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_manager_acs_system_id: Option<AcsSystemId>,
    /// The doors that the key opens.
    pub allowed_acs_entrance_ids: Vec<AcsEntranceId>,
    /// When the key starts to work, UTC.
    #[serde(serialize_with = "wire::zulu")]
    pub starts_at: DateTime<Utc>,
    /// When the key stops working, UTC.
    #[serde(serialize_with = "wire::zulu")]
    pub ends_at: DateTime<Utc>,
    /// The properties that only Visionline keys have.
    pub visionline_metadata: VisionlineMetadata,
}

/// `visionline_metadata` of a new key. The names are those of the schema. The vendor's guides have other names
/// (`cardFormat`, `is_override_key`, `joiners`), which a server that ignores unknown names would drop.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VisionlineMetadata {
    /// `rfid48` or `TLCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_format: Option<String>,
    /// The label. The vendor's guide has this field, the schema does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether earlier keys on the guest doors become invalid.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub r#override: Option<bool>,
    /// The keys that the new key shares the room with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joiner_acs_credential_ids: Option<Vec<AcsCredentialId>>,
}

/// Parameters of `/acs/credentials/list`. Each one narrows the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct List {
    /// Only keys of this user (guest).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_user_id: Option<AcsUserId>,
    /// Only keys of this access system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_system_id: Option<AcsSystemId>,
    /// `true`: only multi-phone keys, without their copies on phones and without cards. `false`: only the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_multi_phone_sync_credential: Option<bool>,
}

/// Creates a key (`/acs/credentials/create`).
pub async fn create(client: &Client, request: &Create) -> Result<Reply<AcsCredential>, Error> {
    client.call(CREATE, request, "acs_credential").await
}

/// Returns a key by its id (`/acs/credentials/get`).
pub async fn get(client: &Client, id: &AcsCredentialId) -> Result<Reply<AcsCredential>, Error> {
    client
        .call(GET, &json!({ "acs_credential_id": id }), "acs_credential")
        .await
}

/// Returns the keys that match `request`, from all pages (`/acs/credentials/list`).
pub async fn list(client: &Client, request: &List) -> Result<Reply<Vec<AcsCredential>>, Error> {
    page::all(client, LIST, request, "acs_credentials").await
}

/// Calls `found` with each key that matches `request`, and reads at most `at_most` pages (`/acs/credentials/list`). For
/// lists that are too long to keep in memory. Returns true if the list ended within these pages.
pub async fn each(
    client: &Client,
    request: &List,
    at_most: usize,
    found: impl FnMut(AcsCredential),
) -> Result<bool, Error> {
    let read = page::each(client, LIST, request, "acs_credentials", at_most, found).await?;
    Ok(read.value)
}

/// Deletes a key, and with a multi-phone key its copies (`/acs/credentials/delete`). The API accepts the deletion
/// before the lock system carries it out.
pub async fn delete(client: &Client, id: &AcsCredentialId) -> Result<Reply<()>, Error> {
    client
        .call_ok(DELETE, &json!({ "acs_credential_id": id }))
        .await
}

/// Returns the doors that a key opens (`/acs/credentials/list_accessible_entrances`). The list has no pages.
pub async fn list_accessible_entrances(
    client: &Client,
    id: &AcsCredentialId,
) -> Result<Reply<Vec<AcsEntrance>>, Error> {
    client
        .call(
            LIST_ENTRANCES,
            &json!({ "acs_credential_id": id }),
            "acs_entrances",
        )
        .await
}

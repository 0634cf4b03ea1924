//! `/acs/credentials`: keys.

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
/// `/acs/credentials/delete`; safe to repeat.
pub const DELETE: Operation = Operation::new("/acs/credentials/delete", Class::Repeatable);
const GET: Operation = Operation::new("/acs/credentials/get", Class::Read);
const LIST: Operation = Operation::new("/acs/credentials/list", Class::Read);
const LIST_ENTRANCES: Operation =
    Operation::new("/acs/credentials/list_accessible_entrances", Class::Read);

/// `acs_credential`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsCredential {
    /// Its id.
    pub acs_credential_id: AcsCredentialId,
    /// Its system.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// Its holder.
    #[serde(default)]
    pub acs_user_id: Option<AcsUserId>,
    /// The multi-phone key that this is one phone's copy of.
    #[serde(default)]
    pub parent_acs_credential_id: Option<AcsCredentialId>,
    /// `mobile_key`, `card`, `code`, `cloud_key`; an open set.
    #[serde(default)]
    pub access_method: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// First instant.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// Last instant.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    /// The lock system has it as Seam has it; `None` is "not known".
    #[serde(default)]
    pub is_latest_desired_state_synced_with_provider: Option<bool>,
    /// What is wrong with it.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// What is worth knowing.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
    /// What Visionline says of it.
    #[serde(default)]
    pub visionline_metadata: Option<Visionline>,
}

/// `acs_credential.visionline_metadata`. `override`, `card_format` and `label` are never echoed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Visionline {
    /// Guest doors.
    #[serde(default, deserialize_with = "wire::list")]
    pub guest_acs_entrance_ids: Vec<AcsEntranceId>,
    /// Common doors.
    #[serde(default, deserialize_with = "wire::list")]
    pub common_acs_entrance_ids: Vec<AcsEntranceId>,
    /// Not overridden, discarded, cancelled or overwritten. Absent is not `true`.
    #[serde(default)]
    pub is_valid: Option<bool>,
    /// What it was joined to.
    #[serde(default, deserialize_with = "wire::list")]
    pub joiner_acs_credential_ids: Vec<AcsCredentialId>,
}

/// Parameters of `/acs/credentials/create`.
#[derive(Clone, Debug, Serialize)]
pub struct Create {
    /// The holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_user_id: Option<AcsUserId>,
    /// `mobile_key`.
    pub access_method: String,
    /// One key with a copy for each phone; needed for Visionline mobile keys (vendor's guide).
    pub is_multi_phone_sync_credential: bool,
    /// The ASSA ABLOY credential service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_manager_acs_system_id: Option<AcsSystemId>,
    /// The doors.
    pub allowed_acs_entrance_ids: Vec<AcsEntranceId>,
    /// First instant, UTC.
    #[serde(serialize_with = "wire::zulu")]
    pub starts_at: DateTime<Utc>,
    /// Last instant, UTC.
    #[serde(serialize_with = "wire::zulu")]
    pub ends_at: DateTime<Utc>,
    /// What Visionline is told.
    pub visionline_metadata: VisionlineMetadata,
}

/// `visionline_metadata` of a create: the schema's names and not those of the vendor's guides (`cardFormat`,
/// `is_override_key`, `joiners`), which a server that ignores unknown keys would drop.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VisionlineMetadata {
    /// `rfid48` or `TLCode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_format: Option<String>,
    /// In the guide and not in the schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Earlier keys on the guest doors become invalid.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub r#override: Option<bool>,
    /// Keys to share with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joiner_acs_credential_ids: Option<Vec<AcsCredentialId>>,
}

/// Parameters of `/acs/credentials/list`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct List {
    /// Of this holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_user_id: Option<AcsUserId>,
    /// Of this system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_system_id: Option<AcsSystemId>,
    /// Multi-phone keys alone, without their copies on phones and without cards; or all but those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_multi_phone_sync_credential: Option<bool>,
}

/// `/acs/credentials/create`.
pub async fn create(client: &Client, request: &Create) -> Result<Reply<AcsCredential>, Error> {
    client.call(CREATE, request, "acs_credential").await
}

/// `/acs/credentials/get`.
pub async fn get(client: &Client, id: &AcsCredentialId) -> Result<Reply<AcsCredential>, Error> {
    client
        .call(GET, &json!({ "acs_credential_id": id }), "acs_credential")
        .await
}

/// `/acs/credentials/list`, all pages.
pub async fn list(client: &Client, request: &List) -> Result<Reply<Vec<AcsCredential>>, Error> {
    page::all(client, LIST, request, "acs_credentials").await
}

/// `/acs/credentials/list`, page by page and `at_most` so many pages: for lists too long to keep. Whether that was all.
pub async fn each(
    client: &Client,
    request: &List,
    at_most: usize,
    found: impl FnMut(AcsCredential),
) -> Result<bool, Error> {
    let read = page::each(client, LIST, request, "acs_credentials", at_most, found).await?;
    Ok(read.value)
}

/// `/acs/credentials/delete`: with a multi-phone key go its copies. Accepted is not yet gone.
pub async fn delete(client: &Client, id: &AcsCredentialId) -> Result<Reply<()>, Error> {
    client
        .call_ok(DELETE, &json!({ "acs_credential_id": id }))
        .await
}

/// `/acs/credentials/list_accessible_entrances`. Not paginated.
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

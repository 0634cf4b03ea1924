//! `/acs/entrances`: doors.

use serde::Deserialize;
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::credentials::AcsCredential;
use super::error::Error;
use super::ids::{AcsEntranceId, AcsSystemId, AcsUserId};
use super::page;
use super::retry::Class;
use super::wire;

const LIST: Operation = Operation::new("/acs/entrances/list", Class::Read);
const LIST_CREDENTIALS: Operation =
    Operation::new("/acs/entrances/list_credentials_with_access", Class::Read);
/// `/acs/entrances/grant_access`; safe to repeat.
pub const GRANT_ACCESS: Operation =
    Operation::new("/acs/entrances/grant_access", Class::Repeatable);

/// `acs_entrance`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsEntrance {
    /// Its id.
    pub acs_entrance_id: AcsEntranceId,
    /// Its system.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// Its name: the room's number, for a guest door.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Whether a mobile key can open it.
    #[serde(default)]
    pub can_unlock_with_mobile_key: Option<bool>,
    /// What Visionline says of it.
    #[serde(default)]
    pub visionline_metadata: Option<Visionline>,
}

/// `acs_entrance.visionline_metadata`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Visionline {
    /// Visionline's own name.
    #[serde(default)]
    pub door_name: Option<String>,
    /// `guest`, `common`, `common (PMS)`, `entrance`, `elevator reader`; an open set.
    #[serde(default)]
    pub door_category: Option<String>,
    /// Ways in.
    #[serde(default, deserialize_with = "wire::list")]
    pub profiles: Vec<Profile>,
}

/// One of `visionline_metadata.profiles`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Profile {
    /// `BLE`, `commonDoor`, `touch`; an open set.
    #[serde(default)]
    pub visionline_door_profile_type: Option<String>,
}

/// `/acs/entrances/list`, all pages.
pub async fn list(client: &Client) -> Result<Reply<Vec<AcsEntrance>>, Error> {
    page::all(client, LIST, &json!({ "limit": 900 }), "acs_entrances").await
}

/// `/acs/entrances/grant_access`: the user may open this door, by whatever key.
pub async fn grant_access(
    client: &Client,
    acs_entrance_id: &AcsEntranceId,
    acs_user_id: &AcsUserId,
) -> Result<Reply<()>, Error> {
    let body = json!({ "acs_entrance_id": acs_entrance_id, "acs_user_id": acs_user_id });
    client.call_ok(GRANT_ACCESS, &body).await
}

/// `/acs/entrances/list_credentials_with_access`: all credentials on record at the door, also those that Visionline
/// calls invalid. Not paginated.
pub async fn list_credentials_with_access(
    client: &Client,
    acs_entrance_id: &AcsEntranceId,
) -> Result<Reply<Vec<AcsCredential>>, Error> {
    let body = json!({ "acs_entrance_id": acs_entrance_id });
    client
        .call(LIST_CREDENTIALS, &body, "acs_credentials")
        .await
}

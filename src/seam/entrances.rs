//! Doors: `/acs/entrances`.

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
/// `/acs/entrances/grant_access`. It is safe to repeat.
pub const GRANT_ACCESS: Operation =
    Operation::new("/acs/entrances/grant_access", Class::Repeatable);

/// A door: the API's `acs_entrance`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsEntrance {
    /// The id of the door.
    pub acs_entrance_id: AcsEntranceId,
    /// The access system that the door belongs to.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// The name of the door. For a guest door this is the room number.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Whether a mobile key can open the door.
    #[serde(default)]
    pub can_unlock_with_mobile_key: Option<bool>,
    /// The properties that only Visionline doors have.
    #[serde(default)]
    pub visionline_metadata: Option<Visionline>,
}

/// `visionline_metadata` of a door.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Visionline {
    /// The name of the door in Visionline.
    #[serde(default)]
    pub door_name: Option<String>,
    /// `guest`, `common`, `common (PMS)`, `entrance` or `elevator reader`. The API may add others.
    #[serde(default)]
    pub door_category: Option<String>,
    /// The ways to open the door.
    #[serde(default, deserialize_with = "wire::list")]
    pub profiles: Vec<Profile>,
}

/// One of `visionline_metadata.profiles` of a door.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Profile {
    /// `BLE`, `commonDoor` or `touch`. The API may add others.
    #[serde(default)]
    pub visionline_door_profile_type: Option<String>,
}

/// Returns all doors, from all pages (`/acs/entrances/list`).
pub async fn list(client: &Client) -> Result<Reply<Vec<AcsEntrance>>, Error> {
    page::all(client, LIST, &json!({ "limit": 900 }), "acs_entrances").await
}

/// Grants a user access to a door, with any of the user's keys (`/acs/entrances/grant_access`).
pub async fn grant_access(
    client: &Client,
    acs_entrance_id: &AcsEntranceId,
    acs_user_id: &AcsUserId,
) -> Result<Reply<()>, Error> {
    let body = json!({ "acs_entrance_id": acs_entrance_id, "acs_user_id": acs_user_id });
    client.call_ok(GRANT_ACCESS, &body).await
}

/// Returns all credentials that the API has for a door, including those that Visionline reports as invalid
/// (`/acs/entrances/list_credentials_with_access`). The list has no pages.
pub async fn list_credentials_with_access(
    client: &Client,
    acs_entrance_id: &AcsEntranceId,
) -> Result<Reply<Vec<AcsCredential>>, Error> {
    let body = json!({ "acs_entrance_id": acs_entrance_id });
    client
        .call(LIST_CREDENTIALS, &body, "acs_credentials")
        .await
}

//! Access systems and credential managers: `/acs/systems`.

use serde::Deserialize;
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::ids::AcsSystemId;
use super::retry::Class;
use super::wire::{self, Remark};

const LIST: Operation = Operation::new("/acs/systems/list", Class::Read);
const LIST_MANAGERS: Operation = Operation::new(
    "/acs/systems/list_compatible_credential_manager_acs_systems",
    Class::Read,
);

/// An access system or a credential manager: the API's `acs_system`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsSystem {
    /// The id of the system.
    pub acs_system_id: AcsSystemId,
    /// The name of the system.
    #[serde(default)]
    pub name: Option<String>,
    /// `visionline_system`, `assa_abloy_credential_service`, and others. The API may add more.
    #[serde(default)]
    pub external_type: Option<String>,
    /// True for a credential manager, which holds mobile keys and has no doors.
    #[serde(default)]
    pub is_credential_manager: Option<bool>,
    /// The credential manager that applies if the settings name none.
    #[serde(default)]
    pub default_credential_manager_acs_system_id: Option<AcsSystemId>,
    /// The place of the system.
    #[serde(default)]
    pub location: Option<Location>,
    /// Errors that keep the system from working.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// Warnings on the system.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
}

/// The place of a system: `location` of the API's `acs_system`.
#[derive(Clone, Debug, Deserialize)]
pub struct Location {
    /// The time zone, as an IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// Returns all systems (`/acs/systems/list`). The list has no pages.
pub async fn list(client: &Client) -> Result<Reply<Vec<AcsSystem>>, Error> {
    client.call(LIST, &json!({}), "acs_systems").await
}

/// Returns the credential managers that work with an access system
/// (`/acs/systems/list_compatible_credential_manager_acs_systems`).
pub async fn list_compatible_credential_manager_acs_systems(
    client: &Client,
    acs_system_id: &AcsSystemId,
) -> Result<Reply<Vec<AcsSystem>>, Error> {
    client
        .call(
            LIST_MANAGERS,
            &json!({ "acs_system_id": acs_system_id }),
            "acs_systems",
        )
        .await
}

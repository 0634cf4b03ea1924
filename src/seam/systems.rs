//! `/acs/systems`: access systems and credential managers.

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

/// `acs_system`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsSystem {
    /// Its id.
    pub acs_system_id: AcsSystemId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// `visionline_system`, `assa_abloy_credential_service`, …; an open set.
    #[serde(default)]
    pub external_type: Option<String>,
    /// It keeps mobile keys and has no doors.
    #[serde(default)]
    pub is_credential_manager: Option<bool>,
    /// The credential manager to take where none is named.
    #[serde(default)]
    pub default_credential_manager_acs_system_id: Option<AcsSystemId>,
    /// Where it is.
    #[serde(default)]
    pub location: Option<Location>,
    /// What keeps it from working.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// What may.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
}

/// `acs_system.location`.
#[derive(Clone, Debug, Deserialize)]
pub struct Location {
    /// IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// `/acs/systems/list`. Not paginated.
pub async fn list(client: &Client) -> Result<Reply<Vec<AcsSystem>>, Error> {
    client.call(LIST, &json!({}), "acs_systems").await
}

/// `/acs/systems/list_compatible_credential_manager_acs_systems`.
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

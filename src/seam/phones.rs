//! `/phones`: guests' phones with the hotel's app.

use serde::Deserialize;
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::ids::{DeviceId, UserIdentityId};
use super::retry::Class;

const LIST: Operation = Operation::new("/phones/list", Class::Read);
const CREATE_SANDBOX_PHONE: Operation =
    Operation::new("/phones/simulate/create_sandbox_phone", Class::Create);

/// `phone`.
#[derive(Clone, Debug, Deserialize)]
pub struct Phone {
    /// Its id.
    pub device_id: DeviceId,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    properties: Option<Properties>,
}

#[derive(Clone, Debug, Deserialize)]
struct Properties {
    #[serde(default)]
    assa_abloy_credential_service_metadata: Option<CredentialService>,
}

#[derive(Clone, Debug, Deserialize)]
struct CredentialService {
    #[serde(default)]
    has_active_endpoint: Option<bool>,
}

impl Phone {
    /// It can take a mobile key. Read under `properties`: the guides' path, without it, does not exist.
    pub fn has_active_endpoint(&self) -> bool {
        let service = self
            .properties
            .as_ref()
            .and_then(|p| p.assa_abloy_credential_service_metadata.as_ref());
        service.and_then(|service| service.has_active_endpoint) == Some(true)
    }
}

/// `/phones/list`. Not paginated.
pub async fn list(
    client: &Client,
    owner: Option<&UserIdentityId>,
) -> Result<Reply<Vec<Phone>>, Error> {
    let body = match owner {
        Some(owner) => json!({ "owner_user_identity_id": owner }),
        None => json!({}),
    };
    client.call(LIST, &body, "phones").await
}

/// `/phones/simulate/create_sandbox_phone`: only in a sandbox workspace.
pub async fn create_sandbox_phone(
    client: &Client,
    owner: &UserIdentityId,
) -> Result<Reply<Phone>, Error> {
    client
        .call(
            CREATE_SANDBOX_PHONE,
            &json!({ "user_identity_id": owner }),
            "phone",
        )
        .await
}

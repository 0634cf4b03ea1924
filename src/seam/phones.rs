//! Guests' phones with the hotel's app: `/phones`.

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

/// A phone: the API's `phone`.
#[derive(Clone, Debug, Deserialize)]
pub struct Phone {
    /// The id of the phone.
    pub device_id: DeviceId,
    /// The name of the phone, for people.
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
    /// Returns true if the phone can receive a mobile key. The API has the field under `properties`; the vendor's
    /// guides name a path without it, which does not exist.
    pub fn has_active_endpoint(&self) -> bool {
        let service = self
            .properties
            .as_ref()
            .and_then(|p| p.assa_abloy_credential_service_metadata.as_ref());
        service.and_then(|service| service.has_active_endpoint) == Some(true)
    }
}

/// Returns the phones in the workspace or, with `owner`, of one guest (`/phones/list`). The list has no pages.
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

/// Creates a simulated phone (`/phones/simulate/create_sandbox_phone`). The API allows this only in a sandbox
/// workspace.
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

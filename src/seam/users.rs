//! `/acs/users`: guests, as one access system knows them.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::ids::{AcsSystemId, AcsUserId, UserIdentityId};
use super::page;
use super::retry::Class;
use super::wire::{self, Remark};

/// `/acs/users/get`.
pub const GET: Operation = Operation::new("/acs/users/get", Class::Read);
const LIST: Operation = Operation::new("/acs/users/list", Class::Read);
/// `/acs/users/create`.
pub const CREATE: Operation = Operation::new("/acs/users/create", Class::Create);
/// `/acs/users/revoke_access_to_all_entrances`; safe to repeat.
pub const REVOKE_ACCESS_TO_ALL_ENTRANCES: Operation = Operation::new(
    "/acs/users/revoke_access_to_all_entrances",
    Class::Repeatable,
)
.one_at_a_time(); // One that arrives after the new key was made would take that away too.

/// `acs_user`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsUser {
    /// Its id.
    pub acs_user_id: AcsUserId,
    /// Its system.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// The guest in the workspace.
    #[serde(default)]
    pub user_identity_id: Option<UserIdentityId>,
    /// For people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// As given to the access system.
    #[serde(default)]
    pub full_name: Option<String>,
    /// As given to the access system.
    #[serde(default)]
    pub email_address: Option<String>,
    /// As given to the access system; E.164.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// As known in the workspace.
    #[serde(default)]
    pub user_identity_full_name: Option<String>,
    /// As known in the workspace.
    #[serde(default)]
    pub user_identity_email_address: Option<String>,
    /// As known in the workspace.
    #[serde(default)]
    pub user_identity_phone_number: Option<String>,
    /// The access system lets the user in nowhere.
    #[serde(default)]
    pub is_suspended: Option<bool>,
    /// Why the access system does not have the user as asked.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// What may be wrong.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
}

/// Parameters of `/acs/users/list`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct List {
    /// Of this system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_system_id: Option<AcsSystemId>,
    /// Of this identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
    /// Whose identity has this e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_email_address: Option<String>,
    /// Whose identity has this phone number; E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_phone_number: Option<String>,
    /// Part of a name, e-mail, phone number or id. Does not match the e-mail address of the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// Parameters of `/acs/users/create`.
#[derive(Clone, Debug, Serialize)]
pub struct Create {
    /// In this system.
    pub acs_system_id: AcsSystemId,
    /// The guest's name.
    pub full_name: String,
    /// The guest in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
}

/// `/acs/users/get`.
pub async fn get(client: &Client, acs_user_id: &AcsUserId) -> Result<Reply<AcsUser>, Error> {
    client
        .call(GET, &json!({ "acs_user_id": acs_user_id }), "acs_user")
        .await
}

/// `/acs/users/list`, all pages.
pub async fn list(client: &Client, request: &List) -> Result<Reply<Vec<AcsUser>>, Error> {
    page::all(client, LIST, request, "acs_users").await
}

/// `/acs/users/list`, page by page and `at_most` so many pages: for lists too long to keep. Whether that was all.
pub async fn each(
    client: &Client,
    request: &List,
    at_most: usize,
    found: impl FnMut(AcsUser),
) -> Result<bool, Error> {
    let read = page::each(client, LIST, request, "acs_users", at_most, found).await?;
    Ok(read.value)
}

/// `/acs/users/create`.
pub async fn create(client: &Client, request: &Create) -> Result<Reply<AcsUser>, Error> {
    client.call(CREATE, request, "acs_user").await
}

/// `/acs/users/revoke_access_to_all_entrances`: everything granted to the user. Whether it touches keys
/// is not documented (SEAM.md 7, trap 5).
pub async fn revoke_access_to_all_entrances(
    client: &Client,
    acs_user_id: &AcsUserId,
) -> Result<Reply<()>, Error> {
    client
        .call_ok(
            REVOKE_ACCESS_TO_ALL_ENTRANCES,
            &json!({ "acs_user_id": acs_user_id }),
        )
        .await
}

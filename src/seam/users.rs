//! Guests in one access system: `/acs/users`.

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
/// `/acs/users/revoke_access_to_all_entrances`. It is safe to repeat.
pub const REVOKE_ACCESS_TO_ALL_ENTRANCES: Operation = Operation::new(
    "/acs/users/revoke_access_to_all_entrances",
    Class::Repeatable,
)
.one_at_a_time(); // A request that arrives after the new key was made would revoke that key too.

/// A guest in one access system: the API's `acs_user`.
#[derive(Clone, Debug, Deserialize)]
pub struct AcsUser {
    /// The id of the user.
    pub acs_user_id: AcsUserId,
    /// The access system that the user belongs to.
    #[serde(default)]
    pub acs_system_id: Option<AcsSystemId>,
    /// The id of the guest in the workspace.
    #[serde(default)]
    pub user_identity_id: Option<UserIdentityId>,
    /// The name, for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The name in the access system.
    #[serde(default)]
    pub full_name: Option<String>,
    /// The e-mail address in the access system.
    #[serde(default)]
    pub email_address: Option<String>,
    /// The phone number in the access system, in E.164 form.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// The name in the workspace.
    #[serde(default)]
    pub user_identity_full_name: Option<String>,
    /// The e-mail address in the workspace.
    #[serde(default)]
    pub user_identity_email_address: Option<String>,
    /// The phone number in the workspace, in E.164 form.
    #[serde(default)]
    pub user_identity_phone_number: Option<String>,
    /// True if the access system denies the user every door.
    #[serde(default)]
    pub is_suspended: Option<bool>,
    /// Errors that keep the access system from having the user as requested.
    #[serde(default, deserialize_with = "wire::list")]
    pub errors: Vec<Remark>,
    /// Warnings on the user.
    #[serde(default, deserialize_with = "wire::list")]
    pub warnings: Vec<Remark>,
}

/// Parameters of `/acs/users/list`. Each one narrows the list.
#[derive(Clone, Debug, Default, Serialize)]
pub struct List {
    /// Only users of this access system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acs_system_id: Option<AcsSystemId>,
    /// Only users of this guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
    /// Only users whose identity has this e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_email_address: Option<String>,
    /// Only users whose identity has this phone number, in E.164 form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_phone_number: Option<String>,
    /// Only users with this text in a name, e-mail address, phone number or id. The e-mail address of the identity is
    /// not searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

/// Parameters of `/acs/users/create`.
#[derive(Clone, Debug, Serialize)]
pub struct Create {
    /// The access system to create the user in.
    pub acs_system_id: AcsSystemId,
    /// The guest's name.
    pub full_name: String,
    /// The id of the guest in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_id: Option<UserIdentityId>,
}

/// Returns a user by its id (`/acs/users/get`).
pub async fn get(client: &Client, acs_user_id: &AcsUserId) -> Result<Reply<AcsUser>, Error> {
    client
        .call(GET, &json!({ "acs_user_id": acs_user_id }), "acs_user")
        .await
}

/// Returns the users that match `request`, from all pages (`/acs/users/list`).
pub async fn list(client: &Client, request: &List) -> Result<Reply<Vec<AcsUser>>, Error> {
    page::all(client, LIST, request, "acs_users").await
}

/// Calls `found` with each user that matches `request`, and reads at most `at_most` pages (`/acs/users/list`). For
/// lists that are too long to keep in memory. Returns true if the list ended within these pages.
pub async fn each(
    client: &Client,
    request: &List,
    at_most: usize,
    found: impl FnMut(AcsUser),
) -> Result<bool, Error> {
    let read = page::each(client, LIST, request, "acs_users", at_most, found).await?;
    Ok(read.value)
}

/// Creates a user (`/acs/users/create`).
pub async fn create(client: &Client, request: &Create) -> Result<Reply<AcsUser>, Error> {
    client.call(CREATE, request, "acs_user").await
}

/// Revokes every access that was granted to the user (`/acs/users/revoke_access_to_all_entrances`). The vendor does not
/// document whether this affects keys (SEAM.md 7, trap 5).
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

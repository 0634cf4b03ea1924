//! Guests in the workspace, to whom phones belong: `/user_identities`.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::ids::{AcsSystemId, AcsUserId, UserIdentityId};
use super::page;
use super::retry::Class;
use super::wire;

/// `/user_identities/create`.
pub const CREATE: Operation = Operation::new("/user_identities/create", Class::Create);
const GET: Operation = Operation::new("/user_identities/get", Class::Read);
const LIST: Operation = Operation::new("/user_identities/list", Class::Read);

/// A guest in the workspace: the API's `user_identity`.
#[derive(Clone, Debug, Deserialize)]
pub struct UserIdentity {
    /// The id of the user identity.
    pub user_identity_id: UserIdentityId,
    /// The guest's name.
    #[serde(default)]
    pub full_name: Option<String>,
    /// The hotel's own number for the guest. It is unique in the workspace.
    #[serde(default)]
    pub user_identity_key: Option<String>,
    /// The guest's e-mail address. It is unique in the workspace.
    #[serde(default)]
    pub email_address: Option<String>,
    /// The guest's phone number in E.164 form. It is unique in the workspace.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// The keys of identities that were merged into this one. Each of them still leads to it.
    #[serde(default, deserialize_with = "wire::list")]
    pub merged_user_identity_keys: Vec<String>,
    /// The ids of this guest in access systems.
    #[serde(default, deserialize_with = "wire::list")]
    pub acs_user_ids: Vec<AcsUserId>,
}

/// Parameters of `/user_identities/create`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Create {
    /// The guest's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// The guest's e-mail address. It must be unique in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// The guest's phone number in E.164 form. It must be unique in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The hotel's own number for the guest. It must be unique in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_key: Option<String>,
    /// The access systems in which the API also creates a user.
    pub acs_system_ids: Vec<AcsSystemId>,
}

#[derive(Default, Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity_ids: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<&'a str>,
}

/// Creates a user identity (`/user_identities/create`).
pub async fn create(client: &Client, request: &Create) -> Result<Reply<UserIdentity>, Error> {
    client.call(CREATE, request, "user_identity").await
}

/// Returns a user identity by its key (`/user_identities/get`). The key of a merged identity returns the identity that
/// it was merged into, which has another id.
pub async fn get_by_key(client: &Client, key: &str) -> Result<Reply<UserIdentity>, Error> {
    client
        .call(GET, &json!({ "user_identity_key": key }), "user_identity")
        .await
}

/// Calls `found` with each user identity, and reads at most `at_most` pages (`/user_identities/list`). For lists that
/// are too long to keep in memory. Returns true if the list ended within these pages.
pub async fn each(
    client: &Client,
    at_most: usize,
    found: impl FnMut(UserIdentity),
) -> Result<bool, Error> {
    let all = List::default();
    let read = page::each(client, LIST, &all, "user_identities", at_most, found).await?;
    Ok(read.value)
}

/// Returns the user identities that match `search`, or all of them, from all pages (`/user_identities/list`).
pub async fn list(
    client: &Client,
    search: Option<&str>,
) -> Result<Reply<Vec<UserIdentity>>, Error> {
    let found = List {
        search,
        ..List::default()
    };
    page::all(client, LIST, &found, "user_identities").await
}

/// Returns the user identities with these ids, from all pages (`/user_identities/list`).
pub async fn list_these(
    client: &Client,
    ids: &[String],
) -> Result<Reply<Vec<UserIdentity>>, Error> {
    let these = List {
        user_identity_ids: Some(ids),
        ..List::default()
    };
    page::all(client, LIST, &these, "user_identities").await
}

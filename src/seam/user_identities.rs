//! `/user_identities`: guests in the workspace; phones belong to them.

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

/// `user_identity`.
#[derive(Clone, Debug, Deserialize)]
pub struct UserIdentity {
    /// Its id.
    pub user_identity_id: UserIdentityId,
    /// The guest's name.
    #[serde(default)]
    pub full_name: Option<String>,
    /// Unique in the workspace.
    #[serde(default)]
    pub user_identity_key: Option<String>,
    /// Unique in the workspace.
    #[serde(default)]
    pub email_address: Option<String>,
    /// Unique in the workspace; E.164.
    #[serde(default)]
    pub phone_number: Option<String>,
    /// Keys of identities that were merged into this one; each still leads to it.
    #[serde(default, deserialize_with = "wire::list")]
    pub merged_user_identity_keys: Vec<String>,
    /// Its users in access systems.
    #[serde(default, deserialize_with = "wire::list")]
    pub acs_user_ids: Vec<AcsUserId>,
}

/// Parameters of `/user_identities/create`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Create {
    /// The guest's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Unique in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// Unique in the workspace; E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Unique in the workspace: the number that the hotel's own system has for the guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_key: Option<String>,
    /// A user is made in each.
    pub acs_system_ids: Vec<AcsSystemId>,
}

#[derive(Default, Serialize)]
struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity_ids: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<&'a str>,
}

/// `/user_identities/create`.
pub async fn create(client: &Client, request: &Create) -> Result<Reply<UserIdentity>, Error> {
    client.call(CREATE, request, "user_identity").await
}

/// `/user_identities/get`, by key. The key of a merged identity leads to the one it was merged into, which has
/// another id.
pub async fn get_by_key(client: &Client, key: &str) -> Result<Reply<UserIdentity>, Error> {
    client
        .call(GET, &json!({ "user_identity_key": key }), "user_identity")
        .await
}

/// `/user_identities/list`, page by page and `at_most` so many pages: for lists too long to keep. Whether that was all.
pub async fn each(
    client: &Client,
    at_most: usize,
    found: impl FnMut(UserIdentity),
) -> Result<bool, Error> {
    let all = List::default();
    let read = page::each(client, LIST, &all, "user_identities", at_most, found).await?;
    Ok(read.value)
}

/// `/user_identities/list`, all pages.
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

/// `/user_identities/list` of these ids, all pages.
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

//! The workspace that the API key belongs to: `/workspaces`.

use serde::Deserialize;
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::retry::Class;

const GET: Operation = Operation::new("/workspaces/get", Class::Read);

/// A workspace: the API's `workspace`.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    /// The id of the workspace.
    pub workspace_id: String,
    /// The name of the workspace.
    #[serde(default)]
    pub name: Option<String>,
    /// True for a sandbox, which has no real doors.
    #[serde(default)]
    pub is_sandbox: Option<bool>,
    /// True for a sandbox that was not used for two weeks.
    #[serde(default)]
    pub is_suspended: Option<bool>,
}

/// Returns the workspace that the API key belongs to (`/workspaces/get`).
pub async fn get(client: &Client) -> Result<Reply<Workspace>, Error> {
    client.call(GET, &json!({}), "workspace").await
}

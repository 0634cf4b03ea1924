//! `/workspaces`: what the API key belongs to.

use serde::Deserialize;
use serde_json::json;

use super::call::{Operation, Reply};
use super::client::Client;
use super::error::Error;
use super::retry::Class;

const GET: Operation = Operation::new("/workspaces/get", Class::Read);

/// `workspace`.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub workspace_id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// No real doors.
    #[serde(default)]
    pub is_sandbox: Option<bool>,
    /// A sandbox unused for two weeks.
    #[serde(default)]
    pub is_suspended: Option<bool>,
}

/// `/workspaces/get`.
pub async fn get(client: &Client) -> Result<Reply<Workspace>, Error> {
    client.call(GET, &json!({}), "workspace").await
}

//! Credentials for Seam, and the HTTP headers that carry them.

use super::secret::Secret;

/// Credentials for one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// The API key in `SEAM_API_KEY`. It belongs to one workspace.
    ApiKey(Secret),
    /// The personal access token in `SEAM_PERSONAL_ACCESS_TOKEN`, with `SEAM_WORKSPACE_ID`.
    PersonalAccessToken {
        /// The token.
        token: Secret,
        /// The workspace, which is sent in the header `seam-workspace`.
        workspace_id: String,
    },
}

impl Auth {
    /// Returns true if the workspace may be a sandbox of the vendor. The API key of a sandbox contains `test` (vendor's
    /// guide). A personal access token does not show the kind of its workspace.
    pub fn may_be_of_sandbox(&self) -> bool {
        match self {
            Auth::ApiKey(key) => key.expose().contains("test"),
            Auth::PersonalAccessToken { .. } => true,
        }
    }

    /// Returns the key or the token.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Auth::ApiKey(key) => key,
            Auth::PersonalAccessToken { token, .. } => token,
        }
    }

    /// Returns `text` with the secret replaced. For text such as an address, into which a person may have written the
    /// key.
    pub fn redact(&self, text: &str) -> String {
        self.secret().redact(text.to_owned())
    }

    /// Returns the headers that every request carries.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        let bearer = format!("Bearer {}", self.secret().expose());
        let mut headers = vec![
            ("authorization", bearer),
            ("content-type", "application/json".to_owned()),
        ];
        if let Auth::PersonalAccessToken { workspace_id, .. } = self {
            headers.push(("seam-workspace", workspace_id.clone()));
        }
        headers
    }
}

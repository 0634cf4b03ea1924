//! Who asks, and the headers that say so.

use super::secret::Secret;

/// Who asks. A personal access token names its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `SEAM_API_KEY`, bound to one workspace.
    ApiKey(Secret),
    /// `SEAM_PERSONAL_ACCESS_TOKEN` with `SEAM_WORKSPACE_ID`.
    PersonalAccessToken {
        /// The token.
        token: Secret,
        /// Sent as `seam-workspace`.
        workspace_id: String,
    },
}

impl Auth {
    /// Returns whether the workspace may be a sandbox of the vendor: the key of one contains `test` (vendor's guide); a
    /// personal access token tells nothing.
    pub fn may_be_of_sandbox(&self) -> bool {
        match self {
            Auth::ApiKey(key) => key.expose().contains("test"),
            Auth::PersonalAccessToken { .. } => true,
        }
    }

    /// Returns the secret itself.
    pub(super) fn secret(&self) -> &Secret {
        match self {
            Auth::ApiKey(key) => key,
            Auth::PersonalAccessToken { token, .. } => token,
        }
    }

    /// Returns a text without the secret, such as an address that somebody wrote it into.
    pub fn redact(&self, text: &str) -> String {
        self.secret().redact(text.to_owned())
    }

    /// Returns the headers of every request.
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

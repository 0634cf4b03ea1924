//! The API key: a value that cannot be printed.

/// A secret. Neither `Debug` nor any other trait shows it; only the client reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the `Authorization` header.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it begins so. Prefixes tell kinds of keys apart and are no secret.
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }

    /// Whether it can be sent at all: not empty, visible ASCII.
    pub fn is_sendable(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// How many characters it has: what `config show` tells of it.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The text without the secret, where a server echoes it.
    pub(super) fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&self.0, "[redacted]")
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_or_in_what_a_server_echoes() {
        let key = Secret::new("seam_abc");
        assert!(!format!("{key:?}").contains("abc"));
        assert_eq!(
            key.scrub("no such key: seam_abc."),
            "no such key: [redacted]."
        );
    }
}

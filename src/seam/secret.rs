//! A secret, such as the API key, that cannot be printed by accident.

use super::transport::{Answer, Undelivered};

/// A secret text. `Debug` and other traits do not show it. Only the client reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text of the secret, for the `Authorization` header.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns true if the secret begins with `prefix`. The prefix shows the kind of the key and is not secret.
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }

    /// Returns true if an HTTP header can carry the secret: it is not empty and has only visible ASCII characters.
    pub fn is_sendable(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// Returns the number of characters, which `config show` prints in place of the secret.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// Returns an answer, or the reason for its absence, with the secret replaced in the body and the headers. Every
    /// answer passes through this function before it is parsed, cut or stored.
    pub(super) fn scrub(&self, answer: Result<Answer, Undelivered>) -> Result<Answer, Undelivered> {
        let text = |text| self.redact(text);
        match answer {
            Ok(answer) => Ok(Answer {
                status: answer.status,
                request_id: answer.request_id.map(text),
                retry_after: answer.retry_after.map(text),
                date: answer.date.map(text),
                body: self.scrub_bytes(answer.body),
            }),
            Err(Undelivered::Setup(reason)) => Err(Undelivered::Setup(text(reason))),
            Err(Undelivered::Refused(reason)) => Err(Undelivered::Refused(text(reason))),
            Err(Undelivered::Broken(reason)) => Err(Undelivered::Broken(text(reason))),
            Err(problem @ (Undelivered::Timeout | Undelivered::TooLarge(_))) => Err(problem),
        }
    }

    /// Returns `text` with the secret replaced.
    pub fn redact(&self, text: String) -> String {
        String::from_utf8(self.scrub_bytes(text.into_bytes())).unwrap_or_default()
    }

    fn scrub_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let secret = self.0.as_bytes();
        if secret.len() < SHORTEST
            || !(0..bytes.len()).any(|at| length_at(&bytes[at..], secret).is_some())
        {
            return bytes;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            if let Some(length) = length_at(&bytes[at..], secret) {
                clean.extend_from_slice(REDACTED);
                at += length;
            } else {
                clean.push(bytes[at]);
                at += 1;
            }
        }
        clean
    }
}

const REDACTED: &[u8] = b"[redacted]";

/// A shorter text is not a key of Seam. Replacing it would damage answers that contain it by chance.
const SHORTEST: usize = 6;

/// Returns the number of bytes that the secret has at the start of `text`, or `None` if it is not there. Recognizes
/// characters that JSON escapes.
fn length_at(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut at = 0;
    for wanted in secret {
        at += match &text[at..] {
            [byte, ..] if byte == wanted => 1,
            [b'\\', b'u', digits @ ..] => {
                let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
                let code = u16::from_str_radix(digits, 16).ok()?;
                (code == u16::from(*wanted)).then_some(6)?
            }
            [b'\\', byte, ..] if byte == wanted => 2,
            _ => return None,
        };
    }
    Some(at)
}

/// How the keys of Seam begin.
const PREFIX: &str = "seam_";

/// Returns `text` with everything replaced that looks like a key of Seam: `seam_` and at least six more characters of a
/// key. A key may stand in a setting or an argument by mistake.
pub fn without_keys(text: &str) -> String {
    let in_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(PREFIX) {
        let (before, found) = rest.split_at(at);
        let length = found.find(|c| !in_key(c)).unwrap_or(found.len());
        let (key, after) = found.split_at(length);
        clean += before;
        clean += if length >= PREFIX.len() + SHORTEST {
            "[redacted]"
        } else {
            key
        };
        rest = after;
    }
    clean + rest
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
        let key = Secret::new("seam_a/b");
        assert!(!format!("{key:?}").contains("seam_a"));
        let scrubbed = |text: &str| String::from_utf8(key.scrub_bytes(text.into())).unwrap();
        for (echo, wanted) in [
            ("no such key: seam_a/b.", "no such key: [redacted]."),
            ("seam_a/bseam_a/b", "[redacted][redacted]"),
            (r"\u0073eam\u005Fa\/b", "[redacted]"),
            ("seam_seam_a/b", "seam_[redacted]"),
            ("seam_a/", "seam_a/"),
            (r"seam\u00", r"seam\u00"),
            (r"seam_a\", r"seam_a\"),
        ] {
            assert_eq!(scrubbed(echo), wanted);
        }
    }

    #[test]
    fn what_looks_like_a_key_is_replaced_and_other_words_are_not() {
        for (text, wanted) in [
            ("`seam_test1_abc` is no zone", "`[redacted]` is no zone"),
            ("seam_a1b2c3,seam_d4e5f6", "[redacted],[redacted]"),
            ("xseam_seam_a1b2c3-Z", "x[redacted]"),
            (
                "set `SEAM_API_KEY`, seam_ or seam_x",
                "set `SEAM_API_KEY`, seam_ or seam_x",
            ),
            ("seam_é", "seam_é"),
            ("", ""),
        ] {
            assert_eq!(without_keys(text), wanted);
        }
    }

    #[test]
    fn body_and_headers_of_an_answer_are_scrubbed() {
        let key = Secret::new("seam_abc");
        let echo = Some("x-seam_abc-y".to_owned());
        let answer = Answer {
            status: 400,
            request_id: echo.clone(),
            retry_after: echo.clone(),
            date: echo,
            body: b"{\"seam_abc\":1}\xff".to_vec(),
        };
        let clean = format!("{:?}", key.scrub(Ok(answer)));
        assert!(
            !clean.contains("seam_abc") && clean.contains("x-[redacted]-y"),
            "{clean}"
        );
        let broken = key.scrub(Err(Undelivered::Broken("at seam_abc".to_owned())));
        assert!(!format!("{broken:?}").contains("seam_abc"), "{broken:?}");
    }
}

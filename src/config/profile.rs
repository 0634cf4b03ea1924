//! The profile file, in which a hotel keeps its settings.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow};
use serde::Deserialize;

use crate::failure::Failure;
use crate::home;

/// The contents of `config.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The profile that applies if the command names none.
    pub(super) default_profile: Option<String>,
    #[serde(default)]
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// The settings of one hotel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// The hotel's name, as guests know it.
    pub(super) name: Option<String>,
    /// The hotel's access system, by id or name.
    pub(super) system: Option<String>,
    /// The hotel's credential manager, by id.
    pub(super) credential_manager: Option<String>,
    /// The id of the workspace that the API key must belong to.
    pub(super) workspace: Option<String>,
    /// The hotel's time zone, as an IANA name.
    pub(super) time_zone: Option<String>,
    /// The time of check-in, such as `15:00`, in hotel time.
    pub(super) check_in: Option<String>,
    /// The time of check-out, such as `11:00`, in hotel time.
    pub(super) check_out: Option<String>,
    /// The time at which the hotel's business date changes, such as `04:00`, in hotel time.
    pub(super) day_starts: Option<String>,
    /// The common doors that every new key opens.
    pub(super) also: Option<Vec<String>>,
    /// The label of new keys.
    pub(super) label: Option<String>,
    /// The card format: `rfid48` or `TLCode`.
    pub(super) card_format: Option<String>,
    /// How long a command waits for the lock system to confirm a change, in seconds.
    pub(super) wait: Option<f64>,
    /// How long one call with all its tries may take, in seconds.
    pub(super) timeout: Option<f64>,
    /// The maximum number of rows in a batch file.
    pub(super) batch_rows: Option<usize>,
    /// The kind of doors that commands may open: `real` or `sandbox`.
    pub(super) doors: Option<String>,
    /// The maximum size of an answer, in MiB.
    pub(super) answer_mib: Option<u32>,
    /// The maximum size of a list with all its pages, in MiB.
    pub(super) list_mib: Option<u32>,
    /// The maximum number of pages in a list.
    pub(super) list_pages: Option<u32>,
    /// How long a list with all its pages may take, in seconds.
    pub(super) list_seconds: Option<u32>,
}

/// Reads the file. A file that does not exist gives an empty value.
///
/// # Errors
///
/// The file is not safe to use or has a mistake. The error names the line, and quotes no value of the file.
pub(super) fn read(path: &Path) -> Result<File> {
    let text = match home::read_setting(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(File::default()),
        Err(error) => return Err(anyhow!(Failure::from(error))),
    };
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        anyhow!(
            "{} has a mistake in line {line}: {}",
            path.display(),
            in_words(&without_values(error.message()))
        )
    })
}

/// Returns the reason of an error without the values that it quotes from the file, because one of them may be an API
/// key. The names of settings stay.
fn without_values(reason: &str) -> String {
    let mut clean = String::new();
    for (index, part) in reason.split('"').enumerate() {
        clean += if index % 2 == 0 { part } else { "…" };
    }
    let mut shown = String::new();
    for (index, part) in clean.split('`').enumerate() {
        match index % 2 {
            0 => shown += part,
            _ if part.len() > 30 || part.starts_with("seam") => shown += "`…`",
            _ => shown += &format!("`{part}`"),
        }
    }
    shown.trim_end().replace('\n', "; ")
}

/// Returns the reason of an error in words for people who do not know Rust or TOML.
fn in_words(reason: &str) -> String {
    const WORDS: [(&str, &str); 14] = [
        ("invalid type: ", "the wrong kind of value, "),
        ("invalid value: ", "a value that is not allowed, "),
        ("floating point ", "the number "),
        ("integer ", "the number "),
        ("boolean ", "the word "),
        ("string …", "a text"),
        ("expected usize", "where a whole number from 0 on is needed"),
        (
            "expected u32",
            "where a whole number from 0 to 4294967295 is needed",
        ),
        ("expected f64", "where a number is needed"),
        (
            "expected a string",
            "where a text in quotation marks is needed",
        ),
        (
            "expected a sequence",
            "where a list such as `[\"Gym\"]` is needed",
        ),
        (
            "expected a map",
            "where a section such as `[profiles.harbour]` is needed",
        ),
        (
            "expected struct Profile",
            "where a section such as `[profiles.harbour]` is needed",
        ),
        ("unknown field ", "there is no setting "),
    ];
    WORDS
        .iter()
        .fold(reason.to_owned(), |text, (from, to)| text.replace(from, to))
        .replace(", where", " where")
}

impl File {
    /// Returns the profile that the command names, or else the default profile, or else the only profile. Returns
    /// `None` if nothing is named and the file has no profile.
    pub(super) fn choose(
        &self,
        asked: Option<&str>,
        path: &Path,
    ) -> Result<Option<(String, Profile)>> {
        let names = || self.profiles.keys().cloned().collect::<Vec<_>>().join(", ");
        let name = match (asked, &self.default_profile, self.profiles.len()) {
            (Some(name), ..) => name.to_owned(),
            (None, Some(name), _) => name.clone(),
            (None, None, 0) => return Ok(None),
            (None, None, 1) => names(),
            (None, None, _) => {
                return Err(anyhow!(
                    "{} has several profiles ({}); name one with `--profile`, or set `default_profile`",
                    path.display(),
                    names()
                ));
            }
        };
        match self.profiles.get(&name) {
            Some(profile) => Ok(Some((name, profile.clone()))),
            None if self.profiles.is_empty() => Err(anyhow!(
                "no profile `{name}`: {} has none yet; see `roomkey help profiles`",
                path.display()
            )),
            None => Err(anyhow!(
                "no profile `{name}` in {}; it has: {}",
                path.display(),
                names()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_line_and_reason_and_repeats_nothing_of_the_file() {
        for (text, line, reason) in [
            (
                "default_profile = \"a\"\napi_key = \"seam_secret1\"\n",
                2,
                "there is no setting `api_key`",
            ),
            ("\n\nseam_secret1\n", 3, ""),
            ("seam_secret1 = 1", 1, "there is no setting `…`"),
            (
                "[profiles.a]\nwait = \"seam_secret1\"",
                2,
                "a text where a number is needed",
            ),
            ("[profiles.a]\nname = \"seam_secret1", 2, ""),
            ("[profiles.a]\nanswer_mib = -1", 2, "-1"),
            ("[seam_secret1]\n[seam_secret1]", 2, ""),
            ("a = seam_secret1", 1, ""),
            ("\"seam_secret1 \\q\" = 1", 1, ""),
        ] {
            let folder = tempfile::TempDir::new().unwrap();
            let path = folder.path().join("config.toml");
            std::fs::write(&path, text).unwrap();
            let error = format!("{:#}", read(&path).unwrap_err());
            assert!(error.contains(&format!("line {line}:")), "{text}: {error}");
            assert!(
                error.contains(reason) && !error.contains("secret1"),
                "{text}: {error}"
            );
        }
    }
}

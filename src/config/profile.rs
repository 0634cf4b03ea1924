//! The profile file: what a hotel sets once.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow};
use serde::Deserialize;

use crate::failure::Failure;
use crate::home;

/// `config.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The profile taken where none is named.
    pub(super) default_profile: Option<String>,
    #[serde(default)]
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// One hotel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// What guests call the hotel.
    pub(super) name: Option<String>,
    /// Its access system, by id or name.
    pub(super) system: Option<String>,
    /// Its credential manager, by id.
    pub(super) credential_manager: Option<String>,
    /// The workspace that the API key must belong to.
    pub(super) workspace: Option<String>,
    /// IANA name.
    pub(super) time_zone: Option<String>,
    /// `15:00`.
    pub(super) check_in: Option<String>,
    /// `11:00`.
    pub(super) check_out: Option<String>,
    /// When the hotel's day rolls: `04:00`.
    pub(super) day_starts: Option<String>,
    /// Common doors that every new key opens.
    pub(super) also: Option<Vec<String>>,
    /// The text on a key.
    pub(super) label: Option<String>,
    /// `rfid48` or `TLCode`.
    pub(super) card_format: Option<String>,
    /// Seconds the lock system may take to confirm.
    pub(super) wait: Option<f64>,
    /// Seconds a call may take with all its tries.
    pub(super) timeout: Option<f64>,
    /// The most rows of a batch file.
    pub(super) batch_rows: Option<usize>,
    /// Which doors commands may open: `real` or `sandbox`.
    pub(super) doors: Option<String>,
    /// MiB that an answer may have.
    pub(super) answer_mib: Option<u32>,
    /// Pages that a list may have.
    pub(super) list_pages: Option<u32>,
    /// Seconds that a list may take with all its pages.
    pub(super) list_seconds: Option<u32>,
}

/// Reads the file; nothing where there is none.
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
            "{} is not right in line {line}: {}",
            path.display(),
            without_values(error.message())
        )
    })
}

/// Returns a reason without what it quotes of the file, which may be an API key. The names of settings stay.
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

impl File {
    /// The profile named, else the default one, else the only one.
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
                "no profile `{name}` in {}; there are: {}",
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
                "unknown field `api_key`",
            ),
            ("\n\nseam_secret1\n", 3, ""),
            ("seam_secret1 = 1", 1, "unknown field `…`"),
            (
                "[profiles.a]\nwait = \"seam_secret1\"",
                2,
                "invalid type: string",
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

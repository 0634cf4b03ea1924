//! The environment variables, read once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use etcetera::{AppStrategy as _, AppStrategyArgs};

use crate::seam::Secret;

/// The environment variables that roomkey reads. roomkey does not copy others, so that no variable has an effect that
/// the README does not list. The README also lists the variables that libraries read by themselves.
pub const VARIABLES: [&str; 26] = [
    "SEAM_API_KEY",
    "SEAM_PERSONAL_ACCESS_TOKEN",
    "SEAM_WORKSPACE_ID",
    "SEAM_ENDPOINT",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "ROOMKEY_PROFILE",
    "ROOMKEY_SYSTEM",
    "ROOMKEY_CREDENTIAL_MANAGER",
    "ROOMKEY_TIME_ZONE",
    "ROOMKEY_SANDBOX",
    "ROOMKEY_OPERATOR",
    "ROOMKEY_WORKSTATION",
    "ROOMKEY_HOME",
    "USER",
    "USERNAME",
    "LOGNAME",
    "COMPUTERNAME",
    "HOSTNAME",
    "COLUMNS",
    "NO_COLOR",
];

/// The variable with which a test asks for a panic; its value is the endpoint after which the panic happens. A release
/// does not read it.
#[cfg(debug_assertions)]
pub(super) const TEST_PANIC: &str = "ROOMKEY_TEST_PANIC";

/// Returns the names of the variables that this build reads.
fn variables() -> impl Iterator<Item = &'static str> {
    #[cfg(debug_assertions)]
    let tests = [TEST_PANIC];
    #[cfg(not(debug_assertions))]
    let tests = [];
    VARIABLES.into_iter().chain(tests)
}

/// A copy of the variables that roomkey reads.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Copies the variables of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn of_process() -> Self {
        let read = |name: &str| Some((name.into(), std::env::var_os(name)?));
        Self(variables().filter_map(read).collect())
    }

    /// Returns a variable, or `None` if it is not set or empty.
    ///
    /// # Errors
    ///
    /// The value is not valid Unicode.
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        debug_assert!(
            variables().any(|known| known == name),
            "`{name}` is not in the list"
        );
        match self
            .0
            .get(&OsString::from(name))
            .filter(|value| !value.is_empty())
        {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(anyhow!("`{name}` in the environment is not readable text")),
            },
        }
    }

    /// Returns true for `1`, `true`, `yes` and `on`, and false for `0`, `false`, `no`, `off` and a variable that is not
    /// set.
    ///
    /// # Errors
    ///
    /// The value is another word.
    pub fn is_on(&self, name: &str) -> Result<bool> {
        match self.get(name)?.map(|text| text.to_lowercase()).as_deref() {
            None | Some("0" | "false" | "no" | "off") => Ok(false),
            Some("1" | "true" | "yes" | "on") => Ok(true),
            Some(other) => Err(anyhow!("`{name}` is `{other}`; set it to `1` or `0`")),
        }
    }

    /// Returns the keys in the environment, so that messages can leave them out.
    pub fn secrets(&self) -> Vec<Secret> {
        let names = ["SEAM_API_KEY", "SEAM_PERSONAL_ACCESS_TOKEN"];
        let set = names
            .iter()
            .filter_map(|name| self.get(name).ok().flatten());
        set.map(|text| Secret::new(text.trim())).collect()
    }

    /// Returns the folder for the journal and the sandbox's state: `ROOMKEY_HOME`, or the platform's folder for state.
    pub fn state_folder(&self) -> Result<PathBuf> {
        match self.get("ROOMKEY_HOME")? {
            Some(home) => Ok(home.into()),
            None => platform()
                .map(|platform| platform.state_dir().unwrap_or_else(|| platform.data_dir())),
        }
    }

    /// Returns the path of the profile file `config.toml`: in `ROOMKEY_HOME`, or in the platform's folder for
    /// configuration.
    pub fn config_file(&self) -> Result<PathBuf> {
        let folder = match self.get("ROOMKEY_HOME")? {
            Some(home) => home.into(),
            None => platform()?.config_dir(),
        };
        Ok(folder.join("config.toml"))
    }

    /// Returns the name of the person at the desk: `ROOMKEY_OPERATOR`, or the user name on this PC.
    pub fn operator(&self) -> Result<String> {
        self.first(&["ROOMKEY_OPERATOR", "USER", "USERNAME", "LOGNAME"])
    }

    /// Returns the name of the desk: `ROOMKEY_WORKSTATION`, or the name of this PC.
    pub fn workstation(&self) -> Result<String> {
        let named = self.first(&["ROOMKEY_WORKSTATION", "COMPUTERNAME", "HOSTNAME"])?;
        if named != "unknown" {
            return Ok(named);
        }
        let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        Ok(if name.trim().is_empty() {
            named
        } else {
            name.trim().to_owned()
        })
    }

    fn first(&self, names: &[&str]) -> Result<String> {
        for name in names {
            if let Some(text) = self.get(name)? {
                return Ok(text);
            }
        }
        Ok("unknown".to_owned())
    }
}

/// Returns the folders that the platform provides for an application.
fn platform() -> Result<impl etcetera::AppStrategy> {
    let name = AppStrategyArgs {
        top_level_domain: "io".into(),
        author: "roomkey".into(),
        app_name: "roomkey".into(),
    };
    etcetera::choose_app_strategy(name)
        .context("the home folder of this user is not known; set `ROOMKEY_HOME` to a folder")
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

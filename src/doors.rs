//! Determines whether a command can open real doors, shows a notice if it cannot, and enforces the `doors` setting of a
//! profile.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::{Pin, Settings};
use crate::failure::{Failure, Kind};
use crate::present::Ui;
use crate::seam::workspaces::{self, Workspace};
use crate::seam::{Client, is_this_machine};

/// Whether the doors that this command can open are real, as far as it is known.
#[derive(Debug, Default)]
pub struct Doors {
    /// True if no door is real.
    simulated: AtomicBool,
    /// True once the notice about a sandbox workspace has been shown.
    said: AtomicBool,
}

impl Doors {
    /// Returns what the settings say about the doors. Shows a notice if they say that no door is real.
    pub fn of(settings: &Settings, ui: &Ui) -> Self {
        let doors = Self::default();
        if let Some(line) = simulation(settings) {
            doors.simulated.store(true, Ordering::Relaxed);
            ui.notice(&line);
        }
        doors
    }

    /// Returns true if the command is known to open no real door. More may be known after [`Doors::ask`].
    pub fn are_simulated(&self) -> bool {
        self.simulated.load(Ordering::Relaxed)
    }

    /// Refuses a simulated hotel if the profile is only for real doors (`doors = "real"`).
    pub fn check(&self, settings: &Settings) -> Result<(), Failure> {
        match pin(settings) {
            Some(Pin::Real) if self.are_simulated() => Err(refusal(settings)),
            _ => Ok(()),
        }
    }

    /// Asks Seam whether the workspace is a sandbox, and shows a notice if it is. Refuses the workspace if the profile
    /// is for the other kind of doors.
    ///
    /// Sends no request if the settings already name a simulated hotel, or if the profile has no `doors` setting and
    /// the API key cannot belong to a sandbox.
    pub async fn ask(&self, settings: &Settings, ui: &Ui, client: &Client) -> Result<(), Failure> {
        self.check(settings)?;
        let auth = settings.auth.as_ref();
        let may_be = auth.is_some_and(|auth| auth.value.may_be_of_sandbox());
        if self.are_simulated() || (pin(settings).is_none() && !may_be) {
            return Ok(());
        }
        let workspace = match workspaces::get(client).await {
            Ok(reply) => reply.value,
            // Without a `doors` setting the answer serves only for the notice. The first request of the command itself
            // reports the error.
            Err(error) if pin(settings).is_none() && !error.is_unreachable() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if let Some(line) = sandbox(&workspace) {
            self.simulated.store(true, Ordering::Relaxed);
            if !self.said.swap(true, Ordering::Relaxed) {
                ui.notice(&line);
            }
        }
        match pin(settings) {
            Some(Pin::Sandbox) if !self.are_simulated() => Err(refusal(settings)),
            _ => self.check(settings),
        }
    }
}

fn pin(settings: &Settings) -> Option<Pin> {
    settings.doors.as_ref().map(|doors| doors.value)
}

/// Returns the notice for a hotel that is simulated on this computer, or `None` for any other hotel.
fn simulation(settings: &Settings) -> Option<String> {
    if settings.sandbox.value {
        return Some("Simulated hotel: no real doors.".to_owned());
    }
    let url = &settings.endpoint.value;
    is_this_machine(url).then(|| {
        format!(
            "Simulated hotel at {}: no real doors.",
            url.as_str().trim_end_matches('/')
        )
    })
}

/// Returns the notice for a sandbox workspace at Seam, or `None` for any other workspace.
fn sandbox(workspace: &Workspace) -> Option<String> {
    let name = workspace.name.as_ref().unwrap_or(&workspace.workspace_id);
    (workspace.is_sandbox == Some(true))
        .then(|| format!("Sandbox workspace {name}: no real doors."))
}

/// Returns the failure for a profile whose `doors` setting does not match the doors that the command would open.
fn refusal(settings: &Settings) -> Failure {
    let profile = settings
        .profile
        .as_ref()
        .map_or("", |profile| &profile.value);
    let (text, hint) = match pin(settings) {
        Some(Pin::Sandbox) => (
            format!(
                "profile {profile} is for a sandbox (`doors = \"sandbox\"`), and this workspace opens real doors"
            ),
            "use the API key of a sandbox workspace, or `--sandbox`",
        ),
        _ => (
            format!(
                "profile {profile} is for real doors (`doors = \"real\"`), and this command would use a sandbox"
            ),
            "leave out `--sandbox`, and check `ROOMKEY_SANDBOX`, `SEAM_ENDPOINT` and `SEAM_API_KEY` with `roomkey config show`",
        ),
    };
    Failure::new(Kind::WrongDoors, text)
        .impact("Nothing was changed.")
        .hint(hint)
        .hint("or name another profile with `--profile`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Flags};
    use crate::present::Color;
    use crate::sandbox;
    use crate::seam::{Auth, Limits, Route, Secret};

    fn settings(environment: &[(&str, &str)], pinned: Option<&str>) -> Settings {
        let home = tempfile::tempdir().unwrap();
        if let Some(doors) = pinned {
            let text = format!("[profiles.harbour]\ndoors = \"{doors}\"\n");
            std::fs::write(home.path().join("config.toml"), text).unwrap();
        }
        let path = home.path().to_str().unwrap().to_owned();
        let mut pairs = [("ROOMKEY_HOME", &path[..]), ("UNUSED", ""), ("UNUSED", "")];
        for (place, pair) in pairs[1..].iter_mut().zip(environment) {
            *place = *pair;
        }
        Settings::resolve(&Flags::default(), &Environment::from(pairs)).unwrap()
    }

    fn quiet() -> Ui {
        Ui::new(true, true, true, Color::Never, true, None)
    }

    #[test]
    fn the_settings_tell_of_a_simulated_hotel() {
        for (environment, simulated) in [
            (vec![], false),
            (vec![("ROOMKEY_SANDBOX", "1")], true),
            (vec![("SEAM_ENDPOINT", "http://127.0.0.1:4000")], true),
            (vec![("SEAM_ENDPOINT", "https://[::1]:4000")], true),
            (
                vec![("SEAM_ENDPOINT", "https://localhost.example.com")],
                false,
            ),
        ] {
            let plain = settings(&environment, None);
            let doors = Doors::of(&plain, &quiet());
            assert_eq!(doors.are_simulated(), simulated, "{environment:?}");
            assert!(doors.check(&plain).is_ok());
            let pinned = settings(&environment, Some("real"));
            let checked = Doors::of(&pinned, &quiet()).check(&pinned);
            assert_eq!(checked.is_err(), simulated, "{environment:?}");
            if let Err(failure) = checked {
                assert_eq!(
                    (failure.kind.exit(), failure.kind.code()),
                    (6, "wrong_doors")
                );
            }
        }
    }

    #[tokio::test]
    async fn a_sandbox_workspace_is_known_by_what_the_server_says() {
        let hotel = sandbox::start(sandbox::Options::default()).await.unwrap();
        let url = hotel.url.parse().unwrap();
        let auth = Auth::ApiKey(Secret::new(&hotel.api_key));
        let client = Client::new(&url, &Route::default(), auth, Limits::default());
        // The settings do not say that this is a sandbox. Only the server says so.
        for (key, pinned, simulated, refused) in [
            ("seam_test_x", None, true, false),
            ("seam_live_x", None, false, false),
            ("seam_live_x", Some("sandbox"), true, false),
            ("seam_live_x", Some("real"), true, true),
            ("seam_test_x", Some("real"), true, true),
        ] {
            let settings = settings(&[("SEAM_API_KEY", key)], pinned);
            let doors = Doors::of(&settings, &quiet());
            let asked = doors.ask(&settings, &quiet(), &client).await;
            assert_eq!(doors.are_simulated(), simulated, "{key} {pinned:?}");
            assert_eq!(asked.is_err(), refused, "{key} {pinned:?}");
        }
    }

    #[test]
    fn a_production_workspace_is_no_sandbox() {
        let workspace = |is_sandbox| Workspace {
            workspace_id: "w".to_owned(),
            name: Some("Harbour".to_owned()),
            is_sandbox,
            is_suspended: None,
        };
        assert_eq!(sandbox(&workspace(None)), None);
        assert_eq!(sandbox(&workspace(Some(false))), None);
        let line = sandbox(&workspace(Some(true))).unwrap();
        assert_eq!(line, "Sandbox workspace Harbour: no real doors.");
    }
}

//! The settings of one command, resolved from all sources.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use chrono::NaiveTime;
use chrono_tz::Tz;
use reqwest::Url;

use super::auth::auth;
use super::endpoint::{endpoint, shown};
use super::environment::Environment;
use super::profile::{self, Profile};
use super::proxy::{self, proxy};
use crate::home;
use crate::hotel::{CardFormat, Hours};
use crate::seam::{Auth, Limits, is_this_machine, without_keys};

/// The default for the maximum number of rows in a batch file.
pub const BATCH_ROWS: usize = 100_000;

/// The source of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A command-line option, by name.
    Flag(&'static str),
    /// An environment variable, by name.
    Environment(&'static str),
    /// A profile in `config.toml`, by name.
    Profile(String),
    /// The default, because no other source has the setting.
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "option {name}"),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Profile(name) => write!(f, "profile {name}"),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// The kind of doors that a profile allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Real doors only. Commands refuse a sandbox.
    Real,
    /// Sandbox doors only. Commands refuse a real hotel.
    Sandbox,
}

impl Pin {
    /// Returns the word that a profile uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Sandbox => "sandbox",
        }
    }
}

/// The value of a setting, with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The source of the value.
    pub origin: Origin,
}

/// The settings on the command line.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--system`.
    pub system: Option<String>,
    /// `--credential-manager`.
    pub credential_manager: Option<String>,
    /// `--time-zone`.
    pub time_zone: Option<String>,
    /// `--sandbox`.
    pub sandbox: bool,
    /// `--wait`, in seconds.
    pub wait: Option<f64>,
    /// `--timeout`, in seconds.
    pub timeout: Option<f64>,
    /// `--settle`, in seconds.
    pub settle: Option<f64>,
}

/// All settings of a command.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the server. It uses https, or plain http for a server on this machine.
    pub endpoint: Setting<Url>,
    /// The proxy that the environment names. `None` for the sandbox, for a server on this machine, and for a server that
    /// `NO_PROXY` names.
    pub proxy: Option<Setting<Url>>,
    /// The file with the certificates to trust in place of the system's. The TLS library reads it on Linux.
    pub certificates: Option<PathBuf>,
    /// The credentials for Seam, if the environment has usable ones.
    pub auth: Option<Setting<Auth>>,
    /// Explains why the credentials in the environment cannot be used. `None` if there are none or they are usable.
    pub auth_problem: Option<String>,
    /// The name of the profile.
    pub profile: Option<Setting<String>>,
    /// The hotel's name, as guests know it.
    pub name: Option<Setting<String>>,
    /// The access system, by id or name.
    pub system: Option<Setting<String>>,
    /// The credential manager, by id.
    pub credential_manager: Option<Setting<String>>,
    /// The id of the workspace that the API key must belong to.
    pub workspace: Option<Setting<String>>,
    /// The hotel's time zone. `None` means the zone of the access system.
    pub time_zone: Option<Setting<Tz>>,
    /// The hours of check-in, check-out and the change of the business date, in hotel time.
    pub hours: Setting<Hours>,
    /// The common doors that every new key opens.
    pub also: Setting<Vec<String>>,
    /// The label of new keys.
    pub label: Option<Setting<String>>,
    /// The card format, which limits how many doors a key can hold.
    pub card_format: Setting<CardFormat>,
    /// True for the simulated hotel (`--sandbox`).
    pub sandbox: Setting<bool>,
    /// How long a command waits for the lock system to confirm a change.
    pub wait: Setting<Duration>,
    /// How long one call with all its tries may take.
    pub timeout: Setting<Duration>,
    /// How long a list of the API may take to show a change.
    pub settle: Setting<Duration>,
    /// The maximum number of rows in a batch file.
    pub batch_rows: Setting<usize>,
    /// The kind of doors that the profile allows.
    pub doors: Option<Setting<Pin>>,
    /// The limits on the size of an answer and on the pages and the duration of a list. The other limits are those of
    /// [`Limits::default`].
    pub bounds: Limits,
    /// The home folder with the journal: [`Settings::base`] or, with `--sandbox`, a folder in it.
    pub home: PathBuf,
    /// The home folder of this account, with or without `--sandbox`.
    pub base: PathBuf,
    /// The path of the profile file.
    pub config_file: PathBuf,
    /// The name of the person at the desk.
    pub operator: String,
    /// The name of the desk.
    pub workstation: String,
    /// The endpoint after which a test asks for a panic. A release does not have this field.
    #[cfg(debug_assertions)]
    pub panic_after: Option<String>,
}

/// A line of `config show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The name of the setting.
    pub name: &'static str,
    /// The value. Secrets are replaced.
    pub value: String,
    /// The source of the value.
    pub origin: String,
}

fn from_profile<T>(
    profile: Option<&(String, Profile)>,
    of: impl Fn(&Profile) -> Option<T>,
) -> Option<Setting<T>> {
    let (name, profile) = profile?;
    Some(Setting {
        value: of(profile)?,
        origin: Origin::Profile(name.clone()),
    })
}

impl Settings {
    /// Resolves all settings.
    ///
    /// # Errors
    ///
    /// A value that is set cannot be understood; the error names it. A missing API key is not an error, because many
    /// commands need none.
    pub fn resolve(flags: &Flags, environment: &Environment) -> Result<Self> {
        let layer = |flag: Option<&String>,
                     option: &'static str,
                     variable: &'static str|
         -> Result<Option<Setting<String>>> {
            if let Some(value) = flag {
                return Ok(Some(Setting {
                    value: value.clone(),
                    origin: Origin::Flag(option),
                }));
            }
            let value = environment.get(variable)?;
            Ok(value.map(|value| Setting {
                value,
                origin: Origin::Environment(variable),
            }))
        };
        let sandbox = if flags.sandbox {
            Setting {
                value: true,
                origin: Origin::Flag("--sandbox"),
            }
        } else if environment.is_on("ROOMKEY_SANDBOX")? {
            Setting {
                value: true,
                origin: Origin::Environment("ROOMKEY_SANDBOX"),
            }
        } else {
            Setting {
                value: false,
                origin: Origin::Default,
            }
        };

        let config_file = environment.config_file()?;
        let file = profile::read(&config_file)?;
        let asked = layer(flags.profile.as_ref(), "--profile", "ROOMKEY_PROFILE")?;
        let chosen = file.choose(
            asked.as_ref().map(|setting| setting.value.as_str()),
            &config_file,
        )?;
        let profile = chosen.as_ref();
        // The sandbox is a different hotel. The profile's access system, workspace and zone do not apply to it; the
        // other settings do.
        let place = profile.filter(|_| !sandbox.value);

        let (auth, auth_problem) = auth(environment)?;
        let or = |own: Option<Setting<String>>, theirs: Option<Setting<String>>| own.or(theirs);
        let zone = or(
            layer(flags.time_zone.as_ref(), "--time-zone", "ROOMKEY_TIME_ZONE")?,
            from_profile(place, |profile| profile.time_zone.clone()),
        );
        let base = environment.state_folder()?;
        let endpoint = endpoint(environment)?;
        let is_remote = !sandbox.value && !is_this_machine(&endpoint.value);
        Ok(Self {
            proxy: if is_remote {
                proxy(environment, &endpoint.value)?
            } else {
                None
            },
            certificates: environment.get("SSL_CERT_FILE")?.map(PathBuf::from),
            endpoint,
            bounds: bounds(profile)?,
            auth,
            auth_problem,
            name: from_profile(profile, |profile| profile.name.clone()),
            system: or(
                layer(flags.system.as_ref(), "--system", "ROOMKEY_SYSTEM")?,
                from_profile(place, |profile| profile.system.clone()),
            ),
            credential_manager: or(
                layer(
                    flags.credential_manager.as_ref(),
                    "--credential-manager",
                    "ROOMKEY_CREDENTIAL_MANAGER",
                )?,
                from_profile(place, |profile| profile.credential_manager.clone()),
            ),
            workspace: from_profile(place, |profile| profile.workspace.clone()),
            time_zone: zone.map(parse_zone).transpose()?,
            hours: hours(profile)?,
            also: from_profile(profile, |profile| profile.also.clone()).unwrap_or(Setting {
                value: vec![],
                origin: Origin::Default,
            }),
            label: from_profile(profile, |profile| profile.label.clone()),
            card_format: card_format(profile)?,
            wait: seconds(
                flags.wait,
                "--wait",
                from_profile(profile, |profile| profile.wait),
                10.0,
            )?,
            timeout: seconds(
                flags.timeout,
                "--timeout",
                from_profile(profile, |profile| profile.timeout),
                30.0,
            )?,
            settle: seconds(flags.settle, "--settle", None, 3.0)?,
            batch_rows: batch_rows(profile)?,
            doors: from_profile(profile, |profile| profile.doors.clone())
                .map(pin)
                .transpose()?,
            home: if sandbox.value {
                base.join(home::SANDBOX)
            } else {
                base.clone()
            },
            base,
            config_file,
            operator: environment.operator()?,
            workstation: environment.workstation()?,
            #[cfg(debug_assertions)]
            panic_after: environment.get(super::environment::TEST_PANIC)?,
            profile: chosen.map(|(name, _)| {
                let origin = asked.map_or(Origin::Default, |asked| asked.origin);
                Setting {
                    value: name,
                    origin,
                }
            }),
            sandbox,
        })
    }

    /// Returns every setting with its source, for `config show`. Secrets are replaced.
    pub fn show(&self) -> Vec<Shown> {
        let mut lines = self.lines();
        for line in &mut lines {
            // A key may stand in the place of another setting or of a profile's name by mistake.
            for text in [&mut line.value, &mut line.origin] {
                if let Some(auth) = &self.auth {
                    *text = auth.value.redact(text);
                }
                *text = without_keys(text);
            }
        }
        lines
    }

    fn lines(&self) -> Vec<Shown> {
        let line = |name: &'static str, value: String, origin: &Origin| Shown {
            name,
            value,
            origin: origin.to_string(),
        };
        let text = |name: &'static str, setting: Option<&Setting<String>>| match setting {
            Some(setting) => line(name, setting.value.clone(), &setting.origin),
            None => Shown {
                name,
                value: "-".to_owned(),
                origin: "not set".to_owned(),
            },
        };
        let clock = |time: NaiveTime| time.format("%H:%M").to_string();
        let hours = &self.hours;
        let seconds = |setting: &Setting<Duration>| format!("{} s", setting.value.as_secs_f64());
        vec![
            line(
                "sandbox",
                self.sandbox.value.to_string(),
                &self.sandbox.origin,
            ),
            line(
                "endpoint",
                shown(&self.endpoint.value),
                &self.endpoint.origin,
            ),
            match &self.proxy {
                Some(set) => line("proxy", proxy::shown(&set.value), &set.origin),
                None => text("proxy", None),
            },
            self.show_auth(),
            text("profile", self.profile.as_ref()),
            text("name", self.name.as_ref()),
            text("workspace", self.workspace.as_ref()),
            text("system", self.system.as_ref()),
            text("credential_manager", self.credential_manager.as_ref()),
            match &self.time_zone {
                Some(zone) => line("time_zone", zone.value.name().to_owned(), &zone.origin),
                None => Shown {
                    name: "time_zone",
                    value: "-".to_owned(),
                    origin: "the access system's".to_owned(),
                },
            },
            line("check_in", clock(hours.value.check_in), &hours.origin),
            line("check_out", clock(hours.value.check_out), &hours.origin),
            line("day_starts", clock(hours.value.roll), &hours.origin),
            line(
                "also",
                if self.also.value.is_empty() {
                    "-".to_owned()
                } else {
                    self.also.value.join(", ")
                },
                &self.also.origin,
            ),
            text("label", self.label.as_ref()),
            line(
                "card_format",
                self.card_format.value.as_str().to_owned(),
                &self.card_format.origin,
            ),
            line("wait", seconds(&self.wait), &self.wait.origin),
            line("timeout", seconds(&self.timeout), &self.timeout.origin),
            line(
                "batch_rows",
                self.batch_rows.value.to_string(),
                &self.batch_rows.origin,
            ),
            match &self.doors {
                Some(doors) => line("doors", doors.value.as_str().to_owned(), &doors.origin),
                None => Shown {
                    name: "doors",
                    value: "-".to_owned(),
                    origin: "not set".to_owned(),
                },
            },
            line("home", self.home.display().to_string(), &Origin::Default),
            line(
                "config_file",
                self.config_file.display().to_string(),
                &Origin::Default,
            ),
            line("operator", self.operator.clone(), &Origin::Default),
            line("workstation", self.workstation.clone(), &Origin::Default),
        ]
    }

    fn show_auth(&self) -> Shown {
        let Some(auth) = &self.auth else {
            let origin = self
                .auth_problem
                .clone()
                .unwrap_or_else(|| "not set".to_owned());
            return Shown {
                name: "api_key",
                value: "-".to_owned(),
                origin,
            };
        };
        let value = match &auth.value {
            Auth::ApiKey(key) => format!("set ({} characters, not shown)", key.length()),
            Auth::PersonalAccessToken {
                token,
                workspace_id,
            } => {
                format!(
                    "personal access token ({} characters, not shown), workspace {workspace_id}",
                    token.length()
                )
            }
        };
        Shown {
            name: "api_key",
            value,
            origin: auth.origin.to_string(),
        }
    }
}

fn pin(setting: Setting<String>) -> Result<Setting<Pin>> {
    let value = match &setting.value[..] {
        "real" => Pin::Real,
        "sandbox" => Pin::Sandbox,
        other => bail!(
            "`doors = \"{other}\"` ({}) is not known; write `real` or `sandbox`",
            setting.origin
        ),
    };
    Ok(Setting {
        value,
        origin: setting.origin,
    })
}

/// Refuses a limit of 0, which nothing could keep.
fn positive<T: Default + PartialEq>(
    profile: &str,
    setting: &str,
    value: Option<T>,
) -> Result<Option<T>> {
    if value.as_ref().is_some_and(|value| *value == T::default()) {
        bail!("`{setting} = 0` in profile {profile} allows nothing; write a number from 1 on");
    }
    Ok(value)
}

fn batch_rows(profile: Option<&(String, Profile)>) -> Result<Setting<usize>> {
    let setting = from_profile(profile, |profile| profile.batch_rows);
    if let Some((name, profile)) = profile {
        positive(name, "batch_rows", profile.batch_rows)?;
    }
    Ok(setting.unwrap_or(Setting {
        value: BATCH_ROWS,
        origin: Origin::Default,
    }))
}

fn bounds(profile: Option<&(String, Profile)>) -> Result<Limits> {
    let usual = Limits::default();
    let Some((name, profile)) = profile else {
        return Ok(usual);
    };
    for (setting, value) in [
        ("answer_mib", profile.answer_mib),
        ("list_mib", profile.list_mib),
        ("list_pages", profile.list_pages),
        ("list_seconds", profile.list_seconds),
    ] {
        positive(name, setting, value)?;
    }
    let mib = |value: Option<u32>, usual| value.map_or(usual, |mib| u64::from(mib) << 20);
    let pages = profile
        .list_pages
        .and_then(|pages| usize::try_from(pages).ok());
    Ok(Limits {
        answer: mib(profile.answer_mib, usual.answer),
        list_size: mib(profile.list_mib, usual.list_size),
        pages: pages.unwrap_or(usual.pages),
        list: profile
            .list_seconds
            .map_or(usual.list, |seconds| Duration::from_secs(seconds.into())),
        ..usual
    })
}

fn parse_zone(setting: Setting<String>) -> Result<Setting<Tz>> {
    let text = &setting.value;
    let value = text.parse().map_err(|_| {
        anyhow!(
            "`{text}` ({}) is not a time zone; type an IANA name such as `Europe/Berlin`",
            setting.origin
        )
    })?;
    Ok(Setting {
        value,
        origin: setting.origin,
    })
}

fn hours(profile: Option<&(String, Profile)>) -> Result<Setting<Hours>> {
    let mut value = Hours::default();
    let mut origin = Origin::Default;
    let Some((name, profile)) = profile else {
        return Ok(Setting { value, origin });
    };
    let fields = [
        ("check_in", &profile.check_in, &mut value.check_in),
        ("check_out", &profile.check_out, &mut value.check_out),
        ("day_starts", &profile.day_starts, &mut value.roll),
    ];
    for (field, text, time) in fields {
        if let Some(text) = text {
            *time = NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
                anyhow!("`{field} = \"{text}\"` in profile {name} is not a time such as `15:00`")
            })?;
            origin = Origin::Profile(name.clone());
        }
    }
    Ok(Setting { value, origin })
}

fn card_format(profile: Option<&(String, Profile)>) -> Result<Setting<CardFormat>> {
    match from_profile(profile, |profile| profile.card_format.clone()) {
        None => Ok(Setting {
            value: CardFormat::Rfid48,
            origin: Origin::Default,
        }),
        Some(Setting { value, origin }) => Ok(Setting {
            value: value
                .parse()
                .map_err(|error| anyhow!("`card_format` ({origin}): {error}"))?,
            origin,
        }),
    }
}

fn seconds(
    flag: Option<f64>,
    option: &'static str,
    profile: Option<Setting<f64>>,
    default: f64,
) -> Result<Setting<Duration>> {
    let setting = match flag {
        Some(value) => Setting {
            value,
            origin: Origin::Flag(option),
        },
        None => profile.unwrap_or(Setting {
            value: default,
            origin: Origin::Default,
        }),
    };
    let value = Duration::try_from_secs_f64(setting.value)
        .ok()
        .filter(|duration| duration.as_secs() <= 3600)
        .ok_or_else(|| {
            anyhow!(
                "`{}` ({}) is not a number of seconds from 0 to 3600",
                setting.value,
                setting.origin
            )
        })?;
    Ok(Setting {
        value,
        origin: setting.origin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve<const N: usize>(pairs: [(&str, &str); N]) -> Settings {
        Settings::resolve(&Flags::default(), &Environment::from(pairs)).unwrap()
    }

    #[test]
    fn the_key_is_not_in_what_is_shown() {
        let settings = resolve([
            ("ROOMKEY_HOME", "/nonexistent"),
            ("SEAM_API_KEY", "seam_test_abcdef"),
        ]);
        let shown = format!("{:?} {settings:?}", settings.show());
        assert!(!shown.contains("abcdef"), "{shown}");
    }

    #[test]
    fn a_limit_of_nothing_is_refused_in_words() {
        for setting in [
            "batch_rows",
            "answer_mib",
            "list_mib",
            "list_pages",
            "list_seconds",
        ] {
            let home = tempfile::tempdir().unwrap();
            let of = |value: &str| {
                let text = format!("[profiles.harbour]\n{setting} = {value}\n");
                std::fs::write(home.path().join("config.toml"), text).unwrap();
                let home = ("ROOMKEY_HOME", home.path().to_str().unwrap());
                Settings::resolve(&Flags::default(), &Environment::from([home]))
            };
            let error = of("0").unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{setting} = 0` in profile harbour")),
                "{error}"
            );
            of("1").unwrap();
            for (value, words) in [
                ("\"many\"", "a text where a whole number"),
                ("-1", "the number `-1` where a whole number"),
                ("1.5", "the number `1.5` where a whole number"),
                ("true", "the word `true` where a whole number"),
            ] {
                let error = of(value).unwrap_err().to_string();
                assert!(error.contains("line 2") && error.contains(words), "{error}");
            }
        }
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let bad = |pair| {
            Settings::resolve(
                &Flags::default(),
                &Environment::from([("ROOMKEY_HOME", "/nonexistent"), pair]),
            )
        };
        for (name, value) in [
            ("ROOMKEY_TIME_ZONE", "Berlin"),
            ("ROOMKEY_SANDBOX", "maybe"),
        ] {
            let error = bad((name, value)).unwrap_err().to_string();
            assert!(error.contains(value) && error.contains(name), "{error}");
        }
    }
}

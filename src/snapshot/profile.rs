//! One hotel: its settings, and its access system in Seam.

use chrono_tz::Tz;

use crate::hotel::refusal::{Found, Refusal};
use crate::hotel::text::fold;
use crate::hotel::{CardFormat, HotelTime, Hours};
use crate::seam::{AcsSystem, Client, Remark, systems, workspaces};
use crate::snapshot::error::Error;
use crate::snapshot::id_cache::IdCache;

/// The `external_type` of an ASSA ABLOY Visionline system.
const VISIONLINE: &str = "visionline_system";

/// The codes of errors that stop Seam from reaching the lock system (SEAM.md 3.9). The set is open. Other codes are
/// shown but do not stop a command.
const DOWN: [&str; 5] = [
    "seam_bridge_disconnected",
    "bridge_disconnected",
    "visionline_instance_unreachable",
    "acs_system_disconnected",
    "account_disconnected",
];

/// The settings of a hotel, from flags, environment and profile.
#[derive(Clone, Debug)]
pub struct HotelProfile {
    /// The access system, by id or name.
    pub system: Option<String>,
    /// The credential manager, by id.
    pub manager: Option<String>,
    /// The IANA time zone, and the source of this setting.
    pub zone: Option<(Tz, String)>,
    /// The hours of check-in, check-out and the change of the business date.
    pub hours: Hours,
    /// The hotel's name for guests.
    pub site: Option<String>,
    /// The common doors that every new key opens.
    pub also: Vec<String>,
    /// The label of new keys.
    pub label: Option<String>,
    /// The card format of new keys.
    pub format: CardFormat,
    /// The `workspace_id` that the API key must belong to.
    pub workspace: Option<String>,
    /// The cached ids of this hotel.
    pub known: IdCache,
}

/// A Visionline system.
#[derive(Debug)]
pub struct System {
    /// The `acs_system_id`.
    pub id: String,
    /// The name of the system in Seam.
    pub name: String,
    /// The errors that Seam reports for the system.
    pub errors: Vec<Remark>,
    /// The warnings that Seam reports for the system.
    pub warnings: Vec<Remark>,
    manager: Result<String, Found>,
    zone: Result<Tz, ZoneProblem>,
}

#[derive(Debug)]
enum ZoneProblem {
    Unknown,
    Conflict {
        ours: String,
        origin: String,
        theirs: String,
    },
}

impl System {
    /// Reads the systems of the workspace and chooses the hotel's. A missing time zone or credential manager is not an
    /// error here. It is reported by the commands that need it.
    pub(crate) async fn read(
        client: &Client,
        profile: &HotelProfile,
    ) -> Result<(Self, HotelTime), Error> {
        let (all, ()) = futures::try_join!(
            async { Ok::<_, Error>(systems::list(client).await?.value) },
            check_workspace(client, profile)
        )?;
        let system = pick(all, profile.system.as_deref())?;
        let manager = match (
            &profile.manager,
            &system.default_credential_manager_acs_system_id,
        ) {
            (Some(asked), _) => Ok(asked.clone()),
            (None, Some(default)) => Ok(default.to_string()),
            (None, None) => sole_manager(client, &system).await,
        };
        let theirs = system.location.and_then(|location| location.time_zone);
        let zone = agree(profile.zone.as_ref(), theirs);
        let time = HotelTime {
            zone: *zone.as_ref().unwrap_or(&Tz::UTC),
            hours: profile.hours,
            now: client.now(),
        };
        let system = System {
            id: system.acs_system_id.into(),
            name: system.name.unwrap_or_default(),
            errors: system.errors,
            warnings: system.warnings,
            manager,
            zone,
        };
        Ok((system, time))
    }

    /// Returns the system that keeps the mobile keys: the one in the settings, otherwise the system's default,
    /// otherwise the only compatible one.
    pub fn manager(&self) -> Result<&str, Refusal> {
        self.manager.as_deref().map_err(|found| Refusal::Manager {
            found: found.clone(),
        })
    }

    /// Returns the hotel's time zone. Refuses if it is unknown or if two sources differ.
    pub fn check_zone(&self) -> Result<Tz, Refusal> {
        self.zone
            .as_ref()
            .copied()
            .map_err(|problem| match problem {
                ZoneProblem::Unknown => Refusal::ZoneUnknown,
                ZoneProblem::Conflict {
                    ours,
                    origin,
                    theirs,
                } => Refusal::ZoneConflict {
                    ours: ours.clone(),
                    origin: origin.clone(),
                    theirs: theirs.clone(),
                },
            })
    }

    /// Refuses if Seam reports that it cannot reach the lock system.
    pub fn check_up(&self) -> Result<(), Refusal> {
        match self
            .errors
            .iter()
            .find(|error| DOWN.contains(&error.code.as_str()))
        {
            None => Ok(()),
            Some(error) => Err(Refusal::SystemDown {
                system: self.name.clone(),
                code: error.code.clone(),
                message: error.message.clone(),
            }),
        }
    }

    /// Checks everything that a change needs from the system.
    pub fn check(&self) -> Result<(), Refusal> {
        self.check_zone()?;
        self.check_up()
    }
}

async fn check_workspace(client: &Client, profile: &HotelProfile) -> Result<(), Error> {
    let Some(wanted) = &profile.workspace else {
        return Ok(());
    };
    let is = workspaces::get(client).await?.value.workspace_id;
    if is == *wanted {
        return Ok(());
    }
    Err(Refusal::Workspace {
        wanted: wanted.clone(),
        is,
    }
    .into())
}

fn pick(all: Vec<AcsSystem>, asked: Option<&str>) -> Result<AcsSystem, Refusal> {
    let mut hotels: Vec<_> = all.into_iter().filter(is_visionline).collect();
    let labels = |systems: &[AcsSystem]| {
        systems
            .iter()
            .map(|system| {
                (
                    system.name.clone().unwrap_or_default(),
                    system.acs_system_id.to_string(),
                )
            })
            .collect::<Vec<_>>()
    };
    let known = labels(&hotels);
    if let Some(asked) = asked {
        hotels.retain(|system| {
            let name = system.name.as_deref();
            system.acs_system_id.as_str() == asked || name.map(fold) == Some(fold(asked))
        });
    }
    let found = if hotels.is_empty() {
        Found::None
    } else {
        Found::Many(labels(&hotels))
    };
    match (hotels.pop(), hotels.is_empty()) {
        (Some(system), true) => Ok(system),
        _ => Err(Refusal::System {
            asked: asked.map(str::to_owned),
            found,
            all: known,
        }),
    }
}

fn is_visionline(system: &AcsSystem) -> bool {
    match system.external_type.as_deref() {
        Some(kind) => kind == VISIONLINE,
        None => !system.is_credential_manager.unwrap_or(false),
    }
}

/// Returns the only compatible credential manager. If the read fails, the manager is unknown, and a command that needs
/// it reports that.
async fn sole_manager(client: &Client, system: &AcsSystem) -> Result<String, Found> {
    let Ok(reply) =
        systems::list_compatible_credential_manager_acs_systems(client, &system.acs_system_id)
            .await
    else {
        return Err(Found::None);
    };
    let mut found: Vec<_> = reply
        .value
        .into_iter()
        .map(|s| (s.name.unwrap_or_default(), s.acs_system_id.to_string()))
        .collect();
    match (found.len(), found.pop()) {
        (1, Some((_, id))) => Ok(id),
        (_, None) => Err(Found::None),
        (_, Some(last)) => {
            found.push(last);
            Err(Found::Many(found))
        }
    }
}

fn agree(ours: Option<&(Tz, String)>, theirs: Option<String>) -> Result<Tz, ZoneProblem> {
    match (ours, theirs) {
        (None, None) => Err(ZoneProblem::Unknown),
        (Some((zone, _)), None) => Ok(*zone),
        (None, Some(name)) => name.parse().map_err(|_| ZoneProblem::Unknown),
        (Some((zone, origin)), Some(theirs)) if zone.name() != theirs => {
            Err(ZoneProblem::Conflict {
                ours: zone.name().to_owned(),
                origin: origin.clone(),
                theirs,
            })
        }
        (Some((zone, _)), Some(_)) => Ok(*zone),
    }
}

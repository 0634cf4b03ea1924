//! Why a command stopped before its first write.
//!
//! A [`Refusal`] is a decision, made from what was read; a person can overrule most of them with an
//! option that the message names. What stops a command between writes is [`super::engine::Stop`].

use crate::seam;
use crate::stay::{CapacityError, DoorError, GuestQuery, LabelError, TimeError};

/// A live key, as far as a refusal tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// `acs_credential_id`.
    pub id: String,
    /// The guest's name, or what is known instead.
    pub holder: String,
    /// Names of its doors.
    pub doors: Vec<String>,
    /// From when, in words and hotel time, where it has not started.
    pub from: Option<String>,
    /// Until when, in words and hotel time.
    pub until: String,
    /// "mobile key" or "plastic card".
    pub medium: &'static str,
}

impl std::fmt::Display for Brief {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let doors = self.doors.join(", ");
        write!(f, "{}, {} for {doors}, ", self.holder, self.medium)?;
        if let Some(from) = &self.from {
            write!(f, "from {from} ")?;
        }
        write!(f, "until {}", self.until)
    }
}

/// A look-up that found none, or more than one, where one was needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    None,
    /// These: label and id of each.
    Many(Vec<(String, String)>),
}

/// Why nothing was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// A live key of somebody else is on the room.
    #[error("room {rooms} has a live key of somebody else")]
    Occupied {
        /// The rooms that have one.
        rooms: String,
        /// The keys.
        keys: Vec<Brief>,
        /// They belong to a stay of one of the guests named.
        same_stay: bool,
        /// The command can replace them where that is agreed to.
        replaceable: bool,
    },
    /// The guest has a key to this room, with other doors or times.
    #[error("the guest already has a key to this room, and it differs")]
    UseUpdate {
        /// The guest's name.
        guest: String,
        /// That key.
        key: Brief,
    },
    /// The guest has a plastic card to this room.
    #[error("the guest has a plastic card to this room")]
    UseJoin {
        /// The guest's name.
        guest: String,
        /// That card.
        key: Brief,
    },
    /// The guest has a key that works now, and the new one, which may replace it at once, starts later.
    #[error("the guest has a key that works now, and the new one starts later")]
    Gap {
        /// The guest's name.
        guest: String,
        /// The key that works now.
        key: Brief,
        /// The start of the new key, in hotel time.
        start: String,
    },
    /// Several stays have live keys to the rooms, and a person must say which is meant.
    #[error("there are several stays at the room")]
    SeveralStays {
        /// What is to be done with one: "join" or "revoke".
        command: &'static str,
        /// The rooms.
        rooms: String,
        /// The keys of each stay.
        stays: Vec<Vec<Brief>>,
    },
    /// One phone's copy was asked for, and the id is that of the whole key.
    #[error("the key is not one phone's copy")]
    NotACopy {
        /// The id as typed.
        asked: String,
        /// The ids of its copies.
        copies: Vec<String>,
    },
    /// Since an operation stopped, others have changed what it is about.
    #[error("{what}")]
    ChangedSince {
        /// What has changed, in one sentence.
        what: String,
        /// The keys.
        keys: Vec<Brief>,
    },
    /// The new key would replace the guest's key to another room.
    #[error("the guest has a live key elsewhere")]
    KeyElsewhere {
        /// The guest's name.
        guest: String,
        /// That key.
        key: Brief,
    },
    /// `--require-phone`, or a command that takes before it gives.
    #[error("the guest's phone is not ready")]
    PhoneNotReady {
        /// The guest's name.
        guest: String,
        /// What the guest would lose.
        loses: Option<Brief>,
    },
    /// The contact belongs to a guest with another name: the same person, or a second one who shares it.
    #[error("the contact belongs to a guest with another name")]
    NameDiffers {
        /// The guest as typed.
        typed: GuestQuery,
        /// The name on record.
        on_record: String,
        /// What to type if they are the same person.
        same: GuestQuery,
    },
    /// The access system cannot give the guest a mobile key.
    #[error("the guest cannot get a mobile key: {why}")]
    GuestNotReady {
        /// The guest's name.
        guest: String,
        /// Why not, as the end of a sentence about the guest.
        why: String,
        /// What to do about it.
        remedy: String,
    },
    /// No such guest, or several.
    #[error("guest `{asked}`")]
    Guest {
        /// What was typed.
        asked: String,
        /// What was found.
        found: Found,
    },
    /// No such key, or several.
    #[error("key `{asked}`")]
    Key {
        /// What was asked for, in words.
        asked: String,
        /// What was found.
        found: Found,
    },
    /// Not one Visionline system.
    #[error("access system")]
    System {
        /// What the flag or profile names.
        asked: Option<String>,
        /// What was found.
        found: Found,
        /// All Visionline systems of the workspace, name and id.
        all: Vec<(String, String)>,
    },
    /// Not one credential manager.
    #[error("credential manager")]
    Manager {
        /// What was found.
        found: Found,
    },
    /// The workspace is not the one the profile is pinned to.
    #[error("the API key opens workspace {is}, and the profile is for {wanted}")]
    Workspace {
        /// `workspace_id` of the profile.
        wanted: String,
        /// `workspace_id` of the key.
        is: String,
    },
    /// Neither the settings nor the system say which zone the hotel keeps.
    #[error("the hotel's time zone is not known")]
    ZoneUnknown,
    /// They say different things.
    #[error("two time zones: {ours} ({origin}) and {theirs} (the access system)")]
    ZoneConflict {
        /// From the settings.
        ours: String,
        /// Where it was set.
        origin: String,
        /// `location.time_zone` of the system.
        theirs: String,
    },
    /// A room or door.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// A date, time or window.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The text on the key.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// More doors than the card format holds.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
    /// Rooms or times beyond those of the keys to be joined.
    #[error("{0}")]
    BeyondJoined(String),
    /// The keys to be joined do not agree, or cannot be joined.
    #[error("{0}")]
    CannotJoin(String),
    /// A key that cannot be updated.
    #[error("{0}")]
    CannotUpdate(String),
    /// The same guest was named twice, or by two names.
    #[error("{0}")]
    Twice(String),
    /// The lock system is down, says Seam.
    #[error("{system}: {message}")]
    SystemDown {
        /// The access system.
        system: String,
        /// The API's code.
        code: String,
        /// The API's message.
        message: String,
    },
    /// The operation has cost others their access, which has to be given back before it can be taken back.
    #[error("others have lost their access by this operation")]
    HarmedFirst {
        /// The keys that have stopped.
        keys: Vec<Brief>,
        /// The operation's id as messages print it.
        operation: String,
    },
    /// A guest has lost access, and a mobile key that gives it back cannot be made by itself.
    #[error("the access cannot be given back: {key}")]
    CannotRestore {
        /// The key that has stopped.
        key: Brief,
        /// A mobile key of the guest that a new one may replace; `None` where the guest had a plastic card.
        other: Option<Brief>,
    },
    /// A key's end lies in the past.
    #[error("the key was to end {0}, which has passed")]
    TooLate(String),
    /// No such unfinished operation, or several.
    #[error("operation `{asked}`")]
    Operation {
        /// What was typed.
        asked: String,
        /// What was found.
        found: Found,
    },
}

/// What stops a command while it looks up and decides.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A read failed.
    #[error(transparent)]
    Seam(#[from] seam::Error),
    /// A decision.
    #[error(transparent)]
    Refused(Box<Refusal>),
}

impl<R: Into<Refusal>> From<R> for Error {
    fn from(refusal: R) -> Self {
        Error::Refused(Box::new(refusal.into()))
    }
}

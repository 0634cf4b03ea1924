//! The reasons why a command writes nothing.
//!
//! A [`Refusal`] is a decision that was made from what was read. A person can override most refusals with an option
//! that the message names. The words are in `present/`.

use super::{CapacityError, DoorError, GuestQuery, LabelError, TimeError};

/// The summary of a live key in a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// The key's `acs_credential_id`.
    pub id: String,
    /// The guest's name, or another description if the name is not known.
    pub holder: String,
    /// The names of the key's doors.
    pub doors: Vec<String>,
    /// The start in hotel time, as text, if the key has not started.
    pub from: Option<String>,
    /// The end in hotel time, as text.
    pub until: String,
    /// The kind of the key: "mobile key" or "plastic card".
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

/// The result of a search for exactly one thing that found none or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing was found.
    None,
    /// Several were found: label and id of each.
    Many(Vec<(String, String)>),
}

/// How guests can share a room in which other people are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// `join` gives them a key.
    Join,
    /// `join` gives them a key, which replaces a key that one of them has.
    Replace,
    /// Their own key is for the room already, and other people are there at a later or earlier time.
    None,
}

/// The reason why nothing was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refusal {
    /// Somebody else has a live key to the room.
    #[error("room {rooms} has a live key of somebody else")]
    Occupied {
        /// The rooms with such a key.
        rooms: String,
        /// The live keys.
        keys: Vec<Brief>,
        /// Whether the keys belong to a stay of one of the guests whom the command names.
        same_stay: bool,
        /// Whether the command can replace the keys if a person agrees.
        replaceable: bool,
        /// How the guests of the command can share the room.
        sharing: Sharing,
    },
    /// The guest has a key to this room with other doors or times.
    #[error("the guest already has a key to this room, and it differs")]
    UseUpdate {
        /// The guest's name.
        guest: String,
        /// The key that the guest has.
        key: Brief,
    },
    /// The guest has a plastic card to this room.
    #[error("the guest has a plastic card to this room")]
    UseJoin {
        /// The guest's name.
        guest: String,
        /// The guest's card.
        key: Brief,
    },
    /// The guest has a key that works now and that the new key may replace at once, but the new key starts later.
    #[error("the guest has a key that works now, and the new one starts later")]
    Gap {
        /// The guest's name.
        guest: String,
        /// The key that works now.
        key: Brief,
        /// The start of the new key, in hotel time.
        start: String,
    },
    /// Several stays have live keys to the rooms, and a person must choose one.
    #[error("there are several stays at the room")]
    SeveralStays {
        /// The command that needs one stay: "join" or "revoke".
        command: &'static str,
        /// The rooms.
        rooms: String,
        /// The keys of each stay.
        stays: Vec<Vec<Brief>>,
    },
    /// One phone's copy was asked for, but the id belongs to a whole key.
    #[error("the key is not one phone's copy")]
    NotACopy {
        /// The id as typed.
        asked: String,
        /// The ids of the key's copies.
        copies: Vec<String>,
    },
    /// Other people have changed the guests' keys or the rooms of an operation since it stopped.
    #[error("{what}")]
    ChangedSince {
        /// The change, in one sentence.
        what: String,
        /// The keys that changed.
        keys: Vec<Brief>,
    },
    /// Somebody has taken away keys that an operation made, or may have made, since it stopped.
    #[error("a key of this operation was taken away since it stopped, or may have been")]
    TakenAway {
        /// The keys of the operation.
        keys: Vec<Brief>,
        /// The deleted keys of which one may be a key of the operation: the id of each, and when it was deleted in
        /// hotel time. Empty if it is certain that the keys in `keys` were taken away.
        deleted: Vec<(String, String)>,
        /// The operation's id in the short form that messages print.
        operation: String,
    },
    /// The new key would replace the guest's key to another room.
    #[error("the guest has a live key elsewhere")]
    KeyElsewhere {
        /// The guest's name.
        guest: String,
        /// The key to the other room.
        key: Brief,
    },
    /// No phone of the guest is ready, and `--require-phone` was given or the command would take away a working key
    /// first.
    #[error("the guest's phone is not ready")]
    PhoneNotReady {
        /// The guest's name.
        guest: String,
        /// The key that the guest would lose.
        loses: Option<Brief>,
    },
    /// The contact belongs to a guest with another name: either the same person, or a second person who shares the
    /// contact.
    #[error("the contact belongs to a guest with another name")]
    NameDiffers {
        /// The guest as typed.
        typed: GuestQuery,
        /// The name on record.
        on_record: String,
        /// The query to type if both names belong to the same person.
        same: GuestQuery,
    },
    /// The access system cannot give the guest a mobile key.
    #[error("the guest cannot get a mobile key: {why}")]
    GuestNotReady {
        /// The guest's name.
        guest: String,
        /// The reason, as the end of a sentence about the guest.
        why: String,
        /// What to do about it.
        remedy: String,
    },
    /// No guest matches, or several do.
    #[error("guest `{asked}`")]
    Guest {
        /// What was typed.
        asked: String,
        /// What was found.
        found: Found,
    },
    /// No key matches, or several do.
    #[error("key `{asked}`")]
    Key {
        /// The keys that were asked for, in words.
        asked: String,
        /// What was found.
        found: Found,
    },
    /// No Visionline system matches, or several do.
    #[error("access system")]
    System {
        /// The system that the flag or profile names.
        asked: Option<String>,
        /// What was found.
        found: Found,
        /// All Visionline systems of the workspace: name and id of each.
        all: Vec<(String, String)>,
    },
    /// There is no suitable credential manager, or there are several.
    #[error("credential manager")]
    Manager {
        /// What was found.
        found: Found,
    },
    /// The API key belongs to another workspace than the profile.
    #[error("the API key opens workspace {is}, and the profile is for {wanted}")]
    Workspace {
        /// The `workspace_id` in the profile.
        wanted: String,
        /// The `workspace_id` of the API key.
        is: String,
    },
    /// Neither the settings nor the access system give the hotel's time zone.
    #[error("the hotel's time zone is not known")]
    ZoneUnknown,
    /// The settings and the access system give different time zones.
    #[error("two time zones: {ours} ({origin}) and {theirs} (the access system)")]
    ZoneConflict {
        /// The zone in the settings.
        ours: String,
        /// The source of that setting.
        origin: String,
        /// The system's `location.time_zone`.
        theirs: String,
    },
    /// A name of a room or door does not lead to one door.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// A date, time or window cannot be used.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The label of the key cannot be used.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// The key has more doors than its card format holds.
    #[error(transparent)]
    Capacity(#[from] CapacityError),
    /// The rooms or times exceed those of the keys to join.
    #[error("{0}")]
    BeyondJoined(String),
    /// The keys to join differ from each other, or cannot be joined.
    #[error("{0}")]
    CannotJoin(String),
    /// The key cannot be updated.
    #[error("{0}")]
    CannotUpdate(String),
    /// The same guest was named more than once, perhaps under two names.
    #[error("{0}")]
    Twice(String),
    /// Seam reports that it cannot reach the lock system.
    #[error("{system}: {message}")]
    SystemDown {
        /// The access system.
        system: String,
        /// The API's code.
        code: String,
        /// The API's message.
        message: String,
    },
    /// Other guests lost access through the operation. Their access must be given back before the operation can be
    /// undone.
    #[error("others have lost their access by this operation")]
    HarmedFirst {
        /// The keys that stopped working.
        keys: Vec<Brief>,
        /// The operation's id in the short form that messages print.
        operation: String,
    },
    /// A guest lost access, and the tool cannot make a mobile key by itself that gives it back.
    #[error("the access cannot be given back: {key}")]
    CannotRestore {
        /// The key that stopped working.
        key: Brief,
        /// A mobile key of the guest that a new key might replace, or `None` if the guest had a plastic card.
        other: Option<Brief>,
    },
    /// The end that was planned for a key has passed.
    #[error("the key was to end {0}, which has passed")]
    TooLate(String),
    /// No unfinished operation matches, or several do.
    #[error("operation `{asked}`")]
    Operation {
        /// What was typed.
        asked: String,
        /// What was found.
        found: Found,
    },
}

/// Information that people should know but that does not stop the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A stable code, for programs.
    pub code: String,
    /// A message, for people.
    pub message: String,
}

//! Doors of the lock system, and how the names that staff type are matched to them.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::room::RoomName;
use super::text::{fold, plain};

/// How many similar names an error suggests.
const SUGGESTIONS: usize = 3;
/// How many typing mistakes a suggested name may differ by.
const SLIPS: usize = 2;

/// The purpose of a door, as in the API's `visionline_metadata.door_category`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// A guest room.
    Guest,
    /// A common door, such as the door of the pool.
    Common,
    /// A common door that the hotel's booking system enables for each guest.
    CommonPms,
    /// An entrance of the building.
    Entrance,
    /// A card reader in a lift.
    ElevatorReader,
    /// A door without a category, or with one that this version does not know.
    Other,
}

impl Category {
    /// Reads the API's value. A missing or unknown value is [`Category::Other`].
    pub fn from_api(word: Option<&str>) -> Self {
        match word {
            Some("guest") => Self::Guest,
            Some("common") => Self::Common,
            Some("common (PMS)") => Self::CommonPms,
            Some("entrance") => Self::Entrance,
            Some("elevator reader") => Self::ElevatorReader,
            _ => Self::Other,
        }
    }

    /// Returns whether a key lists doors of this category. The schema has lists for guest doors and for common doors.
    /// No source says whether keys list other doors.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::Guest | Self::Common | Self::CommonPms)
    }

    /// Returns the API's value, or `other` for [`Category::Other`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Common => "common",
            Self::CommonPms => "common (PMS)",
            Self::Entrance => "entrance",
            Self::ElevatorReader => "elevator reader",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A door of a lock system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The API's `acs_entrance_id`.
    pub id: String,
    /// The API's `acs_system_id`.
    pub system_id: String,
    /// The API's `display_name`.
    pub name: String,
    /// Visionline's own name of the door, if it has one.
    pub door_name: Option<String>,
    /// The purpose of the door.
    pub category: Category,
    /// Whether the lock accepts mobile keys.
    pub mobile: bool,
}

impl Door {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.door_name.as_deref())
    }

    /// Returns whether the door has this name, in any encoding of its accents. `asked` must be folded.
    pub(super) fn is_called(&self, asked: &str) -> bool {
        self.names()
            .any(|name| name == asked || fold(name) == asked)
    }

    /// Returns whether the door has this name apart from leading zeros. Some booking systems write zeros before room
    /// numbers.
    fn is_called_but_for_zeros(&self, asked: &str) -> bool {
        self.names()
            .any(|name| bare(name) == bare(asked) || bare(&fold(name)) == bare(asked))
    }

    fn is_called_like(&self, asked: &str) -> bool {
        self.names()
            .any(|name| fold(name).to_lowercase() == asked.to_lowercase())
    }
}

/// The error for a name that does not lead to exactly one door.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DoorError {
    /// No door has this name.
    #[error("no {kind} is called \"{asked}\"{}; {}", look_alike(.asked), remedy(.similar))]
    NotFound {
        /// What the name was searched among: `guest room` or `common door`.
        kind: &'static str,
        /// The name as typed.
        asked: String,
        /// Up to three similar names, the most likely first.
        similar: Vec<String>,
    },
    /// More than one door has this name.
    #[error("\"{asked}\" is the name of {} doors ({}); {}", .doors.len(), list(.doors), distinct(.doors))]
    Ambiguous {
        /// The name as typed.
        asked: String,
        /// The doors that have this name.
        doors: Vec<Door>,
    },
    /// The door exists, but it is not a guest room.
    #[error(
        "\"{asked}\" is not a guest room (its category is \"{category}\"); type `--also \"{asked}\"`"
    )]
    NotGuest {
        /// The name as typed.
        asked: String,
        /// The purpose of the door.
        category: Category,
    },
    /// The door exists, but it is a guest room.
    #[error("\"{asked}\" is a guest room; type `--room \"{asked}\"`")]
    IsGuest {
        /// The name as typed.
        asked: String,
    },
    /// The lock of the door does not accept mobile keys.
    #[error(
        "the lock of \"{asked}\" takes no mobile keys; make a plastic card, or type another door"
    )]
    NotMobile {
        /// The name as typed.
        asked: String,
    },
}

/// Returns the guest doors that `rooms` name, in the same order and each only once. A name is matched exactly against
/// a door's `name` or `door_name`. (The API's own search is partial: 101 also finds 1010.) If no door has the name, it
/// may differ by leading zeros from the name of exactly one door, because OPERA's exports write `000201`.
///
/// Returns an error for a name that leads to no door, to several doors, or to a door that cannot be used.
pub fn find_rooms<'a>(
    doors: impl Iterator<Item = &'a Door> + Clone,
    rooms: &[RoomName],
) -> Result<Vec<&'a Door>, DoorError> {
    each_once(
        rooms
            .iter()
            .map(|room| find_room(doors.clone(), &fold(room.as_str()))),
    )
}

/// Returns the doors that `--also` names, in the same order and each only once. A door of any category except guest
/// rooms can be named. A name is matched exactly, or without regard to case if only one door then matches.
///
/// Returns an error for a name that leads to no door, to several doors, or to a door that cannot be used.
pub fn find_others<'a>(
    doors: impl Iterator<Item = &'a Door> + Clone,
    names: &[String],
) -> Result<Vec<&'a Door>, DoorError> {
    each_once(
        names
            .iter()
            .map(|name| find_other(doors.clone(), &fold(name))),
    )
}

fn find_room<'a>(
    doors: impl Iterator<Item = &'a Door>,
    asked: &str,
) -> Result<&'a Door, DoorError> {
    let (guest, others) = by_kind(doors);
    for matches in [Door::is_called, Door::is_called_but_for_zeros] {
        if let Some(door) = only(&guest, asked, matches)? {
            return mobile(door, asked);
        }
    }
    Err(
        match others.iter().find(|door| door.is_called_like(asked)) {
            Some(door) => DoorError::NotGuest {
                asked: asked.to_owned(),
                category: door.category,
            },
            None => not_found("guest room", &guest, asked),
        },
    )
}

fn find_other<'a>(
    doors: impl Iterator<Item = &'a Door>,
    asked: &str,
) -> Result<&'a Door, DoorError> {
    let (guest, others) = by_kind(doors);
    for matches in [Door::is_called, Door::is_called_like] {
        if let Some(door) = only(&others, asked, matches)? {
            return mobile(door, asked);
        }
    }
    Err(match guest.iter().find(|door| door.is_called(asked)) {
        Some(_) => DoorError::IsGuest {
            asked: asked.to_owned(),
        },
        None => not_found("common door", &others, asked),
    })
}

/// Splits doors into guest doors and all others.
fn by_kind<'a>(doors: impl Iterator<Item = &'a Door>) -> (Vec<&'a Door>, Vec<&'a Door>) {
    doors.partition(|door| door.category == Category::Guest)
}

/// Returns a name without its leading zeros. A name of only zeros keeps the last one.
pub(super) fn bare(name: &str) -> &str {
    let bare = name.trim_start_matches('0');
    if bare.is_empty() && !name.is_empty() {
        &name[name.len() - 1..]
    } else {
        bare
    }
}

/// Returns the one door that matches, or `None`. Several matching doors are an error.
fn only<'a>(
    doors: &[&'a Door],
    asked: &str,
    matches: fn(&Door, &str) -> bool,
) -> Result<Option<&'a Door>, DoorError> {
    let mut found = doors.iter().copied().filter(|door| matches(door, asked));
    let first = found.next();
    let rest: Vec<_> = found.collect();
    match first {
        Some(first) if !rest.is_empty() => Err(DoorError::Ambiguous {
            asked: asked.to_owned(),
            doors: std::iter::once(first).chain(rest).cloned().collect(),
        }),
        one_or_none => Ok(one_or_none),
    }
}

fn mobile<'a>(door: &'a Door, asked: &str) -> Result<&'a Door, DoorError> {
    if door.mobile {
        Ok(door)
    } else {
        Err(DoorError::NotMobile {
            asked: asked.to_owned(),
        })
    }
}

/// Collects doors, without those that an earlier name already found.
fn each_once<'a>(
    found: impl Iterator<Item = Result<&'a Door, DoorError>>,
) -> Result<Vec<&'a Door>, DoorError> {
    let mut doors: Vec<&Door> = Vec::new();
    for door in found {
        let door = door?;
        if !doors.iter().any(|earlier| earlier.id == door.id) {
            doors.push(door);
        }
    }
    Ok(doors)
}

fn not_found(kind: &'static str, doors: &[&Door], asked: &str) -> DoorError {
    DoorError::NotFound {
        kind,
        asked: asked.to_owned(),
        similar: similar(doors, asked),
    }
}

/// Returns the names that are most similar to what was typed, the most likely first.
fn similar(doors: &[&Door], asked: &str) -> Vec<String> {
    let asked = look(asked);
    let mut near: Vec<(usize, &str)> = doors
        .iter()
        .flat_map(|door| door.names())
        .filter_map(|name| Some((distance(&asked, name)?, name)))
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter()
        .take(SUGGESTIONS)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Returns how much `name` differs from what was typed: 0 if they look alike, otherwise the number of typing mistakes
/// between them. Returns `None` if they are not similar.
fn distance(asked: &[char], name: &str) -> Option<usize> {
    let name = look(name);
    if asked == name {
        return Some(0);
    }
    if asked.len().abs_diff(name.len()) > SLIPS {
        return None;
    }
    let slips = slips(asked, &name);
    (slips <= SLIPS && slips < asked.len()).then_some(slips)
}

/// Returns a name as it looks to a reader. Case, leading zeros, full-width forms, and letters that resemble digits are
/// ignored.
fn look(name: &str) -> Vec<char> {
    plain(name)
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'o' => '0',
            'l' | 'i' => '1',
            'z' => '2',
            's' => '5',
            'b' => '8',
            other => other,
        })
        .skip_while(|c| *c == '0')
        .collect()
}

/// Returns how many characters must be inserted, dropped, replaced or swapped with their neighbour to turn one name
/// into the other (optimal string alignment distance).
fn slips(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut next = vec![i];
        for j in 1..=to.len() {
            let replaced = row[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[to.len()]
}

/// Returns a note if an unknown name looks like a plain name but contains other characters.
fn look_alike(asked: &str) -> String {
    let plain = plain(asked);
    if plain == fold(asked) {
        return String::new();
    }
    format!(
        ", which is written with full-width or other unusual forms of the characters \"{plain}\""
    )
}

/// Returns what to type instead of an unknown name.
fn remedy(similar: &[String]) -> String {
    match similar {
        [] => "type a name as `roomkey rooms` lists it".to_owned(),
        names => format!(
            "type {}, or a name that `roomkey rooms` lists",
            quoted(names).join(" or ")
        ),
    }
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

/// Lists doors with both names and the id, so that a clerk can distinguish them.
fn list(doors: &[Door]) -> String {
    doors
        .iter()
        .map(|door| match &door.door_name {
            Some(other) if *other != door.name => format!("{} / {other}, {}", door.name, door.id),
            _ => format!("{}, {}", door.name, door.id),
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// Returns advice on how to choose between doors of one name.
fn distinct(doors: &[Door]) -> &'static str {
    if doors
        .windows(2)
        .any(|pair| pair[0].system_id != pair[1].system_id)
    {
        "choose the lock system with `--system`"
    } else {
        "type a name that only one of them has, or rename one in Visionline"
    }
}

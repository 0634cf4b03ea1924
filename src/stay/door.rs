//! Doors as the lock system knows them, and which of them staff mean.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::room::RoomName;
use super::text::{fold, plain};

/// How many similar names an error offers.
const SUGGESTIONS: usize = 3;
/// How many slips of the finger a similar name may be away.
const SLIPS: usize = 2;

/// What a door is for: `visionline_metadata.door_category` of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Category {
    /// A guest room.
    Guest,
    /// A common door, such as the pool's.
    Common,
    /// A common door that the hotel's booking system switches on for each guest.
    CommonPms,
    /// An entrance of the building.
    Entrance,
    /// A reader in a lift.
    ElevatorReader,
    /// No category, or one that this version does not know.
    Other,
}

impl Category {
    /// Reads the API's word. The set is open: what is absent or not known is [`Category::Other`].
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

    /// Returns whether a key lists doors of this category: the schema has lists for guest doors and for common doors,
    /// and no source says where others appear.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::Guest | Self::Common | Self::CommonPms)
    }

    /// The API's word, and `other` where it has none.
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

/// One door of one lock system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// The API's `acs_entrance_id`.
    pub id: String,
    /// The API's `acs_system_id`.
    pub system_id: String,
    /// The API's `display_name`.
    pub name: String,
    /// Visionline's own name of the door, where it has one.
    pub door_name: Option<String>,
    /// What the door is for.
    pub category: Category,
    /// Whether its lock takes mobile keys.
    pub mobile: bool,
}

impl Door {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.door_name.as_deref())
    }

    /// Whether it has this name, however its accents are encoded. `asked` is folded.
    pub(super) fn is_called(&self, asked: &str) -> bool {
        self.names()
            .any(|name| name == asked || fold(name) == asked)
    }

    /// Whether it has this name but for leading zeros, which some booking systems write before room numbers.
    fn is_called_but_for_zeros(&self, asked: &str) -> bool {
        self.names()
            .any(|name| bare(name) == bare(asked) || bare(&fold(name)) == bare(asked))
    }

    fn is_called_like(&self, asked: &str) -> bool {
        self.names()
            .any(|name| fold(name).to_lowercase() == asked.to_lowercase())
    }
}

/// Why a text does not lead to one door.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DoorError {
    /// No door has this name.
    #[error("no {kind} is called \"{asked}\"{}; {}", look_alike(.asked), remedy(.similar))]
    NotFound {
        /// What was looked for: `guest room` or `common door`.
        kind: &'static str,
        /// The name as typed.
        asked: String,
        /// Up to three names that it may have meant, the likeliest first.
        similar: Vec<String>,
    },
    /// More than one door has this name.
    #[error("\"{asked}\" is the name of {} doors ({}); {}", .doors.len(), list(.doors), distinct(.doors))]
    Ambiguous {
        /// The name as typed.
        asked: String,
        /// The doors that have it.
        doors: Vec<Door>,
    },
    /// The door exists, but it is no guest room.
    #[error(
        "\"{asked}\" is not a guest room (its category is \"{category}\"); type `--also \"{asked}\"`"
    )]
    NotGuest {
        /// The name as typed.
        asked: String,
        /// What the door is for.
        category: Category,
    },
    /// The door exists, but it is a guest room.
    #[error("\"{asked}\" is a guest room; type `--room \"{asked}\"`")]
    IsGuest {
        /// The name as typed.
        asked: String,
    },
    /// The door's lock takes no mobile keys.
    #[error(
        "the lock of \"{asked}\" takes no mobile keys; make a plastic card, or type another door"
    )]
    NotMobile {
        /// The name as typed.
        asked: String,
    },
}

/// The guest doors that `rooms` name, in that order and each once. A name is matched exactly
/// against a door's `name` or `door_name` (the API's own search is partial: 101 also finds 1010).
/// Where no door has the name, it may differ by leading zeros from the name of exactly one door
/// (OPERA's exports write `000201`).
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

/// The doors that `--also` names, in that order and each once: any category except guest rooms,
/// matched exactly, or without regard to case where that leaves one door.
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

/// Guest doors and all others.
fn by_kind<'a>(doors: impl Iterator<Item = &'a Door>) -> (Vec<&'a Door>, Vec<&'a Door>) {
    doors.partition(|door| door.category == Category::Guest)
}

/// A name without leading zeros; one of nothing but zeros keeps its last.
pub(super) fn bare(name: &str) -> &str {
    let bare = name.trim_start_matches('0');
    if bare.is_empty() && !name.is_empty() {
        &name[name.len() - 1..]
    } else {
        bare
    }
}

/// The one door that matches, none, or an error where there are more.
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

/// Collects doors, leaving out those that an earlier name already led to.
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

/// The names nearest to what was typed, the likeliest first.
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

/// How far `name` is from what was typed: 0 where they look alike, else the slips between them.
/// Nothing where they have little in common.
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

/// A name as the eye takes it: case, leading zeros, full-width forms and letters that resemble digits do not count.
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

/// Characters to insert, drop, replace or swap with their neighbour between two names (optimal
/// string alignment).
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

/// Says where a name that is not known only looks like a plain one.
fn look_alike(asked: &str) -> String {
    let plain = plain(asked);
    if plain == fold(asked) {
        return String::new();
    }
    format!(
        ", which is written with full-width or other unusual forms of the characters \"{plain}\""
    )
}

/// What to type where a name is not known.
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

/// Doors with both names and the id, as far as a clerk needs them to tell the doors apart.
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

/// How to tell doors of one name apart.
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

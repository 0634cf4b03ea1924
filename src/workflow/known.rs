//! Ids seen before, so that a look-up need not wait for an answer that only tells an id.
//!
//! The keys at a room can be asked for once the room's id is known, and a guest's phones once the guest's
//! identity is. Both were in earlier answers. What is remembered is asked for beside the first look-ups, and
//! used only where those confirm the id: a wrong one costs a request, and decides nothing. Ids of doors and
//! guests are kept, never what a guest is called.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::home;

/// More than the rooms and the guests of a day; a fuller memory starts afresh.
const MOST: usize = 2000;

/// What is remembered of one hotel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// `acs_entrance_id` by the room's name.
    doors: BTreeMap<String, String>,
    /// `user_identity_id` by `acs_user_id`.
    identities: BTreeMap<String, String>,
}

impl Known {
    /// From a file of the state folder; empty where there is none, or none that can be read.
    pub fn load(file: &Path) -> Self {
        home::open(file, OpenOptions::new().read(true))
            .ok()
            .and_then(|file| serde_json::from_reader(BufReader::new(file)).ok())
            .unwrap_or_default()
    }

    /// Into a file, which is replaced whole. That it cannot be written costs the next look-up some time and
    /// nothing else.
    pub fn save(&self, file: &Path) {
        let write = || -> std::io::Result<()> {
            let mut new = tempfile::NamedTempFile::new_in(home::folder_of(file))?;
            new.write_all(serde_json::to_string(self)?.as_bytes())?;
            new.persist(file)?;
            Ok(())
        };
        let _ = write();
    }

    /// The door that had this name.
    pub(super) fn door(&self, room: &str) -> Option<&String> {
        self.doors.get(room)
    }

    /// The identity that this guest had.
    pub(super) fn identity(&self, acs_user_id: &str) -> Option<&String> {
        self.identities.get(acs_user_id)
    }

    /// Remembers a door.
    pub(super) fn learn_door(&mut self, room: &str, id: &str) {
        learn(&mut self.doors, room, id);
    }

    /// Remembers a guest's identity.
    pub(super) fn learn_identity(&mut self, acs_user_id: &str, id: &str) {
        learn(&mut self.identities, acs_user_id, id);
    }
}

fn learn(map: &mut BTreeMap<String, String>, name: &str, id: &str) {
    if map.get(name).is_some_and(|known| known == id) {
        return;
    }
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(name.to_owned(), id.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_survives_and_a_broken_file_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known.json");
        let mut known = Known::load(&file);
        known.learn_door("101", "d1");
        known.learn_identity("u1", "i1");
        known.save(&file);
        assert_eq!(Known::load(&file), known);
        std::fs::write(&file, "{ half").unwrap();
        assert_eq!(Known::load(&file), Known::default());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut known = Known::default();
        (0..=MOST).for_each(|n| known.learn_door(&n.to_string(), "d"));
        assert_eq!(known.doors.len(), 1);
    }
}

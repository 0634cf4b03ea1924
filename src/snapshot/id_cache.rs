//! A cache of ids, so that a look-up can send requests earlier.
//!
//! The keys at a room can be requested as soon as the room's id is known, and a guest's phones as soon as the guest's
//! identity is known. Both ids were in earlier answers. Requests for cached ids are sent along with the first
//! look-ups, and their results are used only if the look-ups confirm the ids. A wrong id costs one request and changes
//! no decision. The cache holds ids of doors and guests, and no names of guests.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::home;

/// The maximum number of entries, which is more than the rooms and guests of one day. A full cache is cleared.
const MOST: usize = 2000;

/// The cached ids of one hotel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdCache {
    /// The `acs_entrance_id` of each door, by the room's name.
    doors: BTreeMap<String, String>,
    /// The `user_identity_id` of each guest, by `acs_user_id`.
    identities: BTreeMap<String, String>,
}

impl IdCache {
    /// Reads the cache from a file of the state folder. If the file is missing or cannot be read, the cache is empty.
    pub fn load(file: &Path) -> Self {
        home::open(file, OpenOptions::new().read(true))
            .ok()
            .and_then(|file| serde_json::from_reader(BufReader::new(file)).ok())
            .unwrap_or_default()
    }

    /// Writes the cache to a file, which is replaced as a whole. An error is ignored, because it only makes the next
    /// look-up slower.
    pub fn save(&self, file: &Path) {
        let write = || -> std::io::Result<()> {
            let mut new = tempfile::NamedTempFile::new_in(home::folder_of(file))?;
            new.write_all(serde_json::to_string(self)?.as_bytes())?;
            new.persist(file)?;
            Ok(())
        };
        let _ = write();
    }

    /// Returns the cached id of the door with this name.
    pub(crate) fn door(&self, room: &str) -> Option<&String> {
        self.doors.get(room)
    }

    /// Returns the cached identity of this guest.
    pub(crate) fn identity(&self, acs_user_id: &str) -> Option<&String> {
        self.identities.get(acs_user_id)
    }

    /// Adds the id of a door.
    pub(crate) fn learn_door(&mut self, room: &str, id: &str) {
        learn(&mut self.doors, room, id);
    }

    /// Adds the identity of a guest.
    pub(crate) fn learn_identity(&mut self, acs_user_id: &str, id: &str) {
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
        let mut known = IdCache::load(&file);
        known.learn_door("101", "d1");
        known.learn_identity("u1", "i1");
        known.save(&file);
        assert_eq!(IdCache::load(&file), known);
        std::fs::write(&file, "{ half").unwrap();
        assert_eq!(IdCache::load(&file), IdCache::default());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut known = IdCache::default();
        (0..=MOST).for_each(|n| known.learn_door(&n.to_string(), "d"));
        assert_eq!(known.doors.len(), 1);
    }
}

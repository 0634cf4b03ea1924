//! Doors and guests on record, indexed by id and by the names that staff use.
//!
//! A hotel may have thousands of doors and guests, and a batch may have as many rows. For this reason no lookup scans
//! a whole list when a name matches exactly.

use std::collections::HashMap;

use super::door::{Category, Door, DoorError, bare, find_others, find_rooms};
use super::guest::{GuestQuery, GuestRecord, Match, choose, handle_of, handles};
use super::room::RoomName;
use super::text::fold;

/// The doors of one lock system.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    all: Vec<Door>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Indexes of doors, by name without leading zeros.
    by_bare: HashMap<String, Vec<usize>>,
}

impl Doors {
    /// Returns all doors, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Door> {
        self.all.iter()
    }

    /// Returns the door with this `acs_entrance_id`.
    pub fn get(&self, id: &str) -> Option<&Door> {
        self.by_id.get(id).map(|index| &self.all[*index])
    }

    /// Returns the guest door that [`Doors::rooms`] finds for this name, or `None`. Unlike that method, it does not
    /// search for similar names.
    pub fn room(&self, room: &RoomName) -> Option<&Door> {
        let name = fold(room.as_str());
        let guest = |index: Option<&Vec<usize>>| -> Vec<&Door> {
            let doors = index.into_iter().flatten().map(|index| &self.all[*index]);
            doors
                .filter(|door| door.category == Category::Guest)
                .collect()
        };
        let exact = guest(self.by_name.get(&name));
        let found = if exact.is_empty() {
            guest(self.by_bare.get(bare(&name)))
        } else {
            exact
        };
        match found[..] {
            [door] if door.mobile => Some(door),
            _ => None,
        }
    }

    /// Returns the guest doors that `rooms` name. See [`find_rooms`] for the rules and errors.
    pub fn rooms(&self, rooms: &[RoomName]) -> Result<Vec<&Door>, DoorError> {
        let named = self.named(rooms.iter().map(RoomName::as_str));
        // A name that no room has exactly is compared with all doors: it may differ by leading zeros, or the error may
        // suggest similar names.
        let is_exact = |room: &RoomName| {
            let mut rooms = named.iter().filter(|door| door.category == Category::Guest);
            rooms.any(|door| door.is_called(&fold(room.as_str())))
        };
        if rooms.iter().all(is_exact) {
            return find_rooms(named.iter().copied(), rooms);
        }
        find_rooms(self.all.iter(), rooms)
    }

    /// Returns the other doors that `names` name. See [`find_others`] for the rules and errors.
    pub fn others(&self, names: &[String]) -> Result<Vec<&Door>, DoorError> {
        let named = self.named(names.iter().map(String::as_str));
        find_others(named.iter().copied(), names).or_else(|_| find_others(self.all.iter(), names))
    }

    fn named<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<&Door> {
        names
            .filter_map(|name| self.by_name.get(&fold(name)))
            .flatten()
            .map(|index| &self.all[*index])
            .collect()
    }
}

impl FromIterator<Door> for Doors {
    fn from_iter<I: IntoIterator<Item = Door>>(doors: I) -> Self {
        let mut found = Self::default();
        for door in doors {
            let index = found.all.len();
            found.by_id.insert(door.id.clone(), index);
            for name in door.names() {
                let name = fold(name);
                let bare = bare(&name).to_owned();
                for named in [
                    found.by_name.entry(name).or_default(),
                    found.by_bare.entry(bare).or_default(),
                ] {
                    if named.last() != Some(&index) {
                        named.push(index);
                    }
                }
            }
            found.all.push(door);
        }
        found
    }
}

/// The guests on record that were read so far.
#[derive(Clone, Debug, Default)]
pub struct Guests {
    by_id: HashMap<String, GuestRecord>,
    by_handle: HashMap<String, Vec<String>>,
}

impl Guests {
    /// Adds a guest, or updates one from a newer read. Aliases that are already known are kept, because most reads do
    /// not return the key of the guest's identity.
    pub fn insert(&mut self, mut guest: GuestRecord) {
        if let Some(before) = self.by_id.get(&guest.acs_user_id) {
            for alias in &before.aliases {
                if !guest.aliases.contains(alias) {
                    guest.aliases.push(alias.clone());
                }
            }
        }
        for handle in handles(&guest) {
            let ids = self.by_handle.entry(handle).or_default();
            if !ids.contains(&guest.acs_user_id) {
                ids.push(guest.acs_user_id.clone());
            }
        }
        self.by_id.insert(guest.acs_user_id.clone(), guest);
    }

    /// Removes a guest.
    pub fn remove(&mut self, acs_user_id: &str) {
        let Some(guest) = self.by_id.remove(acs_user_id) else {
            return;
        };
        for handle in handles(&guest) {
            if let Some(ids) = self.by_handle.get_mut(&handle) {
                ids.retain(|id| id != acs_user_id);
            }
        }
    }

    /// Returns the guest with this `acs_user_id`.
    pub fn get(&self, acs_user_id: &str) -> Option<&GuestRecord> {
        self.by_id.get(acs_user_id)
    }

    /// Finds the guest that the query names; see [`Match`].
    pub fn find(&self, query: &GuestQuery) -> Match<'_> {
        let ids = self.by_handle.get(&handle_of(query));
        choose(
            query,
            ids.into_iter().flatten().filter_map(|id| self.get(id)),
        )
    }

    /// Returns all guests, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &GuestRecord> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(id: &str, name: &str, category: Category) -> Door {
        Door {
            id: id.to_owned(),
            system_id: "s".to_owned(),
            name: name.to_owned(),
            door_name: None,
            category,
            mobile: true,
        }
    }

    #[test]
    fn doors_are_found_by_name_and_errors_know_the_others() {
        let doors: Doors = [
            door("a", "101", Category::Guest),
            door("b", "Gym", Category::Common),
            door("c", "102", Category::Guest),
        ]
        .into_iter()
        .collect();
        let rooms = |name: &str| doors.rooms(&[RoomName::new(name)]);
        assert_eq!(rooms("102").unwrap()[0].id, "c");
        assert!(matches!(rooms("Gym"), Err(DoorError::NotGuest { .. })));
        let similar = rooms("103").unwrap_err().to_string();
        assert!(similar.contains("101"), "{similar}");
        assert_eq!(doors.others(&["gym".to_owned()]).unwrap()[0].id, "b");
        assert!(matches!(
            doors.others(&["101".to_owned()]),
            Err(DoorError::IsGuest { .. })
        ));
    }

    #[test]
    fn the_encoding_of_accents_does_not_count_and_look_alikes_get_a_remedy() {
        let doors: Doors = [
            door("a", "Mu\u{308}nchen", Category::Guest),
            door("b", "W\u{e4}sche", Category::Common),
            door("c", "101", Category::Guest),
            door("d", "2\u{200b}02", Category::Guest),
        ]
        .into_iter()
        .collect();
        let room = |name: &str| {
            let found = doors.rooms(&[RoomName::new(name)]);
            found.map(|found| found[0].id.clone())
        };
        assert_eq!(room("M\u{fc}nchen").as_deref(), Ok("a"));
        assert_eq!(room("Mu\u{308}nchen").as_deref(), Ok("a"));
        assert_eq!(room("202").as_deref(), Ok("d"));
        let other = |name: &str| doors.others(&[name.to_owned()]).unwrap()[0].id.clone();
        assert_eq!(other("Wa\u{308}sche"), "b");
        let said = room("\u{ff11}\u{ff10}\u{ff11}").unwrap_err().to_string();
        assert!(
            said.contains("full-width") && said.contains("type `101`"),
            "{said}"
        );
        assert!(!room("999").unwrap_err().to_string().contains("full-width"));
    }

    #[test]
    fn leading_zeros_count_where_a_room_has_them_and_not_where_only_one_can_be_meant() {
        let doors: Doors = [
            door("a", "201", Category::Guest),
            door("b", "0201", Category::Guest),
            door("c", "302", Category::Guest),
            door("d", "0403", Category::Guest),
            door("e", "0", Category::Guest),
        ]
        .into_iter()
        .collect();
        let room = |name: &str| {
            doors
                .rooms(&[RoomName::new(name)])
                .map(|found| found[0].id.clone())
        };
        for (asked, wanted) in [
            ("201", "a"),
            ("0201", "b"),
            ("000302", "c"),
            ("403", "d"),
            ("000", "e"),
        ] {
            assert_eq!(room(asked).as_deref(), Ok(wanted), "{asked}");
            let door = doors.room(&RoomName::new(asked));
            assert_eq!(door.map(|door| &door.id[..]), Some(wanted), "{asked}");
        }
        let said = room("000201").unwrap_err().to_string();
        assert!(said.contains("201, a; 0201, b"), "{said}");
        assert_eq!(doors.room(&RoomName::new("000201")), None);
        assert!(matches!(room("003020"), Err(DoorError::NotFound { .. })));
        // The same error also occurs if another room has the name exactly.
        let both = [RoomName::new("000201"), RoomName::new("201")];
        assert!(matches!(
            doors.rooms(&both),
            Err(DoorError::Ambiguous { .. })
        ));
    }

    #[test]
    fn guests_are_found_by_whatever_names_them() {
        let guest = |id: &str, name: &str, email: &str| GuestRecord {
            acs_user_id: id.to_owned(),
            name: name.to_owned(),
            email: Some(email.to_owned()),
            phone: Some("+49 30 1234567".to_owned()),
            ..GuestRecord::default()
        };
        let mut guests = Guests::default();
        guests.insert(guest("1", "Jane  Doe", "jane@example.com"));
        guests.insert(guest("2", "jane doe", "j2@example.com"));
        let find = |text: &str| guests.find(&text.parse().unwrap());
        assert!(matches!(find("JANE@example.com"), Match::One(g) if g.acs_user_id == "1"));
        assert!(matches!(find("Jane Doe"), Match::Many(all) if all.len() == 2));
        assert!(matches!(find("+49 (30) 1234-567"), Match::Many(_)));
        assert!(matches!(find("id:2"), Match::One(g) if g.acs_user_id == "2"));
        assert!(matches!(find("Bob <j2@example.com>"), Match::OtherName(_)));
        assert_eq!(find("Jane"), Match::None);
    }
}

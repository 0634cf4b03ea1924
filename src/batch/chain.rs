//! Groups of rows that must keep their order because they share a room, a guest, a key or a reservation.

use std::collections::HashMap;

use super::KeysOf;
use super::row::{Row, stay_hash};
use crate::hotel::Match;
use crate::hotel::key::Key;
use crate::operation::plan::Command;
use crate::snapshot::hotel_snapshot::HotelSnapshot;

/// Returns the rows as groups that are independent of one another. Each group is in the file's order.
pub fn chains(rows: &[Row], snapshot: &HotelSnapshot, keys_of: &KeysOf) -> Vec<Vec<usize>> {
    let mut sets = Sets((0..rows.len()).collect());
    let mut first: HashMap<String, usize> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        for subject in subjects(row, snapshot, keys_of) {
            match first.get(&subject) {
                Some(earlier) => sets.join(*earlier, index),
                None => drop(first.insert(subject, index)),
            }
        }
    }
    let mut place: HashMap<usize, usize> = HashMap::new();
    let mut chains: Vec<Vec<usize>> = vec![];
    for index in 0..rows.len() {
        let chain = *place.entry(sets.find(index)).or_insert_with(|| {
            chains.push(vec![]);
            chains.len() - 1
        });
        chains[chain].push(index);
    }
    chains
}

/// Returns a text for each room, guest, key and reservation that a row may concern.
fn subjects(row: &Row, snapshot: &HotelSnapshot, keys_of: &KeysOf) -> Vec<String> {
    let mut found: Vec<String> = row
        .rooms
        .iter()
        .chain(&row.old_room)
        .map(|room| format!("room {room}"))
        .collect();
    let stays = row.reservation.iter().chain(&row.share_with);
    found.extend(stays.map(|stay| format!("stay {stay}")));
    let mut about_key = |key: &Key| {
        let rooms = snapshot.room_names(&key.doors);
        found.extend(rooms.into_iter().map(|room| format!("room {room}")));
        found.extend(key.holder.iter().map(|holder| format!("guest {holder}")));
    };
    if let Some(key) = row.key.as_deref().and_then(|id| snapshot.keys.get(id)) {
        about_key(snapshot.keys.root(key));
    }
    // The keys of a reservation may open other rooms and may belong to other guests.
    let numbers = row.reservation.iter().chain(&row.share_with);
    for id in numbers
        .filter_map(|number| keys_of.get(&stay_hash(number)))
        .flatten()
    {
        if let Some(key) = snapshot.keys.get(id) {
            about_key(snapshot.keys.root(key));
        }
    }
    if let Some(query) = &row.guest {
        match snapshot.find(query) {
            Match::One(guest) | Match::OtherName(guest) => {
                // An `issue` names its rooms. All other actions may change any key of the guest.
                if row.action != Command::Issue {
                    let own = snapshot.keys.live_of(&guest.acs_user_id, snapshot.now());
                    own.into_iter().for_each(&mut about_key);
                }
                found.push(format!("guest {}", guest.acs_user_id));
            }
            _ => found.push(format!("new {}", query.handle())),
        }
    }
    found
}

/// Disjoint sets (union-find): the value at each index is another index of the same set, or the index itself.
struct Sets(Vec<usize>);

impl Sets {
    fn find(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        // The smaller index represents the set, so that each set is found at its first row.
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sets;

    proptest! {
        #[test]
        fn what_is_joined_is_found_together_at_its_first(
            pairs in proptest::collection::vec((0_usize..30, 0_usize..30), 0..40)
        ) {
            let mut sets = Sets((0..30).collect());
            // The reference for the test: names are copied between rows until nothing changes.
            let mut names: Vec<usize> = (0..30).collect();
            for &(a, b) in &pairs {
                sets.join(a, b);
                let (from, to) = (names[a].max(names[b]), names[a].min(names[b]));
                names.iter_mut().filter(|name| **name == from).for_each(|name| *name = to);
            }
            for (index, name) in names.iter().enumerate() {
                prop_assert_eq!(sets.find(index), *name);
            }
        }
    }
}

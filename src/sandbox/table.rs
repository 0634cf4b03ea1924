//! Rows by id, in the order they were made.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// Something with an id.
pub(super) trait Row {
    fn id(&self) -> &str;
}

/// Rows, found by id or walked in order. A row's place is its cursor in paged lists.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "T: Serialize + for<'a> Deserialize<'a>")]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, T>,
    next: u64,
    #[serde(skip)]
    places: HashMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            next: 1,
            places: HashMap::new(),
        }
    }
}

impl<T: Row> Table<T> {
    /// Makes the index anew, after reading from a file.
    pub(super) fn reindex(&mut self) {
        self.places = self
            .rows
            .iter()
            .map(|(place, row)| (row.id().to_owned(), *place))
            .collect();
    }

    pub(super) fn insert(&mut self, row: T) -> u64 {
        let place = self.next;
        self.next += 1;
        self.places.insert(row.id().to_owned(), place);
        self.rows.insert(place, row);
        place
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.places.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(id)?)
    }

    pub(super) fn place(&self, id: &str) -> Option<u64> {
        self.places.get(id).copied()
    }

    pub(super) fn at(&self, place: u64) -> Option<&T> {
        self.rows.get(&place)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(&self.places.remove(id)?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// From behind this place on.
    pub(super) fn after(&self, place: u64) -> impl Iterator<Item = (u64, &T)> {
        self.rows
            .range(place + 1..)
            .map(|(place, row)| (*place, row))
    }
}

//! Tables: rows in the order of creation, which can be found by id.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::sandbox::id::Id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A row that has an id.
pub(in crate::sandbox) trait Row {
    fn id(&self) -> Id;
}

/// Rows by number and by id. Numbers only grow.
pub(in crate::sandbox) struct Table<T> {
    rows: BTreeMap<u64, T>,
    numbers: HashMap<Id, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            numbers: HashMap::new(),
            next: 1,
        }
    }
}

impl<T: Row> Table<T> {
    /// Returns the number that the next row gets.
    pub(in crate::sandbox) fn next(&self) -> u64 {
        self.next
    }

    pub(in crate::sandbox) fn insert(&mut self, row: T) -> u64 {
        let number = self.next;
        self.next += 1;
        self.numbers.insert(row.id(), number);
        self.rows.insert(number, row);
        number
    }

    pub(in crate::sandbox) fn remove(&mut self, id: Id) -> Option<(u64, T)> {
        let number = self.numbers.remove(&id)?;
        Some((number, self.rows.remove(&number)?))
    }

    pub(in crate::sandbox) fn get(&self, id: Id) -> Option<&T> {
        self.rows.get(self.numbers.get(&id)?)
    }

    pub(in crate::sandbox) fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.rows.get_mut(self.numbers.get(&id)?)
    }

    pub(in crate::sandbox) fn at(&self, number: u64) -> Option<&T> {
        self.rows.get(&number)
    }

    pub(in crate::sandbox) fn number(&self, id: Id) -> Option<u64> {
        self.numbers.get(&id).copied()
    }

    pub(in crate::sandbox) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(in crate::sandbox) fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    /// Returns the rows that were created after row `number`, oldest first.
    pub(in crate::sandbox) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &T)> {
        self.rows
            .range((Bound::Excluded(number), Bound::Unbounded))
            .map(|(number, row)| (*number, row))
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.next, &self.rows).serialize(serializer)
    }
}

impl<'de, T: Row + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (next, rows) = <(u64, BTreeMap<u64, T>)>::deserialize(deserializer)?;
        let numbers = rows
            .iter()
            .map(|(number, row)| (row.id(), *number))
            .collect();
        Ok(Self {
            rows,
            numbers,
            next,
        })
    }
}

//! A key as the hotel sees it: who holds it, what it opens, until when, and whether it still counts.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What carries a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A key in the guest's phone.
    Mobile,
    /// A plastic card.
    Card,
    /// A code or something newer than this tool.
    Other,
}

/// A key on record. Instants are UTC; doors are `acs_entrance_id`s.
///
/// `valid` and `synced` stay `None` where the API does not say: absent is not `true` (vendor's schema:
/// both fields are optional).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `acs_credential_id`.
    pub id: String,
    /// `acs_user_id` of the guest it was made for; a found card may have none.
    pub holder: Option<String>,
    /// The multi-phone key this one is the copy of, on one phone.
    pub parent: Option<String>,
    /// Phone or card.
    pub medium: Medium,
    /// The guest rooms and common doors it opens.
    pub doors: BTreeSet<String>,
    /// First instant it opens; `None` where the API does not say.
    pub starts_at: Option<DateTime<Utc>>,
    /// Last instant it opens; `None` is a key without an end.
    pub ends_at: Option<DateTime<Utc>>,
    /// When Seam made it.
    pub created_at: Option<DateTime<Utc>>,
    /// Not overridden, discarded, cancelled or overwritten.
    pub valid: Option<bool>,
    /// Whether Visionline has confirmed it.
    pub synced: Option<bool>,
    /// The keys it was joined to.
    pub joined_to: Vec<String>,
    /// Codes and messages of the API's errors and warnings on this key.
    pub remarks: Vec<(String, String)>,
}

impl Key {
    /// Whether this key counts: it opens, or will open, a door.
    ///
    /// Our decision: anything not provably dead is alive, because the price of a wrong "dead" is a guest
    /// whose key stops working unasked.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.valid != Some(false)
            && !self.is_being_deleted()
            && self.ends_at.is_none_or(|end| end > now)
    }

    /// Seam has accepted the deletion and is carrying it out.
    pub fn is_being_deleted(&self) -> bool {
        self.has_remark("being_deleted")
    }

    /// No phone has picked it up yet.
    pub fn is_waiting(&self) -> bool {
        self.has_remark("waiting_to_be_issued")
    }

    fn has_remark(&self, code: &str) -> bool {
        self.remarks.iter().any(|(c, _)| c == code)
    }

    /// Whether the lock system has confirmed it. A server that never reports the sync flag is believed
    /// when it reports the key as valid, which only Visionline can know.
    pub fn is_confirmed(&self) -> bool {
        self.synced.unwrap_or(self.valid == Some(true))
    }

    /// Ends in the same minute: Visionline keeps whole minutes.
    pub fn ends_with(&self, end: DateTime<Utc>) -> bool {
        self.ends_at
            .is_some_and(|own| own.timestamp() / 60 == end.timestamp() / 60)
    }

    /// Opens at least one of these doors.
    pub fn opens_any<'a>(&self, doors: impl IntoIterator<Item = &'a String>) -> bool {
        doors.into_iter().any(|door| self.doors.contains(door))
    }
}

/// The keys seen so far, findable by holder and by door.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: HashMap<String, Key>,
    by_holder: HashMap<String, BTreeSet<String>>,
    by_door: HashMap<String, BTreeSet<String>>,
}

impl KeyRing {
    /// Adds a key, or what a newer read says of it.
    pub fn insert(&mut self, key: Key) {
        if let Some(holder) = &key.holder {
            self.by_holder
                .entry(holder.clone())
                .or_default()
                .insert(key.id.clone());
        }
        for door in &key.doors {
            self.by_door
                .entry(door.clone())
                .or_default()
                .insert(key.id.clone());
        }
        self.keys.insert(key.id.clone(), key);
    }

    /// Adds a key that the API listed for this door; some answers leave the doors themselves out.
    pub fn insert_at(&mut self, door: &str, mut key: Key) {
        key.doors.insert(door.to_owned());
        if let Some(known) = self.keys.get(&key.id) {
            key.doors.extend(known.doors.iter().cloned());
        }
        self.insert(key);
    }

    /// The key with this id.
    pub fn get(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }

    /// The key a change is about: the multi-phone key where this is one phone's copy of it.
    pub fn root<'a>(&'a self, key: &'a Key) -> &'a Key {
        key.parent
            .as_deref()
            .and_then(|parent| self.keys.get(parent))
            .unwrap_or(key)
    }

    /// The guest's live keys, one for all the phones, in the order they were made.
    pub fn live_of(&self, holder: &str, now: DateTime<Utc>) -> Vec<&Key> {
        self.live(self.by_holder.get(holder), now)
    }

    /// The live keys of everybody at this door, one for all the phones, in the order they were made.
    pub fn live_at(&self, door: &str, now: DateTime<Utc>) -> Vec<&Key> {
        self.live(self.by_door.get(door), now)
    }

    /// The ids of all the guest's keys, live or not, copies on phones among them.
    pub fn ids_of(&self, holder: &str) -> impl Iterator<Item = &String> {
        self.by_holder.get(holder).into_iter().flatten()
    }

    /// The ids of all keys to this door, live or not, copies on phones among them.
    pub fn ids_at(&self, door: &str) -> impl Iterator<Item = &String> {
        self.by_door.get(door).into_iter().flatten()
    }

    /// The ids of a key's copies on phones.
    pub fn copies_of(&self, id: &str) -> Vec<String> {
        let holder = self.keys.get(id).and_then(|key| key.holder.as_deref());
        let of_holder = holder.into_iter().flat_map(|holder| self.ids_of(holder));
        let is_copy = |copy: &&String| {
            let copy = self.keys.get(copy.as_str());
            copy.is_some_and(|copy| copy.parent.as_deref() == Some(id))
        };
        of_holder.filter(is_copy).cloned().collect()
    }

    /// Forgets a key.
    pub fn remove(&mut self, id: &str) -> Option<Key> {
        self.keys.remove(id)
    }

    /// All keys, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    fn live(&self, ids: Option<&BTreeSet<String>>, now: DateTime<Utc>) -> Vec<&Key> {
        let mut found: Vec<&Key> = ids
            .into_iter()
            .flatten()
            .filter_map(|id| self.keys.get(id))
            .map(|key| self.root(key))
            .filter(|key| key.is_live(now))
            .collect();
        found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        found.dedup_by(|a, b| a.id == b.id);
        found
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A live mobile key for the tests of decisions.
    pub(crate) fn key(id: &str, holder: &str, doors: &[&str], ends_at: &str) -> Key {
        Key {
            id: id.to_owned(),
            holder: Some(holder.to_owned()),
            parent: None,
            medium: Medium::Mobile,
            doors: doors.iter().map(|&d| d.to_owned()).collect(),
            starts_at: None,
            ends_at: Some(ends_at.parse().unwrap()),
            created_at: None,
            valid: Some(true),
            synced: Some(true),
            joined_to: vec![],
            remarks: vec![],
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn absent_validity_counts_as_live_and_false_does_not() {
        let mut k = key("k", "g", &["d"], "2026-11-25T10:00:00Z");
        k.valid = None;
        assert!(k.is_live(now()));
        k.valid = Some(false);
        assert!(!k.is_live(now()));
    }

    #[test]
    fn expired_and_being_deleted_keys_are_dead() {
        assert!(!key("k", "g", &["d"], "2026-11-23T12:00:00Z").is_live(now()));
        let mut k = key("k", "g", &["d"], "2026-11-25T10:00:00Z");
        k.remarks.push(("being_deleted".to_owned(), String::new()));
        assert!(!k.is_live(now()));
    }

    #[test]
    fn a_phone_copy_folds_into_its_multi_phone_key() {
        let mut ring = KeyRing::default();
        let mut child = key("child", "g", &["d"], "2026-11-25T10:00:00Z");
        child.parent = Some("parent".to_owned());
        ring.insert(child);
        assert_eq!(
            ring.live_at("d", now())[0].id,
            "child",
            "an unknown parent cannot stand in"
        );
        ring.insert(key("parent", "g", &["d"], "2026-11-25T10:00:00Z"));
        let ids: Vec<_> = ring
            .live_of("g", now())
            .iter()
            .map(|k| k.id.clone())
            .collect();
        assert_eq!(ids, ["parent"]);
    }

    #[test]
    fn a_key_listed_at_a_door_is_found_there_though_its_doors_are_left_out() {
        let mut ring = KeyRing::default();
        ring.insert_at("d", key("k", "g", &[], "2026-11-25T10:00:00Z"));
        ring.insert_at("e", key("k", "g", &[], "2026-11-25T10:00:00Z"));
        assert_eq!(ring.live_at("d", now()).len(), 1);
        assert!(ring.get("k").unwrap().opens_any(&["d".to_owned()]));
    }
}

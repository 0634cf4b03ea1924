//! A key as the hotel sees it: who holds it, which doors it opens, until when, and whether it is live.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::span::Span;
use serde::{Deserialize, Serialize};

/// The kind of a key: what the guest carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A key in the guest's phone.
    Mobile,
    /// A plastic card.
    Card,
    /// An access code, or a kind that this version does not know.
    Other,
}

/// A key on record. Instants are UTC, and doors are `acs_entrance_id`s.
///
/// `valid` and `synced` are `None` if the API does not report them. Both fields are optional in the vendor's schema,
/// so a missing field does not mean `true`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The API's `acs_credential_id`.
    pub id: String,
    /// The `acs_user_id` of the guest for whom the key was made. A card that was found may have none.
    pub holder: Option<String>,
    /// For a copy on one phone: the id of the multi-phone key that it belongs to.
    pub parent: Option<String>,
    /// The kind of the key.
    pub medium: Medium,
    /// The `acs_entrance_id`s of the guest rooms and common doors that the key opens.
    pub doors: BTreeSet<String>,
    /// The first instant at which the key works, or `None` if the API does not report it.
    pub starts_at: Option<DateTime<Utc>>,
    /// The last instant at which the key works, or `None` for a key without an end.
    pub ends_at: Option<DateTime<Utc>>,
    /// When Seam made the key.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether the key is not overridden, discarded, cancelled or overwritten, as the API reports it.
    pub valid: Option<bool>,
    /// Whether Visionline has confirmed the key, as the API reports it.
    pub synced: Option<bool>,
    /// The ids of the keys that this key was joined to.
    pub joined_to: Vec<String>,
    /// The errors and warnings that the API reports for this key: code and message of each.
    pub remarks: Vec<(String, String)>,
}

impl Key {
    /// Returns whether the key is live: valid, not being deleted, and not ended.
    ///
    /// A key counts as live unless it is proven that it is not. If a working key were taken for a dead one, it could
    /// be replaced without a question, and its guest would lose access.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.valid != Some(false)
            && !self.is_being_deleted()
            && self.ends_at.is_none_or(|end| end > now)
    }

    /// Returns the time in which the key works.
    pub fn span(&self) -> Span {
        Span::new(self.starts_at, self.ends_at)
    }

    /// Returns whether the key is live and has started.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        self.is_live(now) && self.span().contains(now)
    }

    /// Returns whether the lock system reports the key as invalid before its end, although nobody deleted it. Such a
    /// key was overridden.
    pub fn is_displaced(&self, now: DateTime<Utc>) -> bool {
        self.valid == Some(false)
            && !self.is_being_deleted()
            && self.ends_at.is_none_or(|end| end > now)
    }

    /// Returns whether Seam has accepted the deletion of the key and is still carrying it out.
    pub fn is_being_deleted(&self) -> bool {
        self.has_remark("being_deleted")
    }

    /// Returns whether no phone has received the key yet.
    pub fn is_waiting(&self) -> bool {
        self.has_remark("waiting_to_be_issued")
    }

    fn has_remark(&self, code: &str) -> bool {
        self.remarks.iter().any(|(c, _)| c == code)
    }

    /// Returns whether the lock system has confirmed the key: the key is not invalid and is reported as synced. If the
    /// server does not report the sync flag, a key that it reports as valid counts as confirmed, because only
    /// Visionline can know that it is valid.
    pub fn is_confirmed(&self) -> bool {
        self.valid != Some(false) && self.synced.unwrap_or(self.valid == Some(true))
    }

    /// Returns whether the key ends in the same minute as `end`. Visionline keeps whole minutes.
    pub fn ends_with(&self, end: DateTime<Utc>) -> bool {
        self.ends_at
            .is_some_and(|own| own.timestamp() / 60 == end.timestamp() / 60)
    }

    /// Returns whether the key opens at least one of these doors.
    pub fn opens_any<'a>(&self, doors: impl IntoIterator<Item = &'a String>) -> bool {
        doors.into_iter().any(|door| self.doors.contains(door))
    }
}

/// The keys that were read so far, indexed by holder, by door, and by the links between keys.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: HashMap<String, Key>,
    by_holder: HashMap<String, BTreeSet<String>>,
    by_door: HashMap<String, BTreeSet<String>>,
    /// For each id, the keys that name it as joined or as parent. The key with this id may no longer exist.
    named_by: HashMap<String, BTreeSet<String>>,
    /// For each key, the reservations for which it was made according to the journal.
    reservations: HashMap<String, BTreeSet<String>>,
}

impl KeyRing {
    /// Adds a key, or replaces it with the result of a newer read.
    pub fn insert(&mut self, key: Key) {
        self.drop_index(&key.id);
        let id = &key.id;
        let add = |index: &mut HashMap<String, BTreeSet<String>>, name: &String| {
            index.entry(name.clone()).or_default().insert(id.clone());
        };
        key.holder
            .iter()
            .for_each(|holder| add(&mut self.by_holder, holder));
        key.doors
            .iter()
            .for_each(|door| add(&mut self.by_door, door));
        named(&key).for_each(|other| add(&mut self.named_by, other));
        self.keys.insert(key.id.clone(), key);
    }

    /// Adds a key that the API listed for this door. Some answers do not contain the doors of a key.
    pub fn insert_at(&mut self, door: &str, mut key: Key) {
        key.doors.insert(door.to_owned());
        if let Some(known) = self.keys.get(&key.id) {
            key.doors.extend(known.doors.iter().cloned());
        }
        self.insert(key);
    }

    /// Removes a key. Links from other keys to it are kept: keys that joined the same key still belong together.
    pub fn remove(&mut self, id: &str) -> Option<Key> {
        self.drop_index(id);
        self.keys.remove(id)
    }

    fn drop_index(&mut self, id: &str) {
        let Some(key) = self.keys.get(id) else {
            return;
        };
        let drop_from = |index: &mut HashMap<String, BTreeSet<String>>, name: &String| {
            if let Some(ids) = index.get_mut(name) {
                ids.remove(id);
                if ids.is_empty() {
                    index.remove(name);
                }
            }
        };
        key.holder
            .iter()
            .for_each(|holder| drop_from(&mut self.by_holder, holder));
        key.doors
            .iter()
            .for_each(|door| drop_from(&mut self.by_door, door));
        named(key).for_each(|other| drop_from(&mut self.named_by, other));
    }

    /// Records that the key was made for a reservation, according to the journal. The keys of one reservation are one
    /// stay.
    pub fn tie(&mut self, id: &str, reservation: &str) {
        let reservation = format!("reservation {reservation}");
        self.named_by
            .entry(reservation.clone())
            .or_default()
            .insert(id.to_owned());
        self.reservations
            .entry(id.to_owned())
            .or_default()
            .insert(reservation);
    }

    /// Returns the key with this id.
    pub fn get(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }

    /// Returns the multi-phone key that this key is a copy of, or the key itself if it is not a copy.
    pub fn root<'a>(&'a self, key: &'a Key) -> &'a Key {
        key.parent
            .as_deref()
            .and_then(|parent| self.keys.get(parent))
            .unwrap_or(key)
    }

    /// Returns the ids of all keys that are linked to this key: the keys that it joined, the keys that joined it, and
    /// so on in both directions, and the keys of the same reservation. The result includes ids of keys that no longer
    /// exist.
    pub fn linked(&self, id: &str) -> BTreeSet<String> {
        self.linked_to([id])
    }

    /// Returns the ids of all keys that are linked to any of these keys. See [`KeyRing::linked`].
    pub fn linked_to<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
        let mut open: Vec<String> = found.iter().cloned().collect();
        while let Some(id) = open.pop() {
            let own = self.keys.get(&id).into_iter().flat_map(named);
            let others = self.named_by.get(&id).into_iter().flatten();
            let tied = self.reservations.get(&id).into_iter().flatten();
            for next in own.chain(others).chain(tied) {
                if found.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        found
    }

    /// Returns the guest's live keys, oldest first. A multi-phone key is returned once, without its copies.
    pub fn live_of(&self, holder: &str, now: DateTime<Utc>) -> Vec<&Key> {
        self.live(self.by_holder.get(holder).into_iter().flatten(), now)
    }

    /// Returns the live keys of all guests at this door, oldest first. A multi-phone key is returned once, without its
    /// copies.
    pub fn live_at(&self, door: &str, now: DateTime<Utc>) -> Vec<&Key> {
        self.live(self.by_door.get(door).into_iter().flatten(), now)
    }

    /// Returns the live keys of all guests at any of these doors, oldest first and each once. A multi-phone key is
    /// returned without its copies.
    pub fn live_at_any<'a>(
        &self,
        doors: impl IntoIterator<Item = &'a String>,
        now: DateTime<Utc>,
    ) -> Vec<&Key> {
        let ids = doors.into_iter().filter_map(|door| self.by_door.get(door));
        self.live(ids.flatten(), now)
    }

    /// Returns the ids of all keys of the guest, live or not, including copies on phones.
    pub fn ids_of(&self, holder: &str) -> impl Iterator<Item = &String> {
        self.by_holder.get(holder).into_iter().flatten()
    }

    /// Returns the ids of all keys at this door, live or not, including copies on phones.
    pub fn ids_at(&self, door: &str) -> impl Iterator<Item = &String> {
        self.by_door.get(door).into_iter().flatten()
    }

    /// Returns the ids of a key's copies on phones.
    pub fn copies_of(&self, id: &str) -> Vec<String> {
        let is_copy = |copy: &&String| {
            let copy = self.keys.get(copy.as_str());
            copy.is_some_and(|copy| copy.parent.as_deref() == Some(id))
        };
        let naming = self.named_by.get(id).into_iter().flatten();
        naming.filter(is_copy).cloned().collect()
    }

    /// Returns all keys, in no particular order.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    fn live<'a>(&self, ids: impl Iterator<Item = &'a String>, now: DateTime<Utc>) -> Vec<&Key> {
        let mut found: Vec<&Key> = ids
            .filter_map(|id| self.keys.get(id))
            .map(|key| self.root(key))
            .filter(|key| key.is_live(now))
            .collect();
        found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        found.dedup_by(|a, b| a.id == b.id);
        found
    }
}

/// Returns the ids that a key refers to: the keys that it joined, and the key that it is a copy of.
fn named(key: &Key) -> impl Iterator<Item = &String> {
    key.joined_to.iter().chain(&key.parent)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a live mobile key for tests.
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

    #[test]
    fn a_key_that_is_forgotten_is_found_nowhere() {
        let mut ring = KeyRing::default();
        ring.insert(key("k", "g", &["d"], "2026-11-25T10:00:00Z"));
        assert!(ring.remove("k").is_some());
        assert_eq!(ring.ids_of("g").count() + ring.ids_at("d").count(), 0);
    }

    #[test]
    fn keys_belong_together_through_links_in_either_direction_and_through_keys_that_are_gone() {
        let joined = |id: &str, to: &[&str]| Key {
            joined_to: to.iter().map(|&id| id.to_owned()).collect(),
            ..key(id, id, &["d"], "2026-11-25T10:00:00Z")
        };
        let mut ring = KeyRing::default();
        for one in [
            joined("first", &[]),
            joined("second", &["first"]),
            joined("third", &["second"]),
            joined("lone", &[]),
            joined("left", &["gone"]),
            joined("right", &["gone"]),
        ] {
            ring.insert(one);
        }
        assert!(ring.linked("first").contains("third"));
        assert!(ring.linked("third").contains("first"));
        assert!(ring.linked("left").contains("right"));
        assert_eq!(ring.linked("lone").len(), 1);
        ring.tie("lone", "4711");
        ring.tie("left", "4711");
        assert!(ring.linked("right").contains("lone"));
        ring.remove("second");
        assert!(!ring.linked("first").contains("lone"));
        assert!(ring.linked("third").contains("second"), "it is named still");
    }
}

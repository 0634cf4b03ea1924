//! May this key be made? Pure rules over what was read; no order, no calls.
//!
//! A Visionline override makes every earlier key on its rooms invalid, and a guest's new mobile key
//! replaces that guest's earlier one (vendor's guide). Both are silent, so both are decided here first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::key::{Key, KeyRing, Medium};

/// A key somebody asks for. Doors are `acs_entrance_id`s.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The guest's `acs_user_id`; `None` where the guest is not on record yet.
    pub guest: Option<&'a str>,
    /// The guest rooms.
    pub rooms: &'a BTreeSet<String>,
    /// All doors: the rooms and the common doors.
    pub doors: &'a BTreeSet<String>,
    /// First instant, UTC.
    pub starts_at: DateTime<Utc>,
    /// Last instant, UTC.
    pub ends_at: DateTime<Utc>,
}

/// What the guest's own live keys say about a key asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// No live key is in the way.
    None,
    /// Has exactly this key already.
    Already(&'a Key),
    /// Has a key to one of these rooms with another end or other doors.
    Different(&'a Key),
    /// Has a live mobile key elsewhere, which the new one would replace.
    Elsewhere(&'a Key),
    /// Has a plastic card to one of these rooms, which an override would make invalid.
    OwnCard(&'a Key),
}

/// Why a room is not free.
#[derive(Debug, PartialEq, Eq)]
pub struct Occupied<'a> {
    /// The live keys of other guests at these rooms.
    pub keys: Vec<&'a Key>,
    /// They belong to the stay of the key asked for: joining, not overriding, is meant.
    pub same_stay: bool,
}

/// Where the guest stands: the first finding in the order already, different, card, elsewhere.
pub fn standing<'a>(ring: &'a KeyRing, wanted: &Wanted<'_>, now: DateTime<Utc>) -> Standing<'a> {
    let Some(guest) = wanted.guest else {
        return Standing::None;
    };
    let own = ring.live_of(guest, now);
    let mobile = || {
        own.iter()
            .copied()
            .filter(|key| key.medium == Medium::Mobile)
    };
    if let Some(same) = mobile().find(|key| is_same(key, wanted, now)) {
        return Standing::Already(same);
    }
    if let Some(other) = mobile().find(|key| key.opens_any(wanted.rooms)) {
        return Standing::Different(other);
    }
    if let Some(card) = own.iter().copied().find(|key| key.opens_any(wanted.rooms)) {
        return Standing::OwnCard(card);
    }
    mobile().next().map_or(Standing::None, Standing::Elsewhere)
}

/// The same doors, the same last minute, and open at least as early as asked.
fn is_same(key: &Key, wanted: &Wanted<'_>, now: DateTime<Utc>) -> bool {
    key.doors == *wanted.doors
        && key.ends_with(wanted.ends_at)
        && key.starts_at.is_none_or(|start| {
            start.timestamp() / 60 <= wanted.starts_at.max(now).timestamp() / 60
        })
}

/// Other guests' live keys at the rooms asked for, if any. `party` holds the `acs_user_id`s that the
/// command names: their keys are not strangers' keys.
pub fn occupied<'a>(
    ring: &'a KeyRing,
    wanted: &Wanted<'_>,
    party: &[&str],
    now: DateTime<Utc>,
) -> Option<Occupied<'a>> {
    let mut keys: Vec<&Key> = vec![];
    for key in wanted.rooms.iter().flat_map(|room| ring.live_at(room, now)) {
        let of_party = key
            .holder
            .as_deref()
            .is_some_and(|holder| party.contains(&holder));
        if !of_party && !keys.iter().any(|known| known.id == key.id) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return None;
    }
    let same_stay = keys.iter().all(|key| {
        key.ends_with(wanted.ends_at) || party.iter().any(|guest| is_linked(ring, key, guest, now))
    });
    Some(Occupied { keys, same_stay })
}

/// Whether a key is joined to one of the guest's live keys, or one of theirs to it.
fn is_linked(ring: &KeyRing, key: &Key, guest: &str, now: DateTime<Utc>) -> bool {
    ring.live_of(guest, now)
        .iter()
        .any(|own| own.joined_to.contains(&key.id) || key.joined_to.contains(&own.id))
}

/// The live keys at any of these rooms, each once, but for the one named.
pub fn live_at_any<'a>(
    ring: &'a KeyRing,
    rooms: &BTreeSet<String>,
    except: Option<&str>,
    now: DateTime<Utc>,
) -> Vec<&'a Key> {
    let mut found: Vec<&Key> = vec![];
    for key in rooms.iter().flat_map(|room| ring.live_at(room, now)) {
        if Some(key.id.as_str()) != except && !found.iter().any(|known| known.id == key.id) {
            found.push(key);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::key;
    use super::*;

    const END: &str = "2026-11-25T10:00:00Z";

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn set(doors: &[&str]) -> BTreeSet<String> {
        doors.iter().map(|&d| d.to_owned()).collect()
    }

    fn ring(keys: Vec<Key>) -> KeyRing {
        let mut ring = KeyRing::default();
        keys.into_iter().for_each(|k| ring.insert(k));
        ring
    }

    fn check(
        ring: &KeyRing,
        doors: &[&str],
        end: &str,
        test: impl Fn(Standing<'_>, Option<Occupied<'_>>),
    ) {
        let (rooms, doors) = (set(&doors[..1]), set(doors));
        let wanted = Wanted {
            guest: Some("ada"),
            rooms: &rooms,
            doors: &doors,
            starts_at: now(),
            ends_at: end.parse().unwrap(),
        };
        test(
            standing(ring, &wanted, now()),
            occupied(ring, &wanted, &["ada"], now()),
        );
    }

    #[test]
    fn the_same_doors_and_end_are_the_same_key() {
        let ring = ring(vec![key("k", "ada", &["101", "gym"], END)]);
        check(&ring, &["101", "gym"], "2026-11-25T10:00:30Z", |s, o| {
            assert!(matches!(s, Standing::Already(k) if k.id == "k"));
            assert!(o.is_none());
        });
        check(&ring, &["101"], END, |s, _| {
            assert!(matches!(s, Standing::Different(_)));
        });
        check(&ring, &["101", "gym"], "2026-11-26T10:00:00Z", |s, _| {
            assert!(matches!(s, Standing::Different(_)));
        });
        check(&ring, &["102"], END, |s, _| {
            assert!(matches!(s, Standing::Elsewhere(_)));
        });
    }

    #[test]
    fn a_key_that_starts_later_than_asked_is_another_key() {
        let mut later = key("k", "ada", &["101"], END);
        later.starts_at = Some("2026-11-24T14:00:00Z".parse().unwrap());
        check(&ring(vec![later]), &["101"], END, |s, _| {
            assert!(matches!(s, Standing::Different(_)));
        });
    }

    #[test]
    fn a_stranger_occupies_the_room_and_a_companion_shares_the_stay() {
        let stranger = ring(vec![key("s", "bob", &["101"], "2026-11-24T10:00:00Z")]);
        check(&stranger, &["101"], END, |_, o| {
            assert!(!o.unwrap().same_stay);
        });
        let companion = ring(vec![key("s", "bob", &["101"], END)]);
        check(&companion, &["101"], END, |_, o| {
            assert!(o.unwrap().same_stay);
        });
        let mut joined = key("s", "bob", &["101"], "2026-11-24T10:00:00Z");
        joined.joined_to.push("k".to_owned());
        let linked = ring(vec![joined, key("k", "ada", &["101"], END)]);
        check(&linked, &["101"], END, |_, o| assert!(o.unwrap().same_stay));
    }

    #[test]
    fn a_card_without_a_holder_occupies_too() {
        let mut card = key("c", "", &["101"], END);
        (card.holder, card.medium) = (None, Medium::Card);
        check(
            &ring(vec![card]),
            &["101"],
            "2026-11-26T10:00:00Z",
            |s, o| {
                assert_eq!(s, Standing::None);
                assert_eq!(o.unwrap().keys.len(), 1);
            },
        );
    }

    #[test]
    fn the_guests_own_card_is_said_before_it_dies() {
        let mut card = key("c", "ada", &["101"], END);
        card.medium = Medium::Card;
        check(&ring(vec![card]), &["101"], END, |s, o| {
            assert!(matches!(s, Standing::OwnCard(_)));
            assert!(o.is_none());
        });
    }
}

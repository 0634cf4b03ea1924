//! The rules that decide whether a key may be made. They are pure functions of the keys that were read.
//!
//! In Visionline an override makes earlier keys to its rooms invalid, and a guest's new mobile key replaces that
//! guest's earlier one (source: the vendor's guide). Visionline reports neither, so both effects are checked here
//! before anything is sent. Two keys are in conflict if they overlap in time. An equal end proves nothing.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use super::key::{Key, KeyRing, Medium};
use super::span::Span;
use super::window::Window;

/// A key that a command asks for. Doors are `acs_entrance_id`s.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The guest's `acs_user_id`, or `None` if the guest is not on record yet.
    pub guest: Option<&'a str>,
    /// The guest rooms.
    pub rooms: &'a BTreeSet<String>,
    /// All doors: the rooms and the common doors.
    pub doors: &'a BTreeSet<String>,
    /// The time in which the key works.
    pub window: Window,
}

/// How the guest's own live keys affect a new key.
#[derive(Debug, PartialEq, Eq)]
pub enum OwnKey<'a> {
    /// No key of the guest is affected.
    None,
    /// The guest already has exactly the key that is asked for.
    Already(&'a Key),
    /// The guest has a key that works now, and the new key starts later. A new mobile key may replace the earlier one
    /// at once, so the guest could have no access until the new key starts.
    Gap(&'a Key),
    /// The guest has a key to one of these rooms, with other times or other doors.
    Different(&'a Key),
    /// The guest has a live mobile key to another room, which the new key would replace.
    Elsewhere(&'a Key),
    /// The guest has a plastic card to one of these rooms at that time, and an override would make it invalid.
    Card(&'a Key),
}

/// Returns how the guest's own live keys affect the key that is asked for. If several variants apply, the first one in
/// this order is returned: `Already`, `Gap`, `Different`, `Elsewhere`, `Card`.
pub fn own_key<'a>(ring: &'a KeyRing, wanted: &Wanted<'_>, now: DateTime<Utc>) -> OwnKey<'a> {
    let Some(guest) = wanted.guest else {
        return OwnKey::None;
    };
    let own = ring.live_of(guest, now);
    let mobile: Vec<&Key> = own
        .iter()
        .copied()
        .filter(|key| key.medium == Medium::Mobile)
        .collect();
    if let Some(same) = mobile.iter().find(|key| is_same(key, wanted, now)) {
        return OwnKey::Already(same);
    }
    if let Some(works) = loses_access(&mobile, wanted.window, now) {
        return OwnKey::Gap(works);
    }
    if let Some(other) = mobile.iter().find(|key| key.opens_any(wanted.rooms)) {
        return OwnKey::Different(other);
    }
    let span = Span::from(wanted.window);
    let card = own.iter().copied().find(|key| {
        key.medium != Medium::Mobile && key.opens_any(wanted.rooms) && key.span().overlaps(span)
    });
    if let Some(card) = card {
        return OwnKey::Card(card);
    }
    mobile
        .first()
        .map_or(OwnKey::None, |key| OwnKey::Elsewhere(key))
}

/// Returns the guest's mobile key that works now and may be replaced before the new key starts.
pub fn loses_access<'a>(mobile: &[&'a Key], window: Window, now: DateTime<Utc>) -> Option<&'a Key> {
    let starts_later = !Span::from(window).contains(now);
    mobile
        .iter()
        .copied()
        .find(|key| starts_later && key.is_current(now))
}

/// Returns whether the key has the doors and the last minute that are asked for, and starts early enough.
fn is_same(key: &Key, wanted: &Wanted<'_>, now: DateTime<Utc>) -> bool {
    let window = wanted.window;
    let starts_at = window.starts_at.max(now);
    key.doors == *wanted.doors
        && key.ends_with(window.ends_at)
        && key
            .span()
            .covers(Span::new(Some(starts_at), Some(window.ends_at)))
}

/// The keys that other people have to the rooms that are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Occupancy<'a> {
    /// Keys of other stays that overlap the time asked for. Two stays would be in the room at once.
    pub strangers: Vec<&'a Key>,
    /// Keys that overlap and belong to the stay of a guest whom the command names. The new key joins these keys and
    /// does not override them.
    pub companions: Vec<&'a Key>,
    /// Keys whose time is before or after the time asked for. They must be unchanged after the new key is made.
    pub bystanders: Vec<&'a Key>,
}

/// Returns the keys that other people have to these rooms. `recipients` holds the `acs_user_id`s of the guests whom the
/// command names. Their own keys are not returned.
pub fn occupancy<'a>(
    ring: &'a KeyRing,
    rooms: &BTreeSet<String>,
    span: Span,
    recipients: &[&str],
    now: DateTime<Utc>,
) -> Occupancy<'a> {
    let recipients: HashSet<&str> = recipients.iter().copied().collect();
    let (own, others): (Vec<&Key>, Vec<&Key>) =
        ring.live_at_any(rooms, now).into_iter().partition(|key| {
            let holder = key.holder.as_deref();
            holder.is_some_and(|holder| recipients.contains(&holder))
        });
    // The party does not hold any of the other keys, so only links can show that they belong to one stay.
    let linked = ring.linked_to(own.iter().map(|key| &key.id[..]));
    let mut found = Occupancy::default();
    for key in others {
        if !key.span().overlaps(span) {
            found.bystanders.push(key);
        } else if linked.contains(&key.id) {
            found.companions.push(key);
        } else {
            found.strangers.push(key);
        }
    }
    found
}

/// Returns whether two keys belong to one stay: they are linked, or one guest holds both for the same room at the same
/// time. An equal end proves nothing.
pub fn is_one_stay(ring: &KeyRing, a: &Key, b: &Key) -> bool {
    a.id == b.id || is_of_one_guest(a, b) || ring.linked(&a.id).contains(&b.id)
}

/// Returns whether one guest holds both keys for the same room at the same time.
pub fn is_of_one_guest(a: &Key, b: &Key) -> bool {
    a.holder.is_some()
        && a.holder == b.holder
        && a.span().overlaps(b.span())
        && a.opens_any(&b.doors)
}

/// Groups keys into stays. Each group keeps the order of `keys`.
pub fn stays<'a>(ring: &KeyRing, keys: &[&'a Key]) -> Vec<Vec<&'a Key>> {
    // Each stay comes with the ids that its keys are linked to. These ids are the same for all keys of the stay.
    let mut found: Vec<(BTreeSet<String>, Vec<&Key>)> = vec![];
    for &key in keys {
        let (mine, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(linked, stay)| {
            linked.contains(&key.id) || stay.iter().any(|other| is_of_one_guest(key, other))
        });
        found = others;
        let (mut linked, mut stay) = (BTreeSet::new(), vec![]);
        for (theirs, keys) in mine {
            linked.extend(theirs);
            stay.extend(keys);
        }
        if !linked.contains(&key.id) {
            linked.extend(ring.linked(&key.id));
        }
        stay.push(key);
        found.push((linked, stay));
    }
    found.into_iter().map(|(_, stay)| stay).collect()
}

/// Returns the stay that a new key with this start joins: the stay that is current at the start, or the only one. If
/// several stays qualify, or if there is no stay, the error holds the candidates.
pub fn stay_at<'a>(
    stays: &[Vec<&'a Key>],
    start: DateTime<Utc>,
) -> Result<Vec<&'a Key>, Vec<Vec<&'a Key>>> {
    let is_current = |stay: &&Vec<&Key>| stay.iter().any(|key| key.span().contains(start));
    let current: Vec<&Vec<&Key>> = stays.iter().filter(is_current).collect();
    match (&current[..], stays) {
        ([stay], _) => Ok((*stay).clone()),
        ([], [stay]) => Ok(stay.clone()),
        ([], all) => Err(all.to_vec()),
        (several, _) => Err(several.iter().map(|stay| (*stay).clone()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::key;
    use super::*;

    const END: &str = "2026-11-25T10:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn now() -> DateTime<Utc> {
        at("2026-11-23T12:00:00Z")
    }

    fn set(doors: &[&str]) -> BTreeSet<String> {
        doors.iter().map(|&d| d.to_owned()).collect()
    }

    fn ring(keys: Vec<Key>) -> KeyRing {
        let mut ring = KeyRing::default();
        keys.into_iter().for_each(|k| ring.insert(k));
        ring
    }

    fn from(start: &str, key: Key) -> Key {
        Key {
            starts_at: Some(at(start)),
            ..key
        }
    }

    fn card(key: Key) -> Key {
        Key {
            medium: Medium::Card,
            ..key
        }
    }

    fn window(start: &str, end: &str) -> Window {
        Window {
            starts_at: at(start),
            ends_at: at(end),
        }
    }

    /// Returns the decision for Ada, who asks for room 101, and for the gym if `doors` names it.
    fn asks(ring: &KeyRing, doors: &[&str], window: Window) -> String {
        let (rooms, doors) = (set(&doors[..1]), set(doors));
        let wanted = Wanted {
            guest: Some("ada"),
            rooms: &rooms,
            doors: &doors,
            window,
        };
        match own_key(ring, &wanted, now()) {
            OwnKey::None => "none".to_owned(),
            OwnKey::Already(key) => format!("already {}", key.id),
            OwnKey::Gap(key) => format!("gap {}", key.id),
            OwnKey::Different(key) => format!("different {}", key.id),
            OwnKey::Elsewhere(key) => format!("elsewhere {}", key.id),
            OwnKey::Card(key) => format!("card {}", key.id),
        }
    }

    #[test]
    fn own_keys_are_told_apart_by_doors_end_start_and_whether_they_work_now() {
        let today = window("2026-11-23T12:00:00Z", END);
        let tomorrow = window("2026-11-24T14:00:00Z", END);
        let k = |doors: &[&str], end: &str| key("k", "ada", doors, end);
        let late = "2026-11-24T14:00:00Z";
        for (own, doors, window, wanted) in [
            (vec![], &["101"][..], today, "none"),
            (
                vec![k(&["101", "gym"], END)],
                &["101", "gym"],
                today,
                "already k",
            ),
            (
                vec![k(&["101"], END)],
                &["101"],
                window("2026-11-23T12:00:30Z", "2026-11-25T10:00:30Z"),
                "already k",
            ),
            (
                vec![k(&["101", "gym"], END)],
                &["101"],
                today,
                "different k",
            ),
            (
                vec![k(&["101"], "2026-11-26T10:00:00Z")],
                &["101"],
                today,
                "different k",
            ),
            (vec![k(&["102"], END)], &["101"], today, "elsewhere k"),
            (
                vec![from(late, k(&["101"], END))],
                &["101"],
                today,
                "different k",
            ),
            (
                vec![from(late, k(&["101"], END))],
                &["101"],
                tomorrow,
                "already k",
            ),
            (vec![k(&["101"], END)], &["101"], tomorrow, "already k"),
            (
                vec![k(&["101"], "2026-11-24T10:00:00Z")],
                &["101"],
                tomorrow,
                "gap k",
            ),
            (vec![k(&["102"], END)], &["101"], tomorrow, "gap k"),
            (
                vec![from(late, k(&["102"], END))],
                &["101"],
                tomorrow,
                "elsewhere k",
            ),
            (vec![card(k(&["101"], END))], &["101"], today, "card k"),
            (
                vec![card(k(&["101"], "2026-11-24T10:00:00Z"))],
                &["101"],
                tomorrow,
                "none",
            ),
            (vec![card(k(&["102"], END))], &["101"], today, "none"),
        ] {
            let shown = format!("{own:?} {doors:?} {window:?}");
            assert_eq!(asks(&ring(own), doors, window), wanted, "{shown}");
        }
    }

    /// Returns the ids of strangers, companions and bystanders at room 101.
    fn at_101(ring: &KeyRing, window: Window) -> [Vec<String>; 3] {
        let found = occupancy(ring, &set(&["101"]), window.into(), &["ada"], now());
        [found.strangers, found.companions, found.bystanders]
            .map(|keys| keys.iter().map(|key| key.id.clone()).collect())
    }

    #[test]
    fn a_room_is_occupied_by_who_overlaps() {
        let stay = window("2026-11-24T14:00:00Z", "2026-11-26T10:00:00Z");
        let bob = |start: &str, end: &str| from(start, key("b", "bob", &["101"], end));
        for (start, end, wanted) in [
            // The stay ends before the window starts: in the same minute, or later than it.
            ("2026-11-22T14:00:00Z", "2026-11-24T10:00:00Z", "bystander"),
            ("2026-11-22T14:00:00Z", "2026-11-24T14:00:00Z", "bystander"),
            ("2026-11-22T14:00:00Z", "2026-11-24T14:01:00Z", "stranger"),
            ("2026-11-22T14:00:00Z", "2026-11-28T10:00:00Z", "stranger"),
            // The stay starts before the window ends: one minute before, in the same minute, or after it.
            ("2026-11-26T09:59:00Z", "2026-11-28T10:00:00Z", "stranger"),
            ("2026-11-26T10:00:00Z", "2026-11-28T10:00:00Z", "bystander"),
            ("2026-11-27T10:00:00Z", "2026-11-28T10:00:00Z", "bystander"),
            // The same end proves nothing.
            ("2026-11-24T14:00:00Z", "2026-11-26T10:00:00Z", "stranger"),
        ] {
            let [strangers, companions, bystanders] = at_101(&ring(vec![bob(start, end)]), stay);
            let found = match (strangers.len(), companions.len(), bystanders.len()) {
                (1, 0, 0) => "stranger",
                (0, 1, 0) => "companion",
                (0, 0, 1) => "bystander",
                other => panic!("{other:?}"),
            };
            assert_eq!(found, wanted, "{start} to {end}");
        }
    }

    #[test]
    fn who_is_linked_to_the_party_is_a_companion() {
        let today = window("2026-11-23T12:00:00Z", END);
        let mut joined = key("s", "bob", &["101"], "2026-11-24T10:00:00Z");
        joined.joined_to.push("k".to_owned());
        let own = key("k", "ada", &["101"], END);
        let found = at_101(&ring(vec![joined, own]), today);
        assert_eq!(found, [vec![], vec!["s".to_owned()], vec![]]);
    }

    #[test]
    fn a_card_without_a_holder_is_a_stranger() {
        let mut found_card = card(key("c", "", &["101"], END));
        found_card.holder = None;
        let today = window("2026-11-23T12:00:00Z", "2026-11-26T10:00:00Z");
        assert_eq!(at_101(&ring(vec![found_card]), today)[0], ["c"]);
    }

    #[test]
    fn the_stay_to_join_is_the_one_at_the_start_or_the_only_one() {
        let now_key = from(
            "2026-11-22T14:00:00Z",
            key("now", "bob", &["101"], "2026-11-24T10:00:00Z"),
        );
        let mut companion = from(
            "2026-11-22T15:00:00Z",
            key("too", "eve", &["101"], "2026-11-24T10:00:00Z"),
        );
        companion.joined_to.push("now".to_owned());
        let later = from("2026-11-24T14:00:00Z", key("later", "jim", &["101"], END));
        let other = from("2026-11-22T15:00:00Z", key("other", "kim", &["101"], END));
        let pick = |keys: Vec<Key>, start: &str| {
            let ring = ring(keys);
            let live = ring.live_at("101", now());
            let found = stays(&ring, &live);
            match stay_at(&found, at(start)) {
                Ok(stay) => stay
                    .iter()
                    .map(|key| key.id.as_str())
                    .collect::<Vec<_>>()
                    .join("+"),
                Err(several) => format!("{} stays", several.len()),
            }
        };
        let (today, tomorrow) = ("2026-11-23T12:00:00Z", "2026-11-24T15:00:00Z");
        let turnover = || vec![now_key.clone(), companion.clone(), later.clone()];
        assert_eq!(pick(turnover(), today), "now+too");
        assert_eq!(pick(turnover(), tomorrow), "later");
        assert_eq!(pick(turnover(), "2026-11-24T12:00:00Z"), "2 stays");
        assert_eq!(pick(vec![later.clone()], today), "later");
        assert_eq!(pick(vec![], today), "0 stays");
        assert_eq!(pick(vec![now_key.clone(), other], today), "2 stays");
    }
}

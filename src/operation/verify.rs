//! Judges the state of the new keys and of every other key at their rooms. The functions are pure: they work on what
//! was read after the writes.
//!
//! A create can harm other guests in two ways that the service does not report. The service may invalidate keys that
//! were not in the way, and the new key may override a key that another desk made since the rooms were read. Only
//! another read of the rooms shows either.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::hotel::Span;
use crate::hotel::key::{Key, KeyRing};
use crate::operation::plan::{Bystander, KeySpec, Plan};

/// A guest whose key stopped working without anybody's agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harm {
    /// The key that stopped working.
    pub key: Bystander,
    /// Whether the key is for the same time as the new key, which means that two desks gave away the same room.
    /// Otherwise the service took away a key that was not in the way.
    pub contested: bool,
}

/// The result of reading the rooms again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The ids of the new keys that are not valid.
    pub displaced: Vec<String>,
    /// Valid keys of other guests for the same rooms and time that were made since the plan, newest first.
    pub rivals: Vec<Key>,
    /// The guests who lost access.
    pub harmed: Vec<Harm>,
    /// Keys that another desk made since the plan and that stopped working, while their guests have another working
    /// key.
    pub superseded: Vec<Key>,
    /// Bystanders whose key stopped working, and who got a key for other doors or another time at the same moment.
    /// Another desk may have moved them, or may not know that they lost the earlier key.
    pub moved: Vec<Bystander>,
}

/// The keys that verification looks at.
#[derive(Debug)]
pub struct Around<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The ids of all keys that the plan made.
    pub own: BTreeSet<String>,
    /// The keys that are being made or were just made. The rooms must be free for them.
    pub specs: Vec<&'a KeySpec>,
}

impl Around<'_> {
    /// Returns whether somebody else made this key since the plan.
    pub fn is_new(&self, key: &Key) -> bool {
        key.parent.is_none()
            && !key.is_being_deleted()
            && !self.plan.seen.contains(&key.id)
            && self.plan.is_since(key)
            && !self.own.contains(&key.id)
    }

    /// Returns whether a key is for the rooms and the time of a key that is being made.
    fn meets(&self, key: &Key) -> bool {
        self.specs.iter().any(|spec| {
            key.opens_any(spec.doors.intersection(&self.plan.room_doors))
                && key.span().overlaps(Span::from(spec.window))
        })
    }

    /// Returns the keys for the rooms and times of these keys that somebody else made since the plan, valid or not.
    pub fn since<'a>(&self, ring: &'a KeyRing, now: DateTime<Utc>) -> Vec<&'a Key> {
        let mut found: Vec<&Key> = ring
            .all()
            .filter(|key| key.ends_at.is_none_or(|end| end > now))
            .filter(|key| self.is_new(key) && self.meets(key))
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }

    /// Returns whether a guest whose key stopped working has another key that replaces it, or one that was made since
    /// the plan. In the second case another desk is moving the guest at this moment.
    fn has_another(&self, ring: &KeyRing, lost: &Bystander, now: DateTime<Utc>) -> bool {
        let holder = lost.holder.as_deref();
        let is_moved = holder.is_some_and(|holder| {
            let mut own = ring.live_of(holder, now).into_iter();
            own.any(|key| key.id != lost.id && self.is_new(key))
        });
        is_moved || stands_in(ring, lost, &BTreeSet::new(), now)
    }
}

/// Judges the keys at the rooms right after the writes. `made` holds the ids of the keys that were just made, and
/// `guests` the `acs_user_id`s of the operation. `ring` holds everything that was read of the rooms, the guests and
/// the bystanders.
pub fn judge(
    around: &Around<'_>,
    made: &[String],
    guests: &BTreeSet<String>,
    ring: &KeyRing,
    now: DateTime<Utc>,
) -> Verdict {
    let plan = around.plan;
    let is_invalid = |id: &&String| ring.get(id).is_some_and(|key| key.valid == Some(false));
    let mut rivals: Vec<&Key> = around.since(ring, now);
    // A key that joined the same stay is not a rival.
    rivals.retain(|key| {
        key.valid != Some(false) && !made.iter().any(|id| ring.linked(id).contains(&key.id))
    });
    rivals.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    // Keys that did not exist at the time of the plan are checked too: another desk may have made one since, for the
    // rooms or for one of the guests.
    let at_rooms = plan.room_doors.iter().flat_map(|door| ring.ids_at(door));
    let of_guests = guests.iter().flat_map(|guest| ring.ids_of(guest));
    let ids: BTreeSet<&String> = at_rooms.chain(of_guests).collect();
    let new = ids.into_iter().filter_map(|id| ring.get(id));
    let new: Vec<&Key> = new
        .filter(|key| around.is_new(key) && key.is_displaced(now))
        .collect();
    let (superseded, lost): (Vec<&Key>, Vec<&Key>) = new
        .into_iter()
        .partition(|key| around.has_another(ring, &Bystander::from(*key), now));
    let is_own = |key: &Key| {
        let holder = key.holder.as_ref();
        holder.is_some_and(|holder| guests.contains(holder))
    };
    let lost = lost.into_iter().map(|key| Harm {
        contested: around.meets(key) || is_own(key),
        key: Bystander::from(key),
    });
    let (moved, others): (Vec<&Bystander>, Vec<&Bystander>) = plan
        .bystanders
        .iter()
        .filter(|other| is_still_lost(other, ring, now))
        .partition(|other| around.has_another(ring, other, now));
    let others = others.into_iter().map(|other| Harm {
        key: other.clone(),
        contested: false,
    });
    Verdict {
        displaced: made.iter().filter(is_invalid).cloned().collect(),
        harmed: others.chain(lost).collect(),
        superseded: superseded.into_iter().cloned().collect(),
        moved: moved.into_iter().cloned().collect(),
        rivals: rivals.into_iter().cloned().collect(),
    }
}

/// Returns whether a key that the service took away still has to be given back: it is invalid, its end has not passed,
/// and no other key for the same rooms and time replaces it.
pub fn is_still_lost(lost: &Bystander, ring: &KeyRing, now: DateTime<Utc>) -> bool {
    let is_displaced = ring.get(&lost.id).is_some_and(|key| key.is_displaced(now));
    is_displaced && !stands_in(ring, lost, &BTreeSet::new(), now)
}

/// Returns whether the guest's other live keys open every door of the lost key for all of its remaining time. A key
/// for only a part of that time, or for one of two rooms, does not replace it. Keys in `except` do not count.
pub(crate) fn stands_in(
    ring: &KeyRing,
    lost: &Bystander,
    except: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> bool {
    let Some(holder) = lost.holder.as_deref() else {
        return false;
    };
    let others = ring.live_of(holder, now);
    lost.doors.iter().all(|door| {
        let others = others
            .iter()
            .filter(|key| key.id != lost.id && !except.contains(&key.id))
            .filter(|key| key.opens_any([door]))
            .map(|key| key.span());
        lost.span().is_covered_by(others, now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hotel::key::tests::key;
    use crate::hotel::{CardFormat, Window};
    use crate::operation::plan::{Access, Action, Command, Ref, Step};

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn now() -> DateTime<Utc> {
        at("24T12:00:00")
    }

    /// Bob is given room 101 from the 24th, 15:00, to the 26th. Ann has the room until the 24th, 11:00, with a mobile
    /// key and a card.
    fn plan(bystanders: &[&Key]) -> Plan {
        let spec = KeySpec {
            guest: Ref::Known("bob".to_owned()),
            system: "s".to_owned(),
            manager: "m".to_owned(),
            doors: ["101", "gym"].map(str::to_owned).into(),
            window: Window {
                starts_at: at("24T15:00:00"),
                ends_at: at("26T10:00:00"),
            },
            label: String::new(),
            format: CardFormat::Rfid48,
            access: Access::Override,
            phone_ready: None,
        };
        Plan {
            command: Command::Issue,
            system: "s".to_owned(),
            guests: vec!["bob".to_owned()],
            rooms: vec!["101".to_owned()],
            room_doors: ["101".to_owned()].into(),
            steps: vec![Step {
                about: String::new(),
                action: Action::CreateKey(Box::new(spec)),
            }],
            seen: bystanders.iter().map(|key| key.id.clone()).collect(),
            displaces: vec![],
            at_risk: BTreeSet::new(),
            bystanders: bystanders.iter().copied().map(Bystander::from).collect(),
            harmed: vec![],
            had_access: BTreeSet::new(),
            arrival: None,
            planned_at: Some(now()),
        }
    }

    fn of(id: &str, holder: &str, from: &str, until: &str, valid: bool) -> Key {
        Key {
            starts_at: Some(at(from)),
            created_at: Some(at("20T10:00:00")),
            valid: Some(valid),
            ..key(id, holder, &["101"], &format!("2026-11-{until}Z"))
        }
    }

    fn made_since(key: Key) -> Key {
        Key {
            created_at: Some(at("24T12:00:01")),
            ..key
        }
    }

    /// Returns the displaced keys, the rivals, and the harmed guests' keys. `!` marks a room that two desks gave away,
    /// and `?` a guest who may have been moved.
    fn judged(plan: &Plan, after: Vec<Key>) -> String {
        let mut ring = KeyRing::default();
        after.into_iter().for_each(|key| ring.insert(key));
        let around = Around {
            plan,
            own: ["new".to_owned()].into(),
            specs: plan.specs().map(|(_, spec)| spec).collect(),
        };
        let guests = ["bob".to_owned()].into();
        let verdict = judge(&around, &["new".to_owned()], &guests, &ring, now());
        let rivals: Vec<&str> = verdict.rivals.iter().map(|key| key.id.as_str()).collect();
        let harm =
            |harm: &Harm| format!("{}{}", harm.key.id, if harm.contested { "!" } else { "" });
        let moved = verdict.moved.iter().map(|key| format!("{}?", key.id));
        let harmed: Vec<String> = verdict.harmed.iter().map(harm).chain(moved).collect();
        format!(
            "{} / {} / {}",
            verdict.displaced.join(" "),
            rivals.join(" "),
            harmed.join(" ")
        )
    }

    #[test]
    fn every_key_on_the_rooms_is_judged() {
        let own = |valid| made_since(of("new", "bob", "24T15:00:00", "26T10:00:00", valid));
        let ann = |valid| of("ann", "ann", "22T15:00:00", "24T14:00:00", valid);
        let moved = || made_since(of("ann2", "ann", "24T12:00:00", "24T14:00:00", true));
        let to_another_room = || Key {
            doors: ["205".to_owned()].into(),
            ..moved()
        };
        let eve = |valid| made_since(of("eve", "eve", "24T13:00:00", "25T10:00:00", valid));
        let elsewhere = |valid| Key {
            doors: ["205".to_owned()].into(),
            ..made_since(of("bob2", "bob", "27T15:00:00", "28T10:00:00", valid))
        };
        let longer = made_since(of("bob4", "bob", "24T13:00:00", "25T10:00:00", false));
        let shorter = made_since(of("bob5", "bob", "24T16:00:00", "25T10:00:00", false));
        let twin = || made_since(of("bob3", "bob", "24T15:00:00", "26T10:00:00", true));
        let before = ann(true);
        let plan = plan(&[&before]);
        for (what, after, wanted) in [
            ("all is well", vec![own(true), ann(true)], " /  / "),
            (
                "another desk was later",
                vec![own(false), ann(true), eve(true)],
                "new / eve / ",
            ),
            (
                "a bystander is called invalid",
                vec![own(true), ann(false)],
                " /  / ann",
            ),
            (
                "a bystander has got another key for the same",
                vec![own(true), ann(false), moved()],
                " /  / ",
            ),
            (
                "a bystander has got a key to another room at the same moment",
                vec![own(true), ann(false), to_another_room()],
                " /  / ann?",
            ),
            ("a bystander was revoked", vec![own(true)], " /  / "),
            (
                "another desk was earlier",
                vec![own(true), ann(true), eve(false)],
                " /  / eve!",
            ),
            (
                "both keys count",
                vec![own(true), ann(true), eve(true)],
                " / eve / ",
            ),
            (
                "a key of long ago",
                vec![
                    own(true),
                    ann(true),
                    of("old", "eve", "24T13:00:00", "25T10:00:00", false),
                ],
                " /  / ",
            ),
            (
                "another desk gave the guest a key elsewhere",
                vec![own(true), ann(true), elsewhere(true)],
                " /  / ",
            ),
            (
                "and this one has replaced it",
                vec![own(true), ann(true), elsewhere(false)],
                " /  / bob2!",
            ),
            (
                "another desk gave the guest this room",
                vec![own(true), ann(true), twin()],
                " / bob3 / ",
            ),
            (
                "another desk gave the guest this room for other hours, and this key has replaced that one",
                vec![own(true), ann(true), longer],
                " /  / bob4!",
            ),
            (
                "the same, for hours that this key has too",
                vec![own(true), ann(true), shorter],
                " /  / ",
            ),
            (
                "another time",
                vec![
                    own(true),
                    ann(true),
                    made_since(of("eve", "eve", "26T15:00:00", "27T10:00:00", true)),
                ],
                " /  / ",
            ),
        ] {
            assert_eq!(judged(&plan, after), wanted, "{what}");
        }
    }
}

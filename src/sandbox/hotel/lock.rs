//! The rules by which an offline lock accepts a key. They are pure functions and need no hotel.
//!
//! A Visionline lock has no connection to the server. It knows the time, the doors that a key lists, and what it
//! learned from the keys that were used at it. So whether the server calls a key valid has no influence here.
//!
//! 1. A key can be presented if it is on its carrier. A mobile key's copy is on a phone from its arrival until its
//!    removal; a plastic card exists once it is encoded. The phone holds the state that reached it last, and not a
//!    change that is still under way.
//! 2. A key opens a door that it lists, from its start (included) to its end (excluded).
//! 3. At a guest door the key must also belong to a [`Generation`] that no later override has ended there. Other doors
//!    belong to no guest and check only the window.
//! 4. A guest door that opens remembers the latest override among the generations of the key, if that override is later
//!    than the one it remembers. A key that neither overrides nor joins does not change what the door remembers.
//! 5. A joiner belongs to the generations of the keys that it joins. The joiner stores them, so it keeps them when a
//!    key that it joined is deleted.
//! 6. Which of two overrides is later depends on the reading [`OverrideOrder`].

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::sandbox::id::Id;
use crate::sandbox::readings::OverrideOrder;

/// The time for which a key works: from its start (included) to its end (excluded). A missing side means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Window {
    pub(in crate::sandbox) start: Option<DateTime<Utc>>,
    pub(in crate::sandbox) end: Option<DateTime<Utc>>,
}

impl Window {
    /// Returns true if the two windows share a minute. Times are compared in whole minutes, so a stay that begins when
    /// another one ends does not overlap it.
    pub(in crate::sandbox) fn overlaps(&self, other: &Self) -> bool {
        let before = |end: Option<DateTime<Utc>>, start: Option<DateTime<Utc>>| {
            end.zip(start)
                .is_some_and(|(end, start)| minute(end) <= minute(start))
        };
        !before(self.end, other.start) && !before(other.end, self.start)
    }

    /// Returns true if the window has ended.
    pub(in crate::sandbox) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}

/// Removes the seconds.
fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::minutes(1)).unwrap_or(time)
}

/// The origin of a key's rights at guest doors: an override, or a key that was made without an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Generation {
    /// The key that began this generation.
    pub(in crate::sandbox) root: Id,
    /// The position of the root in the order of issue.
    pub(in crate::sandbox) issued: u64,
    /// The start of the root.
    pub(in crate::sandbox) starts_at: Option<DateTime<Utc>>,
    /// Whether the root overrides earlier keys.
    pub(in crate::sandbox) overrides: bool,
}

impl Generation {
    /// Returns true if this generation is later than the other one. Of two that start in the same minute, the one that
    /// was issued later is later.
    pub(in crate::sandbox) fn is_later(&self, than: &Self, order: OverrideOrder) -> bool {
        match order {
            OverrideOrder::Issued => self.issued > than.issued,
            OverrideOrder::Start => {
                let order = |key: &Self| (key.starts_at.map(minute), key.issued);
                order(self) > order(than)
            }
        }
    }
}

/// The state of a door's lock.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Lock {
    pub(in crate::sandbox) is_guest: bool,
    /// For a guest door, the latest override that was used at it.
    pub(in crate::sandbox) remembers: Option<Generation>,
}

impl Lock {
    /// Returns true if a later override ended all of these generations at this door.
    pub(in crate::sandbox) fn has_ended(
        &self,
        generations: &[Generation],
        order: OverrideOrder,
    ) -> bool {
        self.is_guest
            && self
                .remembers
                .is_some_and(|latest| generations.iter().all(|own| latest.is_later(own, order)))
    }
}

/// A key that is held against a door.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Presented<'a> {
    /// The window on the phone or card, or `None` if the key is not on any.
    pub(in crate::sandbox) window: Option<Window>,
    /// Whether the key lists the door.
    pub(in crate::sandbox) lists: bool,
    pub(in crate::sandbox) generations: &'a [Generation],
}

/// The reason why a door stays closed. Reasons further down mean that the key came closer to opening the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sandbox) enum Refused {
    /// There is no key at all.
    NoKey,
    /// The key is not on a phone or card.
    NotThere,
    /// The key does not list the door.
    OtherDoor,
    /// The window has ended.
    Ended,
    /// The window has not started.
    NotYet,
    /// A later override was used at the door.
    Overridden,
}

impl Refused {
    pub(in crate::sandbox) fn word(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::NotThere => "not_there",
            Self::OtherDoor => "other_door",
            Self::Ended => "ended",
            Self::NotYet => "not_yet",
            Self::Overridden => "overridden",
        }
    }
}

/// Holds a key against a door. If the door opens, returns what it remembers afterwards.
pub(in crate::sandbox) fn present(
    lock: &Lock,
    key: &Presented<'_>,
    now: DateTime<Utc>,
    order: OverrideOrder,
) -> Result<Option<Generation>, Refused> {
    let window = key.window.ok_or(Refused::NotThere)?;
    if !key.lists {
        return Err(Refused::OtherDoor);
    }
    if window.is_over(now) {
        return Err(Refused::Ended);
    }
    if window.start.is_some_and(|start| now < start) {
        return Err(Refused::NotYet);
    }
    if lock.has_ended(key.generations, order) {
        return Err(Refused::Overridden);
    }
    if !lock.is_guest {
        return Ok(None);
    }
    let overrides = key.generations.iter().filter(|own| own.overrides);
    Ok(overrides
        .copied()
        .chain(lock.remembers)
        .reduce(|a, b| if a.is_later(&b, order) { a } else { b }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the time at so many minutes after the start of 1 May.
    fn at(minutes: i64) -> DateTime<Utc> {
        "2026-05-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Some(at(start)),
            end: Some(at(end)),
        }
    }

    /// Returns a generation with this position in the order of issue and this start.
    fn generation(issued: u64, start: i64, overrides: bool) -> Generation {
        Generation {
            root: Id::named(&issued.to_string()),
            issued,
            starts_at: Some(at(start)),
            overrides,
        }
    }

    #[test]
    fn windows_overlap_where_they_share_a_minute() {
        let open = |start: Option<i64>, end: Option<i64>| Window {
            start: start.map(at),
            end: end.map(at),
        };
        for (one, other, overlap) in [
            (window(0, 60), window(60, 90), false),
            (window(0, 61), window(60, 90), true),
            (window(0, 60), window(10, 20), true),
            (window(0, 60), window(0, 60), true),
            (open(None, Some(60)), window(60, 90), false),
            (open(None, Some(60)), window(59, 90), true),
            (open(Some(60), None), window(0, 60), false),
            (open(Some(60), None), window(0, 61), true),
            (open(None, None), window(0, 1), true),
        ] {
            assert_eq!(one.overlaps(&other), overlap, "{one:?} {other:?}");
            assert_eq!(other.overlaps(&one), overlap, "{other:?} {one:?}");
        }
        let seconds = Window {
            start: Some(at(0)),
            end: Some(at(60) + TimeDelta::seconds(59)),
        };
        assert!(!seconds.overlaps(&window(60, 90)), "whole minutes");
    }

    #[test]
    fn a_door_opens_within_the_window_of_a_key_that_is_there_and_lists_it() {
        let stay = [generation(1, 100, true)];
        let key = Presented {
            window: Some(window(100, 200)),
            lists: true,
            generations: &stay,
        };
        let elsewhere = Presented {
            lists: false,
            ..key
        };
        let on_its_way = Presented {
            window: None,
            ..key
        };
        let open_ended = Presented {
            window: Some(Window {
                start: None,
                end: None,
            }),
            ..key
        };
        for is_guest in [true, false] {
            let lock = Lock {
                is_guest,
                remembers: None,
            };
            for (key, minute, refused) in [
                (key, 99, Some(Refused::NotYet)),
                (key, 100, None),
                (key, 199, None),
                (key, 200, Some(Refused::Ended)),
                (elsewhere, 150, Some(Refused::OtherDoor)),
                (on_its_way, 150, Some(Refused::NotThere)),
                (open_ended, 99_999, None),
            ] {
                for order in [OverrideOrder::Issued, OverrideOrder::Start] {
                    let opened = present(&lock, &key, at(minute), order);
                    assert_eq!(opened.err(), refused, "{minute}");
                }
            }
        }
    }

    type Case<'a> = (
        &'a str,
        Option<Generation>,
        Vec<Generation>,
        Option<Option<u64>>,
        Option<Option<u64>>,
    );

    /// The cases: what a guest door remembers, the generations of the key, and the position in the order of issue that
    /// the door remembers afterwards, or `None` if it stays closed. The first result is for the order of issue, the
    /// second for the order of start.
    #[test]
    fn a_guest_door_goes_by_the_latest_override_used_at_it() {
        let early = generation(1, 100, true);
        let late = generation(2, 200, true);
        // It is issued last and has the earliest start.
        let between = generation(3, 50, true);
        // It is issued last and does not override.
        let plain = generation(4, 300, false);
        let old_plain = generation(0, 10, false);
        let cases: Vec<Case<'_>> = vec![
            ("first key", None, vec![early], Some(Some(1)), Some(Some(1))),
            (
                "same key",
                Some(early),
                vec![early],
                Some(Some(1)),
                Some(Some(1)),
            ),
            (
                "next stay",
                Some(early),
                vec![late],
                Some(Some(2)),
                Some(Some(2)),
            ),
            ("ended stay", Some(late), vec![early], None, None),
            (
                "issued later, starts earlier",
                Some(early),
                vec![between],
                Some(Some(3)),
                None,
            ),
            (
                "issued earlier, starts later",
                Some(between),
                vec![early],
                None,
                Some(Some(1)),
            ),
            (
                "joiner of the current stay",
                Some(late),
                vec![late],
                Some(Some(2)),
                Some(Some(2)),
            ),
            (
                "joiner of an ended stay",
                Some(late),
                vec![early],
                None,
                None,
            ),
            (
                "joiner of both",
                Some(late),
                vec![early, late],
                Some(Some(2)),
                Some(Some(2)),
            ),
            (
                "joiner of both, first",
                None,
                vec![late, early],
                Some(Some(2)),
                Some(Some(2)),
            ),
            (
                "joiner of three",
                None,
                vec![early, late, between],
                Some(Some(3)),
                Some(Some(2)),
            ),
            (
                "plain key, first",
                None,
                vec![plain],
                Some(None),
                Some(None),
            ),
            (
                "plain key, later",
                Some(late),
                vec![plain],
                Some(Some(2)),
                Some(Some(2)),
            ),
            (
                "plain key, earlier",
                Some(early),
                vec![old_plain],
                None,
                None,
            ),
            ("no generation, first", None, vec![], Some(None), Some(None)),
            ("no generation, later", Some(early), vec![], None, None),
        ];
        for (what, remembers, generations, issued, start) in cases {
            for (order, expected) in [
                (OverrideOrder::Issued, issued),
                (OverrideOrder::Start, start),
            ] {
                let key = Presented {
                    window: Some(window(0, 1000)),
                    lists: true,
                    generations: &generations,
                };
                let lock = |is_guest| Lock {
                    is_guest,
                    remembers,
                };
                let opened = present(&lock(true), &key, at(500), order);
                let place = |latest: Option<Generation>| latest.map(|latest| latest.issued);
                assert_eq!(opened.ok().map(place), expected, "{what}, {order:?}");
                assert_eq!(
                    lock(true).has_ended(&generations, order),
                    expected.is_none(),
                    "{what}, {order:?}"
                );
                // A common door opens and remembers nothing.
                let common = present(&lock(false), &key, at(500), order);
                assert_eq!(common, Ok(None), "{what}, {order:?}");
            }
        }
    }

    #[test]
    fn of_two_overrides_that_start_together_the_later_issued_is_the_later() {
        let (one, two) = (generation(1, 100, true), generation(2, 100, true));
        for order in [OverrideOrder::Issued, OverrideOrder::Start] {
            assert!(two.is_later(&one, order));
            assert!(!one.is_later(&two, order) && !one.is_later(&one, order));
        }
    }
}

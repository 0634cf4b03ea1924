//! What an offline lock does with a key: pure rules, without a hotel.
//!
//! A Visionline lock has no line to the server. It knows the time, which doors a key lists, and what the keys
//! that were used at it have taught it. So what the server says of validity decides nothing here.
//!
//! 1. A key can be presented if it is where its guest is: a mobile key's copy once it has reached the phone
//!    and until it has been taken off, a plastic card once it is encoded. What is on a phone is the state that
//!    reached it last; a change that is still under way is not there yet.
//! 2. A key opens a door that it lists, from its start, which is included, to its end, which is not.
//! 3. At a guest door it must also belong to a [`Generation`] that no later override has ended there. Other
//!    doors belong to nobody and check the window only.
//! 4. A guest door that is opened remembers the latest override among the generations of the key, if that is
//!    later than what it remembers. A key that neither overrides nor joins teaches it nothing.
//! 5. A joiner belongs to the generations of the keys it joins. They are kept on the joiner, so that it keeps
//!    them when a key it joined is deleted.
//! 6. Which of two overrides is the later one is a reading, [`OverrideOrder`].

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::sandbox::id::Id;
use crate::sandbox::readings::OverrideOrder;

/// The time that a key is for: from its start to just before its end. An open side has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Window {
    pub(in crate::sandbox) start: Option<DateTime<Utc>>,
    pub(in crate::sandbox) end: Option<DateTime<Utc>>,
}

impl Window {
    /// Returns whether both windows hold a common minute. They are compared in whole minutes, so that a stay
    /// that begins when another one ends is no overlap.
    pub(in crate::sandbox) fn overlaps(&self, other: &Self) -> bool {
        let before = |end: Option<DateTime<Utc>>, start: Option<DateTime<Utc>>| {
            end.zip(start)
                .is_some_and(|(end, start)| minute(end) <= minute(start))
        };
        !before(self.end, other.start) && !before(other.end, self.start)
    }

    /// Returns whether the end has come.
    pub(in crate::sandbox) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}

/// Cuts the seconds off.
fn minute(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::minutes(1)).unwrap_or(time)
}

/// What a key's rights at guest doors rest on: an override, or a key that was made without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Generation {
    /// The key that began it.
    pub(in crate::sandbox) root: Id,
    /// The place of the root in the order of issue.
    pub(in crate::sandbox) issued: u64,
    /// The start of the root.
    pub(in crate::sandbox) starts_at: Option<DateTime<Utc>>,
    /// Whether the root overrides earlier keys.
    pub(in crate::sandbox) overrides: bool,
}

impl Generation {
    /// Returns whether this one is the later of the two. Of two that start in the same minute, the one issued
    /// later is.
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

/// A door and what it remembers.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Lock {
    pub(in crate::sandbox) is_guest: bool,
    /// The latest override used here, at a guest door.
    pub(in crate::sandbox) remembers: Option<Generation>,
}

impl Lock {
    /// Returns whether a later override ended all of these generations here.
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
    /// The window that the phone or card holds; none where the key is not there.
    pub(in crate::sandbox) window: Option<Window>,
    /// Whether the key lists the door.
    pub(in crate::sandbox) lists: bool,
    pub(in crate::sandbox) generations: &'a [Generation],
}

/// Why a door stays shut. The later a reason stands here, the nearer the key came to opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sandbox) enum Refused {
    /// There is no key at all.
    NoKey,
    /// The key is not on a phone or card.
    NotThere,
    /// The key does not list the door.
    OtherDoor,
    /// The window is over.
    Ended,
    /// The window has not begun.
    NotYet,
    /// A later override has been used at the door.
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

/// Holds a key against a door. Returns what the door remembers once it has opened.
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

    /// Minutes after the first of May.
    fn at(minutes: i64) -> DateTime<Utc> {
        "2026-05-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Some(at(start)),
            end: Some(at(end)),
        }
    }

    /// A generation by its place in the order of issue and its start.
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

    /// What a guest door remembers, the generations of the key, and the place in the order of issue that the
    /// door remembers afterwards; none where it stays shut. First as issued, then by start.
    #[test]
    fn a_guest_door_goes_by_the_latest_override_used_at_it() {
        let early = generation(1, 100, true);
        let late = generation(2, 200, true);
        // Issued last, for the earliest time.
        let between = generation(3, 50, true);
        // Issued last, without an override.
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
                // A door that is nobody's opens and learns nothing.
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

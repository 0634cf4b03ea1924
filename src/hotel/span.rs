//! Spans of time, and whether they overlap.

use chrono::{DateTime, Utc};

use super::window::Window;

/// A half-open span of time in whole minutes, UTC: `[start, end)`. Either side may be unbounded.
///
/// Visionline keeps whole minutes. For this reason a key that ends at 11:00:30 and a key that starts at 11:00 do not
/// overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first minute of the span, counted since the Unix epoch.
    start: i64,
    /// The minute after the last one, counted since the Unix epoch.
    end: i64,
}

impl Span {
    /// Returns the span between two instants. `None` means unbounded on that side.
    pub fn new(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Self {
        Self {
            start: start.map_or(i64::MIN, minute),
            end: end.map_or(i64::MAX, minute),
        }
    }

    /// Returns whether the spans share at least one minute.
    pub fn overlaps(self, other: Span) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Returns whether the span contains this instant.
    pub fn contains(self, at: DateTime<Utc>) -> bool {
        (self.start..self.end).contains(&minute(at))
    }

    /// Returns whether the span contains every minute of the other span.
    pub fn covers(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns whether the other spans together contain every minute of this span from `now` on.
    pub fn is_covered_by(self, others: impl IntoIterator<Item = Span>, now: DateTime<Utc>) -> bool {
        let mut others: Vec<Span> = others.into_iter().collect();
        others.sort_by_key(|other| other.start);
        let mut from = self.start.max(minute(now));
        for other in others {
            if other.start <= from {
                from = from.max(other.end);
            }
        }
        from >= self.end
    }
}

impl From<Window> for Span {
    fn from(window: Window) -> Self {
        Self::new(Some(window.starts_at), Some(window.ends_at))
    }
}

/// Returns the number of whole minutes since the Unix epoch.
fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        let at = |text: &str| (text != "-").then(|| format!("2026-11-24T{text}Z").parse().unwrap());
        Span::new(at(start), at(end))
    }

    #[test]
    fn spans_overlap_by_whole_minutes_and_half_open() {
        for (a, b, wanted) in [
            (("10:00:00", "11:00:00"), ("11:00:00", "12:00:00"), false),
            (("10:00:00", "11:00:30"), ("11:00:00", "12:00:00"), false),
            (("10:00:00", "11:01:00"), ("11:00:00", "12:00:00"), true),
            (("10:00:00", "12:00:00"), ("10:30:00", "11:00:00"), true),
            (("-", "11:00:00"), ("10:59:00", "-"), true),
            (("-", "11:00:00"), ("11:00:00", "-"), false),
            (("-", "-"), ("11:00:00", "11:01:00"), true),
        ] {
            let (first, second) = (span(a.0, a.1), span(b.0, b.1));
            assert_eq!(first.overlaps(second), wanted, "{a:?} {b:?}");
            assert_eq!(second.overlaps(first), wanted, "{b:?} {a:?}");
        }
    }

    #[test]
    fn a_span_is_covered_where_no_minute_from_now_on_is_missing() {
        let now = "2026-11-24T10:30:00Z".parse().unwrap();
        for (others, wanted) in [
            (vec![("10:00:00", "12:00:00")], true),
            (vec![("10:30:30", "12:00:00")], true),
            (vec![("10:31:00", "12:00:00")], false),
            (vec![("10:00:00", "11:59:00")], false),
            (
                vec![("11:00:00", "12:30:00"), ("10:00:00", "11:00:00")],
                true,
            ),
            (
                vec![("11:01:00", "12:30:00"), ("10:00:00", "11:00:00")],
                false,
            ),
            (vec![("-", "-")], true),
            (vec![], false),
        ] {
            let spans = others.iter().map(|(start, end)| span(start, end));
            let lost = span("10:00:00", "12:00:00");
            assert_eq!(lost.is_covered_by(spans, now), wanted, "{others:?}");
        }
        assert!(span("10:00:00", "10:30:00").is_covered_by([], now));
    }

    #[test]
    fn a_span_contains_its_first_minute_and_not_its_last() {
        let stay = span("10:00:00", "11:00:00");
        let at = |text: &str| format!("2026-11-24T{text}Z").parse().unwrap();
        assert!(stay.contains(at("10:00:00")) && stay.contains(at("10:59:59")));
        assert!(!stay.contains(at("11:00:00")) && !stay.contains(at("09:59:59")));
    }
}

//! Decides when a request may be sent again. The effect of the endpoint decides, not the HTTP verb, because every call
//! is a POST.

use std::time::{Duration, SystemTime};

use chrono::DateTime;

use super::error::{Error, Sent};

/// What happens if a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing changes, because the request only reads.
    Read,
    /// The result is the same, as with revoke, grant and delete.
    Repeatable,
    /// A second object may be created. The API has no idempotency key.
    Create,
}

/// The longest pause between two tries that roomkey chooses. A server may ask for a longer one.
const LONGEST: Duration = Duration::from_secs(4);

/// The maximum number of tries of a read without a connection. It is low because a person is waiting.
const REFUSED_READS: u32 = 3;

/// Returns true if a request that failed with this error is worth sending again and safe to send again.
pub(super) fn may_repeat(class: Class, error: &Error, tries: u32) -> bool {
    if !error.is_transient() {
        return false;
    }
    match class {
        Class::Read => !error.is_refused() || tries < REFUSED_READS,
        Class::Repeatable => true,
        Class::Create => error.sent() == Sent::No,
    }
}

/// Returns the pause before the next try. It is random ("full jitter"), so that many desks do not retry at the same
/// moments, and at least as long as the server asked for.
pub(super) fn pause(tries: u32, asked: Option<Duration>) -> Duration {
    let ceiling = LONGEST.min(Duration::from_millis(100) * 2_u32.saturating_pow(tries.min(10)));
    let own = ceiling.mul_f64(fastrand::f64());
    asked.map_or(own, |asked| asked.saturating_add(own / 4))
}

/// Parses the header `Retry-After`: a number of seconds, or an HTTP date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    SystemTime::from(at)
        .duration_since(now)
        .ok()
        .or(Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::from(DateTime::parse_from_rfc3339("2026-11-24T10:00:00Z").unwrap());
        let seconds = |text| retry_after(text, now).map(|d| d.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Tue, 24 Nov 2026 10:00:09 GMT"), Some(9));
        assert_eq!(
            seconds("Tue, 24 Nov 2026 09:00:00 GMT"),
            Some(0),
            "the past is now"
        );
        assert_eq!(seconds("-3"), None);
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("1e99"), None, "no overflow");
    }

    #[test]
    fn pauses_grow_are_bounded_and_honour_the_server() {
        for tries in 0..40 {
            assert!(pause(tries, None) <= LONGEST);
            assert!(pause(tries, Some(Duration::from_secs(9))) >= Duration::from_secs(9));
            assert_eq!(pause(tries, Some(Duration::MAX)), Duration::MAX);
        }
    }

    #[test]
    fn a_create_is_repeated_only_where_it_certainly_did_not_run() {
        let lost = Error::timeout("/x");
        let limited = Error::status_for_test(429);
        let broken = Error::status_for_test(503);
        let refused = Error::refused_for_test();
        for (class, error, wanted) in [
            (Class::Create, &lost, false),
            (Class::Create, &broken, false),
            (Class::Create, &limited, true),
            (Class::Create, &refused, true),
            (Class::Repeatable, &lost, true),
            (Class::Repeatable, &broken, true),
            (Class::Read, &broken, true),
            (Class::Read, &refused, true),
            (Class::Read, &Error::status_for_test(400), false),
            (Class::Repeatable, &Error::status_for_test(404), false),
        ] {
            assert_eq!(may_repeat(class, error, 1), wanted, "{class:?} {error}");
        }
        assert!(!may_repeat(Class::Read, &refused, REFUSED_READS));
    }
}

//! The window of a key: the time in which it works, entered in hotel time and kept in UTC.

#[cfg(test)]
mod tests;
mod when;
mod zone;

use std::ops::RangeInclusive;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use when::{DaySpec, When, WhenTextError};
pub use zone::{Edge, HotelTime, Hours, show_day};

/// How many nights a stay may have.
const NIGHTS: RangeInclusive<u32> = 1..=366;
/// One minute in seconds, the unit of a window.
const MINUTE: i64 = 60;
/// How far in the past a typed start may be and still be taken as now.
const GRACE: TimeDelta = TimeDelta::minutes(10);

/// The time in which a key works. Both ends are instants in whole minutes, because Visionline keeps whole minutes. The
/// hotel's zone matters only for reading and showing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first instant at which the key works, UTC.
    pub starts_at: DateTime<Utc>,
    /// The end of the key, UTC.
    pub ends_at: DateTime<Utc>,
}

/// The error for a time that cannot be used. Times in it are in the hotel's zone, as [`HotelTime::show`] writes them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// The clock skips this hour.
    #[error("{} does not exist in {zone}, where the clock is put forward; type `{}` or `{}`",
        .local.format("%a %Y-%m-%d %H:%M"), .earlier.to_rfc3339(), .later.to_rfc3339())]
    Gap {
        /// The time on the hotel's clock as typed.
        local: NaiveDateTime,
        /// The hotel's zone.
        zone: Tz,
        /// The reading before the clock changes.
        earlier: DateTime<FixedOffset>,
        /// The reading after the clock has changed.
        later: DateTime<FixedOffset>,
    },
    /// The clock shows this hour twice.
    #[error("{} happens twice in {zone}, where the clock is put back; type `{}` for the first or `{}` for the second",
        .local.format("%a %Y-%m-%d %H:%M"), .earlier.to_rfc3339(), .later.to_rfc3339())]
    Fold {
        /// The time on the hotel's clock as typed.
        local: NaiveDateTime,
        /// The hotel's zone.
        zone: Tz,
        /// The first of the two instants.
        earlier: DateTime<FixedOffset>,
        /// The second of the two instants.
        later: DateTime<FixedOffset>,
    },
    /// `tonight` was given as the end of a stay.
    #[error(
        "\"tonight\" is when a stay starts, not when it ends; type `tomorrow`, or `--nights 1`"
    )]
    TonightEnds,
    /// Both an end and a number of nights were given.
    #[error("the end is given twice; type either `--until` or `--nights`")]
    TwoEnds,
    /// Neither an end nor a number of nights was given.
    #[error("the end is missing; type `--nights 1`, or `--until` with a day such as `tomorrow`")]
    NoEnd,
    /// The number of nights is zero or too large.
    #[error("{0} nights are not possible; type `--nights` with a number from {first} to {last}", first = NIGHTS.start(), last = NIGHTS.end())]
    Nights(u32),
    /// The stay is longer than a key may be.
    #[error("from {start} to {end} is more than {} nights; type an earlier `--until`", NIGHTS.end())]
    TooLong {
        /// The start, in hotel time.
        start: String,
        /// The end, in hotel time.
        end: String,
    },
    /// The start is in the past.
    #[error("the start {start} has passed, it is {now} at the hotel; type `now`, or a later time")]
    StartPassed {
        /// The start, in hotel time.
        start: String,
        /// Now, in hotel time.
        now: String,
    },
    /// The hour was given without a day and has passed today.
    #[error("{time} has passed today, it is {now} at the hotel; type `{tomorrow}`, or `now`")]
    HourPassed {
        /// The hour as typed.
        time: String,
        /// Now, in hotel time.
        now: String,
        /// That hour tomorrow, in the form in which it can be typed.
        tomorrow: String,
    },
    /// The end is not in the future.
    #[error(
        "the end {end} is not in the future, it is {now} at the hotel; type a later end, such as `tomorrow`"
    )]
    EndPassed {
        /// The end, in hotel time.
        end: String,
        /// Now, in hotel time.
        now: String,
    },
    /// The end is not after the start.
    #[error("the end {end} is not after the start {start}; type a later end, or `--nights 1`")]
    EndBeforeStart {
        /// The start, in hotel time.
        start: String,
        /// The end, in hotel time.
        end: String,
    },
    /// The date is outside the supported calendar.
    #[error("the date is too far away; type one such as `2026-12-01`")]
    OutOfRange,
}

impl HotelTime {
    /// Returns the window of a stay, given exactly one of `until` and `nights`.
    ///
    /// Without `from`, the window starts now. A start in the past is an error, because it is never sent. There are two
    /// exceptions, which become now: a start within the last ten minutes, and today's check-in hour.
    ///
    /// Nights are counted on the calendar, not in blocks of 24 hours. They are counted from the business date of the
    /// start; before the hour at which the hotel's day begins, that is the previous day. A stay that is given in
    /// nights ends at the check-out hour. `until` must be after the start, in the future, and at most 366 nights away.
    /// An hour without a day means the first such hour after the start. Both ends are truncated to the minute.
    pub fn window(
        &self,
        from: Option<&When>,
        until: Option<&When>,
        nights: Option<u32>,
    ) -> Result<Window, TimeError> {
        let from = from.unwrap_or(&When::Now);
        let asked = self.resolve(from, Edge::CheckIn)?;
        let first_night = match from {
            When::Tonight => self.business_date(),
            // A given day is used as it is, even if the check-in hour is before the hour at which the hotel's day
            // begins.
            When::Day(day) => self.date(*day)?,
            _ => self.business_date_of(asked),
        };
        let end = match (until, nights) {
            (Some(When::Time(time)), None) => self.first_after(asked.max(self.now), *time)?,
            (Some(until), None) => self.resolve(until, Edge::CheckOut)?,
            (None, Some(nights)) => self.check_out_after(first_night, nights)?,
            (Some(_), Some(_)) => return Err(TimeError::TwoEnds),
            (None, None) => return Err(TimeError::NoEnd),
        };
        let window = Window {
            starts_at: self.not_before_now(asked)?,
            ends_at: whole(end, MINUTE),
        };
        self.check(window, first_night)
    }

    /// Returns the check-out hour of the day that is `nights` days after `first_night`.
    pub fn check_out_after(
        &self,
        first_night: NaiveDate,
        nights: u32,
    ) -> Result<DateTime<Utc>, TimeError> {
        if !NIGHTS.contains(&nights) {
            return Err(TimeError::Nights(nights));
        }
        let day = first_night
            .checked_add_days(Days::new(nights.into()))
            .ok_or(TimeError::OutOfRange)?;
        self.at(day, self.hours.check_out)
    }

    /// Returns the start, or now if the start has just passed or is today's check-in hour. Any other start in the past
    /// is an error.
    fn not_before_now(&self, start: DateTime<Utc>) -> Result<DateTime<Utc>, TimeError> {
        let now = whole(self.now, MINUTE);
        if start >= now {
            return Ok(whole(start, MINUTE));
        }
        let check_in = self.at(self.business_date(), self.hours.check_in);
        if now - start <= GRACE || check_in.is_ok_and(|hour| hour == start) {
            return Ok(now);
        }
        Err(TimeError::StartPassed {
            start: self.show(start),
            now: self.show(now),
        })
    }

    /// Returns the window if it ends in the future, ends after its start and is not too long. Otherwise returns the
    /// error.
    fn check(&self, window: Window, first_night: NaiveDate) -> Result<Window, TimeError> {
        let Window { starts_at, ends_at } = window;
        let (start, end) = (self.show(starts_at), self.show(ends_at));
        if ends_at <= self.now {
            let now = self.show(self.now);
            return Err(TimeError::EndPassed { end, now });
        }
        if ends_at <= starts_at {
            return Err(TimeError::EndBeforeStart { start, end });
        }
        let nights = (self.date_of(ends_at) - first_night).num_days();
        if nights > i64::from(*NIGHTS.end()) {
            return Err(TimeError::TooLong { start, end });
        }
        Ok(window)
    }
}

/// Truncates an instant to a multiple of `unit` seconds.
fn whole(at: DateTime<Utc>, unit: i64) -> DateTime<Utc> {
    let seconds = at.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(unit), 0).unwrap_or(at)
}

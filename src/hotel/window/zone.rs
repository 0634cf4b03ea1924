//! The hotel's clock: its zone, its standard hours and its business date.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime,
    Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use super::{DaySpec, GRACE, MINUTE, TimeError, When, whole};

/// The standard hours of a hotel, on the hotel's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The hour at which a stay starts if only a day is given.
    pub check_in: NaiveTime,
    /// The hour at which a stay ends if only a day is given.
    pub check_out: NaiveTime,
    /// The hour at which the business date changes. Before this hour, the business date is the previous day.
    pub roll: NaiveTime,
}

impl Default for Hours {
    /// Returns the default hours: check-in 15:00, check-out 11:00, change of the business date 04:00.
    fn default() -> Self {
        Self {
            check_in: o_clock(15),
            check_out: o_clock(11),
            roll: o_clock(4),
        }
    }
}

/// Returns the full hour, or midnight if there is no such hour.
fn o_clock(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

/// The end of a stay that a time is for. It decides the hour of a day that is given without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The start of the stay, at the check-in hour.
    CheckIn,
    /// The end of the stay, at the check-out hour.
    CheckOut,
}

/// The hotel's clock at one moment. The zone is that of the hotel, never that of the PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HotelTime {
    /// The hotel's time zone.
    pub zone: Tz,
    /// The hotel's standard hours.
    pub hours: Hours,
    /// The current time, UTC.
    pub now: DateTime<Utc>,
}

impl HotelTime {
    /// Returns the current business date. It changes at [`Hours::roll`], not at midnight, so that a guest who arrives
    /// at 01:00 has a night of the previous day.
    pub fn business_date(&self) -> NaiveDate {
        self.business_date_of(self.now)
    }

    /// Returns the business date of an instant. Before [`Hours::roll`] it is the previous day.
    pub fn business_date_of(&self, at: DateTime<Utc>) -> NaiveDate {
        let local = self.local(at);
        let date = local.date();
        if local.time() < self.hours.roll {
            date.pred_opt().unwrap_or(date)
        } else {
            date
        }
    }

    /// Returns the instant for a typed time. Words such as `tomorrow` count from the business date.
    ///
    /// An hour that the clock skips or shows twice is an error that names both readings in the form in which they can
    /// be typed.
    pub fn resolve(&self, when: &When, edge: Edge) -> Result<DateTime<Utc>, TimeError> {
        match (*when, edge) {
            (When::Now, _) => Ok(whole(self.now, MINUTE)),
            (When::Instant(at), _) => Ok(at),
            (When::Time(time), Edge::CheckIn) => self.start_today(time),
            (When::Time(time), Edge::CheckOut) => self.first_after(self.now, time),
            (When::Tonight, Edge::CheckOut) => Err(TimeError::TonightEnds),
            (When::Tonight, Edge::CheckIn) => {
                let check_in = self.at(self.business_date(), self.hours.check_in)?;
                Ok(check_in.max(whole(self.now, MINUTE)))
            }
            (When::Day(day), Edge::CheckIn) => self.at(self.date(day)?, self.hours.check_in),
            (When::Day(day), Edge::CheckOut) => self.at(self.date(day)?, self.hours.check_out),
            (When::DayTime(day, hour), _) => self.at(self.date(day)?, hour),
        }
    }

    /// Returns the instant of an hour today, for a start. An hour that has just passed is returned as it is, for
    /// [`HotelTime::window`] to accept. Midnight means the next midnight.
    fn start_today(&self, time: NaiveTime) -> Result<DateTime<Utc>, TimeError> {
        let today = self.date_of(self.now);
        // At 00:05, `23:58` means seven minutes ago.
        let yesterday = today.pred_opt().map(|day| self.at(day, time));
        if let Some(Ok(at)) = yesterday
            && self.now - at <= GRACE
        {
            return Ok(at);
        }
        let at = self.at(today, time)?;
        if self.now - at <= GRACE {
            return Ok(at);
        }
        let tomorrow = today.succ_opt().ok_or(TimeError::OutOfRange)?;
        if time == NaiveTime::MIN {
            return self.at(tomorrow, time);
        }
        Err(TimeError::HourPassed {
            time: time.format("%H:%M").to_string(),
            now: self.show(self.now),
            tomorrow: tomorrow.and_time(time).format("%Y-%m-%d %H:%M").to_string(),
        })
    }

    /// Returns the first instant after `after` at which the hotel's clock shows this hour.
    pub(super) fn first_after(
        &self,
        after: DateTime<Utc>,
        time: NaiveTime,
    ) -> Result<DateTime<Utc>, TimeError> {
        let day = self.date_of(after);
        let has_passed = match &self.at(day, time) {
            Ok(at) => *at <= after,
            Err(TimeError::Gap { later, .. } | TimeError::Fold { later, .. }) => *later <= after,
            Err(_) => false,
        };
        let next = if has_passed {
            day.succ_opt()
        } else {
            Some(day)
        };
        self.at(next.ok_or(TimeError::OutOfRange)?, time)
    }

    /// Writes an instant in hotel time: `Thu 2026-12-03 11:00`. If the clock shows that time twice, the UTC offset is
    /// added: `Sun 2026-11-01 01:30 -04:00`.
    pub fn show(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        let twice = self.zone.from_local_datetime(&local.naive_local());
        let form = match twice {
            MappedLocalTime::Ambiguous(..) => "%a %Y-%m-%d %H:%M %:z",
            MappedLocalTime::Single(_) | MappedLocalTime::None => "%a %Y-%m-%d %H:%M",
        };
        local.format(form).to_string()
    }

    /// Writes the calendar date of an instant in the hotel's zone: `Thu 2026-12-03`.
    pub fn show_date(&self, at: DateTime<Utc>) -> String {
        show_day(self.date_of(at))
    }

    /// Returns the calendar date of an instant in the hotel's zone.
    pub fn date_of(&self, at: DateTime<Utc>) -> NaiveDate {
        self.local(at).date()
    }

    /// Returns the instant at which the hotel's clock shows this date and time. A time that is skipped or shown twice
    /// is an error.
    pub(super) fn at(&self, date: NaiveDate, time: NaiveTime) -> Result<DateTime<Utc>, TimeError> {
        let local = date.and_time(time);
        match self.zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Ok(at.with_timezone(&Utc)),
            MappedLocalTime::Ambiguous(earlier, later) => Err(TimeError::Fold {
                local,
                zone: self.zone,
                earlier: earlier.fixed_offset(),
                later: later.fixed_offset(),
            }),
            MappedLocalTime::None => Err(self.gap(local)),
        }
    }

    /// Returns the error for a time that the clock skips, with both readings. With the UTC offset from before the
    /// change, the time falls after the gap. With the offset from after the change, it falls before the gap.
    fn gap(&self, local: NaiveDateTime) -> TimeError {
        let read = |around: TimeDelta| {
            let offset = self.offset_near(local.checked_add_signed(around)?);
            let utc = local.checked_sub_offset(offset)?.and_utc();
            Some(utc.with_timezone(&self.zone).fixed_offset())
        };
        // One day is longer than every known gap, and no zone changes twice within it.
        match (read(TimeDelta::days(1)), read(TimeDelta::days(-1))) {
            (Some(earlier), Some(later)) => TimeError::Gap {
                local,
                zone: self.zone,
                earlier,
                later,
            },
            _ => TimeError::OutOfRange,
        }
    }

    /// Returns the UTC offset that is in force at about this local time. The local time is read as UTC, which is wrong
    /// by at most 14 hours.
    fn offset_near(&self, local: NaiveDateTime) -> FixedOffset {
        self.zone.offset_from_utc_datetime(&local).fix()
    }

    /// Returns the next date with this month and day, on or after the business date. For 29 February this may be up to
    /// eight years away.
    fn next_yearly(&self, month: u32, day: u32) -> Result<NaiveDate, TimeError> {
        let today = self.business_date();
        (today.year()..=today.year() + 8)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
            .find(|date| *date >= today)
            .ok_or(TimeError::OutOfRange)
    }

    /// Returns the date that a typed day means.
    pub(super) fn date(&self, day: DaySpec) -> Result<NaiveDate, TimeError> {
        let ahead = match day {
            DaySpec::Date(date) => return Ok(date),
            DaySpec::EveryYear { month, day } => return self.next_yearly(month, day),
            DaySpec::InDays(days) => days,
            DaySpec::Next(weekday) => match weekday.days_since(self.business_date().weekday()) {
                0 => 7,
                days => days,
            },
        };
        self.business_date()
            .checked_add_days(Days::new(ahead.into()))
            .ok_or(TimeError::OutOfRange)
    }

    fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }
}

/// Writes a date with its weekday: `Thu 2026-12-03`.
pub fn show_day(date: NaiveDate) -> String {
    date.format("%a %Y-%m-%d").to_string()
}

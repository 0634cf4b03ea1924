//! Times as staff type them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use thiserror::Error;

use crate::stay::text::{excerpt, fold, shaped};

/// How far ahead `+2d` may reach, in days.
const FURTHEST: u32 = 366;

/// A time as typed. Only with the hotel's zone, its hours and the present does it become an
/// instant: see [`HotelTime::resolve`](super::HotelTime::resolve).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `now`.
    Now,
    /// `tonight`: today's check-in hour, or now where that has passed. Only for the start of a
    /// stay.
    Tonight,
    /// A day; the hour is the hotel's check-in or check-out hour.
    Day(DaySpec),
    /// A day and an hour on the hotel's clock.
    DayTime(DaySpec, NaiveTime),
    /// An instant with its offset: RFC 3339.
    Instant(DateTime<Utc>),
}

/// A day as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaySpec {
    /// `2026-12-01`.
    Date(NaiveDate),
    /// So many days after the business date: `today` is 0, `tomorrow` 1, `+2d` 2.
    InDays(u32),
    /// The next day of that name after the business date, which is at least one day and at most
    /// seven days away.
    Next(Weekday),
}

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenTextError {
    /// Nothing was typed.
    #[error("no time is given; type {FORMS}")]
    Empty,
    /// Not one of the accepted forms.
    #[error("\"{0}\" is not a time; type {FORMS}")]
    Unknown(String),
    /// A date in another form, which could be read in two ways.
    #[error(
        "\"{0}\" could be read in more than one way; type the date as year-month-day, such as `2026-12-01`"
    )]
    DateForm(String),
    /// A date that is in no calendar.
    #[error("there is no {0} in the calendar; type a date such as `2026-12-01`")]
    NoSuchDate(String),
    /// An hour in another form.
    #[error(
        "\"{0}\" is not an hour of the day; type it from `00:00` to `23:59` after the day, or the whole time with its offset, such as `2026-12-01T15:00:00+01:00`"
    )]
    Hour(String),
    /// An hour without a day.
    #[error("\"{0}\" has no day; type `today {0}` or `tomorrow {0}`")]
    NoDay(String),
    /// `now` or `tonight` with an hour.
    #[error(
        "\"{word}\" takes no hour; type `today {hour}`, or `tomorrow {hour}` for an hour after midnight"
    )]
    Fixed {
        /// The word.
        word: String,
        /// What stood behind it.
        hour: String,
    },
    /// More days ahead than a stay may last.
    #[error("\"{0}\" is more than {FURTHEST} days ahead; type a date such as `2026-12-01`")]
    TooFar(String),
}

/// The accepted forms, for errors.
const FORMS: &str = "a day (`2026-12-01`, `today`, `tomorrow`, `fri`, `+2d`), a day with an hour (`2026-12-01 15:00`, `fri 12:00`), `now` or `tonight`";

impl FromStr for When {
    type Err = WhenTextError;

    /// Case does not count. Days and months are never guessed: a date is year-month-day or an
    /// error.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = fold(typed).to_lowercase();
        if text.is_empty() {
            return Err(WhenTextError::Empty);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
            return Ok(Self::Instant(at.with_timezone(&Utc)));
        }
        let (day, hour) = split(&text);
        match (day, hour) {
            ("now", None) => Ok(Self::Now),
            ("tonight", None) => Ok(Self::Tonight),
            ("now" | "tonight", Some(hour)) => Err(WhenTextError::Fixed {
                word: day.to_owned(),
                hour: excerpt(hour),
            }),
            (day, None) => parse_day(day).map(Self::Day),
            (day, Some(hour)) => Ok(Self::DayTime(
                parse_day(day)?,
                parse_hour(hour).ok_or_else(|| WhenTextError::Hour(excerpt(hour)))?,
            )),
        }
    }
}

/// Parts the day from the hour: at the space, or at the `t` of `2026-12-01t15:00`.
fn split(text: &str) -> (&str, Option<&str>) {
    let parts = if text.starts_with(|c: char| c.is_ascii_digit()) {
        text.split_once([' ', 't'])
    } else {
        text.split_once(' ')
    };
    parts.map_or((text, None), |(day, hour)| (day, Some(hour.trim())))
}

fn parse_day(word: &str) -> Result<DaySpec, WhenTextError> {
    if word == "today" {
        return Ok(DaySpec::InDays(0));
    }
    if word == "tomorrow" {
        return Ok(DaySpec::InDays(1));
    }
    if let Ok(weekday) = word.parse() {
        return Ok(DaySpec::Next(weekday));
    }
    if let Some(days) = word
        .strip_prefix('+')
        .and_then(|rest| rest.strip_suffix('d'))
    {
        return parse_days(word, days);
    }
    parse_date(word)
}

/// The number of `+2d`.
fn parse_days(word: &str, digits: &str) -> Result<DaySpec, WhenTextError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WhenTextError::Unknown(excerpt(word)));
    }
    match digits.parse() {
        Ok(days) if days <= FURTHEST => Ok(DaySpec::InDays(days)),
        _ => Err(WhenTextError::TooFar(excerpt(word))),
    }
}

fn parse_date(word: &str) -> Result<DaySpec, WhenTextError> {
    if shaped(word, "dddd-dd-dd") {
        return NaiveDate::parse_from_str(word, "%Y-%m-%d")
            .map(DaySpec::Date)
            .map_err(|_| WhenTextError::NoSuchDate(word.to_owned()));
    }
    let shown = excerpt(word);
    Err(if parse_hour(word).is_some() {
        WhenTextError::NoDay(shown)
    } else if word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"/.-".contains(&byte))
    {
        WhenTextError::DateForm(shown)
    } else {
        WhenTextError::Unknown(shown)
    })
}

/// `15:00`, or `15:00:00` as other programs write it. Both digits of the hour are wanted: `3:00`
/// may well mean the afternoon.
fn parse_hour(text: &str) -> Option<NaiveTime> {
    let form = match text {
        _ if shaped(text, "dd:dd") => "%H:%M",
        _ if shaped(text, "dd:dd:dd") => "%H:%M:%S",
        _ => return None,
    };
    // A leap second has no place on a hotel's clock.
    NaiveTime::parse_from_str(text, form)
        .ok()
        .filter(|time| time.nanosecond() == 0)
}

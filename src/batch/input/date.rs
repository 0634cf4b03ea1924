//! Reads days in the forms of exports.
//!
//! A day is never guessed. If two of its numbers can be the month and the caller gave no order, the day is refused,
//! even if other rows prove an order.

mod parts;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use thiserror::Error;

use self::parts::{Parts, full_year};
use super::error::Problem;
use super::hour::{self, Hour};
use crate::hotel::text::{excerpt, fold};
use crate::hotel::{DaySpec, When};

/// The order of day, month and year in a file (`--date-format`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    /// 25/12/2026.
    DayMonthYear,
    /// 12/25/2026.
    MonthDayYear,
    /// 26/12/25, or 261225. A year of four digits at the beginning needs no order.
    YearMonthDay,
}

/// The error for a word that is not a [`DateOrder`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not an order of day, month and year; type `dmy` for 25/12/2026, `mdy` for 12/25/2026 or `ymd` for 26/12/25"
)]
pub struct DateOrderTextError(String);

impl FromStr for DateOrder {
    type Err = DateOrderTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_lowercase().as_str() {
            "dmy" => Ok(Self::DayMonthYear),
            "mdy" => Ok(Self::MonthDayYear),
            "ymd" => Ok(Self::YearMonthDay),
            _ => Err(DateOrderTextError(excerpt(text))),
        }
    }
}

impl DateOrder {
    /// Returns the word of `--date-format`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
            Self::YearMonthDay => "ymd",
        }
    }

    /// Returns the order in words, for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::DayMonthYear => "day-month-year",
            Self::MonthDayYear => "month-day-year",
            Self::YearMonthDay => "year-month-day",
        }
    }
}

/// A time as a file writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day, with or without an hour in hotel time.
    Day {
        /// The day.
        date: NaiveDate,
        /// The hour; `None` means the hotel's check-in or check-out hour.
        hour: Option<Hour>,
        /// The order that this day proves, such as day before month in 25/12/2026.
        shows: Option<DateOrder>,
    },
    /// An instant, from a text with an offset.
    Instant(DateTime<Utc>),
    /// A word such as `today`.
    Word(When),
}

/// Reads a day, with or without an hour. `utc`: hours without an offset are in UTC (Mews).
pub(super) fn parse(typed: &str, order: Option<DateOrder>, utc: bool) -> Result<Moment, Problem> {
    let text = fold(typed);
    if let Some(at) = instant(&text) {
        return Ok(Moment::Instant(at));
    }
    if let Some(word) = word(&text) {
        return Ok(Moment::Word(word));
    }
    let (day, clock) = split(&text);
    let (date, shows) = parse_day(day, order)?;
    let hour = clock
        .map(hour::parse)
        .transpose()?
        .filter(|hour| !hour.is_filler || utc);
    match (utc, hour) {
        (false, hour) => Ok(Moment::Day { date, hour, shows }),
        (true, Some(hour)) => Ok(Moment::Instant(
            NaiveDateTime::new(date, hour.time).and_utc(),
        )),
        (true, None) => Err(format!(
            "\"{}\" has no hour, but the column is in UTC; write it such as `2026-12-01T14:00:00Z`",
            excerpt(typed)
        )
        .into()),
    }
}

/// Reads RFC 3339, also without seconds.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.to_uppercase();
    let numeric = text.strip_suffix('Z').map(|rest| format!("{rest}+00:00"));
    DateTime::parse_from_rfc3339(&text)
        .or_else(|_| {
            let text = numeric.as_deref().unwrap_or(&text);
            DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z")
        })
        .ok()
        .map(|at| at.to_utc())
}

/// Reads `today`, `+2d`, `fri 12:00` and the other forms of the command line that contain no date.
fn word(text: &str) -> Option<When> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let when = text.parse().ok()?;
    let is_word = match when {
        When::Now | When::Tonight => true,
        When::Day(day) | When::DayTime(day, _) => {
            matches!(day, DaySpec::InDays(_) | DaySpec::Next(_))
        }
        _ => false,
    };
    is_word.then_some(when)
}

/// Splits the day from the hour: at the `T` between digits, at the space before a word with a colon, or at the space
/// before `3pm`.
fn split(text: &str) -> (&str, Option<&str>) {
    if let Some((day, clock)) = text.split_once(['T', 't']) {
        let digits = |c: char| c.is_ascii_digit();
        if day.ends_with(digits) && clock.starts_with(digits) {
            return (day, Some(clock));
        }
    }
    let words: Vec<&str> = text.split(' ').collect();
    let clock = words
        .iter()
        .position(|word| word.contains(':') || is_half(word));
    let Some(mut index) = clock.filter(|index| *index > 0) else {
        return (text, None);
    };
    // In `3 pm` the hour is the word before `pm`.
    if index > 1 && !words[index].starts_with(|c: char| c.is_ascii_digit()) {
        index -= 1;
    }
    let before: usize = words[..index].iter().map(|word| word.len() + 1).sum();
    (text[..before].trim_end(), Some(&text[before..]))
}

/// Returns true for words such as `3pm` and `pm`.
fn is_half(word: &str) -> bool {
    let small = word.to_lowercase();
    let rest = small
        .strip_suffix("am")
        .or_else(|| small.strip_suffix("pm"));
    rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads a day, and returns the order that it proves.
fn parse_day(
    text: &str,
    order: Option<DateOrder>,
) -> Result<(NaiveDate, Option<DateOrder>), Problem> {
    let unknown = || {
        Problem::Text(format!(
            "\"{}\" is not a day; write it as `2026-12-01`",
            excerpt(text)
        ))
    };
    let parts = Parts::of(text).ok_or_else(unknown)?;
    match parts {
        Parts::Named { year, month, day } => ymd(year, month, day)
            .map(|date| (date, None))
            .ok_or_else(|| no_such_day(text)),
        Parts::YearFirst(year, month, day) => ymd(year, month, day)
            .map(|date| (date, None))
            .ok_or_else(|| no_such_day(text)),
        Parts::YearLast(first, second, year) => year_last(text, (first, second, year), order),
        Parts::Short(first, second, third) => short(text, [first, second, third], order),
    }
}

/// Reads `25/12/2026` or `12/25/2026`.
fn year_last(
    text: &str,
    (first, second, year): (u32, u32, i32),
    order: Option<DateOrder>,
) -> Result<(NaiveDate, Option<DateOrder>), Problem> {
    let day_first = ymd(year, second, first);
    let month_first = ymd(year, first, second);
    let said = match order {
        Some(DateOrder::DayMonthYear) => day_first,
        Some(DateOrder::MonthDayYear) => month_first,
        Some(DateOrder::YearMonthDay) => None,
        None => {
            return match (day_first, month_first) {
                (Some(a), Some(b)) if a == b => Ok((a, None)),
                (Some(day_first), Some(month_first)) => Err(Problem::Ambiguous {
                    text: excerpt(text),
                    day_first,
                    month_first,
                }),
                (Some(date), None) => Ok((date, Some(DateOrder::DayMonthYear))),
                (None, Some(date)) => Ok((date, Some(DateOrder::MonthDayYear))),
                (None, None) => Err(no_such_day(text)),
            };
        }
    };
    match (said, order) {
        (Some(date), _) => Ok((date, None)),
        (None, Some(order)) if day_first.or(month_first).is_some() => Err(contradicts(text, order)),
        (None, _) => Err(no_such_day(text)),
    }
}

/// Reads `25/12/26` or `261225`. Each of the three numbers could be the year, so an order is required.
fn short(
    text: &str,
    [a, b, c]: [u32; 3],
    order: Option<DateOrder>,
) -> Result<(NaiveDate, Option<DateOrder>), Problem> {
    let (year, month, day) = match order {
        Some(DateOrder::DayMonthYear) => (c, b, a),
        Some(DateOrder::MonthDayYear) => (c, a, b),
        Some(DateOrder::YearMonthDay) => (a, b, c),
        None => {
            return Err(format!(
                "\"{}\" has a year of two digits; say --date-format dmy, mdy or ymd",
                excerpt(text)
            )
            .into());
        }
    };
    full_year(year)
        .and_then(|year| ymd(year, month, day))
        .map(|date| (date, None))
        .ok_or_else(|| no_such_day(text))
}

fn ymd(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn no_such_day(text: &str) -> Problem {
    format!(
        "there is no {} in the calendar; write a day as `2026-12-01`",
        excerpt(text)
    )
    .into()
}

fn contradicts(text: &str, order: DateOrder) -> Problem {
    format!(
        "\"{}\" is not {}; check --date-format {}",
        excerpt(text),
        order.words(),
        order.name()
    )
    .into()
}

/// Returns a day for people, such as `3 April`.
pub(super) fn in_words(date: NaiveDate) -> String {
    format!("{} {}", date.day(), date.format("%B"))
}

impl Moment {
    /// Returns the time, with an hour from another column if there is one.
    pub(super) fn at(self, extra: Option<Hour>) -> Result<When, String> {
        match (self, extra) {
            (Self::Instant(at), None) => Ok(When::Instant(at)),
            (Self::Word(when), None) => Ok(when),
            (Self::Word(When::Day(day)), Some(hour)) => Ok(When::DayTime(day, hour.time)),
            (Self::Day { date, hour, .. }, extra) => match (hour, extra) {
                (Some(one), Some(other)) if one.time != other.time => Err(twice()),
                (Some(hour), _) | (None, Some(hour)) => {
                    Ok(When::DayTime(DaySpec::Date(date), hour.time))
                }
                (None, None) => Ok(When::Day(DaySpec::Date(date))),
            },
            (_, Some(_)) => Err(twice()),
        }
    }

    /// Returns the order that the day proves.
    pub(super) fn shows(&self) -> Option<DateOrder> {
        match self {
            Self::Day { shows, .. } => *shows,
            Self::Instant(_) | Self::Word(_) => None,
        }
    }
}

fn twice() -> String {
    "the hour is given twice, with the day and in a column of its own; leave one of them out"
        .to_owned()
}

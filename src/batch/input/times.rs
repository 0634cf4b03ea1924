//! Reads the times of a stay, from up to five columns.

use chrono::TimeDelta;

use super::column::Column;
use super::date::{self, DateOrder, Moment};
use super::error::Problem;
use super::fields::Fields;
use super::hour;
use crate::hotel::text::excerpt;
use crate::hotel::{DaySpec, When};

/// The number of nights that a key may last, as on the command line.
const NIGHTS: std::ops::RangeInclusive<u32> = 1..=366;

/// The times of one record.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Start of the key.
    pub(super) from: Option<When>,
    /// End of the key.
    pub(super) until: Option<When>,
    /// Number of nights; `None` if `until` is set.
    pub(super) nights: Option<u32>,
    /// The days, as written, that prove an order of day and month.
    pub(super) shows: Vec<(DateOrder, String)>,
}

/// Reads the times, and adds their problems to `problems`.
pub(super) fn read(
    fields: &Fields,
    order: Option<DateOrder>,
    problems: &mut Vec<Problem>,
) -> Times {
    let mut times = Times::default();
    let before = problems.len();
    times.from = one(
        fields,
        (Column::Arrival, Column::ArrivalTime),
        order,
        &mut times.shows,
        problems,
    );
    times.until = one(
        fields,
        (Column::Departure, Column::DepartureTime),
        order,
        &mut times.shows,
        problems,
    );
    times.nights = fields.get(Column::Nights).and_then(|text| {
        nights(text)
            .map_err(|problem| problems.push(problem.into()))
            .ok()
    });
    if problems.len() == before {
        settle(&mut times).unwrap_or_else(|problem| problems.push(problem.into()));
    }
    times
}

/// Reads the start or the end, from the column of its day and the column of its hour.
fn one(
    fields: &Fields,
    (day, clock): (Column, Column),
    order: Option<DateOrder>,
    shows: &mut Vec<(DateOrder, String)>,
    problems: &mut Vec<Problem>,
) -> Option<When> {
    let hour = fields.get(clock).and_then(|text| {
        hour::parse(text)
            .map_err(|problem| problems.push(problem.into()))
            .ok()
    });
    let Some(text) = fields.get(day) else {
        if hour.is_some() {
            problems.push(
                format!(
                    "{} has no day; write the day under {}",
                    clock.name(),
                    day.name()
                )
                .into(),
            );
        }
        return None;
    };
    let read = date::parse(text, order, fields.is_utc(day)).and_then(|moment: Moment| {
        shows.extend(moment.shows().map(|order| (order, excerpt(text))));
        Ok(moment.at(hour)?)
    });
    read.map_err(|problem| problems.push(problem)).ok()
}

/// Reads a number of nights: `3`, or `3.0` from a spreadsheet.
fn nights(text: &str) -> Result<u32, String> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole
        .parse()
        .ok()
        .filter(|nights| NIGHTS.contains(nights))
        .ok_or_else(|| {
            format!(
                "\"{}\" is not a number of nights; write one from {} to {}",
                excerpt(text),
                NIGHTS.start(),
                NIGHTS.end()
            )
        })
}

/// Checks that the end comes after the start, and that the number of nights agrees.
fn settle(times: &mut Times) -> Result<(), String> {
    if let (Some(from), Some(until)) = (&times.from, &times.until) {
        if is_before(until, from) {
            return Err("the departure is before the arrival; check both days".to_owned());
        }
        if let Some(nights) = times.nights.take()
            && !agrees(from, until, nights)
        {
            return Err(format!(
                "arrival and departure are not {nights} nights apart; check them, or leave the nights out"
            ));
        }
    }
    if times.nights.is_some() && times.until.is_some() {
        return Err("there are a departure and a number of nights, and no arrival to check them; leave one of them out".to_owned());
    }
    Ok(())
}

/// Returns true if `until` is certainly before `from`. A day without an hour is not before another time on that day,
/// because its hour depends on the hotel.
fn is_before(until: &When, from: &When) -> bool {
    match (until, from) {
        (When::Instant(until), When::Instant(from)) => until <= from,
        (When::DayTime(DaySpec::Date(last), end), When::DayTime(DaySpec::Date(first), start)) => {
            (last, end) <= (first, start)
        }
        _ => matches!((date_of(until), date_of(from)), (Some(last), Some(first)) if last < first),
    }
}

/// Returns false if the number of nights is certainly wrong. Between instants, the hours of check-in and check-out are
/// allowed for.
fn agrees(from: &When, until: &When, nights: u32) -> bool {
    let days = TimeDelta::days(nights.into());
    match (from, until) {
        (When::Instant(from), When::Instant(until)) => {
            (*until - *from - days).abs() < TimeDelta::days(1)
        }
        _ => match (date_of(from), date_of(until)) {
            (Some(first), Some(last)) => last - first == days,
            _ => true,
        },
    }
}

fn date_of(when: &When) -> Option<chrono::NaiveDate> {
    match when {
        When::Day(DaySpec::Date(date)) | When::DayTime(DaySpec::Date(date), _) => Some(*date),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(columns: &[(Column, &str)]) -> Result<Times, Vec<Problem>> {
        let mut fields = Fields::default();
        for (column, text) in columns {
            fields.put(*column, text, false);
        }
        let mut problems = Vec::new();
        let times = read(&fields, None, &mut problems);
        if problems.is_empty() {
            Ok(times)
        } else {
            Err(problems)
        }
    }

    #[test]
    fn nights_beside_both_days_must_agree_and_are_dropped() {
        let stay = |nights| {
            times(&[
                (Column::Arrival, "2026-12-01"),
                (Column::Departure, "2026-12-04"),
                (Column::Nights, nights),
            ])
        };
        let read = stay("3").unwrap();
        assert!(read.until.is_some() && read.nights.is_none());
        assert!(stay("3.0").is_ok());
        assert!(stay("2").is_err());
        assert!(stay("0").is_err());
        assert!(stay("many").is_err());
        assert!(times(&[(Column::Departure, "2026-12-04"), (Column::Nights, "3")]).is_err());
        let only = times(&[(Column::Nights, "3")]).unwrap();
        assert_eq!(only.nights, Some(3));
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        let stay = |from, until| times(&[(Column::Arrival, from), (Column::Departure, until)]);
        assert!(stay("2026-12-04", "2026-12-01").is_err());
        assert!(stay("2026-12-04 15:00", "2026-12-04 11:00").is_err());
        assert!(stay("2026-12-04T15:00:00Z", "2026-12-04T15:00:00Z").is_err());
        assert!(stay("2026-12-04", "2026-12-04").is_ok());
        assert!(stay("2026-12-04 09:00", "2026-12-04 17:00").is_ok());
    }

    #[test]
    fn both_ends_are_read_although_one_is_wrong() {
        let problems = times(&[
            (Column::Arrival, "soon"),
            (Column::Departure, "later"),
            (Column::Nights, "x"),
        ]);
        assert_eq!(problems.unwrap_err().len(), 3);
    }

    #[test]
    fn an_hour_needs_its_day() {
        assert!(times(&[(Column::DepartureTime, "12:00")]).is_err());
        let read = times(&[
            (Column::Departure, "2026-12-04"),
            (Column::DepartureTime, "12:00"),
        ])
        .unwrap();
        assert!(matches!(read.until, Some(When::DayTime(..))));
    }
}

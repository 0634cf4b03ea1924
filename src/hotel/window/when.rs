//! Times in the forms in which staff type them.

#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::format::ParseErrorKind;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use thiserror::Error;

use crate::hotel::text::{excerpt, fold, shaped};

/// The largest number of days in the form `+2d`.
const FURTHEST: u32 = 366;

/// A time as typed. It becomes an instant with the hotel's zone, the hotel's hours and the current time: see
/// [`HotelTime::resolve`](super::HotelTime::resolve).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `now`.
    Now,
    /// `tonight`: today's check-in hour, or now if that hour has passed. It is valid only for the start of a stay.
    Tonight,
    /// A day without an hour. The hour is the hotel's check-in or check-out hour.
    Day(DaySpec),
    /// A day and an hour on the hotel's clock.
    DayTime(DaySpec, NaiveTime),
    /// An hour on the hotel's clock without a day. For a start, it is on the current day; for an end, it is the first
    /// such hour after the start. Midnight is the next midnight.
    Time(NaiveTime),
    /// An instant with its UTC offset, in RFC 3339.
    Instant(DateTime<Utc>),
}

/// A day as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaySpec {
    /// `2026-12-01`.
    Date(NaiveDate),
    /// `26 Nov`: the next such day, on or after the business date.
    EveryYear {
        /// 1 to 12.
        month: u32,
        /// 1 to 31. 29 February means the next leap year's.
        day: u32,
    },
    /// The number of days after the business date: `today` is 0, `tomorrow` is 1, `+2d` is 2.
    InDays(u32),
    /// The next day with this name, between one and seven days after the business date.
    Next(Weekday),
}

/// The error for a text that is not a time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenTextError {
    /// Nothing was typed.
    #[error("no time is given; type {FORMS}")]
    Empty,
    /// The text has none of the accepted forms.
    #[error("\"{0}\" is not a time; type {FORMS}")]
    Unknown(String),
    /// The day or hour can be read in two ways.
    #[error("\"{text}\" reads two ways; type `{one}` or `{other}`")]
    TwoWays {
        /// As typed.
        text: String,
        /// One reading, as it can be typed.
        one: String,
        /// The other reading, as it can be typed.
        other: String,
    },
    /// The date does not exist in the calendar.
    #[error("there is no {0} in the calendar; type a date such as `2026-12-01`")]
    NoSuchDate(String),
    /// The year has two digits.
    #[error("\"{0}\" has no year of four digits; type a date such as `2026-12-01`")]
    ShortYear(String),
    /// The hour has none of the accepted forms.
    #[error(
        "\"{0}\" is not an hour of the day; type it from `00:00` to `23:59`, or as `2:30 pm`, after the day"
    )]
    Hour(String),
    /// `now` or `tonight` is followed by an hour that does not go with it.
    #[error(
        "\"{word}\" does not go with {hour}; type `today {hour}`, or `tomorrow {hour}` for an hour after midnight"
    )]
    Fixed {
        /// The word.
        word: String,
        /// The hour that follows the word.
        hour: String,
    },
    /// The number of days is larger than the length of a stay.
    #[error("\"{0}\" is more than {FURTHEST} days ahead; type a date such as `2026-12-01`")]
    TooFar(String),
}

/// The accepted forms, for error messages.
const FORMS: &str = "a day (`2026-12-01`, `26 Nov`, `today`, `tomorrow`, `fri`, `+2d`), a day with an hour (`26 Nov 15:00`, `fri noon`), an hour (`15:00`, `2pm`), `now` or `tonight`";

/// Forms of a date with a year, in chrono's notation. `%B` matches the long or short name of a month.
const WITH_YEAR: &[&str] = &[
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%B %d %Y", "%d-%B-%Y",
];
/// Forms of a date without a year, in chrono's notation.
const WITHOUT_YEAR: &[&str] = &["%d.%m.", "%d %B", "%B %d"];
/// Forms of a numeric date whose order is unclear: day first, then month first.
const EITHER_ORDER: &[[&str; 2]] = &[
    ["%d/%m/%Y", "%m/%d/%Y"],
    ["%d-%m-%Y", "%m-%d-%Y"],
    ["%d/%m", "%m/%d"],
];
/// Forms of an hour. A single-digit hour is accepted only with am or pm.
const HOURS: &[&str] = &["%H:%M", "%H:%M:%S", "%I:%M %p"];

impl FromStr for When {
    type Err = WhenTextError;

    /// Reads a time. Case, commas and the word `at` are ignored. A text that can be read in two ways is an error.
    fn from_str(typed: &str) -> Result<Self, Self::Err> {
        let text = fold(typed).to_lowercase();
        if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
            return Ok(Self::Instant(at.with_timezone(&Utc)));
        }
        let text = text.replace(',', " ");
        // The form `2026-12-01t15:00`.
        let text = match text.get(..10).zip(text.get(10..)) {
            Some((day, hour)) if shaped(day, "dddd-dd-dd") && hour.starts_with('t') => {
                format!("{day} {}", &hour[1..])
            }
            _ => text,
        };
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|word| *word != "at")
            .collect();
        match words[..] {
            [] => return Err(WhenTextError::Empty),
            ["now"] => return Ok(Self::Now),
            ["tonight"] => return Ok(Self::Tonight),
            _ => {}
        }
        let mut error = None;
        for count in (0..=words.len()).rev() {
            let (day, hour) = (words[..count].join(" "), words[count..].join(" "));
            match Self::of(&day, &hour) {
                Ok(when) => return Ok(when),
                // Among all ways to split the text into day and hour, report the first error that says more than
                // "unknown".
                Err(WhenTextError::Unknown(_)) => {}
                Err(found) => error = error.or(Some(found)),
            }
        }
        Err(error.unwrap_or_else(|| WhenTextError::Unknown(excerpt(typed))))
    }
}

impl When {
    /// Reads a day and an hour. Either may be empty.
    fn of(day: &str, hour: &str) -> Result<Self, WhenTextError> {
        if hour.is_empty() {
            return parse_day(day).map(Self::Day);
        }
        if day.is_empty() {
            return parse_hour(hour).map(Self::Time);
        }
        if day == "now" || day == "tonight" {
            return match parse_hour(hour) {
                Ok(time) if day == "tonight" && time >= NOON => {
                    Ok(Self::DayTime(DaySpec::InDays(0), time))
                }
                Ok(time) => Err(WhenTextError::Fixed {
                    word: day.to_owned(),
                    hour: show_hour(time),
                }),
                Err(error) => Err(error),
            };
        }
        let spec = parse_day(day)?;
        if hour == "midnight" {
            return Err(WhenTextError::TwoWays {
                text: format!("{day} midnight"),
                one: format!("{day} 00:00"),
                other: format!("{day} 23:59"),
            });
        }
        match parse_hour(hour) {
            Err(WhenTextError::Unknown(_)) => Err(WhenTextError::Hour(excerpt(hour))),
            time => Ok(Self::DayTime(spec, time?)),
        }
    }
}

const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

fn unknown(text: &str) -> WhenTextError {
    WhenTextError::Unknown(excerpt(text))
}

fn parse_day(text: &str) -> Result<DaySpec, WhenTextError> {
    if let Ok(weekday) = text.parse() {
        return Ok(DaySpec::Next(weekday));
    }
    // The form `thu 2026-12-03`, in which this program shows a day.
    if let Some((first, rest)) = text.split_once(' ')
        && let Ok(weekday) = first.parse::<Weekday>()
    {
        return match parse_day(rest)? {
            DaySpec::Date(date) if date.weekday() == weekday => Ok(DaySpec::Date(date)),
            DaySpec::Date(_) => Err(WhenTextError::NoSuchDate(excerpt(text))),
            _ => Err(unknown(text)),
        };
    }
    match text {
        "today" => return Ok(DaySpec::InDays(0)),
        "tomorrow" => return Ok(DaySpec::InDays(1)),
        _ => {}
    }
    let days = text
        .strip_prefix('+')
        .and_then(|rest| rest.strip_suffix('d'));
    if let Some(days) = days.filter(|days| days.bytes().all(|byte| byte.is_ascii_digit())) {
        return match days.parse() {
            Ok(days) if days <= FURTHEST => Ok(DaySpec::InDays(days)),
            Err(_) if days.is_empty() => Err(unknown(text)),
            _ => Err(WhenTextError::TooFar(excerpt(text))),
        };
    }
    let one_order = WITH_YEAR.iter().chain(WITHOUT_YEAR);
    let mut found = vec![];
    let mut impossible = false;
    let forms = one_order.chain(EITHER_ORDER.iter().flatten());
    for form in forms.filter(|form| marks(form) == marks(text)) {
        match parse_date(text, form) {
            Ok(day) if !found.contains(&day) => found.push(day),
            Err(ParseErrorKind::OutOfRange | ParseErrorKind::Impossible) => {
                impossible = true;
            }
            Ok(_) | Err(_) => {}
        }
    }
    let is_short = |day: &DaySpec| matches!(day, DaySpec::Date(date) if date.year() < 1000);
    match found[..] {
        [..] if found.iter().any(is_short) => Err(WhenTextError::ShortYear(excerpt(text))),
        [day] => Ok(day),
        [one, other, ..] => Err(WhenTextError::TwoWays {
            text: excerpt(text),
            one: show_day_spec(one),
            other: show_day_spec(other),
        }),
        [] if impossible => Err(WhenTextError::NoSuchDate(excerpt(text))),
        [] => Err(unknown(text)),
    }
}

/// Returns the punctuation and white space of a date, or of a form of a date.
fn marks(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_alphanumeric() && *c != '%')
        .collect()
}

/// Reads a date in one form. For a form without a year, 29 February is valid.
fn parse_date(text: &str, form: &str) -> Result<DaySpec, ParseErrorKind> {
    let read = |text: &str, form: &str| {
        NaiveDate::parse_from_str(text, form).map_err(|error| error.kind())
    };
    if form.contains("%Y") {
        return read(text, form).map(DaySpec::Date);
    }
    let date = read(&format!("{text} 2000"), &format!("{form} %Y"))?;
    Ok(DaySpec::EveryYear {
        month: date.month(),
        day: date.day(),
    })
}

/// Writes a day in an unambiguous form that can be typed.
fn show_day_spec(day: DaySpec) -> String {
    match day {
        DaySpec::Date(date) => date.format("%Y-%m-%d").to_string(),
        DaySpec::EveryYear { month, day } => NaiveDate::from_ymd_opt(2000, month, day)
            .map(|date| date.format("%-d %b").to_string())
            .unwrap_or_default(),
        DaySpec::InDays(days) => format!("+{days}d"),
        DaySpec::Next(weekday) => weekday.to_string(),
    }
}

fn parse_hour(text: &str) -> Result<NaiveTime, WhenTextError> {
    match text {
        "noon" => return Ok(NOON),
        "midnight" => return Ok(NaiveTime::MIN),
        _ => {}
    }
    let (clock, half) = match text.strip_suffix(['m']).map(str::trim_end) {
        Some(rest) if rest.ends_with(['a', 'p']) => {
            let (clock, half) = rest.split_at(rest.len() - 1);
            (clock.trim_end(), Some(half))
        }
        _ => (text, None),
    };
    if !clock.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(unknown(text));
    }
    let text = match half {
        Some(half) if clock.contains(':') => format!("{clock} {half}m"),
        Some(half) => format!("{clock}:00 {half}m"),
        None => clock.to_owned(),
    };
    let read = HOURS
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(&text, form).ok());
    match read {
        // A leap second is not a valid time of a stay.
        Some(time) if chrono::Timelike::nanosecond(&time) != 0 => Err(unknown(&text)),
        // `3:00` may mean the afternoon.
        Some(time) if half.is_none() && text.find(':') == Some(1) => Err(WhenTextError::TwoWays {
            one: show_hour(time),
            other: format!("{text} pm"),
            text,
        }),
        Some(time) => Ok(time),
        None if text.contains(':') => Err(WhenTextError::Hour(excerpt(&text))),
        None => Err(unknown(&text)),
    }
}

fn show_hour(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

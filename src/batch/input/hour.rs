//! Reads hours of the day in the forms of exports and people.

use chrono::{NaiveTime, Timelike};

use crate::hotel::text::excerpt;

/// An hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hour {
    /// The time, in hotel time.
    pub(super) time: NaiveTime,
    /// True for `00:00:00`, which databases and spreadsheets write after a day without an hour.
    pub(super) is_filler: bool,
}

/// Reads `15:00`, `15:00:00`, `15.00`, `1500`, `3pm` and `3:00 PM`. Without `am` or `pm` the hour must have two digits,
/// as on the command line, because `3:00` may mean the afternoon.
pub(super) fn parse(text: &str) -> Result<Hour, String> {
    let small = text.trim().to_lowercase();
    let (clock, half) = match small.strip_suffix('m').map(str::trim_end) {
        Some(rest) if rest.ends_with(['a', 'p']) => {
            let (clock, half) = rest.split_at(rest.len() - 1);
            (clock.trim_end(), Some(half == "p"))
        }
        _ => (small.as_str(), None),
    };
    read(clock, half).ok_or_else(|| {
        format!(
            "\"{}\" is not an hour of the day; write it from `00:00` to `23:59`, or as `3:00 PM`",
            excerpt(text)
        )
    })
}

fn read(clock: &str, afternoon: Option<bool>) -> Option<Hour> {
    let clock = without_fraction(clock);
    let parts: Vec<&str> = match clock {
        _ if clock.len() == 4 && is_digits(clock) => vec![&clock[..2], &clock[2..]],
        _ => clock.split([':', '.']).collect(),
    };
    let hour = match (parts.first()?.len(), afternoon) {
        (2, _) | (1, Some(_)) => number(parts[0])?,
        _ => return None,
    };
    let rest = parts.get(1..)?;
    if rest.len() > 2
        || (rest.is_empty() && afternoon.is_none())
        || rest.iter().any(|part| part.len() != 2)
    {
        return None;
    }
    let minute = rest.first().map_or(Some(0), |part| number(part))?;
    let second = rest.get(1).map_or(Some(0), |part| number(part))?;
    let time = NaiveTime::from_hms_opt(on_the_clock(hour, afternoon)?, minute, second)?;
    let is_filler = rest.len() == 2 && time.num_seconds_from_midnight() == 0;
    Some(Hour { time, is_filler })
}

/// Returns the hour of the day. 12 am is midnight, and 12 pm is noon.
fn on_the_clock(hour: u32, afternoon: Option<bool>) -> Option<u32> {
    match afternoon {
        None => Some(hour),
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(afternoon) => Some(hour % 12 + if afternoon { 12 } else { 0 }),
    }
}

/// Returns `15:00:00.000` without the fraction.
fn without_fraction(clock: &str) -> &str {
    match clock.rsplit_once('.') {
        Some((whole, fraction)) if whole.matches(':').count() == 2 && is_digits(fraction) => whole,
        _ => clock,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str) -> Option<u32> {
    is_digits(text).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_in_their_common_forms() {
        for (text, wanted) in [
            ("15:00", "15:00:00"),
            ("15:00:30", "15:00:30"),
            ("15:00:00.000", "15:00:00"),
            ("15.00", "15:00:00"),
            ("1500", "15:00:00"),
            ("0900", "09:00:00"),
            ("3pm", "15:00:00"),
            ("3 PM", "15:00:00"),
            ("11:30 AM", "11:30:00"),
            ("12:00 AM", "00:00:00"),
            ("12pm", "12:00:00"),
            ("3:00:00 PM", "15:00:00"),
        ] {
            assert_eq!(
                parse(text).map(|hour| hour.time.to_string()),
                Ok(wanted.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_could_be_another_hour_is_refused() {
        for text in [
            "3:00",
            "3",
            "15",
            "24:00",
            "900",
            "13 pm",
            "0 am",
            "15:0",
            "15:00:00:00",
            "noon",
            "",
            "m",
            "pm",
            "15é0",
            "é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_midnight_to_the_second_is_a_filler() {
        assert!(parse("00:00:00").unwrap().is_filler);
        assert!(parse("12:00:00 AM").unwrap().is_filler);
        assert!(!parse("00:00").unwrap().is_filler);
        assert!(!parse("00:00:01").unwrap().is_filler);
    }
}

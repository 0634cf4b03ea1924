//! Splits the text of a day into its numbers.

use chrono::{Month, Weekday};

/// The years that a stay can be in. Other numbers are not years.
const YEARS: std::ops::Range<i32> = 2000..2100;

/// The numbers of a day, before their order is known.
pub(super) enum Parts {
    /// A day with the month's name.
    Named { year: i32, month: u32, day: u32 },
    /// Year, month and day, from a text that begins with four digits.
    YearFirst(i32, u32, u32),
    /// Two numbers and a year, from a text that ends with four digits.
    YearLast(u32, u32, i32),
    /// Three numbers of at most two digits.
    Short(u32, u32, u32),
}

impl Parts {
    /// Splits a day; `None` if the text is not a day.
    pub(super) fn of(text: &str) -> Option<Self> {
        let words = words(text)?;
        if let [digits] = words.as_slice() {
            return Self::of_digits(digits);
        }
        let [a, b, c] = <[&str; 3]>::try_from(words).ok()?;
        match (month(a), month(b)) {
            (Some(month), None) => Some(Self::Named {
                year: year(c)?,
                month,
                day: small(b)?,
            }),
            (None, Some(month)) if a.len() == 4 => Some(Self::Named {
                year: year(a)?,
                month,
                day: small(c)?,
            }),
            (None, Some(month)) => Some(Self::Named {
                year: year(c)?,
                month,
                day: small(a)?,
            }),
            _ if a.len() == 4 => Some(Self::YearFirst(year(a)?, small(b)?, small(c)?)),
            _ if c.len() == 4 => Some(Self::YearLast(small(a)?, small(b)?, year(c)?)),
            _ => Some(Self::Short(small(a)?, small(b)?, small(c)?)),
        }
    }

    /// Splits `20261225`, `25122026`, `12252026` or `261225`. Eight digits never have a valid year at both ends: if both
    /// ends were a year, the fifth and sixth digit would be `20`, which is not a month.
    fn of_digits(digits: &str) -> Option<Self> {
        let part = |range| digits.get(range).and_then(small);
        let whole = |range| digits.get(range).and_then(year);
        match digits.len() {
            8 => Some(
                match whole(0..4).filter(|_| part(4..6).is_some_and(|month| month <= 12)) {
                    Some(year) => Self::YearFirst(year, part(4..6)?, part(6..8)?),
                    None => Self::YearLast(part(0..2)?, part(2..4)?, whole(4..8)?),
                },
            ),
            6 => Some(Self::Short(part(0..2)?, part(2..4)?, part(4..6)?)),
            _ => None,
        }
    }
}

/// Returns the numbers and names of a day: three for `25-DEC-26` and for `25DEC26`. A weekday at the beginning is
/// left out. Returns `None` if the text has characters between them that days do not have.
fn words(text: &str) -> Option<Vec<&str>> {
    let marks = |c: char| " /.-,".contains(c);
    if text.chars().any(|c| !c.is_alphanumeric() && !marks(c)) {
        return None;
    }
    let mut words = Vec::new();
    for word in text.split(marks).filter(|word| !word.is_empty()) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest
                .find(|c: char| c.is_ascii_digit() != digit)
                .unwrap_or(rest.len());
            words.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    if words.len() == 4 && words[0].parse::<Weekday>().is_ok() {
        words.remove(0);
    }
    Some(words)
}

fn month(word: &str) -> Option<u32> {
    let month: Month = word.parse().ok()?;
    Some(month.number_from_month())
}

/// Reads a number of one or two digits.
fn small(digits: &str) -> Option<u32> {
    let short = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    short.then(|| digits.parse().ok())?
}

/// Reads a year of four digits, or of two digits in a day with a month's name.
fn year(digits: &str) -> Option<i32> {
    if digits.len() == 2 {
        return small(digits).and_then(full_year);
    }
    let four = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    four.then(|| digits.parse().ok())?
        .filter(|year| YEARS.contains(year))
}

/// Returns 2026 for 26.
pub(super) fn full_year(two_digits: u32) -> Option<i32> {
    i32::try_from(two_digits)
        .ok()
        .map(|year| YEARS.start + year)
}

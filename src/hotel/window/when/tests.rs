//! Tests of every form of a time.

use super::*;

/// Returns a short description of what was typed.
fn read(text: &str) -> String {
    match text.parse::<When>() {
        Ok(When::Day(day)) => format!("{day:?}"),
        Ok(When::DayTime(day, time)) => format!("{day:?} {time}"),
        Ok(when) => format!("{when:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_form_of_a_time_is_read() {
    for (forms, wanted) in [
        (
            &[
                "2026-11-26",
                "2026/11/26",
                "26.11.2026",
                "26 Nov 2026",
                "26 November 2026",
                "Nov 26 2026",
                "nov 26, 2026",
                "26-Nov-2026",
                "26/11/2026",
                "11/26/2026",
                "Thu 2026-11-26",
            ][..],
            "Date(2026-11-26)",
        ),
        (
            &[
                "26.11.",
                "26 Nov",
                "Nov 26",
                "november 26",
                "26/11",
                "11/26",
            ],
            "EveryYear { month: 11, day: 26 }",
        ),
        (&["29 feb", "29.2."], "EveryYear { month: 2, day: 29 }"),
        (&["03/03/2027"], "Date(2027-03-03)"),
        (
            &[
                "26 Nov 15:00",
                "Nov 26 3pm",
                "26.11. 3 PM",
                "26 nov at 3:00 pm",
                "26 nov, 15:00:00",
            ],
            "EveryYear { month: 11, day: 26 } 15:00:00",
        ),
        (
            &[
                "2026-12-01 15:00",
                "2026-12-01T15:00",
                "Tue 2026-12-01 15:00",
                "1 Dec 2026 3pm",
            ],
            "Date(2026-12-01) 15:00:00",
        ),
        (&["today"], "InDays(0)"),
        (&["tomorrow"], "InDays(1)"),
        (&["+2d"], "InDays(2)"),
        (&["+2d 12:00", "+2d noon"], "InDays(2) 12:00:00"),
        (&["fri", "Friday"], "Next(Fri)"),
        (
            &["fri noon", "friday 12:00", "fri 12pm"],
            "Next(Fri) 12:00:00",
        ),
        (
            &["tonight 20:00", "tonight 8pm", "today 20:00"],
            "InDays(0) 20:00:00",
        ),
        (&["15:00", "3pm", "3 pm", "3:00 pm"], "Time(15:00:00)"),
        (&["2:30 pm", "14:30"], "Time(14:30:00)"),
        (&["noon", "12pm", "12:00"], "Time(12:00:00)"),
        (&["midnight", "12am", "00:00"], "Time(00:00:00)"),
        (&["now", " NOW "], "Now"),
        (&["tonight"], "Tonight"),
        (
            &["2026-12-01T15:00:00+01:00", "2026-12-01t14:00:00z"],
            "Instant(2026-12-01T14:00:00Z)",
        ),
    ] {
        for form in forms {
            assert_eq!(read(form), wanted, "{form}");
        }
    }
}

#[test]
fn what_reads_two_ways_or_not_at_all_is_an_error_that_says_what_to_type() {
    for (text, said) in [
        ("03/04/2026", "type `2026-04-03` or `2026-03-04`"),
        ("03-04-2026 15:00", "type `2026-04-03` or `2026-03-04`"),
        ("3/4", "type `3 Apr` or `4 Mar`"),
        ("3:00", "type `03:00` or `3:00 pm`"),
        ("fri 9:30", "type `09:30` or `9:30 pm`"),
        ("fri midnight", "type `fri 00:00` or `fri 23:59`"),
        ("tonight 01:00", "`tomorrow 01:00`"),
        ("now 15:00", "`today 15:00`"),
        ("26.11.26", "four digits"),
        ("3/4/26", "four digits"),
        ("2026-02-30", "no 2026-02-30 in the calendar"),
        ("31.04.", "in the calendar"),
        ("30 feb", "in the calendar"),
        ("Fri 2026-11-26", "in the calendar"),
        ("fri 25:00", "not an hour of the day"),
        ("26 nov 15.00", "not an hour of the day"),
        ("+400d", "days ahead"),
        ("", "no time is given"),
        ("soon", "is not a time"),
        ("+d", "is not a time"),
        ("nov 2026", "is not a time"),
    ] {
        let found = read(text);
        assert!(found.contains(said), "{text}: {found}");
    }
}

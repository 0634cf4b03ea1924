//! Hotel time, in zones whose clocks jump at odd hours and by odd amounts.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;

fn at(zone: &str, now: &str) -> HotelTime {
    HotelTime {
        zone: zone.parse().unwrap(),
        hours: Hours::default(),
        now: now.parse().unwrap(),
    }
}

fn when(text: &str) -> When {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn an_hour_that_is_skipped_is_an_error_with_both_readings() {
    for (zone, local) in [
        ("America/New_York", "2026-03-08 02:30"),
        ("Europe/Berlin", "2026-03-29 02:30"),
        ("Australia/Sydney", "2026-10-04 02:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15"),
        ("Africa/Cairo", "2026-04-24 00:30"),
        ("America/Santiago", "2026-09-06 00:30"),
        ("Asia/Beirut", "2026-03-29 00:30"),
    ] {
        let found = at(zone, "2026-01-10T12:00:00Z").resolve(&when(local), Edge::CheckIn);
        let Err(TimeError::Gap { earlier, later, .. }) = &found else {
            panic!("{zone} {local}: {found:?}")
        };
        assert!(earlier < later, "{zone}");
        let text = found.unwrap_err().to_string();
        assert!(text.contains(zone), "{text}");
    }
}

#[test]
fn an_hour_that_happens_twice_is_an_error_with_both_readings() {
    for (zone, local) in [
        ("America/New_York", "2026-11-01 01:30"),
        ("Europe/Berlin", "2026-10-25 02:30"),
        ("Australia/Sydney", "2026-04-05 02:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45"),
        ("Africa/Cairo", "2026-10-29 23:30"),
        ("America/Santiago", "2026-04-04 23:30"),
        ("Asia/Beirut", "2026-10-24 23:30"),
    ] {
        let found = at(zone, "2026-01-10T12:00:00Z").resolve(&when(local), Edge::CheckIn);
        let Err(TimeError::Fold { earlier, later, .. }) = &found else {
            panic!("{zone} {local}: {found:?}")
        };
        assert!(earlier < later, "{zone}");
        // Either reading, typed back as the error shows it, is taken.
        for reading in [earlier, later] {
            let typed = when(&reading.to_rfc3339());
            let at = at(zone, "2026-01-10T12:00:00Z")
                .resolve(&typed, Edge::CheckIn)
                .unwrap();
            assert_eq!(at, reading.to_utc());
        }
    }
}

#[test]
fn nights_are_counted_on_the_calendar() {
    // The night of 24 October has 25 hours in Berlin, that of 28 March 23.
    for (now, start, nights, end) in [
        (
            "2026-10-20T08:00:00Z",
            "2026-10-24 15:00",
            1,
            "2026-10-25T10:00:00Z",
        ),
        (
            "2026-03-20T08:00:00Z",
            "2026-03-28 15:00",
            1,
            "2026-03-29T09:00:00Z",
        ),
        (
            "2026-12-01T08:00:00Z",
            "2026-12-30 15:00",
            3,
            "2027-01-02T10:00:00Z",
        ),
    ] {
        let window = at("Europe/Berlin", now)
            .window(Some(&when(start)), None, Some(nights))
            .unwrap();
        assert_eq!(window.ends_at, utc(end), "{start}");
    }
}

#[test]
fn at_one_in_the_morning_the_hotel_is_still_in_yesterday() {
    // 01:00 on 2 December in Berlin: one night ends this morning.
    let late = at("Europe/Berlin", "2026-12-02T00:00:00Z");
    assert_eq!(
        late.window(None, None, Some(1)).unwrap().ends_at,
        utc("2026-12-02T10:00:00Z")
    );
    // 05:00: the day has rolled.
    let early = at("Europe/Berlin", "2026-12-02T04:00:00Z");
    assert_eq!(
        early.window(None, None, Some(1)).unwrap().ends_at,
        utc("2026-12-03T10:00:00Z")
    );
}

#[test]
fn a_bare_day_takes_the_check_in_and_the_check_out_hour() {
    let time = at("Europe/Berlin", "2026-11-20T08:00:00Z");
    let window = time
        .window(Some(&when("2026-12-01")), Some(&when("2026-12-03")), None)
        .unwrap();
    assert_eq!(window.starts_at, utc("2026-12-01T14:00:00Z"));
    assert_eq!(window.ends_at, utc("2026-12-03T10:00:00Z"));
}

#[test]
fn an_end_in_the_past_or_before_the_start_is_refused() {
    let time = at("Europe/Berlin", "2026-11-20T08:00:00Z");
    assert!(time.window(None, Some(&when("2026-11-19")), None).is_err());
    assert!(
        time.window(Some(&when("2026-12-05")), Some(&when("2026-12-03")), None)
            .is_err()
    );
    assert!(time.window(None, None, Some(0)).is_err());
    assert!(time.window(None, None, None).is_err());
}

proptest! {
    #[test]
    fn a_window_ends_after_it_starts_and_in_the_future(
        zone in prop::sample::select(vec!["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]),
        second in 1_700_000_000_i64..1_900_000_000,
        nights in 1_u32..400,
    ) {
        let now = DateTime::from_timestamp(second, 0).unwrap();
        let time = HotelTime { zone: zone.parse().unwrap(), hours: Hours::default(), now };
        if let Ok(window) = time.window(None, None, Some(nights)) {
            prop_assert!(window.ends_at > window.starts_at);
            prop_assert!(window.ends_at > now);
        }
    }

    #[test]
    fn no_text_makes_a_time_panic(text in "\\PC{0,40}", zone in prop::sample::select(vec!["UTC", "Africa/Cairo"])) {
        if let Ok(typed) = text.parse::<When>() {
            let _ = at(zone, "2026-11-20T08:00:00Z").resolve(&typed, Edge::CheckOut);
        }
    }

    #[test]
    fn no_text_makes_rooms_guests_or_labels_panic(text in "[0-9a-zA-Z<>@+,. %~-]{0,40}") {
        let _ = crate::stay::parse_rooms(&text);
        let _ = text.parse::<crate::stay::GuestQuery>();
        let _ = text.parse::<crate::stay::Label>();
    }

    #[test]
    fn a_range_of_rooms_names_each_once(first in 101_u32..200, count in 1_u32..30) {
        let text = format!("{first}-{}", first + count - 1);
        let rooms = crate::stay::parse_rooms(&text);
        if count > 1 {
            let names: Vec<String> = rooms.unwrap().iter().map(ToString::to_string).collect();
            let wanted: Vec<String> = (first..first + count).map(|n| n.to_string()).collect();
            prop_assert_eq!(names, wanted);
        }
    }
}

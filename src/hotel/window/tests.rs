//! Tests of hotel time in zones whose clocks change at unusual hours or by unusual amounts.

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
        // Both readings are accepted when typed in the form that the error shows.
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
    // In Berlin the night of 24 October has 25 hours, and the night of 28 March has 23.
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
    // In Berlin it is 01:00 on 2 December. One night ends this morning.
    let late = at("Europe/Berlin", "2026-12-02T00:00:00Z");
    assert_eq!(
        late.window(None, None, Some(1)).unwrap().ends_at,
        utc("2026-12-02T10:00:00Z")
    );
    // At 05:00 the business date has changed.
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

#[test]
fn an_hour_without_a_day_is_the_next_one() {
    // Berlin, 26 November: (now in UTC, --from, start or what the error says).
    for (now, from, wanted) in [
        ("2026-11-26T10:00:00Z", "15:00", "2026-11-26T14:00:00Z"),
        ("2026-11-26T14:05:40Z", "3pm", "2026-11-26T14:05:00Z"),
        ("2026-11-26T14:11:00Z", "15:00", "type `2026-11-27 15:00`"),
        // After midnight, the business date is still the 25th.
        ("2026-11-26T00:30:00Z", "02:00", "2026-11-26T01:00:00Z"),
        ("2026-11-25T23:05:00Z", "23:58", "2026-11-25T23:05:00Z"),
        ("2026-11-26T10:00:00Z", "midnight", "2026-11-26T23:00:00Z"),
        ("2026-11-25T23:05:00Z", "midnight", "2026-11-25T23:05:00Z"),
    ] {
        let window = at("Europe/Berlin", now).window(Some(&when(from)), None, Some(2));
        match window {
            Ok(window) => assert_eq!(window.starts_at, utc_or_zero(wanted), "{now} {from}"),
            Err(error) => assert!(error.to_string().contains(wanted), "{now} {from}: {error}"),
        }
    }
    for (from, until, wanted) in [
        ("now", "15:00", "2026-11-26T14:00:00Z"),
        ("now", "10:00", "2026-11-27T09:00:00Z"),
        ("now", "midnight", "2026-11-26T23:00:00Z"),
        ("28 nov 16:00", "11:00", "2026-11-29T10:00:00Z"),
        ("28 nov 10:00", "11:00", "2026-11-28T10:00:00Z"),
        ("15:00", "15:00", "2026-11-27T14:00:00Z"),
    ] {
        let window = at("Europe/Berlin", "2026-11-26T10:00:00Z")
            .window(Some(&when(from)), Some(&when(until)), None)
            .unwrap();
        assert_eq!(window.ends_at, utc(wanted), "{from} {until}");
    }
}

fn utc_or_zero(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_default()
}

#[test]
fn a_day_without_a_year_is_the_next_such_day() {
    for (now, text, wanted) in [
        ("2026-11-26T10:00:00Z", "26 nov", "2026-11-26"),
        ("2026-11-26T10:00:00Z", "25.11.", "2027-11-25"),
        ("2026-12-30T10:00:00Z", "3 jan", "2027-01-03"),
        ("2026-11-26T10:00:00Z", "29 feb", "2028-02-29"),
        ("2097-01-01T10:00:00Z", "29 feb", "2104-02-29"),
        // At 01:00 the business date is still the 26th.
        ("2026-11-27T00:00:00Z", "26 nov", "2026-11-26"),
    ] {
        let time = at("Europe/Berlin", now);
        let found = time.resolve(&when(text), Edge::CheckOut).unwrap();
        assert_eq!(time.date_of(found).to_string(), wanted, "{now} {text}");
    }
}

#[test]
fn nights_count_on_the_business_date_of_the_arrival() {
    // (now, --from, nights, end): Berlin, the day begins at 04:00.
    for (now, from, nights, end) in [
        (
            "2026-11-26T10:00:00Z",
            "2026-12-02 01:00",
            1,
            "2026-12-02T10:00:00Z",
        ),
        (
            "2026-11-26T10:00:00Z",
            "2026-12-02 04:00",
            1,
            "2026-12-03T10:00:00Z",
        ),
        (
            "2026-11-26T10:00:00Z",
            "2026-12-02T01:00:00+01:00",
            1,
            "2026-12-02T10:00:00Z",
        ),
        (
            "2026-11-26T10:00:00Z",
            "2026-12-02",
            1,
            "2026-12-03T10:00:00Z",
        ),
        (
            "2026-11-26T10:00:00Z",
            "midnight",
            1,
            "2026-11-27T10:00:00Z",
        ),
        ("2026-11-26T00:30:00Z", "now", 1, "2026-11-26T10:00:00Z"),
        ("2026-11-26T00:30:00Z", "tonight", 1, "2026-11-26T10:00:00Z"),
    ] {
        let window = at("Europe/Berlin", now)
            .window(Some(&when(from)), None, Some(nights))
            .unwrap();
        assert_eq!(window.ends_at, utc(end), "{now} {from}");
    }
    // At this hotel the check-in hour is before the hour at which the business date changes. A given day still means
    // that calendar day.
    let mut early = at("Europe/Berlin", "2026-11-26T10:00:00Z");
    early.hours.check_in = chrono::NaiveTime::from_hms_opt(3, 0, 0).unwrap();
    let window = early
        .window(Some(&when("2026-12-02")), None, Some(1))
        .unwrap();
    assert_eq!(window.ends_at, utc("2026-12-03T10:00:00Z"));
}

#[test]
fn bare_hours_meet_the_changes_of_the_clock() {
    // (zone, now, --until, end or what the error names)
    for (zone, now, until, wanted) in [
        (
            "America/New_York",
            "2026-03-08T06:00:00Z",
            "02:30",
            "does not exist",
        ),
        (
            "America/New_York",
            "2026-03-08T08:00:00Z",
            "02:30",
            "2026-03-09T06:30:00Z",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T00:00:00Z",
            "02:30",
            "happens twice",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T02:00:00Z",
            "02:30",
            "2026-10-26T01:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T14:00:00Z",
            "02:15",
            "does not exist",
        ),
        (
            "Asia/Beirut",
            "2026-03-28T18:00:00Z",
            "midnight",
            "does not exist",
        ),
        (
            "Asia/Beirut",
            "2026-03-28T22:30:00Z",
            "midnight",
            "2026-03-29T21:00:00Z",
        ),
    ] {
        let window = at(zone, now).window(None, Some(&when(until)), None);
        match window {
            Ok(window) => assert_eq!(window.ends_at, utc_or_zero(wanted), "{zone} {now}"),
            Err(error) => assert!(error.to_string().contains(wanted), "{zone} {now}: {error}"),
        }
    }
}

proptest! {
    #[test]
    fn a_window_is_whole_minutes_and_its_hours_are_those_typed(
        zone in prop::sample::select(vec!["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut"]),
        second in 1_700_000_000_i64..1_900_000_000,
        hour in 0_u32..24, minute in 0_u32..60,
    ) {
        let now = DateTime::from_timestamp(second, 0).unwrap();
        let time = HotelTime { zone: zone.parse().unwrap(), hours: Hours::default(), now };
        let until = when(&format!("{hour:02}:{minute:02}"));
        if let Ok(window) = time.window(None, Some(&until), None) {
            let shown = window.ends_at.with_timezone(&time.zone).format("%H:%M").to_string();
            prop_assert_eq!(shown, format!("{hour:02}:{minute:02}"));
            prop_assert!(window.ends_at > now);
            // The end is at most one day away, plus one hour if the clock is put back.
            prop_assert!(window.ends_at - now <= TimeDelta::hours(25));
            prop_assert_eq!((window.starts_at.timestamp() % 60, window.ends_at.timestamp() % 60), (0, 0));
        }
    }

    #[test]
    fn a_day_without_a_year_is_within_a_year(month in 1_u32..13, day in 1_u32..29, second in 1_700_000_000_i64..1_900_000_000) {
        let time = HotelTime {
            now: DateTime::from_timestamp(second, 0).unwrap(),
            ..at("Europe/Berlin", "2026-11-20T08:00:00Z")
        };
        let typed = chrono::NaiveDate::from_ymd_opt(2000, month, day).unwrap().format("%-d %b").to_string();
        let found = time.date_of(time.resolve(&when(&typed), Edge::CheckOut).unwrap());
        let ahead = (found - time.business_date()).num_days();
        prop_assert!((0..366).contains(&ahead), "{} {}", typed, found);
    }

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
        let _ = crate::hotel::parse_rooms(&text);
        let _ = text.parse::<crate::hotel::GuestQuery>();
        let _ = text.parse::<crate::hotel::Label>();
    }

    #[test]
    fn a_range_of_rooms_names_each_once(first in 101_u32..200, count in 1_u32..30) {
        let text = format!("{first}-{}", first + count - 1);
        let rooms = crate::hotel::parse_rooms(&text);
        if count > 1 {
            let names: Vec<String> = rooms.unwrap().iter().map(ToString::to_string).collect();
            let wanted: Vec<String> = (first..first + count).map(|n| n.to_string()).collect();
            prop_assert_eq!(names, wanted);
        }
    }
}

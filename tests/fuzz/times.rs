//! WHEN: times as staff type them.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use roomkey::hotel::{Edge, HotelTime, Hours, When};

use super::{HOSTILE, fuzz, is_printable};

const WORDS: &[&str] = &[
    "now",
    "today",
    "tonight",
    "tomorrow",
    "yesterday",
    "monday",
    "fri",
    "next",
    "noon",
    "midnight",
    "+2d",
    "+0d",
    "+3h",
    "-1d",
    "15:00",
    "3pm",
    "2 pm",
    "12am",
    "24:00",
    "2:30",
    "2026-12-01",
    "2026-02-30",
    "26.11.2026",
    "26.11.",
    "26 Nov",
    "Nov 26",
    "26 November 2026",
    "03/04/2026",
    "2026-03-29 02:30",
    "2026-10-25 02:30",
    "2026-12-01T10:00:00Z",
    "2026-12-01T10:00:00+14:00",
    "9999-12-31",
    "262143-12-31",
    "+99999999999d",
    "+2147483647d",
    "T",
    "at",
    "Z",
    "29 Feb",
    "1.1.70",
];

#[test]
fn typed_times() {
    let word = prop_oneof![
        6 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => prop::sample::select(HOSTILE).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => "[0-9./: +-]{0,12}",
    ];
    let text = (
        prop::collection::vec(word, 0..4),
        prop::sample::select(vec![" ", "", "  ", "T"]),
    )
        .prop_map(|(words, part)| words.join(part));
    let zones = prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/St_Johns",
    ]);
    let second = prop_oneof![
        -62_000_000_000_i64..250_000_000_000,
        1_700_000_000_i64..1_900_000_000
    ];
    let nights = prop_oneof![
        Just(None),
        (0..500_u32).prop_map(Some),
        any::<u32>().prop_map(Some)
    ];
    fuzz(
        "when",
        (text, zones, second, nights),
        |(text, zone, second, nights)| {
            let time = HotelTime {
                zone: zone.parse().unwrap(),
                hours: Hours::default(),
                now: DateTime::from_timestamp(second, 0).unwrap(),
            };
            let when = match text.parse::<When>() {
                Ok(when) => when,
                Err(error) => {
                    prop_assert!(is_printable(&error.to_string()), "{error}");
                    return Ok(());
                }
            };
            for edge in [Edge::CheckIn, Edge::CheckOut] {
                match time.resolve(&when, edge) {
                    Ok(at) => prop_assert_eq!(at.timestamp_subsec_nanos() / 1_000_000_000, 0),
                    Err(error) => prop_assert!(is_printable(&error.to_string()), "{error}"),
                }
            }
            for (from, until) in [
                (Some(&when), None),
                (None, Some(&when)),
                (Some(&when), Some(&when)),
            ] {
                match time.window(from, until, nights) {
                    Ok(window) => {
                        prop_assert!(window.ends_at > window.starts_at, "{window:?}");
                        prop_assert!(
                            window.ends_at > time.now - TimeDelta::minutes(1),
                            "{window:?}"
                        );
                        let _ = time.show(window.ends_at);
                    }
                    Err(error) => prop_assert!(is_printable(&error.to_string()), "{error}"),
                }
            }
            Ok(())
        },
    );
}

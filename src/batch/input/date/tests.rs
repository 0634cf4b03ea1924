use super::*;

const DMY: Option<DateOrder> = Some(DateOrder::DayMonthYear);
const MDY: Option<DateOrder> = Some(DateOrder::MonthDayYear);
const YMD: Option<DateOrder> = Some(DateOrder::YearMonthDay);

/// The time that is understood, or `?` and the reason.
fn read(text: &str, order: Option<DateOrder>) -> String {
    match parse(text, order, false).map(|moment| moment.at(None).unwrap()) {
        Ok(When::Day(DaySpec::Date(date))) => date.to_string(),
        Ok(When::DayTime(DaySpec::Date(date), time)) => format!("{date} {time}"),
        Ok(When::Instant(at)) => at.to_rfc3339(),
        Ok(other) => format!("{other:?}"),
        Err(Problem::Text(text)) => format!("? {text}"),
        Err(Problem::Ambiguous {
            day_first,
            month_first,
            ..
        }) => format!("? {day_first} or {month_first}"),
    }
}

#[test]
fn certain_days_are_read() {
    for (text, wanted) in [
        ("2026-12-25", "2026-12-25"),
        ("20261225", "2026-12-25"),
        ("2026/12/25", "2026-12-25"),
        ("25/12/2026", "2026-12-25"),
        ("25.12.2026", "2026-12-25"),
        ("25-12-2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("12252026", "2026-12-25"),
        ("20122026", "2026-12-20"),
        ("04/04/2026", "2026-04-04"),
        ("25 Dec 2026", "2026-12-25"),
        ("Dec 25, 2026", "2026-12-25"),
        ("25-DEC-26", "2026-12-25"),
        ("25DEC26", "2026-12-25"),
        ("Fri, 25 December 2026", "2026-12-25"),
        ("2026-Dec-25", "2026-12-25"),
        ("2026-12-25 15:00", "2026-12-25 15:00:00"),
        ("2026-12-25T15:00", "2026-12-25 15:00:00"),
        ("2026-12-25 15:00:00.000", "2026-12-25 15:00:00"),
        ("12/25/2026 3:00 PM", "2026-12-25 15:00:00"),
        ("12/25/2026 3 pm", "2026-12-25 15:00:00"),
        ("25 Dec 2026 3pm", "2026-12-25 15:00:00"),
        ("2026-12-25 00:00:00", "2026-12-25"),
        ("12/25/2026 12:00:00 AM", "2026-12-25"),
        ("2026-12-25 00:00", "2026-12-25 00:00:00"),
        ("2026-12-25T15:00:00Z", "2026-12-25T15:00:00+00:00"),
        ("2026-12-25T15:00Z", "2026-12-25T15:00:00+00:00"),
        ("2026-12-25T15:00:00+01:00", "2026-12-25T14:00:00+00:00"),
        ("2026-12-25T15:00+01:00", "2026-12-25T14:00:00+00:00"),
        ("tomorrow", "Day(InDays(1))"),
    ] {
        assert_eq!(read(text, None), wanted, "{text}");
    }
}

#[test]
fn a_day_that_could_be_another_is_refused() {
    for text in [
        "03/04/2026",
        "3.4.2026",
        "03-04-2026",
        "03042026",
        "03/04/2026 15:00",
    ] {
        assert_eq!(read(text, None), "? 2026-04-03 or 2026-03-04", "{text}");
    }
    for text in ["03/04/26", "030426", "25/12/26", "25.12.26"] {
        assert!(
            read(text, None).contains("two digits; say --date-format"),
            "{text}"
        );
    }
}

#[test]
fn the_order_that_was_said_decides() {
    assert_eq!(read("03/04/2026", DMY), "2026-04-03");
    assert_eq!(read("03/04/2026", MDY), "2026-03-04");
    assert_eq!(read("03042026", MDY), "2026-03-04");
    assert_eq!(read("03.04.26", DMY), "2026-04-03");
    assert_eq!(read("261225", YMD), "2026-12-25");
    assert_eq!(read("2026-03-04", DMY), "2026-03-04");
    assert_eq!(read("20260304", MDY), "2026-03-04");
    assert!(read("25/12/2026", MDY).contains("is not month-day-year; check --date-format mdy"));
    assert!(read("25/12/2026", YMD).contains("check --date-format ymd"));
}

#[test]
fn what_is_in_no_calendar_is_said() {
    for text in ["31/02/2026", "2026-02-30", "30 Feb 2026", "13/13/2026"] {
        assert!(read(text, None).contains("in the calendar"), "{text}");
    }
    for text in [
        "46381",
        "soon",
        "2026",
        "25/12",
        "1/2/3/4",
        "25/12/1999",
        "2026-12-2x",
        "+",
        "٣/٤/٢٠٢٦",
        "25_12_2026",
    ] {
        assert!(read(text, None).starts_with('?'), "{text}");
    }
}

#[test]
fn a_certain_day_proves_its_order() {
    let shows = |text| parse(text, None, false).unwrap().shows();
    assert_eq!(shows("13/04/2026"), DMY);
    assert_eq!(shows("04/13/2026"), MDY);
    assert_eq!(shows("2026-04-13"), None);
    assert_eq!(shows("04/04/2026"), None);
}

#[test]
fn a_column_in_utc_is_an_instant() {
    let at = parse("2026-12-25 14:00", None, true).unwrap();
    assert_eq!(at, Moment::Instant("2026-12-25T14:00:00Z".parse().unwrap()));
    assert!(parse("2026-12-25", None, true).is_err());
}

#[test]
fn an_hour_of_its_own_is_added_once() {
    let hour = hour::parse("3pm").ok();
    let day = parse("2026-12-25", None, false).unwrap();
    let date = DaySpec::Date(NaiveDate::from_ymd_opt(2026, 12, 25).unwrap());
    assert_eq!(day.at(hour), Ok(When::DayTime(date, hour.unwrap().time)));
    assert!(
        parse("2026-12-25 15:00", None, false)
            .unwrap()
            .at(hour)
            .is_ok()
    );
    assert!(
        parse("2026-12-25 16:00", None, false)
            .unwrap()
            .at(hour)
            .is_err()
    );
    assert!(
        parse("2026-12-25T15:00:00Z", None, false)
            .unwrap()
            .at(hour)
            .is_err()
    );
}

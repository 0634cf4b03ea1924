//! One room, one guest after the other: keys that start later, and what each guest can open when.

use serde_json::{Value, json};

use crate::support::{Hotel, split};

/// Whether a guest's phone or card opens the door now.
fn opens(hotel: &Hotel, email: &str, door: &str) -> bool {
    let tapped = hotel.control("POST", "tap", &json!({ "user": email, "door": door }));
    tapped["opens"] == true
}

/// Sets the hotel's clock to an hour of the hotel's day, some days from now.
fn at(hotel: &Hotel, days: i64, hour: u32) {
    hotel.control("POST", "clock", &json!({ "now": hour_of(days, hour) }));
}

/// RFC 3339, in the zone of the simulated hotel.
fn hour_of(days: i64, hour: u32) -> String {
    use chrono::{Days, NaiveTime, TimeZone as _, Utc};
    let zone = chrono_tz::Europe::Berlin;
    let day = Utc::now().with_timezone(&zone).date_naive();
    let day = day + Days::new(u64::try_from(days).unwrap());
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let local = zone.from_local_datetime(&day.and_time(time)).unwrap();
    local
        .to_utc()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Types the command that the last line of an error names.
fn type_last_command(hotel: &Hotel, answer: &Value) {
    let hint = answer["error"]["hint"].as_str().unwrap();
    let command = hint.lines().last().unwrap();
    let command = command.split('`').nth(1).unwrap();
    let words = command.strip_prefix("roomkey ").unwrap();
    let arguments: Vec<String> = split(words)
        .into_iter()
        .chain(["--yes".to_owned()])
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    hotel.json(0, &arguments);
}

const OVERRIDES: [&str; 3] = ["overlapping", "all", "at-first-use"];
const ORDERS: [&str; 2] = ["issued", "start"];

#[test]
fn tomorrows_guest_gets_a_key_tonight_and_both_open_the_door_in_their_own_time() {
    for (reading, order) in OVERRIDES.iter().flat_map(|a| ORDERS.map(|b| (*a, b))) {
        let hotel = Hotel::open();
        hotel.reading("override", reading);
        hotel.reading("override-order", order);
        at(&hotel, 1, 20);
        let (out, arrives) = (hour_of(2, 11), hour_of(2, 15));
        hotel.told(
            0,
            &format!("issue --room 101 --guest jane@example.com --until {out}"),
        );
        assert!(opens(&hotel, "jane@example.com", "101"));
        let issue =
            format!("issue --room 101 --guest edsger@example.com --from {arrives} --nights 2");
        let ran = hotel.run(
            &split(&format!("{issue} --json"))
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
        let answer = ran.json();
        let case = format!("override={reading} override-order={order}: {answer:#}");
        match ran.code {
            0 => {}
            9 => {
                assert_eq!(reading, "all", "{case}");
                assert!(answer["error"].to_string().contains("Jane Doe"), "{case}");
                type_last_command(&hotel, &answer);
                let open = hotel.told(0, "recover");
                assert_eq!(open["data"]["unfinished"], json!([]), "{case}");
            }
            _ => panic!("{case}"),
        }
        // Tonight.
        assert!(opens(&hotel, "jane@example.com", "101"), "{case}");
        assert!(!opens(&hotel, "edsger@example.com", "101"), "{case}");
        // Between the stays.
        at(&hotel, 2, 12);
        assert!(!opens(&hotel, "jane@example.com", "101"), "{case}");
        assert!(!opens(&hotel, "edsger@example.com", "101"), "{case}");
        // From tomorrow on.
        at(&hotel, 2, 16);
        assert!(opens(&hotel, "edsger@example.com", "101"), "{case}");
        assert!(!opens(&hotel, "jane@example.com", "101"), "{case}");
        at(&hotel, 4, 12);
        assert!(!opens(&hotel, "edsger@example.com", "101"), "{case}");
    }
}

#[test]
fn who_comes_before_and_after_is_shown_and_a_stay_that_overlaps_is_refused() {
    let hotel = Hotel::open();
    at(&hotel, 1, 20);
    let stay = |from: &str, until: &str, guest: &str| {
        format!("issue --room 101 --guest {guest} --from {from} --until {until}")
    };
    let (day2, day2b, day4, day5) = (
        hour_of(2, 11),
        hour_of(2, 15),
        hour_of(4, 11),
        hour_of(5, 11),
    );
    hotel.told(0, &stay("now", &day2, "jane@example.com"));
    hotel.told(0, &stay(&day4, &day5, "alan@example.com"));
    let middle = stay(&day2b, &day4, "edsger@example.com");
    let shown = hotel.run(
        &split(&format!("{middle} --dry-run"))
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    assert!(shown.stderr.contains("after Jane Doe, until"), "{shown:#?}");
    assert!(
        shown.stderr.contains("before Alan Turing, from"),
        "{shown:#?}"
    );
    for (from, until) in [("now", &day4), (day2b.as_str(), &day5)] {
        let refused = hotel.told(6, &stay(from, until, "edsger@example.com"));
        assert_eq!(refused["error"]["code"], "room_occupied", "{refused:#}");
    }
    hotel.told(0, &middle);
    let keys = hotel.told(0, "keys --room 101");
    let valid = keys["data"]["keys"].as_array().unwrap().iter();
    assert_eq!(
        valid.filter(|key| key["valid"] == true).count(),
        3,
        "{keys:#}"
    );
}

#[test]
fn update_does_not_grow_into_the_next_stay_and_joins_nobody_of_it() {
    let hotel = Hotel::open();
    at(&hotel, 1, 20);
    let (out, arrives, late) = (hour_of(2, 11), hour_of(2, 15), hour_of(3, 11));
    hotel.told(
        0,
        &format!("issue --room 101 --guest jane@example.com --until {out}"),
    );
    hotel.told(
        0,
        &format!("issue --room 101 --guest edsger@example.com --from {arrives} --nights 2"),
    );
    let refused = hotel.told(
        6,
        &format!("update --guest jane@example.com --until {late} --yes"),
    );
    assert_eq!(refused["error"]["code"], "room_occupied", "{refused:#}");
    let early = hotel.told(6, "update --guest edsger@example.com --from now --yes");
    assert_eq!(early["error"]["code"], "room_occupied", "{early:#}");
    // Up to the minute at which the next guest comes.
    let longer = hotel.told(
        0,
        &format!("update --guest jane@example.com --until {arrives} --yes"),
    );
    let joined = longer["data"]["keys"][0]["joined_to"].as_array().unwrap();
    assert_eq!(joined.len(), 1, "{longer:#}");
    at(&hotel, 2, 16);
    assert!(opens(&hotel, "edsger@example.com", "101"));
    assert!(!opens(&hotel, "jane@example.com", "101"));
}

#[test]
fn join_and_revoke_mean_the_stay_that_is_there_now() {
    let hotel = Hotel::open();
    at(&hotel, 1, 20);
    let (out, arrives) = (hour_of(2, 11), hour_of(2, 15));
    hotel.told(
        0,
        &format!("issue --room 101 --guest jane@example.com --until {out}"),
    );
    hotel.told(
        0,
        &format!("issue --room 101 --guest edsger@example.com --from {arrives} --nights 2"),
    );
    let asked = hotel.told(6, "join --room 101 --guest alan@example.com");
    assert_eq!(asked["error"]["code"], "needs_confirmation", "{asked:#}");
    let text = asked["error"]["message"].as_str().unwrap();
    assert!(
        text.contains("Jane Doe") && !text.contains("Edsger"),
        "{text}"
    );
    let joined = hotel.told(0, "join --room 101 --guest alan@example.com --yes");
    let end = joined["data"]["keys"][0]["ends_at"].as_str().unwrap();
    assert_eq!(end, out, "the key ends with the stay: {joined:#}");
    let dry = hotel.run(&["revoke", "--room", "101", "--dry-run"]);
    assert!(
        dry.stderr.contains("Left alone: Edsger Dijkstra"),
        "{dry:#?}"
    );
    let revoked = hotel.told(0, "revoke --room 101 --yes");
    assert_eq!(
        revoked["data"]["revoked"].as_array().unwrap().len(),
        2,
        "{revoked:#}"
    );
    assert_eq!(hotel.live("edsger@example.com").len(), 1);
    hotel.told(0, "revoke --room 101 --yes");
    assert_eq!(
        hotel.live("edsger@example.com").len(),
        1,
        "nobody is there now"
    );
    hotel.told(0, "revoke --room 101 --all --yes");
    assert_eq!(hotel.live("edsger@example.com").len(), 0);
}

#[test]
fn two_strangers_in_one_room_must_be_told_apart() {
    let hotel = Hotel::open();
    hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
    let state = hotel.control("GET", "state?events=false", &Value::Null);
    let user = state["users"].as_array().unwrap().iter();
    let user = user
        .clone()
        .find(|user| user["full_name"] == "Edsger Dijkstra")
        .unwrap();
    let door = state["entrances"].as_array().unwrap().iter();
    let door = door
        .clone()
        .find(|door| door["display_name"] == "101")
        .unwrap();
    // Another system has made a key beside the first, neither an override nor a joiner.
    hotel.call(
        "/acs/credentials/create",
        &json!({
            "acs_user_id": user["acs_user_id"], "access_method": "mobile_key",
            "is_multi_phone_sync_credential": true, "credential_manager_acs_system_id": hotel.manager,
            "allowed_acs_entrance_ids": [door["acs_entrance_id"]], "ends_at": hour_of(2, 11),
        }),
    );
    for command in [
        "join --room 101 --guest alan@example.com --yes",
        "revoke --room 101 --yes",
    ] {
        let refused = hotel.told(6, command);
        assert_eq!(refused["error"]["code"], "several_stays", "{refused:#}");
        let hints = refused["error"]["hint"].as_str().unwrap().to_owned();
        let first = hints
            .lines()
            .find(|line| line.contains("for Jane Doe"))
            .unwrap();
        let words = first
            .split('`')
            .nth(1)
            .unwrap()
            .strip_prefix("roomkey ")
            .unwrap();
        let guest = if words.starts_with("join") {
            "--guest alan@example.com"
        } else {
            ""
        };
        hotel.told(0, &format!("{words} {guest} --yes"));
    }
    let left = hotel.told(0, "keys --room 101");
    let guests: Vec<&str> = left["data"]["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["guest"].as_str().unwrap())
        .collect();
    assert!(
        guests.contains(&"Edsger Dijkstra") && !guests.contains(&"Jane Doe"),
        "{guests:?}"
    );
}

#[test]
fn a_guest_with_a_key_that_works_is_not_given_one_that_starts_later() {
    let hotel = Hotel::open();
    hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
    let later = hour_of(3, 15);
    for command in [
        format!(
            "issue --room 102 --guest jane@example.com --from {later} --nights 1 --replace --yes"
        ),
        format!(
            "return-guest --room 102 --guest jane@example.com --from {later} --nights 1 --replace --yes"
        ),
        format!(
            "update --guest jane@example.com --from {later} --until {} --yes",
            hour_of(4, 11)
        ),
    ] {
        let refused = hotel.told(6, &command);
        assert_eq!(refused["error"]["code"], "loses_access", "{refused:#}");
    }
    assert!(opens(&hotel, "jane@example.com", "101"));
}

#[test]
fn nights_count_from_the_arrival_on_the_business_date_whatever_was_changed_in_between() {
    let hotel = Hotel::open();
    // One in the morning belongs to the day before.
    at(&hotel, 2, 1);
    hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
    let end = |hotel: &Hotel| {
        hotel.live("jane@example.com")[0]["ends_at"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(end(&hotel), hour_of(3, 11));
    at(&hotel, 2, 18);
    hotel.told(0, "update --guest jane@example.com --also Gym --yes");
    hotel.told(0, "update --guest jane@example.com --nights 4 --yes");
    assert_eq!(end(&hotel), hour_of(5, 11));
    // A shorter stay is a loss, and somebody has to agree to it.
    let refused = hotel.told(6, "update --guest jane@example.com --nights 3");
    assert_eq!(
        refused["error"]["code"], "needs_confirmation",
        "{refused:#}"
    );
    hotel.told(0, "update --guest jane@example.com --nights 5");
    assert_eq!(end(&hotel), hour_of(6, 11));
}

#[test]
fn a_pc_clock_that_is_hours_ahead_changes_no_key_and_is_told() {
    let hotel = Hotel::open();
    let behind = chrono::Utc::now() - chrono::TimeDelta::hours(3);
    let now = behind.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    hotel.control("POST", "clock", &json!({ "now": now }));
    let made = hotel.told(0, "issue --room 101 --guest jane@example.com --nights 1");
    let starts: chrono::DateTime<chrono::Utc> = made["data"]["keys"][0]["starts_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        (starts - behind).abs() < chrono::TimeDelta::minutes(2),
        "{made:#}"
    );
    assert_eq!(made["warnings"][0]["code"], "clock_skew", "{made:#}");
    assert!(opens(&hotel, "jane@example.com", "101"));
    // The tool's clock follows no variable.
    let mut command = hotel.command();
    command.env("ROOMKEY_NOW", "2030-01-01T00:00:00Z");
    let ran = command
        .args(["keys", "--room", "101", "--json"])
        .output()
        .unwrap();
    let keys: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(
        keys["data"]["keys"].as_array().unwrap().len(),
        1,
        "{keys:#}"
    );
}

#[test]
fn a_guest_moves_into_a_room_that_a_later_guest_has_left() {
    for command in [
        "update --guest jane@example.com --rooms 102 --yes",
        "update --guest jane@example.com --rooms 101,102 --yes",
    ] {
        let hotel = Hotel::open();
        hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
        hotel.told(0, "issue --room 102 --guest edsger@example.com --nights 1");
        assert!(opens(&hotel, "edsger@example.com", "102"));
        hotel.told(0, "revoke --guest edsger@example.com --yes");
        hotel.told(0, command);
        assert!(opens(&hotel, "jane@example.com", "102"), "{command}");
    }
}

#[test]
fn a_key_that_was_changed_or_revoked_opens_nothing_more_than_the_new_one() {
    for reading in ["guest", "guest-room", "none"] {
        let hotel = Hotel::open();
        hotel.reading("replacement", reading);
        at(&hotel, 1, 20);
        let (short, long) = (hour_of(2, 11), hour_of(4, 11));
        let issue = |until: &str| {
            format!("issue --room 101 --guest jane@example.com --also Gym --until {until}")
        };
        hotel.told(0, &issue(&long));
        assert!(opens(&hotel, "jane@example.com", "101"));
        hotel.told(
            0,
            &format!("update --guest jane@example.com --until {short} --without Gym --yes"),
        );
        // The phone follows a moment later.
        hotel.control("POST", "clock", &json!({ "advance_seconds": 1 }));
        assert!(!opens(&hotel, "jane@example.com", "Gym"), "{reading}");
        at(&hotel, 2, 12);
        assert!(!opens(&hotel, "jane@example.com", "101"), "{reading}");
        hotel.told(
            0,
            &format!("issue --room 101 --guest jane@example.com --until {long}"),
        );
        hotel.told(0, "update --guest jane@example.com --rooms 102 --yes");
        hotel.control("POST", "clock", &json!({ "advance_seconds": 1 }));
        assert!(!opens(&hotel, "jane@example.com", "101"), "{reading}");
        hotel.told(0, "revoke --room 102 --yes");
        assert!(!opens(&hotel, "jane@example.com", "102"), "{reading}");
    }
}

#[test]
fn check_out_takes_what_another_system_has_left_on_the_phone() {
    for revoke in [
        "revoke --guest jane@example.com --yes",
        "revoke --room 101 --yes",
        "revoke --room 101 --all --yes",
    ] {
        let hotel = Hotel::open();
        let issued = hotel.told(0, "issue --room 101 --guest jane@example.com --nights 3");
        let key = &issued["data"]["keys"][0];
        // The service replaces the first key, and nobody deletes it.
        hotel.call(
            "/acs/credentials/create",
            &json!({
                "acs_user_id": key["acs_user_id"], "access_method": "mobile_key",
                "is_multi_phone_sync_credential": true, "credential_manager_acs_system_id": hotel.manager,
                "allowed_acs_entrance_ids": doors_named(&hotel, "101"), "ends_at": hour_of(2, 11),
                "visionline_metadata": { "joiner_acs_credential_ids": [key["acs_credential_id"]] },
            }),
        );
        let told = hotel.told(0, revoke);
        let revoked: Vec<&str> = told["data"]["revoked"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let each: std::collections::BTreeSet<&str> = revoked.iter().copied().collect();
        assert_eq!(each.len(), revoked.len(), "a key twice: {revoked:?}");
        assert_eq!(
            told["data"]["steps"].as_array().unwrap().len(),
            2,
            "{told:#}"
        );
        assert!(!opens(&hotel, "jane@example.com", "101"), "{revoke}");
    }
}

/// The ids of the doors with this name.
pub(crate) fn doors_named(hotel: &Hotel, name: &str) -> Vec<Value> {
    let state = hotel.control("GET", "state?events=false", &Value::Null);
    let doors = state["entrances"].as_array().unwrap().iter();
    let named = doors.filter(|door| door["display_name"] == name);
    named.map(|door| door["acs_entrance_id"].clone()).collect()
}

#[test]
fn a_key_that_works_stays_while_the_new_one_waits_for_a_phone() {
    for reading in ["guest", "guest-room", "none"] {
        let hotel = Hotel::open();
        hotel.reading("replacement", reading);
        hotel.told(0, "issue --room 101 --guest jane@example.com --nights 2");
        let phone = |active: bool| json!({ "user": "jane@example.com", "active": active });
        hotel.control("POST", "phone", &phone(false));
        hotel.told(0, "update --guest jane@example.com --nights 3 --yes");
        assert!(opens(&hotel, "jane@example.com", "101"), "{reading}");
        hotel.control("POST", "phone", &phone(true));
        hotel.told(0, "revoke --guest jane@example.com --yes");
        assert!(!opens(&hotel, "jane@example.com", "101"), "{reading}");
    }
}

#[test]
fn the_command_that_a_refused_update_names_lets_it_go_on() {
    let hotel = Hotel::open();
    at(&hotel, 1, 20);
    let (out, arrives, late) = (hour_of(2, 11), hour_of(2, 15), hour_of(3, 11));
    let (jane, edsger) = ("jane@example.com", "edsger@example.com");
    hotel.told(0, &format!("issue --room 101 --guest {jane} --until {out}"));
    hotel.told(
        0,
        &format!("issue --room 101 --guest {edsger} --from {arrives} --nights 2"),
    );
    let update = format!("update --guest {jane} --until {late} --yes");
    let refused = hotel.told(6, &format!("{update} --replace"));
    type_last_command(&hotel, &refused);
    hotel.told(0, &update);
}

#[test]
fn a_key_that_a_newer_one_of_a_stranger_ends_at_the_door_is_not_called_good_without_a_warning() {
    let hotel = Hotel::open();
    hotel.reading("override", "at-first-use");
    let (until, jane) = (hour_of(3, 11), "jane@example.com");
    let issue = format!("issue --room 101 --guest {jane} --until {until}");
    assert_eq!(hotel.told(0, &issue)["warnings"], json!([]));
    assert_eq!(hotel.told(0, &issue)["warnings"], json!([]), "alone in it");
    let other = "issue --room 101 --guest edsger@example.com --nights 1 --replace --yes";
    hotel.told(0, other);
    let update = format!("update --guest {jane} --until {until}");
    for again in [issue, update] {
        let answer = hotel.told(0, &again);
        assert_eq!(answer["data"]["outcome"], "already", "{again}: {answer:#}");
        let warning = &answer["warnings"][0];
        assert_eq!(warning["code"], "newer_key_on_room", "{again}: {answer:#}");
        let message = warning["message"].as_str().unwrap();
        assert!(message.contains("Edsger Dijkstra"), "{message}");
    }
    // The door is the reason: after the newer key has been used, the older one does not open.
    assert!(opens(&hotel, "edsger@example.com", "101"));
    assert!(!opens(&hotel, jane, "101"));
}

//! Keys that a command was not about: what the service does to them is seen, said, and made good.

use serde_json::json;

use crate::desks::{end, start};
use crate::recover::CREATE;
use crate::support::{Hotel, commands};

/// Sets the hotel's clock to this evening at eight, some days from now.
pub(crate) fn evening(hotel: &Hotel) {
    hotel.control("POST", "clock", &json!({ "now": hour_of(1, 20) }));
}

/// RFC 3339, in the zone of the simulated hotel.
pub(crate) fn hour_of(days: u64, hour: u32) -> String {
    use chrono::{Days, TimeZone as _, Utc};
    let zone = chrono_tz::Europe::Berlin;
    let day = Utc::now().with_timezone(&zone).date_naive() + Days::new(days);
    let local = zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0).unwrap());
    let utc = local.unwrap().to_utc();
    utc.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

pub(crate) fn opens(hotel: &Hotel, email: &str, door: &str) -> bool {
    let tapped = hotel.control("POST", "tap", &json!({ "user": email, "door": door }));
    tapped["opens"] == true
}

#[test]
fn a_guest_whom_the_service_shuts_out_is_named_and_recover_gives_the_access_back() {
    // Two guests share the room tonight; each command makes a key for the time after them, with an override.
    for command in [
        format!(
            "issue --room 101 --guest edsger@example.com --from {} --nights 1",
            hour_of(2, 15)
        ),
        format!(
            "return-guest --room 101 --guest edsger@example.com --from {} --nights 1 --yes",
            hour_of(2, 15)
        ),
    ] {
        let hotel = Hotel::open();
        hotel.reading("override", "all");
        evening(&hotel);
        let stay = format!(
            "issue --room 101 --guest jane@example.com --guest barbara@example.com --until {}",
            hour_of(2, 11)
        );
        hotel.told(0, &stay);
        for guest in ["jane@example.com", "barbara@example.com"] {
            assert!(opens(&hotel, guest, "101"));
        }
        let harmed = hotel.told(9, &command);
        let text = harmed["error"].to_string();
        for name in ["Jane Doe", "Barbara Liskov"] {
            assert!(text.contains(name), "{command}: {harmed:#}");
        }
        assert_eq!(harmed["data"]["outcome"], "no_access");
        // The last line is the command, and it can be typed.
        let hint = harmed["error"]["hint"].as_str().unwrap();
        assert!(
            hint.lines().last().unwrap().contains("`roomkey recover "),
            "{hint}"
        );
        hotel.told(0, &commands(&harmed).pop().unwrap());
        for guest in ["jane@example.com", "barbara@example.com"] {
            assert!(opens(&hotel, guest, "101"), "{command} {guest}");
            let valid = hotel.live(guest).iter().any(|key| key["valid"] == true);
            assert!(valid, "{command} {guest}");
        }
        assert!(!opens(&hotel, "edsger@example.com", "101"));
        hotel.control("POST", "clock", &json!({ "now": hour_of(2, 16) }));
        assert!(opens(&hotel, "edsger@example.com", "101"));
        assert!(!opens(&hotel, "jane@example.com", "101"));
        hotel.told(0, "recover");
    }
}

#[test]
fn where_the_rooms_cannot_be_read_after_the_change_the_operation_stays_open_until_they_are() {
    let command = format!(
        "issue --room 101 --guest edsger@example.com --from {} --nights 1",
        hour_of(2, 15)
    );
    let hotel = Hotel::open();
    hotel.reading("override", "all");
    evening(&hotel);
    let until = hour_of(2, 11);
    hotel.told(
        0,
        &format!("issue --room 101 --guest jane@example.com --until {until}"),
    );
    hotel.forget_requests();
    // The lists fail from the moment at which the new key is made.
    hotel.fault(&json!({ "path": CREATE, "kind": "slow", "ms": 700 }));
    let process = start(
        &hotel,
        &hotel.home,
        &format!("{command} --wait 1 --timeout 2"),
    );
    hotel.until_seen(CREATE);
    let list = "/acs/credentials/list";
    hotel.fault(&json!({ "path": list, "kind": "503-before", "count": 100_000 }));
    let (code, unread) = end(process);
    assert_eq!(code, 8, "{unread:#}");
    let text = unread["error"].to_string();
    assert!(
        text.contains("could not be read after the change"),
        "{text}"
    );
    hotel.control("DELETE", "faults", &serde_json::Value::Null);
    assert!(!opens(&hotel, "edsger@example.com", "101"));
    let recover = commands(&unread).pop().unwrap();
    // As printed: it reads the rooms again, and gives back what was lost.
    hotel.told(0, &recover);
    assert!(opens(&hotel, "jane@example.com", "101"));
    assert_eq!(hotel.told(0, "recover")["data"]["unfinished"], json!([]));
}

#[test]
fn a_plastic_card_that_the_service_shuts_out_is_named_with_what_helps() {
    let hotel = Hotel::open();
    hotel.reading("override", "all");
    // The card ends at eleven on the day after tomorrow.
    let command = format!(
        "issue --room 111 --guest edsger@example.com --from {} --nights 1",
        hour_of(2, 15)
    );
    let harmed = hotel.told(9, &command);
    let text = harmed["error"].to_string();
    assert!(text.contains("Alan Turing"), "{harmed:#}");
    // No command of the tool makes a card, and none is said to.
    let hint = harmed["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("encoder"), "{hint}");
    assert!(!hint.contains("gives the access back"), "{hint}");
    for command in commands(&harmed) {
        hotel.told(0, &command);
    }
    hotel.told(0, "recover");
}

#[test]
fn without_waiting_nothing_is_verified_and_the_earlier_key_is_left_and_named() {
    for (command, email) in [
        (
            "update --guest grace@example.com --also Pool --yes",
            "grace@example.com",
        ),
        (
            "issue --room 101 --guest grace@example.com --nights 4 --replace --yes",
            "grace@example.com",
        ),
    ] {
        let hotel = Hotel::open();
        hotel.reading("replacement", "none");
        let old = hotel.live(email)[0]["acs_credential_id"].clone();
        hotel.forget_requests();
        let done = hotel.told(0, &format!("{command} --wait 0"));
        let warnings = done["warnings"].as_array().unwrap();
        let of = |code: &str| warnings.iter().find(|warning| warning["code"] == code);
        assert!(of("not_verified").is_some(), "{command}: {done:#}");
        let left = of("old_key_left").unwrap_or_else(|| panic!("{command}: {done:#}"));
        let writes = hotel.writes();
        assert!(
            !writes.iter().any(|path| path.ends_with("/delete")),
            "{writes:?}"
        );
        assert_eq!(hotel.live(email).len(), 2, "{command}");
        // The warning's command removes it, and only it.
        let text = left["message"].as_str().unwrap();
        let typed = text
            .split('`')
            .find_map(|part| part.strip_prefix("roomkey "));
        assert!(typed.unwrap().contains(old.as_str().unwrap()), "{text}");
        hotel.told(0, &format!("{} --yes", typed.unwrap()));
        let now = hotel.live(email);
        assert_eq!(now.len(), 1, "{command}: {now:#?}");
        assert_ne!(now[0]["acs_credential_id"], old);
    }
    // With the time to look, the same command leaves one key and no such warning.
    let hotel = Hotel::open();
    hotel.reading("replacement", "none");
    let done = hotel.told(0, "update --guest grace@example.com --also Pool --yes");
    assert_eq!(done["warnings"], json!([]), "{done:#}");
    assert_eq!(hotel.live("grace@example.com").len(), 1);
    assert_eq!(
        done["data"]["replaced"].as_array().map(Vec::len),
        Some(1),
        "{done:#}"
    );
}

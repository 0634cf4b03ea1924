//! Which doors a command can open, and what texts from outside do to its lines.

use serde_json::json;

use crate::support::{Hotel, Ran, roomkey};

/// Puts a guest on record past the tool.
fn put_on_record(hotel: &Hotel, name: &str, email: &str) {
    let system =
        &hotel.call("/acs/users/list", &json!({ "limit": 1 }))["acs_users"][0]["acs_system_id"];
    let identity = hotel.call(
        "/user_identities/create",
        &json!({ "full_name": name, "email_address": email }),
    );
    let id = &identity["user_identity"]["user_identity_id"];
    let user = hotel.call(
        "/acs/users/create",
        &json!({ "acs_system_id": system, "user_identity_id": id, "full_name": name }),
    );
    assert_eq!(user["acs_user"]["full_name"], name, "{user}");
}

#[test]
fn every_command_on_a_simulated_hotel_says_so() {
    let home = tempfile::TempDir::new().unwrap();
    let run = |variables: &[(&str, &str)], words: &[&str]| -> Ran {
        let mut command = roomkey(home.path());
        command
            .env_remove("ROOMKEY_SANDBOX")
            .env_remove("SEAM_ENDPOINT")
            .env_remove("SEAM_API_KEY");
        command
            .envs(variables.iter().copied())
            .args(words)
            .output()
            .unwrap()
            .into()
    };
    let says = |ran: &Ran| {
        ran.stderr
            .lines()
            .filter(|line| line.contains("no real doors"))
            .count()
    };
    for words in [
        &["rooms"][..],
        &["keys", "--room", "110"],
        &["guests"],
        &["doctor"],
        &["history"],
        &["recover"],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada <ada@example.com>",
            "--nights",
            "1",
            "--dry-run",
        ],
        &["revoke", "--room", "999", "--yes"],
    ] {
        for quiet in [&[][..], &["--quiet"]] {
            let flag = run(&[], &[&["--sandbox"], words, quiet].concat());
            assert_eq!(says(&flag), 1, "{}", flag.told());
            let variable = run(&[("ROOMKEY_SANDBOX", "1")], &[words, quiet].concat());
            assert_eq!(says(&variable), 1, "{}", variable.told());
        }
        let json = run(&[("ROOMKEY_SANDBOX", "1")], &[words, &["--json"]].concat()).json();
        assert_eq!(json["sandbox"], true, "{json}");
    }
    // Where the settings cannot be read and where the command line is wrong, too.
    for (variables, words) in [
        (
            &[("ROOMKEY_SANDBOX", "1"), ("ROOMKEY_TIME_ZONE", "Nowhere")][..],
            &["rooms", "--json"][..],
        ),
        (
            &[("ROOMKEY_SANDBOX", "1")],
            &["rooms", "--nothing", "--json"],
        ),
    ] {
        let json = run(variables, words).exits(2).json();
        assert_eq!(json["sandbox"], true, "{json}");
    }
    assert_eq!(
        run(&[], &["rooms"])
            .exits(4)
            .stderr
            .matches("no real doors")
            .count(),
        0
    );
}

#[test]
fn an_endpoint_on_this_computer_is_a_simulated_hotel() {
    let hotel = Hotel::open();
    let ran = hotel.run(&["rooms", "--quiet"]).exits(0);
    assert!(
        ran.stderr
            .contains(&format!("Simulated hotel at {}", hotel.url)),
        "{}",
        ran.told()
    );
    assert_eq!(hotel.run(&["rooms", "--json"]).json()["sandbox"], true);
}

#[test]
fn a_profile_that_is_pinned_to_real_doors_refuses_a_sandbox() {
    let hotel = Hotel::open();
    let pinned = |doors: &str| {
        let text = format!("[profiles.harbour]\ndoors = \"{doors}\"\n");
        std::fs::write(hotel.file("config.toml"), text).unwrap();
    };
    pinned("real");
    for words in [
        &["rooms"][..],
        &["--sandbox", "rooms"],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "Ada <ada@example.com>",
            "--nights",
            "1",
        ],
        &["history"],
        &["recover"],
    ] {
        let ran = hotel.run(&[words, &["--json"]].concat()).exits(6);
        assert_eq!(ran.json()["error"]["code"], "wrong_doors", "{}", ran.told());
    }
    hotel.run(&["config", "show"]).exits(0);
    pinned("sandbox");
    hotel.run(&["rooms"]).exits(0);
    pinned("both");
    let ran = hotel.run(&["rooms"]).exits(2);
    assert!(ran.stderr.contains("`real` or `sandbox`"), "{}", ran.told());
}

#[test]
fn an_argument_cannot_forge_a_line() {
    let hotel = Hotel::open();
    for words in [
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "x\nError: forged",
            "--nights",
            "1",
        ][..],
        &[
            "issue",
            "--room",
            "1\nError: forged",
            "--guest",
            "x@example.com",
            "--nights",
            "1",
        ],
        &["keys", "--room", "101", "--wait", "x\nError: forged"],
        &["issue\nError: forged"],
    ] {
        let ran = hotel.run(words).exits(2);
        let is_forged = ran
            .stderr
            .lines()
            .any(|line| line.starts_with("Error: forged"));
        assert!(!is_forged, "{}", ran.stderr);
        assert!(ran.stderr.contains("forged"), "{}", ran.stderr);
    }
}

#[test]
fn a_name_from_outside_cannot_forge_a_line() {
    let hotel = Hotel::open();
    let evil = "Ada\nError: all keys revoked\u{2028}\u{9b}31m\u{202e}\u{e0041}\u{3164}\r\u{61c}end";
    put_on_record(&hotel, evil, "ada@example.com");
    for words in [
        &["guests", "ada@example.com"][..],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "ada@example.com",
            "--nights",
            "1",
            "--dry-run",
        ],
        &[
            "issue",
            "--room",
            "101",
            "--guest",
            "ada@example.com",
            "--nights",
            "1",
        ],
        &["keys", "--room", "101"],
        &["revoke", "--room", "101"],
    ] {
        let ran = hotel.run(words);
        let told = ran.told();
        assert!(told.contains("Ada"), "{told}");
        for line in told.lines() {
            assert!(!line.starts_with("Error: all keys"), "{told}");
        }
        assert!(
            !told.chars().any(|c| c != '\n'
                && (c.is_control() || "\u{2028}\u{202e}\u{e0041}\u{3164}\u{61c}".contains(c))),
            "{told:?}"
        );
        let json = hotel.run(&[words, &["--json"]].concat());
        let hostile = |c: char| {
            c != '\n' && (c.is_control() || "\u{2028}\u{202e}\u{e0041}\u{3164}\u{61c}".contains(c))
        };
        assert!(!json.stdout.chars().any(hostile), "{:?}", json.stdout);
    }
    // The value itself is not changed.
    let json = hotel.run(&["guests", "ada@example.com", "--json"]).json();
    assert!(
        json["data"]
            .to_string()
            .contains(&json!(evil).to_string()[1..20]),
        "{json}"
    );
    // What clap repeats of an argument is from outside as well.
    let ran = hotel
        .run(&["keys", "--room", "1\u{9b}31m\u{202e}01"])
        .exits(2);
    assert!(
        !ran.stderr.chars().any(|c| "\u{9b}\u{202e}".contains(c)),
        "{:?}",
        ran.stderr
    );
}

#[test]
fn names_are_found_however_they_are_encoded_and_look_alikes_get_a_remedy() {
    let hotel = Hotel::open();
    let invisible = hotel.run(&["keys", "--room", "10\u{200b}1"]).exits(2);
    assert!(
        invisible.stderr.contains("U+200B") && invisible.stderr.contains("`101`"),
        "{}",
        invisible.told()
    );
    let wide = hotel
        .run(&["keys", "--room", "\u{ff11}\u{ff10}\u{ff11}"])
        .exits(5);
    assert!(
        wide.stderr.contains("full-width") && wide.stderr.contains("`101`"),
        "{}",
        wide.told()
    );
    put_on_record(&hotel, "Zoe\u{308} Mu\u{308}ller", "zoe@example.com");
    let found = hotel.run(&[
        "issue",
        "--room",
        "102",
        "--guest",
        "Zo\u{eb} M\u{fc}ller",
        "--nights",
        "1",
        "--dry-run",
    ]);
    assert_eq!(found.code, 0, "{}", found.told());
}

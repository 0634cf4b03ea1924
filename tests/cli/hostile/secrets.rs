//! The API key leaves the process towards Seam alone.

use std::path::Path;

use super::{KEY, at, ends_within};
use crate::support::{
    Extent, Hotel, Rogue, answer, new_home, roomkey, sampled, side_by_side, split,
};

/// Fails where a key, or a piece of it that is long enough to be one, is in a text.
#[track_caller]
fn has_no_piece(text: &str, key: &str, place: &str) {
    for start in 0..=key.len() - 12 {
        let piece = &key[start..start + 12];
        assert!(!text.contains(piece), "{piece} in {place}: {text}");
    }
}

#[track_caller]
fn has_no_key(text: &str, place: &str) {
    has_no_piece(text, KEY, place);
}

/// The same for every file below a folder.
fn folder_has_no_key(folder: &Path, key: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            folder_has_no_key(&path, key);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            has_no_piece(&text, key, &path.display().to_string());
        }
    }
}

/// Everything a server may answer that has the key in it.
fn echoes() -> Vec<(&'static str, String, String)> {
    let api = |word: &str, message: &str, validation: &str| {
        format!(
            r#"{{"error":{{"type":"{word}","message":"{message}","validation_errors":{validation}}}}}"#
        )
    };
    let escaped = KEY.replace('_', r"\u005f");
    let id = |value: &str| format!("seam-request-id: {value}\r\n");
    let mut all = vec![
        ("400 Bad", String::new(), api(KEY, "m", "{}")),
        ("400 Bad", String::new(), api("t", KEY, "{}")),
        ("400 Bad", String::new(), api("t", &escaped, "{}")),
        (
            "400 Bad",
            String::new(),
            api("t", "m", &format!(r#"{{"{KEY}":{{"_errors":["{KEY}"]}}}}"#)),
        ),
        ("400 Bad", id(KEY), api("t", "m", "{}")),
        (
            "401 No",
            id(&format!("req-{KEY}-{KEY}")),
            format!("Bearer {KEY} is not known"),
        ),
        ("500 Oops", String::new(), format!("<html>{KEY}</html>")),
        ("200 OK", id(KEY), format!("{KEY} welcome")),
        ("200 OK", String::new(), format!(r#"{{"{KEY}":1}}"#)),
        (
            "200 OK",
            String::new(),
            format!(
                r#"{{"acs_systems":[{{"acs_system_id":"a","name":"{KEY}","external_type":"{KEY}"}}]}}"#
            ),
        ),
        (
            "200 OK",
            String::new(),
            format!(r#"{{"acs_systems":[{{"acs_system_id":["{KEY}"]}}]}}"#),
        ),
    ];
    // Straddling every place where a text may be cut.
    for length in [30, 45, 55, 85, 95, 120, 180, 195, 480, 495] {
        let filler = "x".repeat(length);
        all.push(("502 Bad", String::new(), format!("{filler}{KEY}")));
        all.push(("200 OK", String::new(), format!("{filler}{KEY}")));
        all.push((
            "400 Bad",
            id(&format!("{filler}{KEY}")),
            api(&format!("{filler}{KEY}"), &format!("{filler}{KEY}"), "{}"),
        ));
    }
    all
}

sampled!(whatever_a_server_echoes_the_key_is_not_printed_or_stored);

fn whatever_a_server_echoes_the_key_is_not_printed_or_stored(extent: Extent) {
    side_by_side(&extent.of(echoes(), 5), |(status, headers, body)| {
        let (said, head, text) = (*status, headers.clone(), body.clone());
        let rogue = Rogue::alone(move |_, stream| answer(stream, said, &head, &text));
        let home = new_home();
        for words in [&["rooms", "-v", "--json"][..], &["doctor"]] {
            let mut command = at(&rogue.url, home.path());
            let ran = ends_within(20, command.args(words).args(["--timeout", "0.5"]));
            has_no_key(&ran.told(), &format!("{status} {headers}{body}"));
        }
        folder_has_no_key(home.path(), KEY);
    });
}

#[test]
fn an_echo_in_the_middle_of_a_write_is_not_stored_either() {
    let hotel = Hotel::open();
    let key = hotel.api_key.clone();
    let body = format!(r#"{{"error":{{"type":"t{key}","message":"m{key}"}}}}"#);
    let headers = format!("seam-request-id: {key}\r\n");
    let rogue = Rogue::before(&hotel.url, move |path, stream| {
        path == "/acs/credentials/create" && answer(stream, "500 Oops", &headers, &body)
    });
    let mut command = hotel.command();
    command.env("SEAM_ENDPOINT", &rogue.url).args(split(
        "issue --room 101 --guest jane@example.com --nights 1 --json -v --timeout 2 --settle 0.1",
    ));
    let ran = ends_within(20, &mut command).exits(8);
    assert!(
        ran.json()["error"]["request_id"] == "[redacted]",
        "{ran:#?}"
    );
    has_no_piece(&ran.told(), &hotel.api_key, "the answer");
    let history = hotel.run(&["history", "--json"]);
    has_no_piece(&history.told(), &hotel.api_key, "the history");
    folder_has_no_key(hotel.home.path(), &hotel.api_key);
}

#[test]
fn a_key_in_a_wrong_place_is_not_quoted_back() {
    let home = new_home();
    std::fs::write(
        home.path().join("config.toml"),
        format!("[profiles.a]\nname = \"A\"\napi_key = \"{KEY}\"\n"),
    )
    .unwrap();
    let ran = ends_within(9, roomkey(home.path()).args(["config", "show"])).exits(2);
    has_no_key(&ran.told(), "the error");
    assert!(
        ran.stderr.contains("line 3") && ran.stderr.contains("api_key"),
        "{ran:#?}"
    );
    std::fs::remove_file(home.path().join("config.toml")).unwrap();

    for (endpoint, code) in [
        (format!("https://{KEY}@connect.getseam.com"), 2),
        (format!("https://user:{KEY}@connect.getseam.com"), 2),
        (format!("https://connect.getseam.com?key={KEY}"), 2),
        (format!("https://connect.getseam.com/{KEY}"), 2),
        (format!("https://{KEY}"), 2),
        (KEY.to_owned(), 2),
        (format!("http//{KEY}@x"), 2),
    ] {
        let mut command = at(&endpoint, home.path());
        let ran = ends_within(9, command.args(["config", "show"])).exits(code);
        has_no_key(&ran.told(), &endpoint);
    }
    let mut command = at("https://connect.getseam.com", home.path());
    command.env("HTTPS_PROXY", format!("http://desk:{KEY}@127.0.0.1:9"));
    let ran = ends_within(9, command.args(["config", "show"])).exits(0);
    has_no_key(&ran.told(), "config show");
    assert!(ran.stdout.contains("http://127.0.0.1:9"), "{ran:#?}");
    let ran = ends_within(20, command.args(["--timeout", "1"]).args(["-v"]));
    has_no_key(&ran.told(), "the error");
}

#[test]
fn a_key_in_the_place_of_another_setting_or_argument_is_not_quoted_back() {
    const OTHER: &str = "hotel-key-4711-abcdefgh";
    let home = new_home();
    let config = home.path().join("config.toml");
    let run = |words: &[&str], variable: (&str, &str)| {
        let mut command = at("https://127.0.0.1:1", home.path());
        command
            .env("SEAM_API_KEY", OTHER)
            .env(variable.0, variable.1);
        let ran = ends_within(20, command.args(words).args(["--timeout", "0.2"]));
        for key in [KEY, OTHER] {
            has_no_piece(&ran.told(), key, &format!("{words:?} {variable:?}"));
        }
        ran
    };
    let none = ("COLUMNS", "100");
    for key in [KEY, OTHER] {
        for setting in [
            "time_zone",
            "doors",
            "check_in",
            "check_out",
            "day_starts",
            "system",
            "workspace",
            "credential_manager",
            "card_format",
            "name",
            "label",
        ] {
            let text = format!("[profiles.a]\n{setting} = \"{key}\"\n");
            std::fs::write(&config, text).unwrap();
            for words in [
                &["config", "show"][..],
                &["rooms"],
                &["--sandbox", "rooms", "--json"],
            ] {
                run(words, none);
            }
        }
        for text in [
            format!("default_profile = \"{key}\""),
            format!("[profiles.{key}]\nname = 1"),
            format!("[profiles.{key}]\ncheck_in = \"x\""),
            format!("[profiles.{key}]\nalso = [\"{key}\"]"),
            format!("[profiles.{key}]\n[profiles.b]"),
        ] {
            std::fs::write(&config, text).unwrap();
            run(&["config", "show"], none);
            run(&["rooms", "--profile", key, "--json"], none);
        }
        std::fs::remove_file(&config).unwrap();
        for words in [
            &["rooms", "--profile", key][..],
            &["rooms", "--time-zone", key],
            &["rooms", "--reading", key],
            &["rooms", "--wait", key],
            &["rooms", "--wait", key, "--json"],
            &[key],
            &[key, "--json"],
            &["--sandbox", "rooms", "--system", key],
            &[
                "--sandbox",
                "issue",
                "--room",
                key,
                "--guest",
                key,
                "--nights",
                "1",
            ],
            &[
                "--sandbox",
                "issue",
                "--room",
                "101",
                "--guest",
                key,
                "--nights",
                "1",
            ],
            &["--sandbox", "keys", "--guest", key, "--json"],
            &["--sandbox", "recover", key],
            &["batch", key],
        ] {
            run(words, none);
        }
        for name in [
            "ROOMKEY_TIME_ZONE",
            "ROOMKEY_SANDBOX",
            "ROOMKEY_PROFILE",
            "HTTPS_PROXY",
        ] {
            run(&["rooms"], (name, key));
        }
    }
}

#[test]
fn an_address_that_is_no_https_address_of_a_server_gets_nothing() {
    let home = new_home();
    let rogue = Rogue::alone(|_, stream| answer(stream, "200 OK", "", "{}"));
    let port = rogue.url.rsplit(':').next().unwrap().to_owned();
    for endpoint in [
        format!("HTTP://seam.test:{port}"),
        format!(" http://seam.test:{port}"),
        format!("http:/seam.test:{port}"),
        format!("http:\\\\seam.test:{port}"),
        format!("ht\ntp://seam.test:{port}"),
        "not a url".to_owned(),
        "https://".to_owned(),
        "//seam.test".to_owned(),
        "ftp://127.0.0.1".to_owned(),
    ] {
        let mut command = at(&endpoint, home.path());
        // An open line would go through this proxy.
        command
            .env("HTTP_PROXY", &rogue.url)
            .env("http_proxy", &rogue.url);
        let ran = ends_within(9, command.args(["rooms", "--json"])).exits(2);
        let message = ran.json()["error"]["message"].to_string();
        assert!(message.contains("SEAM_ENDPOINT"), "{endpoint:?}: {message}");
    }
    assert_eq!(rogue.seen(), [""; 0]);
}

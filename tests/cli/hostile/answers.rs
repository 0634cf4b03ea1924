//! Answers that are none, are broken, or are not what the schema says.

use super::{KEY, at, ends_within};
use crate::support::{Extent, Fate, Hotel, Rogue, answer, new_home, sampled, send, side_by_side};

const ISSUE: [&str; 10] = [
    "issue",
    "--room",
    "101",
    "--guest",
    "jane@example.com",
    "--nights",
    "1",
    "--json",
    "--wait",
    "1",
];

/// Raw answers. None of them is one of the API's.
fn wire() -> Vec<(&'static str, Vec<u8>)> {
    let json = |body: &str| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let deep = format!(
        "{{\"acs_systems\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let many = "x-a: b\r\n".repeat(500);
    vec![
        ("nothing", vec![]),
        ("garbage", b"\0\xff\x01 garbage\r\n\r\n".to_vec()),
        ("half a head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        ("HTTP/0.9", b"{\"acs_systems\":[]}".to_vec()),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("ssh", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        ("TLS alert", vec![0x15, 3, 1, 0, 2, 2, 40]),
        ("status 000", b"HTTP/1.1 000 X\r\n\r\n".to_vec()),
        ("status 999", b"HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n".to_vec()),
        ("status 204", b"HTTP/1.1 204 No\r\n\r\n".to_vec()),
        ("status 101", b"HTTP/1.1 101 Switch\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec()),
        ("many continues", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(2000)),
        ("many headers", format!("HTTP/1.1 200 OK\r\n{many}\r\n").into_bytes()),
        ("a huge header", format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(2 << 20)).into_bytes()),
        ("two lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 9\r\n\r\n{}".to_vec()),
        ("negative length", b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}".to_vec()),
        ("short body", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"acs_systems\":[".to_vec()),
        ("wrong chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n".to_vec()),
        ("huge chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}".to_vec()),
        ("gzip", b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00".to_vec()),
        ("empty body", json("")),
        ("null", json("null")),
        ("a list", json("[]")),
        ("a number", json("1e400")),
        ("no list", json(r#"{"ok":true}"#)),
        ("list is null", json(r#"{"acs_systems":null}"#)),
        ("list is text", json(r#"{"acs_systems":"x"}"#)),
        ("list of null", json(r#"{"acs_systems":[null]}"#)),
        ("wrong types", json(r#"{"acs_systems":[{"acs_system_id":1,"name":[],"location":"x"}]}"#)),
        ("twice", json(r#"{"acs_systems":[],"acs_systems":[{}]}"#)),
        ("deep", json(&deep)),
        ("BOM", json("\u{feff}{\"acs_systems\":[]}")),
        ("bad UTF-8", [json("").as_slice(), b""].concat().into_iter().chain(*b"\xff\xfe").collect()),
        ("lone surrogate", json(r#"{"acs_systems":[{"acs_system_id":"\ud800","name":"\udfff"}]}"#)),
        ("control characters", json("{\"acs_systems\":[{\"acs_system_id\":\"a\\u001b[2J\\r\\u0000\"}]}")),
        ("HTML", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>hi</html>".to_vec()),
    ]
}

sampled!(a_read_ends_in_words_whatever_comes_back);

fn a_read_ends_in_words_whatever_comes_back(extent: Extent) {
    side_by_side(&extent.of(wire(), 5), |(name, bytes)| {
        let bytes = bytes.clone();
        let rogue = Rogue::alone(move |_, stream| {
            send(stream, &bytes);
            true
        });
        let home = new_home();
        for words in [&["rooms", "--json"][..], &["doctor", "--json"]] {
            let mut command = at(&rogue.url, home.path());
            let ran = ends_within(10, command.args(words).args(["--timeout", "1"]));
            assert!([1, 5, 7].contains(&ran.code), "{name}: {ran:#?}");
            assert!(!ran.told().contains(KEY), "{name}");
        }
    });
}

sampled!(a_create_with_a_spoilt_answer_is_found_and_never_made_twice);

/// The key is made, and the answer to its create is spoilt in every way.
fn a_create_with_a_spoilt_answer_is_found_and_never_made_twice(extent: Extent) {
    side_by_side(&extent.of(wire(), 7), |(name, bytes)| {
        let bytes = bytes.clone();
        let hotel = Hotel::open();
        let rogue = Rogue::before(&hotel.url, move |path, _| match path {
            "/acs/credentials/create" => Fate::Spoilt(bytes.clone()),
            _ => Fate::PassedOn,
        });
        let mut command = hotel.command();
        command.env("SEAM_ENDPOINT", &rogue.url).args(ISSUE).args([
            "--timeout",
            "1",
            "--settle",
            "0.5",
        ]);
        let ran = ends_within(15, &mut command);
        // What is not certain is never called a failure without effect.
        assert!([0, 8].contains(&ran.code), "{name}: {ran:#?}");
        assert_eq!(hotel.live("jane@example.com").len(), 1, "{name}: {ran:#?}");
        let creates = hotel.writes();
        assert_eq!(creates, ["/acs/credentials/create"], "{name}");
    });
}

sampled!(a_create_that_never_arrives_is_not_called_done);

/// The create never arrives. It is sent again only once reading has shown that it had no effect.
fn a_create_that_never_arrives_is_not_called_done(extent: Extent) {
    side_by_side(&extent.of(wire(), 8), |(name, bytes)| {
        let bytes = bytes.clone();
        let hotel = Hotel::open();
        let rogue = Rogue::before(&hotel.url, move |path, stream| {
            path == "/acs/credentials/create" && {
                send(stream, &bytes);
                true
            }
        });
        let mut command = hotel.command();
        command.env("SEAM_ENDPOINT", &rogue.url).args(ISSUE).args([
            "--timeout",
            "1",
            "--settle",
            "0.2",
        ]);
        let ran = ends_within(15, &mut command);
        assert!([1, 8].contains(&ran.code), "{name}: {ran:#?}");
        assert_eq!(hotel.live("jane@example.com").len(), 0, "{name}");
    });
}

#[test]
fn a_redirect_is_not_followed() {
    let other = Rogue::alone(|_, stream| {
        send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        true
    });
    for status in ["301", "302", "303", "307", "308"] {
        let target = format!("location: {}/x\r\n", other.url);
        let rogue =
            Rogue::alone(move |_, stream| answer(stream, &format!("{status} Moved"), &target, ""));
        let home = new_home();
        let mut command = at(&rogue.url, home.path());
        ends_within(10, command.args(["rooms", "--json"])).exits(1);
    }
    assert_eq!(other.seen(), [""; 0]);
}

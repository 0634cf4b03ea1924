//! How large an answer and how long a list may be.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{at, ends_within};
use crate::support::{Rogue, answer, new_home, send};

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn bounded(setting: &str) -> tempfile::TempDir {
    let home = new_home();
    let text = format!("[profiles.a]\n{setting}\n");
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    home
}

#[test]
fn a_body_without_end_is_left_and_the_bound_is_named() {
    let rogue = Rogue::alone(|_, stream| {
        let part = [
            b"100000\r\n".to_vec(),
            vec![b' '; 1 << 20],
            b"\r\n".to_vec(),
        ]
        .concat();
        let mut goes_on = send(stream, CHUNKED);
        while goes_on {
            goes_on = send(stream, &part);
        }
        true
    });
    let home = bounded("answer_mib = 3");
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(20, command.args(["rooms", "--json", "--timeout", "15"])).exits(1);
    let error = ran.json()["error"].to_string();
    assert!(
        error.contains("more than 3 MiB") && error.contains("answer_mib"),
        "{error}"
    );
    // The usual bound holds too.
    let home = new_home();
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(40, command.args(["rooms", "--json", "--timeout", "30"])).exits(1);
    assert!(ran.stdout.contains("more than 64 MiB"), "{ran:#?}");
}

#[test]
fn an_announced_size_is_enough() {
    let rogue = Rogue::alone(|_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
        send(stream, head.as_bytes());
        std::thread::park(); // The body never comes.
        true
    });
    let home = new_home();
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(10, command.args(["rooms", "--json", "--timeout", "9"])).exits(1);
    assert!(ran.stdout.contains("answer_mib"), "{ran:#?}");
}

/// A server whose lists have one more page, always.
fn endless(pause_ms: u64) -> Rogue {
    endless_of(pause_ms, 0)
}

/// The same, with so many bytes more on each page.
fn endless_of(pause_ms: u64, more: usize) -> Rogue {
    let count = AtomicU64::new(0);
    Rogue::alone(move |path, stream| {
        let page = count.fetch_add(1, Ordering::SeqCst);
        let list = path
            .trim_start_matches('/')
            .replace("/list", "")
            .replace('/', "_");
        let item = match path {
            "/acs/systems/list" => {
                r#"{"acs_system_id":"s","name":"H","external_type":"visionline_system","is_credential_manager":false,"location":{"time_zone":"Europe/Berlin"}}"#
            }
            _ => "",
        };
        std::thread::sleep(std::time::Duration::from_millis(pause_ms)); // The server's own.
        let more = " ".repeat(more);
        let body = format!(
            r#"{{"{list}":[{item}],{more}"pagination":{{"has_next_page":true,"next_page_cursor":"c{page}"}},"ok":true}}"#
        );
        answer(stream, "200 OK", "", &body)
    })
}

#[test]
fn many_pages_that_are_small_enough_each_are_too_many_bytes_together() {
    let home = bounded("list_mib = 2");
    let rogue = endless_of(0, 300_000);
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(20, command.args(["rooms", "--json"])).exits(1);
    let error = ran.json()["error"].to_string();
    assert!(
        error.contains("the list has more than 2 MiB") && error.contains("`list_mib`"),
        "{error}"
    );
    assert!(rogue.seen().len() < 20, "{}", rogue.seen().len());
}

#[test]
fn cursors_without_end_are_left_and_the_bound_is_named() {
    let home = bounded("list_pages = 20");
    let rogue = endless(0);
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(20, command.args(["rooms", "--json"])).exits(1);
    let error = ran.json()["error"].to_string();
    assert!(
        error.contains("more than 20 pages") && error.contains("list_pages"),
        "{error}"
    );

    let home = bounded("list_seconds = 2");
    let rogue = endless(100);
    let mut command = at(&rogue.url, home.path());
    let ran = ends_within(20, command.args(["rooms", "--json"])).exits(1);
    let error = ran.json()["error"].to_string();
    assert!(
        error.contains("longer than 2 s") && error.contains("list_seconds"),
        "{error}"
    );
}

//! How much is asked at once, and what happens when nobody answers any more.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Group, newcomers};
use crate::support::Ran;

/// How many requests were on their way at one moment, at most.
#[derive(Default)]
struct Seen {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Stands between the tool and the hotel, and counts; its address.
fn between(hotel: &str) -> (String, Arc<Seen>) {
    let hotel = hotel.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Seen::default());
    let counter = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, hotel) = (stream.unwrap(), TcpStream::connect(&hotel).unwrap());
            let seen = Arc::clone(&counter);
            std::thread::spawn(move || pass_on(&stream, &hotel, &seen));
        }
    });
    (url, seen)
}

fn pass_on(client: &TcpStream, hotel: &TcpStream, seen: &Seen) {
    let (mut from, mut back) = (BufReader::new(client), BufReader::new(hotel));
    while let Some(request) = message(&mut from) {
        let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most.fetch_max(now, Ordering::SeqCst);
        let (mut to_hotel, mut to_client) = (hotel, client);
        to_hotel.write_all(&request).unwrap();
        let answer = message(&mut back).unwrap();
        seen.now.fetch_sub(1, Ordering::SeqCst);
        to_client.write_all(&answer).unwrap();
    }
}

/// A request or an answer, with the body that its head announces; nothing where the other end is done.
fn message(from: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut whole = vec![];
    let mut length = 0;
    loop {
        let begun = whole.len();
        if from.read_until(b'\n', &mut whole).unwrap_or(0) == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&whole[begun..]).to_lowercase();
        if let Some(size) = line.strip_prefix("content-length:") {
            length = size.trim().parse().unwrap();
        }
        assert!(!line.starts_with("transfer-encoding"), "{line}");
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).unwrap();
    whole.extend(body);
    Some(whole)
}

#[test]
fn no_more_requests_are_in_flight_than_were_asked_for() {
    for jobs in [1, 3, 8] {
        let group = Group::new(&newcomers(20));
        group.hotel.control("POST", "latency", &json!({ "ms": 10 }));
        let (url, seen) = between(&group.hotel.url);
        let mut command = group.hotel.command();
        let jobs_word = jobs.to_string();
        command
            .env("SEAM_ENDPOINT", url)
            .args(group.words(&["--yes", "--jobs", &jobs_word]));
        Ran::from(command.output().unwrap()).exits(0);
        assert_eq!(seen.most.load(Ordering::SeqCst), jobs, "--jobs {jobs}");
        assert_eq!(group.keys().len(), 21);
    }
}

#[test]
fn where_nobody_answers_any_more_the_rest_is_not_begun() {
    let mut group = Group::new(&newcomers(40));
    group.hotel.control("POST", "latency", &json!({ "ms": 20 }));
    let process = group
        .hotel
        .command()
        .args(group.words(&["--yes", "--json", "--jobs", "2", "--timeout", "0.5"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    group.hotel.until_seen("/acs/credentials/create");
    group.hotel.close();
    let ran = Ran::from(process.wait_with_output().unwrap()).exits(3);
    let mut lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.pop().unwrap();
    assert_eq!(lines.len(), 40);
    let totals = &summary["data"]["totals"];
    assert!(totals["not_started"].as_u64().unwrap() > 5, "{summary}");
    let text = summary["error"]["message"].as_str().unwrap();
    assert!(text.contains("cannot be reached any more"), "{text}");
    let file = std::fs::read_to_string(group.hotel.file("arrivals.result.csv")).unwrap();
    for word in [
        "done",
        "already",
        "refused",
        "failed",
        "unknown",
        "no_access",
        "not_started",
    ] {
        let told = lines.iter().filter(|line| line["outcome"] == word).count();
        assert_eq!(totals[word], told, "{word}: {summary}");
        assert_eq!(file.matches(&format!(",{word},")).count(), told, "{file}");
    }
}

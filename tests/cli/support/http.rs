//! A small HTTP client, so that the tests do not speak through the code under test.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// One call; the JSON of the answer, whatever its status.
pub(crate) fn call(url: &str, method: &str, path: &str, key: Option<&str>, body: &Value) -> Value {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let key = key
        .map(|key| format!("authorization: Bearer {key}\r\n"))
        .unwrap_or_default();
    // In one piece: two would wait for each other's acknowledgement.
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{key}connection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, mut text) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{answer}"));
    let joined;
    if head.to_lowercase().contains("transfer-encoding: chunked") {
        joined = unchunk(text);
        text = &joined;
    }
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {answer}"))
}

fn unchunk(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        text = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

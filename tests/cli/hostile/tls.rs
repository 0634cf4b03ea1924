//! A hotel's proxy that opens encrypted connections, with a certificate authority of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{KEY, ends_within};
use crate::support::{new_home, roomkey};

/// A proxy that answers in the place of `connect.getseam.com`.
struct Proxy {
    home: tempfile::TempDir,
    address: String,
    authority: PathBuf,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn open() -> Self {
        Self::open_with(false)
    }

    /// Opens the proxy with a certificate of its authority, or with one that it has made for itself.
    fn open_with(own: bool) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let names = vec!["connect.getseam.com".to_owned()];
        let mut authority = CertificateParams::new(names).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).unwrap();
        let own_key = authority_key.serialize_der();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let names = vec!["connect.getseam.com".to_owned()];
        let leaf = CertificateParams::new(names).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let (shown, key) = if own {
            (root.der().to_vec(), own_key)
        } else {
            (leaf.der().to_vec(), key.serialize_der())
        };

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(shown)],
                PrivateKeyDer::try_from(key).unwrap(),
            )
            .unwrap();
        let home = new_home();
        let file = home.path().join("authority.pem");
        std::fs::write(&file, root.pem()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(vec![]));
        let (config, log) = (Arc::new(config), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (config, log) = (Arc::clone(&config), Arc::clone(&log));
                std::thread::spawn(move || tunnel(stream.unwrap(), config, &log));
            }
        });
        Self {
            home,
            address,
            authority: file,
            seen,
        }
    }

    fn command(&self) -> Command {
        let mut command = roomkey(self.home.path());
        command
            .env("SEAM_API_KEY", KEY)
            .env(
                "HTTPS_PROXY",
                format!("http://desk:hunter2@{}", self.address),
            )
            .args(["rooms", "--json"]);
        command
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads a head, says that the tunnel is open, and answers one request in it.
fn tunnel(stream: TcpStream, config: Arc<ServerConfig>, log: &Mutex<Vec<String>>) {
    let mut from = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if from.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    log.lock().unwrap().push(head);
    let mut to = stream;
    to.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .unwrap();
    let mut inside = StreamOwned::new(ServerConnection::new(config).unwrap(), to);
    let mut request = [0; 8192];
    let Ok(length) = inside.read(&mut request) else {
        return;
    };
    let text = String::from_utf8_lossy(&request[..length]).into_owned();
    log.lock().unwrap().push(text);
    let body = r#"{"error":{"type":"unauthorized","message":"who are you"}}"#;
    let _ = write!(
        inside,
        "HTTP/1.1 401 No\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

#[test]
fn an_authority_that_is_not_known_is_named_with_the_way_out_and_the_way_out_works() {
    let proxy = Proxy::open();
    let ran = ends_within(20, &mut proxy.command()).exits(7);
    let message = ran.json()["error"]["message"].to_string();
    for part in [
        "UnknownIssuer",
        "SSL_CERT_FILE",
        "through the proxy 127.0.0.1",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!ran.told().contains("hunter2"), "{ran:#?}");
    let seen = proxy.seen();
    assert!(
        seen[0].starts_with("CONNECT connect.getseam.com:443"),
        "{seen:?}"
    );
    assert!(
        seen[0]
            .to_lowercase()
            .contains("proxy-authorization: basic"),
        "{seen:?}"
    );
    assert!(seen.iter().all(|text| !text.contains(KEY)), "{seen:?}");

    let mut command = proxy.command();
    let ran = ends_within(20, command.env("SSL_CERT_FILE", &proxy.authority)).exits(4);
    assert!(ran.stdout.contains("who are you"), "{ran:#?}");
    let is_request = |text: &String| text.starts_with("POST /") && text.contains(KEY);
    assert!(proxy.seen().iter().any(is_request), "{:?}", proxy.seen());
}

#[test]
fn a_file_that_has_no_certificates_is_named() {
    let proxy = Proxy::open();
    let (empty, text) = (
        proxy.home.path().join("empty.pem"),
        proxy.home.path().join("text.pem"),
    );
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&text, "no certificate\n").unwrap();
    for (file, words) in [
        (empty, "which is empty"),
        (text, "which has no certificate in PEM form"),
        (PathBuf::from("/nonexistent/ca.pem"), "which cannot be read"),
    ] {
        let mut command = proxy.command();
        let ran = ends_within(20, command.env("SSL_CERT_FILE", &file)).exits(1);
        let error = &ran.json()["error"];
        let message = error["message"].as_str().unwrap();
        let named = format!("`SSL_CERT_FILE` names {}, {words}", file.display());
        assert!(message.contains(&named), "{error}");
        assert!(!message.contains("apt install"), "{error}");
        assert!(
            !error["hint"].to_string().contains("SEAM_ENDPOINT"),
            "{error}"
        );
    }
}

#[test]
fn a_certificate_that_a_server_made_for_itself_has_a_remedy() {
    let proxy = Proxy::open_with(true);
    for trusted in [true, false] {
        let mut command = proxy.command();
        if trusted {
            command.env("SSL_CERT_FILE", &proxy.authority);
        }
        let ran = ends_within(20, &mut command).exits(7);
        let message = ran.json()["error"]["message"].to_string();
        assert!(message.contains("SSL_CERT_FILE"), "{message}");
        assert!(proxy.seen().iter().all(|text| !text.contains(KEY)));
    }
}

#[test]
fn a_proxy_that_is_not_used_is_not_blamed() {
    let home = new_home();
    for (list, is_used) in [
        ("seam.invalid", false),
        (".invalid", false),
        ("*", false),
        ("example.com", true),
    ] {
        let mut command = roomkey(home.path());
        command
            .env("SEAM_API_KEY", KEY)
            .env("SEAM_ENDPOINT", "https://seam.invalid")
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("NO_PROXY", list)
            .args(["rooms", "--json", "--timeout", "1"]);
        let ran = ends_within(20, &mut command).exits(7);
        assert_eq!(
            ran.stdout.contains("through the proxy"),
            is_used,
            "{list}: {ran:#?}"
        );
    }
}

#[test]
fn a_proxy_that_is_no_address_is_an_error_and_nothing_is_sent_past_it() {
    let home = new_home();
    for (name, value) in [
        ("HTTPS_PROXY", "http://"),
        ("HTTPS_PROXY", "http://proxy:99999"),
        ("https_proxy", "proxy host:3128"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("all_proxy", "::"),
    ] {
        let mut command = roomkey(home.path());
        command.env("SEAM_API_KEY", KEY).env(name, value);
        let ran = ends_within(9, command.args(["rooms", "--json"])).exits(2);
        assert!(ran.stdout.contains(name), "{ran:#?}");
        // The sandbox and this machine are reached past any proxy.
        let mut command = roomkey(home.path());
        command
            .env(name, value)
            .args(["--sandbox", "rooms", "--json"]);
        ends_within(20, &mut command).exits(0);
    }
}

/// Certificates may lie on another machine, whose answer does not come: a pipe that nobody writes to.
#[test]
fn certificates_that_cannot_be_read_in_time_keep_nobody_waiting() {
    let proxy = Proxy::open();
    let pipe = proxy.home.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut command = proxy.command();
    command.env("SSL_CERT_FILE", &pipe).args(["--timeout", "1"]);
    ends_within(9, &mut command).exits(7);
}

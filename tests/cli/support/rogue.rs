//! A server that misbehaves as a test says, and passes on to a hotel what the test leaves alone.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
pub(crate) enum Fate {
    /// The test has answered, or wants no answer given: the connection is closed.
    Answered,
    /// The hotel answers.
    PassedOn,
    /// The hotel gets it, and this comes back in place of its answer.
    Spoilt(Vec<u8>),
}

impl From<bool> for Fate {
    fn from(answered: bool) -> Self {
        if answered {
            Self::Answered
        } else {
            Self::PassedOn
        }
    }
}

type Act = dyn Fn(&str, &mut TcpStream) -> Fate + Send + Sync;

/// Up for as long as the test process lives.
pub(crate) struct Rogue {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Rogue {
    /// Answers every request itself. The test gets the path.
    pub(crate) fn alone<F: Into<Fate>>(
        act: impl Fn(&str, &mut TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::before("", act)
    }

    /// Stands before the hotel with this address.
    pub(crate) fn before<F: Into<Fate>>(
        hotel: &str,
        act: impl Fn(&str, &mut TcpStream) -> F + Send + Sync + 'static,
    ) -> Self {
        let act = move |path: &str, stream: &mut TcpStream| act(path, stream).into();
        let hotel = hotel.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(vec![]));
        let (log, act): (_, Arc<Act>) = (Arc::clone(&seen), Arc::new(act));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (act, log, hotel) = (Arc::clone(&act), Arc::clone(&log), hotel.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &hotel, &*act, &log));
            }
        });
        Self { url, seen }
    }

    /// The requests so far, whole.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer in one piece.
pub(crate) fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &str) -> bool {
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    send(stream, text.as_bytes());
    true
}

/// Writes; `false` where the other end does not listen any more.
pub(crate) fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream
        .write_all(bytes)
        .and_then(|()| stream.flush())
        .is_ok()
}

fn serve(mut client: TcpStream, hotel: &str, act: &Act, log: &Mutex<Vec<String>>) {
    let mut from = BufReader::new(client.try_clone().unwrap());
    let mut behind: Option<BufReader<TcpStream>> = None;
    while let Some(request) = message(&mut from) {
        let text = String::from_utf8_lossy(&request).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        log.lock().unwrap().push(text);
        let fate = act(&path, &mut client);
        if !matches!(fate, Fate::Answered) {
            let behind =
                behind.get_or_insert_with(|| BufReader::new(TcpStream::connect(hotel).unwrap()));
            behind.get_mut().write_all(&request).unwrap();
            let Some(answer) = message(behind) else {
                return;
            };
            let (answer, goes_on) = match fate {
                Fate::Spoilt(answer) => (answer, false),
                _ => (answer, true),
            };
            if send(&mut client, &answer) && goes_on {
                continue;
            }
        }
        let _ = client.shutdown(std::net::Shutdown::Both);
        return;
    }
}

/// A request or an answer, with the body that its head announces; nothing where the other end is done.
fn message(from: &mut impl BufRead) -> Option<Vec<u8>> {
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
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    whole.extend(body);
    Some(whole)
}

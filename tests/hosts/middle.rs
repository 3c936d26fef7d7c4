//! What lies between a host and the mock: it passes everything on, but the answer to one create it never gives, and that to a
//! query late.
//!
//! So the org has done what it was asked, and the caller cannot know: what is to be seen is that nobody sends it again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::message::Message;

/// Which create of an account, from 1, is never answered.
const UNANSWERED: usize = 2;

/// In the query that is answered late.
const LATE: &str = "NoSuchField";
/// Longer than the connector gives a connection, and shorter than the deadline of the programs.
pub(crate) const DELAY: Duration = Duration::from_millis(10_500);

/// The server; its threads end with the process.
#[derive(Debug)]
pub(crate) struct Middle {
    /// Its origin, which stands in for the org's.
    pub(crate) url: String,
    creates: Arc<AtomicUsize>,
}

impl Middle {
    /// Starts it on a free port, before the org at `org`, e.g. `http://127.0.0.1:8080`.
    pub(crate) fn start(org: &str) -> Middle {
        let address = org.strip_prefix("http://").and_then(|address| address.parse::<SocketAddr>().ok());
        let address = address.unwrap_or_else(|| panic!("expected a mock at http://ADDRESS:PORT, not at {org}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let middle = Middle { url, creates: Arc::default() };
        let (url, org, creates) = (middle.url.clone(), org.to_owned(), middle.creates.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (url, org, creates) = (url.clone(), org.clone(), creates.clone());
                thread::spawn(move || {
                    // A client that goes away, or an org that does, ends the exchange; whoever waits for it sees so.
                    let _ = exchange(&client, address, &creates, |body| replaced(body, &org, &url));
                });
            }
        });
        middle
    }

    /// How many creates of an account have arrived.
    pub(crate) fn creates(&self) -> usize {
        self.creates.load(Ordering::SeqCst)
    }
}

/// One request and its answer; the connection is closed after them.
fn exchange(
    client: &TcpStream,
    org: SocketAddr,
    creates: &AtomicUsize,
    rewrite: impl Fn(&[u8]) -> Vec<u8>,
) -> io::Result<()> {
    let Some(mut request) = Message::read(client)? else { return Ok(()) };
    let unanswered = request.creates_an_account() && creates.fetch_add(1, Ordering::SeqCst) + 1 == UNANSWERED;
    let upstream = TcpStream::connect(org)?;
    // To a client of HTTP/1.0 nobody answers in chunks.
    request.start = request.start.replace(" HTTP/1.1", " HTTP/1.0");
    request.write(&upstream)?;
    let Some(mut answer) = Message::read(&upstream)? else { return Ok(()) };
    if unanswered {
        // Until the client gives up.
        return io::copy(&mut &*client, &mut io::sink()).map(|_| ());
    }
    if request.start.contains(LATE) {
        thread::sleep(DELAY);
    }
    answer.start = answer.start.replace("HTTP/1.0", "HTTP/1.1");
    answer.body = rewrite(&answer.body);
    answer.write(client)
}

/// The same text with the org's origin as `instance_url` replaced: a host goes on with what a refresh tells it.
fn replaced(body: &[u8], org: &str, url: &str) -> Vec<u8> {
    let member = |origin| format!("\"instance_url\":\"{origin}\"");
    match std::str::from_utf8(body) {
        Ok(text) => text.replace(&member(org), &member(url)).into_bytes(),
        Err(_) => body.to_owned(),
    }
}

impl Message {
    fn creates_an_account(&self) -> bool {
        let mut words = self.start.split(' ');
        let (method, path) = (words.next(), words.next().unwrap_or_default());
        method == Some("POST") && path.trim_end_matches('/').ends_with("/sobjects/Account")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// An org that answers every request with the same body.
    fn org(body: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if Message::read(&client).unwrap().is_some() {
                    let start = "HTTP/1.1 200 OK".to_owned();
                    Message { start, headers: Vec::new(), body: body.into() }.write(&client).unwrap();
                }
            }
        });
        url
    }

    fn send(middle: &Middle, start: &str) -> TcpStream {
        let stream = TcpStream::connect(middle.url.strip_prefix("http://").unwrap()).unwrap();
        Message { start: start.to_owned(), headers: vec!["X: y".to_owned()], body: b"{}".into() }
            .write(&stream)
            .unwrap();
        stream
    }

    #[test]
    fn everything_is_passed_on_but_the_answer_to_the_second_create() {
        let middle = Middle::start(&org("ok"));
        let create = "POST /services/data/v67.0/sobjects/Account/ HTTP/1.1";
        for request in [create, "PATCH /services/data/v67.0/sobjects/Account/001 HTTP/1.1", "GET / HTTP/1.1"] {
            let answer = Message::read(&send(&middle, request)).unwrap().unwrap();
            assert_eq!((answer.start.as_str(), answer.body.as_slice()), ("HTTP/1.1 200 OK", &b"ok"[..]));
        }
        let mut unanswered = send(&middle, create);
        unanswered.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        unanswered.read_to_end(&mut answer).unwrap();
        assert_eq!((answer, middle.creates()), (Vec::new(), 2));
    }

    #[test]
    fn a_token_answer_leads_back_here() {
        let body = br#"{"instance_url":"http://127.0.0.1:1","id":"http://127.0.0.1:1/id/1"}"#;
        let expected = br#"{"instance_url":"http://127.0.0.1:23456","id":"http://127.0.0.1:1/id/1"}"#;
        assert_eq!(replaced(body, "http://127.0.0.1:1", "http://127.0.0.1:23456"), expected);
    }
}

//! What lies between a host and the mock: it passes everything on, but the answer to one create it never gives.
//!
//! So the org has done what it was asked, and the caller cannot know: what is to be seen is that nobody sends it again.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Which create of an account, from 1, is never answered.
const UNANSWERED: usize = 2;
/// More than any message here; a longer one is somebody's mistake.
const LONGEST: u64 = 1 << 20;

/// The server; its threads end with the process.
#[derive(Debug)]
pub(crate) struct Middle {
    /// Its origin, which stands in for the org's.
    pub(crate) url: String,
    creates: Arc<AtomicUsize>,
}

/// One message of HTTP/1.1, or 1.0.
struct Message {
    /// The first line, without its end.
    start: String,
    /// `Name: value`, without `Connection` and `Content-Length`.
    headers: Vec<String>,
    body: Vec<u8>,
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
    /// None if the peer closes before it says anything.
    fn read(stream: &TcpStream) -> io::Result<Option<Message>> {
        let mut stream = BufReader::new(stream.take(LONGEST));
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 && lines.is_empty() {
                return Ok(None);
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut length = None;
        let mut headers = Vec::new();
        let mut lines = lines.into_iter();
        let start = lines.next().unwrap_or_default();
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.trim().parse::<u64>().map_err(io::Error::other)?),
                "transfer-encoding" => return Err(io::Error::other("expected a body of a known length")),
                "connection" | "keep-alive" => {}
                _ => headers.push(line),
            }
        }
        // RFC 9112 section 6.3: without a length, an answer goes on until the server closes, and a request has no body.
        let length = length.unwrap_or(if start.starts_with("HTTP/") { LONGEST } else { 0 });
        let mut body = Vec::new();
        stream.take(length).read_to_end(&mut body)?;
        Ok(Some(Message { start, headers, body }))
    }

    fn write(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut bytes = self.start.clone().into_bytes();
        // RFC 9110 section 8.6: an answer without content says no length.
        let length = (!self.start.contains(" 204 ")).then(|| format!("Content-Length: {}", self.body.len()));
        for header in self.headers.iter().chain(&length).chain(&["Connection: close".to_owned()]) {
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(header.as_bytes());
        }
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        stream.write_all(&bytes)
    }

    fn creates_an_account(&self) -> bool {
        let mut words = self.start.split(' ');
        let (method, path) = (words.next(), words.next().unwrap_or_default());
        method == Some("POST") && path.trim_end_matches('/').ends_with("/sobjects/Account")
    }
}

#[cfg(test)]
mod tests {
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

//! Messages of HTTP/1.1, or 1.0, whose bodies say how long they are or end with the connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// More than any message here; a longer one is somebody's mistake.
const LONGEST: u64 = 1 << 20;

/// One message.
#[derive(Debug)]
pub(crate) struct Message {
    /// The first line, without its end.
    pub(crate) start: String,
    /// `Name: value`, without `Connection` and `Content-Length`.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// None if the peer closes before it says anything.
    pub(crate) fn read(stream: &TcpStream) -> io::Result<Option<Message>> {
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

    pub(crate) fn write(&self, mut stream: &TcpStream) -> io::Result<()> {
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
}

//! One kept-alive connection: as little work per request as HTTP/1.1 allows.

use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use super::answers::Answers;

const MAX_HEADERS: usize = 64;

/// Where a request's body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Bytes(usize),
    Chunks,
}

#[derive(Debug)]
struct Head {
    /// Bytes of the head itself.
    length: usize,
    body: Body,
    close: bool,
}

/// Answers requests until the client has no more.
pub(super) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answers: &Answers,
    latency: Duration,
) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(2 << 10);
    loop {
        let (head, answer) = loop {
            if let Some(found) = read_head(&buffer, answers)? {
                break found;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        buffer.advance(head.length);
        while !is_whole(&buffer, head.body) {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        match head.body {
            Body::Bytes(length) => buffer.advance(length),
            Body::Chunks => buffer.clear(),
        }
        if !latency.is_zero() {
            sleep(latency).await;
        }
        stream.write_all(&answer).await?;
        stream.flush().await?;
        if head.close {
            return stream.shutdown().await;
        }
    }
}

/// A request's head and what is answered to it; none if the head is not whole yet.
fn read_head(bytes: &[u8], answers: &Answers) -> io::Result<Option<(Head, bytes::Bytes)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let mut head = Head { length, body: Body::Bytes(0), close: false };
    for header in request.headers.iter() {
        if header.name.eq_ignore_ascii_case("content-length") {
            let length = std::str::from_utf8(header.value).ok().and_then(|length| length.parse().ok());
            head.body = Body::Bytes(length.ok_or(io::ErrorKind::InvalidData)?);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            head.body = Body::Chunks;
        } else if header.name.eq_ignore_ascii_case("connection") {
            head.close = header.value.eq_ignore_ascii_case(b"close");
        }
    }
    let answer = answers.to(request.method.unwrap_or_default(), request.path.unwrap_or_default());
    Ok(Some((head, answer)))
}

/// True if all of the body is there. The contestants send one request at a time and no trailers, and no JSON of theirs
/// has an empty line in it.
fn is_whole(bytes: &[u8], body: Body) -> bool {
    match body {
        Body::Bytes(length) => bytes.len() >= length,
        Body::Chunks => bytes.ends_with(b"0\r\n\r\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is answered to these bytes when they come in pieces of this size.
    async fn answers(request: &str, piece: usize) -> String {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let task = tokio::spawn(async move { serve(server, &Answers::prepare(), Duration::ZERO).await });
        for piece in request.as_bytes().chunks(piece) {
            client.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        task.await.unwrap().unwrap();
        answer
    }

    const FIELDS: &str = "GET /services/data/v67.0/sobjects/Account/1?fields=Id HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test]
    async fn bodies_with_a_length_and_in_chunks_are_passed_over() {
        let length = "POST /services/data/v67.0/sobjects/Account/ HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        let chunks = "POST /services/data/v67.0/sobjects/Account/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        for create in [length, chunks] {
            for piece in [1, 7, 1_000] {
                // The chunked body must not come together with the next request: see `is_whole`.
                let answer = answers(create, piece).await + &answers(FIELDS, piece).await;
                assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
                assert!(answer.contains("HTTP/1.1 200 OK\r\n"), "{answer}");
            }
        }
    }

    #[tokio::test]
    async fn a_connection_serves_many_requests_and_closes_when_asked() {
        let last = FIELDS.replace("Host: x", "Connection: close");
        let answer = answers(&format!("{FIELDS}{FIELDS}{last}{FIELDS}"), 10_000).await;
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3);
    }
}

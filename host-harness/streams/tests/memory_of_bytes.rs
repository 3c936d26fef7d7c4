//! 256 MiB of a blob, of rows and of a file through the streams component, one after the other: its memory stays below 2 MiB, and this
//! process, server included, grows by less than 16 MiB. A test binary of its own, so that nobody else takes memory meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails; clippy exempts only functions marked as tests"
)]

mod resident;

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use salesforce_runtime::bindings::types::{CallOptions, Connection};
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{MemoryUse, RuntimeOptions};
use salesforce_streams::bindings::{IngestOperation, NewFile, NewIngestJob};
use salesforce_streams::{COMPONENT, Instance, Runtime};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use resident::resident;

const SMALL: usize = 4 << 20;
const LARGE: usize = 256 << 20;
const ROW_BYTES: usize = 128;
const ROW: [u8; ROW_BYTES] = {
    let mut row = [b'x'; ROW_BYTES];
    row[ROW_BYTES - 1] = b'\n';
    row
};
const GUEST_BYTES: usize = 2 << 20;
const GROWTH_BYTES: usize = 16 << 20;
const DEFAULTS: CallOptions = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: Some(1) };

/// A header row, and as many rows as have so many bytes. Looks at the memory of this process while it is read.
struct Rows {
    header: &'static [u8],
    bytes: usize,
    at: usize,
    most: Arc<AtomicUsize>,
}

impl Rows {
    fn new(header: &'static [u8], bytes: usize) -> (Self, Arc<AtomicUsize>) {
        let most = Arc::new(AtomicUsize::new(resident()));
        (Self { header, bytes, at: 0, most: most.clone() }, most)
    }
}

impl AsyncRead for Rows {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.header.is_empty() {
            buffer.put_slice(self.header);
            self.header = &[];
        }
        let begun = self.at;
        while buffer.remaining() > 0 && self.at < self.bytes {
            let rest = &ROW[self.at % ROW_BYTES..];
            let piece = &rest[..rest.len().min(buffer.remaining())];
            buffer.put_slice(piece);
            self.at += piece.len();
        }
        if begun >> 20 != self.at >> 20 {
            self.most.fetch_max(resident(), Ordering::SeqCst);
        }
        Poll::Ready(Ok(()))
    }
}

/// Serves blobs, and takes jobs and files. Counts the bytes of rows that came, and of files with what is around them.
async fn serve(listener: TcpListener, taken: Arc<AtomicUsize>) {
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        tokio::spawn(answer(BufReader::with_capacity(64 << 10, connection), taken.clone()));
    }
}

async fn answer(mut connection: BufReader<TcpStream>, taken: Arc<AtomicUsize>) {
    loop {
        let (mut line, mut length) = (String::new(), 0_u64);
        if connection.read_line(&mut line).await.unwrap_or_default() == 0 {
            return;
        }
        let (method, path) = line.split_once(' ').unwrap();
        let (method, path) = (method.to_owned(), path.to_owned());
        while line != "\r\n" {
            line.clear();
            connection.read_line(&mut line).await.unwrap();
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.trim().parse().unwrap();
            }
        }
        let mut body = (&mut connection).take(length);
        assert_eq!(tokio::io::copy(&mut body, &mut tokio::io::sink()).await.unwrap(), length);
        match method.as_str() {
            "GET" => blob(&mut connection, if path.contains("068000000000001AAA") { SMALL } else { LARGE }).await,
            "PUT" => {
                taken.fetch_add(chunks(&mut connection).await, Ordering::SeqCst);
                connection.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            }
            "POST" if path.contains("ContentVersion") => {
                taken.fetch_add(usize::try_from(length).unwrap(), Ordering::SeqCst);
                json(&mut connection, "201 Created", r#"{"id":"068000000000001AAA","success":true,"errors":[]}"#).await;
            }
            _ => {
                let state = if method == "POST" { "Open" } else { "UploadComplete" };
                let job = format!(r#"{{"id":"7505e00000HJX0bAAH","state":"{state}"}}"#);
                json(&mut connection, "200 OK", &job).await;
            }
        }
    }
}

async fn json(connection: &mut BufReader<TcpStream>, status: &str, body: &str) {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    connection.write_all((head + body).as_bytes()).await.unwrap();
}

async fn blob(connection: &mut BufReader<TcpStream>, bytes: usize) {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..bytes / (64 << 10) {
        connection.write_all(&[b'x'; 64 << 10]).await.unwrap();
    }
}

/// Reads a body in chunks: how many bytes it had.
async fn chunks(connection: &mut BufReader<TcpStream>) -> usize {
    let (mut bytes, mut line) = (0, String::new());
    let mut buffer = vec![0; 256 << 10];
    loop {
        line.clear();
        connection.read_line(&mut line).await.unwrap();
        let chunk = usize::from_str_radix(line.trim(), 16).unwrap();
        connection.read_exact(&mut buffer[..chunk + 2]).await.unwrap();
        if chunk == 0 {
            return bytes;
        }
        bytes += chunk;
    }
}

/// Downloads a blob: how many bytes it has, and the most memory of this process meanwhile.
async fn download(instance: &Instance, connection: &Connection, id: &str) -> (usize, usize) {
    let mut blob = instance.download(connection.clone(), "ContentVersion", id, "VersionData", DEFAULTS);
    let (mut bytes, mut most) = (0, 0);
    while let Some(piece) = blob.next_piece().await {
        if bytes >> 20 != (bytes + piece.len()) >> 20 {
            most = most.max(resident());
        }
        bytes += piece.len();
    }
    assert_eq!(blob.finish().await.unwrap().total_size, Some(bytes as u64));
    (bytes, most)
}

/// Loads rows of so many bytes: how many jobs that took, and the most memory of this process meanwhile.
async fn load(instance: &Instance, connection: &Connection, bytes: usize, taken: &AtomicUsize) -> (usize, usize) {
    let (rows, most) = Rows::new(b"Name\n", bytes);
    let job = NewIngestJob::new("Account", IngestOperation::Insert);
    let before = taken.load(Ordering::SeqCst);
    let mut jobs = instance.bulk_load(connection.clone(), job, rows, Some(32_000_000), DEFAULTS);
    let mut count = 0;
    while jobs.next().await.is_some() {
        count += 1;
    }
    assert_eq!(jobs.finish().await.unwrap().rows, (bytes / ROW_BYTES) as u64);
    assert_eq!(taken.load(Ordering::SeqCst) - before, bytes + count * b"Name\n".len());
    (count, most.load(Ordering::SeqCst))
}

/// Uploads a file of so many bytes: the most memory of this process meanwhile.
async fn upload(instance: &Instance, connection: &Connection, bytes: usize, taken: &AtomicUsize) -> usize {
    let (data, most) = Rows::new(b"", bytes);
    let before = taken.load(Ordering::SeqCst);
    let file = NewFile::new("a.bin", bytes as u64);
    instance.upload(connection.clone(), file, data, DEFAULTS).await.unwrap();
    assert!(taken.load(Ordering::SeqCst) - before > bytes);
    most.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_quarter_of_a_gigabyte_in_each_direction_takes_some_pieces_of_memory() {
    let taken = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, taken.clone()));
    let code_cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled-streams"));
    let runtime = Runtime::new(RuntimeOptions { code_cache, ..RuntimeOptions::default() }).unwrap();
    let component = runtime.load(COMPONENT).unwrap();
    let policy = EgressPolicy::origins([server.parse().unwrap()]).allow_loopback();
    let memory = MemoryUse::default();
    let execution = component.execution(policy).within(Duration::from_secs(600));
    let instance = execution.reporting_memory(&memory).start();
    let connection = Connection { instance_url: server, access_token: "00D!TOKEN".to_owned(), api_version: None };
    // What both need once, they have then.
    download(&instance, &connection, "068000000000001AAA").await;
    load(&instance, &connection, SMALL, &taken).await;
    upload(&instance, &connection, SMALL, &taken).await;

    let before = resident();
    let (bytes, most) = download(&instance, &connection, "068000000000002AAA").await;
    let (jobs, most_loading) = load(&instance, &connection, LARGE, &taken).await;
    let most_uploading = upload(&instance, &connection, LARGE, &taken).await;
    assert_eq!((bytes, jobs), (LARGE, 9));
    let growth = [most, most_loading, most_uploading].map(|most| most.saturating_sub(before));
    println!("{LARGE} bytes downloaded, loaded, uploaded: guest {} bytes, growth {growth:?} bytes", memory.bytes());
    assert!(memory.bytes() < GUEST_BYTES, "{} bytes", memory.bytes());
    assert!(growth.iter().all(|growth| *growth < GROWTH_BYTES), "{growth:?}");
}

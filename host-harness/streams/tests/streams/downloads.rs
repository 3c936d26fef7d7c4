//! Blobs: every byte as it comes, and whole or told not to be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mock_salesforce::org::{Upload, WriteOptions};
use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::HostFailureKind;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_streams::Blob;
use serde_json::{Map, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{ADMINISTRATOR, DEFAULTS, Fixture, ONCE, SHORT, failed, read_bytes, refused};

const VERSIONS: &str = "/services/data/v67.0/sobjects/ContentVersion/";
/// Of no record: servers that play a script do not look.
const SOME_ID: &str = "068000000000001AAA";
const BEGUN: &str = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 9\r\n\r\nfour";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// More than a piece, with every byte that there is.
fn content() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(300_001).collect()
}

impl Fixture {
    /// Puts a file into the org: the Id of its version.
    fn file(&self, bytes: &[u8]) -> String {
        let upload = Upload { field: "VersionData".to_owned(), bytes: bytes.into() };
        let options = WriteOptions { upload: Some(upload), ..WriteOptions::new(ADMINISTRATOR, "v67.0") };
        let version = Map::from_iter([("PathOnClient".to_owned(), json!("a.png"))]);
        self.mock.org(|org| org.create("ContentVersion", &version, &options).unwrap())
    }

    fn blob(&self, id: &str, options: CallOptions) -> Blob {
        let instance = self.execution().start();
        instance.download(self.connection.clone(), "ContentVersion", id, "VersionData", options)
    }
}

#[tokio::test]
async fn a_blob_comes_whole_and_the_end_says_so() {
    let fixture = Fixture::start().await;
    for content in [content(), b"x".to_vec()] {
        let id = fixture.file(&content);
        let (bytes, ended) = read_bytes(fixture.blob(&id, DEFAULTS)).await;
        assert!(bytes == content, "{} bytes came", bytes.len());
        let blob = ended.unwrap();
        assert_eq!((blob.count, blob.total_size), (content.len() as u64, Some(content.len() as u64)));
        assert!(blob.content_type.is_some() && blob.usage.is_some());
    }
}

#[tokio::test]
async fn max_response_bytes_is_not_of_the_blob() {
    let fixture = Fixture::start().await;
    let id = fixture.file(&content());
    let options = CallOptions { max_response_bytes: Some(1), ..DEFAULTS };
    assert_eq!(read_bytes(fixture.blob(&id, options)).await.1.unwrap().count, content().len() as u64);
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_its_last_chunk() {
    let answer = format!("{CHUNKED}4\r\nfour\r\n0\r\n\r\n");
    let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let (bytes, ended) = read_bytes(Fixture::at(&wire).await.blob(SOME_ID, DEFAULTS)).await;
    let blob = ended.unwrap();
    assert_eq!((bytes.as_slice(), blob.count, blob.total_size, blob.content_type), (&b"four"[..], 4, None, None));
}

/// Each of these ends a blob of which four bytes were handed over, and nothing is asked for again.
async fn ends_after_four_bytes(scripts: Vec<Vec<Step>>, options: CallOptions, kind: ErrorKind) {
    for script in scripts {
        let wire = Wire::start([[vec![Step::Read], script.clone()].concat()]).await.unwrap();
        let (bytes, ended) = read_bytes(Fixture::at(&wire).await.blob(SOME_ID, options)).await;
        let error = refused(ended);
        assert_eq!((error.kind, error.outcome, error.retryable), (kind, Outcome::Unknown, true), "{script:?}");
        assert_eq!((bytes.as_slice(), wire.accepted()), (&b"four"[..], 1), "{script:?}");
        assert!(error.message.starts_with("the blob did not come to its end: 4"), "{}", error.message);
    }
}

#[tokio::test]
async fn f11_f12_f13_a_blob_that_is_cut_or_reset_is_not_whole_and_not_asked_for_again() {
    let chunked = format!("{CHUNKED}4\r\nfour\r\n");
    let scripts = vec![
        vec![Step::write(BEGUN)],
        vec![Step::write(&chunked)],
        vec![Step::write(format!("{chunked}nonsense\r\n"))],
    ];
    ends_after_four_bytes(scripts, DEFAULTS, ErrorKind::Interrupted).await;
    // What had come by then may be lost with it.
    let wire = Wire::start([vec![Step::Read, Step::write(BEGUN), Step::Reset]]).await.unwrap();
    let (bytes, ended) = read_bytes(Fixture::at(&wire).await.blob(SOME_ID, ONCE)).await;
    assert_eq!(refused(ended).kind, ErrorKind::Interrupted);
    assert!(bytes.len() <= 4);
}

#[tokio::test]
async fn f10_a_blob_that_stalls_ends_at_the_deadline_of_a_piece() {
    ends_after_four_bytes(vec![vec![Step::write(BEGUN), Step::Hang]], SHORT, ErrorKind::Timeout).await;
    let wire = Wire::start([vec![Step::Read, Step::Hang]]).await.unwrap();
    let (bytes, ended) = read_bytes(Fixture::at(&wire).await.blob(SOME_ID, SHORT)).await;
    assert_eq!((refused(ended).kind, bytes.len()), (ErrorKind::Timeout, 0));
}

#[tokio::test]
async fn before_the_first_byte_the_request_is_repeated() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
    for fault in [Fault::Close, Fault::Reset, Fault::status(503, &[]), Fault::Wire(vec![Step::write(head)])] {
        let fixture = Fixture::meeting(VERSIONS, fault.clone()).await;
        let id = fixture.file(&content());
        let (bytes, ended) = read_bytes(fixture.blob(&id, DEFAULTS)).await;
        assert!(bytes == content(), "{fault:?}: {} bytes came", bytes.len());
        assert_eq!((ended.unwrap().count, fixture.requests()), (bytes.len() as u64, 2), "{fault:?}");
    }
}

#[tokio::test]
async fn what_salesforce_refuses_has_its_words_and_what_is_no_blob_is_refused() {
    let fixture = Fixture::start().await;
    let error = refused(read_bytes(fixture.blob(SOME_ID, DEFAULTS)).await.1);
    assert_eq!((error.kind, error.outcome, error.status), (ErrorKind::NotFound, Outcome::Rejected, Some(404)));
    fixture.mock.push_fault(Matcher::under(VERSIONS), Fault::status(204, &[]));
    let error = refused(read_bytes(fixture.blob(SOME_ID, DEFAULTS)).await.1);
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(204)));
    let gzip = Fault::Answer {
        status: 200,
        headers: vec![("content-encoding".to_owned(), "gzip".to_owned())],
        body: b"gzip".to_vec(),
    };
    fixture.mock.push_fault(Matcher::under(VERSIONS), gzip);
    let (bytes, ended) = read_bytes(fixture.blob(SOME_ID, DEFAULTS)).await;
    assert_eq!((refused(ended).kind, bytes.len()), (ErrorKind::InvalidResponse, 0));
    let before = fixture.requests();
    for (id, argument) in [("nonsense", "id"), ("", "id")] {
        let error = refused(read_bytes(fixture.blob(id, DEFAULTS)).await.1);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(argument), "{}", error.message);
    }
    assert_eq!(fixture.requests(), before);
}

/// Sends zeros for as long as somebody takes them; says how many were taken.
async fn endless(listener: TcpListener, taken: Arc<AtomicUsize>) {
    let (mut connection, _) = listener.accept().await.unwrap();
    connection.read_u8().await.unwrap();
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2000000000\r\n\r\n").await.unwrap();
    while let Ok(bytes) = connection.write(&[0; 64 << 10]).await {
        taken.fetch_add(bytes, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_reader_that_stalls_holds_up_the_server_until_the_hosts_deadline() {
    const MOST: usize = 32 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(AtomicUsize::new(0));
    let server = tokio::spawn(endless(listener, taken.clone()));
    let instance = fixture.execution().within(Duration::from_secs(2)).start();
    let mut blob = instance.download(fixture.connection.clone(), "ContentVersion", SOME_ID, "VersionData", DEFAULTS);
    assert_eq!(blob.next().await, Some(0));
    // The server's connection ends with the instance, and not before.
    server.await.unwrap();
    assert!(taken.load(Ordering::SeqCst) < MOST, "{taken:?} bytes were taken, and one was read");
    assert_eq!(failed(read_bytes(blob).await.1).kind, HostFailureKind::DeadlineExceeded);
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_download() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(endless(listener, Arc::default()));
    let mut blob = fixture.blob(SOME_ID, DEFAULTS);
    assert_eq!(blob.next().await, Some(0));
    let error = refused(blob.finish().await);
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Interrupted, Outcome::Unknown, true));
    server.await.unwrap();
}

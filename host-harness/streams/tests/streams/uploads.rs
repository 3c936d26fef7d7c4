//! Uploads: a file as it comes, sent once, and nothing of it if it is not as large as was said.

use std::time::Duration;

use mock_salesforce::wire::{Step, Wire};
use mock_salesforce::{Fault, Matcher};
use salesforce_runtime::bindings::files::{FileTarget, Uploaded};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_runtime::{ExecutionError, HostFailureKind};
use salesforce_streams::bindings::{NewFile, Query};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::endless::Endless;
use crate::fixture::{DEFAULTS, Fixture, SHORT, failed, read_bytes, refused};

const VERSIONS: &str = "/services/data/v67.0/sobjects/ContentVersion";
const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };

/// More than a piece, with every byte that there is, and what looks like the end of a part.
fn content() -> Vec<u8> {
    let end = b"\r\n--0000000000000000--\r\n";
    (0..=u8::MAX).cycle().take(300_001).chain(end.iter().copied()).collect()
}

impl Fixture {
    async fn upload(&self, size: usize, bytes: &[u8], options: CallOptions) -> Result<Uploaded, ExecutionError> {
        let data = std::io::Cursor::new(bytes.to_vec());
        let file = NewFile::new("a.png", size as u64);
        self.execution().start().upload(self.connection.clone(), file, data, options).await
    }

    /// How many files of that name the org has.
    async fn files(&self) -> usize {
        let query = Query::from("SELECT Id FROM ContentVersion WHERE PathOnClient = 'a.png'");
        self.read(query, DEFAULTS).await.0.len()
    }

    /// How many requests for files have come whole.
    fn uploads(&self) -> usize {
        self.mock.ledger().entries().filter(|entry| entry.path == VERSIONS).count()
    }
}

#[tokio::test]
async fn a_file_of_any_size_is_uploaded_as_it_comes() {
    let fixture = Fixture::start().await;
    for content in [content(), b"x".to_vec()] {
        let uploaded = fixture.upload(content.len(), &content, DEFAULTS).await.unwrap();
        assert!(uploaded.version_id.starts_with("068") && uploaded.usage.is_some(), "{uploaded:?}");
        let instance = fixture.execution().start();
        let id = &uploaded.version_id;
        let blob = instance.download(fixture.connection.clone(), "ContentVersion", id, "VersionData", DEFAULTS);
        assert!(read_bytes(blob).await.0 == content);
    }
    let ledger = fixture.mock.ledger();
    for upload in ledger.entries().filter(|entry| entry.path == VERSIONS) {
        let headers = format!("{:?}", upload.headers).to_ascii_lowercase();
        assert!(headers.contains(&format!("\"content-length\", \"{}\"", upload.body_length)), "{headers}");
        assert!(!headers.contains("transfer-encoding"), "{headers}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_file_is_in_its_record() {
    let fixture = Fixture::start().await;
    let file = NewFile {
        title: Some("An \"A\"".to_owned()),
        content_type: Some("image/png".to_owned()),
        fields: Some(r#"{"Description":"d"}"#.to_owned()),
        target: FileTarget::Unlinked,
        ..NewFile::new("a.png", 1)
    };
    let instance = fixture.execution().start();
    instance.upload(fixture.connection.clone(), file, b"x".as_slice(), DEFAULTS).await.unwrap();
    let query = Query::from("SELECT Title, Description FROM ContentVersion WHERE PathOnClient = 'a.png'");
    let (records, _) = fixture.read(query, DEFAULTS).await;
    assert!(records[0].contains(r#""Title":"An \"A\"","Description":"d""#), "{}", records[0]);
}

#[tokio::test]
async fn fewer_or_more_bytes_than_were_said_are_no_file() {
    let fixture = Fixture::start().await;
    for size in [content().len() - 1, content().len() + 1, 1, 1_000_000] {
        let error = refused(fixture.upload(size, &content(), TWICE).await);
        assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidArgument, false), "{size}");
        assert!(error.message.contains("size: expected as many bytes as data have"), "{}", error.message);
    }
    assert_eq!((fixture.uploads(), fixture.files().await), (0, 0));
}

#[tokio::test]
async fn f08_f09_f10_an_upload_without_an_answer_is_sent_once() {
    for (fault, options, kind, made) in [
        (Fault::Reset, TWICE, ErrorKind::Interrupted, 0),
        (Fault::Close, TWICE, ErrorKind::Interrupted, 0),
        (Fault::CloseAfterWork, TWICE, ErrorKind::Interrupted, 1),
        (Fault::Hang, SHORT, ErrorKind::Timeout, 0),
    ] {
        let fixture = Fixture::meeting(VERSIONS, fault.clone()).await;
        let error = refused(fixture.upload(content().len(), &content(), options).await);
        assert_eq!((error.kind, error.outcome, error.retryable), (kind, Outcome::Unknown, false), "{fault:?}");
        assert_eq!((fixture.uploads(), fixture.files().await), (1, made), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_counts_whether_all_was_sent_or_not() {
    let words = json!([{"errorCode": "STORAGE_LIMIT_EXCEEDED", "message": "full"}]);
    let fixture = Fixture::start().await;
    fixture.mock.push_fault(Matcher::under(VERSIONS), Fault::json(400, &words));
    let error = refused(fixture.upload(1, b"x", DEFAULTS).await);
    assert_eq!((error.outcome, error.problems[0].code.as_str()), (Outcome::Rejected, "STORAGE_LIMIT_EXCEEDED"));

    // It reads the beginning, answers and closes.
    let body = words.to_string();
    let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n";
    let refusal = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut fixture = Fixture::start().await;
    fixture.connection.instance_url = format!("http://{}", listener.local_addr().unwrap());
    let playing = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        tokio::io::AsyncReadExt::read_u8(&mut connection).await.unwrap();
        connection.write_all(refusal.as_bytes()).await.unwrap();
    };
    let instance = fixture.execution().start();
    let file = NewFile::new("a.png", 1 << 30);
    let uploading = instance.upload(fixture.connection.clone(), file, Endless, DEFAULTS);
    let (ended, ()) = tokio::join!(uploading, playing);
    let error = refused(ended);
    assert_eq!((error.outcome, error.problems[0].code.as_str()), (Outcome::Rejected, "STORAGE_LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn an_answer_that_confirms_nothing_leaves_it_open() {
    let created = r#"{"id":"068D00000000001IAA","success":true,"errors":[]}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{created}",
        created.len()
    );
    let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let error = refused(Fixture::at(&wire).await.upload(1, b"x", DEFAULTS).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{}", error.message);
}

#[tokio::test]
async fn what_no_file_can_be_is_told_and_nothing_is_sent() {
    let fixture = Fixture::start().await;
    let instance = fixture.execution().start();
    for (file, argument) in [
        (NewFile::new("a/b", 1), "file-name"),
        (NewFile::new("a", 0), "size"),
        (NewFile { target: FileTarget::LinkedTo("x".to_owned()), ..NewFile::new("a", 1) }, "target.linked-to"),
        (NewFile { fields: Some("[]".to_owned()), ..NewFile::new("a", 1) }, "fields"),
    ] {
        let error = refused(instance.upload(fixture.connection.clone(), file, b"x".as_slice(), DEFAULTS).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(argument), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_file_that_stalls_is_ended_by_the_hosts_deadline_and_is_none() {
    let fixture = Fixture::start().await;
    let (mut write, read) = tokio::io::duplex(1 << 10);
    write.write_all(b"begun").await.unwrap();
    let instance = fixture.execution().within(Duration::from_secs(2)).start();
    let ended = instance.upload(fixture.connection.clone(), NewFile::new("a.png", 9), read, DEFAULTS).await;
    assert_eq!(failed(ended).kind, HostFailureKind::DeadlineExceeded);
    drop(write);
    assert_eq!((fixture.uploads(), fixture.files().await), (0, 0));
}

//! Answers that are too large, encoded, or not of the kind that was asked for; and requests that would be too large.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::Argument;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use super::{EMPTY, TEN_TIMES, answer, create_is_unknown, json, read_is_refused, saying};
use crate::calls::{DEFAULTS, ONCE, query, text, with_x};
use crate::fixture::{ACCOUNTS, Fixture, QUERY, decision, refused};

/// The kind of error that a read meets, once.
async fn kind(fault: Fault) -> ErrorKind {
    let fixture = Fixture::meeting(QUERY, fault).await;
    let error = fixture.read_error(TEN_TIMES).await;
    assert_eq!((fixture.requests(), error.retryable), (1, false));
    error.kind
}

#[tokio::test]
async fn f21_a_body_beyond_the_cap_is_read_no_further() {
    let fixture = Fixture::start().await;
    let limit = |max_response_bytes| CallOptions { max_response_bytes: Some(max_response_bytes), ..ONCE };
    let accounts = query("SELECT Id, Name FROM Account");
    let error = refused(fixture.query_with(&accounts, limit(1000)).await);
    assert_eq!((error.kind, error.retryable), (ErrorKind::ResponseTooLarge, false));
    let length = EMPTY.len() as u64;
    fixture.fault(QUERY, json(EMPTY));
    assert!(fixture.read(limit(length)).await.is_ok());
    fixture.fault(QUERY, json(EMPTY));
    assert_eq!(refused(fixture.read(limit(length - 1)).await).kind, ErrorKind::ResponseTooLarge);

    // No length announced, and no end: what ends it is the cap.
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunks = format!("1000\r\n{}\r\n", " ".repeat(0x1000)).repeat(8192);
    let script = saying(format!("{head}{chunks}"));
    read_is_refused(script.clone(), ErrorKind::ResponseTooLarge).await;
    create_is_unknown(script, ErrorKind::ResponseTooLarge).await;
}

#[tokio::test]
async fn f22_a_compressed_body_was_not_asked_for() {
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let zipped = answer(200, ("content-encoding", encoding), [0x1f, 0x8b, 8, 0]);
        assert_eq!(kind(zipped).await, ErrorKind::InvalidResponse);
    }
    let fixture = Fixture::start().await;
    fixture.read(DEFAULTS).await.unwrap();
    assert_eq!(fixture.sent_header("accept-encoding").as_deref(), Some("identity"));
}

#[tokio::test]
async fn f23_a_compressed_bomb_is_never_unpacked() {
    // No byte of it is decoded, so what it would become does not matter.
    let bomb = answer(200, ("content-encoding", "gzip"), vec![0x1f; 1 << 20]);
    assert_eq!(kind(bomb).await, ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn f24_headers_of_100_kb_or_1000_lines() {
    let bytes = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(100 << 10));
    let lines = format!("HTTP/1.1 200 OK\r\n{}content-length: 2\r\n\r\n{{}}", "x: y\r\n".repeat(1_000));
    for answer in [bytes, lines] {
        read_is_refused(saying(&answer), ErrorKind::ResponseTooLarge).await;
        create_is_unknown(saying(&answer), ErrorKind::ResponseTooLarge).await;
    }
}

#[tokio::test]
async fn f25_a_request_that_salesforce_would_refuse_for_its_length_is_not_sent() {
    let fixture = Fixture::start().await;
    let ids = Argument::Many(vec![text(&"x".repeat(20)); 1_000]);
    let error = refused(fixture.query(&with_x("SELECT Id FROM Account WHERE Name IN :x", ids)).await);
    assert_eq!(decision(&error), (ErrorKind::RequestTooLarge, Outcome::NotSent, false));
    assert!(error.message.contains("16384") && error.message.contains("several parts"), "{}", error.message);
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn f26_a_page_for_people_is_not_an_answer_and_is_not_shown() {
    for body in ["<html>SENTINEL maintenance</html>", "<!DOCTYPE html><title>Login</title>SENTINEL", "SENTINEL"] {
        assert_eq!(kind(answer(200, ("content-type", "text/html"), body)).await, ErrorKind::InvalidResponse, "{body}");
    }
    // Valid JSON in a page's clothes is still not what was promised.
    let fixture = Fixture::meeting(ACCOUNTS, answer(201, ("content-type", "text/html"), "<p>SENTINEL</p>")).await;
    let error = fixture.create_error(TEN_TIMES).await;
    assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false));
}

#[tokio::test]
async fn f27_json_without_a_content_type_is_accepted() {
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: EMPTY.as_bytes().to_vec() };
    assert!(Fixture::meeting(QUERY, fault).await.read(ONCE).await.is_ok());
}

/// Pinned: RFC 8259 section 8.1 forbids to send one, and allows to ignore it. One, at the very beginning, is ignored.
#[tokio::test]
async fn f28_a_byte_order_mark_is_ignored() {
    assert!(Fixture::meeting(QUERY, json(format!("\u{feff}{EMPTY}"))).await.read(ONCE).await.is_ok());
    assert_eq!(kind(json(format!("\u{feff}\u{feff}{EMPTY}"))).await, ErrorKind::InvalidResponse);
    assert_eq!(kind(json(format!("{EMPTY}\u{feff}"))).await, ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn f29_invalid_utf8_is_not_replaced() {
    for damage in [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"] {
        let body = [br#"{"totalSize":1,"done":true,"records":[{"Name":""#, damage, br#""}]}"#].concat();
        assert_eq!(kind(json(body)).await, ErrorKind::InvalidResponse, "{damage:?}");
    }
}

/// Pinned: records pass through to the letter, so what is well-formed JSON (RFC 8259 section 8.2) is not ours to change.
#[tokio::test]
async fn f30_a_lone_surrogate_escape_passes_through_in_a_record() {
    let records = r#"[{"Name":"\ud800"},{"Name":"\udfff x"}]"#;
    let body = format!(r#"{{"totalSize":2,"done":true,"records":{records}}}"#);
    let page = Fixture::meeting(QUERY, json(body)).await.read(ONCE).await.unwrap();
    assert_eq!(page.records, records);
    // In what the connector itself reads it is an error, and never another character.
    let body = r#"{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/\ud800","records":[{}]}"#;
    assert_eq!(kind(json(body)).await, ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn f31_an_answer_without_the_body_that_is_due() {
    assert_eq!(kind(json("")).await, ErrorKind::InvalidResponse);
    for status in [200, 201, 204] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::status(status, &[])).await;
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{status}");
        assert_eq!((error.status, fixture.requests()), (Some(status), 1));
    }
}

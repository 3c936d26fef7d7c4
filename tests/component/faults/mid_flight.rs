//! After the request may have left: whatever breaks then, a create is unknown and a read is repeated.

use std::time::Duration;

use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};

use super::{CREATED, EMPTY, create_is_unknown, is_interrupted, saying};
use crate::calls::{DEFAULTS, ONCE, SHORT};
use crate::fixture::{Fixture, decision};

/// Bytes that come too slowly for a call of 300 ms, however long they come.
const PAUSE: Duration = Duration::from_millis(20);

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A create and a read that end at the deadline and not before they were sent.
async fn ends_at_the_deadline(script: Vec<Step>) {
    let wire = Wire::start([script]).await.unwrap();
    let fixture = Fixture::at(&wire).await;
    let error = fixture.create_error(SHORT).await;
    assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, false), "{}", error.message);
    let error = fixture.read_error(SHORT).await;
    assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, true), "{}", error.message);
    assert_eq!(wire.requests().len(), 2);
}

#[tokio::test]
async fn f08_a_reset_before_a_status() {
    is_interrupted(vec![Step::Read, Step::Reset]).await;
    is_interrupted(vec![Step::Read, Step::write("HTTP/1.1 200 OK\r\ncontent-ty"), Step::Reset]).await;
}

#[tokio::test]
async fn f09_a_close_without_an_answer() {
    is_interrupted(vec![Step::Read]).await;
}

#[tokio::test]
async fn f10_no_first_byte() {
    ends_at_the_deadline(vec![Step::Read, Step::Hang]).await;
}

#[tokio::test]
async fn f11_a_reset_in_the_body_of_a_201() {
    let id_was_read = format!("HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{CREATED}");
    is_interrupted(vec![Step::Read, Step::write(id_was_read), Step::Reset]).await;
}

#[tokio::test]
async fn f12_a_chunk_terminator_that_is_missing() {
    for body in [CREATED, EMPTY] {
        let chunked = "transfer-encoding: chunked\r\n\r\n";
        is_interrupted(saying(format!("HTTP/1.1 201 Created\r\n{chunked}{:x}\r\n{body}\r\n", body.len()))).await;
    }
}

#[tokio::test]
async fn f13_a_body_that_is_shorter_than_announced() {
    for body in [CREATED, EMPTY] {
        is_interrupted(saying(format!("HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{body}"))).await;
    }
}

#[tokio::test]
async fn f14_a_content_length_that_is_negative_or_given_twice() {
    for lengths in ["content-length: -1", "content-length: 2\r\ncontent-length: 3", "content-length: 2, 3"] {
        is_interrupted(saying(format!("HTTP/1.1 200 OK\r\n{lengths}\r\n\r\n{{}}"))).await;
    }
}

#[tokio::test]
async fn f15_a_chunk_size_that_overflows() {
    for size in ["fffffffffffffffff", "ffffffffffffffff", "-1", "x"] {
        is_interrupted(saying(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{size}\r\n{{}}"))).await;
    }
}

#[tokio::test]
async fn f16_a_body_that_trickles_ends_at_the_total_deadline() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n";
    ends_at_the_deadline(vec![Step::Read, Step::write(head), Step::Trickle(b" ".to_vec(), PAUSE)]).await;
}

#[tokio::test]
async fn f17_headers_that_trickle_end_at_the_total_deadline() {
    let head = "HTTP/1.1 200 OK\r\nx: ";
    ends_at_the_deadline(vec![Step::Read, Step::write(head), Step::Trickle(b"y".to_vec(), PAUSE)]).await;
}

#[tokio::test]
async fn f18_an_answer_byte_by_byte_is_the_same_answer() {
    let body = r#"{"totalSize":2,"done":true,"records":[{"Name":"Ä"},{"Name":"🚀"}]}"#;
    let mut pages = Vec::new();
    for script in [saying(ok(body)), vec![Step::Read, Step::Slices(ok(body).into_bytes())]] {
        let wire = Wire::start([script]).await.unwrap();
        pages.push(Fixture::at(&wire).await.read(DEFAULTS).await.unwrap());
    }
    assert_eq!((pages[0].count, &pages[0].records, &pages[0].next), (2, &pages[1].records, &pages[1].next));
}

#[tokio::test]
async fn f19_interim_answers_are_passed_over() {
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: </evil>\r\n\r\n"] {
        let wire = Wire::start([saying(format!("{interim}{interim}{}", ok(EMPTY)))]).await.unwrap();
        assert!(Fixture::at(&wire).await.read(ONCE).await.is_ok(), "{interim}");
    }
}

#[tokio::test]
async fn f20_an_answer_is_whole_before_the_connection_closes() {
    let wire = Wire::start([vec![Step::Read, Step::write(ok(EMPTY)), Step::Hang]]).await.unwrap();
    let patient = CallOptions { deadline_ms: Some(600_000), ..ONCE };
    // Nobody closes it. To wait for that would be to wait for ever.
    assert!(Fixture::at(&wire).await.read(patient).await.is_ok());
    create_is_unknown(
        vec![Step::Read, Step::write("HTTP/1.1 204 No Content\r\n\r\n"), Step::Hang],
        ErrorKind::InvalidResponse,
    )
    .await;
}

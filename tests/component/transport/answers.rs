//! Answers that are not what Salesforce's contract says.

use host_harness::bindings::types::{CallOptions, ErrorKind};
use mock_salesforce::Fault;

use crate::calls::{DEFAULTS, ONCE, query};
use crate::fixture::{Fixture, QUERY, refused};

const EMPTY: &str = r#"{"totalSize":0,"done":true,"records":[]}"#;

fn answer(status: u16, header: (&str, &str), body: impl Into<Vec<u8>>) -> Fault {
    Fault::Answer { status, headers: vec![(header.0.to_owned(), header.1.to_owned())], body: body.into() }
}

fn json(body: impl Into<Vec<u8>>) -> Fault {
    answer(200, ("content-type", "application/json"), body)
}

/// The kind of error that the next query in this fixture meets.
async fn kind(fixture: &Fixture, fault: Fault) -> ErrorKind {
    fixture.fault(QUERY, fault);
    fixture.read_error(ONCE).await.kind
}

#[tokio::test]
async fn a_page_for_people_is_not_an_answer_and_is_not_shown() {
    let fixture = Fixture::start().await;
    for body in ["<html>SENTINEL maintenance</html>", "<!DOCTYPE html><title>Login</title>SENTINEL", "SENTINEL", ""] {
        let fault = answer(200, ("content-type", "text/html"), body);
        assert_eq!(kind(&fixture, fault).await, ErrorKind::InvalidResponse, "{body}");
    }
}

#[tokio::test]
async fn json_that_is_broken_is_not_repaired() {
    let fixture = Fixture::start().await;
    let whole = r#"{"totalSize":1,"done":true,"records":[{"Name":"x"}]}"#;
    for end in 0..whole.len() {
        assert_eq!(kind(&fixture, json(&whole[..end])).await, ErrorKind::InvalidResponse, "cut after {end}");
        let mut damaged = whole.as_bytes().to_vec();
        damaged[end] = 0xff;
        assert_eq!(kind(&fixture, json(damaged)).await, ErrorKind::InvalidResponse, "damaged at {end}");
    }
    let deep = format!(r#"{{"totalSize":1,"done":true,"records":[{}{}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        r#"{"totalSize":1,"done":true,"records":[{}]}}"#,
        r#"{"totalSize":1,"done":true,"records":[{}]} x"#,
        r#"{"totalSize":1,"totalSize":1,"done":true,"records":[{}]}"#,
        r#"{"totalSize":1,"done":true,"records":[NaN]}"#,
        r#"{"totalSize":1,"done":true,"records":[01]}"#,
        &deep,
    ] {
        assert_eq!(kind(&fixture, json(body)).await, ErrorKind::InvalidResponse, "{:.80}", body);
    }
}

#[tokio::test]
async fn json_without_a_content_type_is_accepted() {
    let fault = Fault::Answer { status: 200, headers: Vec::new(), body: EMPTY.into() };
    assert!(Fixture::meeting(QUERY, fault).await.read(ONCE).await.is_ok());
}

#[tokio::test]
async fn a_compressed_body_was_not_asked_for() {
    let fixture = Fixture::start().await;
    let zipped = answer(200, ("content-encoding", "gzip"), [0x1f, 0x8b, 8, 0]);
    assert_eq!(kind(&fixture, zipped).await, ErrorKind::InvalidResponse);
    assert_eq!(fixture.sent_header("accept-encoding").as_deref(), Some("identity"));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let fixture = Fixture::start().await;
    let same_host = format!("{}{QUERY}?q=SELECT+Id+FROM+User", fixture.mock.url());
    for status in [301, 302, 303, 307, 308] {
        for location in [same_host.as_str(), "https://evil.example/", "//evil.example/"] {
            let before = fixture.requests();
            fixture.fault(QUERY, Fault::status(status, &[("location", location)]));
            let error = fixture.read_error(DEFAULTS).await;
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(status)), "{location}");
            assert!(!format!("{error:?}").contains("evil"));
            assert_eq!(fixture.requests(), before + 1, "{status} {location}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_means_what_its_status_means() {
    let fixture = Fixture::start().await;
    for (status, expected) in [
        (401, ErrorKind::SessionExpired),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (412, ErrorKind::PreconditionFailed),
        (414, ErrorKind::RequestTooLarge),
        (418, ErrorKind::Rejected),
        (429, ErrorKind::RateLimited),
        (431, ErrorKind::RequestTooLarge),
        (500, ErrorKind::Unavailable),
        (503, ErrorKind::Unavailable),
        (600, ErrorKind::InvalidResponse),
    ] {
        let page = answer(status, ("content-type", "text/html"), "<h1>SENTINEL</h1>");
        assert_eq!(kind(&fixture, page).await, expected, "{status}");
        assert_eq!(kind(&fixture, Fault::status(status, &[])).await, expected, "{status}");
    }
}

#[tokio::test]
async fn a_response_beyond_the_cap_is_refused() {
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
}

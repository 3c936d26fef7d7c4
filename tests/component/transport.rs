//! What the network and what stands in front of Salesforce can do to a call. After each write the ledger tells what
//! really happened, and the error must agree.

use std::time::Duration;

use host_harness::bindings::records::Target;
use host_harness::bindings::types::{CallOptions, Connection, Error, ErrorKind, Outcome};
use host_harness::egress::EgressPolicy;
use mock_salesforce::Fault;
use serde_json::json;

use crate::fixture::{DEFAULTS, Fixture, ONCE, PLAIN, decision, query, refused};

const ACCOUNTS: &str = "/services/data/v67.0/sobjects/Account";
const QUERY: &str = "/services/data/v67.0/query";
const SHORT: CallOptions = CallOptions { deadline_ms: Some(300), ..ONCE };

/// Creates an account, which meets the fault. The error, and how many accounts there are now.
async fn create(fault: Fault, options: CallOptions) -> (Error, usize) {
    let fixture = Fixture::start().await;
    fixture.fault(ACCOUNTS, fault);
    let fields = r#"{"Name":"Once"}"#.to_owned();
    let execution = fixture.execution();
    let result = execution
        .create_or_update_record(&fixture.connection, "Account", &Target::Create, &fields, &PLAIN, options)
        .await;
    let error = refused(result);
    assert_eq!(fixture.mock.ledger().requests("POST", ACCOUNTS), 1, "a create is sent once");
    assert!(!format!("{error:?}").contains(&fixture.connection.access_token));
    (error, fixture.mock.ledger().creates("Account"))
}

/// Runs a query, which meets the fault.
async fn read(fault: Fault, options: CallOptions) -> Error {
    let fixture = Fixture::start().await;
    fixture.fault(QUERY, fault);
    let execution = fixture.execution();
    refused(execution.soql_query(&fixture.connection, &query("SELECT Id FROM User"), options).await)
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_unknown_and_not_repeated() {
    for (fault, creates) in [
        (Fault::Reset, 0),
        (Fault::ResetAfterWork, 1),
        (Fault::Close, 0),
        (Fault::CloseAfterWork, 1),
        (Fault::status(500, &[]), 0),
        (Fault::status(503, &[]), 0),
        (Fault::Replace(json!("not what was promised")), 1),
    ] {
        let shown = format!("{fault:?}");
        let (error, created) = create(fault, DEFAULTS).await;
        assert_eq!((error.outcome, created), (Outcome::Unknown, creates), "{shown}: {}", error.message);
        assert!(!error.retryable, "{shown}");
    }
}

#[tokio::test]
async fn a_create_that_gets_no_answer_ends_at_the_deadline() {
    for (fault, creates) in [(Fault::Hang, 0), (Fault::HangAfterWork, 1)] {
        let (error, created) = create(fault, SHORT).await;
        assert_eq!(decision(&error), (ErrorKind::Timeout, Outcome::Unknown, false));
        assert_eq!(created, creates);
    }
}

#[tokio::test]
async fn a_refused_create_is_rejected() {
    let (error, created) = create(Fault::status(429, &[("retry-after", "7")]), DEFAULTS).await;
    assert_eq!(decision(&error), (ErrorKind::RateLimited, Outcome::Rejected, true));
    assert_eq!((error.retry_after_ms, created), (Some(7000), 0));
    let body = json!([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]);
    let (error, created) = create(Fault::json(403, &body), DEFAULTS).await;
    assert_eq!((error.kind, error.outcome, created), (ErrorKind::RateLimited, Outcome::Rejected, 0));
}

#[tokio::test]
async fn a_read_is_repeated_until_it_works() {
    let fixture = Fixture::start().await;
    fixture.fault(QUERY, Fault::Reset);
    fixture.fault(QUERY, Fault::status(503, &[]));
    let execution = fixture.execution();
    assert!(execution.soql_query(&fixture.connection, &query("SELECT Id FROM User"), DEFAULTS).await.is_ok());
    assert_eq!(fixture.mock.ledger().entries().count(), 3);
}

#[tokio::test]
async fn each_bad_answer_has_its_kind() {
    let html = || Fault::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>SENTINEL maintenance</html>".to_vec(),
    };
    let cut = Fault::Answer { status: 200, headers: Vec::new(), body: br#"{"totalSize":1,"done":true,"rec"#.to_vec() };
    let redirect = Fault::status(307, &[("location", "https://evil.example/")]);
    for (fault, kind) in [
        (html(), ErrorKind::InvalidResponse),
        (cut, ErrorKind::InvalidResponse),
        (redirect, ErrorKind::InvalidResponse),
        (Fault::json(200, &json!({"totalSize": 2, "done": true, "records": []})), ErrorKind::InvalidResponse),
        (
            Fault::json(
                200,
                &json!({"totalSize": 1, "done": false, "records": [{}], "nextRecordsUrl": "https://evil.example/x"}),
            ),
            ErrorKind::InvalidResponse,
        ),
        (Fault::status(401, &[]), ErrorKind::SessionExpired),
        (Fault::status(403, &[]), ErrorKind::Forbidden),
        (Fault::status(404, &[]), ErrorKind::NotFound),
        (Fault::status(414, &[]), ErrorKind::RequestTooLarge),
        (Fault::status(500, &[]), ErrorKind::Unavailable),
    ] {
        let shown = format!("{fault:?}");
        let error = read(fault, ONCE).await;
        assert_eq!(error.kind, kind, "{shown}: {}", error.message);
        assert!(!format!("{error:?}").contains("SENTINEL") && !format!("{error:?}").contains("evil"), "{error:?}");
    }
}

#[tokio::test]
async fn a_response_beyond_the_cap_is_refused() {
    let fixture = Fixture::start().await;
    let options = CallOptions { max_response_bytes: Some(1000), ..ONCE };
    let execution = fixture.execution();
    let result = execution.soql_query(&fixture.connection, &query("SELECT Id, Name FROM Account"), options).await;
    assert_eq!(refused(result).kind, ErrorKind::ResponseTooLarge);
}

#[tokio::test]
async fn a_slow_answer_within_the_deadline_is_waited_for() {
    let fixture = Fixture::start().await;
    fixture.fault(QUERY, Fault::Delay(Duration::from_millis(50)));
    let execution = fixture.execution();
    assert!(execution.soql_query(&fixture.connection, &query("SELECT Id FROM User"), ONCE).await.is_ok());
}

#[tokio::test]
async fn where_the_host_lets_nobody_go_nothing_is_sent() {
    let fixture = Fixture::start().await;
    let elsewhere = "https://other.my.salesforce.com".parse().unwrap();
    for policy in [
        EgressPolicy::origins([]),
        EgressPolicy::origins([elsewhere]).allow_loopback(),
        EgressPolicy::origins([fixture.mock.url().parse().unwrap()]),
    ] {
        let execution = fixture.execution_with(policy);
        let result = execution.soql_query(&fixture.connection, &query("SELECT Id FROM User"), DEFAULTS).await;
        assert_eq!(decision(&refused(result)), (ErrorKind::DeniedByHost, Outcome::NotSent, false));
    }
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn a_token_goes_to_salesforce_only() {
    let fixture = Fixture::start().await;
    for instance_url in [
        "https://example.com",
        "http://x.my.salesforce.com",
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "x",
    ] {
        let connection = Connection { instance_url: instance_url.to_owned(), ..fixture.connection.clone() };
        let error = refused(fixture.execution().soql_query(&connection, &query("SELECT Id FROM User"), DEFAULTS).await);
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{instance_url}");
    }
}

#[tokio::test]
async fn nobody_there_is_not_sent() {
    let fixture = Fixture::start().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let connection = Connection { instance_url: format!("http://{free}"), ..fixture.connection.clone() };
    let policy = EgressPolicy::origins([connection.instance_url.parse().unwrap()]).allow_loopback();
    let (execution, fields) = (fixture.execution_with(policy), "{}".to_owned());
    let result =
        execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &PLAIN, ONCE).await;
    assert_eq!(decision(&refused(result)), (ErrorKind::Unreachable, Outcome::NotSent, true));
}

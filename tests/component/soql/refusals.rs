//! Queries that Salesforce refuses, those that are refused before, and answers that are.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::soql::{Argument, Query};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::json;

use crate::calls::{DEFAULTS, ONCE, query, text, with_x};
use crate::fixture::{Fixture, QUERY, decision, refused};

#[tokio::test]
async fn a_wrong_query_keeps_salesforces_words() {
    let fixture = Fixture::start().await;
    for (soql, code) in [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
    ] {
        let explained = refused(fixture.execution().explain(&fixture.connection, &query(soql), DEFAULTS).await);
        for error in [refused(fixture.query(&query(soql)).await), explained] {
            assert_eq!(decision(&error), (ErrorKind::InvalidQuery, Outcome::Rejected, false), "{soql}");
            assert_eq!((error.problems[0].code.as_str(), error.status), (code, Some(400)));
            assert!(!error.problems[0].message.is_empty() && error.request_id.is_some());
        }
    }
    assert_eq!(fixture.requests(), 6, "a refusal is not asked for twice");
}

#[tokio::test]
async fn the_longest_query_that_is_sent_is_taken() {
    let fixture = Fixture::start().await;
    let (mut fits, mut too_long) = (1_000, 16_384);
    while too_long - fits > 1 {
        let length = usize::midpoint(fits, too_long);
        let query = with_x("SELECT COUNT() FROM Account WHERE Name = :x", Argument::One(text(&"x".repeat(length))));
        match fixture.query(&query).await {
            Ok(_) => fits = length,
            error => {
                assert_eq!(refused(error).outcome, Outcome::NotSent, "{length}");
                too_long = length;
            }
        }
    }
    assert!(fits > 15_000, "{fits} is less than Salesforce takes");
}

#[tokio::test]
async fn options_out_of_range_are_refused() {
    let fixture = Fixture::start().await;
    let users = || query("SELECT Id FROM User");
    for wrong in [
        Query { batch_size: Some(199), ..users() },
        Query { batch_size: Some(2001), ..users() },
        Query { max_records: Some(0), ..users() },
    ] {
        assert_eq!(refused(fixture.query(&wrong).await).kind, ErrorKind::InvalidArgument, "{wrong:?}");
    }
    for options in [
        CallOptions { deadline_ms: Some(0), ..DEFAULTS },
        CallOptions { deadline_ms: Some(600_001), ..DEFAULTS },
        CallOptions { max_response_bytes: Some(0), ..DEFAULTS },
        CallOptions { max_response_bytes: Some(67_108_865), ..DEFAULTS },
        CallOptions { attempts: Some(0), ..DEFAULTS },
        CallOptions { attempts: Some(11), ..DEFAULTS },
    ] {
        assert_eq!(refused(fixture.read(options).await).kind, ErrorKind::InvalidArgument, "{options:?}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_result_that_contradicts_itself_is_an_error() {
    let cut_off = json!({"totalSize": 9, "done": false, "records": []});
    for answer in [
        json!({"totalSize": 1, "done": true}),
        json!({"totalSize": 1, "done": true, "records": [1]}),
        json!({"totalSize": 1, "done": true, "records": [null]}),
        json!({"totalSize": -2, "done": true, "records": []}),
        json!({"totalSize": 1, "done": "true", "records": [{}]}),
        json!({"totalSize": 1, "done": true, "records": [{"Contacts": cut_off}]}),
        json!([]),
    ] {
        let error = Fixture::meeting(QUERY, Fault::json(200, &answer)).await.read_error(ONCE).await;
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{answer}");
    }
}

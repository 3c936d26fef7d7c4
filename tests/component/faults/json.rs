//! JSON that is broken, ambiguous or extreme: never repaired, never rounded.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::records::RecordKey;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use super::{CREATED, TEN_TIMES, answer, json as body};
use crate::calls::{DEFAULTS, ONCE, query};
use crate::fixture::{ACCOUNTS, Fixture, QUERY, decision, refused};

const PAGE: &str = r#"{"totalSize":1,"done":true,"records":[{"Name":"x"}]}"#;

/// The kind of error that reads of these answers meet, once each.
async fn are_refused(answers: impl IntoIterator<Item = Vec<u8>>) {
    let fixture = Fixture::start().await;
    for answer in answers {
        let (shown, before) = (String::from_utf8_lossy(&answer).into_owned(), fixture.requests());
        fixture.fault(QUERY, body(answer));
        let error = fixture.read_error(TEN_TIMES).await;
        assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidResponse, false), "{shown:.100}");
        assert_eq!(fixture.requests(), before + 1);
    }
}

/// The records of a page, as the caller gets them.
async fn passes_through(records: &str) {
    let page = format!(r#"{{"totalSize":1,"done":true,"records":{records}}}"#);
    let found = Fixture::meeting(QUERY, body(page)).await.read(ONCE).await.unwrap();
    assert_eq!(found.records, records);
}

#[tokio::test]
async fn f32_truncated() {
    are_refused((0..PAGE.len()).map(|end| PAGE[..end].into())).await;
    let fixture = Fixture::start().await;
    for end in 0..CREATED.len() {
        fixture.fault(ACCOUNTS, answer(201, ("content-type", "application/json"), &CREATED[..end]));
        let error = fixture.create_error(TEN_TIMES).await;
        assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "cut after {end}");
    }
    assert_eq!(fixture.requests(), CREATED.len());
}

#[tokio::test]
async fn f33_trailing_garbage() {
    are_refused(["}", " x", ",", "{}", "\0", "/**/"].map(|garbage| format!("{PAGE}{garbage}").into_bytes())).await;
}

#[tokio::test]
async fn f34_a_key_twice_in_the_envelope() {
    are_refused(
        [
            r#"{"totalSize":1,"totalSize":1,"done":true,"records":[{}]}"#,
            r#"{"totalSize":1,"done":true,"records":[{}],"records":[]}"#,
            r#"{"totalSize":1,"done":true,"d\u006fne":true,"records":[{}]}"#,
        ]
        .map(Into::into),
    )
    .await;
}

#[tokio::test]
async fn f35_a_key_twice_in_a_record_passes_through() {
    passes_through(r#"[{"Name":"a","Name":"b","Name":null}]"#).await;
}

#[tokio::test]
async fn f36_nesting_beyond_128() {
    for depth in [127, 128, 100_000] {
        let [open, close] = ["[", "]"].map(|bracket| bracket.repeat(depth));
        are_refused([format!(r#"{{"totalSize":1,"done":true,"records":[{open}{close}]}}"#).into_bytes()]).await;
        are_refused([open.into_bytes()]).await;
    }
    let [open, close] = ["[", "]"].map(|bracket| bracket.repeat(100));
    passes_through(&format!(r#"[{{"Deep__c":{open}{close}}}]"#)).await;
}

#[tokio::test]
async fn f37_an_integer_above_2_to_53_keeps_its_digits() {
    passes_through(r#"[{"a":9007199254740993,"b":-18446744073709551617}]"#).await;
    let fixture = Fixture::start().await;
    let row = fixture.rows(&query("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'")).await;
    let id = RecordKey::Id(row[0]["Id"].as_str().unwrap().to_owned());
    let found = fixture.values("Account", &id, &["AnnualRevenue"]).await.unwrap();
    assert_eq!(found.values, r#"{"AnnualRevenue":9007199254740993}"#);
}

#[tokio::test]
async fn f38_a_decimal_of_18_digits_keeps_its_digits() {
    passes_through(r#"[{"a":123456789.123456789,"b":1.10,"c":-0.0,"d":0.000000000000000001}]"#).await;
}

#[tokio::test]
async fn f39_a_number_beyond_floating_point_keeps_its_text() {
    passes_through(r#"[{"a":1e400,"b":-1E+999,"c":1e-999}]"#).await;
}

#[tokio::test]
async fn f40_a_literal_that_is_not_json() {
    are_refused(
        ["NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x1", "undefined", "True", "'x'"]
            .map(|literal| format!(r#"{{"totalSize":1,"done":true,"records":[{{"a":{literal}}}]}}"#).into_bytes()),
    )
    .await;
}

#[tokio::test]
async fn f41_null_and_missing_are_told_apart() {
    let acme = crate::calls::by("ERP_Id__c", "ERP-000000");
    for (answer, found) in [
        (json!({"Name": "A", "Phone": null}), Some(r#"{"Name":"A","Phone":null}"#)),
        (json!({"Name": "A"}), None),
        (json!({}), None),
    ] {
        let fixture = Fixture::meeting(ACCOUNTS, Fault::json(200, &answer)).await;
        let result = fixture.values("Account", &acme, &["Name", "Phone"]).await;
        match found {
            Some(found) => assert_eq!(result.unwrap().values, found),
            None => assert_eq!(refused(result).kind, ErrorKind::InvalidResponse, "{answer}"),
        }
    }
}

#[tokio::test]
async fn f42_an_error_is_read_as_a_list_and_as_an_object() {
    let one = json!({"message": "unexpected token", "errorCode": "MALFORMED_QUERY"});
    for answer in [json!([one]), one] {
        let error = Fixture::meeting(QUERY, Fault::json(400, &answer)).await.read_error(ONCE).await;
        assert_eq!((error.kind, error.problems.len()), (ErrorKind::InvalidQuery, 1));
        assert_eq!(error.problems[0].message, "unexpected token");
    }
}

#[tokio::test]
async fn f43_an_error_that_is_not_json_means_what_its_status_means() {
    for (status, expected) in [
        (401, ErrorKind::SessionExpired),
        (403, ErrorKind::InvalidResponse),
        (404, ErrorKind::InvalidResponse),
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
        for fault in [page, Fault::status(status, &[])] {
            let error = Fixture::meeting(QUERY, fault).await.read_error(ONCE).await;
            assert_eq!((error.kind, error.status, error.problems.len()), (expected, Some(status), 0));
        }
    }
}

#[tokio::test]
async fn f44_fields_that_nobody_knows_yet_are_passed_over() {
    let page = r#"{"new":{"in":["2029"]},"totalSize":0,"done":true,"records":[],"also":null}"#;
    assert!(Fixture::meeting(QUERY, body(page)).await.read(DEFAULTS).await.is_ok());
    let created = json!({"id": "0015g00000000Gx", "success": true, "errors": [], "warnings": [{"code": 1}]});
    let created = Fault::json(201, &created);
    let fixture = Fixture::meeting(ACCOUNTS, created).await;
    let create = salesforce_runtime::bindings::records::Target::Create;
    let (execution, fields) = (fixture.execution(), "{}".to_owned());
    let saved = execution
        .create_or_update_record(&fixture.connection, "Account", &create, &fields, &crate::calls::PLAIN, DEFAULTS)
        .await
        .unwrap();
    assert!(saved.created);
}

//! Token answers that must not be believed.

use host_harness::bindings::types::{Error, ErrorKind, Outcome};
use mock_salesforce::Fault;
use serde_json::{Value, json};

use crate::fixture::{Fixture, TOKEN, refused};

/// The error of a refresh that is answered like this.
async fn refresh_answered(answer: &Value) -> Error {
    let fixture = Fixture::meeting(TOKEN, Fault::json(200, answer)).await;
    let error = refused(fixture.refresh(&fixture.refresh_token).await);
    fixture.assert_no_secret_in(&error);
    assert_eq!((error.status, fixture.requests()), (Some(200), 1));
    error
}

fn answer() -> Value {
    json!({"access_token": "00D!SENTINEL", "token_type": "Bearer", "instance_url": "https://x.my.salesforce.com"})
}

fn with(name: &str, value: Value) -> Value {
    let mut answer = answer();
    answer[name] = value;
    answer
}

#[tokio::test]
async fn the_answer_that_the_others_differ_from_is_taken() {
    let fixture = Fixture::meeting(TOKEN, Fault::json(200, &answer())).await;
    let tokens = fixture.refresh(&fixture.refresh_token).await.unwrap();
    assert_eq!(tokens.instance_url, "https://x.my.salesforce.com");
    assert_eq!(tokens.refresh_token.as_ref(), Some(&fixture.refresh_token));
    assert!(!tokens.signature_verified, "there was none");
}

#[tokio::test]
async fn a_wrong_signature_is_not_trusted() {
    for signature in ["AAAA", "", "Sh9e9bbZ0Tr9L1hVV5s3VtPsvHsM8nyD5q5Z0m2LZ5o="] {
        let mut answer = with("signature", json!(signature));
        answer["id"] = json!("https://login.salesforce.com/id/00D/005");
        answer["issued_at"] = json!("1795512600000");
        let error = refresh_answered(&answer).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::UntrustedAuthorization, Outcome::Unknown), "{signature}");
    }
}

#[tokio::test]
async fn tokens_for_a_host_that_is_not_salesforces_are_not_taken() {
    for instance_url in [
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "http://x.my.salesforce.com",
        "https://user@x.my.salesforce.com",
        "https://x.my.salesforce.com/path",
        "https://x.my.salesforce.com:8443",
        "https://192.0.2.1",
        "",
    ] {
        let error = refresh_answered(&with("instance_url", json!(instance_url))).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{instance_url}");
        assert!(!format!("{error:?}").contains("evil"));
    }
}

#[tokio::test]
async fn an_answer_without_a_bearer_token_is_not_taken() {
    for answer in [
        with("access_token", Value::Null),
        with("access_token", json!("")),
        with("access_token", json!("SENTINEL\r\nx: y")),
        with("access_token", json!(1)),
        with("token_type", json!("mac")),
        with("token_type", Value::Null),
        json!({}),
        json!([answer()]),
        json!("SENTINEL"),
    ] {
        let error = refresh_answered(&answer).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{answer}");
    }
}

#[tokio::test]
async fn an_error_under_status_200_is_an_error() {
    let error = refresh_answered(&with("error", json!("invalid_grant"))).await;
    assert_eq!(error.kind, ErrorKind::ReauthorizationRequired);
}

#[tokio::test]
async fn an_instance_that_changed_is_surfaced() {
    let fixture = Fixture::meeting(
        TOKEN,
        Fault::json(200, &with("instance_url", json!("https://moved--sb.sandbox.my.salesforce.com"))),
    )
    .await;
    let tokens = fixture.refresh(&fixture.refresh_token).await.unwrap();
    assert_eq!(tokens.instance_url, "https://moved--sb.sandbox.my.salesforce.com");
}

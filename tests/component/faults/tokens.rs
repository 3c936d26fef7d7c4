//! Authorization answers that are refusals, replays or forgeries. What a host does about an expired session is tested
//! with the program, which is one: rows 57 to 61, 64 and 65.

use mock_salesforce::{Fault, MockSalesforce};
use salesforce_runtime::bindings::oauth::PendingAuthorization;
use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, TOKEN, app, decision, refused};
use crate::oauth::browser;

/// The error of a refresh that is answered like this, with one request.
async fn refresh_answered(status: u16, answer: &Value) -> Error {
    let fixture = Fixture::meeting(TOKEN, Fault::json(status, answer)).await;
    let error = refused(fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, TEN_TIMES).await);
    assert_eq!((error.status, fixture.requests()), (Some(status), 1));
    error
}

fn tokens() -> Value {
    json!({"access_token": "00D!SENTINEL-ACCESS", "token_type": "Bearer", "instance_url": "https://x.my.salesforce.com"})
}

fn with(name: &str, value: Value) -> Value {
    let mut answer = tokens();
    answer[name] = value;
    answer
}

#[tokio::test]
async fn f62_without_a_new_refresh_token_the_old_one_stays() {
    let fixture = Fixture::meeting(TOKEN, Fault::json(200, &tokens())).await;
    let refreshed = fixture.refresh(&fixture.refresh_token).await.unwrap();
    assert_eq!(refreshed.refresh_token.as_ref(), Some(&fixture.refresh_token));
    assert_eq!(refreshed.instance_url, "https://x.my.salesforce.com");
    assert!(!refreshed.signature_verified, "there was none");
}

#[tokio::test]
async fn f63_a_grant_that_is_gone_needs_the_user() {
    let answer = json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    let error = refresh_answered(400, &answer).await;
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
    assert_eq!(error.problems[0].message, "expired access/refresh token");
}

#[tokio::test]
async fn f66_a_state_that_is_missing_wrong_or_used() {
    let fixture = Fixture::start().await;
    let (mine, other) = (fixture.begin().await, fixture.begin().await);
    let callback = browser::authorize(&fixture.mock, &other.url, "allow").await;
    let before = fixture.requests();
    for callback in [callback.as_str(), "code=x&state=another", "code=x", "code=x&state=", "error=access_denied", ""] {
        let error = refused(fixture.complete(&mine.pending, callback).await);
        assert_eq!(decision(&error), (ErrorKind::UntrustedAuthorization, Outcome::NotSent, false), "{callback}");
    }
    assert_eq!(fixture.requests(), before);
    // Used before: the host forgets what is pending once it is complete, so a second callback meets another one.
    fixture.complete(&other.pending, &callback).await.unwrap();
    let error = refused(fixture.complete(&fixture.begin().await.pending, &callback).await);
    assert_eq!(decision(&error), (ErrorKind::UntrustedAuthorization, Outcome::NotSent, false));
}

#[tokio::test]
async fn f67_a_verifier_that_is_wrong_or_none() {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    assert!(authorization.url.contains("code_challenge_method=S256"), "`plain` is not offered");
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    let before = fixture.requests();
    let with = |code_verifier: String| PendingAuthorization { code_verifier, ..authorization.pending.clone() };
    for verifier in ["v".repeat(42), "v".repeat(129), String::new(), format!("{} ", "v".repeat(43)), "ü".repeat(43)] {
        let error = refused(fixture.complete(&with(verifier), &callback).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    }
    assert_eq!(fixture.requests(), before);
    let another = "another-verifier-of-43-characters-or-more-xx";
    fixture.sentinels.plant(another);
    let error = refused(fixture.complete(&with(another.to_owned()), &callback).await);
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false), "{}", error.message);
}

#[tokio::test]
async fn f68_a_user_who_declines() {
    let fixture = Fixture::start().await;
    let pending = fixture.begin().await.pending;
    let words = "x".repeat(10_000);
    for description in ["end-user+denied+authorization", &words, "%1b%5b31mred%0d%0a"] {
        let callback = format!("error=access_denied&error_description={description}&state={}", pending.state);
        let error = refused(fixture.complete(&pending, &callback).await);
        assert_eq!(decision(&error), (ErrorKind::AccessDenied, Outcome::Rejected, false));
        assert!(error.problems[0].message.chars().count() < 2_100);
        let is_line_end = |character| matches!(character, '\n' | '\t');
        assert!(error.problems[0].message.chars().all(|character| is_line_end(character) || !character.is_control()));
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn f69_a_code_that_was_used() {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    let tokens = fixture.complete(&authorization.pending, &callback).await.unwrap();
    let error = refused(fixture.complete(&authorization.pending, &callback).await);
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
    assert_eq!(fixture.mock.ledger().token_requests("authorization_code"), 2);
    // Salesforce takes back what the first use gave: one of the two users has stolen the code.
    assert!(fixture.refresh(&tokens.refresh_token.unwrap()).await.is_err());
}

#[tokio::test]
async fn f70_clocks_that_are_years_apart() {
    let builder = MockSalesforce::builder().clock_standing_at("2001-01-01T00:00:00Z".parse().unwrap());
    let fixture = Fixture::of(builder, app()).await;
    let tokens = fixture.refresh(&fixture.refresh_token).await.unwrap();
    assert_eq!(tokens.issued_at_ms, Some(978_307_200_000));
    assert!(tokens.signature_verified);
    let rows = fixture.mock.issue_tokens(crate::fixture::CLIENT_ID, crate::fixture::USERNAME).unwrap();
    let connection = salesforce_runtime::bindings::types::Connection {
        access_token: rows.access_token.expose().to_owned(),
        ..fixture.connection.clone()
    };
    let query = crate::calls::query("SELECT Id FROM User");
    assert!(fixture.execution().soql_query(&connection, &query, DEFAULTS).await.is_ok());
}

#[tokio::test]
async fn f71_a_token_answer_that_cannot_be_trusted() {
    for answer in [
        with("access_token", Value::Null),
        with("access_token", json!("")),
        with("access_token", json!("SENTINEL\r\nx: y")),
        with("access_token", json!(1)),
        with("token_type", json!("mac")),
        with("token_type", Value::Null),
        json!({}),
        json!([tokens()]),
        json!("SENTINEL"),
    ] {
        let error = refresh_answered(200, &answer).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{answer}");
    }
    for signature in ["AAAA", "", "Sh9e9bbZ0Tr9L1hVV5s3VtPsvHsM8nyD5q5Z0m2LZ5o="] {
        let mut answer = with("signature", json!(signature));
        answer["id"] = json!("https://login.salesforce.com/id/00D/005");
        answer["issued_at"] = json!("1795512600000");
        let error = refresh_answered(200, &answer).await;
        assert_eq!((error.kind, error.outcome), (ErrorKind::UntrustedAuthorization, Outcome::Unknown), "{signature}");
    }
    let error = refresh_answered(200, &with("error", json!("invalid_grant"))).await;
    assert_eq!(error.kind, ErrorKind::ReauthorizationRequired);
}

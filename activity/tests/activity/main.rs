//! The activities as a durable engine runs them, in wasmtime, against the mock Salesforce.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, and what is not there fails a test"
)]

mod durable;
mod engine;
mod functions;
mod several;
mod values;
mod workflow;

use mock_salesforce::{ConnectedApp, Fault, Matcher, MockSalesforce};
use serde_json::{Value as Json, json};

use engine::Deployment;

const CLIENT_ID: &str = "engine";
const CLIENT_SECRET: &str = "shorter-than-its-placeholder";
const USER: &str = "integ@example.org";
const INVOICES: &str = "/services/data/v67.0/sobjects/Invoice__c";

async fn org(rotates: bool) -> MockSalesforce {
    let app = ConnectedApp {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.into()),
        scopes: vec!["api".to_owned(), "refresh_token".to_owned()],
        rotate_refresh_tokens: rotates,
        client_credentials_user: Some(USER.to_owned()),
        ..ConnectedApp::default()
    };
    MockSalesforce::builder().connected_app(app).start().await.unwrap()
}

fn with_a_token(mock: &MockSalesforce) -> Deployment {
    let tokens = mock.issue_tokens(CLIENT_ID, USER).unwrap();
    Deployment::default()
        .variable("SF_INSTANCE_URL", mock.url())
        .secret("SF_ACCESS_TOKEN", tokens.access_token.expose())
}

fn with_a_grant(mock: &MockSalesforce) -> Deployment {
    Deployment::default()
        .variable("SF_LOGIN_URL", mock.url())
        .variable("SF_CLIENT_ID", CLIENT_ID)
        .secret("SF_CLIENT_SECRET", CLIENT_SECRET)
}

fn count() -> Json {
    json!([{"soql": "SELECT COUNT() FROM Account"}])
}

fn upsert(number: &str, fields: Json) -> Json {
    let external_id = json!({"field": "Invoice_Number__c", "value": number});
    json!(["Invoice__c", {"upsert": {"external_id": external_id}}, fields, {}])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actions_run_with_a_token_that_the_component_never_sees() {
    let mock = org(false).await;
    let deployment = with_a_token(&mock);
    assert_eq!(deployment.call("actions.soql-query", count()).await.unwrap()["total_size"], 2086);
    for (amount, is_new) in [("1.50", true), ("2", false)] {
        let amount: Json = serde_json::from_str(amount).unwrap();
        let arguments = upsert("A-1", json!({"Amount__c": amount}));
        let saved = deployment.call("actions.create-or-update-record", arguments).await.unwrap();
        assert_eq!(saved["created"], is_new);
    }
    let key = json!({"external_id": {"field": "Invoice_Number__c", "value": "A-1"}});
    let read = json!(["Invoice__c", key, ["Invoice_Number__c", "Amount__c"]]);
    let values = deployment.call("actions.get-record-field-values", read).await.unwrap();
    assert_eq!(values, r#"{"Invoice_Number__c":"A-1","Amount__c":2}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_permanent_and_an_expired_token_of_the_environment_too() {
    let mock = org(false).await;
    let deployment = with_a_token(&mock);
    let negative = json!(["Invoice__c", {"Amount__c": -1}, {}]);
    let refused = deployment.call("creation.create-record", negative).await.unwrap_err();
    assert_eq!(refused.sorted(), ("permanent", "invalid-record", "rejected"));
    mock.expire_access_tokens();
    let expired = deployment.call("actions.soql-query", count()).await.unwrap_err();
    assert_eq!(expired.sorted(), ("permanent", "session-expired", "rejected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_org_is_for_the_engine_to_ask_again() {
    let mock = org(false).await;
    mock.push_fault(Matcher::path(INVOICES), Fault::status(429, &[]));
    let busy = with_a_token(&mock).call("creation.create-record", json!(["Invoice__c", {}, {}])).await.unwrap_err();
    assert_eq!(busy.sorted(), ("transient", "rate-limited", "rejected"));
    assert_eq!((mock.ledger().creates("Invoice__c"), mock.ledger().requests("POST", INVOICES)), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_gets_a_token_for_each_call_with_a_secret_of_another_length_than_its_placeholder() {
    let mock = org(false).await;
    let deployment = with_a_grant(&mock);
    for _ in 0..2 {
        assert!(deployment.call("actions.soql-query", count()).await.is_ok());
    }
    assert_eq!(mock.ledger().token_requests("client_credentials"), 2);

    let wrong = Deployment::default().variable("SF_LOGIN_URL", mock.url()).variable("SF_CLIENT_ID", CLIENT_ID);
    let wrong = wrong.secret("SF_CLIENT_SECRET", "wrong");
    let refused = wrong.call("actions.soql-query", count()).await.unwrap_err();
    assert_eq!(refused.sorted(), ("permanent", "invalid-client", "not_sent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_had_says_that_the_action_was_not_sent() {
    let mock = org(false).await;
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::CloseAfterWork);
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::Close);
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::Close);
    let failed = with_a_grant(&mock).call("creation.create-record", json!(["Invoice__c", {}, {}])).await.unwrap_err();
    assert_eq!(failed.sorted(), ("transient", "interrupted", "not_sent"));
    assert_eq!(mock.ledger().requests("POST", INVOICES), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_serves_as_long_as_it_is_not_rotated() {
    let refreshing = |mock: &MockSalesforce| {
        let tokens = mock.issue_tokens(CLIENT_ID, USER).unwrap();
        with_a_grant(mock).secret("SF_REFRESH_TOKEN", tokens.refresh_token.unwrap().expose())
    };
    let steady = org(false).await;
    let deployment = refreshing(&steady);
    for _ in 0..2 {
        assert!(deployment.call("actions.soql-query", count()).await.is_ok());
    }
    let rotating = org(true).await;
    let rotated = refreshing(&rotating).call("actions.soql-query", count()).await.unwrap_err();
    assert_eq!(rotated.sorted(), ("permanent", "reauthorization-required", "not_sent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_says_nothing_is_told_what_to_say() {
    let failed = Deployment::default().call("actions.soql-query", count()).await.unwrap_err();
    assert_eq!(failed.case, "permanent");
    let message = failed.failure["message"].as_str().unwrap();
    assert!(message.contains("SF_INSTANCE_URL and SF_ACCESS_TOKEN"), "{message}");
}

#[test]
fn the_components_stay_small() {
    for (features, most) in [(&[][..], 268_000), (&["create"][..], 207_000)] {
        let bytes = engine::built("salesforce-activity", features).len();
        assert!(bytes <= most, "{features:?}: {bytes} bytes");
    }
}

//! The activities as a durable engine runs them, in wasmtime, against the mock Salesforce.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod engine;

use mock_salesforce::{ConnectedApp, Fault, Matcher, MockSalesforce};
use wasmtime::component::Val;

use engine::{Deployment, field};

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

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}

fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

fn count() -> [Val; 1] {
    [record([
        ("soql", text("SELECT COUNT() FROM Account")),
        ("parameters", Val::List(Vec::new())),
        ("include-deleted", Val::Bool(false)),
        ("batch-size", Val::Option(None)),
        ("max-records", Val::Option(None)),
    ])]
}

fn save() -> Val {
    let none = || Val::Option(None);
    record([("assignment-rule", none()), ("duplicate-rule", none()), ("if-unmodified-since", none())])
}

fn upsert(number: &str, fields: &str) -> [Val; 4] {
    let external_id = record([("field", text("Invoice_Number__c")), ("value", text(number))]);
    let upsert = record([("external-id", external_id), ("update-only", Val::Bool(false))]);
    [text("Invoice__c"), Val::Variant("upsert".to_owned(), Some(Box::new(upsert))), text(fields), save()]
}

fn creation(fields: &str) -> [Val; 3] {
    [text("Invoice__c"), text(fields), save()]
}

fn failure_of(result: Result<Val, (String, Val)>) -> (String, String) {
    let (case, failure) = result.unwrap_err();
    let Val::String(kind) = field(&failure, "kind") else { panic!("expected a kind: {failure:?}") };
    (case, kind.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actions_run_with_a_token_that_the_component_never_sees() {
    let mock = org(false).await;
    let deployment = with_a_token(&mock);
    let page = deployment.act("soql-query", &count()).await.unwrap();
    assert_eq!(field(&page, "total-size"), &Val::Option(Some(Box::new(Val::U64(2086)))));

    let saved = deployment.act("create-or-update-record", &upsert("A-1", r#"{"Amount__c":1.50}"#)).await.unwrap();
    assert_eq!(field(&saved, "created"), &Val::Bool(true));
    let saved = deployment.act("create-or-update-record", &upsert("A-1", r#"{"Amount__c":2}"#)).await.unwrap();
    assert_eq!(field(&saved, "created"), &Val::Bool(false));

    let Val::String(id) = field(&saved, "id") else { panic!("expected an Id: {saved:?}") };
    let key = Val::Variant("id".to_owned(), Some(Box::new(text(id))));
    let fields = Val::List(vec![text("Invoice_Number__c"), text("Amount__c")]);
    let values = deployment.act("get-record-field-values", &[text("Invoice__c"), key, fields]).await.unwrap();
    assert_eq!(values, text(r#"{"Invoice_Number__c":"A-1","Amount__c":2}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upsert_whose_answer_is_lost_is_for_the_engine_to_repeat_and_a_creation_is_not() {
    let mock = org(false).await;
    let deployment = with_a_token(&mock);
    mock.push_fault(Matcher::under(INVOICES), Fault::CloseAfterWork);
    let lost = deployment.act("create-or-update-record", &upsert("B-1", "{}")).await;
    assert_eq!(failure_of(lost), ("transient".to_owned(), "interrupted".to_owned()));
    let again = deployment.act("create-or-update-record", &upsert("B-1", "{}")).await.unwrap();
    assert_eq!(field(&again, "created"), &Val::Bool(false));

    mock.push_fault(Matcher::path(INVOICES), Fault::CloseAfterWork);
    let lost = deployment.create(&creation("{}")).await;
    assert_eq!(failure_of(lost), ("permanent-outcome-unknown".to_owned(), "interrupted".to_owned()));
    mock.push_fault(Matcher::path(INVOICES), Fault::status(429, &[]));
    let busy = deployment.create(&creation("{}")).await;
    assert_eq!(failure_of(busy), ("transient".to_owned(), "rate-limited".to_owned()));
    assert_eq!(mock.ledger().creates("Invoice__c"), 2);
    assert_eq!(mock.ledger().requests("POST", INVOICES), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_permanent_and_an_expired_token_of_the_environment_too() {
    let mock = org(false).await;
    let deployment = with_a_token(&mock);
    let refused = deployment.create(&creation(r#"{"Amount__c":-1}"#)).await;
    assert_eq!(failure_of(refused), ("permanent".to_owned(), "invalid-record".to_owned()));
    mock.expire_access_tokens();
    let expired = deployment.act("soql-query", &count()).await;
    assert_eq!(failure_of(expired), ("permanent".to_owned(), "session-expired".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_gets_a_token_for_each_call_with_a_secret_of_another_length_than_its_placeholder() {
    let mock = org(false).await;
    let deployment = with_a_grant(&mock);
    for _ in 0..2 {
        assert!(deployment.act("soql-query", &count()).await.is_ok());
    }
    assert_eq!(mock.ledger().token_requests("client_credentials"), 2);

    let wrong = Deployment::default().variable("SF_LOGIN_URL", mock.url()).variable("SF_CLIENT_ID", CLIENT_ID);
    let refused = wrong.secret("SF_CLIENT_SECRET", "wrong").act("soql-query", &count()).await;
    assert_eq!(failure_of(refused), ("permanent".to_owned(), "invalid-client".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_cannot_be_had_says_that_the_action_was_not_sent() {
    let mock = org(false).await;
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::CloseAfterWork);
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::Close);
    mock.push_fault(Matcher::path("/services/oauth2/token"), Fault::Close);
    let (case, failure) = with_a_grant(&mock).create(&creation("{}")).await.unwrap_err();
    assert_eq!(case, "transient");
    assert_eq!(field(&failure, "outcome"), &Val::Enum("not-sent".to_owned()));
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
        assert!(deployment.act("soql-query", &count()).await.is_ok());
    }
    let rotating = org(true).await;
    let rotated = refreshing(&rotating).act("soql-query", &count()).await;
    assert_eq!(failure_of(rotated), ("permanent".to_owned(), "reauthorization-required".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_says_nothing_is_told_what_to_say() {
    let (case, failure) = Deployment::default().act("soql-query", &count()).await.unwrap_err();
    assert_eq!(case, "permanent");
    let Val::String(message) = field(&failure, "message") else { panic!("expected words: {failure:?}") };
    assert!(message.contains("SF_INSTANCE_URL and SF_ACCESS_TOKEN"), "{message}");
}

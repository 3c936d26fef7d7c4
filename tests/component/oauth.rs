//! OAuth through the component.

use host_harness::bindings::oauth::{AuthorizationRequest, PendingAuthorization, TokenType};
use host_harness::bindings::types::{Connection, ErrorKind, Outcome};
use host_harness::egress::EgressPolicy;
use mock_salesforce::Fault;
use serde_json::json;

use crate::fixture::{CALLBACK, CLIENT_SECRET, DEFAULTS, Fixture, USERNAME, decision, query, refused};

fn request() -> AuthorizationRequest {
    AuthorizationRequest { redirect_uri: CALLBACK.to_owned(), scopes: Vec::new(), prompt: None, login_hint: None }
}

async fn begin(fixture: &Fixture) -> PendingAuthorization {
    let nowhere = fixture.execution_with(EgressPolicy::origins([]));
    nowhere.begin_authorization(&fixture.app(), &request()).await.unwrap().pending
}

#[tokio::test]
async fn each_authorization_has_its_own_state_and_verifier() {
    let fixture = Fixture::start().await;
    let (first, second) = (begin(&fixture).await, begin(&fixture).await);
    assert_ne!(first.state, second.state);
    assert_ne!(first.code_verifier, second.code_verifier);
    assert_ne!(first.state, first.code_verifier);
    assert_eq!(fixture.mock.ledger().entries().count(), 0, "beginning sends nothing");
}

#[tokio::test]
async fn a_callback_that_is_not_ours_sends_nothing() {
    let fixture = Fixture::start().await;
    let pending = begin(&fixture).await;
    for (callback, kind) in [
        ("code=x&state=another".to_owned(), ErrorKind::UntrustedAuthorization),
        ("code=x".to_owned(), ErrorKind::UntrustedAuthorization),
        (format!("error=access_denied&state={}", pending.state), ErrorKind::AccessDenied),
        (format!("state={}", pending.state), ErrorKind::InvalidArgument),
    ] {
        let execution = fixture.execution();
        let result = execution.complete_authorization(&fixture.app(), &pending, &callback, DEFAULTS).await;
        assert_eq!(refused(result).kind, kind, "{callback}");
    }
    assert_eq!(fixture.mock.ledger().entries().count(), 0);
}

#[tokio::test]
async fn a_code_that_salesforce_does_not_know_needs_a_new_authorization() {
    let fixture = Fixture::start().await;
    let pending = begin(&fixture).await;
    let callback = format!("code=SENTINEL-CODE&state={}", pending.state);
    let result = fixture.execution().complete_authorization(&fixture.app(), &pending, &callback, DEFAULTS).await;
    let error = refused(result);
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
    assert_eq!(fixture.mock.ledger().token_requests("authorization_code"), 1);
    assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
}

#[tokio::test]
async fn a_refresh_gives_a_session_and_the_rotated_token() {
    let fixture = Fixture::start().await;
    let tokens = fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, DEFAULTS).await.unwrap();
    assert!(tokens.signature_verified);
    assert_ne!(tokens.refresh_token.as_ref(), Some(&fixture.refresh_token));
    let connection = Connection { access_token: tokens.access_token, ..fixture.connection.clone() };
    assert!(fixture.execution().user_info(&connection, DEFAULTS).await.is_ok());
}

#[tokio::test]
async fn a_token_answer_with_a_wrong_signature_is_not_trusted() {
    let fixture = Fixture::start().await;
    let answer = json!({
        "access_token": "00D!FORGED", "token_type": "Bearer", "instance_url": fixture.mock.url(),
        "id": "https://login.salesforce.com/id/00D/005", "issued_at": "1795512600000", "signature": "AAAA",
    });
    fixture.fault("/services/oauth2/token", Fault::json(200, &answer));
    let result = fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, DEFAULTS).await;
    assert_eq!(refused(result).kind, ErrorKind::UntrustedAuthorization);
}

#[tokio::test]
async fn tokens_for_another_companys_host_are_not_taken() {
    let fixture = Fixture::start().await;
    let answer =
        json!({"access_token": "00D!X", "token_type": "Bearer", "instance_url": "https://salesforce.com.evil.example"});
    fixture.fault("/services/oauth2/token", Fault::json(200, &answer));
    let result = fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, DEFAULTS).await;
    assert_eq!(refused(result).kind, ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn a_refresh_is_never_sent_twice_on_its_own() {
    let fixture = Fixture::start().await;
    fixture.fault("/services/oauth2/token", Fault::ResetAfterWork);
    let error = refused(fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.mock.ledger().token_requests("refresh_token"), 1);
    assert!(!format!("{error:?}").contains(&fixture.refresh_token));
}

#[tokio::test]
async fn client_credentials_need_the_right_secret() {
    let fixture = Fixture::start().await;
    let tokens = fixture.execution().client_credentials(&fixture.app(), DEFAULTS).await.unwrap();
    assert_eq!(tokens.instance_url, fixture.mock.url());
    let mut app = fixture.app();
    app.client_secret = Some("SENTINEL-WRONG".to_owned());
    let error = refused(fixture.execution().client_credentials(&app, DEFAULTS).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidClient, Outcome::Rejected));
    app.client_secret = None;
    let error = refused(fixture.execution().client_credentials(&app, DEFAULTS).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
}

#[tokio::test]
async fn an_assertion_of_a_stranger_is_refused() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.execution().jwt_bearer(&fixture.app(), "SENTINEL.a.b", DEFAULTS).await);
    assert_eq!(error.outcome, Outcome::Rejected);
    assert_eq!(fixture.mock.ledger().token_requests("urn:ietf:params:oauth:grant-type:jwt-bearer"), 1);
    assert!(!format!("{error:?}").contains("SENTINEL"));
}

#[tokio::test]
async fn a_revoked_session_is_inactive_and_expired() {
    let fixture = Fixture::start().await;
    let (app, token) = (fixture.app(), fixture.connection.access_token.clone());
    let introspect = || fixture.execution();
    let before = introspect().introspect(&app, &token, TokenType::AccessToken, DEFAULTS).await.unwrap();
    assert!(before.active);
    assert_eq!(before.username.as_deref(), Some(USERNAME));
    fixture.execution().revoke(&app, &token, DEFAULTS).await.unwrap();
    let after = introspect().introspect(&app, &token, TokenType::AccessToken, DEFAULTS).await.unwrap();
    assert!(!after.active);
    let result = fixture.execution().soql_query(&fixture.connection, &query("SELECT Id FROM User"), DEFAULTS).await;
    assert_eq!(decision(&refused(result)), (ErrorKind::SessionExpired, Outcome::Rejected, false));
}

#[tokio::test]
async fn the_user_is_told_by_id_and_name() {
    let fixture = Fixture::start().await;
    let user = fixture.execution().user_info(&fixture.connection, DEFAULTS).await.unwrap();
    assert!(user.user_id.starts_with("005") && user.organization_id.starts_with("00D"), "{user:?}");
    assert_eq!(user.username.as_deref(), Some(USERNAME));
    assert!(serde_json::from_str::<serde_json::Value>(&user.claims).unwrap().is_object());
}

#[tokio::test]
async fn no_secret_stands_in_the_ledger_or_in_an_address() {
    let fixture = Fixture::start().await;
    fixture.execution().refresh(&fixture.app(), &fixture.refresh_token, DEFAULTS).await.unwrap();
    let ledger = format!("{:?}", fixture.mock.ledger());
    for secret in [CLIENT_SECRET, &fixture.refresh_token] {
        assert!(!ledger.contains(secret));
    }
    assert!(fixture.mock.ledger().entries().all(|entry| entry.query.is_empty()), "secrets travel in bodies");
}

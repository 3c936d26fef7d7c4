//! Authorization code with PKCE, through the real pages.

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::oauth::{Authorization, AuthorizationRequest, PendingAuthorization, TokenSet};
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};
use salesforce_runtime::egress::EgressPolicy;

use super::browser;
use crate::calls::DEFAULTS;
use crate::fixture::{CALLBACK, CLIENT_SECRET, Fixture, USERNAME, app, decision, refused};

impl Fixture {
    pub(crate) async fn begin(&self) -> Authorization {
        let request = request();
        // It sends nothing, so it may reach nothing.
        let nowhere = self.execution_with(EgressPolicy::origins([]));
        let authorization = nowhere.begin_authorization(&self.app(), &request).await.unwrap();
        self.sentinels.plant(&authorization.pending.code_verifier);
        authorization
    }

    pub(crate) async fn complete(
        &self,
        pending: &PendingAuthorization,
        callback: &str,
    ) -> Result<TokenSet, ExecutionError> {
        if let Some(code) = callback.split('&').find_map(|pair| pair.strip_prefix("code=aPrx")) {
            self.sentinels.plant(code);
        }
        let result = self.execution().complete_authorization(&self.app(), pending, callback, DEFAULTS).await;
        self.plant_tokens(&result);
        result
    }
}

/// Asks for consent again, for the fixture's user has given it.
fn request() -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_uri: CALLBACK.to_owned(),
        scopes: Vec::new(),
        prompt: Some("consent".to_owned()),
        login_hint: None,
    }
}

#[tokio::test]
async fn a_user_who_logs_in_and_allows_it_gives_a_connection() {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    let tokens = fixture.complete(&authorization.pending, &callback).await.unwrap();
    assert!(tokens.signature_verified);
    assert_eq!(tokens.scopes, ["api", "refresh_token"]);
    assert_eq!(tokens.instance_url, fixture.mock.url());
    assert!(tokens.issued_at_ms.is_some_and(|issued| issued > 1_700_000_000_000));
    assert!(tokens.identity_url.is_some_and(|url| url.starts_with(&format!("{}/id/00D", fixture.mock.url()))));
    let connection = Connection { access_token: tokens.access_token, ..fixture.connection.clone() };
    let user = fixture.execution().user_info(&connection, DEFAULTS).await.unwrap();
    assert_eq!(user.username.as_deref(), Some(USERNAME));
    let refreshed = fixture.refresh(&tokens.refresh_token.unwrap()).await;
    assert!(refreshed.is_ok());
}

#[tokio::test]
async fn a_public_client_needs_no_secret_and_cannot_check_the_signature() {
    let public = mock_salesforce::ConnectedApp { client_secret: None, ..app() };
    let fixture = Fixture::of(mock_salesforce::MockSalesforce::builder(), public).await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    let app = salesforce_runtime::bindings::oauth::ConnectedApp { client_secret: None, ..fixture.app() };
    let execution = fixture.execution();
    let tokens = execution.complete_authorization(&app, &authorization.pending, &callback, DEFAULTS).await.unwrap();
    assert!(!tokens.signature_verified);
}

#[tokio::test]
async fn each_authorization_has_its_own_state_and_verifier() {
    let fixture = Fixture::start().await;
    let (first, second) = (fixture.begin().await, fixture.begin().await);
    assert_eq!((first.pending.state.len(), first.pending.code_verifier.len()), (43, 43));
    assert_ne!(first.pending.state, second.pending.state);
    assert_ne!(first.pending.code_verifier, second.pending.code_verifier);
    assert_ne!(first.pending.state, first.pending.code_verifier);
    assert!(!first.url.contains(&first.pending.code_verifier) && !first.url.contains(CLIENT_SECRET));
    assert_eq!(fixture.requests(), 0, "beginning sends nothing");
}

#[tokio::test]
async fn a_user_who_declines_is_reported_and_nothing_more_is_sent() {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "deny").await;
    let before = fixture.requests();
    let error = refused(fixture.complete(&authorization.pending, &callback).await);
    assert_eq!(decision(&error), (ErrorKind::AccessDenied, Outcome::Rejected, false));
    assert_eq!(error.problems[0].code, "access_denied");
    assert_eq!(error.problems[0].message, "end-user denied authorization");
    assert_eq!(fixture.requests(), before);
}

#[tokio::test]
async fn a_callback_that_cannot_be_read_sends_nothing() {
    let fixture = Fixture::start().await;
    let pending = fixture.begin().await.pending;
    let state = &pending.state;
    for callback in [
        format!("state={state}"),
        format!("state={state}&state={state}&code=x"),
        format!("state={state}&code=x&code=y"),
        format!("state={state}&code=x%0d%0ay"),
        format!("state={state}&code={}", "x".repeat(20_000)),
    ] {
        let error = refused(fixture.complete(&pending, &callback).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{callback}");
    }
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_code_that_salesforce_does_not_know_needs_a_new_authorization() {
    let fixture = Fixture::start().await;
    let pending = fixture.begin().await.pending;
    let error = refused(fixture.complete(&pending, &format!("code=SENTINEL-CODE&state={}", pending.state)).await);
    assert_eq!(decision(&error), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
}

#[tokio::test]
async fn a_code_whose_answer_is_lost_is_not_sent_again() {
    let fixture = Fixture::start().await;
    let authorization = fixture.begin().await;
    let callback = browser::authorize(&fixture.mock, &authorization.url, "allow").await;
    fixture.fault(crate::fixture::TOKEN, mock_salesforce::Fault::ResetAfterWork);
    let error = refused(fixture.complete(&authorization.pending, &callback).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.mock.ledger().token_requests("authorization_code"), 1);
}

#[tokio::test]
async fn an_authorization_that_salesforce_would_not_take_is_not_begun() {
    let fixture = Fixture::start().await;
    for wrong in [
        AuthorizationRequest { redirect_uri: "http://workflow.example.com/sso".to_owned(), ..request() },
        AuthorizationRequest { redirect_uri: "javascript:alert(1)".to_owned(), ..request() },
        AuthorizationRequest { redirect_uri: format!("{CALLBACK}\r\nx: y"), ..request() },
        AuthorizationRequest { scopes: vec!["api refresh_token".to_owned()], ..request() },
        AuthorizationRequest { prompt: Some("none".to_owned()), ..request() },
        AuthorizationRequest { login_hint: Some("a\nb".to_owned()), ..request() },
    ] {
        let error = refused(fixture.execution().begin_authorization(&fixture.app(), &wrong).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{wrong:?}");
    }
}

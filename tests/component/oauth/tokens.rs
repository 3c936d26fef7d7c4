//! What can be done with a token: revoke it, ask about it, ask whose it is.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::oauth::TokenType;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};

use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{CLIENT_ID, Fixture, USERNAME, decision, refused};

#[tokio::test]
async fn a_live_token_is_described() {
    let fixture = Fixture::start().await;
    let app = fixture.app();
    let access =
        fixture.execution().introspect(&app, &fixture.connection.access_token, TokenType::AccessToken, DEFAULTS);
    let access = access.await.unwrap();
    assert!(access.active && access.exp.is_some() && access.iat.is_some() && access.nbf.is_some());
    assert_eq!((access.client_id.as_deref(), access.username.as_deref()), (Some(CLIENT_ID), Some(USERNAME)));
    assert!(access.scopes.contains(&"api".to_owned()));
    assert!(access.sub.is_some_and(|sub| sub.starts_with(fixture.mock.url())));
    let refresh = fixture.execution().introspect(&app, &fixture.refresh_token, TokenType::RefreshToken, DEFAULTS);
    assert!(refresh.await.unwrap().active);
}

#[tokio::test]
async fn a_token_that_is_not_known_is_inactive_and_nothing_else() {
    let fixture = Fixture::start().await;
    let execution = fixture.execution();
    let unknown = execution.introspect(&fixture.app(), "SENTINEL", TokenType::AccessToken, DEFAULTS).await.unwrap();
    assert!(!unknown.active && unknown.username.is_none() && unknown.scopes.is_empty());
}

#[tokio::test]
async fn asking_about_a_token_needs_the_clients_secret() {
    let fixture = Fixture::start().await;
    let mut app = fixture.app();
    app.client_secret = None;
    let token = &fixture.connection.access_token;
    let error = refused(fixture.execution().introspect(&app, token, TokenType::AccessToken, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    app.client_secret = Some("SENTINEL-WRONG".to_owned());
    let error = refused(fixture.execution().introspect(&app, token, TokenType::AccessToken, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidClient, Outcome::Rejected, false));
}

#[tokio::test]
async fn a_revoked_session_is_expired_and_its_refresh_token_stays() {
    let fixture = Fixture::start().await;
    fixture.execution().revoke(&fixture.app(), &fixture.connection.access_token, DEFAULTS).await.unwrap();
    let error = fixture.read_error(DEFAULTS).await;
    assert_eq!(decision(&error), (ErrorKind::SessionExpired, Outcome::Rejected, false));
    assert!(fixture.refresh(&fixture.refresh_token).await.is_ok());
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_sessions_and_cannot_be_revoked_again() {
    let fixture = Fixture::start().await;
    fixture.execution().revoke(&fixture.app(), &fixture.refresh_token, DEFAULTS).await.unwrap();
    assert_eq!(fixture.read_error(DEFAULTS).await.kind, ErrorKind::SessionExpired);
    let again = refused(fixture.execution().revoke(&fixture.app(), &fixture.refresh_token, DEFAULTS).await);
    assert_eq!(decision(&again), (ErrorKind::ReauthorizationRequired, Outcome::Rejected, false));
    assert_eq!(again.problems[0].code, "invalid_token");
}

#[tokio::test]
async fn the_user_is_told_by_id_and_name() {
    let fixture = Fixture::start().await;
    let user = fixture.execution().user_info(&fixture.connection, DEFAULTS).await.unwrap();
    assert!(user.user_id.starts_with("005") && user.organization_id.starts_with("00D"), "{user:?}");
    assert_eq!(user.username.as_deref(), Some(USERNAME));
    assert_eq!((user.name.as_deref(), user.email.as_deref()), (Some("Ada Lindqvist"), Some(USERNAME)));
    let claims: serde_json::Value = serde_json::from_str(&user.claims).unwrap();
    assert_eq!(claims["user_id"], user.user_id);
}

#[tokio::test]
async fn a_session_that_has_ended_has_no_user() {
    let fixture = Fixture::start().await;
    fixture.mock.expire_access_tokens();
    let error = refused(fixture.execution().user_info(&fixture.connection, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::SessionExpired, Outcome::Rejected, false));
}

#[tokio::test]
async fn user_info_is_a_read_and_is_repeated() {
    let fixture = Fixture::meeting("/services/oauth2/userinfo", Fault::Reset).await;
    assert!(fixture.execution().user_info(&fixture.connection, DEFAULTS).await.is_ok());
    assert_eq!(fixture.requests(), 2);
    fixture.fault("/services/oauth2/userinfo", Fault::Reset);
    assert!(fixture.execution().user_info(&fixture.connection, ONCE).await.is_err());
}

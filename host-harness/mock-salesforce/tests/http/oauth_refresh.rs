//! Refreshing, rotation, revocation and introspection.

use std::pin::pin;

use jiff::SignedDuration;

use crate::client::{Answer, call};
use crate::fixture::*;

#[tokio::test]
async fn without_rotation_the_refresh_token_stays() {
    let mock = mock().await;
    let token = tokens(&mock).refresh_token.unwrap();
    for _ in 0..2 {
        let body = refresh(&mock, token.expose()).await.json();
        assert!(body.get("refresh_token").is_none());
        assert!(works(&mock, body["access_token"].as_str().unwrap()).await);
    }
}

#[tokio::test]
async fn with_rotation_using_the_old_token_ends_everything() {
    let mock = mock().await;
    mock.set_rotation(APP, true).unwrap();
    let old = tokens(&mock).refresh_token.unwrap();
    let body = refresh(&mock, old.expose()).await.json();
    let (access, new) = (body["access_token"].as_str().unwrap(), body["refresh_token"].as_str().unwrap());
    assert_ne!(new, old.expose());
    assert!(works(&mock, access).await);
    let answer = refresh(&mock, old.expose()).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(answer.message(), "expired access/refresh token");
    assert!(!works(&mock, access).await);
    assert_eq!(refresh(&mock, new).await.message(), "expired access/refresh token");
}

#[tokio::test]
async fn of_two_refreshes_at_once_one_is_told_to_wait() {
    let mock = mock().await;
    let token = tokens(&mock).refresh_token.unwrap();
    let held = mock.hold_refreshes();
    let (mut one, mut other) = (pin!(refresh(&mock, token.expose())), pin!(refresh(&mock, token.expose())));
    // Whichever arrives first is held, so the one that answers first is the one that was refused.
    let (refused, held_up) = tokio::select! {
        answer = &mut one => (answer, other),
        answer = &mut other => (answer, one),
    };
    assert_eq!(refused.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(refused.message(), "token request is already being processed");
    drop(held);
    assert_eq!(held_up.await.status, 200);
}

#[tokio::test]
async fn expired_sessions_are_healed_by_a_refresh() {
    let mock = mock().await;
    let tokens = tokens(&mock);
    mock.expire_access_tokens();
    let answer = call(&mock, "GET", "/services/data/v67.0/limits").token(tokens.access_token.expose()).send().await;
    assert_eq!(answer.error(), (401, "INVALID_SESSION_ID".to_owned()));
    assert_eq!(answer.message(), "Session expired or invalid");
    let body = refresh(&mock, tokens.refresh_token.unwrap().expose()).await.json();
    assert!(works(&mock, body["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_session_ends_by_itself_when_it_is_not_used() {
    let mock = mock().await;
    let token = access_token(&mock);
    mock.advance_clock(SignedDuration::from_hours(2));
    assert!(!works(&mock, &token).await);
}

async fn revoke(mock: &mock_salesforce::MockSalesforce, form: &[(&str, &str)]) -> Answer {
    call(mock, "POST", "/services/oauth2/revoke").form(form).send().await
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_its_access_tokens() {
    let mock = mock().await;
    let tokens = tokens(&mock);
    let refresh_token = tokens.refresh_token.unwrap();
    assert_eq!(revoke(&mock, &[("token", refresh_token.expose())]).await.status, 200);
    assert!(!works(&mock, tokens.access_token.expose()).await);
    assert_eq!(refresh(&mock, refresh_token.expose()).await.message(), "expired access/refresh token");
    let again = revoke(&mock, &[("token", refresh_token.expose())]).await;
    assert_eq!(again.error(), (400, "invalid_token".to_owned()));
}

#[tokio::test]
async fn revoking_an_access_token_ends_only_that() {
    let mock = mock().await;
    let tokens = tokens(&mock);
    assert_eq!(revoke(&mock, &[("token", tokens.access_token.expose())]).await.status, 200);
    assert!(!works(&mock, tokens.access_token.expose()).await);
    assert_eq!(refresh(&mock, tokens.refresh_token.unwrap().expose()).await.status, 200);
}

#[tokio::test]
async fn revocation_says_what_it_cannot_do() {
    let mock = mock().await;
    let token = access_token(&mock);
    let wrong_hint = [("token", token.as_str()), ("token_type_hint", "saml")];
    assert_eq!(revoke(&mock, &wrong_hint).await.error(), (400, "unsupported_token_type".to_owned()));
    assert_eq!(revoke(&mock, &[]).await.error(), (400, "invalid_request".to_owned()));
    let get = call(&mock, "GET", &format!("/services/oauth2/revoke?token={token}")).send().await;
    assert_eq!(get.message(), "must use HTTP POST");
    assert!(works(&mock, &token).await);
}

#[tokio::test]
async fn introspection_tells_an_app_about_its_own_tokens_only() {
    let mock = mock().await;
    let tokens = tokens(&mock);
    let introspect = |token: String, client: &'static str, secret: &'static str| {
        let form = [("token", token.as_str()), ("client_id", client), ("client_secret", secret)];
        call(&mock, "POST", "/services/oauth2/introspect").form(&form).send()
    };
    let access = tokens.access_token.expose().to_owned();
    let body = introspect(access.clone(), APP, SECRET).await.json();
    assert_eq!(body["active"], true);
    assert_eq!(body["client_id"], APP);
    assert_eq!(body["username"], username(&mock));
    assert_eq!(body["token_type"], "access_token");
    assert_eq!(body["iat"], mock.now().as_second());
    assert_eq!(body["exp"], mock.now().as_second() + 7200);
    let body = introspect(tokens.refresh_token.unwrap().expose().to_owned(), APP, SECRET).await.json();
    assert_eq!(body["token_type"], "refresh_token");
    let inactive = serde_json::json!({"active": false});
    assert_eq!(introspect(access.clone(), API_ONLY_APP, SECRET).await.json(), inactive);
    assert_eq!(introspect("unknown".to_owned(), APP, SECRET).await.json(), inactive);
    assert_eq!(introspect(access, APP, "wrong").await.error(), (400, "invalid_client".to_owned()));
}

//! The token endpoint: codes, client credentials, client authentication.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use mock_salesforce::{ConnectedApp, DEMO_PASSWORD, MockSalesforce, SECURITY_TOKEN};
use ring::hmac;

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn a_code_gives_tokens_signed_with_the_clients_secret() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    let answer = token(&mock, &redemption(&code)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned();
    let (organization, user) = mock.org(|org| (org.organization_id().to_owned(), org.users()[0].id.clone()));
    assert_eq!(text("token_type"), "Bearer");
    assert_eq!(text("scope"), "api refresh_token");
    assert_eq!(text("instance_url"), mock.url());
    assert_eq!(text("id"), format!("{}/id/{organization}/{user}", mock.url()));
    assert_eq!(text("issued_at"), "1781524800000");
    assert!(text("access_token").starts_with(&format!("{organization}!AQ")));
    assert!(body.get("expires_in").is_none() && body.get("id_token").is_none());
    let signature = STANDARD.decode(text("signature")).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    hmac::verify(&key, format!("{}{}", text("id"), text("issued_at")).as_bytes(), &signature).unwrap();
    assert!(works(&mock, &text("access_token")).await);
    assert_eq!(refresh(&mock, &text("refresh_token")).await.status, 200);
    assert_eq!(mock.ledger().token_requests("authorization_code"), 1);
    assert_eq!(mock.ledger().token_requests("refresh_token"), 1);
}

#[tokio::test]
async fn a_refresh_token_comes_only_with_its_scope() {
    let mock = mock().await;
    let code = code(&mock, &with(authorization(APP), "scope", "api")).await;
    let body = token(&mock, &redemption(&code)).await.json();
    assert_eq!(body["scope"], "api");
    assert!(body.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_replayed_code_takes_back_what_it_gave() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    let first = token(&mock, &redemption(&code)).await.json();
    let replay = token(&mock, &redemption(&code)).await;
    assert_eq!(replay.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(replay.message(), "expired authorization code");
    assert!(!works(&mock, first["access_token"].as_str().unwrap()).await);
    let refreshed = refresh(&mock, first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.message(), "expired access/refresh token");
}

#[tokio::test]
async fn a_code_lives_15_minutes() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    mock.advance_clock(SignedDuration::from_mins(15));
    let answer = token(&mock, &redemption(&code)).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(answer.message(), "expired authorization code");
}

#[tokio::test]
async fn what_does_not_belong_to_the_code_is_refused() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    let right = redemption(&code);
    let wrong = [
        (with(right.clone(), "code_verifier", ""), "invalid_grant"),
        (with(right.clone(), "code_verifier", &CHALLENGE[..43]), "invalid_request"),
        (with(right.clone(), "redirect_uri", "http://localhost:4321/other?kept=1"), "redirect_uri_mismatch"),
        (with(right.clone(), "redirect_uri", ""), "redirect_uri_mismatch"),
        (with(right.clone(), "client_id", API_ONLY_APP), "invalid_grant"),
        (with(right.clone(), "client_id", "unknown"), "invalid_client_id"),
        (with(right.clone(), "client_id", ""), "invalid_client_id"),
        (with(right.clone(), "client_secret", "wrong"), "invalid_client"),
        (with(right.clone(), "client_secret", ""), "invalid_client"),
        (with(right.clone(), "code", "unknown"), "invalid_grant"),
        (with(right.clone(), "code", ""), "invalid_request"),
        (with(right.clone(), "grant_type", "device"), "unsupported_grant_type"),
        (with(right.clone(), "grant_type", ""), "unsupported_grant_type"),
    ];
    for (form, code) in wrong {
        assert_eq!(token(&mock, &form).await.error(), (400, code.to_owned()), "{form:?}");
    }
    assert_eq!(token(&mock, &right).await.status, 200, "no refusal used the code up");
}

#[tokio::test]
async fn the_secret_may_come_by_basic_authentication() {
    let mock = mock().await;
    let code = code(&mock, &authorization(APP)).await;
    let form = with(with(redemption(&code), "client_id", ""), "client_secret", "");
    let encoded: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let send = |secret: String| {
        let value = format!("Basic {}", STANDARD.encode(format!("{APP}:{secret}")));
        call(&mock, "POST", "/services/oauth2/token").header("authorization", &value).form(&form).send()
    };
    assert_eq!(send("wrong".to_owned()).await.error(), (400, "invalid_client".to_owned()));
    assert_eq!(send(encoded).await.status, 200);
}

#[tokio::test]
async fn a_public_client_shows_its_verifier_and_no_secret() {
    let mock = mock().await;
    let code = code(&mock, &authorization(PUBLIC_APP)).await;
    let form = with(redemption(&code), "client_id", PUBLIC_APP);
    assert_eq!(token(&mock, &form).await.error(), (400, "invalid_client".to_owned()));
    assert_eq!(token(&mock, &with(form, "client_secret", "")).await.status, 200);
}

#[tokio::test]
async fn the_endpoint_wants_one_form_by_post() {
    let mock = mock().await;
    let answer = call(&mock, "GET", "/services/oauth2/token?grant_type=refresh_token").send().await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned()));
    assert_eq!(answer.message(), "must use HTTP POST");
    let twice = "grant_type=refresh_token&grant_type=authorization_code";
    let answer =
        call(&mock, "POST", "/services/oauth2/token").raw("application/x-www-form-urlencoded", twice).send().await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned()));
    let answer = call(&mock, "POST", "/services/oauth2/token").raw("application/json", "{}").send().await;
    assert_eq!(answer.error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn client_credentials_run_as_the_apps_user() {
    let first = mock().await;
    let form = [("grant_type", "client_credentials"), ("client_id", APP), ("client_secret", SECRET)];
    let answer = token(&first, &form).await;
    assert_eq!(answer.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(answer.message(), "no client credentials user enabled");

    let app = ConnectedApp {
        client_id: APP.to_owned(),
        client_secret: Some(SECRET.into()),
        scopes: ["api", "refresh_token"].map(str::to_owned).into(),
        client_credentials_user: Some(username(&first)),
        ..ConnectedApp::default()
    };
    let mock = MockSalesforce::builder().connected_app(app).start().await.unwrap();
    let body = token(&mock, &form).await.json();
    assert_eq!(body["scope"], "api");
    assert!(body.get("refresh_token").is_none());
    assert!(works(&mock, body["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_password_gives_an_access_token() {
    let mock = mock().await;
    let username = username(&mock);
    let with_token = format!("{DEMO_PASSWORD}{SECURITY_TOKEN}");
    let ask = async |password: &str| {
        let form = [
            ("grant_type", "password"),
            ("client_id", APP),
            ("client_secret", SECRET),
            ("username", username.as_str()),
            ("password", password),
        ];
        token(&mock, &form).await
    };
    for password in [DEMO_PASSWORD, &with_token] {
        let answer = ask(password).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.json().get("refresh_token").is_none());
        assert!(works(&mock, answer.json()["access_token"].as_str().unwrap()).await);
    }
    let wrong = ask("wrong").await;
    assert_eq!(wrong.error(), (400, "invalid_grant".to_owned()));
    assert_eq!(wrong.message(), "authentication failure");
}

#[tokio::test]
async fn the_endpoints_can_be_discovered() {
    let mock = mock().await;
    let told = call(&mock, "GET", "/.well-known/openid-configuration").send().await.json();
    assert_eq!(told["issuer"], mock.url());
    assert_eq!(told["token_endpoint"], format!("{}/services/oauth2/token", mock.url()));
}

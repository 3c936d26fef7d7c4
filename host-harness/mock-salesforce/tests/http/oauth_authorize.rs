//! The authorization endpoint and its pages.

use mock_salesforce::DEMO_PASSWORD;

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn a_user_logs_in_allows_and_is_sent_back_with_code_and_state() {
    let mock = mock().await;
    let page = authorize(&mock, &with(authorization(APP), "login_hint", "a\"b@example.com"), "").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("value=\"a&quot;b@example.com\""), "login_hint fills in the user name");

    let source = source(&page);
    let (cookie, answer) = log_in(&mock, &source).await;
    assert_eq!(answer.status, 302);
    let consent = call(&mock, "GET", answer.header("location")).header("cookie", &cookie).send().await;
    assert!(consent.text().contains("Perform requests at any time (refresh_token, offline_access)"));

    let redirect = decide(&mock, &source, &cookie, "allow").await;
    assert!(redirect.header("location").starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(redirect.redirect_parameter("state").unwrap(), "st&te");
    let again = decide(&mock, &source, &cookie, "allow").await;
    assert_eq!(again.status, 400, "a request is decided once");
}

#[tokio::test]
async fn a_denial_is_told_to_the_app() {
    let mock = mock().await;
    let source = source(&authorize(&mock, &authorization(APP), "").await);
    let (cookie, _) = log_in(&mock, &source).await;
    let redirect = decide(&mock, &source, &cookie, "deny").await;
    let expected =
        format!("{CALLBACK}?error=access_denied&error_description=end-user+denied+authorization&state=st%26te");
    assert_eq!(redirect.header("location"), expected);
}

#[tokio::test]
async fn a_wrong_password_logs_nobody_in() {
    let mock = mock().await;
    let source = source(&authorize(&mock, &authorization(APP), "").await);
    let username = username(&mock);
    for (username, password) in [(username.as_str(), "wrong"), ("nobody@example.com", DEMO_PASSWORD), ("", "")] {
        let form = [("source", source.as_str()), ("username", username), ("password", password)];
        let answer = call(&mock, "POST", "/login").form(&form).send().await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("Please check your username and password."));
        assert!(!format!("{:?}", answer.headers).contains("sid="));
    }
}

#[tokio::test]
async fn nobody_consents_without_being_logged_in() {
    let mock = mock().await;
    let source = source(&authorize(&mock, &authorization(APP), "").await);
    let answer = decide(&mock, &source, "sid=guessed", "allow").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("login_form"));
}

#[tokio::test]
async fn what_cannot_be_trusted_is_never_redirected_to() {
    let mock = mock().await;
    let wrong = [
        (with(authorization(APP), "client_id", "unknown"), "invalid_client_id"),
        (with(authorization(APP), "client_id", ""), "invalid_client_id"),
        (with(authorization(APP), "redirect_uri", ""), "redirect_uri_missing"),
        (
            with(authorization(APP), "redirect_uri", "http://localhost:4322/2017-09-01/integrations/salesforce/sso"),
            "redirect_uri_mismatch",
        ),
        (
            with(authorization(APP), "redirect_uri", "http://localhost:4321/2017-09-01/integrations/salesforce/sso/"),
            "redirect_uri_mismatch",
        ),
        (with(authorization(APP), "redirect_uri", "http://evil.example/"), "redirect_uri_mismatch"),
    ];
    for (parameters, code) in wrong {
        let answer = authorize(&mock, &parameters, "").await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(&format!("error={code}&amp;")), "{}", answer.text());
        assert_eq!(answer.header("location"), "");
    }
}

#[tokio::test]
async fn other_faults_of_the_request_go_back_to_the_app() {
    let mock = mock().await;
    let wrong = [
        (with(authorization(APP), "response_type", "token"), "unsupported_response_type"),
        (with(authorization(APP), "scope", "api full"), "invalid_scope"),
        (with(authorization(APP), "scope", "openid"), "invalid_scope"),
        (with(authorization(APP), "code_challenge_method", "plain"), "invalid_request"),
        (with(authorization(APP), "code_challenge", "short"), "invalid_request"),
        (with(authorization(APP), "prompt", "dance"), "invalid_request"),
        (with(with(authorization(PUBLIC_APP), "code_challenge", ""), "code_challenge_method", ""), "invalid_request"),
    ];
    for (parameters, code) in wrong {
        let answer = authorize(&mock, &parameters, "").await;
        assert!(answer.header("location").starts_with(CALLBACK));
        assert_eq!(answer.redirect_parameter("error").as_deref(), Some(code));
        assert_eq!(answer.redirect_parameter("state").as_deref(), Some("st&te"));
    }
}

#[tokio::test]
async fn a_callback_keeps_its_own_parameters() {
    let mock = mock().await;
    let parameters = with(authorization(APP), "redirect_uri", "http://localhost:4321/other?kept=1");
    let source = source(&authorize(&mock, &parameters, "").await);
    let (cookie, _) = log_in(&mock, &source).await;
    let redirect = decide(&mock, &source, &cookie, "allow").await;
    assert!(redirect.header("location").starts_with("http://localhost:4321/other?kept=1&code="));
}

#[tokio::test]
async fn an_approved_app_asks_again_only_when_told_to() {
    let mock = mock().await;
    let page = authorize(&mock, &authorization(APP), "").await;
    let source = source(&page);
    let (cookie, _) = log_in(&mock, &source).await;
    let code = decide(&mock, &source, &cookie, "allow").await.redirect_parameter("code").unwrap();
    assert_eq!(token(&mock, &redemption(&code)).await.status, 200);

    let straight = authorize(&mock, &authorization(APP), &cookie).await;
    assert!(straight.redirect_parameter("code").is_some());
    let consent = authorize(&mock, &with(authorization(APP), "prompt", "consent"), &cookie).await;
    assert!(consent.text().contains("consent_form"));
    let login = authorize(&mock, &with(authorization(APP), "prompt", "login consent"), &cookie).await;
    assert!(login.text().contains("login_form"));
    let source = crate::fixture::source(&login);
    let (cookie, _) = log_in(&mock, &source).await;
    assert!(decide(&mock, &source, &cookie, "allow").await.redirect_parameter("code").is_some());
}

#[tokio::test]
async fn what_a_user_would_allow_is_given_without_the_pages_and_checked_as_behind_them() {
    let mock = mock().await;
    let username = username(&mock);
    let url = |parameters: &[(&str, &str)]| {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("{}/services/oauth2/authorize?{query}", mock.url())
    };
    let callback = mock.allow(&url(&authorization(APP)), &username).unwrap();
    let brought = |name: &str| {
        let mut pairs = form_urlencoded::parse(callback.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap()
    };
    assert_eq!(brought("state"), "st&te");
    assert_eq!(token(&mock, &redemption(&brought("code"))).await.status, 200);
    for (name, value) in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://evil.example/callback"),
        ("response_type", "token"),
        ("code_challenge", "short"),
        ("code_challenge_method", "plain"),
    ] {
        assert!(mock.allow(&url(&with(authorization(APP), name, value)), &username).is_err(), "{name}={value}");
    }
    assert!(mock.allow(&url(&authorization(APP)), "nobody@example.org").is_err());
}

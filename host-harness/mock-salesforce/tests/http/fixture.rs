//! A mock with three apps, and the steps that many tests begin with.

use mock_salesforce::{Builder, ConnectedApp, DEMO_PASSWORD, MockSalesforce, Tokens};
use serde_json::Value;

use crate::client::{Answer, Call, call, encode};

pub(crate) const APP: &str = "confidential-app";
pub(crate) const SECRET: &str = "s3cret+/=%&";
pub(crate) const PUBLIC_APP: &str = "public-app";
pub(crate) const API_ONLY_APP: &str = "api-only-app";
pub(crate) const CALLBACK: &str = "http://localhost:4321/2017-09-01/integrations/salesforce/sso";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A mock on a clock that stands still.
pub(crate) async fn mock() -> MockSalesforce {
    builder().start().await.expect("a free port")
}

/// The same, with a control plane.
pub(crate) async fn steered() -> MockSalesforce {
    builder().control(true).start().await.expect("a free port")
}

/// A request to a path under `/__mock/`, with the token.
pub(crate) fn control(mock: &MockSalesforce, method: &str, path: &str) -> Call {
    let token = mock.control().expect("a control plane").token.expose().to_owned();
    call(mock, method, &format!("/__mock/{path}")).token(&token)
}

/// The app that most tests use.
pub(crate) fn app() -> ConnectedApp {
    ConnectedApp {
        client_id: APP.to_owned(),
        client_secret: Some(SECRET.into()),
        callback_urls: vec![CALLBACK.to_owned(), "http://localhost:4321/other?kept=1".to_owned()],
        scopes: ["api", "refresh_token"].map(str::to_owned).into(),
        jwt_public_key_pem: Some(include_str!("data/jwt_public_key.pem").to_owned()),
        ..ConnectedApp::default()
    }
}

pub(crate) fn builder() -> Builder {
    let app = app();
    let public = ConnectedApp {
        client_id: PUBLIC_APP.to_owned(),
        client_secret: None,
        require_pkce: true,
        jwt_public_key_pem: None,
        ..app.clone()
    };
    let api_only = ConnectedApp {
        client_id: API_ONLY_APP.to_owned(),
        scopes: vec!["id".to_owned()],
        jwt_public_key_pem: None,
        ..app.clone()
    };
    let builder = MockSalesforce::builder().clock_standing_at("2026-06-15T12:00:00Z".parse().unwrap());
    builder.connected_app(app).connected_app(public).connected_app(api_only)
}

/// The user most tests act as.
pub(crate) fn username(mock: &MockSalesforce) -> String {
    mock.org(|org| org.users()[0].username.clone())
}

pub(crate) fn tokens(mock: &MockSalesforce) -> Tokens {
    mock.issue_tokens(APP, &username(mock)).unwrap()
}

pub(crate) fn access_token(mock: &MockSalesforce) -> String {
    tokens(mock).access_token.expose().to_owned()
}

/// A request to a path under `/services/data/v67.0/`, in a session.
pub(crate) fn rest(mock: &MockSalesforce, method: &str, path: &str) -> Call {
    call(mock, method, &format!("/services/data/v67.0/{path}")).token(&access_token(mock))
}

pub(crate) async fn query(mock: &MockSalesforce, soql: &str) -> Value {
    let answer = rest(mock, "GET", &format!("query?q={}", encode(soql))).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The Id of the first record of a query.
pub(crate) async fn one_id(mock: &MockSalesforce, soql: &str) -> String {
    query(mock, soql).await["records"][0]["Id"].as_str().expect("a record").to_owned()
}

/// The parameters of a right authorization request.
pub(crate) fn authorization(client_id: &str) -> Vec<(&str, &str)> {
    vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("state", "st&te"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// The same with one parameter set, or left out when the value is empty.
pub(crate) fn with<'a>(
    mut parameters: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    parameters.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        parameters.push((name, value));
    }
    parameters
}

pub(crate) async fn authorize(mock: &MockSalesforce, parameters: &[(&str, &str)], cookie: &str) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    call(mock, "GET", &format!("/services/oauth2/authorize?{query}")).header("cookie", cookie).send().await
}

/// The hidden field by which a page knows its request.
pub(crate) fn source(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("name=\"source\" value=\"").unwrap_or_else(|| panic!("no form: {text}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Fills in the login page; answers the session cookie and the answer.
pub(crate) async fn log_in(mock: &MockSalesforce, source: &str) -> (String, Answer) {
    let username = username(mock);
    let form = [("source", source), ("username", username.as_str()), ("password", DEMO_PASSWORD)];
    let answer = call(mock, "POST", "/login").form(&form).send().await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut session =
        cookies.filter(|cookie| cookie.starts_with("sid=")).map(|cookie| cookie.split(';').next().unwrap());
    let session = session.next().unwrap_or_default().to_owned();
    (session, answer)
}

pub(crate) async fn decide(mock: &MockSalesforce, source: &str, cookie: &str, decision: &str) -> Answer {
    let page = call(mock, "POST", "/setup/secur/RemoteAccessAuthorizationPage.apexp");
    page.header("cookie", cookie).form(&[("source", source), ("decision", decision)]).send().await
}

/// The whole way from the authorization request to the redirect; answers the code.
pub(crate) async fn code(mock: &MockSalesforce, parameters: &[(&str, &str)]) -> String {
    let page = authorize(mock, parameters, "").await;
    let source = source(&page);
    let (cookie, _) = log_in(mock, &source).await;
    let redirect = decide(mock, &source, &cookie, "allow").await;
    redirect.redirect_parameter("code").expect("a code")
}

pub(crate) async fn token(mock: &MockSalesforce, form: &[(&str, &str)]) -> Answer {
    call(mock, "POST", "/services/oauth2/token").form(form).send().await
}

/// The form that redeems a code of [`APP`].
pub(crate) fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", APP),
        ("client_secret", SECRET),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) async fn refresh(mock: &MockSalesforce, refresh_token: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
        ("client_id", APP),
        ("client_secret", SECRET),
    ];
    token(mock, &form).await
}

/// Whether an access token is good for the REST API.
pub(crate) async fn works(mock: &MockSalesforce, access_token: &str) -> bool {
    call(mock, "GET", "/services/data/v67.0/limits").token(access_token).send().await.status == 200
}

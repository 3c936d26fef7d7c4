//! The mock's own OAuth pages, as a user meets them on the way from an app to its callback URL and back.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Query;
use axum::response::Html;
use axum::routing::get;
use fantoccini::key::Key;
use mock_salesforce::{ConnectedApp, DEMO_PASSWORD, MockSalesforce};
use tokio::sync::mpsc;

use crate::browser::Browser;
use crate::driver::PATIENCE;
use crate::site::Site;

const CLIENT_ID: &str = "console-tests";
const USERNAME: &str = "alind@example.org";
const STATE: &str = "a state / with=characters&that need escaping";
/// Of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An app that sends users to Salesforce, and what comes back to it.
struct App {
    mock: MockSalesforce,
    callback: Site,
    queries: mpsc::UnboundedReceiver<HashMap<String, String>>,
}

impl App {
    async fn start() -> App {
        let (sender, queries) = mpsc::unbounded_channel();
        let answer = async move |Query(query): Query<HashMap<String, String>>| {
            // A test that failed meanwhile does not listen.
            let _ = sender.send(query);
            Html("<!doctype html><title>App</title><h1>Back at the app</h1>")
        };
        let callback = Site::start(Router::new().route("/callback", get(answer))).await;
        let app = ConnectedApp {
            client_id: CLIENT_ID.to_owned(),
            client_secret: Some("SENTINEL-secret".into()),
            callback_urls: vec![callback.url("/callback")],
            scopes: ["api", "refresh_token"].map(str::to_owned).to_vec(),
            require_pkce: true,
            ..ConnectedApp::default()
        };
        let mock = MockSalesforce::builder().connected_app(app).start().await.unwrap();
        App { mock, callback, queries }
    }

    /// Where the app sends its user.
    fn authorization_url(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", CLIENT_ID)
            .append_pair("redirect_uri", &self.callback.url("/callback"))
            .append_pair("state", STATE)
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/services/oauth2/authorize?{query}", self.mock.url())
    }

    /// What the browser brings to the callback URL.
    async fn query(&mut self) -> HashMap<String, String> {
        tokio::time::timeout(PATIENCE, self.queries.recv()).await.expect("the browser never came back").unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_in_and_allows() {
    let mut app = App::start().await;
    let browser = Browser::start().await;
    browser.go(&app.authorization_url()).await;
    browser.fill("Username", USERNAME).await;
    browser.fill("Password", "not the password").await;
    browser.press("Log In").await;
    browser.see("Please check your username and password").await;
    browser.fill("Password", DEMO_PASSWORD).await;
    browser.press("Log In").await;
    browser.see(&format!("Do you want to allow access for {USERNAME}?")).await;
    assert!(browser.text().await.contains(&format!("{CLIENT_ID} is asking to:")));
    browser.press("Allow").await;
    browser.see("Back at the app").await;
    let query = app.query().await;
    assert_eq!(query.get("state").map(String::as_str), Some(STATE));
    assert!(query.get("code").is_some_and(|code| !code.is_empty()), "{query:?}");
    assert!(!query.contains_key("error"), "{query:?}");
    assert!(browser.url().await.starts_with(&app.callback.url("/callback?code=")));
    assert_eq!(browser.errors().await, Vec::<String>::new());

    // The browser is logged in by now.
    browser.go(&app.authorization_url()).await;
    browser.see("Allow Access?").await;
    browser.press("Allow").await;
    browser.see("Back at the app").await;
    assert_ne!(app.query().await.get("code"), query.get("code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_a_keyboard_alone_logs_in_and_denies() {
    let mut app = App::start().await;
    let browser = Browser::start().await;
    browser.go(&app.authorization_url()).await;
    browser.tab_to("Username").await;
    browser.type_text(USERNAME).await;
    browser.tab_to("Password").await;
    browser.type_text(DEMO_PASSWORD).await;
    browser.key(Key::Enter).await;
    browser.see("Allow Access?").await;
    browser.tab_to("Deny").await;
    browser.key(Key::Enter).await;
    browser.see("Back at the app").await;
    let query = app.query().await;
    assert_eq!(query.get("error").map(String::as_str), Some("access_denied"));
    assert_eq!(query.get("state").map(String::as_str), Some(STATE));
    assert!(!query.contains_key("code"), "{query:?}");
}

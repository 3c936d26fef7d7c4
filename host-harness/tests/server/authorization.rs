//! An authorization belongs to one browser, and its callback works once.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::client::Client;
use crate::fixture::{Connected, Fixture, TOKEN_PATH, USERNAME, callback, parameter};

/// A connection, a browser at Salesforce's page, and the URL of that page.
async fn begun(fixture: &Fixture) -> (String, Browser, String) {
    let connection = fixture.create(&fixture.tenant, "org").await;
    let mut browser = Browser::new(fixture.server.url());
    let location = browser.begin(&fixture.authorize(&fixture.tenant, &connection).await).await;
    (connection, browser, location)
}

async fn shown(fixture: &Fixture, connection: &str) -> Value {
    fixture.tenant.get(&format!("/v1/connections/{connection}")).await.json(200)
}

#[tokio::test]
async fn a_user_allows_access_and_the_connection_is_active() {
    let fixture = Fixture::start().await;
    let (connection, mut browser, location) = begun(&fixture).await;
    assert!(location.starts_with(&format!("{}/services/oauth2/authorize?", fixture.mock.url())), "{location}");
    assert_eq!(parameter(&location, "code_challenge_method").as_deref(), Some("S256"));
    let page = browser.get(&fixture.allowed(&location)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("is connected"), "{page:?}");
    let shown = shown(&fixture, &connection).await;
    assert_eq!((&shown["state"], &shown["generation"]), (&json!("active"), &json!(1)));
    assert_eq!((&shown["username"], &shown["instance_url"]), (&json!(USERNAME), &json!(fixture.mock.url())));
    let id = shown["organization_id"].as_str().unwrap();
    assert!(id.starts_with("00D"), "{id}");
}

#[tokio::test]
async fn the_cookie_is_hidden_from_scripts_and_from_other_sites() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let url = fixture.authorize(&fixture.tenant, &connection).await;
    let reply = Client::new(fixture.server.url(), None).get(&url).await;
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_callback_in_another_browser_spends_nothing() {
    let fixture = Fixture::start().await;
    let (connection, mut browser, location) = begun(&fixture).await;
    let mut other = {
        let connection = fixture.create(&fixture.tenant, "another").await;
        let mut other = Browser::new(fixture.server.url());
        other.begin(&fixture.authorize(&fixture.tenant, &connection).await).await;
        other
    };
    let back = fixture.allowed(&location);
    assert_eq!(Browser::new(fixture.server.url()).get(&back).await.status, 400, "a browser without a cookie");
    assert_eq!(other.get(&back).await.status, 400, "a browser with a cookie of its own");
    assert_eq!(fixture.mock.ledger().requests("POST", TOKEN_PATH), 0, "the code was spent");
    assert_eq!(shown(&fixture, &connection).await["state"], "authorizing");
    assert_eq!(browser.get(&back).await.status, 200);
    assert_eq!(shown(&fixture, &connection).await["state"], "active");
}

#[tokio::test]
async fn a_ticket_is_for_the_first_browser() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let url = fixture.authorize(&fixture.tenant, &connection).await;
    let mut first = Browser::new(fixture.server.url());
    let location = first.begin(&url).await;
    assert_eq!(Browser::new(fixture.server.url()).get(&url).await.status, 400);
    assert_eq!(first.begin(&url).await, location, "a page loaded again");
    assert_eq!(Browser::new(fixture.server.url()).get("/connect/none").await.status, 400);
}

#[tokio::test]
async fn a_callback_works_once() {
    let fixture = Fixture::start().await;
    let (connection, mut browser, location) = begun(&fixture).await;
    let back = fixture.allowed(&location);
    assert_eq!(browser.get(&back).await.status, 200);
    let again = browser.get(&back).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("begin again"), "{again:?}");
    assert_eq!(fixture.mock.ledger().requests("POST", TOKEN_PATH), 1);
    assert_eq!(shown(&fixture, &connection).await["state"], "active");
}

#[tokio::test]
async fn a_callback_without_its_state_is_refused() {
    let fixture = Fixture::start().await;
    let (_, mut browser, _) = begun(&fixture).await;
    for query in ["code=aPrx", "code=aPrx&state=", "code=aPrx&state=invented", "error=access_denied", "", "%"] {
        assert_eq!(browser.get(&callback(query)).await.status, 400, "{query}");
    }
    assert_eq!(fixture.mock.ledger().requests("POST", TOKEN_PATH), 0);
}

#[tokio::test]
async fn a_user_who_denies_is_told_and_the_connection_says_why() {
    let fixture = Fixture::start().await;
    let (connection, mut browser, location) = begun(&fixture).await;
    let state = parameter(&location, "state").unwrap();
    let words = "end-user+denied+authorization%3Cscript%3E";
    let page = browser.get(&callback(&format!("error=access_denied&error_description={words}&state={state}"))).await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("Not connected") && !page.text().contains("<script>"), "{page:?}");
    let denied = shown(&fixture, &connection).await;
    assert_eq!(denied["state"], "authorizing");
    assert!(denied["reason"].as_str().unwrap().contains("denied"), "{denied}");

    fixture.allow(&fixture.tenant, &connection).await;
    let allowed = shown(&fixture, &connection).await;
    assert_eq!((&allowed["state"], &allowed["reason"]), (&json!("active"), &Value::Null));
}

#[tokio::test]
async fn a_refused_code_is_told() {
    let fixture = Fixture::start().await;
    let (connection, mut browser, location) = begun(&fixture).await;
    let refusal = json!({"error": "invalid_grant", "error_description": "expired authorization code"});
    fixture.mock.push_fault(Matcher::path(TOKEN_PATH), Fault::json(400, &refusal));
    let page = browser.get(&fixture.allowed(&location)).await;
    assert_eq!(page.status, 400);
    let refused = shown(&fixture, &connection).await;
    assert!(refused["reason"].as_str().unwrap().contains("expired authorization code"), "{refused}");
}

#[tokio::test]
async fn an_active_connection_is_allowed_again_and_works_meanwhile() {
    let connected = Connected::start().await;
    let mut browser = Browser::new(connected.server.url());
    let location = browser.begin(&connected.authorize(&connected.tenant, &connected.connection).await).await;
    assert_eq!(parameter(&location, "login_hint").as_deref(), Some(USERNAME));
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    assert_eq!(browser.get(&connected.allowed(&location)).await.status, 200);
    let shown = connected.shown().await;
    assert_eq!((&shown["state"], &shown["generation"]), (&json!("active"), &json!(2)));
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn the_browser_is_sent_to_a_path_of_this_server_alone() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let path = format!("/v1/connections/{connection}/authorize");
    for elsewhere in ["https://example.com", "//example.com", "/\\example.com", "example.com", "/a\r\nb"] {
        let reply = fixture.tenant.post_json(&path, &json!({"return_to": elsewhere})).await;
        let detail = reply.problem(400, "invalid-request");
        assert!(detail.contains("return_to"), "{detail}");
    }
    fixture.tenant.post_json(&path, &json!({"return": "/"})).await.problem(400, "invalid-request");
    let json = [("content-type", "application/json")];
    fixture.tenant.send(http::Method::POST, &path, &json, "".into()).await.json(201);
    let begun = fixture.tenant.post_json(&path, &json!({"return_to": "/console?a=b"})).await.json(201);
    let mut browser = Browser::new(fixture.server.url());
    let location = browser.begin(begun["url"].as_str().unwrap()).await;
    let reply = browser.get(&fixture.allowed(&location)).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, Some("/console?a=b")));
}

#[tokio::test]
async fn the_connection_url_explains_itself() {
    let fixture = Fixture::start().await;
    let page = Browser::new(fixture.server.url()).get(fixture.server.callback_url()).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(fixture.server.callback_url()));
}

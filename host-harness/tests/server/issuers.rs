//! An authorization begun at one login host sends its code, its verifier and its app's secret to no other (RFC 9700 section
//! 4.4).

use mock_salesforce::wire::{Step, Wire};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixture::{CLIENT_SECRET, Connected, Fixture, TOKEN_PATH, USERNAME, callback, parameter};

/// A login host that takes whatever comes.
async fn hostile() -> (Wire, String) {
    let answer = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let url = format!("http://{}", wire.address());
    (wire, url)
}

async fn shown(fixture: &Fixture, connection: &str) -> Value {
    fixture.tenant.get(&format!("/v1/connections/{connection}")).await.json(200)
}

fn codes_sent(fixture: &Fixture) -> usize {
    fixture.mock.ledger().requests("POST", TOKEN_PATH)
}

#[tokio::test]
async fn s12_an_honest_orgs_code_does_not_go_to_the_hostile_host_that_the_browser_was_sent_to_first() {
    let fixture = Fixture::start().await;
    let (wire, url) = hostile().await;
    let mut body = fixture.connection("hostile");
    body["login_url"] = json!(url);
    let connection = fixture.tenant.post_json("/v1/connections", &body).await.json(201);
    let connection = connection["id"].as_str().unwrap();
    let mut browser = Browser::new(fixture.server.url());
    let location = browser.begin(&fixture.authorize(&fixture.tenant, connection).await).await;
    // The hostile host sends the browser on to the honest one, whose user allows access.
    let honest = location.replace(&url, fixture.mock.url());
    let issuer: String = form_urlencoded::byte_serialize(fixture.mock.url().as_bytes()).collect();
    let query = fixture.mock.allow(&honest, USERNAME).unwrap();
    let page = browser.get(&callback(&format!("{query}&iss={issuer}"))).await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("another issuer"), "{page:?}");
    assert_eq!((wire.accepted(), codes_sent(&fixture)), (0, 0));
    let refused = shown(&fixture, connection).await;
    assert_eq!(refused["state"], "authorizing");
    assert!(refused["refusal"]["reason"].as_str().unwrap().contains("another issuer"), "{refused}");

    // Its own name is taken, and the code goes to it alone.
    let own = fixture.create(&fixture.tenant, "honest").await;
    let location = browser.begin(&fixture.authorize(&fixture.tenant, &own).await).await;
    let query = fixture.mock.allow(&location, USERNAME).unwrap();
    assert_eq!(browser.get(&callback(&format!("{query}&iss={issuer}"))).await.status, 200);
    assert_eq!((wire.accepted(), codes_sent(&fixture)), (0, 1));
}

#[tokio::test]
async fn s12_what_was_begun_before_a_change_is_exchanged_nowhere() {
    let fixture = Fixture::start().await;
    let (wire, url) = hostile().await;
    for change in [
        json!({"login_url": url, "client_secret": CLIENT_SECRET}),
        json!({"client_id": "another-app", "client_secret": CLIENT_SECRET}),
    ] {
        let connection = fixture.create(&fixture.tenant, &change.to_string()[..40]).await;
        let mut browser = Browser::new(fixture.server.url());
        let location = browser.begin(&fixture.authorize(&fixture.tenant, &connection).await).await;
        let path = format!("/v1/connections/{connection}");
        fixture.tenant.patch_json(&path, &change).await.json(200);
        let page = browser.get(&fixture.allowed(&location)).await;
        assert_eq!(page.status, 400, "{page:?}");
        assert_eq!((wire.accepted(), codes_sent(&fixture)), (0, 0), "{change}");
        assert_eq!(shown(&fixture, &connection).await["state"], "authorizing");
    }
}

#[tokio::test]
async fn s12_a_login_host_that_is_no_longer_allowed_gets_nothing() {
    let connected = Connected::start().await;
    let waiting = connected.create(&connected.tenant, "waiting").await;
    let mut browser = Browser::new(connected.server.url());
    let location = browser.begin(&connected.authorize(&connected.tenant, &waiting).await).await;
    let (strict, tenant) = connected.another_with(|options| options.loopback_orgs = false).await;
    let before = connected.mock.ledger().entries().count();
    connected.mock.expire_access_tokens();
    for verb in ["authorize", "refresh", "revoke"] {
        let path = format!("/v1/connections/{}/{verb}", connected.connection);
        let detail = tenant.post(&path).await.problem(400, "invalid-request");
        assert!(detail.contains("login_url") && detail.contains("--allow-loopback-orgs"), "{verb}: {detail}");
    }
    let query = connected.mock.allow(&location, USERNAME).unwrap();
    let page = browser.get(&format!("{}{}", strict.url(), callback(&query))).await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("--allow-loopback-orgs"), "{page:?}");
    assert_eq!(connected.mock.ledger().entries().count(), before);
    assert_eq!(connected.shown().await["state"], "active");
}

#[tokio::test]
async fn s12_login_hosts_are_salesforces_and_those_that_the_operator_lists() {
    let fixture = Fixture::with(|options| {
        options.login_hosts = vec!["login.example.com".parse().unwrap(), "*.id.example.com".parse().unwrap()];
    })
    .await;
    let create = async |login_url: &str| {
        let mut body = fixture.connection(login_url);
        body["login_url"] = json!(login_url);
        fixture.tenant.post_json("/v1/connections", &body).await
    };
    for allowed in ["https://test.salesforce.com", "https://login.example.com", "https://a.id.example.com"] {
        create(allowed).await.json(201);
    }
    for other in ["https://evil.example", "https://salesforce.com.evil.example", "https://id.example.com"] {
        let detail = create(other).await.problem(400, "invalid-request");
        for words in ["login_url", "salesforce.com", "login.example.com", "--login-host"] {
            assert!(detail.contains(words), "{other}: {detail}");
        }
    }
    let made = fixture.tenant.get("/v1/connections").await.json(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let change = json!({"login_url": "https://evil.example", "client_secret": null});
    fixture.tenant.patch_json(&format!("/v1/connections/{made}"), &change).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn s12_tokens_of_an_org_elsewhere_are_not_kept() {
    let fixture = Fixture::start().await;
    let body = json!({"access_token": "00D!SENTINEL", "token_type": "Bearer", "instance_url": "https://evil.example",
        "refresh_token": "SENTINEL-refresh", "scope": "api"})
    .to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
    let mut body = fixture.connection("elsewhere");
    body["login_url"] = json!(format!("http://{}", wire.address()));
    body.as_object_mut().unwrap().shift_remove("client_secret");
    let connection = fixture.tenant.post_json("/v1/connections", &body).await.json(201);
    let connection = connection["id"].as_str().unwrap();
    let mut browser = Browser::new(fixture.server.url());
    let location = browser.begin(&fixture.authorize(&fixture.tenant, connection).await).await;
    let state = parameter(&location, "state").unwrap();
    let page = browser.get(&callback(&format!("code=aPrx&state={state}"))).await;
    assert_eq!((page.status.as_u16(), wire.requests().len()), (400, 1), "{page:?}");
    let refused = shown(&fixture, connection).await;
    assert_eq!((&refused["state"], &refused["instance_url"]), (&json!("authorizing"), &Value::Null));
}

#[tokio::test]
async fn the_cookie_of_each_authorization_is_made_here_and_several_wait_in_one_browser() {
    let fixture = Fixture::start().await;
    let mut browser = Browser::new(fixture.server.url());
    let [first, second] = [fixture.create(&fixture.tenant, "a").await, fixture.create(&fixture.tenant, "b").await];
    browser.plant("harness_browser", "planted");
    let first_page = browser.begin(&fixture.authorize(&fixture.tenant, &first).await).await;
    let (name, minted) = browser.cookies().iter().find(|(_, value)| *value != "planted").unwrap();
    let (name, minted) = (name.clone(), minted.clone());
    assert_eq!(minted.len(), 43, "256 bits");

    // A value that is known beforehand is of no use, even under the right name.
    let url = fixture.authorize(&fixture.tenant, &second).await;
    let second_page = browser.begin(&url).await;
    assert_eq!(browser.cookies().len(), 3, "{:?}", browser.cookies());
    let own = browser.cookies().keys().find(|other| **other != name && **other != "harness_browser").unwrap().clone();
    let mut other = Browser::new(fixture.server.url());
    other.plant(&own, "planted");
    assert_eq!(other.get(&url).await.status, 400);
    assert_eq!(other.get(&fixture.allowed(&second_page)).await.status, 400);

    for page in [&second_page, &first_page] {
        assert_eq!(browser.get(&fixture.allowed(page)).await.status, 200);
    }
    for connection in [&first, &second] {
        assert_eq!(shown(&fixture, connection).await["state"], "active");
    }
}

//! A connection is changed and keeps its id, and says why its last authorization failed.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixture::{CLIENT_ID, CLIENT_SECRET, Connected, Fixture, callback, parameter};

#[tokio::test]
async fn a_rotated_secret_is_mended_without_a_new_id() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}", connected.connection);
    let (change, refresh) = (
        async |secret: &str| {
            let changed = connected.tenant.patch_json(&path, &json!({"client_secret": secret})).await;
            assert!(!changed.text().contains(secret), "{changed:?}");
            changed.json(200)
        },
        format!("{path}/refresh"),
    );
    // As if Salesforce had another one now.
    assert_eq!(change("SENTINEL-rotated").await["state"], "active");
    connected.mock.expire_access_tokens();
    let failed = connected.tenant.execute(&connected.count()).await.ended("failed");
    assert_eq!(failed["error_kind"], "invalid-client");
    connected.tenant.post(&refresh).await.problem(502, "salesforce-failed");
    assert_eq!(connected.shown().await["state"], "active");

    let mended = change(CLIENT_SECRET).await;
    assert_eq!((&mended["id"], &mended["generation"]), (&json!(connected.connection), &json!(1)));
    assert_eq!(connected.tenant.post(&refresh).await.json(200)["generation"], 2);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn another_apps_key_ends_the_tokens_and_takes_its_own_secret() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}", connected.connection);
    let detail = connected.tenant.patch_json(&path, &json!({"client_id": "another"})).await;
    assert!(detail.problem(400, "invalid-request").contains("client_secret"), "{detail:?}");
    assert_eq!(connected.shown().await["state"], "active");
    // The same key changes nothing.
    connected.tenant.patch_json(&path, &json!({"client_id": CLIENT_ID})).await.json(200);
    connected.tenant.execute(&connected.count()).await.ended("succeeded");

    let change = json!({"client_id": "another", "client_secret": null});
    let changed = connected.tenant.patch_json(&path, &change).await.json(200);
    assert_eq!((&changed["state"], &changed["has_client_secret"]), (&json!("needs-reauthorization"), &json!(false)));
    assert!(changed["reason"].as_str().unwrap().contains("consumer key"), "{changed}");
    connected.tenant.execute(&connected.count()).await.problem(409, "connection-not-active");

    let back = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET});
    connected.tenant.patch_json(&path, &back).await.json(200);
    connected.allow(&connected.tenant, &connected.connection).await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn a_login_url_is_changed_where_nothing_is_connected() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}", connected.connection);
    let change = json!({"login_url": "https://test.salesforce.com", "client_secret": CLIENT_SECRET});
    let detail = connected.tenant.patch_json(&path, &change).await.problem(409, "conflict");
    assert!(detail.contains("login_url") && detail.contains("revoke"), "{detail}");
    connected.tenant.post(&format!("{path}/revoke")).await.json(200);
    let changed = connected.tenant.patch_json(&path, &change).await.json(200);
    assert_eq!((&changed["state"], &changed["login_url"]), (&json!("authorizing"), &change["login_url"]));
    for forgotten in ["instance_url", "username", "organization_id"] {
        assert_eq!(changed[forgotten], Value::Null, "{forgotten}");
    }
}

#[tokio::test]
async fn what_is_left_out_stays_and_what_is_wrong_changes_nothing() {
    let fixture = Fixture::start().await;
    let (first, second) = (fixture.create(&fixture.tenant, "a").await, fixture.create(&fixture.tenant, "b").await);
    let path = format!("/v1/connections/{first}");
    let before = fixture.tenant.get(&path).await.json(200);
    for (member, value) in [
        ("name", json!("")),
        ("name", json!(null)),
        ("name", json!("n".repeat(101))),
        ("login_url", json!("http://login.salesforce.com")),
        ("login_url", json!(null)),
        ("client_id", json!("")),
        ("client_id", json!("c".repeat(501))),
        ("client_secret", json!("")),
        ("client_secret", json!("s".repeat(501))),
        ("api_version", json!("67")),
        ("scopes", json!(["api refresh_token"])),
        ("scopes", json!(vec!["api"; 31])),
        ("apex_rest", json!("on")),
        ("apex_rest", Value::Null),
    ] {
        let body = json!({"name": "renamed", member: value});
        let detail = fixture.tenant.patch_json(&path, &body).await.problem(400, "invalid-request");
        assert!(detail.contains(member) || value.is_null(), "{member} = {value}: {detail}");
    }
    let unknown = fixture.tenant.patch_json(&path, &json!({"name": "renamed", "state": "active"})).await;
    assert!(unknown.problem(400, "invalid-request").contains("unknown field, expected `name`, "), "state");
    fixture.tenant.patch_json(&path, &json!({"name": "b"})).await.problem(409, "conflict");
    let other = fixture.new_tenant("other", &json!({})).await;
    other.patch_json(&path, &json!({"name": "theirs"})).await.problem(404, "not-found");
    assert_eq!(fixture.tenant.get(&path).await.json(200), before);

    let body = json!({"name": "renamed", "api_version": "v66.0", "scopes": ["api"], "apex_rest": true});
    let changed = fixture.tenant.patch_json(&path, &body).await.json(200);
    for (member, value) in body.as_object().unwrap() {
        assert_eq!(&changed[if member == "scopes" { "requested_scopes" } else { member }], value);
    }
    assert_eq!((&changed["client_id"], &changed["has_client_secret"]), (&before["client_id"], &json!(true)));
    let changed =
        fixture.tenant.patch_json(&path, &json!({"api_version": null, "client_secret": null})).await.json(200);
    assert_eq!((&changed["api_version"], &changed["has_client_secret"]), (&Value::Null, &json!(false)));
    assert_eq!(changed["name"], "renamed");
    fixture.tenant.patch_json(&path, &json!({"name": "a"})).await.json(200);
    fixture.tenant.get(&format!("/v1/connections/{second}")).await.json(200);
}

#[tokio::test]
async fn a_failed_authorization_is_told_whatever_the_state_and_leads_back() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}", connected.connection);
    let mut browser = Browser::new(connected.server.url());
    let console = format!("/console/connections/{}", connected.connection);
    for (return_to, back) in
        [("", console.as_str()), ("/console/connections?note=connected", &console), ("/app/settings", "/app/settings")]
    {
        let body = json!({"return_to": return_to});
        let begun = connected.tenant.post_json(&format!("{path}/authorize"), &body).await.json(201);
        let location = browser.begin(begun["url"].as_str().unwrap()).await;
        let state = parameter(&location, "state").unwrap();
        let denied = callback(&format!("error=access_denied&error_description=not+today&state={state}"));
        let page = browser.get(&denied).await;
        assert_eq!(page.status, 400);
        assert!(page.text().contains(&format!("href=\"{back}\"")), "{return_to}: {page:?}");
        assert!(page.text().contains("not today"), "{page:?}");
    }
    let shown = connected.shown().await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("active"), &Value::Null));
    assert!(shown["refusal"]["reason"].as_str().unwrap().contains("not today"), "{shown}");
    connected.allow(&connected.tenant, &connected.connection).await;
    assert_eq!(connected.shown().await["refusal"], Value::Null);
}

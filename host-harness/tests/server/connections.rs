//! Connections are made, shown, revoked and deleted, each by its own tenant.

use serde_json::{Value, json};

use crate::console::Console;
use crate::fixture::{CLIENT_SECRET, Connected, Fixture};

#[tokio::test]
async fn a_wrong_member_is_named_and_nothing_is_made() {
    let fixture = Fixture::start().await;
    for (member, value) in [
        ("name", json!("")),
        ("name", json!("two\nlines")),
        ("name", json!("n".repeat(101))),
        ("login_url", json!("acme corp")),
        ("login_url", json!("http://login.example.com")),
        ("login_url", json!("https://acme.my.site.com/path?query")),
        ("login_url", json!("acme.my.salesforce.com.evil.example")),
        ("login_url", json!("acme.my.salesforce.com@evil.example")),
        ("client_id", json!("")),
        ("client_id", json!("with space")),
        ("scopes", json!(["api refresh_token"])),
        ("api_version", json!("67.0")),
        ("api_version", json!("v45.0")),
        ("api_version", json!("v+67.0")),
        ("clientid", json!("misspelt")),
    ] {
        let mut body = fixture.connection("org");
        body[member] = value.clone();
        let detail = fixture.tenant.post_json("/v1/connections", &body).await.problem(400, "invalid-request");
        assert!(detail.contains(member), "{member} = {value}: {detail}");
    }
    let mut body = fixture.connection("org");
    body.as_object_mut().unwrap().shift_remove("client_id");
    let detail = fixture.tenant.post_json("/v1/connections", &body).await.problem(400, "invalid-request");
    assert!(detail.contains("client_id"), "{detail}");
    let list = fixture.tenant.get("/v1/connections").await.json(200);
    assert_eq!(list, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn a_login_host_is_read_as_people_type_it() {
    let fixture = Fixture::with(|options| options.login_hosts.push("login.example.com".parse().unwrap())).await;
    let console = Console::log_in(&fixture).await;
    for (typed, url) in [
        ("acme", "https://acme.my.salesforce.com"),
        (" ACME--Dev ", "https://acme--dev.sandbox.my.salesforce.com"),
        ("acme--dev.sandbox.my.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com"),
        ("http://Login.Salesforce.com/", "https://login.salesforce.com"),
        ("login.example.com", "https://login.example.com"),
    ] {
        let mut body = fixture.connection(typed);
        body["login_url"] = typed.into();
        let created = fixture.tenant.post_json("/v1/connections", &body).await.json(201);
        assert_eq!(created["login_url"], url, "{typed:?}");
        let page = console.page(&format!("/console/connections/{}", created["id"].as_str().unwrap())).await;
        assert!(page.contains(&format!("<strong>{url}</strong>")), "{page}");
        // A host that is not Salesforce's is told before anybody is sent there.
        assert_eq!(page.contains("is not a host of Salesforce's"), typed == "login.example.com", "{page}");
    }
    let changed = fixture.tenant.get("/v1/connections").await.json(200);
    let path = format!("/v1/connections/{}", changed["items"][0]["id"].as_str().unwrap());
    let change = json!({"login_url": "test", "client_secret": CLIENT_SECRET});
    assert_eq!(fixture.tenant.patch_json(&path, &change).await.json(200)["login_url"], "https://test.salesforce.com");
}

#[tokio::test]
async fn a_my_domain_beside_another_choice_is_not_passed_over() {
    let fixture = Fixture::start().await;
    let console = Console::log_in(&fixture).await;
    let page = console.page("/console/connections/new").await;
    let fields = "&name=Acme&environment=production&my_domain=acme&client_id=3MVG9&client_secret=&scope_api=on";
    let again = console.post_with(&page, "/console/connections/new", fields).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("mark My Domain, or empty the field"), "{}", again.text());
    assert_eq!(fixture.tenant.get("/v1/connections").await.json(200)["items"], json!([]));
}

#[tokio::test]
async fn orgs_on_loopback_need_the_option() {
    let fixture = Fixture::with(|options| options.loopback_orgs = false).await;
    let reply = fixture.tenant.post_json("/v1/connections", &fixture.connection("org")).await;
    let detail = reply.problem(400, "invalid-request");
    assert!(detail.contains("login_url") && detail.contains("--allow-loopback-orgs"), "{detail}");
}

#[tokio::test]
async fn a_connection_is_shown_without_its_secret_and_its_name_is_its_own() {
    let fixture = Fixture::start().await;
    let body = fixture.connection("org");
    let created = fixture.tenant.post_json("/v1/connections", &body).await;
    let connection = created.json(201);
    assert_eq!(connection["state"], "authorizing");
    assert_eq!(connection["has_client_secret"], true);
    assert_eq!(connection.get("client_secret"), None);
    let location = created.header("location").unwrap();
    assert_eq!(fixture.tenant.get(location).await.json(200), connection);
    fixture.tenant.post_json("/v1/connections", &body).await.problem(409, "conflict");

    // Names are a tenant's own, and so are connections.
    let other = fixture.new_tenant("other", &json!({})).await;
    other.get(location).await.problem(404, "not-found");
    other.delete(location).await.problem(404, "not-found");
    for verb in ["authorize", "refresh", "revoke"] {
        other.post(&format!("{location}/{verb}")).await.problem(404, "not-found");
    }
    other.post_json("/v1/connections", &body).await.json(201);
    assert_eq!(fixture.tenant.get(location).await.json(200), connection);
}

#[tokio::test]
async fn lists_come_in_pieces() {
    let fixture = Fixture::start().await;
    for name in ["a", "b", "c"] {
        fixture.create(&fixture.tenant, name).await;
    }
    let names = |list: &Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = fixture.tenant.get("/v1/connections?limit=2").await.json(200);
    assert_eq!(names(&first), ["a", "b"]);
    let after = first["next"].as_str().unwrap();
    let last = fixture.tenant.get(&format!("/v1/connections?limit=2&after={after}")).await.json(200);
    assert_eq!((names(&last), &last["next"]), (vec!["c".to_owned()], &Value::Null));
    for query in ["limit=0", "limit=201", "limit=many", "page=2"] {
        fixture.tenant.get(&format!("/v1/connections?{query}")).await.problem(400, "invalid-request");
    }
}

#[tokio::test]
async fn a_revoked_connection_is_over_at_salesforce_and_here() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}/revoke", connected.connection);
    let revoked = connected.tenant.post(&path).await.json(200);
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(connected.mock.ledger().requests("POST", "/services/oauth2/revoke"), 1);
    let before = connected.mock.ledger().entries().count();
    let detail = connected.tenant.execute(&connected.count()).await.problem(409, "connection-not-active");
    assert!(detail.contains("revoked"), "{detail}");
    let refresh = format!("/v1/connections/{}/refresh", connected.connection);
    connected.tenant.post(&refresh).await.problem(409, "connection-not-active");
    // Again changes nothing, and has nothing to ask Salesforce for.
    assert_eq!(connected.tenant.post(&path).await.json(200)["state"], "revoked");
    assert_eq!(connected.mock.ledger().entries().count(), before);

    connected.allow(&connected.tenant, &connected.connection).await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn what_salesforce_does_not_revoke_stays() {
    let connected = Connected::start().await;
    let failing = mock_salesforce::Fault::status(503, &[]);
    let matcher = mock_salesforce::Matcher::path("/services/oauth2/revoke");
    for _ in 0..5 {
        connected.mock.push_fault(matcher.clone(), failing.clone());
    }
    let path = format!("/v1/connections/{}/revoke", connected.connection);
    connected.tenant.post(&path).await.problem(502, "salesforce-failed");
    assert_eq!(connected.shown().await["state"], "active");
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
}

#[tokio::test]
async fn a_deleted_connection_is_gone_and_its_name_is_free() {
    let connected = Connected::start().await;
    let path = format!("/v1/connections/{}", connected.connection);
    assert_eq!(connected.tenant.delete(&path).await.status, 204);
    connected.tenant.get(&path).await.problem(404, "not-found");
    connected.tenant.delete(&path).await.problem(404, "not-found");
    connected.tenant.execute(&connected.count()).await.problem(404, "not-found");
    connected.create(&connected.tenant, "org").await;
}

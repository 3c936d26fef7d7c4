//! A tenant's webhook: what is told, to whom, and until when.

use std::path::Path;
use std::time::Duration;

use http::Method;
use mock_salesforce::{Fault, Matcher};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixture::{ACCOUNTS_PATH, Connected, Fixture, TOKEN_PATH, until};
use crate::log;
use crate::program::Process;
use crate::receiver::{Answer, Receiver};

const WEBHOOK: &str = "/v1/tenant/webhook";
const TEST: &str = "/v1/tenant/webhook/test";

/// Sets a tenant's webhook; its secret.
async fn set(client: &Client, url: &str) -> String {
    let set = client.put_json(WEBHOOK, &json!({"url": url})).await.json(200);
    set["secret"].as_str().unwrap().to_owned()
}

/// Has the org refuse the refresh of an expired session.
async fn lose_the_user(connected: &Connected) {
    connected.mock.expire_access_tokens();
    let refusal = json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    connected.mock.push_fault(Matcher::path(TOKEN_PATH), Fault::json(400, &refusal));
    connected.tenant.execute(&connected.count()).await.ended("failed");
}

/// Has the org do a write and not say so; the id of its execution.
async fn lose_an_answer(connected: &Connected) -> String {
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::CloseAfterWork);
    let ended = connected.tenant.execute(&connected.create_account("Perhaps")).await.ended("unknown");
    ended["id"].as_str().unwrap().to_owned()
}

fn change(data: &Path, change: &str) {
    let database = Connection::open(data.join("harness.sqlite")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    database.execute(change, []).unwrap();
}

/// What waits has its next attempt now.
fn let_time_pass(data: &Path) {
    change(data, "UPDATE webhook_event SET next_at = 0");
}

async fn shown(client: &Client) -> Value {
    client.get(WEBHOOK).await.json(200)
}

#[tokio::test]
async fn a_webhook_is_set_shown_and_removed_and_its_secret_is_shown_once() {
    let fixture = Fixture::start().await;
    let client = &fixture.tenant;
    client.get(WEBHOOK).await.problem(404, "not-found");
    client.delete(WEBHOOK).await.problem(404, "not-found");
    client.post(TEST).await.problem(404, "not-found");
    fixture.administrator.get(WEBHOOK).await.problem(403, "forbidden");
    let url = "https://hooks.example.com/SENTINEL-path";
    let first = client.put_json(WEBHOOK, &json!({"url": url})).await.json(200);
    let secret = first["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    let mut expected = first.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown(client).await, expected);
    for (name, value) in [("url", json!(url)), ("allowance_percent", json!(80)), ("waiting", json!(0))] {
        assert_eq!(first[name], value, "{first}");
    }
    // The same again changes nothing, and the threshold is changed by itself.
    let again = client.put_json(WEBHOOK, &json!({"url": url, "allowance_percent": 95})).await.json(200);
    assert_eq!((&again["secret"], &again["allowance_percent"]), (&Value::Null, &json!(95)));
    let renewed = client.put_json(WEBHOOK, &json!({"url": url, "new_secret": true})).await.json(200);
    let other = client.put_json(WEBHOOK, &json!({"url": "https://other.example.com/"})).await.json(200);
    assert!(renewed["secret"].is_string() && renewed["secret"] != first["secret"]);
    assert!(other["secret"].is_string() && other["secret"] != renewed["secret"]);

    // Another tenant has none of it.
    let neighbour = fixture.new_tenant("neighbour", &json!({})).await;
    neighbour.get(WEBHOOK).await.problem(404, "not-found");
    let names = ["harness.sqlite", "harness.sqlite-wal"];
    let mut kept: Vec<u8> =
        names.iter().flat_map(|name| std::fs::read(fixture.data.path().join(name)).unwrap()).collect();
    kept.extend(log::bytes());
    for hidden in ["SENTINEL-path", &secret["whsec_".len()..]] {
        assert!(!kept.windows(hidden.len()).any(|window| window == hidden.as_bytes()), "{hidden}");
    }
    assert_eq!(client.delete(WEBHOOK).await.status, 204);
    client.get(WEBHOOK).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_url_is_public_and_over_tls_and_never_repeated() {
    let fixture = Fixture::with(|options| options.loopback_orgs = false).await;
    for (url, reason) in [
        ("http://hooks.example.com/SENTINEL", "http is accepted on loopback only"),
        ("https://10.0.0.1/SENTINEL", "its address is not a public one"),
        ("https://169.254.169.254/SENTINEL", "its address is not a public one"),
        ("https://[::1]/SENTINEL", "its address is not a public one"),
        ("https://localhost/SENTINEL", "its address is not a public one"),
        ("http://127.0.0.1:8080/SENTINEL", "its address is not a public one"),
        ("https://SENTINEL:SENTINEL@hooks.example.com/", "there is a user before the host"),
        ("SENTINEL", "the scheme is neither https nor http"),
    ] {
        let refused = fixture.tenant.put_json(WEBHOOK, &json!({"url": url})).await;
        let detail = refused.problem(400, "invalid-request");
        assert!(detail.starts_with(&format!("url: {reason}")) && !detail.contains("SENTINEL"), "{url}: {detail}");
    }
    let url = "https://hooks.example.com/";
    for percent in [0, 101] {
        let refused = fixture.tenant.put_json(WEBHOOK, &json!({"url": url, "allowance_percent": percent})).await;
        let detail = refused.problem(400, "invalid-request");
        assert!(detail.contains("allowance_percent") && detail.contains("a whole number from 1 to 100"), "{detail}");
    }
    fixture.tenant.get(WEBHOOK).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_needs_somebody_is_told_once_and_signed() {
    let connected = Connected::start().await;
    let (receiver, client) = (Receiver::start([]).await, &connected.tenant);
    let secret = set(client, &format!("{}?team=7", receiver.url)).await;
    let connection = connected.connection.as_str();

    let execution = lose_an_answer(&connected).await;
    let message = receiver.received(1).await.remove(0);
    assert_eq!(message.path, "/hook?team=7");
    let told = message.verified(&secret);
    let next = format!("GET /v1/executions/{execution}");
    let kind = client.get(&format!("/v1/executions/{execution}")).await.json(200)["error_kind"].clone();
    assert_eq!(told["type"], "execution.outcome-unknown");
    assert_eq!(
        told["data"],
        json!({"execution": execution, "connection": connection, "action": "create-or-update-record", "error_kind": kind,
            "next": next})
    );

    // Of the call that is counted before: 800 of 1,000.
    connected.mock.allow_api_requests(1_000);
    for (used, messages) in [(700, 1), (799, 2), (850, 2), (300, 2), (900, 3)] {
        connected.mock.set_api_requests(used);
        client.execute(&connected.count()).await.ended("succeeded");
        receiver.received(messages).await;
    }
    let messages = receiver.messages();
    let told: Vec<_> = messages[1..].iter().map(|message| message.verified(&secret)).collect();
    let next = format!("GET /v1/connections/{connection}");
    for (told, used) in told.iter().zip([800, 901]) {
        assert_eq!(told["type"], "connection.allowance-passed");
        let data =
            json!({"connection": connection, "used": used, "allowed": 1_000, "threshold_percent": 80, "next": next});
        assert_eq!(told["data"], data);
    }

    lose_the_user(&connected).await;
    client.execute(&connected.count()).await.problem(409, "connection-not-active");
    let told = receiver.received(4).await.remove(3).verified(&secret);
    let next = format!("POST /v1/connections/{connection}/authorize");
    assert_eq!(told["type"], "connection.needs-reauthorization");
    assert_eq!(told["data"], json!({"connection": connection, "next": next}));
    assert!(told["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    until(async || shown(client).await["waiting"] == 0).await;
    let last = shown(client).await["last_attempt"].clone();
    assert_eq!((&last["delivered"], &last["status"], &last["failure"]), (&json!(true), &json!(204), &Value::Null));

    let ids: std::collections::HashSet<_> =
        receiver.messages().iter().map(|m| m.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 4);
    let metrics = Client::new(connected.server.url(), None).get("/metrics").await;
    for line in [r#"harness_webhook_deliveries_total{outcome="delivered"} 4"#, "harness_webhook_outbox 0"] {
        assert!(metrics.text().lines().any(|found| found == line), "{line} in {}", metrics.text());
    }
}

#[tokio::test]
async fn another_consumer_key_of_a_connection_tells_that_its_user_is_needed() {
    let connected = Connected::start().await;
    let (receiver, client) = (Receiver::start([]).await, &connected.tenant);
    let secret = set(client, &receiver.url).await;
    let path = format!("/v1/connections/{}", connected.connection);
    for key in ["another-app", "a-third-app"] {
        client.patch_json(&path, &json!({"client_id": key, "client_secret": "x"})).await.json(200);
    }
    let told = receiver.received(1).await.remove(0).verified(&secret);
    assert_eq!(told["type"], "connection.needs-reauthorization");
    until(async || shown(client).await["waiting"] == 0).await;
    receiver.received(1).await;
}

#[tokio::test]
async fn what_is_refused_is_sent_again_later_under_the_same_id_by_whatever_process_runs_then() {
    let connected = Connected::start().await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Status(503)]).await;
    let secret = set(&connected.tenant, &receiver.url).await;
    lose_an_answer(&connected).await;
    until(async || shown(&connected.tenant).await["last_attempt"]["status"] == 500).await;
    let told = shown(&connected.tenant).await;
    assert_eq!((&told["waiting"], &told["last_attempt"]["failure"]), (&json!(1), &json!("refused")));
    let Connected { fixture, .. } = connected;
    let data = fixture.data;
    let token = fixture.tenant.token().to_owned();
    fixture.server.stop(Duration::from_secs(30)).await;
    assert_eq!(receiver.messages().len(), 1);

    let_time_pass(data.path());
    let process = Process::start(data.path());
    receiver.received(2).await;
    drop(process);
    // It was killed, perhaps before it recorded the answer: then that attempt counts all the same.
    change(data.path(), "UPDATE webhook SET held_until = NULL");
    let_time_pass(data.path());
    let process = Process::start(data.path());
    let messages = receiver.received(3).await;
    let client = Client::new(&process.url, Some(&token));
    until(async || shown(&client).await["waiting"] == 0).await;
    assert_eq!(shown(&client).await["dropped"], 0);
    for message in &messages {
        message.verified(&secret);
        assert_eq!(message.header("webhook-id"), messages[0].header("webhook-id"));
        assert_eq!(message.body, messages[0].body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_loses_no_event() {
    let connected = Connected::start().await;
    let receiver = Receiver::start([Answer::Silence]).await;
    let secret = set(&connected.tenant, &receiver.url).await;
    let body = connected.create_account("Crash");
    let Fixture { server, mock, data, tenant, .. } = connected.fixture;
    server.stop(Duration::from_secs(30)).await;
    let start = || {
        let process = Process::start(data.path());
        let client = Client::new(&process.url, Some(tenant.token()));
        (process, client)
    };
    let (process, client) = start();
    mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::HangAfterWork);
    let sent = tokio::spawn(async move { client.execute(&body).await });
    until(async || mock.ledger().creates("Account") == 1).await;
    drop(process);
    assert!(sent.await.is_err(), "a dead process has answered");

    // The next process finds the execution, and dies while it tells of it.
    let (process, _) = start();
    receiver.received(1).await;
    drop(process);
    change(data.path(), "UPDATE webhook SET held_until = NULL");
    let (_process, client) = start();
    let messages = receiver.received(2).await;
    let told = messages[1].verified(&secret);
    assert_eq!(
        (&told["type"], &told["data"]["error_kind"]),
        (&json!("execution.outcome-unknown"), &json!("host-died"))
    );
    assert_eq!(messages[0].header("webhook-id"), messages[1].header("webhook-id"));
    until(async || shown(&client).await["waiting"] == 0).await;
    receiver.received(2).await;
}

#[tokio::test]
async fn no_redirect_is_followed_and_nothing_is_sent_to_loopback_once_that_is_not_allowed() {
    let connected = Connected::start().await;
    let other = Receiver::start([]).await;
    let receiver = Receiver::start([Answer::Redirect(other.url.clone())]).await;
    set(&connected.tenant, &receiver.url).await;
    let tested = connected.tenant.post(TEST).await.json(200);
    assert_eq!(tested, json!({"delivered": false, "status": 307, "failure": "redirected"}));
    assert_eq!((receiver.messages().len(), other.messages().len()), (1, 0));

    let Connected { fixture, .. } = connected;
    let Fixture { server, data, tenant, .. } = fixture;
    server.stop(Duration::from_secs(30)).await;
    change(data.path(), "UPDATE webhook SET tested_at = NULL");
    let mut options = crate::fixture::options(data.path());
    options.loopback_orgs = false;
    let server = salesforce_server::Server::start(options).await.unwrap();
    let client = Client::new(server.url(), Some(tenant.token()));
    let tested = client.post(TEST).await.json(200);
    assert_eq!(tested, json!({"delivered": false, "status": null, "failure": "address-not-allowed"}));
    receiver.received(1).await;
}

#[tokio::test]
async fn a_test_says_what_came_of_it_and_not_again_and_again() {
    let fixture = Fixture::start().await;
    let (receiver, client) = (Receiver::start([Answer::Status(404)]).await, &fixture.tenant);
    let secret = set(client, &receiver.url).await;
    let tested = client.post(TEST).await.json(200);
    assert_eq!(tested, json!({"delivered": false, "status": 404, "failure": "refused"}));
    let again = client.post(TEST).await;
    again.problem(429, "rate-limited");
    assert_eq!(again.header("retry-after"), Some("5"));
    change(fixture.data.path(), "UPDATE webhook SET tested_at = tested_at - 5000");
    let tested = client.post(TEST).await.json(200);
    assert_eq!(tested, json!({"delivered": true, "status": 204, "failure": null}));
    let told = receiver.received(2).await.remove(1).verified(&secret);
    assert_eq!((&told["type"], &told["data"]), (&json!("webhook.test"), &json!({})));
    assert_eq!(shown(client).await["last_attempt"]["event"], "webhook.test");
    set(client, "https://hooks.example.com/").await;
    assert_eq!(shown(client).await["last_attempt"], Value::Null, "it was made at another URL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_answer_holds_up_nobody_else() {
    let connected = Connected::start().await;
    let silent = Receiver::start([Answer::Silence]).await;
    set(&connected.tenant, &silent.url).await;
    lose_an_answer(&connected).await;
    silent.received(1).await;
    // Its turn is not over: nothing else is sent there, nor tested.
    lose_an_answer(&connected).await;
    connected.tenant.post(TEST).await.problem(429, "rate-limited");
    let (neighbour, receiver) = (connected.new_tenant("neighbour", &json!({})).await, Receiver::start([]).await);
    let secret = set(&neighbour, &receiver.url).await;
    let connection = connected.connect(&neighbour, "org").await;
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::CloseAfterWork);
    let body = json!({"connection": connection, "action": "create-or-update-record",
        "input": {"object": "Account", "target": "create", "fields": {"Name": "Neighbour"}}});
    neighbour.execute(&body).await.ended("unknown");
    receiver.received(1).await[0].verified(&secret);
    silent.received(1).await;
    // The first attempt ends by itself, and the other event is sent.
    silent.received(2).await;
    until(async || shown(&connected.tenant).await["waiting"] == 1).await;
    let metrics = Client::new(connected.server.url(), None).get("/metrics").await;
    let line = r#"harness_webhook_deliveries_total{outcome="failed"} 1"#;
    assert!(metrics.text().lines().any(|found| found == line), "{}", metrics.text());
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_sent_nothing_more_until_the_webhook_is_set_again() {
    let connected = Connected::start().await;
    let (receiver, client) = (Receiver::start([Answer::Status(410)]).await, &connected.tenant);
    let secret = set(client, &receiver.url).await;
    lose_an_answer(&connected).await;
    until(async || shown(client).await["disabled_at"].is_string()).await;
    lose_an_answer(&connected).await;
    assert_eq!(shown(client).await["waiting"], 0);
    client.post(TEST).await.problem(409, "conflict");
    let set = client.put_json(WEBHOOK, &json!({"url": receiver.url})).await.json(200);
    assert_eq!((&set["disabled_at"], &set["secret"]), (&Value::Null, &Value::Null));
    lose_the_user(&connected).await;
    let told = receiver.received(2).await.remove(1).verified(&secret);
    assert_eq!(told["type"], "connection.needs-reauthorization");
}

#[tokio::test]
async fn a_suspended_tenant_sends_nothing_and_a_deleted_one_leaves_nothing() {
    let connected = Connected::start().await;
    let receiver = Receiver::start([Answer::Status(500)]).await;
    let secret = set(&connected.tenant, &receiver.url).await;
    lose_an_answer(&connected).await;
    until(async || shown(&connected.tenant).await["last_attempt"].is_object()).await;
    let id = connected.tenant.get("/v1/tenant").await.json(200)["id"].as_str().unwrap().to_owned();
    let switch = async |what: &str| {
        connected.administrator.post(&format!("/v1/tenants/{id}/{what}")).await.json(200);
    };
    switch("suspend").await;
    let_time_pass(connected.data.path());
    // Another tenant's event is due after it, and is delivered.
    let (neighbour, others) = (connected.new_tenant("neighbour", &json!({})).await, Receiver::start([]).await);
    let others_secret = set(&neighbour, &others.url).await;
    let connection = connected.connect(&neighbour, "org").await;
    let path = format!("/v1/connections/{connection}");
    neighbour.patch_json(&path, &json!({"client_id": "another-app", "client_secret": "x"})).await.json(200);
    others.received(1).await[0].verified(&others_secret);
    receiver.received(1).await;
    switch("resume").await;
    receiver.received(2).await[1].verified(&secret);

    until(async || shown(&connected.tenant).await["waiting"] == 0).await;
    // As if an attempt were under way.
    change(connected.data.path(), "UPDATE webhook SET held_until = 1000 * unixepoch() + 30000");
    lose_an_answer(&connected).await;
    switch("suspend").await;
    let deleted = connected.administrator.send(Method::DELETE, &format!("/v1/tenants/{id}"), &[], "".into()).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    let database = Connection::open(connected.data.path().join("harness.sqlite")).unwrap();
    let rows: i64 = database
        .query_row("SELECT (SELECT count(*) FROM webhook) + (SELECT count(*) FROM webhook_event)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1, "the neighbour's webhook alone");
    receiver.received(2).await;
}

#[tokio::test]
async fn the_webhook_is_a_tenants_own() {
    let fixture = Fixture::start().await;
    let nobody = Client::new(fixture.server.url(), None);
    for (method, path) in [(Method::GET, WEBHOOK), (Method::DELETE, WEBHOOK), (Method::POST, TEST)] {
        nobody.send(method.clone(), path, &[], "".into()).await.problem(401, "unauthorized");
        fixture.administrator.send(method, path, &[], "".into()).await.problem(403, "forbidden");
    }
}

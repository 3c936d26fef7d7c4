//! What fails with a connection leaves a line in the log and a count, without a word that is not the server's own.

use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::browser::Browser;
use crate::client::Client;
use crate::fixture::{Connected, Fixture, TOKEN_PATH, callback, parameter};
use crate::log;

const FOREIGN: &str = "SENTINEL-words-of-somebody-else";

/// Lines of the log at WARN that name this connection.
fn warnings(connection: &str) -> Vec<String> {
    let log = String::from_utf8(log::bytes()).unwrap();
    log.lines().filter(|line| line.contains(" WARN ") && line.contains(connection)).map(str::to_owned).collect()
}

async fn counts(fixture: &Fixture, line: &str) -> bool {
    let metrics = Client::new(fixture.server.url(), None).get("/metrics").await;
    metrics.text().lines().any(|found| found == line)
}

#[tokio::test]
async fn a_failed_authorization_leaves_a_line_and_a_count() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let mut browser = Browser::new(fixture.server.url());
    let location = browser.begin(&fixture.authorize(&fixture.tenant, &connection).await).await;
    let state = parameter(&location, "state").unwrap();
    let denied = callback(&format!("error=access_denied&error_description={FOREIGN}&state={state}"));
    assert_eq!(browser.get(&denied).await.status, 400);
    let location = browser.begin(&fixture.authorize(&fixture.tenant, &connection).await).await;
    let refusal = json!({"error": "invalid_client", "error_description": FOREIGN});
    fixture.mock.push_fault(Matcher::path(TOKEN_PATH), Fault::json(400, &refusal));
    assert_eq!(browser.get(&fixture.allowed(&location)).await.status, 400);
    assert_eq!(browser.get(&fixture.allowed(&location)).await.status, 400, "it is over");

    let tenant = fixture.tenant.get("/v1/tenant").await.json(200)["id"].as_str().unwrap().to_owned();
    let lines = warnings(&connection);
    for (line, kind) in lines.iter().zip(["access-denied", "invalid-client"]) {
        assert!(line.contains("an authorization failed") && line.contains(kind) && line.contains(&tenant), "{line}");
    }
    assert_eq!(lines.len(), 2, "{lines:?}");
    for kind in ["access-denied", "invalid-client", "unknown-authorization"] {
        let line = format!("harness_authorizations_failed_total{{kind=\"{kind}\"}} 1");
        assert!(counts(&fixture, &line).await, "{line}");
    }
    assert!(!String::from_utf8(log::bytes()).unwrap().contains(FOREIGN));
}

#[tokio::test]
async fn a_connection_that_begins_to_need_its_user_leaves_a_line_and_a_count() {
    let connected = Connected::start().await;
    connected.mock.expire_access_tokens();
    let refusal = json!({"error": "invalid_grant", "error_description": "expired access/refresh token"});
    connected.mock.push_fault(Matcher::path(TOKEN_PATH), Fault::json(400, &refusal));
    connected.tenant.execute(&connected.count()).await.ended("failed");
    assert_eq!(connected.shown().await["state"], "needs-reauthorization");
    let lines = warnings(&connected.connection);
    for words in ["a refresh failed", "needs its user again"] {
        let found = lines.iter().filter(|line| line.contains(words)).count();
        assert_eq!(found, 1, "{words}: {lines:?}");
    }
    assert!(!lines.iter().any(|line| line.contains("expired access")), "{lines:?}");
    for line in [
        r#"harness_refreshes_failed_total{kind="reauthorization-required"} 1"#,
        r#"harness_connections_need_user_total{reason="refused"} 1"#,
    ] {
        assert!(counts(&connected, line).await, "{line}");
    }
}

#[tokio::test]
async fn an_unknown_outcome_leaves_a_line() {
    let connected = Connected::start().await;
    connected.mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
    connected.tenant.execute(&connected.create_account("Perhaps")).await.ended("unknown");
    let lines = warnings(&connected.connection);
    assert!(lines.iter().any(|line| line.contains("unknown")), "{lines:?}");
}

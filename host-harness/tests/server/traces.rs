//! What fails with a connection leaves a line in the log and a count, without a word that is not the server's own.

use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::browser::Browser;
use crate::client::Client;
use crate::fixture::{Connected, Fixture, TOKEN_PATH, callback, parameter, until};
use crate::log;

const FOREIGN: &str = "SENTINEL-words-of-somebody-else";

/// Lines of the log that name this connection.
fn lines(connection: &str) -> Vec<String> {
    let log = String::from_utf8(log::bytes()).unwrap();
    log.lines().filter(|line| line.contains(connection)).map(str::to_owned).collect()
}

/// Those of them at WARN.
fn warnings(connection: &str) -> Vec<String> {
    lines(connection).into_iter().filter(|line| line.contains(" WARN ")).collect()
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
        assert!(line.contains("an authorization has ended") && line.contains(&tenant), "{line}");
        assert!(line.contains(&format!("outcome=\"{kind}\" ms=")), "{line}");
    }
    assert_eq!(lines.len(), 2, "{lines:?}");
    for kind in ["access-denied", "invalid-client", "unknown-authorization"] {
        let line = format!("harness_authorizations_total{{outcome=\"{kind}\"}} 1");
        assert!(counts(&fixture, &line).await, "{line}");
    }
    assert!(!String::from_utf8(log::bytes()).unwrap().contains(FOREIGN));
}

#[tokio::test]
async fn an_authorization_is_one_line_and_a_refresh_a_count() {
    let connected = Connected::start().await;
    let ended: Vec<_> =
        lines(&connected.connection).into_iter().filter(|line| line.contains("an authorization has ended")).collect();
    assert!(ended.len() == 1 && ended[0].contains(r#"outcome="connected" ms="#), "{ended:?}");
    connected.mock.expire_access_tokens();
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    for line in [
        r#"harness_authorizations_total{outcome="connected"} 1"#,
        r#"harness_refreshes_total{outcome="refreshed"} 1"#,
        r#"harness_connections{state="active"} 1"#,
        r#"harness_connections{state="revoked"} 0"#,
        r#"harness_connections_by_allowance{used="below-50"} 1"#,
        r#"harness_components{state="accepted"} 0"#,
        "harness_queue_seconds_count 1",
    ] {
        until(async || counts(&connected, line).await).await;
    }
    let reply = Client::new(connected.server.url(), None).get("/metrics").await;
    let metrics = reply.text();
    let page = include_str!("../../../docs/OPERATING.md");
    for (name, kind) in metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')) {
        let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        assert!(page.contains(&format!("| `{name}` | {kind} |")), "docs/OPERATING.md lacks {name}");
    }
    let value = |name: &str| {
        let line =
            metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {metrics}"));
        line.trim().parse::<f64>().unwrap()
    };
    assert!(value("harness_database_bytes ") > 4096.0 && value("harness_disk_free_bytes ") > 0.0);
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
        r#"harness_refreshes_total{outcome="reauthorization-required"} 1"#,
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

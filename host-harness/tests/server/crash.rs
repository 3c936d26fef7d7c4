//! A server's process dies in the middle of a write: the next one says so, and sends nothing.

use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::client::Client;
use crate::fixture::{ACCOUNTS_PATH, Connected, until};
use crate::program::Process;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_a_process_that_was_killed_is_unknown() {
    let connected = Connected::start().await;
    let process = Process::start(connected.data.path());
    let client = Client::new(&process.url, Some(&connected.tenant_token()));
    let body = connected.create_account("Crash");
    connected.mock.push_fault(Matcher::path(ACCOUNTS_PATH), Fault::HangAfterWork);
    let sent = {
        let body = body.clone();
        // The connection breaks with the process.
        tokio::spawn(async move { client.execute_once("crash", &body).await })
    };
    until(async || connected.mock.ledger().creates("Account") == 1).await;
    drop(process);
    assert!(sent.await.is_err(), "a dead process has answered");

    let (_server, client) = connected.another().await;
    let log = client.get("/v1/executions?state=unknown").await.json(200);
    let execution = &log["items"][0];
    assert_eq!(
        (&execution["outcome"], &execution["error_kind"], &execution["idempotency_key"]),
        (&json!("unknown"), &json!("host-died"), &json!("crash")),
        "{log}"
    );
    let again = client.execute_once("crash", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ended("unknown")["id"], execution["id"]);
    assert_eq!(connected.mock.ledger().creates("Account"), 1);
}

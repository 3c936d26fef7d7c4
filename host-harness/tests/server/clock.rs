//! Clocks that jump make nothing old.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use crate::fixture::{Connected, until};

const MONTH_AND_MORE: i64 = 31 * 24 * 60 * 60 * 1000;

fn change(data: &Path, change: &str) {
    let database = Connection::open(data.join("harness.sqlite")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    database.execute(change, []).unwrap();
}

/// Starts another server, and waits until it has forgotten what is to be forgotten: garbage goes last.
async fn upkeep(connected: &Connected) {
    let garbage = connected.data.path().join("components/garbage.wasm");
    fs::create_dir_all(garbage.parent().unwrap()).unwrap();
    fs::write(&garbage, "").unwrap();
    let (_server, _) = connected.another().await;
    until(async || !garbage.exists()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_a_clock_that_jumps_a_month_forgets_no_key() {
    let connected = Connected::start().await;
    let data = connected.data.path();
    let body = connected.create_account("Clock");
    let first = connected.tenant.execute_once("order-42", &body).await.ended("succeeded");
    // As a clock sees it that has jumped ahead since, or was a month behind then.
    change(data, &format!("UPDATE execution SET started_at = started_at - {MONTH_AND_MORE}"));
    upkeep(&connected).await;
    let again = connected.tenant.execute_once("order-42", &body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let again = again.ended("succeeded");
    assert_eq!((&again["id"], &again["result"]), (&first["id"], &first["result"]));
    assert_eq!(connected.mock.ledger().creates("Account"), 1);

    // Servers that have run for a month have seen it go by.
    change(data, &format!("UPDATE setting SET value = value + {MONTH_AND_MORE} WHERE name = 'running-milliseconds'"));
    change(
        data,
        &format!(
            "INSERT INTO setting (name, value) VALUES ('running-milliseconds', '{MONTH_AND_MORE}') ON CONFLICT DO NOTHING"
        ),
    );
    upkeep(&connected).await;
    assert_eq!(connected.tenant.get("/v1/executions").await.json(200)["items"], json!([]));
}

#[tokio::test]
async fn s15_a_clean_stop_leaves_everything_in_the_main_file() {
    let connected = Connected::start().await;
    connected.tenant.execute(&connected.count()).await.ended("succeeded");
    let Connected { fixture, connection } = connected;
    let data = fixture.data;
    fixture.server.stop(std::time::Duration::from_secs(30)).await;
    let copy = tempfile::tempdir().unwrap();
    fs::copy(data.path().join("harness.sqlite"), copy.path().join("copy.sqlite")).unwrap();
    let copied = Connection::open(copy.path().join("copy.sqlite")).unwrap();
    let (executions, connections): (i64, String) = copied
        .query_row("SELECT (SELECT count(*) FROM execution), (SELECT id FROM connection)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((executions, connections), (1, connection));
}

//! Clocks that jump make nothing old.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use crate::browser::Browser;
use crate::fixture::{Connected, Fixture, until};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_the_log_is_in_the_order_of_what_happened() {
    let connected = Connected::start().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let ended = connected.tenant.execute(&connected.count()).await.ended("succeeded");
        ids.insert(0, ended["id"].as_str().unwrap().to_owned());
    }
    // The clock went back before the last one: its id is of an earlier time.
    let early = "00000000-0000-7000-8000-000000000000";
    change(connected.data.path(), &format!("UPDATE execution SET id = '{early}' WHERE id = '{}'", ids[0]));
    ids[0] = early.to_owned();
    let (mut shown, mut after) = (Vec::new(), String::new());
    loop {
        let piece = connected.tenant.get(&format!("/v1/executions?limit=1{after}")).await.json(200);
        shown.push(piece["items"][0]["id"].as_str().unwrap().to_owned());
        let Some(next) = piece["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(shown, ids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_an_authorization_of_a_clock_that_was_ahead_is_over() {
    let fixture = Fixture::start().await;
    let connection = fixture.create(&fixture.tenant, "org").await;
    let shift = |by: i64| {
        change(fixture.data.path(), &format!("UPDATE authorization SET created_at = created_at + {by}"));
    };
    let mut browser = Browser::new(fixture.server.url());
    let link = fixture.authorize(&fixture.tenant, &connection).await;
    shift(MONTH_AND_MORE);
    let page = browser.get(&link).await;
    assert!(page.status.is_client_error(), "{page:?}");
    shift(-MONTH_AND_MORE);
    let location = browser.begin(&link).await;
    let back = fixture.allowed(&location);
    shift(MONTH_AND_MORE);
    let page = browser.get(&back).await;
    assert!(page.status.is_client_error(), "{page:?}");
    shift(-MONTH_AND_MORE);
    // It spent nothing.
    assert_eq!(browser.get(&back).await.status, 200);
    // What a wrong clock has left goes with the next one.
    fixture.authorize(&fixture.tenant, &connection).await;
    shift(MONTH_AND_MORE);
    fixture.authorize(&fixture.tenant, &connection).await;
    let database = Connection::open(fixture.data.path().join("harness.sqlite")).unwrap();
    let waiting: i64 = database.query_row("SELECT count(*) FROM authorization", [], |row| row.get(0)).unwrap();
    assert_eq!(waiting, 1);
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

//! What is kept of executions: whole, however long, and within its tenant's place.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::bounds::asleep;
use crate::fixture::{Connected, Fixture, until};

/// Pieces that are stored beside the rows of executions.
fn pieces(fixture: &Fixture) -> i64 {
    let database = Connection::open(fixture.data.path().join("harness.sqlite")).unwrap();
    database.query_row("SELECT count(*) FROM execution_piece", [], |row| row.get(0)).unwrap()
}

fn path(execution: &Value) -> String {
    format!("/v1/executions/{}", execution["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s04_long_requests_and_results_come_back_whole() {
    let connected = Connected::start().await;
    let query = asleep(&connected).await;
    // Below and beyond what is in the row, and several pieces.
    for bytes in [60_000, 70_000, 1_500_000] {
        let body = query(&format!("large:{bytes}"));
        let key = format!("large-{bytes}");
        let first = connected.tenant.execute_once(&key, &body).await.ended("succeeded");
        assert!(first["result"].to_string().len() >= bytes, "{bytes}");
        assert_eq!(connected.tenant.get(&path(&first)).await.json(200), first);
        assert_eq!(connected.tenant.execute_once(&key, &body).await.ended("succeeded"), first);
    }
    assert_eq!(pieces(&connected), 1 + 1 + 6);
    // The org refuses the field; what was asked is kept all the same.
    let fields = json!({"Name": "Long", "NoSuchField": "x".repeat(1_000_000)});
    let create =
        connected.action("create-or-update-record", json!({"object": "Account", "target": "create", "fields": fields}));
    let refused = connected.tenant.execute(&create).await.ended("failed");
    assert_eq!(refused["request"], create["input"]);
    assert_eq!(connected.tenant.get(&path(&refused)).await.json(200), refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s09_the_oldest_that_is_kept_makes_room_for_the_newest() {
    let mut connected = Connected::start().await;
    let tenant = connected.fixture.new_tenant("small", &json!({"kept_mib": 1})).await;
    connected.connection = connected.fixture.connect(&tenant, "small").await;
    connected.fixture.tenant = tenant;
    let query = asleep(&connected).await;
    let mut executions = Vec::new();
    for _ in 0..4 {
        executions.push(connected.tenant.execute(&query("large:400000")).await.ended("succeeded"));
    }
    let mut kept = Vec::new();
    for execution in &executions {
        let now = connected.tenant.get(&path(execution)).await.json(200);
        assert_eq!(now["state"], "succeeded");
        kept.push((now["result"] == execution["result"], now["request"] == execution["request"]));
    }
    assert_eq!(kept, [(false, false), (false, false), (true, true), (true, true)]);
    let used = connected.tenant.get("/v1/tenant").await.json(200)["usage"]["kept_bytes"].as_u64().unwrap();
    assert!((800_000..1 << 20).contains(&used), "{used}");
    until(async || pieces(&connected) == 2 * 2).await;
    // One that is larger than the place is kept alone.
    let large = connected.tenant.execute(&query("large:2000000")).await.ended("succeeded");
    assert_eq!(connected.tenant.get(&path(&large)).await.json(200), large);
    assert_eq!(connected.tenant.get(&path(&executions[3])).await.json(200)["result"], Value::Null);

    let id = connected.tenant.get("/v1/tenant").await.json(200)["id"].as_str().unwrap().to_owned();
    assert_eq!(connected.administrator.post(&format!("/v1/tenants/{id}/suspend")).await.status, 200);
    assert_eq!(connected.administrator.delete(&format!("/v1/tenants/{id}")).await.status, 204);
    until(async || pieces(&connected) == 0).await;
}

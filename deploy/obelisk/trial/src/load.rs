//! Whether every row of a large load is made exactly once while servers are killed.

use std::time::{Duration, Instant};

use mock_salesforce::MockSalesforce;
use serde_json::json;

use crate::engine::Server;
use crate::site::Site;
use crate::{Broken, org};

const ROWS: usize = 100_000;
const A_JOB: usize = 10_000;
const LOAD: &str = "workflow:billing/accounts@0.1.0.load";

/// One workflow of ten jobs; both servers are killed, one after the other.
pub(crate) async fn run(site: &Site) -> Broken {
    println!("\nA load of {ROWS} rows\n");
    let mock = org::start().await;
    let before = accounts(&mock);
    let first = Server::start(site, "loaded", &mock, Some("deployment.toml")).await;
    let second = Server::start(site, "loaded", &mock, None).await;

    let started = Instant::now();
    let workflow = first.submit(LOAD, &json!(["run", ROWS, A_JOB])).await;
    wait_for(&mock, before + ROWS / 3).await;
    first.kill().await;
    println!("  killed the first server after {} of {ROWS} rows", accounts(&mock) - before);
    let third = Server::start(site, "loaded", &mock, None).await;
    wait_for(&mock, before + ROWS * 2 / 3).await;
    second.kill().await;
    println!("  killed the second server after {} of {ROWS} rows", accounts(&mock) - before);

    let result = third.result(&workflow).await;
    println!("  the workflow finished in {:.1} s: {result}", started.elapsed().as_secs_f64());
    let mut broken = Broken::new();
    let made = accounts(&mock) - before;
    if made != ROWS {
        broken.push(format!("{made} accounts were made of {ROWS} rows"));
    }
    if result != json!({"ok": {"created": ROWS, "failed": 0}}) {
        broken.push(format!("the workflow's result is not that of {ROWS} rows: {result}"));
    }
    broken
}

fn accounts(mock: &MockSalesforce) -> usize {
    mock.org(|org| org.count("Account"))
}

async fn wait_for(mock: &MockSalesforce, accounts_made: usize) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while accounts(mock) < accounts_made {
        assert!(Instant::now() < deadline, "{} accounts in five minutes", accounts(mock));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

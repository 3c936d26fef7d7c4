//! A hundred executions that all find the session expired: the tokens are refreshed once.

use std::path::Path;
use std::time::{Duration, Instant};

use mock_salesforce::MockSalesforce;
use serde_json::json;
use tokio::task::JoinSet;

use crate::client::query;
use crate::figures::{milliseconds, print};
use crate::site::Site;
use crate::{Broken, org};

const EXECUTIONS: usize = 100;
/// How long all executions may take until they have found the session expired.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn run(harness: &Path) -> Broken {
    let mut broken = Broken::new();
    for processes in [1, 2] {
        println!(
            "\nStorm: {EXECUTIONS} executions with one expired session, {processes} process(es) on one data directory"
        );
        broken.extend(storm(harness, processes).await);
    }
    broken
}

async fn storm(harness: &Path, processes: usize) -> Broken {
    let site = Site::new(harness, 128).await;
    let mut servers = Vec::new();
    for _ in 0..processes {
        servers.push(site.serve().await);
    }
    site.limit(&servers[0], &json!({"executions_at_once": EXECUTIONS})).await;
    let clients: Vec<_> = servers.iter().map(|server| site.tenant(server)).collect();
    let connection = site.connect(&clients[0]).await;
    site.mock.expire_access_tokens();
    let before = org::last_request(&site.mock);
    // The refresh waits until everybody needs it.
    let held = site.mock.hold_refreshes();
    let began = Instant::now();
    let mut executions = JoinSet::new();
    for number in 0..EXECUTIONS {
        let client = clients[number % processes].clone();
        let query = query(&connection, "SELECT Id FROM Account LIMIT 1");
        executions.spawn(async move { client.execute(&query, None).await });
    }
    let mut refused = refused(&site.mock, before);
    while refused < EXECUTIONS && began.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
        refused = self::refused(&site.mock, before);
    }
    let all_refused = began.elapsed();
    drop(held);
    let answers = executions.join_all().await;
    let succeeded = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| answer.succeeded())).count();
    let refreshes = org::refreshes(&site.mock, before).len();
    print("executions that found the session expired", refused);
    print("refreshes at the org", refreshes);
    print("executions that succeeded", succeeded);
    print("until all had found it expired", milliseconds(all_refused));
    print("from then until all had succeeded", milliseconds(began.elapsed() - all_refused));
    let mut broken = Broken::new();
    if refused != EXECUTIONS {
        broken.push(format!("storm: {refused} of {EXECUTIONS} executions reached the org with the expired session"));
    }
    if refreshes != 1 {
        broken.push(format!("storm over {processes} process(es): {refreshes} refreshes, expected 1"));
    }
    if succeeded != EXECUTIONS {
        let other = answers.iter().find(|answer| !answer.as_ref().is_ok_and(|answer| answer.succeeded()));
        broken
            .push(format!("storm over {processes} process(es): {succeeded} of {EXECUTIONS} succeeded, e.g. {other:?}"));
    }
    broken
}

fn refused(mock: &MockSalesforce, after: u64) -> usize {
    let ledger = mock.ledger();
    ledger.entries().filter(|entry| entry.sequence > after && entry.status == Some(401)).count()
}

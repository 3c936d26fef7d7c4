//! How fast it is, on one server and on two, with an org that answers at once and one that takes its time.

use std::time::{Duration, Instant};

use mock_salesforce::fault::{Fault, Matcher};
use serde_json::json;

use crate::engine::Server;
use crate::site::Site;
use crate::{Broken, org};

const INVOICE: &str = "workflow:billing/accounts@0.1.0.invoice";
/// A workflow takes in its answers one after the other, so that one alone is the bottleneck.
const WORKFLOWS: u32 = 10;
/// What a save takes in a real org, about.
const LATENCY: Duration = Duration::from_millis(200);

/// Whether a request is one of the measured workflows, which save each invoice by itself.
fn of_the_run(_path: &str, body: &str) -> Option<String> {
    body.contains(r#""Invoice_Number__c":"run "#).then(String::new)
}

/// Workflows with this many upserts together, four times.
pub(crate) async fn run(site: &Site, executions: u32) -> Broken {
    let executions = executions.next_multiple_of(WORKFLOWS);
    println!(
        "\n{executions} executions of {WORKFLOWS} workflows\n\n| servers | org | seconds | executions a second |\n|---|---|---|---|"
    );
    let mut broken = Broken::new();
    for (latency, org_is) in [(None, "answers at once"), (Some(LATENCY), "takes 200 ms to save")] {
        for servers in [1, 2] {
            let mock = org::start().await;
            let database = format!("speed_{servers}_{}", latency.is_some());
            let mut running = vec![Server::start(site, &database, &mock, Some("deployment.toml")).await];
            for _ in 1..servers {
                running.push(Server::start(site, &database, &mock, None).await);
            }
            // Each server has compiled and connected before the clock runs.
            for (number, server) in running.iter().enumerate() {
                let warm = server.submit(INVOICE, &json!([format!("warm {number}"), 20, 1])).await;
                server.result(&warm).await;
            }
            for _ in 0..latency.map_or(0, |_| executions) {
                mock.push_fault(Matcher::under("/services/data/").method("PATCH"), Fault::Delay(LATENCY));
            }
            let started = Instant::now();
            let mut workflows = Vec::new();
            for number in 0..WORKFLOWS {
                let server = &running[number as usize % running.len()];
                workflows
                    .push(server.submit(INVOICE, &json!([format!("run {number}"), executions / WORKFLOWS, 1])).await);
            }
            // Who follows an execution takes one of the few database connections that a server has.
            while org::creates(&mock, of_the_run).values().sum::<usize>() < executions as usize {
                assert!(started.elapsed() < Duration::from_secs(300), "not finished in five minutes");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let seconds = started.elapsed().as_secs_f64();
            println!("| {servers} | {org_is} | {seconds:.1} | {:.0} |", f64::from(executions) / seconds);
            for workflow in workflows {
                let result = running[0].result(&workflow).await;
                let summary = &result["ok"];
                if summary["created"] != json!(executions / WORKFLOWS) || summary["failed"] != json!([]) {
                    broken.push(format!("expected {} new invoices: {result}", executions / WORKFLOWS));
                }
            }
        }
    }
    broken
}

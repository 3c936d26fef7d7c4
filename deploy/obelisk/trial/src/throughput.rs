//! How fast it is, on one server and on two, with an org that answers at once and one that takes its time.

use std::time::{Duration, Instant};

use mock_salesforce::fault::{Fault, Matcher};
use serde_json::json;

use crate::engine::Server;
use crate::site::Site;
use crate::{Broken, org};

const INVOICE: &str = "workflow:billing/accounts@0.1.0.invoice";
/// What a save takes in a real org, about.
const LATENCY: Duration = Duration::from_millis(200);

/// A workflow with this many upserts, four times.
pub(crate) async fn run(site: &Site, executions: u32) -> Broken {
    println!("\n{executions} executions\n\n| servers | org | seconds | executions a second |\n|---|---|---|---|");
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
                let warm = server.submit(INVOICE, &json!([format!("warm {number}"), 20])).await;
                server.result(&warm).await;
            }
            for _ in 0..latency.map_or(0, |_| executions) {
                mock.push_fault(Matcher::under("/services/data/").method("PATCH"), Fault::Delay(LATENCY));
            }
            let started = Instant::now();
            let id = running[0].submit(INVOICE, &json!(["run", executions])).await;
            let result = running[0].result(&id).await;
            let seconds = started.elapsed().as_secs_f64();
            println!("| {servers} | {org_is} | {seconds:.1} | {:.0} |", f64::from(executions) / seconds);
            let summary = &result["ok"];
            if summary["created"] != json!(executions) || summary["failed"] != json!([]) {
                broken.push(format!("expected {executions} new invoices: {result}"));
            }
        }
    }
    broken
}

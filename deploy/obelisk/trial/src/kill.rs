//! Whether every record is written exactly once, while the org misbehaves and servers are killed.

use std::time::{Duration, Instant};

use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::engine::Server;
use crate::site::Site;
use crate::{Broken, org};

const ACCOUNTS: usize = 300;
/// Invoices of a call, so that there are calls enough for servers to die in.
const TOGETHER: usize = 3;
const CREATES: usize = 20;
const INVOICE: &str = "workflow:billing/accounts@0.1.0.invoice";
const CREATE: &str = "workflow:salesforce-activity/creation@0.2.1.create-record";

/// One workflow, and creations without an external Id beside it; both servers are killed, one after the other.
pub(crate) async fn run(site: &Site) -> Broken {
    println!("Killed servers\n");
    let mock = org::start().await;
    // A hundred calls, and every sixth request goes wrong.
    org::misbehave(&mock, 120);
    org::hold_creations(&mock, CREATES);
    let first = Server::start(site, "killed", &mock, Some("deployment.toml")).await;
    let second = Server::start(site, "killed", &mock, None).await;

    let started = Instant::now();
    let mut creations = Vec::new();
    for number in 0..CREATES {
        let fields = json!({"Invoice_Number__c": null, "Notes__c": format!("creation {number}")}).to_string();
        let save = json!({"assignment_rule": null, "duplicate_rule": null, "if_unmodified_since": null});
        creations.push(first.submit(CREATE, &json!(["Invoice__c", fields, save])).await);
    }
    let workflow = first.submit(INVOICE, &json!(["run", ACCOUNTS, TOGETHER])).await;
    wait_for(&mock, ACCOUNTS / 3).await;
    first.kill().await;
    println!("  killed the first server after {} of {ACCOUNTS} invoices", invoices(&mock));
    let third = Server::start(site, "killed", &mock, None).await;
    wait_for(&mock, ACCOUNTS * 2 / 3).await;
    second.kill().await;
    println!("  killed the second server after {} of {ACCOUNTS} invoices", invoices(&mock));

    let result = third.result(&workflow).await;
    println!("  the workflow finished in {:.1} s: {}", started.elapsed().as_secs_f64(), result["ok"]);
    let mut broken = check_workflow(&mock, &result);
    broken.extend(check_creations(&mock, &third, &creations).await);
    broken
}

async fn wait_for(mock: &MockSalesforce, invoices_made: usize) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while invoices(mock) < invoices_made {
        assert!(Instant::now() < deadline, "{} invoices in two minutes", invoices(mock));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How often the workflow's requests have created an invoice.
fn invoices(mock: &MockSalesforce) -> usize {
    org::creates(mock, |path, _| path.ends_with("/Invoice_Number__c").then(String::new)).values().sum()
}

fn check_workflow(mock: &MockSalesforce, result: &Value) -> Broken {
    let made = invoices(mock);
    let saves = mock.ledger().entries().filter(|entry| entry.method == "PATCH").count();
    println!("  {made} invoices were created, by {saves} requests");
    let mut broken = Broken::new();
    let summary = &result["ok"];
    if made != ACCOUNTS {
        broken.push(format!("{made} invoices were created, not {ACCOUNTS}"));
    }
    let told = summary["created"].as_u64().unwrap_or_default() + summary["updated"].as_u64().unwrap_or_default();
    if told != ACCOUNTS as u64 || summary["failed"] != json!([]) {
        broken.push(format!("the workflow's summary is not that of {ACCOUNTS} invoices: {result}"));
    }
    if mock.faults_waiting() > 0 {
        broken.push(format!("{} faults were never met", mock.faults_waiting()));
    }
    broken
}

/// A creation that succeeded made one record, and no creation made two, whatever became of it.
async fn check_creations(mock: &MockSalesforce, server: &Server, creations: &[String]) -> Broken {
    let made = org::creates(mock, |_, body| {
        let notes = serde_json::from_str::<Value>(body).ok()?["Notes__c"].as_str()?.to_owned();
        Some(notes)
    });
    let mut broken = Broken::new();
    let mut unknown = 0;
    for (number, id) in creations.iter().enumerate() {
        let times = made.get(&format!("creation {number}")).copied().unwrap_or_default();
        let result = server.result(id).await;
        let succeeded = result.get("ok").is_some();
        unknown += usize::from(!succeeded);
        if times > 1 || (succeeded && times != 1) {
            broken.push(format!("creation {number} made {times} records and was told as {result}"));
        }
    }
    let twice = made.values().filter(|times| **times > 1).count();
    println!("  {CREATES} creations without external Id: {twice} twice, {unknown} left for a person to look at");
    broken
}

//! The example of `deploy/obelisk/workflow`, over the real activities and the mock.

use std::sync::Arc;

use mock_salesforce::{Fault, Matcher, MockSalesforce};
use serde_json::{Value as Json, json};

use crate::durable::Execution;
use crate::{org, with_a_token};

const INVOICES: &str = "/services/data/v67.0/composite/sobjects/Invoice__c/Invoice_Number__c";

#[tokio::test(flavor = "multi_thread")]
async fn every_record_s_outcome_is_handled() {
    let mock = org(false).await;
    // The first ten: the answer is lost. The next ten: nine are locked, one is refused. The last five: saved at once.
    mock.push_fault(Matcher::path(INVOICES), Fault::CloseAfterWork);
    mock.push_fault(Matcher::path(INVOICES).nth(3), Fault::json(200, &nine_locked_and_one_refused()));
    let waits = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&waits);
    let execution = Execution::new(with_a_token(&mock), move |seconds| seen.lock().unwrap().push(seconds));
    let result = execution.run("invoice", &json!(["run", 25, 10]), None).await.unwrap();
    let refused = "Salesforce refused this record with FIELD_CUSTOM_VALIDATION_EXCEPTION: no credit";
    let summary = &result["ok"];
    assert_eq!(
        (&summary["accounts"], &summary["created"], &summary["updated"]),
        (&json!(25), &json!(14), &json!(10)),
        "{result}"
    );
    let failed = summary["failed"].as_array().unwrap();
    assert!(failed.len() == 1 && failed[0].as_str().unwrap().ends_with(refused), "{failed:?}");
    assert_eq!(*waits.lock().unwrap(), [1], "the nine were sent again after a pause");
    assert_eq!(mock.ledger().creates("Invoice__c"), 24);
    assert_eq!(mock.ledger().requests("PATCH", INVOICES), 5);
}

fn nine_locked_and_one_refused() -> Json {
    let refusal = |code: &str, message: &str| json!({"success": false, "errors": [{"statusCode": code, "message": message, "fields": []}]});
    let mut answer = vec![refusal("UNABLE_TO_LOCK_ROW", "busy"); 9];
    answer.push(refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "no credit"));
    Json::Array(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_server_dies_in_any_event_makes_each_invoice_once() {
    // A query, and three upserts.
    for dies_in in 0..4 {
        let mock = org(false).await;
        let execution = Execution::new(with_a_token(&mock), |_| ());
        assert_eq!(execution.run("invoice", &json!(["run", 25, 10]), Some(dies_in)).await, None);
        let result = execution.run("invoice", &json!(["run", 25, 10]), None).await.unwrap();
        let summary = &result["ok"];
        let count = |name: &str| summary[name].as_u64().unwrap();
        assert_eq!((count("created") + count("updated"), &summary["failed"]), (25, &json!([])), "{dies_in}");
        assert_eq!(mock.ledger().creates("Invoice__c"), 25, "{dies_in}");
        assert_eq!(execution.events(), 4);
    }
}

/// An org at noon, and a position behind all its accounts.
async fn at_noon() -> (Arc<MockSalesforce>, Json) {
    let mock = org(false).await;
    mock.freeze_clock(Some("2026-11-30T12:00:00Z".parse().unwrap()));
    let request = json!({"fields": ["ERP_Id__c"], "since": "2026-11-30T12:00:00Z"});
    let poll = with_a_token(&mock).call("changes.changed-records", json!(["Account", request])).await.unwrap();
    assert_eq!(poll["count"], 0);
    (Arc::new(mock), poll["position"].clone())
}

/// A minute passes. After the first one account is new, after the second it has changed and another is new.
fn minute_by_minute(mock: &Arc<MockSalesforce>) -> impl Fn(u64) + Send + Sync + 'static {
    let mock = Arc::clone(mock);
    let minutes = std::sync::atomic::AtomicU32::new(0);
    move |seconds| {
        assert_eq!(seconds, 60);
        mock.advance_clock(std::time::Duration::from_secs(seconds).try_into().unwrap());
        let minute = minutes.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        mock.org(|org| {
            let options = mock_salesforce::org::WriteOptions::new("0055g0000000000AAA", "v67.0");
            let fields = |fields: Json| fields.as_object().unwrap().clone();
            if minute == 1 {
                let id = org.rows_by_external_id("Account", "ERP_Id__c", "NEW-0").unwrap().remove(0);
                org.update("Account", &id, &fields(json!({"Site": "North"})), &options).unwrap();
            }
            let account = json!({"Name": "New", "ERP_Id__c": format!("NEW-{minute}")});
            org.create("Account", &fields(account), &options).unwrap();
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_followed_from_run_to_run_whatever_dies() {
    // Three polls, two upserts, two waits; then none of them dies.
    for dies_in in (0..7).map(Some).chain([None]) {
        let (mock, position) = at_noon().await;
        let execution = Execution::new(with_a_token(&mock), minute_by_minute(&mock));
        let arguments = json!(["run", position, 3]);
        if matches!(dies_in, Some(1 | 4)) {
            // A wait is an event of the engine's own: it does not die in one.
            continue;
        }
        if dies_in.is_some() {
            assert_eq!(execution.run("follow", &arguments, dies_in).await, None);
        }
        let result = execution.run("follow", &arguments, None).await.unwrap();
        let summary = &result["ok"]["summary"];
        assert_eq!((&summary["accounts"], &summary["failed"]), (&json!(3), &json!([])), "{dies_in:?}: {result}");
        assert_eq!(mock.ledger().creates("Invoice__c"), 2, "{dies_in:?}");
        assert_eq!(execution.events(), 7);

        let next = json!(["run", result["ok"]["position"], 1]);
        let result = Execution::new(with_a_token(&mock), |_| ()).run("follow", &next, None).await.unwrap();
        assert_eq!(result["ok"]["summary"]["accounts"], 0, "{dies_in:?}");
    }
}

/// Goes on by the org's clock while a workflow waits.
fn by_the_clock(mock: &Arc<MockSalesforce>) -> impl Fn(u64) + Send + Sync + 'static {
    let mock = Arc::clone(mock);
    move |seconds| mock.advance_clock(std::time::Duration::from_secs(seconds).try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_whose_server_dies_in_any_event_makes_each_account_once() {
    let calls = {
        let mock = Arc::new(org(false).await);
        mock.freeze_clock(None);
        let execution = Execution::new(with_a_token(&mock), by_the_clock(&mock));
        let result = execution.run("load", &json!(["run", 45, 20]), None).await.unwrap();
        assert_eq!(result, json!({"ok": {"created": 45, "failed": 0}}));
        execution.calls()
    };
    assert!(calls.len() >= 13, "{calls:?}");
    // A wait is an event of the engine's own: it does not die in one.
    let asked = calls.iter().enumerate().filter(|(_, call)| *call != "sleep");
    for (dies_in, call) in asked {
        let mock = Arc::new(org(false).await);
        mock.freeze_clock(None);
        let execution = Execution::new(with_a_token(&mock), by_the_clock(&mock));
        let arguments = json!(["run", 45, 20]);
        assert_eq!(execution.run("load", &arguments, Some(dies_in)).await, None);
        let result = execution.run("load", &arguments, None).await.unwrap();
        assert_eq!(result, json!({"ok": {"created": 45, "failed": 0}}), "{dies_in}: {call}");
        assert_eq!(mock.ledger().creates("Account"), 45, "{dies_in}: {call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_are_loaded_once_each_while_two_servers_die() {
    let mock = Arc::new(org(false).await);
    let before = mock.org(|org| org.count("Account"));
    let execution = Execution::new(with_a_token(&mock), by_the_clock(&mock));
    let arguments = json!(["run", 100_000, 10_000]);
    // One dies while the second job is given its data, the other while the sixth is closed.
    assert_eq!(execution.run("load", &arguments, Some(4)).await, None);
    assert_eq!(execution.run("load", &arguments, Some(18)).await, None);
    let result = execution.run("load", &arguments, None).await.unwrap();
    assert_eq!(result, json!({"ok": {"created": 100_000, "failed": 0}}));
    assert_eq!(mock.org(|org| org.count("Account")), before + 100_000);
}

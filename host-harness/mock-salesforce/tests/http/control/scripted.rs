//! Flows, Apex and approvals by script, the lag of searches, and how long bulk jobs take.

use serde_json::{Value, json};

use super::{done, problem};
use crate::client::{Answer, call};
use crate::fixture::*;

async fn put(mock: &mock_salesforce::MockSalesforce, path: &str, body: Value) -> Answer {
    control(mock, "PUT", path).json(&body).send().await
}

async fn listed(mock: &mock_salesforce::MockSalesforce, path: &str) -> Value {
    done(&control(mock, "GET", path).send().await)["items"].clone()
}

#[tokio::test]
async fn an_action_answers_or_fails_until_it_is_deleted() {
    let mock = steered().await;
    let flow = json!({"kind": "flow", "inputs": ["amount"], "outcome": {"outputs": {"total": 5.10}}});
    assert_eq!(put(&mock, "actions/Sum", flow).await.status, 204);
    let invoke = || rest(&mock, "POST", "actions/custom/flow/Sum").json(&json!({"inputs": [{"amount": 1}]})).send();
    let ran = invoke().await;
    assert_eq!((ran.status.as_u16(), &ran.json()[0]["outputValues"]["total"]), (200, &json!(5.10)));
    let failing = json!({"kind": "flow", "outcome": {"error": {"code": "FLOW_EXCEPTION", "message": "No."}}});
    done(&put(&mock, "actions/Sum", failing.clone()).await);
    let failed = invoke().await.json();
    assert_eq!(failed[0]["errors"][0]["statusCode"], "FLOW_EXCEPTION", "it takes every input now");
    let mut told = json!({"name": "Sum", "inputs": []});
    told["kind"] = failing["kind"].clone();
    told["outcome"] = failing["outcome"].clone();
    assert_eq!(listed(&mock, "actions").await, json!([told]));
    assert_eq!(control(&mock, "DELETE", "actions/Sum").send().await.status, 204);
    assert_eq!(invoke().await.error(), (404, "NOT_FOUND".to_owned()));
    let gone = problem(&control(&mock, "DELETE", "actions/Sum").send().await);
    assert_eq!((gone.0, gone.1.as_str(), gone.3.as_str()), (404, "path.name", "a name that GET /__mock/actions lists"));
}

#[tokio::test]
async fn an_apex_resource_answers_in_any_form() {
    let mock = steered().await;
    let json_body = json!({"method": "POST", "path": "invoices/*", "status": 201, "body": {"json": {"paid": true}}});
    done(&put(&mock, "apex-resources/Pay", json_body).await);
    done(&put(&mock, "apex-resources/Ping", json!({"method": "GET", "path": "ping"})).await);
    let token = access_token(&mock);
    let send =
        |method: &str, path: &str| call(&mock, method, &format!("/services/apexrest/{path}")).token(&token).send();
    let paid = send("POST", "invoices/7").await;
    assert_eq!((paid.status.as_u16(), paid.json()), (201, json!({"paid": true})));
    assert_eq!(paid.header("content-type"), "application/json;charset=UTF-8");
    let ping = send("GET", "ping").await;
    assert_eq!(
        (ping.status.as_u16(), ping.text(), ping.header("content-type")),
        (200, String::new(), "text/plain;charset=UTF-8")
    );
    let bytes = json!({"method": "GET", "path": "ping", "content_type": "image/png", "body": {"base64": "/w=="}});
    done(&put(&mock, "apex-resources/Picture", bytes.clone()).await);
    let all = listed(&mock, "apex-resources").await;
    assert_eq!(all.as_array().unwrap().len(), 2, "a method of a path is answered by one");
    assert_eq!((&all[1]["name"], &all[1]["body"]), (&json!("Picture"), &bytes["body"]));
    assert_eq!(send("GET", "ping").await.body.as_ref(), [255]);
    done(&control(&mock, "DELETE", "apex-resources/Pay").send().await);
    assert_eq!(send("POST", "invoices/7").await.error(), (404, "NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn an_approval_process_takes_records_of_its_object() {
    let mock = steered().await;
    done(&put(&mock, "approval-processes/Big_Invoices", json!({"object": "invoice__c"})).await);
    let process = json!({"name": "Big_Invoices", "object": "Invoice__c"});
    assert_eq!(listed(&mock, "approval-processes").await, json!([process]));
    let told = rest(&mock, "GET", "process/approvals").send().await.json();
    assert_eq!(told["approvals"]["Invoice__c"][0]["name"], "Big_Invoices");
    let invoice = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    let submit = async || {
        let body = json!({"requests": [{"actionType": "Submit", "contextId": invoice}]});
        rest(&mock, "POST", "process/approvals").json(&body).send().await.json()[0].clone()
    };
    done(&control(&mock, "PUT", "snapshots/before").send().await);
    assert_eq!(submit().await["instanceStatus"], "Pending");
    assert_eq!(submit().await["errors"][0]["statusCode"], "ALREADY_IN_PROCESS");
    done(&control(&mock, "POST", "snapshots/before/restore").send().await);
    assert_eq!(submit().await["instanceStatus"], "Pending", "nothing was submitted then");
    done(&control(&mock, "DELETE", "approval-processes/Big_Invoices").send().await);
    assert_eq!(submit().await["errors"][0]["statusCode"], "NO_APPLICABLE_PROCESS");
}

#[tokio::test]
async fn quick_actions_and_reports_are_of_the_orgs_own_objects() {
    let mock = steered().await;
    let body = json!({"creates": "contact", "parent_field": "accountid", "values": {"Title": "Dr"}});
    done(&put(&mock, "quick-actions/account.NewContact", body).await);
    let told = json!({"name": "Account.NewContact", "creates": "Contact", "parent_field": "AccountId", "values": {"Title": "Dr"}});
    assert_eq!(listed(&mock, "quick-actions").await, json!([told]));
    assert_eq!(rest(&mock, "GET", "sobjects/Account/quickActions/NewContact").send().await.status, 200);

    let report = json!({"soql": "SELECT Name, Industry FROM Account", "group_by": ["Industry"]});
    done(&put(&mock, "reports/Accounts", report).await);
    let told =
        json!({"name": "Accounts", "soql": "SELECT Name, Industry FROM Account", "group_by": ["Industry"], "sums": []});
    assert_eq!(listed(&mock, "reports").await, json!([told]));
    let id = rest(&mock, "GET", "analytics/reports").send().await.json()[0]["id"].as_str().unwrap().to_owned();
    done(&control(&mock, "PUT", "snapshots/before").send().await);
    // A report that is put again keeps its Id.
    done(&put(&mock, "reports/Accounts", json!({"soql": "SELECT Name FROM Account"})).await);
    let format = async || {
        let path = format!("analytics/reports/{id}/describe");
        rest(&mock, "GET", &path).send().await.json()["reportMetadata"]["reportFormat"].clone()
    };
    assert_eq!(format().await, "TABULAR");
    done(&control(&mock, "POST", "snapshots/before/restore").send().await);
    assert_eq!(format().await, "SUMMARY");
    done(&control(&mock, "DELETE", "reports/Accounts").send().await);
    done(&control(&mock, "DELETE", "quick-actions/Account.NewContact").send().await);
    assert_eq!(rest(&mock, "GET", "analytics/reports").send().await.json(), json!([]));
    assert_eq!(rest(&mock, "GET", "quickActions").send().await.json(), json!([]));
}

#[tokio::test]
async fn a_script_that_is_not_right_is_refused_by_place() {
    let mock = steered().await;
    let long = "x".repeat(256);
    let outcome = json!({"outputs": {}});
    for (path, body, place) in [
        ("actions/a", json!({"kind": "job", "outcome": outcome}), "body.kind"),
        ("actions/a", json!({"kind": "flow"}), "body.outcome"),
        ("actions/a", json!({"kind": "flow", "outcome": "silence"}), "body.outcome"),
        ("actions/a", json!({"kind": "flow", "outcome": outcome, "inputs": ["a", ""]}), "body.inputs[1]"),
        ("actions/a b", json!({"kind": "flow", "outcome": outcome}), "path.name"),
        ("actions/a", json!({"name": "b", "kind": "flow", "outcome": outcome}), "body.name"),
        ("apex-resources/a", json!({"method": "G T", "path": "a"}), "body.method"),
        ("apex-resources/a", json!({"method": "GET", "path": "/a"}), "body.path"),
        ("apex-resources/a", json!({"method": "GET", "path": long}), "body.path"),
        ("apex-resources/a", json!({"method": "GET", "path": "a", "status": 100}), "body.status"),
        ("apex-resources/a", json!({"method": "GET", "path": "a", "content_type": "a\nb"}), "body.content_type"),
        ("apex-resources/a", json!({"method": "GET", "path": "a", "body": {"base64": "?"}}), "body.body.base64"),
        (
            "apex-resources/a",
            json!({"method": "GET", "path": "a", "body": {"text": "x".repeat((1 << 20) + 1)}}),
            "body.body",
        ),
        ("approval-processes/a", json!({"object": "Thing"}), "body.object"),
        ("quick-actions/a", json!({"creates": "Thing"}), "body.creates"),
        ("quick-actions/Thing.a", json!({"creates": "Task"}), "path.name"),
        ("quick-actions/a", json!({"creates": "Task", "parent_field": "Thing"}), "body.parent_field"),
        ("reports/a", json!({"soql": "SELECT Thing FROM Account"}), "body"),
        ("reports/a", json!({"soql": "SELECT Name FROM Account", "sums": ["Thing"]}), "body"),
        ("search-index", json!({"lag_seconds": -1}), "body.lag_seconds"),
        ("bulk-jobs", json!({"take_seconds": 40_000_000}), "body.take_seconds"),
    ] {
        let (status, told, ..) = problem(&put(&mock, &path.replace(' ', "%20"), body).await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    for path in ["actions", "apex-resources", "approval-processes", "quick-actions", "reports"] {
        assert_eq!(listed(&mock, path).await, json!([]));
    }
    for number in 0..500 {
        done(&put(&mock, &format!("actions/{number}"), json!({"kind": "apex", "outcome": outcome})).await);
    }
    let full = problem(&put(&mock, "actions/more", json!({"kind": "apex", "outcome": outcome})).await);
    assert_eq!((full.0, full.1.as_str()), (409, "path.name"));
    assert_eq!(put(&mock, "actions/7", json!({"kind": "apex", "outcome": outcome})).await.status, 204);
    let large = json!({"method": "GET", "path": "a", "body": {"text": "x".repeat(1_000_000)}});
    for number in 0..67 {
        let mut large = large.clone();
        large["path"] = json!(format!("large/{number}"));
        done(&put(&mock, &format!("apex-resources/{number}"), large).await);
    }
    let full = problem(&put(&mock, "apex-resources/more", large).await);
    assert_eq!((full.0, full.1.as_str()), (409, "path.name"), "64 MiB together");
}

#[tokio::test]
async fn searches_lag_and_jobs_take_their_time() {
    let mock = steered().await;
    assert_eq!(done(&control(&mock, "GET", "search-index").send().await), json!({"lag_seconds": 0}));
    assert_eq!(done(&put(&mock, "search-index", json!({"lag_seconds": 60})).await), json!({"lag_seconds": 60}));
    rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "Quokka"})).send().await;
    let found = async || {
        let path = "parameterizedSearch?q=Quokka&sobject=Account";
        rest(&mock, "GET", path).send().await.json()["searchRecords"].as_array().unwrap().len()
    };
    assert_eq!(found().await, 0);
    mock.advance_clock(jiff::SignedDuration::from_secs(61));
    assert_eq!(found().await, 1);

    assert_eq!(done(&control(&mock, "GET", "bulk-jobs").send().await), json!({"take_seconds": 1}));
    done(&put(&mock, "bulk-jobs", json!({"take_seconds": 300})).await);
    let job = json!({"operation": "query", "query": "SELECT Id FROM Account"});
    let job = rest(&mock, "POST", "jobs/query").json(&job).send().await.json();
    let path = format!("jobs/query/{}", job["id"].as_str().unwrap());
    let state = async || rest(&mock, "GET", &path).send().await.json()["state"].clone();
    mock.advance_clock(jiff::SignedDuration::from_secs(299));
    assert_ne!(state().await, "JobComplete");
    mock.advance_clock(jiff::SignedDuration::from_secs(2));
    assert_eq!(state().await, "JobComplete");
}

#[tokio::test]
async fn a_snapshot_keeps_scripts_and_a_reset_drops_them() {
    let mock = steered().await;
    let action = json!({"kind": "apex", "outcome": {"outputs": {}}});
    done(&put(&mock, "actions/Kept", action.clone()).await);
    done(&put(&mock, "search-index", json!({"lag_seconds": 60})).await);
    done(&put(&mock, "bulk-jobs", json!({"take_seconds": 60})).await);
    done(&control(&mock, "PUT", "snapshots/with").send().await);
    done(&put(&mock, "actions/Later", action).await);
    done(&control(&mock, "POST", "snapshots/with/restore").send().await);
    let names = async || {
        let items = listed(&mock, "actions").await;
        items.as_array().unwrap().iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, [json!("Kept")]);
    done(&control(&mock, "POST", "reset").send().await);
    assert!(names().await.is_empty());
    assert_eq!(done(&control(&mock, "GET", "search-index").send().await), json!({"lag_seconds": 0}));
    assert_eq!(done(&control(&mock, "GET", "bulk-jobs").send().await), json!({"take_seconds": 1}));
}

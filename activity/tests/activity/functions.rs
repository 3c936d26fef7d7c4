//! Every function of both components, a row each: it succeeds, tells a refusal, and sorts an answer that is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use mock_salesforce::org::WriteOptions;
use mock_salesforce::{Action, ActionKind, ActionOutcome, ApexResource, Fault, Matcher, MockSalesforce};
use serde_json::{Value as Json, json};

use crate::engine::{Deployment, functions};
use crate::values::holds;
use crate::{org, with_a_token};

/// What a function does.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// It reads: within a call it is sent again.
    Reads,
    /// It writes, and twice is as once.
    Settles,
    /// It is something else the second time.
    Once,
}

use Does::{Once, Reads, Settles};

struct Row {
    function: &'static str,
    does: Does,
    arguments: Json,
    /// What the org answers, where the mock has nothing of the kind.
    answer: Option<Json>,
    /// With this status.
    status: u16,
    /// What the result has among other things.
    gives: Json,
}

/// Who may make files.
const ADMINISTRATOR: &str = "0055g0000000000AAA";
/// When it is, in the org.
const NOW: &str = "2026-11-30T12:00:00Z";
const REPORT: &str = "00OD0000001cxGE";
const RUN: &str = "0LGD0000000He3OOAS";
const VERSION: &str = "068D00000000001IAA";
const LINK: &str = "06AD00000000001MAA";

/// An org with something to call, and all rows.
async fn prepared() -> (MockSalesforce, Deployment, Vec<Row>) {
    let mock = org(false).await;
    mock.freeze_clock(Some(NOW.parse().unwrap()));
    let flow = ActionOutcome::Outputs([("owner".to_owned(), json!("Zoe"))].into_iter().collect());
    mock.add_action(Action { kind: ActionKind::Flow, name: "Escalate".into(), inputs: vec![], outcome: flow });
    mock.add_apex_resource(ApexResource {
        name: "orders".into(),
        method: "POST".into(),
        path: "orders".into(),
        status: 201,
        content_type: "application/json".into(),
        body: b"[1.50]".to_vec(),
    });
    mock.add_approval_process("Account");
    let engine = with_a_token(&mock);
    let accounts: Vec<_> =
        (0..5).map(|n| json!({"object": "Account", "fields": {"Name": format!("Row {n}")}})).collect();
    let created = engine.call("creation.create-records", json!([accounts, true, {}])).await.unwrap();
    let id = |index: usize| created[index]["ok"]["id"].clone();
    let (version, document) = file(&mock);
    let query = json!([{"soql": "SELECT Name FROM Account ORDER BY Id", "batch_size": 200}]);
    let page = engine.call("actions.soql-query", query).await.unwrap();
    let span = json!(["Account", "2026-11-30T11:00:00Z", "2026-11-30T12:02:00Z"]);
    let jobs = bulk_jobs(&mock, &engine).await;
    let rows = vec![
        row("actions.soql-query", Reads, super::count(), json!({"count": 0, "total_size": 2091, "next": null})),
        row("actions.next-page", Reads, json!([page["next"]]), json!({"count": 200, "total_size": 2091})),
        row("actions.explain", Reads, super::count(), json!([{"sobjectType": "Account"}])),
        row(
            "actions.get-record-field-values",
            Reads,
            json!(["Account", {"id": id(0)}, ["Name"]]),
            json!({"Name": "Row 0"}),
        ),
        row(
            "actions.create-or-update-record",
            Settles,
            json!(["Account", {"update": id(0)}, {"Site": "North"}, {}]),
            json!({"id": id(0), "created": false}),
        ),
        row("actions.delete-record", Settles, json!(["Account", id(1)]), json!({"already_deleted": false})),
        row(
            "collections.update-records",
            Settles,
            json!([[{"object": "Account", "id": id(0), "fields": {"Site": "South"}}], true, {}]),
            json!([{"ok": {"id": id(0), "created": false}}]),
        ),
        row(
            "collections.upsert-records",
            Settles,
            json!(["Invoice__c", "Invoice_Number__c", [{"Invoice_Number__c": "R-1"}], true, {}]),
            json!([{"ok": {"created": true}}]),
        ),
        row(
            "collections.delete-records",
            Settles,
            json!([[id(2)], true]),
            json!([{"ok": {"id": id(2), "already_deleted": false}}]),
        ),
        row(
            "collections.get-records",
            Reads,
            json!(["Account", [id(0), "001000000000000AAA"], ["Name"]]),
            json!([{"Id": id(0), "Name": "Row 0"}, null]),
        ),
        row("schema.list-objects", Reads, json!(["Tue, 24 Nov 2099 09:30:00 GMT"]), json!(null)),
        row(
            "schema.describe-object",
            Reads,
            json!(["Invoice__c", null]),
            json!({"object": {"name": "Invoice__c", "custom": true}}),
        ),
        row("schema.describe-json", Reads, json!(["Account", null]), json!({"description": {"name": "Account"}})),
        row("schema.describe-invocable-action", Reads, json!([{"flow": "Escalate"}]), json!({"type": "FLOW"})),
        row(
            "search.search",
            Reads,
            json!(["O'Brien & Söhne", {"objects": [{"object": "Account", "fields": ["Name"]}], "scope": "name"}]),
            json!({"count": 1, "records": [{"Name": "O'Brien & Söhne GmbH"}]}),
        ),
        row(
            "search.sosl-search",
            Reads,
            json!([
                "FIND {:t} IN NAME FIELDS RETURNING Account(Name)",
                [{"name": "t", "argument": {"one": {"text": "O'Brien & Söhne"}}}],
            ]),
            json!({"count": 1, "records": [{"Name": "O'Brien & Söhne GmbH"}]}),
        ),
        row("changes.updated-records", Reads, span.clone(), json!({"count": 3})),
        row("changes.deleted-records", Reads, span, json!({"count": 2})),
        row(
            "changes.changed-records",
            Reads,
            json!(["Account", {"fields": ["Name"], "since": NOW, "max_records": 10}]),
            json!({"count": 3, "more": false}),
        ),
        row(
            "limits.org-limits",
            Reads,
            json!([]),
            json!([{"name": "DailyApiRequests", "max": 15_000, "remaining": 14_000}]),
        )
        .answered(json!({"DailyApiRequests": {"Max": 15_000, "Remaining": 14_000}})),
        row(
            "limits.record-counts",
            Reads,
            json!([["Nothing__c", "Account"]]),
            json!({"counts": [{"object": "Account", "count": 2089}], "missing": ["Nothing__c"]}),
        ),
        row("limits.recent-items", Reads, json!([2]), json!([{"object": "Account", "id": id(0), "name": "Acme"}]))
            .answered(json!([{"attributes": {"type": "Account"}, "Id": id(0), "Name": "Acme"}])),
        row("reports.run-report", Reads, json!([REPORT, true]), json!({"all_data": false, "content": report()}))
            .answered(report()),
        row("reports.report-instance", Reads, json!([REPORT, RUN]), json!({"done": {"all_data": false}}))
            .answered(report()),
        row(
            "files.download-blob",
            Reads,
            json!(["ContentVersion", version, "VersionData", {"offset": 1, "length": 2}]),
            json!({"data": [104, 105, 255], "offset": 0, "total_size": 3, "content_type": "application/octet-stream"}),
        ),
        row(
            "bulk.create-query-job",
            Settles,
            json!([{"soql": "SELECT Id FROM Account"}]),
            json!({"state": "upload_complete", "object": "Account"}),
        ),
        row("bulk.get-query-job", Reads, json!([jobs.query["id"]]), json!({"records_processed": 1, "retries": 0})),
        row(
            "bulk.get-query-results",
            Reads,
            json!([jobs.query["results"], 5]),
            json!({"csv": "\"Name\"\n\"Row 0\"\n", "count": 1, "next": null}),
        ),
        row("bulk.create-ingest-job", Settles, json!([invoices()]), json!({"state": "open", "records_failed": null})),
        row("bulk.upload-job-data", Settles, json!([jobs.open[0], INVOICES]), json!({"count": 2})),
        row("bulk.close-ingest-job", Settles, json!([jobs.open[1]]), json!({"state": "upload_complete"})),
        row("bulk.get-ingest-job", Reads, json!([jobs.done]), json!({"records_processed": 2, "records_failed": 1})),
        row("bulk.get-ingest-results", Reads, json!([jobs.done, "failed"]), json!({"count": 1})),
        row("bulk.abort-job", Settles, json!(["ingest", jobs.open[2]]), json!({"state": "aborted"})),
        row("bulk.delete-job", Settles, json!(["ingest", jobs.open[3]]), json!({"already_deleted": false})),
        row("creation.create-record", Once, json!(["Account", {"Name": "New"}, {}]), json!({"created": true})),
        row(
            "creation.create-records",
            Once,
            json!([[{"object": "Account", "fields": {"Name": "New"}}], true, {}]),
            json!([{"ok": {"created": true}}]),
        ),
        row("creation.start-report", Once, json!([REPORT, true]), json!(RUN))
            .answered(json!({"id": RUN, "status": "New"})),
        row(
            "composite.composite",
            Once,
            json!([[{"reference_id": "a", "action": {"create": {"object": "Account", "fields": {"Name": "A"}}}}], true]),
            json!([{"ok": {"saved": {"created": true}}}]),
        ),
        row(
            "composite.graph",
            Once,
            json!([[{"graph_id": "g", "subrequests": [
                {"reference_id": "a", "action": {"create": {"object": "Account", "fields": {"Name": "A"}}}},
            ]}]]),
            json!([{"graph_id": "g", "successful": true, "results": [{"ok": {"saved": {"created": true}}}]}]),
        ),
        row(
            "invoke.invocable-action",
            Once,
            json!([{"flow": "Escalate"}, [{}]]),
            json!([{"ok": {"owner": "Zoe", "Flow__InterviewStatus": "Finished"}}]),
        ),
        row(
            "invoke.quick-action",
            Once,
            json!(["Account", "LogACall", id(0), {"Subject": "x"}]),
            json!({"success": true, "n": 9_007_199_254_740_993_u64}),
        )
        .answered(json!({"success": true, "errors": [], "n": 9_007_199_254_740_993_u64})),
        row(
            "invoke.approval",
            Once,
            json!([{"submit": {"record_id": id(3)}}]),
            json!({"record_id": id(3), "status": "Pending"}),
        ),
        row(
            "invoke.apex-rest",
            Once,
            json!(["post", "orders", [{"name": "a", "value": "x&y"}], {"left": 2}]),
            json!({"status": 201, "body": {"json": "[1.50]"}}),
        ),
        row(
            "uploads.upload-file",
            Once,
            json!(["a.bin", [0, 255], {"linked_to": id(0)}, null, null, {"Description": "x"}]),
            json!(VERSION),
        )
        .answered(json!({"id": VERSION, "success": true, "errors": []}))
        .with_status(201),
        row("uploads.link-file", Once, json!([document, id(0), "viewer", "all_users"]), json!(LINK))
            .answered(json!({"id": LINK, "success": true, "errors": []}))
            .with_status(201),
    ];
    (mock, engine, rows)
}

/// One row that can be loaded, and one that cannot.
const INVOICES: &str = "Invoice_Number__c,Amount__c\nB-1,5\nB-2,many\n";

fn invoices() -> Json {
    json!({"object": "Invoice__c", "operation": {"upsert": "Invoice_Number__c"}})
}

/// Bulk jobs, as far as they are brought before a function is called.
struct Jobs {
    /// A query that is done.
    query: Json,
    /// A load that is done.
    done: Json,
    /// Loads that are open.
    open: Vec<Json>,
}

async fn bulk_jobs(mock: &MockSalesforce, engine: &Deployment) -> Jobs {
    mock.bulk_jobs_take(Duration::ZERO.try_into().unwrap());
    let query = json!([{"soql": "SELECT Name FROM Account WHERE Name = 'Row 0'"}]);
    let query = engine.call("bulk.create-query-job", query).await.unwrap();
    let query = engine.call("bulk.get-query-job", json!([query["id"]])).await.unwrap();
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(engine.call("bulk.create-ingest-job", json!([invoices()])).await.unwrap()["id"].clone());
    }
    let done = open.pop().unwrap();
    engine.call("bulk.upload-job-data", json!([done, INVOICES])).await.unwrap();
    engine.call("bulk.close-ingest-job", json!([done])).await.unwrap();
    Jobs { query, done, open }
}

fn row(function: &'static str, does: Does, arguments: Json, gives: Json) -> Row {
    Row { function, does, arguments, answer: None, status: 200, gives }
}

impl Row {
    fn answered(self, answer: Json) -> Self {
        Self { answer: Some(answer), ..self }
    }

    fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// A file of the org: the Ids of its version and its document.
fn file(mock: &MockSalesforce) -> (String, String) {
    mock.org(|org| {
        let fields = json!({"PathOnClient": "a.bin", "VersionData": "aGn/"}).as_object().unwrap().clone();
        let version = org.create("ContentVersion", &fields, &WriteOptions::new(ADMINISTRATOR, "v67.0")).unwrap();
        let row = org.row("ContentVersion", &version, Some(&["ContentDocumentId"]), "v67.0").unwrap();
        (version, row["ContentDocumentId"].as_str().unwrap().to_owned())
    })
}

fn report() -> Json {
    json!({"attributes": {"status": "Success"}, "allData": false, "hasDetailRows": true, "factMap": {}})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_has_a_row_on_its_side() {
    let (_, _, rows) = prepared().await;
    let of = |is_once: bool| {
        let rows = rows.iter().filter(|row| (row.does == Once) == is_once);
        rows.map(|row| row.function.to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(functions().map(BTreeSet::from_iter), [of(false), of(true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_gives_what_it_is_for() {
    let (mock, engine, rows) = prepared().await;
    for row in rows {
        if let Some(answer) = &row.answer {
            mock.push_fault(Matcher::any(), Fault::json(row.status, answer));
        }
        let came = engine.call(row.function, row.arguments).await;
        let came = came.unwrap_or_else(|failed| panic!("{}: {failed:?}", row.function));
        assert!(holds(&came, &row.gives), "{}: {came}, and not {}", row.function, row.gives);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_permanent_in_every_function() {
    let (mock, engine, rows) = prepared().await;
    let refusal = json!([{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]);
    for row in rows {
        mock.clear_ledger();
        mock.push_fault(Matcher::any(), Fault::json(403, &refusal));
        let failed = engine.call(row.function, row.arguments).await.unwrap_err();
        assert_eq!(failed.sorted(), ("permanent", "forbidden", "rejected"), "{}", row.function);
        assert_eq!(mock.ledger().entries().count(), 1, "{}", row.function);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_sorted_by_what_the_function_does() {
    let (mock, engine, rows) = prepared().await;
    for row in rows {
        let (sent, case) = match row.does {
            Reads => (3, "transient"),
            Settles => (1, "transient"),
            Once => (1, "permanent_outcome_unknown"),
        };
        mock.clear_ledger();
        for _ in 0..sent {
            mock.push_fault(Matcher::any(), Fault::CloseAfterWork);
        }
        let failed = engine.call(row.function, row.arguments).await.unwrap_err();
        assert_eq!(failed.sorted(), (case, "interrupted", "unknown"), "{}", row.function);
        assert_eq!(mock.ledger().entries().count(), sent, "{}", row.function);
    }
}

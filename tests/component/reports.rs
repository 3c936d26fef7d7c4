//! Reports: whether their rows are all is always told.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

const REPORTS: &str = "/services/data/v67.0/analytics/reports";
const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };

fn answer(body: &Value) -> Fault {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Fault::Answer { status: 200, headers, body: body.to_string().into_bytes() }
}

fn content(all_data: bool) -> Value {
    json!({
        "attributes": {"status": "Success", "type": "ReportInstance"},
        "allData": all_data,
        "hasDetailRows": true,
        "factMap": {"T!T": {"aggregates": [{"value": 9_007_199_254_740_993_u64}], "rows": []}},
        "reportMetadata": {"name": "Won"},
    })
}

#[tokio::test]
async fn a_report_is_run_now_or_later_and_says_whether_its_rows_are_all() {
    let fixture = Fixture::start().await;
    let run = json!({"report_id": "00OD0000001cxGE", "include_details": true});
    for all_data in [true, false] {
        fixture.fault(REPORTS, answer(&content(all_data)));
        let report = fixture.act("run-report", &run, DEFAULTS).await.unwrap();
        assert_eq!((&report["all_data"], &report["has_detail_rows"]), (&json!(all_data), &json!(true)));
        assert_eq!(report["content"], content(all_data));
    }
    fixture.fault(REPORTS, answer(&json!({"id": "0LGD0000000He3O", "status": "New"})));
    let started = fixture.act("start-report", &run, DEFAULTS).await.unwrap();
    let instance = started["instance_id"].as_str().unwrap();
    assert_eq!(instance.len(), 18);
    let read = json!({"report_id": "00OD0000001cxGE", "instance_id": instance});
    fixture.fault(REPORTS, answer(&json!({"attributes": {"status": "Running"}})));
    assert_eq!(fixture.act("report-instance", &read, DEFAULTS).await.unwrap(), "running");
    fixture.fault(REPORTS, answer(&content(false)));
    let done = fixture.act("report-instance", &read, DEFAULTS).await.unwrap();
    assert_eq!((&done["done"]["all_data"], &done["done"]["content"]), (&json!(false), &content(false)));
    fixture.fault(REPORTS, answer(&json!({"attributes": {"status": "Error"}})));
    assert_eq!(fixture.act("report-instance", &read, DEFAULTS).await.unwrap(), "failed");
    assert_eq!(fixture.requests(), 6);
}

#[tokio::test]
async fn what_is_no_report_is_told() {
    let fixture = Fixture::start().await;
    let input = json!({"report_id": "00OD0000001cxGE"});
    let error = refused(fixture.act("run-report", &input, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
    let error = refused(fixture.act("run-report", &json!({"report_id": "00O/../x"}), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    let mut silent = content(true);
    silent.as_object_mut().unwrap().remove("allData");
    fixture.fault(REPORTS, answer(&silent));
    let error = refused(fixture.act("run-report", &input, DEFAULTS).await);
    assert_eq!(error.kind, ErrorKind::InvalidResponse, "nobody knows whether it is all");
    fixture.fault(REPORTS, Fault::ResetAfterWork);
    let before = fixture.requests();
    let error = refused(fixture.act("start-report", &input, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.requests(), before + 1);
}

//! Reports: whether their rows are all is always told.

use std::time::Duration;

use mock_salesforce::{Fault, Report};
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

/// Adds a report over the mock's accounts; its Id.
fn add(fixture: &Fixture, name: &str, soql: &str, group_by: &[&str]) -> String {
    let group_by = group_by.iter().map(|&name| name.to_owned()).collect();
    let report = Report { name: name.to_owned(), soql: soql.to_owned(), group_by, sums: Vec::new() };
    fixture.mock.add_report(report).unwrap()
}

#[tokio::test]
async fn rows_and_totals_of_the_orgs_records_come_and_rows_beyond_2000_are_told_as_missing() {
    let fixture = Fixture::start().await;
    let all = add(&fixture, "All", "SELECT Name, Industry FROM Account", &[]);
    for (include_details, all_data) in [(true, false), (false, true)] {
        let input = json!({"report_id": all, "include_details": include_details});
        let report = fixture.act("run-report", &input, DEFAULTS).await.unwrap();
        assert_eq!((&report["all_data"], &report["has_detail_rows"]), (&json!(all_data), &json!(include_details)));
        let fact = &report["content"]["factMap"]["T!T"];
        assert_eq!(fact["aggregates"][0], json!({"label": "2086", "value": 2086}));
        let rows = fact.get("rows").map_or(0, |rows| rows.as_array().unwrap().len());
        assert_eq!(rows, if include_details { 2_000 } else { 0 });
        assert!(report["usage"]["used"].is_u64());
    }
    let groups = add(&fixture, "Groups", "SELECT Name, Industry FROM Account", &["Industry"]);
    let input = json!({"report_id": groups, "include_details": false});
    let content = fixture.act("run-report", &input, DEFAULTS).await.unwrap()["content"].clone();
    assert_eq!(content["reportMetadata"]["reportFormat"], "SUMMARY");
    let groups = content["groupingsDown"]["groupings"].as_array().unwrap();
    let count = |key: &str| content["factMap"][format!("{key}!T")]["aggregates"][0]["value"].as_u64().unwrap();
    let in_groups: u64 = groups.iter().map(|group| count(group["key"].as_str().unwrap())).sum();
    assert!(groups.len() > 1, "{content}");
    assert_eq!((in_groups, count("T")), (2_086, 2_086));
}

#[tokio::test]
async fn a_report_that_was_started_is_read_when_the_org_is_done() {
    let fixture = Fixture::start().await;
    fixture.mock.freeze_clock(None);
    let report = add(&fixture, "All", "SELECT Name FROM Account", &[]);
    let started = fixture.act("start-report", &json!({"report_id": report, "include_details": true}), DEFAULTS).await;
    let started = started.unwrap();
    let read = json!({"report_id": report, "instance_id": started["instance_id"]});
    assert_eq!(fixture.act("report-instance", &read, DEFAULTS).await.unwrap(), "running");
    fixture.mock.advance_clock(Duration::from_secs(2).try_into().unwrap());
    let done = fixture.act("report-instance", &read, DEFAULTS).await.unwrap();
    assert_eq!((&done["done"]["all_data"], &done["done"]["has_detail_rows"]), (&json!(false), &json!(true)));
    let rows = done["done"]["content"]["factMap"]["T!T"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2_000);
    let nobody = json!({"report_id": report, "instance_id": "0LG000000000099"});
    let error = refused(fixture.act("report-instance", &nobody, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
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

//! Changes by polling, counts, recent records.

use jiff::SignedDuration;
use serde_json::json;

use crate::fixture::*;

#[tokio::test]
async fn a_poll_tells_what_changed_once() {
    let mock = mock().await;
    let poll = async |kind: &str, start: &str, end: &str| {
        let path = format!("sobjects/Account/{kind}/?start={start}&end={end}");
        rest(&mock, "GET", &path).send().await
    };
    let (start, end) = ("2026-06-15T11:59:30Z", "2026-06-15T12:01:59%2B00:00");
    assert_eq!(poll("updated", start, end).await.json()["ids"], json!([]));
    let made = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "New"})).send().await.json();
    let changed = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let path = format!("sobjects/Account/{changed}");
    assert_eq!(rest(&mock, "PATCH", &path).json(&json!({"Phone": "1"})).send().await.status, 204);
    let told = json!({"ids": [changed, made["id"]], "latestDateCovered": "2026-06-15T12:00:00.000+0000"});
    assert_eq!(poll("updated", start, end).await.json(), told);
    assert_eq!(poll("updated", "2026-06-15T11:00:00Z", "2026-06-15T12:00:59Z").await.json()["ids"], json!([]));

    mock.advance_clock(SignedDuration::from_mins(3));
    assert_eq!(
        rest(&mock, "DELETE", &format!("sobjects/Account/{}", made["id"].as_str().unwrap())).send().await.status,
        204
    );
    let end = "2026-06-15T12:05:00Z";
    let deleted = poll("deleted", start, end).await.json();
    let told = json!({
        "deletedRecords": [{"id": made["id"], "deletedDate": "2026-06-15T12:03:00.000+0000"}],
        "earliestDateAvailable": "2026-05-31T12:03:00.000+0000",
        "latestDateCovered": "2026-06-15T12:03:00.000+0000",
    });
    assert_eq!(deleted, told);
    assert_eq!(poll("updated", start, end).await.json()["ids"], json!([changed]));
}

#[tokio::test]
async fn a_span_has_bounds() {
    let mock = mock().await;
    for (kind, start, end, code) in [
        ("updated", "2026-05-16T11:59:00Z", "2026-06-01T00:00:00Z", "INVALID_REPLICATION_DATE"),
        ("deleted", "2026-05-31T11:59:00Z", "2026-06-01T00:00:00Z", "INVALID_REPLICATION_DATE"),
        ("updated", "2026-06-15T12:00:10Z", "2026-06-15T12:00:50Z", "INVALID_REPLICATION_DATE"),
        ("updated", "2026-06-15T12:00:00+00:00", "2026-06-15T13:00:00Z", "INVALID_REPLICATION_DATE"),
        ("updated", "yesterday", "2026-06-15T13:00:00Z", "INVALID_REPLICATION_DATE"),
    ] {
        let path = format!("sobjects/Account/{kind}?start={start}&end={end}");
        assert_eq!(rest(&mock, "GET", &path).send().await.error(), (400, code.to_owned()), "{start}");
    }
    let early = "sobjects/Account/updated?start=2026-05-16T11:59:00Z&end=2026-06-01T00:00:00Z";
    let early = rest(&mock, "GET", early).send().await;
    assert_eq!(early.message(), "startDate cannot be more than 30 days ago");
    let missing = rest(&mock, "GET", "sobjects/Account/updated?start=2026-06-15T12:00:00Z").send().await;
    assert_eq!(missing.error(), (400, "MISSING_ARGUMENT".to_owned()));
    let span = "start=2026-06-15T11:00:00Z&end=2026-06-15T12:00:00Z";
    let unknown = rest(&mock, "GET", &format!("sobjects/Nothing__c/updated?{span}")).send().await;
    assert_eq!(unknown.error(), (404, "NOT_FOUND".to_owned()));
    let external = rest(&mock, "GET", &format!("sobjects/Shipment__x/deleted?{span}")).send().await;
    assert_eq!(external.error(), (400, "INVALID_TYPE_FOR_OPERATION".to_owned()));
}

#[tokio::test]
async fn records_are_counted_by_object() {
    let mock = mock().await;
    let path = "limits/recordCount?sObjects=account,Invoice_Paid__e,Nothing__c";
    let counts = rest(&mock, "GET", path).send().await.json();
    let accounts = mock.org(|org| org.count("Account"));
    let told = json!([{"name": "Account", "count": accounts}, {"name": "Invoice_Paid__e", "count": 0}]);
    assert_eq!(counts, json!({"sObjects": told}));
    let all = rest(&mock, "GET", "limits/recordCount").send().await.json();
    assert!(all["sObjects"].as_array().unwrap().iter().all(|object| object["count"].as_u64().unwrap() > 0));
}

#[tokio::test]
async fn recent_records_are_those_a_call_says_it_has_seen() {
    let mock = mock().await;
    let page = query(&mock, "SELECT Id, Name FROM Account LIMIT 2").await;
    let path = |place: usize| format!("sobjects/Account/{}", page["records"][place]["Id"].as_str().unwrap());
    rest(&mock, "GET", &path(0)).send().await;
    assert_eq!(rest(&mock, "GET", "recent").send().await.json(), json!([]));
    for place in [0, 1, 0] {
        let read = rest(&mock, "GET", &path(place)).header("sforce-mru", "updateMru=true").send().await;
        assert_eq!(read.status, 200);
    }
    let recent = rest(&mock, "GET", "recent/?limit=5").send().await.json();
    let ids = [&recent[0]["Id"], &recent[1]["Id"], &recent[2]];
    assert_eq!(ids, [&page["records"][0]["Id"], &page["records"][1]["Id"], &json!(null)]);
    assert_eq!(
        (&recent[0]["Name"], &recent[0]["attributes"]),
        (&page["records"][0]["Name"], &page["records"][0]["attributes"])
    );
    for wrong in ["x", "-1", "1.5", ""] {
        let refused = rest(&mock, "GET", &format!("recent?limit={wrong}")).send().await;
        assert_eq!(refused.error(), (400, "ILLEGAL_QUERY_PARAMETER_VALUE".to_owned()), "{wrong}");
    }
    assert_eq!(rest(&mock, "GET", "recent?limit=1").send().await.json().as_array().unwrap().len(), 1);
    let basic = rest(&mock, "GET", "sobjects/Account").send().await.json();
    assert_eq!(basic["recentItems"], recent);
}

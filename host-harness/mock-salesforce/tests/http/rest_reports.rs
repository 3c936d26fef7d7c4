//! Reports over the records of the org.

use jiff::SignedDuration;
use mock_salesforce::{MockSalesforce, Report};
use serde_json::{Value, json};

use crate::fixture::*;

fn report(name: &str, soql: &str, group_by: &[&str], sums: &[&str]) -> Report {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Report { name: name.to_owned(), soql: soql.to_owned(), group_by: names(group_by), sums: names(sums) }
}

/// A mock with three opportunities of its own.
async fn three() -> MockSalesforce {
    let mock = mock().await;
    for (name, stage, amount) in
        [("A", "Prospecting", "1.10"), ("B", "Prospecting", "2.20"), ("C", "Closed Won", "0.05")]
    {
        create(&mock, name, stage, amount).await;
    }
    mock
}

const THREE: &str = "SELECT Name, StageName, Amount FROM Opportunity WHERE Name LIKE 'Three %' ORDER BY Name";

async fn create(mock: &MockSalesforce, name: &str, stage: &str, amount: &str) {
    let body = format!(r#"{{"Name":"Three {name}","StageName":"{stage}","CloseDate":"2026-07-01","Amount":{amount}}}"#);
    let body: Value = serde_json::from_str(&body).unwrap();
    let created = rest(mock, "POST", "sobjects/Opportunity").json(&body).send().await;
    assert_eq!(created.status, 201, "{}", created.text());
}

async fn get(mock: &MockSalesforce, path: &str) -> Value {
    let answer = rest(mock, "GET", path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn cell(value: &Value) -> Value {
    let label = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    json!({"label": label, "value": value})
}

/// Of a number as it is written.
fn number(text: &str) -> Value {
    cell(&serde_json::from_str(text).unwrap())
}

fn row(cells: &[Value]) -> Value {
    json!({ "dataCells": cells })
}

#[tokio::test]
async fn a_tabular_report_is_listed_described_and_run() {
    let mock = three().await;
    let id = mock.add_report(report("Three", THREE, &[], &["Amount"])).unwrap();
    assert!(id.starts_with("00O") && id.len() == 18, "{id}");
    let url = format!("/services/data/v67.0/analytics/reports/{id}");
    let listed = json!([{"id": id, "name": "Three", "url": url, "describeUrl": format!("{url}/describe"),
        "instancesUrl": format!("{url}/instances")}]);
    assert_eq!(get(&mock, "analytics/reports").await, listed);
    let described = get(&mock, &format!("analytics/reports/{id}/describe")).await;
    let metadata = &described["reportMetadata"];
    assert_eq!((&metadata["reportFormat"], &metadata["name"]), (&json!("TABULAR"), &json!("Three")));
    assert_eq!(metadata["detailColumns"], json!(["Name", "StageName", "Amount"]));
    assert_eq!(metadata["aggregates"], json!(["s!Amount", "RowCount"]));

    let path = format!("analytics/reports/{}?includeDetails=true", &id[..15]);
    let ran = get(&mock, &path).await;
    assert_eq!((&ran["allData"], &ran["hasDetailRows"]), (&json!(true), &json!(true)));
    assert_eq!(ran["attributes"]["reportId"], id, "an Id of 15 characters is as good");
    assert_eq!(ran["groupingsDown"], json!({"groupings": []}));
    let rows: Vec<Value> = [("A", "Prospecting", "1.1"), ("B", "Prospecting", "2.2"), ("C", "Closed Won", "0.05")]
        .map(|(name, stage, amount)| row(&[cell(&json!(format!("Three {name}"))), cell(&json!(stage)), number(amount)]))
        .into();
    let facts = json!({"T!T": {"aggregates": [number("3.35"), number("3")], "rows": rows}});
    assert_eq!(serde_json::to_string(&ran["factMap"]).unwrap(), serde_json::to_string(&facts).unwrap());
    assert_eq!(ran["reportMetadata"], *metadata);
    let post = rest(&mock, "POST", &path).json(&json!({})).send().await;
    assert_eq!(post.json(), ran);

    let short = get(&mock, &format!("analytics/reports/{id}")).await;
    assert_eq!((&short["hasDetailRows"], &short["factMap"]["T!T"]["rows"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_summary_report_has_groups_within_groups_and_their_totals() {
    let mock = three().await;
    let id = mock.add_report(report("By", THREE, &["stagename", "Name"], &["Amount"])).unwrap();
    let ran = get(&mock, &format!("analytics/reports/{id}?includeDetails=true")).await;
    assert_eq!(ran["reportMetadata"]["reportFormat"], "SUMMARY");
    let group =
        |key: &str, name: &str, within: Value| json!({"key": key, "label": name, "value": name, "groupings": within});
    let of = |key: &str, name: &str| group(key, name, json!([]));
    let down = json!([
        group("0", "Closed Won", json!([of("0_0", "Three C")])),
        group("1", "Prospecting", json!([of("1_0", "Three A"), of("1_1", "Three B")])),
    ]);
    assert_eq!(ran["groupingsDown"]["groupings"], down);
    let fact = |sum: &str, count: u64, rows: Vec<Value>| json!({"aggregates": [number(sum), cell(&json!(count))], "rows": rows});
    let facts = json!({
        "T!T": fact("3.35", 3, vec![]),
        "0!T": fact("0.05", 1, vec![]),
        "0_0!T": fact("0.05", 1, vec![row(&[number("0.05")])]),
        "1!T": fact("3.3", 2, vec![]),
        "1_0!T": fact("1.1", 1, vec![row(&[number("1.1")])]),
        "1_1!T": fact("2.2", 1, vec![row(&[number("2.2")])]),
    });
    assert_eq!(ran["factMap"], facts);
}

#[tokio::test]
async fn no_more_than_2000_detail_rows_are_told_and_it_says_so() {
    let mock = mock().await;
    let id = mock.add_report(report("All", "SELECT Name, Owner.Name FROM Account", &[], &[])).unwrap();
    let ran = get(&mock, &format!("analytics/reports/{id}?includeDetails=true")).await;
    assert_eq!(ran["allData"], false);
    let fact = &ran["factMap"]["T!T"];
    assert_eq!((fact["rows"].as_array().unwrap().len(), &fact["aggregates"][0]["value"]), (2_000, &json!(2_086)));
    assert_eq!(fact["rows"][0]["dataCells"].as_array().unwrap().len(), 2);
    assert_eq!(get(&mock, &format!("analytics/reports/{id}?includeDetails=false")).await["allData"], true);
}

#[tokio::test]
async fn a_run_is_started_and_read_when_it_is_done() {
    let mock = three().await;
    let id = mock.add_report(report("Three", THREE, &[], &[])).unwrap();
    let instances = format!("analytics/reports/{id}/instances");
    let started = rest(&mock, "POST", &format!("{instances}?includeDetails=true")).json(&json!({})).send().await.json();
    let run = started["id"].as_str().unwrap().to_owned();
    assert!(run.starts_with("0LG") && run.len() == 18, "{started}");
    assert_eq!((&started["status"], &started["completionDate"]), (&json!("New"), &Value::Null));
    // What it gives is of now.
    create(&mock, "D", "Prospecting", "1").await;
    let path = format!("{instances}/{run}");
    let running = get(&mock, &path).await;
    assert_eq!((&running["attributes"]["status"], &running["factMap"]), (&json!("Running"), &Value::Null));
    mock.advance_clock(SignedDuration::from_secs(1));
    let done = get(&mock, &path).await;
    assert_eq!((&done["attributes"]["status"], &done["allData"]), (&json!("Success"), &json!(true)));
    assert_eq!(done["factMap"]["T!T"]["aggregates"], json!([cell(&json!(3))]));
    let listed = get(&mock, &instances).await;
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&json!(run), &json!("Success")));

    let other = mock.add_report(report("Other", THREE, &[], &[])).unwrap();
    let elsewhere = format!("analytics/reports/{other}/instances/{run}");
    assert_eq!(rest(&mock, "GET", &elsewhere).send().await.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(rest(&mock, "DELETE", &path).send().await.status, 204);
    assert_eq!(rest(&mock, "GET", &path).send().await.error(), (404, "NOT_FOUND".to_owned()));
    rest(&mock, "POST", &instances).json(&json!({})).send().await;
    mock.advance_clock(SignedDuration::from_hours(24));
    assert_eq!(get(&mock, &instances).await, json!([]), "it is kept for a day");
}

#[tokio::test]
async fn what_is_no_report_and_no_run_is_refused() {
    let mock = mock().await;
    for (soql, group_by, code) in [
        ("SELECT Id FROM Nothing", vec![], "INVALID_TYPE"),
        ("SELECT Nothing FROM Account", vec![], "INVALID_FIELD"),
        ("SELECT COUNT(Id) FROM Account", vec![], "MALFORMED_QUERY"),
        ("SELECT Name FROM Account LIMIT 1", vec![], "MALFORMED_QUERY"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account", vec![], "MALFORMED_QUERY"),
        ("SELECT Name FROM Account", vec!["Industry"], "INVALID_FIELD"),
    ] {
        assert_eq!(mock.add_report(report("No", soql, &group_by, &[])).unwrap_err().code, code, "{soql}");
    }
    let id = mock.add_report(report("Yes", "SELECT Name FROM Account", &[], &[])).unwrap();
    let path = format!("analytics/reports/{id}");
    let other = rest(&mock, "POST", &path).json(&json!({"reportMetadata": {}})).send().await;
    assert_eq!(other.error(), (501, "UNKNOWN_TO_THE_MOCK".to_owned()));
    let odd = rest(&mock, "GET", &format!("{path}?includeDetails=yes")).send().await;
    assert_eq!(odd.error(), (400, "ILLEGAL_QUERY_PARAMETER_VALUE".to_owned()));
    for unknown in ["00O000000000001AAA", "x"] {
        let answer = rest(&mock, "GET", &format!("analytics/reports/{unknown}")).send().await;
        assert_eq!(answer.error(), (404, "NOT_FOUND".to_owned()), "{unknown}");
    }
    let dashboards = rest(&mock, "GET", "analytics/dashboards").send().await;
    assert!(dashboards.message().contains("analytics/dashboards (dashboards)"), "{}", dashboards.message());
}

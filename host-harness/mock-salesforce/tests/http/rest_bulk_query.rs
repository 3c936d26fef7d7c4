//! Bulk API 2.0: jobs that query.

use jiff::SignedDuration;
use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::{Answer, call};
use crate::fixture::*;

async fn create(mock: &MockSalesforce, soql: &str) -> Answer {
    let body = json!({"operation": "query", "query": soql});
    rest(mock, "POST", "jobs/query").json(&body).send().await
}

async fn job(mock: &MockSalesforce, soql: &str) -> String {
    let answer = create(mock, soql).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn state(mock: &MockSalesforce, id: &str) -> Value {
    rest(mock, "GET", &format!("jobs/query/{id}")).send().await.json()["state"].clone()
}

async fn results(mock: &MockSalesforce, id: &str, parameters: &str) -> Answer {
    rest(mock, "GET", &format!("jobs/query/{id}/results{parameters}")).header("accept", "text/csv").send().await
}

#[tokio::test]
async fn a_job_goes_through_its_states_by_the_clock() {
    let mock = mock().await;
    let created = create(&mock, "SELECT Id, Name FROM Account").await;
    let body = created.json();
    let id = body["id"].as_str().unwrap();
    assert!(id.starts_with("750"), "{id}");
    let user = mock.org(|org| org.users()[0].id.clone());
    let told = json!({
        "id": id, "operation": "query", "object": "Account", "createdById": user,
        "createdDate": "2026-06-15T12:00:00.000+0000", "systemModstamp": "2026-06-15T12:00:00.000+0000",
        "state": "UploadComplete", "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": body["apiVersion"],
        "lineEnding": "LF", "columnDelimiter": "COMMA",
    });
    assert_eq!(body, told);
    assert!(created.text().contains("\"apiVersion\":67.0,"), "a number: {}", created.text());
    assert_eq!((state(&mock, id).await, results(&mock, id, "").await.status.as_u16()), (json!("UploadComplete"), 204));
    let unfinished = rest(&mock, "DELETE", &format!("jobs/query/{id}")).send().await;
    assert_eq!(unfinished.error(), (400, "API_ERROR".to_owned()));
    mock.advance_clock(SignedDuration::from_millis(500));
    assert_eq!(state(&mock, id).await, "InProgress");
    mock.advance_clock(SignedDuration::from_millis(500));
    let info = rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.json();
    let accounts = mock.org(|org| org.count("Account"));
    for (name, value) in [
        ("state", json!("JobComplete")),
        ("jobType", json!("V2Query")),
        ("numberRecordsProcessed", json!(accounts)),
        ("retries", json!(0)),
        ("totalProcessingTime", json!(1000)),
    ] {
        assert_eq!(info[name], value, "{name}");
    }
    let late = rest(&mock, "PATCH", &format!("jobs/query/{id}")).json(&json!({"state": "Aborted"})).send().await;
    assert_eq!(late.error(), (400, "INVALIDJOBSTATE".to_owned()));
    let listed = rest(&mock, "GET", "jobs/query").send().await.json();
    assert_eq!((&listed["done"], &listed["records"][0]["id"]), (&json!(true), &json!(id)));
    mock.advance_clock(SignedDuration::from_hours(7 * 24));
    assert_eq!(rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.status, 404);
}

#[tokio::test]
async fn results_come_in_pages_that_begin_with_the_header() {
    let mock = mock().await;
    mock.bulk_jobs_take(SignedDuration::ZERO);
    let id = job(&mock, "SELECT Name, Owner.Name, CreatedDate, ParentId FROM Account ORDER BY Id LIMIT 5").await;
    let header = "\"Name\",\"Owner.Name\",\"CreatedDate\",\"ParentId\"\n";
    let whole = results(&mock, &id, "").await;
    assert_eq!((whole.status.as_u16(), whole.header("content-type")), (200, "text/csv; charset=UTF-8"));
    assert_eq!((whole.header("sforce-numberofrecords"), whole.header("sforce-locator")), ("5", "null"));
    let text = whole.text();
    let first = text.strip_prefix(header).expect("a header").lines().next().unwrap();
    let owner = query(&mock, "SELECT Owner.Name FROM Account ORDER BY Id LIMIT 1").await;
    let owner = owner["records"][0]["Owner"]["Name"].as_str().unwrap();
    let created = query(&mock, "SELECT CreatedDate FROM Account ORDER BY Id LIMIT 1").await;
    let created = created["records"][0]["CreatedDate"].as_str().unwrap().replace("+0000", "Z");
    assert_eq!(first, format!("\"Acme Corporation\",\"{owner}\",\"{created}\",\"\""));

    let (mut pages, mut locator) = (Vec::new(), String::new());
    while locator != "null" {
        let parameters =
            if locator.is_empty() { "?maxRecords=2".to_owned() } else { format!("?maxRecords=2&locator={locator}") };
        let page = results(&mock, &id, &parameters).await;
        assert_eq!(page.text().lines().count() - 1, page.header("sforce-numberofrecords").parse::<usize>().unwrap());
        locator = page.header("sforce-locator").to_owned();
        pages.push(page.text().strip_prefix(header).expect("every page has the header").to_owned());
    }
    assert_eq!((pages.len(), header.to_owned() + &pages.concat()), (3, text));

    let listed = rest(&mock, "GET", &format!("jobs/query/{id}/resultPages")).send().await.json();
    assert_eq!((&listed["done"], listed["resultPages"].as_array().unwrap().len()), (&json!(true), 1));
    let url = listed["resultPages"][0]["resultUrl"].as_str().unwrap();
    assert_eq!(call(&mock, "GET", url).token(&access_token(&mock)).send().await.text(), whole.text());
    let wrong = results(&mock, &id, "?locator=nonsense").await;
    assert_eq!(wrong.error(), (400, "INVALID_QUERY_LOCATOR".to_owned()));
    let old = call(&mock, "GET", &format!("/services/data/v60.0/jobs/query/{id}/results")).token(&access_token(&mock));
    assert_eq!(old.send().await.status, 409);
    let empty = job(&mock, "SELECT Id FROM Account WHERE Name = 'nobody'").await;
    assert_eq!(results(&mock, &empty, "").await.text(), "\"Id\"\n");
}

#[tokio::test]
async fn deleted_records_are_for_query_all() {
    let mock = mock().await;
    mock.bulk_jobs_take(SignedDuration::ZERO);
    for (operation, deleted) in [("query", false), ("queryAll", true)] {
        let body =
            json!({"operation": operation, "query": "SELECT Id FROM Account WHERE Name LIKE 'Deleted Account%'"});
        let created = rest(&mock, "POST", "jobs/query").json(&body).send().await.json();
        assert_eq!(created["operation"], operation);
        let page = results(&mock, created["id"].as_str().unwrap(), "").await;
        assert_eq!(page.header("sforce-numberofrecords") != "0", deleted);
    }
}

#[tokio::test]
async fn what_bulk_cannot_query_is_refused() {
    let mock = mock().await;
    for (soql, code) in [
        ("SELECT COUNT() FROM Account", "API_ERROR"),
        ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "API_ERROR"),
        ("SELECT Nothing__c FROM Account", "INVALID_FIELD"),
        ("SELECT", "MALFORMED_QUERY"),
    ] {
        assert_eq!(create(&mock, soql).await.error(), (400, code.to_owned()), "{soql}");
    }
    let other = rest(&mock, "POST", "jobs/query").json(&json!({"operation": "insert", "query": "x"})).send().await;
    assert_eq!(other.error(), (400, "INVALIDJOB".to_owned()));
    let id = job(&mock, "SELECT Id FROM Account").await;
    let aborted = rest(&mock, "PATCH", &format!("jobs/query/{id}")).json(&json!({"state": "Aborted"})).send().await;
    assert_eq!((&aborted.json()["state"], aborted.json().get("lineEnding")), (&json!("Aborted"), None));
    assert_eq!(rest(&mock, "DELETE", &format!("jobs/query/{id}")).send().await.status, 204);
    assert_eq!(rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.status, 404);
}

#[tokio::test]
async fn a_list_has_the_jobs_that_it_is_asked_for() {
    let mock = mock().await;
    job(&mock, "SELECT Id FROM Account LIMIT 1").await;
    for (parameters, count) in [
        ("", 1),
        ("?jobType=V2Query&concurrencyMode=parallel", 1),
        ("?jobType=V2Ingest", 0),
        ("?jobType=Classic", 0),
        ("?isPkChunkingEnabled=true", 0),
        ("?isPkChunkingEnabled=false", 1),
    ] {
        let listed = rest(&mock, "GET", &format!("jobs/query{parameters}")).send().await.json();
        assert_eq!(listed["records"].as_array().unwrap().len(), count, "{parameters}");
    }
    for path in ["jobs/query", "jobs/ingest"] {
        for (parameters, code) in [
            ("queryLocator=01g-5", "INVALID_QUERY_LOCATOR"),
            ("jobType=v2", "ILLEGAL_QUERY_PARAMETER_VALUE"),
            ("isPkChunkingEnabled=1", "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ] {
            let refused = rest(&mock, "GET", &format!("{path}?{parameters}")).send().await;
            assert_eq!(refused.error(), (400, code.to_owned()), "{path}?{parameters}");
        }
    }
}

#[tokio::test]
async fn a_job_that_is_kept_no_longer_is_not_listed() {
    let mock = mock().await;
    let id = job(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let listed = || async { rest(&mock, "GET", "jobs/query").send().await.json()["records"].clone() };
    assert_eq!(listed().await[0]["id"], id);
    mock.advance_clock(SignedDuration::from_hours(24 * 8));
    assert_eq!(listed().await, json!([]));
}

#[tokio::test]
async fn compound_fields_are_refused_and_labels_told() {
    let mock = mock().await;
    for soql in ["SELECT Id, BillingAddress FROM Account", "SELECT Account.BillingAddress FROM Contact"] {
        let refused = create(&mock, soql).await;
        assert_eq!(refused.error(), (400, "API_ERROR".to_owned()), "{soql}");
        assert_eq!(refused.message(), "Selecting compound data not supported in Bulk Query");
    }
    let id = job(&mock, "SELECT toLabel(Industry) FROM Account WHERE Industry = 'Banking' LIMIT 1").await;
    mock.advance_clock(SignedDuration::from_secs(1));
    assert_eq!(results(&mock, &id, "").await.text(), "\"Industry\"\n\"Banking\"\n");
}

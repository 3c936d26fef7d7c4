//! Jobs that query.

use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{JOBS, NOBODY, fixture};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

async fn page(fixture: &Fixture, cursor: &Value, max_records: Option<u32>) -> Value {
    let input = json!({"cursor": cursor, "max_records": max_records});
    fixture.act("get-query-results", &input, DEFAULTS).await.unwrap()
}

/// All pages from this one on, one after the other, and the rows of each.
async fn pages(fixture: &Fixture, mut cursor: Value, max_records: u32) -> (String, Vec<u64>) {
    let (mut text, mut counts) = (String::new(), Vec::new());
    while !cursor.is_null() {
        let page = page(fixture, &cursor, Some(max_records)).await;
        text.push_str(page["csv"].as_str().unwrap());
        counts.push(page["count"].as_u64().unwrap());
        cursor = page["next"].clone();
    }
    (text, counts)
}

#[tokio::test]
async fn the_pages_of_a_query_are_one_file_with_every_row() {
    let fixture = fixture().await;
    let job = fixture.create_query_job(json!({"soql": "SELECT Id, Name, Owner.Name FROM Account ORDER BY Id"})).await;
    assert_eq!((&job["state"], &job["object"]), (&json!("upload-complete"), &json!("Account")));
    assert_eq!((job["id"].as_str().unwrap().len(), &job["results"]), (18, &Value::Null));
    let get = json!({"job_id": job["id"]});
    fixture.mock.advance_clock(std::time::Duration::from_millis(10).try_into().unwrap());
    let waiting = fixture.act("get-query-job", &get, DEFAULTS).await.unwrap();
    assert_eq!((&waiting["state"], &waiting["results"]), (&json!("in-progress"), &Value::Null));
    fixture.jobs_are_done();
    let done = fixture.act("get-query-job", &get, DEFAULTS).await.unwrap();
    assert_eq!((&done["state"], &done["records_processed"]), (&json!("job-complete"), &json!(2_086)));
    assert!(done["usage"]["used"].is_u64());

    let (text, counts) = pages(&fixture, done["results"].clone(), 1_000).await;
    assert_eq!(counts, [1_000, 1_000, 86]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), ["Id", "Name", "Owner.Name"].as_slice());
    let exported: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let page =
        fixture.query(&crate::calls::query("SELECT Id, Name, Owner.Name FROM Account ORDER BY Id")).await.unwrap();
    for (row, record) in exported.iter().zip(crate::calls::rows(&page)) {
        assert_eq!(row, &[record["Id"].clone(), record["Name"].clone(), record["Owner"]["Name"].clone()]);
    }
    assert_eq!(exported.len(), 2_086);
    let (whole, counts) = pages(&fixture, done["results"].clone(), 5_000).await;
    assert_eq!((whole, counts), (text, vec![2_086]));
}

#[tokio::test]
async fn a_query_binds_its_values_and_finds_deleted_records_if_it_is_asked_to() {
    let fixture = fixture().await;
    fixture.deleted_account().await;
    for (include_deleted, rows) in [(false, 0), (true, 1)] {
        let query = json!({
            "soql": "SELECT Name, IsDeleted FROM Account WHERE Name = :name",
            "parameters": {"name": "Once"},
            "include_deleted": include_deleted,
        });
        let cursor = fixture.queried(query).await;
        let page = page(&fixture, &cursor, None).await;
        let text = ["\"Name\",\"IsDeleted\"\n", if include_deleted { "\"Once\",\"true\"\n" } else { "" }].concat();
        assert_eq!((&page["csv"], &page["count"], &page["next"]), (&json!(text), &json!(rows), &Value::Null));
    }
    let unbound = json!({"query": {"soql": "SELECT Id FROM Account WHERE Name = :name"}});
    let error = refused(fixture.act("create-query-job", &unbound, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn results_are_read_in_the_version_that_their_job_was_made_with() {
    let mut fixture = fixture().await;
    fixture.connection.api_version = Some("v60.0".to_owned());
    let cursor = fixture.queried(json!({"soql": "SELECT Name FROM Account LIMIT 1"})).await;
    assert!(cursor.as_str().unwrap().starts_with("/services/data/v60.0/jobs/query/750"), "{cursor}");
    fixture.connection.api_version = None;
    assert_eq!(page(&fixture, &cursor, None).await["count"], 1);
    let other = json!(cursor.as_str().unwrap().replace("v60.0", "v67.0"));
    let error = refused(fixture.act("get-query-results", &json!({"cursor": other}), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Rejected, false));
    assert!(error.status == Some(409) && error.message.contains("API version"), "{}", error.message);
}

#[tokio::test]
async fn what_cannot_be_queried_in_bulk_is_told() {
    let fixture = fixture().await;
    for (soql, kind) in [
        ("SELECT Id FROM Nothing__c", ErrorKind::InvalidQuery),
        ("SELECT Nothing FROM Account", ErrorKind::InvalidQuery),
        ("SELECT Id FROM", ErrorKind::InvalidQuery),
        ("SELECT COUNT() FROM Account", ErrorKind::Rejected),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", ErrorKind::Rejected),
        (" ", ErrorKind::InvalidArgument),
    ] {
        let error = refused(fixture.act("create-query-job", &json!({"query": {"soql": soql}}), DEFAULTS).await);
        assert_eq!(error.kind, kind, "{soql}: {}", error.message);
    }
}

#[tokio::test]
async fn a_job_that_is_not_done_has_no_results_and_one_that_is_gone_is_not_found() {
    let fixture = fixture().await;
    let job = fixture.create_query_job(json!({"soql": "SELECT Id FROM Account"})).await;
    let cursor = json!(format!("{JOBS}/query/{}/results", job["id"].as_str().unwrap()));
    let read = json!({"cursor": cursor});
    let error = refused(fixture.act("get-query-results", &read, DEFAULTS).await);
    assert_eq!((decision(&error), error.status), ((ErrorKind::WrongState, Outcome::Rejected, false), Some(204)));
    let early = json!({"kind": "query", "job_id": job["id"]});
    let error = refused(fixture.act("delete-job", &early, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::Rejected, Outcome::Rejected, false), "{}", error.message);
    assert_eq!(fixture.act("abort-job", &early, DEFAULTS).await.unwrap()["state"], "aborted");
    let error = refused(fixture.act("abort-job", &early, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Rejected, false));
    assert_eq!(fixture.act("delete-job", &early, DEFAULTS).await.unwrap()["already_deleted"], false);
    for (action, input) in [
        ("get-query-results", read),
        ("get-query-job", json!({"job_id": job["id"]})),
        ("get-query-job", json!({"job_id": NOBODY})),
        ("delete-job", early),
    ] {
        let error = refused(fixture.act(action, &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false), "{action}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_large_is_read_in_smaller_ones() {
    let fixture = fixture().await;
    let cursor = fixture.queried(json!({"soql": "SELECT Id, Name FROM Account"})).await;
    let small = CallOptions { max_response_bytes: Some(10_000), ..DEFAULTS };
    let read = json!({"cursor": cursor});
    let error = refused(fixture.act("get-query-results", &read, small).await);
    assert_eq!(error.kind, ErrorKind::ResponseTooLarge);
    assert!(error.message.contains("max-records"), "{}", error.message);
    let read = json!({"cursor": cursor, "max_records": 100});
    assert_eq!(fixture.act("get-query-results", &read, small).await.unwrap()["count"], 100);
}

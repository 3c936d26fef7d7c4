//! Jobs of the Bulk API.

use jiff::SignedDuration;
use serde_json::json;

use super::*;

async fn ask(mock: &MockSalesforce, soql: &str) -> Answer {
    post(mock, "jobs/query", json!({"operation": "queryAll", "query": soql})).await
}

async fn open(mock: &MockSalesforce, object: &str, operation: &str) -> String {
    let answer = post(mock, "jobs/ingest", json!({"object": object, "operation": operation})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn upload(mock: &MockSalesforce, id: &str, content: &str) {
    let put = rest(mock, "PUT", &format!("jobs/ingest/{id}/batches")).raw("text/csv", content).send().await;
    assert_eq!(put.status, 201);
}

/// Closes a job; answers what is told of it at its end.
async fn close(mock: &MockSalesforce, id: &str) -> Value {
    let close =
        rest(mock, "PATCH", &format!("jobs/ingest/{id}")).json(&json!({"state": "UploadComplete"})).send().await;
    assert_eq!(close.status, 200, "{}", close.text());
    mock.advance_clock(SignedDuration::from_secs(1));
    rest(mock, "GET", &format!("jobs/ingest/{id}")).send().await.json()
}

async fn results(mock: &MockSalesforce, id: &str, kind: &str) -> String {
    rest(mock, "GET", &format!("jobs/ingest/{id}/{kind}")).header("accept", "text/csv").send().await.text()
}

#[tokio::test]
async fn a_query_job_tells_what_a_query_tells() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry"]);
    for text in [
        "SELECT Id, Industry FROM Account",
        "SELECT Id FROM Account WHERE Industry = 'Energy'",
        "SELECT Id FROM Account ORDER BY Industry",
        "SELECT Id, Account.Industry FROM Contact",
    ] {
        assert_eq!(ask(&mock, text).await.error(), (400, "INVALID_FIELD".to_owned()), "{text}");
    }
    hide_object(&mock, "Account");
    assert_eq!(ask(&mock, "SELECT Id FROM Account").await.error(), (400, "INVALID_TYPE".to_owned()));
    assert_eq!(ask(&mock, "SELECT Account.Name FROM Contact").await.error(), (400, "INVALID_FIELD".to_owned()));
}

#[tokio::test]
async fn the_jobs_of_others_are_known_and_not_read_nor_changed() {
    let mock = mock().await;
    let query = ask(&mock, "SELECT Id FROM Account").await.json()["id"].as_str().unwrap().to_owned();
    mock.advance_clock(SignedDuration::from_secs(1));
    let ingest = open(&mock, "Account", "insert").await;
    let aborted = json!({"state": "Aborted"});
    for (method, path, body) in [
        ("GET", format!("jobs/query/{query}/results"), None),
        ("GET", format!("jobs/query/{query}/resultPages"), None),
        ("PATCH", format!("jobs/query/{query}"), Some(&aborted)),
        ("DELETE", format!("jobs/query/{query}"), None),
        ("PATCH", format!("jobs/ingest/{ingest}"), Some(&json!({"state": "UploadComplete"}))),
        ("PATCH", format!("jobs/ingest/{ingest}"), Some(&aborted)),
        ("DELETE", format!("jobs/ingest/{ingest}"), None),
        ("GET", format!("jobs/ingest/{ingest}/successfulResults"), None),
    ] {
        let call = of_another(&mock, method, &path);
        let call = body.map_or_else(|| of_another(&mock, method, &path), |body| call.json(body));
        assert_eq!(call.send().await.error(), (404, "NOT_FOUND".to_owned()), "{method} {path}");
    }
    let put = of_another(&mock, "PUT", &format!("jobs/ingest/{ingest}/batches")).raw("text/csv", "Name\nx\n");
    assert_eq!(put.send().await.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(of_another(&mock, "GET", &format!("jobs/query/{query}")).send().await.json()["object"], "Account");
    let listed = of_another(&mock, "GET", "jobs/ingest").send().await.json();
    assert_eq!(listed["records"][0]["id"], ingest);
    let own = rest(&mock, "GET", &format!("jobs/query/{query}/results")).send().await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn what_one_may_not_see_is_no_column_and_no_object_of_a_job() {
    let mock = mock().await;
    hide(&mock, &["Account.Industry", "Account.ERP_Id__c"]);
    for (operation, content, missing) in [
        ("insert", "Name,Industry\nx,Energy\n", "Industry"),
        ("update", "Id,ERP_Id__c\n001,1\n", "ERP_Id__c"),
        ("insert", "Name,Parent.ERP_Id__c,Parnt.Name\nx,1,2\n", "Parnt.Name"),
    ] {
        let id = open(&mock, "Account", operation).await;
        upload(&mock, &id, content).await;
        let info = close(&mock, &id).await;
        assert_eq!(info["state"], "Failed");
        assert_eq!(info["errorMessage"], format!("InvalidBatch : Field name not found : {missing}"));
    }
    let upsert = json!({"object": "Account", "operation": "upsert", "externalIdFieldName": "ERP_Id__c"});
    assert_eq!(post(&mock, "jobs/ingest", upsert).await.error(), (400, "INVALIDJOB".to_owned()));
    let id = open(&mock, "Contact", "insert").await;
    upload(&mock, &id, "LastName,Account.ERP_Id__c\nx,ERP-000001\n").await;
    assert_eq!(close(&mock, &id).await["numberRecordsFailed"], 1);
    let failed = results(&mock, &id, "failedResults").await;
    assert!(failed.contains("does not exist or is not accessible: ERP_Id__c"), "{failed}");

    hide_object(&mock, "Account");
    let refused = post(&mock, "jobs/ingest", json!({"object": "Account", "operation": "insert"})).await;
    assert_eq!(refused.error(), (400, "INVALIDJOB".to_owned()));
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn what_was_taken_since_a_job_was_opened_is_not_written() {
    let mock = mock().await;
    let id = open(&mock, "Account", "insert").await;
    upload(&mock, &id, "Name\nx\n").await;
    hide_object(&mock, "Account");
    let info = close(&mock, &id).await;
    assert_eq!(
        (&info["state"], &info["errorMessage"]),
        (&json!("Failed"), &json!("InvalidBatch : Unable to find object: Account"))
    );
    assert_eq!(results(&mock, &id, "unprocessedrecords").await, "Name\nx\n");
}

#[tokio::test]
async fn rows_that_one_may_not_write_fail_each() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let play = async |operation: &str, content: &str| {
        let id = open(&mock, "Account", operation).await;
        upload(&mock, &id, content).await;
        let info = close(&mock, &id).await;
        assert_eq!((&info["state"], &info["numberRecordsFailed"]), (&json!("JobComplete"), &json!(1)));
        results(&mock, &id, "failedResults").await
    };
    restrict(&mock, &["Account.AnnualRevenue"], true);
    let failed = play("insert", "Name,AnnualRevenue\nx,5\n").await;
    assert!(failed.contains("\"INVALID_FIELD_FOR_INSERT_UPDATE:"), "{failed}");
    let update = format!("Id,Name\n{account},x\n");
    let delete = format!("Id\n{account}\n");
    read_only(&mock);
    let failed = play("insert", "Name\nx\n").await;
    assert!(failed.contains("\"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:"), "{failed}");
    for (operation, content) in [("update", &update), ("delete", &delete)] {
        let failed = play(operation, content).await;
        assert!(failed.contains("\"INSUFFICIENT_ACCESS_OR_READONLY:"), "{failed}");
    }
    permit(&mock, "Account", ObjectPermissions { edit: false, delete: false, ..ObjectPermissions::ALL });
    assert!(play("update", &update).await.contains("\"INSUFFICIENT_ACCESS_OR_READONLY:"));
    assert_eq!(mock.ledger().writes().count(), 0);
}

//! Bulk API 2.0: jobs that write.

use jiff::SignedDuration;
use mock_salesforce::MockSalesforce;
use serde_json::{Value, json};

use crate::client::{Answer, call};
use crate::fixture::*;

async fn open(mock: &MockSalesforce, body: Value) -> String {
    let answer = rest(mock, "POST", "jobs/ingest").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn put(mock: &MockSalesforce, id: &str, content: &str) -> Answer {
    rest(mock, "PUT", &format!("jobs/ingest/{id}/batches")).raw("text/csv", content).send().await
}

async fn set(mock: &MockSalesforce, id: &str, state: &str) -> Answer {
    rest(mock, "PATCH", &format!("jobs/ingest/{id}")).json(&json!({"state": state})).send().await
}

/// Plays a job to its end; answers its Id and what is told of it.
async fn done(mock: &MockSalesforce, body: Value, content: &str) -> (String, Value) {
    let id = open(mock, body).await;
    assert_eq!(put(mock, &id, content).await.status, 201);
    assert_eq!(set(mock, &id, "UploadComplete").await.status, 200);
    mock.advance_clock(SignedDuration::from_secs(1));
    let info = rest(mock, "GET", &format!("jobs/ingest/{id}")).send().await.json();
    (id, info)
}

async fn results(mock: &MockSalesforce, id: &str, kind: &str) -> String {
    let answer = rest(mock, "GET", &format!("jobs/ingest/{id}/{kind}")).header("accept", "text/csv").send().await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=UTF-8"));
    answer.text()
}

#[tokio::test]
async fn a_job_is_opened_filled_closed_and_read() {
    let mock = mock().await;
    let body = json!({"object": "account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"});
    let created = rest(&mock, "POST", "jobs/ingest").json(&body).send().await.json();
    let id = created["id"].as_str().unwrap();
    let url = format!("services/data/v67.0/jobs/ingest/{id}/batches");
    assert_eq!(
        (&created["state"], &created["contentUrl"], &created["object"]),
        (&json!("Open"), &json!(url), &json!("Account"))
    );
    let uploaded = call(&mock, "PUT", &format!("/{url}")).token(&access_token(&mock));
    let uploaded = uploaded.raw("text/csv", "Name,NumberOfEmployees\n\"One, Inc\",5\n,6\nThree,many\n").send().await;
    assert_eq!((uploaded.status.as_u16(), uploaded.body.len()), (201, 0));
    let twice = put(&mock, id, "Name\nx\n").await;
    assert!(twice.message().starts_with("Found multiple contents for job"), "{}", twice.text());
    let closed = set(&mock, id, "UploadComplete").await;
    assert_eq!((&closed.json()["state"], closed.json().get("lineEnding")), (&json!("UploadComplete"), None));
    assert_eq!(set(&mock, id, "UploadComplete").await.error(), (400, "INVALIDJOBSTATE".to_owned()));
    let early = rest(&mock, "GET", &format!("jobs/ingest/{id}/successfulResults")).send().await;
    assert_eq!(early.error(), (400, "INVALIDJOBSTATE".to_owned()));
    let path = format!("jobs/ingest/{id}");
    mock.advance_clock(SignedDuration::from_millis(10));
    assert_eq!(rest(&mock, "GET", &path).send().await.json()["state"], "InProgress");
    mock.advance_clock(SignedDuration::from_secs(1));
    let info = rest(&mock, "GET", &path).send().await.json();
    assert_eq!((&info["state"], &info["jobType"]), (&json!("JobComplete"), &json!("V2Ingest")));
    assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(3), &json!(2)));
    let made = one_id(&mock, "SELECT Id FROM Account WHERE Name = 'One, Inc'").await;
    assert_eq!(
        results(&mock, id, "successfulResults/").await,
        format!("\"sf__Id\",\"sf__Created\",\"Name\",\"NumberOfEmployees\"\n\"{made}\",\"true\",\"One, Inc\",\"5\"\n")
    );
    let missing = "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --";
    let wrong = "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'many' is not a valid value for the type \
                 xsd:int:NumberOfEmployees --";
    assert_eq!(
        results(&mock, id, "failedResults").await,
        format!(
            "\"sf__Id\",\"sf__Error\",\"Name\",\"NumberOfEmployees\"\n\"\",\"{missing}\",\"\",\"6\"\n\
             \"\",\"{wrong}\",\"Three\",\"many\"\n"
        )
    );
    assert_eq!(results(&mock, id, "unprocessedrecords").await, "\"Name\",\"NumberOfEmployees\"\n");
    assert_eq!(mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn upserts_updates_and_deletes() {
    let mock = mock().await;
    let upsert = json!({
        "object": "Invoice__c", "operation": "upsert", "externalIdFieldName": "Invoice_Number__c", "columnDelimiter": "SEMICOLON",
        "lineEnding": "CRLF",
    });
    let content =
        "Invoice_Number__c;Amount__c;Account__r.ERP_Id__c\r\nB-1;1.5;ERP-000003\r\n2026/00001;7;\r\nB-2;1;none\r\n";
    let (id, info) = done(&mock, upsert, content).await;
    assert_eq!((&info["externalIdFieldName"], &info["numberRecordsFailed"]), (&json!("Invoice_Number__c"), &json!(1)));
    let lines = results(&mock, &id, "successfulResults").await;
    let created: Vec<_> = lines.split("\r\n").skip(1).filter_map(|line| line.split(';').nth(1)).collect();
    assert_eq!(created, ["\"true\"", "\"false\""]);
    let found = query(&mock, "SELECT Id, Account__r.ERP_Id__c FROM Invoice__c WHERE Invoice_Number__c = 'B-1'").await;
    assert_eq!(found["records"][0]["Account__r"]["ERP_Id__c"], "ERP-000003");

    let invoice = found["records"][0]["Id"].as_str().unwrap();
    let update = json!({"object": "Invoice__c", "operation": "update"});
    let (_, info) = done(&mock, update, &format!("Id,Amount__c,Invoice_Number__c\n{invoice},#N/A,\na00,1,\n")).await;
    assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(2), &json!(1)));
    let row = rest(&mock, "GET", &format!("sobjects/Invoice__c/{invoice}")).send().await.json();
    assert_eq!((&row["Amount__c"], &row["Invoice_Number__c"]), (&Value::Null, &json!("B-1")), "empty is not touched");

    let delete = json!({"object": "Invoice__c", "operation": "delete"});
    let (id, _) = done(&mock, delete.clone(), &format!("Id\n{invoice}\n{invoice}\n")).await;
    let failed = results(&mock, &id, "failedResults").await;
    assert_eq!(
        failed,
        format!(
            "\"sf__Id\",\"sf__Error\",\"Id\"\n\"{invoice}\",\"ENTITY_IS_DELETED:entity is deleted:--\",\"{invoice}\"\n"
        )
    );
    let (_, info) = done(&mock, delete, "Id,Name\nx,y\n").await;
    assert_eq!(info["state"], "Failed");
}

#[tokio::test]
async fn data_that_cannot_be_read_fail_the_job() {
    let mock = mock().await;
    let insert = json!({"object": "Account", "operation": "insert"});
    for (content, message) in [
        ("Name,Nope\nx,y\n", "InvalidBatch : Field name not found : Nope"),
        ("\u{feff}Name\nx\n", "InvalidBatch : Field name not found : \u{feff}Name"),
        ("Name\n\"x\ny\n", "InvalidBatch : Failed to parse CSV. EOF reached before closing an opened quote"),
        ("Name\n\"x\"y\n", "InvalidBatch : Failed to parse CSV. Not expecting more text after end quote"),
        (
            "Name\n5\" pipe\n",
            "InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote",
        ),
        ("Name\r\nx\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF"),
    ] {
        let (id, info) = done(&mock, insert.clone(), content).await;
        assert_eq!((&info["state"], &info["errorMessage"]), (&json!("Failed"), &json!(message)));
        assert_eq!(results(&mock, &id, "unprocessedRecords").await, content);
    }
    assert_eq!(mock.ledger().writes().count(), 0);
}

#[tokio::test]
async fn the_assignment_rule_of_a_job_is_that_of_its_rows() {
    let mock = mock().await;
    let rule = mock_salesforce::org::case_assignment_rule().unwrap().to_string();
    for (rule, failed) in [(rule.as_str(), 0), ("01Q5g0000000000", 1)] {
        let body = json!({"object": "Case", "operation": "insert", "assignmentRuleId": rule});
        let (id, info) = done(&mock, body, "Subject,Priority\nUrgent,High\n").await;
        assert_eq!((&info["numberRecordsFailed"], &info["assignmentRuleId"]), (&json!(failed), &json!(rule)));
        let refused = results(&mock, &id, "failedResults").await.contains("INVALID_CROSS_REFERENCE_KEY");
        assert_eq!(refused, failed == 1);
    }
    one_id(&mock, "SELECT Id FROM Case WHERE Subject = 'Urgent' AND Owner.Name = 'Support Lead'").await;
}

#[tokio::test]
async fn jobs_that_cannot_be_are_refused() {
    let mock = mock().await;
    for (body, code) in [
        (json!({"object": "Nothing__c", "operation": "insert"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "upsert"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "merge"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "hardDelete"}), "FEATURENOTENABLED"),
        (json!({"object": "Account", "operation": "insert", "contentType": "XML"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "insert", "assignmentRule": "01Q"}), "JSON_PARSER_ERROR"),
    ] {
        assert_eq!(
            rest(&mock, "POST", "jobs/ingest").json(&body).send().await.error(),
            (400, code.to_owned()),
            "{body}"
        );
    }
    let id = open(&mock, json!({"object": "Account", "operation": "insert"})).await;
    let json = rest(&mock, "PUT", &format!("jobs/ingest/{id}/batches")).json(&json!({})).send().await;
    assert_eq!(json.status, 415);
    assert_eq!(set(&mock, &id, "Aborted").await.json()["state"], "Aborted");
    assert_eq!(put(&mock, &id, "Name\nx\n").await.error(), (400, "INVALIDJOBSTATE".to_owned()));
    assert_eq!(rest(&mock, "DELETE", &format!("jobs/ingest/{id}")).send().await.status, 204);
    assert_eq!(rest(&mock, "GET", &format!("jobs/query/{id}")).send().await.status, 404);
    let open = rest(&mock, "GET", "jobs/ingest").send().await.json();
    assert_eq!(open, json!({"done": true, "records": [], "nextRecordsUrl": null}));
}

#[tokio::test]
async fn a_small_job_comes_whole_in_two_parts() {
    let mock = mock().await;
    let body = |content: &str| {
        let job = r#"{"object": "Account", "operation": "insert"}"#;
        let head = "Content-Disposition: form-data; name=";
        format!(
            "--B\r\n{head}\"job\"\r\nContent-Type: application/json\r\n\r\n{job}\r\n\
             --B\r\n{head}\"content\"; filename=\"content\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n--B--\r\n"
        )
    };
    let send = async |content: &str| {
        rest(&mock, "POST", "jobs/ingest").raw("multipart/form-data; boundary=\"B\"", body(content)).send().await
    };
    let created = send("Name\nPart One\nPart Two\n").await;
    assert_eq!(
        (created.status.as_u16(), &created.json()["state"]),
        (200, &json!("UploadComplete")),
        "{}",
        created.text()
    );
    assert_eq!(mock.ledger().creates("Account"), 2);
    mock.advance_clock(SignedDuration::from_secs(1));
    let info =
        rest(&mock, "GET", &format!("jobs/ingest/{}", created.json()["id"].as_str().unwrap())).send().await.json();
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(2)));
    let large = send(&format!("Name\n{}", "x".repeat(100_000))).await;
    assert_eq!(large.error(), (400, "INVALID_MULTIPART_REQUEST".to_owned()));
    let broken = rest(&mock, "POST", "jobs/ingest").raw("multipart/form-data; boundary=B", "nothing").send().await;
    assert_eq!(broken.error(), (400, "INVALID_MULTIPART_REQUEST".to_owned()));
}

#[tokio::test]
async fn others_are_answered_while_rows_are_written() {
    let mock = mock().await;
    let before = mock.org(|org| org.count("Account"));
    let rows: String = (0..20_000).map(|number| format!("Row {number}\n")).collect();
    let id = open(&mock, json!({"object": "Account", "operation": "insert"})).await;
    assert_eq!(put(&mock, &id, &format!("Name\n{rows}")).await.status, 201);
    assert_eq!(set(&mock, &id, "UploadComplete").await.json()["state"], "UploadComplete");
    mock.advance_clock(SignedDuration::from_secs(1));
    let path = format!("jobs/ingest/{id}");
    // The clock says that it is over, but its rows are still being written.
    assert_eq!(rest(&mock, "GET", &path).send().await.json()["state"], "InProgress");
    assert!(mock.org(|org| org.count("Account")) < before + 20_000);
    while rest(&mock, "GET", &path).send().await.json()["state"] == "InProgress" {}
    let info = rest(&mock, "GET", &path).send().await.json();
    assert_eq!((&info["state"], &info["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(20_000)));
    assert_eq!(mock.org(|org| org.count("Account")), before + 20_000);
    assert_eq!(mock.ledger().creates("Account"), 20_000);
}

#[tokio::test]
async fn a_job_is_aborted_or_reset_in_the_middle() {
    let mock = steered().await;
    let rows: String = (0..20_000).map(|number| format!("Row {number}\n")).collect();
    let content = format!("Name\n{rows}");
    let id = open(&mock, json!({"object": "Account", "operation": "insert"})).await;
    put(&mock, &id, &content).await;
    set(&mock, &id, "UploadComplete").await;
    assert_eq!(set(&mock, &id, "Aborted").await.json()["state"], "Aborted");
    let path = format!("jobs/ingest/{id}/unprocessedrecords");
    let mut answer = rest(&mock, "GET", &path).send().await;
    while answer.status == 400 {
        answer = rest(&mock, "GET", &path).send().await;
    }
    let unprocessed = answer.text().lines().count() - 1;
    assert!(unprocessed > 0);
    assert_eq!(results(&mock, &id, "successfulResults").await.lines().count() - 1, 20_000 - unprocessed);
    assert_eq!(mock.ledger().creates("Account"), 20_000 - unprocessed, "what is written stays");

    let id = open(&mock, json!({"object": "Account", "operation": "insert"})).await;
    put(&mock, &id, &content).await;
    set(&mock, &id, "UploadComplete").await;
    assert_eq!(control(&mock, "POST", "reset").send().await.status, 204);
    let at_start = mock.org(|org| org.count("Account"));
    let next = open(&mock, json!({"object": "Account", "operation": "insert"})).await;
    put(&mock, &next, "Name\nAfter\n").await;
    set(&mock, &next, "UploadComplete").await;
    assert_eq!(mock.org(|org| org.count("Account")), at_start + 1);
}

#[tokio::test]
async fn checkboxes_are_told_in_many_words() {
    let mock = mock().await;
    let insert = json!({"object": "Task", "operation": "insert"});
    let content = "Subject,IsReminderSet\na,TRUE\nb,Yes\nc,1\nd,on\ne,N\nf,off\ng,maybe\n";
    let (id, info) = done(&mock, insert, content).await;
    assert_eq!(info["numberRecordsFailed"], 1);
    let failed = results(&mock, &id, "failedResults").await;
    assert!(failed.contains("'maybe' is not a valid value for the type xsd:boolean"), "{failed}");
    let set = query(&mock, "SELECT Subject FROM Task WHERE IsReminderSet = true ORDER BY Subject").await;
    assert_eq!(set["totalSize"], 4);
}

#[tokio::test]
async fn rows_that_name_what_they_must_not_fail() {
    let mock = mock().await;
    let account = one_id(&mock, "SELECT Id FROM Account LIMIT 1").await;
    let insert = json!({"object": "Account", "operation": "insert"});
    let (id, _) = done(&mock, insert, &format!("Id,Name\n{account},Twice\n")).await;
    let failed = results(&mock, &id, "failedResults").await;
    let refusal = "INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --";
    assert!(failed.contains(refusal), "{failed}");

    let upsert = json!({"object": "Invoice__c", "operation": "upsert", "externalIdFieldName": "Invoice_Number__c"});
    let (id, info) = done(&mock, upsert, "Invoice_Number__c,Amount__c\nT-1,1\nT-2,1\nt-1,2\n").await;
    assert_eq!(info["numberRecordsFailed"], 2);
    let failed = results(&mock, &id, "failedResults").await;
    assert!(failed.contains("DUPLICATE_VALUE:Duplicate external id specified: t-1:Invoice_Number__c --"), "{failed}");
}

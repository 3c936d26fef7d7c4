//! Jobs that load: what becomes of each row is what the org says.

use mock_salesforce::ledger::WriteKind;
use mock_salesforce::org;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::{JOBS, NOBODY, fixture};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

/// The first column of each row.
fn ids(text: &str) -> Vec<String> {
    csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.unwrap()[0].to_owned()).collect()
}

/// Tells of new records.
fn tell(fixture: &Fixture, object: &str, successful: &str) {
    ids(successful).iter().for_each(|id| fixture.told.created(object, id));
}

#[tokio::test]
async fn rows_become_records_and_refused_rows_say_why() {
    let fixture = fixture().await;
    let data = "\u{feff}Name,NumberOfEmployees\n\"One, \"\"Inc\"\"\nof two lines\",5\n,6\nThree,many\n";
    let id = fixture.create_ingest_job(json!({"object": "account", "operation": "insert"})).await;
    let uploaded = fixture.upload(&id, data).await;
    assert_eq!(uploaded["count"], 3);
    let job = json!({"job_id": id});
    let closed = fixture.act("close-ingest-job", &job, DEFAULTS).await.unwrap();
    assert_eq!((&closed["state"], &closed["records_processed"]), (&json!("upload-complete"), &Value::Null));
    let error = refused(fixture.act("get-ingest-results", &json!({"job_id": id, "which": "failed"}), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Rejected, false));
    fixture.jobs_are_done();
    let done = fixture.act("get-ingest-job", &job, DEFAULTS).await.unwrap();
    assert_eq!(
        (&done["state"], &done["object"], &done["records_processed"], &done["records_failed"]),
        (&json!("job-complete"), &json!("Account"), &json!(3), &json!(2))
    );

    let successful = fixture.rows_of(&done, "successful").await;
    let made = ids(&successful);
    let row = format!("\"{}\",\"true\",\"One, \"\"Inc\"\"\nof two lines\",\"5\"\n", made[0]);
    assert_eq!(successful, ["\"sf__Id\",\"sf__Created\",\"Name\",\"NumberOfEmployees\"\n", &row].concat());
    tell(&fixture, "Account", &successful);
    let failed = fixture.rows_of(&done, "failed").await;
    assert!(failed.starts_with("\"sf__Id\",\"sf__Error\",\"Name\",\"NumberOfEmployees\"\n"), "{failed}");
    assert!(failed.contains("REQUIRED_FIELD_MISSING:") && failed.contains(",\"Three\",\"many\"\n"), "{failed}");
    assert_eq!(fixture.rows_of(&done, "unprocessed").await, "\"Name\",\"NumberOfEmployees\"\n");
    let deleted = fixture.act("delete-job", &json!({"kind": "ingest", "job_id": id}), DEFAULTS).await.unwrap();
    assert_eq!(deleted["already_deleted"], false);
    let error = refused(fixture.act("get-ingest-job", &job, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
}

#[tokio::test]
async fn rows_are_upserted_updated_and_deleted() {
    let fixture = fixture().await;
    let upsert = json!({
        "object": "Invoice__c",
        "operation": {"upsert": "Invoice_Number__c"},
        "line_ending": "crlf",
        "column_delimiter": "semicolon",
    });
    let done = fixture.loaded(upsert, "Invoice_Number__c\r\nB-1\r\nB-2\r\n").await;
    assert_eq!((&done["records_processed"], &done["records_failed"]), (&json!(2), &json!(0)));
    let successful = fixture.rows_of(&done, "successful").await;
    assert!(successful.starts_with("\"sf__Id\";\"sf__Created\";\"Invoice_Number__c\"\r\n"), "{successful}");
    let made: Vec<_> = successful.lines().skip(1).map(|line| line[1..19].to_owned()).collect();
    made.iter().for_each(|id| fixture.told.created("Invoice__c", id));

    let account = fixture.new_account().await;
    let update = format!("Id,Site\n{account},North\n");
    let done = fixture.loaded(json!({"object": "Account", "operation": "update"}), &update).await;
    assert_eq!(ids(&fixture.rows_of(&done, "successful").await), std::slice::from_ref(&account));
    let done = fixture.loaded(json!({"object": "Account", "operation": "delete"}), &format!("Id\n{account}\n")).await;
    assert_eq!(done["records_failed"], 0);
    assert_eq!(
        fixture.writes()[2..],
        [WriteKind::Create, WriteKind::Update, WriteKind::Delete].map(|kind| (kind, account.clone()))
    );
    let hard = json!({"job": {"object": "Account", "operation": "hard-delete"}});
    let error = refused(fixture.act("create-ingest-job", &hard, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::Forbidden, Outcome::Rejected, false));
}

#[tokio::test]
async fn the_assignment_rule_is_that_of_the_job() {
    let fixture = fixture().await;
    let rule = org::case_assignment_rule().unwrap().to_string();
    for (rule, failed) in [(rule.as_str(), 0), ("01Q5g0000000000", 1)] {
        let job = json!({"object": "Case", "operation": "insert", "assignment_rule_id": rule});
        let done = fixture.loaded(job, "Subject,Priority\nUrgent,High\n").await;
        assert_eq!(done["records_failed"], failed);
        tell(&fixture, "Case", &fixture.rows_of(&done, "successful").await);
    }
}

#[tokio::test]
async fn a_job_that_salesforce_cannot_read_fails_and_its_rows_are_unprocessed() {
    let fixture = fixture().await;
    let data = "Name,Nonsense\r\nA,1\r\n";
    let done = fixture.loaded(json!({"object": "Account", "operation": "insert"}), data).await;
    assert_eq!(done["state"], "failed");
    let why = done["error_message"].as_str().unwrap();
    assert!(why.starts_with("ClientInputError : LineEnding is invalid on user data."), "{why}");
    assert_eq!(fixture.rows_of(&done, "unprocessed").await, data);
    assert_eq!(fixture.rows_of(&done, "successful").await, "");
}

#[tokio::test]
async fn a_job_takes_data_once_and_only_while_it_is_open() {
    let fixture = fixture().await;
    let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "insert"})).await;
    let (job, kind) = (json!({"job_id": id}), json!({"kind": "ingest", "job_id": id}));
    fixture.upload(&id, "Name\nA\n").await;
    let upload = json!({"job_id": id, "csv": "Name\nB\n"});
    let error = refused(fixture.act("upload-job-data", &upload, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Rejected, false));
    assert!(error.message.contains("Found multiple contents"), "{}", error.message);
    assert_eq!(fixture.act("abort-job", &kind, DEFAULTS).await.unwrap()["state"], "aborted");
    for (action, input) in [("upload-job-data", &upload), ("close-ingest-job", &job), ("abort-job", &kind)] {
        let error = refused(fixture.act(action, input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Rejected, false), "{action}");
    }
    assert_eq!(fixture.act("get-ingest-job", &job, DEFAULTS).await.unwrap()["state"], "aborted");
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_it_is_sent() {
    let fixture = fixture().await;
    for (action, input, place) in [
        ("create-ingest-job", json!({"job": {"object": "A/../B", "operation": "insert"}}), "object"),
        ("create-ingest-job", json!({"job": {"object": "A", "operation": {"upsert": "x y"}}}), "upsert"),
        (
            "create-ingest-job",
            json!({"job": {"object": "A", "operation": "insert", "assignment_rule_id": "x"}}),
            "rule",
        ),
        ("upload-job-data", json!({"job_id": NOBODY, "csv": "Name\n"}), "csv"),
        ("upload-job-data", json!({"job_id": NOBODY, "csv": "Name\n\"A"}), "csv"),
        ("upload-job-data", json!({"job_id": "750/../x", "csv": "Name\nA"}), "job_id"),
        ("get-query-results", json!({"cursor": format!("https://evil.com{JOBS}/query/{NOBODY}/results")}), "cursor"),
        ("get-query-results", json!({"cursor": format!("{JOBS}/query/{NOBODY}/results"), "max_records": 0}), "max"),
    ] {
        let error = refused(fixture.act(action, &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{action} {input}");
        assert!(error.message.contains(place), "{}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

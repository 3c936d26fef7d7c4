//! Answers that are lost: what happened, according to the ledger, and what the caller is told.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::json;

use super::{JOBS, fixture};
use crate::calls::DEFAULTS;
use crate::fixture::{decision, refused};

const TWICE: CallOptions = CallOptions { attempts: Some(2), ..DEFAULTS };

#[tokio::test]
async fn f128_a_job_that_is_made_twice_leaves_one_over_that_does_nothing() {
    let fixture = fixture().await;
    let job = json!({"job": {"object": "Account", "operation": "insert"}});
    fixture.fault(JOBS, Fault::ResetAfterWork);
    let error = refused(fixture.act("create-ingest-job", &job, DEFAULTS).await);
    // The host sees a request that may have changed something, and no answer: it calls nothing of the kind retryable.
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.requests(), 1, "the caller has not allowed a second one");
    fixture.fault(JOBS, Fault::ResetAfterWork);
    let made = fixture.act("create-ingest-job", &job, TWICE).await.unwrap();
    assert_eq!((&made["state"], fixture.requests()), (&json!("open"), 3));
    assert_eq!(fixture.writes(), []);
    fixture.fault(JOBS, Fault::ResetAfterWork);
    let query = json!({"query": {"soql": "SELECT Id FROM Account"}});
    assert_eq!(fixture.act("create-query-job", &query, TWICE).await.unwrap()["state"], "upload-complete");
}

#[tokio::test]
async fn f129_an_upload_without_an_answer_is_sent_once_and_its_job_is_begun_anew() {
    let fixture = fixture().await;
    for fault in [Fault::ResetAfterWork, Fault::Reset] {
        let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "insert"})).await;
        let before = fixture.requests();
        fixture.fault(JOBS, fault);
        let upload = json!({"job_id": id, "csv": "Name\nA\n"});
        let error = refused(fixture.act("upload-job-data", &upload, TWICE).await);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
        assert!(error.message.contains("abort it"), "{}", error.message);
        assert_eq!(fixture.requests(), before + 1);
        let abort = json!({"kind": "ingest", "job_id": id});
        assert_eq!(fixture.act("abort-job", &abort, DEFAULTS).await.unwrap()["state"], "aborted");
    }
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn f130_a_job_whose_closing_has_no_answer_says_itself_whether_it_is_closed() {
    let fixture = fixture().await;
    for (fault, state) in [(Fault::ResetAfterWork, "job-complete"), (Fault::Reset, "open")] {
        let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "update"})).await;
        fixture.upload(&id, "Id,Site\n0015g00000000Gx,North\n").await;
        let job = json!({"job_id": id});
        fixture.fault(JOBS, fault);
        let error = refused(fixture.act("close-ingest-job", &job, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true));
        assert!(error.message.contains("get the job"), "{}", error.message);
        fixture.jobs_are_done();
        assert_eq!(fixture.act("get-ingest-job", &job, DEFAULTS).await.unwrap()["state"], state);
    }
    // A repeat that finds it closed cannot know who closed it.
    let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "update"})).await;
    fixture.upload(&id, "Id,Site\n0015g00000000Gx,North\n").await;
    fixture.fault(JOBS, Fault::ResetAfterWork);
    let error = refused(fixture.act("close-ingest-job", &json!({"job_id": id}), TWICE).await);
    assert_eq!((error.kind, error.outcome), (ErrorKind::WrongState, Outcome::Unknown));
}

#[tokio::test]
async fn a_delete_that_is_repeated_finds_the_job_gone() {
    let fixture = fixture().await;
    let id = fixture.create_ingest_job(json!({"object": "Account", "operation": "insert"})).await;
    fixture.fault(JOBS, Fault::ResetAfterWork);
    let delete = json!({"kind": "ingest", "job_id": id});
    assert_eq!(fixture.act("delete-job", &delete, TWICE).await.unwrap()["already_deleted"], true);
}

//! Approval processes.

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

fn submit(record: &str) -> Value {
    json!({"request": {"submit": {"record_id": record, "comments": "please \"look\"\n"}}})
}

#[tokio::test]
async fn a_record_is_submitted_and_decided() {
    let fixture = Fixture::start().await;
    fixture.mock.add_approval_process("Account");
    let record = fixture.new_account().await;
    let submitted = fixture.act("approval", &submit(&record), DEFAULTS).await.unwrap();
    assert_eq!((&submitted["record_id"], &submitted["status"]), (&json!(record), &json!("Pending")));
    assert_eq!(submitted["actor_ids"].as_array().unwrap().len(), 1);
    let error = refused(fixture.act("approval", &submit(&record), DEFAULTS).await);
    // It is told under status 200, which proves nothing to the host.
    assert_eq!(decision(&error), (ErrorKind::WrongState, Outcome::Unknown, false));
    assert_eq!(error.problems[0].code, "ALREADY_IN_PROCESS");

    let item = submitted["new_work_item_ids"][0].clone();
    let approve = json!({"request": {"approve": {"work_item_id": item}}});
    let approved = fixture.act("approval", &approve, DEFAULTS).await.unwrap();
    assert_eq!((&approved["status"], &approved["instance_id"]), (&json!("Approved"), &submitted["instance_id"]));
    assert_eq!((&approved["actor_ids"], &approved["new_work_item_ids"]), (&json!([]), &json!([])));
    let reject = json!({"request": {"reject": {"work_item_id": item}}});
    let error = refused(fixture.act("approval", &reject, DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidRecord, Outcome::Unknown, false));
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_step_is_not_taken_twice() {
    let fixture = Fixture::start().await;
    fixture.mock.add_approval_process("Account");
    let record = fixture.new_account().await;
    fixture.fault("/services/data/v67.0/process/approvals", Fault::ResetAfterWork);
    let error = refused(fixture.act("approval", &submit(&record), TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    assert_eq!(fixture.requests(), 2);
    let error = refused(fixture.act("approval", &submit(&record), DEFAULTS).await);
    assert_eq!(error.kind, ErrorKind::WrongState, "the org had taken it");
    let error = refused(fixture.act("approval", &submit("001"), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
    assert!(error.message.starts_with("request.submit.record_id: expected a record Id"), "{}", error.message);
    assert_eq!(fixture.requests(), 3);
}

//! The control plane, as another process uses it.

mod apps;
mod clock;
mod faults;
mod ledger;
mod limits;
mod members;
mod permissions;
mod records;
mod rules;
mod schema;
mod scripted;
mod sessions;

use serde_json::{Value, json};

use crate::client::{Answer, call};
use crate::fixture::*;

/// The status, and what a problem says.
pub(crate) fn problem(answer: &Answer) -> (u16, String, String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no problem: {body}")).to_owned();
    (answer.status.as_u16(), text("place"), text("got"), text("expected"))
}

/// The JSON of an answer that must have succeeded.
pub(crate) fn done(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.text());
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

/// Every `$ref` of the document leads to one of its schemas.
fn assert_no_dangling_reference(part: &Value, schemas: &Value) {
    match part {
        Value::Object(members) => members.iter().for_each(|(name, member)| match member {
            Value::String(to) if name == "$ref" => {
                let to = to.strip_prefix("#/components/schemas/").unwrap();
                assert!(schemas.get(to).is_some(), "no schema {to}");
            }
            member => assert_no_dangling_reference(member, schemas),
        }),
        Value::Array(items) => items.iter().for_each(|item| assert_no_dangling_reference(item, schemas)),
        _ => {}
    }
}

#[tokio::test]
async fn nobody_steers_without_its_own_token() {
    let mock = steered().await;
    let session = access_token(&mock);
    for token in ["", "wrong", &session] {
        let answer = call(&mock, "GET", "/__mock/clock").token(token).send().await;
        assert_eq!(answer.status, 401, "{token}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(problem(&answer).1, "header Authorization");
    }
    let answer = call(&mock, "GET", "/__mock/clock").send().await;
    assert_eq!(problem(&answer).2, "none");
    assert_eq!(control(&mock, "GET", "clock").send().await.status, 200);
    let token = mock.control().unwrap().token.expose();
    assert!(!works(&mock, token).await, "its token is no session of the org");
}

#[tokio::test]
async fn there_is_no_control_plane_unless_asked_for() {
    let mock = mock().await;
    assert!(mock.control().is_none());
    assert_eq!(call(&mock, "GET", "/__mock/clock").send().await.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(mock.ledger().entries().count(), 1);
}

#[tokio::test]
async fn every_path_is_described_and_anybody_may_read_it() {
    let mock = steered().await;
    let document = call(&mock, "GET", "/__mock/openapi.json").send().await.json();
    assert_eq!(document["security"], json!([{"token": []}]));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    assert_eq!(document["paths"]["/__mock/clock"]["get"]["operationId"], "read_clock");
    let rule = &document["paths"]["/__mock/validation-rules/{name}"];
    assert_eq!(
        (&rule["put"]["operationId"], &rule["delete"]["operationId"]),
        (&json!("set_validation_rule"), &json!("delete_validation_rule"))
    );
    let schema = &document["components"]["schemas"];
    assert_eq!(schema["FailingFlow"]["properties"]["on"]["$ref"], "#/components/schemas/FlowTrigger");
    assert_eq!(schema["Action"]["properties"]["name"]["readOnly"], true, "{}", schema["Action"]);
    assert_no_dangling_reference(&document, schema);
    let (status, place, got, _) = problem(&control(&mock, "GET", "clocks").send().await);
    assert_eq!((status, place.as_str(), got.as_str()), (404, "path", "/__mock/clocks"));
    let (status, place, got, _) = problem(&control(&mock, "PATCH", "clock").send().await);
    assert_eq!((status, place.as_str(), got.as_str()), (405, "method", "PATCH"));
}

#[tokio::test]
async fn what_steers_is_in_no_ledger_and_meets_no_fault() {
    let mock = steered().await;
    done(&control(&mock, "POST", "faults").json(&json!({"fault": "close"})).send().await);
    assert_eq!(control(&mock, "GET", "clock").send().await.status, 200);
    assert_eq!(mock.faults_waiting(), 1);
    assert_eq!(mock.ledger().entries().count(), 0);
    assert!(call(&mock, "GET", "/services/data").attempt().await.is_err());
}

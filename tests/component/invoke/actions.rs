//! Invocable actions and quick actions.

use mock_salesforce::{Action, ActionKind, ActionOutcome, Fault};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

const ACTIONS: &str = "/services/data/v67.0/actions";

fn add(fixture: &Fixture, kind: ActionKind, name: &str, inputs: &[&str], outcome: ActionOutcome) {
    let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
    fixture.mock.add_action(Action { kind, name: name.to_owned(), inputs, outcome });
}

fn outputs(values: &Value) -> ActionOutcome {
    ActionOutcome::Outputs(values.as_object().unwrap().clone())
}

fn answer(status: u16, body: &str) -> Fault {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Fault::Answer { status, headers, body: body.as_bytes().to_vec() }
}

#[tokio::test]
async fn a_flow_runs_for_each_input_and_each_is_told_by_itself() {
    let fixture = Fixture::start().await;
    add(&fixture, ActionKind::Flow, "Escalate", &["caseId"], outputs(&json!({"owner": "Zoe"})));
    let mut input = json!({"action": {"flow": "Escalate"}, "inputs": [{"caseId": "500"}, {"caseId": "501"}]});
    let given = fixture.act("invocable-action", &input, DEFAULTS).await.unwrap();
    let ok = json!({"ok": {"owner": "Zoe", "Flow__InterviewStatus": "Finished"}});
    assert_eq!(given["results"], json!([ok, ok]));
    assert!(given["usage"]["used"].is_u64());

    // Salesforce answers status 400 where one of them failed.
    input["inputs"][1] = json!({"odd": 1});
    let given = fixture.act("invocable-action", &input, DEFAULTS).await.unwrap();
    assert_eq!(given["results"][0], ok);
    let error = &given["results"][1]["error"];
    assert_eq!((&error["status"], &error["problems"][0]["code"]), (&json!(400), &json!("INVALID_INPUT")));

    add(
        &fixture,
        ActionKind::Apex,
        "Fails",
        &[],
        ActionOutcome::Error { code: "FLOW_EXCEPTION".to_owned(), message: "no stock".to_owned() },
    );
    let input = json!({"action": {"apex": "Fails"}, "inputs": [{}]});
    let given = fixture.act("invocable-action", &input, DEFAULTS).await.unwrap();
    let error = &given["results"][0]["error"];
    assert_eq!((&error["kind"], &error["outcome"]), (&json!("rejected"), &json!("unknown")), "it ran: {error}");

    let input = json!({"action": {"flow": "Escalate"}});
    let described = fixture.act("describe-invocable-action", &input, DEFAULTS).await.unwrap();
    assert_eq!((&described["type"], &described["inputs"][0]["name"]), (&json!("FLOW"), &json!("caseId")));
}

#[tokio::test]
async fn an_action_is_sent_once_whatever_comes_back() {
    let fixture = Fixture::start().await;
    add(&fixture, ActionKind::Flow, "Escalate", &[], outputs(&json!({})));
    let input = json!({"action": {"flow": "Escalate"}, "inputs": [{}, {}]});
    for (fault, kind) in [
        (Fault::ResetAfterWork, ErrorKind::Interrupted),
        (answer(200, r#"[{"isSuccess":true}]"#), ErrorKind::InvalidResponse),
        (answer(200, r#"[{"isSuccess":true},{"isSuccess":true},{"isSuccess":true}]"#), ErrorKind::InvalidResponse),
        (answer(200, "<html>"), ErrorKind::InvalidResponse),
        (answer(503, ""), ErrorKind::Unavailable),
    ] {
        let before = fixture.requests();
        fixture.fault(ACTIONS, fault);
        let error = refused(fixture.act("invocable-action", &input, TEN_TIMES).await);
        assert_eq!(decision(&error), (kind, Outcome::Unknown, false), "{}", error.message);
        assert_eq!(fixture.requests(), before + 1);
    }
    let before = fixture.requests();
    let nobody = json!({"action": {"standard": "nothing"}, "inputs": [{}]});
    let error = refused(fixture.act("invocable-action", &nobody, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
    for (bad, words) in [
        (json!({"action": {"flow": "a/../b"}, "inputs": [{}]}), "action.flow: expected an API name"),
        (json!({"action": {"flow": "Escalate"}, "inputs": [{}, 1]}), "inputs[1]: expected one JSON object"),
        (json!({"action": {"flow": "Escalate"}, "inputs": []}), "inputs: expected 1 to 200"),
    ] {
        let error = refused(fixture.act("invocable-action", &bad, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
    assert_eq!(fixture.requests(), before + 1);
}

#[tokio::test]
async fn a_quick_action_gives_what_salesforce_sends() {
    let fixture = Fixture::start().await;
    let input =
        json!({"object": "Account", "name": "LogACall", "context_id": "0015g00000000Gx", "fields": {"Subject": "x"}});
    let path = "/services/data/v67.0/sobjects/Account/quickActions/LogACall";
    fixture.fault(path, answer(201, r#"{"id":"00T5g00000000Gx","success":true,"errors":[],"n":9007199254740993}"#));
    let given = fixture.act("quick-action", &input, DEFAULTS).await.unwrap();
    assert_eq!(given["answer"]["n"], json!(9_007_199_254_740_993_u64));
    fixture.fault(path, answer(200, r#"{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"m"}]}"#));
    let error = refused(fixture.act("quick-action", &input, DEFAULTS).await);
    assert_eq!((error.kind, error.problems[0].code.as_str()), (ErrorKind::Duplicate, "DUPLICATE_VALUE"));
    fixture.fault(path, Fault::ResetAfterWork);
    let error = refused(fixture.act("quick-action", &input, TEN_TIMES).await);
    assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false));
    let error = refused(fixture.act("quick-action", &json!({"name": "Nothing", "fields": {}}), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
    assert_eq!(fixture.requests(), 4);
}

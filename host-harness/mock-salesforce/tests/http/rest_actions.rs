//! What orgs have of their own: flows, Apex, approvals.

use mock_salesforce::{Action, ActionKind, ActionOutcome, ApexResource};
use serde_json::{Map, Value, json};

use crate::client::call;
use crate::fixture::*;

fn flow(name: &str, outcome: ActionOutcome) -> Action {
    Action { kind: ActionKind::Flow, name: name.to_owned(), inputs: vec!["amount".to_owned()], outcome }
}

#[tokio::test]
async fn a_flow_answers_what_it_is_told_to() {
    let mock = mock().await;
    let outputs = Map::from_iter([("total".to_owned(), json!(5))]);
    mock.add_action(flow("Sum", ActionOutcome::Outputs(outputs)));
    let listed = rest(&mock, "GET", "actions/custom/flow").send().await.json();
    let told =
        json!({"label": "Sum", "name": "Sum", "type": "FLOW", "url": "/services/data/v67.0/actions/custom/flow/Sum"});
    assert_eq!(listed, json!({"actions": [told]}));
    let described = rest(&mock, "GET", "actions/custom/flow/Sum").send().await.json();
    assert_eq!(
        (&described["inputs"][0]["name"], &described["outputs"][0]["name"]),
        (&json!("amount"), &json!("total"))
    );
    let invoke = async |name: &str, inputs: Value| {
        let path = format!("actions/custom/{name}");
        rest(&mock, "POST", &path).json(&json!({"inputs": inputs})).send().await
    };
    let done = invoke("flow/Sum", json!([{"amount": 1}, {}])).await;
    let values = json!({"total": 5, "Flow__InterviewStatus": "Finished"});
    let result = json!({"actionName": "Sum", "errors": null, "isSuccess": true, "outputValues": values});
    assert_eq!((done.status.as_u16(), done.json()), (200, json!([result, result])));
    let unknown = invoke("flow/Sum", json!([{"amuont": 1}])).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()[0]["isSuccess"]), (400, &json!(false)));
    mock.add_action(Action { inputs: Vec::new(), ..flow("Any", ActionOutcome::Outputs(Map::new())) });
    assert_eq!(invoke("flow/Any", json!([{"amount": 1, "what": "ever"}])).await.status, 200);

    let error = ActionOutcome::Error { code: "FLOW_EXCEPTION".to_owned(), message: "an error of the flow".to_owned() };
    mock.add_action(flow("Sum", error));
    let failed = invoke("flow/Sum", json!([{}])).await;
    let errors = json!([{"statusCode": "FLOW_EXCEPTION", "message": "an error of the flow", "fields": []}]);
    assert_eq!((failed.status.as_u16(), &failed.json()[0]["errors"]), (400, &errors));
    assert_eq!(invoke("apex/Sum", json!([{}])).await.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(invoke("flow/Other", json!([{}])).await.error(), (404, "NOT_FOUND".to_owned()));
    assert_eq!(invoke("flow/Sum", json!({})).await.error(), (400, "JSON_PARSER_ERROR".to_owned()));
}

#[tokio::test]
async fn apex_rest_answers_anything() {
    let mock = mock().await;
    mock.add_apex_resource(ApexResource {
        name: "INVOICE".to_owned(),
        method: "POST".to_owned(),
        path: "invoices/*".to_owned(),
        status: 207,
        content_type: "text/plain".to_owned(),
        body: b"done".to_vec(),
    });
    let send = async |method: &str, path: &str| {
        call(&mock, method, &format!("/services/apexrest/{path}")).token(&access_token(&mock)).send().await
    };
    let answer = send("POST", "invoices/7/pay").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type"), answer.text()),
        (207, "text/plain", "done".to_owned())
    );
    assert_eq!(send("GET", "invoices/7").await.error(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    let unknown = send("POST", "other").await;
    assert_eq!(
        (unknown.error(), unknown.message()),
        ((404, "NOT_FOUND".to_owned()), "Could not find a match for URL".to_owned())
    );
    let stranger = call(&mock, "POST", "/services/apexrest/invoices/7").token("nobody").send().await;
    assert_eq!(stranger.error(), (401, "INVALID_SESSION_ID".to_owned()));
}

#[tokio::test]
async fn a_record_is_submitted_and_approved() {
    let mock = mock().await;
    let invoice = one_id(&mock, "SELECT Id FROM Invoice__c LIMIT 1").await;
    let send = async |action: &str, context: &str| {
        let body = json!({"requests": [{"actionType": action, "contextId": context, "comments": "please"}]});
        let answer = rest(&mock, "POST", "process/approvals").json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()[0].clone()
    };
    let none = send("Submit", &invoice).await;
    assert_eq!((&none["success"], &none["errors"][0]["statusCode"]), (&json!(false), &json!("NO_APPLICABLE_PROCESS")));
    mock.add_approval_process("Invoice__c");
    let submitted = send("Submit", &invoice).await;
    let user = mock.org(|org| org.users()[0].id.clone());
    let item = submitted["newWorkitemIds"][0].as_str().unwrap();
    assert!(item.starts_with("04i") && submitted["instanceId"].as_str().unwrap().starts_with("04g"));
    assert_eq!((&submitted["instanceStatus"], &submitted["actorIds"]), (&json!("Pending"), &json!([user])));
    assert_eq!(send("Submit", &invoice).await["errors"][0]["statusCode"], "ALREADY_IN_PROCESS");
    let approved = send("Approve", item).await;
    assert_eq!((&approved["instanceStatus"], &approved["entityId"]), (&json!("Approved"), &json!(invoice)));
    assert_eq!(send("Reject", item).await["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");
    let listed = rest(&mock, "GET", "process/approvals").send().await.json();
    assert_eq!(listed["approvals"]["Invoice__c"][0]["object"], "Invoice__c");
}

//! Scripted faults, each as a client meets it.

use std::time::Duration;

use mock_salesforce::{Fault, Matcher};
use serde_json::json;

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn an_answer_comes_once_and_without_work() {
    let mock = mock().await;
    let create = || rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).send();
    let body = json!([{"errorCode": "SERVER_UNAVAILABLE", "message": "Too busy"}]);
    mock.push_fault(Matcher::under("/services/data/").method("POST"), Fault::json(503, &body));
    mock.push_fault(Matcher::any(), Fault::status(429, &[("retry-after", "7")]));
    assert_eq!(create().await.error(), (503, "SERVER_UNAVAILABLE".to_owned()));
    let busy = create().await;
    assert_eq!((busy.status.as_u16(), busy.header("retry-after")), (429, "7"));
    assert_eq!(mock.ledger().creates("Account"), 0);
    assert_eq!(create().await.status, 201);
    assert_eq!(mock.faults_waiting(), 0);
}

#[tokio::test]
async fn a_replaced_answer_hides_work_that_was_done() {
    let mock = mock().await;
    mock.push_fault(Matcher::any(), Fault::Replace(json!({"odd": true})));
    let answer = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).send().await;
    assert_eq!(answer.json(), json!({"odd": true}));
    assert_eq!(mock.ledger().creates("Account"), 1);
}

#[tokio::test]
async fn lost_answers_with_and_without_work() {
    let mock = mock().await;
    for (fault, creates) in
        [(Fault::Close, 0), (Fault::Reset, 0), (Fault::CloseAfterWork, 1), (Fault::ResetAfterWork, 2)]
    {
        let reset = matches!(fault, Fault::Reset | Fault::ResetAfterWork);
        mock.push_fault(Matcher::path("/services/data/v67.0/sobjects/Account"), fault);
        let error = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).attempt().await.unwrap_err();
        assert_eq!(error.is_incomplete_message(), !reset, "{error:?}");
        let ledger = mock.ledger();
        assert_eq!(ledger.creates("Account"), creates);
        assert_eq!(ledger.entries().last().unwrap().status, None);
    }
}

#[tokio::test]
async fn a_hanging_request_is_in_the_ledger_until_its_client_leaves() {
    let mock = mock().await;
    mock.push_fault(Matcher::any(), Fault::HangAfterWork);
    let request = rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).attempt();
    let worked = async {
        while mock.ledger().creates("Account") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = request => panic!("{answer:?}"),
        () = worked => {}
    }
    assert_eq!(mock.ledger().entries().last().unwrap().status, None);
    assert_eq!(call(&mock, "GET", "/services/data").send().await.status, 200, "others are served");
}

#[tokio::test]
async fn a_delayed_request_is_answered_all_the_same() {
    let mock = mock().await;
    mock.push_fault(Matcher::any(), Fault::Delay(Duration::from_millis(1)));
    assert_eq!(call(&mock, "GET", "/services/data").send().await.status, 200);
}

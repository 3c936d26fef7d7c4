//! Faults by script.

use mock_salesforce::{Fault, Matcher};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{done, problem};
use crate::client::{Answer, call};
use crate::fixture::*;

async fn add(mock: &mock_salesforce::MockSalesforce, fault: Value) -> Answer {
    control(mock, "POST", "faults").json(&fault).send().await
}

#[tokio::test]
async fn the_third_create_is_answered_otherwise_and_the_script_says_who_met_it() {
    let mock = steered().await;
    let path = "/services/data/v67.0/sobjects/Account";
    let fault = json!({
        "match": {"method": "POST", "path": path, "nth": 3},
        "fault": {"answer": {"status": 503, "headers": [["retry-after", "7"]],
            "body": {"json": [{"errorCode": "SERVER_UNAVAILABLE", "message": "Too busy"}]}}},
    });
    let added = add(&mock, fault.clone()).await;
    assert_eq!((added.status.as_u16(), &done(&added)["id"]), (201, &json!(1)));
    let create = || rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"})).send();
    assert_eq!((create().await.status.as_u16(), create().await.status.as_u16()), (201, 201));
    let busy = create().await;
    assert_eq!(busy.error(), (503, "SERVER_UNAVAILABLE".to_owned()));
    assert_eq!((busy.header("retry-after"), busy.header("content-type")), ("7", "application/json;charset=UTF-8"));
    assert_eq!(create().await.status, 201);
    assert_eq!(mock.ledger().creates("Account"), 3);
    let faults = done(&control(&mock, "GET", "faults").send().await);
    assert_eq!(faults["waiting"], json!([]));
    assert_eq!((&faults["met"][0]["id"], &faults["met"][0]["request"]), (&json!(1), &json!(3)));
    assert_eq!(faults["met"][0]["match"], fault["match"]);
}

#[tokio::test]
async fn every_kind_is_listed_as_it_was_queued() {
    let mock = steered().await;
    let kinds = [
        json!({"answer": {"status": 200, "headers": [["a", "b"]], "body": {"base64": "/w=="}}}),
        json!({"replace": {"odd": 1.50}}),
        json!({"delay": {"ms": 1}}),
        json!("hang"),
        json!("hang_after_work"),
        json!("close"),
        json!("close_after_work"),
        json!("reset"),
        json!("reset_after_work"),
        json!({"wire": [{"write": {"text": "a"}}, {"slices": {"text": "b"}}, "read", "repeat"]}),
        json!({"wire_after_work": [{"trickle": {"bytes": {"text": "c"}, "pause_ms": 5}}, "hang", "reset"]}),
    ];
    for kind in &kinds {
        done(&add(&mock, json!({"match": {"path_prefix": "/a"}, "fault": kind})).await);
    }
    let faults = done(&control(&mock, "GET", "faults").send().await);
    let listed: Vec<_> = faults["waiting"].as_array().unwrap().iter().map(|waiting| waiting["fault"].clone()).collect();
    assert_eq!(listed, kinds);
    assert_eq!(control(&mock, "DELETE", "faults/2").send().await.status, 204);
    let (status, place, ..) = problem(&control(&mock, "DELETE", "faults/2").send().await);
    assert_eq!((status, place.as_str(), mock.faults_waiting()), (404, "path.id", 10));
    assert_eq!(control(&mock, "DELETE", "faults").send().await.status, 204);
    assert_eq!(mock.faults_waiting(), 0);
}

#[tokio::test]
async fn work_is_done_or_not_as_the_fault_says() {
    let mock = steered().await;
    let create = || rest(&mock, "POST", "sobjects/Account").json(&json!({"Name": "x"}));
    for (fault, creates) in [("close", 0), ("reset", 0), ("close_after_work", 1), ("reset_after_work", 2)] {
        done(&add(&mock, json!({"fault": fault})).await);
        assert!(create().attempt().await.is_err());
        assert_eq!(mock.ledger().creates("Account"), creates, "{fault}");
    }
    done(&add(&mock, json!({"fault": {"replace": {"odd": true}}})).await);
    assert_eq!(create().send().await.json(), json!({"odd": true}));
    assert_eq!(mock.ledger().creates("Account"), 3);
}

#[tokio::test]
async fn bytes_below_http_are_played_on_the_orgs_own_connection() {
    let mock = steered().await;
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    for (steps, ending) in
        [(json!([{"write": {"text": answer}}]), None), (json!([{"slices": {"text": answer}}, "reset"]), Some(()))]
    {
        done(&add(&mock, json!({"fault": {"wire_after_work": steps}})).await);
        let mut stream = TcpStream::connect(mock.address()).await.unwrap();
        let token = access_token(&mock);
        let request = format!(
            "POST /services/data/v67.0/sobjects/Account HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 12\r\n\r\n{{\"Name\":\"x\"}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        let ended = stream.read_to_end(&mut read).await;
        assert_eq!(ended.is_err(), ending.is_some());
        if ending.is_none() {
            assert_eq!(String::from_utf8(read).unwrap(), answer);
        }
    }
    assert_eq!(mock.ledger().creates("Account"), 2);
    done(&add(&mock, json!({"fault": {"wire": [{"write": {"text": "garbage\r\n\r\n"}}]}})).await);
    assert!(call(&mock, "GET", "/services/data").attempt().await.unwrap_err().is_parse());
}

#[tokio::test]
async fn a_wrong_script_is_refused_by_place_and_queues_nothing() {
    let mock = steered().await;
    for (fault, place) in [
        (json!({"fault": "explode"}), "body.fault"),
        (json!({"fault": {"answer": {"status": 99}}}), "body.fault.answer.status"),
        (json!({"fault": {"answer": {"status": 200, "headers": [["a b", "c"]]}}}), "body.fault.answer.headers[0]"),
        (
            json!({"fault": {"answer": {"status": 200, "headers": [["content-length", "9"]]}}}),
            "body.fault.answer.headers[0]",
        ),
        (json!({"fault": {"delay": {"ms": 600_001}}}), "body.fault.delay.ms"),
        (json!({"fault": {"wire": [{"write": {"base64": "?"}}]}}), "body.fault.wire[0].write.base64"),
        (json!({"fault": {"wire": [{"write": {"text": "x"}}, "repeat"]}}), "body.fault.wire"),
        (json!({"fault": "close", "match": {"nth": 0}}), "body.match.nth"),
        (json!({"fault": "close", "match": {"path": "x"}}), "body.match.path"),
        (json!({"fault": "close", "match": {"path": "/services/data/v67.0/query?q=x"}}), "body.match.path"),
        (json!({"fault": "close", "match": {"path_prefix": "/services/data?x"}}), "body.match.path_prefix"),
        (json!({"fault": "close", "match": {"path": "/x", "path_prefix": "/"}}), "body.match"),
        (json!({"fault": "close", "match": {"method": "post"}}), "body.match.method"),
        (json!({}), "body.fault"),
    ] {
        let (status, told, ..) = problem(&add(&mock, fault).await);
        assert_eq!((status, told.as_str()), (400, place));
    }
    assert_eq!(mock.faults_waiting(), 0);
}

#[tokio::test]
async fn no_more_faults_wait_than_are_taken() {
    let mock = steered().await;
    for _ in 0..1_000 {
        mock.push_fault(Matcher::path("/never"), Fault::Close);
    }
    let (status, place, ..) = problem(&add(&mock, json!({"fault": "close"})).await);
    assert_eq!((status, place.as_str()), (409, "body"));
    control(&mock, "DELETE", "faults").send().await;
    let large = json!({"fault": {"answer": {"status": 200, "body": {"text": "x".repeat(40 << 20)}}}});
    assert_eq!(add(&mock, large.clone()).await.status, 201);
    let (status, place, ..) = problem(&add(&mock, large).await);
    assert_eq!((status, place.as_str()), (409, "body"));
}

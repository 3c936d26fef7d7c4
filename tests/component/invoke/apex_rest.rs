//! Apex REST: any status, any body, and paths below it alone.

use mock_salesforce::{ApexResource, Fault};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use salesforce_runtime::egress::{EgressPolicy, Seal};
use serde_json::{Value, json};

use super::TEN_TIMES;
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

const APEX_REST: &str = "/services/apexrest";

fn add(fixture: &Fixture, method: &str, path: &str, status: u16, body: &str) {
    fixture.mock.add_apex_resource(ApexResource {
        name: format!("{method} {path}"),
        method: method.to_owned(),
        path: path.to_owned(),
        status,
        content_type: if body.starts_with(['{', '[']) { "application/json" } else { "text/plain;charset=UTF-8" }
            .to_owned(),
        body: body.as_bytes().to_vec(),
    });
}

fn call(method: &str, path: &str) -> Value {
    json!({"method": method, "path": path, "query": []})
}

#[tokio::test]
async fn a_class_answers_every_method_with_its_own_status_and_body() {
    let fixture = Fixture::start().await;
    for (method, status, body, given) in [
        ("get", 200, r#"{"n":9007199254740993}"#, json!({"json": {"n": 9_007_199_254_740_993_u64}})),
        ("post", 201, "[1]", json!({"json": [1]})),
        ("put", 202, "done", json!({"text": "done"})),
        ("patch", 200, "", json!("empty")),
        ("delete", 204, "", json!("empty")),
    ] {
        add(&fixture, &method.to_uppercase(), "orders/ACME 7/ü", status, body);
        let mut input = call(method, "/orders/ACME 7/ü");
        input["query"] = json!([{"name": "a", "value": "x&_HttpMethod=DELETE"}]);
        if matches!(method, "post" | "put" | "patch") {
            input["body"] = json!({"left": 1.50});
        }
        let answer = fixture.act("apex-rest", &input, DEFAULTS).await.unwrap();
        assert_eq!(answer["status"], status, "{method}");
        assert_eq!(answer["body"], given, "{method}");
    }
    let ledger = fixture.mock.ledger();
    let last = ledger.entries().next_back().unwrap();
    assert_eq!(last.path, "/services/apexrest/orders/ACME%207/%C3%BC");
    assert_eq!(last.query, "a=x%26_HttpMethod%3DDELETE");
}

#[tokio::test]
async fn f127_a_class_that_refuses_in_its_own_way_may_have_written_before() {
    let fixture = Fixture::start().await;
    let body = r#"{"reason":"no stock"}"#;
    for (status, method, outcome) in [
        (409, "get", Outcome::Rejected),
        (409, "post", Outcome::Unknown),
        (401, "put", Outcome::Unknown),
        (404, "delete", Outcome::Unknown),
    ] {
        add(&fixture, &method.to_uppercase(), "orders", status, body);
        let before = fixture.requests();
        let error = refused(fixture.act("apex-rest", &call(method, "orders"), TEN_TIMES).await);
        assert_eq!(decision(&error), (ErrorKind::Rejected, outcome, false), "{method}: {}", error.message);
        assert_eq!((error.status, error.detail.as_deref()), (Some(status), Some(body)));
        assert_eq!(fixture.requests(), before + 1);
    }
    let error = refused(fixture.act("apex-rest", &call("post", "nowhere"), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
    let error = refused(fixture.act("apex-rest", &call("patch", "orders"), DEFAULTS).await);
    assert_eq!((error.kind, error.outcome, error.status), (ErrorKind::Rejected, Outcome::Rejected, Some(405)));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_by_a_get_alone() {
    let fixture = Fixture::start().await;
    for (method, sent) in [("get", 2), ("post", 1), ("put", 1), ("patch", 1), ("delete", 1)] {
        add(&fixture, &method.to_uppercase(), "orders", 200, "[]");
        let before = fixture.requests();
        fixture.fault(APEX_REST, Fault::ResetAfterWork);
        let answer = fixture.act("apex-rest", &call(method, "orders"), TEN_TIMES).await;
        if method == "get" {
            assert_eq!(answer.unwrap()["body"], json!({"json": []}));
        } else {
            assert_eq!(decision(&refused(answer)), (ErrorKind::Interrupted, Outcome::Unknown, false), "{method}");
        }
        assert_eq!(fixture.requests(), before + sent, "{method}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_apex_rest() {
    let fixture = Fixture::start().await;
    for path in [
        "",
        "/",
        "../data/v67.0/query",
        "orders/../../oauth2/token",
        "orders//7",
        "a%2F..",
        "a?b",
        "a;b",
        "a\\b",
        "a#b",
    ] {
        let error = refused(fixture.act("apex-rest", &call("get", path), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{path}");
        assert!(error.message.starts_with("path: expected"), "{}", error.message);
    }
    let mut input = call("get", "orders");
    input["query"] = json!([{"name": "_HttpMethod", "value": "DELETE"}]);
    let error = refused(fixture.act("apex-rest", &input, DEFAULTS).await);
    assert!(error.message.starts_with("query[0].name: expected a letter"), "{}", error.message);
    input = call("get", "orders");
    input["body"] = json!({});
    let error = refused(fixture.act("apex-rest", &input, DEFAULTS).await);
    assert!(error.message.starts_with("body: expected none"), "{}", error.message);
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn s10_a_sealed_token_goes_to_apex_rest_only_where_its_seal_says_so() {
    let fixture = Fixture::start().await;
    add(&fixture, "GET", "orders/v1.0/7", 200, "[7]");
    let origin: salesforce_runtime::egress::Origin = fixture.mock.url().parse().unwrap();
    for is_admitted in [false, true] {
        let token = salesforce_runtime::secret::Secret::from(fixture.connection.access_token.clone());
        let seal = Seal::new(token, origin.clone()).unwrap();
        let seal = if is_admitted { seal.admitting_apex_rest() } else { seal };
        let mut connection = fixture.connection.clone();
        connection.access_token = seal.placeholder().to_owned();
        let policy = EgressPolicy::origins([origin.clone()]).allow_loopback().sealing(seal);
        let input = call("get", "orders/v1.0/7").to_string();
        let call = salesforce_actions::Call::parse(salesforce_actions::Actions::of_connector(), "apex-rest", &input);
        let answer = call.unwrap().run(fixture.execution_with(policy), &connection, DEFAULTS).await;
        if is_admitted {
            let answer: Value = serde_json::from_str(answer.unwrap().to_json().unwrap().get()).unwrap();
            assert_eq!(answer["body"], json!({"json": [7]}));
        } else {
            let error = refused(answer);
            assert_eq!(decision(&error), (ErrorKind::DeniedByHost, Outcome::NotSent, false));
        }
    }
    assert_eq!(fixture.requests(), 1);
}

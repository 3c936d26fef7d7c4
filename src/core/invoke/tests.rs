//! Whole calls: what is sent, and what is made of answers.

use super::*;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{ErrorKind, Outcome};
use crate::core::http::{Failure, Method, Response};
use crate::core::script::{Script, answer};

const DATA: &str = "https://example.my.salesforce.com/services/data/v67.0";
const ID: &str = "001D000000IqhSLIAZ";

fn connection() -> Connection {
    Connection::parse("https://example.my.salesforce.com", "00D!TOKEN-SENTINEL", None).unwrap()
}

fn options() -> CallOptions {
    CallOptions::parse(None, None, Some(10)).unwrap()
}

fn run(script: &mut Script, kind: Kind, inputs: &[&str]) -> Result<Invocations> {
    let inputs: Vec<_> = inputs.iter().map(|input| input.to_string()).collect();
    invoke(script, &connection(), &Invocable::parse(kind, "Escalate")?, &inputs, &options())
}

fn decision(error: &Error) -> (ErrorKind, Outcome, bool) {
    (error.kind, error.outcome, error.retryable)
}

#[test]
fn inputs_are_passed_through_and_each_has_its_result() {
    let body = r#"[{"actionName":"E","errors":null,"isSuccess":true,"outputValues":{"n":9007199254740993}},
        {"errors":[{"statusCode":"FLOW_EXCEPTION","message":"no 00D!TOKEN-SENTINEL","fields":[]}],"isSuccess":false},
        {"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m","fields":["a"]}],"isSuccess":false},
        {"errors":null,"isSuccess":false,"outputValues":null},
        {"errors":[{"statusCode":"X"}],"isSuccess":true,"outputValues":null},
        {"outputValues":{}},
        {"isSuccess":true,"outputValues":[]},
        {"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"m"}],"isSuccess":false}]"#;
    let inputs = [" {\"a\":0.10}", "{}", "{}", "{}", "{}", "{}", "{}", "{}"];
    for status in [200, 400] {
        let mut script = Script::new([Ok(answer(status, body))]);
        let done = run(&mut script, Kind::Flow, &inputs).unwrap();
        let (method, url, sent) = &script.requests[0];
        assert_eq!((*method, url.as_str()), (Method::Post, format!("{DATA}/actions/custom/flow/Escalate").as_str()));
        assert_eq!(sent, r#"{"inputs":[{"a":0.10},{},{},{},{},{},{},{}]}"#);
        assert_eq!(done.usage.unwrap().used, 18);
        assert_eq!(done.results[0].as_deref().unwrap(), r#"{"n":9007199254740993}"#);
        assert_eq!(done.results[4].as_deref().unwrap(), "{}", "errors beside a success");
        let unknown = |kind| (kind, Outcome::Unknown, false);
        let rejected = |kind, retryable| (kind, Outcome::Rejected, retryable);
        for (place, expected) in [
            (1, unknown(ErrorKind::Rejected)),
            (2, rejected(ErrorKind::InvalidRecord, false)),
            (3, unknown(ErrorKind::Rejected)),
            (5, unknown(ErrorKind::InvalidResponse)),
            (6, unknown(ErrorKind::InvalidResponse)),
            (7, rejected(ErrorKind::Locked, true)),
        ] {
            let error = done.results[place].as_ref().unwrap_err();
            assert_eq!((decision(error), error.status), (expected, Some(status)), "{place}: {}", error.message);
            assert!(!format!("{error:?}").contains("SENTINEL"));
        }
    }
    for (kind, path) in [(Kind::Apex, "custom/apex"), (Kind::Standard, "standard")] {
        let mut script = Script::new([Ok(answer(200, r#"[{"isSuccess":true}]"#))]);
        assert_eq!(run(&mut script, kind, &["{}"]).unwrap().results.len(), 1);
        assert!(script.requests[0].1.ends_with(&format!("/actions/{path}/Escalate")));
    }
}

#[test]
fn an_action_is_sent_once_and_a_result_for_each_input_is_needed() {
    for body in
        ["", "{}", "[]", r#"[{"isSuccess":true}]"#, r#"[{"isSuccess":true},{"isSuccess":true},{"isSuccess":true}]"#]
    {
        let error = run(&mut Script::new([Ok(answer(200, body))]), Kind::Flow, &["{}", "{}"]).unwrap_err();
        assert_eq!(decision(&error), (ErrorKind::InvalidResponse, Outcome::Unknown, false), "{body}");
        assert!(error.message.ends_with("; that leaves open what became of 2 inputs"), "{}", error.message);
    }
    let mut script = Script::new([Err(Failure::Interrupted)]);
    let error = run(&mut script, Kind::Flow, &["{}"]).unwrap_err();
    assert_eq!((decision(&error), script.sent()), ((ErrorKind::Interrupted, Outcome::Unknown, false), 1));
    let refused = r#"[{"errorCode":"NOT_FOUND","message":"m"}]"#;
    let error = run(&mut Script::new([Ok(answer(404, refused))]), Kind::Flow, &["{}"]).unwrap_err();
    assert_eq!(decision(&error), (ErrorKind::NotFound, Outcome::Rejected, false));
}

#[test]
fn what_cannot_be_meant_is_refused_before_it_is_sent() {
    let none = || Script::new([]);
    let many = vec!["{}"; 201];
    for (error, words) in [
        (run(&mut none(), Kind::Flow, &[]).unwrap_err(), "inputs: expected 1 to 200"),
        (run(&mut none(), Kind::Flow, &many).unwrap_err(), "inputs: expected 1 to 200"),
        (run(&mut none(), Kind::Flow, &["{}", "[]"]).unwrap_err(), "inputs[1]: expected one JSON object"),
        (Invocable::parse(Kind::Apex, "a/../b").unwrap_err(), "action.apex: expected an API name"),
        (QuickAction::parse(Some("A/B"), "X", None).unwrap_err(), "object: expected the API name"),
        (QuickAction::parse(None, "X?y", None).unwrap_err(), "name: expected an API name"),
        (QuickAction::parse(None, "X", Some("1")).unwrap_err(), "context-id: expected a record Id"),
    ] {
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        assert!(error.message.starts_with(words), "{}", error.message);
    }
}

#[test]
fn a_description_is_passed_through_and_read_again_if_need_be() {
    let body = r#"{"name":"Escalate","inputs":[{"n":1.0}]}"#;
    let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, body))]);
    let action = Invocable::parse(Kind::Flow, "Escalate").unwrap();
    assert_eq!(describe(&mut script, &connection(), &action, &options()).unwrap(), body);
    assert_eq!(script.requests[1].0, Method::Get);
    let error = describe(&mut Script::new([Ok(answer(200, "[]"))]), &connection(), &action, &options()).unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
}

#[test]
fn a_quick_action_is_run_on_its_record() {
    let body = r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[],"feedItemIds":null}"#;
    let run = |script: &mut Script, object: Option<&str>, context: Option<&str>, fields: &str| {
        let action = QuickAction::parse(object, "LogACall", context).unwrap();
        quick_action(script, &connection(), &action, fields, &options())
    };
    let mut script = Script::new([Ok(answer(201, body)), Ok(answer(200, body))]);
    let (given, usage) = run(&mut script, Some("Account"), Some(ID), "{\"N\":1.50}").unwrap();
    assert_eq!((given.as_str(), usage.unwrap().used), (body, 18));
    run(&mut script, None, None, "{}").unwrap();
    let sent: Vec<_> =
        script.requests.iter().map(|(_, url, body)| (url.trim_start_matches(DATA), body.as_str())).collect();
    assert_eq!(
        sent,
        [
            ("/sobjects/Account/quickActions/LogACall", r#"{"contextId":"001D000000IqhSLIAZ","record":{"N":1.50}}"#),
            ("/quickActions/LogACall", r#"{"record":{}}"#),
        ]
    );
    for (status, body, expected) in [
        (
            200,
            r#"{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m"}]}"#,
            (ErrorKind::InvalidRecord, Outcome::Rejected),
        ),
        (400, r#"[{"errorCode":"DUPLICATE_VALUE","message":"m"}]"#, (ErrorKind::Duplicate, Outcome::Rejected)),
        (200, r#"{"success":false}"#, (ErrorKind::InvalidResponse, Outcome::Unknown)),
        (200, "{}", (ErrorKind::InvalidResponse, Outcome::Unknown)),
        (204, "", (ErrorKind::InvalidResponse, Outcome::Unknown)),
    ] {
        let error = run(&mut Script::new([Ok(answer(status, body))]), None, None, "{}").unwrap_err();
        assert_eq!((error.kind, error.outcome, error.status), (expected.0, expected.1, Some(status)), "{body}");
    }
    let mut script = Script::new([Err(Failure::Interrupted)]);
    let error = run(&mut script, None, None, "{}").unwrap_err();
    assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
}

fn step(id: &str) -> Step {
    Step::parse("record-id", id, Some("a \"b\"\n".into()), &["005D00000015rY9".into()]).unwrap()
}

fn decide(script: &mut Script, decision: &Decision) -> Result<Approval> {
    approval(script, &connection(), decision, &options())
}

#[test]
fn a_step_of_an_approval_is_one_request() {
    let body = r#"[{"actorIds":["005D00000015rY9"],"entityId":"001D000000IqhSL","errors":null,"instanceId":"04gD0000000Cvm5IAC",
        "instanceStatus":"Pending","newWorkitemIds":["04iD0000000Cw6SIAS"],"success":true}]"#;
    let process = || Some("PTO_Request".to_string());
    let submission = Submission::parse(step(ID), Some("005D00000015rZy"), process(), true).unwrap();
    let mut script =
        Script::new([Ok(answer(200, body)), Ok(answer(200, &body.replace("[\"005D00000015rY9\"]", "null")))]);
    let given = decide(&mut script, &Decision::Submit(submission)).unwrap();
    assert_eq!((given.record_id.as_str(), given.status.as_str()), (ID, "Pending"));
    assert_eq!(
        (given.actor_ids[0].len(), given.new_work_item_ids.as_slice()),
        (18, &["04iD0000000Cw6SIAS".to_string()][..])
    );
    let given = decide(&mut script, &Decision::Approve(step("04iD0000000Cw6SIAS"))).unwrap();
    assert!(given.actor_ids.is_empty());
    let begin = r#"{"requests":[{"actionType":"Submit","contextId":"001D000000IqhSLIAZ","comments":"a \"b\"\u000a","nextApproverIds":["005D00000015rY9"]"#;
    let end =
        r#","contextActorId":"005D00000015rZy","processDefinitionNameOrId":"PTO_Request","skipEntryCriteria":true}]}"#;
    assert_eq!(script.requests[0].2, [begin, end].concat());
    assert!(
        script.requests[1].2.starts_with(r#"{"requests":[{"actionType":"Approve","contextId":"04iD0000000Cw6SIAS""#)
    );
    assert!(script.requests[0].1.ends_with("/process/approvals"));
}

#[test]
fn an_approval_that_fails_or_is_odd_is_told() {
    let failed = |code: &str| format!(r#"[{{"errors":[{{"statusCode":"{code}","message":"m"}}],"success":false}}]"#);
    let good =
        r#"{"entityId":"001D000000IqhSL","instanceId":"04gD0000000Cvm5IAC","instanceStatus":"Pending","success":true}"#;
    let unknown = (ErrorKind::InvalidResponse, Outcome::Unknown);
    for (status, body, expected) in [
        (200, failed("ALREADY_IN_PROCESS"), (ErrorKind::WrongState, Outcome::Rejected)),
        (400, failed("ALREADY_IN_PROCESS"), (ErrorKind::WrongState, Outcome::Rejected)),
        (400, failed("INVALID_CROSS_REFERENCE_KEY"), (ErrorKind::InvalidRecord, Outcome::Rejected)),
        (200, "[]".into(), unknown),
        (200, "{}".into(), unknown),
        (200, format!("[{good},{good}]"), unknown),
        (200, format!("[{}]", good.replace("001D000000IqhSL", "001D000000IqhSM")), unknown),
        (200, format!("[{}]", good.replace("04gD0000000Cvm5IAC", "04g")), unknown),
        (200, format!("[{}]", good.replace("true", "null")), unknown),
        (200, format!("[{}]", good.replace("\"success\"", "\"actorIds\":[\"x\"],\"success\"")), unknown),
    ] {
        let decision = Decision::Submit(Submission::parse(step(ID), None, None, false).unwrap());
        let error = decide(&mut Script::new([Ok(answer(status, &body))]), &decision).unwrap_err();
        assert_eq!((error.kind, error.outcome), expected, "{body}");
    }
    let mut script = Script::new([Err(Failure::Interrupted)]);
    let error = decide(&mut script, &Decision::Reject(step("04iD0000000Cw6SIAS"))).unwrap_err();
    assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
    let words = |error: Box<Error>| error.message;
    for (message, expected) in [
        (words(Step::parse("work-item-id", "04i", None, &[]).unwrap_err()), "work-item-id: expected a record Id"),
        (words(Step::parse("x", ID, Some("c".repeat(4_001)), &[]).unwrap_err()), "comments: expected at most 4,000"),
        (
            words(Step::parse("x", ID, None, &[ID.into(), "1".into()]).unwrap_err()),
            "next-approver-ids[1]: expected a record",
        ),
        (
            words(Step::parse("x", ID, None, &vec![ID.into(); 101]).unwrap_err()),
            "next-approver-ids: expected at most 100",
        ),
        (words(Submission::parse(step(ID), Some("x"), None, false).unwrap_err()), "submitter-id: expected a record Id"),
        (words(Submission::parse(step(ID), None, Some("a b".into()), false).unwrap_err()), "process: expected the Id"),
        (words(Submission::parse(step(ID), None, None, true).unwrap_err()), "skip-entry-criteria: expected false"),
    ] {
        assert!(message.starts_with(expected), "{message}, and not: {expected}");
    }
}

fn call(method: Method, body: Option<&str>) -> Result<Call> {
    let query = [Parameter::parse(0, "a".into(), "x y".into())?];
    Call::parse(method, &RestPath::parse("orders/7")?, &query, body.map(Into::into))
}

fn typed(status: u16, content_type: &str, body: &[u8]) -> Response {
    let mut response = answer(status, "");
    response.headers[0].1 = content_type.as_bytes().to_vec();
    response.body = body.to_vec();
    response
}

fn rest(script: &mut Script, method: Method, body: Option<&str>) -> Result<Answer> {
    apex_rest(script, &connection(), &call(method, body)?, &options())
}

#[test]
fn a_class_answers_with_any_body() {
    for (content_type, body, expected) in [
        ("application/json;charset=UTF-8", r#" {"n":1.50}"#, Body::Json(r#"{"n":1.50}"#.into())),
        ("application/problem+json", "null", Body::Json("null".into())),
        ("application/json", "not json", Body::Text("not json".into())),
        ("application/xml", "<a/>", Body::Text("<a/>".into())),
        ("text/plain", "{}", Body::Text("{}".into())),
        ("application/json", "", Body::Empty),
    ] {
        let mut script = Script::new([Ok(typed(202, content_type, body.as_bytes()))]);
        let given = rest(&mut script, Method::Put, Some("[1.0]")).unwrap();
        assert_eq!((given.status, given.body, given.usage.unwrap().used), (202, expected, 18));
        assert_eq!(given.content_type.as_deref(), Some(content_type));
        let (method, url, sent) = &script.requests[0];
        assert_eq!((*method, sent.as_str()), (Method::Put, "[1.0]"));
        assert_eq!(url, "https://example.my.salesforce.com/services/apexrest/orders/7?a=x+y");
    }
    let error = rest(&mut Script::new([Ok(typed(200, "text/plain", b"\xff"))]), Method::Get, None).unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
    let mut script = Script::new([Ok(answer(200, "{}"))]);
    rest(&mut script, Method::Post, None).unwrap();
    assert!(script.headers[0].contains(&("content-length", b"0".to_vec())), "of no body");
}

#[test]
fn only_a_get_is_sent_again() {
    let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, "1"))]);
    assert_eq!(rest(&mut script, Method::Get, None).unwrap().body, Body::Json("1".into()));
    for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
        let mut script = Script::new([Err(Failure::Interrupted)]);
        let error = rest(&mut script, method, None).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1), "{method:?}");
    }
}

#[test]
fn a_refusal_is_salesforces_or_the_classs_own() {
    let own = |code: &str| format!(r#"[{{"errorCode":"{code}","message":"m"}}]"#);
    let custom = r#"{"reason":"no stock","left":9007199254740993}"#;
    use ErrorKind::{NotFound, RateLimited, Rejected, SessionExpired, Unavailable};
    use Outcome::{Rejected as Refused, Unknown};
    for (status, body, on_read, on_write, detail) in [
        (404, own("NOT_FOUND"), (NotFound, Refused), (NotFound, Refused), false),
        (405, own("METHOD_NOT_ALLOWED"), (Rejected, Refused), (Rejected, Refused), false),
        (401, own("INVALID_SESSION_ID"), (SessionExpired, Refused), (SessionExpired, Refused), false),
        (500, own("APEX_ERROR"), (Rejected, Refused), (Rejected, Refused), false),
        (400, own("OUT_OF_STOCK"), (Rejected, Refused), (Rejected, Unknown), true),
        (401, custom.into(), (Rejected, Refused), (Rejected, Unknown), true),
        (403, custom.into(), (Rejected, Refused), (Rejected, Unknown), true),
        (404, custom.into(), (Rejected, Refused), (Rejected, Unknown), true),
        (409, custom.into(), (Rejected, Refused), (Rejected, Unknown), true),
        (422, "text".into(), (Rejected, Refused), (Rejected, Unknown), false),
        (429, custom.into(), (RateLimited, Refused), (RateLimited, Unknown), true),
    ] {
        for (method, expected) in [(Method::Get, on_read), (Method::Post, on_write)] {
            let times = if status == 429 && method == Method::Get { 10 } else { 1 };
            let mut script = Script::new::<10>(std::array::from_fn(|_| Ok(answer(status, &body))));
            let error = rest(&mut script, method, None).unwrap_err();
            assert_eq!(((error.kind, error.outcome), script.sent()), (expected, times), "{status} {body} {method:?}");
            assert_eq!((error.status, error.detail), (Some(status), detail.then(|| body.clone())), "{status} {body}");
        }
    }
    let error = rest(&mut Script::new([Ok(answer(503, custom))]), Method::Patch, None).unwrap_err();
    assert_eq!(decision(&error), (Unavailable, Unknown, false));
    let echo = r#"{"echo":"00D!TOKEN-SENTINEL"}"#;
    let error = rest(&mut Script::new([Ok(answer(400, echo))]), Method::Post, None).unwrap_err();
    assert_eq!(error.detail.as_deref(), Some(r#"{"echo":"[redacted]"}"#));
}

#[test]
fn what_apex_rest_does_not_take_is_refused() {
    for (method, body, words) in [
        (Method::Get, Some("{}"), "body: expected none"),
        (Method::Delete, Some("{}"), "body: expected none"),
        (Method::Post, Some(""), "body: expected one JSON value"),
        (Method::Post, Some("{}x"), "body: expected one JSON value"),
    ] {
        assert!(call(method, body).unwrap_err().message.starts_with(words), "{method:?} {body:?}");
    }
    let query: Vec<_> = (0..101).map(|index| Parameter::parse(index, "a".into(), String::new()).unwrap()).collect();
    let error = Call::parse(Method::Get, &RestPath::parse("o").unwrap(), &query, None).unwrap_err();
    assert!(error.message.starts_with("query: expected at most 100"));
}

//! Whole calls: what is sent, and what is made of answers.

mod graphs;

use super::*;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::external_id::ExternalId;
use crate::core::http::{Failure, Method};
use crate::core::name::{FieldName, ObjectName};
use crate::core::record_id::RecordId;
use crate::core::records::parse_fields;
use crate::core::script::{Script, answer};
use crate::core::soql::Query;

const ID: &str = "001D000000IqhSLIAZ";
const SAVED: &str = r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[]}"#;
const UNDONE: &str = r#"[{"errorCode":"PROCESSING_HALTED","message":"The transaction was rolled back since another operation in the same transaction failed."}]"#;
const NO_VALUE: &str =
    r#"[{"errorCode":"PROCESSING_HALTED","message":"Invalid reference specified. No value for a.id found in a"}]"#;
const REFUSED: &str = r#"[{"errorCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [LastName]","fields":["LastName"]}]"#;

fn connection() -> Connection {
    Connection::parse("https://example.my.salesforce.com", "00D!TOKEN-SENTINEL", None).unwrap()
}

fn object() -> ObjectName {
    ObjectName::parse("Contact").unwrap()
}

fn referring(pairs: &[(&str, &str)]) -> Result<Vec<ReferringField>> {
    let field = |(field, value): &(&str, &str)| {
        Ok(ReferringField { field: FieldName::parse(field)?, value: Reference::parse("value", value)? })
    };
    pairs.iter().map(field).collect()
}

fn create(fields: &str, references: &[(&str, &str)]) -> Result<Action> {
    Ok(Action::Create { object: object(), fields: fields.into(), references: referring(references)? })
}

fn update(key: &str) -> Result<Action> {
    Ok(Action::Update { object: object(), key: which(key)?, fields: "{}".into(), references: Vec::new() })
}

fn which(key: &str) -> Result<Which> {
    Ok(if key == ID {
        Which::Id(RecordId::parse("key.id", key)?)
    } else {
        Which::Reference(Reference::parse("key", key)?)
    })
}

fn upsert(value: &str) -> Result<Action> {
    let external_id = ExternalId::parse("ERP_Id__c", value)?;
    Ok(Action::Upsert { object: object(), external_id, fields: "{}".into(), references: Vec::new(), update_only: true })
}

fn delete(key: &str) -> Result<Action> {
    Ok(Action::Delete { object: object(), key: which(key)? })
}

fn read(key: &str, fields: &[&str]) -> Result<Action> {
    let fields = parse_fields(&fields.iter().map(|field| field.to_string()).collect::<Vec<_>>())?;
    Ok(Action::Read { object: object(), key: which(key)?, fields })
}

fn query(soql: &str) -> Result<Action> {
    Query::parse(soql, &[], false, None, None).map(Action::Query)
}

fn parts(mut parts: Parts, list: Vec<(&str, Result<Action>)>) -> Result<Parts> {
    list.into_iter().try_for_each(|(name, action)| parts.push(name, || action))?;
    Ok(parts)
}

fn run(script: &mut Script, list: Vec<(&str, Result<Action>)>, all_or_none: bool) -> Result<Composed> {
    let options = CallOptions::parse(None, None, None).unwrap();
    composite(script, &connection(), &parts(Parts::of_composite(), list)?, all_or_none, &options)
}

fn entry(name: &str, status: u16, body: &str) -> String {
    format!(r#"{{"body":{body},"httpHeaders":{{}},"httpStatusCode":{status},"referenceId":"{name}"}}"#)
}

fn answers(entries: &[String]) -> Script {
    Script::new([Ok(answer(200, &format!(r#"{{"compositeResponse":[{}]}}"#, entries.join(","))))])
}

fn decisions(results: &[Result<Gave>]) -> Vec<Option<(ErrorKind, Outcome)>> {
    results.iter().map(|result| result.as_ref().err().map(|error| (error.kind, error.outcome))).collect()
}

fn refused(list: Vec<(&str, Result<Action>)>) -> String {
    let error = run(&mut Script::new([]), list, false).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent), "{}", error.message);
    error.message
}

#[test]
fn parts_are_sent_in_order_with_their_references() {
    let list = || {
        vec![
            ("a", create(" {\"N\":0.10000000000000000001}\n", &[])),
            ("b", create("{}", &[("AccountId", "a.id")])),
            ("c", create("{\"X\":{\"Y\":{}}}", &[("AccountId", "a.id"), ("ReportsToId", "b.id")])),
            ("d", update("b.id")),
            ("e", upsert("a b")),
            ("f", delete(ID)),
            ("g", read("e.id", &["name", "Phone"])),
            ("h", query("SELECT Id FROM A WHERE N = 'a\"b'")),
        ]
    };
    let page = r#"{"totalSize":1,"done":true,"records":[{"Id":"x"}]}"#;
    let mut script = answers(&[
        entry("h", 200, page),
        entry("a", 201, SAVED),
        entry("b", 201, SAVED),
        entry("c", 201, SAVED),
        entry("d", 204, "null"),
        entry("e", 200, r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[],"created":false}"#),
        r#"{"httpStatusCode":204,"referenceId":"f"}"#.to_owned(),
        entry("g", 200, r#"{"attributes":{},"Name":"N","Phone":null}"#),
    ]);
    let composed = run(&mut script, list(), true).unwrap();
    let (method, url, body) = &script.requests[0];
    assert_eq!(
        (*method, url.as_str()),
        (Method::Post, "https://example.my.salesforce.com/services/data/v67.0/composite")
    );
    let expected = [
        r#"{"allOrNone":true,"collateSubrequests":false,"compositeRequest":["#,
        r#"{"method":"POST","url":"/services/data/v67.0/sobjects/Contact","referenceId":"a","body":{"N":0.10000000000000000001}},"#,
        r#"{"method":"POST","url":"/services/data/v67.0/sobjects/Contact","referenceId":"b","body":{"AccountId":"@{a.id}"}},"#,
        r#"{"method":"POST","url":"/services/data/v67.0/sobjects/Contact","referenceId":"c","body":{"X":{"Y":{}},"AccountId":"@{a.id}","ReportsToId":"@{b.id}"}},"#,
        r#"{"method":"PATCH","url":"/services/data/v67.0/sobjects/Contact/@{b.id}","referenceId":"d","body":{}},"#,
        r#"{"method":"PATCH","url":"/services/data/v67.0/sobjects/Contact/ERP_Id__c/a%20b?updateOnly=true","referenceId":"e","body":{}},"#,
        r#"{"method":"DELETE","url":"/services/data/v67.0/sobjects/Contact/001D000000IqhSLIAZ","referenceId":"f"},"#,
        r#"{"method":"GET","url":"/services/data/v67.0/sobjects/Contact/@{e.id}?fields=name,Phone","referenceId":"g"},"#,
        r#"{"method":"GET","url":"/services/data/v67.0/query?q=SELECT+Id+FROM+A+WHERE+N+%3D+'a%22b'","referenceId":"h"}]}"#,
    ];
    assert_eq!(body, &expected.concat());
    assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    assert_eq!(composed.usage.unwrap().used, 18);
    let gave: Vec<Gave> = composed.results.into_iter().map(Result::unwrap).collect();
    assert!(matches!(&gave[0], Gave::Saved(saved) if saved.id == ID && saved.created));
    assert_eq!(gave[3..6].iter().map(|gave| matches!(gave, Gave::Saved(_))).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((&gave[3], &gave[5]), (&Gave::Updated, &Gave::Deleted));
    assert_eq!(gave[6], Gave::Values(r#"{"name":"N","Phone":null}"#.into()));
    assert!(matches!(&gave[7], Gave::Records(page) if page.records == r#"[{"Id":"x"}]"#));
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let a = || ("a", create("{}", &[]));
    for (list, words) in [
        (vec![], "subrequests: expected 1 to 25 parts"),
        (vec![a(), ("a", update(ID))], "subrequests[1].reference-id: expected one that no part before"),
        (vec![("", update(ID))], "subrequests[0].reference-id: expected a letter or a digit"),
        (vec![("a}", update(ID))], "subrequests[0].reference-id: expected a letter or a digit"),
        (vec![a(), ("b", create("[]", &[]))], "subrequests[1].fields: expected one JSON object"),
        (vec![a(), ("b", create("{\"N\":1,\"n\":2}", &[]))], "subrequests[1].fields: expected n once"),
        (vec![a(), ("b", create(r#"{"N":"@{a.id}"}"#, &[]))], "subrequests[1].fields: expected no text with @{"),
        (vec![a(), ("b", create(r#"{"N":"\u0040{a.id}"}"#, &[]))], "subrequests[1].fields: expected no text with @{"),
        (vec![a(), ("b", create("{\"x\":1}", &[("X", "a.id")]))], "subrequests[1].references: expected X once"),
        (vec![a(), ("b", create("{}", &[("X", "a.id"), ("x", "a.id")]))], "subrequests[1].references: expected x once"),
        (vec![a(), ("b", create("{}", &[("X", "a.Id")]))], "subrequests[1].references[0].value: expected the id of"),
        (
            vec![a(), ("b", create("{}", &[("X", "A.id")]))],
            "subrequests[1].references[0].value: expected a reference to a",
        ),
        (vec![a(), ("b", update("b.id"))], "subrequests[1].key.reference: expected a reference to a part that stands"),
        (vec![("b", update("a.id")), a()], "subrequests[0].key.reference: expected a reference to a part that stands"),
        (vec![("a", update(ID)), ("b", delete("a.id"))], "subrequests[1].key.reference: expected no reference to an"),
        (vec![("a", upsert("x@{y"))], "subrequests[0].external-id.value: expected no text with @{"),
        (vec![("a", read(ID, &["Owner.Name"]))], "subrequests[0].fields: expected fields of the record alone"),
        (vec![("a", read(ID, &[]))], "subrequests[0].fields: expected 1 to 500"),
        (vec![("a", query(" "))], "subrequests[0].soql: expected a query"),
        (vec![("a", query("SELECT Id FROM A WHERE N = '@{a.id}'"))], "subrequests[0].soql: expected no text with @{"),
    ] {
        let message = refused(list);
        assert!(message.starts_with(words), "{message}, and not: {words}");
    }
    let names: Vec<String> = (0..26).map(|number| format!("p{number}")).collect();
    let many = |count: usize, action: fn() -> Result<Action>| {
        names.iter().take(count).map(|name| (name.as_str(), action())).collect()
    };
    assert_eq!(refused(many(26, || update(ID))), "subrequests: expected 1 to 25 parts");
    assert_eq!(refused(many(6, || query("SELECT Id FROM A"))), "subrequests: expected at most 5 queries");
}

#[test]
fn parts_that_fail_leave_the_others_as_they_are_and_those_that_refer_to_them_are_not_run() {
    let list = vec![
        ("a", create("{}", &[])),
        ("b", create("{}", &[("AccountId", "a.id")])),
        ("d", create("{}", &[])),
        ("e", read(ID, &["Nothing__c"])),
        ("f", create("{}", &[("X", "e.Nothing__c")])),
        ("g", create("{}", &[("X", "d.id")])),
    ];
    let unknown_field = r#"[{"errorCode":"INVALID_FIELD","message":"No such column"}]"#;
    let mut script = answers(&[
        entry("a", 400, REFUSED),
        entry("b", 400, NO_VALUE),
        entry("d", 201, SAVED),
        entry("e", 400, unknown_field),
        entry("f", 400, NO_VALUE),
        entry("g", 400, NO_VALUE),
    ]);
    let results = run(&mut script, list, false).unwrap().results;
    let rejected = |kind| Some((kind, Outcome::Rejected));
    assert_eq!(
        decisions(&results),
        [
            rejected(ErrorKind::InvalidRecord),
            rejected(ErrorKind::NotRun),
            None,
            rejected(ErrorKind::InvalidQuery),
            rejected(ErrorKind::NotRun),
            rejected(ErrorKind::Rejected),
        ]
    );
    let error = results[0].as_ref().unwrap_err();
    assert_eq!((error.status, error.problems[0].fields.as_slice()), (Some(400), &["LastName".to_string()][..]));
}

#[test]
fn what_was_undone_is_told_from_what_was_never_tried() {
    let list = || vec![("a", create("{}", &[])), ("b", create("{}", &[])), ("c", create("{}", &[("X", "a.id")]))];
    let halted = |cause: usize, body: &str| {
        let status = |place: usize, name: &str| entry(name, 400, if place == cause { body } else { UNDONE });
        let entries: Vec<_> = ["a", "b", "c"].iter().enumerate().map(|(place, name)| status(place, name)).collect();
        run(&mut answers(&entries), list(), true).unwrap().results
    };
    let kinds = |results: &[Result<Gave>]| -> Vec<_> {
        decisions(results)
            .into_iter()
            .map(|decision| decision.filter(|(_, outcome)| *outcome == Outcome::Rejected).unwrap().0)
            .collect()
    };
    use ErrorKind::{InvalidRecord, NotRun, Rejected, RolledBack};
    assert_eq!(kinds(&halted(0, REFUSED)), [InvalidRecord, NotRun, NotRun]);
    assert_eq!(kinds(&halted(1, REFUSED)), [RolledBack, InvalidRecord, NotRun]);
    assert_eq!(kinds(&halted(2, REFUSED)), [RolledBack, RolledBack, InvalidRecord]);
    assert_eq!(kinds(&halted(2, NO_VALUE)), [RolledBack, RolledBack, Rejected], "its reference led nowhere");
    assert_eq!(kinds(&halted(9, "")), [RolledBack; 3]);
    let mut script = answers(&[entry("a", 201, SAVED), entry("b", 400, REFUSED), entry("c", 400, UNDONE)]);
    let results = run(&mut script, list(), true).unwrap().results;
    assert_eq!(decisions(&results)[0], Some((ErrorKind::InvalidResponse, Outcome::Unknown)), "it cannot be done");
}

#[test]
fn a_part_whose_answer_is_missing_doubled_or_odd_is_unknown_alone() {
    let list = || vec![("a", create("{}", &[])), ("b", update(ID)), ("c", delete(ID)), ("d", read(ID, &["Name"]))];
    let good = || {
        vec![entry("a", 201, SAVED), entry("b", 204, "null"), entry("c", 204, "null"), entry("d", 200, r#"{"Name":1}"#)]
    };
    assert!(run(&mut answers(&good()), list(), false).unwrap().results.iter().all(Result::is_ok));
    for (place, odd) in [
        (0, entry("a", 200, SAVED)),
        (0, entry("a", 201, "null")),
        (0, entry("a", 201, r#"{"id":"x","success":true}"#)),
        (0, entry("a", 99, SAVED)),
        (0, entry("a", 201, SAVED).replace("201", "65737")),
        (0, r#"{"referenceId":"a"}"#.into()),
        (0, [entry("a", 201, SAVED), entry("a", 201, SAVED)].join(",")),
        (1, entry("b", 200, "null")),
        (2, entry("c", 200, SAVED)),
        (3, entry("d", 200, "{}")),
        (3, entry("d", 200, "[]")),
        (3, entry("d", 302, "null")),
    ] {
        let mut entries = good();
        entries[place] = odd;
        let results = run(&mut answers(&entries), list(), false).unwrap().results;
        let mut expected = vec![None; 4];
        expected[place] = Some((ErrorKind::InvalidResponse, Outcome::Unknown));
        assert_eq!(decisions(&results), expected, "{}", entries[place]);
        assert!(!results[place].as_ref().unwrap_err().retryable);
    }
    let results = run(&mut answers(&good()[..3]), list(), false).unwrap().results;
    assert_eq!(decisions(&results)[3], Some((ErrorKind::InvalidResponse, Outcome::Unknown)));
    let mut entries = good();
    entries[1] = entry("b", 503, "null");
    let error = run(&mut answers(&entries), list(), false).unwrap().results.remove(1).unwrap_err();
    assert_eq!((error.kind, error.outcome, error.retryable), (ErrorKind::Unavailable, Outcome::Unknown, false));
}

#[test]
fn an_answer_to_another_request_is_no_answer() {
    let list = || vec![("a", create("{}", &[])), ("b", read(ID, &["Name"]))];
    for body in [
        "",
        "[]",
        "{}",
        r#"{"compositeResponse":{}}"#,
        r#"{"compositeResponse":[1]}"#,
        &format!(r#"{{"compositeResponse":[{}]}}"#, entry("A", 201, SAVED)),
        r#"{"compositeResponse":[{"httpStatusCode":200,"body":null}]}"#,
    ] {
        let error = run(&mut Script::new([Ok(answer(200, body))]), list(), false).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{body}");
        assert!(error.message.ends_with("; that leaves open 1 writes, of 2 parts"), "{}", error.message);
    }
    let too_many = r#"{"compositeResponse":[{"body":[{"errorCode":"LIMIT_EXCEEDED","message":"m"}],"httpStatusCode":400,"referenceId":null}]}"#;
    let error = run(&mut Script::new([Ok(answer(200, too_many))]), list(), false).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::LimitExceeded, Outcome::Rejected));
}

#[test]
fn only_reads_are_sent_again() {
    let reads = || vec![("a", read(ID, &["Name"])), ("b", query("SELECT Id FROM A"))];
    let page = r#"{"totalSize":0,"done":true,"records":[]}"#;
    let entries = [entry("a", 200, r#"{"Name":1}"#), entry("b", 200, page)].join(",");
    let done = answer(200, &format!(r#"{{"compositeResponse":[{entries}]}}"#));
    let mut script = Script::new([Err(Failure::Interrupted), Ok(done)]);
    assert!(run(&mut script, reads(), true).is_ok());
    assert_eq!(script.sent(), 2);
    for action in [create("{}", &[]), update(ID), upsert("x"), delete(ID)] {
        let mut script = Script::new([Err(Failure::Interrupted)]);
        let list = vec![("a", action), ("b", read(ID, &["Name"]))];
        let error = run(&mut script, list, false).unwrap_err();
        assert_eq!((error.outcome, error.retryable, script.sent()), (Outcome::Unknown, false, 1));
        assert!(error.message.contains("leaves open 1 writes"), "{}", error.message);
    }
    let mut script = Script::new([Err(Failure::Unreachable), Ok(answer(400, REFUSED))]);
    let error = run(&mut script, vec![("a", update(ID))], false).unwrap_err();
    assert_eq!((error.outcome, script.sent()), (Outcome::Rejected, 2));
}

#[test]
fn an_echoed_token_is_taken_out_of_a_parts_error() {
    let echo = r#"[{"errorCode":"X","message":"bad 00D!TOKEN-SENTINEL"}]"#;
    let results = run(&mut answers(&[entry("a", 400, echo)]), vec![("a", update(ID))], false).unwrap().results;
    let error = results[0].as_ref().unwrap_err();
    assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
}

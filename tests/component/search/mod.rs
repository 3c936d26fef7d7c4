//! Search: no text changes what is searched, or what is told.

use std::collections::HashSet;

use mock_salesforce::Fault;
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Value, json};

use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{Fixture, decision, refused};

const SEARCH: &str = "/services/data/v67.0/search";
const PARAMETERIZED: &str = "/services/data/v67.0/parameterizedSearch";

fn typed(text: &str) -> Value {
    let objects = json!([{"object": "Account", "fields": ["Name"]}]);
    json!({"text": text, "request": {"objects": objects, "scope": "name"}})
}

fn sosl(term: &str) -> Value {
    json!({"sosl": "FIND {:t} IN NAME FIELDS RETURNING Account(Name)", "parameters": {"t": term}})
}

/// The names that were found, of accounts alone and nothing else of them.
fn names(found: &Value) -> Vec<String> {
    let records = found["records"].as_array().unwrap();
    assert_eq!(found["count"], records.len());
    let name = |record: &Value| {
        assert_eq!(
            (&record["attributes"]["type"], record.as_object().unwrap().len()),
            (&json!("Account"), 2),
            "{record}"
        );
        record["Name"].as_str().unwrap().to_owned()
    };
    records.iter().map(name).collect()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[tokio::test]
async fn both_find_records_by_their_text() {
    let fixture = Fixture::start().await;
    for (action, input) in [
        ("search", typed("O'Brien & Söhne")),
        ("sosl-search", sosl("O'Brien & Söhne")),
        ("search", typed("\"quote\" double")),
        ("sosl-search", sosl("\"quote\" double")),
    ] {
        let found = fixture.act(action, &input, DEFAULTS).await.unwrap();
        assert_eq!(names(&found).len(), 1, "{input}");
        assert!(found["usage"]["used"].is_u64());
    }
    let limited =
        json!({"objects": [{"object": "Account", "fields": ["Id"], "limit": 3}, {"object": "Contact"}], "limit": 4});
    let found = fixture.act("search", &json!({"text": "steel", "request": limited}), DEFAULTS).await.unwrap();
    assert_eq!(found["count"], 3);
    let anywhere = fixture.act("search", &json!({"text": "steel", "request": {"limit": 2}}), DEFAULTS).await.unwrap();
    assert_eq!(anywhere["count"], 2);
    let bound = json!({
        "sosl": "FIND {:t*} RETURNING Account(Name WHERE Name = :n), Contact LIMIT 5",
        "parameters": {"t": "brie", "n": "O'Brien & Söhne GmbH"},
    });
    let found = fixture.act("sosl-search", &bound, DEFAULTS).await.unwrap();
    assert_eq!(found["records"][0]["Name"], "O'Brien & Söhne GmbH");
}

#[tokio::test]
async fn f123_a_term_has_what_sosl_gives_meaning_to() {
    const PIECES: [&str; 24] = [
        "alpha",
        "beta",
        "OR",
        "AND",
        "not",
        "}",
        "{",
        "\"",
        "'",
        "\\",
        "*",
        "?",
        "(",
        ")",
        "-",
        "+",
        "&",
        "|",
        "!",
        ":t",
        "~",
        "^",
        " IN ALL FIELDS RETURNING User(Email) ",
        "gamma",
    ];
    let fixture = Fixture::start().await;
    for name in ["alpha", "beta", "gamma", "alpha beta", "alpha or beta", "alpha beta gamma not"] {
        let record = json!({"Name": name});
        fixture.mock.org(|org| org.add_record("Account", record.as_object().unwrap())).unwrap();
    }
    let mut state = 11_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut met = HashSet::new();
    for _ in 0..300 {
        let pieces: Vec<_> =
            (0..1 + below(5)).map(|_| [PIECES[below(PIECES.len())], ["", " "][below(2)]].concat()).collect();
        let term = pieces.concat();
        let asked = words(&term);
        for (action, input) in [("search", typed(&term)), ("sosl-search", sosl(&term))] {
            let found = fixture.act(action, &input, DEFAULTS).await;
            if asked.iter().map(String::len).sum::<usize>() < 2 {
                let kind = refused(found).kind;
                assert!(matches!(kind, ErrorKind::InvalidArgument | ErrorKind::InvalidQuery), "{term}: {kind:?}");
                continue;
            }
            let found = names(&found.unwrap());
            // A record is found only if it has all the words, and always if it has them in their order and no others.
            for name in &found {
                assert!(asked.iter().all(|word| words(name).contains(word)), "{action} {term:?} found {name}");
            }
            let own = asked.join(" ");
            if ["alpha", "alpha beta", "alpha or beta"].contains(&own.as_str()) {
                assert!(found.contains(&own), "{action} {term:?} did not find {own}");
                met.insert(own);
            }
        }
    }
    assert!(met.len() >= 2, "{met:?}");
}

#[tokio::test]
async fn what_is_no_search_is_refused() {
    let fixture = Fixture::start().await;
    for (action, input) in [
        ("search", typed(" \"*\" ")),
        ("search", json!({"text": "acme", "request": {"objects": [{"object": "Account\""}]}})),
        ("search", json!({"text": "acme", "request": {"limit": 2_001}})),
        ("sosl-search", json!({"sosl": "SELECT Id FROM Account", "parameters": {}})),
        ("sosl-search", json!({"sosl": "FIND {acme", "parameters": {}})),
        ("sosl-search", json!({"sosl": "FIND {:t}", "parameters": {}})),
        ("sosl-search", json!({"sosl": "FIND {:t}", "parameters": {"t": 5}})),
    ] {
        let error = refused(fixture.act(action, &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{input}");
    }
    assert_eq!(fixture.requests(), 0);
    for (action, input) in [
        ("search", typed("a")),
        ("sosl-search", sosl("a")),
        ("search", json!({"text": "acme", "request": {"objects": [{"object": "Nothing__c"}]}})),
        ("search", json!({"text": "acme", "request": {"objects": [{"object": "Account", "fields": ["Nothing__c"]}]}})),
        ("sosl-search", json!({"sosl": "FIND {acme} RETURNING Account(Nothing__c)", "parameters": {}})),
        ("sosl-search", json!({"sosl": "FIND {acme} FOR EVER", "parameters": {}})),
    ] {
        let error = refused(fixture.act(action, &input, DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidQuery, Outcome::Rejected, false), "{input}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_a_hostile_one_is_refused() {
    let fixture = Fixture::start().await;
    for (action, input, path) in [("search", typed("acme"), PARAMETERIZED), ("sosl-search", sosl("acme"), SEARCH)] {
        fixture.fault(path, Fault::ResetAfterWork);
        assert!(fixture.act(action, &input, DEFAULTS).await.is_ok());
        fixture.fault(path, Fault::ResetAfterWork);
        let error = refused(fixture.act(action, &input, ONCE).await);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true), "{action}");
        for body in [json!([]), json!({}), json!({"searchRecords": [1]}), json!({"searchRecords": null})] {
            fixture.fault(path, Fault::json(200, &body));
            let error = refused(fixture.act(action, &input, DEFAULTS).await);
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown), "{action}");
        }
    }
    assert_eq!(fixture.writes(), []);
}

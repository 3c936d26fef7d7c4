//! Graphs: each is saved whole or not at all.

use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::json;

use super::{account, contact, kinds, refused_part, told};
use crate::calls::DEFAULTS;
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn a_graph_that_fails_is_undone_alone() {
    let fixture = Fixture::start().await;
    let good = json!([account("Acme"), contact("Zoe", "Acme.id")]);
    let mut bad = json!([account("Bolt"), refused_part("Yan"), contact("Child", "Yan.id")]);
    bad[2]["action"]["create"]["references"][0]["field"] = json!("ReportsToId");
    let input = json!({"graphs": [
        {"graph_id": "bad", "subrequests": bad},
        {"graph_id": "good-1", "subrequests": good},
    ]});
    let given = fixture.act("graph", &input, DEFAULTS).await.unwrap();
    let graphs = &given["graphs"];
    told(&fixture, &["Account", "Contact"], &graphs[1]["results"]);
    assert_eq!((&graphs[0]["graph_id"], &graphs[0]["successful"]), (&json!("bad"), &json!(false)));
    assert_eq!(kinds(&graphs[0]["results"]), ["rolled-back", "invalid-record", "not-run"]);
    assert_eq!((&graphs[1]["graph_id"], &graphs[1]["successful"]), (&json!("good-1"), &json!(true)));
    assert_eq!(kinds(&graphs[1]["results"]), ["ok", "ok"]);
    assert_eq!(fixture.writes().len(), 2);
    assert!(given["usage"]["used"].is_u64());
}

#[tokio::test]
async fn graphs_after_too_many_failures_were_not_tried() {
    let fixture = Fixture::start().await;
    let graph = |number: usize| json!({"graph_id": format!("g{number}"), "subrequests": [refused_part("a")]});
    let graphs: Vec<_> =
        (0..15).map(graph).chain([json!({"graph_id": "last", "subrequests": [account("A")]})]).collect();
    let given = fixture.act("graph", &json!({"graphs": graphs}), DEFAULTS).await.unwrap();
    assert_eq!(kinds(&given["graphs"][13]["results"]), ["invalid-record"]);
    assert_eq!(kinds(&given["graphs"][14]["results"]), ["not-run"]);
    assert_eq!(kinds(&given["graphs"][15]["results"]), ["not-run"]);
    assert_eq!(fixture.writes(), []);
}

#[tokio::test]
async fn what_is_no_graph_is_refused_before_anything_leaves() {
    let fixture = Fixture::start().await;
    let query = json!({"reference_id": "a", "action": {"query": {"soql": "SELECT Id FROM Account"}}});
    for (graphs, words) in [
        (json!([]), "graphs: expected 1 to 75 graphs"),
        (json!([{"graph_id": "a.b", "subrequests": [account("A")]}]), "graphs[0].graph_id: expected 1 to 39"),
        (
            json!([{"graph_id": "a", "subrequests": [query]}]),
            "graphs[0].subrequests[0].action: expected an action on a",
        ),
        (json!([{"graph_id": "a", "subrequests": []}]), "graphs[0].subrequests: expected 1 to 500 parts"),
    ] {
        let error = refused(fixture.act("graph", &json!({"graphs": graphs}), DEFAULTS).await);
        assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false), "{}", error.message);
        assert!(error.message.starts_with(words), "{}, and not: {words}", error.message);
    }
    assert_eq!(fixture.requests(), 0);
}

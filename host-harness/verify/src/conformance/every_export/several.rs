//! Functions that do several things in one request.

use serde_json::{Value as Json, json};

use super::{Seen, Trial};
use crate::conformance::expect::{Checked, expect};
use crate::conformance::material::{letters, small, word};

/// An account, and a contact that refers to it.
fn family(create: &str) -> (String, Json) {
    let name = format!("{} {} {}", word(), word(), letters(6));
    let account = json!({"create": {"object": "Account", "fields": {"Name": name}}});
    let references = json!([{"field": "AccountId", "value": format!("{create}.id")}]);
    let contact = json!({"object": "Contact", "fields": {"LastName": name}, "references": references});
    let contact = json!({"reference_id": format!("{create}_2"), "action": {"create": contact}});
    (name, json!([{"reference_id": create, "action": account}, contact]))
}

/// Holds the Ids that were given against the writes of the org.
fn expect_saved(trial: &Trial<'_>, results: &Json) -> Checked {
    let told = |place: &str| results.pointer(place).and_then(Json::as_str).map(str::to_owned);
    let told = vec![told("/0/ok/saved/id"), told("/1/ok/saved/id")];
    let ledger = trial.bench.mock.ledger();
    let mut made: Vec<_> = ledger.writes().map(|write| Some(write.id.clone())).collect();
    let made = made.split_off(made.len().saturating_sub(2));
    expect(told == made, || "the Ids of the two records that were made".to_owned())
}

pub(super) async fn composite(trial: &Trial<'_>) -> Checked<Seen> {
    let part = letters(5);
    let (name, mut subrequests) = family(&part);
    let key = json!({"reference": format!("{part}.id")});
    let read = json!({"read": {"object": "Account", "key": key, "fields": ["Name"]}});
    if let Some(subrequests) = subrequests.as_array_mut() {
        subrequests.push(json!({"reference_id": "read", "action": read}));
    }
    let input = json!({"subrequests": subrequests, "all_or_none": small(2) == 0});
    let given = trial.bench.done("composite", trial.act("composite", &input).await)?;
    let results = given.json.get("results").cloned().unwrap_or_default();
    expect_saved(trial, &results)?;
    let read = results.pointer("/2/ok/values/Name").and_then(Json::as_str);
    expect(read == Some(name.as_str()), || "the name that was given to a record in the same request".to_owned())?;
    Ok(Seen { sent: vec![("POST", trial.data("composite"))], gave: String::new() })
}

pub(super) async fn graph(trial: &Trial<'_>) -> Checked<Seen> {
    let (_, subrequests) = family(&letters(5));
    let input = json!({"graphs": [{"graph_id": letters(7), "subrequests": subrequests}]});
    let given = trial.bench.done("graph", trial.act("graph", &input).await)?;
    let graph = given.json.pointer("/graphs/0").cloned().unwrap_or_default();
    expect(graph.get("successful") == Some(&true.into()), || "the graph to be saved".to_owned())?;
    expect_saved(trial, graph.get("results").unwrap_or(&Json::Null))?;
    Ok(Seen { sent: vec![("POST", trial.data("composite/graph"))], gave: String::new() })
}

//! Graphs of records that refer to each other, each all or none.
//!
//! Source: REST API Developer Guide, "Composite Graph".

use std::collections::HashSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::requests::{Requests, Scope};
use super::{Composite, list, text, too_many, unreadable};
use crate::answer::Writes;
use crate::rest::body::JsonObject;
use crate::rest::call::Call;
use crate::{ApiError, answer};

/// The most graphs of a payload.
const GRAPHS: usize = 75;
/// The most nodes of all graphs together.
const NODES: usize = 500;
/// The longest chain of references.
const DEPTH: usize = 15;
/// How many nodes may differ in version, method or object.
const KINDS: usize = 15;
/// After so many failures, the rest is not tried.
const FAILURES: usize = 14;

struct Graph {
    id: String,
    requests: Requests,
}

/// `POST /composite/graph`.
pub(super) async fn graph(
    State(composite): State<Composite>,
    call: Call,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let graphs = list(&mut body, "graphs")?;
    if graphs.len() > GRAPHS {
        return Err(too_many("graphs", GRAPHS, graphs.len()));
    }
    let graphs: Vec<Graph> = graphs.into_iter().map(Graph::parse).collect::<Result<_, _>>()?;
    check(&graphs)?;
    let _turn = composite.rest.turns.write().await;
    let (mut answers, mut writes, mut failures) = (Vec::new(), Vec::new(), 0);
    for graph in graphs {
        let played = if failures < FAILURES {
            graph.requests.play_all_or_none(&composite, &call).await
        } else {
            graph.requests.halted("The graph was not processed because too many graphs before it failed.")
        };
        failures += usize::from(!played.succeeded);
        let answer = json!({
            "graphId": graph.id,
            "graphResponse": played.body(),
            "isSuccessful": played.succeeded,
        });
        answers.push(answer);
        writes.extend(played.writes);
    }
    let mut response = answer::json(StatusCode::OK, &json!({"graphs": answers}));
    response.extensions_mut().insert(Writes(writes));
    Ok(response)
}

impl Graph {
    fn parse(mut item: Map<String, Value>) -> Result<Self, ApiError> {
        let id = text(&mut item, "graphId")?;
        if id.is_empty() || id.chars().count() >= 40 || id.contains('.') {
            return Err(unreadable(format!("graphId {id} must have 1 to 39 characters and no period")));
        }
        Ok(Self { id, requests: Requests::parse(list(&mut item, "compositeRequest")?, Scope::Graph)? })
    }
}

fn check(graphs: &[Graph]) -> Result<(), ApiError> {
    let mut ids = HashSet::new();
    if let Some(twice) = graphs.iter().find(|graph| !ids.insert(graph.id.as_str())) {
        return Err(unreadable(format!("graphId {} is there twice", twice.id)));
    }
    let nodes = graphs.iter().map(|graph| graph.requests.len()).sum();
    let depth = graphs.iter().map(|graph| graph.requests.depth()).max().unwrap_or(0);
    let kinds: HashSet<_> = graphs.iter().flat_map(|graph| graph.requests.kinds()).collect();
    for (what, most, given) in
        [("nodes", NODES, nodes), ("levels of references", DEPTH, depth), ("different nodes", KINDS, kinds.len())]
    {
        if given > most {
            return Err(too_many(what, most, given));
        }
    }
    Ok(())
}

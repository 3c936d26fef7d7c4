//! Records with their children, all of them new, all or none.
//!
//! Source: REST API Developer Guide, "sObject Tree".

use std::collections::HashSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{Composite, list};
use crate::answer::Writes;
use crate::ledger::Write;
use crate::org::{Org, Record};
use crate::rest::body::JsonObject;
use crate::rest::call::Call;
use crate::rest::saved::Saved;
use crate::{ApiError, answer};

/// The most records of a tree.
const RECORDS: usize = 200;
/// The most objects they are of.
const TYPES: usize = 5;
/// The most levels.
const LEVELS: usize = 5;

/// A record to make.
#[derive(Debug)]
struct Node {
    reference_id: String,
    object: String,
    record: Record,
    /// The lookup that leads to the parent, and the place of the parent among all nodes.
    parent: Option<(String, usize)>,
}

/// A record that cannot be made.
#[derive(Debug)]
struct Failure {
    reference_id: String,
    error: ApiError,
}

/// `POST /composite/tree/{object}`.
pub(super) async fn tree(
    State(composite): State<Composite>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let records = list(&mut body, "records")?;
    let _turn = composite.rest.turns.read().await;
    let mut org = composite.rest.site.org();
    let object = org.object(&object)?.name.to_string();
    let mut nodes = Vec::new();
    let parsed = plant(&org, &object, records, None, 1, &mut nodes).and_then(|()| check(&nodes));
    let made = match parsed {
        Ok(()) => org.all_or_none(|org| make(org, &nodes, &call)),
        Err(failure) => Err(vec![failure]),
    };
    drop(org);
    Ok(match made {
        Ok(writes) => {
            let told = |(node, write): (&Node, &Write)| json!({"referenceId": node.reference_id, "id": write.id});
            let results: Vec<Value> = nodes.iter().zip(&writes).map(told).collect();
            let mut response = answer::json(StatusCode::CREATED, &json!({"hasErrors": false, "results": results}));
            response.extensions_mut().insert(Writes(writes));
            response
        }
        Err(failures) => {
            let told = |failure: &Failure| json!({"referenceId": failure.reference_id, "errors": [failure.error.collection_item()]});
            let results: Vec<Value> = failures.iter().map(told).collect();
            answer::json(StatusCode::BAD_REQUEST, &json!({"hasErrors": true, "results": results}))
        }
    })
}

/// Takes records and their children apart, parents first.
fn plant(
    org: &Org,
    object: &str,
    records: Vec<Map<String, Value>>,
    parent: Option<&(String, usize)>,
    level: usize,
    nodes: &mut Vec<Node>,
) -> Result<(), Failure> {
    for mut record in records {
        let attributes = record.remove("attributes").unwrap_or_default();
        let attribute = |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let reference_id = attribute("referenceId");
        let refused = |message: String| {
            let error = ApiError::bad_request("INVALID_INPUT", message);
            Failure { reference_id: reference_id.clone(), error }
        };
        if reference_id.is_empty() {
            return Err(refused("Include a reference ID for each record in the request.".to_owned()));
        }
        if level > LEVELS || nodes.len() == RECORDS {
            return Err(refused(format!("a tree has at most {RECORDS} records in {LEVELS} levels")));
        }
        let named = attribute("type");
        if !named.eq_ignore_ascii_case(object) {
            return Err(refused(format!("the record is of type {named}, at this place stands {object}")));
        }
        let (children, fields): (Vec<_>, Vec<_>) =
            record.into_iter().partition(|(_, value)| value.get("records").is_some());
        let place = nodes.len();
        nodes.push(Node {
            reference_id: reference_id.clone(),
            object: object.to_owned(),
            record: fields.into_iter().collect(),
            parent: parent.cloned(),
        });
        for (relationship, mut value) in children {
            let Some((child, lookup)) = child_of(org, object, &relationship) else {
                return Err(refused(format!("No such relation '{relationship}' on sobject of type {object}")));
            };
            let children = value.as_object_mut().map_or_else(|| Ok(Vec::new()), |value| list(value, "records"));
            let children = children.map_err(|error| Failure { reference_id: reference_id.clone(), error })?;
            plant(org, &child, children, Some(&(lookup, place)), level + 1, nodes)?;
        }
    }
    Ok(())
}

/// The object of a child relationship, and the field by which it looks up to its parent.
fn child_of(org: &Org, object: &str, relationship: &str) -> Option<(String, String)> {
    let is_named = |name: &str| name.eq_ignore_ascii_case(relationship);
    let found = org.lookups_to(object).find(|(_, _, lookup)| lookup.children.is_some_and(is_named));
    let (table, place, _) = found?;
    Some((table.object.name.to_string(), table.object.fields.get(place)?.name.to_string()))
}

fn check(nodes: &[Node]) -> Result<(), Failure> {
    let mut ids = HashSet::new();
    let refused = |node: &Node, message: String| {
        let error = ApiError::bad_request("INVALID_INPUT", message);
        Failure { reference_id: node.reference_id.clone(), error }
    };
    if let Some(twice) = nodes.iter().find(|node| !ids.insert(node.reference_id.as_str())) {
        return Err(refused(twice, "Duplicate ReferenceId provided in the request.".to_owned()));
    }
    let mut types = HashSet::new();
    match nodes.iter().find(|node| types.insert(node.object.as_str()) && types.len() > TYPES) {
        Some(node) => Err(refused(node, format!("a tree has records of at most {TYPES} objects"))),
        None => Ok(()),
    }
}

/// Makes all, or says what is wrong with each that cannot be made. Of the children of such a record nothing is said.
fn make(org: &mut Org, nodes: &[Node], call: &Call) -> Result<Vec<Write>, Vec<Failure>> {
    let mut made: Vec<Option<Write>> = Vec::with_capacity(nodes.len());
    let mut failures = Vec::new();
    for node in nodes {
        let mut record = node.record.clone();
        if let Some((lookup, parent)) = &node.parent {
            let Some(parent) = made.get(*parent).and_then(Option::as_ref) else {
                made.push(None);
                continue;
            };
            record.insert(lookup.clone(), json!(parent.id));
        }
        match Saved::create(org, &node.object, &record, &call.writes) {
            Ok(saved) => made.push(Some(saved.write)),
            Err(error) => {
                failures.push(Failure { reference_id: node.reference_id.clone(), error });
                made.push(None);
            }
        }
    }
    if failures.is_empty() { Ok(made.into_iter().flatten().collect()) } else { Err(failures) }
}

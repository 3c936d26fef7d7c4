//! Several things in one request: each is told by itself, and what one gives another can use.

mod graphs;
mod lost;
mod parts;

use salesforce_runtime::bindings::types::CallOptions;
use serde_json::{Value, json};

use crate::calls::DEFAULTS;
use crate::fixture::Fixture;

const COMPOSITE: &str = "/services/data/v67.0/composite";
const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };

/// A part that creates a record.
fn create(name: &str, object: &str, fields: &Value) -> Value {
    json!({"reference_id": name, "action": {"create": {"object": object, "fields": fields}}})
}

/// A part that creates a contact of the account that another part gives.
fn contact(name: &str, account: &str) -> Value {
    let references = json!([{"field": "AccountId", "value": account}]);
    let create = json!({"object": "Contact", "fields": {"LastName": name}, "references": references});
    json!({"reference_id": name, "action": {"create": create}})
}

fn account(name: &str) -> Value {
    create(name, "Account", &json!({"Name": name}))
}

/// A part that Salesforce refuses.
fn refused_part(name: &str) -> Value {
    create(name, "Contact", &json!({"FirstName": "only"}))
}

/// The kinds of errors; `ok` where there is none.
fn kinds(results: &Value) -> Vec<&str> {
    let results = results.as_array().unwrap().iter();
    results.map(|result| result["error"]["kind"].as_str().unwrap_or("ok")).collect()
}

/// Remembers that a caller was told of these new records.
fn told(fixture: &Fixture, objects: &[&str], results: &Value) {
    for (object, result) in objects.iter().zip(results.as_array().unwrap()) {
        if let Some(id) = result["ok"]["saved"]["id"].as_str() {
            fixture.told.created(object, id);
        }
    }
}

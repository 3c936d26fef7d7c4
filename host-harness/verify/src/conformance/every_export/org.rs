//! What tells of the org itself: its schema, its limits, what its user saw.

use serde_json::{Value as Json, json};

use super::{Seen, Trial};
use crate::conformance::expect::{Checked, expect};

pub(super) async fn list_objects(trial: &Trial<'_>) -> Checked<Seen> {
    describes(trial, "list-objects", json!({}), "sobjects").await
}

pub(super) async fn describe_object(trial: &Trial<'_>) -> Checked<Seen> {
    describes(trial, "describe-object", json!({"object": "Contact"}), "sobjects/Contact/describe").await
}

pub(super) async fn describe_json(trial: &Trial<'_>) -> Checked<Seen> {
    describes(trial, "describe-json", json!({"object": "Contact"}), "sobjects/Contact/describe").await
}

/// A read of the schema.
async fn describes(trial: &Trial<'_>, action: &str, input: Json, path: &str) -> Checked<Seen> {
    let given = trial.bench.done(action, trial.act(action, &input).await)?;
    let told = given.json.get("last_modified").is_some_and(Json::is_string);
    expect(told, || format!("{action} to tell when the schema changed"))?;
    Ok(Seen { sent: vec![("GET", trial.data(path))], gave: without_usage(given.json) })
}

pub(super) async fn org_limits(trial: &Trial<'_>) -> Checked<Seen> {
    let given = trial.bench.done("org-limits", trial.act("org-limits", &json!({})).await)?;
    let limits = given.json.get("limits").and_then(Json::as_array).map_or(0, Vec::len);
    expect(limits > 0, || "org-limits to give the limits of the org".to_owned())?;
    // Each call uses some of it up.
    Ok(Seen { sent: vec![("GET", trial.data("limits"))], gave: limits.to_string() })
}

pub(super) async fn record_counts(trial: &Trial<'_>) -> Checked<Seen> {
    let input = json!({"objects": ["Contact", "Nothing__c", "User"]});
    let given = trial.bench.done("record-counts", trial.act("record-counts", &input).await)?;
    Ok(Seen { sent: vec![("GET", trial.data("limits/recordCount"))], gave: without_usage(given.json) })
}

pub(super) async fn recent_items(trial: &Trial<'_>) -> Checked<Seen> {
    let given = trial.bench.done("recent-items", trial.act("recent-items", &json!({"limit": 7})).await)?;
    Ok(Seen { sent: vec![("GET", trial.data("recent"))], gave: without_usage(given.json) })
}

/// A result, but for what each call changes.
fn without_usage(mut json: Json) -> String {
    json.as_object_mut().map(|members| members.remove("usage"));
    json.to_string()
}

//! Functions that run what an org has of its own.

use mock_salesforce::org::RecordId;
use mock_salesforce::{Action, ActionKind, ActionOutcome, ApexResource};
use salesforce_runtime::bindings::types::{ErrorKind, Outcome};
use serde_json::{Map, Value as Json, json};

use super::{Seen, Trial, account, opportunity};
use crate::conformance::expect::{Checked, expect, expect_error};
use crate::conformance::material::{letters, number, pick, word};

/// An action of the org, and what it gives.
fn action(trial: &Trial<'_>) -> (String, Json) {
    let (name, given) = (format!("{}_{}", word(), letters(5)), json!({ letters(4): letters(9) }));
    let outputs: Map<_, _> = given.as_object().cloned().unwrap_or_default();
    let outcome = ActionOutcome::Outputs(outputs);
    trial.bench.mock.add_action(Action { kind: ActionKind::Apex, name: name.clone(), inputs: Vec::new(), outcome });
    (name, given)
}

pub(super) async fn invocable_action(trial: &Trial<'_>) -> Checked<Seen> {
    let (name, given) = action(trial);
    let inputs = json!([{ letters(3): letters(12) }, {}]);
    let input = json!({"action": {"apex": name}, "inputs": inputs});
    let told = trial.bench.done("invocable-action", trial.act("invocable-action", &input).await)?;
    let expected = json!([{"ok": given}, {"ok": given}]);
    expect(told.json.get("results") == Some(&expected), || "what the action gave for each input".to_owned())?;
    Ok(Seen { sent: vec![("POST", trial.data(&format!("actions/custom/apex/{name}")))], gave: String::new() })
}

pub(super) async fn describe_invocable_action(trial: &Trial<'_>) -> Checked<Seen> {
    let (name, _) = action(trial);
    let input = json!({"action": {"apex": name}});
    let told = trial.act("describe-invocable-action", &input).await;
    let told = trial.bench.done("describe-invocable-action", told)?;
    expect(told.json.get("name") == Some(&json!(name)), || "the description of the action".to_owned())?;
    Ok(Seen { sent: vec![("GET", trial.data(&format!("actions/custom/apex/{name}")))], gave: String::new() })
}

/// The org has none, and says so.
pub(super) async fn quick_action(trial: &Trial<'_>) -> Checked<Seen> {
    let name = format!("{}_{}", word(), letters(5));
    let fields = json!({"Description": letters(20)});
    let input = json!({"object": "Account", "name": name, "context_id": account(trial.bench), "fields": fields});
    let told = trial.act("quick-action", &input).await;
    let error = trial.bench.refused("quick-action", told)?;
    expect_error(&error, ErrorKind::NotFound, Outcome::Rejected, "where there is no such action")?;
    Ok(Seen { sent: vec![("POST", trial.data(&format!("sobjects/Account/quickActions/{name}")))], gave: String::new() })
}

pub(super) async fn approval(trial: &Trial<'_>) -> Checked<Seen> {
    trial.bench.mock.add_approval_process("Opportunity");
    let record = opportunity(trial.bench);
    let input =
        json!({"request": {"submit": {"record_id": record, "comments": format!("{} \"{}\"", word(), letters(9))}}});
    let told = trial.bench.done("approval", trial.act("approval", &input).await)?;
    let is_pending = told.json.get("status") == Some(&json!("Pending"));
    expect(is_pending && told.json.get("record_id") == Some(&json!(record)), || {
        "the record to be submitted".to_owned()
    })?;
    let item = told.json.pointer("/new_work_item_ids/0").cloned().unwrap_or_default();
    let decision = pick(&["approve", "reject"]);
    let input = json!({"request": { decision: {"work_item_id": item} }});
    trial.bench.done("approval", trial.act("approval", &input).await)?;
    let to = trial.data("process/approvals");
    Ok(Seen { sent: vec![("POST", to.clone()), ("POST", to)], gave: String::new() })
}

pub(super) async fn apex_rest(trial: &Trial<'_>) -> Checked<Seen> {
    let method = pick(&["get", "post", "put", "patch", "delete"]);
    let (step, body) = (letters(8), json!({ letters(4): letters(12) }));
    let resource = ApexResource {
        name: step.clone(),
        method: method.to_uppercase(),
        path: format!("{step}/{} 7", word()),
        status: 200,
        content_type: "application/json".to_owned(),
        body: body.to_string().into_bytes(),
    };
    let path = resource.path.clone();
    trial.bench.mock.add_apex_resource(resource);
    let query = json!([{"name": "a", "value": letters(7)}]);
    let sent = if matches!(method, "get" | "delete") { Json::Null } else { json!({"x": letters(7)}) };
    let input = json!({"method": method, "path": path, "query": query, "body": sent});
    let told = trial.bench.done("apex-rest", trial.act("apex-rest", &input).await)?;
    expect(told.json.get("body") == Some(&json!({"json": body})), || "the body that the class wrote".to_owned())?;
    let sent = match method {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        _ => "DELETE",
    };
    Ok(Seen { sent: vec![(sent, format!("/services/apexrest/{step}/"))], gave: String::new() })
}

/// The Id of a report that the org does not have.
fn report() -> String {
    RecordId::numbered("00O", number(2_000)).map(|id| id.to_string()).unwrap_or_default()
}

/// A call about a report: the org has none, and says so.
async fn no_report(trial: &Trial<'_>, action: &str, input: &Json, sent: (&'static str, String)) -> Checked<Seen> {
    let error = trial.bench.refused(action, trial.act(action, input).await)?;
    expect_error(&error, ErrorKind::NotFound, Outcome::Rejected, "where there is no such report")?;
    Ok(Seen { sent: vec![sent], gave: String::new() })
}

pub(super) async fn run_report(trial: &Trial<'_>) -> Checked<Seen> {
    let id = report();
    let input = json!({"report_id": id, "include_details": true});
    no_report(trial, "run-report", &input, ("GET", trial.data(&format!("analytics/reports/{id}")))).await
}

pub(super) async fn start_report(trial: &Trial<'_>) -> Checked<Seen> {
    let id = report();
    let input = json!({"report_id": id});
    no_report(trial, "start-report", &input, ("POST", trial.data(&format!("analytics/reports/{id}/instances")))).await
}

pub(super) async fn report_instance(trial: &Trial<'_>) -> Checked<Seen> {
    let (id, instance) = (report(), format!("0LG{}", report().get(3..15).unwrap_or_default()));
    let input = json!({"report_id": id, "instance_id": instance});
    let path = trial.data(&format!("analytics/reports/{id}/instances/{instance}"));
    no_report(trial, "report-instance", &input, ("GET", path)).await
}

//! Invocable actions: flows and Apex classes, which answer what a test says.
//!
//! Source: Actions Developer Guide; its "Decision Matrix Actions" for what an input that fails is answered. That the status is then
//! 400 is not verified.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Rest;
use super::body::JsonObject;
use super::call::Call;
use crate::lock::lock;
use crate::{ApiError, answer};

/// The most inputs of a request.
const INPUTS: usize = 200;

/// An action that the org has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What runs.
    pub kind: ActionKind,
    /// The API name of the flow, or the name of the class.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// The names of the variables that it takes: others are refused. Without any, it takes every one.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// What it does with every input.
    pub outcome: ActionOutcome,
}

/// What runs when an action is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// An autolaunched flow.
    Flow,
    /// A method of an Apex class.
    Apex,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionOutcome {
    /// It answers these values.
    #[schema(value_type = Object)]
    Outputs(Map<String, Value>),
    /// It fails.
    Error {
        /// Salesforce's status code, such as `FLOW_EXCEPTION`.
        code: String,
        /// The text for people.
        message: String,
    },
}

impl ActionKind {
    fn parse(name: &str) -> Result<Self, ApiError> {
        match name {
            "flow" => Ok(Self::Flow),
            "apex" => Ok(Self::Apex),
            _ => Err(ApiError::not_found()),
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Apex => "apex",
        }
    }
}

impl Action {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        let outcome = match &self.outcome {
            ActionOutcome::Outputs(values) => json!(values).to_string().len(),
            ActionOutcome::Error { code, message } => code.len() + message.len(),
        };
        self.name.len() + self.inputs.iter().map(String::len).sum::<usize>() + outcome
    }

    fn told(&self, call: &Call) -> Value {
        let kind = self.kind.path();
        let url = format!("/services/data/{}/actions/custom/{kind}/{}", call.version, self.name);
        json!({"label": self.name, "name": self.name, "type": kind.to_uppercase(), "url": url})
    }

    /// The result of one input, and whether it is a success.
    fn run(&self, input: &Value) -> (Value, bool) {
        let is_unknown = |name: &&String| !self.inputs.is_empty() && !self.inputs.contains(name);
        let unknown = input.as_object().and_then(|input| input.keys().find(is_unknown));
        let failed = |code: &str, message: &str| {
            let errors = json!([{"statusCode": code, "message": message, "fields": []}]);
            json!({"actionName": self.name, "errors": errors, "isSuccess": false, "outputValues": null})
        };
        match (&self.outcome, unknown) {
            (_, Some(name)) => {
                let message = format!(
                    "{} has no input {name}, only: {}. An action whose inputs are not told takes every one",
                    self.name,
                    self.inputs.join(", ")
                );
                (failed("INVALID_INPUT", &message), false)
            }
            (ActionOutcome::Error { code, message }, None) => (failed(code, message), false),
            (ActionOutcome::Outputs(values), None) => {
                let mut values = values.clone();
                if self.kind == ActionKind::Flow {
                    values.entry("Flow__InterviewStatus").or_insert(json!("Finished"));
                }
                let result =
                    json!({"actionName": self.name, "errors": null, "isSuccess": true, "outputValues": values});
                (result, true)
            }
        }
    }
}

/// `GET /actions/custom`.
pub(crate) async fn kinds(call: Call) -> Response {
    let url = |kind: ActionKind| format!("/services/data/{}/actions/custom/{}", call.version, kind.path());
    answer::json(StatusCode::OK, &json!({"apex": url(ActionKind::Apex), "flow": url(ActionKind::Flow)}))
}

/// `GET /actions/custom/{kind}`.
pub(crate) async fn list(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, kind)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let kind = ActionKind::parse(&kind)?;
    let actions = lock(&rest.actions);
    let told: Vec<Value> =
        actions.iter().filter(|action| action.kind == kind).map(|action| action.told(&call)).collect();
    Ok(answer::json(StatusCode::OK, &json!({"actions": told})))
}

/// `GET /actions/custom/{kind}/{name}`: the names of inputs and outputs.
pub(crate) async fn describe(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, kind, name)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let action = find(&rest, &kind, &name)?;
    let inputs: Vec<Value> = action.inputs.iter().map(|name| json!({"name": name, "label": name})).collect();
    let outputs: Vec<Value> = match &action.outcome {
        ActionOutcome::Outputs(values) => values.keys().map(|name| json!({"name": name, "label": name})).collect(),
        ActionOutcome::Error { .. } => Vec::new(),
    };
    let mut told = action.told(&call);
    if let Some(told) = told.as_object_mut() {
        told.insert("inputs".to_owned(), json!(inputs));
        told.insert("outputs".to_owned(), json!(outputs));
    }
    Ok(answer::json(StatusCode::OK, &told))
}

/// `POST /actions/custom/{kind}/{name}` with `{"inputs": [{...}]}`: a result for each input.
pub(crate) async fn invoke(
    State(rest): State<Arc<Rest>>,
    Path((_, kind, name)): Path<(String, String, String)>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let action = find(&rest, &kind, &name)?;
    let inputs = body.get("inputs").and_then(Value::as_array).filter(|inputs| inputs.iter().all(Value::is_object));
    let inputs =
        inputs.ok_or_else(|| ApiError::bad_request("JSON_PARSER_ERROR", "inputs must be an array of objects"))?;
    if inputs.len() > INPUTS {
        let message = format!("the request has {} inputs, at most {INPUTS} are allowed", inputs.len());
        return Err(ApiError::bad_request("LIMIT_EXCEEDED", message));
    }
    let (results, successes): (Vec<Value>, Vec<bool>) = inputs.iter().map(|input| action.run(input)).unzip();
    let status = if successes.contains(&false) { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(answer::json(status, &results))
}

fn find(rest: &Rest, kind: &str, name: &str) -> Result<Action, ApiError> {
    let kind = ActionKind::parse(kind)?;
    let actions = lock(&rest.actions);
    let found = actions.iter().find(|action| action.kind == kind && action.name == name);
    found.cloned().ok_or_else(ApiError::not_found)
}

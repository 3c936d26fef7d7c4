//! `/__mock/validation-rules`, `/__mock/duplicate-rules` and `/__mock/failing-flows`: what the org refuses beside what fields allow.
//! Each has a name, by which it is replaced and deleted.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Steering;
use super::input::{self, Body, Path};
use super::problem::Problem;
use crate::ApiError;
use crate::org::{DuplicateRule, FailingFlow, FlowTrigger, Org, ValidationRule};

/// The longest message, in characters: Salesforce's own bound for validation rules.
const LONGEST_MESSAGE: usize = 255;
const MOST_FIELDS: usize = 10;

/// Records of which the condition is true are refused with 400 `FIELD_CUSTOM_VALIDATION_EXCEPTION`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidationForm {
    /// The API name of the object.
    object: String,
    /// What must not be true, as the `WHERE` of a SOQL query over the object has it. In place of a formula.
    #[schema(example = "Amount__c < 0")]
    condition: String,
    /// 1 to 255 characters.
    message: String,
    /// The field at fault; the whole record, if left out.
    field: Option<String>,
}

/// Records that have the same values as another in all these fields are refused with 400 `DUPLICATES_DETECTED`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DuplicateForm {
    /// The API name of the object.
    object: String,
    /// 1 to 10 API names of fields.
    fields: Vec<String>,
    /// 1 to 255 characters.
    message: String,
    /// Whether `Sforce-Duplicate-Rule-Header: allowSave=true` overrides it; not, if left out.
    #[serde(default)]
    allow_save: bool,
}

/// Writes that start the flow are refused with 400 `CANNOT_EXECUTE_FLOW_TRIGGER`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowForm {
    /// The API name of the object.
    object: String,
    on: Trigger,
    /// What went wrong in the flow, 1 to 255 characters.
    message: String,
}

/// Which writes start the flow.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trigger {
    Create,
    Update,
    CreateOrUpdate,
}

/// A rule or a flow with its name.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Named<T> {
    name: String,
    rule: T,
}

/// All of a kind, in the order they were made.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct List<T> {
    items: Vec<Named<T>>,
}

/// Lists the validation rules
#[utoipa::path(get, path = "/__mock/validation-rules", tag = "rules", operation_id = "list_validation_rules",
    responses((status = 200, body = List<ValidationForm>)))]
pub(super) async fn validation_rules(State(steering): State<Arc<Steering>>) -> Json<List<ValidationForm>> {
    let org = steering.site.org();
    let named = |rule: &ValidationRule| Named {
        name: rule.name.clone(),
        rule: ValidationForm {
            object: rule.object.clone(),
            condition: rule.condition.clone(),
            message: rule.message.clone(),
            field: rule.field.clone(),
        },
    };
    Json(List { items: org.validation_rules().map(named).collect() })
}

/// Makes a validation rule, in the place of one of this name
#[utoipa::path(put, path = "/__mock/validation-rules/{name}", tag = "rules", operation_id = "set_validation_rule",
    params(("name" = String, Path, description = "1 to 80 letters, digits, '-', '_' or '.'.")), request_body = ValidationForm,
    responses((status = 204), (status = 400, body = Problem)))]
pub(super) async fn set_validation_rule(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
    Body(form): Body<ValidationForm>,
) -> Result<StatusCode, Problem> {
    let rule = ValidationRule {
        name: input::name("path.name", &name)?,
        message: message(form.message)?,
        object: form.object.clone(),
        condition: form.condition.clone(),
        field: form.field,
    };
    let set = steering.site.org().set_validation_rule(rule.clone());
    set.map_err(|error| match error.code {
        "INVALID_TYPE" => wrong_object(&form.object, &error),
        _ if steering.site.org().is_field(&form.object, rule.field.as_deref()) => {
            Problem::wrong("body.condition", form.condition, format!("a condition of SOQL ({})", error.message))
        }
        _ => Problem::wrong("body.field", rule.field.unwrap_or_default(), format!("a field ({})", error.message)),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a validation rule
#[utoipa::path(delete, path = "/__mock/validation-rules/{name}", tag = "rules", operation_id = "delete_validation_rule",
    params(("name" = String, Path, description = "Its name.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete_validation_rule(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    delete(&steering, &name, Org::delete_validation_rule)
}

/// Lists the duplicate rules
#[utoipa::path(get, path = "/__mock/duplicate-rules", tag = "rules", operation_id = "list_duplicate_rules",
    responses((status = 200, body = List<DuplicateForm>)))]
pub(super) async fn duplicate_rules(State(steering): State<Arc<Steering>>) -> Json<List<DuplicateForm>> {
    let org = steering.site.org();
    let named = |rule: &DuplicateRule| Named {
        name: rule.name.clone(),
        rule: DuplicateForm {
            object: rule.object.clone(),
            fields: rule.fields.clone(),
            message: rule.message.clone(),
            allow_save: rule.allow_save,
        },
    };
    Json(List { items: org.duplicate_rules().map(named).collect() })
}

/// Makes a duplicate rule, in the place of one of this name
#[utoipa::path(put, path = "/__mock/duplicate-rules/{name}", tag = "rules", operation_id = "set_duplicate_rule",
    params(("name" = String, Path, description = "1 to 80 letters, digits, '-', '_' or '.'.")), request_body = DuplicateForm,
    responses((status = 204), (status = 400, body = Problem)))]
pub(super) async fn set_duplicate_rule(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
    Body(form): Body<DuplicateForm>,
) -> Result<StatusCode, Problem> {
    if !(1..=MOST_FIELDS).contains(&form.fields.len()) {
        let got = format!("{} names", form.fields.len());
        return Err(Problem::wrong("body.fields", got, format!("1 to {MOST_FIELDS} API names of fields")));
    }
    let rule = DuplicateRule {
        name: input::name("path.name", &name)?,
        message: message(form.message)?,
        object: form.object.clone(),
        fields: form.fields.clone(),
        allow_save: form.allow_save,
    };
    let set = steering.site.org().set_duplicate_rule(rule);
    set.map_err(|error| match error.code {
        "INVALID_TYPE" => wrong_object(&form.object, &error),
        _ => Problem::wrong("body.fields", form.fields.join(", "), format!("fields of the object ({})", error.message)),
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a duplicate rule
#[utoipa::path(delete, path = "/__mock/duplicate-rules/{name}", tag = "rules", operation_id = "delete_duplicate_rule",
    params(("name" = String, Path, description = "Its name.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete_duplicate_rule(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    delete(&steering, &name, Org::delete_duplicate_rule)
}

/// Lists the flows that fail
#[utoipa::path(get, path = "/__mock/failing-flows", tag = "rules", operation_id = "list_failing_flows",
    responses((status = 200, body = List<FlowForm>)))]
pub(super) async fn failing_flows(State(steering): State<Arc<Steering>>) -> Json<List<FlowForm>> {
    let org = steering.site.org();
    let named = |flow: &FailingFlow| Named {
        name: flow.name.clone(),
        rule: FlowForm { object: flow.object.clone(), on: flow.on.into(), message: flow.message.clone() },
    };
    Json(List { items: org.failing_flows().map(named).collect() })
}

/// Makes a flow that fails, in the place of one of this name
#[utoipa::path(put, path = "/__mock/failing-flows/{name}", tag = "rules", operation_id = "set_failing_flow",
    params(("name" = String, Path, description = "1 to 80 letters, digits, '-', '_' or '.'.")), request_body = FlowForm,
    responses((status = 204), (status = 400, body = Problem)))]
pub(super) async fn set_failing_flow(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
    Body(form): Body<FlowForm>,
) -> Result<StatusCode, Problem> {
    let flow = FailingFlow {
        name: input::name("path.name", &name)?,
        message: message(form.message)?,
        object: form.object.clone(),
        on: form.on.into(),
    };
    steering.site.org().set_failing_flow(flow).map_err(|error| wrong_object(&form.object, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a flow that fails
#[utoipa::path(delete, path = "/__mock/failing-flows/{name}", tag = "rules", operation_id = "delete_failing_flow",
    params(("name" = String, Path, description = "Its name.")),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn delete_failing_flow(
    State(steering): State<Arc<Steering>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    delete(&steering, &name, Org::delete_failing_flow)
}

fn delete(steering: &Steering, name: &str, delete: fn(&mut Org, &str) -> bool) -> Result<StatusCode, Problem> {
    if delete(&mut steering.site.org(), name) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("path.name", name, "a name that the list has"))
    }
}

fn message(text: String) -> Result<String, Problem> {
    if (1..=LONGEST_MESSAGE).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(Problem::wrong("body.message", text, format!("1 to {LONGEST_MESSAGE} characters")))
    }
}

fn wrong_object(name: &str, error: &ApiError) -> Problem {
    Problem::wrong("body.object", name, format!("an object of the org ({})", error.message))
}

impl From<Trigger> for FlowTrigger {
    fn from(on: Trigger) -> Self {
        match on {
            Trigger::Create => Self::Create,
            Trigger::Update => Self::Update,
            Trigger::CreateOrUpdate => Self::CreateOrUpdate,
        }
    }
}

impl From<FlowTrigger> for Trigger {
    fn from(on: FlowTrigger) -> Self {
        match on {
            FlowTrigger::Create => Self::Create,
            FlowTrigger::Update => Self::Update,
            FlowTrigger::CreateOrUpdate => Self::CreateOrUpdate,
        }
    }
}

//! Approval processes: records are submitted, and their work items approved or rejected. Each process has one step, and the
//! record stays as it is.
//!
//! Source: REST API Developer Guide, "Process Approvals"; SOAP API Developer Guide, "ProcessResult". That failures are told in a
//! list with status 200 is not verified.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Rest;
use super::body::JsonObject;
use super::call::Call;
use super::collections::request::object_of;
use crate::lock::lock;
use crate::org::{Org, RecordId};
use crate::{ApiError, answer};

/// The most requests at once.
const REQUESTS: usize = 200;
/// The most submissions that are remembered.
const INSTANCES: usize = 10_000;

/// The processes of the org, and what was submitted to them.
#[derive(Debug, Default)]
pub(crate) struct Approvals(Mutex<Processes>);

#[derive(Debug, Clone, Default)]
pub(super) struct Processes {
    /// Their names are unlike one another.
    defined: Vec<ApprovalProcess>,
    instances: Vec<Instance>,
}

/// A process of one step, for the records of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalProcess {
    /// Its own name.
    #[serde(default)]
    #[schema(read_only)]
    pub(crate) name: String,
    /// The API name of the object.
    pub(crate) object: String,
}

/// A record that was submitted. Its place is the number of its Ids.
#[derive(Debug, Clone)]
struct Instance {
    record: String,
    actor: String,
    status: &'static str,
}

impl Approvals {
    /// Gives an object a process, in place of one of the same name.
    pub(crate) fn add(&self, process: ApprovalProcess) {
        let mut processes = lock(&self.0);
        processes.defined.retain(|known| known.name != process.name);
        processes.defined.push(process);
    }

    /// Takes a process away. What was submitted to it can still be decided. False if there is none of this name.
    pub(crate) fn remove(&self, name: &str) -> bool {
        let mut processes = lock(&self.0);
        let before = processes.defined.len();
        processes.defined.retain(|known| known.name != name);
        processes.defined.len() < before
    }

    /// The processes, in the order they were made.
    pub(crate) fn defined(&self) -> Vec<ApprovalProcess> {
        lock(&self.0).defined.clone()
    }

    pub(super) fn read(&self) -> Processes {
        lock(&self.0).clone()
    }

    pub(super) fn set(&self, processes: Processes) {
        *lock(&self.0) = processes;
    }
}

/// `GET /process/approvals`.
pub(crate) async fn list(State(rest): State<Arc<Rest>>) -> Response {
    let org = rest.site.org();
    let processes = lock(&rest.approvals.0);
    let mut approvals = Map::new();
    let seen = processes.defined.iter().enumerate().filter(|(_, process)| org.object(&process.object).is_ok());
    for (place, ApprovalProcess { name, object }) in seen {
        if let Some(of_object) = approvals.entry(object).or_insert_with(|| json!([])).as_array_mut() {
            let order = of_object.len() + 1;
            of_object.push(json!({"id": id("04a", place), "name": name, "object": object, "sortOrder": order}));
        }
    }
    answer::json(StatusCode::OK, &json!({"approvals": approvals}))
}

/// `POST /process/approvals` with `{"requests": [...]}`: a result for each request.
pub(crate) async fn process(
    State(rest): State<Arc<Rest>>,
    call: Call,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let requests = body.get("requests").and_then(Value::as_array);
    let requests =
        requests.ok_or_else(|| ApiError::bad_request("JSON_PARSER_ERROR", "requests must be an array of objects"))?;
    if requests.len() > REQUESTS {
        let message = format!("there are {} requests, at most {REQUESTS} are allowed", requests.len());
        return Err(ApiError::bad_request("LIMIT_EXCEEDED", message));
    }
    let org = rest.site.org();
    let mut processes = lock(&rest.approvals.0);
    let results: Vec<Value> = requests.iter().map(|request| processes.play(&org, &call, request)).collect();
    Ok(answer::json(StatusCode::OK, &results))
}

impl Processes {
    fn play(&mut self, org: &Org, call: &Call, request: &Value) -> Value {
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
        let context = text("contextId");
        let done = match text("actionType") {
            "Submit" => {
                let next = request.get("nextApproverIds").and_then(|ids| ids.get(0)).and_then(Value::as_str);
                self.submit(org, context, next.unwrap_or(&call.bearer.user_id))
            }
            "Approve" => self.decide(org, context, "Approved"),
            "Reject" => self.decide(org, context, "Rejected"),
            other => {
                let message = format!("actionType must be Submit, Approve or Reject, not {other}");
                Err(ApiError::bad_request("INVALID_INPUT", message))
            }
        };
        match done.and_then(|place| Ok((place, self.instances.get(place).ok_or_else(ApiError::not_found)?))) {
            Ok((place, instance)) => {
                let pending = instance.status == "Pending";
                json!({
                    "actorIds": pending.then_some(&instance.actor).into_iter().collect::<Vec<_>>(),
                    "entityId": instance.record,
                    "errors": null,
                    "instanceId": id("04g", place),
                    "instanceStatus": instance.status,
                    "newWorkitemIds": pending.then(|| id("04i", place)).into_iter().collect::<Vec<_>>(),
                    "success": true,
                })
            }
            Err(error) => json!({
                "actorIds": null, "entityId": context, "errors": [error.collection_item()], "instanceId": null,
                "instanceStatus": null, "newWorkitemIds": null, "success": false,
            }),
        }
    }

    fn submit(&mut self, org: &Org, record: &str, actor: &str) -> Result<usize, ApiError> {
        let (object, record) = object_of(org, record)?;
        org.last_modified(&object, &record)?;
        if self.defined.iter().all(|process| process.object != object) {
            let message = "No applicable approval process was found.";
            return Err(ApiError::bad_request("NO_APPLICABLE_PROCESS", message));
        }
        if self.instances.iter().any(|instance| instance.record == record && instance.status == "Pending") {
            let message = "This record is currently in an approval process. A record can be in only one approval process at a \
                           time.";
            return Err(ApiError::bad_request("ALREADY_IN_PROCESS", message));
        }
        if self.instances.len() == INSTANCES {
            return Err(ApiError::bad_request("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"));
        }
        self.instances.push(Instance { record, actor: actor.to_owned(), status: "Pending" });
        Ok(self.instances.len() - 1)
    }

    fn decide(&mut self, org: &Org, work_item: &str, status: &'static str) -> Result<usize, ApiError> {
        let work_item = RecordId::parse(work_item).map(|id| id.to_string()).unwrap_or_default();
        let mut instances = self.instances.iter_mut().enumerate();
        let found = instances.find(|(place, instance)| {
            let is_seen = object_of(org, &instance.record).is_ok();
            id("04i", *place) == work_item && instance.status == "Pending" && is_seen
        });
        let (place, instance) =
            found.ok_or_else(|| ApiError::bad_request("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))?;
        instance.status = status;
        Ok(place)
    }
}

fn id(key_prefix: &str, place: usize) -> String {
    let number = u64::try_from(place).unwrap_or(u64::MAX).saturating_add(1);
    RecordId::numbered(key_prefix, number).map(|id| id.to_string()).unwrap_or_default()
}

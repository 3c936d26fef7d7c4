//! `/v1/components`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::check_wasm;
use super::principal::ByTenant;
use super::problem::{Path, Problem, ProblemBody, ProblemKind, Query};
use crate::app::App;
use crate::clock::rfc3339;
use crate::components::{ComponentRecord, ComponentState};
use crate::ids::ComponentDigest;
use salesforce_verify::Report;

/// An uploaded component.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Component {
    /// SHA-256 of its bytes: its name in an execution.
    digest: String,
    name: String,
    bytes: u64,
    state: ComponentState,
    #[schema(format = DateTime)]
    uploaded_at: String,
    /// What the verification found; null while it runs.
    #[schema(value_type = Option<Object>)]
    report: Option<Report>,
}

/// A component as lists show it; its own path has its report.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ComponentEntry {
    digest: String,
    name: String,
    bytes: u64,
    state: ComponentState,
    #[schema(format = DateTime)]
    uploaded_at: String,
}

/// The tenant's components, latest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ComponentList {
    items: Vec<ComponentEntry>,
}

/// What to call it.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// For people; up to 100 characters.
    #[serde(default)]
    #[param(max_length = 100)]
    name: String,
}

/// Uploads a component and verifies it; may take a minute. The same bytes again are not verified again; under
/// another name they have that one.
#[utoipa::path(put, path = "/v1/components", tag = "components", operation_id = "upload_component", params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 200, body = Component, description = "It may run."), (status = 202, body = Component, description = "It is being verified already."),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "The tenant has reached its quota, or the component was deleted meanwhile."),
        (status = 429, body = ProblemBody, description = "The tenant's components wait for their verification already."), (status = 422, body = ProblemBody, description = "It may not run; `error` is its report.")))]
pub(super) async fn upload(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Query(UploadQuery { name }): Query<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let name = app.components.name(&name)?;
    check_wasm(request.headers())?;
    let wasm = received(&app, &tenant.id, request).await?;
    if wasm.is_empty() {
        return Err(Problem::invalid("expected the bytes of a component as the body"));
    }
    let record = app.components.upload(&tenant, name, wasm).await?;
    match record.state {
        ComponentState::Accepted | ComponentState::Damaged => Ok(Json(Component::from(record)).into_response()),
        ComponentState::Verifying => Ok((StatusCode::ACCEPTED, Json(Component::from(record))).into_response()),
        ComponentState::Refused => {
            let words = format!("component {} may not run: its report says why", record.digest);
            Err(Problem::new(ProblemKind::ComponentRefused, words).with_report(&record.report))
        }
    }
}

/// The bytes of a component that a tenant sends.
pub(crate) async fn received(app: &App, tenant: &str, request: Request) -> Result<Bytes, Problem> {
    let _arrival = app.components.receive(tenant)?;
    Bytes::from_request(request, app).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => app.components.too_large().into(),
        _ => Problem::invalid("the component did not arrive completely"),
    })
}

/// Lists the tenant's components.
#[utoipa::path(get, path = "/v1/components", tag = "components", operation_id = "list_components",
    responses((status = 200, body = ComponentList), (status = 401, body = ProblemBody)))]
pub(super) async fn list(State(app): State<App>, ByTenant(tenant): ByTenant) -> Result<Json<ComponentList>, Problem> {
    let items = app.components.list(&tenant.id).await?;
    Ok(Json(ComponentList { items: items.into_iter().map(ComponentEntry::from).collect() }))
}

/// One component, with its report.
#[utoipa::path(get, path = "/v1/components/{digest}", tag = "components", operation_id = "get_component", params(ComponentDigest),
    responses((status = 200, body = Component), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(digest): Path<ComponentDigest>,
) -> Result<Json<Component>, Problem> {
    let found = app.components.find(&tenant.id, &digest).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("component"))?.into()))
}

/// This API as it is with the actions of a component: what `openapi.json` is for those of the connector.
#[utoipa::path(get, path = "/v1/components/{digest}/openapi.json", tag = "components", operation_id = "describe_component",
    params(ComponentDigest),
    responses((status = 200, description = "An OpenAPI document.", body = Object), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "There is no such component that may run.")))]
pub(super) async fn document(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(digest): Path<ComponentDigest>,
) -> Result<Json<Value>, Problem> {
    let actions = app.components.actions(&tenant.id, digest.as_str()).await?;
    let actions = actions.ok_or_else(|| Problem::not_found("component"))?;
    let (document, bounds) = (super::described().to_openapi(), super::Bounds::of(&app));
    Ok(Json(super::document::complete(&document, &actions, bounds, Some(digest.as_str()))))
}

/// Forgets a component. Executions that run go on.
#[utoipa::path(delete, path = "/v1/components/{digest}", tag = "components", operation_id = "delete_component", params(ComponentDigest),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn delete(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(digest): Path<ComponentDigest>,
) -> Result<StatusCode, Problem> {
    let deleted = app.components.delete(&tenant.id, &digest).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("component")) }
}

impl From<ComponentRecord> for ComponentEntry {
    fn from(record: ComponentRecord) -> ComponentEntry {
        let ComponentRecord { digest, name, bytes, state, uploaded_at, .. } = record;
        ComponentEntry { digest, name, bytes, state, uploaded_at: rfc3339(uploaded_at) }
    }
}

impl From<ComponentRecord> for Component {
    fn from(record: ComponentRecord) -> Component {
        Component {
            digest: record.digest,
            name: record.name,
            bytes: record.bytes,
            state: record.state,
            uploaded_at: rfc3339(record.uploaded_at),
            report: record.report,
        }
    }
}

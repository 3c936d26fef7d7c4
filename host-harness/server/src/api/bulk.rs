//! `/v1/bulk-queries`, `/v1/bulk-loads`, and the rows of bulk executions.

use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::body::{Body, check_csv};
use super::execution_view::{ExecutionView, answered};
use super::executions::{SUBMIT_BYTES, idempotency_key};
use super::principal::ByTenant;
use super::problem::{Path, Problem, ProblemBody, Query};
use crate::app::App;
use crate::executions::{Execution, Refused, Request, Rows};
use crate::ids::{ConnectionId, ExecutionId};
use salesforce_actions::bounded::Text;
use salesforce_actions::bulk::{
    CREATE_INGEST, CREATE_QUERY, Operation, OperationKind, WrongExternalId, new_ingest_job,
};

/// The path of loads, whose data is of another size than everything else.
pub(super) const LOADS: &str = "/v1/bulk-loads";

/// A query that Salesforce runs by itself.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBulkQuery {
    /// Id of the connection.
    #[schema(inline)]
    connection: ConnectionId,
    /// The query: the input of the action `create-query-job`.
    #[schema(value_type = BulkQueryInput)]
    input: Box<RawValue>,
}

/// Input of the action `create-query-job`. The document says its members: they come from the WIT.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its place in the document is used")]
pub(super) struct BulkQueryInput(Value);

/// A load.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NewBulkLoad {
    /// Id of the connection.
    #[param(inline)]
    connection: ConnectionId,
    /// API name of the object, e.g. `Account`.
    #[param(inline)]
    object: Text<1, 255>,
    #[param(inline)]
    operation: OperationKind,
    /// API name of the field by which an upsert finds records, which is also a column.
    #[param(inline)]
    external_id_field: Option<Text<1, 255>>,
}

impl NewBulkLoad {
    /// The input of the action that makes a job of it.
    fn input(&self) -> Result<String, Problem> {
        let operation = Operation::new(self.operation, self.external_id_field.as_ref().map(Text::as_str));
        let operation = operation.map_err(|wrong| {
            Problem::invalid(match wrong {
                WrongExternalId::Missing => "external_id_field: expected it, for an upsert",
                WrongExternalId::Superfluous => "external_id_field: expected it for an upsert alone",
            })
        })?;
        Ok(new_ingest_job(self.object.as_str(), &operation))
    }
}

/// Which rows.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RowsQuery {
    /// Of a query: `found`, and so without it. Of a load: `successful`, `failed` or `unprocessed`.
    #[serde(default = "found")]
    #[param(inline, value_type = Option<Rows>)]
    rows: Rows,
}

fn found() -> Rows {
    Rows::Found
}

/// Why none was begun.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "only its place in the document is used")]
enum NotBegun {
    #[response(status = 400)]
    Invalid(ProblemBody<'static>),
    #[response(status = 401)]
    NoToken(ProblemBody<'static>),
    #[response(status = 404)]
    NoConnection(ProblemBody<'static>),
    #[response(status = 409, description = "The connection is not active.")]
    NotActive(ProblemBody<'static>),
    #[response(status = 422, description = "The key was used for another request.")]
    KeyReused(ProblemBody<'static>),
    #[response(status = 429)]
    TooMany(ProblemBody<'static>),
    #[response(status = 503)]
    NotNow(ProblemBody<'static>),
}

/// Begins a query of any size.
///
/// Salesforce runs it by itself, as a job of its Bulk API 2.0. The answer is the running execution; ask for it again to see
/// how far it is. Once it has succeeded, its rows can be downloaded for a week. A server that is started anew goes on with it.
#[utoipa::path(post, path = "/v1/bulk-queries", tag = "executions", operation_id = "begin_bulk_query", request_body = NewBulkQuery,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "1 to 200 visible ASCII characters, no blanks; once. The same request again is answered with the execution that it began.")),
    responses((status = 202, body = ExecutionView, description = "It has begun; or there is no job, and `state` says why."), NotBegun))]
pub(super) async fn query(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    headers: HeaderMap,
    Body(new): Body<NewBulkQuery, SUBMIT_BYTES>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let request = Request::of_bulk(new.connection.into(), CREATE_QUERY, new.input.get(), key)?;
    begun(&app, app.executions.bulk_query(&tenant, request).await)
}

/// Loads a file of any size, CSV.
///
/// Salesforce runs it by itself, as jobs of its Bulk API 2.0. The rows go to Salesforce as they arrive, some MB a job, and the answer is
/// the running execution once all are there; ask for it again to see how far it is. Then the rows that were saved, that failed and
/// that were not tried can be downloaded for a week. If the data is broken or breaks off, what came before is loaded, and the
/// execution says how many rows that were.
///
/// The first row names the columns: API names of fields, or `Parent__r.ERP_Id__c` for a lookup by an external Id. An empty value
/// leaves a field as it is, `#N/A` empties it.
#[utoipa::path(post, path = "/v1/bulk-loads", tag = "executions", operation_id = "begin_bulk_load",
    request_body(content = String, content_type = "text/csv"),
    params(NewBulkLoad, ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "1 to 200 visible ASCII characters, no blanks; once. The same request again is answered with the execution that it began, and none of its data is read: it is not compared.")),
    responses((status = 202, body = ExecutionView, description = "All data is at Salesforce; or there is no job, and `state` says why."), NotBegun))]
pub(super) async fn load(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Query(new): Query<NewBulkLoad>,
    headers: HeaderMap,
    body: HttpBody,
) -> Result<Response, Problem> {
    check_csv(&headers)?;
    let key = idempotency_key(&headers)?;
    let input = new.input()?;
    let request = Request::of_bulk(new.connection.into(), CREATE_INGEST, &input, key)?;
    begun(&app, app.executions.bulk_load(&tenant, request, body).await)
}

/// The answer to whoever began one.
fn begun(app: &App, begun: Result<Execution, Refused>) -> Result<Response, Problem> {
    let execution = begun.map_err(|refused| {
        let problem = Problem::from(refused);
        app.metrics.refused(problem.kind().name());
        problem
    })?;
    let place = HeaderValue::from_str(&format!("/v1/executions/{}", execution.record.id));
    let mut response = answered(execution);
    *response.status_mut() = StatusCode::ACCEPTED;
    if let Ok(place) = place {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Rows of a bulk execution that has ended, as CSV (RFC 4180) in UTF-8, header row first.
///
/// They come from Salesforce a page at a time. A download that breaks off is not whole, and can be begun again.
#[utoipa::path(get, path = "/v1/executions/{id}/rows", tag = "executions", operation_id = "download_rows", params(ExecutionId, RowsQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "It runs still, or has no such rows.")))]
pub(super) async fn rows(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ExecutionId>,
    Query(query): Query<RowsQuery>,
) -> Result<Response, Problem> {
    let rows = app.executions.bulk_rows(&tenant, &id, query.rows).await?;
    let rows = rows.ok_or_else(|| Problem::not_found("execution"))?;
    let mut response = HttpBody::new(rows.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    Ok(response)
}

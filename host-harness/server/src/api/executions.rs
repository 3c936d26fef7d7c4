//! `/v1/executions`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::execution_view::{ActionName, ExecutionView, answered};
use super::page::{Limit, Page, limit};
use super::principal::ByTenant;
use super::problem::{JsonText, Path, Problem, ProblemBody, Query};
use crate::app::App;
use crate::clock::{Moment, NotAMoment};
use crate::executions::{Execution, ExecutionState, IdempotencyKey, LogFilter, Refused, Request, digest};
use crate::ids::{ComponentDigest, ConnectionId, ExecutionId};
use crate::tenants::Tenant;
use salesforce_actions::bounded::{Text, Whole};
use salesforce_actions::{Actions, Attempts, Call, DeadlineMs, ResponseBytes};
use salesforce_runtime::bindings::types::CallOptions;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
pub(super) const NDJSON: &str = "application/x-ndjson";

/// Bytes of a request to run an action: a record with a file of 3 MB in it.
pub(super) const SUBMIT_BYTES: usize = 5 << 20;

/// One call of an action.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Submit {
    /// Id of the connection.
    #[schema(inline)]
    connection: ConnectionId,
    #[schema(value_type = ActionName)]
    action: Text<1, LONGEST_ACTION>,
    #[schema(value_type = ActionInput)]
    input: Box<RawValue>,
    /// Digest of an uploaded component to run instead of the connector.
    #[schema(inline)]
    component: Option<ComponentDigest>,
    /// Limits of the call.
    #[serde(default)]
    options: Options,
}

/// Characters of an action's name: that of its function, with that of its interface before.
pub(crate) const LONGEST_ACTION: usize = 500;

/// Input of an action.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its place in the document is used")]
pub(super) struct ActionInput(Value);

/// Limits of a call.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Options {
    /// Milliseconds for all requests in it, 1 to 600,000; the tenant's limit ends it earlier.
    #[schema(inline)]
    deadline_ms: Option<DeadlineMs>,
    /// Bytes of one response body.
    #[schema(inline)]
    max_response_bytes: Option<ResponseBytes>,
    /// How often a request may be sent, 1 to 10. A create whose outcome is unknown is never repeated.
    #[schema(inline)]
    attempts: Option<Attempts>,
}

/// Which executions.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Entries, 1 to 200; 50 unless told otherwise.
    #[param(inline)]
    limit: Option<Limit>,
    /// `next` of the piece before.
    #[param(inline)]
    after: Option<ExecutionId>,
    /// Of this connection only.
    #[param(inline)]
    connection: Option<ConnectionId>,
    /// In this state only.
    #[param(inline, value_type = Option<ExecutionState>)]
    state: Option<Text<1, 20>>,
    /// Of the action of this name only.
    #[param(inline)]
    action: Option<WantedAction>,
    /// With an error of this kind only; `any`: of every kind.
    #[param(inline)]
    error_kind: Option<WantedKind>,
    /// Begun at this moment or later. With `from` or `to` the newest is the one that began last, whatever the server's clock did.
    #[param(inline, value_type = Option<String>, format = DateTime, max_length = 40)]
    from: Option<String>,
    /// Begun before this moment.
    #[param(inline, value_type = Option<String>, format = DateTime, max_length = 40)]
    to: Option<String>,
}

/// Characters of the kind of an error.
pub(crate) const LONGEST_KIND: usize = 100;

/// What the log is filtered by; a name that nothing has is that of no execution.
type WantedAction = Text<1, LONGEST_ACTION>;
type WantedKind = Text<1, LONGEST_KIND>;

/// Runs an action.
///
/// The answer comes when it has ended, and says in `state` how. With a header `Idempotency-Key` the same request again
/// gets the recorded answer and sends nothing. With `Accept: application/x-ndjson` a soql-query streams all its pages, a
/// line each; the last line has `ended`, and a stream without it is not whole. The cursors of `children` end with the next page:
/// where sub-queries have more rows than a page holds, ask for page by page and for their rows in between.
#[utoipa::path(post, path = "/v1/executions", tag = "executions", operation_id = "run_action", request_body = Submit,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "1 to 200 visible ASCII characters, no blanks; once. Good for a month, for one request: the same connection, component, action and options, and the same values in `input`, however they are written and in whatever order.")),
    responses((status = 200, body = ExecutionView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "The connection is not active, or the key's execution still runs."),
        (status = 422, body = ProblemBody, description = "The key was used for another request."),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody)))]
pub(super) async fn submit(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    headers: HeaderMap,
    body: Result<JsonText<SUBMIT_BYTES>, Problem>,
) -> Result<Response, Problem> {
    let streams = wants_stream(&headers);
    let body = body?;
    let bytes = body.len();
    let reading = app.executions.compute(&tenant.id, bytes, move || body.parse::<Submit>());
    let submit = reading.await??;
    let key = idempotency_key(&headers)?;
    let component = submit.component.as_ref().map(ComponentDigest::as_str);
    let actions = match app.executions.actions(&tenant.id, component).await {
        // What was recorded is told as long as it is kept, whatever became of the component.
        Err(refused @ Refused::Component(_)) => {
            let Some(key) = &key else { return Err(refused.into()) };
            let digest = app.executions.compute(&tenant.id, bytes, move || submit.digest()).await?;
            let before = app.executions.recorded_for(&tenant, key, &digest).await?;
            return Ok(answered(before.ok_or(refused)?));
        }
        actions => actions?,
    };
    let parsing = app.executions.compute(&tenant.id, bytes, move || submit.into_request(&actions, key));
    let request = parsing.await??;
    let counted = |problem: Problem| {
        app.metrics.refused(problem.kind().name());
        problem
    };
    if streams {
        stream(&app, &tenant, request).await.map_err(counted)
    } else {
        run(&app, &tenant, request).await.map_err(counted)
    }
}

/// Whether a client wants lines, and not one answer: generated clients accept all types that the document has.
fn wants_stream(headers: &HeaderMap) -> bool {
    let accepts = |wanted: &str| {
        let types = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
        let mut types = types.flat_map(|accept| accept.split(',')).filter_map(|range| range.split(';').next());
        types.any(|range| range.trim().eq_ignore_ascii_case(wanted))
    };
    accepts(NDJSON) && !accepts("application/json")
}

async fn run(app: &App, tenant: &Tenant, request: Request) -> Result<Response, Problem> {
    Ok(answered(app.executions.submit(tenant, request).await?))
}

async fn stream(app: &App, tenant: &Tenant, request: Request) -> Result<Response, Problem> {
    let stream = app.executions.stream(tenant, request).await?;
    let mut response = HttpBody::new(stream.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    if let Ok(id) = HeaderValue::from_str(&stream.id) {
        response.headers_mut().insert("execution-id", id);
    }
    Ok(response)
}

/// The tenant's executions, newest first, without what they gave.
#[utoipa::path(get, path = "/v1/executions", tag = "executions", operation_id = "list_executions", params(LogQuery),
    responses((status = 200, body = Page<ExecutionView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody)))]
pub(super) async fn list(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Query(query): Query<LogQuery>,
) -> Result<Json<Page<ExecutionView>>, Problem> {
    let limit = limit(query.limit);
    let state = query.state.map(|name| {
        let names = ExecutionState::ALL.map(ExecutionState::as_str).join(", ");
        ExecutionState::named(name.as_str()).ok_or_else(|| Problem::invalid(format!("state: expected one of {names}")))
    });
    let filter = LogFilter {
        before: query.after.map(String::from),
        connection: query.connection.map(String::from),
        state: state.transpose()?,
        action: query.action.map(String::from),
        error: query.error_kind.map(|kind| String::from(kind).into()),
        from: moment("from", query.from)?,
        to: moment("to", query.to)?,
        limit: limit.saturating_add(1),
    };
    let rows = app.executions.log(&tenant.id, filter).await?;
    let view = |record| ExecutionView::from(Execution { record, given: None, request: None, replayed: false });
    Ok(Json(Page::new(rows, limit, |row| row.id.clone(), view)))
}

fn moment(name: &str, given: Option<String>) -> Result<Option<Moment>, Problem> {
    let read = |text: String| text.parse().map_err(|error: NotAMoment| Problem::invalid(format!("{name}: {error}")));
    given.map(read).transpose()
}

/// One execution, with what it gave as long as that is kept.
#[utoipa::path(get, path = "/v1/executions/{id}", tag = "executions", operation_id = "get_execution", params(ExecutionId),
    responses((status = 200, body = ExecutionView), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub(super) async fn find(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ExecutionId>,
) -> Result<Json<ExecutionView>, Problem> {
    let found = app.executions.find(&tenant.id, &id).await?.ok_or_else(|| Problem::not_found("execution"))?;
    let bulk = app.executions.bulk(&id).await?;
    Ok(Json(ExecutionView::from(found).with_jobs(bulk)))
}

/// Ends an execution early. A write that was being sent becomes `unknown`.
#[utoipa::path(post, path = "/v1/executions/{id}/cancel", tag = "executions", operation_id = "cancel_execution", params(ExecutionId),
    responses((status = 202, description = "It is being ended."), (status = 401, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "No execution with this id runs in this process."),
        (status = 409, body = ProblemBody, description = "It has ended, and that waits to be recorded.")))]
pub(super) async fn cancel(
    State(app): State<App>,
    ByTenant(tenant): ByTenant,
    Path(id): Path<ExecutionId>,
) -> Result<StatusCode, Problem> {
    app.executions.cancel(&tenant, &id).map(|()| StatusCode::ACCEPTED).map_err(Problem::from)
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = keys.next().map(|key| {
        let key = IdempotencyKey::parse(key.as_bytes()).filter(|_| keys.next().is_none());
        key.ok_or_else(|| Problem::invalid(format!("Idempotency-Key: expected it once, {}", IdempotencyKey::FORM)))
    });
    key.transpose()
}

impl Submit {
    fn call_options(&self) -> CallOptions {
        CallOptions {
            deadline_ms: self.options.deadline_ms.map(Whole::get),
            max_response_bytes: self.options.max_response_bytes.map(Whole::get),
            attempts: self.options.attempts.map(Whole::get),
        }
    }

    fn digest(&self) -> [u8; 32] {
        let component = self.component.as_ref().map(ComponentDigest::as_str);
        digest(self.connection.as_str(), component, self.action.as_str(), self.input.get(), self.call_options())
    }

    fn into_request(self, actions: &Arc<Actions>, key: Option<IdempotencyKey>) -> Result<Request, Problem> {
        let options = self.call_options();
        let Submit { connection, component, action, input, .. } = self;
        let call = Call::parse(actions, action.as_str(), input.get())?;
        Ok(Request::new(connection.into(), component.map(String::from), call, options, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_for_those_who_accept_nothing_else() {
        for (accept, streams) in [
            (&["application/x-ndjson"][..], true),
            (&["Application/X-NDJSON; q=0.9, */*"], true),
            (&["application/problem+json", "application/x-ndjson"], true),
            (&["application/json, application/x-ndjson, application/problem+json"], false),
            (&["application/x-ndjson-more"], false),
            (&["*/*"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for accept in accept {
                headers.append(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(wants_stream(&headers), streams, "{accept:?}");
        }
    }
}

//! Several requests in one: batch, composite, graph and tree.
//!
//! What is inside of a batch, a composite or a graph passes through the router of all resources, as if it had come alone:
//! `subrequest` does that. `requests` plays a list of them with `references` from one to another, all or none if asked for.
//! Whatever may be rolled back has the org to itself meanwhile ([`Rest::turns`]).
//!
//! Source: REST API Developer Guide, "Composite Resources". Codes and messages for what exceeds a limit are not verified, but
//! for the number of requests of a composite.

mod batch;
mod graph;
mod references;
mod requests;
mod subrequest;
mod tree;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Map, Value};

use self::requests::Requests;
use super::Rest;
use super::body::JsonObject;
use super::call::Call;
use crate::answer::Writes;
use crate::{ApiError, answer};

/// What the composite resources share: all others, to send subrequests to.
#[derive(Debug, Clone)]
struct Composite {
    rest: Arc<Rest>,
    resources: Router,
}

/// The composite resources over the others.
pub(super) fn routes(rest: Arc<Rest>, resources: Router) -> Router {
    Router::new()
        .route("/services/data/{version}/composite", get(resources_of).post(composite))
        .route("/services/data/{version}/composite/batch", post(batch::batch))
        .route("/services/data/{version}/composite/graph", post(graph::graph))
        .route("/services/data/{version}/composite/tree/{object}", post(tree::tree))
        .with_state(Composite { rest, resources })
}

/// `GET /composite`.
async fn resources_of(call: Call) -> Response {
    let mut resources = Map::new();
    for name in ["tree", "batch", "sobjects", "graph"] {
        let url = format!("/services/data/{}/composite/{name}", call.version);
        resources.insert(name.to_owned(), Value::String(url));
    }
    answer::json(StatusCode::OK, &resources)
}

/// `POST /composite`: up to 25 requests, one after the other.
async fn composite(
    State(composite): State<Composite>,
    call: Call,
    JsonObject(mut body): JsonObject,
) -> Result<Response, ApiError> {
    let all_or_none = flag(&mut body, "allOrNone")?;
    // Requests are played one by one, so whether those that could be done together are changes nothing.
    flag(&mut body, "collateSubrequests")?;
    let requests = list(&mut body, "compositeRequest")?;
    if requests.len() > requests::REQUESTS {
        return Ok(answer::json(StatusCode::OK, &requests::too_many_operations()));
    }
    let requests = Requests::parse(requests, requests::Scope::Composite)?;
    let played = if all_or_none {
        let _turn = composite.rest.turns.write().await;
        requests.play_all_or_none(&composite, &call).await
    } else {
        let _turn = composite.rest.turns.read().await;
        requests.play(&composite, &call).await
    };
    let mut response = answer::json(StatusCode::OK, &played.body());
    response.extensions_mut().insert(Writes(played.writes));
    Ok(response)
}

/// A switch of a request; off unless it is there.
fn flag(body: &mut Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    match body.remove(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(value),
        Some(_) => Err(unreadable(format!("{name} must be true or false"))),
    }
}

/// A list of objects in a request.
fn list(body: &mut Map<String, Value>, name: &str) -> Result<Vec<Map<String, Value>>, ApiError> {
    let wrong = || unreadable(format!("{name} must be an array of objects"));
    let Some(Value::Array(items)) = body.remove(name) else { return Err(wrong()) };
    let object = |item| match item {
        Value::Object(item) => Ok(item),
        _ => Err(wrong()),
    };
    items.into_iter().map(object).collect()
}

/// Text in a request.
fn text(item: &mut Map<String, Value>, name: &str) -> Result<String, ApiError> {
    match item.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(unreadable(format!("{name} must be text"))),
    }
}

fn unreadable(message: String) -> ApiError {
    ApiError::bad_request("JSON_PARSER_ERROR", message)
}

fn too_many(what: &str, most: usize, given: usize) -> ApiError {
    ApiError::bad_request("LIMIT_EXCEEDED", format!("the request has {given} {what}, at most {most} are allowed"))
}

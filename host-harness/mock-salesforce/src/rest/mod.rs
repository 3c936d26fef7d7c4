//! The REST API: versions, SOQL over HTTP, records, metadata, collections, limits.
//!
//! Not for what the org does with a write or a query: that is [`org`](crate::org) and [`soql`](crate::soql).

pub(crate) mod actions;
pub(crate) mod apex_rest;
pub(crate) mod approvals;
pub(crate) mod blobs;
mod body;
pub(crate) mod bulk;
pub(crate) mod call;
mod changes;
mod collections;
mod composite;
mod conditional;
mod describe;
mod explain;
mod external_id;
mod gate;
pub(crate) mod limits;
pub(crate) mod locators;
mod multipart;
mod query;
pub(crate) mod quick_actions;
pub(crate) mod recent;
mod record_count;
pub(crate) mod reports;
mod resources;
mod rows;
mod saved;
pub(crate) mod scripted;
pub(crate) mod search;
mod unknown;
mod version;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, patch, post, put};
use tokio::sync::RwLock;

use crate::ApiError;
use crate::oauth::OAuth;
use crate::site::Site;
use actions::Action;
use apex_rest::ApexResource;
use approvals::Approvals;
use bulk::jobs::Jobs;
use limits::ApiUsage;
use locators::Locators;
use quick_actions::QuickAction;
use recent::Recent;
use reports::Reports;
use search::SearchIndex;

/// What the resources share.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) site: Arc<Site>,
    pub(crate) oauth: Arc<OAuth>,
    pub(crate) locators: Mutex<Locators>,
    pub(crate) usage: ApiUsage,
    pub(crate) recent: Recent,
    pub(crate) search_index: SearchIndex,
    pub(crate) jobs: Mutex<Jobs>,
    pub(crate) actions: Mutex<Vec<Action>>,
    pub(crate) approvals: Approvals,
    pub(crate) apex_resources: Mutex<Vec<ApexResource>>,
    pub(crate) quick_actions: Mutex<Vec<QuickAction>>,
    pub(crate) reports: Mutex<Reports>,
    /// Whether a blob can be read in parts.
    pub(crate) grants_ranges: AtomicBool,
    /// Whoever may have to undo what was done since has it alone; everybody else shares it.
    pub(crate) turns: RwLock<()>,
}

/// The resources of every version, behind the gate, and the list of versions, which needs no session.
pub(crate) fn routes(rest: Arc<Rest>) -> Router {
    let resources = resources().with_state(Arc::clone(&rest));
    let composite = composite::routes(Arc::clone(&rest), resources.clone());
    let resources = resources.layer(from_fn_with_state(Arc::clone(&rest), share_turn));
    let composite = composite.layer(DefaultBodyLimit::disable());
    let resources = resources.merge(composite).layer(from_fn_with_state(Arc::clone(&rest), gate::gate));
    let versions = Router::new().route("/services/data", get(resources::versions));
    let apex = Router::new().route("/services/apexrest/{*path}", any(apex_rest::answer)).with_state(rest);
    versions.merge(resources).merge(apex).merge(unknown::outside())
}

/// Those that may stand alone or in a composite request. The gate has been passed.
fn resources() -> Router<Arc<Rest>> {
    Router::new()
        .route("/services/data/{version}", get(resources::resources))
        .route("/services/data/{version}/query", get(query::query))
        .route("/services/data/{version}/query/{locator}", get(query::more))
        .route("/services/data/{version}/queryAll", get(query::query_all))
        .route("/services/data/{version}/queryAll/{locator}", get(query::more))
        .route("/services/data/{version}/limits", get(limits::limits))
        .route("/services/data/{version}/limits/recordCount", get(record_count::record_count))
        .route("/services/data/{version}/recent", get(recent::recent))
        .route("/services/data/{version}/search", get(search::search))
        .route("/services/data/{version}/parameterizedSearch", get(search::by_parameters).post(search::by_body))
        .route("/services/data/{version}/sobjects", get(describe::global))
        .route("/services/data/{version}/sobjects/{object}", get(describe::basic).post(rows::create))
        .route("/services/data/{version}/sobjects/{object}/describe", get(describe::object))
        .route("/services/data/{version}/sobjects/{object}/updated", get(changes::updated))
        .route("/services/data/{version}/sobjects/{object}/deleted", get(changes::deleted))
        .route(
            "/services/data/{version}/sobjects/{object}/{id}",
            get(rows::read).patch(rows::update).delete(rows::delete),
        )
        .route(
            "/services/data/{version}/sobjects/{object}/{field}/{value}",
            get(external_id::read).patch(external_id::upsert).delete(external_id::delete),
        )
        .route(
            "/services/data/{version}/composite/sobjects",
            post(collections::create)
                .patch(collections::update)
                .layer(from_fn(blobs::refuse_multipart))
                .delete(collections::delete),
        )
        .route(
            "/services/data/{version}/composite/sobjects/{object}",
            get(collections::retrieve::get).post(collections::retrieve::post),
        )
        .route(
            "/services/data/{version}/composite/sobjects/{object}/{field}",
            patch(collections::upsert).layer(from_fn(blobs::refuse_multipart)),
        )
        .route("/services/data/{version}/{*rest}", any(nothing))
        .route("/services/data/{version}/actions", get(resources::below))
        .route("/services/data/{version}/analytics", get(resources::below))
        .route("/services/data/{version}/jobs", get(resources::below))
        .route("/services/data/{version}/process", get(resources::below))
        .route("/services/data/{version}/actions/custom", get(actions::kinds))
        .route("/services/data/{version}/actions/custom/{kind}", get(actions::list))
        .route("/services/data/{version}/actions/custom/{kind}/{name}", get(actions::describe).post(actions::invoke))
        .route("/services/data/{version}/process/approvals", get(approvals::list).post(approvals::process))
        .route("/services/data/{version}/jobs/query", get(bulk::list::of_queries).post(bulk::query::create))
        .route(
            "/services/data/{version}/jobs/query/{id}",
            get(bulk::query::info).patch(bulk::query::change).delete(bulk::query::delete),
        )
        .route("/services/data/{version}/jobs/query/{id}/results", get(bulk::query::results))
        .route("/services/data/{version}/jobs/query/{id}/resultPages", get(bulk::query::result_pages))
        .route("/services/data/{version}/jobs/ingest", get(bulk::list::of_ingests).post(bulk::ingest::create))
        .route(
            "/services/data/{version}/jobs/ingest/{id}",
            get(bulk::ingest::info).patch(bulk::ingest::change).delete(bulk::ingest::delete),
        )
        .route("/services/data/{version}/jobs/ingest/{id}/batches", put(bulk::ingest::upload))
        .route("/services/data/{version}/jobs/ingest/{id}/{results}", get(bulk::ingest::results))
        .merge(quick_actions::routes())
        .merge(reports::routes())
        .merge(unknown::routes())
        // The pipeline has a limit of its own.
        .layer(DefaultBodyLimit::disable())
}

async fn share_turn(State(rest): State<Arc<Rest>>, request: Request, next: Next) -> Response {
    let _turn = rest.turns.read().await;
    next.run(request).await
}

async fn nothing() -> ApiError {
    ApiError::not_found()
}

/// Salesforce's 405 in place of the router's, which has no body. A router tells the methods outside of its layers.
pub(crate) fn told_allowed_methods(method: &Method, response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let allowed = response.headers().get(header::ALLOW).cloned().unwrap_or(HeaderValue::from_static("GET,HEAD"));
    let names = allowed.to_str().unwrap_or_default();
    let message = format!("HTTP Method '{method}' not allowed. Allowed are {names}");
    let mut response = ApiError::new(405, "METHOD_NOT_ALLOWED", message).into_response();
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

//! The REST API, version 1: one file for each resource, described by an OpenAPI document that is made from the handlers.
//!
//! | resource | who |
//! |---|---|
//! | `/v1/connections`, `/v1/executions`, `/v1/bulk-queries`, `/v1/bulk-loads`, `/v1/components`, `/v1/tenant` | a tenant's token |
//! | `/v1/tenants`, `/v1/administrator` | an administrator's token |
//! | `/mcp`: the Model Context Protocol, not REST | a tenant's token |
//! | `/healthz`, `/readyz`, `/metrics`, `/openapi.json`, `/problems` | anybody who reaches the server |

mod body;
mod bulk;
mod components;
mod connections;
mod document;
mod execution_view;
mod executions;
mod mcp;
mod observe;
mod page;
mod principal;
mod problem;
mod tenant;
mod tenants;
mod tokens;
mod webhook;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use tracing::Instrument;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::app::App;
use super::ids;
pub(super) use components::received;
pub(super) use executions::{LONGEST_ACTION, LONGEST_KIND};
pub(super) use problem::{Problem, ProblemKind};
use salesforce_actions::Actions;
pub(super) use tenants::deleted;
pub(super) use tokens::revoked;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Salesforce connector host",
        version = "1",
        description = "Runs the Salesforce connector, or a tenant's own component, a fresh instance for every execution."
    ),
    security(("token" = []))
)]
struct Document;

/// The API and its description.
pub(super) fn router(app: &App) -> Router<App> {
    let bounds = Bounds::of(app);
    let most_bytes = usize::try_from(bounds.component).unwrap_or(usize::MAX);
    let (router, document) = described().split_for_parts();
    let json = format!("{:#}", document::complete(&document, Actions::of_connector(), bounds, None));
    router
        .route("/openapi.json", get(async move || ([("content-type", "application/json")], json.clone())))
        .route("/problems", get(problem::list))
        .route(mcp::PATH, any(mcp::serve))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(most_bytes))
        .layer(middleware::from_fn_with_state(bounds, refuse_too_large))
        .layer(middleware::from_fn(with_request_id))
}

fn described() -> OpenApiRouter<App> {
    let mut document = Document::openapi();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("token", scheme);
    OpenApiRouter::with_openapi(document)
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::find, connections::change, connections::delete))
        .routes(routes!(connections::authorize))
        .routes(routes!(connections::refresh))
        .routes(routes!(connections::revoke))
        .routes(routes!(executions::list, executions::submit))
        .routes(routes!(executions::find))
        .routes(routes!(executions::cancel))
        .routes(routes!(bulk::query))
        .routes(routes!(bulk::load))
        .routes(routes!(bulk::rows))
        .routes(routes!(components::list, components::upload))
        .routes(routes!(components::find, components::delete))
        .routes(routes!(components::document))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::find, tenants::limit, tenants::rename, tenants::delete))
        .routes(routes!(tenants::suspend))
        .routes(routes!(tenants::resume))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(tenant::find))
        .routes(routes!(tenant::set_agents))
        .routes(routes!(webhook::find, webhook::set, webhook::delete))
        .routes(routes!(webhook::test))
        .routes(routes!(tokens::renew))
        .routes(routes!(tokens::list_of_administrators, tokens::create_of_administrator))
        .routes(routes!(tokens::revoke_of_administrator))
        .routes(routes!(tokens::renew_of_administrator))
        .routes(routes!(observe::healthz))
        .routes(routes!(observe::readyz))
        .routes(routes!(observe::metrics))
}

/// Bytes of the bodies that are larger than all others.
#[derive(Clone, Copy)]
struct Bounds {
    component: u64,
    load: u64,
}

impl Bounds {
    fn of(app: &App) -> Bounds {
        Bounds { component: app.components.most_bytes(), load: app.executions.load_bytes }
    }
}

/// Refuses a body that is announced too large before any of it is read. Of the others whoever reads them counts what arrives.
async fn refuse_too_large(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let allowed = if request.uri().path() == bulk::LOADS { bounds.load } else { bounds.component };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > allowed) {
        return Problem::new(ProblemKind::TooLarge, format!("expected at most {allowed} bytes")).into_response();
    }
    next.run(request).await
}

/// Names every request, in its logs and to its caller.
async fn with_request_id(request: Request, next: Next) -> Response {
    const NAME: HeaderName = HeaderName::from_static("x-request-id");
    let id = ids::new();
    // Not the path as it came: whatever it says, only what it is for is logged.
    let path = request.extensions().get::<MatchedPath>().map_or("none of ours", MatchedPath::as_str);
    let span = tracing::info_span!("request", id, method = problem::known(request.method()), path);
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(NAME, id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described_and_says_how_it_fails() {
        let document = described().to_openapi();
        let json = serde_json::to_value(&document).unwrap();
        let paths = json["paths"].as_object().unwrap();
        assert!(paths.len() >= 14, "{paths:?}");
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().unwrap() {
                let what = format!("{method} {path}");
                assert!(operation["summary"].is_string(), "{what} has no summary");
                assert!(operation["operationId"].is_string(), "{what} has no id");
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')), "{what} never succeeds");
                if path.starts_with("/v1/") {
                    assert!(responses.contains_key("401"), "{what} does not say 401");
                }
            }
        }
    }
}

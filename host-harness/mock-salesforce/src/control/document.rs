//! The OpenAPI document of the control plane.

use std::sync::Arc;

use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{
    Steering, apps, clock, events, faults, ledger, limits, locks, queries, records, rules, schema, sessions, snapshots,
    users,
};

/// Where it is read.
pub(super) const PATH: &str = "/__mock/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Control plane of the Salesforce mock",
        version = "1",
        description = "Steers a Salesforce org in memory: records, clock, faults, rules and permissions, and what its clients did."
    ),
    components(schemas(Problem)),
    security(("token" = []))
)]
struct Document;

/// Every resource with its description.
pub(super) fn described() -> OpenApiRouter<Arc<Steering>> {
    let mut document = Document::openapi();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("token", scheme);
    OpenApiRouter::with_openapi(document)
        .routes(routes!(clock::read))
        .routes(routes!(clock::freeze))
        .routes(routes!(clock::advance))
        .routes(routes!(clock::thaw))
        .routes(routes!(ledger::read, ledger::clear))
        .routes(routes!(faults::list, faults::add, faults::clear))
        .routes(routes!(faults::delete))
        .routes(routes!(limits::read, limits::set))
        .routes(routes!(queries::paging, queries::set_paging))
        .routes(routes!(queries::expire_locators))
        .routes(routes!(records::count, records::add, records::replace))
        .routes(routes!(records::read))
        .routes(routes!(records::reset))
        .routes(routes!(snapshots::list))
        .routes(routes!(snapshots::take, snapshots::delete))
        .routes(routes!(snapshots::restore))
        .routes(routes!(users::list))
        .routes(routes!(users::rename))
        .routes(routes!(users::permissions, users::set_permissions))
        .routes(routes!(rules::validation_rules))
        .routes(routes!(rules::set_validation_rule, rules::delete_validation_rule))
        .routes(routes!(rules::duplicate_rules))
        .routes(routes!(rules::set_duplicate_rule, rules::delete_duplicate_rule))
        .routes(routes!(rules::failing_flows))
        .routes(routes!(rules::set_failing_flow, rules::delete_failing_flow))
        .routes(routes!(sessions::create, sessions::expire))
        .routes(routes!(sessions::allow))
        .routes(routes!(sessions::refresh_tokens))
        .routes(routes!(sessions::refresh_token))
        .routes(routes!(sessions::refreshes, sessions::hold_refreshes))
        .routes(routes!(apps::list, apps::create))
        .routes(routes!(apps::change))
        .routes(routes!(apps::trust_assertion))
        .routes(routes!(locks::list))
        .routes(routes!(locks::hold, locks::release))
        .routes(routes!(events::read))
        .routes(routes!(schema::objects))
        .routes(routes!(schema::object))
}

/// The document as JSON. Every operation is refused without the token; that is said here once.
pub(super) fn json(mut document: utoipa::openapi::OpenApi) -> String {
    let refused = utoipa::openapi::Response::new("No valid token of the control plane");
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("401".to_owned(), RefOr::T(refused.clone()));
        }
    }
    document.to_json().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described_and_says_how_it_fails() {
        let (_, document) = described().split_for_parts();
        let document: serde_json::Value = serde_json::from_str(&json(document)).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() >= 30, "{paths:?}");
        for (path, operations) in paths {
            assert!(super::super::owns(path), "{path}");
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["operationId"].is_string(), "{method} {path} has no id");
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} never succeeds");
                assert!(responses.contains_key("401"), "{method} {path}");
                let takes_something = operation.get("requestBody").is_some();
                assert_eq!(responses.contains_key("400"), takes_something || operation["parameters"].is_array());
            }
        }
    }
}

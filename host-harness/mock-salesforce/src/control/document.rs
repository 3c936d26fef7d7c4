//! The OpenAPI document of the control plane.

use std::sync::Arc;

use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::named::{of_all, of_one};
use super::problem::Problem;
use super::scripted::ApexForm;
use super::{
    Steering, apps, bulk_jobs, clock, events, faults, ledger, limits, locks, queries, record, records, schema,
    search_index, sessions, snapshots, users,
};
use crate::org::{DuplicateRule, FailingFlow, ValidationRule};
use crate::rest::actions::Action;
use crate::rest::approvals::ApprovalProcess;
use crate::rest::quick_actions::QuickAction;
use crate::rest::reports::Report;

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
        .routes(routes!(records::read, records::add_of_object))
        .routes(routes!(record::change, record::delete))
        .routes(routes!(records::reset))
        .routes(routes!(snapshots::list))
        .routes(routes!(snapshots::take, snapshots::delete))
        .routes(routes!(snapshots::restore))
        .routes(routes!(users::list))
        .routes(routes!(users::rename))
        .routes(routes!(users::permissions, users::set_permissions))
        .routes(of_all::<ValidationRule>())
        .routes(of_one::<ValidationRule>())
        .routes(of_all::<DuplicateRule>())
        .routes(of_one::<DuplicateRule>())
        .routes(of_all::<FailingFlow>())
        .routes(of_one::<FailingFlow>())
        .routes(of_all::<Action>())
        .routes(of_one::<Action>())
        .routes(of_all::<ApexForm>())
        .routes(of_one::<ApexForm>())
        .routes(of_all::<ApprovalProcess>())
        .routes(of_one::<ApprovalProcess>())
        .routes(of_all::<QuickAction>())
        .routes(of_one::<QuickAction>())
        .routes(of_all::<Report>())
        .routes(of_one::<Report>())
        .routes(routes!(search_index::read, search_index::set))
        .routes(routes!(bulk_jobs::read, bulk_jobs::set))
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
        .routes(routes!(schema::objects, schema::replace))
        .routes(routes!(schema::object, schema::set, schema::delete))
}

/// The document as JSON. What is true of every operation is said here once: what its statuses mean, and that nothing goes without
/// the token.
pub(super) fn json(mut document: utoipa::openapi::OpenApi) -> String {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for responses in operations.into_iter().flatten().map(|operation| &mut operation.responses.responses) {
            let refused = ResponseBuilder::new().content("application/json", problem.clone()).build();
            responses.insert("401".to_owned(), RefOr::T(refused));
            for (status, response) in responses {
                if let RefOr::T(response) = response {
                    meaning(status).clone_into(&mut response.description);
                }
            }
        }
    }
    document.to_json().unwrap_or_default()
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done, or what was asked for",
        "201" => "Made",
        "204" => "Done",
        "400" => "The request is not what was expected; nothing was changed",
        "401" => "Not the token of the control plane",
        "404" => "What the path names is not there",
        _ => "It does not go together with what is there; nothing was changed",
    }
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
        let mut ids = std::collections::HashSet::new();
        for (path, operations) in paths {
            assert!(super::super::owns(path), "{path}");
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
                assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{id}");
                assert!(ids.insert(id.to_owned()), "{id} twice");
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} never succeeds");
                assert!(responses.contains_key("401"), "{method} {path}");
                assert!(responses.values().all(|response| response["description"].is_string()), "{method} {path}");
                let takes_something = operation.get("requestBody").is_some();
                assert_eq!(responses.contains_key("400"), takes_something || operation["parameters"].is_array());
            }
        }
    }
}

//! Resources that Salesforce has and the mock does not: 404, by name.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use maud::{PreEscaped, html};
use serde_json::json;

use super::Rest;
use super::body::is_json;
use crate::{ApiError, answer};

/// Paths below a version, and what is there in Salesforce. A path stands for everything below it too.
const UNKNOWN: &[(&str, &str)] = &[
    ("actions/standard", "standard invocable actions"),
    ("analytics/dashboards", "dashboards"),
    ("analytics/notifications", "notifications about reports"),
    ("analytics/reportTypes", "types of reports"),
    ("appMenu", "the app menu"),
    ("async-queries", "asynchronous SOQL"),
    ("chatter", "Chatter"),
    ("commerce", "commerce"),
    ("compactLayouts", "compact layouts of several objects"),
    ("connect", "Connect REST API"),
    ("consent", "consents"),
    ("dedupe", "duplicate jobs"),
    ("eclair", "maps for dashboards"),
    ("event", "events of the event bus"),
    ("folders", "folders of reports and dashboards"),
    ("graphql", "GraphQL"),
    ("knowledgeManagement", "knowledge management"),
    ("licensing", "package licences"),
    ("localizedvalue", "translations"),
    ("metadata", "Metadata API"),
    ("process/rules", "workflow rules"),
    ("scheduling", "scheduling"),
    ("search/layout", "layouts of search results"),
    ("search/scopeOrder", "the objects that a user searches most"),
    ("search/suggestSearchQueries", "searches of others"),
    ("search/suggestTitleMatches", "articles with a similar title"),
    ("search/suggestions", "records with a similar name"),
    ("smartdatadiscovery", "Einstein Discovery"),
    ("sobjects/{object}/describe/approvalLayouts", "approval layouts"),
    ("sobjects/{object}/describe/compactLayouts", "compact layouts"),
    ("sobjects/{object}/describe/layouts", "layouts"),
    ("sobjects/{object}/describe/namedLayouts", "named layouts"),
    ("sobjects/{object}/eventSchema", "schemas of platform events"),
    ("sobjects/{object}/listviews", "list views"),
    ("sobjects/User/{id}/password", "passwords of users"),
    ("sobjects/relevantItems", "the most relevant records"),
    ("support", "knowledge articles for support"),
    ("tabs", "tabs"),
    ("theme", "icons and colours"),
    ("tooling", "Tooling API"),
    ("ui-api", "User Interface API"),
    ("wave", "CRM Analytics"),
];

/// The same outside of a version.
const STREAMING: (&str, &str) = ("/cometd", "Streaming API");
const BULK_1: (&str, &str) = ("/services/async", "Bulk API 1.0");

/// Answers for those outside of a version that they are unknown to the mock, each in the form of its errors.
pub(super) fn outside() -> Router {
    let below = |(path, _): (&str, &str)| format!("{path}/{{*below}}");
    let streaming = any(async || error(STREAMING.0, STREAMING.1));
    Router::new()
        .route(STREAMING.0, streaming.clone())
        .route(&below(STREAMING), streaming)
        .route(&below(BULK_1), any(bulk_1))
}

/// Errors of the Bulk API 1.0 are in the format of the request.
///
/// Source: Bulk API Developer Guide, "Errors".
async fn bulk_1(headers: HeaderMap) -> Response {
    let ApiError { code, message, .. } = error(BULK_1.0, BULK_1.1);
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_json(content_type) {
        return answer::json(StatusCode::NOT_FOUND, &json!({"exceptionCode": code, "exceptionMessage": message}));
    }
    let page = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        error xmlns="http://www.force.com/2009/06/asyncapi/dataload" {
            exceptionCode { (code) }
            exceptionMessage { (message) }
        }
    };
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/xml")], page.into_string()).into_response()
}

/// Answers for each of them that it is unknown to the mock.
pub(crate) fn routes() -> Router<Arc<Rest>> {
    UNKNOWN.iter().fold(Router::new(), |router, &(path, what)| {
        let handler = any(move || async move { error(path, what) });
        let at = format!("/services/data/{{version}}/{path}");
        router.route(&format!("{at}/{{*below}}"), handler.clone()).route(&at, handler)
    })
}

fn error(path: &str, what: &str) -> ApiError {
    let message = format!("The mock does not know the resource {path} ({what}): its page lists what it knows");
    ApiError::new(404, "NOT_FOUND", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_everything_unknown_and_nothing_else() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MOCK.md")).unwrap();
        let (_, list) = page.split_once("the mock does not know these, and says so by name:\n\n").unwrap();
        let (list, _) = list.split_once("\n\n").unwrap();
        let outside = [BULK_1, STREAMING];
        let expected: Vec<_> = UNKNOWN
            .iter()
            .chain(&outside)
            .chain(crate::soap_login::UNKNOWN)
            .map(|(path, what)| format!("{what} (`{path}`)"))
            .collect();
        let told = list.replace('\n', " ");
        assert_eq!(told.trim_end_matches('.').split("; ").collect::<Vec<_>>(), expected);
    }
}

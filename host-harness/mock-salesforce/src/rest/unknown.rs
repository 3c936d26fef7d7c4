//! Resources that Salesforce has and the mock does not: 404, by name.

use std::sync::Arc;

use axum::Router;
use axum::routing::any;

use super::Rest;
use crate::ApiError;

/// Paths below a version, and what is there in Salesforce. A path stands for everything below it too.
const UNKNOWN: &[(&str, &str)] = &[
    ("actions/standard", "standard invocable actions"),
    ("analytics", "reports and dashboards"),
    ("appMenu", "the app menu"),
    ("async-queries", "asynchronous SOQL"),
    ("chatter", "Chatter"),
    ("commerce", "commerce"),
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
    ("quickActions", "global quick actions"),
    ("scheduling", "scheduling"),
    ("smartdatadiscovery", "Einstein Discovery"),
    ("sobjects/{object}/describe/approvalLayouts", "approval layouts"),
    ("sobjects/{object}/describe/compactLayouts", "compact layouts"),
    ("sobjects/{object}/describe/layouts", "layouts"),
    ("sobjects/{object}/describe/namedLayouts", "named layouts"),
    ("sobjects/{object}/listviews", "list views"),
    ("sobjects/{object}/quickActions", "quick actions of an object"),
    ("support", "knowledge articles for support"),
    ("tabs", "tabs"),
    ("theme", "icons and colours"),
    ("tooling", "Tooling API"),
    ("ui-api", "User Interface API"),
    ("wave", "CRM Analytics"),
];

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
        let expected: Vec<_> = UNKNOWN.iter().map(|(path, what)| format!("{what} (`{path}`)")).collect();
        let told = list.replace('\n', " ");
        assert_eq!(told.trim_end_matches('.').split("; ").collect::<Vec<_>>(), expected);
    }
}

//! The resources that tell which resources there are.
//!
//! Source: REST API Developer Guide, "Versions", "Resources by Version".

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Rest;
use super::call::Call;
use super::gate::accepts_json;
use super::version::Version;
use crate::{ApiError, answer};

const RESOURCES: [&str; 13] = [
    "actions",
    "analytics",
    "composite",
    "jobs",
    "limits",
    "parameterizedSearch",
    "process",
    "query",
    "queryAll",
    "quickActions",
    "recent",
    "search",
    "sobjects",
];

/// `GET /services/data`: the versions, oldest first. It needs no token.
pub(crate) async fn versions(headers: HeaderMap) -> Result<Response, ApiError> {
    accepts_json(&headers)?;
    let versions: Vec<Value> = Version::offered()
        .map(|version| {
            json!({
                "label": version.label(),
                "url": format!("/services/data/{version}"),
                "version": version.number(),
            })
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &versions))
}

/// `GET /services/data/vNN.N`: the resources of a version, those alone that the mock has, and who asks.
pub(crate) async fn resources(State(rest): State<Arc<Rest>>, call: Call, headers: HeaderMap) -> Response {
    let mut resources = Map::new();
    for name in RESOURCES {
        let url = format!("/services/data/{}/{name}", call.version);
        resources.insert(name.to_owned(), Value::String(url));
    }
    let identity = rest.site.identity_url(&rest.site.url_for(&headers), &call.bearer.user_id);
    resources.insert("identity".to_owned(), Value::String(identity));
    answer::json(StatusCode::OK, &resources)
}

/// `GET /actions`, `GET /analytics`, `GET /jobs` and `GET /process`: the resources below, those alone that the mock has.
pub(crate) async fn below(call: Call, uri: Uri) -> Result<Response, ApiError> {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    let below: &[&str] = match name {
        "actions" => &["custom"],
        "analytics" => &["reports"],
        "jobs" => &["ingest", "query"],
        "process" => &["approvals"],
        _ => return Err(ApiError::not_found()),
    };
    let url = |below: &&str| ((*below).to_owned(), format!("/services/data/{}/{name}/{below}", call.version).into());
    Ok(answer::json(StatusCode::OK, &below.iter().map(url).collect::<Map<_, Value>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_resource() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MOCK.md")).unwrap();
        let (_, table) = page.split_once("## What the REST API knows").unwrap();
        let (table, _) = table.split_once("\n\nA user has").unwrap();
        let paths = table.lines().filter_map(|line| line.strip_prefix("| `")).flat_map(|line| {
            let (paths, _) = line.split_once(" | ").unwrap();
            paths.split("`, `").map(|path| path.trim_matches('`').split('/').next().unwrap())
        });
        let mut told: Vec<_> = paths.filter(|name| !name.is_empty()).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told, RESOURCES);
    }
}

//! The resources that tell which resources there are.
//!
//! Source: REST API Developer Guide, "Versions", "Resources by Version".

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::gate::accepts_json;
use super::version::Version;
use crate::{ApiError, answer};

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

/// `GET /services/data/vNN.N`: the resources of a version.
pub(crate) async fn resources(call: Call) -> Response {
    let mut resources = Map::new();
    for name in ["sobjects", "query", "queryAll", "search", "parameterizedSearch", "recent", "limits", "composite"] {
        let url = format!("/services/data/{}/{name}", call.version);
        resources.insert(name.to_owned(), Value::String(url));
    }
    answer::json(StatusCode::OK, &resources)
}

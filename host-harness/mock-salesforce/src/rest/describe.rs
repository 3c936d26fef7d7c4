//! Metadata of objects: all of them, one in full, and the short form with recent records.
//!
//! Source: REST API Developer Guide, "Describe Global", "sObject Describe", "sObject Basic Information".

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::Rest;
use super::call::Call;
use super::conditional::{Unread, Validators};
use crate::org::Org;
use crate::{ApiError, answer};

/// `GET /sobjects`.
pub(crate) async fn global(State(rest): State<Arc<Rest>>, call: Call, headers: HeaderMap) -> Result<Response, Unread> {
    let org = rest.site.org();
    let body = org.describe_global(&call.version.to_string());
    told(&org, &body, &headers)
}

/// `GET /sobjects/{object}/describe`.
pub(crate) async fn object(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Unread> {
    let url = rest.site.url_for(&headers);
    let org = rest.site.org();
    let body = org.describe(&object, &call.version.to_string(), &url)?;
    told(&org, &body, &headers)
}

/// `GET /sobjects/{object}`.
pub(crate) async fn basic(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let org = rest.site.org();
    let described = org.summary(&object, &call.version.to_string())?;
    let name = org.object(&object)?.name.to_string();
    let recent = rest.recent.items(&org, &call, Some(&name));
    Ok(answer::json(StatusCode::OK, &json!({"objectDescribe": described, "recentItems": recent})))
}

/// Metadata, unless the client has them.
fn told(org: &Org, body: &Value, headers: &HeaderMap) -> Result<Response, Unread> {
    let body = body.to_string().into_bytes();
    let validators = Validators::of_metadata(org.metadata_changed(), &body);
    validators.check_read(headers)?;
    Ok(validators.mark(answer::json_bytes(StatusCode::OK, body)))
}

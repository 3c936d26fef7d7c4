//! Metadata of objects: all of them, one in full, and the short form with recent records.
//!
//! Source: REST API Developer Guide, "Describe Global", "sObject Describe", "sObject Basic Information".

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Rest;
use super::call::Call;
use super::conditional::{Unread, Validators};
use crate::{ApiError, answer};

/// When the org's metadata last changed: never since it was made.
const METADATA_CHANGED: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// `GET /sobjects`.
pub(crate) async fn global(State(rest): State<Arc<Rest>>, call: Call, headers: HeaderMap) -> Result<Response, Unread> {
    let validators = Validators::modified(METADATA_CHANGED);
    validators.check_read(&headers)?;
    let body = rest.site.org().describe_global(&call.version.to_string());
    Ok(validators.mark(answer::json(StatusCode::OK, &body)))
}

/// `GET /sobjects/{object}/describe`.
pub(crate) async fn object(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Unread> {
    let body = rest.site.org().describe(&object, &call.version.to_string())?;
    let validators = Validators::modified(METADATA_CHANGED);
    validators.check_read(&headers)?;
    Ok(validators.mark(answer::json(StatusCode::OK, &body)))
}

/// `GET /sobjects/{object}`.
pub(crate) async fn basic(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let org = rest.site.org();
    let name = org.object(&object)?.name.to_string();
    let global = org.describe_global(&call.version.to_string());
    let described = global.get("sobjects").and_then(Value::as_array).into_iter().flatten();
    let described = described.into_iter().find(|described| described.get("name") == Some(&json!(name)));
    Ok(answer::json(
        StatusCode::OK,
        &json!({"objectDescribe": described, "recentItems": rest.recent.items(&org, &call, Some(&name))}),
    ))
}

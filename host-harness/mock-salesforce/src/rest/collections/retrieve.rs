//! Several records of one object by Id, in the order asked for; `null` stands where there is none.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::request::missing;
use crate::org::Org;
use crate::rest::Rest;
use crate::rest::body::JsonObject;
use crate::rest::call::{Call, RawQuery, parameter};
use crate::{ApiError, answer};

/// The most records of one request.
const LIMIT: usize = 2_000;

/// `GET /composite/sobjects/{object}?ids=A,B&fields=C,D`.
pub(crate) async fn get(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, ApiError> {
    let list = |name: &str| {
        let list = parameter(&query, name).ok_or_else(|| missing(&format!("{name} not specified")))?;
        Ok(list.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
    };
    retrieve(&rest.site.org(), &call, &object, &list("ids")?, &list("fields")?)
}

/// `POST /composite/sobjects/{object}` with `{"ids": [...], "fields": [...]}`.
pub(crate) async fn post(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object)): Path<(String, String)>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let list = |name: &str| {
        let list = body.get(name).and_then(Value::as_array).ok_or_else(|| missing(&format!("{name} not specified")))?;
        let text = list.iter().map(|value| value.as_str().map(str::to_owned));
        let wrong = || ApiError::bad_request("JSON_PARSER_ERROR", format!("{name} must be an array of strings"));
        text.collect::<Option<Vec<_>>>().ok_or_else(wrong)
    };
    retrieve(&rest.site.org(), &call, &object, &list("ids")?, &list("fields")?)
}

fn retrieve(org: &Org, call: &Call, object: &str, ids: &[String], fields: &[String]) -> Result<Response, ApiError> {
    if ids.len() > LIMIT {
        let message = format!("record limit reached. cannot retrieve more than {LIMIT} records with this call");
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message));
    }
    let known = org.object(object)?;
    if let Some(name) = fields.iter().find(|name| known.field(name).is_none()) {
        let message = format!("No such column '{name}' on sobject of type {}", known.name);
        return Err(ApiError::bad_request("INVALID_FIELD", message));
    }
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let version = call.version.to_string();
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        records.push(match org.row(object, id, Some(&fields), &version) {
            Ok(record) => Some(record),
            Err(error) if error.status == 404 => None,
            Err(error) => return Err(error),
        });
    }
    Ok(answer::json(StatusCode::OK, &records))
}

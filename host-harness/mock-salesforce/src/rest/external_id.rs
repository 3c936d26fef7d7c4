//! Records by external Id: read, upsert, delete. `/sobjects/{object}/{one}/{two}` is such a path unless `one` is a
//! record's Id: then `two` is a relationship, or a field that holds a blob.
//!
//! Source: REST API Developer Guide, "sObject Rows by External ID", "Insert or Update (Upsert) a Record".

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Rest;
use super::blobs;
use super::body::JsonObject;
use super::call::{Call, RawQuery, parameter};
use super::conditional::Unread;
use super::rows;
use super::saved::Saved;
use crate::ledger::WriteKind;
use crate::org::{Org, RecordId, Related, Upserted, WriteError};
use crate::{ApiError, answer};

/// Since this version the update of an upsert answers 200 with a body; before, 204 without.
const TELLS_UPDATES: u16 = 46;

type TwoParts = Path<(String, String, String, String)>;

/// `GET /sobjects/{object}/{field}/{value}`, `GET /sobjects/{object}/{id}/{relationship}` and
/// `GET /sobjects/{object}/{id}/{blobField}`.
pub(crate) async fn read(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, one, two)): TwoParts,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Unread> {
    let org = rest.site.org();
    if RecordId::parse(&one).is_some() {
        if let Some(blob) = org.blob(&object, &one, &two)? {
            return Ok(blobs::download(blob, &headers, rest.grants_ranges.load(Ordering::Relaxed)));
        }
        return rows::related(&org, &call, (&object, &one, &two), &headers, &query);
    }
    refuse_file_name(&two)?;
    let ids = org.rows_by_external_id(&object, &one, &two)?;
    match ids.as_slice() {
        [] => Err(ApiError::not_found().into()),
        [id] => rows::row(&org, &call, &object, id, &headers, &query),
        _ => {
            let object = org.object(&object)?.name.to_string();
            Ok(several(&call, &object, &ids))
        }
    }
}

/// `PATCH /sobjects/{object}/{id}/{relationship}`, and `PATCH /sobjects/{object}/{field}/{value}`, with `?updateOnly=true` when nothing shall be made.
pub(crate) async fn upsert(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, field, value)): TwoParts,
    query: RawQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let update_only = parameter(&query, "updateOnly").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut org = rest.site.org();
    if let Some((object, id)) = parent(&org, &object, &field, &value)? {
        org.update(&object, &id, &body, &call.writes)?;
        return Ok(rows::wrote(answer::no_content(), Saved::new(&org, WriteKind::Update, &object, id)?));
    }
    refuse_file_name(&value)?;
    let name = org.object(&object)?.name.to_string();
    match org.upsert(&name, &field, &value, &body, &call.writes, update_only) {
        Ok(Upserted::Created(id)) => {
            let saved = Saved::new(&org, WriteKind::Create, &name, id)?;
            Ok(rows::created(&call, &saved.upsert_body(), saved))
        }
        Ok(Upserted::Updated(id)) => {
            let saved = Saved::new(&org, WriteKind::Update, &name, id)?;
            let response = if call.version.since(TELLS_UPDATES) {
                answer::json(StatusCode::OK, &saved.upsert_body())
            } else {
                answer::no_content()
            };
            Ok(rows::wrote(response, saved))
        }
        Err(WriteError::Api(error)) => Err(error),
        Err(WriteError::Multiple(ids)) => Ok(several(&call, &name, &ids)),
    }
}

/// `DELETE /sobjects/{object}/{field}/{value}` and `DELETE /sobjects/{object}/{id}/{relationship}`.
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, field, value)): TwoParts,
) -> Result<Response, ApiError> {
    let mut org = rest.site.org();
    if let Some((object, id)) = parent(&org, &object, &field, &value)? {
        return Ok(rows::wrote(answer::no_content(), Saved::delete(&mut org, &object, id, &call.writes)?));
    }
    refuse_file_name(&value)?;
    let name = org.object(&object)?.name.to_string();
    let mut ids = org.rows_by_external_id(&name, &field, &value)?;
    if ids.len() > 1 {
        return Ok(several(&call, &name, &ids));
    }
    let id = ids.pop().ok_or_else(ApiError::not_found)?;
    Ok(rows::wrote(answer::no_content(), Saved::delete(&mut org, &name, id, &call.writes)?))
}

/// The record that a lookup leads to, if the path is one of a record and a relationship.
///
/// # Errors
/// 404 `NOT_FOUND` if it leads nowhere, 405 if it leads to any number of records.
fn parent(org: &Org, object: &str, one: &str, two: &str) -> Result<Option<(String, String)>, ApiError> {
    if RecordId::parse(one).is_none() || org.object(object)?.field(one).is_some() {
        return Ok(None);
    }
    match org.related(object, one, two)? {
        Related::Parent { object, id } => Ok(Some((object, id))),
        Related::Children { .. } => {
            let message = format!("{two} leads to a list of records: write each by its Id");
            Err(ApiError::new(405, "METHOD_NOT_ALLOWED", message))
        }
    }
}

/// A path must not end like the name of a file that Salesforce blocks, whatever its encoding. Its documentation names one
/// ending; there are more.
///
/// Source: REST API Developer Guide, "Delete Records Using sObject Rows by External ID", and the other pages of the resource.
fn refuse_file_name(value: &str) -> Result<(), ApiError> {
    if value.to_ascii_lowercase().ends_with(".inc") { Err(ApiError::not_found()) } else { Ok(()) }
}

/// 300: the URLs of all records that it may be.
fn several(call: &Call, object: &str, ids: &[String]) -> Response {
    let urls: Vec<String> = ids.iter().map(|id| rows::record_url(call, object, id)).collect();
    answer::json(StatusCode::MULTIPLE_CHOICES, &urls).into_response()
}

//! Records by Id: create, read, update, delete, and the way along a relationship. Publishing an event is a create.
//!
//! Source: REST API Developer Guide, "sObject Rows", "sObject Relationships"; Platform Events Developer Guide.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::Rest;
use super::blobs::RecordBody;
use super::call::{Call, RawQuery, parameter};
use super::conditional::{Unread, Validators};
use super::saved::Saved;
use crate::answer::Writes;
use crate::ledger::WriteKind;
use crate::org::{Org, RecordId, Related};
use crate::{ApiError, answer};

/// `POST /sobjects/{object}`.
pub(crate) async fn create(
    State(rest): State<Arc<Rest>>,
    mut call: Call,
    Path((_, object)): Path<(String, String)>,
    written: RecordBody,
) -> Result<Response, ApiError> {
    call.writes.upload = written.upload;
    let saved = Saved::create(&mut rest.site.org(), &object, &written.record, &call.writes)?;
    rest.recent.see(&call, &saved.write.object, &saved.write.id);
    Ok(created(&call, &saved.body(), saved))
}

/// `GET /sobjects/{object}/{id}`.
pub(crate) async fn read(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Unread> {
    let org = rest.site.org();
    let response = row(&org, &call, &object, &id, &headers, &query)?;
    let (object, id) = canonical(&org, &object, &id)?;
    rest.recent.see(&call, &object, &id);
    Ok(response)
}

/// `PATCH /sobjects/{object}/{id}`.
pub(crate) async fn update(
    State(rest): State<Arc<Rest>>,
    mut call: Call,
    Path((_, object, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    written: RecordBody,
) -> Result<Response, ApiError> {
    call.writes.upload = written.upload;
    let mut org = rest.site.org();
    let (object, id) = canonical(&org, &object, &id)?;
    Validators::of_record(&object, &id, org.last_modified(&object, &id)?).check_write(&headers)?;
    org.update(&object, &id, &written.record, &call.writes)?;
    rest.recent.see(&call, &object, &id);
    Ok(wrote(answer::no_content(), Saved::new(&org, WriteKind::Update, &object, id)?))
}

/// `DELETE /sobjects/{object}/{id}`. There are no conditions on it.
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, id)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let mut org = rest.site.org();
    let (object, id) = canonical(&org, &object, &id)?;
    Ok(wrote(answer::no_content(), Saved::delete(&mut org, &object, id, &call.writes)?))
}

/// `GET /sobjects/{object}/{id}/{relationship}`: the parent record, or the child records as a query would give them.
pub(super) fn related(
    org: &Org,
    call: &Call,
    (object, id, relationship): (&str, &str, &str),
    headers: &HeaderMap,
    query: &RawQuery,
) -> Result<Response, Unread> {
    match org.related(object, id, relationship)? {
        Related::Parent { object, id } => row(org, call, &object, &id, headers, query),
        Related::Children { object, ids } => {
            let fields = fields(query);
            let fields: Option<Vec<&str>> = fields.as_ref().map(|fields| fields.iter().map(String::as_str).collect());
            let version = call.version.to_string();
            let records = ids.iter().map(|id| org.row(&object, id, fields.as_deref(), &version));
            let records: Vec<_> = records.collect::<Result<_, ApiError>>()?;
            let body =
                json!({"totalSize": org.object(&object)?.total(records.len()), "done": true, "records": records});
            Ok(answer::json(StatusCode::OK, &body))
        }
    }
}

/// One record, if the conditions of the request want it.
pub(super) fn row(
    org: &Org,
    call: &Call,
    object: &str,
    id: &str,
    headers: &HeaderMap,
    query: &RawQuery,
) -> Result<Response, Unread> {
    let fields = fields(query);
    let fields: Option<Vec<&str>> = fields.as_ref().map(|fields| fields.iter().map(String::as_str).collect());
    let (object, id) = canonical(org, object, id)?;
    let row = org.row(&object, &id, fields.as_deref(), &call.version.to_string())?;
    let validators = Validators::of_record(&object, &id, org.last_modified(&object, &id)?);
    validators.check_read(headers)?;
    Ok(validators.mark(answer::json(StatusCode::OK, &row)))
}

/// The object and the record as the org spells them. An Id that the org cannot complete stays as it is, and whatever
/// uses it says what is wrong with it.
pub(super) fn canonical(org: &Org, object: &str, id: &str) -> Result<(String, String), ApiError> {
    let object = org.object(object)?.name.to_string();
    let id = RecordId::parse(id).map_or_else(|| id.to_owned(), |id| id.to_string());
    Ok((object, id))
}

/// The path of a record's resource.
pub(super) fn record_url(call: &Call, object: &str, id: &str) -> String {
    format!("/services/data/{}/sobjects/{object}/{id}", call.version)
}

/// A 201 with the URL of the new record.
pub(super) fn created(call: &Call, body: &serde_json::Value, saved: Saved) -> Response {
    let mut response = answer::json(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::from_str(&record_url(call, &saved.write.object, &saved.write.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    wrote(response, saved)
}

/// The answer with the writes it tells of, for the ledger.
pub(super) fn wrote(mut response: Response, saved: Saved) -> Response {
    response.extensions_mut().insert(Writes(saved.into_writes().collect()));
    response
}

/// The names in `fields=A,B`; nothing without the parameter.
fn fields(query: &RawQuery) -> Option<Vec<String>> {
    let names = parameter(query, "fields")?;
    Some(names.split(',').map(|name| name.trim().to_owned()).collect())
}

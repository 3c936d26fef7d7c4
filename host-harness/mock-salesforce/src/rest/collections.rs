//! Up to 200 records in one request, each with its own result.
//!
//! Source: REST API Developer Guide, "sObject Collections"; the codes of its items are those of recorded answers.

pub(super) mod request;
pub(crate) mod retrieve;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use self::request::{Request, id_of, missing, object_of, take, take_type, within_limit};
use super::Rest;
use super::body::JsonObject;
use super::call::{Call, RawQuery, parameter};
use super::saved::{Repeated, Saved, unknown_record};
use crate::answer::Writes;
use crate::ledger::WriteKind;
use crate::org::Org;
use crate::{ApiError, answer};

type Done = Result<Saved, ApiError>;

/// `POST /composite/sobjects`.
pub(crate) async fn create(State(rest): State<Arc<Rest>>, call: Call, body: JsonObject) -> Result<Response, ApiError> {
    let request = Request::parse(body)?;
    let results = Results { all_or_none: request.all_or_none, upsert: false };
    Ok(results.of(&rest, request.records, |org, mut record| {
        let object = take_type(org, &mut record)?;
        Saved::create(org, &object, &record, &call.writes)
    }))
}

/// `PATCH /composite/sobjects`.
pub(crate) async fn update(State(rest): State<Arc<Rest>>, call: Call, body: JsonObject) -> Result<Response, ApiError> {
    let request = Request::parse(body)?;
    let results = Results { all_or_none: request.all_or_none, upsert: false };
    Ok(results.of(&rest, request.records, |org, mut record| {
        let id = take(&mut record, "Id");
        let object = take_type(org, &mut record)?;
        let id = id.ok_or_else(|| missing("Id not specified in an update call"))?;
        let id = id_of(org, &object, &id)?;
        org.update(&object, &id, &record, &call.writes).map_err(unknown_record)?;
        Saved::new(org, WriteKind::Update, &object, id)
    }))
}

/// `PATCH /composite/sobjects/{object}/{field}`.
pub(crate) async fn upsert(
    State(rest): State<Arc<Rest>>,
    call: Call,
    Path((_, object, field)): Path<(String, String, String)>,
    body: JsonObject,
) -> Result<Response, ApiError> {
    let request = Request::parse(body)?;
    let object = {
        let org = rest.site.org();
        let known = org.object(&object)?;
        if !known.field(&field).is_some_and(|(_, field)| field.is_key()) {
            let message = format!("Provided external ID field does not exist or is not accessible: {field}");
            return Err(ApiError::new(404, "NOT_FOUND", message));
        }
        known.name.to_string()
    };
    let results = Results { all_or_none: request.all_or_none, upsert: true };
    let keyed = |mut record| (take(&mut record, &field), record);
    let records: Vec<_> = request.records.into_iter().map(keyed).collect();
    let repeated = Repeated::among(records.iter().filter_map(|(value, _)| value.as_deref()));
    Ok(results.of(&rest, records, |org, (value, mut record)| {
        let named = take_type(org, &mut record)?;
        if named != object {
            let message = format!("the record is of type {named}, the request is for {object}");
            return Err(ApiError::bad_request("INVALID_TYPE", message));
        }
        let value = value.ok_or_else(|| missing(&format!("{field} not specified")))?;
        repeated.check(&field, &value)?;
        Saved::upsert(org, &object, &field, &value, &record, &call.writes)
    }))
}

/// `DELETE /composite/sobjects?ids=A,B&allOrNone=true`.
pub(crate) async fn delete(State(rest): State<Arc<Rest>>, call: Call, query: RawQuery) -> Result<Response, ApiError> {
    let ids = parameter(&query, "ids").ok_or_else(|| missing("ids not specified"))?;
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).collect();
    within_limit(ids.len())?;
    let all_or_none = parameter(&query, "allOrNone").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let results = Results { all_or_none, upsert: false };
    Ok(results.of(&rest, ids, |org, id| {
        let (object, id) = object_of(org, &id)?;
        Saved::delete(org, &object, id, &call.writes).map_err(unknown_record)
    }))
}

/// How a request wants its records written and told of.
#[derive(Debug, Clone, Copy)]
struct Results {
    /// A failure undoes everything.
    all_or_none: bool,
    /// Each result says whether the record was created.
    upsert: bool,
}

impl Results {
    /// Writes one after the other.
    fn of<T>(self, rest: &Rest, items: Vec<T>, mut one: impl FnMut(&mut Org, T) -> Done) -> Response {
        let mut org = rest.site.org();
        let all = |org: &mut Org| -> Vec<Done> { items.into_iter().map(|item| one(org, item)).collect() };
        let (done, undone) = if self.all_or_none {
            let done = org.all_or_none(|org| {
                let done = all(org);
                if done.iter().any(Result::is_err) { Err(done) } else { Ok(done) }
            });
            let undone = done.is_err();
            (done.unwrap_or_else(|done| done), undone)
        } else {
            (all(&mut org), false)
        };
        drop(org);
        let results: Vec<Value> = done.iter().map(|done| self.result(done, undone)).collect();
        let mut response = answer::json(StatusCode::OK, &results);
        if !undone {
            let writes = done.into_iter().filter_map(Result::ok).flat_map(Saved::into_writes);
            response.extensions_mut().insert(Writes(writes.collect()));
        }
        response
    }

    fn result(self, done: &Done, undone: bool) -> Value {
        match done {
            Err(error) => self.failed(error),
            Ok(saved) if undone => {
                let message = "Record rolled back because not all records were valid and the request was using AllOrNone \
                               header";
                let mut result = self.failed(&ApiError::bad_request("ALL_OR_NONE_OPERATION_ROLLED_BACK", message));
                // As in a recorded answer: a delete that was undone tells its record.
                if let (WriteKind::Delete, Some(members)) = (saved.write.kind, result.as_object_mut()) {
                    members.shift_insert(0, "id".to_owned(), json!(saved.write.id));
                }
                result
            }
            Ok(saved) if self.upsert => saved.upsert_body(),
            Ok(saved) => saved.body(),
        }
    }

    fn failed(self, error: &ApiError) -> Value {
        let errors = [error.collection_item()];
        if self.upsert {
            json!({"success": false, "errors": errors, "created": false})
        } else {
            json!({"success": false, "errors": errors})
        }
    }
}

//! Up to 200 records in one request, each with its own result.
//!
//! Source: REST API Developer Guide, "sObject Collections".

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::Rest;
use super::body::JsonObject;
use super::call::Call;
use super::rows::{canonical, enqueued};
use crate::answer::Writes;
use crate::ledger::{Write, WriteKind};
use crate::org::{EVENT_ID, Org, Record, RecordId, Upserted, WriteError};
use crate::{ApiError, answer};

/// The most records of one request.
const LIMIT: usize = 200;

/// What became of one record: the write, and what is told beside its Id.
type Done = Result<(Write, Told), ApiError>;

enum Told {
    Nothing,
    /// Of an upsert: whether it made the record.
    Created,
    /// The UUID of an event.
    Published(String),
}

/// `POST /composite/sobjects`.
pub(crate) async fn create(State(rest): State<Arc<Rest>>, call: Call, body: JsonObject) -> Result<Response, ApiError> {
    let request = Request::parse(body)?;
    Ok(run(&rest, request.all_or_none, request.records, |org, mut record| {
        let object = take_type(&mut record)?;
        if org.object(&object)?.is_event() {
            let event_uuid = org.publish(&object, &record, &call.writes)?;
            return Ok((write(org, WriteKind::Create, &object, EVENT_ID.to_owned())?, Told::Published(event_uuid)));
        }
        let id = org.create(&object, &record, &call.writes)?;
        Ok((write(org, WriteKind::Create, &object, id)?, Told::Nothing))
    }))
}

/// `PATCH /composite/sobjects`.
pub(crate) async fn update(State(rest): State<Arc<Rest>>, call: Call, body: JsonObject) -> Result<Response, ApiError> {
    let request = Request::parse(body)?;
    Ok(run(&rest, request.all_or_none, request.records, |org, mut record| {
        let object = take_type(&mut record)?;
        let id = take(&mut record, "Id").ok_or_else(|| missing("Id"))?;
        let (object, id) = canonical(org, &object, &id)?;
        org.update(&object, &id, &record, &call.writes)?;
        Ok((write(org, WriteKind::Update, &object, id)?, Told::Nothing))
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
    let object = rest.site.org().object(&object)?.name.to_string();
    Ok(run(&rest, request.all_or_none, request.records, |org, mut record| {
        let named = take_type(&mut record)?;
        if !named.eq_ignore_ascii_case(&object) {
            let message = format!("the record is of type {named}, the request is for {object}");
            return Err(ApiError::bad_request("INVALID_TYPE", message));
        }
        let value = take(&mut record, &field).ok_or_else(|| missing(&field))?;
        match org.upsert(&object, &field, &value, &record, &call.writes, false) {
            Ok(Upserted::Created(id)) => Ok((write(org, WriteKind::Create, &object, id)?, Told::Created)),
            Ok(Upserted::Updated(id)) => Ok((write(org, WriteKind::Update, &object, id)?, Told::Created)),
            Err(WriteError::Api(error)) => Err(error),
            Err(WriteError::Multiple(ids)) => {
                let message = format!("{field}: more than one record found for external id field: {}", ids.join(", "));
                Err(ApiError::bad_request("DUPLICATE_EXTERNAL_ID", message))
            }
        }
    }))
}

/// `DELETE /composite/sobjects?ids=A,B&allOrNone=true`.
pub(crate) async fn delete(
    State(rest): State<Arc<Rest>>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let parameter = |name| {
        let mut pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    let ids = parameter("ids").ok_or_else(|| missing("ids"))?;
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).collect();
    within_limit(ids.len())?;
    let all_or_none = parameter("allOrNone").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    Ok(run(&rest, all_or_none, ids, |org, id| {
        let object = object_of(org, &id)?;
        let (object, id) = canonical(org, &object, &id)?;
        org.delete(&object, &id, &call.writes)?;
        Ok((write(org, WriteKind::Delete, &object, id)?, Told::Nothing))
    }))
}

/// The body of a collections request.
struct Request {
    all_or_none: bool,
    records: Vec<Record>,
}

impl Request {
    fn parse(JsonObject(mut body): JsonObject) -> Result<Self, ApiError> {
        let all_or_none = match body.remove("allOrNone") {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => value,
            Some(_) => return Err(ApiError::bad_request("JSON_PARSER_ERROR", "allOrNone must be true or false")),
        };
        let Some(Value::Array(records)) = body.remove("records") else {
            return Err(ApiError::bad_request("JSON_PARSER_ERROR", "records must be an array of records"));
        };
        within_limit(records.len())?;
        let records = records.into_iter().map(|record| match record {
            Value::Object(record) => Ok(record),
            _ => Err(ApiError::bad_request("JSON_PARSER_ERROR", "records must be an array of records")),
        });
        Ok(Self { all_or_none, records: records.collect::<Result<_, _>>()? })
    }
}

/// Writes one after the other. With `all_or_none` a failure undoes everything.
fn run<T>(rest: &Rest, all_or_none: bool, items: Vec<T>, mut one: impl FnMut(&mut Org, T) -> Done) -> Response {
    let mut org = rest.site.org();
    let before = all_or_none.then(|| org.clone());
    let done: Vec<Done> = items.into_iter().map(|item| one(&mut org, item)).collect();
    let undone = match before {
        Some(before) if done.iter().any(Result::is_err) => {
            *org = before;
            true
        }
        _ => false,
    };
    let results: Vec<Value> = done.iter().map(|done| result(done, undone)).collect();
    let mut response = answer::json(StatusCode::OK, &results);
    if !undone {
        let writes = done.into_iter().filter_map(Result::ok).map(|(write, _)| write);
        response.extensions_mut().insert(Writes(writes.collect()));
    }
    response
}

fn result(done: &Done, undone: bool) -> Value {
    match done {
        Err(error) => json!({"success": false, "errors": [error.collection_item()]}),
        Ok(_) if undone => {
            let message =
                "Record rolled back because not all records were valid and the request was using AllOrNone header";
            let error = ApiError::bad_request("ALL_OR_NONE_OPERATION_ROLLED_BACK", message);
            json!({"success": false, "errors": [error.collection_item()]})
        }
        Ok((write, Told::Created)) => {
            json!({"id": write.id, "success": true, "errors": [], "created": write.kind == WriteKind::Create})
        }
        Ok((write, Told::Published(event_uuid))) => {
            json!({"id": write.id, "success": true, "errors": [enqueued(event_uuid)]})
        }
        Ok((write, Told::Nothing)) => json!({"id": write.id, "success": true, "errors": []}),
    }
}

fn within_limit(count: usize) -> Result<(), ApiError> {
    if count > LIMIT {
        let message = format!("record limit reached. cannot submit more than {LIMIT} records into this call");
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message));
    }
    Ok(())
}

/// The object a record says it is of, taken out of it: `attributes` is not a field.
fn take_type(record: &mut Record) -> Result<String, ApiError> {
    let attributes = record.remove("attributes");
    let name = attributes.as_ref().and_then(|attributes| attributes.get("type")).and_then(Value::as_str);
    name.map(str::to_owned).ok_or_else(|| missing("attributes.type"))
}

/// A value, text or number, taken out of the record whatever the case of its name.
fn take(record: &mut Record, name: &str) -> Option<String> {
    let key = record.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    match record.shift_remove(&key)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The object whose records have Ids that begin like this one.
fn object_of(org: &Org, id: &str) -> Result<String, ApiError> {
    let malformed = || ApiError::bad_request("MALFORMED_ID", format!("malformed id {id}"));
    let prefix = RecordId::parse(id).ok_or_else(malformed)?;
    let global = org.describe_global("v67.0");
    let mut objects = global.get("sobjects").and_then(Value::as_array).into_iter().flatten();
    let object = objects.find(|object| object.get("keyPrefix").and_then(Value::as_str) == Some(prefix.key_prefix()));
    let name = object.and_then(|object| object.get("name")).and_then(Value::as_str);
    name.map(str::to_owned).ok_or_else(malformed)
}

fn write(org: &Org, kind: WriteKind, object: &str, id: String) -> Result<Write, ApiError> {
    Ok(Write { kind, object: org.object(object)?.name.to_string(), id })
}

fn missing(name: &str) -> ApiError {
    ApiError::bad_request("MISSING_ARGUMENT", format!("{name} not specified"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: Value) -> Result<Request, ApiError> {
        let Value::Object(body) = body else { panic!("an object") };
        Request::parse(JsonObject(body))
    }

    #[test]
    fn all_or_none_is_off_by_default() {
        assert!(!parse(json!({"records": []})).unwrap().all_or_none);
        assert!(parse(json!({"records": [], "allOrNone": true})).unwrap().all_or_none);
        assert!(parse(json!({"records": [], "allOrNone": "true"})).is_err());
    }

    #[test]
    fn at_most_200_records_go_in() {
        let records = |count| json!({"records": vec![json!({}); count]});
        assert_eq!(parse(records(200)).unwrap().records.len(), 200);
        assert_eq!(parse(records(201)).err().unwrap().code, "EXCEEDED_ID_LIMIT");
        assert!(parse(json!({"records": [1]})).is_err());
        assert!(parse(json!({})).is_err());
    }
}

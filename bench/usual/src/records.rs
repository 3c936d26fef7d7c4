//! Get record field values, create or update record, delete record.

use serde_json::{Map, Value};
use waki::{Method, RequestBuilder};

use crate::Connector;
use crate::records_wit::{
    AssignmentRule, Deleted, ExternalId, FieldValues, Guest, RecordKey, SaveOptions, Saved, Target,
};
use crate::rest::{argument, failed, invalid, request, segment, send, text};
use crate::types::{CallOptions, Connection, Error, ErrorKind, Outcome};

impl Guest for Connector {
    fn get_record_field_values(
        on: Connection,
        object: String,
        key: RecordKey,
        fields: Vec<String>,
        options: CallOptions,
    ) -> Result<FieldValues, Error> {
        if fields.is_empty() {
            return Err(argument("fields: expected at least one"));
        }
        let names = fields.join(",");
        let (mut record, usage) = if names.contains('.') {
            let (field, value) = match &key {
                RecordKey::Id(id) => ("Id", id),
                RecordKey::ExternalId(ExternalId { field, value }) => (field.as_str(), value),
            };
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            let soql = format!("SELECT {names} FROM {object} WHERE {field} = '{value}' LIMIT 2");
            let mut answer = send(request(&on, Method::Get, "query", &options).query([("q", soql)]))?;
            let records = answer.body.get_mut("records").and_then(Value::as_array_mut);
            match records.ok_or_else(|| invalid("expected records"))?.as_mut_slice() {
                [record] => (record.take(), answer.usage),
                [] => return Err(failed(ErrorKind::NotFound, Outcome::Rejected, "there is no such record")),
                _ => return Err(failed(ErrorKind::Ambiguous, Outcome::Rejected, "several records match")),
            }
        } else {
            let path = match &key {
                RecordKey::Id(id) => format!("sobjects/{object}/{}", segment(id)),
                RecordKey::ExternalId(id) => path(&object, id),
            };
            let answer = send(request(&on, Method::Get, &path, &options).query([("fields", names)]))?;
            (answer.body, answer.usage)
        };
        let mut values = Map::new();
        for field in fields {
            let found = field.split('.').try_fold(&mut record, |value, name| value.get_mut(name));
            let value = found.map_or(Value::Null, Value::take);
            values.insert(field, value);
        }
        Ok(FieldValues { values: Value::Object(values).to_string(), usage })
    }

    fn create_or_update_record(
        on: Connection,
        object: String,
        target: Target,
        fields: String,
        save: SaveOptions,
        options: CallOptions,
    ) -> Result<Saved, Error> {
        let fields: Map<String, Value> =
            serde_json::from_str(&fields).map_err(|_| argument("fields: expected a JSON object"))?;
        let (method, path) = match &target {
            Target::Create => (Method::Post, format!("sobjects/{object}/")),
            Target::Update(id) => (Method::Patch, format!("sobjects/{object}/{}", segment(id))),
            Target::Upsert(upsert) => {
                let only = if upsert.update_only { "?updateOnly=true" } else { "" };
                (Method::Patch, path(&object, &upsert.external_id) + only)
            }
        };
        let answer = send(with(save, request(&on, method, &path, &options)).json(&fields))?;
        let id = match target {
            Target::Update(id) => id,
            _ => text(&answer.body, "id").ok_or_else(|| invalid("expected an id"))?,
        };
        // A published event has its UUID in place of an error.
        let event_uuid = answer.body.pointer("/errors/0").and_then(|queued| text(queued, "message"));
        Ok(Saved { id, created: answer.status == 201, event_uuid, usage: answer.usage })
    }

    fn delete_record(on: Connection, object: String, key: RecordKey, options: CallOptions) -> Result<Deleted, Error> {
        let path = match &key {
            RecordKey::Id(id) => format!("sobjects/{object}/{}", segment(id)),
            RecordKey::ExternalId(id) => path(&object, id),
        };
        let answer = send(request(&on, Method::Delete, &path, &options))?;
        Ok(Deleted { already_deleted: false, usage: answer.usage })
    }
}

fn path(object: &str, id: &ExternalId) -> String {
    format!("sobjects/{object}/{}/{}", segment(&id.field), segment(&id.value))
}

fn with(save: SaveOptions, mut request: RequestBuilder) -> RequestBuilder {
    match save.assignment_rule {
        Some(AssignmentRule::Off) => request = request.header("Sforce-Auto-Assign", "FALSE"),
        Some(AssignmentRule::Rule(id)) => request = request.header("Sforce-Auto-Assign", id),
        None => {}
    }
    if let Some(rule) = save.duplicate_rule {
        let header = format!(
            "allowSave={}; includeRecordDetails={}; runAsCurrentUser={}",
            rule.allow_save, rule.include_record_details, rule.run_as_current_user
        );
        request = request.header("Sforce-Duplicate-Rule-Header", header);
    }
    match save.if_unmodified_since {
        Some(date) => request.header("If-Unmodified-Since", date),
        None => request,
    }
}

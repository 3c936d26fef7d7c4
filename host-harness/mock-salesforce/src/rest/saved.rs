//! What became of one record that was written, and how every answer tells it.
//!
//! Source: REST API Developer Guide, "sObject Rows", "sObject Collections"; Platform Events Developer Guide, for the list of
//! errors that an event is answered with.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::ApiError;
use crate::ledger::{Write, WriteKind};
use crate::org::{Deleted, EVENT_ID, Org, Record, Upserted, WriteError, WriteOptions};

/// A write that was done.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) write: Write,
    /// What it brought about in other records.
    also: Vec<Write>,
    /// Of an event: its UUID.
    event_uuid: Option<String>,
}

impl Saved {
    /// The write of a record, under the name that the org spells its object with.
    pub(super) fn new(org: &Org, kind: WriteKind, object: &str, id: String) -> Result<Self, ApiError> {
        let object = org.object(object)?.name.to_string();
        Ok(Self { write: Write { kind, object, id }, also: Vec::new(), event_uuid: None })
    }

    /// Makes a record, or publishes an event.
    pub(super) fn create(
        org: &mut Org,
        object: &str,
        record: &Record,
        options: &WriteOptions,
    ) -> Result<Self, ApiError> {
        let is_event = org.object(object)?.is_event();
        let event_uuid = is_event.then(|| org.publish(object, record, options)).transpose()?;
        let id = match &event_uuid {
            Some(_) => EVENT_ID.to_owned(),
            None => org.create(object, record, options)?,
        };
        Ok(Self { event_uuid, ..Self::new(org, WriteKind::Create, object, id)? })
    }

    /// Deletes a record, and those that go with it.
    pub(super) fn delete(org: &mut Org, object: &str, id: String, options: &WriteOptions) -> Result<Self, ApiError> {
        let deleted = org.delete(object, &id, options)?.into_iter().skip(1);
        let write = |Deleted { object, id }| Write { kind: WriteKind::Delete, object: object.to_owned(), id };
        Ok(Self { also: deleted.map(write).collect(), ..Self::new(org, WriteKind::Delete, object, id)? })
    }

    /// All writes, for the ledger.
    pub(super) fn into_writes(self) -> impl Iterator<Item = Write> {
        std::iter::once(self.write).chain(self.also)
    }

    /// Creates or updates one of several records by an external Id.
    pub(super) fn upsert(
        org: &mut Org,
        object: &str,
        field: &str,
        value: &str,
        record: &Record,
        options: &WriteOptions,
    ) -> Result<Self, ApiError> {
        match org.upsert(object, field, value, record, options, false) {
            Ok(Upserted::Created(id)) => Self::new(org, WriteKind::Create, object, id),
            Ok(Upserted::Updated(id)) => Self::new(org, WriteKind::Update, object, id),
            Err(WriteError::Api(error)) => Err(unknown_record(error)),
            Err(WriteError::Multiple(ids)) => {
                let message = format!("{field}: more than one record found for external id field: {}", ids.join(", "));
                Err(ApiError::bad_request("DUPLICATE_EXTERNAL_ID", message))
            }
        }
    }

    /// `{"id", "success", "errors"}`. The list of errors of an event is not empty: it has the event's UUID.
    pub(super) fn body(&self) -> Value {
        let enqueued = |uuid| json!({"statusCode": "OPERATION_ENQUEUED", "message": uuid, "fields": []});
        let errors: Vec<Value> = self.event_uuid.iter().map(enqueued).collect();
        json!({"id": self.write.id, "success": true, "errors": errors})
    }

    /// The same with `created`, as upserts tell it.
    pub(super) fn upsert_body(&self) -> Value {
        let mut body = self.body();
        if let Some(body) = body.as_object_mut() {
            body.insert("created".to_owned(), json!(self.write.kind == WriteKind::Create));
        }
        body
    }
}

/// External Ids that several records of one call have: none of these records is written.
#[derive(Debug, Default)]
pub(super) struct Repeated(HashSet<String>);

impl Repeated {
    /// Of the values that the records of a call have in a field. They are compared as the org finds them, in any case.
    pub(super) fn among<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut seen = HashSet::new();
        Self(values.into_iter().map(str::to_lowercase).filter(|value| !seen.insert(value.clone())).collect())
    }

    /// # Errors
    /// 400 `DUPLICATE_VALUE` for a value that another record has too.
    pub(super) fn check(&self, field: &str, value: &str) -> Result<(), ApiError> {
        if !self.0.contains(&value.to_lowercase()) {
            return Ok(());
        }
        let message = format!("Duplicate external id specified: {value}");
        Err(ApiError::bad_request("DUPLICATE_VALUE", message).on(&[field]))
    }
}

/// A list of records knows no 404: what is not there is a wrong reference.
pub(super) fn unknown_record(error: ApiError) -> ApiError {
    if error.code == "NOT_FOUND" {
        return ApiError::bad_request("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
    }
    error
}

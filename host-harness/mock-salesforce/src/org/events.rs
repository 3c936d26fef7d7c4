//! Platform events: published, and kept nowhere that a client could read.
//!
//! Source: Platform Events Developer Guide, "Publish Event Messages with Salesforce APIs". How reading and changing them is
//! worded is that of other objects that do not support an operation; for events it is not verified.

use std::sync::Arc;

use super::{
    Org, Record, WriteOptions,
    id::RecordId,
    parse_id,
    permissions::insufficient_access,
    rules,
    schema::Object,
    table::{Row, Table, blank, overlay},
    value::Value,
};
use crate::{ApiError, random};

/// The Id that every publication is answered with. It is not unique, and no event can be found by it.
pub const EVENT_ID: &str = "e01xx0000000001AAA";

/// How many events are remembered. Older ones go.
const REMEMBERED: usize = 10_000;

/// An event that subscribers would see.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedEvent {
    /// The API name of its object.
    pub object: &'static str,
    /// What tells it from all others.
    pub event_uuid: String,
    /// What it says, as the client sent it.
    pub fields: Record,
}

impl Org {
    /// Publishes an event and answers its UUID.
    ///
    /// # Errors
    /// 400 with the code of whatever the event violates; 404 `NOT_FOUND` for an unknown object.
    pub fn publish(&mut self, object: &str, body: &Record, options: &WriteOptions) -> Result<String, ApiError> {
        let table = self.table(object)?;
        if !table.object.access.create {
            return Err(insufficient_access());
        }
        let mut values = blank(table);
        overlay(&mut values, self.parse_body(&table.object, body)?);
        rules::check_required(&table.object, &event(table, values, options)?)?;
        let (object, event_uuid) = (table.object.name, random::uuid());
        let published = Arc::make_mut(&mut self.published);
        if published.len() == REMEMBERED {
            published.remove(0);
        }
        published.push(PublishedEvent { object, event_uuid: event_uuid.clone(), fields: body.clone() });
        Ok(event_uuid)
    }

    /// The latest 10,000 events, oldest first.
    #[must_use]
    pub fn published(&self) -> &[PublishedEvent] {
        &self.published
    }
}

/// What the org says of an operation on records that it does not keep.
pub(crate) fn check_kept(object: &Object, operation: &str) -> Result<(), ApiError> {
    if object.is_event() {
        let message = format!("entity type {} does not support {operation}", object.name);
        return Err(ApiError::bad_request("INVALID_TYPE_FOR_OPERATION", message));
    }
    Ok(())
}

/// The event with what the org itself fills in.
fn event(table: &Table, mut values: Vec<Value>, options: &WriteOptions) -> Result<Row, ApiError> {
    let publisher = table.object.place("CreatedById").zip(Some(Value::Id(parse_id(&options.acting_user)?)));
    overlay(&mut values, publisher);
    let id = RecordId::parse(EVENT_ID).ok_or_else(ApiError::not_found)?;
    Ok(Row::new(&table.object, id, values))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::org::EPOCH;

    fn published(body: serde_json::Value) -> Result<Org, ApiError> {
        let mut org = Org::seeded(EPOCH);
        let serde_json::Value::Object(body) = body else { panic!("an object") };
        let options = WriteOptions::new(org.users()[0].id.clone(), "v67.0");
        org.publish("invoice_paid__e", &body, &options)?;
        Ok(org)
    }

    #[test]
    fn an_event_is_published_and_not_kept() {
        let org = published(json!({"Invoice_Number__c": "1", "Amount__c": 5})).unwrap();
        let [event] = org.published() else { panic!("one event") };
        assert_eq!((event.object, event.event_uuid.len()), ("Invoice_Paid__e", 36));
        assert_eq!(event.fields["Amount__c"], 5);
        assert_eq!(org.count("Invoice_Paid__e"), 0);
        let error = org.row("Invoice_Paid__e", EVENT_ID, None, "v67.0").unwrap_err();
        assert_eq!((error.status, error.code), (400, "INVALID_TYPE_FOR_OPERATION"));
    }

    #[test]
    fn an_event_must_be_right() {
        for (body, code) in [
            (json!({}), "REQUIRED_FIELD_MISSING"),
            (json!({"Invoice_Number__c": "1", "Nothing__c": 1}), "INVALID_FIELD"),
            (json!({"Invoice_Number__c": "1", "EventUuid": "x"}), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ] {
            assert_eq!(published(body).unwrap_err().code, code);
        }
    }
}

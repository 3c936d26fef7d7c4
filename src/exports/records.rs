//! `records`.

use super::Connector;
use super::mapping::{record_key, save_options, upsert};
use super::types::{answer, call};
use crate::core::name::ObjectName;
use crate::core::record_id::RecordId;
use crate::core::records::{self, Target, parse_fields};
use crate::world::exports::workflow::salesforce::records as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn get_record_field_values(
        on: wit::Connection,
        object: String,
        key: wit::RecordKey,
        fields: Vec<String>,
        options: wit::CallOptions,
    ) -> Result<wit::FieldValues, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let key = record_key(key)?;
            let fields = parse_fields(&fields)?;
            let found = records::field_values(&mut transport, &connection, &object, &key, &fields, &options)?;
            Ok(wit::FieldValues { values: found.values, usage: found.usage.map(Into::into) })
        })
    }

    fn create_or_update_record(
        on: wit::Connection,
        object: String,
        target: wit::Target,
        fields: String,
        save: wit::SaveOptions,
        options: wit::CallOptions,
    ) -> Result<wit::Saved, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let target = match target {
                wit::Target::Create => Target::Create,
                wit::Target::Update(id) => Target::Update(RecordId::parse("target.update", &id)?),
                wit::Target::Upsert(to) => upsert(to)?,
            };
            let save = save_options(&target, save)?;
            let saved = records::save(&mut transport, &connection, &object, &target, &fields, &save, &options)?;
            Ok(wit::Saved {
                id: saved.id,
                created: saved.created,
                event_uuid: saved.event_uuid,
                usage: saved.usage.map(Into::into),
            })
        })
    }

    fn delete_record(
        on: wit::Connection,
        object: String,
        key: wit::RecordKey,
        options: wit::CallOptions,
    ) -> Result<wit::Deleted, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let key = record_key(key)?;
            let deleted = records::delete(&mut transport, &connection, &object, &key, &options)?;
            Ok(wit::Deleted { already_deleted: deleted.already_deleted, usage: deleted.usage.map(Into::into) })
        })
    }
}

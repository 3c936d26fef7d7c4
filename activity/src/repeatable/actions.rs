//! `actions`.

use salesforce_connector::core::error::ErrorKind;
use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::{self, RecordKey, Target, parse_fields};
use salesforce_connector::core::soql::{self, Cursor};

use crate::connect::run;
use crate::mapping::{query, record_key, save_options, upsert};
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::actions as wit;

impl wit::Guest for Activity {
    fn soql_query(asked: wit::Query) -> Result<wit::Page, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            Ok(soql::soql_query(transport, connection, &query(asked)?, options)?.into())
        })
    }

    fn next_page(cursor: String) -> Result<wit::Page, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            Ok(soql::next_page(transport, connection, &Cursor::parse(&cursor)?, options)?.into())
        })
    }

    fn explain(asked: wit::Query) -> Result<String, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            soql::explain(transport, connection, &query(asked)?, options)
        })
    }

    fn get_record_field_values(object: String, key: wit::RecordKey, fields: Vec<String>) -> Result<String, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let key = record_key(key)?;
            Ok(records::field_values(transport, connection, &object, &key, &parse_fields(&fields)?, options)?.values)
        })
    }

    fn create_or_update_record(
        object: String,
        target: wit::Target,
        fields: String,
        save: wit::SaveOptions,
    ) -> Result<wit::Saved, wit::Error> {
        let action = if save.if_unmodified_since.is_some() { Action::Write } else { Action::IdempotentWrite };
        run(action, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let target = match target {
                wit::Target::Update(id) => Target::Update(RecordId::parse("target.update", &id)?),
                wit::Target::Upsert(to) => upsert(to)?,
            };
            let save = save_options(&target, save)?;
            Ok(records::save(transport, connection, &object, &target, &fields, &save, options)?.into())
        })
    }

    fn delete_record(object: String, id: String) -> Result<wit::Deleted, wit::Error> {
        run(Action::IdempotentWrite, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let key = RecordKey::Id(RecordId::parse("id", &id)?);
            match records::delete(transport, connection, &object, &key, options) {
                Ok(deleted) => Ok(wit::Deleted { already_deleted: deleted.already_deleted }),
                // The engine may have made the call before.
                Err(error) if error.kind == ErrorKind::Deleted => Ok(wit::Deleted { already_deleted: true }),
                Err(error) => Err(error),
            }
        })
    }
}

//! `collections`.

use std::iter::repeat;

use salesforce_connector::core::collections::{self, Batch, Given, Written};
use salesforce_connector::core::error::{ErrorKind, Result as Parsed};
use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::parse_fields;

use crate::connect::run;
use crate::mapping::save_rules;
use crate::types::each;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::collections as wit;

type Saved = Result<Vec<Result<wit::SavedRecord, wit::Error>>, wit::Error>;

impl wit::Guest for Activity {
    fn update_records(records: Vec<wit::ChangedRecord>, all_or_none: bool, save: wit::SaveRules) -> Saved {
        let records: Vec<_> = records
            .iter()
            .map(|changed| Given { object: &changed.object, id: Some(&changed.id), fields: &changed.fields })
            .collect();
        write(save_rules(save).and_then(|rules| Batch::save(&records, all_or_none, &rules)))
    }

    fn upsert_records(
        object: String,
        external_id_field: String,
        records: Vec<String>,
        all_or_none: bool,
        save: wit::SaveRules,
    ) -> Saved {
        let rules = save_rules(save);
        write(rules.and_then(|rules| Batch::upsert(&object, &external_id_field, &records, all_or_none, &rules)))
    }

    fn delete_records(
        ids: Vec<String>,
        all_or_none: bool,
    ) -> Result<Vec<Result<wit::DeletedRecord, wit::Error>>, wit::Error> {
        let results = run(Action::IdempotentWrite, |transport, connection, options| {
            let batch = Batch::delete(&ids, all_or_none)?;
            let ids = collections::parse_ids(&ids)?;
            let results = collections::write(transport, connection, batch, options)?.results;
            Ok(settled(results, &ids, all_or_none))
        })?;
        Ok(each(results, repeat(Action::IdempotentWrite)))
    }

    fn get_records(object: String, ids: Vec<String>, fields: Vec<String>) -> Result<String, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let ids = collections::parse_ids(&ids)?;
            let fields = parse_fields(&fields)?;
            Ok(collections::get(transport, connection, &object, &ids, &fields, options)?.records)
        })
    }
}

/// Not generic: updates and upserts share it.
fn write(batch: Parsed<Batch>) -> Saved {
    let results = run(Action::IdempotentWrite, |transport, connection, options| {
        Ok(collections::write(transport, connection, batch?, options)?.results)
    })?;
    Ok(each(results, repeat(Action::IdempotentWrite)))
}

/// A record that is gone already is a success: the engine may have made the call before. With all or none an earlier call has
/// deleted all of them, or none.
fn settled(mut results: Vec<Parsed<Written>>, ids: &[RecordId], all_or_none: bool) -> Vec<Parsed<Written>> {
    let is_gone = |result: &Parsed<Written>| result.as_ref().is_err_and(|error| error.kind == ErrorKind::Deleted);
    if !all_or_none || results.iter().all(|result| result.is_ok() || is_gone(result)) {
        for (result, id) in results.iter_mut().zip(ids).filter(|(result, _)| is_gone(result)) {
            *result = Ok(Written { id: id.to_18(), created: Some(false), event_uuid: None, already_deleted: true });
        }
    }
    results
}

impl From<Written> for wit::DeletedRecord {
    fn from(record: Written) -> Self {
        Self { id: record.id, already_deleted: record.already_deleted }
    }
}

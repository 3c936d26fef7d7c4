//! `collections`.

use super::Connector;
use super::mapping::save_rules;
use super::types::{answer, call};
use crate::core::collections::{self, Batch, Given, Results, Written};
use crate::core::error::Result as Parsed;
use crate::core::name::ObjectName;
use crate::core::records::parse_fields;
use crate::world::exports::workflow::salesforce::collections as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn create_records(
        on: wit::Connection,
        records: Vec<wit::NewRecord>,
        all_or_none: bool,
        save: wit::SaveRules,
        options: wit::CallOptions,
    ) -> Result<wit::SavedRecords, Error> {
        let records: Vec<_> =
            records.iter().map(|new| Given { object: &new.object, id: None, fields: &new.fields }).collect();
        saved(&on, options, save_rules(save).and_then(|rules| Batch::save(&records, all_or_none, &rules)))
    }

    fn update_records(
        on: wit::Connection,
        records: Vec<wit::ChangedRecord>,
        all_or_none: bool,
        save: wit::SaveRules,
        options: wit::CallOptions,
    ) -> Result<wit::SavedRecords, Error> {
        let records: Vec<_> = records
            .iter()
            .map(|changed| Given { object: &changed.object, id: Some(&changed.id), fields: &changed.fields })
            .collect();
        saved(&on, options, save_rules(save).and_then(|rules| Batch::save(&records, all_or_none, &rules)))
    }

    fn upsert_records(
        on: wit::Connection,
        object: String,
        external_id_field: String,
        records: Vec<String>,
        all_or_none: bool,
        save: wit::SaveRules,
        options: wit::CallOptions,
    ) -> Result<wit::SavedRecords, Error> {
        let batch = save_rules(save)
            .and_then(|rules| Batch::upsert(&object, &external_id_field, &records, all_or_none, &rules));
        saved(&on, options, batch)
    }

    fn delete_records(
        on: wit::Connection,
        ids: Vec<String>,
        all_or_none: bool,
        options: wit::CallOptions,
    ) -> Result<wit::DeletedRecords, Error> {
        let Results { results, usage } = written(&on, options, Batch::delete(&ids, all_or_none))?;
        let deleted = |record: Written| wit::DeletedRecord { id: record.id, already_deleted: record.already_deleted };
        let results = results.into_iter().map(|result| result.map(deleted).map_err(|error| (*error).into()));
        Ok(wit::DeletedRecords { results: results.collect(), usage: usage.map(Into::into) })
    }

    fn get_records(
        on: wit::Connection,
        object: String,
        ids: Vec<String>,
        fields: Vec<String>,
        options: wit::CallOptions,
    ) -> Result<wit::FoundRecords, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let ids = collections::parse_ids(&ids)?;
            let fields = parse_fields(&fields)?;
            let found = collections::get(&mut transport, &connection, &object, &ids, &fields, &options)?;
            Ok(wit::FoundRecords { records: found.records, usage: found.usage.map(Into::into) })
        })
    }
}

fn saved(on: &wit::Connection, options: wit::CallOptions, batch: Parsed<Batch>) -> Result<wit::SavedRecords, Error> {
    let Results { results, usage } = written(on, options, batch)?;
    let results = results.into_iter().map(|result| result.map(Into::into).map_err(|error| (*error).into()));
    Ok(wit::SavedRecords { results: results.collect(), usage: usage.map(Into::into) })
}

/// Not generic: the exports share it.
fn written(on: &wit::Connection, options: wit::CallOptions, batch: Parsed<Batch>) -> Result<Results, Error> {
    answer(|| {
        let (mut transport, connection, options) = call(on, options)?;
        collections::write(&mut transport, &connection, batch?, &options)
    })
}

//! `records`.

use super::Connector;
use super::types::{answer, connection, start};
use crate::core::error::Result;
use crate::core::external_id::ExternalId;
use crate::core::name::ObjectName;
use crate::core::record_id::RecordId;
use crate::core::records::{self, AssignmentRule, DuplicateRule, RecordKey, SaveOptions, Target, parse_fields};
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
            let (mut transport, options) = start(options)?;
            let connection = connection(&on)?;
            let object = ObjectName::parse(&object)?;
            let key = match key {
                wit::RecordKey::Id(id) => RecordKey::Id(RecordId::parse("id", &id)?),
                wit::RecordKey::ExternalId(id) => RecordKey::ExternalId(external_id(&id)?),
            };
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
            let (mut transport, options) = start(options)?;
            let connection = connection(&on)?;
            let object = ObjectName::parse(&object)?;
            let target = match target {
                wit::Target::Create => Target::Create,
                wit::Target::Update(id) => Target::Update(RecordId::parse("id", &id)?),
                wit::Target::Upsert(upsert) => {
                    Target::Upsert { external_id: external_id(&upsert.external_id)?, update_only: upsert.update_only }
                }
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
}

fn external_id(id: &wit::ExternalId) -> Result<ExternalId> {
    ExternalId::parse(&id.field, &id.value)
}

fn save_options(target: &Target, save: wit::SaveOptions) -> Result<SaveOptions> {
    let assignment_rule = match save.assignment_rule {
        None => None,
        Some(wit::AssignmentRule::Off) => Some(AssignmentRule::Off),
        Some(wit::AssignmentRule::Rule(id)) => Some(AssignmentRule::Rule(RecordId::parse("assignment-rule", &id)?)),
    };
    let duplicate_rule = save.duplicate_rule.map(|rule| DuplicateRule {
        allow_save: rule.allow_save,
        include_record_details: rule.include_record_details,
        run_as_current_user: rule.run_as_current_user,
    });
    SaveOptions::parse(target, assignment_rule, duplicate_rule, save.if_unmodified_since.as_deref())
}

//! `actions`: what an engine may repeat.

use salesforce_connector::core::error::Result;
use salesforce_connector::core::external_id::ExternalId;
use salesforce_connector::core::name::ObjectName;
use salesforce_connector::core::record_id::RecordId;
use salesforce_connector::core::records::{self, RecordKey, Target, parse_fields};
use salesforce_connector::core::soql::{self, Argument, Cursor, LikeMatch, Page, Parameter, Query, Value};

use crate::connect::run;
use crate::types::save_options;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::actions as wit;

impl wit::Guest for Activity {
    fn soql_query(query: wit::Query) -> Result<wit::Page, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            Ok(soql::soql_query(transport, connection, &parse(query)?, options)?.into())
        })
    }

    fn next_page(cursor: String) -> Result<wit::Page, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            Ok(soql::next_page(transport, connection, &Cursor::parse(&cursor)?, options)?.into())
        })
    }

    fn get_record_field_values(object: String, key: wit::RecordKey, fields: Vec<String>) -> Result<String, wit::Error> {
        run(Action::Read, |transport, connection, options| {
            let object = ObjectName::parse(&object)?;
            let key = match key {
                wit::RecordKey::Id(id) => RecordKey::Id(RecordId::parse("id", &id)?),
                wit::RecordKey::ExternalId(id) => RecordKey::ExternalId(external_id(&id)?),
            };
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
                wit::Target::Update(id) => Target::Update(RecordId::parse("id", &id)?),
                wit::Target::Upsert(upsert) => {
                    Target::Upsert { external_id: external_id(&upsert.external_id)?, update_only: upsert.update_only }
                }
            };
            let save = save_options(&target, save)?;
            Ok(records::save(transport, connection, &object, &target, &fields, &save, options)?.into())
        })
    }
}

fn external_id(id: &wit::ExternalId) -> Result<ExternalId> {
    ExternalId::parse(&id.field, &id.value)
}

fn parse(query: wit::Query) -> Result<Query> {
    let parameters: Vec<Parameter> = query.parameters.into_iter().map(Into::into).collect();
    Query::parse(&query.soql, &parameters, query.include_deleted, query.batch_size, query.max_records)
}

impl From<wit::Parameter> for Parameter {
    fn from(parameter: wit::Parameter) -> Self {
        let argument = match parameter.argument {
            wit::Argument::One(value) => Argument::One(value.into()),
            wit::Argument::Many(values) => Argument::Many(values.into_iter().map(Into::into).collect()),
        };
        Self { name: parameter.name, argument }
    }
}

impl From<wit::Value> for Value {
    fn from(value: wit::Value) -> Self {
        match value {
            wit::Value::Null => Self::Null,
            wit::Value::Boolean(value) => Self::Boolean(value),
            wit::Value::Integer(value) => Self::Integer(value),
            wit::Value::Decimal(text) => Self::Decimal(text),
            wit::Value::Text(text) => Self::Text(text),
            wit::Value::LikePattern(pattern) => {
                let matching = match pattern.match_ {
                    wit::LikeMatch::Exact => LikeMatch::Exact,
                    wit::LikeMatch::StartsWith => LikeMatch::StartsWith,
                    wit::LikeMatch::EndsWith => LikeMatch::EndsWith,
                    wit::LikeMatch::Contains => LikeMatch::Contains,
                    wit::LikeMatch::Pattern => LikeMatch::Pattern,
                };
                Self::LikePattern { text: pattern.text, matching }
            }
            wit::Value::Date(text) => Self::Date(text),
            wit::Value::Datetime(text) => Self::Datetime(text),
            wit::Value::Time(text) => Self::Time(text),
            wit::Value::Currency(text) => Self::Currency(text),
            wit::Value::Id(text) => Self::Id(text),
        }
    }
}

impl From<Page> for wit::Page {
    fn from(page: Page) -> Self {
        Self {
            records: page.records,
            count: page.count,
            total_size: page.total_size,
            next: page.next.map(|cursor| cursor.text()),
            children: page
                .children
                .into_iter()
                .map(|child| wit::ChildCursor {
                    record_index: child.record_index,
                    relationship: child.relationship,
                    count: child.count,
                    total_size: child.total_size,
                    next: child.next.text(),
                })
                .collect(),
        }
    }
}

//! `schema`.

use super::Connector;
use super::types::{answer, call};
use crate::core::error::Result;
use crate::core::http_date;
use crate::core::name::ObjectName;
use crate::core::schema::{self, ChildRelationship, Field, ObjectSummary, PicklistValue, RecordTypeInfo};
use crate::world::exports::workflow::salesforce::schema as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn list_objects(
        on: wit::Connection,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::ObjectList>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let since = since(if_modified_since)?;
            let list = schema::list_objects(&mut transport, &connection, since.as_deref(), &options)?;
            Ok(list.map(|list| wit::ObjectList {
                objects: list.objects.into_iter().map(Into::into).collect(),
                last_modified: list.last_modified,
                usage: list.usage.map(Into::into),
            }))
        })
    }

    fn describe_object(
        on: wit::Connection,
        object: String,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::ObjectDescription>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = ObjectName::parse(&object)?;
            let since = since(if_modified_since)?;
            let described = schema::describe_object(&mut transport, &connection, &object, since.as_deref(), &options)?;
            Ok(described.map(|described| wit::ObjectDescription {
                object: described.object.into(),
                fields: described.fields.into_iter().map(Into::into).collect(),
                record_type_infos: described.record_type_infos.into_iter().map(Into::into).collect(),
                child_relationships: described.child_relationships.into_iter().map(Into::into).collect(),
                last_modified: described.last_modified,
                usage: described.usage.map(Into::into),
            }))
        })
    }

    fn describe_json(
        on: wit::Connection,
        object: Option<String>,
        if_modified_since: Option<String>,
        options: wit::CallOptions,
    ) -> Result<Option<wit::RawDescription>, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let object = object.map(|object| ObjectName::parse(&object)).transpose()?;
            let since = since(if_modified_since)?;
            let raw = schema::describe_json(&mut transport, &connection, object.as_ref(), since.as_deref(), &options)?;
            Ok(raw.map(|raw| wit::RawDescription {
                description: raw.description,
                last_modified: raw.last_modified,
                usage: raw.usage.map(Into::into),
            }))
        })
    }
}

fn since(date: Option<String>) -> Result<Option<String>> {
    http_date::parse_argument("if-modified-since", date.as_deref())
}

impl From<ObjectSummary> for wit::ObjectSummary {
    fn from(object: ObjectSummary) -> Self {
        Self {
            name: object.name,
            label: object.label,
            label_plural: object.label_plural,
            key_prefix: object.key_prefix,
            custom: object.custom,
            createable: object.createable,
            updateable: object.updateable,
            deletable: object.deletable,
            queryable: object.queryable,
            searchable: object.searchable,
        }
    }
}

impl From<Field> for wit::Field {
    fn from(field: Field) -> Self {
        Self {
            name: field.name,
            label: field.label,
            type_: field.field_type,
            length: field.length,
            precision: field.precision,
            scale: field.scale,
            required: field.required,
            nillable: field.nillable,
            createable: field.createable,
            updateable: field.updateable,
            custom: field.custom,
            unique: field.unique,
            external_id: field.external_id,
            id_lookup: field.id_lookup,
            calculated: field.calculated,
            filterable: field.filterable,
            sortable: field.sortable,
            name_field: field.name_field,
            default_value: field.default_value,
            inline_help_text: field.inline_help_text,
            reference_to: field.reference_to,
            relationship_name: field.relationship_name,
            polymorphic_foreign_key: field.polymorphic_foreign_key,
            picklist_values: field.picklist_values.into_iter().map(Into::into).collect(),
            restricted_picklist: field.restricted_picklist,
            controller_name: field.controller_name,
        }
    }
}

impl From<PicklistValue> for wit::PicklistValue {
    fn from(value: PicklistValue) -> Self {
        Self {
            value: value.value,
            label: value.label,
            active: value.active,
            default_value: value.default_value,
            valid_for: value.valid_for,
        }
    }
}

impl From<RecordTypeInfo> for wit::RecordTypeInfo {
    fn from(info: RecordTypeInfo) -> Self {
        Self {
            record_type_id: info.record_type_id,
            name: info.name,
            developer_name: info.developer_name,
            active: info.active,
            available: info.available,
            default_record_type_mapping: info.default_record_type_mapping,
            master: info.master,
        }
    }
}

impl From<ChildRelationship> for wit::ChildRelationship {
    fn from(relationship: ChildRelationship) -> Self {
        Self {
            child_sobject: relationship.child_sobject,
            field: relationship.field,
            relationship_name: relationship.relationship_name,
        }
    }
}

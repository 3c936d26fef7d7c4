//! What an org has.

use super::wit;
use crate::core::error::Result;
use crate::core::http_date;
use crate::core::schema::{ChildRelationship, Field, ObjectSummary, PicklistValue, RecordTypeInfo};

pub(crate) fn modified_since(date: Option<String>) -> Result<Option<String>> {
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

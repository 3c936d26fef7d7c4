//! List objects, describe an object, and both as JSON.

use serde_json::Value;
use waki::Method;

use crate::Connector;
use crate::rest::{Answer, invalid, request, send, text};
use crate::schema_wit::{
    ChildRelationship, Field, Guest, ObjectDescription, ObjectList, ObjectSummary, PicklistValue, RawDescription,
    RecordTypeInfo,
};
use crate::types::{CallOptions, Connection, Error};

impl Guest for Connector {
    fn list_objects(
        on: Connection,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<ObjectList>, Error> {
        let Some(answer) = read(&on, "sobjects", since, &options)? else { return Ok(None) };
        let objects = list(&answer.body, "sobjects").map(summary).collect::<Option<_>>();
        let objects = objects.ok_or_else(|| invalid("expected objects with names"))?;
        Ok(Some(ObjectList { objects, last_modified: answer.last_modified, usage: answer.usage }))
    }

    fn describe_object(
        on: Connection,
        object: String,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<ObjectDescription>, Error> {
        let Some(answer) = read(&on, &format!("sobjects/{object}/describe"), since, &options)? else { return Ok(None) };
        let all: Vec<_> = list(&answer.body, "fields").collect();
        let described = || {
            Some(ObjectDescription {
                object: summary(&answer.body)?,
                fields: all.iter().map(|told| field(told, &all)).collect::<Option<_>>()?,
                record_type_infos: list(&answer.body, "recordTypeInfos").map(record_type).collect::<Option<_>>()?,
                child_relationships: list(&answer.body, "childRelationships").map(child).collect::<Option<_>>()?,
                last_modified: answer.last_modified.clone(),
                usage: answer.usage,
            })
        };
        described().map(Some).ok_or_else(|| invalid("expected a description"))
    }

    fn describe_json(
        on: Connection,
        object: Option<String>,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<RawDescription>, Error> {
        let path = object.map_or("sobjects".to_owned(), |object| format!("sobjects/{object}/describe"));
        let Some(answer) = read(&on, &path, since, &options)? else { return Ok(None) };
        let Answer { body, last_modified, usage, .. } = answer;
        Ok(Some(RawDescription { description: body.to_string(), last_modified, usage }))
    }
}

fn read(on: &Connection, path: &str, since: Option<String>, options: &CallOptions) -> Result<Option<Answer>, Error> {
    let mut asked = request(on, Method::Get, path, options);
    if let Some(since) = since {
        asked = asked.header("If-Modified-Since", since);
    }
    match send(asked) {
        Err(error) if error.status == Some(304) => Ok(None),
        answer => answer.map(Some),
    }
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn is(of: &Value, name: &str) -> bool {
    of.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn number(of: &Value, name: &str) -> u32 {
    of.get(name).and_then(Value::as_u64).unwrap_or(0) as u32
}

fn summary(told: &Value) -> Option<ObjectSummary> {
    let name = text(told, "name")?;
    let label = text(told, "label").unwrap_or_else(|| name.clone());
    Some(ObjectSummary {
        label_plural: text(told, "labelPlural").unwrap_or_else(|| label.clone()),
        key_prefix: text(told, "keyPrefix"),
        custom: is(told, "custom"),
        createable: is(told, "createable"),
        updateable: is(told, "updateable"),
        deletable: is(told, "deletable"),
        queryable: is(told, "queryable"),
        searchable: is(told, "searchable"),
        name,
        label,
    })
}

fn field(told: &Value, all: &[&Value]) -> Option<Field> {
    let name = text(told, "name")?;
    let controller_name = text(told, "controllerName");
    let is_controller = |field: &&&Value| controller_name.is_some() && text(field, "name") == controller_name;
    let controlling = all.iter().find(is_controller).map(|field| match text(field, "type").as_deref() {
        Some("boolean") => vec!["false".to_owned(), "true".to_owned()],
        _ => list(field, "picklistValues").filter_map(|value| text(value, "value")).collect(),
    });
    Some(Field {
        label: text(told, "label").unwrap_or_else(|| name.clone()),
        type_: text(told, "type")?,
        length: number(told, "length"),
        precision: number(told, "precision"),
        scale: number(told, "scale"),
        required: !is(told, "nillable") && !is(told, "defaultedOnCreate") && is(told, "createable"),
        nillable: is(told, "nillable"),
        createable: is(told, "createable"),
        updateable: is(told, "updateable"),
        custom: is(told, "custom"),
        unique: is(told, "unique"),
        external_id: is(told, "externalId"),
        id_lookup: is(told, "idLookup"),
        calculated: is(told, "calculated"),
        filterable: is(told, "filterable"),
        sortable: is(told, "sortable"),
        name_field: is(told, "nameField"),
        default_value: told.get("defaultValue").filter(|value| !value.is_null()).map(Value::to_string),
        inline_help_text: text(told, "inlineHelpText"),
        reference_to: list(told, "referenceTo").filter_map(Value::as_str).map(Into::into).collect(),
        relationship_name: text(told, "relationshipName"),
        polymorphic_foreign_key: is(told, "polymorphicForeignKey"),
        picklist_values: list(told, "picklistValues")
            .map(|value| choice(value, controlling.as_deref()))
            .collect::<Option<_>>()?,
        restricted_picklist: is(told, "restrictedPicklist"),
        controller_name,
        name,
    })
}

fn choice(told: &Value, controlling: Option<&[String]>) -> Option<PicklistValue> {
    let value = text(told, "value")?;
    let valid_for = controlling.zip(text(told, "validFor")).map(|(controlling, bits)| {
        let is_set = |(place, _): &(usize, &String)| {
            let six = bits.as_bytes().get(place / 6).and_then(|character| ALPHABET.find(char::from(*character)));
            six.is_some_and(|six| six & (32 >> (place % 6)) != 0)
        };
        controlling.iter().enumerate().filter(is_set).map(|(_, value)| value.clone()).collect()
    });
    let label = text(told, "label").unwrap_or_else(|| value.clone());
    Some(PicklistValue { label, active: is(told, "active"), default_value: is(told, "defaultValue"), valid_for, value })
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn record_type(told: &Value) -> Option<RecordTypeInfo> {
    Some(RecordTypeInfo {
        record_type_id: text(told, "recordTypeId"),
        name: text(told, "name")?,
        developer_name: text(told, "developerName"),
        active: is(told, "active"),
        available: is(told, "available"),
        default_record_type_mapping: is(told, "defaultRecordTypeMapping"),
        master: is(told, "master"),
    })
}

fn child(told: &Value) -> Option<ChildRelationship> {
    Some(ChildRelationship {
        child_sobject: text(told, "childSObject")?,
        field: text(told, "field")?,
        relationship_name: text(told, "relationshipName"),
    })
}

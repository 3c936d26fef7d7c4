//! Salesforce's describe answers: `/sobjects/X/describe`, one in a file or a list of them, bare or as the `sf` command line
//! tells them (`{"status": 0, "result": ...}`).

mod field;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, value::RawValue};

use super::name::{ApiName, Label};
use super::object::{Draft, MOST_FIELDS};
use super::{FileError, Source};
use crate::org::Record;
use crate::org::id::RecordId;
use crate::org::schema::{RecordType, intern};

const EXPECTED: &str =
    "expected an answer of /sobjects/X/describe, an object with \"name\" and \"fields\", or a list of them";

/// A file may hold one answer, or what wraps it.
#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedObject<'a> {
    name: ApiName,
    label: Option<Label>,
    label_plural: Option<Label>,
    key_prefix: Option<String>,
    #[serde(default)]
    createable: bool,
    deletable: Option<bool>,
    #[serde(default)]
    feed_enabled: bool,
    #[serde(default)]
    mergeable: bool,
    #[serde(default)]
    undeletable: bool,
    #[serde(borrow)]
    fields: Vec<&'a RawValue>,
    #[serde(default)]
    child_relationships: Vec<ChildRelationship>,
    #[serde(default)]
    record_type_infos: Vec<RecordTypeInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordTypeInfo {
    record_type_id: String,
    name: Label,
    developer_name: Option<Label>,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    default_record_type_mapping: bool,
    #[serde(default)]
    master: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChildRelationship {
    #[serde(rename = "childSObject")]
    child: ApiName,
    field: ApiName,
    relationship_name: Option<ApiName>,
    #[serde(default)]
    cascade_delete: bool,
    #[serde(default)]
    restricted_delete: bool,
}

fn yes() -> bool {
    true
}

/// A relationship that a parent's answer tells of its children's lookups.
pub(super) struct Children {
    pub(super) parent: &'static str,
    pub(super) child: &'static str,
    pub(super) field: &'static str,
    pub(super) name: Option<&'static str>,
    pub(super) cascades: bool,
    pub(super) restricts: bool,
}

/// The objects that a file describes, and the relationships to their children. Notes tell what the mock does not know of them.
pub(super) fn objects(source: &Source, notes: &mut Vec<FileError>) -> Result<(Vec<Draft>, Vec<Children>), FileError> {
    let whole: &RawValue = json(source, &source.text)?;
    let mut answers = Vec::new();
    unwrap(source, whole, &mut answers, 3)?;
    let (mut drafts, mut children) = (Vec::new(), Vec::new());
    for answer in answers {
        drafts.push(object(source, answer, &mut children, notes)?);
    }
    Ok((drafts, children))
}

fn unwrap<'a>(
    source: &Source,
    json_text: &'a RawValue,
    answers: &mut Vec<&'a RawValue>,
    depth: usize,
) -> Result<(), FileError> {
    let text = json_text.get();
    if text.starts_with('[') && depth > 0 {
        for item in json::<Vec<&RawValue>>(source, text)? {
            unwrap(source, item, answers, depth - 1)?;
        }
        return Ok(());
    }
    if !text.starts_with('{') {
        return Err(source.error(source.line_of(text), EXPECTED));
    }
    match json::<Wrapped<'_>>(source, text)?.result {
        Some(result) if depth > 0 => unwrap(source, result, answers, depth - 1),
        _ => {
            answers.push(json_text);
            Ok(())
        }
    }
}

fn json<'a, T: Deserialize<'a>>(source: &Source, text: &'a str) -> Result<T, FileError> {
    serde_json::from_str(text).map_err(|error| source.json_error(text, &error))
}

fn object(
    source: &Source,
    answer: &RawValue,
    children: &mut Vec<Children>,
    notes: &mut Vec<FileError>,
) -> Result<Draft, FileError> {
    let text = answer.get();
    let line = source.line_of(text);
    let members: serde_json::Map<String, Json> = json(source, text)?;
    if let Some(missing) = ["name", "fields"].into_iter().find(|name| !members.contains_key(*name)) {
        return Err(source.error(line, format!("missing field `{missing}`: {EXPECTED}")));
    }
    let told: DescribedObject<'_> = json(source, text)?;
    if told.fields.len() > MOST_FIELDS {
        let problem = format!("{} fields of {}: expected at most {MOST_FIELDS}", told.fields.len(), told.name.0);
        return Err(source.error(line, problem));
    }
    let mut members: Record = members;
    members.remove("fields");
    let key_prefix = match &told.key_prefix {
        Some(prefix) if prefix.len() == 3 && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Some(intern::text(prefix))
        }
        Some(prefix) => {
            return Err(source.error(line, format!("key prefix {prefix:?}: expected three letters or digits")));
        }
        None => None,
    };
    children.extend(told.child_relationships.iter().map(|told_child| Children {
        parent: told.name.0,
        child: told_child.child.0,
        field: told_child.field.0,
        name: told_child.relationship_name.map(|name| name.0),
        cascades: told_child.cascade_delete,
        restricts: told_child.restricted_delete,
    }));
    Ok(Draft {
        path: source.path.clone(),
        line,
        name: told.name.0,
        label: told.label.map_or(told.name.0, |label| label.0),
        plural: told.label_plural.or(told.label).map_or(told.name.0, |label| label.0),
        key_prefix,
        createable: told.createable,
        deletable: told.deletable.unwrap_or(told.createable),
        has_feed: told.feed_enabled,
        mergeable: told.mergeable,
        undeletable: told.undeletable,
        described: Some(Arc::new(members)),
        record_types: record_types(&told).map_err(|problem| source.error(line, problem))?,
        fields: told.fields.iter().map(|told| field::field(source, told, notes)).collect::<Result<_, _>>()?,
    })
}

/// The record types beside the master, which has no record.
fn record_types(told: &DescribedObject<'_>) -> Result<Vec<RecordType>, String> {
    let is_master =
        |info: &RecordTypeInfo| info.master || RecordId::parse(&info.record_type_id) == RecordId::master_record_type();
    let record_type = |info: &RecordTypeInfo| {
        let id = RecordId::parse(&info.record_type_id).filter(|id| id.key_prefix() == "012").ok_or_else(|| {
            let shown: String = info.record_type_id.chars().take(40).collect();
            format!("recordTypeId {shown:?} of {}: expected an Id that begins with 012", told.name.0)
        })?;
        Ok(RecordType {
            id: Some(id),
            developer_name: info.developer_name.unwrap_or(info.name).0,
            name: info.name.0,
            active: info.active,
            default: info.default_record_type_mapping,
        })
    };
    told.record_type_infos.iter().filter(|info| !is_master(info)).map(record_type).collect()
}

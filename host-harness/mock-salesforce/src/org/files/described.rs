//! Salesforce's describe answers: `/sobjects/X/describe`, one in a file or a list of them, bare or as the `sf` command line
//! tells them (`{"status": 0, "result": ...}`).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, value::RawValue};

use super::name::{ApiName, Label};
use super::object::{Draft, MOST_FIELDS, MOST_VALUES};
use super::{FileError, Source};
use crate::org::Record;
use crate::org::id::RecordId;
use crate::org::schema::{Field, Kind, Labels, Lookup, RecordType, Unit, intern};
use crate::org::value::parse_number;

const EXPECTED: &str =
    "expected an answer of /sobjects/X/describe, an object with \"name\" and \"fields\", or a list of them";
/// What no field is longer than.
const LONGEST_TEXT: usize = 131_072;

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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedField {
    name: ApiName,
    label: Option<Label>,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    length: usize,
    #[serde(default)]
    precision: u32,
    #[serde(default)]
    scale: u32,
    #[serde(default = "yes")]
    nillable: bool,
    #[serde(default)]
    defaulted_on_create: bool,
    #[serde(default)]
    createable: bool,
    #[serde(default)]
    updateable: bool,
    #[serde(default)]
    external_id: bool,
    #[serde(default)]
    id_lookup: bool,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    case_sensitive: bool,
    #[serde(default)]
    name_field: bool,
    #[serde(default)]
    auto_number: bool,
    #[serde(default)]
    calculated: bool,
    default_value: Option<Json>,
    default_value_formula: Option<String>,
    controller_name: Option<ApiName>,
    compound_field_name: Option<ApiName>,
    #[serde(default)]
    reference_to: Vec<ApiName>,
    relationship_name: Option<ApiName>,
    #[serde(default)]
    picklist_values: Vec<Choice>,
    #[serde(default)]
    restricted_picklist: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Choice {
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    default_value: bool,
    value: Label,
    label: Option<Label>,
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

/// The objects that a file describes, and the relationships to their children.
pub(super) fn objects(source: &Source) -> Result<(Vec<Draft>, Vec<Children>), FileError> {
    let whole: &RawValue = json(source, &source.text)?;
    let mut answers = Vec::new();
    unwrap(source, whole, &mut answers, 3)?;
    let (mut drafts, mut children) = (Vec::new(), Vec::new());
    for answer in answers {
        drafts.push(object(source, answer, &mut children)?);
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

fn object(source: &Source, answer: &RawValue, children: &mut Vec<Children>) -> Result<Draft, FileError> {
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
        fields: told.fields.iter().map(|told| field(source, told)).collect::<Result<_, _>>()?,
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

fn field(source: &Source, told_field: &RawValue) -> Result<Field, FileError> {
    let text = told_field.get();
    let told: DescribedField = described_field(source, text)?;
    let wrong = |problem: String| source.error(source.line_of(text), problem);
    if told.picklist_values.len() > MOST_VALUES {
        let count = told.picklist_values.len();
        return Err(wrong(format!("{count} values of {}: expected at most {MOST_VALUES}", told.name.0)));
    }
    let (kind, described_as) = kind(&told).map_err(wrong)?;
    let is_own = matches!(kind, Kind::Id | Kind::Boolean);
    let default = match (&kind, &told.default_value) {
        (Kind::Boolean, Some(Json::Bool(true))) => Some("true"),
        (Kind::Integer | Kind::Number { .. }, told_value) => {
            let number = told_value.as_ref().filter(|value| value.is_number()).map(Json::to_string);
            let number = number.or_else(|| told.default_value_formula.clone());
            number.filter(|text| parse_number(text).is_some()).map(|text| intern::text(&text))
        }
        (Kind::Picklist { .. } | Kind::Text(_), _) => {
            let chosen = told.picklist_values.iter().find(|choice| choice.active && choice.default_value);
            let text = told.default_value.as_ref().and_then(Json::as_str).filter(|text| !text.is_empty());
            chosen.map(|choice| choice.value.0).or_else(|| text.map(|text| Label::new(text).0))
        }
        _ => None,
    };
    Ok(Field {
        required: is_own || !(told.nillable || told.defaulted_on_create && told.createable),
        writable: (told.createable || told.updateable) && !kind.is_compound(),
        set_once: told.createable && !told.updateable,
        external_id: told.external_id,
        id_lookup: told.id_lookup && !told.external_id,
        unique: told.unique,
        case_sensitive: told.case_sensitive,
        is_name: told.name_field,
        default,
        // How the numbers are written, an answer does not tell.
        auto_number: told.auto_number.then_some(("", 8)),
        described_as,
        controller: told.controller_name.map(|name| name.0),
        labels: Labels::new(told.picklist_values.iter().filter_map(|choice| Some((choice.value.0, choice.label?.0)))),
        part_of: told.compound_field_name.map(|whole| whole.0),
        calculated: told.calculated,
        described: Some(Arc::new(json(source, text)?)),
        ..Field::new(told.name.0, told.label.map_or(told.name.0, |label| label.0), kind)
    })
}

/// What an answer tells of a field; an error names the field and the member.
fn described_field(source: &Source, text: &str) -> Result<DescribedField, FileError> {
    #[derive(Deserialize)]
    struct Named {
        name: Option<Json>,
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let mut wrong = source.json_error(text, error.inner());
        let named = serde_json::from_str::<Named>(text).ok().and_then(|named| named.name);
        if let Some(Json::String(name)) = named.filter(|name| ApiName::deserialize(name).is_ok()) {
            let problem = wrong.problem.replace("expected usize", "expected a whole number");
            let problem = problem.replace("expected u32", "expected a whole number");
            wrong.problem = match error.path().to_string().as_str() {
                "." => format!("{name}: {problem}"),
                member => format!("{member} of {name}: {problem}"),
            };
        }
        wrong
    })
}

fn kind(told: &DescribedField) -> Result<(Kind, Option<&'static str>), String> {
    let length = match told.length {
        0 => 255,
        length => length.min(LONGEST_TEXT),
    };
    let values = || {
        let active = told.picklist_values.iter().filter(|choice| choice.active);
        intern::list(&active.map(|choice| choice.value.0).collect::<Vec<_>>())
    };
    let number = |unit| {
        let precision = if told.precision == 0 { 18 } else { told.precision.min(28) };
        Kind::Number { unit, precision, scale: told.scale.min(precision) }
    };
    let text = |described_as| {
        if length > 255 { (Kind::LongText(length), described_as) } else { (Kind::Text(length), described_as) }
    };
    let kind = match told.kind.as_str() {
        "id" => Kind::Id,
        "reference" => match told.reference_to.split_first() {
            Some((to, also)) => {
                let relationship = told.relationship_name.map_or("", |name| name.0);
                let also = intern::list(&also.iter().map(|name| name.0).collect::<Vec<_>>());
                Kind::Reference(Lookup { also, ..Lookup::new(to.0, relationship) })
            }
            None => return Ok((Kind::Text(18), Some("reference"))),
        },
        "string" => Kind::Text(length),
        "textarea" => return Ok(text((length <= 255).then_some("textarea"))),
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "url" => Kind::Url,
        "picklist" => Kind::Picklist { values: values(), restricted: told.restricted_picklist },
        "combobox" => return Ok((Kind::Picklist { values: values(), restricted: false }, Some("combobox"))),
        "multipicklist" => Kind::MultiPicklist(values()),
        "boolean" => Kind::Boolean,
        "int" => Kind::Integer,
        "long" => return Ok((Kind::Number { unit: Unit::Plain, precision: 18, scale: 0 }, Some("long"))),
        "double" => number(Unit::Plain),
        "currency" => number(Unit::Currency),
        "percent" => number(Unit::Percent),
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "time" => Kind::Time,
        "address" => Kind::Address,
        "location" => Kind::Location,
        "base64" => Kind::Base64,
        "encryptedstring" => return Ok((Kind::Text(length), Some("encryptedstring"))),
        "anyType" => return Ok(text(Some("anyType"))),
        "complexvalue" => return Ok(text(Some("complexvalue"))),
        "json" => return Ok(text(Some("json"))),
        unknown => {
            let shown: String = unknown.chars().take(40).collect();
            return Err(format!(
                "type {shown:?} of {}: expected one of Salesforce's field types, such as string or reference",
                told.name.0
            ));
        }
    };
    Ok((kind, None))
}

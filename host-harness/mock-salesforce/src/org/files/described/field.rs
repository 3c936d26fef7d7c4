//! One field as a describe answer tells it.
//!
//! Source: SOAP API Developer Guide, "Field" of "DescribeSObjectResult".

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, value::RawValue};

use super::{json, yes};
use crate::org::describe::field::beside_schema;
use crate::org::files::name::{ApiName, Label};
use crate::org::files::object::MOST_VALUES;
use crate::org::files::{FileError, Source};
use crate::org::schema::{AutoNumber, Field, Kind, Labels, Lookup, Unit, intern};
use crate::org::value::parse_number;

/// What no field is longer than.
const LONGEST_TEXT: usize = 131_072;

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

/// Types of which the mock has no values: text that nobody writes.
const WITHOUT_VALUES: [&str; 3] = ["datacategorygroupreference", "junctionidlist", "masterrecord"];

/// The field that a part of an answer tells, and a note of what the mock does not know of it.
pub(super) fn field(source: &Source, told_field: &RawValue, notes: &mut Vec<FileError>) -> Result<Field, FileError> {
    let text = told_field.get();
    let told: DescribedField = described_field(source, text)?;
    let wrong = |problem: String| source.error(source.line_of(text), problem);
    if told.picklist_values.len() > MOST_VALUES {
        let count = told.picklist_values.len();
        return Err(wrong(format!("{count} values of {}: expected at most {MOST_VALUES}", told.name.0)));
    }
    let known = kind(&told);
    if known.is_none() && !WITHOUT_VALUES.contains(&told.kind.to_lowercase().as_str()) {
        let shown: String = told.kind.chars().take(40).collect();
        let problem =
            format!("{}: the mock does not know the type {shown:?}: it is text that nobody writes", told.name.0);
        notes.push(wrong(problem));
    }
    let is_writable = known.is_some() && (told.createable || told.updateable);
    let (kind, described_as) =
        known.unwrap_or_else(|| (Kind::Text(told.length.clamp(255, LONGEST_TEXT)), Some(Label::new(&told.kind).0)));
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
    let field = Field {
        required: is_own || !(told.nillable || told.defaulted_on_create && told.createable),
        writable: is_writable && !kind.is_compound(),
        set_once: told.createable && !told.updateable,
        external_id: told.external_id,
        id_lookup: told.id_lookup && !told.external_id,
        unique: told.unique,
        case_sensitive: told.case_sensitive,
        is_name: told.name_field,
        default,
        // How the numbers are written, an answer does not tell.
        auto_number: told.auto_number.then(|| AutoNumber::new("", 1)),
        described_as,
        controller: told.controller_name.map(|name| name.0),
        labels: Labels::new(told.picklist_values.iter().filter_map(|choice| Some((choice.value.0, choice.label?.0)))),
        part_of: told.compound_field_name.map(|whole| whole.0),
        calculated: told.calculated,
        ..Field::new(told.name.0, told.label.map_or(told.name.0, |label| label.0), kind)
    };
    let described = beside_schema(&field, json(source, text)?);
    Ok(Field { described: Some(Arc::new(described)), ..field })
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
            let problem = wrong.problem.clone();
            wrong.problem = match error.path().to_string().as_str() {
                "." => format!("{name}: {problem}"),
                member => format!("{member} of {name}: {problem}"),
            };
        }
        wrong
    })
}

/// The type, and what describe calls it if that is not the type's own name; none if the mock does not know it.
fn kind(told: &DescribedField) -> Option<(Kind, Option<&'static str>)> {
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
            None => return Some((Kind::Text(18), Some("reference"))),
        },
        "string" => Kind::Text(length),
        "textarea" => return Some(text((length <= 255).then_some("textarea"))),
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "url" => Kind::Url,
        "picklist" => Kind::Picklist { values: values(), restricted: told.restricted_picklist },
        "combobox" => return Some((Kind::Picklist { values: values(), restricted: false }, Some("combobox"))),
        "multipicklist" => Kind::MultiPicklist(values()),
        "boolean" => Kind::Boolean,
        "int" => Kind::Integer,
        "long" => return Some((Kind::Number { unit: Unit::Plain, precision: 18, scale: 0 }, Some("long"))),
        "double" => number(Unit::Plain),
        "currency" => number(Unit::Currency),
        "percent" => number(Unit::Percent),
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "time" => Kind::Time,
        "address" => Kind::Address,
        "location" => Kind::Location,
        "base64" => Kind::Base64,
        "encryptedstring" => return Some((Kind::Text(length), Some("encryptedstring"))),
        "anyType" => return Some(text(Some("anyType"))),
        "complexvalue" => return Some(text(Some("complexvalue"))),
        "json" => return Some(text(Some("json"))),
        _ => return None,
    };
    Some((kind, None))
}

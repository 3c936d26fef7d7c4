//! From a client's JSON to the values of fields: names, types, lengths and picklists. Not for what values must be true
//! together, which is [`super::rules`].
//!
//! Source: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "Core Data Types",
//! for the status codes of writes.

use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value as Json;

use super::{
    Org, Record, WriteOptions,
    id::RecordId,
    schema::{Field, Kind, Lookup, Object},
    table::Table,
    value::{Value, parse_day, parse_moment, parse_number, parse_time},
};
use crate::ApiError;

impl Org {
    /// The values that a write gives to fields, by place: those of the record's JSON, and the blob that came beside it.
    pub(super) fn parse_write(
        &self,
        object: &Object,
        body: &Record,
        options: &WriteOptions,
    ) -> Result<Vec<(usize, Value)>, ApiError> {
        let mut given = self.parse_body(object, body)?;
        if let Some(upload) = &options.upload {
            let (place, blob) = self.parse_upload(object, upload)?;
            if given.iter().any(|(known, _)| *known == place) {
                let message = format!("{} is in the record and in a part of its own: expected it once", upload.field);
                return Err(ApiError::bad_request("INVALID_MULTIPART_REQUEST", message));
            }
            given.push((place, blob));
        }
        self.check_owner(object, &given)?;
        Ok(given)
    }

    /// Who cannot log in owns nothing new.
    fn check_owner(&self, object: &Object, given: &[(usize, Value)]) -> Result<(), ApiError> {
        let place = object.place("OwnerId");
        let owner = given.iter().find(|(known, _)| Some(*known) == place).and_then(|(_, value)| value.as_id());
        let Some(owner) = owner.filter(|owner| owner.key_prefix() == "005" && !self.is_active_user(owner.as_str()))
        else {
            return Ok(());
        };
        let message = format!(
            "operation performed with inactive user [{}] as owner of {}",
            owner.as_str().get(..15).unwrap_or_default(),
            object.label.to_lowercase()
        );
        Err(ApiError::bad_request("INACTIVE_OWNER_OR_USER", message).on(&[]))
    }

    /// The values a record's JSON gives to fields, by place.
    pub(super) fn parse_body(&self, object: &Object, body: &Record) -> Result<Vec<(usize, Value)>, ApiError> {
        let mut values = Vec::new();
        let mut unwritable = Vec::new();
        for (name, json) in body.iter().filter(|(name, _)| *name != "attributes") {
            if name.eq_ignore_ascii_case("Id") {
                return Err(not_in_body("Id"));
            }
            if let Some((place, field)) = object.field(name) {
                if field.writable {
                    values.push((place, self.parse_json(field, json)?));
                } else {
                    unwritable.push(field.name);
                }
            } else if let Some((place, _, lookup)) = object.lookup(name) {
                values.push((place, self.parse_foreign_key(lookup, json)?));
            } else {
                let message = format!("No such column '{name}' on sobject of type {}", object.name);
                return Err(ApiError::bad_request("INVALID_FIELD", message));
            }
        }
        if unwritable.is_empty() { Ok(values) } else { Err(not_writable(&unwritable)) }
    }

    fn parse_json(&self, field: &Field, json: &Json) -> Result<Value, ApiError> {
        match (&field.kind, json) {
            (Kind::Boolean, Json::Null) => Ok(Value::Boolean(false)),
            (_, Json::Null) => Ok(Value::Null),
            (Kind::Boolean, Json::Bool(value)) => Ok(Value::Boolean(*value)),
            (Kind::Integer | Kind::Number { .. }, Json::Number(number)) => parse_decimal(field, number.as_str(), json),
            (_, Json::String(text)) => self.parse_text(field, text),
            _ => Err(wrong_type(field, json)),
        }
    }

    /// The value that text means in a field: in a record's JSON or in the URL of an external Id. Only text may be empty,
    /// and is then null.
    pub(crate) fn parse_text(&self, field: &Field, text: &str) -> Result<Value, ApiError> {
        let wrong = || wrong_type(field, &Json::String(text.to_owned()));
        if text.is_empty() {
            return match field.kind {
                Kind::Boolean | Kind::Integer | Kind::Number { .. } | Kind::Date | Kind::DateTime => Err(wrong()),
                _ => Ok(Value::Null),
            };
        }
        if field.length() > 0 && text.chars().count() > field.length() && field.length() != 18 {
            let message = format!("{}: data value too large: {text} (max length={})", field.label, field.length());
            return Err(ApiError::bad_request("STRING_TOO_LONG", message).on(&[field.name]));
        }
        match &field.kind {
            Kind::Id | Kind::Text(_) | Kind::LongText(_) | Kind::Phone | Kind::Url => Ok(Value::text(text)),
            Kind::Reference(lookup) => self.parse_reference(field, lookup, text),
            Kind::Email => parse_email(field, text),
            Kind::Picklist { values, restricted } => parse_choice(field, values, *restricted, text),
            Kind::MultiPicklist(values) => {
                let chosen = text.split(';').map(str::trim);
                for value in chosen {
                    parse_choice(field, values, true, value)?;
                }
                Ok(Value::text(text))
            }
            Kind::Boolean => text.parse().map(Value::Boolean).map_err(|_| wrong()),
            Kind::Integer | Kind::Number { .. } => parse_decimal(field, text, &Json::String(text.to_owned())),
            Kind::Date => {
                let day = parse_day(text).ok_or_else(wrong)?;
                if YEARS.contains(&day.year()) { Ok(Value::Date(day)) } else { Err(invalid_date(field, text)) }
            }
            Kind::Time => parse_time(text).map(Value::Time).ok_or_else(wrong),
            Kind::Base64 => self.parse_base64(field, text),
            // The org alone puts compound fields together.
            Kind::Address | Kind::Location => Err(not_writable(&[field.name])),
            Kind::DateTime => {
                let moment = super::whole_second(parse_moment(text).ok_or_else(wrong)?);
                let is_valid = YEARS.contains(&moment.to_zoned(TimeZone::UTC).year());
                if is_valid { Ok(Value::DateTime(moment)) } else { Err(invalid_date(field, text)) }
            }
        }
    }

    fn parse_reference(&self, field: &Field, lookup: &Lookup, text: &str) -> Result<Value, ApiError> {
        let id = RecordId::parse(text);
        if lookup.to == "RecordType" && id.is_some() && id == RecordId::master_record_type() {
            return Ok(Value::Null);
        }
        let has_prefix = |table: &&Table| id.is_some_and(|id| id.key_prefix() == table.object.key_prefix);
        let target = lookup.targets().filter_map(|name| self.find_table(name)).find(has_prefix);
        // What an object is that the org does not have, nobody knows: any Id may be one of its records.
        let is_of_an_unknown_object = lookup.targets().any(|name| !self.has(name));
        let (id, target) = match (id, target) {
            (Some(id), Some(target)) => (id, target),
            (Some(id), None) if is_of_an_unknown_object => return Ok(Value::Id(id)),
            (Some(_), None) if lookup.targets().any(|name| self.find_table(name).is_none()) => {
                return Err(not_seen());
            }
            _ => {
                let message = format!("{}: id value of incorrect type: {text}", field.label);
                return Err(ApiError::bad_request("MALFORMED_ID", message).on(&[field.name]));
            }
        };
        match target.row(id) {
            Some(row) if !row.deleted => Ok(Value::Id(id)),
            Some(_) => Err(ApiError::bad_request("ENTITY_IS_DELETED", "entity is deleted").on(&[])),
            None => Err(not_seen()),
        }
    }
}

/// The years that dates may be in.
///
/// Source: Salesforce Help, "Supported Date Formats": from 1700-01-01 to 4000-12-31.
const YEARS: RangeInclusive<i16> = 1700..=4000;

/// The code and the wording are not verified.
fn invalid_date(field: &Field, text: &str) -> ApiError {
    let message = format!("{}: invalid date: {text}", field.label);
    ApiError::bad_request("FIELD_INTEGRITY_EXCEPTION", message).on(&[field.name])
}

/// The error of a body that names what the URL already says.
pub(super) fn not_in_body(field: &str) -> ApiError {
    ApiError::bad_request("INVALID_FIELD", format!("The {field} field should not be specified in the sobject data."))
}

/// The error of fields that the org alone writes.
pub(super) fn not_writable(fields: &[&str]) -> ApiError {
    let message = format!(
        "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is \
         read/write for your profile or permission set.",
        fields.join(", ")
    );
    ApiError::bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(fields)
}

/// `json` is where the text was found, for the error.
fn parse_decimal(field: &Field, text: &str, json: &Json) -> Result<Value, ApiError> {
    let out_of_range = || {
        let message = format!("{}: value outside of valid range on numeric field: {text}", field.label);
        ApiError::bad_request("NUMBER_OUTSIDE_VALID_RANGE", message).on(&[field.name])
    };
    let looks_numeric = text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = match parse_number(text) {
        Some(number) => number,
        None if looks_numeric => return Err(out_of_range()),
        None => return Err(wrong_type(field, json)),
    };
    let (digits, scale) = match field.kind {
        Kind::Number { precision, scale, .. } => (precision.saturating_sub(scale), scale),
        _ => (10, 0),
    };
    if matches!(field.kind, Kind::Integer) && (!number.is_integer() || i32::try_from(number).is_err()) {
        return Err(if number.is_integer() { out_of_range() } else { wrong_type(field, json) });
    }
    let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero).normalize();
    let limit = Decimal::from_i128_with_scale(10_i128.pow(digits.min(28)), 0);
    if rounded.abs() >= limit { Err(out_of_range()) } else { Ok(Value::Number(rounded)) }
}

fn parse_email(field: &Field, text: &str) -> Result<Value, ApiError> {
    let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(|character: char| character.is_whitespace() || "<>()[],;".contains(character))
            && !domain.contains('@')
    });
    if well_formed {
        return Ok(Value::text(text));
    }
    let message = format!("{}: invalid email address: {text}", field.label);
    Err(ApiError::bad_request("INVALID_EMAIL_ADDRESS", message).on(&[field.name]))
}

/// A value is stored as the picklist spells it, however the client does.
fn parse_choice(field: &Field, values: &[&str], restricted: bool, text: &str) -> Result<Value, ApiError> {
    match values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        Some(value) => Ok(Value::text(*value)),
        None if !restricted => Ok(Value::text(text)),
        None => {
            let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
            Err(ApiError::bad_request("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message).on(&[field.name]))
        }
    }
}

/// Whether a record is not there or not to be seen is not told.
fn not_seen() -> ApiError {
    let code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY";
    ApiError::bad_request(code, "insufficient access rights on cross-reference id").on(&[])
}

fn wrong_type(field: &Field, json: &Json) -> ApiError {
    wrong_kind(field.kind.type_name(), json)
}

/// The JSON reader's own error. The real one ends in a line and column, which the body no longer has here.
pub(super) fn wrong_kind(expected: &str, json: &Json) -> ApiError {
    let (token, text) = match json {
        Json::Null => ("VALUE_NULL", "null".to_owned()),
        Json::Bool(value) => (if *value { "VALUE_TRUE" } else { "VALUE_FALSE" }, value.to_string()),
        Json::Number(number) if number.as_str().contains(['.', 'e', 'E']) => ("VALUE_NUMBER_FLOAT", number.to_string()),
        Json::Number(number) => ("VALUE_NUMBER_INT", number.to_string()),
        Json::String(text) => ("VALUE_STRING", text.clone()),
        Json::Array(_) => ("START_ARRAY", "[".to_owned()),
        Json::Object(_) => ("START_OBJECT", "{".to_owned()),
    };
    let message = format!(
        "Cannot deserialize instance of {expected} from {token} value {text} or request may be missing a required field"
    );
    ApiError::bad_request("JSON_PARSER_ERROR", message)
}

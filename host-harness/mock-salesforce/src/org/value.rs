//! The value of a field, and how JSON tells it. Not for which values a field allows.
//!
//! Source: REST API Developer Guide, "Valid Date and DateTime Formats"; Object Reference, "Primitive Data Types".

use std::sync::Arc;

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{blob::Blob, id::RecordId};

/// The value of one field of one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None.
    Null,
    /// A checkbox.
    Boolean(bool),
    /// A number, exactly.
    Number(Decimal),
    /// Text of any kind; never empty, that is null.
    Text(String),
    /// The Id of a record, or of what it looks up to.
    Id(RecordId),
    /// A calendar day.
    Date(Date),
    /// A moment.
    DateTime(Timestamp),
    /// A time of day.
    Time(Time),
    /// An address or a geolocation: its parts by the names that JSON gives them, such as `postalCode`.
    Compound(Arc<[(&'static str, Value)]>),
    /// A file's bytes; never empty, that is null.
    Blob(Arc<Blob>),
}

/// What an index finds records by: equal keys are equal values. Keys of one field order as its values do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    Id(RecordId),
    Date(Date),
    DateTime(Timestamp),
    Time(Time),
}

impl Value {
    /// Text, or null when it is empty: the org keeps no empty text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The Id, when it is one.
    #[must_use]
    pub fn as_id(&self) -> Option<RecordId> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// As JSON tells it, blobs in base64: numbers with all their digits, moments like `2015-03-18T20:28:26.000+0000`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(value) => Json::Bool(*value),
            Self::Number(number) => number.to_string().parse().map_or(Json::Null, Json::Number),
            Self::Text(text) => Json::String(text.clone()),
            Self::Id(id) => Json::String(id.as_str().to_owned()),
            Self::Date(date) => Json::String(date.to_string()),
            Self::DateTime(moment) => Json::String(moment.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()),
            Self::Time(time) => Json::String(time.strftime("%H:%M:%S%.3fZ").to_string()),
            Self::Blob(blob) => Json::String(blob.base64()),
            Self::Compound(parts) => {
                Json::Object(parts.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect())
            }
        }
    }

    pub(crate) fn key(&self, case_sensitive: bool) -> Key {
        match self {
            Self::Null => Key::Null,
            Self::Boolean(value) => Key::Boolean(*value),
            Self::Number(number) => Key::Number(*number),
            Self::Text(text) if case_sensitive => Key::Text(text.clone()),
            Self::Text(text) => Key::Text(text.to_lowercase()),
            Self::Id(id) => Key::Id(*id),
            Self::Date(date) => Key::Date(*date),
            Self::DateTime(moment) => Key::DateTime(*moment),
            Self::Time(time) => Key::Time(*time),
            // No index holds compound fields or blobs, and no query compares them.
            Self::Compound(_) | Self::Blob(_) => Key::Null,
        }
    }
}

/// Reads a moment in any of the forms the API takes: `Z`, `+hh:mm` or `+hhmm`, fractions of a second or none.
#[must_use]
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z"];
    let with_offset = text.strip_suffix(['Z', 'z']).map(|start| format!("{start}+00:00"));
    let text = with_offset.as_deref().unwrap_or(text);
    formats.iter().find_map(|format| Timestamp::strptime(format, text).ok())
}

/// Reads a calendar day: `2026-11-24`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    if text.len() == 10 { Date::strptime("%Y-%m-%d", text).ok() } else { None }
}

/// Reads a time of day, as JSON tells it: `08:30:00.000Z`.
#[must_use]
pub fn parse_time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M:%S%.f", text.strip_suffix(['Z', 'z'])?).ok()
}

/// Reads a number with all its digits, exponent or none; none when it has more digits than the org can hold.
#[must_use]
pub fn parse_number(text: &str) -> Option<Decimal> {
    let number = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) };
    number.ok()
}

/// What a cell of CSV says of a checkbox, in any case.
///
/// Source: Bulk API 2.0 and Bulk API Developer Guide, "Valid CSV Record Rows", boolean fields.
pub(crate) fn parse_checkbox(text: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 5]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(["yes", "y", "true", "on", "1"]) {
        Some(true)
    } else {
        is_one_of(["no", "n", "false", "off", "0"]).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        for text in ["9007199254740993", "123456789.123456789", "-0.000000001", "999999999999999999"] {
            assert_eq!(Value::Number(parse_number(text).unwrap()).to_json().to_string(), text);
        }
        assert_eq!(parse_number("1.5e3"), parse_number("1500"));
        assert_eq!(parse_number("1e400"), None);
        assert_eq!(parse_number("1234567890123456789012345678901"), None);
    }

    #[test]
    fn moments_come_in_four_forms_and_leave_in_one() {
        for text in [
            "2015-03-18T20:28:26Z",
            "2015-03-18T20:28:26.000Z",
            "2015-03-18T20:28:26.000+0000",
            "2015-03-18T22:28:26+02:00",
        ] {
            let moment = parse_moment(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(Value::DateTime(moment).to_json(), "2015-03-18T20:28:26.000+0000");
        }
        for text in ["2015-03-18", "2015-03-18T20:28:26", "2015-13-18T20:28:26Z", "yesterday"] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_whole() {
        assert_eq!(Value::Date(parse_day("2024-02-29").unwrap()).to_json(), "2024-02-29");
        for text in ["2023-02-29", "2024-2-9", "2024-02-29T00:00:00Z", ""] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    #[test]
    fn times_of_day_are_told_to_the_millisecond() {
        assert_eq!(Value::Time(parse_time("08:30:00Z").unwrap()).to_json(), "08:30:00.000Z");
        for text in ["08:30:00", "24:00:00Z", "8.30Z"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn empty_text_is_null() {
        assert!(Value::text("").is_null());
    }
}

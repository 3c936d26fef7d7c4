//! API names of objects and fields.

use super::error::{Error, Result};
use super::text::contains;

/// API name of an object, e.g. `Account`, `Invoice__c`, `ns__Invoice__c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName(String);

/// API name of a field, e.g. `Name`, `ERP_Id__c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldName(String);

/// A field, or a path to one through lookups: `Name`, `Owner.Manager.Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(String);

impl ObjectName {
    /// A letter, then letters, digits and underscores; at most 255 characters.
    pub fn parse(text: &str) -> Result<Self> {
        if is_api_name(text) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument("object", "the API name of an object, such as Account or Invoice__c"))
        }
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FieldName {
    /// As [`ObjectName::parse`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_as("external-id.field", text)
    }

    /// As [`FieldName::parse`], of an argument of this name.
    pub fn parse_as(name: &str, text: &str) -> Result<Self> {
        if is_api_name(text) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument(name, "the API name of a field, such as ERP_Id__c"))
        }
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FieldPath {
    /// SOQL's limit: five relationships, then the field.
    const MOST_STEPS: usize = 6;

    /// Field names joined by points.
    pub fn parse(text: &str) -> Result<Self> {
        if text.split('.').count() <= Self::MOST_STEPS && text.split('.').all(is_api_name) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument(
                "fields",
                "API names of fields, such as Name, or paths of at most five relationships, such as Owner.Name",
            ))
        }
    }

    /// The path as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads through a lookup.
    pub fn is_relationship(&self) -> bool {
        contains(&self.0, ".")
    }
}

/// A name that came before, without regard to case. Of those behind the first 2,000, more than any object of Salesforce has
/// fields, none is found: looking for each among the others would take too long.
pub(super) fn doubled<'a>(names: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut before = Vec::new();
    names.take(2_000).find(|name| {
        let is_doubled = before.iter().any(|known: &&str| known.eq_ignore_ascii_case(name));
        before.push(*name);
        is_doubled
    })
}

/// A letter, then letters, digits and underscores; at most 255.
pub(super) fn is_api_name(text: &str) -> bool {
    text.len() <= 255
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 16] = [
        "",
        "../Account",
        "Account/001",
        "Acc%2Fount",
        "Acc%2eount",
        "Account?x",
        "Account#x",
        "Account;x",
        "Acc ount",
        "Account\0",
        "Accöunt",
        "1Account",
        "_Account",
        "Account\r\n",
        "Acc'ount",
        "Account,Name",
    ];

    #[test]
    fn names_that_could_change_a_path_or_a_query_are_refused() {
        for text in HOSTILE {
            assert!(ObjectName::parse(text).is_err(), "{text:?}");
            assert!(FieldName::parse(text).is_err(), "{text:?}");
            assert!(FieldPath::parse(text).is_err(), "{text:?}");
            assert!(FieldPath::parse(&format!("Owner.{text}")).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_path_has_at_most_five_relationships() {
        assert!(FieldPath::parse("A.B.C.D.E.Name").unwrap().is_relationship());
        assert!(FieldPath::parse("A.B.C.D.E.F.Name").is_err());
        assert!(!FieldPath::parse("ns__Invoice_Number__c").unwrap().is_relationship());
    }
}

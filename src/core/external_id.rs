//! A record by a value of your own.

use super::encoding::path_segment;
use super::error::{Error, ErrorKind, Result};
use super::name::FieldName;
use super::text::contains;

/// An external Id field and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalId {
    field: FieldName,
    value: String,
}

impl ExternalId {
    /// Any text of 1 to 255 characters without control characters is a value; it is encoded for the path later. But `.`
    /// and `..` are steps of a path in any encoding (URL Standard, double-dot URL path segment): they would name another
    /// resource.
    pub fn parse(field: &str, value: &str) -> Result<Self> {
        let field = FieldName::parse(field)?;
        let count = value.chars().count();
        if !(1..=255).contains(&count) || value.chars().any(char::is_control) || matches!(value, "." | "..") {
            return Err(Error::invalid_argument(
                "external-id.value",
                "1 to 255 characters, no control characters, not . or ..",
            ));
        }
        Ok(Self { field, value: value.into() })
    }

    /// The value as it was given.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// `ERP_Id__c/ACME%2F7`, the last two segments of the record's path.
    pub fn path(&self) -> String {
        format!("{}/{}", self.field.as_str(), path_segment(&self.value))
    }

    /// Adds to "not found" what else it may mean: Salesforce answers so for a value that ends like the name of a file it
    /// blocks, whatever is there and in any encoding.
    /// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_upsert_delete.htm>
    pub fn explain(&self, mut error: Box<Error>) -> Box<Error> {
        if error.status == Some(404) && error.kind != ErrorKind::Deleted && contains(&self.value, ".") {
            error.message +=
                "; it says so, too, of a value that ends like a file name it blocks (.inc): query for the Id instead";
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_exactly_once() {
        let id = ExternalId::parse("ERP_Id__c", "a/b?c%+é 1").unwrap();
        assert_eq!(id.path(), "ERP_Id__c/a%2Fb%3Fc%25%2B%C3%A9%201");
    }

    #[test]
    fn a_step_of_a_path_is_no_value() {
        for value in [".", ".."] {
            assert!(ExternalId::parse("ERP_Id__c", value).is_err(), "{value}");
        }
        assert_eq!(ExternalId::parse("ERP_Id__c", "...").unwrap().path(), "ERP_Id__c/%2E%2E%2E");
    }

    #[test]
    fn empty_and_control_characters_are_refused() {
        for value in ["", "a\0", "a\r\nb", "\u{85}"] {
            assert!(ExternalId::parse("ERP_Id__c", value).is_err(), "{value:?}");
        }
    }
}

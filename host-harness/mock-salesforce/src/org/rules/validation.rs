//! Validation rules: what must not be true of a record, and what to say when it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Org, Row};
use crate::ApiError;
use crate::soql;
use crate::soql::ast::Query;

/// A validation rule: a record of which its condition is true is refused with 400 `FIELD_CUSTOM_VALIDATION_EXCEPTION`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationRule {
    /// Its own name.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// The API name of the object.
    pub object: String,
    /// What must not be true, as the `WHERE` of a SOQL query over the object has it: `Amount__c < 0`. In place of a formula.
    #[schema(example = "Amount__c < 0")]
    pub condition: String,
    /// What to say.
    pub message: String,
    /// The field at fault; none: the whole record.
    pub field: Option<String>,
}

/// A rule whose condition is parsed.
#[derive(Debug, Clone)]
pub(in crate::org) struct Validation {
    pub(in crate::org) rule: ValidationRule,
    query: Query,
}

impl Validation {
    /// Parses the condition. Its names are looked up when a record is checked.
    pub(in crate::org) fn parse(rule: ValidationRule) -> Result<Self, ApiError> {
        let query = soql::parse_condition(&rule.object, &rule.condition)?;
        Ok(Self { rule, query })
    }

    /// Whether its names are right in this org.
    pub(in crate::org) fn resolve(&self, org: &Org) -> Result<(), ApiError> {
        soql::holds(org, &self.query, None).map(drop)
    }

    pub(in crate::org) fn check(&self, org: &Org, row: &Row) -> Result<(), ApiError> {
        if !soql::holds(org, &self.query, Some(row))? {
            return Ok(());
        }
        let fields: Vec<&str> = self.rule.field.as_deref().into_iter().collect();
        Err(ApiError::bad_request("FIELD_CUSTOM_VALIDATION_EXCEPTION", self.rule.message.clone()).on(&fields))
    }
}

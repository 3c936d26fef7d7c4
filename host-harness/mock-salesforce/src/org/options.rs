//! What a caller hands to the org and gets back, beside records.

use super::blob::Upload;
use crate::ApiError;

/// What a client may ask for beside the record itself when it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// Who writes: the Id (15 or 18 characters) that `CreatedById` and `LastModifiedById` become.
    pub acting_user: String,
    /// The API version of the request, such as `v60.0`, for URLs in error details.
    pub api_version: String,
    /// The header `Sforce-Duplicate-Rule-Header`.
    pub duplicate_rule: DuplicateRuleOptions,
    /// The header `Sforce-Auto-Assign`.
    pub assignment: Assignment,
    /// The blob that came beside the record.
    pub upload: Option<Upload>,
}

impl WriteOptions {
    /// The defaults of a request without any of the headers.
    #[must_use]
    pub fn new(acting_user: impl Into<String>, api_version: impl Into<String>) -> Self {
        Self {
            acting_user: acting_user.into(),
            api_version: api_version.into(),
            duplicate_rule: DuplicateRuleOptions::default(),
            assignment: Assignment::default(),
            upload: None,
        }
    }
}

/// The header `Sforce-Duplicate-Rule-Header`; every part is false by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DuplicateRuleOptions {
    /// Save although a duplicate was found, when the rule only alerts.
    pub allow_save: bool,
    /// Tell all fields of the records found, not only their Ids.
    pub include_record_details: bool,
    /// Apply the sharing rules of the acting user. Everybody sees everything in this org, so it changes nothing.
    pub run_as_current_user: bool,
}

/// The header `Sforce-Auto-Assign`: whether an assignment rule chooses the owner of a new Case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Assignment {
    /// `TRUE`, the default: the active rule.
    #[default]
    Active,
    /// `FALSE`: none, the acting user owns the record.
    Off,
    /// The Id of the rule to use.
    Rule(String),
}

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// It made a record with this Id.
    Created(String),
    /// It changed the record with this Id.
    Updated(String),
}

/// Why an upsert wrote nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteError {
    /// The REST API's own error.
    Api(ApiError),
    /// Several records carry the external Id: their Ids. The REST API answers 300.
    Multiple(Vec<String>),
}

impl From<ApiError> for WriteError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// A record that a delete took to the recycle bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The API name of its object.
    pub object: &'static str,
    /// Its Id.
    pub id: String,
}

/// What a relationship of a record leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Related {
    /// A lookup: one record.
    Parent {
        /// The API name of its object.
        object: String,
        /// Its Id.
        id: String,
    },
    /// A child relationship: any number of records.
    Children {
        /// The API name of their object.
        object: String,
        /// The Ids of those not deleted, oldest first.
        ids: Vec<String>,
    },
}

/// Somebody who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The 18-character Id.
    pub id: String,
    /// The login name, in the form of an email address.
    pub username: String,
    /// The given name.
    pub first_name: String,
    /// The family name.
    pub last_name: String,
    /// Both together.
    pub name: String,
    /// The email address.
    pub email: String,
    /// Such as `en_US`.
    pub locale: String,
    /// Such as `en_US`.
    pub language: String,
    /// An IANA time zone, such as `Europe/Berlin`.
    pub time_zone: String,
}

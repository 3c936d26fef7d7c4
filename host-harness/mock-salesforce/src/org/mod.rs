//! The org itself: schema, records and the rules they must obey, as plain data. Not for HTTP, sessions or locking.

use serde_json::Value;

use crate::ApiError;

/// A record as JSON: field name to value, in order.
pub type Record = serde_json::Map<String, Value>;

/// A Salesforce org in memory.
#[derive(Debug, Clone)]
pub struct Org {
    now: jiff::Timestamp,
}

/// What a client may ask for beside the record itself when it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// Who writes: the Id (15 or 18 characters) that `CreatedById` and `LastModifiedById` become.
    pub acting_user: String,
    /// The header `Sforce-Duplicate-Rule-Header`.
    pub duplicate_rule: DuplicateRuleOptions,
    /// The header `Sforce-Auto-Assign`.
    pub assignment: Assignment,
}

/// The header `Sforce-Duplicate-Rule-Header`; every part is false by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DuplicateRuleOptions {
    /// Save although a duplicate was found, when the rule only alerts.
    pub allow_save: bool,
    /// Tell all fields of the records found, not only their Ids.
    pub include_record_details: bool,
    /// Apply the sharing rules of the acting user.
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
        /// Their Ids, oldest first.
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

/// An object of the org: its name and fields.
#[derive(Debug, Clone)]
pub struct Object {
    /// The API name, such as `Account`.
    pub name: &'static str,
}

#[expect(unused_variables, reason = "the bodies follow")]
#[expect(clippy::todo, clippy::missing_errors_doc, reason = "the bodies follow")]
impl Org {
    /// The org as it always starts. Its records' dates are fixed; `now` is what the org's clock says.
    #[must_use]
    pub fn seeded(now: jiff::Timestamp) -> Self {
        todo!()
    }
    /// Sets the org's clock: what `TODAY` means and what a write stamps.
    pub fn set_now(&mut self, now: jiff::Timestamp) {
        self.now = now;
    }
    /// What the org's clock says.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }
    /// The object of this name, in any case. Unknown: 404 `NOT_FOUND`.
    pub fn object(&self, name: &str) -> Result<&Object, ApiError> {
        todo!()
    }
    /// Makes a record and answers its 18-character Id.
    pub fn create(
        &mut self,
        object: &str,
        body: &Record,
        options: &WriteOptions,
    ) -> Result<String, ApiError> {
        todo!()
    }
    /// Changes the fields named in `body`.
    pub fn update(
        &mut self,
        object: &str,
        id: &str,
        body: &Record,
        options: &WriteOptions,
    ) -> Result<(), ApiError> {
        todo!()
    }
    /// Creates or updates by an external Id. `field` may be `Id`, then it only updates.
    pub fn upsert(
        &mut self,
        object: &str,
        field: &str,
        value: &str,
        body: &Record,
        options: &WriteOptions,
        update_only: bool,
    ) -> Result<Upserted, WriteError> {
        todo!()
    }
    /// Moves a record to the recycle bin: `queryAll` still sees it.
    pub fn delete(
        &mut self,
        object: &str,
        id: &str,
        options: &WriteOptions,
    ) -> Result<(), ApiError> {
        todo!()
    }
    /// A record with `attributes` first, then the fields asked for, or all. `version` is that of the request, `v60.0`.
    pub fn row(
        &self,
        object: &str,
        id: &str,
        fields: Option<&[&str]>,
        version: &str,
    ) -> Result<Record, ApiError> {
        todo!()
    }
    /// The Ids of all live records that carry an external Id; none is an empty list, an unknown field 404 `NOT_FOUND`.
    pub fn rows_by_external_id(
        &self,
        object: &str,
        field: &str,
        value: &str,
    ) -> Result<Vec<String>, ApiError> {
        todo!()
    }
    /// Follows a relationship. An empty lookup and an unknown relationship: 404 `NOT_FOUND`.
    pub fn related(&self, object: &str, id: &str, relationship: &str) -> Result<Related, ApiError> {
        todo!()
    }
    /// When a record last changed.
    pub fn last_modified(&self, object: &str, id: &str) -> Result<jiff::Timestamp, ApiError> {
        todo!()
    }
    /// The body of `GET /sobjects`.
    #[must_use]
    pub fn describe_global(&self, version: &str) -> Value {
        todo!()
    }
    /// The body of `GET /sobjects/{object}/describe`.
    pub fn describe(&self, object: &str, version: &str) -> Result<Value, ApiError> {
        todo!()
    }
    /// The org's own Id, 18 characters.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        todo!()
    }
    /// Everybody who can log in.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        todo!()
    }
    /// How many live records an object has; 0 for an unknown object.
    #[must_use]
    pub fn count(&self, object: &str) -> usize {
        todo!()
    }
    /// Holds a record as another transaction would: writes to it answer `UNABLE_TO_LOCK_ROW` until [`Org::unlock`].
    pub fn lock(&mut self, id: &str) -> Result<(), ApiError> {
        todo!()
    }
    /// Lets go of a record held by [`Org::lock`].
    pub fn unlock(&mut self, id: &str) -> Result<(), ApiError> {
        todo!()
    }
}

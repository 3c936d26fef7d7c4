//! An object as a file tells it, before it is known to be whole.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::FileError;
use crate::org::Record;
use crate::org::schema::{Field, Kind, Object, RecordType};

/// The most fields of an object; Salesforce allows some 1,000.
pub(super) const MOST_FIELDS: usize = 5_000;
/// The most values of a picklist.
pub(super) const MOST_VALUES: usize = 10_000;

/// An object to be.
pub(super) struct Draft {
    pub(super) path: PathBuf,
    pub(super) line: usize,
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) plural: &'static str,
    pub(super) key_prefix: Option<&'static str>,
    pub(super) createable: bool,
    pub(super) deletable: bool,
    pub(super) has_feed: bool,
    pub(super) mergeable: bool,
    pub(super) undeletable: bool,
    pub(super) described: Option<Arc<Record>>,
    pub(super) record_types: Vec<RecordType>,
    pub(super) fields: Vec<Field>,
}

impl Draft {
    /// The object, if it has what the org relies on.
    pub(super) fn finish(self, key_prefix: &'static str) -> Result<Object, FileError> {
        let wrong = |problem: String| FileError { path: self.path.clone(), line: Some(self.line), problem };
        let mut seen = HashSet::new();
        if let Some(twice) = self.fields.iter().find(|field| !seen.insert(field.name.to_lowercase())) {
            return Err(wrong(format!("{} has two fields of the name {}", self.name, twice.name)));
        }
        let has_id = self.fields.iter().any(|field| field.name == "Id" && matches!(field.kind, Kind::Id));
        if !has_id && !self.name.ends_with("__e") {
            return Err(wrong(format!("{} has no field Id of type id: expected all fields of the object", self.name)));
        }
        if self.name == "User" {
            for needed in ["Username", "Email", "FirstName", "LastName", "IsActive"] {
                if !seen.contains(&needed.to_lowercase()) {
                    return Err(wrong(format!("User has no field {needed}: expected it, for logging in")));
                }
            }
        }
        let mut object = Object::new(self.name, self.label, self.plural, key_prefix, self.fields);
        object.createable = self.createable && !object.is_event();
        object.deletable = self.deletable && !object.is_event();
        object.has_feed = self.has_feed;
        object.mergeable = self.mergeable;
        object.undeletable = self.undeletable;
        object.described = self.described;
        object.record_types = self.record_types;
        Ok(object)
    }
}

//! All objects of an org together.

use super::super::{Record, objects};
use super::{Object, record_types};

/// The objects of an org, each with a name and a key prefix of its own.
#[derive(Debug, Clone)]
pub struct Schema {
    objects: Vec<Object>,
    /// The records that come with it.
    pub(in crate::org) metadata: Vec<MetadataRecord>,
    pub(in crate::org) notes: Vec<String>,
}

/// A record of a custom metadata type, which is a part of the schema and no client's.
#[derive(Debug, Clone)]
pub(in crate::org) struct MetadataRecord {
    pub(in crate::org) object: String,
    pub(in crate::org) fields: Record,
}

impl Schema {
    /// The mock's own objects. With person accounts, `Account` and `Contact` have the fields that these bring.
    #[must_use]
    pub fn standard(person_accounts: bool) -> Self {
        Self::new(objects::all(person_accounts))
    }

    /// The mock's own standard objects alone: what a schema of a user's own is built on.
    #[must_use]
    pub fn without_custom(person_accounts: bool) -> Self {
        Self::new(objects::standard(person_accounts))
    }

    pub(in crate::org) fn new(mut objects: Vec<Object>) -> Self {
        record_types::name_objects(&mut objects);
        Self { objects, metadata: Vec::new(), notes: Vec::new() }
    }

    /// What of the files that it was read from the mock does not know, and passed over: a line each, for people.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The objects, in the order of describe.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    pub(in crate::org) fn into_objects(self) -> Vec<Object> {
        self.objects
    }
}

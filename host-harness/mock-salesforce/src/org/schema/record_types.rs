//! The record types that an object has from the start.
//!
//! Source: SOAP API Developer Guide, "RecordTypeInfo"; Metadata API Developer Guide, "RecordType".

use super::{Field, Kind, Lookup, Object, intern};
use crate::org::id::RecordId;

/// The record type of records that have none; there is no record of it.
pub(crate) const MASTER_RECORD_TYPE: &str = "012000000000000AAA";

/// A record type of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    /// The Id of its record, if it is known.
    pub id: Option<RecordId>,
    /// The API name.
    pub developer_name: &'static str,
    /// The name people read.
    pub name: &'static str,
    /// Whether records may be made with it.
    pub active: bool,
    /// Whether new records have it when they say nothing.
    pub default: bool,
}

/// The lookup that an object with record types has.
pub(crate) fn lookup() -> Field {
    Field::new("RecordTypeId", "Record Type ID", Kind::Reference(Lookup::new("RecordType", "RecordType")))
}

/// Lets record types be of every object that can have them: custom objects, and those with a `RecordTypeId`.
pub(super) fn name_objects(objects: &mut [Object]) {
    let can_have_them =
        |object: &&Object| !object.is_event() && (object.is_custom() || object.place("RecordTypeId").is_some());
    let able: Vec<_> = objects.iter().filter(can_have_them).map(|object| object.name).collect();
    let Some(record_type) = objects.iter_mut().find(|object| object.name == "RecordType") else { return };
    let Some(place) = record_type.place("SobjectType") else { return };
    if let Some(Field { kind: Kind::Picklist { values, .. }, .. }) = record_type.fields.get_mut(place) {
        let new = able.into_iter().filter(|name| !values.contains(name));
        let all: Vec<_> = values.iter().copied().chain(new).collect();
        *values = intern::list(&all);
    }
}

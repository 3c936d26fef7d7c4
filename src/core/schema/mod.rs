//! The shape of an org: its objects, and what each has.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm> and
//! `resources_sobject_describe.htm` beside it.
//!
//! A describe of all objects has more than a megabyte, most of it of no use to anybody, and memory is not given back. So of each
//! entry only what is asked for is kept, and the rest is run over.

mod conditional;
mod description;
mod field;
mod object_summary;
mod raw;
mod valid_for;

pub use description::{ChildRelationship, ObjectDescription, RecordTypeInfo, describe_object};
pub use field::{Field, PicklistValue};
pub use object_summary::{ObjectList, ObjectSummary, list_objects};
pub use raw::{RawDescription, describe_json};

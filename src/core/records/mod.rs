//! Records: reading chosen fields of one, creating or updating one, and deleting one.

mod delete;
mod field_values;
mod record_key;
mod save;

pub use delete::{Deleted, delete};
pub(in crate::core) use field_values::pick;
pub use field_values::{FieldValues, field_values, parse_fields};
pub use record_key::RecordKey;
pub(in crate::core) use save::read_id as read_saved_id;
pub use save::{AssignmentRule, DuplicateRule, SaveOptions, Saved, Target, save};

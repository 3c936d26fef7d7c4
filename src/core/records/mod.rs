//! Records: reading chosen fields of one, creating or updating one, and deleting one.

mod delete;
mod field_values;
mod record_key;
mod save;

pub(in crate::core) use delete::finish as finish_delete;
pub use delete::{Deleted, delete};
pub(in crate::core) use field_values::pick;
pub use field_values::{FieldValues, field_values, parse_fields};
pub use record_key::RecordKey;
pub use save::{AssignmentRule, DuplicateRule, SaveOptions, Saved, Target, save};
pub(in crate::core) use save::{event_uuid, read_id as read_saved_id};

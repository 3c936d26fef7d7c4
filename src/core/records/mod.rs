//! Records: reading chosen fields of one, creating or updating one, and deleting one.

mod delete;
mod field_values;
mod record_key;
mod save;

pub use delete::{Deleted, delete};
pub use field_values::{FieldValues, field_values, parse_fields};
pub use record_key::RecordKey;
pub(super) use save::event_uuid;
pub use save::{AssignmentRule, DuplicateRule, SaveOptions, Saved, Target, save};

//! Records: reading chosen fields of one, and creating or updating one.

mod field_values;
mod save;

pub use field_values::{FieldValues, RecordKey, field_values, parse_fields};
pub use save::{AssignmentRule, DuplicateRule, SaveOptions, Saved, Target, save};

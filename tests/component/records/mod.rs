//! Get record field values, and create or update record, through the component.

mod create;
mod field_values;
mod options;
mod update;
mod upsert;

//! Get record field values, create or update record, and delete record, through the component.

mod create;
mod delete;
mod field_values;
mod options;
mod update;
mod upsert;

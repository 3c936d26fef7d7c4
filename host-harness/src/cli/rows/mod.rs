//! Files of rows, CSV or JSON lines: read a row at a time, told of a row at a time. What is done with the rows is the business of
//! the commands, `load` and `bulk-load`.
//!
//! ```text
//! input ──► lines ──► a row: cells, or members ──► the command ──► outcomes: results, failed, unknown
//!             columns: what the cells are for                       progress, state
//!                                                        └── course: all of them ──┘
//! ```

mod columns;
mod course;
mod input;
mod lines;
mod outcomes;
mod progress;
mod state;

pub(super) use columns::{Columns, Described, NULL, Purpose};
pub(super) use course::{Course, Given};
pub(super) use input::{Format, Input, Row, Rows, Written};
pub(super) use outcomes::{Files, unknown};
pub(super) use progress::Progress;

/// A JSON object of members whose values are JSON.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

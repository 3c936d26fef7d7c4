//! Files of rows, CSV or JSON lines: read a row at a time, told of a row at a time. What is done with the rows is the business of
//! the commands, `load` and `bulk-load`.
//!
//! ```text
//! input ──► lines ──► a row: cells, or members ──► the command ──► outcomes: results, failed, unknown
//!             columns: what the cells are for                       progress
//! ```

mod begun;
mod columns;
mod input;
mod lines;
mod outcomes;
mod progress;

pub(super) use begun::{Begun, Stored, stored};
pub(super) use columns::{Columns, Described, NULL, Purpose};
pub(super) use input::{Format, Input, Row, Rows, Written};
pub(super) use outcomes::{Files, Outcomes, unknown};
pub(super) use progress::Progress;

/// A JSON object of members whose values are JSON.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A line of CSV, in quotes what has to be.
pub(super) fn csv_line(cells: impl Iterator<Item = impl AsRef<[u8]>>, terminator: csv::Terminator) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    // Nothing that is written to memory fails, and texts stay texts.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default()
}

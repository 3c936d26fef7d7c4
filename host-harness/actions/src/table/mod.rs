//! Records as rows and columns, for the command line, the console and CSV: nested records become columns such as
//! `Owner.Name`, in the order of the query.
//!
//! A result is what a component gave: records are read one at a time, and no more of them become a table than asked for.
//! What is not in the table is counted, never dropped in silence.
//!
//! ```
//! use salesforce_actions::table::{Bounds, Cell, Table};
//!
//! let records = r#"[{"Name": "Acme", "Owner": {"Name": "Ann"}}, {"Name": "Beta", "Owner": null}]"#;
//! let table = Table::of_records(records, Bounds { rows: 1, ..Bounds::NONE });
//! assert_eq!(table.columns, ["Name", "Owner.Name"]);
//! assert_eq!(table.rows, [[Cell::Text("Acme".to_owned()), Cell::Text("Ann".to_owned())]]);
//! assert_eq!((table.count, table.left_out()), (2, 1));
//! ```
//!
//! ```text
//! source (records, one by one) ──► columns (paths) ──► cell ──► Table ──► text (for terminals; the console has its own)
//!                                                        ├─ csv
//!                                                        └─ rest (cursors behind sub-queries that are cut)
//! ```

mod cell;
mod columns;
mod csv;
mod rest;
mod results;
mod source;
mod text;

use std::ops::ControlFlow;

use serde_json::value::RawValue;

use cell::row;
use columns::names;

pub use cell::{Cell, Children, Place};
pub use columns::Columns;
pub use csv::{CsvWriter, Reader};
pub use rest::Rests;
pub use results::{ResultError, Tally};
pub use source::{Record, Source};

/// How much becomes a table.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Rows.
    pub rows: usize,
    /// Bytes of JSON of all rows together: as values they take some twenty times as much.
    pub bytes: usize,
    /// Bytes of JSON of one record.
    pub record_bytes: usize,
}

/// Columns and rows.
#[derive(Debug, Default)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Records there are, also those that are no rows.
    pub count: usize,
    /// Records that no table can show: no objects, nested too deep, or longer than one may be.
    pub unfit: usize,
    /// The records have more columns than a table takes.
    pub is_wider: bool,
}

impl Bounds {
    /// All of it.
    pub const NONE: Bounds = Bounds { rows: usize::MAX, bytes: usize::MAX, record_bytes: usize::MAX };
}

impl Table {
    /// The table of what an action gave.
    #[must_use]
    pub fn of_result(result: &RawValue, bounds: Bounds) -> Table {
        Table::of(&Source::of_result(result), None, bounds)
    }

    /// The table of a JSON array of records.
    #[must_use]
    pub fn of_records(records: &str, bounds: Bounds) -> Table {
        Table::of(&Source::Array(records), None, bounds)
    }

    /// The table of the rows of a sub-query.
    #[must_use]
    pub fn of_children(children: &Children, bounds: Bounds) -> Table {
        Table::of(&Source::Array(&children.records), Some(&children.place), bounds)
    }

    /// Records beyond the bounds.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.count - self.rows.len() - self.unfit
    }

    /// Reads the records twice: as values, all at once would take many times as much memory as their text.
    fn of(source: &Source<'_>, parent: Option<&Place>, bounds: Bounds) -> Table {
        let (mut table, mut columns) = (Table::default(), Columns::default());
        let (mut taken, mut left) = (Vec::new(), bounds.bytes);
        source.each(|record| {
            let index = table.count;
            table.count += 1;
            if taken.len() < bounds.rows && record.len() <= left {
                match source.read(record, index, bounds.record_bytes) {
                    Some(read) => {
                        left -= record.len();
                        columns.add(&read);
                        taken.push((index, record));
                    }
                    None => table.unfit += 1,
                }
            }
            ControlFlow::Continue(())
        });
        let paths = columns.paths();
        let rows = taken.into_iter().filter_map(|(index, record)| {
            let read = source.read(record, index, bounds.record_bytes)?;
            Some(row(&read, &paths, parent, index))
        });
        table.rows = rows.collect();
        table.columns = names(&paths);
        table.is_wider = columns.is_wider();
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Bounds = Bounds { rows: 10, bytes: 1 << 20, record_bytes: 1 << 20 };

    fn of(json: &str, bounds: Bounds) -> Table {
        Table::of_result(&RawValue::from_string(json.to_owned()).unwrap(), bounds)
    }

    #[test]
    fn every_action_has_rows() {
        let of = |json: &str| of(json, SOME);
        assert_eq!(of(r#"{"records":[{"a":true}],"count":1}"#).rows, [[Cell::Other("true".to_owned())]]);
        let values = of(r#"{"values":{"Name":"x","Owner.Name":null},"usage":null}"#);
        assert_eq!(values.columns, ["Name", "Owner.Name"]);
        assert_eq!(values.rows.len(), 1);
        assert_eq!(of(r#"{"id":"001","created":true,"usage":{"used":1,"allowed":2}}"#).columns, ["id", "created"]);
        assert!(of(r#"{"records":[],"count":0}"#).columns.is_empty());
        for (json, column, rows) in [
            (r#"{"limits":[{"name":"A","max":1},{"name":"B","max":2}],"usage":{"used":1,"allowed":2}}"#, "name", 2),
            (r#"{"counts":[{"object":"Account"}],"missing":["Nothing__c"],"usage":null}"#, "object", 1),
            (r#"{"ids":["001","002"],"count":2,"latest_date_covered":"2026"}"#, "id", 2),
            (r#"{"object":{"name":"A"},"fields":[{"name":"Id"}],"child_relationships":[{"field":"x"}]}"#, "name", 1),
            (r#"{"quote":"Q1","lines":[{"n":1}]}"#, "n", 1),
            (r#"{"active":true,"scopes":["api","web"]}"#, "active", 1),
            (r#"{"id":"001","errors":[]}"#, "id", 1),
        ] {
            let table = of(json);
            assert_eq!((table.columns[0].as_str(), table.rows.len()), (column, rows), "{json}");
        }
        assert_eq!((of(r#"{"items":[],"usage":null}"#).count, of("[]").count), (0, 0));
        let list = of(r#"[{"Name":"x"},{"records":[{"a":1}]},7]"#);
        assert_eq!(list.columns, ["Name", "records"]);
        assert_eq!((list.rows.len(), list.unfit), (2, 1), "a component's own action may give a list");
    }

    #[test]
    fn what_a_result_has_beside_its_rows_is_known() {
        let beside = |json: &str| {
            let result = RawValue::from_string(json.to_owned()).unwrap();
            Source::beside(&result).iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>()
        };
        let counts = r#"{"counts":[{"object":"A"}],"missing":["B"],"usage":{"used":1}}"#;
        assert_eq!(beside(counts), [r#"missing ["B"]"#]);
        let changed = r#"{"records":[],"position":"p","more":false,"count":0,"usage":null}"#;
        assert_eq!(beside(changed), ["more false", r#"position "p""#]);
        for nothing in [r#"{"id":"001","created":true}"#, "[]", "7", r#"{"counts":[{"object":"A"}],"missing":[]}"#] {
            assert_eq!(beside(nothing), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn f109_half_a_pair_is_one_character_of_one_cell() {
        let table = Table::of_records(r#"[{"Name":"a\ud83d","\ud800":1},{"Name":"b"}]"#, SOME);
        assert_eq!(table.columns, ["Name", "\u{fffd}"]);
        assert_eq!(table.rows[0][0], Cell::Text("a\u{fffd}".to_owned()));
        assert_eq!((table.rows.len(), table.unfit), (2, 0));
    }

    #[test]
    fn f109_what_no_table_can_show_is_counted() {
        let deep = format!("{}1{}", "{\"p\":".repeat(9_000), "}".repeat(9_000));
        let table = Table::of_records(&format!(r#"[{{"a":1}},7,null,[],{deep},{{"a":2}}]"#), SOME);
        assert_eq!((table.count, table.rows.len(), table.unfit, table.left_out()), (6, 2, 4, 0));
    }

    #[test]
    fn s04_a_table_has_so_many_rows_and_columns() {
        let large: String = (0..200_000).map(|number| format!("\"a{number}\":1,")).collect();
        let narrow = "{\"a1\":2},".repeat(100_000);
        let table = of(&format!("{{\"records\":[{{{large}\"z\":1}},{narrow}{{}}],\"count\":1}}"), SOME);
        assert_eq!((table.columns.len(), table.rows.len()), (1, 10));
        assert_eq!((table.count, table.left_out()), (100_002, 99_992));
        let wide: String = (0..10_000).map(|number| format!("\"a{number}\":1,")).collect();
        let table = of(&format!("{{\"records\":[{{{wide}\"z\":1}}]}}"), SOME);
        assert_eq!((table.columns.len(), table.rows.len()), (500, 1));
        assert!(table.is_wider);
    }
}

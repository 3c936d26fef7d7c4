//! Records as a table for people: nested records become columns such as `Owner.Name`, child rows are counted.

use std::fmt;

use host_harness::json::NotJson;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::failure::Failure;
use super::output::write_line;

/// Characters of a cell that are shown.
const WIDEST_CELL: usize = 44;

/// Columns and rows of text.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Prints what `Row` names of each entry.
    ///
    /// # Errors
    /// An entry has not what `Row` names, or standard output.
    pub(crate) fn print<Row: Serialize + DeserializeOwned>(entries: &[Box<RawValue>]) -> Result<(), Failure> {
        let rows = entries.iter().map(|entry| serde_json::from_str(entry.get())).collect::<Result<Vec<Row>, _>>();
        let rows = rows.and_then(|rows| serde_json::value::to_raw_value(&rows)).map_err(NotJson::from)?;
        let table = Table::of_records(&rows).to_string();
        write_line(&mut anstream::stdout().lock(), table.trim_end())
    }

    /// The table of a JSON array of records. Anything that is not an object is left out.
    pub(crate) fn of_records(records: &RawValue) -> Table {
        let records: Vec<Map<String, Value>> = serde_json::from_str(records.get()).unwrap_or_default();
        let flat: Vec<Vec<(String, String)>> = records.iter().map(|record| flatten("", record)).collect();
        let mut columns: Vec<String> = Vec::new();
        for (name, _) in flat.iter().flatten() {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let row = |record: Vec<(String, String)>| {
            let value = |column: &String| {
                let found = record.iter().find(|(name, _)| name == column);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            columns.iter().map(value).collect()
        };
        let rows = flat.into_iter().map(row).collect();
        Table { columns, rows }
    }
}

fn flatten(prefix: &str, record: &Map<String, Value>) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    for (key, value) in record.iter().filter(|(key, _)| *key != "attributes") {
        let name = format!("{prefix}{key}");
        match value {
            Value::Object(child) if child.contains_key("totalSize") => {
                let rows = child.get("totalSize").map(ToString::to_string).unwrap_or_default();
                cells.push((name, format!("[{rows} rows]")));
            }
            Value::Object(parent) => cells.extend(flatten(&format!("{name}."), parent)),
            Value::Null => cells.push((name, String::new())),
            Value::String(text) => cells.push((name, cell(text))),
            other => cells.push((name, cell(&other.to_string()))),
        }
    }
    cells
}

/// One line of printable text, cut if it is long: a record may hold anything, terminal commands included.
fn cell(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        if shown.width() >= WIDEST_CELL {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let cells = self.rows.iter().chain([&self.columns]).filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        let rule: Vec<String> = widths.iter().map(|&width| "─".repeat(width)).collect();
        for row in [&self.columns, &rule].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
            }
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_become_columns_and_rows() {
        let records = r#"[{"attributes":{"type":"Account"},"Name":"東京","Owner":{"attributes":{},"Name":"Ada"},"N":0.10},
            {"attributes":{},"Name":"a\u001b[2Jb","Owner":null,"Contacts":{"totalSize":3,"done":true,"records":[]}}]"#;
        let table = Table::of_records(&RawValue::from_string(records.to_owned()).unwrap()).to_string();
        let expected = "\
Name         Owner.Name  N     Owner  Contacts
───────────  ──────────  ────  ─────  ────────
東京         Ada         0.10
a\\u{1b}[2Jb                           [3 rows]
";
        assert_eq!(table, expected);
    }

    #[test]
    fn long_cells_are_cut() {
        let records = format!(r#"[{{"A":"{}"}}]"#, "x".repeat(100));
        let table = Table::of_records(&RawValue::from_string(records).unwrap()).to_string();
        assert!(table.contains(&format!("{}…", "x".repeat(WIDEST_CELL))));
        assert!(!table.contains(&"x".repeat(WIDEST_CELL + 1)));
    }
}

//! Records as rows and columns: nested records become columns such as `Owner.Name`, in the order of the query.
//!
//! A result is what a component gave: records are read one at a time, and no more columns or rows are kept than asked for.

use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Columns of a table; what a record has beside them is left out, and that is told.
const MOST_COLUMNS: usize = 500;
/// Bytes of JSON that become a table: as values they take some twenty times as much.
const TABLE_BYTES: usize = 1 << 20;
/// Bytes of one record that is read.
const RECORD_BYTES: usize = 1 << 20;

/// A record as Salesforce sent it.
pub(super) type Record = Map<String, Value>;

/// Columns and rows.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) columns: Vec<String>,
    /// A cell for each column.
    pub(super) rows: Vec<Vec<Cell>>,
    /// Records there are, also those beyond the rows.
    pub(super) count: usize,
    /// There are more columns.
    pub(super) is_wider: bool,
}

/// A value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Null, or the record has no such member.
    Empty,
    Text(String),
    /// With every digit.
    Number(String),
    /// A boolean, or anything else that is not one of the others, as JSON.
    Other(String),
    /// The rows of a sub-query.
    Children {
        /// How many the whole sub-query has.
        total: String,
        records: Vec<Value>,
    },
}

/// The paths of all records' members, each at its first place. Where some record has no parent for a lookup, its null
/// stands where the others have the parent's fields.
pub(super) struct Columns {
    shape: Shape,
    /// How many more there may be.
    left: usize,
    is_wider: bool,
}

#[derive(Default)]
struct Shape {
    members: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
    /// Some record has a value here that is not a nested record.
    has_value: bool,
}

/// The records of a result, as JSON text.
pub(super) enum Source<'a> {
    /// A page's.
    Array(&'a str),
    /// One record's fields.
    One(&'a str),
    /// What was saved, and what its calls cost.
    Saved(&'a str),
}

impl<'a> Source<'a> {
    /// The records of what an action gave.
    pub(super) fn of_result(result: &'a RawValue) -> Source<'a> {
        #[derive(serde::Deserialize)]
        struct Parts<'a> {
            #[serde(borrow)]
            records: Option<&'a RawValue>,
            #[serde(borrow)]
            values: Option<&'a RawValue>,
        }
        match serde_json::from_str(result.get()) {
            Ok(Parts { records: Some(records), .. }) if records.get().starts_with('[') => Source::Array(records.get()),
            Ok(Parts { values: Some(values), .. }) => Source::One(values.get()),
            _ => Source::Saved(result.get()),
        }
    }

    /// Hands out the records as JSON text, one after the other, until told to stop.
    pub(super) fn each(&self, visit: impl FnMut(&str) -> ControlFlow<()>) {
        let mut visit = visit;
        match self {
            Source::One(record) | Source::Saved(record) => {
                let _ = visit(record);
            }
            Source::Array(array) => {
                // Its text was checked to be JSON: only a stop ends it early.
                let _ = serde_json::Deserializer::from_str(array).deserialize_seq(Each(visit));
            }
        }
    }

    /// A record's members; none if it is no record, too large, or nested too deep for a table.
    pub(super) fn read(&self, record: &str) -> Option<Record> {
        let mut record: Record =
            Some(record).filter(|text| text.len() <= RECORD_BYTES).and_then(|text| serde_json::from_str(text).ok())?;
        if matches!(self, Source::Saved(_)) {
            record.shift_remove("usage");
        }
        Some(record)
    }
}

struct Each<F>(F);

impl<'de, F: FnMut(&str) -> ControlFlow<()>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<(), A::Error> {
        while let Some(record) = records.next_element::<&RawValue>()? {
            if (self.0)(record.get()).is_break() {
                return Err(serde::de::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

impl Records {
    /// The rows of what an action gave: as many as asked for, and as make a table that a page can show.
    pub(super) fn of_result(result: &RawValue, most: usize) -> Records {
        let source = Source::of_result(result);
        let (mut shown, mut count, mut left) = (Vec::new(), 0, TABLE_BYTES);
        source.each(|record| {
            count += 1;
            if shown.len() < most && record.len() <= left {
                left -= record.len();
                shown.extend(source.read(record));
            }
            ControlFlow::Continue(())
        });
        let mut records = Records::of(&shown, most);
        records.count = count;
        records
    }

    /// The rows of a sub-query; what is no record is left out.
    pub(super) fn of_children(records: &[Value], most: usize) -> Records {
        let shown: Vec<Record> = records.iter().filter_map(Value::as_object).take(most).cloned().collect();
        Records { count: records.len(), ..Records::of(&shown, most) }
    }

    fn of(records: &[Record], most: usize) -> Records {
        let mut columns = Columns::default();
        let shown = records.get(..most).unwrap_or(records);
        shown.iter().for_each(|record| columns.add(record));
        let paths = columns.paths();
        Records {
            rows: shown.iter().map(|record| row(record, &paths)).collect(),
            columns: names(&paths),
            count: records.len(),
            is_wider: columns.is_wider,
        }
    }
}

impl Default for Columns {
    fn default() -> Columns {
        Columns { shape: Shape::default(), left: MOST_COLUMNS, is_wider: false }
    }
}

impl Columns {
    /// Some record has more than a table takes.
    pub(super) fn is_wider(&self) -> bool {
        self.is_wider
    }

    /// Where each column is in a record.
    pub(super) fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        self.shape.paths(&mut Vec::new(), &mut paths);
        paths
    }

    pub(super) fn add(&mut self, record: &Record) {
        self.is_wider |= !self.shape.add(record, &mut self.left);
    }
}

impl Shape {
    /// Adds what it does not have yet, as long as there is room; false if something had none.
    fn add(&mut self, record: &Record, left: &mut usize) -> bool {
        let mut had_room = true;
        for (name, value) in record.iter().filter(|(name, _)| *name != "attributes") {
            let place = match self.places.get(name) {
                Some(place) => *place,
                None if *left == 0 => {
                    had_room = false;
                    continue;
                }
                None => {
                    *left -= 1;
                    self.members.push((name.clone(), Shape::default()));
                    self.places.insert(name.clone(), self.members.len() - 1);
                    self.members.len() - 1
                }
            };
            let Some((_, member)) = self.members.get_mut(place) else { continue };
            match value {
                Value::Object(parent) if !is_children(parent) => had_room &= member.add(parent, left),
                Value::Null => {}
                _ => member.has_value = true,
            }
        }
        had_room
    }

    fn paths(&self, above: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
        for (name, member) in &self.members {
            above.push(name.clone());
            if member.has_value || member.members.is_empty() {
                paths.push(above.clone());
            }
            member.paths(above, paths);
            above.pop();
        }
    }
}

/// Names of columns.
pub(super) fn names(paths: &[Vec<String>]) -> Vec<String> {
    paths.iter().map(|path| path.join(".")).collect()
}

/// A record's cells.
pub(super) fn row(record: &Record, paths: &[Vec<String>]) -> Vec<Cell> {
    paths.iter().map(|path| cell(record, path)).collect()
}

fn cell(record: &Record, path: &[String]) -> Cell {
    let Some((first, rest)) = path.split_first() else { return Cell::Empty };
    match record.get(first) {
        Some(Value::Object(parent)) if !is_children(parent) => cell(parent, rest),
        Some(_) if !rest.is_empty() => Cell::Empty,
        None | Some(Value::Null) => Cell::Empty,
        Some(Value::String(text)) => Cell::Text(text.clone()),
        Some(Value::Number(number)) => Cell::Number(number.to_string()),
        Some(Value::Object(children)) => Cell::Children {
            total: children.get("totalSize").map(ToString::to_string).unwrap_or_default(),
            records: children.get("records").and_then(Value::as_array).cloned().unwrap_or_default(),
        },
        Some(other) => Cell::Other(other.to_string()),
    }
}

fn is_children(object: &Record) -> bool {
    object.contains_key("totalSize") && object.contains_key("records")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(json: &str) -> Records {
        Records::of(&serde_json::from_str::<Vec<Record>>(json).unwrap(), 100)
    }

    #[test]
    fn nested_records_become_columns_where_the_query_has_them() {
        let Records { columns, rows, .. } = records(
            r#"[{"attributes":{"type":"A"},"Name":"x","Owner":null,"N":0.10,"Parent":null},
                {"attributes":{},"Name":"y","Owner":{"attributes":{},"Name":"Ada","Manager":{"Id":"005"}},"N":9007199254740993.0,"Parent":null}]"#,
        );
        assert_eq!(columns, ["Name", "Owner.Name", "Owner.Manager.Id", "N", "Parent"]);
        let number = |digits: &str| Cell::Number(digits.to_owned());
        let text = |text: &str| Cell::Text(text.to_owned());
        assert_eq!(rows[0], [text("x"), Cell::Empty, Cell::Empty, number("0.10"), Cell::Empty]);
        assert_eq!(rows[1], [text("y"), text("Ada"), text("005"), number("9007199254740993.0"), Cell::Empty]);
    }

    #[test]
    fn sub_queries_are_counted_and_keep_their_rows() {
        let json = r#"[{"Contacts":{"totalSize":3,"done":true,"records":[{"Id":"003"}]}},{"Contacts":null}]"#;
        let Records { columns, rows, .. } = records(json);
        assert_eq!(columns, ["Contacts"]);
        let Cell::Children { total, records } = &rows[0][0] else { panic!("{rows:?}") };
        assert_eq!((total.as_str(), records.len()), ("3", 1));
        assert_eq!(rows[1], [Cell::Empty]);
    }

    #[test]
    fn every_action_has_rows() {
        let of = |json: &str| Records::of_result(&RawValue::from_string(json.to_owned()).unwrap(), 100);
        assert_eq!(of(r#"{"records":[{"a":true}],"count":1}"#).rows, [[Cell::Other("true".to_owned())]]);
        let values = of(r#"{"values":{"Name":"x","Owner.Name":null},"usage":null}"#);
        assert_eq!(values.columns, ["Name", "Owner.Name"]);
        assert_eq!(values.rows.len(), 1);
        assert_eq!(of(r#"{"id":"001","created":true,"usage":{"used":1,"allowed":2}}"#).columns, ["id", "created"]);
        assert!(of(r#"{"records":[],"count":0}"#).columns.is_empty());
    }

    #[test]
    fn s04_a_table_has_so_many_rows_and_columns() {
        let large: String = (0..200_000).map(|number| format!("\"a{number}\":1,")).collect();
        let narrow = "{\"a1\":2},".repeat(100_000);
        let json = format!("{{\"records\":[{{{large}\"z\":1}},{narrow}{{}}],\"count\":1}}");
        let records = Records::of_result(&RawValue::from_string(json).unwrap(), 10);
        assert_eq!((records.columns.len(), records.rows.len()), (1, 10));
        assert_eq!(records.count, 100_002);
        let wide: String = (0..10_000).map(|number| format!("\"a{number}\":1,")).collect();
        let json = format!("{{\"records\":[{{{wide}\"z\":1}}]}}");
        let records = Records::of_result(&RawValue::from_string(json).unwrap(), 10);
        assert_eq!((records.columns.len(), records.rows.len()), (MOST_COLUMNS, 1));
        assert!(records.is_wider);
        let nested = format!("{{\"records\":[{{\"a\":1}},{}1{}]}}", "{\"p\":".repeat(9_000), "}".repeat(9_000));
        assert_eq!(Records::of_result(&RawValue::from_string(nested).unwrap(), 10).rows.len(), 1);
    }
}

//! Records as rows and columns: nested records become columns such as `Owner.Name`, in the order of the query.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A record as Salesforce sent it.
type Record = Map<String, Value>;

/// Columns and rows.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) columns: Vec<String>,
    /// A cell for each column.
    pub(super) rows: Vec<Vec<Cell>>,
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

/// The members of all records, each at its first place. Where some record has no parent for a lookup, its null stands
/// where the others have the parent's fields.
#[derive(Default)]
struct Shape {
    members: Vec<(String, Shape)>,
    /// Some record has a value here that is not a nested record.
    has_value: bool,
}

impl Records {
    /// The rows of what an action gave: a page's records, one record's fields, or what was saved.
    pub(super) fn of_result(result: &RawValue) -> Records {
        let Ok(Value::Object(mut result)) = serde_json::from_str(result.get()) else { return Records::default() };
        match (result.remove("records"), result.remove("values")) {
            (Some(Value::Array(records)), _) => Records::of(&records),
            (_, Some(values)) => Records::of(&[values]),
            _ => {
                result.remove("usage");
                Records::of(&[Value::Object(result)])
            }
        }
    }

    /// Of records; what is none is left out.
    pub(super) fn of(records: &[Value]) -> Records {
        let records: Vec<&Record> = records.iter().filter_map(Value::as_object).collect();
        let mut shape = Shape::default();
        for record in &records {
            shape.add(record);
        }
        let mut paths = Vec::new();
        shape.paths(&mut Vec::new(), &mut paths);
        let row = |record: &&Record| paths.iter().map(|path| cell(record, path)).collect();
        Records { rows: records.iter().map(row).collect(), columns: paths.iter().map(|path| path.join(".")).collect() }
    }
}

impl Shape {
    fn add(&mut self, record: &Record) {
        for (name, value) in record.iter().filter(|(name, _)| *name != "attributes") {
            let place = self.members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                self.members.push((name.clone(), Shape::default()));
                self.members.len() - 1
            });
            let Some((_, member)) = self.members.get_mut(place) else { continue };
            match value {
                Value::Object(parent) if !is_children(parent) => member.add(parent),
                Value::Null => {}
                _ => member.has_value = true,
            }
        }
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
        Records::of(&serde_json::from_str::<Vec<Value>>(json).unwrap())
    }

    #[test]
    fn nested_records_become_columns_where_the_query_has_them() {
        let Records { columns, rows } = records(
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
        let Records { columns, rows } = records(json);
        assert_eq!(columns, ["Contacts"]);
        let Cell::Children { total, records } = &rows[0][0] else { panic!("{rows:?}") };
        assert_eq!((total.as_str(), records.len()), ("3", 1));
        assert_eq!(rows[1], [Cell::Empty]);
    }

    #[test]
    fn every_action_has_rows() {
        let of = |json: &str| Records::of_result(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(of(r#"{"records":[{"a":true}],"count":1}"#).rows, [[Cell::Other("true".to_owned())]]);
        let values = of(r#"{"values":{"Name":"x","Owner.Name":null},"usage":null}"#);
        assert_eq!(values.columns, ["Name", "Owner.Name"]);
        assert_eq!(values.rows.len(), 1);
        assert_eq!(of(r#"{"id":"001","created":true,"usage":{"used":1,"allowed":2}}"#).columns, ["id", "created"]);
        assert!(of(r#"{"records":[],"count":0}"#).columns.is_empty());
    }
}

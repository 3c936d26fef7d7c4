//! What stands in a row under a column.

use serde_json::Value;

use super::source::Record;

/// A value of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Null, or the record has no such member.
    Empty,
    /// A text.
    Text(String),
    /// With every digit.
    Number(String),
    /// A boolean, or anything else that is not one of the others, as JSON.
    Other(String),
    /// The rows of a sub-query.
    Children(Children),
}

/// The rows of a sub-query that a record holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Children {
    /// Which sub-query of which record.
    pub place: Place,
    /// JSON array of the rows that are here.
    pub records: String,
    /// How many those are.
    pub count: usize,
    /// How many the whole sub-query has; none if Salesforce does not know, as for external objects.
    pub total: Option<u64>,
    /// These are all.
    pub is_whole: bool,
    /// How many sub-queries are not whole: this one, and those inside of its rows.
    pub cut: usize,
}

/// Where a sub-query is in a page, as a child cursor names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Index of the page's record.
    pub record: usize,
    /// The relationship, `Contacts`; inside of a row of another sub-query the path to it, `Contacts.3.Cases`.
    pub relationship: String,
}

impl Children {
    /// `3 rows`, or of a sub-query that is cut `2 of 260`, or `2 so far` if nobody knows how many there are.
    #[must_use]
    pub fn counted(&self) -> String {
        let Children { count, .. } = self;
        match self.total {
            _ if self.is_whole => format!("{count} {}", if *count == 1 { "row" } else { "rows" }),
            Some(total) if total > as_u64(*count) => format!("{count} of {total}"),
            _ => format!("{count} so far"),
        }
    }

    fn read(children: &Record, place: Place) -> Children {
        let rows = children.get("records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Children {
            place,
            records: Value::from(rows).to_string(),
            count: rows.len(),
            total: total(children),
            is_whole: is_whole(children),
            cut: cut(children),
        }
    }
}

/// A record's cells. It is the row with this index, of a page or of a sub-query.
pub(super) fn row(record: &Record, paths: &[Vec<String>], parent: Option<&Place>, index: usize) -> Vec<Cell> {
    let place = |path: &[String]| {
        let relationship = path.join(".");
        match parent {
            None => Place { record: index, relationship },
            Some(parent) => {
                Place { record: parent.record, relationship: format!("{}.{index}.{relationship}", parent.relationship) }
            }
        }
    };
    paths.iter().map(|path| cell(record, path, || place(path))).collect()
}

fn cell(record: &Record, path: &[String], place: impl FnOnce() -> Place) -> Cell {
    let Some((first, rest)) = path.split_first() else { return Cell::Empty };
    match record.get(first) {
        // Its members have columns of their own.
        Some(Value::Object(parent)) if !is_children(parent) => cell(parent, rest, place),
        Some(_) if !rest.is_empty() => Cell::Empty,
        None | Some(Value::Null) => Cell::Empty,
        Some(Value::String(text)) => Cell::Text(text.clone()),
        Some(Value::Number(number)) => Cell::Number(number.to_string()),
        Some(Value::Object(children)) => Cell::Children(Children::read(children, place())),
        Some(other) => Cell::Other(other.to_string()),
    }
}

/// Whether an object is the rows of a sub-query. A parent record has no total.
pub(super) fn is_children(object: &Record) -> bool {
    object.contains_key("totalSize") && object.contains_key("records")
}

/// Salesforce says -1 where it does not know.
fn total(children: &Record) -> Option<u64> {
    children.get("totalSize").and_then(Value::as_u64)
}

fn is_whole(children: &Record) -> bool {
    let is_done = children.get("done").and_then(Value::as_bool).unwrap_or(true);
    let here = children.get("records").and_then(Value::as_array).map_or(0, Vec::len);
    is_done && total(children).is_none_or(|total| total <= as_u64(here))
}

fn cut(children: &Record) -> usize {
    let rows = children.get("records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let inside: usize = rows.iter().filter_map(Value::as_object).map(cut_in).sum();
    inside + usize::from(!is_whole(children))
}

/// How many sub-queries of a record are not whole.
fn cut_in(record: &Record) -> usize {
    let objects = record.values().filter_map(Value::as_object);
    objects.map(|object| if is_children(object) { cut(object) } else { cut_in(object) }).sum()
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(json: &str) -> Children {
        let record = serde_json::from_str(&format!("{{\"Contacts\":{json}}}")).unwrap();
        let mut row = row(&record, &[vec!["Contacts".to_owned()]], None, 4);
        match row.pop() {
            Some(Cell::Children(children)) => children,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_digit_of_a_value_stays() {
        let record = serde_json::from_str(r#"{"N":9007199254740993.0,"B":true,"Z":null,"O":{"Name":"Ada"}}"#).unwrap();
        let paths: Vec<Vec<String>> =
            ["N", "B", "Z", "O.Name", "O", "X"].map(|path| path.split('.').map(str::to_owned).collect()).to_vec();
        let expected = [
            Cell::Number("9007199254740993.0".to_owned()),
            Cell::Other("true".to_owned()),
            Cell::Empty,
            Cell::Text("Ada".to_owned()),
            Cell::Empty,
            Cell::Empty,
        ];
        assert_eq!(row(&record, &paths, None, 0), expected);
    }

    #[test]
    fn f110_a_sub_query_says_how_many_of_its_rows_are_here() {
        for (json, counted, cut) in [
            (r#"{"totalSize":1,"done":true,"records":[{"Id":"003"}]}"#, "1 row", 0),
            (r#"{"totalSize":0,"done":true,"records":[]}"#, "0 rows", 0),
            (r#"{"totalSize":-1,"done":true,"records":[{},{}]}"#, "2 rows", 0),
            (r#"{"totalSize":260,"done":false,"records":[{},{}]}"#, "2 of 260", 1),
            (r#"{"totalSize":260,"done":true,"records":[{},{}]}"#, "2 of 260", 1),
            (r#"{"totalSize":-1,"done":false,"records":[{},{}]}"#, "2 so far", 1),
        ] {
            let children = children(json);
            assert_eq!((children.counted().as_str(), children.cut), (counted, cut), "{json}");
        }
    }

    #[test]
    fn f110_the_place_of_a_sub_query_in_another_is_its_path() {
        let inner = r#"{"totalSize":9,"done":false,"records":[{}]}"#;
        let outer = children(&format!(r#"{{"totalSize":2,"done":true,"records":[{{}},{{"Cases":{inner}}}]}}"#));
        assert_eq!((outer.is_whole, outer.cut), (true, 1));
        assert_eq!(outer.place, Place { record: 4, relationship: "Contacts".to_owned() });
        let rows: Vec<Record> = serde_json::from_str(&outer.records).unwrap();
        let cells = row(&rows[1], &[vec!["Cases".to_owned()]], Some(&outer.place), 1);
        let [Cell::Children(inner)] = &cells[..] else { panic!("{cells:?}") };
        assert_eq!(inner.place, Place { record: 4, relationship: "Contacts.1.Cases".to_owned() });
    }
}

//! Rows put behind those that a page's sub-queries hold. Nothing else of the text changes, every digit, key and escape of it.

use std::fmt;

use salesforce_actions::display::json::readable;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The rest of one sub-query.
#[derive(Debug)]
pub(super) struct Rest {
    /// Index of the record.
    pub(super) record: usize,
    /// `Contacts`, or the path to a sub-query inside of another: `Contacts.3.Cases`.
    pub(super) relationship: String,
    /// JSON arrays of rows.
    pub(super) arrays: Vec<String>,
}

/// The records with all rows in their places; none if a place is not there.
pub(super) fn splice(records: &str, rests: &[Rest]) -> Option<String> {
    if rests.is_empty() {
        return Some(records.to_owned());
    }
    let mut records: Vec<String> = elements(records)?.into_iter().map(|record| record.get().to_owned()).collect();
    for Rest { record, relationship, arrays } in rests {
        let path: Vec<&str> = relationship.split('.').collect();
        let record = records.get_mut(*record)?;
        *record = in_record(record, &path, arrays)?;
    }
    Some(format!("[{}]", records.join(",")))
}

/// A record with the rows in the sub-query at the path.
fn in_record(record: &str, path: &[&str], arrays: &[String]) -> Option<String> {
    let (relationship, rest) = path.split_first()?;
    let mut is_found = false;
    let mut written = Vec::new();
    for (key, value) in members(record)? {
        if !is_found && name(key)? == *relationship {
            is_found = true;
            written.push(format!("{}:{}", key.get(), in_children(value.get(), rest, arrays)?));
        } else {
            written.push(format!("{}:{}", key.get(), value.get()));
        }
    }
    is_found.then(|| format!("{{{}}}", written.join(",")))
}

/// A sub-query with the rows: it becomes whole, or a sub-query in one of its rows does.
fn in_children(children: &str, path: &[&str], arrays: &[String]) -> Option<String> {
    let mut written = Vec::new();
    for (key, value) in members(children)? {
        let value = match (name(key)?.as_str(), path) {
            ("records", []) => appended(value.get(), arrays)?,
            ("done", []) => "true".to_owned(),
            ("nextRecordsUrl", []) => continue,
            ("records", [index, path @ ..]) => {
                let mut rows: Vec<String> =
                    elements(value.get())?.into_iter().map(|row| row.get().to_owned()).collect();
                let row = rows.get_mut(index.parse::<usize>().ok()?)?;
                *row = in_record(row, path, arrays)?;
                format!("[{}]", rows.join(","))
            }
            _ => value.get().to_owned(),
        };
        written.push(format!("{}:{value}", key.get()));
    }
    Some(format!("{{{}}}", written.join(",")))
}

fn appended(rows: &str, arrays: &[String]) -> Option<String> {
    let mut all = Vec::new();
    for array in std::iter::once(rows).chain(arrays.iter().map(String::as_str)) {
        all.extend(elements(array)?.into_iter().map(RawValue::get));
    }
    Some(format!("[{}]", all.join(",")))
}

fn elements(array: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(array).ok()
}

fn name(key: &RawValue) -> Option<String> {
    serde_json::from_str(&readable(key.get())).ok()
}

/// The members of an object in their order, repeated ones too.
fn members(object: &str) -> Option<Vec<(&RawValue, &RawValue)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(&'de RawValue, &'de RawValue)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_str(object).deserialize_map(Members).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(record: usize, relationship: &str, arrays: &[&str]) -> Rest {
        let arrays = arrays.iter().map(|&array| array.to_owned()).collect();
        Rest { record, relationship: relationship.to_owned(), arrays }
    }

    #[test]
    fn f110_rows_are_put_behind_those_that_are_there() {
        let records = r#"[{"N":1.50},{"A\ud800":"\udc00","N":9007199254740993.10,"N":1,"Contacts":{"totalSize":4,"done":false,
            "nextRecordsUrl":"/q","records":[ {"Id":"1"} ]}}]"#;
        let expected = r#"[{"N":1.50},{"A\ud800":"\udc00","N":9007199254740993.10,"N":1,"Contacts":{"totalSize":4,"done":true,"records":[{"Id":"1"},{"Id":"2\ud800"},{"Id":"3"},{"E":1e-7}]}}]"#;
        let rests = [rest(1, "Contacts", &[r#"[{"Id":"2\ud800"},{"Id":"3"}]"#, "[]", r#"[{"E":1e-7}]"#])];
        assert_eq!(splice(records, &rests).unwrap(), expected);
        assert_eq!(splice(records, &[]).unwrap(), records);
    }

    #[test]
    fn f110_a_sub_query_in_a_sub_query_becomes_whole_too() {
        let inner = r#"{"done":false,"records":[{"C":1}],"nextRecordsUrl":"/i"}"#;
        let records =
            format!(r#"[{{"K":{{"done":false,"nextRecordsUrl":"/o","records":[{{}},{{"Cases":{inner}}}]}}}}]"#);
        let rests = [rest(0, "K.1.Cases", &[r#"[{"C":2}]"#]), rest(0, "K", &[r#"[{"L":3}]"#])];
        let expected =
            r#"[{"K":{"done":true,"records":[{},{"Cases":{"done":true,"records":[{"C":1},{"C":2}]}},{"L":3}]}}]"#;
        assert_eq!(splice(&records, &rests).unwrap(), expected);
    }

    #[test]
    fn f110_a_place_that_is_not_there_is_no_result() {
        for (record, relationship) in [(1, "K"), (0, "X"), (0, "K.1.C"), (0, "K.x.C"), (0, "N")] {
            let records = r#"[{"N":1,"K":{"done":false,"records":[{}]}}]"#;
            assert_eq!(splice(records, &[rest(record, relationship, &["[]"])]), None, "{record} {relationship}");
        }
    }
}

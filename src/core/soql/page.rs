//! A page of records: read from an answer without taking the records apart.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cursor::Cursor;
use crate::core::api_usage::ApiUsage;
use crate::core::error::{Error, Result};
use crate::core::json::{self, Members};

/// One page, or several that were joined. See `page` in `wit/soql.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// JSON array of records, as they came.
    pub records: String,
    /// How many.
    pub count: u32,
    /// How many the whole query has.
    pub total_size: u64,
    /// Where to go on.
    pub next: Option<Cursor>,
    /// Child sub-queries with more rows than are here.
    pub children: Vec<ChildCursor>,
    /// API usage of the last answer.
    pub usage: Option<ApiUsage>,
}

/// More rows of a child sub-query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildCursor {
    /// Index of the record in the page.
    pub record_index: u32,
    /// Name of the relationship; for a sub-query inside a sub-query the path to it, e.g. `Contacts.3.Cases`.
    pub relationship: String,
    /// Rows that the record holds.
    pub count: u32,
    /// Rows of the whole sub-query.
    pub total_size: u64,
    /// Where to go on.
    pub next: Cursor,
}

/// `{totalSize, done, nextRecordsUrl?, records}`, of a query and of a child sub-query.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "totalSize")]
    total_size: u64,
    done: bool,
    #[serde(rename = "nextRecordsUrl", borrow)]
    next_records_url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    records: &'a RawValue,
}

impl Envelope<'_> {
    /// What is behind this page, and how many rows it has itself.
    fn next_and_count(&self) -> Result<(Option<Cursor>, u32)> {
        if !self.records.get().starts_with('[') {
            return Err(Error::invalid_response("expected records to be a list"));
        }
        let next = match (self.done, &self.next_records_url) {
            (true, None) => None,
            (false, Some(url)) => Some(Cursor::from_response(url)?),
            (true, Some(_)) => return Err(Error::invalid_response("the result is done, but has a nextRecordsUrl")),
            (false, None) => return Err(Error::invalid_response("the result is not done, but has no nextRecordsUrl")),
        };
        let count = u32::try_from(json::count_elements(self.records)).unwrap_or(u32::MAX);
        Ok((next, count))
    }
}

impl Page {
    /// Reads an answer to a query or a locator.
    pub(super) fn read(body: &[u8], usage: Option<ApiUsage>) -> Result<Self> {
        let envelope: Envelope<'_> = json::parse(body, "a query result")?;
        let (next, count) = envelope.next_and_count()?;
        if u64::from(count) > envelope.total_size {
            return Err(Error::invalid_response(format!(
                "the page has {count} records, but the whole result is said to have {}",
                envelope.total_size
            )));
        }
        let mut children = Vec::new();
        find_children(envelope.records, &mut |record_index, relationship, child| {
            let (Some(next), count) = child.next_and_count()? else {
                return Ok(());
            };
            let relationship = relationship.into();
            children.push(ChildCursor { record_index, relationship, count, total_size: child.total_size, next });
            Ok(())
        })?;
        let records = envelope.records.get().to_string();
        Ok(Self { records, count, total_size: envelope.total_size, next, children, usage })
    }

    /// Appends the page that `self.next` led to.
    pub(super) fn append(&mut self, page: Self) {
        let rest = page.records.get(1..).unwrap_or("]");
        if page.count > 0 {
            self.records.pop();
            if self.count > 0 {
                self.records.push(',');
            }
            self.records.push_str(rest);
        }
        let shift = self.count;
        self.children.extend(page.children.into_iter().map(|child| {
            let record_index = child.record_index + shift;
            ChildCursor { record_index, ..child }
        }));
        self.count += page.count;
        self.next = page.next;
        self.usage = page.usage.or(self.usage);
    }
}

/// Calls `see` with every child sub-query of the records, those inside of others included.
fn find_children<'a>(
    records: &'a RawValue,
    see: &mut impl FnMut(u32, &str, &Envelope<'a>) -> Result<()>,
) -> Result<()> {
    // Only a sub-query brings the key `done`, so most pages need no second look.
    if !records.get().contains("\"done\"") {
        return Ok(());
    }
    let rows: Vec<&RawValue> = json::parse(records.get().as_bytes(), "a list of records")?;
    for (index, row) in (0..).zip(rows) {
        find_in_record(row, "", &mut |relationship, child| see(index, relationship, child))?;
    }
    Ok(())
}

fn find_in_record<'a>(
    record: &'a RawValue,
    path: &str,
    see: &mut dyn FnMut(&str, &Envelope<'a>) -> Result<()>,
) -> Result<()> {
    if !record.get().contains("\"done\"") || !record.get().starts_with('{') {
        return Ok(());
    }
    let members: Members<'_> = json::parse(record.get().as_bytes(), "a record")?;
    for (name, value) in members.iter() {
        if !value.get().starts_with('{') || !value.get().contains("\"done\"") {
            continue;
        }
        let inner: Members<'_> = json::parse(value.get().as_bytes(), "a record")?;
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        if inner.iter().all(|(key, _)| key != "done") {
            // A parent record; a sub-query below it does not exist in SOQL, but text that looks like one does no harm.
            continue;
        }
        let child: Envelope<'_> = json::parse(value.get().as_bytes(), "a child result")?;
        see(&path, &child)?;
        let rows: Vec<&RawValue> = json::parse(child.records.get().as_bytes(), "a list of records")?;
        for (index, row) in rows.into_iter().enumerate() {
            find_in_record(row, &format!("{path}.{index}"), see)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;

    fn read(body: &str) -> Result<Page> {
        Page::read(body.as_bytes(), None)
    }

    #[test]
    fn records_keep_every_character() {
        let records = r#"[ {"attributes":{"type":"A"},"N":9007199254740993,"D":0.123456789012345678,"E":1e400,"S":"\ud800","N":1} , {} ]"#;
        let page = read(&format!(r#"{{"totalSize":2,"done":true,"extra":[1],"records":{records}}}"#)).unwrap();
        assert_eq!((page.records.as_str(), page.count, page.next), (records, 2, None));
    }

    #[test]
    fn count_has_no_records() {
        let page = read(r#"{"totalSize":2086,"done":true,"records":[]}"#).unwrap();
        assert_eq!((page.count, page.total_size), (0, 2086));
    }

    #[test]
    fn an_envelope_that_contradicts_itself_is_refused() {
        let next = r#""nextRecordsUrl":"/services/data/v67.0/query/01g-2000""#;
        for body in [
            r#"{"totalSize":1,"done":false,"records":[{}]}"#.to_string(),
            format!(r#"{{"totalSize":1,"done":true,{next},"records":[{{}}]}}"#),
            r#"{"totalSize":1,"done":true,"records":[{},{}]}"#.into(),
            r#"{"totalSize":1,"done":true,"records":{}}"#.into(),
            r#"{"totalSize":1,"done":true,"records":null}"#.into(),
            r#"{"totalSize":-1,"done":true,"records":[]}"#.into(),
            r#"{"totalSize":1e400,"done":true,"records":[]}"#.into(),
            r#"{"totalSize":1,"done":true}"#.into(),
            r#"{"totalSize":1,"totalSize":0,"done":true,"records":[]}"#.into(),
            r#"{"totalSize":1,"done":true,"records":[],"records":[{}]}"#.into(),
            r#"{"totalSize":1,"done":true,"records":[{}]}}"#.into(),
            r#"[]"#.into(),
            r#"{"totalSize":1,"done":false,"nextRecordsUrl":"https://evil.com/services/data/v67.0/query/x","records":[{}]}"#.into(),
        ] {
            assert_eq!(read(&body).unwrap_err().kind, ErrorKind::InvalidResponse, "{body}");
        }
    }

    #[test]
    fn further_rows_of_a_child_are_announced() {
        let inner =
            r#"{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01h-1","records":[{}]}"#;
        let body = format!(
            r#"{{"totalSize":3,"done":true,"records":[
                {{"Contacts":null,"Owner":{{"Name":"\"done\""}}}},
                {{"Contacts":{{"totalSize":1,"done":true,"records":[{{"Cases":{inner}}}]}}}},
                {{"Contacts":{{"totalSize":300,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-2","records":[{{}},{{}}]}}}}
            ]}}"#
        );
        let children = read(&body).unwrap().children;
        let seen: Vec<_> = children
            .iter()
            .map(|child| {
                (child.record_index, child.relationship.as_str(), child.count, child.total_size, child.next.as_str())
            })
            .collect();
        assert_eq!(
            seen,
            [
                (1, "Contacts.0.Cases", 1, 9, "/services/data/v67.0/query/01h-1"),
                (2, "Contacts", 2, 300, "/services/data/v67.0/query/01g-2")
            ]
        );
    }

    #[test]
    fn a_child_that_is_cut_off_without_a_word_is_refused() {
        for child in [
            r#"{"totalSize":9,"done":false,"records":[{}]}"#,
            r#"{"totalSize":9,"done":false,"nextRecordsUrl":"//evil","records":[{}]}"#,
            r#"{"done":false}"#,
        ] {
            let body = format!(r#"{{"totalSize":1,"done":true,"records":[{{"Contacts":{child}}}]}}"#);
            assert_eq!(read(&body).unwrap_err().kind, ErrorKind::InvalidResponse, "{child}");
        }
    }

    #[test]
    fn pages_are_joined() {
        let child =
            r#"{"C":{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01h-1","records":[]}}"#;
        let page = |records: &str| read(&format!(r#"{{"totalSize":4,"done":true,"records":{records}}}"#)).unwrap();
        let mut all = page("[]");
        all.append(page("[1,2]"));
        all.append(page("[]"));
        all.append(page(&format!("[3,{child}]")));
        assert_eq!((all.records, all.count), (format!("[1,2,3,{child}]"), 4));
        assert_eq!(all.children[0].record_index, 3);
    }
}

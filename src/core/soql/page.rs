//! A page of records: read from an answer without taking the records apart.

use std::ops::Range;

use super::batch_size::BatchSize;
use super::cursor::Cursor;
use crate::core::api_usage::ApiUsage;
use crate::core::error::{Error, Result};
use crate::core::json::{Json, Object, required};
use crate::core::text::{contains, cut, place};

/// One page, or several that were joined. See `page` in `wit/soql.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// JSON array of records, as they came.
    pub records: String,
    /// How many.
    pub count: u32,
    /// How many the whole query has, if Salesforce knows.
    pub total_size: Option<u64>,
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
    /// Rows of the whole sub-query, if Salesforce knows.
    pub total_size: Option<u64>,
    /// Where to go on.
    pub next: Cursor,
}

/// `{totalSize, done, nextRecordsUrl?, records}`, of a query and of a child sub-query.
struct Envelope<'a> {
    total_size: Option<u64>,
    count: u32,
    next: Option<Cursor>,
    records: Json<'a>,
    rows: Vec<Json<'a>>,
}

impl<'a> Envelope<'a> {
    fn read(object: &Object<'a>, batch_size: Option<BatchSize>) -> Result<Self> {
        let records = required("records", object.list("records")?)?;
        let done = required("done", object.boolean("done")?)?;
        let next = match (done, object.text("nextRecordsUrl")?) {
            (true, None) => None,
            (false, Some(url)) => Some(Cursor::from_response(&url, batch_size)?),
            (true, Some(_)) => return Err(Error::invalid_response("the result is done, but has a nextRecordsUrl")),
            (false, None) => return Err(Error::invalid_response("the result is not done, but has no nextRecordsUrl")),
        };
        let total_size = total_size(object)?;
        let rows = object.elements("records")?.unwrap_or_default();
        if !rows.iter().all(|row| row.as_str().starts_with('{')) {
            return Err(Error::invalid_response("expected every record to be a JSON object"));
        }
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if let Some(total_size) = total_size
            && u64::from(count) > total_size
        {
            return Err(beyond(count.into(), total_size));
        }
        Ok(Self { total_size, count, next, records, rows })
    }
}

/// -1 is what big objects and external objects have, whose rows Salesforce does not count.
fn total_size(object: &Object<'_>) -> Result<Option<u64>> {
    match object.member("totalSize")? {
        Some(unknown) if unknown.as_str() == "-1" => Ok(None),
        _ => required("totalSize", object.number("totalSize")?).map(Some),
    }
}

/// More records than the whole result is said to have.
pub(super) fn beyond(count: u64, total_size: u64) -> Box<Error> {
    Error::invalid_response(format!("there are {count} records, but the whole result is said to have {total_size}"))
}

impl Page {
    /// Reads an answer to a query or a locator. The records stay where they are in the body, so a page is in memory once.
    pub(super) fn read(body: Vec<u8>, batch_size: Option<BatchSize>, usage: Option<ApiUsage>) -> Result<Self> {
        Self::read_seeing(body, batch_size, usage, |_, _| ()).map(|(page, ())| page)
    }

    /// As [`Page::read`]. Beside the page: where each record lies in its text.
    pub(super) fn read_records(
        body: Vec<u8>,
        batch_size: Option<BatchSize>,
        usage: Option<ApiUsage>,
    ) -> Result<(Self, Vec<Range<usize>>)> {
        Self::read_seeing(body, batch_size, usage, |records, rows| {
            rows.iter().map(|row| place(row.as_str(), records)).collect()
        })
    }

    fn read_seeing<T>(
        body: Vec<u8>,
        batch_size: Option<BatchSize>,
        usage: Option<ApiUsage>,
        see: impl FnOnce(&str, &[Json<'_>]) -> T,
    ) -> Result<(Self, T)> {
        let mut text =
            String::from_utf8(body).map_err(|_| Error::invalid_response("expected a query result in UTF-8"))?;
        let object = Object::parse_text(&text, "a query result")?;
        let Envelope { total_size, count, next, records, rows } = Envelope::read(&object, batch_size)?;
        let mut children = Vec::new();
        // Only a sub-query brings the key, so most pages need no second look.
        if object.may_have_done() {
            find_children(&rows, batch_size, &mut |record_index, relationship, child| {
                if let Some(next) = child.next {
                    let (relationship, count, total_size) = (relationship.into(), child.count, child.total_size);
                    children.push(ChildCursor { record_index, relationship, count, total_size, next });
                }
            })?;
        }
        let seen = see(records.as_str(), &rows);
        let records = place(records.as_str(), &text);
        cut(&mut text, records);
        Ok((Self { records: text, count, total_size, next, children, usage }, seen))
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
fn find_children(
    rows: &[Json<'_>],
    batch_size: Option<BatchSize>,
    see: &mut dyn FnMut(u32, &str, Envelope<'_>),
) -> Result<()> {
    for (index, row) in (0..).zip(rows) {
        find_in_record(*row, "", batch_size, &mut |relationship, child| see(index, relationship, child))?;
    }
    Ok(())
}

fn find_in_record(
    record: Json<'_>,
    path: &str,
    batch_size: Option<BatchSize>,
    see: &mut dyn FnMut(&str, Envelope<'_>),
) -> Result<()> {
    if !mentions_done(record) {
        return Ok(());
    }
    for (name, value) in Object::expect(record, "a record")?.iter() {
        let Some(object) = Some(value).filter(|value| mentions_done(*value)).and_then(Json::object) else {
            continue;
        };
        // A parent record, which cannot hold a sub-query: only its text looks like one.
        if object.iter().all(|(key, _)| key != "done") {
            continue;
        }
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        let child = Envelope::read(&object, batch_size)?;
        if child.next.is_none() && child.total_size.is_some_and(|total_size| u64::from(child.count) < total_size) {
            return Err(Error::invalid_response(format!("the rows of {path} end before as many came as there are")));
        }
        for (index, row) in child.rows.iter().enumerate() {
            find_in_record(*row, &format!("{path}.{index}"), batch_size, see)?;
        }
        see(&path, child);
    }
    Ok(())
}

/// Whether the key may be somewhere inside, perhaps in escapes.
fn mentions_done(value: Json<'_>) -> bool {
    contains(value.as_str(), "\"done\"") || contains(value.as_str(), "\\u")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;

    fn read(body: &str) -> Result<Page> {
        Page::read(body.into(), None, None)
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
        assert_eq!((page.count, page.total_size), (0, Some(2086)));
    }

    #[test]
    fn f97_a_total_that_salesforce_does_not_know_is_none() {
        let next = r#""nextRecordsUrl":"/services/data/v67.0/query/01g-2000""#;
        let child = format!(r#"{{"totalSize":-1,"done":false,{next},"records":[{{}}]}}"#);
        let page = read(&format!(r#"{{"totalSize":-1,"done":true,"records":[{{"C":{child}}},{{}}]}}"#)).unwrap();
        assert_eq!((page.count, page.total_size, page.next), (2, None, None));
        assert_eq!((page.children[0].count, page.children[0].total_size), (1, None));
        let page = read(&format!(r#"{{"totalSize":-1,"done":false,{next},"records":[{{}}]}}"#)).unwrap();
        assert_eq!((page.total_size, page.next.is_some()), (None, true));
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
            r#"{"totalSize":-2,"done":true,"records":[]}"#.into(),
            r#"{"totalSize":"-1","done":true,"records":[]}"#.into(),
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
                (child.record_index, child.relationship.as_str(), child.count, child.total_size, child.next.text())
            })
            .collect();
        assert_eq!(
            seen,
            [
                (1, "Contacts.0.Cases", 1, Some(9), "/services/data/v67.0/query/01h-1".into()),
                (2, "Contacts", 2, Some(300), "/services/data/v67.0/query/01g-2".into())
            ]
        );
    }

    #[test]
    fn a_child_in_escapes_is_a_child() {
        let child =
            r#"{"totalSize":2,"d\u006fne":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-1","records":[{}]}"#;
        let body = format!(r#"{{"totalSize":1,"done":true,"records":[{{"Contacts":{child}}}]}}"#);
        assert_eq!(read(&body).unwrap().children.len(), 1);
    }

    #[test]
    fn a_child_that_is_cut_off_without_a_word_is_refused() {
        for child in [
            r#"{"totalSize":9,"done":false,"records":[{}]}"#,
            r#"{"totalSize":9,"done":false,"nextRecordsUrl":"//evil","records":[{}]}"#,
            r#"{"done":false}"#,
            r#"{"totalSize":1,"done":true,"records":[1]}"#,
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
        all.append(page(r#"[{"a":1},{}]"#));
        all.append(page("[]"));
        all.append(page(&format!("[{{}},{child}]")));
        assert_eq!((all.records, all.count), (format!(r#"[{{"a":1}},{{}},{{}},{child}]"#), 4));
        assert_eq!(all.children[0].record_index, 3);
    }
}

//! Query locators: the rows of a result that did not fit on the pages sent so far.
//!
//! Source: REST API Developer Guide, "Query", "Query More Results"; SOAP API Developer Guide, "queryMore()", for what becomes of
//! the cursors of child sub-queries.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::{ApiError, random};

/// A locator ends this long after its query.
const LIFETIME: SignedDuration = SignedDuration::from_hours(48);
/// Rows of a child sub-query on its first page and the pages after it.
pub(crate) const CHILD_PAGE: usize = 200;
/// Rows held for all locators together. Beyond that the oldest locators go, as Salesforce lets go of a user's oldest.
const HELD_ROWS: usize = 200_000;

/// What some orgs do with the pages of a query, and others do not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paging {
    /// A further page of a query ends the cursors of the child sub-queries on the pages before it.
    pub ends_child_cursors: bool,
    /// If the children of a page's last record did not fit on it, the record comes again on the second page.
    pub repeats_cut_parents: bool,
}

/// A page as the client sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<R> {
    total_size: i64,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_records_url: Option<String>,
    records: Vec<R>,
}

/// Whose locator it is, and how its URLs begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) user_id: &'a str,
    /// Such as `v67.0`.
    pub(crate) version: &'a str,
    pub(crate) now: Timestamp,
}

impl Reader<'_> {
    fn url(&self, id: &str, offset: usize) -> String {
        format!("/services/data/{}/query/{id}-{offset}", self.version)
    }
}

/// All locators that are not forgotten yet.
#[derive(Debug, Default)]
pub(crate) struct Locators {
    pub(crate) paging: Paging,
    open: HashMap<String, Open>,
    by_age: VecDeque<String>,
    held_rows: usize,
}

#[derive(Debug)]
struct Open {
    user_id: String,
    since: Timestamp,
    total_size: i64,
    /// The position in the whole result of the first row held.
    first: usize,
    rows: Arc<[Box<RawValue>]>,
    /// Of a child sub-query: whose children they are.
    parent: Option<Parent>,
}

/// A record of a query.
#[derive(Debug, Clone)]
struct Parent {
    /// The locator of the query.
    query: String,
    /// The position in the whole result.
    position: usize,
}

impl Locators {
    pub(crate) fn new(paging: Paging) -> Self {
        Self { paging, ..Self::default() }
    }

    /// Cuts a whole result, and the child results in it, into first pages, and holds the rest.
    pub(crate) fn first_page(
        &mut self,
        mut records: Vec<Value>,
        total_size: i64,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Page<Value>, ApiError> {
        let query = new_id();
        for (position, record) in records.iter_mut().enumerate() {
            for children in record.as_object_mut().into_iter().flat_map(|record| record.values_mut()) {
                self.cut_children(children, &Parent { query: query.clone(), position }, reader)?;
            }
        }
        let mut rest = records.split_off(batch_size.min(records.len()));
        self.repeat_cut_parent(&query, records.last(), &mut rest, batch_size);
        let next_records_url = self.hold(query, &rest, total_size, batch_size, None, reader)?;
        Ok(Page { total_size, done: next_records_url.is_none(), next_records_url, records })
    }

    /// The page that a locator with an offset, as in `0r8xx5R2sM3DgWhASK-2000`, stands for.
    pub(crate) fn next_page(
        &mut self,
        locator: &str,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Page<Box<RawValue>>, ApiError> {
        let (id, offset) = parse(locator).ok_or_else(|| invalid("INVALID_QUERY_LOCATOR_FORMAT"))?;
        let open = self.open.get(id).filter(|open| open.user_id == reader.user_id);
        let open = open.ok_or_else(|| invalid("QUERY_LOCATOR_NOT_FOUND"))?;
        if reader.now.duration_since(open.since) >= LIFETIME {
            return Err(invalid("QUERY_LOCATOR_EXPIRED"));
        }
        let rows = offset.checked_sub(open.first).and_then(|skipped| open.rows.get(skipped..));
        let rows = rows.filter(|rows| !rows.is_empty()).ok_or_else(|| invalid("QUERY_LOCATOR_NOT_FOUND"))?;
        let most = if open.parent.is_some() { CHILD_PAGE } else { batch_size };
        let size = batch_size.min(most).min(rows.len());
        let records: Vec<Box<RawValue>> = rows.iter().take(size).cloned().collect();
        let done = size == rows.len();
        let next_records_url = (!done).then(|| reader.url(id, offset + size));
        let page = Page { total_size: open.total_size, done, next_records_url, records };
        self.end_children_before(id, offset);
        Ok(page)
    }

    /// Makes all locators as old as they can get.
    pub(crate) fn expire(&mut self) {
        for open in self.open.values_mut() {
            open.since = Timestamp::MIN;
        }
    }

    /// Cuts one child result, if the value is one. A parent record is none: it has `attributes` and no `records`.
    fn cut_children(&mut self, value: &mut Value, parent: &Parent, reader: Reader<'_>) -> Result<(), ApiError> {
        let Some(children) = value.as_object_mut().filter(|children| children.contains_key("totalSize")) else {
            return Ok(());
        };
        let total = children.get("totalSize").and_then(Value::as_i64).unwrap_or(-1);
        let Some(records) = children.get_mut("records").and_then(Value::as_array_mut) else { return Ok(()) };
        let rest = records.split_off(CHILD_PAGE.min(records.len()));
        if let Some(url) = self.hold(new_id(), &rest, total, CHILD_PAGE, Some(parent.clone()), reader)? {
            children.insert("done".to_owned(), json!(false));
            children.insert("nextRecordsUrl".to_owned(), json!(url));
        }
        Ok(())
    }

    /// Puts a record whose children were cut before the rest, if this org does so. Its cursors are then those of that page.
    fn repeat_cut_parent(&mut self, query: &str, last: Option<&Value>, rest: &mut Vec<Value>, next_page: usize) {
        let Some(last) = last.filter(|record| self.paging.repeats_cut_parents && !rest.is_empty() && is_cut(record))
        else {
            return;
        };
        rest.insert(0, last.clone());
        for parent in self.open.values_mut().filter_map(|open| open.parent.as_mut()) {
            if parent.query == query && parent.position + 1 == next_page {
                parent.position = next_page;
            }
        }
    }

    /// Ends the cursors of children on the pages before this place of a query, if this org does so.
    fn end_children_before(&mut self, query: &str, offset: usize) {
        if !self.paging.ends_child_cursors {
            return;
        }
        self.open.retain(|_, open| {
            let ends = open.parent.as_ref().is_some_and(|parent| parent.query == query && parent.position < offset);
            self.held_rows -= if ends { open.rows.len() } else { 0 };
            !ends
        });
    }

    /// Holds the rows after the first `first` and answers where they can be had; nothing when there are none.
    fn hold(
        &mut self,
        id: String,
        rest: &[Value],
        total_size: i64,
        first: usize,
        parent: Option<Parent>,
        reader: Reader<'_>,
    ) -> Result<Option<String>, ApiError> {
        if rest.is_empty() {
            return Ok(None);
        }
        let rows: Result<Arc<[_]>, _> = rest.iter().map(to_raw_value).collect();
        let rows = rows.map_err(|error| ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string()))?;
        self.held_rows += rows.len();
        let user_id = reader.user_id.to_owned();
        self.open.insert(id.clone(), Open { user_id, since: reader.now, total_size, first, rows, parent });
        self.by_age.push_back(id.clone());
        self.forget_oldest();
        Ok(Some(reader.url(&id, first)))
    }

    fn forget_oldest(&mut self) {
        while self.held_rows > HELD_ROWS && self.by_age.len() > 1 {
            let oldest = self.by_age.pop_front().and_then(|id| self.open.remove(&id));
            self.held_rows -= oldest.map_or(0, |open| open.rows.len());
        }
    }
}

fn new_id() -> String {
    format!("0r8xx{}", random::base62(13))
}

/// Whether children of a record did not fit.
fn is_cut(record: &Value) -> bool {
    record.as_object().into_iter().flat_map(|record| record.values()).any(|value| value.get("nextRecordsUrl").is_some())
}

fn parse(locator: &str) -> Option<(&str, usize)> {
    let (id, offset) = locator.split_once('-')?;
    let id_is_one = id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let offset_is_one = !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_digit());
    (id_is_one && offset_is_one).then_some((id, offset.parse().ok()?))
}

fn invalid(reason: &str) -> ApiError {
    ApiError::bad_request("INVALID_QUERY_LOCATOR", format!("invalid query locator: {reason}"))
}

#[cfg(test)]
mod tests;

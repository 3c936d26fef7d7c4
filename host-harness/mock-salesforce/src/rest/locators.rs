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
/// Queries that a user may have open. The oldest ends when there would be one more.
const OPEN_QUERIES: usize = 10;
/// Bytes held for all users together. The oldest queries end when there would be more, which no real org does.
const HELD_BYTES: usize = 512 * 1024 * 1024;

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

/// All locators that have not ended yet.
#[derive(Debug, Default)]
pub(crate) struct Locators {
    pub(crate) paging: Paging,
    open: HashMap<String, Open>,
    /// The queries that something is held of, oldest first.
    queries: VecDeque<OpenQuery>,
    held_bytes: usize,
}

#[derive(Debug)]
struct OpenQuery {
    id: String,
    user_id: String,
    since: Timestamp,
    /// The locators of its child sub-queries.
    children: Vec<String>,
}

#[derive(Debug)]
struct Open {
    user_id: String,
    since: Timestamp,
    total_size: i64,
    /// The position in the whole result of the first row held.
    first: usize,
    rows: Arc<[HeldRow]>,
    /// Of a child sub-query: whose children they are.
    parent: Option<Parent>,
}

#[derive(Debug)]
struct HeldRow {
    json: Box<RawValue>,
    weight: usize,
}

/// A record of a query.
#[derive(Debug, Clone)]
struct Parent {
    /// The locator of the query.
    query: String,
    /// The position in the whole result.
    position: usize,
}

impl Open {
    fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.json.get().len()).sum()
    }
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
        let mut children = Vec::new();
        for (position, record) in records.iter_mut().enumerate() {
            let parent = Parent { query: query.clone(), position };
            self.cut_children(record, &parent, reader, &mut children)?;
        }
        let size = page_size(records.iter().map(weight), batch_size);
        let mut rest = records.split_off(size);
        self.repeat_cut_parent(&query, records.last(), &mut rest, size);
        let next_records_url = self.hold(query.clone(), &rest, total_size, size, None, reader)?;
        if next_records_url.is_some() || !children.is_empty() {
            let user_id = reader.user_id.to_owned();
            self.queries.push_back(OpenQuery { id: query, user_id, since: reader.now, children });
            self.end_oldest(reader);
        }
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
        if is_over(open.since, reader.now) {
            return Err(invalid("QUERY_LOCATOR_EXPIRED"));
        }
        let rows = offset.checked_sub(open.first).and_then(|skipped| open.rows.get(skipped..));
        let rows = rows.filter(|rows| !rows.is_empty()).ok_or_else(|| invalid("QUERY_LOCATOR_NOT_FOUND"))?;
        let most = if open.parent.is_some() { CHILD_PAGE } else { batch_size };
        let size = page_size(rows.iter().map(|row| row.weight), batch_size.min(most));
        let records: Vec<Box<RawValue>> = rows.iter().take(size).map(|row| row.json.clone()).collect();
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

    /// Cuts the child results of a record, and those within them, and notes their locators.
    fn cut_children(
        &mut self,
        record: &mut Value,
        parent: &Parent,
        reader: Reader<'_>,
        locators: &mut Vec<String>,
    ) -> Result<(), ApiError> {
        for children in record.as_object_mut().into_iter().flat_map(|record| record.values_mut()) {
            // A parent record has no `totalSize`.
            let Some(children) = children.as_object_mut().filter(|children| children.contains_key("totalSize")) else {
                continue;
            };
            let total = children.get("totalSize").and_then(Value::as_i64).unwrap_or(-1);
            let Some(records) = children.get_mut("records").and_then(Value::as_array_mut) else { continue };
            for record in records.iter_mut() {
                self.cut_children(record, parent, reader, locators)?;
            }
            let size = page_size(records.iter().map(weight), CHILD_PAGE);
            let rest = records.split_off(size);
            let id = new_id();
            if let Some(url) = self.hold(id.clone(), &rest, total, size, Some(parent.clone()), reader)? {
                children.insert("done".to_owned(), json!(false));
                children.insert("nextRecordsUrl".to_owned(), json!(url));
                locators.push(id);
            }
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
            self.held_bytes -= if ends { open.bytes() } else { 0 };
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
        let held = |row: &Value| Ok(HeldRow { json: to_raw_value(row)?, weight: weight(row) });
        let rows: Result<Arc<[_]>, serde_json::Error> = rest.iter().map(held).collect();
        let rows = rows.map_err(|error| ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string()))?;
        let user_id = reader.user_id.to_owned();
        let open = Open { user_id, since: reader.now, total_size, first, rows, parent };
        self.held_bytes += open.bytes();
        let url = reader.url(&id, first);
        self.open.insert(id, open);
        Ok(Some(url))
    }

    /// Ends the queries that are over, those of this user beyond the allowed number, and what is too large. The youngest
    /// query stays, however large it is.
    fn end_oldest(&mut self, reader: Reader<'_>) {
        let mut own = self.queries.iter().filter(|query| query.user_id == reader.user_id).count();
        let mut at = 0;
        while let Some(query) = self.queries.get(at).filter(|_| at + 1 < self.queries.len()) {
            let too_many = query.user_id == reader.user_id && own > OPEN_QUERIES;
            if !(too_many || is_over(query.since, reader.now) || self.held_bytes > HELD_BYTES) {
                at += 1;
                continue;
            }
            own -= usize::from(query.user_id == reader.user_id);
            for id in self.queries.remove(at).into_iter().flat_map(|query| [vec![query.id], query.children].concat()) {
                self.held_bytes -= self.open.remove(&id).map_or(0, |open| open.bytes());
            }
        }
    }
}

fn is_over(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= LIFETIME
}

/// How many rows a record takes of its page: one, and one for each of its children on it.
fn weight(record: &Value) -> usize {
    let children = record.as_object().into_iter().flat_map(|record| record.values());
    let children = children.filter(|value| value.get("totalSize").is_some());
    let rows = children.filter_map(|children| children.get("records")?.as_array()).flatten();
    1 + rows.map(weight).sum::<usize>()
}

/// How many records of these weights a page has: as many as fit, and one at least.
fn page_size(weights: impl Iterator<Item = usize>, batch_size: usize) -> usize {
    let mut taken = 0;
    let fits = |(place, weight): &(usize, usize)| {
        taken += weight;
        *place == 0 || taken <= batch_size
    };
    weights.enumerate().take_while(fits).count()
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

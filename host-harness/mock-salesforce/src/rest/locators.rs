//! Query locators: results of which a part did not fit on the pages sent so far. A page is written when it is asked for.
//!
//! Source: REST API Developer Guide, "Query", "Query More Results"; SOAP API Developer Guide, "queryMore()", for what becomes of
//! the cursors of child sub-queries.

mod children;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use self::children::{HeldRow, Parent, cut_children, is_cut, weight};
use crate::soql::cursor::Cursor;
use crate::{ApiError, random};

/// A locator ends this long after its query.
const LIFETIME: SignedDuration = SignedDuration::from_hours(48);
/// Rows of a child sub-query on its first page and the pages after it.
pub(crate) const CHILD_PAGE: usize = 200;
/// Queries that a user may have open. The oldest ends when there would be one more.
const OPEN_QUERIES: usize = 10;
/// Bytes held for all users together. The oldest queries end when there would be more, which no real org does.
const HELD_BYTES: usize = 512 * 1024 * 1024;
/// Values that fill a page, however few records they are of: Salesforce sends fewer wide records too.
const PAGE_VALUES: usize = 500_000;
/// Records that are written at a time, of which those stay that fit on the page.
const WRITTEN_AT_ONCE: usize = 200;

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
    /// The locators of its child sub-queries, by the position of the record and the number of the sub-query in it. A page
    /// that is read again has the same.
    children: BTreeMap<(usize, usize), String>,
}

#[derive(Debug)]
struct Open {
    user_id: String,
    since: Timestamp,
    rows: Rows,
    /// Of a child sub-query: whose children they are.
    parent: Option<Parent>,
}

/// What a locator leads to.
#[derive(Debug)]
enum Rows {
    Query {
        cursor: Cursor,
        /// How many records the first page had.
        first: usize,
        /// A record that comes again, and its position when it does. Those after it move on by one.
        again: Option<(usize, Value)>,
    },
    Children {
        total_size: i64,
        /// The position in the whole result of the first row held.
        first: usize,
        rows: Arc<[HeldRow]>,
    },
}

impl Open {
    fn bytes(&self) -> usize {
        match &self.rows {
            Rows::Query { cursor, again, .. } => {
                cursor.bytes() + again.as_ref().map_or(0, |(_, record)| record.to_string().len())
            }
            Rows::Children { rows, .. } => rows.iter().map(|row| row.json.get().len()).sum(),
        }
    }
}

impl Rows {
    fn len(&self) -> usize {
        match self {
            Self::Query { cursor, again, .. } => cursor.len() + usize::from(again.is_some()),
            Self::Children { first, rows, .. } => first + rows.len(),
        }
    }
}

impl Locators {
    pub(crate) fn new(paging: Paging) -> Self {
        Self { paging, ..Self::default() }
    }

    /// The first page of a result. The rest of it, and of the child results on the page, is held.
    pub(crate) fn first_page(
        &mut self,
        cursor: Cursor,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Page<Value>, ApiError> {
        let mut query = OpenQuery {
            id: new_id(),
            user_id: reader.user_id.to_owned(),
            since: reader.now,
            children: BTreeMap::new(),
        };
        let (total_size, len) = (cursor.total_size(), cursor.len());
        let rows = Rows::Query { cursor, first: 0, again: None };
        let records = self.write_page(&mut query, &rows, 0, batch_size, reader)?;
        let size = records.len();
        let next_records_url = (size < len).then(|| reader.url(&query.id, size));
        if next_records_url.is_some() {
            let again = records.last().filter(|record| self.paging.repeats_cut_parents && is_cut(record));
            let again = again.map(|record| (size, record.clone()));
            if again.is_some() {
                self.move_children(&query.id, size - 1);
            }
            let rows = match rows {
                Rows::Query { cursor, .. } => Rows::Query { cursor, first: size, again },
                children @ Rows::Children { .. } => children,
            };
            let user_id = reader.user_id.to_owned();
            self.hold(query.id.clone(), Open { user_id, since: reader.now, rows, parent: None });
        }
        if next_records_url.is_some() || !query.children.is_empty() {
            self.queries.push_back(query);
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
        let len = open.rows.len();
        let (total_size, records) = match &open.rows {
            Rows::Query { first, .. } | Rows::Children { first, .. } if !(*first..len).contains(&offset) => {
                return Err(invalid("QUERY_LOCATOR_NOT_FOUND"));
            }
            Rows::Children { total_size, first, rows } => {
                let rows = rows.get(offset - first..).unwrap_or_default();
                let size = page_size(rows.iter().map(|row| row.weight), batch_size.min(CHILD_PAGE));
                (*total_size, rows.iter().take(size).map(|row| row.json.clone()).collect())
            }
            Rows::Query { cursor, .. } => (cursor.total_size(), self.further_page(id, offset, batch_size, reader)?),
        };
        let end = offset + records.len();
        let next_records_url = (end < len).then(|| reader.url(id, end));
        self.end_children_before(id, offset);
        self.end_oldest(reader);
        Ok(Page { total_size, done: end == len, next_records_url, records })
    }

    /// Makes all locators as old as they can get.
    pub(crate) fn expire(&mut self) {
        for open in self.open.values_mut() {
            open.since = Timestamp::MIN;
        }
    }

    /// A page of a query after the first.
    fn further_page(
        &mut self,
        id: &str,
        offset: usize,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Vec<Box<RawValue>>, ApiError> {
        let not_found = || invalid("QUERY_LOCATOR_NOT_FOUND");
        let place = self.queries.iter().position(|query| query.id == id).ok_or_else(not_found)?;
        // Both are out of their places while the page is written, which holds more.
        let (Some(mut query), Some(open)) = (self.queries.remove(place), self.open.remove(id)) else {
            return Err(not_found());
        };
        let since = Reader { now: open.since, ..reader };
        let records = self.write_page(&mut query, &open.rows, offset, batch_size, since);
        self.open.insert(id.to_owned(), open);
        self.queries.insert(place, query);
        let raw = |record: &Value| to_raw_value(record).map_err(unwritable);
        records?.iter().map(raw).collect()
    }

    /// Writes the records from a position on that fit on a page, and holds the children that did not.
    fn write_page(
        &mut self,
        query: &mut OpenQuery,
        rows: &Rows,
        first: usize,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Vec<Value>, ApiError> {
        let Rows::Query { cursor, again, .. } = rows else { return Ok(Vec::new()) };
        let mut page = Vec::new();
        let (mut room, mut values) = (batch_size, 0);
        let mut next = first;
        while next < rows.len() && room > 0 {
            if let Some((_, record)) = again.as_ref().filter(|(position, _)| *position == next) {
                // Its children are held already.
                room = room.saturating_sub(weight(record));
                page.push(record.clone());
                next += 1;
                continue;
            }
            let (moved, end) = match again {
                Some((position, _)) if *position < next => (1, rows.len()),
                Some((position, _)) => (0, *position),
                None => (0, rows.len()),
            };
            let end = end.min(next + room.min(WRITTEN_AT_ONCE));
            for mut record in cursor.records(next - moved..end - moved)? {
                let mut cut = Vec::new();
                cut_children(&mut record, query, next, reader, &mut cut)?;
                let weight = weight(&record);
                if (weight > room || values >= PAGE_VALUES) && !page.is_empty() {
                    return Ok(page);
                }
                for (id, open) in cut {
                    self.hold(id, open);
                }
                room = room.saturating_sub(weight);
                values += count(&record);
                page.push(record);
                next += 1;
            }
        }
        Ok(page)
    }

    /// Counts the children of a record that comes again as those of the page on which it does.
    fn move_children(&mut self, query: &str, position: usize) {
        for parent in self.open.values_mut().filter_map(|open| open.parent.as_mut()) {
            if parent.query == query && parent.position == position {
                parent.position += 1;
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

    fn hold(&mut self, id: String, open: Open) {
        self.held_bytes += open.bytes();
        self.held_bytes -= self.open.insert(id, open).map_or(0, |old| old.bytes());
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
            let Some(query) = self.queries.remove(at) else { return };
            for id in query.children.values().chain([&query.id]) {
                self.held_bytes -= self.open.remove(id).map_or(0, |open| open.bytes());
            }
        }
    }
}

fn unwritable(error: serde_json::Error) -> ApiError {
    ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string())
}

fn is_over(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= LIFETIME
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

fn parse(locator: &str) -> Option<(&str, usize)> {
    let (id, offset) = locator.split_once('-')?;
    let id_is_one = id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let offset_is_one = !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_digit());
    (id_is_one && offset_is_one).then_some((id, offset.parse().ok()?))
}

fn invalid(reason: &str) -> ApiError {
    ApiError::bad_request("INVALID_QUERY_LOCATOR", format!("invalid query locator: {reason}"))
}

/// How many values a record has, those of parents and children too.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests;

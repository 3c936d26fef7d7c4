//! Query locators: the rows of a result that did not fit on the pages sent so far.
//!
//! Source: REST API Developer Guide, "Query", "Query More Results".

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

/// A page as the client sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<R> {
    total_size: u64,
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
    open: HashMap<String, Open>,
    by_age: VecDeque<String>,
    held_rows: usize,
}

#[derive(Debug)]
struct Open {
    user_id: String,
    since: Timestamp,
    total_size: u64,
    /// The position in the whole result of the first row held.
    first: usize,
    rows: Arc<[Box<RawValue>]>,
    /// The most rows of a page, for a child sub-query.
    page_limit: Option<usize>,
}

impl Locators {
    /// Cuts a whole result, and the child results in it, into first pages, and holds the rest.
    pub(crate) fn first_page(
        &mut self,
        mut records: Vec<Value>,
        total_size: u64,
        batch_size: usize,
        reader: Reader<'_>,
    ) -> Result<Page<Value>, ApiError> {
        for children in records.iter_mut().filter_map(Value::as_object_mut).flat_map(|record| record.values_mut()) {
            self.cut_children(children, reader)?;
        }
        let rest = records.split_off(batch_size.min(records.len()));
        let next_records_url = self.hold(&rest, total_size, batch_size, None, reader)?;
        Ok(Page { total_size, done: next_records_url.is_none(), next_records_url, records })
    }

    /// The page that a locator with an offset, as in `0r8xx5R2sM3DgWhASK-2000`, stands for.
    pub(crate) fn next_page(
        &self,
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
        let size = batch_size.min(open.page_limit.unwrap_or(batch_size)).min(rows.len());
        let records: Vec<Box<RawValue>> = rows.iter().take(size).cloned().collect();
        let done = size == rows.len();
        let next_records_url = (!done).then(|| reader.url(id, offset + size));
        Ok(Page { total_size: open.total_size, done, next_records_url, records })
    }

    /// Makes all locators as old as they can get.
    pub(crate) fn expire(&mut self) {
        for open in self.open.values_mut() {
            open.since = Timestamp::MIN;
        }
    }

    /// Cuts one child result, if the value is one. A parent record is none: it has `attributes` and no `records`.
    fn cut_children(&mut self, value: &mut Value, reader: Reader<'_>) -> Result<(), ApiError> {
        let Some(children) = value.as_object_mut().filter(|children| children.contains_key("totalSize")) else {
            return Ok(());
        };
        let Some(records) = children.get_mut("records").and_then(Value::as_array_mut) else { return Ok(()) };
        let rest = records.split_off(CHILD_PAGE.min(records.len()));
        let total = (records.len() + rest.len()) as u64;
        if let Some(url) = self.hold(&rest, total, CHILD_PAGE, Some(CHILD_PAGE), reader)? {
            children.insert("done".to_owned(), json!(false));
            children.insert("nextRecordsUrl".to_owned(), json!(url));
        }
        Ok(())
    }

    /// Holds the rows after the first `first` and answers where they can be had; nothing when there are none.
    fn hold(
        &mut self,
        rest: &[Value],
        total_size: u64,
        first: usize,
        page_limit: Option<usize>,
        reader: Reader<'_>,
    ) -> Result<Option<String>, ApiError> {
        if rest.is_empty() {
            return Ok(None);
        }
        let rows: Result<Arc<[_]>, _> = rest.iter().map(to_raw_value).collect();
        let rows = rows.map_err(|error| ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string()))?;
        let id = format!("0r8xx{}", random::base62(13));
        self.held_rows += rows.len();
        let user_id = reader.user_id.to_owned();
        self.open.insert(id.clone(), Open { user_id, since: reader.now, total_size, first, rows, page_limit });
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
mod tests {
    use super::*;

    fn reader(user_id: &str) -> Reader<'_> {
        Reader { user_id, version: "v67.0", now: "2026-06-15T12:00:00Z".parse().unwrap() }
    }

    fn rows(count: usize) -> Vec<Value> {
        (0..count).map(|number| json!({"n": number})).collect()
    }

    fn locator<R>(page: &Page<R>) -> &str {
        page.next_records_url.as_deref().unwrap().strip_prefix("/services/data/v67.0/query/").unwrap()
    }

    #[test]
    fn every_row_comes_once_and_in_order() {
        let mut locators = Locators::default();
        let first = locators.first_page(rows(4500), 4500, 2000, reader("u")).unwrap();
        let second = locators.next_page(locator(&first), 2000, reader("u")).unwrap();
        let third = locators.next_page(locator(&second), 2000, reader("u")).unwrap();
        assert!(locator(&first).ends_with("-2000") && locator(&second).ends_with("-4000"));
        assert!(!first.done && !second.done && third.done);
        assert_eq!((first.records.len(), second.records.len(), third.records.len()), (2000, 2000, 500));
        assert_eq!(second.records[0].get(), "{\"n\":2000}");
        assert_eq!(third.records[499].get(), "{\"n\":4499}");
        assert_eq!(third.total_size, 4500);
    }

    #[test]
    fn a_page_can_be_read_again() {
        let mut locators = Locators::default();
        let first = locators.first_page(rows(300), 300, 200, reader("u")).unwrap();
        for _ in 0..2 {
            assert_eq!(locators.next_page(locator(&first), 200, reader("u")).unwrap().records.len(), 100);
        }
    }

    #[test]
    fn a_result_that_fits_needs_no_locator() {
        let page = Locators::default().first_page(rows(200), 200, 200, reader("u")).unwrap();
        assert!(page.done && page.next_records_url.is_none());
    }

    #[test]
    fn a_large_child_result_is_cut_into_pages_of_its_own() {
        let mut locators = Locators::default();
        let child = json!({"totalSize": 450, "done": true, "records": rows(450)});
        let record = json!({"attributes": {}, "Contacts": child, "Owner": {"attributes": {}}});
        let page = locators.first_page(vec![record], 1, 2000, reader("u")).unwrap();
        let child = &page.records[0]["Contacts"];
        assert_eq!(child["records"].as_array().unwrap().len(), CHILD_PAGE);
        assert_eq!(child["done"], false);
        let url = child["nextRecordsUrl"].as_str().unwrap();
        let next = locators.next_page(url.rsplit('/').next().unwrap(), 2000, reader("u")).unwrap();
        assert_eq!((next.records.len(), next.done, next.total_size), (CHILD_PAGE, false, 450));
    }

    #[test]
    fn bad_locators_say_why() {
        let mut locators = Locators::default();
        let first = locators.first_page(rows(300), 300, 200, reader("u")).unwrap();
        let reason = |locators: &Locators, locator: &str, reader| {
            let error = locators.next_page(locator, 200, reader).unwrap_err();
            assert_eq!((error.status, error.code), (400, "INVALID_QUERY_LOCATOR"));
            error.message.rsplit(": ").next().unwrap().to_owned()
        };
        let locator = locator(&first);
        assert_eq!(reason(&locators, "nonsense", reader("u")), "INVALID_QUERY_LOCATOR_FORMAT");
        assert_eq!(reason(&locators, &locator.replace("-200", "-300"), reader("u")), "QUERY_LOCATOR_NOT_FOUND");
        assert_eq!(reason(&locators, locator, reader("other")), "QUERY_LOCATOR_NOT_FOUND");
        let late = Reader { now: reader("u").now + LIFETIME, ..reader("u") };
        assert_eq!(reason(&locators, locator, late), "QUERY_LOCATOR_EXPIRED");
        locators.expire();
        assert_eq!(reason(&locators, locator, reader("u")), "QUERY_LOCATOR_EXPIRED");
    }

    #[test]
    fn the_oldest_locators_go_when_there_are_too_many_rows() {
        let mut locators = Locators::default();
        let first = locators.first_page(rows(300), 300, 200, reader("u")).unwrap();
        locators.first_page(rows(HELD_ROWS + 200), 1, 200, reader("u")).unwrap();
        assert!(locators.next_page(locator(&first), 200, reader("u")).is_err());
        assert_eq!(locators.held_rows, HELD_ROWS);
    }
}

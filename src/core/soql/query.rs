//! Running a query, and following its pages.

use super::batch_size::BatchSize;
use super::bind::{Parameter, bind};
use super::cursor::Cursor;
use super::page::{Page, beyond};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::encoding::form;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response, Transport};
use crate::core::json::{Object, required};
use crate::core::send::{Repeat, send};

/// A query, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    soql: String,
    include_deleted: bool,
    batch_size: Option<BatchSize>,
    max_records: Option<u32>,
}

impl Query {
    /// Binds the parameters and checks the options. See `query` in `wit/soql.wit`.
    pub fn parse(
        soql: &str,
        parameters: &[Parameter],
        include_deleted: bool,
        batch_size: Option<u16>,
        max_records: Option<u32>,
    ) -> Result<Self> {
        let batch_size = batch_size.map(BatchSize::parse).transpose()?;
        if max_records == Some(0) {
            return Err(Error::invalid_argument("max-records", "at least 1"));
        }
        if soql.trim_ascii().is_empty() {
            return Err(Error::invalid_argument("soql", "a query such as SELECT Id FROM Account"));
        }
        Ok(Self { soql: bind(soql, parameters)?, include_deleted, batch_size, max_records })
    }

    /// A query that is whole already.
    pub(in crate::core) fn of(soql: String, include_deleted: bool) -> Self {
        Self { soql, include_deleted, batch_size: None, max_records: None }
    }

    /// The query with its values.
    pub(in crate::core) fn soql(&self) -> &str {
        &self.soql
    }

    /// Whether deleted and archived records are among those that it finds.
    pub(in crate::core) fn includes_deleted(&self) -> bool {
        self.include_deleted
    }

    /// The request for its first page.
    pub(super) fn request<'a>(&self, connection: &'a Connection) -> Request<'a> {
        let extra_headers = BatchSize::headers(self.batch_size);
        Request { extra_headers, ..Request::get(connection, &self.path()) }
    }

    /// How many records a page should hold.
    pub(super) fn batch_size(&self) -> Option<BatchSize> {
        self.batch_size
    }

    /// Where its first page is, behind the API version.
    pub(in crate::core) fn path(&self) -> String {
        let resource = if self.include_deleted { "/queryAll" } else { "/query" };
        format!("{resource}?{}", form(&[("q", &self.soql)]))
    }

    /// `SELECT COUNT() FROM ...` answers in `totalSize` and has no records.
    fn is_count(&self) -> bool {
        let letters = self.soql.bytes().filter(|byte| !byte.is_ascii_whitespace());
        letters.map(|byte| byte.to_ascii_lowercase()).take(13).eq(*b"selectcount()")
    }
}

/// Runs a query and follows its pages as far as `max_records` and `max_response_bytes` allow.
pub fn soql_query(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    options: &CallOptions,
) -> Result<Page> {
    let (mut page, _) = first_page(transport, connection, query, options)?;
    follow(transport, connection, query, &mut page, options)?;
    Ok(page)
}

/// The first page of a query, and the answer that it came in, of which the body is taken.
pub(in crate::core) fn first_page(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    options: &CallOptions,
) -> Result<(Page, Response)> {
    let mut response = send(transport, &query.request(connection), Repeat::Safe, options)?;
    read_first_page(&mut response, query).map(|page| (page, response))
}

/// The first page of a query, out of its answer.
pub(in crate::core) fn read_first_page(response: &mut Response, query: &Query) -> Result<Page> {
    let page = read_page(response, query.batch_size)?;
    check_first_page(&page, query).map(|()| page).map_err(|error| error.with_answer(response))
}

/// The first page of a result is neither longer than the whole of it is said to be, nor ends before.
pub(super) fn check_first_page(page: &Page, query: &Query) -> Result<()> {
    let is_count = page.count == 0 && page.next.is_none() && query.is_count();
    match page.total_size {
        None if is_count => Err(Error::invalid_response("the number of records is missing")),
        Some(_) if is_count => Ok(()),
        total_size => check_total(page.count.into(), page, total_size),
    }
}

/// The page behind a cursor.
pub fn next_page(
    transport: &mut dyn Transport,
    connection: &Connection,
    cursor: &Cursor,
    options: &CallOptions,
) -> Result<Page> {
    let page = fetch(transport, connection, cursor, options)?;
    if page.next.as_ref() == Some(cursor) {
        return Err(loops());
    }
    Ok(page)
}

/// Salesforce's plans for a query, as JSON text.
pub fn explain(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    options: &CallOptions,
) -> Result<String> {
    let request = Request::get(connection, &format!("/query?{}", form(&[("explain", &query.soql)])));
    let response = send(transport, &request, Repeat::Safe, options)?;
    Object::parse(&response.body, "query plans")
        .and_then(|answer| required("plans", answer.list("plans")?))
        .map(|plans| plans.as_str().into())
        .map_err(|error| error.with_answer(&response))
}

/// Appends following pages while all records together stay within `max_records`. A page that cannot be fetched stays
/// behind `next`: nothing is lost, and the caller who asks for it learns why. A page with cut children is the last, for
/// fetching one after it would end the children's cursors.
fn follow(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    page: &mut Page,
    options: &CallOptions,
) -> Result<()> {
    let max_records = u64::from(query.max_records.unwrap_or(0));
    let (page_size, page_bytes) = (u64::from(page.count), page.records.len());
    let mut visited: Vec<Cursor> = Vec::new();
    while let Some(cursor) = page.next.clone().filter(|_| page.children.is_empty()) {
        if visited.contains(&cursor) {
            return Err(loops());
        }
        let count = u64::from(page.count);
        let left = page.total_size.map_or(page_size, |total_size| total_size.saturating_sub(count));
        let expected = page_size.min(left).max(1);
        let bytes = page.records.len() as u64 + page_bytes as u64;
        if count + expected > max_records || bytes > options.max_response_bytes {
            return Ok(());
        }
        let Ok(following) = fetch(transport, connection, &cursor, options) else {
            return Ok(());
        };
        let count = count + u64::from(following.count);
        check_total(count, &following, page.total_size)?;
        if following.count == 0 || count > max_records {
            return Ok(());
        }
        visited.push(cursor);
        page.append(following);
    }
    Ok(())
}

/// A result with so many records until now, this page the last of them, is neither longer than Salesforce said, nor ends before, and
/// the page says the same.
pub(super) fn check_total(count: u64, page: &Page, total_size: Option<u64>) -> Result<()> {
    match total_size {
        Some(total_size) if page.total_size.is_some_and(|told| told != total_size) => Err(Error::invalid_response(
            format!("the result was said to have {total_size} records, and a page of it says another number"),
        )),
        Some(total_size) if count > total_size => Err(beyond(count, total_size)),
        Some(total_size) if count < total_size && page.next.is_none() => {
            Err(Error::invalid_response(format!("the result has {total_size} records, but only {count} came")))
        }
        _ => Ok(()),
    }
}

fn fetch(
    transport: &mut dyn Transport,
    connection: &Connection,
    cursor: &Cursor,
    options: &CallOptions,
) -> Result<Page> {
    read_page(&mut send(transport, &cursor.request(connection), Repeat::Safe, options)?, cursor.batch_size())
}

/// Takes the body out of the response, which is told apart from it if it cannot be read.
fn read_page(response: &mut Response, batch_size: Option<BatchSize>) -> Result<Page> {
    let usage = ApiUsage::of(response);
    Page::read(std::mem::take(&mut response.body), batch_size, usage).map_err(|error| error.with_answer(response))
}

pub(super) fn loops() -> Box<Error> {
    Error::invalid_response("the pages of the result lead in a circle")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    fn connection() -> Connection {
        Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
    }

    fn options() -> CallOptions {
        CallOptions::parse(None, None, Some(1)).unwrap()
    }

    fn result(total: u32, records: u32, next: Option<&str>) -> std::result::Result<Response, Failure> {
        let records = vec!["{}"; records as usize].join(",");
        let next = next
            .map_or(String::new(), |locator| format!(r#""nextRecordsUrl":"/services/data/v67.0/query/{locator}","#));
        let done = next.is_empty();
        Ok(answer(200, &format!(r#"{{"totalSize":{total},"done":{done},{next}"records":[{records}]}}"#)))
    }

    fn run(script: &mut Script, soql: &str, max_records: Option<u32>) -> Result<Page> {
        let query = Query::parse(soql, &[], false, None, max_records)?;
        soql_query(script, &connection(), &query, &options())
    }

    #[test]
    fn a_query_goes_to_its_resource_with_its_header() {
        let mut script = Script::new([result(0, 0, None)]);
        let query =
            Query::parse("SELECT Id FROM A WHERE D > 2026-01-01T00:00:00+01:00", &[], true, Some(200), None).unwrap();
        let page = soql_query(&mut script, &connection(), &query, &options()).unwrap();
        assert_eq!(
            script.requests[0].1,
            "https://example.my.salesforce.com/services/data/v67.0/queryAll?q=SELECT+Id+FROM+A+WHERE+D+%3E+2026-01-01T00:00:00%2B01:00"
        );
        assert!(script.headers[0].contains(&("sforce-query-options", b"batchSize=200".to_vec())));
        assert_eq!(page.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
    }

    #[test]
    fn without_a_cap_one_page_is_fetched() {
        let mut script = Script::new([result(5, 2, Some("a-2"))]);
        let page = run(&mut script, "SELECT Id FROM A", None).unwrap();
        assert_eq!((page.count, page.next.unwrap().text().as_str()), (2, "/services/data/v67.0/query/a-2"));
    }

    #[test]
    fn pages_are_followed_within_the_cap_and_what_is_left_has_a_cursor() {
        let pages = || [result(5, 2, Some("a-2")), result(5, 2, Some("a-4")), result(5, 1, None)];
        for (cap, count, sent) in [(1, 2, 1), (3, 2, 1), (4, 4, 2), (5, 5, 3), (100, 5, 3)] {
            let mut script = Script::new(pages());
            let page = run(&mut script, "SELECT Id FROM A", Some(cap)).unwrap();
            assert_eq!((page.count, page.next.is_none(), script.sent()), (count, count == 5, sent), "cap {cap}");
        }
    }

    #[test]
    fn endless_fresh_locators_are_ended_by_the_cap() {
        let mut script = Script::new([result(99, 2, Some("a")), result(99, 2, Some("b")), result(99, 2, Some("c"))]);
        let page = run(&mut script, "SELECT Id FROM A", Some(6)).unwrap();
        assert_eq!((page.count, page.next.unwrap().text().as_str()), (6, "/services/data/v67.0/query/c"));
        let mut script = Script::new([result(99, 2, Some("a")), result(99, 0, Some("b"))]);
        let page = run(&mut script, "SELECT Id FROM A", Some(50)).unwrap();
        assert_eq!(
            (page.count, page.next.unwrap().text().as_str()),
            (2, "/services/data/v67.0/query/a"),
            "an empty page"
        );
    }

    #[test]
    fn a_circle_is_an_error_at_the_repeat() {
        for locators in [["a", "a", "a"], ["a", "b", "a"]] {
            let mut script = Script::new(locators.map(|locator| result(99, 2, Some(locator))));
            let error = run(&mut script, "SELECT Id FROM A", Some(50)).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidResponse);
        }
        let cursor = Cursor::parse("/services/data/v67.0/query/a").unwrap();
        let mut script = Script::new([result(99, 2, Some("a"))]);
        assert!(next_page(&mut script, &connection(), &cursor, &options()).is_err());
    }

    #[test]
    fn a_page_that_fails_stays_behind_the_cursor() {
        let mut script = Script::new([result(5, 2, Some("a-2")), Err(Failure::Interrupted)]);
        let page = run(&mut script, "SELECT Id FROM A", Some(50)).unwrap();
        assert_eq!((page.count, page.next.unwrap().text().as_str()), (2, "/services/data/v67.0/query/a-2"));
    }

    #[test]
    fn a_result_that_is_silently_short_is_an_error() {
        let error = run(&mut Script::new([result(5, 2, None)]), "SELECT Id FROM A", None).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
        assert!(run(&mut Script::new([result(5, 0, None)]), "SELECT Id FROM A", None).is_err());
        assert_eq!(
            run(&mut Script::new([result(5, 0, None)]), " select\nCount ( ) FROM A", None).unwrap().total_size,
            Some(5)
        );
    }

    #[test]
    fn f104_joined_pages_end_neither_before_nor_beyond_the_total() {
        for pages in [
            [result(5, 2, Some("a-2")), result(5, 1, None)],
            [result(5, 2, Some("a-2")), result(5, 0, None)],
            [result(3, 2, Some("a-2")), result(3, 2, None)],
            [result(3, 2, Some("a-2")), result(3, 2, Some("a-4"))],
        ] {
            let error = run(&mut Script::new(pages), "SELECT Id FROM A", Some(50)).unwrap_err();
            assert_eq!((error.kind, error.retryable), (ErrorKind::InvalidResponse, false), "{}", error.message);
        }
    }

    #[test]
    fn f97_pages_of_an_unknown_total_are_joined() {
        let page = |next: &str| {
            Ok(answer(200, &format!(r#"{{"totalSize":-1,"done":{},{next}"records":[{{}},{{}}]}}"#, next.is_empty())))
        };
        let more = r#""nextRecordsUrl":"/services/data/v67.0/query/a-2","#;
        let all = run(&mut Script::new([page(more), page("")]), "SELECT Id FROM A__b", Some(4)).unwrap();
        assert_eq!((all.count, all.total_size, all.next), (4, None, None));
        let first = run(&mut Script::new([page(more)]), "SELECT Id FROM A__b", Some(3)).unwrap();
        assert_eq!((first.count, first.next.is_some()), (2, true));
        let count = answer(200, r#"{"totalSize":-1,"done":true,"records":[]}"#);
        assert!(run(&mut Script::new([Ok(count)]), "SELECT COUNT() FROM A__b", None).is_err());
    }

    #[test]
    fn a_page_with_cut_children_is_the_last_that_is_joined() {
        let child = r#"{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/c-1","records":[{}]}"#;
        let page = format!(
            r#"{{"totalSize":5,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/a-2","records":[{{"C":{child}}}]}}"#
        );
        let mut script = Script::new([Ok(answer(200, &page))]);
        let first = run(&mut script, "SELECT Id, (SELECT Id FROM C) FROM A", Some(50)).unwrap();
        assert_eq!((first.count, first.children.len(), first.next.is_some(), script.sent()), (1, 1, true, 1));
    }

    #[test]
    fn f111_following_pages_are_asked_for_with_the_batch_size() {
        let wish = ("sforce-query-options", b"batchSize=200".to_vec());
        let query = Query::parse("SELECT Id FROM A", &[], false, Some(200), Some(4)).unwrap();
        let mut script = Script::new([result(6, 2, Some("a-2")), result(6, 2, Some("a-4")), result(6, 2, None)]);
        let joined = soql_query(&mut script, &connection(), &query, &options()).unwrap();
        let cursor = Cursor::parse(&joined.next.unwrap().text()).unwrap();
        next_page(&mut script, &connection(), &cursor, &options()).unwrap();
        assert!(script.headers.iter().all(|headers| headers.contains(&wish)));
        assert!(script.requests[2].1.ends_with("/query/a-4"));
    }

    #[test]
    fn plans_are_handed_on() {
        let mut script = Script::new([Ok(answer(200, r#"{"plans":[{"relativeCost":0.50}],"sourceQuery":"x"}"#))]);
        let query = Query::parse("SELECT Id FROM A", &[], false, None, None).unwrap();
        assert_eq!(explain(&mut script, &connection(), &query, &options()).unwrap(), r#"[{"relativeCost":0.50}]"#);
        assert!(script.requests[0].1.ends_with("/query?explain=SELECT+Id+FROM+A"));
    }

    #[test]
    fn options_out_of_range_are_refused() {
        for query in [
            Query::parse("SELECT Id FROM A", &[], false, Some(199), None),
            Query::parse("SELECT Id FROM A", &[], false, Some(2001), None),
            Query::parse("SELECT Id FROM A", &[], false, None, Some(0)),
            Query::parse(" ", &[], false, None, None),
        ] {
            assert_eq!(query.unwrap_err().kind, ErrorKind::InvalidArgument);
        }
    }
}

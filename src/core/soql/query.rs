//! Running a query, and following its pages.

use super::bind::{Parameter, bind};
use super::cursor::Cursor;
use super::page::Page;
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
    batch_size: Option<u16>,
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
        if batch_size.is_some_and(|size| !(200..=2000).contains(&size)) {
            return Err(Error::invalid_argument("batch-size", "200 to 2,000 records a page"));
        }
        if max_records == Some(0) {
            return Err(Error::invalid_argument("max-records", "at least 1"));
        }
        if soql.trim_ascii().is_empty() {
            return Err(Error::invalid_argument("soql", "a query such as SELECT Id FROM Account"));
        }
        Ok(Self { soql: bind(soql, parameters)?, include_deleted, batch_size, max_records })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        self.batch_size.map(|size| ("sforce-query-options", format!("batchSize={size}"))).into_iter().collect()
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
    let resource = if query.include_deleted { "/queryAll" } else { "/query" };
    let mut request = Request::get(connection, &format!("{resource}?{}", form(&[("q", &query.soql)])));
    request.extra_headers = query.headers();
    let mut response = send(transport, &request, Repeat::Safe, options)?;
    let mut page = read_page(&mut response)?;
    if page.next.is_none() && u64::from(page.count) != page.total_size && !(page.count == 0 && query.is_count()) {
        return Err(Error::invalid_response(format!(
            "the result has {} records, but only {} came",
            page.total_size, page.count
        ))
        .with_answer(&response));
    }
    follow(transport, connection, query, &mut page, options)?;
    Ok(page)
}

/// The page behind a cursor.
pub fn next_page(
    transport: &mut dyn Transport,
    connection: &Connection,
    cursor: &Cursor,
    options: &CallOptions,
) -> Result<Page> {
    let page = fetch(transport, connection, cursor, Vec::new(), options)?;
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
/// behind `next`: nothing is lost, and the caller who asks for it learns why.
fn follow(
    transport: &mut dyn Transport,
    connection: &Connection,
    query: &Query,
    page: &mut Page,
    options: &CallOptions,
) -> Result<()> {
    let max_records = query.max_records.unwrap_or(0);
    let (page_size, page_bytes) = (page.count, page.records.len());
    let mut visited: Vec<Cursor> = Vec::new();
    while let Some(cursor) = page.next.clone() {
        if visited.contains(&cursor) {
            return Err(loops());
        }
        let left = page.total_size.saturating_sub(u64::from(page.count));
        let expected = u64::from(page_size).min(left).max(1);
        let bytes = page.records.len() as u64 + page_bytes as u64;
        if u64::from(page.count) + expected > u64::from(max_records) || bytes > options.max_response_bytes {
            return Ok(());
        }
        match fetch(transport, connection, &cursor, query.headers(), options) {
            Ok(following)
                if following.count > 0
                    && u64::from(page.count) + u64::from(following.count) <= u64::from(max_records) =>
            {
                visited.push(cursor);
                page.append(following);
            }
            _ => return Ok(()),
        }
    }
    Ok(())
}

fn fetch(
    transport: &mut dyn Transport,
    connection: &Connection,
    cursor: &Cursor,
    extra_headers: Vec<(&'static str, String)>,
    options: &CallOptions,
) -> Result<Page> {
    let request = Request { path_and_query: cursor.path().into(), extra_headers, ..Request::get(connection, "") };
    read_page(&mut send(transport, &request, Repeat::Safe, options)?)
}

/// Takes the body out of the response, which is told apart from it if it cannot be read.
fn read_page(response: &mut Response) -> Result<Page> {
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    Page::read(std::mem::take(&mut response.body), usage).map_err(|error| error.with_answer(response))
}

fn loops() -> Box<Error> {
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
        assert_eq!((page.count, page.next.unwrap().as_str()), (2, "/services/data/v67.0/query/a-2"));
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
        assert_eq!((page.count, page.next.unwrap().as_str()), (6, "/services/data/v67.0/query/c"));
        let mut script = Script::new([result(99, 2, Some("a")), result(99, 0, Some("b"))]);
        let page = run(&mut script, "SELECT Id FROM A", Some(50)).unwrap();
        assert_eq!((page.count, page.next.unwrap().as_str()), (2, "/services/data/v67.0/query/a"), "an empty page");
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
        assert_eq!((page.count, page.next.unwrap().as_str()), (2, "/services/data/v67.0/query/a-2"));
    }

    #[test]
    fn a_result_that_is_silently_short_is_an_error() {
        let error = run(&mut Script::new([result(5, 2, None)]), "SELECT Id FROM A", None).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)));
        assert!(run(&mut Script::new([result(5, 0, None)]), "SELECT Id FROM A", None).is_err());
        assert_eq!(
            run(&mut Script::new([result(5, 0, None)]), " select\nCount ( ) FROM A", None).unwrap().total_size,
            5
        );
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

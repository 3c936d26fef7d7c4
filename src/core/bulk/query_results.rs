//! The results of a query job, page by page.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/query_get_job_results.htm>

use super::csv::{self, Table};
use super::cursor::{Header, ResultsCursor};
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Request, Response, Transport};
use crate::core::json::required;
use crate::core::send::{Repeat, send};
use crate::core::text::cut;

/// A page of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryResults {
    /// The rows, on the first page behind a header.
    pub csv: String,
    /// How many rows there are.
    pub count: u64,
    /// The next page.
    pub next: Option<ResultsCursor>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// Reads a page, in the API version of its job.
pub fn get_query_results(
    transport: &mut dyn Transport,
    connection: &Connection,
    cursor: &ResultsCursor,
    max_records: Option<u32>,
    options: &CallOptions,
) -> Result<QueryResults> {
    if max_records == Some(0) {
        return Err(Error::invalid_argument("max-records", "at least 1"));
    }
    let response = get(transport, request(connection, cursor, max_records), options).map_err(too_large);
    let mut response = response?;
    read(&mut response, cursor).map_err(|error| error.with_answer(&response))
}

/// The request for a page.
pub(super) fn request<'a>(connection: &'a Connection, cursor: &ResultsCursor, max_records: Option<u32>) -> Request<'a> {
    Request { path_and_query: cursor.path_and_query(max_records), accept: csv::TYPE, ..Request::get(connection, "") }
}

/// What to do about a page that is too large.
pub(super) fn too_large(error: Box<Error>) -> Box<Error> {
    error.if_too_large("; a smaller max-records makes the page smaller")
}

/// Asks for CSV. What is not there yet, or not in this version, is told as the state of the job.
pub(super) fn get(transport: &mut dyn Transport, request: Request<'_>, options: &CallOptions) -> Result<Response> {
    let request = Request { accept: csv::TYPE, ..request };
    let response = send(transport, &request, Repeat::Safe, options).map_err(of_state)?;
    check_there(&response)?;
    Ok(response)
}

/// Refusals that are about the state of the job.
pub(super) fn of_state(mut error: Box<Error>) -> Box<Error> {
    let is_open = error.kind == ErrorKind::Rejected && error.status == Some(400);
    let is_of_another_version = error.status == Some(409);
    if is_open || is_of_another_version {
        (error.kind, error.outcome) = (ErrorKind::WrongState, Outcome::Rejected);
    }
    if is_of_another_version {
        error.message += "; results are read with the API version that their job was made with";
    }
    error
}

/// An answer without content is one without results.
pub(super) fn check_there(response: &Response) -> Result<()> {
    if response.status == 204 {
        let message = "the job has no results yet: get the job until its state is job-complete";
        return Err(Error::new(ErrorKind::WrongState, Outcome::Rejected, message).with_answer(response));
    }
    Ok(())
}

/// A page whose rows are as many as it says, and have as many cells each, behind the header of all pages or, which a later page may do,
/// without one.
pub(super) fn read(response: &mut Response, cursor: &ResultsCursor) -> Result<QueryResults> {
    let usage = ApiUsage::of(response);
    // A proxy that takes them away must not make a page the last one, or a part of a page the whole.
    let locator = required("Sforce-Locator", response.header("sforce-locator"))?.to_string();
    let count = response.header("sforce-numberofrecords").and_then(|number| number.parse::<u64>().ok());
    let count = required("Sforce-NumberOfRecords, a whole number", count)?;
    let mut csv = csv::take(response)?;
    let Table { records, columns } = Table::of(&csv)?;
    let mut header = cursor.header();
    if records.count == count.saturating_add(1) {
        let told = Header::of(csv.get(..records.first_end).unwrap_or_default(), columns);
        check(header.is_none_or(|header| header == told))?;
        header = Some(told);
        if !cursor.is_first() {
            let rows = records.first_end..csv.len();
            cut(&mut csv, rows);
        }
    } else if records.count != count || count > 0 && cursor.is_first() {
        let (count, came) = (count.to_string(), records.count.to_string());
        let message = ["expected a header and ", &count, " rows, but ", &came, " records came"];
        return Err(Error::invalid_response(message.concat()));
    } else {
        check(count == 0 || header.is_none_or(|header| header.columns == columns))?;
    }
    let next = cursor.next(&locator, header)?;
    if next.is_some() && header.is_none() && cursor.is_first() {
        return Err(Error::invalid_response("expected a header row on the first page, but it has none"));
    }
    Ok(QueryResults { csv, count, next, usage })
}

/// Whether a page has the columns of those before it.
fn check(has_same_columns: bool) -> Result<()> {
    let other = || Error::invalid_response("expected the columns of the pages before, but this page has others");
    if has_same_columns { Ok(()) } else { Err(other()) }
}

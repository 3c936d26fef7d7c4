//! All pages of a query job's results, one after the other: what to ask for, and what the answers mean. Sends nothing, so that a
//! shell may send in its own way, and ask for a page while the one before is read.

use std::collections::BTreeSet;

use super::cursor::ResultsCursor;
use super::query_results::{check_there, of_state, read, request, too_large};
use crate::core::api_usage::ApiUsage;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response};

/// Pages without a row, one after the other: Salesforce may find nothing in a part of a large object, and somebody may make them up.
const MOST_EMPTY: u32 = 1_000;

/// Results on the way through their pages.
pub struct ResultPages {
    /// The page that comes next.
    next: Option<ResultsCursor>,
    max_records: Option<u32>,
    /// Cursors that led here.
    visited: BTreeSet<String>,
    /// Pages without a row, one after the other.
    empty: u32,
    summary: ResultSummary,
}

/// What is known of results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResultSummary {
    /// Rows on all pages that were read, without the header.
    pub count: u64,
    /// API usage of the last answer that told it.
    pub usage: Option<ApiUsage>,
}

impl ResultPages {
    /// Before the page of this cursor. `max_records` is how many rows a page has at most.
    pub fn from(cursor: ResultsCursor, max_records: Option<u32>) -> Result<Self> {
        if max_records == Some(0) {
            return Err(Error::invalid_argument("max-records", "at least 1"));
        }
        let visited = BTreeSet::from([cursor.text()]);
        Ok(Self { next: Some(cursor), max_records, visited, empty: 0, summary: ResultSummary::default() })
    }

    /// The request for the page that comes next, which may be repeated. None: the last one was read.
    pub fn request<'a>(&self, connection: &'a Connection) -> Option<Request<'a>> {
        self.next.as_ref().map(|cursor| request(connection, cursor, self.max_records))
    }

    /// The error of a request that gave no answer, as the caller is told.
    pub fn refused(error: Box<Error>) -> Box<Error> {
        too_large(of_state(error))
    }

    /// Reads the answer to that request, of which the body is taken: its rows, on the first page behind a header. Pages that are
    /// not whole, or lead in a circle, are errors.
    pub fn read(&mut self, response: &mut Response) -> Result<String> {
        let Some(cursor) = self.next.take() else { return Ok(String::new()) };
        check_there(response)?;
        let page = read(response, &cursor).map_err(|error| error.with_answer(response))?;
        if page.next.as_ref().is_some_and(|next| !self.visited.insert(next.text())) {
            return Err(Error::invalid_response("the pages of the results lead in a circle").with_answer(response));
        }
        self.empty = if page.count == 0 { self.empty + 1 } else { 0 };
        if page.next.is_some() && self.empty == MOST_EMPTY {
            return Err(Error::invalid_response("page after page came without a row").with_answer(response));
        }
        self.next = page.next;
        self.summary.count += page.count;
        self.summary.usage = page.usage.or(self.summary.usage);
        Ok(page.csv)
    }

    /// What is known until now: all of it, once there is no further page.
    pub fn summary(&self) -> ResultSummary {
        self.summary
    }
}

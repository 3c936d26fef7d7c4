//! A result that a host reads page by page: what the component sees to where it joins pages itself, the host sees to here.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome};

/// Pages without a record, one after the other, before they are taken for a circle that changes its cursors.
const MOST_EMPTY: u32 = 100;

/// The pages of one result, in their order: never more than its total, no end before it, and no way in a circle.
///
/// ```no_run
/// # use salesforce_actions::Walk;
/// # use salesforce_runtime::bindings::{soql::Query, types::{CallOptions, Connection}};
/// # use salesforce_runtime::{Connector, ExecutionError, egress::EgressPolicy};
/// # async fn all(
/// #     connector: Connector, policy: EgressPolicy, connection: Connection, query: Query, options: CallOptions,
/// # ) -> Result<(), ExecutionError> {
/// let mut walk = Walk::new("the result");
/// let mut page = connector.execution(policy.clone()).soql_query(&connection, &query, options).await?;
/// loop {
///     walk.step(&page)?;
///     println!("{}", page.records);
///     let Some(next) = page.next else { break };
///     page = connector.execution(policy.clone()).next_page(&connection, &next, options).await?;
/// }
/// walk.end()
/// # }
/// ```
#[derive(Debug)]
pub struct Walk {
    what: String,
    count: u64,
    total: Option<u64>,
    pages: u64,
    empty: u32,
    /// Hashes of the cursors, 8 bytes a page.
    visited: HashSet<u64>,
    hasher: RandomState,
}

impl Walk {
    /// From the first page on. `what` is told in errors, e.g. `the result`.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Walk {
        Walk::after(what, 0, None)
    }

    /// From the second page on: of a sub-query, whose first page was inside of a record.
    #[must_use]
    pub fn after(what: impl Into<String>, count: u32, total: Option<u64>) -> Walk {
        let (visited, hasher) = (HashSet::new(), RandomState::new());
        Walk { what: what.into(), count: count.into(), total, pages: 0, empty: 0, visited, hasher }
    }

    /// Takes the next page.
    ///
    /// # Errors
    /// With it there are more records than the whole result is said to have; or its cursor leads back.
    pub fn step(&mut self, page: &Page) -> Result<(), ExecutionError> {
        self.pages += 1;
        self.count += u64::from(page.count);
        if let (Some(total), Some(told)) = (self.total, page.total_size)
            && total != told
        {
            return Err(self.error(&format!("it was said to have {total} records, then {told}; run the query again")));
        }
        self.total = self.total.or(page.total_size);
        self.empty = if page.count == 0 { self.empty + 1 } else { 0 };
        if let Some(total) = self.total.filter(|total| self.count > *total) {
            return Err(self.error(&format!("{} records came of a total of {total}; run the query again", self.count)));
        }
        let leads_back = page.next.as_ref().is_some_and(|next| !self.visited.insert(self.hasher.hash_one(next)));
        if leads_back || self.empty > MOST_EMPTY {
            return Err(self.error("the pages lead in a circle"));
        }
        Ok(())
    }

    /// After the last page.
    ///
    /// # Errors
    /// The result ended before its total.
    pub fn end(&self) -> Result<(), ExecutionError> {
        // `SELECT COUNT()` has a total and no records; the component lets nothing else come so.
        let is_count = self.pages == 1 && self.count == 0;
        match self.total.filter(|total| self.count < *total && !is_count) {
            Some(total) => {
                Err(self
                    .error(&format!("the pages ended after {} of {total} records; run the query again", self.count)))
            }
            None => Ok(()),
        }
    }

    fn error(&self, why: &str) -> ExecutionError {
        ExecutionError::Connector(Error {
            kind: ErrorKind::InvalidResponse,
            outcome: Outcome::Unknown,
            retryable: false,
            retry_after_ms: None,
            message: format!("{}: {why}", self.what),
            status: None,
            problems: Vec::new(),
            detail: None,
            request_id: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: u32, total_size: Option<u64>, next: Option<&str>) -> Page {
        let (records, next) = ("[]".to_owned(), next.map(str::to_owned));
        Page { records, count, total_size, next, children: Vec::new(), usage: None }
    }

    fn walk(pages: &[Page]) -> Result<(), String> {
        let mut walk = Walk::new("the result");
        let steps = pages.iter().try_for_each(|page| walk.step(page)).and_then(|()| walk.end());
        steps.map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_result_ends_at_its_total() {
        assert_eq!(walk(&[page(2, Some(3), Some("a")), page(1, Some(3), None)]), Ok(()));
        assert_eq!(walk(&[page(2, None, Some("a")), page(0, None, Some("b")), page(1, None, None)]), Ok(()));
        assert_eq!(walk(&[page(0, Some(2086), None)]), Ok(()), "a count has no records");
    }

    #[test]
    fn a_result_that_is_short_or_too_long_is_an_error() {
        let short = walk(&[page(2, Some(5), Some("a")), page(1, Some(5), None)]);
        assert_eq!(short, Err("the result: the pages ended after 3 of 5 records; run the query again".to_owned()));
        let long = walk(&[page(2, Some(3), Some("a")), page(2, Some(3), None)]);
        assert_eq!(long, Err("the result: 4 records came of a total of 3; run the query again".to_owned()));
        assert!(walk(&[page(0, Some(5), Some("a")), page(0, Some(5), None)]).is_err());
    }

    #[test]
    fn pages_in_a_circle_end_wherever_it_closes() {
        for cursors in [["a", "a", "a", "a"], ["a", "b", "a", "b"], ["a", "b", "c", "a"]] {
            let pages = cursors.map(|next| page(1, None, Some(next)));
            assert_eq!(walk(&pages), Err("the result: the pages lead in a circle".to_owned()));
        }
        let empty: Vec<_> = (0..200).map(|number| page(0, None, Some(&number.to_string()))).collect();
        assert!(walk(&empty).is_err());
    }

    #[test]
    fn rows_of_a_sub_query_count_from_those_in_the_record() {
        let mut rest = Walk::after("Contacts", 2, Some(3));
        assert!(rest.step(&page(1, Some(3), None)).and_then(|()| rest.end()).is_ok());
        assert!(Walk::after("Contacts", 2, Some(3)).end().is_err());
        assert!(Walk::after("Contacts", 2, Some(3)).step(&page(2, Some(3), None)).is_err());
    }
}

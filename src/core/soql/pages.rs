//! All pages of a query, one after the other: what to ask for, and what the answers mean. Sends nothing, so that a shell may
//! send in its own way, and ask for a page while the one before is read.

use std::collections::BTreeSet;
use std::ops::Range;

use super::cursor::Cursor;
use super::page::Page;
use super::query::{Query, check_first_page, check_total, loops};
use crate::core::api_usage::ApiUsage;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Request, Response};

/// A query on its way through its pages.
pub struct Pages {
    query: Query,
    step: Step,
    /// Cursors that led here.
    visited: BTreeSet<String>,
    summary: Summary,
}

enum Step {
    First,
    Next(Cursor),
    Done,
}

/// What is known of a query's result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records on all pages that were read.
    pub count: u64,
    /// How many the whole query has, if Salesforce knows.
    pub total_size: Option<u64>,
    /// Child sub-queries whose rows are not all in their record.
    pub cut_children: u64,
    /// API usage of the last answer that told it.
    pub usage: Option<ApiUsage>,
}

/// The records of one page. No `Debug`: they are people's data.
#[derive(Default)]
pub struct Records {
    text: String,
    places: Vec<Range<usize>>,
}

impl Pages {
    /// Before its first page.
    pub fn of(query: Query) -> Self {
        Self { query, step: Step::First, visited: BTreeSet::new(), summary: Summary::default() }
    }

    /// The request for the page that comes next, which may be repeated. None: the last one was read.
    pub fn request<'a>(&self, connection: &'a Connection) -> Option<Request<'a>> {
        match &self.step {
            Step::First => Some(self.query.request(connection)),
            Step::Next(cursor) => Some(cursor.request(connection)),
            Step::Done => None,
        }
    }

    /// Reads the answer to that request, of which the body is taken. Pages that lead in a circle, or end before or beyond the
    /// total, are errors: a result is never silently short.
    pub fn read(&mut self, response: &mut Response) -> Result<Records> {
        self.read_page(response).map_err(|error| error.with_answer(response))
    }

    /// What is known until now: all of it, once there is no further page.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    fn read_page(&mut self, response: &mut Response) -> Result<Records> {
        let (usage, body) = (ApiUsage::of(response), std::mem::take(&mut response.body));
        let (page, places) = Page::read_records(body, self.query.batch_size(), usage)?;
        let count = self.summary.count + u64::from(page.count);
        if let Step::First = self.step {
            check_first_page(&page, &self.query)?;
            self.summary.total_size = page.total_size;
        } else {
            check_total(count, &page, self.summary.total_size)?;
            // Nothing else would end pages without records whose total is not known.
            if page.count == 0 && page.next.is_some() {
                return Err(Error::invalid_response("a page that is not the last has no records"));
            }
        }
        self.step = match page.next {
            None => Step::Done,
            Some(cursor) if self.visited.insert(cursor.text()) => Step::Next(cursor),
            Some(_) => return Err(loops()),
        };
        self.summary.count = count;
        self.summary.cut_children += page.children.len() as u64;
        self.summary.usage = page.usage.or(self.summary.usage);
        Ok(Records { text: page.records, places })
    }
}

impl Records {
    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Some of them, each as JSON text, as Salesforce sent it.
    pub fn part(&self, start: usize, most: usize) -> impl Iterator<Item = &str> {
        self.places.iter().skip(start).take(most).filter_map(|place| self.text.get(place.clone()))
    }

    /// The memory that they took.
    pub fn into_memory(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use crate::core::script::answer;

    fn connection() -> Connection {
        Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap()
    }

    fn pages(batch_size: Option<u16>) -> Pages {
        Pages::of(Query::parse("SELECT Id FROM Account", &[], false, batch_size, None).unwrap())
    }

    fn page(total: i64, records: &[&str], next: Option<&str>) -> Response {
        let next = next.map(|locator| format!(r#""nextRecordsUrl":"/services/data/v67.0/query/{locator}","#));
        let (done, next) = (next.is_none(), next.unwrap_or_default());
        answer(200, &format!(r#"{{"totalSize":{total},"done":{done},{next}"records":[{}]}}"#, records.join(", ")))
    }

    /// The records of all answers, and what ends them.
    fn read(pages: &mut Pages, answers: Vec<Response>) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for mut answer in answers {
            assert!(pages.request(&connection()).is_some());
            let records = pages.read(&mut answer)?;
            all.extend(records.part(0, records.len()).map(str::to_owned));
        }
        Ok(all)
    }

    #[test]
    fn every_record_of_every_page_comes_as_it_was_sent() {
        let mut pages = pages(None);
        let answers =
            vec![page(3, &[r#"{"N":0.10}"#, r#"{"S":"\ud800,"}"#], Some("a-2")), page(3, &[r#"{"B":[{},{}]}"#], None)];
        let all = read(&mut pages, answers).unwrap();
        assert_eq!(all, [r#"{"N":0.10}"#, r#"{"S":"\ud800,"}"#, r#"{"B":[{},{}]}"#]);
        assert!(pages.request(&connection()).is_none());
        let usage = Some(ApiUsage { used: 18, allowed: 5000 });
        assert_eq!(pages.summary(), Summary { count: 3, total_size: Some(3), cut_children: 0, usage });
    }

    #[test]
    fn pages_are_asked_for_with_the_batch_size_of_the_query() {
        let (mut pages, connection) = (pages(Some(200)), connection());
        let first = pages.request(&connection).unwrap();
        assert_eq!(first.path_and_query, "/services/data/v67.0/query?q=SELECT+Id+FROM+Account");
        assert_eq!(first.extra_headers, [("sforce-query-options", "batchSize=200".to_owned())]);
        pages.read(&mut page(2, &["{}"], Some("a-200"))).unwrap();
        let next = pages.request(&connection).unwrap();
        assert_eq!(next.path_and_query, "/services/data/v67.0/query/a-200");
        assert_eq!(next.extra_headers, [("sforce-query-options", "batchSize=200".to_owned())]);
    }

    #[test]
    fn a_result_that_ends_before_or_beyond_its_total_is_an_error() {
        for answers in [
            vec![page(2, &["{}"], None)],
            vec![page(3, &["{}"], Some("a")), page(3, &["{}"], None)],
            vec![page(2, &["{}"], Some("a")), page(2, &["{}", "{}"], None)],
        ] {
            let error = read(&mut pages(None), answers).err().unwrap();
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{}", error.message);
        }
    }

    #[test]
    fn f48_a_circle_ends_at_the_repeat() {
        for locators in [["a", "a", "x"], ["a", "b", "a"]] {
            let answers = locators.map(|locator| page(-1, &["{}"], Some(locator)));
            let error = read(&mut pages(None), answers.into()).err().unwrap();
            assert!(error.message.contains("circle"), "{}", error.message);
        }
    }

    #[test]
    fn f49_endless_pages_without_records_are_ended() {
        let error = read(&mut pages(None), vec![page(-1, &["{}"], Some("a")), page(-1, &[], Some("b"))]).err().unwrap();
        assert_eq!(error.kind, ErrorKind::InvalidResponse);
        assert!(read(&mut pages(None), vec![page(-1, &["{}"], Some("a")), page(-1, &[], None)]).is_ok());
    }

    #[test]
    fn a_count_has_no_records() {
        let mut pages = Pages::of(Query::parse("SELECT COUNT() FROM Account", &[], false, None, None).unwrap());
        assert!(read(&mut pages, vec![page(2086, &[], None)]).unwrap().is_empty());
        assert_eq!((pages.summary().count, pages.summary().total_size), (0, Some(2086)));
    }

    #[test]
    fn children_that_are_cut_are_told() {
        let child = r#"{"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/c-1","records":[{}]}"#;
        let mut pages = pages(None);
        read(&mut pages, vec![page(2, &[&format!(r#"{{"C":{child}}}"#), "{}"], None)]).unwrap();
        assert_eq!(pages.summary().cut_children, 1);
    }
}

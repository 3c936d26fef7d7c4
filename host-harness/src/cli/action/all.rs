//! `harness soql-query --all`: every page, one record a line, or all as CSV.

use salesforce_actions::{Call, Walk};

use super::super::App;
use super::super::failure::Failure;
use super::super::remote::PageStream;
use super::caller::Caller;
use super::children;
use super::page::{PageOptions, count, cut, next_page};
use super::written::Written;
use salesforce_runtime::bindings::soql::Page;

/// Writes all records of the query to standard output as they come.
///
/// A failure in between is an error: what was written until then is not the whole result.
///
/// # Errors
/// The query, one of its pages, or standard output.
pub(super) async fn stream(app: &App, query: Call, options: &PageOptions) -> Result<(), Failure> {
    let all_children = options.all_children;
    let (asked, written) = (query.clone(), Written::new(options.form.csv));
    match app.server()? {
        // A server streams one page after the other, and with the next one the cursors of sub-queries end.
        Some(server) if !all_children => {
            write(Pages::Streamed(server.pages(app, &query).await?), &asked, written).await
        }
        _ => {
            let (caller, next) = (Box::new(Caller::new(app)?), Some(query));
            write(Pages::Called { caller, next, all_children }, &asked, written).await
        }
    }
}

/// Where pages come from.
enum Pages<'a> {
    /// This program asks for one after the other.
    Called {
        caller: Box<Caller<'a>>,
        /// What gives the next one.
        next: Option<Call>,
        all_children: bool,
    },
    /// A server streams them.
    Streamed(PageStream<'a>),
}

impl Pages<'_> {
    async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let (caller, next, all_children) = match self {
            Pages::Streamed(stream) => return stream.next().await,
            Pages::Called { caller, next, all_children } => (caller, next, *all_children),
        };
        let Some(call) = next.take() else { return Ok(None) };
        let mut page = caller.page(&call, None).await?;
        if all_children {
            page = children::complete(caller, page).await?;
        }
        *next = page.next.as_deref().map(super::next_page).transpose()?;
        Ok(Some(page))
    }
}

async fn write(mut pages: Pages<'_>, asked: &Call, mut written: Written) -> Result<(), Failure> {
    let (mut walk, mut counted) = (Walk::new("the result"), None);
    while let Some(page) = pages.next().await? {
        walk.step(&page).map_err(Failure::reading)?;
        let before = written.records();
        counted = count(&page, asked).filter(|_| before == 0);
        written.expect(page.total_size);
        written.add(&page.records, page.count.into())?;
        warn_of_children(&page, before, &written);
    }
    walk.end().map_err(Failure::reading)?;
    written.end(counted)
}

/// Rows of a child sub-query that are not in the output would otherwise be missed without a word. A cursor is told only where
/// it leads on: it ends when the next page is fetched.
fn warn_of_children(page: &Page, before: u64, written: &Written) {
    for child in &page.children {
        let rest = match page.next {
            None => next_page(&child.next),
            Some(_) => "--all-children".to_owned(),
        };
        written.warn(&format!("{}; the rest: {rest}", cut(child, before)));
    }
}

//! `harness soql-query --all`: every page, one record a line, or all as CSV.

use std::io;

use indicatif::{ProgressBar, ProgressStyle};
use salesforce_actions::table::Source;
use salesforce_actions::{Call, Walk};
use serde_json::value::RawValue;

use super::super::csv::Csv;
use super::super::failure::Failure;
use super::super::output::write_line;
use super::super::remote::PageStream;
use super::super::{App, layout};
use super::caller::Caller;
use super::children;
use super::page::{PageOptions, count, cut, next_page};
use salesforce_runtime::bindings::soql::Page;

/// Writes all records of the query to standard output as they come.
///
/// A failure in between is an error: what was written until then is not the whole result.
///
/// # Errors
/// The query, one of its pages, or standard output.
pub(super) async fn stream(app: &App, query: Call, options: &PageOptions) -> Result<(), Failure> {
    let all_children = options.all_children;
    let csv = options.form.csv.then(Csv::new);
    match app.server()? {
        // A server streams one page after the other, and with the next one the cursors of sub-queries end.
        Some(server) if !all_children => write(Pages::Streamed(server.pages(app, &query).await?), csv).await,
        _ => {
            let (caller, next) = (Box::new(Caller::new(app)?), Some(query));
            write(Pages::Called { caller, next, all_children }, csv).await
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

async fn write(mut pages: Pages<'_>, mut csv: Option<Csv>) -> Result<(), Failure> {
    // Draws on standard error, and only on a terminal.
    let progress = ProgressBar::no_length();
    let mut stdout = io::stdout().lock();
    let (mut walk, mut written, mut counted) = (Walk::new("the result"), 0, None);
    while let Some(page) = pages.next().await? {
        walk.step(&page).map_err(Failure::reading)?;
        counted = count(&page).filter(|_| written == 0);
        measure(&progress, page.total_size);
        match &mut csv {
            Some(csv) => csv.add(&Source::Array(&page.records))?,
            None => write_page(&page, &mut stdout)?,
        }
        warn_of_children(&page, written, &progress);
        written += u64::from(page.count);
        progress.set_position(written);
    }
    progress.finish_and_clear();
    walk.end().map_err(Failure::reading)?;
    if let Some(mut csv) = csv {
        counted.map_or(Ok(()), |count| csv.add_count(count))?;
        csv.finish(&mut stdout)?;
    } else if let Some(count) = counted {
        anstream::eprintln!("note: the count is {count}");
    }
    Ok(())
}

fn measure(progress: &ProgressBar, total: Option<u64>) {
    let template = match total {
        Some(_) => "{bar:30} {human_pos} of {human_len} records, {eta} left",
        None => "{spinner} {human_pos} records so far",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        progress.set_style(style);
    }
    if let Some(total) = total {
        progress.set_length(total);
    }
}

fn write_page(page: &Page, stdout: &mut impl io::Write) -> Result<(), Failure> {
    let records: Vec<&RawValue> = serde_json::from_str(&page.records)
        .map_err(|error| Failure::Output(io::Error::other(format!("the records are no list ({error})"))))?;
    let mut lines = String::with_capacity(page.records.len());
    for record in records {
        lines.push_str(&layout::compact(record.get()));
        lines.push('\n');
    }
    lines.pop();
    if lines.is_empty() { Ok(()) } else { write_line(stdout, &lines) }
}

/// Rows of a child sub-query that are not in the output would otherwise be missed without a word. A cursor is told only where
/// it leads on: it ends when the next page is fetched.
fn warn_of_children(page: &Page, before: u64, progress: &ProgressBar) {
    for child in &page.children {
        let rest = match page.next {
            None => next_page(&child.next),
            Some(_) => "--all-children".to_owned(),
        };
        progress.suspend(|| anstream::eprintln!("warning: {}; the rest: {rest}", cut(child, before)));
    }
}

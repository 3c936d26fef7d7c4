//! `harness soql-query --all`: every page, one record a line.

use std::io;

use host_harness::action::{Action, Answer};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::value::RawValue;

use super::failure::{Effect, Failure};
use super::output::write_line;
use super::remote::PageStream;
use super::wit::soql::{Page, Query};
use super::wit::types::CallOptions;
use super::{App, layout};
use crate::connection::Session;

/// Writes all records of the query to standard output as they come.
///
/// A failure in between is an error: what was written until then is not the whole result.
///
/// # Errors
/// The query, one of its pages, or standard output.
pub(crate) async fn stream(app: &App, query: Query) -> Result<(), Failure> {
    match app.server()? {
        Some(server) => write(Pages::OfServer(server.pages(app, &query).await?)).await,
        None => {
            let session = Box::new(app.session()?);
            let (options, next) = (app.call_options(), Some(Action::SoqlQuery(query)));
            write(Pages::OfSession { session, options, next }).await
        }
    }
}

/// Where pages come from.
enum Pages<'a> {
    /// This program fetches one after the other.
    OfSession {
        session: Box<Session>,
        options: CallOptions,
        /// What gives the next one.
        next: Option<Action>,
    },
    /// A server streams them.
    OfServer(PageStream<'a>),
}

impl Pages<'_> {
    async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let (session, options, next) = match self {
            Pages::OfServer(stream) => return stream.next().await,
            Pages::OfSession { session, options, next } => (session, *options, next),
        };
        let Some(action) = next.take() else { return Ok(None) };
        let answer = session
            .call(async |execution, document| action.run(execution, &document.connection(), options).await)
            .await
            .map_err(Failure::session(Effect::Read))?;
        let Answer::Page(page) = answer else { return Ok(None) };
        *next = page.next.clone().map(Action::NextPage);
        Ok(Some(page))
    }
}

async fn write(mut pages: Pages<'_>) -> Result<(), Failure> {
    // Draws on standard error, and only on a terminal.
    let progress = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} records, {eta} left") {
        progress.set_style(style);
    }
    let mut stdout = io::stdout().lock();
    let mut written = 0;
    while let Some(page) = pages.next().await? {
        progress.set_length(page.total_size.unwrap_or_default());
        write_page(&page, &mut stdout)?;
        warn_of_children(&page, written, &progress);
        written += u64::from(page.count);
        progress.set_position(written);
    }
    progress.finish_and_clear();
    Ok(())
}

fn write_page(page: &Page, stdout: &mut impl io::Write) -> Result<(), Failure> {
    let records: Vec<&RawValue> = serde_json::from_str(&page.records)
        .map_err(|error| Failure::Local(format!("the component gave records that are not a JSON array ({error})")))?;
    let mut lines = String::with_capacity(page.records.len());
    for record in records {
        lines.push_str(&layout::compact(record.get()));
        lines.push('\n');
    }
    lines.pop();
    if lines.is_empty() { Ok(()) } else { write_line(stdout, &lines) }
}

/// Rows of a child sub-query that are not in the output would otherwise be missed without a word.
fn warn_of_children(page: &Page, before: u64, progress: &ProgressBar) {
    for child in &page.children {
        let record = before + u64::from(child.record_index) + 1;
        progress.suspend(|| {
            anstream::eprintln!(
                "warning: record {record} holds {} of {} {}; the rest: harness next-page {}",
                child.count,
                child.total_size.map_or("an unknown number of".to_owned(), |total| total.to_string()),
                child.relationship,
                child.next
            );
        });
    }
}

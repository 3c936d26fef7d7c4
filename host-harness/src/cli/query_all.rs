//! `harness soql-query --all`: every page, one record a line.

use std::io;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::value::RawValue;

use super::failure::{Effect, Failure};
use super::layout;
use super::output::write_line;
use super::wit::soql::{Page, Query};
use super::wit::types::CallOptions;
use crate::connection::Session;

/// Writes all records of the query to standard output as they come.
///
/// A failure in between is an error: what was written until then is not the whole result.
///
/// # Errors
/// The query, one of its pages, or standard output.
pub(crate) async fn stream(session: &Session, query: &Query, options: CallOptions) -> Result<(), Failure> {
    // Draws on standard error, and only on a terminal.
    let progress = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} records, {eta} left") {
        progress.set_style(style);
    }
    let failed = Failure::session(Effect::Read);
    let mut stdout = io::stdout().lock();
    let mut page = session
        .call(async |execution, document| execution.soql_query(&document.connection(), query, options).await)
        .await
        .map_err(&failed)?;
    let mut written = 0;
    loop {
        progress.set_length(page.total_size);
        write_page(&page, &mut stdout)?;
        warn_of_children(&page, written, &progress);
        written += u64::from(page.count);
        progress.set_position(written);
        let Some(cursor) = page.next else { break };
        page = session
            .call(async |execution, document| execution.next_page(&document.connection(), &cursor, options).await)
            .await
            .map_err(&failed)?;
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
                child.total_size,
                child.relationship,
                child.next
            );
        });
    }
}

//! A page of records, as `soql-query` and `next-page` print it.

use std::borrow::Cow;
use std::io;

use clap::Args;
use salesforce_actions::display::line;
use salesforce_actions::json::PageView;
use salesforce_actions::table::Source;
use salesforce_actions::{Call, count_of};

use super::super::App;
use super::super::csv::Csv;
use super::super::failure::Failure;
use super::super::output::{table_of, terminal_width, write_line};
use super::caller::Caller;
use super::results::Form;
use super::{SOQL_QUERY, children};
use salesforce_runtime::bindings::soql::{ChildCursor, Page};

/// How a page is printed.
#[derive(Debug, Args)]
pub(crate) struct PageOptions {
    #[command(flatten)]
    pub(super) form: Form,
    /// Also fetch the rows of sub-queries that a page does not hold, at every depth; each request brings some 200 rows, and a
    /// page with all of them has at most 64 MiB
    #[arg(long)]
    pub(super) all_children: bool,
}

impl PageOptions {
    /// Runs an action that gives a page, and prints it.
    ///
    /// # Errors
    /// The session, the server, the call, or standard output.
    pub(crate) async fn print(&self, app: &App, call: &Call, idempotency_key: Option<&str>) -> Result<(), Failure> {
        let caller = Caller::new(app)?;
        let mut page = caller.page(call, idempotency_key).await?;
        if self.all_children {
            page = children::complete(&caller, page).await?;
        }
        if self.form.table {
            let text = format!("{}{}", table_of(&page.records, terminal_width()), footer(&page, call));
            return write_line(&mut anstream::stdout().lock(), &text);
        }
        if self.form.csv {
            let mut csv = Csv::new();
            match count(&page, call) {
                Some(count) => csv.add_count(count)?,
                None => csv.add(&Source::Array(&page.records))?,
            }
            csv.finish(io::stdout().lock())?;
            anstream::eprintln!("{}", footer(&page, call));
            return Ok(());
        }
        let note = note(&page, call).filter(|_| !app.json());
        let view = PageView::new(&page).map_err(|error| Failure::Output(io::Error::other(error)))?;
        app.output.write(&view)?;
        if let Some(note) = note {
            anstream::eprintln!("{note}");
        }
        Ok(())
    }
}

/// Below a table, and beside CSV: how much of what it is, and how to go on.
fn footer(page: &Page, call: &Call) -> String {
    let mut lines = vec![counted(page, call)];
    lines.extend(page.children.iter().map(|child| format!("{}; the rest: {}", cut(child, 0), next_page(&child.next))));
    if !page.children.is_empty() {
        lines.push("all rows of sub-queries: --all-children".to_owned());
    }
    if let Some(cursor) = &page.next {
        let ends = if page.children.is_empty() { "" } else { " (which ends the cursors above)" };
        let all = if call.action().name == SOQL_QUERY { "; all records: --all" } else { "" };
        lines.push(format!("next page: {}{ends}{all}", next_page(cursor)));
    }
    lines.join("\n")
}

/// The answer of `SELECT COUNT()`.
pub(super) fn count(page: &Page, call: &Call) -> Option<u64> {
    count_of(call, page.count.into(), page.total_size, page.next.is_some())
}

fn counted(page: &Page, call: &Call) -> String {
    let Page { count: records, total_size, next, .. } = page;
    if let Some(count) = count(page, call) {
        return format!("the count is {count}");
    }
    match (total_size, next) {
        (Some(total), _) => format!("{records} of {total} records"),
        (None, Some(_)) => format!("{records} records so far"),
        (None, None) => format!("{records} records"),
    }
}

/// Beside JSON, which holds the answer of `SELECT COUNT()` among other numbers. And a number of records that was asked for is not
/// always all there are.
fn note(page: &Page, call: &Call) -> Option<String> {
    if let Some(count) = count(page, call) {
        return Some(format!("note: the count is {count}"));
    }
    let asked: serde_json::Value = serde_json::from_str(call.input()).unwrap_or_default();
    let is_bounded = asked.pointer("/query/max_records").is_some_and(|most| !most.is_null());
    let is_short = page.next.is_some() && is_bounded;
    is_short.then(|| {
        format!("note: {}; `next` leads on, and --all instead of --max-records fetches all", counted(page, call))
    })
}

/// `record 3 holds 200 of 260 Contacts`, where so many records were before this page.
pub(super) fn cut(child: &ChildCursor, before: u64) -> String {
    let (record, relationship) = (before + u64::from(child.record_index) + 1, line(&child.relationship));
    match child.total_size {
        Some(total) => format!("record {record} holds {} of {total} {relationship}", child.count),
        None => format!("record {record} holds {} of an unknown number of {relationship}", child.count),
    }
}

/// The command that fetches the page behind a cursor.
pub(super) fn next_page(cursor: &str) -> String {
    format!("harness next-page {}", word(cursor))
}

/// One word of a shell, for cursors may hold a question mark.
fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.into();
    }
    format!("'{}'", line(text).replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use salesforce_actions::Actions;

    use super::*;

    fn page(total_size: Option<u64>, next: Option<&str>) -> Page {
        let records = "[]".to_owned();
        Page { records, count: 200, total_size, next: next.map(str::to_owned), children: Vec::new(), usage: None }
    }

    #[test]
    fn records_are_counted_where_nobody_knows_how_many_there_are() {
        let asked = |soql: &str| {
            let input = serde_json::json!({"query": {"soql": soql}}).to_string();
            Call::parse(Actions::of_connector(), SOQL_QUERY, &input).unwrap()
        };
        let records = asked("SELECT Id FROM Account");
        assert_eq!(counted(&page(Some(260), Some("c")), &records), "200 of 260 records");
        assert_eq!(counted(&page(None, Some("c")), &records), "200 records so far");
        assert_eq!(counted(&page(None, None), &records), "200 records");
        let none = |total| Page { count: 0, ..page(Some(total), None) };
        let count = asked("select count() FROM Account");
        assert_eq!([counted(&none(7), &count), counted(&none(0), &count)], ["the count is 7", "the count is 0"]);
        assert_eq!(note(&none(0), &count).as_deref(), Some("note: the count is 0"));
        assert_eq!(counted(&none(0), &records), "0 of 0 records");
        let child = ChildCursor {
            record_index: 2,
            relationship: "Contacts".to_owned(),
            count: 200,
            total_size: None,
            next: "c".to_owned(),
        };
        assert_eq!(cut(&child, 10), "record 13 holds 200 of an unknown number of Contacts");
    }

    #[test]
    fn a_shell_reads_a_cursor_as_one_word() {
        assert_eq!(word("/services/data/v67.0/query/0r8-200"), "/services/data/v67.0/query/0r8-200");
        assert_eq!(word("/q/0r8-200?batchSize=200"), "'/q/0r8-200?batchSize=200'");
        assert_eq!(word("a'b\u{1b}"), r"'a'\''b\u{1b}'");
    }
}

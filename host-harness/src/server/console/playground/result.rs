//! What came of a call: in words, as a table, as JSON, to download, to go on from, and to repeat elsewhere.

use std::borrow::Cow;
use std::cell::Cell as StdCell;

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::pretty::block;
use super::call::Call;
use super::input::Wrong;
use super::records::{Cell, Records};
use super::{curl, wave};
use crate::action::{Action, ActionName};
use crate::names::{advice, error_kind_named};
use crate::server::api::{Problem, ProblemKind};
use crate::server::app::App;
use crate::server::executions::{Execution, ExecutionRecord, ExecutionState, Given};

/// Rows that the page shows; the downloads have all.
const SHOWN_ROWS: usize = 500;
/// Rows of a sub-query in its cell.
const SHOWN_CHILDREN: usize = 50;
/// Bytes of all tables of a page.
const SHOWN_BYTES: usize = 512 << 10;
/// Characters of a text in its cell, and of a line of Salesforce's words.
const SHOWN_CHARACTERS: usize = 1_000;
/// Bytes of markup around a cell.
const CELL: usize = 32;
/// Problems of an error.
const SHOWN_PROBLEMS: usize = 50;
/// Bytes of a call in other forms.
const SHOWN_CALL: usize = 64 << 10;

/// What of a page's result leads on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    total_size: Option<u64>,
    next: Option<String>,
}

/// What of an error is told.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
    problems: Vec<Told>,
    retry_after_ms: Option<u64>,
}

/// Salesforce's own words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    message: String,
    fields: Vec<String>,
}

impl Failure {
    /// The message without Salesforce's words, which follow it.
    fn own_words(&self) -> &str {
        let quoted = self.problems.first().map_or("", |told| &told.message);
        let own = if quoted.is_empty() { None } else { self.message.strip_suffix(quoted) };
        own.map_or(&self.message, |own| own.trim_end_matches([':', ' ']))
    }
}

/// Salesforce shows the place of an error in several lines, whose ends the connector escapes.
fn lines(message: &str) -> String {
    message.replace("\\n", "\n").trim_matches('\n').to_owned()
}

/// The form is not what was expected: nothing was run.
pub(super) fn wrong(Wrong { field, expected }: &Wrong) -> Markup {
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" {
            h2 id="result-state" class="bad" { "Not run" }
            p id="form-error" class="error" data-field=(field) { a href={ "#" (field) } { "Expected " (expected) "." } }
        }
    }
}

/// The server did not begin it.
pub(super) fn refused(app: &App, call: &Call, problem: &Problem) -> Markup {
    let advice = match problem.kind() {
        ProblemKind::ConnectionNotActive => "Open the connection and authorize it again.",
        kind => kind.advice(),
    };
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" {
            h2 id="result-state" class="bad" { "Not run" }
            p id="result-error" class="error" { (problem.detail()) }
            p id="result-advice" { (advice) }
            p { a id="result-connection" href={ "/console/connections/" (call.connection) } { "The connection" } }
            (elsewhere(app, call))
        }
    }
}

/// An execution and what it gave.
pub(super) fn section(app: &App, call: &Call, execution: &Execution) -> Markup {
    let record = &execution.record;
    let (words, class) = state(record);
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" data-state=(record.state) {
            h2 id="result-state" class=(class) { (words) }
            @match &execution.given {
                Some(Given::Result(result)) => (given(record, result)),
                Some(Given::Error(error)) => (failure(record, error)),
                None => p id="result-advice" { "It gave nothing that is kept." },
            }
            (facts(execution))
            (elsewhere(app, call))
        }
    }
}

fn state(record: &ExecutionRecord) -> (&'static str, &'static str) {
    match (record.state, record.outcome.as_deref()) {
        (ExecutionState::Succeeded, _) => ("Succeeded", "good"),
        (ExecutionState::Failed, Some("not-sent")) => ("Failed: nothing was sent", "bad"),
        (ExecutionState::Failed, Some("rejected")) => ("Failed: Salesforce refused, and nothing was changed", "bad"),
        (ExecutionState::Failed, _) => ("Failed: there was no answer that can be trusted; nothing was changed", "bad"),
        (ExecutionState::Cancelled, _) => ("Cancelled: nothing was changed", "calm"),
        (ExecutionState::Unknown, _) => ("Outcome unknown: it may have been done", "odd"),
        (ExecutionState::Running, _) => ("Running", "calm"),
    }
}

/// What a person does next.
fn next_step(record: &ExecutionRecord) -> &'static str {
    if record.state == ExecutionState::Unknown {
        return "Look in Salesforce whether it was done before you repeat it.";
    }
    let kind = record.error_kind.as_deref().unwrap_or_default();
    match (kind, error_kind_named(kind)) {
        (_, Some(kind)) => advice(kind),
        ("host-resource-exhausted", _) => "Ask for less at once, or have the tenant's memory limit raised.",
        ("host-deadline-exceeded", _) => "Ask for less at once, or have the tenant's time limit raised.",
        ("host-overloaded", _) => "Try again in a moment.",
        ("host-trapped", _) => "The component failed: if it is an upload, its author has to correct it.",
        _ => "Try again. If it fails again, tell the operator the execution's id.",
    }
}

fn failure(record: &ExecutionRecord, error: &RawValue) -> Markup {
    let failure: Failure = serde_json::from_str(error.get()).unwrap_or_default();
    html! {
        p id="result-error" class="error" { (cut(failure.own_words())) }
        @if !failure.problems.is_empty() {
            ul id="result-problems" {
                @for told in failure.problems.iter().take(SHOWN_PROBLEMS) {
                    li { code { (cut(&told.code)) }
                        @if !told.fields.is_empty() { " " (cut(&told.fields.join(", "))) }
                        pre { (cut(&lines(&told.message))) } }
                }
            }
        }
        p id="result-advice" { (next_step(record))
            @if let Some(wait) = failure.retry_after_ms { " Salesforce asks to wait " (wait.div_ceil(1000)) " s." } }
        details { summary id="result-json-summary" { "The error as JSON" }
            (block("result-json", "The error as JSON", error.get(), None)) }
    }
}

fn given(record: &ExecutionRecord, result: &RawValue) -> Markup {
    let records = Records::of_result(result, SHOWN_ROWS);
    let left = Left(StdCell::new(SHOWN_BYTES));
    let table = left.table("result-table", &records);
    let page: Page = serde_json::from_str(result.get()).unwrap_or_default();
    let download = |extension: &str| format!("/console/executions/{}/result.{extension}", record.id);
    html! {
        p id="result-count" { (counted(record, &records, &page)) }
        @if !records.columns.is_empty() {
            div class="scroll" tabindex="0" role="region" aria-label="Records" { (table) }
        }
        @if records.count > records.rows.len() || records.is_wider || left.is_spent() {
            p id="result-cut" class="hint" {
                "This is the beginning: at most " (SHOWN_ROWS) " rows, and as much as a page holds. The downloads have all "
                (records.count) "."
            }
        }
        div class="row" {
            @if let Some(cursor) = page.next.as_deref().filter(|cursor| cursor.len() <= SHOWN_CALL) {
                button id="next-page" type="submit" form="playground-form" name="cursor" value=(cursor) { "Next page" }
            }
            a id="download-json" class="button quiet" href=(download("json")) download { "Download JSON" }
            a id="download-csv" class="button quiet" href=(download("csv")) download { "Download CSV" }
        }
        details { summary id="result-json-summary" { "As JSON" }
            (block("result-json", "The result as JSON", result.get(), Some(&download("json"))))
        }
    }
}

fn counted(record: &ExecutionRecord, records: &Records, page: &Page) -> String {
    match (record.action, page.total_size) {
        (ActionName::CreateOrUpdateRecord, _) => "The record was saved.".to_owned(),
        (ActionName::GetRecordFieldValues, _) => "The record's values.".to_owned(),
        // `SELECT COUNT()` has no records: the total is the answer.
        (_, Some(total)) if records.count == 0 && total > 0 => format!("The count is {total}."),
        (_, Some(1)) => format!("{} of 1 record.", records.count),
        (_, Some(total)) => format!("{} of {total} records.", records.count),
        (_, None) => format!("{} records.", records.count),
    }
}

/// How much more of its tables a page shows.
struct Left(StdCell<usize>);

impl Left {
    fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// What of a text is shown.
    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = cut(text);
        self.0.set(self.0.get().saturating_sub(text.len() + CELL));
        text
    }

    fn table(&self, id: &str, records: &Records) -> Markup {
        html! { table id=(id) class="records" { (self.rows(records)) } }
    }

    fn rows(&self, records: &Records) -> Markup {
        html! {
            thead { tr {
                @for name in &records.columns { @if !self.is_spent() { th scope="col" { (self.text(name)) } } }
            } }
            tbody {
                @for row in &records.rows { @if !self.is_spent() {
                    tr { @for cell in row { @if !self.is_spent() { (self.cell(cell)) } } }
                } }
            }
        }
    }

    fn cell(&self, cell: &Cell) -> Markup {
        html! {
            @match cell {
                Cell::Empty => td class="empty" { (self.text("")) },
                Cell::Text(text) | Cell::Other(text) => td { (self.text(text)) },
                Cell::Number(digits) => td class="number" { (self.text(digits)) },
                Cell::Children { total, records } => td {
                    details { summary { (self.text(total)) @if total == "1" { " row" } @else { " rows" } }
                        (self.children(&Records::of_children(records, SHOWN_CHILDREN))) }
                },
            }
        }
    }

    fn children(&self, records: &Records) -> Markup {
        html! {
            table class="children" { (self.rows(records)) }
            @if records.count > records.rows.len() { p class="hint" { "The first " (SHOWN_CHILDREN) "." } }
        }
    }
}

/// The beginning of a text.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

fn facts(execution: &Execution) -> Markup {
    let record = &execution.record;
    html! {
        dl class="facts" {
            dt { "Execution" }
            dd { a id="result-execution" href={ "/console/executions/" (record.id) } { (record.id) }
                @if execution.replayed { " (recorded before: nothing was sent now)" } }
            @if let Some(microseconds) = record.duration_us {
                dt { "Duration" } dd id="result-duration" { (format!("{:.1} ms", microseconds as f64 / 1000.0)) }
            }
            @if let Some((used, allowed)) = record.api_usage {
                dt { "API usage" } dd id="result-usage" { (used) " of " (allowed) " requests in 24 hours" }
            }
            @if let Some(kind) = &record.error_kind { dt { "Error kind" } dd id="result-kind" { (kind) } }
            @if let Some(id) = execution.request_id() { dt { "Salesforce's request id" } dd id="result-request-id" { (id) } }
        }
    }
}

/// The same call elsewhere.
fn elsewhere(app: &App, call: &Call) -> Markup {
    if call.input.len() > SHOWN_CALL {
        return html! { p id="result-elsewhere" class="hint" { "The call is too long to be shown in other forms." } };
    }
    let action = Action::parse(call.action, &call.input);
    html! {
        details { summary id="result-curl-summary" { "The same as curl" }
            p class="hint" { "With a tenant's token in " code { "$HARNESS_TOKEN" } "." }
            div class="scroll" tabindex="0" { pre id="result-curl" { (curl::command(app.public_url(), call)) } }
            (copy("result-curl"))
        }
        @if let Ok(action) = action {
            details { summary id="result-wit-summary" { "The same in the WIT" }
                div class="scroll" tabindex="0" { pre id="result-wit" { (wave::call(&action)) } }
                (copy("result-wit"))
            }
        }
    }
}

fn copy(id: &str) -> Markup {
    html! { button id={ "copy-" (id) } class="quiet" type="button" data-copy=(id) hidden { "Copy" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s04_a_table_is_no_longer_than_a_page_shows() {
        let record = format!("{{{}\"z\":\"{}\"}},", "\"a\":1,".repeat(3), "<".repeat(2_000));
        let json = format!("{{\"records\":[{}{{}}]}}", record.repeat(600));
        let records = Records::of_result(&RawValue::from_string(json).unwrap(), SHOWN_ROWS);
        let left = Left(StdCell::new(SHOWN_BYTES));
        let table = left.table("t", &records).into_string();
        // An escaped character takes at most six bytes.
        assert!(table.len() < 8 * SHOWN_BYTES && records.count == 601, "{}", table.len());
        assert!(left.is_spent() && !table.contains(&"&lt;".repeat(SHOWN_CHARACTERS + 1)));
    }

    #[test]
    fn what_salesforce_says_is_told_once_and_line_by_line() {
        let words = r"\nSELEC Id\n^\nunexpected token";
        let problem = Told { code: "MALFORMED_QUERY".to_owned(), message: words.to_owned(), fields: Vec::new() };
        let message = format!("Salesforce refused with MALFORMED_QUERY (status 400): {words}");
        let failure = Failure { message, problems: vec![problem], retry_after_ms: None };
        assert_eq!(failure.own_words(), "Salesforce refused with MALFORMED_QUERY (status 400)");
        assert_eq!(lines(words), "SELEC Id\n^\nunexpected token");
        let plain = Failure { message: "expected a cursor".to_owned(), ..Failure::default() };
        assert_eq!(plain.own_words(), "expected a cursor");
    }
}

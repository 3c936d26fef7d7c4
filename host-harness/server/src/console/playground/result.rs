//! What came of a call: in words, as a table, as JSON, to download, to go on from, and to repeat elsewhere.

use std::borrow::Cow;

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::pretty::block;
use super::call::Call;
use super::input::Wrong;
use super::tables::{BOUNDS, SHOWN_ROWS, Tables, unfit};
use super::{curl, failure, wave};
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::executions::{Execution, ExecutionRecord, ExecutionState, Given};
use salesforce_actions::table::{Rests, Table};
use salesforce_actions::{Action, ActionName};

/// Characters of a text in its cell, and of a line of Salesforce's words.
pub(super) const SHOWN_CHARACTERS: usize = 1_000;
/// Bytes of a call in other forms.
pub(super) const SHOWN_CALL: usize = 64 << 10;

/// What of a page's result leads on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    total_size: Option<u64>,
    next: Option<String>,
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
                Some(Given::Error(error)) => (failure::told(record, error)),
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

fn given(record: &ExecutionRecord, result: &RawValue) -> Markup {
    let (records, rests) = (Table::of_result(result, BOUNDS), Rests::of_result(result));
    let tables = Tables::new(&rests);
    let table = tables.table("result-table", &records);
    let page: Page = serde_json::from_str(result.get()).unwrap_or_default();
    let download = |extension: &str| format!("/console/executions/{}/result.{extension}", record.id);
    html! {
        p id="result-count" data-count=(records.count) { (counted(record, &records, &page)) }
        @if !records.columns.is_empty() {
            div class="scroll" tabindex="0" role="region" aria-label="Records" { (table) }
        }
        (unfit(&records))
        @if records.left_out() > 0 || records.is_wider || tables.are_full() {
            p id="result-cut" class="hint" {
                "This is the beginning: at most " (SHOWN_ROWS) " rows, and as much as a page holds. The downloads have all "
                (records.count) "."
            }
        }
        @if rests.count() > 0 { (partial(rests.count(), page.next.is_some())) }
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

/// What is missing of sub-queries, also from the downloads.
fn partial(cut: usize, has_next: bool) -> Markup {
    html! {
        p id="result-partial" class="hint" {
            @if cut == 1 { "1 sub-query has" } @else { (cut) " sub-queries have" }
            " more rows than are here and in the downloads: “More rows” fetches them"
            @if has_next { ", until the next page is fetched" } "."
        }
    }
}

fn counted(record: &ExecutionRecord, records: &Table, page: &Page) -> String {
    match (record.action, page.total_size) {
        (ActionName::CreateOrUpdateRecord, _) => "The record was saved.".to_owned(),
        (ActionName::GetRecordFieldValues, _) => "The record's values.".to_owned(),
        // `SELECT COUNT()` has no records: the total is the answer.
        (_, Some(total)) if records.count == 0 && total > 0 => format!("The count is {total}."),
        (_, Some(1)) => format!("{} of 1 record.", records.count),
        (_, Some(total)) => format!("{} of {total} records.", records.count),
        (_, None) if page.next.is_some() => {
            format!("{} records so far: nobody knows how many there are.", records.count)
        }
        (_, None) => format!("{} records.", records.count),
    }
}

/// The beginning of a text.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
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

//! What came of a call: in words, as a table, as JSON, to download, to go on from, and to repeat elsewhere.

use std::borrow::Cow;

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::pretty::block;
use super::input::Wrong;
use super::record_link::Records;
use super::submission::{NEXT_PAGE, Submission};
use super::tables::{BOUNDS, SHOWN_ROWS, Tables, unfit};
use super::{curl, failure};
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::executions::{Execution, ExecutionRecord, ExecutionResult, ExecutionState};
use salesforce_actions::table::{Rests, Table, Tally};
use salesforce_actions::{Call, count_of};

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

/// What kind of thing a result is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `soql.page`
    Page,
    /// `records.field-values`
    Values,
    /// `records.saved`
    Saved,
    Other,
}

/// The form is not what was expected: nothing was run.
pub(super) fn wrong(Wrong { element, words }: &Wrong) -> Markup {
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" {
            h2 id="result-state" class="bad" { "Not run" }
            p id="form-error" class="error" data-element=(element) {
                a href={ "#" (element) } { (words) @if !words.ends_with('?') { "." } }
            }
        }
    }
}

/// The server did not begin it.
pub(super) fn refused(app: &App, submission: &Submission, problem: &Problem) -> Markup {
    let advice = match problem.kind() {
        ProblemKind::ConnectionNotActive => "Open the connection and authorize it again.",
        kind => kind.advice(),
    };
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" {
            h2 id="result-state" class="bad" { "Not run" }
            p id="result-error" class="error" { (problem.detail()) }
            p id="result-advice" { (advice) }
            p { a id="result-connection" href={ "/console/connections/" (submission.connection) } { "The connection" } }
            (elsewhere(app, submission))
        }
    }
}

/// An execution and what it gave.
pub(super) fn section(app: &App, submission: &Submission, execution: &Execution, links: &Records) -> Markup {
    let record = &execution.record;
    let (words, class) = state(record);
    html! {
        section id="result" class="sheet" tabindex="-1" aria-labelledby="result-state" data-state=(record.state) {
            h2 id="result-state" class=(class) { (words) }
            @match &execution.given {
                Some(ExecutionResult::Value(result)) => (given(record, &submission.call, result, links)),
                Some(ExecutionResult::Error(error)) => (failure::told(record, &submission.call, error)),
                None => p id="result-advice" { "It gave nothing that is kept." },
            }
            (facts(execution))
            (elsewhere(app, submission))
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

fn given(record: &ExecutionRecord, call: &Call, result: &RawValue, links: &Records) -> Markup {
    let kind = Kind::of(call);
    let is_page = kind == Kind::Page;
    let records = Table::of_result(result, BOUNDS);
    let failed = Tally::of_result(result).and_then(|tally| tally.told());
    let leads_on = is_page && call.actions().named(NEXT_PAGE).is_some();
    let rests = if leads_on { Rests::of_result(result) } else { Rests::default() };
    let tables = Tables::new(&rests, links);
    let table = tables.table("result-table", &records);
    let has_table = is_page || !records.columns.is_empty();
    let page = if is_page { serde_json::from_str(result.get()).unwrap_or_default() } else { Page::default() };
    let count = count_of(call, records.count as u64, page.total_size, page.next.is_some()).filter(|_| is_page);
    let download = |extension: &str| format!("/console/executions/{}/result.{extension}", record.id);
    html! {
        @if let Some(count) = count {
            p id="result-count" data-count=(records.count) class="total" { "The count is " strong { (count) } "." }
        } @else {
            p id="result-count" data-count=(records.count) { (counted(kind, &records, &page)) }
        }
        @if let Some(failed) = failed { p id="result-failed" class="error" { (failed) "." } }
        @if !records.columns.is_empty() {
            div class="scroll" tabindex="0" role="region" aria-label="Records" { (table) }
        }
        @if has_table { (unfit(&records)) }
        @if records.left_out() > 0 || records.is_wider || tables.are_full() {
            p id="result-cut" class="hint" {
                "This is the beginning: at most " (SHOWN_ROWS) " rows, and as much as a page holds. The downloads have all "
                (records.count) "."
            }
        }
        @if rests.count() > 0 { (partial(rests.count(), page.next.is_some())) }
        div class="row" {
            @if let Some(cursor) = page.next.as_deref().filter(|cursor| leads_on && cursor.len() <= SHOWN_CALL) {
                button id="next-page" type="submit" form="playground-form" name="cursor" value=(cursor) formnovalidate { "Next page" }
            }
            a id="download-json" class="button quiet" href=(download("json")) download { "Download JSON" }
            @if has_table { a id="download-csv" class="button quiet" href=(download("csv")) download { "Download CSV" } }
        }
        details open[!has_table] { summary id="result-json-summary" { "As JSON" }
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

fn counted(kind: Kind, records: &Table, page: &Page) -> String {
    match (kind, page.total_size) {
        (Kind::Saved, _) => "The record was saved.".to_owned(),
        (Kind::Values, _) => "The record's values.".to_owned(),
        (Kind::Other, _) if records.columns.is_empty() => "It gave this.".to_owned(),
        (Kind::Other, _) if records.count == 1 => "It gave this record.".to_owned(),
        (Kind::Other, _) => format!("It gave these {} records.", records.count),
        (Kind::Page, Some(1)) => format!("{} of 1 record.", records.count),
        (Kind::Page, Some(total)) => format!("{} of {total} records.", records.count),
        (Kind::Page, None) if page.next.is_some() => {
            format!("{} records so far: nobody knows how many there are.", records.count)
        }
        (Kind::Page, None) => format!("{} records.", records.count),
    }
}

impl Kind {
    fn of(call: &Call) -> Kind {
        let is = |interface: &str, name: &str| {
            call.action().result.is_some_and(|result| call.actions().types().is_own(result, interface, name))
        };
        match () {
            () if is("soql", "page") => Kind::Page,
            () if is("records", "field-values") => Kind::Values,
            () if is("records", "saved") => Kind::Saved,
            () => Kind::Other,
        }
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
fn elsewhere(app: &App, submission: &Submission) -> Markup {
    if submission.call.input().len() > SHOWN_CALL {
        return html! { p id="result-elsewhere" class="hint" { "The call is too long to be shown in other forms." } };
    }
    html! {
        details { summary id="result-curl-summary" { "The same as curl" }
            p class="hint" { "With a tenant's token in " code { "$HARNESS_TOKEN" } "." }
            div class="scroll" tabindex="0" { pre id="result-curl" { (curl::command(app.public_url(), submission)) } }
            (copy("result-curl"))
        }
        details { summary id="result-wit-summary" { "The same in the WIT" }
            div class="scroll" tabindex="0" { pre id="result-wit" { (submission.call.wave()) } }
            (copy("result-wit"))
        }
    }
}

fn copy(id: &str) -> Markup {
    html! { button id={ "copy-" (id) } class="quiet" type="button" data-copy=(id) hidden { "Copy" } }
}

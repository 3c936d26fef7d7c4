//! `/console/executions`: the log, as a picture and as a table, and each execution with what it gave.

use std::collections::HashMap;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::again::{asked, call};
use super::bulk::jobs;
use super::chart;
use super::page::{Path, Section, csrf_field, page, time};
use super::pretty::block;
use super::queried::Queried;
use super::request::Posted;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::executions::{Execution, ExecutionRecord, ExecutionResult, ExecutionState, LogFilter};
use crate::ids::{ConnectionId, ExecutionId, NotAnId};
use salesforce_actions::table::Tally;
use salesforce_runtime::names::advice_of_unknown;

/// Executions in the picture.
const PICTURED: u32 = 200;
/// Executions in one page of the table.
const AT_ONCE: usize = 50;
/// Connections to choose from.
const MOST_CONNECTIONS: u32 = 200;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/executions", get(list))
        .route("/console/executions/{id}", get(show))
        .route("/console/executions/{id}/cancel", post(cancel))
}

#[derive(Deserialize)]
struct LogQuery {
    /// Older than this one.
    after: Option<String>,
    connection: Option<String>,
    state: Option<String>,
}

#[derive(Deserialize)]
struct Nothing {}

async fn list(State(app): State<App>, session: Session, Queried(query): Queried<LogQuery>) -> Response {
    let listing = async {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let state = given(query.state)
            .map(|name| {
                ExecutionState::named(&name).ok_or_else(|| Problem::invalid("state: there is no state of this name"))
            })
            .transpose()?;
        let wrong = |error: NotAnId| Problem::invalid(error.to_string());
        let connection = given(query.connection).map(|text| text.parse::<ConnectionId>()).transpose().map_err(wrong)?;
        let before = given(query.after).map(|text| text.parse::<ExecutionId>()).transpose().map_err(wrong)?;
        let (connection, before) = (connection.map(String::from), before.map(String::from));
        let filter = LogFilter { before: before.clone(), connection: connection.clone(), state, limit: PICTURED };
        let rows = app.executions.log(&session.tenant.id, filter).await?;
        let names = names(&app, &session).await?;
        let shown = rows.get(..AT_ONCE).unwrap_or(&rows);
        let next = shown.last().filter(|_| rows.len() > shown.len());
        let content = html! {
            h1 { "Executions" }
            (filters(&names, connection.as_deref(), state))
            @if rows.is_empty() {
                p id="none" { "There is none" @if before.is_some() || connection.is_some() || state.is_some() { " like that" } "." }
            } @else {
                div class="sheet" {
                    h2 id="pictured" { "The latest " (rows.len()) @if before.is_some() { " of these" } }
                    (chart::outcomes(&rows))
                }
                (chart::latency(&rows))
                (table(shown, &names))
            }
            div class="row" {
                @if before.is_some() { a id="first" href=(path(None, connection.as_deref(), state)) { "Newest" } }
                @if let Some(last) = next {
                    a id="next" href=(path(Some(&last.id), connection.as_deref(), state)) { "Older executions" }
                }
            }
        };
        Ok(page(&session, Section::Executions, "Executions", content))
    };
    session.shown(listing).await
}

async fn show(State(app): State<App>, session: Session, Path(id): Path<ExecutionId>) -> Response {
    let showing = async {
        let found = app.executions.find(&session.tenant.id, &id).await?;
        let execution = found.ok_or_else(|| Problem::not_found("execution"))?;
        let names = names(&app, &session).await?;
        let record = &execution.record;
        let call = match &execution.request {
            Some(input) => call(&app, &session, record, input).await.ok(),
            None => None,
        };
        let bulk = app.executions.bulk(&record.id).await?;
        let content = html! {
            h1 { (record.action) }
            (outcome(&execution))
            @if record.state == ExecutionState::Running {
                form id="cancel-form" class="row" method="post" action={ "/console/executions/" (record.id) "/cancel" } {
                    (csrf_field(&session))
                    button id="cancel" class="danger" type="submit" { "Cancel" }
                    a id="reload" href={ "/console/executions/" (record.id) } { "Look again" }
                }
            }
            (facts(&execution, &names))
            @if let Some(bulk) = &bulk { (jobs(&record.id, bulk, record.state == ExecutionState::Running)) }
            @if bulk.is_none() || execution.given.is_some() { (given(record, execution.given.as_ref())) }
            @match &execution.request {
                Some(input) => (asked(&session, record, input, call.as_ref())),
                None => p id="request-not-kept" class="hint" { "What it was asked is not kept: requests are forgotten after a day." },
            }
        };
        Ok(page(&session, Section::Executions, "Execution", content))
    };
    session.shown(showing).await
}

async fn cancel(
    State(app): State<App>,
    Path(id): Path<ExecutionId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let cancelling = async {
        app.executions.cancel(&session.tenant, &id)?;
        Ok(Redirect::to(&format!("/console/executions/{id}")).into_response())
    };
    session.shown(cancelling).await
}

/// Names of the tenant's connections by id, in the order in which they were made.
async fn names(app: &App, session: &Session) -> Result<Vec<(String, String)>, Problem> {
    let rows = app.connections.list(&session.tenant.id, None, MOST_CONNECTIONS).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn path(after: Option<&str>, connection: Option<&str>, state: Option<ExecutionState>) -> String {
    let pairs = [("after", after), ("connection", connection), ("state", state.map(ExecutionState::as_str))];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
    format!("/console/executions?{}", query.finish())
}

fn filters(names: &[(String, String)], connection: Option<&str>, state: Option<ExecutionState>) -> Markup {
    html! {
        form id="filters" class="filters" method="get" action="/console/executions" {
            div class="field" {
                label for="connection" { "Connection" }
                select id="connection" name="connection" {
                    option value="" { "All" }
                    @for (id, name) in names { option value=(id) selected[connection == Some(id)] { (name) } }
                    // One that was deleted is still in the log.
                    @if let Some(id) = connection.filter(|id| names.iter().all(|(known, _)| known != id)) {
                        option value=(id) selected { (id) }
                    }
                }
            }
            div class="field" {
                label for="state" { "State" }
                select id="state" name="state" {
                    option value="" { "All" }
                    @for one in ExecutionState::ALL { option value=(one) selected[state == Some(one)] { (one) } }
                }
            }
            button id="filter" class="quiet" type="submit" { "Show" }
        }
    }
}

fn table(rows: &[ExecutionRecord], names: &[(String, String)]) -> Markup {
    let names: HashMap<&str, &str> = names.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Executions" {
            table id="executions" {
                thead { tr {
                    th scope="col" { "Begun" } th scope="col" { "Action" } th scope="col" { "Connection" }
                    th scope="col" { "State" } th scope="col" { "Error" }
                    th scope="col" class="number" { "Records" } th scope="col" class="number" { "Duration" }
                } }
                tbody { @for row in rows { tr {
                    td class="keep" { a href={ "/console/executions/" (row.id) } { (time(row.started_at)) } }
                    td class="keep" { (row.action) }
                    td { (names.get(row.connection.as_str()).copied().unwrap_or("deleted")) }
                    td { (badge(row.state)) }
                    td class="keep" { (row.error_kind.as_deref().unwrap_or("")) }
                    td class="number" { (row.records) }
                    td class="number" { (row.duration_us.map(chart::duration).unwrap_or_default()) }
                } } }
            }
        }
    }
}

fn badge(state: ExecutionState) -> Markup {
    html! { span class={ "badge " (chart::class(state)) } data-state=(state) { (state) } }
}

fn outcome(execution: &Execution) -> Markup {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Told {
        retryable: bool,
    }
    let record = &execution.record;
    let words = match record.state {
        ExecutionState::Running => "It has begun and has no result yet.",
        ExecutionState::Succeeded => "It did what was asked.",
        ExecutionState::Failed if record.outcome.as_deref() == Some("not-sent") => {
            "It failed before anything was sent: nothing was changed, and it can be tried again."
        }
        ExecutionState::Failed => "It did not do what was asked, and nothing was changed. The error says why.",
        ExecutionState::Cancelled => "It was cancelled. It only read: nothing was changed.",
        ExecutionState::Unknown => "It may have changed something at Salesforce, and nobody can say.",
    };
    let told: Told = match &execution.given {
        Some(ExecutionResult::Error(error)) => serde_json::from_str(error.get()).unwrap_or_default(),
        _ => Told::default(),
    };
    let failed = match &execution.given {
        Some(ExecutionResult::Value(result)) => Tally::of_result(result).and_then(|tally| tally.told()),
        _ => None,
    };
    let words = failed.as_ref().map_or(words, |_| "It was answered, but not all of what was asked was done:");
    let next = (record.state == ExecutionState::Unknown).then(|| advice_of_unknown(told.retryable));
    html! { div class="sheet" id="outcome" { p { (badge(record.state)) } p id="advice" { (words) @if let Some(next) = next { " " (next) } @if let Some(failed) = &failed { " " (failed) "." } } } }
}

fn facts(execution: &Execution, names: &[(String, String)]) -> Markup {
    let record = &execution.record;
    let name = names.iter().find(|(id, _)| *id == record.connection).map(|(_, name)| name);
    html! {
        div class="sheet" { dl class="facts" id="facts" {
            dt { "Connection" }
            dd {
                @match name {
                    Some(name) => a href={ "/console/connections/" (record.connection) } { (name) },
                    None => { "deleted: " code { (record.connection) } },
                }
            }
            dt { "Component" }
            dd {
                @match &record.component {
                    Some(digest) => a href={ "/console/components/" (digest) } { code { (digest) } },
                    None => "the connector",
                }
            }
            dt { "Begun" } dd { (time(record.started_at)) }
            @if let Some(microseconds) = record.duration_us { dt { "Duration" } dd id="duration" { (chart::duration(microseconds)) } }
            dt { "Records" } dd id="records" { (record.records) }
            @if let Some(kind) = &record.error_kind { dt { "Error" } dd id="error-kind" { (kind) } }
            @if let Some(outcome) = &record.outcome { dt { "What became of it" } dd id="error-outcome" { (outcome) } }
            @if let Some((used, allowed)) = record.api_usage { dt { "API usage after it" } dd id="usage" { (used) " of " (allowed) } }
            @if let Some(id) = execution.request_id() { dt { "Salesforce's request id" } dd { code { (id) } } }
            @if let Some(key) = &record.idempotency_key { dt { "Idempotency key" } dd { code id="key" { (key) } } }
            dt { "Id" } dd { code id="id" { (record.id) } }
        } }
    }
}

fn given(record: &ExecutionRecord, given: Option<&ExecutionResult>) -> Markup {
    let path = format!("/console/executions/{}/result.json", record.id);
    match given {
        Some(ExecutionResult::Value(json)) => {
            html! { h2 { "Result" } (block("result", "Result", json.get(), Some(&path))) }
        }
        Some(ExecutionResult::Error(json)) => html! { h2 { "Error" } (block("error", "Error", json.get(), None)) },
        None if record.state == ExecutionState::Running => html! {},
        None => {
            html! { p id="not-kept" class="hint" { "What it gave is not kept: results are forgotten after a day, and streams are not kept at all." } }
        }
    }
}

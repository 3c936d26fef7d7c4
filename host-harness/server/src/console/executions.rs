//! `/console/executions/{id}`: an execution, with what it was asked and what it gave.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::again::{asked, call};
use super::bulk::jobs;
use super::chart;
use super::log::{badge, names};
use super::page::{Path, Section, csrf_field, page, time};
use super::pretty::block;
use super::request::Posted;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::executions::{Execution, ExecutionRecord, ExecutionResult, ExecutionState};
use crate::ids::ExecutionId;
use salesforce_actions::display::line;
use salesforce_actions::table::Tally;
use salesforce_runtime::names::advice_of_unknown;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/executions/{id}", get(show)).route("/console/executions/{id}/cancel", post(cancel))
}

#[derive(Deserialize)]
struct Nothing {}

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
                    a id="reload" href={ "/console/executions/" (record.id) } { "Reload" }
                }
            }
            (facts(&execution, &names))
            @if let Some(bulk) = &bulk { (jobs(&record.id, bulk, record.state == ExecutionState::Running)) }
            @if bulk.is_none() || execution.given.is_some() { (given(record, execution.given.as_ref())) }
            @match &execution.request {
                Some(input) => (asked(&session, record, input, call.as_ref())),
                None => p id="request-not-kept" class="hint" { "The request is no longer kept. Requests are kept for a day." },
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

/// How it stands and why, before anything else.
fn outcome(execution: &Execution) -> Markup {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Told {
        retryable: bool,
        message: String,
    }
    let record = &execution.record;
    let words = match record.state {
        ExecutionState::Running => "It is running and has no result yet.",
        ExecutionState::Succeeded => "It did what was asked.",
        ExecutionState::Failed if record.outcome.as_deref() == Some("not-sent") => {
            "It failed before anything was sent. Nothing was changed, and it can be tried again."
        }
        ExecutionState::Failed => "It did not do what was asked, and nothing was changed.",
        ExecutionState::Cancelled => "It was cancelled. It only read: nothing was changed.",
        ExecutionState::Unknown => "It may have changed something at Salesforce: the answer was lost.",
    };
    let told: Told = match &execution.given {
        Some(ExecutionResult::Error(error)) => serde_json::from_str(error.get()).unwrap_or_default(),
        _ => Told::default(),
    };
    let failed = match &execution.given {
        Some(ExecutionResult::Value(result)) => Tally::of_result(result).and_then(|tally| tally.told()),
        _ => None,
    };
    let words = failed.as_ref().map_or(words, |_| "Salesforce answered, but part of what was asked failed:");
    let next = (record.state == ExecutionState::Unknown).then(|| advice_of_unknown(told.retryable));
    html! {
        div class="sheet" id="outcome" {
            p { (badge(record.state)) @if let Some(kind) = &record.error_kind { " " code id="error-kind" { (kind) } } }
            @if !told.message.is_empty() { p id="message" { (line(&told.message)) } }
            p id="advice" {
                (words)
                @if let Some(next) = next { " " (next) }
                @if let Some(failed) = &failed { " " (failed) "." }
            }
        }
    }
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
            @if let Some(outcome) = &record.outcome { dt { "Outcome at Salesforce" } dd id="error-outcome" { (outcome) } }
            @if let Some((used, allowed)) = record.api_usage { dt { "API usage afterwards" } dd id="usage" { (used) " of " (allowed) } }
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
            html! { p id="not-kept" class="hint" { "The result is not kept. Results are kept for a day, those of streams not at all." } }
        }
    }
}

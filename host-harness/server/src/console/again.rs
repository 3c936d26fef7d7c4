//! What an execution was asked, and the same once more. A read is run at once. A write goes through the playground, filled in,
//! where somebody sees it before it is sent: it is never repeated by one press.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::look_for::{LookFor, look_for};
use super::page::{Path, Section, csrf_field, page};
use super::pretty::block;
use super::request::Posted;
use super::session::Session;
use crate::api::{Problem, ProblemKind};
use crate::app::App;
use crate::executions::{ExecutionRecord, ExecutionState, Request};
use crate::ids::ExecutionId;
use salesforce_actions::{Call, Effect};
use salesforce_runtime::bindings::types::CallOptions;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/executions/{id}/again", get(ask).post(again))
}

/// An execution and what it was asked.
pub(super) struct Asked {
    pub(super) record: ExecutionRecord,
    /// The action's input as it came.
    pub(super) input: Box<RawValue>,
    pub(super) call: Call,
}

#[derive(Deserialize)]
struct Nothing {}

impl Asked {
    /// # Errors
    /// The tenant has no such execution, or what it was asked is no longer kept.
    pub(super) async fn find(app: &App, session: &Session, id: &ExecutionId) -> Result<Asked, Problem> {
        let found =
            app.executions.find(&session.tenant.id, id).await?.ok_or_else(|| Problem::not_found("execution"))?;
        let input = found.request.ok_or_else(|| Problem::not_found("request: what was asked is kept for a day"))?;
        let call = call(app, session, &found.record, &input).await?;
        Ok(Asked { record: found.record, input, call })
    }
}

/// What was asked, as a call of the component that was asked.
///
/// # Errors
/// The component is not there any more, or cannot be asked for this.
pub(super) async fn call(
    app: &App,
    session: &Session,
    record: &ExecutionRecord,
    input: &RawValue,
) -> Result<Call, Problem> {
    let actions = app.executions.actions(&session.tenant.id, record.component.as_deref()).await?;
    Ok(Call::parse(&actions, &record.action, input.get())?)
}

/// What was asked, with the ways to ask it again as long as there is a call; and of an unknown outcome, what to look for.
pub(super) fn asked(session: &Session, record: &ExecutionRecord, input: &RawValue, call: Option<&Call>) -> Markup {
    let look = call.filter(|_| record.state == ExecutionState::Unknown);
    let look = look.and_then(|call| look_for(call, record.started_at));
    html! {
        @if let Some(LookFor { what, query }) = &look {
            div class="sheet" id="look-for" {
                h2 { "What to look for" }
                p id="look-for-what" { "Look in Salesforce for " (what) "." }
                @if let Some(query) = query {
                    div class="scroll" tabindex="0" role="region" aria-label="Query" { pre id="look-for-query" { (query) } }
                    a id="look-for-open" class="button" href={ "/console/playground?from=" (record.id) "&look=yes" } { "Run this query" }
                }
            }
        }
        h2 { "Request" }
        (block("request", "Request", input.get(), None))
        @if call.is_some() {
            div class="row" {
                a id="open-in-playground" class="button quiet" href={ "/console/playground?from=" (record.id) } { "Open in the playground" }
                @if record.effect() == Effect::Writes {
                    a id="again" class="button quiet" href={ "/console/executions/" (record.id) "/again" } { "Run again" }
                } @else {
                    form id="again-form" method="post" action={ "/console/executions/" (record.id) "/again" } {
                        (csrf_field(session))
                        button id="again" class="quiet" type="submit" { "Run again" }
                    }
                }
            }
        } @else {
            p id="not-again" class="hint" { "It cannot be run again: the component that ran it was deleted, or may not run." }
        }
    }
}

/// Says what a write would do once more, before the playground has it.
async fn ask(State(app): State<App>, session: Session, Path(id): Path<ExecutionId>) -> Response {
    let asking = async {
        let Asked { record, input, .. } = Asked::find(&app, &session, &id).await?;
        let words = match record.state {
            ExecutionState::Unknown => {
                "It may have been done already: the answer was lost. Look in Salesforce first. If it was done, it would be done \
                 twice."
            }
            ExecutionState::Running => "It is still running. If it succeeds, it would be done twice.",
            ExecutionState::Succeeded => "It was done already and would be done twice: a create makes one more record.",
            ExecutionState::Failed | ExecutionState::Cancelled => {
                "It writes to Salesforce. It failed, so this would be the first time that it is done."
            }
        };
        let content = html! {
            h1 { "Run " (record.action) " again?" }
            p id="warning" class="note warn" { (words) }
            p { "The playground opens with this request filled in. Nothing is sent until you press Run there." }
            (block("request", "Request", input.get(), None))
            div class="row" {
                a id="confirm" class="button" href={ "/console/playground?from=" (id) } { "Open in the playground" }
                a id="back" href={ "/console/executions/" (id) } { "Cancel" }
            }
        };
        Ok(page(&session, Section::Executions, "Run again", content))
    };
    session.shown(asking).await
}

async fn again(
    State(app): State<App>,
    Path(id): Path<ExecutionId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let running = async {
        let Asked { record, call, .. } = Asked::find(&app, &session, &id).await?;
        if record.effect() == Effect::Writes {
            let words = "a write is not run again by one press: open it in the playground, and run it there";
            return Err(Problem::new(ProblemKind::Conflict, words));
        }
        let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
        let request = Request::new(record.connection, record.component, call, options, None);
        let execution = app.executions.submit(&session.tenant, request).await?;
        Ok(Redirect::to(&format!("/console/executions/{}", execution.record.id)).into_response())
    };
    session.shown(running).await
}

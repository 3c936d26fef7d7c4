//! The playground: run the actions of a component with a connection, and see what they give.
//!
//! A form works without script; with script it has pickers that are filled from the org, rows to add and remove, and its
//! result without a new page. Whatever it runs is an execution like those of the API, in the same log.
//!
//! ```text
//! fields (what the browser sent) ──► input (the API's JSON) ──► executions.submit ──► result
//!    │                                   │                                             ├─ tables, pretty JSON
//!    └──► form (shown again)             └──► curl, WIT                                └─ download: JSON, CSV
//! ```

mod curl;
mod download;
mod failure;
mod fields;
mod form;
mod input;
mod pickers;
mod record_link;
mod remembered;
mod result;
mod scripts;
mod submission;
mod tables;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde_json::json;

use super::again::Asked;
use super::look_for::look_for;
use super::page::{Section, page, problem_page};
use super::pretty::SHOWN;
use super::queried::Queried;
use super::request::Posted;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::components::ComponentState;
use crate::ids::{ConnectionId, ExecutionId};
use fields::Fields;
use form::Choices;
use input::{Form, Wrong};
use record_link::Records;
use salesforce_actions::{Action, Actions, Call};
use submission::Submission;

/// Bytes of the form: a record with a file in it, as the API takes it.
const FORM_BYTES: usize = 5 << 20;
/// Connections that the list offers.
const MOST_CONNECTIONS: u32 = 200;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/playground", get(show).post(run))
        .route("/console/playground/objects", get(pickers::objects))
        .route("/console/playground/fields", get(pickers::fields))
        .route("/console/executions/{id}/result.json", get(download::json))
        .route("/console/executions/{id}/result.csv", get(download::csv))
        .merge(scripts::router())
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// The empty form, or the one that a link fills in: with fields, or from an execution.
async fn show(
    session: Session,
    State(app): State<App>,
    headers: HeaderMap,
    Queried(fields): Queried<Fields>,
) -> Response {
    let showing = async {
        let (fields, notice) = match fields.given("from") {
            Some(text) => {
                let id = text.parse().map_err(|_| Problem::not_found("execution"))?;
                asked_by(&app, &session, &id, fields.one("look") == "yes").await?
            }
            None => (fields, html! {}),
        };
        let stage = Stage::set(&app, &session, &headers, fields).await?;
        Ok(stage.page(&session, None, &notice))
    };
    session.shown(showing).await
}

/// What an execution was asked, or the query that looks for what it has left; and what is missing from it.
async fn asked_by(app: &App, session: &Session, id: &ExecutionId, look: bool) -> Result<(Fields, Markup), Problem> {
    let Asked { record, input, call } = Asked::find(app, session, id).await?;
    if look {
        let query = look_for(&call, record.started_at).and_then(|look| look.query);
        let query = query.ok_or_else(|| Problem::not_found("query: this execution leaves nothing to look for"))?;
        let query = json!({"query": {"soql": query}}).to_string();
        let call = Call::parse(Actions::of_connector(), "soql-query", &query)?;
        return Ok((filled_in(&record.connection, None, &call)?, html! {}));
    }
    if input.get().len() > SHOWN {
        let fields = chosen(&record.connection, record.component.as_deref(), &record.action);
        return Ok((fields.into_iter().collect(), too_long(&record.id)));
    }
    Ok((filled_in(&record.connection, record.component.as_deref(), &call)?, html! {}))
}

/// The form that asks for this call.
fn filled_in(connection: &str, component: Option<&str>, call: &Call) -> Result<Fields, Problem> {
    let action = call.action();
    let asked = Form::of(call.actions(), action).refill(call);
    let asked = asked
        .ok_or_else(|| Problem::invalid("the form cannot ask for this: run it again from the execution's page"))?;
    Ok(chosen(connection, component, &action.name).into_iter().chain(asked).collect())
}

fn chosen(connection: &str, component: Option<&str>, action: &str) -> Vec<(String, String)> {
    let chosen = [("action", Some(action)), ("connection", Some(connection)), ("component", component)];
    chosen.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

fn too_long(id: &str) -> Markup {
    html! {
        p id="too-long" class="note warn" {
            "What was asked is longer than " (SHOWN >> 10) " KiB and is not filled in. "
            code { "GET /v1/executions/" (id) } " has the whole of it, and "
            a id="back-to-execution" href={ "/console/executions/" (id) } { "the execution's page" } " runs it again as it is."
        }
    }
}

/// Runs what the form says, and shows the form again with what came of it; or shows the form of another component.
async fn run(State(app): State<App>, headers: HeaderMap, Posted(session, fields): Posted<Fields>) -> Response {
    let stage = match Stage::set(&app, &session, &headers, fields).await {
        Ok(stage) => stage,
        Err(problem) => return problem_page(&session, &problem),
    };
    if wants_form(&stage.fields) {
        return stage.page(&session, None, &html! {});
    }
    if stage.fields.given("action").is_none() {
        return problem_page(&session, &Problem::invalid("form: expected an action"));
    }
    let submission = match Submission::read(&stage.actions, &stage.action, &stage.fields) {
        Ok(submission) => submission,
        Err(wrong) => {
            let mut response = stage.page(&session, Some(&wrong), &result::wrong(&wrong));
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return response;
        }
    };
    let connection = stage.choices.connection(&submission.connection);
    let records = Records::of(connection.and_then(|connection| connection.instance_url.as_deref()));
    let submitted = app.executions.submit(&session.tenant, submission.request()).await.map_err(Problem::from);
    let (status, shown) = match submitted {
        Ok(execution) => (StatusCode::OK, result::section(&app, &submission, &execution, &records)),
        Err(problem) => (problem.kind().status(), result::refused(&app, &submission, &problem)),
    };
    let mut response = stage.page(&session, None, &shown);
    *response.status_mut() = status;
    if connection.is_some() {
        remembered::keep(&app, &mut response, &submission.connection);
    }
    response
}

/// What is chosen, and what can be.
struct Stage {
    choices: Choices,
    /// Of the chosen component.
    actions: Arc<Actions>,
    /// The one that the form is for. A result asks for a further page with the form of its query.
    action: Action,
    fields: Fields,
}

impl Stage {
    async fn set(app: &App, session: &Session, headers: &HeaderMap, fields: Fields) -> Result<Stage, Problem> {
        let actions = app.executions.actions(&session.tenant.id, fields.given("component")).await?;
        let action = chosen_action(&actions, &fields)?.clone();
        let chosen =
            fields.given("connection").and_then(|text| text.parse().ok()).or_else(|| remembered::read(headers));
        Ok(Stage { choices: choices(app, session, chosen).await?, actions, action, fields })
    }

    fn page(&self, session: &Session, wrong: Option<&Wrong>, result: &Markup) -> Response {
        let Stage { choices, actions, action, fields } = self;
        let content = html! {
            (scripts::links(Form::of(actions, action).has_soql()))
            div class="playground-head" {
                h1 { "Playground" }
                (form::menu(actions, action, fields))
            }
            (form::about(action))
            @if choices.connections.is_empty() {
                p id="no-connections" class="note warn" {
                    "There is no active connection yet. An action needs one. "
                    a href="/console/connections/new" { "New connection" }
                }
            }
            (form::form(session, choices, actions, action, fields, wrong))
            div id="playground-result" aria-live="polite" { (result) }
        };
        page(session, Section::Playground, "Playground", content)
    }
}

/// The action that is named. Where none is, or another component may not have it, the first that asks for something.
fn chosen_action<'a>(actions: &'a Actions, fields: &Fields) -> Result<&'a Action, Problem> {
    let named = fields.given("action");
    match named.and_then(|name| actions.named(name)) {
        Some(action) => Ok(action),
        None if named.is_none() || wants_form(fields) => {
            let first = actions.iter().find(|action| !action.parameters.is_empty()).or_else(|| actions.iter().next());
            first.ok_or_else(|| Problem::not_found("action: this component has none"))
        }
        None => Err(Problem::not_found("action of this component: choose one in the playground")),
    }
}

/// Whether the form of another component is asked for, and nothing is to be run.
fn wants_form(fields: &Fields) -> bool {
    fields.given("show").is_some()
}

async fn choices(app: &App, session: &Session, chosen: Option<ConnectionId>) -> Result<Choices, Problem> {
    let tenant = &session.tenant.id;
    let mut connections = app.connections.list(tenant, None, MOST_CONNECTIONS).await?;
    if let Some(id) = chosen.as_deref().filter(|id| connections.iter().all(|connection| connection.id != **id)) {
        // It is offered even if there are more than the list holds.
        connections.extend(app.connections.find(tenant, id).await.ok());
    }
    connections.retain(|connection| connection.state == crate::connections::ConnectionState::Active);
    let mut components = app.components.list(&session.tenant.id).await?;
    components.retain(|component| component.state == ComponentState::Accepted);
    Ok(Choices { connections, components, chosen: chosen.map(String::from) })
}

//! The playground: run the three actions with a connection, and see what they give.
//!
//! A form works without script; with script it has pickers that are filled from the org, rows to add and remove, and its
//! result without a new page. Whatever it runs is an execution like those of the API, in the same log.
//!
//! ```text
//! fields (what the browser sent) ──► input (the API's JSON) ──► executions.submit ──► result
//!    │                                   │                                             ├─ tables, pretty JSON
//!    └──► form (shown again)             └──► curl, WIT                                └─ download: JSON, CSV
//! ```

mod call;
mod curl;
mod download;
mod failure;
mod fields;
mod form;
mod input;
mod pickers;
mod refill;
mod result;
mod tables;
mod wave;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use super::again::Asked;
use super::assets::{PLAYGROUND_SCRIPT, PLAYGROUND_STYLE};
use super::look_for::look_for;
use super::page::{Section, page, problem_page};
use super::pretty::SHOWN;
use super::queried::Queried;
use super::session::{Posted, Session};
use crate::api::Problem;
use crate::app::App;
use crate::components::ComponentState;
use crate::ids::ExecutionId;
use call::Call;
use fields::Fields;
use form::Choices;
use salesforce_actions::ActionName;

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
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// The empty form, or the one that a link fills in: with fields, or from an execution.
async fn show(session: Session, State(app): State<App>, Queried(fields): Queried<Fields>) -> Response {
    let showing = async {
        let (fields, notice) = match fields.given("from") {
            Some(text) => {
                let id = text.parse().map_err(|_| Problem::not_found("execution"))?;
                asked_by(&app, &session, &id, fields.is_ticked("look")).await?
            }
            None => (fields, html! {}),
        };
        let choices = choices(&app, &session).await?;
        Ok(whole_page(&session, &choices, &fields, &notice))
    };
    session.shown(showing).await
}

/// What an execution was asked, or the query that looks for what it has left; and what is missing from it.
async fn asked_by(app: &App, session: &Session, id: &ExecutionId, look: bool) -> Result<(Fields, Markup), Problem> {
    let Asked { record, input, action } = Asked::find(app, session, id).await?;
    if look {
        let query = look_for(&action, record.started_at).and_then(|look| look.query);
        let query = query.ok_or_else(|| Problem::not_found("query: this execution leaves nothing to look for"))?;
        return Ok(([("connection", record.connection), ("soql", query)].into_iter().collect(), html! {}));
    }
    if input.get().len() > SHOWN {
        let fields = [("action", record.action.to_string()), ("connection", record.connection)];
        let component = record.component.map(|digest| ("component", digest));
        return Ok((fields.into_iter().chain(component).collect(), too_long(&record.id)));
    }
    let fields = refill::fields(&record.connection, record.component.as_deref(), &action);
    let fields = fields
        .ok_or_else(|| Problem::invalid("the form cannot ask for this: run it again from the execution's page"))?;
    Ok((fields, html! {}))
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

/// Runs what the form says, and shows the form again with what came of it.
async fn run(State(app): State<App>, Posted(session, fields): Posted<Fields>) -> Response {
    let choices = match choices(&app, &session).await {
        Ok(choices) => choices,
        Err(problem) => return problem_page(&session, &problem),
    };
    let (status, shown) = match Call::read(&fields) {
        Err(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, result::wrong(&wrong)),
        Ok(call) => {
            let submitted = match call.request() {
                Ok(request) => app.executions.submit(&session.tenant, request).await.map_err(Problem::from),
                Err(error) => Err(Problem::from(error)),
            };
            match submitted {
                Ok(execution) => (StatusCode::OK, result::section(&app, &call, &execution)),
                Err(problem) => (problem.kind().status(), result::refused(&app, &call, &problem)),
            }
        }
    };
    let mut response = whole_page(&session, &choices, &fields, &shown);
    *response.status_mut() = status;
    response
}

fn whole_page(session: &Session, choices: &Choices, fields: &Fields, result: &Markup) -> Response {
    let action = action(fields);
    let content = html! {
        link rel="stylesheet" href=(PLAYGROUND_STYLE.url());
        script src=(PLAYGROUND_SCRIPT.url()) defer {}
        h1 { "Playground" }
        (form::tabs(action, fields))
        @if choices.connections.is_empty() {
            p id="no-connections" class="note warn" {
                "There is no active connection: " a href="/console/connections/new" { "connect an org" } " first."
            }
        }
        (form::form(session, choices, action, fields))
        div id="playground-result" aria-live="polite" { (result) }
    };
    page(session, Section::Playground, "Playground", content)
}

/// The action that the form is for. A further page is asked for with the form of its query.
fn action(fields: &Fields) -> ActionName {
    ActionName::named(fields.one("action"))
        .filter(|action| *action != ActionName::NextPage)
        .unwrap_or(ActionName::SoqlQuery)
}

async fn choices(app: &App, session: &Session) -> Result<Choices, Problem> {
    let mut connections = app.connections.list(&session.tenant.id, None, MOST_CONNECTIONS).await?;
    connections.retain(|connection| connection.state == crate::connections::ConnectionState::Active);
    let mut components = app.components.list(&session.tenant.id).await?;
    components.retain(|component| component.state == ComponentState::Accepted);
    Ok(Choices { connections, components })
}

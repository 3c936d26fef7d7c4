//! `/console/components`: uploads, and what the verification found.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::page::{Path, Section, csrf_field, page, time};
use super::queried::Queried;
use super::report::findings;
use super::request::{Posted, Scripted};
use super::session::Session;
use crate::api::{Problem, received};
use crate::app::App;
use crate::components::{ComponentRecord, ComponentState};
use crate::ids::ComponentDigest;
use salesforce_actions::display::line;
use salesforce_actions::{Action, Actions, summary};

pub(super) fn router(app: &App) -> Router<App> {
    let most_bytes = usize::try_from(app.components.most_bytes()).unwrap_or(usize::MAX);
    Router::new()
        .route("/console/components", get(list).put(upload).layer(DefaultBodyLimit::max(most_bytes)))
        .route("/console/components/{digest}", get(show))
        .route("/console/components/{digest}/delete", get(ask_delete).post(delete))
}

#[derive(Deserialize)]
struct Upload {
    #[serde(default)]
    name: String,
}

/// For the script: where to go now.
#[derive(Serialize)]
struct Uploaded {
    page: String,
}

#[derive(Deserialize)]
struct Nothing {}

async fn list(State(app): State<App>, session: Session) -> Response {
    let listing = async {
        let rows = app.components.list(&session.tenant.id).await?;
        let content = html! {
            h1 { "Components" }
            p {
                "Upload a component of your own to run in place of the connector, or with actions that the connector does not have. "
                "It runs once it has passed every check of its verification. It never sees a token."
            }
            (upload_form(app.components.most_bytes()))
            @if rows.is_empty() {
                p id="none" class="empty" { "No component has been uploaded yet. Executions use the built-in connector." }
            } @else {
                div class="scroll" tabindex="0" role="region" aria-label="Components" {
                    table id="components" {
                        thead { tr {
                            th scope="col" { "Name" } th scope="col" { "State" } th scope="col" class="number" { "Bytes" }
                            th scope="col" { "Uploaded" } th scope="col" { "Digest" }
                        } }
                        tbody { @for row in &rows { tr {
                            td { a href={ "/console/components/" (row.digest) } { (row.name) } }
                            td { (badge(row.state)) }
                            td class="number" { (row.bytes) }
                            td class="keep" { (time(row.uploaded_at)) }
                            td { code { (row.digest.get(..12).unwrap_or(&row.digest)) "…" } }
                        } } }
                    }
                }
            }
        };
        Ok(page(&session, Section::Components, "Components", content))
    };
    session.shown(listing).await
}

async fn upload(
    State(app): State<App>,
    Scripted(session): Scripted,
    Queried(Upload { name }): Queried<Upload>,
    request: Request,
) -> Result<Json<Uploaded>, Problem> {
    let name = app.components.name(&name)?;
    let wasm = received(&app, &session.tenant.id, request).await?;
    if wasm.is_empty() {
        return Err(Problem::invalid("the file is empty: expected a component"));
    }
    let record = app.components.upload(&session.tenant, name, wasm).await?;
    Ok(Json(Uploaded { page: format!("/console/components/{}", record.digest) }))
}

async fn show(State(app): State<App>, session: Session, Path(digest): Path<ComponentDigest>) -> Response {
    let showing = async {
        let record = find(&app, &session, &digest).await?;
        let content = html! {
            h1 { (record.name) }
            (state(&record))
            @if let Some(report) = record.report.as_ref().filter(|report| !report.may_run) { (findings(report)) }
            div class="sheet" { dl class="facts" id="facts" {
                dt { "Digest (SHA-256)" } dd { code id="digest" { (record.digest) } }
                dt { "Bytes" } dd id="bytes" { (record.bytes) }
                dt { "Uploaded" } dd { (time(record.uploaded_at)) }
            } }
            @if let Some(actions) = record.report.as_ref().and_then(|report| report.actions.as_ref()) {
                (offered(&record, actions))
            }
            @if let Some(report) = record.report.as_ref().filter(|report| report.may_run) { (findings(report)) }
            div class="row" {
                a id="delete" class="button danger" href={ "/console/components/" (record.digest) "/delete" } { "Delete" }
            }
        };
        Ok(page(&session, Section::Components, &record.name, content))
    };
    session.shown(showing).await
}

async fn ask_delete(State(app): State<App>, session: Session, Path(digest): Path<ComponentDigest>) -> Response {
    let asking = async {
        let record = find(&app, &session, &digest).await?;
        let content = html! {
            h1 { "Delete " (record.name) "?" }
            p { "Workflows that name it fail from then on. Its executions stay in the log." }
            div class="row" {
                form id="delete" method="post" action={ "/console/components/" (record.digest) "/delete" } {
                    (csrf_field(&session))
                    button id="confirm" class="danger" type="submit" { "Delete" }
                }
                a id="back" href={ "/console/components/" (record.digest) } { "Cancel" }
            }
        };
        Ok(page(&session, Section::Components, "Delete", content))
    };
    session.shown(asking).await
}

async fn delete(
    State(app): State<App>,
    Path(digest): Path<ComponentDigest>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let deleting = async {
        if app.components.delete(&session.tenant.id, &digest).await? {
            Ok(Redirect::to("/console/components").into_response())
        } else {
            Err(Problem::not_found("component"))
        }
    };
    session.shown(deleting).await
}

async fn find(app: &App, session: &Session, digest: &ComponentDigest) -> Result<ComponentRecord, Problem> {
    let found = app.components.find(&session.tenant.id, digest).await?;
    found.ok_or_else(|| Problem::not_found("component"))
}

fn upload_form(most_bytes: u64) -> Markup {
    html! {
        form id="upload" class="stack sheet" hidden data-most-bytes=(most_bytes) {
            div class="field" {
                label for="file" { "Component (.wasm)" }
                input id="file" type="file" accept=".wasm,application/wasm" required;
            }
            div class="field" {
                label for="name" { "Name (optional)" }
                input id="name" type="text" maxlength="100" autocomplete="off";
            }
            button id="upload-button" type="submit" { "Upload and verify" }
            p id="upload-progress" class="hint" role="status" {}
            p id="upload-error" class="error" role="alert" {}
        }
        noscript {
            p class="note" {
                "Uploading here needs script. Without it: "
                code { "curl -T component.wasm -H \"Authorization: Bearer $HARNESS_TOKEN\" …/v1/components" }
            }
        }
    }
}

fn badge(state: ComponentState) -> Markup {
    let class = match state {
        ComponentState::Verifying => "badge odd",
        ComponentState::Accepted => "badge good",
        ComponentState::Refused | ComponentState::Damaged => "badge bad",
    };
    html! { span class=(class) data-state=(state) { (state) } }
}

fn state(record: &ComponentRecord) -> Markup {
    let words = match record.state {
        ComponentState::Verifying => "It is being verified. Reload this page in a minute.",
        ComponentState::Accepted => {
            "It passed every check and may run: choose it in the playground, or name its digest in an execution."
        }
        ComponentState::Damaged => {
            "It passed every check, but its bytes are missing or damaged on the server: upload the same file again."
        }
        ComponentState::Refused => "It may not run: it failed its verification. Below is what failed and what to do.",
    };
    html! { div class="sheet" id="state" { p { (badge(record.state)) } p id="advice" { (words) } } }
}

/// What it can be asked for.
fn offered(record: &ComponentRecord, actions: &Actions) -> Markup {
    let form = |action: &Action| {
        let asked = [("action", action.name.as_str()), ("component", &record.digest)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        format!("/console/playground?{query}")
    };
    let may_run = record.state == ComponentState::Accepted;
    html! {
        @if !actions.is_empty() {
            h2 { "Actions" }
            ul id="actions" {
                @for action in actions.iter() {
                    li {
                        @if may_run { a href=(form(action)) { code { (action.name) } } } @else { code { (action.name) } }
                        @if let Some(summary) = summary(&action.docs) { ": " (line(summary)) }
                    }
                }
            }
        }
    }
}

//! A tenant's name, its suspension and its end: an administrator's pages.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Path, Section, csrf_field, page, time};
use super::request::Posted;
use super::session::Session;
use super::tenants::find;
use crate::api::{Problem, ProblemKind, deleted};
use crate::app::App;
use crate::field;
use crate::ids::TenantId;
use crate::tenants::Tenant;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/tenants/{id}/rename", get(ask_rename).post(rename))
        .route("/console/tenants/{id}/suspend", get(ask_suspend).post(suspend))
        .route("/console/tenants/{id}/resume", post(resume))
        .route("/console/tenants/{id}/delete", get(ask_delete).post(delete))
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Nothing {}

/// How a tenant stands, where that is not as usual.
pub(super) fn state(tenant: &Tenant) -> Markup {
    html! {
        @if let Some(since) = tenant.suspended_at {
            div class="note warn" id="suspended" { p {
                "Suspended since " (time(since)) ": its tokens and console sessions are refused, and no execution of it begins."
            } }
        }
    }
}

/// What can be done with a tenant.
pub(super) fn buttons(session: &Session, tenant: &Tenant) -> Markup {
    let path = |verb: &str| format!("/console/tenants/{}/{verb}", tenant.id);
    html! {
        a id="rename" class="button quiet" href=(path("rename")) { "Rename" }
        @if tenant.suspended_at.is_some() {
            form id="resume-form" method="post" action=(path("resume")) {
                (csrf_field(session))
                button id="resume" class="quiet" type="submit" { "Resume" }
            }
            a id="delete" class="button danger" href=(path("delete")) { "Delete" }
        } @else {
            a id="suspend" class="button danger" href=(path("suspend")) { "Suspend" }
        }
    }
}

async fn ask_rename(State(app): State<App>, session: Session, Path(id): Path<TenantId>) -> Response {
    let asking = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        let content = html! {
            h1 { "Rename " (tenant.name) }
            form id="rename-form" class="stack" method="post" action={ "/console/tenants/" (tenant.id) "/rename" } {
                (csrf_field(&session))
                div class="field" {
                    label for="name" { "Name" }
                    input id="name" name="name" type="text" autocomplete="off" maxlength="100" required value=(tenant.name);
                }
                button id="save" type="submit" { "Save" }
            }
            p { a id="back" href={ "/console/tenants/" (tenant.id) } { "Cancel" } }
        };
        Ok(page(&session, Section::Tenants, "Rename a tenant", content))
    };
    session.shown(asking).await
}

async fn rename(State(app): State<App>, Path(id): Path<TenantId>, Posted(session, form): Posted<Name>) -> Response {
    let renaming = async {
        session.require_administrator()?;
        let name = field::name(&form.name).map_err(|expected| Problem::invalid(format!("name: {expected}")))?;
        let taken = || Problem::new(ProblemKind::Conflict, "another tenant has this name");
        let renamed = app.tenants.rename(id.into(), name).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        Ok(back_to(&renamed.ok_or_else(taken)?))
    };
    session.shown(renaming).await
}

async fn ask_suspend(State(app): State<App>, session: Session, Path(id): Path<TenantId>) -> Response {
    let words = "Its tokens and console sessions are refused from then on. Running executions may finish; a stream ends at its next page. \
                 Nothing is lost: it can be resumed at any time.";
    ask(&app, &session, id, "suspend", "Suspend", words).await
}

async fn suspend(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    set_suspended(&app, &session, id, true).await
}

async fn resume(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    set_suspended(&app, &session, id, false).await
}

async fn set_suspended(app: &App, session: &Session, id: TenantId, suspended: bool) -> Response {
    let setting = async {
        session.require_administrator()?;
        let tenant = app.tenants.suspend(id.into(), suspended).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        Ok(back_to(&tenant))
    };
    session.shown(setting).await
}

async fn ask_delete(State(app): State<App>, session: Session, Path(id): Path<TenantId>) -> Response {
    let words = "Its tokens, connections, components and executions are deleted with it, idempotency keys included. This cannot be \
                 undone, and nothing is revoked at Salesforce.";
    ask(&app, &session, id, "delete", "Delete", words).await
}

async fn delete(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let deleting = async {
        session.require_administrator()?;
        deleted(app.tenants.delete(id.into()).await?)?;
        Ok(Redirect::to("/console/tenants").into_response())
    };
    session.shown(deleting).await
}

/// A page that asks before something ends.
async fn ask(app: &App, session: &Session, id: TenantId, verb: &str, title: &str, words: &str) -> Response {
    let asking = async {
        session.require_administrator()?;
        let tenant = find(app, id).await?;
        let content = html! {
            h1 { (title) " " (tenant.name) "?" }
            p { (words) }
            div class="row" {
                form id=(verb) method="post" action={ "/console/tenants/" (tenant.id) "/" (verb) } {
                    (csrf_field(session))
                    button id="confirm" class="danger" type="submit" { (title) }
                }
                a id="back" href={ "/console/tenants/" (tenant.id) } { "Cancel" }
            }
        };
        Ok(page(session, Section::Tenants, title, content))
    };
    session.shown(asking).await
}

fn back_to(tenant: &Tenant) -> Response {
    Redirect::to(&format!("/console/tenants/{}", tenant.id)).into_response()
}

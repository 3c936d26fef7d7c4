//! `/console/connections`: how each stands, what to do about it, and its life.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Path, Section, csrf_field, page, problem_page, problem_page_with, time};
use super::queried::Queried;
use super::request::Posted;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::connections::{ConnectionError, ConnectionKey, ConnectionRecord, ConnectionState, Usage};
use crate::ids::ConnectionId;
use crate::sso;

/// Entries of one page of the list.
const AT_ONCE: u32 = 100;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/connections", get(list))
        .route("/console/connections/{id}", get(show))
        .route("/console/connections/{id}/refresh", post(refresh))
        .route("/console/connections/{id}/revoke", get(ask_revoke).post(revoke))
        .route("/console/connections/{id}/delete", get(ask_delete).post(delete))
}

#[derive(Deserialize)]
struct ListQuery {
    after: Option<ConnectionId>,
}

#[derive(Deserialize)]
struct ShowQuery {
    /// Given: a link to Salesforce is wanted although the connection is active.
    authorize: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Nothing {}

async fn list(State(app): State<App>, session: Session, Queried(query): Queried<ListQuery>) -> Response {
    let listing = async {
        let mut rows = app.connections.list(&session.tenant.id, query.after.map(String::from), AT_ONCE + 1).await?;
        let more = rows.len() > AT_ONCE as usize;
        rows.truncate(AT_ONCE as usize);
        let content = html! {
            h1 { "Connections" }
            @if rows.is_empty() {
                div class="empty" id="none" {
                    p { "There is no connection yet. A connection lets this server act in a Salesforce org for one of its users." }
                    p { a id="new" class="button" href="/console/connections/new" { "New connection" } }
                }
            } @else {
                div class="row" { a id="new" class="button" href="/console/connections/new" { "New connection" } }
                div class="scroll" tabindex="0" role="region" aria-label="Connections" {
                    table id="connections" {
                        thead { tr { th scope="col" { "Name" } th scope="col" { "State" } th scope="col" { "User" } th scope="col" { "Org" } } }
                        tbody { @for row in &rows { tr {
                            td { a href={ "/console/connections/" (row.id) } { (row.name) } }
                            td class="keep" { (state_badge(row.state)) }
                            td { (row.username.as_deref().unwrap_or("–")) }
                            td { (row.instance_url.as_deref().unwrap_or(&row.login_url)) }
                        } } }
                    }
                }
                @if let Some(last) = rows.last().filter(|_| more) {
                    a id="next" href={ "/console/connections?after=" (last.id) } { "More connections" }
                }
            }
        };
        Ok(page(&session, Section::Connections, "Connections", content))
    };
    session.shown(listing).await
}

async fn show(
    State(app): State<App>,
    session: Session,
    Path(id): Path<ConnectionId>,
    Queried(query): Queried<ShowQuery>,
) -> Response {
    let showing = async {
        let record = app.connections.find(&session.tenant.id, &id).await?;
        let wants_link = record.state != ConnectionState::Active || query.authorize.is_some();
        let link = if wants_link { Some(start_link(&app, &session, &record).await) } else { None };
        let content = html! {
            h1 { (record.name) }
            @if let Some(words) = query.note.as_deref().and_then(note) {
                div class="note" id="note" role="status" { p { (words) } }
            }
            (state(&record))
            @if let Some(link) = &link { (to_salesforce(&app, &record, link)) }
            (facts(&record))
            (buttons(&session, &record))
        };
        Ok(page(&session, Section::Connections, &record.name, content))
    };
    session.shown(showing).await
}

async fn refresh(
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let refreshing = async {
        let record = app.connections.find(&session.tenant.id, &id).await?;
        let key = ConnectionKey { tenant: record.tenant, id: record.id };
        app.connections.refreshed(&key, record.generation, None, false).await
    };
    let next = html! {
        p {
            "If the consumer secret was changed in Salesforce, edit the connection and refresh again. If the refresh token was "
            "revoked or has expired, authorize the connection again."
        }
    };
    changed(&session, &id, refreshing.await.map(|_| ()), "refreshed", &next)
}

async fn ask_revoke(State(app): State<App>, session: Session, Path(id): Path<ConnectionId>) -> Response {
    let words = "Its tokens are revoked at Salesforce and removed here. Workflows that use it fail until it is authorized again.";
    ask(&app, &session, &id, "revoke", "Revoke", words).await
}

async fn revoke(
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let revoked = app.connections.revoke(&session.tenant.id, &id).await;
    let next = html! {
        p {
            "The connection still works. Try again; or delete it here, and end its session in Salesforce under Setup, "
            "Connected Apps OAuth Usage."
        }
    };
    changed(&session, &id, revoked.map(|_| ()), "revoked", &next)
}

async fn ask_delete(State(app): State<App>, session: Session, Path(id): Path<ConnectionId>) -> Response {
    let words = "The connection and its tokens are removed here. Salesforce is not asked: to end the tokens there too, revoke the \
                 connection first. Its executions stay in the log.";
    ask(&app, &session, &id, "delete", "Delete", words).await
}

async fn delete(
    State(app): State<App>,
    Path(id): Path<ConnectionId>,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let deleting = async {
        app.connections.delete(&session.tenant.id, &id).await?;
        Ok(Redirect::to("/console/connections").into_response())
    };
    session.shown(deleting).await
}

/// Back to the connection, or a page that says what to do.
fn changed(session: &Session, id: &str, done: Result<(), ConnectionError>, note: &str, next: &Markup) -> Response {
    match done {
        Ok(()) => Redirect::to(&format!("/console/connections/{id}?note={note}")).into_response(),
        Err(ConnectionError::NotFound) => problem_page(session, &ConnectionError::NotFound.into()),
        Err(error) => {
            let next =
                html! { (next) p { a id="back" href={ "/console/connections/" (id) } { "Back to the connection" } } };
            problem_page_with(session, &error.into(), &next)
        }
    }
}

/// A page that asks before something ends.
async fn ask(app: &App, session: &Session, id: &str, verb: &str, title: &str, words: &str) -> Response {
    let asking = async {
        let record = app.connections.find(&session.tenant.id, id).await?;
        let content = html! {
            h1 { (title) " " (record.name) "?" }
            p { (words) }
            div class="row" {
                form id=(verb) method="post" action={ "/console/connections/" (id) "/" (verb) } {
                    (csrf_field(session))
                    button id="confirm" class="danger" type="submit" { (title) }
                }
                a id="back" href={ "/console/connections/" (id) } { "Cancel" }
            }
        };
        Ok(page(session, Section::Connections, title, content))
    };
    session.shown(asking).await
}

/// The link that starts an authorization; it comes back to the connection's page.
async fn start_link(app: &App, session: &Session, record: &ConnectionRecord) -> Result<String, Problem> {
    let return_to = format!("/console/connections/{}?note=connected", record.id);
    let begun = app.connections.begin(&session.tenant.id, &record.id, &return_to).await?;
    Ok(sso::start_url(app, &begun.ticket))
}

fn to_salesforce(app: &App, record: &ConnectionRecord, link: &Result<String, Problem>) -> Markup {
    html! {
        div class="sheet" {
            @match link {
                Ok(url) => {
                    p { "Salesforce asks you to log in and to allow access, at " strong { (record.login_url) } ", and sends you back here." }
                    @if let Some(words) = app.connections.foreign_login(&record.login_url) { p id="foreign" class="note warn" { (words) } }
                    a id="continue" class="button" href=(url) { "Continue to Salesforce" }
                    p class="hint" { "The link works once, in this browser, for 15 minutes." }
                }
                Err(problem) => {
                    p id="continue-error" class="error" { "An authorization cannot begin: " (problem.detail()) }
                    p { a id="edit-then" href={ "/console/connections/" (record.id) "/edit" } { "Correct it" } " and begin again." }
                }
            }
        }
    }
}

/// The state as a word.
pub(super) fn state_badge(state: ConnectionState) -> Markup {
    let (class, words) = match state {
        ConnectionState::Authorizing => ("badge odd", "not authorized yet"),
        ConnectionState::Active => ("badge good", "active"),
        ConnectionState::NeedsReauthorization => ("badge bad", "needs authorization again"),
        ConnectionState::Revoked => ("badge calm", "revoked"),
    };
    html! { span class=(class) data-state=(state) { (words) } }
}

fn state(record: &ConnectionRecord) -> Markup {
    let advice = match record.state {
        ConnectionState::Authorizing => "A Salesforce user has to allow access: continue to Salesforce below.",
        ConnectionState::Active => "It is ready to use. The server refreshes its tokens when the session has expired.",
        ConnectionState::NeedsReauthorization => {
            "It cannot be used until its user allows access again: continue to Salesforce below."
        }
        ConnectionState::Revoked => "It was revoked here. To use it again, continue to Salesforce below.",
    };
    html! {
        div class="sheet" id="state" {
            p { (state_badge(record.state)) }
            p id="advice" { (advice) }
            @if let Some(reason) = &record.reason { p id="reason" { "Why: " (reason) } }
            @if let Some(refusal) = &record.refusal {
                p id="refusal" class="error" { "The last authorization failed, " (time(refusal.at)) ": " (refusal.reason) }
                p class="hint" { "If the consumer key or secret is wrong, edit the connection: it keeps its id." }
            }
        }
    }
}

fn facts(record: &ConnectionRecord) -> Markup {
    let words = |scopes: &[String]| if scopes.is_empty() { "–".to_owned() } else { scopes.join(" ") };
    let asked_for = record.asked_scopes();
    let refused = record.scopes_not_granted();
    let tokens = if record.generation > 1 { "Last refreshed" } else { "Tokens since" };
    html! {
        div class="sheet" { dl class="facts" id="facts" {
            dt { "Org" } dd id="org" { (record.instance_url.as_deref().unwrap_or("–")) }
            dt { "Org id" } dd id="organization" { (record.organization_id.as_deref().unwrap_or("–")) }
            dt { "User" } dd id="username" { (record.username.as_deref().unwrap_or("–")) }
            dt { "Scopes asked for" } dd id="requested" { (asked_for.join(" ")) }
            dt { "Scopes granted" } dd id="granted" {
                (words(&record.scopes))
                @if !refused.is_empty() { p id="not-granted" class="hint" { "Asked for, but not granted: " (refused.join(" ")) "." } }
            }
            dt { "API usage" } dd id="usage" { (usage(record.usage.as_ref())) }
            @if record.state == ConnectionState::Active { dt { (tokens) } dd id="refreshed" { (time(record.updated_at)) } }
            dt { "Login host" } dd id="login-url" { (record.login_url) }
            dt { "Consumer key" } dd id="client-id" { code { (record.client_id) } }
            dt { "Consumer secret" } dd { @if record.has_client_secret { "kept encrypted" } @else { "none" } }
            dt { "API version" } dd { (record.api_version.as_deref().unwrap_or("the connector's default")) }
            dt { "Apex REST" } dd id="apex-rest" { @if record.apex_rest { "on" } @else { "off (Edit turns it on)" } }
            dt { "Created" } dd { (time(record.created_at)) }
            dt { "Id" } dd { code id="id" { (record.id) } }
        } }
    }
}

fn usage(usage: Option<&Usage>) -> Markup {
    html! {
        (allowance(usage, "API requests of the org in 24 hours"))
        @if let Some(Usage { seen_at, .. }) = usage { " in 24 hours, seen " (time(*seen_at)) }
    }
}

/// How much of the org's daily API allowance is used, as far as the last call told.
pub(super) fn allowance(usage: Option<&Usage>, label: &str) -> Markup {
    let Some(Usage { used, allowed, .. }) = usage else { return html! { "not known before the first call" } };
    html! {
        meter aria-label=(label) min="0" max=(allowed) high=(f64::from(*allowed) * 0.8) optimum="0" value=(used) {
            (used) " of " (allowed)
        }
        " " span { (used) " of " (allowed) }
    }
}

fn buttons(session: &Session, record: &ConnectionRecord) -> Markup {
    let path = |verb: &str| format!("/console/connections/{}/{verb}", record.id);
    html! {
        div class="row" {
            @if record.state == ConnectionState::Active {
                form id="refresh-form" method="post" action=(path("refresh")) {
                    (csrf_field(session))
                    button id="refresh" class="quiet" type="submit" { "Refresh now" }
                }
                a id="authorize" class="button quiet" href={ "/console/connections/" (record.id) "?authorize=1" } { "Authorize again" }
                a id="revoke" class="button danger" href=(path("revoke")) { "Revoke" }
            }
            a id="edit" class="button quiet" href=(path("edit")) { "Edit" }
            @if record.state == ConnectionState::Active {
                a id="try" class="button" href={ "/console/playground?connection=" (record.id) } { "Try it" }
            }
            a id="log" class="button quiet" href={ "/console/executions?connection=" (record.id) } { "Executions" }
            a id="delete" class="button danger" href=(path("delete")) { "Delete" }
        }
    }
}

fn note(name: &str) -> Option<&'static str> {
    match name {
        "connected" => Some("Salesforce has allowed access: the connection is ready."),
        "refreshed" => Some("The tokens were refreshed."),
        "saved" => Some("The connection was changed."),
        "revoked" => Some("The tokens were revoked at Salesforce and removed here."),
        _ => None,
    }
}

//! `/console/account`: what the tenant may use and does use, what its agents may do, whether it has a webhook, and the token that its user logged in with.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Section, csrf_field, page};
use super::request::Posted;
use super::session::Session;
use super::tenants::{LIMITS, LimitsForm};
use super::webhook;
use crate::api::Problem;
use crate::app::App;

/// This page.
const HERE: &str = "/console/account";

#[derive(Deserialize)]
struct AgentsForm {
    writes: bool,
}

pub(super) fn router() -> Router<App> {
    Router::new().route(HERE, get(show)).route("/console/account/agents", post(set_agents))
}

async fn show(State(app): State<App>, session: Session) -> Response {
    let showing = async {
        let usage = app.tenants.usage(session.tenant.id.clone()).await?;
        let limits = LimitsForm::from(session.tenant.limits);
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let content = html! {
            h1 { (session.tenant.name) }
            h2 { "In use" }
            div class="sheet" { dl class="facts" id="account-usage" {
                dt { "Connections" } dd id="used-connections" { (usage.connections) " of " (session.tenant.limits.connections) }
                dt { "Uploaded components" } dd id="used-components" { (usage.components) ", " (mib(usage.component_bytes)) " MiB, compiled code included" }
                dt { "Kept requests and results" } dd id="used-kept" { (mib(usage.kept_bytes)) " MiB" }
                dt { "Running executions" } dd id="used-executions" { (usage.executions_running) }
            } }
            h2 { "Limits" }
            p class="hint" { "An administrator sets them." }
            div class="sheet" { dl class="facts" id="account-limits" {
                @for (field, label, _) in LIMITS { dt { (label) } dd id={ "limit-" (field) } { (limits.text(field)) } }
            } }
            (agents(&session, app.public_url()))
            (webhook::summary(app.webhooks.find(&session.tenant.id).await?.as_ref()))
            h2 { "Token" }
            p { "You logged in with the token " code id="own-token" { (session.token) } "." }
            p { a id="renew" class="button quiet" href="/console/account/token" { "Renew this token" } }
        };
        Ok(page(&session, Section::Account, "Account", content))
    };
    session.shown(showing).await
}

/// What the tenant's agents may do, and the button that changes it.
fn agents(session: &Session, url: &str) -> Markup {
    let writes = session.tenant.agents_write;
    html! {
        h2 { "Agents" }
        p {
            "Agents that speak the Model Context Protocol get this tenant's actions as tools at " code { (url) "/mcp" }
            ", with a token of the tenant. "
            span id="agents-state" { @if writes { "Agents may read and write." } @else { "Agents may only read." } }
        }
        form id="agents" method="post" action="/console/account/agents" {
            (csrf_field(session))
            input type="hidden" name="writes" value=(!writes);
            button id="switch-agents" class=[writes.then_some("quiet")] type="submit" {
                @if writes { "Let agents only read" } @else { "Let agents write" }
            }
        }
    }
}

async fn set_agents(State(app): State<App>, Posted(session, form): Posted<AgentsForm>) -> Response {
    let setting = async {
        let tenant = app.tenants.let_agents_write(session.tenant.id.clone(), form.writes).await?;
        tenant.ok_or_else(|| Problem::not_found("tenant"))?;
        Ok(Redirect::to(HERE).into_response())
    };
    session.shown(setting).await
}

//! `/console/`: how a tenant's things stand, and what to do next.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use super::chart;
use super::connections::{allowance, state_badge};
use super::log::{PICTURED, badge, names};
use super::log_filter::{LOG, path};
use super::page::{Section, page, time};
use super::session::Session;
use crate::app::App;
use crate::connections::{ConnectionRecord, ConnectionState};
use crate::executions::{ErrorFilter, ExecutionRecord, LogFilter};

/// Connections that are shown.
const CONNECTIONS: u32 = 10;
/// Failures that are shown.
const FAILURES: u32 = 5;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/", get(show))
}

async fn show(State(app): State<App>, session: Session) -> Response {
    let showing = async {
        let tenant = &session.tenant.id;
        let connections = app.connections.list(tenant, None, CONNECTIONS + 1).await?;
        let latest = app.executions.log(tenant, LogFilter { limit: PICTURED, ..LogFilter::default() }).await?;
        let failed = LogFilter { error: Some(ErrorFilter::Any), limit: FAILURES, ..LogFilter::default() };
        let failures = app.executions.log(tenant, failed).await?;
        let names = names(&app, &session).await?;
        let content = html! {
            h1 { "Overview" }
            div id="overview" {
                @if connections.is_empty() { (first_steps()) } @else { (connected(&connections)) }
                @if !latest.is_empty() {
                    (failed_lately(&failures, &names))
                    (pictured(&latest))
                } @else if connections.iter().any(|connection| connection.state == ConnectionState::Active) {
                    (first_action())
                }
            }
        };
        Ok(page(&session, Section::Overview, "Overview", content))
    };
    session.shown(showing).await
}

/// For a tenant that has nothing yet.
fn first_steps() -> Markup {
    html! {
        div class="empty" id="first-steps" {
            h2 { "Connect a Salesforce org" }
            p { "A connection lets this server act in an org for one of its users. It takes three steps:" }
            ol {
                li { "Make a connected app in Salesforce. The next page shows what to enter there." }
                li { "Enter its consumer key here, and allow access at Salesforce." }
                li { "Run an action in the playground, or through the API." }
            }
            p { a id="new" class="button" href="/console/connections/new" { "New connection" } }
        }
    }
}

fn first_action() -> Markup {
    html! {
        div class="empty" id="first-action" {
            h2 { "Run an action" }
            p { "No action has been run yet. The playground runs any of them, and shows the same call for the API." }
            p { a class="button" href="/console/playground" { "Open the playground" } }
        }
    }
}

fn connected(connections: &[ConnectionRecord]) -> Markup {
    let shown = connections.iter().take(CONNECTIONS as usize);
    html! {
        div class="heading" {
            h2 { "Connections" }
            a id="new" href="/console/connections/new" { "New connection" }
        }
        ul id="connections" class="list" { @for connection in shown { li {
            a class="first" href={ "/console/connections/" (connection.id) } { (connection.name) }
            (state_badge(connection.state))
            span class="last" {
                span class="hint" { "API requests in 24 hours: " }
                (allowance(connection.usage.as_ref(), &format!("API requests of the org of {}", connection.name)))
            }
        } } }
        @if connections.len() > CONNECTIONS as usize { p { a href="/console/connections" { "All connections" } } }
    }
}

fn failed_lately(failures: &[ExecutionRecord], names: &[(String, String)]) -> Markup {
    let of = |id: &str| names.iter().find(|(known, _)| known == id).map_or("deleted", |(_, name)| name);
    let any = LogFilter { error: Some(ErrorFilter::Any), ..LogFilter::default() };
    html! {
        div class="heading" {
            h2 { "Last failures" }
            @if !failures.is_empty() { a id="failures-all" href=(path(&any, None)) { "All failures" } }
        }
        @if failures.is_empty() { p id="no-failures" { "Nothing has failed in the last 30 days." } } @else {
            ul id="failures" class="list" { @for failure in failures { li {
                span class="first" { (badge(failure.state)) " " code { (failure.error_kind.as_deref().unwrap_or_default()) } }
                a href={ (LOG) "/" (failure.id) } { (failure.action) }
                span class="last hint" { (of(&failure.connection)) ", " (time(failure.started_at)) }
            } } }
        }
    }
}

fn pictured(latest: &[ExecutionRecord]) -> Markup {
    html! {
        div class="heading" {
            h2 { @if latest.len() == 1 { "The last execution" } @else { "The last " (latest.len()) " executions" } }
            a id="executions-all" href=(LOG) { "All executions" }
        }
        div class="sheet" { (chart::outcomes(latest)) }
        (chart::latency(latest))
    }
}

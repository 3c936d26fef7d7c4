//! `/console/account`: what the tenant may use and does use, and the token that its user logged in with.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use maud::html;

use super::page::{Section, page};
use super::session::Session;
use super::tenants::{LIMITS, LimitsForm};
use crate::app::App;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/account", get(show))
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
                dt { "Uploaded components" } dd id="used-components" { (usage.components) ", " (mib(usage.component_bytes)) " MiB with their compiled code" }
                dt { "Kept requests and results" } dd id="used-kept" { (mib(usage.kept_bytes)) " MiB" }
                dt { "Executions that run" } dd id="used-executions" { (usage.executions_running) }
            } }
            h2 { "Limits" }
            p class="hint" { "An administrator sets them." }
            div class="sheet" { dl class="facts" id="account-limits" {
                @for (field, label, _) in LIMITS { dt { (label) } dd id={ "limit-" (field) } { (limits.text(field)) } }
            } }
            h2 { "Token" }
            p { "You logged in with the token " code id="own-token" { (session.token) } "." }
            p { a id="renew" class="button quiet" href="/console/account/token" { "Renew it" } }
        };
        Ok(page(&session, Section::Account, "Account", content))
    };
    session.shown(showing).await
}

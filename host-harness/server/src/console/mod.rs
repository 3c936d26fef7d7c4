//! The console: pages for people, rendered here, with a little script and nothing from elsewhere.
//!
//! Every page works without script, but for uploads. Links read, forms change, and a form is taken with its session's CSRF
//! token alone.

mod account;
mod again;
mod assets;
mod bulk;
mod chart;
mod components;
mod connection_edit;
mod connections;
mod executions;
mod log;
mod log_filter;
mod login;
mod login_host;
mod look_for;
mod overview;
mod page;
mod playground;
mod pretty;
mod queried;
mod report;
mod request;
mod session;
mod setup;
mod tenant_life;
mod tenants;
mod tokens;
mod webhook;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{Redirect, Response};
use axum::routing::{any, get};

use super::api::Problem;
use super::app::App;
pub(super) use page::plain_page;
use page::problem_page;
pub(super) use request::is_from_here;
use session::Session;
pub(super) use session::cookies;

/// Bytes of a form, where its page says nothing else.
const FORM_BYTES: usize = 64 << 10;

pub(super) fn router(app: &App) -> Router<App> {
    let to = |path: &'static str| get(async move || Redirect::to(path));
    Router::new()
        .route("/", to("/console/"))
        .route("/console", to("/console/"))
        .route("/console/{*unknown}", any(not_found))
        .merge(assets::router())
        .merge(login::router())
        .merge(overview::router())
        .merge(playground::router())
        .merge(setup::router())
        .merge(login_host::router())
        .merge(connections::router())
        .merge(connection_edit::router())
        .merge(log::router())
        .merge(executions::router())
        .merge(again::router())
        .merge(bulk::router())
        .merge(components::router(app))
        .merge(tenants::router())
        .merge(tenant_life::router())
        .merge(tokens::router())
        .merge(account::router())
        .merge(webhook::router())
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

async fn not_found(session: Session) -> Response {
    problem_page(&session, &Problem::not_found("page"))
}

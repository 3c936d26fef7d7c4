//! `/console/tenants`: an administrator's pages. Tenants, their limits, and which one the console shows.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use super::page::{Path, Section, csrf_field, page, page_again, time};
use super::queried::Queried;
use super::request::Posted;
use super::session::{self, Session};
use super::setup::text_field;
use super::{tenant_life, tokens};
use crate::api::Problem;
use crate::app::App;
use crate::field::{self, FieldErrors};
use crate::ids::TenantId;
use crate::tenants::{NewTenant, Tenant, TenantLimits};

/// Entries of one page of the list.
const AT_ONCE: u32 = 100;

/// The limits' fields, with label and hint.
pub(super) const LIMITS: [(&str, &str, &str); 8] = [
    ("executions_at_once", "Executions at once", "1 to 1,000; as many again may wait."),
    ("executions_a_minute", "Executions a minute", "1 to 1,000,000."),
    ("memory_mib", "Memory of an execution, in MiB", "1 to 4,096; the server's own limit holds too."),
    ("seconds", "Seconds of an execution", "1 to 600."),
    ("result_kib", "Result of an execution, in KiB", "1 to 65,536; a stream has it for each page."),
    ("storage_mib", "Disk for uploaded components, in MiB", "1 to 65,536; their compiled code counts."),
    ("kept_mib", "Disk for requests and results, in MiB", "1 to 65,536; the oldest makes room for the newest."),
    ("connections", "Connections", "1 to 10,000."),
];

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/console/tenants", get(list).post(create))
        .route("/console/tenants/{id}", get(show).post(limit))
        .route("/console/tenants/{id}/look", post(look))
}

#[derive(Deserialize)]
struct ListQuery {
    after: Option<TenantId>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(flatten)]
    limits: LimitsForm,
}

#[derive(Deserialize)]
pub(super) struct LimitsForm {
    executions_at_once: String,
    executions_a_minute: String,
    memory_mib: String,
    seconds: String,
    result_kib: String,
    storage_mib: String,
    kept_mib: String,
    connections: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl From<TenantLimits> for LimitsForm {
    fn from(limits: TenantLimits) -> LimitsForm {
        LimitsForm {
            executions_at_once: limits.executions_at_once.to_string(),
            executions_a_minute: limits.executions_a_minute.to_string(),
            memory_mib: limits.memory_mib.to_string(),
            seconds: limits.seconds.to_string(),
            result_kib: limits.result_kib.to_string(),
            storage_mib: limits.storage_mib.to_string(),
            kept_mib: limits.kept_mib.to_string(),
            connections: limits.connections.to_string(),
        }
    }
}

impl LimitsForm {
    pub(super) fn text(&self, field: &str) -> &str {
        match field {
            "executions_at_once" => &self.executions_at_once,
            "executions_a_minute" => &self.executions_a_minute,
            "memory_mib" => &self.memory_mib,
            "seconds" => &self.seconds,
            "result_kib" => &self.result_kib,
            "storage_mib" => &self.storage_mib,
            "kept_mib" => &self.kept_mib,
            _ => &self.connections,
        }
    }

    fn read(&self) -> Result<TenantLimits, FieldErrors> {
        // No number is out of every range: its field says what was expected.
        let number = |field| self.text(field).trim().parse().unwrap_or(0);
        TenantLimits {
            executions_at_once: number("executions_at_once"),
            executions_a_minute: number("executions_a_minute"),
            memory_mib: number("memory_mib"),
            seconds: number("seconds"),
            result_kib: number("result_kib"),
            storage_mib: number("storage_mib"),
            kept_mib: number("kept_mib"),
            connections: number("connections"),
        }
        .checked()
    }

    fn fields(&self, errors: &FieldErrors) -> Markup {
        html! { @for (name, label, hint) in LIMITS { (text_field(name, label, self.text(name), hint, true, errors)) } }
    }
}

async fn list(State(app): State<App>, session: Session, Queried(query): Queried<ListQuery>) -> Response {
    let listing = async {
        session.require_administrator()?;
        let form = LimitsForm::from(TenantLimits::default());
        let content = all(&app, &session, query.after.map(String::from), ("", &form), &FieldErrors::default()).await?;
        Ok(page(&session, Section::Tenants, "Tenants", content))
    };
    session.shown(listing).await
}

async fn create(State(app): State<App>, Posted(session, form): Posted<Named>) -> Response {
    let creating = async {
        session.require_administrator()?;
        let Named { name, limits } = form;
        let mut errors = FieldErrors::default();
        let read = errors.take("name", field::name(&name));
        let created = match (read, limits.read()) {
            (Some(name), Ok(limits)) => app.tenants.create(NewTenant { name, limits }).await?,
            (_, limits) => {
                errors.join(limits.err());
                None
            }
        };
        if let Some(tenant) = created {
            return Ok(Redirect::to(&format!("/console/tenants/{}", tenant.id)).into_response());
        }
        if errors.is_empty() {
            errors.add("name", "another tenant has this name");
        }
        let content = all(&app, &session, None, (&name, &limits), &errors).await?;
        Ok(page_again(&session, Section::Tenants, "Tenants", content))
    };
    session.shown(creating).await
}

async fn show(State(app): State<App>, session: Session, Path(id): Path<TenantId>) -> Response {
    let showing = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        let form = LimitsForm::from(tenant.limits);
        let content = one(&app, &session, &tenant, &form, &FieldErrors::default()).await?;
        Ok(page(&session, Section::Tenants, &tenant.name, content))
    };
    session.shown(showing).await
}

async fn limit(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    Posted(session, form): Posted<LimitsForm>,
) -> Response {
    let limiting = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        match form.read() {
            Ok(limits) => {
                app.tenants.limit(tenant.id.clone(), limits).await?;
                Ok(Redirect::to(&format!("/console/tenants/{}", tenant.id)).into_response())
            }
            Err(errors) => {
                let content = one(&app, &session, &tenant, &form, &errors).await?;
                Ok(page_again(&session, Section::Tenants, &tenant.name, content))
            }
        }
    };
    session.shown(limiting).await
}

async fn look(
    State(app): State<App>,
    Path(id): Path<TenantId>,
    headers: HeaderMap,
    Posted(session, Nothing {}): Posted<Nothing>,
) -> Response {
    let looking = async {
        session.require_administrator()?;
        let tenant = find(&app, id).await?;
        session::look_at(&app, &headers, tenant.id).await?;
        Ok(Redirect::to("/console/").into_response())
    };
    session.shown(looking).await
}

pub(super) async fn find(app: &App, id: TenantId) -> Result<Tenant, Problem> {
    app.tenants.find(id.into()).await?.ok_or_else(|| Problem::not_found("tenant"))
}

async fn all(
    app: &App,
    session: &Session,
    after: Option<String>,
    (name, limits): (&str, &LimitsForm),
    errors: &FieldErrors,
) -> Result<Markup, Problem> {
    let mut rows = app.tenants.list(after, AT_ONCE + 1).await?;
    let more = rows.len() > AT_ONCE as usize;
    rows.truncate(AT_ONCE as usize);
    Ok(html! {
        h1 { "Tenants" }
        div class="scroll" tabindex="0" role="region" aria-label="Tenants" {
            table id="tenants" {
                thead { tr {
                    th scope="col" { "Name" } th scope="col" class="number" { "Executions at once" }
                    th scope="col" class="number" { "Executions a minute" } th scope="col" { "Created" } th scope="col" { "Console shows" }
                } }
                tbody { @for row in &rows { tr {
                    td {
                        a href={ "/console/tenants/" (row.id) } { (row.name) }
                        @if row.suspended_at.is_some() { " " span class="badge bad" { "suspended" } }
                    }
                    td class="number" { (row.limits.executions_at_once) }
                    td class="number" { (row.limits.executions_a_minute) }
                    td class="keep" { (time(row.created_at)) }
                    td { (look_form(session, row)) }
                } } }
            }
        }
        @if let Some(last) = rows.last().filter(|_| more) {
            a id="next" href={ "/console/tenants?after=" (last.id) } { "More tenants" }
        }
        p { a id="administrators" href="/console/administrator" { "Administrators' tokens" } }
        h2 { "New tenant" }
        form id="new-tenant" class="stack" method="post" action="/console/tenants" {
            (csrf_field(session))
            (text_field("name", "Name", name, "Up to 100 characters.", true, errors))
            (limits.fields(errors))
            button id="create" type="submit" { "Create" }
        }
    })
}

async fn one(
    app: &App,
    session: &Session,
    tenant: &Tenant,
    limits: &LimitsForm,
    errors: &FieldErrors,
) -> Result<Markup, Problem> {
    let tokens = app.tenants.tokens(Some(tenant.id.clone())).await?;
    Ok(html! {
        h1 { (tenant.name) }
        (tenant_life::state(tenant))
        div class="row" { (look_form(session, tenant)) (tenant_life::buttons(session, tenant)) }
        h2 { "Tokens" }
        (tokens::table(&format!("/console/tenants/{}", tenant.id), &tokens))
        (tokens::new_form(session, &format!("/console/tenants/{}", tenant.id)))
        h2 { "Limits" }
        form id="limits" class="stack" method="post" action={ "/console/tenants/" (tenant.id) } {
            (csrf_field(session))
            (limits.fields(errors))
            button id="save-limits" type="submit" { "Save limits" }
        }
    })
}

fn look_form(session: &Session, tenant: &Tenant) -> Markup {
    html! {
        @if tenant.id == session.tenant.id { span class="badge good" { "this tenant" } } @else {
            form id={ "look-" (tenant.id) } method="post" action={ "/console/tenants/" (tenant.id) "/look" } {
                (csrf_field(session))
                button class="quiet" type="submit" aria-label={ "Switch to it: " (tenant.name) } { "Switch to it" }
            }
        }
    }
}

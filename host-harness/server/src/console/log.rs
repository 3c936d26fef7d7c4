//! `/console/executions`: the log, as a table and as a picture.

use std::collections::HashMap;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use super::chart;
use super::log_filter::{LOG, LogQuery, path};
use super::page::{Section, page, page_again, time};
use super::queried::Queried;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::executions::{ExecutionRecord, ExecutionState};
use crate::field::FieldErrors;

/// Executions in the picture.
pub(super) const PICTURED: u32 = 200;
/// Executions in one page of the table.
const AT_ONCE: usize = 50;
/// Connections to choose from.
const MOST_CONNECTIONS: u32 = 200;

pub(super) fn router() -> Router<App> {
    Router::new().route(LOG, get(list))
}

async fn list(State(app): State<App>, session: Session, Queried(query): Queried<LogQuery>) -> Response {
    let listing = async {
        let names = names(&app, &session).await?;
        let filter = match query.filter(PICTURED) {
            Ok(filter) => filter,
            Err(wrong) => {
                let content = html! {
                    h1 { "Executions" }
                    p id="form-error" class="error" role="alert" { "Nothing is shown: correct the filter." }
                    @if let Some(expected) = wrong.of("after") { p id="error" class="error" { "after: " (expected) } }
                    (query.form(&names, &wrong))
                };
                return Ok(page_again(&session, Section::Executions, "Executions", content));
            }
        };
        let rows = app.executions.log(&session.tenant.id, filter.clone()).await?;
        let shown = rows.get(..AT_ONCE).unwrap_or(&rows);
        let next = shown.last().filter(|_| rows.len() > shown.len());
        let content = html! {
            h1 { "Executions" }
            (query.form(&names, &FieldErrors::default()))
            @if rows.is_empty() { (nothing(&query)) } @else {
                div class="sheet" {
                    h2 id="pictured" { "The latest " (rows.len()) @if query.is_later_piece() { " of these" } }
                    (chart::outcomes(&rows))
                }
                (table(shown, &names))
            }
            div class="row" {
                @if query.is_later_piece() { a id="first" href=(path(&filter, None)) { "Newest" } }
                @if let Some(last) = next { a id="next" href=(path(&filter, Some(&last.id))) { "Older executions" } }
            }
            @if !rows.is_empty() {
                h2 { "How long they took" }
                (chart::latency(&rows))
            }
        };
        Ok(page(&session, Section::Executions, "Executions", content))
    };
    session.shown(listing).await
}

/// What there is to do where the log shows nothing.
fn nothing(query: &LogQuery) -> Markup {
    html! {
        div class="empty" id="none" {
            @if query.is_filtered() || query.is_later_piece() {
                p { "No execution matches. The log keeps executions for 30 days." }
                p { a class="button quiet" href=(LOG) { "Show all executions" } }
            } @else {
                p { "No action has been run yet. Run one in the playground, or through the API." }
                p { a class="button" href="/console/playground" { "Open the playground" } }
            }
        }
    }
}

/// Names of the tenant's connections by id, in the order in which they were made.
pub(super) async fn names(app: &App, session: &Session) -> Result<Vec<(String, String)>, Problem> {
    let rows = app.connections.list(&session.tenant.id, None, MOST_CONNECTIONS).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Executions in rows; on a phone each is a card. The roles stay what they are though the style changes what is shown.
pub(super) fn table(rows: &[ExecutionRecord], names: &[(String, String)]) -> Markup {
    let names: HashMap<&str, &str> = names.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Executions" {
            table id="executions" class="cards" role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for name in ["State", "Error", "Action", "Connection", "Begun"] {
                        th scope="col" role="columnheader" { (name) }
                    }
                    @for name in ["Records", "Duration"] { th scope="col" role="columnheader" class="number" { (name) } }
                } }
                tbody role="rowgroup" { @for row in rows { tr role="row" {
                    td role="cell" class="state" { (badge(row.state)) }
                    td role="cell" class="error-kind keep" { (row.error_kind.as_deref().unwrap_or("")) }
                    td role="cell" class="action keep" { a href={ (LOG) "/" (row.id) } { (row.action) } }
                    td role="cell" class="of" { (names.get(row.connection.as_str()).copied().unwrap_or("deleted")) }
                    td role="cell" class="when keep" { (time(row.started_at)) }
                    td role="cell" class="number records" { (row.records) }
                    td role="cell" class="number took" { (row.duration_us.map(chart::duration).unwrap_or_default()) }
                } } }
            }
        }
    }
}

/// A state, as a word in its colour.
pub(super) fn badge(state: ExecutionState) -> Markup {
    html! { span class={ "badge " (chart::class(state)) } data-state=(state) { (state) } }
}

//! The jobs of a bulk execution, and its rows as files.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::page::Path;
use super::queried::Queried;
use super::session::Session;
use crate::api::Problem;
use crate::app::App;
use crate::executions::{Bulk, BulkKind, Rows};
use crate::ids::ExecutionId;

pub(super) fn router() -> Router<App> {
    Router::new().route("/console/executions/{id}/rows.csv", get(download))
}

#[derive(Deserialize)]
struct RowsQuery {
    rows: Rows,
}

async fn download(
    State(app): State<App>,
    session: Session,
    Path(id): Path<ExecutionId>,
    Queried(query): Queried<RowsQuery>,
) -> Response {
    let downloading = async {
        let rows = app.executions.bulk_rows(&session.tenant, &id, query.rows).await?;
        let rows = rows.ok_or_else(|| Problem::not_found("execution"))?;
        let mut response = Body::new(rows.body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        let name = format!("attachment; filename=\"{}-{id}.csv\"", query.rows.as_str());
        if let Ok(name) = HeaderValue::from_str(&name) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
        Ok(response)
    };
    session.shown(downloading).await
}

/// Its jobs, and once it has ended its rows.
pub(super) fn jobs(id: &str, bulk: &Bulk, is_running: bool) -> Markup {
    let files: &[(Rows, &str)] = match bulk.kind {
        BulkKind::Query => &[(Rows::Found, "Rows")],
        BulkKind::Load => &[
            (Rows::Successful, "Rows that were saved"),
            (Rows::Failed, "Rows that failed"),
            (Rows::Unprocessed, "Rows that were not tried"),
        ],
    };
    html! {
        h2 { "Jobs" }
        div class="scroll" tabindex="0" role="region" aria-label="Jobs" {
            table id="jobs" {
                thead { tr {
                    th scope="col" { "Job" } th scope="col" { "State" }
                    @if bulk.kind == BulkKind::Load { th scope="col" class="number" { "Rows" } }
                    th scope="col" class="number" { "Processed" }
                    @if bulk.kind == BulkKind::Load { th scope="col" class="number" { "Failed" } }
                } }
                tbody { @for job in &bulk.jobs { tr {
                    td class="keep" { code { (job.id) } }
                    td { (job.state.as_str()) }
                    @if bulk.kind == BulkKind::Load { td class="number" { (job.sent) } }
                    td class="number" { (job.processed) }
                    @if bulk.kind == BulkKind::Load { td class="number" { (job.failed) } }
                } } }
            }
        }
        @if !is_running && !bulk.jobs.is_empty() {
            p class="row" id="rows" {
                @for (rows, words) in files {
                    a download href={ "/console/executions/" (id) "/rows.csv?rows=" (rows.as_str()) } { (words) " (CSV)" }
                }
            }
            p class="hint" { "Salesforce keeps these files for a week." }
        }
    }
}

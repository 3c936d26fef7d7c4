//! For operators: is it alive, can it work, what has it done.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::problem::{Problem, ProblemBody, ProblemKind};
use crate::app::App;
use crate::vault::Trouble;

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "operators", operation_id = "healthz", security(()), responses((status = 200, body = String)))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can work: its database answers and takes writes, nothing waits to be recorded, it holds the key that encrypts,
/// and it is not shutting down.
#[utoipa::path(get, path = "/readyz", tag = "operators", operation_id = "readyz", security(()),
    responses((status = 200, body = String), (status = 503, body = ProblemBody)))]
pub(super) async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.executions.is_closing() {
        return Err(Problem::new(ProblemKind::ShuttingDown, "the server is shutting down"));
    }
    let answered =
        app.database.read(|connection| Ok(connection.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?));
    answered.await.map_err(|error| {
        tracing::error!(%error, "the database does not answer");
        Problem::new(ProblemKind::ShuttingDown, "the database does not answer")
    })?;
    let waiting = app.unrecorded();
    if waiting > 0 {
        let words = format!("{waiting} ends of executions or new tokens wait until the database takes writes");
        return Err(Problem::storage_unavailable(words));
    }
    app.database.check_writes().await?;
    match app.vault.trouble() {
        None => Ok("ready\n"),
        Some(Trouble { encrypts: true, .. }) => {
            Ok("ready, but the key does not fit the data, and a restart would fail: the log says why\n")
        }
        Some(Trouble { encrypts: false, .. }) => {
            Err(Problem::new(ProblemKind::ShuttingDown, "the key does not fit the data: the log has the reason"))
        }
    }
}

/// Counts and durations, for Prometheus (OpenMetrics).
#[utoipa::path(get, path = "/metrics", tag = "operators", operation_id = "metrics", security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    if let Err(error) = app.census.take(&app.metrics).await {
        tracing::warn!(%error, "connections and components could not be counted: their metrics are older");
    }
    let text = app.metrics.encode(app.executions.running(), app.unrecorded());
    (StatusCode::OK, [("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}

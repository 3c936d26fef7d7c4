//! The recorded result of an execution as a file.

use std::ops::ControlFlow;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::page::Path;
use super::super::session::Session;
use super::tables::BOUNDS;
use crate::api::Problem;
use crate::app::App;
use crate::database::StoreError;
use crate::executions::ExecutionResult;
use crate::ids::ExecutionId;
use salesforce_actions::table::{Columns, CsvWriter, Reader, Source};

/// Bytes of CSV made of one byte of JSON, and what a short result may take beside: JSON names every member of every
/// record, CSV once.
const LARGEST: usize = 4;
const SLACK: usize = 64 << 10;

/// `GET /console/executions/{id}/result.json`: as it was recorded, byte for byte.
pub(super) async fn json(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let result = result(&app, &session, &id).await?;
        Ok(file(&format!("execution-{id}.json"), "application/json", result.get().to_owned()))
    };
    session.shown(making).await
}

/// `GET /console/executions/{id}/result.csv`: its records, columns as the page shows them. The name of the file says if these
/// are not all.
pub(super) async fn csv(session: Session, State(app): State<App>, Path(id): Path<ExecutionId>) -> Response {
    let making = async {
        let result = result(&app, &session, &id).await?;
        let making = tokio::task::spawn_blocking(move || {
            let page: Page = serde_json::from_str(result.get()).unwrap_or_default();
            if let Some(count) = page.counted() {
                return Ok((format!("count\r\n{count}\r\n"), false));
            }
            let csv = to_csv(&Source::of_result(&result))?;
            Ok((csv.text, csv.cut > 0 || page.next.is_some()))
        });
        let made = making.await.map_err(|_| StoreError::Closed)?;
        let (text, is_partial) = made.map_err(|error: NoCsv| Problem::invalid(error.to_string()))?;
        let partial = if is_partial { "-partial" } else { "" };
        Ok(file(&format!("execution-{id}{partial}.csv"), "text/csv; charset=utf-8; header=present", text))
    };
    session.shown(making).await
}

async fn result(app: &App, session: &Session, id: &str) -> Result<Box<RawValue>, Problem> {
    let execution = app.executions.find(&session.tenant.id, id).await?;
    match execution.ok_or_else(|| Problem::not_found("execution"))?.given {
        Some(ExecutionResult::Value(result)) => Ok(result),
        _ => Err(Problem::not_found("result: the execution has given none, or it is no longer kept")),
    }
}

/// What a result says beside its records, if it is a page.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    count: u64,
    total_size: Option<u64>,
    next: Option<String>,
}

impl Page {
    /// The answer to `SELECT COUNT()`, which has no records.
    fn counted(&self) -> Option<u64> {
        self.total_size.filter(|total| *total > 0 && self.count == 0 && self.next.is_none())
    }
}

/// The name is made of an id of ours, found in the database: it needs no quoting.
fn file(name: &str, content_type: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}

/// A result is no table that a file can hold.
#[derive(Debug, thiserror::Error)]
enum NoCsv {
    #[error("the result as CSV: {0}")]
    Csv(#[from] std::io::Error),
    #[error(
        "the result has records that fit no table: more than 500 columns, too long, or nested too deep; download it as JSON"
    )]
    Unfit,
    #[error("the result is many times as long as CSV: download it as JSON")]
    TooLong,
}

/// Records as CSV.
#[derive(Debug)]
struct Csv {
    text: String,
    /// Sub-queries that have more rows than are here.
    cut: usize,
}

/// For spreadsheets. The records are read twice, one at a time.
fn to_csv(source: &Source<'_>) -> Result<Csv, NoCsv> {
    let (mut columns, mut bytes) = (Columns::default(), 0);
    source.each(|text| {
        bytes += text.len();
        ControlFlow::Continue(())
    });
    let are_read = source.records(BOUNDS.record_bytes, |record| {
        columns.add(&record);
        if columns.is_wider() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if !are_read || columns.is_wider() {
        return Err(NoCsv::Unfit);
    }
    let most = bytes.saturating_mul(LARGEST).saturating_add(SLACK);
    let mut csv = CsvWriter::new(Vec::new(), &columns, Reader::Spreadsheet)?;
    let mut written = Ok(());
    source.records(BOUNDS.record_bytes, |record| {
        written = match csv.write(&record) {
            Ok(()) if csv.written().len() > most => Err(NoCsv::TooLong),
            other => other.map_err(NoCsv::from),
        };
        if written.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    written?;
    let cut = csv.cut();
    // It is made of text.
    let text = String::from_utf8_lossy(&csv.finish()?).into_owned();
    Ok(Csv { text, cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s04_csv_is_no_more_than_a_small_multiple_of_the_result() {
        let wide: String = (0..400).map(|number| format!("\"a{number}\":1,")).collect();
        let sparse = format!("[{{{wide}\"z\":1}},{}{{}}]", "{},".repeat(100_000));
        assert!(matches!(to_csv(&Source::Array(&sparse)), Err(NoCsv::TooLong)));
        let wide: String = (0..1_000).map(|number| format!("\"a{number}\":1,")).collect();
        assert!(matches!(to_csv(&Source::Array(&format!("[{{{wide}\"z\":1}}]"))), Err(NoCsv::Unfit)));
        let nested = format!("[{}1{}]", "{\"p\":".repeat(200), "}".repeat(200));
        assert!(matches!(to_csv(&Source::Array(&nested)), Err(NoCsv::Unfit)));
    }
}
